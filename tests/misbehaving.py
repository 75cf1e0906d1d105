"""A SPARQL endpoint that misbehaves on command: real sockets, a thread a connection."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import ssl
import struct
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Behaviour = Callable[["Conversation"], None]

JSON = "application/sparql-results+json"
XML = "application/sparql-results+xml"


def results(rows: int = 1) -> bytes:
    """An answer with some rows, as JSON."""
    bindings = [{"x": {"type": "uri", "value": f"http://example.org/{n}"}} for n in range(rows)]
    return json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": bindings}}).encode()


def as_xml(rows: int = 1) -> bytes:
    """The same, as XML."""
    bindings = "".join(
        f'<result><binding name="x"><uri>http://example.org/{n}</uri></binding></result>'
        for n in range(rows)
    )
    return (
        '<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#">'
        f'<head><variable name="x"/></head><results>{bindings}</results></sparql>'
    ).encode()


@dataclass(frozen=True)
class Came:
    """A request as it came: its head, its body, and when its first byte was there."""

    line: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def query(self) -> str:
        """The query in its form."""
        return parse_qs(self.body.decode())["query"][0]


@dataclass
class Conversation:
    """One connection, after a request has come."""

    connection: socket.socket
    request: Came
    number: int
    """How many requests came before, over all connections."""
    done: Callable[[], None]
    """Says that the request does not run any more; before its end has left, when it is known."""
    ends: bool = False

    def send(self, *parts: bytes) -> None:
        """Send bytes as they are."""
        self.connection.sendall(b"".join(parts))

    def head(self, status: str = "200 OK", **headers: str) -> None:
        """Send a head; `content_type` is the header Content-Type."""
        lines = [f"{name.replace('_', '-').title()}: {value}" for name, value in headers.items()]
        self.send(f"HTTP/1.1 {status}\r\n".encode(), *(f"{line}\r\n".encode() for line in lines))
        self.send(b"\r\n")

    def answer(self, body: bytes, status: str = "200 OK", **headers: str) -> None:
        """Send a whole response."""
        self.done()
        told = {"content_type": JSON, "content_length": str(len(body))} | headers
        self.head(status, **told)
        self.send(body)

    def reset(self) -> None:
        """End the connection with a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.ends = True

    def hang_up(self) -> None:
        """End the connection in good order."""
        self.ends = True

    def chunk(self, data: bytes) -> None:
        """Send one chunk."""
        self.send(f"{len(data):x}\r\n".encode(), data, b"\r\n")


@dataclass
class Misbehaving:
    """The server; each request gets the next behaviour, the last one for all that follow."""

    behaviours: Sequence[Behaviour]
    certificate: Path | None = None
    """With TLS, by this certificate and key."""
    came: list[Came] = field(default_factory=list)
    connections: int = 0
    running: int = 0
    most_running: int = 0

    def __enter__(self) -> Misbehaving:
        self._guard = threading.Lock()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @property
    def address(self) -> str:
        """Where it answers queries."""
        return f"http://127.0.0.1:{self.port}/sparql"

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connections += 1
                self._open.append(connection)
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, plain: socket.socket) -> None:
        with plain, contextlib.suppress(OSError), self._secure(plain) as connection:
            while (request := _read(connection)) is not None:
                conversation = self._begin(connection, request)
                try:
                    number = min(conversation.number, len(self.behaviours) - 1)
                    self.behaviours[number](conversation)
                finally:
                    conversation.done()
                if conversation.ends:
                    return

    def _begin(self, connection: socket.socket, request: Came) -> Conversation:
        with self._guard:
            number = len(self.came)
            self.came.append(request)
            self.running += 1
            self.most_running = max(self.most_running, self.running)
        running = [number]

        def done() -> None:
            with self._guard:
                self.running -= len(running)
                running.clear()

        return Conversation(connection, request, number, done)

    def _secure(self, plain: socket.socket) -> socket.socket:
        if self.certificate is None:
            return plain
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate)
        return context.wrap_socket(plain, server_side=True)


def _read(connection: socket.socket) -> Came | None:
    """The next request, None if there is none."""
    data, at = b"", 0.0
    while b"\r\n\r\n" not in data:
        received = connection.recv(1 << 16)
        at = at or time.time()
        if not received:
            return None
        data += received
    head, _, body = data.partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (f.partition(":") for f in fields)}
    while len(body) < int(headers.get("content-length", "0")):
        received = connection.recv(1 << 16)
        if not received:
            return None
        body += received
    return Came(line, headers, body, at)


