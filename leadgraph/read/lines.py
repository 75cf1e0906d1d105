"""Offsets into a text -> lines and columns from 1, in code points; a line ends at LF or CR LF."""

from __future__ import annotations

import re
from bisect import bisect_right

from leadgraph.model import Place

_LONGEST_EXCERPT = 10_000


class Lines:
    """The lines of one text.

    A lone CR, U+2028, VT and FF end no line: the W3C's texts and editors do not agree on them,
    and `git diff` counts as we do.
    """

    def __init__(self, text: str, *, of_parser: bool = False) -> None:
        r"""Read the lines; `of_parser` counts as pyoxigraph does, for which a lone CR ends one."""
        self._text = text
        ends = re.finditer("\r\n?|\n" if of_parser else "\n", text)
        self._starts = [0, *(match.end() for match in ends)]

    def place(self, path: str, start: int, end: int) -> Place:
        """Return the place of a span of the text, end exclusive."""
        return Place(path, *self.position(start), *self.position(end))

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a line and a column."""
        return min(self._starts[line - 1] + column - 1, len(self._text))

    def line(self, number: int) -> str:
        """Return a line without its end."""
        start = self._starts[number - 1]
        end = self._starts[number] if number < len(self._starts) else len(self._text)
        return self._text[start:end].removesuffix("\n").removesuffix("\r")

    def excerpt(self, number: int) -> str | None:
        """Return a line without its end, None if there is none or it is too long to be shown."""
        if number > len(self._starts):
            return None
        line = self.line(number)
        return line if len(line) <= _LONGEST_EXCERPT else None
