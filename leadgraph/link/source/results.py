"""A response of a source -> its rows as a table, or the error that says why it is none.

The body is parsed as it comes, through what bounds it (bytes after decompression, depth, rows) and
what tells a cut from an end: a document that is well-formed to its last byte, and nothing after.
"""

from __future__ import annotations

import zlib
from http.client import HTTPException, IncompleteRead
from typing import TYPE_CHECKING, Protocol

from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from leadgraph.errors import ServiceTooBroad, SourceBroken, SourceTooLarge
from leadgraph.link.account import Table
from leadgraph.link.source.wire import WireTooLongError
from leadgraph.query.whole import NotWholeError, check_of_results

if TYPE_CHECKING:
    from leadgraph.link.account import Row
    from leadgraph.link.source.sources import Source
    from leadgraph.link.source.transport import Response
    from leadgraph.query.whole import Check

ACCEPT = "application/sparql-results+json, application/sparql-results+xml;q=0.8"
"""The formats that show where they are cut; CSV and TSV do not."""
ACCEPT_ENCODING = "gzip, deflate"

_FORMATS = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "application/xml": QueryResultsFormat.XML,
    "text/xml": QueryResultsFormat.XML,
}
"""Plain JSON and XML are what some servers call their results; what they are shows when parsed."""
_BLOCK_BYTES = 64 * 1024

_MOST_TERMS = 10_000_000
"""In all rows of an answer, unbound ones included: a few bytes declare a million variables, and
then every row of two bytes takes megabytes."""

_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS


class TooLargeError(Exception):
    """What came has more bytes than an answer may have."""


class _Decoding(Protocol):
    def __call__(self, data: bytes, most: int) -> tuple[bytes, bytes]:
        """Return at most so many decoded bytes, and what of the data is left; of b"" the end."""


class Body:
    """The body of a response, decoded, checked and bounded; what parsers read from."""

    def __init__(self, response: Response, limit_bytes: int, check: Check | None = None) -> None:
        self._response, self._check = response, check
        self._decode = _decoding(response.headers.get("Content-Encoding", ""))
        self._left = limit_bytes
        self._coded = b""
        self._ready = memoryview(b"")
        self._is_last = False

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, none at the end.

        Raises:
            NotWholeError: if the end is none, or what came cannot go on like this.
            TooLargeError, WireTooLongError: if there is more than may be taken.
            OSError, HTTPException: if the connection breaks.
        """
        while not self._ready and not self._is_last:
            self._fill()
        data = self._ready if size < 0 else self._ready[:size]
        self._ready = self._ready[len(data) :]
        return bytes(data)

    def _fill(self) -> None:
        """Take the next block; at the end have everything say whether it is one."""
        if not self._coded:
            self._coded = self._response.read()
            self._is_last = not self._coded
        data, self._coded = self._decode(self._coded, min(self._left + 1, _BLOCK_BYTES))
        self._left -= len(data)
        if self._left < 0:
            raise TooLargeError
        if self._check is not None and (data or self._is_last):
            self._check(data, self._is_last)
        self._ready = memoryview(data)


def _decoding(encodings: str) -> _Decoding:
    """Return what decodes a body (RFC 9110, 8.4).

    Raises:
        NotWholeError: if it is encoded as nobody asked for.
    """
    encoding = encodings.strip().lower()
    if encoding in {"", "identity"}:
        return lambda data, most: (data[:most], data[most:])
    if encoding in {"gzip", "x-gzip"}:
        return _Inflating(_GZIP)
    if encoding == "deflate":
        return _Inflating(None)
    raise NotWholeError(f"it is encoded with {encoding[:40]!r}, which was not asked for")


class _Inflating:
    """Decompress gzip, of several members too, and deflate, with and without zlib's frame."""

    def __init__(self, bits: int | None) -> None:
        self._bits = bits
        self._inflate = None if bits is None else zlib.decompressobj(bits)

    def __call__(self, data: bytes, most: int) -> tuple[bytes, bytes]:
        """Return at most so many bytes, and what of the data is left."""
        if self._inflate is None:
            self._bits = _ZLIB if data[:1] and data[0] & 0x0F == zlib.DEFLATED else _RAW
            self._inflate = zlib.decompressobj(self._bits)
        if self._inflate.eof and data:
            if self._bits != _GZIP:
                raise NotWholeError("something follows its compressed end")
            self._inflate = zlib.decompressobj(_GZIP)
        try:
            plain = self._inflate.decompress(data, most)
        except zlib.error as error:
            raise NotWholeError(f"its compression is broken ({error})") from error
        if not data and not self._inflate.eof:
            raise NotWholeError("its compression is cut off")
        return plain, self._inflate.unconsumed_tail or self._inflate.unused_data


