"""A request that was answered before -> that answer, without reading the request again.

An answer is kept under its entity tag, which is a digest of all that it depends on: what is
served, the question, the format, the encoding. A second, small memory knows which tag a request
line leads to, so that the same request again is not even parsed.
"""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from cachetools import LRUCache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

    from leadgraph.model import Question

Headers = list[tuple[str, str]]

_LARGEST_SHARE = 4
"""No answer takes more than this part of the cache."""
_OVERHEAD_BYTES = 2_000
_REQUESTS = 1_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A whole answer as it leaves: a WSGI application that says it again."""

    headers: Headers
    body: bytes

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        """Send it, without its body to a HEAD request."""
        start_response("200 OK", self.headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self.body]


class Cache:
    """The answers that one web process keeps, least recently used first to go; thread-safe."""

    def __init__(self, most_bytes: int) -> None:
        self._largest_bytes = most_bytes // _LARGEST_SHARE
        self._answers: LRUCache[str, Kept] = LRUCache(most_bytes, _size)
        self._requests: LRUCache[str, tuple[str, str]] = LRUCache(_REQUESTS)
        self._lock = threading.Lock()

    def known(self, request: str) -> tuple[str, str] | None:
        """Return the entity tag and the query that a request leads to, if it came before."""
        with self._lock:
            found: tuple[str, str] | None = self._requests.get(request)
        return found

    def remember(self, request: str, tag: str, query: str) -> None:
        """Note what a request leads to."""
        with self._lock:
            self._requests[request] = tag, query

    def get(self, tag: str) -> Kept | None:
        """Return the answer of an entity tag."""
        with self._lock:
            kept: Kept | None = self._answers.get(tag)
        return kept

    def put(self, tag: str, kept: Kept) -> None:
        """Keep an answer, unless it is too large to."""
        if len(kept.body) <= self._largest_bytes:
            with self._lock, contextlib.suppress(ValueError):
                self._answers[tag] = kept

    def keeping(self, chunks: Iterator[bytes], tag: str, headers: Headers) -> Iterator[bytes]:
        """Pass the chunks of an answer on, and keep it if they come to their end."""
        body: list[bytes] = []
        room = self._largest_bytes
        for chunk in chunks:
            room -= len(chunk)
            if room >= 0:
                body.append(chunk)
            else:
                body.clear()
            yield chunk
        if room >= 0:
            length = str(self._largest_bytes - room)
            self.put(tag, Kept([*headers, ("Content-Length", length)], b"".join(body)))


def key(environ: WSGIEnvironment) -> str:
    """Return all of a GET or HEAD request that its answer can depend on."""
    accept, encoding = environ.get("HTTP_ACCEPT", ""), environ.get("HTTP_ACCEPT_ENCODING", "")
    return f"{environ.get('QUERY_STRING', '')}\n{accept}\n{encoding}"


def entity_tag(edition: str, question: Question, media_type: str, encoding: str) -> str:
    """Return the strong entity tag of an answer, quoted (RFC 9110, 8.8.3)."""
    parts = (
        edition,
        question.text,
        repr((question.default_graphs, question.named_graphs)),
        media_type,
        encoding,
    )
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(f"{len(part)}:{part}".encode())
    return f'"{digest.hexdigest()}"'


def _size(kept: Kept) -> int:
    return len(kept.body) + _OVERHEAD_BYTES
