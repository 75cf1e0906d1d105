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
    ├── ServiceRefused      403
    ├── QueryTooCostly      503, stopped at the deadline
    ├── QueryCrashed        503, its process died (memory, stack)
    ├── ClientLeft          499, nobody waits for the answer
    ├── ClientBusy          429, this client has enough queries running
    ├── EngineBusy          503, the queue is full
    ├── EngineRefused       502, the endpoint behind this one refused, or broke off
    └── EngineUnavailable   503, the engine does not answer
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadgraph.model import Report


class LeadGraphError(Exception):
    """Base of all errors raised on purpose; `str(error)` is two sentences for people."""

    code = "leadgraph-error"
    status = 500


class SettingInvalid(LeadGraphError):
    """A setting has no usable value."""

    code = "setting-invalid"

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{name} cannot be {value!r}. Use {expected}.")
        self.name, self.value, self.expected = name, value, expected


class PortInUse(LeadGraphError):
    """Another program listens on the address already."""

    code = "port-in-use"

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} on {host} is in use by another program. Choose a free one with --port."
        )
        self.host, self.port = host, port


class SourceUnreadable(LeadGraphError):
    """A file cannot be read at all (missing, forbidden, of no known format)."""

    code = "source-unreadable"

    def __init__(self, path: str, reason: str, remedy: str) -> None:
        super().__init__(f"{path} cannot be read: {reason}. {remedy}")
        self.path, self.reason, self.remedy = path, reason, remedy


class SourceUnwritable(LeadGraphError):
    """A file that was to be mended or tidied cannot be written; it is as it was."""

    code = "source-unwritable"

    def __init__(self, path: str, reason: str, remedy: str) -> None:
        super().__init__(f"{path} was left as it is: {reason}. {remedy}")
        self.path, self.reason, self.remedy = path, reason, remedy


class TidyUnsafe(LeadGraphError):
    """The tidy form of a file would not say the same: a defect here, not in the file."""

    code = "tidy-unsafe"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path} was left as it is: its tidy form would not say the same. "
            "Please report that file, the mistake is in LeadGraph."
        )
        self.path = path


class ShapesInvalid(LeadGraphError):
    """A shapes file or a rule cannot be used to check anything."""

    code = "shapes-invalid"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"{path} cannot be used to check anything: {reason}. Mend the shapes and check again."
        )
        self.path, self.reason = path, reason


class KindUnknown(LeadGraphError):
    """There is no form for a kind, because no shape asks anything of it."""

    code = "kind-unknown"

    def __init__(self, kind: str, known: tuple[str, ...], likely: str | None) -> None:
        meant = f" Did you mean {likely}?" if likely else ""
        forms = f"There are forms for: {', '.join(known)}." if known else "No shape has a class."
        super().__init__(f"There is no form for {kind!r}.{meant} {forms}")
        self.kind, self.known, self.likely = kind, known, likely


class CodeUnknown(LeadGraphError):
    """No problem has such a code."""

    code = "code-unknown"

    def __init__(self, unknown: str, likely: str | None) -> None:
        remedy = f"Did you mean {likely}?" if likely else "List them with: leadgraph explain"
        super().__init__(f"No problem has the code {unknown!r}. {remedy}")
        self.unknown, self.likely = unknown, likely


class FormUnwritable(LeadGraphError):
    """A form cannot be written to a file, or would replace what is in it."""

    code = "form-unwritable"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} cannot be written: {reason}. Name another file.")
        self.path, self.reason = path, reason


class BuildRefused(LeadGraphError):
    """The sources have problems that must be mended before they are published."""

    code = "build-refused"

    def __init__(self, report: Report) -> None:
        violations = sum(problem.severity == "violation" for problem in report.problems)
        super().__init__(
            f"Nothing was published: the sources have {violations} problem(s). "
            "Mend what `leadgraph check` lists and build again."
        )
        self.report, self.violations = report, violations


class ReleaseMissing(LeadGraphError):
    """There is no release to serve or to ask."""

    code = "release-missing"
    status = 503

    def __init__(self, folder: str) -> None:
        super().__init__(f"There is no release in {folder}. Make one with `leadgraph build`.")
        self.folder = folder


class ReleaseDamaged(LeadGraphError):
    """A file of a release is not what its manifest says."""

    code = "release-damaged"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path} differs from the checksum in its manifest. "
            "Delete that release folder and run `leadgraph build` again."
        )
        self.path = path


class CheckStopped(LeadGraphError):
    """The child that checks was ended before it could report."""

    code = "check-stopped"
    status = 503

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The check was stopped: {reason}. Give it less at a time, or simpler shapes."
        )
        self.reason = reason


