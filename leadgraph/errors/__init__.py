"""Every error that is raised on purpose: what is wrong, what to do, a stable code, an HTTP status.

LeadGraphError
├── SettingInvalid          a LEADGRAPH_* variable or an option has no usable value
├── PortInUse               another program listens where we should
├── SourceUnreadable        a file cannot be opened or is of no known format
├── SourceUnwritable        a file that was to be mended or tidied cannot be written
├── TidyUnsafe              a file has no tidy form that says the same: a defect here
├── ShapesInvalid           a shapes file or a rule cannot be used to check anything
├── BuildRefused            the sources have problems; nothing was published
├── ReleaseMissing          no release has been built yet
├── ReleaseDamaged          a release does not match its own checksums
├── KindUnknown             no shape asks anything of such a kind, so there is no form for it
├── CodeUnknown             nothing that is reported has such a code
├── FormUnwritable          a form cannot be written there, or would replace somebody's work
├── CheckStopped            503, the checking child ran past its time or memory
├── CanonicalFormStopped    no canonical form was found in time: blank nodes woven too alike
├── StateUnusable           the state folder cannot be read or written: forbidden, full
├── ReportUnwritable        the file that a report should go to cannot be written
├── ArchiveUnusable         a file is no archive of a saved query, or not a whole one
├── EndpointFailed          an endpoint that the shell was told to ask gave no answer
├── RequestError            the HTTP request cannot be answered as it is
│   ├── ThingNotFound       404
│   ├── ThingGone           410, with the successor
│   ├── MethodRefused       405
│   ├── NotAcceptable       406
│   ├── AddressTooLong      414
│   ├── MediaTypeRefused    415
│   ├── SourceTooLong       413
│   ├── ChecksBusy          503, as many are being checked as may be
│   ├── CheckContextBroken  503, what contributions are checked against cannot be read
│   ├── HeadTooLarge        431
│   ├── BatchTooLong        413, names to reconcile, by their bytes
│   ├── BatchTooMany        413, by their number
│   ├── BatchTooCostly      503, by the time that they take
│   └── RequestMalformed    400
└── QueryError              the SPARQL query was not answered
    ├── QueryMalformed      400, with line and column
    ├── FunctionUnknown     400, a function that the engine does not have
    ├── QueryTooDeep        400, nested beyond the limit
    ├── QueryTooLong        413
    ├── AnswerTooLarge      400, for a page or for HTTP/1.0, which must be kept here as a whole
    ├── AnswerUnwritable    406, the format has no way to write it
    ├── ResultTooLarge      400, beyond the bytes that any answer may have
    ├── UpdateRefused       403
    ├── QueryTooCostly      503, stopped at the deadline
    ├── QueryCrashed        503, its process died (memory, stack)
    ├── ClientLeft          499, nobody waits for the answer
    ├── ClientBusy          429, this client has enough queries running
    ├── EngineBusy          503, the queue is full
    ├── EngineRefused       502, the endpoint behind this one refused, or broke off
    ├── EngineUnavailable   503, the engine does not answer
    ├── LedgerMissing       404, no such account of an answer, or no longer
    ├── ReplayRefused       409, what was asked then cannot be computed from what is here now
    └── SourceError             502, another endpoint's part of the query was not answered
        ├── ServiceRefused      403, that endpoint is not on the list
        ├── ServiceMalformed    400, it stands where nothing can answer it
        │   ├── ServiceUnbound       400, nothing binds the variable that names the endpoint
        │   └── LabelServiceOutside  400, wikibase:label exists inside of Wikidata alone
        ├── ServiceTooBroad     400, more keys or rows than may be fetched
        ├── ContactMissing      503, Wikimedia's hosts want to know whom to write to
        ├── SourceUnreachable   502
        ├── SourceTooSlow       504
        ├── SourceBroken        502, cut, of a wrong type, elsewhere, or no answer at all
        ├── SourceTooLarge      502
        ├── SourceRefusedQuery  502, with the words of the source
        ├── SourceBusy          503, with the seconds to wait
        ├── SourceNotAwaited    502, in an account: another failed while it was asked
        └── FederationTooSlow   504, all sources together took too long
"""

