"""Places of a report <-> positions of the Language Server Protocol, over one text.

A `Place` counts code points, and its lines end at LF or CRLF. The protocol (3.17, Position) counts
units of the encoding that client and server agreed upon (UTF-16 unless they did), and its lines end
at a lone CR, too. What both mean is a character of the text, so each goes there first.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from lsprotocol.types import Position, PositionEncodingKind, Range

if TYPE_CHECKING:
    from leadgraph.model import Place

_BOM = "\ufeff"
_ENDS_OF_PLACES = re.compile(r"\r?\n")
_ENDS_OF_POSITIONS = re.compile(r"\r\n|\n|\r")
_UNIT_BYTES = {PositionEncodingKind.Utf8: 1, PositionEncodingKind.Utf32: 4}
_CODECS = {PositionEncodingKind.Utf8: "utf-8", PositionEncodingKind.Utf32: "utf-32-le"}


class Ruler:
    """Both ways to count, over a text as the client has it."""

    def __init__(self, text: str, encoding: str = PositionEncodingKind.Utf16) -> None:
        self._text = text
        self._mark = len(text) - len(text.removeprefix(_BOM))
        self._places = [self._mark, *(m.end() for m in _ENDS_OF_PLACES.finditer(text))]
        self._positions = [0, *(m.end() for m in _ENDS_OF_POSITIONS.finditer(text))]
        kind = PositionEncodingKind(encoding)
        self._codec = _CODECS.get(kind, "utf-16-le")
        self._unit_bytes = _UNIT_BYTES.get(kind, 2)

    def range(self, place: Place) -> Range:
        """Return the range of a place; of one without a line, the beginning of the text."""
        start = self._offset(place.line, place.column)
        end = self._offset(place.end_line or place.line, place.end_column or place.column)
        return Range(self._position(start), self._position(max(start, end)))

    def span(self, start: int, end: int) -> Range:
        """Return the range of characters, counted from 0 without the BOM."""
        return Range(self._position(start + self._mark), self._position(end + self._mark))

    def whole(self) -> Range:
        """Return the range of the whole text."""
        return Range(Position(0, 0), self._position(len(self._text)))

    def offset(self, position: Position) -> int:
        """Return the character that a position is before, counted from 0 without the BOM."""
        line = min(position.line, len(self._positions) - 1)
        start, end = self._positions[line], self._end(line)
        units = self._text[start:end].encode(self._codec, "surrogatepass")
        before = units[: position.character * self._unit_bytes]
        return max(0, start + len(before.decode(self._codec, "ignore")) - self._mark)

    def _offset(self, line: int | None, column: int | None) -> int:
        if line is None or line > len(self._places):
            return 0 if line is None else len(self._text)
        return min(self._places[line - 1] + (column or 1) - 1, len(self._text))

    def _position(self, offset: int) -> Position:
        line = bisect_right(self._positions, offset) - 1
        before = self._text[self._positions[line] : offset]
        units = len(before.encode(self._codec, "surrogatepass")) // self._unit_bytes
        return Position(line, units)

    def _end(self, line: int) -> int:
        more = line + 1 < len(self._positions)
        return self._positions[line + 1] if more else len(self._text)
