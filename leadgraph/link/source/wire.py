"""A connected socket -> what `http.client` reads and writes, with one deadline, counts and limits.

A time-out of a socket starts anew with every byte; here all bytes of a response share one.
"""

from __future__ import annotations

import io
import select
import socket
import ssl
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leadgraph.link.source.patience import Patience

if TYPE_CHECKING:
    from collections.abc import Mapping

CHUNK_BYTES = 64 * 1024
_HEAD_BYTES = 64 * 1024
_READABLE = select.POLLIN | select.POLLHUP | select.POLLERR


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, and what is granted to its response."""

    body: bytes
    headers: Mapping[str, str]
    patience: Patience
    tally: Tally
    limit_bytes: int


class HeadTooLargeError(Exception):
    """A response's head does not end."""


class WireTooLongError(Exception):
    """More came over the wire than an answer may have."""


@dataclass(slots=True)
class Tally:
    """What one question took so far."""

    requests: int = 0
    received_bytes: int = 0
    seconds: float = field(default_factory=time.monotonic)

    @property
    def elapsed(self) -> float:
        """The seconds since it began."""
        return time.monotonic() - self.seconds


class _Reader(io.BufferedReader):
    """What a response reads from; what is left in it when the response has ended can be seen."""

    def close(self) -> None:
        """Leave it open: a response closes it at its end, the wire lives on."""


class Wire(io.RawIOBase):
    """A connected socket as `http.client` uses one."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._patience = Patience(0)
        self._tally = Tally()
        self._limit = self._received = 0
        self._in_head = self._ended = False
        self._reader: _Reader | None = None

    def begin(self, request: Request) -> None:
        """Start a request: the compressed answer, and what frames it, has twice the room."""
        self._patience, self._tally = request.patience, request.tally
        self._limit = 2 * request.limit_bytes + _HEAD_BYTES
        self._received, self._in_head, self._ended = 0, True, False

    def hurry(self, seconds: float) -> None:
        """Wait no longer than some seconds for the rest."""
        self._patience = self._patience.within(seconds)

    @property
    def has_received(self) -> bool:
        """Whether a byte of the response has come."""
        return self._received > 0

    def end_head(self) -> None:
        """Expect the body from now on."""
        self._in_head = False

    def has_left_over(self) -> bool:
        """Tell whether more has come than the response that has ended."""
        self._ended = True
        if self._reader is not None and self._reader.peek(1):
            return True
        if isinstance(self._socket, ssl.SSLSocket):
            return self._socket.pending() > 0
        try:
            return self.is_stale and bool(self._socket.recv(1, socket.MSG_PEEK))
        except OSError:
            return False

    def sendall(self, data: bytes) -> None:
        """Send all bytes."""
        view = memoryview(data)
        while view:
            self._socket.settimeout(self._patience.slice())
            try:
                view = view[self._socket.send(view[:CHUNK_BYTES]) :]
            except TimeoutError as error:
                _go_on(error)

    def makefile(self, _mode: str) -> _Reader:
        """Return what a response is read from."""
        self._reader = _Reader(self, CHUNK_BYTES)
        return self._reader

    def readable(self) -> bool:
        """Return True: a response is read from it."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # of both
        """Receive some bytes, none at the end."""
        if self._ended:
            return 0
        if self._in_head and self._received > _HEAD_BYTES:
            raise HeadTooLargeError
        if self._received > self._limit:
            raise WireTooLongError
        received = self._receive(buffer)
        self._received += received
        self._tally.received_bytes += received
        return received

    def _receive(self, buffer: bytearray | memoryview) -> int:
        while True:
            self._socket.settimeout(self._patience.slice())
            try:
                return self._socket.recv_into(buffer)
            except TimeoutError as error:
                _go_on(error)

    @property
    def is_stale(self) -> bool:
        """Whether the other side hung up, or says what nobody asked."""
        poll = select.poll()
        poll.register(self._socket, _READABLE)
        return bool(poll.poll(0))

    def close(self) -> None:
        """Do nothing: `http.client` closes what its response still reads from."""

    def hang_up(self) -> None:
        """Close the connection at once."""
        self._socket.close()


def _go_on(error: TimeoutError) -> None:
    """Go on after a slice of waiting; what the network calls a time-out is raised."""
    if error.errno is not None:
        raise error
