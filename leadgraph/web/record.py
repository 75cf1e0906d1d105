"""A request and its answer -> an id that the client gets too, counts, and a line in the log.

The id is always our own: what clients send cannot make two requests look like one. The line is
written when the last byte has been handed to the network, or when that failed.
"""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from flask import Request
from flask import request as current_request

from leadgraph.errors import LeadGraphError
from leadgraph.query import gate
from leadgraph.web import metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from _typeshed import OptExcInfo

    from leadgraph.link.account import Account, Asked
    from leadgraph.web.log import Log

HEADER = "X-Request-Id"

_KEY = "leadgraph.record"
_UNFORESEEN = 500
_LEDGERS = "/ledger/"
_LONGEST_PATH = 200
_HASH_DIGITS = 16


@dataclass(slots=True)
class Record:
    """What becomes known of a request while it is answered.

    `outcome` is empty or a code. A request with a `query` counts as a query. `account` tells what
    other endpoints were asked for it.
    """

    environ: WSGIEnvironment
    log: Log
    request_id: str = field(default_factory=lambda: str(uuid4()))
    route: str = metrics.OTHER
    query: str | None = None
    cached: str | None = None
    status: int = 0
    outcome: str = ""
    sent_bytes: int = 0
    first_byte_seconds: float | None = None
    account: Account | None = None
    started: float = field(default_factory=time.monotonic)

    @property
    def instance(self) -> str:
        """The id as the URI of this one occurrence of a problem (RFC 9457, 3.1.5)."""
        return f"urn:uuid:{self.request_id}"

    def begin(self, status: int) -> None:
        """Note the status, and the rule of the application by which Flask found who answers."""
        self.status = status
        request = self.environ.get("werkzeug.request")
        if isinstance(request, Request) and request.url_rule:
            self.route = request.url_rule.rule

    def refuse(self, error: LeadGraphError) -> None:
        """Note the error that the client is told of instead of an answer."""
        self.status, self.outcome = error.status, error.code
        metrics.problem(error.code)

    def unforeseen(self, error: BaseException) -> None:
        """Write down where an error that nobody foresaw came from."""
        self.log.write(logging.ERROR, "unforeseen", error, request_id=self.request_id)

    def look_up(self, *, hit: bool) -> None:
        """Note whether the answer was in the cache; the last look counts."""
        self.cached = "hit" if hit else "miss"

    def federate(self, account: Account) -> None:
        """Note what other endpoints were asked."""
        self.account = account
        for asked in account.asked:
            metrics.source(asked)

    def break_off(self, error: BaseException) -> None:
        """Note the error that came when bytes had left already."""
        self.outcome = "broken"
        if isinstance(error, LeadGraphError):
            metrics.broken(error.code)
        else:
            metrics.broken(LeadGraphError.code)
            self.unforeseen(error)

    def finish(self) -> None:
        """Count the request, and write its line."""
        seconds = time.monotonic() - self.started
        method = self.environ.get("REQUEST_METHOD", "")
        metrics.request(self.route, method, self.status)
        if self.cached is not None:
            metrics.cache(hit=self.cached == "hit")
        outcome = self.outcome or _outcome(self.status)
        form = None if self.query is None else gate.form(self.query)
        if form is not None:
            metrics.query(form, outcome, seconds, self.first_byte_seconds or seconds)
        if not self.log.has_requests:
            return
        asked = () if self.account is None else self.account.asked
        bad = outcome == "broken" or self.status >= _UNFORESEEN
        self.log.write(
            logging.WARNING if bad else logging.INFO,
            "request",
            request_id=self.request_id,
            method=method or None,
            route=self.route,
            path=_path(self.environ),
            status=self.status,
            outcome=outcome,
            milliseconds=round(seconds * 1000, 2),
            bytes=self.sent_bytes,
            form=form,
            cache=self.cached,
            query_hash=self._hash(),
            sources=len(asked) or None,
            source_requests=sum(one.requests for one in asked) if asked else None,
            source_failures=_failures(asked) or None,
            query=self.query if self.log.has_queries else None,
            client=self.environ.get("REMOTE_ADDR") if self.log.has_clients else None,
        )

    def _hash(self) -> str | None:
        """Return what is told of a query in any case: the beginning of its SHA-256."""
        if self.query is None:
            return None
        return hashlib.sha256(self.query.encode()).hexdigest()[:_HASH_DIGITS]


class Recorded:
    """A WSGI application that keeps a record of each request to another one."""

    def __init__(self, application: WSGIApplication, log: Log) -> None:
        self._application, self._log = application, log

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request with its id in a header, and finish its record with its answer."""
        record = Record(environ, self._log)
        environ[_KEY] = record

        def begin(
            status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None
        ) -> Callable[[bytes], object]:
            record.begin(int(status[:3]))
            return start_response(status, [*headers, (HEADER, record.request_id)], exc_info)

        return _followed(self._application(environ, begin), record)


def of(environ: WSGIEnvironment) -> Record:
    """Return the record of a request."""
    found = environ[_KEY]
    if not isinstance(found, Record):
        raise TypeError("the application is not Recorded")
    return found


def current() -> Record:
    """Return the record of the request that Flask answers now."""
    return of(current_request.environ)


def request_id() -> str:
    """Return the id of the request that Flask answers now."""
    return current().request_id


def _followed(body: Iterable[bytes], record: Record) -> Iterator[bytes]:
    """Yield a body, and count what the server took of it."""
    try:
        for chunk in body:
            if record.first_byte_seconds is None:
                record.first_byte_seconds = time.monotonic() - record.started
            yield chunk
            record.sent_bytes += len(chunk)
    except GeneratorExit:
        record.outcome = record.outcome or "abandoned"
        raise
    except BaseException as error:
        record.break_off(error)
        raise
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            close()
        record.finish()


def _failures(asked: Iterable[Asked]) -> str:
    """Return the codes of what other endpoints failed by."""
    return " ".join(one.failure.code for one in asked if one.failure is not None)


def _outcome(status: int) -> str:
    """Return what came of a request that no error of ours ended."""
    if status >= 400:  # noqa: PLR2004  # RFC 9110, 15.5
        return "refused"
    return "not-modified" if status == 304 else "answered"  # noqa: PLR2004  # RFC 9110, 15.4.5


def _path(environ: WSGIEnvironment) -> str | None:
    """Return the path as it was sent, its beginning at least; queries are not in it.

    Nor is the name of a ledger, with which anybody could read the query that it tells of.
    """
    path = environ.get("PATH_INFO")
    if path is not None and path.startswith(_LEDGERS):
        return _LEDGERS
    return path.encode("latin-1").decode(errors="replace")[:_LONGEST_PATH] if path else None
