"""Request bytes -> answer: a client on one keep-alive connection that costs little itself.

A client of many features takes longer for a small answer than a fast server: this one reads the
status, `Content-Length` or chunks, and nothing else (RFC 9112, 6 and 7).
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from io import BufferedReader
from socket import SocketIO
from time import perf_counter
from typing import Self
from urllib.parse import quote

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Received:
    """An answer, the seconds to the first byte of its body, and to its end."""

    status: int
    media_type: str
    body: bytes
    first_byte_seconds: float
    seconds: float


def address(path: str, query: str) -> str:
    """Return the path of a query by GET (SPARQL 1.1 Protocol, 2.1.1)."""
    return f"{path}?query={quote(query, safe='')}"


def request(path: str, query: str, accept: str) -> bytes:
    """Return the bytes that ask a query."""
    return (
        f"GET {address(path, query)} HTTP/1.1\r\nHost: {HOST}\r\nAccept: {accept}\r\n\r\n".encode()
    )


class Connection:
    """A connection that asks one thing after the other."""

    def __init__(self, port: int, timeout_seconds: float) -> None:
        self._socket = socket.create_connection((HOST, port), timeout_seconds)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = BufferedReader(SocketIO(self._socket, "r"), 1 << 16)

    def __enter__(self) -> Self:
        """Return the connection; leaving the block closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, asked: bytes) -> None:
        """Send a request whose answer nobody waits for."""
        self._socket.sendall(asked)

    def ask(self, asked: bytes) -> Received:
        """Send a request and read its answer to the end.

        Raises:
            OSError: if the connection breaks, or nothing comes for the time-out.
        """
        started = perf_counter()
        self._socket.sendall(asked)
        status, headers = _head(self._stream)
        self._stream.peek(1)
        first = perf_counter()
        if headers.get("transfer-encoding", "") == "chunked":
            body = _chunks(self._stream)
        else:
            body = _exactly(self._stream, int(headers.get("content-length", "0")))
        ended = perf_counter()
        media_type = headers.get("content-type", "").partition(";")[0]
        return Received(status, media_type, body, first - started, ended - started)


def _head(stream: BufferedReader[SocketIO]) -> tuple[int, dict[str, str]]:
    """Read the status and the headers."""
    words = stream.readline().split()
    if len(words) < len(("HTTP/1.1", "200")):
        raise ConnectionError("the server closed the connection")
    headers = {}
    while line := stream.readline().strip():
        name, _, value = line.partition(b":")
        headers[name.decode("latin-1").lower()] = value.strip().decode("latin-1")
    return int(words[1]), headers


def _chunks(stream: BufferedReader[SocketIO]) -> bytes:
    """Read the chunks of a body, and the line after the last."""
    parts = []
    while size := int(stream.readline().partition(b";")[0] or b"-1", 16):
        if size < 0:
            raise ConnectionError("the server broke the answer off")
        parts.append(_exactly(stream, size))
        stream.readline()
    stream.readline()
    return b"".join(parts)


def _exactly(stream: BufferedReader[SocketIO], size: int) -> bytes:
    """Read so many bytes."""
    body = stream.read(size)
    if len(body) < size:
        raise ConnectionError("the server broke the answer off")
    return body