from __future__ import annotations

from leadgraph.errors.base import (
    LeadGraphError,
)
from leadgraph.errors.batches import (
    BatchTooCostly,
    BatchTooLong,
    BatchTooMany,
)
from leadgraph.errors.commands import (
    BuildRefused,
    CanonicalFormStopped,
    CheckStopped,
    CodeUnknown,
    EndpointFailed,
    FormUnwritable,
    KindUnknown,
    PortInUse,
    ReleaseDamaged,
    ReleaseMissing,
    ReportUnwritable,
    SettingInvalid,
    ShapesInvalid,
    SourceUnreadable,
    SourceUnwritable,
    StateUnusable,
    TidyUnsafe,
)
from leadgraph.errors.queries import (
    AnswerTooLarge,
    AnswerUnwritable,
    ClientBusy,
    ClientLeft,
    EngineBusy,
    EngineRefused,
    EngineUnavailable,
    FunctionUnknown,
    QueryCrashed,
    QueryError,
    QueryMalformed,
    QueryTooCostly,
    QueryTooDeep,
    QueryTooLong,
    ResultTooLarge,
    UpdateRefused,
)
from leadgraph.errors.requests import (
    AddressTooLong,
    CheckContextBroken,
    ChecksBusy,
    HeadTooLarge,
    MediaTypeRefused,
    MethodRefused,
    NotAcceptable,
    RequestError,
    RequestMalformed,
    SourceTooLong,
    ThingGone,
    ThingNotFound,
)
from leadgraph.errors.sources import (
    ArchiveUnusable,
    ContactMissing,
    FederationTooSlow,
    LabelServiceOutside,
    LedgerMissing,
    ReplayRefused,
    ServiceMalformed,
    ServiceRefused,
    ServiceTooBroad,
    ServiceUnbound,
    SourceBroken,
    SourceBusy,
    SourceError,
    SourceNotAwaited,
    SourceRefusedQuery,
    SourceTooLarge,
    SourceTooSlow,
    SourceUnreachable,
)

__all__ = [
    "AddressTooLong",
    "AnswerTooLarge",
    "AnswerUnwritable",
    "ArchiveUnusable",
    "BatchTooCostly",
    "BatchTooLong",
    "BatchTooMany",
    "BuildRefused",
    "CanonicalFormStopped",
    "CheckContextBroken",
    "CheckStopped",
    "ChecksBusy",
    "ClientBusy",
    "ClientLeft",
    "CodeUnknown",
    "ContactMissing",
    "EndpointFailed",
    "EngineBusy",
    "EngineRefused",
    "EngineUnavailable",
    "FederationTooSlow",
    "FormUnwritable",
    "FunctionUnknown",
    "HeadTooLarge",
    "KindUnknown",
    "LabelServiceOutside",
    "LeadGraphError",
    "LedgerMissing",
    "MediaTypeRefused",
    "MethodRefused",
    "NotAcceptable",
    "PortInUse",
    "QueryCrashed",
    "QueryError",
    "QueryMalformed",
    "QueryTooCostly",
    "QueryTooDeep",
    "QueryTooLong",
    "ReleaseDamaged",
    "ReleaseMissing",
    "ReplayRefused",
    "ReportUnwritable",
    "RequestError",
    "RequestMalformed",
    "ResultTooLarge",
    "ServiceMalformed",
    "ServiceRefused",
    "ServiceTooBroad",
    "ServiceUnbound",
    "SettingInvalid",
    "ShapesInvalid",
    "SourceBroken",
    "SourceBusy",
    "SourceError",
    "SourceNotAwaited",
    "SourceRefusedQuery",
    "SourceTooLarge",
    "SourceTooLong",
    "SourceTooSlow",
    "SourceUnreachable",
    "SourceUnreadable",
    "SourceUnwritable",
    "StateUnusable",
    "ThingGone",
    "ThingNotFound",
    "TidyUnsafe",
    "UpdateRefused",
]