class Answer:
    """A response with status 200, whose media type promises rows.

    Raises:
        SourceBroken: if it does not.
    """

    def __init__(self, source: Source, response: Response) -> None:
        self._source, self._response = source, response
        typed = "Content-Type" in response.headers
        media_type = response.headers.get_content_type() if typed else ""
        found = _FORMATS.get(media_type)
        if found is None:
            sent = repr(media_type[:80]) if typed else "something without a media type"
            raise SourceBroken(source.iri, f"it sent {sent} instead of SPARQL results")
        self._format = found

    def table(self, limit_bytes: int, most_rows: int) -> Table:
        """Return the rows.

        Raises:
            SourceBroken: if it is no whole answer to a SELECT.
            SourceTooLarge: if it has more than `limit_bytes`.
            ServiceTooBroad: if it has more rows than `most_rows`.
            OSError: if the connection is reset.
        """
        iri = self._source.iri
        try:
            body = Body(self._response, limit_bytes, check_of_results(self._format))
            table = _table(self._source, body, self._format, most_rows)
        except (TooLargeError, WireTooLongError) as error:
            raise SourceTooLarge(iri, limit_bytes) from error
        except (NotWholeError, SyntaxError, ValueError) as error:
            reason = f"its answer is not well-formed, or not whole ({_short(error)})"
            raise SourceBroken(iri, reason) from error
        except IncompleteRead as error:
            raise SourceBroken(iri, "its answer was cut off") from error
        except HTTPException as error:
            raise SourceBroken(iri, f"its answer has no proper end ({_short(error)})") from error
        _require_all(self._source, self._response, len(table.rows))
        return table


def _table(source: Source, body: Body, found: QueryResultsFormat, most_rows: int) -> Table:
    """Parse a body to its very end."""
    solutions = parse_query_results(body, found)  # type: ignore[arg-type]  # all of a file it uses
    if not isinstance(solutions, QuerySolutions):
        raise SourceBroken(source.iri, "it sent a yes or no where rows were asked for")
    names = tuple(variable.value for variable in solutions.variables)
    rows: list[Row] = []
    try:
        for solution in solutions:
            if len(rows) == most_rows:
                raise ServiceTooBroad(source.iri, most_rows, "rows")
            if len(names) * len(rows) > _MOST_TERMS:
                raise SourceBroken(source.iri, f"it declares {len(names)} variables for its rows")
            rows.append(tuple(solution))
    finally:
        del solutions  # an error's traceback would keep it, and it may end in this thread alone
    while rest := body.read():
        if not rest.isspace():
            raise NotWholeError("something follows its end")
    return Table(names, tuple(rows))


def _require_all(source: Source, response: Response, rows: int) -> None:
    """Refuse what a server of Virtuoso's kind cut short, which it tells in its headers alone."""
    most = response.headers.get("X-SPARQL-MaxRows", "").strip()
    if most.isdecimal() and 0 < int(most[:18]) <= rows:
        raise SourceBroken(source.iri, f"it sends no more than {most[:18]} rows of an answer")
    if response.headers.get("X-SQL-State", "").strip().upper().startswith("S1TAT"):
        raise SourceBroken(source.iri, "it ran out of time and sent a part of its answer")


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
