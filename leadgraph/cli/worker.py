"""Connections -> requests: gunicorn's worker with threads, patient with slow clients to a point."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import select
import signal
import socket
import time
from typing import TYPE_CHECKING

from gunicorn.http.errors import (
    ConfigurationProblem,
    InvalidHeader,
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
)
from gunicorn.workers.gthread import TConn, ThreadWorker

from leadgraph.errors import (
    AddressTooLong,
    HeadTooLarge,
    LeadGraphError,
    RequestMalformed,
)
from leadgraph.web import failures, headers, metrics
from leadgraph.web.record import HEADER, Record

if TYPE_CHECKING:
    from gunicorn.http.body import ChunkedReader, LengthReader
    from gunicorn.http.message import Request

STALL_SECONDS = 5

_CROWDED_SECONDS = 0.5
"""How long the head of a request is waited for when half of the threads are taken."""
_SLOWEST_BYTES_A_SECOND = 4096

_PEEKED_BYTES = 1 << 16
_END_OF_HEAD = b"\r\n\r\n"
_M_ARENA_MAX = -8
"""Of mallopt(3), which only the C library of GNU has."""
_TURN_SECONDS = 0.0003
_MOST_TURNS = 8
_PAUSE_SECONDS = 0.05
_MOMENT_SECONDS = 0.01

_OURS = (ConfigurationProblem, InvalidResponseHeader, InvalidResponseHeaderName)
"""What gunicorn counts among the parser's errors, and is no client's fault."""


class Worker(ThreadWorker):
    """A worker whose threads are kept by no client that does not finish its request's head."""

    def init_process(self) -> None:
        """Begin; threads share two arenas of memory, else each keeps the largest body it sent."""
        allocator = ctypes.CDLL(None)
        if hasattr(allocator, "mallopt"):
            allocator.mallopt(_M_ARENA_MAX, 2)
        super().init_process()

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection, unless a worker with less to do comes first.

        All wait for the same listener, and the one that just came out of its work would take all.
        """
        busy = self.nr_conns - len(self.keepalived_conns)
        time.sleep(min(max(busy, 0), _MOST_TURNS) * _TURN_SECONDS)
        super().accept(listener)

    def handle(self, conn: TConn) -> object:
        """Handle a request if its head arrives in time; else let the connection go.

        A client that asks again at once is answered here: to give its connection back first, and
        get it again, would take more time than a light query.
        """
        goes_on = True
        crowded = self.nr_conns > self.cfg.threads // 2
        patience = _CROWDED_SECONDS if crowded else STALL_SECONDS
        while goes_on is True and _head_arrives(conn, patience):
            goes_on = super().handle(conn)
            if goes_on is not True or not self.alive or not _asks_again(conn):
                break
        else:
            goes_on = False
        if goes_on is False:
            # Closing waits for what the client still sends: nothing more is taken.
            with contextlib.suppress(OSError):
                conn.sock.shutdown(socket.SHUT_RD)
        return goes_on

    def handle_request(self, req: Request, conn: TConn) -> object:
        """Have the application answer; to it, a body in broken chunks is one that never came."""
        if req.version == (1, 1) and "HOST" not in dict(req.headers):
            raise InvalidHeader("HOST")  # RFC 9112, 3.2
        req.body.reader = _Reader(req.body.reader)
        connection = conn.sock
        req.unreader.sock = _Paced(connection)
        conn.sock = gathering = _Gathering(connection)
        try:
            goes_on = super().handle_request(req, conn)
            gathering.flush()
        finally:
            req.unreader.sock = conn.sock = connection
        return goes_on

    def notify(self) -> None:
        """Tell the arbiter that this worker lives, and the metrics how busy it is.

        Without an engine nothing can be answered any more: the server ends, to be started anew.
        """
        super().notify()
        metrics.sample()
        if self.wsgi is not None and not self.wsgi.extensions["leadgraph"].engine.is_alive:
            self.log.error("The engine has ended: so does the server.")
            os.kill(self.ppid, signal.SIGTERM)

    def handle_error(
        self,
        req: object,
        client: socket.socket,
        addr: tuple[str, int] | None,
        exc: Exception,
    ) -> None:
        """Answer what never became a request of the application in the application's words."""
        record = Record({"REMOTE_ADDR": addr[0]} if addr else {}, self.log.lines)
        error = _error(exc, self.cfg.limit_request_line)
        record.refuse(error)
        if type(error) is LeadGraphError:
            record.unforeseen(exc)
        problem = failures.problem(error) | {"instance": record.instance}
        body = json.dumps(problem).encode()
        told = [*headers.COMMON, ("Cache-Control", "no-store")]
        common = "".join(f"{name}: {value}\r\n" for name, value in told)
        head = (
            f"HTTP/1.1 {error.status} {problem['title']}\r\n"
            f"Content-Type: {failures.PROBLEM_JSON}\r\nContent-Length: {len(body)}\r\n"
            f"{HEADER}: {record.request_id}\r\nConnection: close\r\n{common}\r\n"
        )
        with contextlib.suppress(OSError):
            client.sendall(head.encode() + body)
            record.sent_bytes = len(body)
        record.finish()


