"""Connections -> requests: gunicorn's worker with threads, patient with slow clients to a point."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import time

from gunicorn.http.errors import LimitRequestLine
from gunicorn.workers.gthread import TConn, ThreadWorker

from leadgraph.errors import AddressTooLong
from leadgraph.web import failures

LONGEST_REQUEST_LINE = 8190
STALL_SECONDS = 5

_PEEKED_BYTES = 1 << 16
_END_OF_HEAD = b"\r\n\r\n"
_PAUSE_SECONDS = 0.05


class Worker(ThreadWorker):
    """A worker whose threads are kept by no client that does not finish its request's head."""

    def handle(self, conn: TConn) -> object:
        """Handle a request if its head arrives in time; else let the connection go."""
        goes_on = _head_arrives(conn.sock) and super().handle(conn)
        if goes_on is False:
            # Closing waits for what the client still sends: nothing more is taken.
            with contextlib.suppress(OSError):
                conn.sock.shutdown(socket.SHUT_RD)
        return goes_on

    def handle_error(
        self, req: object, client: socket.socket, addr: object, exc: Exception
    ) -> None:
        """Answer what never became a request; an address too long in our words."""
        if not isinstance(exc, LimitRequestLine):
            super().handle_error(req, client, addr, exc)
            return
        problem = failures.problem(AddressTooLong(LONGEST_REQUEST_LINE))
        body = json.dumps(problem).encode()
        head = (
            f"HTTP/1.1 414 {problem['title']}\r\nContent-Type: {failures.PROBLEM_JSON}\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        client.sendall(head.encode() + body)


def _head_arrives(client: socket.socket) -> bool:
    """Wait until the head of a request is there, for at most `STALL_SECONDS` in all."""
    deadline = time.monotonic() + STALL_SECONDS
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
        if _END_OF_HEAD in head or len(head) == _PEEKED_BYTES:
            return True
        if not head:
            return False
        time.sleep(_PAUSE_SECONDS)
    return False
