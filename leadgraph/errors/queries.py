"""What keeps a SPARQL query from its answer -> its error and status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadgraph.errors.base import LeadGraphError

if TYPE_CHECKING:
    from leadgraph.link.account import Account, Asked


class QueryError(LeadGraphError):
    """A SPARQL query that was not answered.

    `account` tells what other endpoints had been asked by then, None if none was; `ledger` is the
    name under which it is kept, "" if it is not.
    """

    account: Account | None = None
    ledger: str = ""
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
    """The client hung up before its answer came; the status is what nginx's log calls it.

    `requests` counts what was sent to another endpoint for it, `received_bytes` what had come;
    `asked` tells all that an endpoint had been asked by then.
    """

    code = "client-left"
    status = 499

    def __init__(self) -> None:
        super().__init__("The client left before its answer came. The query was ended.")
        self.requests = self.received_bytes = 0
        self.asked: Asked | None = None


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
