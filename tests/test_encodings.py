"""Which encoding a client gets, and that nothing is lost in it."""

from __future__ import annotations

import gzip

import brotli
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from leadgraph.web.encodings import choose, compress

DECODERS = {"zstd": zstd.decompress, "br": brotli.decompress, "gzip": gzip.decompress}


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("", "identity"),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("br;q=0.5, gzip", "gzip"),
        ("gzip;q=0", "identity"),
        ("*", "zstd"),
        ("zstd;q=0, *", "br"),
        ("*;q=0", "identity"),
        ("identity", "identity"),
        ("identity, gzip;q=0.5", "identity"),
        ("identity;q=0, gzip;q=0.1", "gzip"),
        ("gzip;q=nonsense", "identity"),
        ("deflate, compress", "identity"),
    ],
)
def test_the_encoding_is_the_one_that_the_client_likes_best(accepted: str, chosen: str) -> None:
    assert choose(accepted) == chosen


@pytest.mark.parametrize("encoding", DECODERS)
@given(st.lists(st.binary(max_size=2000), max_size=20))
def test_what_was_compressed_comes_back_whole(encoding: str, chunks: list[bytes]) -> None:
    assert DECODERS[encoding](b"".join(compress(encoding, chunks))) == b"".join(chunks)


@pytest.mark.parametrize("encoding", DECODERS)
def test_the_first_chunk_leaves_at_once(encoding: str) -> None:
    asked = []

    def chunks():
        for number in range(3):
            asked.append(number)
            yield b"row\n" * 100

    first = next(compress(encoding, chunks()))

    assert first
    assert asked == [0]
