"""Accept-Encoding and bytes -> the same bytes, smaller (RFC 9110, 8.4; zstd: RFC 8878)."""

from __future__ import annotations

import sys
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import brotli
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from leadgraph.errors import LeadGraphError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

IDENTITY = "identity"
SMALLEST_BYTES = 1024
"""What is shorter gains nothing."""


class _Compressor(Protocol):
    def add(self, data: bytes) -> bytes:
        """Take bytes, and return what is ready."""

    def flush(self) -> bytes:
        """Return all that was taken so far."""

    def end(self) -> bytes:
        """Return the rest."""


class _Zstandard:
    def __init__(self) -> None:
        self._compressor = zstd.ZstdCompressor(level=3)
        self.add = self._compressor.compress

    def flush(self) -> bytes:
        return self._compressor.flush(self._compressor.FLUSH_BLOCK)

    def end(self) -> bytes:
        return self._compressor.flush()


class _Brotli:
    def __init__(self) -> None:
        compressor = brotli.Compressor(quality=4)
        self.add, self.flush, self.end = compressor.process, compressor.flush, compressor.finish


class _Gzip:
    def __init__(self) -> None:
        self._compressor = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        self.add = self._compressor.compress

    def flush(self) -> bytes:
        return self._compressor.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        return self._compressor.flush()


_ENCODINGS: dict[str, Callable[[], _Compressor]] = {
    "zstd": _Zstandard,
    "br": _Brotli,
    "gzip": _Gzip,
}
"""What can be made, the quickest for its size first."""


@lru_cache(maxsize=256)
def choose(accept_encoding: str) -> str:
    """Return the encoding that the client likes best, the first of ours on a tie.

    Without the header, or with nothing that can be made, it is `identity`.
    """
    accepted = parse_accept_header(accept_encoding, Accept)
    liked = {name: accepted.quality(name) for name in _ENCODINGS}
    best = max(_ENCODINGS, key=lambda name: liked[name])
    named = IDENTITY in [value.lower() for value, _ in accepted]
    plain = accepted.quality(IDENTITY) if named else 0
    return best if liked[best] > plain else IDENTITY


@lru_cache(maxsize=256)
def refuses_identity(accept_encoding: str) -> bool:
    """Tell whether the client wants nothing as it is (RFC 9110, 12.5.3)."""
    accepted = parse_accept_header(accept_encoding, Accept)
    named = IDENTITY in [value.lower() for value, _ in accepted]
    return (
        any(accepted)
        and accepted.quality(IDENTITY if named else "*") == 0
        and (named or "*" in [value for value, _ in accepted])
    )


def compress(encoding: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks in an encoding; the first leaves at once, however small it is.

    If they break off, so does this, after all that came.
    """
    compressor = _ENCODINGS[encoding]()
    flushed = False
    try:
        for chunk in chunks:
            data = compressor.add(chunk)
            if not flushed:
                data, flushed = data + compressor.flush(), True
            if data:
                yield data
    except LeadGraphError:
        yield compressor.flush()
        raise
    yield compressor.end()