class _Paced:
    """A connection whose client may take its time over a body, but not for ever."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client
        self._end = time.monotonic() + STALL_SECONDS

    def recv(self, size: int) -> bytes:
        """Return what comes next of the body.

        Raises:
            OSError: if it comes slower than a body may.
        """
        part = self._client.recv(size)
        self._end += len(part) / _SLOWEST_BYTES_A_SECOND
        if time.monotonic() > self._end:
            raise OSError(errno.ETIMEDOUT, "the body comes too slowly")
        return part


class _Gathering:
    """A connection on which the head of an answer leaves together with the beginning of its body.

    Each packet costs both sides more than a light query does.
    """

    def __init__(self, client: socket.socket) -> None:
        self._client = client
        self._head: bytes | None = None

    def __getattr__(self, name: str) -> object:
        """Return whatever else the connection has."""
        return getattr(self._client, name)

    def sendall(self, data: bytes) -> None:
        """Send bytes; the first are kept until the next come."""
        if self._head is None:
            self._head = data
            return
        self._client.sendall(self._head + data if self._head else data)
        self._head = b""

    def flush(self) -> None:
        """Send what nothing followed."""
        if self._head:
            self._client.sendall(self._head)
            self._head = b""


class _Reader:
    """What reads a body for gunicorn, and fails with an error that applications know."""

    def __init__(self, reader: ChunkedReader | LengthReader) -> None:
        self._reader = reader

    def read(self, size: int) -> bytes:
        """Return at most so many bytes.

        Raises:
            OSError: if what comes is not a body of HTTP/1.1.
        """
        try:
            part: bytes = self._reader.read(size)
        except ParseException as error:
            raise OSError(errno.EPROTO, str(error)) from error
        return part


def _error(cause: Exception, longest_bytes: int) -> LeadGraphError:
    """Return what to tell a client whose request the application did not answer."""
    if isinstance(cause, LimitRequestLine):
        return AddressTooLong(longest_bytes)
    if isinstance(cause, LimitRequestHeaders):
        return HeadTooLarge()
    if isinstance(cause, ParseException) and not isinstance(cause, _OURS):
        return RequestMalformed("What was sent is not a request of HTTP/1.1.", "Mend its head.")
    return failures.UNFORESEEN


def _asks_again(conn: TConn) -> bool:
    """Tell whether the client sends its next request within a moment."""
    if _unread(conn):
        return True
    poll = select.poll()
    poll.register(conn.sock, select.POLLIN)
    return bool(poll.poll(_MOMENT_SECONDS * 1000))


def _unread(conn: TConn) -> bytes:
    """Return what came with the request before, of the next one (RFC 9112, 9.3.2)."""
    return conn.parser.unreader.buf.getvalue() if conn.parser else b""


def _head_arrives(conn: TConn, seconds: float) -> bool:
    """Wait until the head of a request is there, for at most so long in all."""
    client, before = conn.sock, _unread(conn)
    if _END_OF_HEAD in before:
        return True
    deadline = time.monotonic() + seconds
    client.setblocking(False)
    poll = select.poll()
    poll.register(client, select.POLLIN)
    while (left := deadline - time.monotonic()) > 0:
        if not poll.poll(left * 1000):
            return False
        try:
            head = client.recv(_PEEKED_BYTES, socket.MSG_PEEK)
        except OSError:
            return False
        if _END_OF_HEAD in before + head or len(head) == _PEEKED_BYTES:
            return True
        if not head:
            return False
        time.sleep(_PAUSE_SECONDS)
    return False