class CanonicalFormStopped(LeadGraphError):
    """The canonical form of the sources was not found in time."""

    code = "canonical-form-stopped"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The blank nodes of the sources could not be put into an order: {reason}. "
            "Give them IRIs, or have fewer that point at each other."
        )
        self.reason = reason


class StateUnusable(LeadGraphError):
    """The folder of releases cannot be read or written."""

    code = "state-unusable"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"{path} cannot be used for releases: {reason}. "
            "Make room there, change its permissions, or name another folder in LEADGRAPH_STATE."
        )
        self.path, self.reason = path, reason


class ReportUnwritable(LeadGraphError):
    """The file that a report should go to cannot be written."""

    code = "report-unwritable"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"The report cannot be written to {path}: {reason}. Name another file behind --format."
        )
        self.path, self.reason = path, reason


class EndpointFailed(LeadGraphError):
    """An endpoint elsewhere that a person asked from the shell gave no usable answer."""

    code = "endpoint-failed"

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(
            f"{address} gave no usable answer: {reason}. "
            "Check the address and the query, or try again later."
        )
        self.address, self.reason = address, reason


class RequestError(LeadGraphError):
    """An HTTP request that cannot be answered as it is."""

    code = "request-error"
    status = 400


class ThingNotFound(RequestError):
    """Nothing is known by that IRI."""

    code = "thing-not-found"
    status = 404

    def __init__(self, iri: str) -> None:
        super().__init__(f"Nothing is known about {iri}. Look for it from the home page.")
        self.iri = iri


class ThingGone(RequestError):
    """A deprecated thing that something else replaces."""

    code = "thing-gone"
    status = 410

    def __init__(self, iri: str, successors: tuple[str, ...]) -> None:
        super().__init__(f"{iri} is no longer in use. Use {' or '.join(successors)} instead.")
        self.iri, self.successors = iri, successors


class MethodRefused(RequestError):
    """The resource has no such method."""

    code = "method-not-allowed"
    status = 405

    def __init__(self, method: str, allowed: tuple[str, ...]) -> None:
        super().__init__(f"{method} is not possible here. Use {' or '.join(allowed)}.")
        self.method, self.allowed = method, allowed


class NotAcceptable(RequestError):
    """None of the media types that the client accepts can be made."""

    code = "not-acceptable"
    status = 406

    def __init__(self, accept: str, offered: tuple[str, ...]) -> None:
        super().__init__(f"{accept!r} cannot be made here. Ask for one of: {', '.join(offered)}.")
        self.accept, self.offered = accept, offered


class AddressTooLong(RequestError):
    """The request line is longer than the server reads."""

    code = "address-too-long"
    status = 414

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            f"The address is longer than {limit_bytes} bytes. Send the query by POST instead."
        )
        self.limit_bytes = limit_bytes


class MediaTypeRefused(RequestError):
    """The request body has a media type that is not read here."""

    code = "unsupported-media-type"
    status = 415

    def __init__(self, media_type: str, accepted: tuple[str, ...]) -> None:
        super().__init__(
            f"A body of type {media_type or '(none)'} is not read here. "
            f"Send {' or '.join(accepted)}."
        )
        self.media_type, self.accepted = media_type, accepted


class HeadTooLarge(RequestError):
    """The header fields of the request are more, or longer, than the server reads."""

    code = "head-too-large"
    status = 431

    def __init__(self) -> None:
        super().__init__(
            "The request has too many header fields, or one that is too long. Send fewer."
        )


class SourceTooLong(RequestError):
    """A file that was sent has more bytes than a file may have."""

    code = "source-too-long"
    status = 413

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            f"The file is longer than {limit_bytes} bytes. Send it in parts that can stand alone."
        )
        self.limit_bytes = limit_bytes


class ChecksBusy(RequestError):
    """As many contributions are being checked as may be at once."""

    code = "checks-busy"
    status = 503

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(
            "Other files are being checked, as many as may be at once. "
            f"Send yours again in {retry_after_seconds} seconds."
        )
        self.retry_after_seconds = retry_after_seconds


class CheckContextBroken(RequestError):
    """The graph that contributions are checked against cannot be read at the moment."""

    code = "check-context-broken"
    status = 503

    def __init__(self) -> None:
        super().__init__(
            "The graph around your file cannot be read at the moment, so nothing was checked. "
            "Try again later."
        )


class RequestMalformed(RequestError):
    """A parameter is missing, repeated or not of the right form."""

    code = "request-malformed"

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what} {remedy}")
        self.what = what


class QueryError(LeadGraphError):
    """A SPARQL query that was not answered."""

    code = "query-error"
    status = 400


class QueryMalformed(QueryError):
    """The text is not a SPARQL query; line and column count from 1."""

    code = "query-malformed"

    def __init__(self, line: int, column: int, expected: str) -> None:
        super().__init__(
            f"The query is not valid SPARQL at line {line}, column {column}: {expected}. "
            "Mend it there and send it again."
        )
        self.line, self.column, self.expected = line, column, expected


