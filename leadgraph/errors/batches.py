"""What keeps a batch of names from being reconciled -> its error and status."""

from __future__ import annotations

from leadgraph.errors.requests import RequestError


class BatchTooLong(RequestError):
    """A batch of names has more bytes than one request may have."""

    code = "batch-too-long"
    status = 413

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            f"The request is longer than {limit_bytes} bytes. Send the names in several requests."
        )
        self.limit_bytes = limit_bytes


class BatchTooMany(RequestError):
    """A batch has more names than one request may have."""

    code = "batch-too-many"
    status = 413

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(
            f"There are {count} names or ids in the request and {limit} is the limit. "
            "Send them in several requests."
        )
        self.count, self.limit = count, limit


class BatchTooCostly(RequestError):
    """The names of a batch could not all be looked up in time."""

    code = "batch-too-costly"
    status = 503

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"The names could not all be looked up in {seconds:g} s. Send fewer of them at once."
        )
        self.seconds = seconds
