"""Bytes <-> frames on the socket between a web process and a query's process.

A frame is one letter, the length as four big-endian bytes, and the content:

    Q  question, JSON      client -> child
    H  head of the answer, JSON: form, media_type, whole (is all of it in this write?)
    D  data, bytes of the body
    E  end: the answer is complete
    X  error, JSON: the answer is refused or broken
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

_HEAD = struct.Struct(">cI")

QUESTION, HEAD, DATA, END, ERROR = b"Q", b"H", b"D", b"E", b"X"

Facts = dict[str, str | int | bool | list[str] | None]


def frame(kind: bytes, content: bytes = b"") -> bytes:
    """Return one frame as bytes."""
    return _HEAD.pack(kind, len(content)) + content


def facts_frame(kind: bytes, facts: Facts) -> bytes:
    """Return a frame that holds JSON."""
    return frame(kind, json.dumps(facts).encode())


def receive(connection: socket.socket) -> tuple[bytes, bytes] | None:
    """Return the next frame as (kind, content), None when the other side is gone.

    Raises:
        OSError: if the socket fails or its time-out passes.
    """
    head = _exactly(connection, _HEAD.size)
    if head is None:
        return None
    kind, length = _HEAD.unpack(head)
    content = _exactly(connection, length)
    return None if content is None else (kind, content)


def _exactly(connection: socket.socket, length: int) -> bytes | None:
    """Return so many bytes, None if the stream ends before."""
    content = bytearray()
    while len(content) < length:
        part = connection.recv(min(length - len(content), 1 << 20))
        if not part:
            return None
        content += part
    return bytes(content)
