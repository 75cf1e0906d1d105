"""Bytes <-> frames on the socket between a web process and a query's process.

A frame is one letter, the length as four big-endian bytes, and the content:

    P  process, JSON: its id, once, when the child is there; with it comes the client's end of
       the lifeline (child.py)
    Q  question, JSON: the only one that goes from the client to the child
    H  head of the answer, JSON: form, media_type, whole (is all of it in this write?)
    D  data, bytes of the body
    E  end, JSON: the answer is complete; is_last, cpu_seconds
    X  error, JSON: the answer is refused or broken; code, is_last, cpu_seconds

`is_last` says that the child takes no more questions, `cpu_seconds` how long it has computed in its
life.
"""

from __future__ import annotations

import io
import json
import socket
import struct

_HEAD = struct.Struct(">cI")

_MOST_BYTES = 1 << 18

PROCESS, QUESTION, HEAD, DATA, END, ERROR = b"P", b"Q", b"H", b"D", b"E", b"X"

Facts = dict[str, str | int | float | bool | list[str] | None]


def frame(kind: bytes, content: bytes = b"") -> bytes:
    """Return one frame as bytes."""
    return _HEAD.pack(kind, len(content)) + content


def facts_frame(kind: bytes, facts: Facts) -> bytes:
    """Return a frame that holds JSON."""
    return frame(kind, json.dumps(facts).encode())


class Reader:
    """What comes on a connection, cut into frames; as much as there is at a time."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = bytearray()

    def receive(self) -> tuple[bytes, bytes] | None:
        """Return the next frame as (kind, content), None when the other side is gone.

        Raises:
            OSError: if the socket fails or its time-out passes.
        """
        while (end := self._end()) is None:
            part = self._connection.recv(_MOST_BYTES)
            if not part:
                return None
            self._buffer += part
        kind, content = bytes(self._buffer[:1]), bytes(self._buffer[_HEAD.size : end])
        del self._buffer[:end]
        return kind, content

    def receive_files(self) -> list[io.FileIO]:
        """Wait for what comes first and return the files, open for writing, that come with it.

        Raises:
            OSError: if the socket fails or its time-out passes.
        """
        part, files, _, _ = socket.recv_fds(self._connection, _MOST_BYTES, 1)
        self._buffer += part
        return [io.FileIO(file, "w") for file in files]

    def has_frame(self) -> bool:
        """Tell whether a whole frame has come already."""
        return self._end() is not None

    def _end(self) -> int | None:
        """Return where the first frame ends, None if it has not come as a whole."""
        if len(self._buffer) < _HEAD.size:
            return None
        end = _HEAD.size + int(_HEAD.unpack_from(self._buffer)[1])
        return end if len(self._buffer) >= end else None