def good(conversation: Conversation) -> None:
    """Answer with a row."""
    conversation.answer(results())


def silent(conversation: Conversation) -> None:
    """Say nothing, until the client hangs up."""
    conversation.connection.recv(1)
    conversation.hang_up()


def says(status: str, body: bytes = b"", **headers: str) -> Behaviour:
    """Answer with a status."""
    return lambda conversation: conversation.answer(body, status, **headers)


def sends(body: bytes, **headers: str) -> Behaviour:
    """Answer with a body."""
    return lambda conversation: conversation.answer(body, **headers)


def dripping_head(conversation: Conversation) -> None:
    """Send a head, a byte every tenth of a second, without end."""
    conversation.send(b"HTTP/1.1 200 OK\r\nX-Drip: ")
    while True:
        conversation.send(b"x")
        time.sleep(0.1)


def dripping_body(conversation: Conversation) -> None:
    """Send a body, a byte every tenth of a second, without end."""
    conversation.head(content_type=JSON, transfer_encoding="chunked")
    conversation.chunk(results()[:-3])
    while True:
        conversation.chunk(b" ")
        time.sleep(0.1)


def resets(conversation: Conversation) -> None:
    """Reset the connection in the middle of the body."""
    body = results(100)
    conversation.head(content_type=JSON, content_length=str(len(body)))
    conversation.send(body[: len(body) // 2])
    time.sleep(0.05)
    conversation.reset()


def resets_before_the_head(conversation: Conversation) -> None:
    """Reset the connection instead of an answer."""
    conversation.reset()


def hangs_up_after(conversation: Conversation) -> None:
    """Answer as if the connection lived on, and end it."""
    conversation.answer(results(), connection="keep-alive")
    conversation.hang_up()


def cut(body: bytes, kept: int, **headers: str) -> Behaviour:
    """Announce a whole body, send its beginning, and end the connection in good order."""

    def behave(conversation: Conversation) -> None:
        conversation.head(**({"content_type": JSON, "content_length": str(len(body))} | headers))
        conversation.send(body[:kept])
        conversation.hang_up()

    return behave


def cut_without_length(conversation: Conversation) -> None:
    """Send a cut body that ends with the connection."""
    conversation.head(content_type=JSON)
    conversation.send(results(5)[:-20])
    conversation.hang_up()


def without_last_chunk(conversation: Conversation) -> None:
    """Send a whole document in chunks, but not the last chunk."""
    conversation.head(content_type=JSON, transfer_encoding="chunked")
    conversation.chunk(results(5))
    conversation.hang_up()


def chunked_and_cut(conversation: Conversation) -> None:
    """Send a cut document in chunks that end well."""
    conversation.head(content_type=JSON, transfer_encoding="chunked")
    conversation.chunk(results(5)[:-20])
    conversation.send(b"0\r\n\r\n")


def endless_rows(conversation: Conversation) -> None:
    """Send rows for ever."""
    conversation.head(content_type=JSON, transfer_encoding="chunked")
    conversation.chunk(b'{"head":{"vars":["x"]},"results":{"bindings":[')
    row = b'{"x":{"type":"literal","value":"again"}},'
    while True:
        conversation.chunk(row * 100)


def endless_bytes(conversation: Conversation) -> None:
    """Send one literal for ever."""
    conversation.head(content_type=JSON)
    conversation.send(b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"value":"')
    while True:
        conversation.send(b"a" * 65536)


def gzip_bomb(conversation: Conversation) -> None:
    """Send a gigabyte of blanks in a megabyte."""
    squeezed = gzip.compress(b" " * 2**24, 9)
    conversation.head(content_type=JSON, content_encoding="gzip")
    conversation.send(gzip.compress(b'{"head":{"vars":["x"]},"results":{"bindings":['))
    for _ in range(64):
        conversation.send(squeezed)
    conversation.hang_up()


def endless_headers(conversation: Conversation) -> None:
    """Send headers for ever."""
    conversation.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        conversation.send(b"X-Many: " + b"x" * 1000 + b"\r\n")


def endless_header(conversation: Conversation) -> None:
    """Send one header for ever."""
    conversation.send(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        conversation.send(b"x" * 1000)


def endless_promises(conversation: Conversation) -> None:
    """Say 100 Continue for ever."""
    while True:
        conversation.send(b"HTTP/1.1 100 Continue\r\n\r\n")
