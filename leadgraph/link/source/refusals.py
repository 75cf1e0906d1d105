"""A response that is no 200 -> the error that says so, and what it means for the next request."""

from __future__ import annotations

import contextlib
import email.utils
import html
import json
import math
import re
import time
from http.client import HTTPException
from typing import TYPE_CHECKING

from leadgraph.errors import SourceBroken, SourceBusy, SourceRefusedQuery
from leadgraph.link.source.patience import OutOfTimeError
from leadgraph.link.source.results import Body, TooLargeError
from leadgraph.link.source.wire import WireTooLongError
from leadgraph.query.whole import NotWholeError

if TYPE_CHECKING:
    from leadgraph.errors import SourceError
    from leadgraph.link.source.sources import Source
    from leadgraph.link.source.transport import Response

TRIES = 4
"""How often a request is sent that may succeed the next time."""
_WORDS_BYTES, _WORDS_SECONDS = 10_000, 2.0
_SHOWN = 300
_BUSY = frozenset({429, 503})
_PASSING = frozenset({429, 502, 503, 504})
_REDIRECT, _REFUSED, _FAILED = 300, 400, 500
_DIGITS = 10
"""Of a Retry-After that are read: what is longer is as good as never."""
_REST_SECONDS = 10
"""After tries in vain, where too many requests were said to come, but not until when."""

_ENDS = (
    *(NotWholeError, TooLargeError, WireTooLongError, OutOfTimeError),
    *(OSError, HTTPException),
)
"""What ends the words of a source; its status was said before."""

_TAG = re.compile(r"<(script|style|title)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.DOTALL | re.IGNORECASE)
_TOLD = re.compile(r"(?:\b[\w.$]+(?:Exception|Error): )+[^\n]*")
"""The line of a Java stack trace that says what was wrong; what stands before is the query."""
_OF_QUERY = re.compile(
    r"exception|quer(y|ies)|sparql|syntax|pars(e|ing)|malformed|time-?out|timed out|memory",
    re.IGNORECASE,
)


class Failed(Exception):  # what it carries is the error
    """One request failed.

    `error` says so to people. `tries` says how many there are in all, each after `wait` times the
    usual; `counts`, that the source is to blame, whatever it was asked; `pause_seconds`, how long
    it asked to be left alone; `rest_seconds`, how long it is left alone if no try succeeds.
    """

    def __init__(  # noqa: PLR0913  # all that follows from one response
        self,
        error: SourceError,
        *,
        tries: int = 1,
        wait: float = 1.0,
        counts: bool = True,
        pause_seconds: int | None = None,
        rest_seconds: int | None = None,
    ) -> None:
        super().__init__(str(error))
        self.error, self.tries, self.wait = error, tries, wait
        self.counts, self.pause_seconds, self.rest_seconds = counts, pause_seconds, rest_seconds


def of(source: Source, response: Response) -> Failed:
    """Return what a response says that is no 200 (RFC 9110, 15)."""
    status = response.status
    pause = seconds(response.headers.get("Retry-After")) if status in _BUSY else None
    if pause is not None:
        busy = SourceBusy(source.iri, pause, f"it asked for a pause, with status {status}")
        wait = 0.0 if pause else 1.0
        return Failed(busy, tries=TRIES, wait=wait, counts=False, pause_seconds=pause)
    if status == 429:  # noqa: PLR2004  # Too Many Requests
        said = "it said that it gets too many requests, with status 429"
        busy = SourceBusy(source.iri, _REST_SECONDS, said)
        return Failed(busy, tries=TRIES, rest_seconds=_REST_SECONDS)
    if status < _REDIRECT:
        return Failed(SourceBroken(source.iri, f"status {status} where 200 was due"))
    if status < _REFUSED:
        return Failed(_elsewhere(source, response))
    said = words(response)
    counts = status in _PASSING or (status >= _FAILED and not _OF_QUERY.search(said))
    error = SourceRefusedQuery(source.iri, status, said)
    return Failed(error, tries=TRIES if status in _PASSING else 1, counts=counts)


def _elsewhere(source: Source, response: Response) -> SourceBroken:
    """Return the error for a redirect, which is never followed."""
    location = "".join(c for c in response.headers.get("Location", "") if c.isprintable())[:_SHOWN]
    to = f"to <{location}>, which" if location else "nobody knows where, which"
    return SourceBroken(
        source.iri,
        f"it points {to} is not followed (status {response.status}): "
        "the operator of this server may list the address where it answers",
    )


def seconds(retry_after: str | None, now: float | None = None) -> int | None:
    """Return a Retry-After header in whole seconds, None for what is none (RFC 9110, 10.2.3)."""
    text = (retry_after or "").strip()
    if re.fullmatch(r"[0-9]+", text):
        digits = text.lstrip("0") or "0"
        return int(digits if len(digits) <= _DIGITS else "9" * _DIGITS)
    try:
        date = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return max(math.ceil(date.timestamp() - (time.time() if now is None else now)), 0)


def words(response: Response) -> str:
    """Return a source's own words in one line: of a problem document its detail."""
    said = _body(response).decode(errors="replace")
    with contextlib.suppress(ValueError, AttributeError, RecursionError):
        problem = json.loads(said)
        said = str(problem.get("detail") or problem.get("message") or problem.get("title") or said)
    if "html" in response.headers.get_content_type():
        title = _TITLE.search(said)
        said = html.unescape(title[1] if title else _TAG.sub(" ", said))
    told = _TOLD.search(said)
    line = " ".join((told[0] if told else said).split())
    return "".join(c for c in line if c.isprintable())[:_SHOWN]


def _body(response: Response) -> bytes:
    """Return the beginning of a body, as far as it comes."""
    said = b""
    response.hurry(_WORDS_SECONDS)
    with contextlib.suppress(*_ENDS):
        body = Body(response, _WORDS_BYTES)
        while data := body.read():
            said += data
    return said
