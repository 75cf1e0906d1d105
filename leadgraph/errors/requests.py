"""What keeps an HTTP request from its answer -> its error and status."""

from __future__ import annotations

from leadgraph.errors.base import LeadGraphError


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