class FunctionUnknown(QueryError):
    """A query calls a function that the engine does not have."""

    code = "function-unknown"
    status = 400

    def __init__(self, function: str) -> None:
        super().__init__(
            f"There is no function <{function}> here. "
            "Check its prefix, or use the functions of SPARQL 1.1."
        )
        self.function = function


class QueryTooDeep(QueryError):
    """Brackets are nested beyond the limit; refused before anything parses it."""

    code = "query-too-deep"

    def __init__(self, depth: int, limit: int) -> None:
        super().__init__(
            f"The query nests brackets {depth} deep and {limit} is the limit. Write it flatter."
        )
        self.depth, self.limit = depth, limit


class QueryTooLong(QueryError):
    """The query has more bytes than the endpoint reads."""

    code = "query-too-long"
    status = 413

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            f"The query is longer than {limit_bytes} bytes. Shorten it, or send it in parts."
        )
        self.limit_bytes = limit_bytes


class AnswerTooLarge(QueryError):
    """An answer that the server would have to keep as a whole is larger than it keeps."""

    code = "answer-too-large"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            f"The answer is larger than the {limit_bytes} bytes that can be shown or sent in this "
            "way. Add a LIMIT, or ask over HTTP/1.1 for a format such as text/csv."
        )
        self.limit_bytes = limit_bytes


class AnswerUnwritable(QueryError):
    """The answer holds something that the format asked for has no way to write."""

    code = "answer-unwritable"
    status = 406

    def __init__(self) -> None:
        super().__init__(
            "The answer holds what this format cannot write: a control character, a predicate "
            "that XML has no name for, or a triple term. Ask for JSON, Turtle or N-Triples."
        )


class ResultTooLarge(QueryError):
    """The answer has more bytes than any answer may have."""

    code = "result-too-large"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            f"The answer is longer than {limit_bytes} bytes, the limit of one answer. "
            "Add a LIMIT and an OFFSET, or download the whole dataset from /dataset."
        )
        self.limit_bytes = limit_bytes


class UpdateRefused(QueryError):
    """SPARQL Update was sent to a read-only endpoint."""

    code = "update-refused"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            "This endpoint only answers queries; it takes no updates. "
            "Contribute a Turtle file instead."
        )


class ServiceRefused(QueryError):
    """The query asks another endpoint; federation is closed."""

    code = "service-refused"
    status = 403

    def __init__(self, line: int, column: int) -> None:
        super().__init__(
            f"SERVICE (line {line}, column {column}) is not answered here: this endpoint asks "
            "no other. Ask that endpoint yourself and send its answers in VALUES."
        )
        self.line, self.column = line, column


class QueryTooCostly(QueryError):
    """A query ran past its deadline."""

    code = "query-too-costly"
    status = 503

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"The query was stopped after {seconds:g} s. "
            "Add a LIMIT, or name the graph that you mean."
        )
        self.seconds = seconds


class QueryCrashed(QueryError):
    """The process that ran the query died: out of memory or stack."""

    code = "query-crashed"
    status = 503

    def __init__(self) -> None:
        super().__init__(
            "The query was ended: it took more memory than one query may have, was nested too "
            "deeply, or asked another server. Add a LIMIT, or ask for less at once."
        )


class EngineBusy(QueryError):
    """All children are at work and the queue is full."""

    code = "engine-busy"
    status = 503

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(
            "Too many queries wait for an answer. "
            f"Send yours again in {retry_after_seconds} seconds."
        )
        self.retry_after_seconds = retry_after_seconds


class ClientBusy(QueryError):
    """One client has as many queries running as one may."""

    code = "client-busy"
    status = 429

    def __init__(self, limit: int, retry_after_seconds: int) -> None:
        super().__init__(
            f"You have {limit} queries running here, as many as one client may. "
            f"Send this one again in {retry_after_seconds} seconds, when one of them has ended."
        )
        self.limit, self.retry_after_seconds = limit, retry_after_seconds


class ClientLeft(QueryError):
    """The client hung up before its answer came; the status is what nginx's log calls it."""

    code = "client-left"
    status = 499

    def __init__(self) -> None:
        super().__init__("The client left before its answer came. The query was ended.")


class EngineRefused(QueryError):
    """The endpoint that answers behind this one refused a query, or its answer broke off."""

    code = "engine-refused"
    status = 502

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The SPARQL endpoint behind this one gave no usable answer: {reason}. "
            "Simplify the query, or try again later."
        )
        self.reason = reason


class EngineUnavailable(QueryError):
    """The engine process does not answer."""

    code = "engine-unavailable"
    status = 503

    def __init__(self) -> None:
        super().__init__("The query engine is not running. Try again in a moment.")
