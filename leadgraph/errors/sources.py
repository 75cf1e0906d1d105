"""What keeps another endpoint's part of a query from its answer -> its error, naming the source.

Every one of them has `source`, the IRI as the query names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadgraph.errors.base import LeadGraphError
from leadgraph.errors.queries import QueryError

if TYPE_CHECKING:
    from leadgraph.link.account import Asked


class SourceError(QueryError):
    """A part of a query that another endpoint should answer was not answered.

    `requests` counts what was sent there before it failed, `received_bytes` what had come back;
    `asked` tells all that was asked for that part of the query.
    """

    code = "source-error"
    status = 502

    def __init__(self, source: str, message: str) -> None:
        super().__init__(message)
        self.source = source
        self.requests = self.received_bytes = 0
        self.asked: Asked | None = None


class ServiceRefused(SourceError):
    """The query asks an endpoint that is not on the list of those that are asked."""

    code = "service-refused"
    status = 403

    def __init__(self, source: str, listed: tuple[str, ...], place: tuple[int, int] | None) -> None:
        where = "" if place is None else f" (line {place[0]}, column {place[1]})"
        known = ", ".join(listed) or "none is"
        super().__init__(
            source,
            f"SERVICE{where} names <{source}>, which is not asked from here: only {known}. "
            "Ask one of them, or ask that endpoint yourself and send its answers in VALUES.",
        )
        self.listed, self.place = listed, place


class ServiceMalformed(SourceError):
    """A SERVICE stands where, or is written as, nothing can answer it."""

    code = "service-malformed"
    status = 400

    def __init__(self, source: str, place: tuple[int, int], reason: str, remedy: str) -> None:
        line, column = place
        super().__init__(source, f"SERVICE (line {line}, column {column}): {reason}. {remedy}")
        self.place, self.reason, self.remedy = place, reason, remedy


class ServiceUnbound(ServiceMalformed):
    """A SERVICE names its endpoint by a variable that nothing binds."""

    code = "service-unbound"

    def __init__(self, variable: str, place: tuple[int, int]) -> None:
        super().__init__(
            f"?{variable}",
            place,
            f"nothing gives ?{variable} a value",
            "Bind it in VALUES, or by a pattern of this graph.",
        )


class LabelServiceOutside(ServiceMalformed):
    """`SERVICE wikibase:label` stands outside of a SERVICE for Wikidata, the one that has it."""

    code = "label-service-outside"


class ServiceTooBroad(SourceError):
    """A pattern that is sent to a source matches more there than may be fetched."""

    code = "service-too-broad"
    status = 400

    def __init__(self, source: str, limit: int, what: str) -> None:
        super().__init__(
            source,
            f"The part for <{source}> has more than {limit} {what}, the limit of one query. "
            "Name more of what you look for: in the part itself, or in what it is joined with.",
        )
        self.limit, self.what = limit, what


class ContactMissing(SourceError):
    """The source's policy wants to know whom to write to, and the operator has not said it."""

    code = "contact-missing"
    status = 503

    def __init__(self, source: str) -> None:
        super().__init__(
            source,
            f"<{source}> was not asked: Wikimedia's policy wants a contact in the User-Agent, and "
            "this server has none. Its operator sets LEADGRAPH_CONTACT to an address or a page.",
        )


class SourceUnreachable(SourceError):
    """No connection to the source, or none that may be made."""

    code = "source-unreachable"

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(
            source, f"<{source}> cannot be reached: {reason}. Try again later, or without it."
        )
        self.reason = reason


class SourceTooSlow(SourceError):
    """The source did not answer in time."""

    code = "source-too-slow"
    status = 504

    def __init__(self, source: str, seconds: float) -> None:
        super().__init__(
            source,
            f"<{source}> had not answered after {seconds:.3g} s. "
            "Ask for less at once, or try again later.",
        )
        self.seconds = seconds


class SourceBroken(SourceError):
    """What the source sent is not a whole answer to what it was asked."""

    code = "source-broken"

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(
            source,
            f"<{source}> gave no usable answer: {reason}. "
            "Nothing of it was used; try again later, or tell those who keep it.",
        )
        self.reason = reason


class SourceTooLarge(SourceError):
    """The source sent more than may be taken from it."""

    code = "source-too-large"

    def __init__(self, source: str, limit_bytes: int) -> None:
        super().__init__(
            source,
            f"<{source}> sent more than {limit_bytes} bytes, the limit of one answer, and of all "
            "answers for one query. "
            "Ask it for less: name more of what you look for.",
        )
        self.limit_bytes = limit_bytes


class SourceRefusedQuery(SourceError):
    """The source answered with an error of its own."""

    code = "source-refused-query"

    def __init__(self, source: str, status: int, words: str) -> None:
        said = f", {words}" if words else ""
        super().__init__(
            source,
            f"<{source}> refused its part of the query: status {status}{said}. "
            "Mend that part, or try again later.",
        )
        self.source_status, self.words = status, words


class SourceBusy(SourceError):
    """The source asked for a pause, or is left alone for a while after failures."""

    code = "source-busy"
    status = 503

    def __init__(self, source: str, retry_after_seconds: int, reason: str) -> None:
        super().__init__(
            source,
            f"<{source}> is not asked for the next {retry_after_seconds} s: {reason}. "
            "Send the query again after that.",
        )
        self.retry_after_seconds, self.reason = retry_after_seconds, reason


class SourceNotAwaited(SourceError):
    """The answer of an endpoint was of no use any more: another had failed, or the client left."""

    code = "source-not-awaited"

    def __init__(self, source: str) -> None:
        super().__init__(
            source,
            f"{source} was being asked when the query ended for another reason. "
            "Its answer was not awaited.",
        )


class FederationTooSlow(SourceError):
    """A query over several endpoints ran past its deadline."""

    code = "federation-too-slow"
    status = 504

    def __init__(self, source: str, seconds: float) -> None:
        super().__init__(
            source,
            f"The query was stopped after {seconds:g} s, while <{source}> was asked. "
            "Add a LIMIT, or join fewer things at once.",
        )
        self.seconds = seconds


class LedgerMissing(QueryError):
    """There is no account of an answer under this id, or no longer."""

    code = "ledger-missing"
    status = 404

    def __init__(self, ledger: str) -> None:
        super().__init__(
            f"There is no ledger {ledger} here: it is kept for a limited time only. "
            "Ask the query again, without replay."
        )
        self.ledger = ledger


class ReplayRefused(QueryError):
    """What was asked then cannot be computed again from what is here now."""

    code = "replay-refused"
    status = 409

    def __init__(self, ledger: str, reason: str) -> None:
        super().__init__(
            f"Ledger {ledger} cannot be replayed: {reason}. Ask the query again, without replay."
        )
        self.ledger, self.reason = ledger, reason


class ArchiveUnusable(LeadGraphError):
    """A file is no archive of a saved query, or not a whole one."""

    code = "archive-unusable"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"{path} cannot be replayed: {reason}. Name a file that `leadgraph query --save` wrote."
        )
        self.path, self.reason = path, reason
