"""A request -> the head of its response and its body as a stream, over connections kept alive.

`http.client` speaks HTTP; what it reads from and writes to is a `Wire`. There are no proxies, no
cookies, no credentials, and no redirects.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections import defaultdict
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from typing import TYPE_CHECKING

from leadgraph.errors import ClientLeft
from leadgraph.link.source import walls
from leadgraph.link.source.wire import CHUNK_BYTES, Request, Wire

if TYPE_CHECKING:
    from leadgraph.link.source.patience import Patience
    from leadgraph.link.source.sources import Source

_IDLE_SECONDS = 30.0
"""How long a connection is kept for the next request; servers close theirs after 60 s and more."""


class ConnectError(OSError):
    """No connection came about, this time."""


class Response:
    """A response whose head has come; its body is to be read to the end, or closed."""

    def __init__(
        self, transport: Transport, source: Source, wire: Wire, read: HTTPResponse
    ) -> None:
        self._transport, self._source, self._wire, self._read = transport, source, wire, read
        self.status = read.status
        self.headers = read.headers
        self._open = True

    def __enter__(self) -> Response:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self) -> bytes:
        """Return the next bytes as they came, none at the end.

        Raises:
            IncompleteRead: if the connection ends before the body does, or goes on after it.
        """
        data = self._read.read1(CHUNK_BYTES)
        if data:
            return data
        if self._read.length:
            raise IncompleteRead(b"", self._read.length)
        if self._open:
            self._end()
        return b""

    def hurry(self, seconds: float) -> None:
        """Wait no longer than some seconds for the rest."""
        self._wire.hurry(seconds)

    def _end(self) -> None:
        """Keep the connection for the next request."""
        if self._wire.has_left_over():
            raise HTTPException("it sends more than it announced")
        self._open = False
        if self._read.will_close:
            self._wire.hang_up()
        else:
            self._transport.keep(self._source, self._wire)

    def close(self) -> None:
        """Drop the connection, unless the body was read to its end."""
        if self._open:
            self._open = False
            self._wire.hang_up()


class Transport:
    """The connections of one process; to be shared between its threads."""

    def __init__(self) -> None:
        self._idle: defaultdict[str, list[tuple[float, Wire]]] = defaultdict(list)
        self._keeping = threading.Lock()
        self._closed = False
        self._process = os.getpid()

    def post(self, source: Source, request: Request) -> Response:
        """Send a request to a source and return the response, its body not yet read.

        A connection that was kept alive, and proves to be dead before a byte of the response, is
        replaced by a new one: that was no answer.

        Raises:
            SourceUnreachable: if no connection is made that may be made.
            OutOfTimeError, ClientLeft: if the patience ends.
            ConnectError: if an attempt to connect failed that may be repeated.
            HeadTooLargeError, HTTPException, OSError: if no response comes.
        """
        kept = self._take(source)
        if kept is not None:
            try:
                return self._exchange(kept, source, request)
            except OSError:
                if kept.has_received:
                    raise
        return self._exchange(_connect(source, request.patience), source, request)

    def _exchange(self, wire: Wire, source: Source, request: Request) -> Response:
        wire.begin(request)
        speaking = HTTPConnection(source.parsed.host)
        speaking.sock = wire  # all of a socket that is used
        try:
            _send(speaking, source, request)
            response = speaking.getresponse()
            _require_length(response)
        except BaseException:
            wire.hang_up()
            raise
        wire.end_head()
        return Response(self, source, wire, response)

    def _take(self, source: Source) -> Wire | None:
        """Return a connection that was kept alive, and seems to be."""
        with self._keeping:
            if self._process != os.getpid():  # forked since: they are of the process before
                self._process = os.getpid()
                self._idle.clear()
            idle = self._idle[source.address]
            while idle:
                since, wire = idle.pop()
                if time.monotonic() - since < _IDLE_SECONDS and not wire.is_stale:
                    return wire
                wire.hang_up()
        return None

    def keep(self, source: Source, wire: Wire) -> None:
        """Keep a connection for the next request."""
        with self._keeping:
            idle = self._idle[source.address]
            if not self._closed and len(idle) < source.at_once:
                idle.append((time.monotonic(), wire))
                return
        wire.hang_up()

    def close(self) -> None:
        """Close the connections that nobody uses; none is kept from now on."""
        with self._keeping:
            self._closed = True
            for idle in self._idle.values():
                for _, wire in idle:
                    wire.hang_up()
            self._idle.clear()


def _send(speaking: HTTPConnection, source: Source, request: Request) -> None:
    """Send a request; one that was given up before all of it had left is none."""
    fields = {"Host": _host(source), **request.headers}
    request.tally.requests += 1
    try:
        speaking.request("POST", source.parsed.target, request.body, fields)
    except ClientLeft:
        request.tally.requests -= 1
        raise


def _connect(source: Source, patience: Patience) -> Wire:
    try:
        return Wire(walls.connect(source, patience))
    except OSError as error:
        raise ConnectError(error.errno, error.strerror or str(error)) from error


def _host(source: Source) -> str:
    """Return the host that a request is for, with its port unless the scheme implies it."""
    address = source.parsed
    return address.host if address.is_usual_port else f"{address.host}:{address.port}"


def _require_length(response: HTTPResponse) -> None:
    """Refuse a length that is none, or several, which `http.client` passes over (RFC 9112, 6.3)."""
    lengths = response.headers.get_all("Content-Length", ())
    if len(set(lengths)) > 1 or not all(re.fullmatch("[0-9]{1,18}", each) for each in lengths):
        raise HTTPException("its Content-Length is no number")
