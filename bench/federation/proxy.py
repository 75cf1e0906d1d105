"""Port, address behind it, seconds -> a proxy on that port that takes so long for each request.

It is another endpoint's distance: what passes is counted as it is on the wire, and answers are
compressed for those who take gzip, as Wikidata's are. `GET /counted` tells the counts, and is not
counted. It runs as a process of its own, without the bench around it.
"""

from __future__ import annotations

import gzip
import http.client
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

GZIP_LEVEL = 6
COUNTED = "/counted"
_PASSED = ("Host", "Accept", "Content-Type")


class Counted(NamedTuple):
    """Requests, and the bytes of heads and bodies to the endpoint and from it."""

    requests: int = 0
    sent: int = 0
    received: int = 0


class Proxy(ThreadingHTTPServer):
    """The server, its delay, and what it counted."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, behind: int, delay_seconds: float) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.behind, self.delay_seconds = behind, delay_seconds
        self.counted, self._lock = Counted(), threading.Lock()

    def count(self, sent: int, received: int) -> None:
        """Count one request, before its answer leaves."""
        with self._lock:
            before = self.counted
            self.counted = Counted(
                before.requests + 1, before.sent + sent, before.received + received
            )


class _Handler(BaseHTTPRequestHandler):
    """One connection of a client, and one to the endpoint for it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Proxy
    raw_requestline: bytes
    _behind: http.client.HTTPConnection | None = None

    def do_GET(self) -> None:
        """Pass a request on, or tell the counts."""
        if self.path == COUNTED:
            self.wfile.write(_answer(200, "application/json", "", _json(self.server.counted)))
        else:
            self._pass(b"", 0)

    def do_POST(self) -> None:
        """Pass a request with its body on."""
        self._pass(*self._body())

    def finish(self) -> None:
        """Close both connections."""
        super().finish()
        if self._behind:
            self._behind.close()

    def log_message(self, *_: object) -> None:
        """Write no line of each request."""

    def _pass(self, body: bytes, body_size: int) -> None:
        time.sleep(self.server.delay_seconds)
        if self._behind is None:
            self._behind = http.client.HTTPConnection("127.0.0.1", self.server.behind)
        # By its Host the endpoint says where it is: with another, clients would go past the proxy.
        kept = {name: self.headers[name] for name in _PASSED if name in self.headers}
        self._behind.request(self.command, self.path, body or None, kept)
        received = self._behind.getresponse()
        whole = received.read()
        encoding = ""
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            encoding, whole = "gzip", gzip.compress(whole, GZIP_LEVEL, mtime=0)
        media_type = received.headers.get("Content-Type", "")
        answer = _answer(received.status, media_type, encoding, whole)
        self.server.count(self._head_size() + body_size, len(answer))
        self.wfile.write(answer)

    def _head_size(self) -> int:
        lines = (len(name) + len(value) + len(": \r\n") for name, value in self.headers.items())
        return len(self.raw_requestline) + sum(lines) + len("\r\n")

    def _body(self) -> tuple[bytes, int]:
        """Return the body, and its size on the wire (RFC 9112, 7.1)."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            return body, len(body)
        parts, size = [], 0
        while True:
            line = self.rfile.readline()
            length = int(line.partition(b";")[0], 16)
            parts.append(self.rfile.read(length))
            size += len(line) + length + len(self.rfile.readline())
            if not length:
                return b"".join(parts), size


def _answer(status: int, media_type: str, encoding: str, body: bytes) -> bytes:
    """Return an answer as it is on the wire."""
    coded = f"Content-Encoding: {encoding}\r\n" if encoding else ""
    head = (
        f"HTTP/1.1 {status} {http.client.responses.get(status, '')}\r\n"
        f"Content-Type: {media_type}\r\n{coded}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _json(counted: Counted) -> bytes:
    return json.dumps(counted._asdict()).encode()


if __name__ == "__main__":
    Proxy(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])).serve_forever()
