"""The bytes of a document as they come -> nothing, or the error that says why it is none.

The engine's parsers take some documents that are cut for whole ones, and end the process where one
nests without end: what comes from elsewhere is followed here while they read it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.parsers import expat

from pyoxigraph import QueryResultsFormat

_DEEPEST = 64
"""More than any result needs; the parser's own stack would not hold what nests without end."""

_MOST_VARIABLES = 2_000
"""More than the text of a query holds; the parser compares each with all others."""

_BLANKS = b" \t\r\n"
_ESCAPES = re.compile(rb"(?:\\.)++", re.DOTALL)
_BRACKETS = frozenset(b"{}[]")
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in _BRACKETS)


class NotWholeError(Exception):
    """What came is no whole document; the text says why."""


Check = Callable[[bytes, bool], None]
"""Take the next bytes, and whether they are the last."""


def check_of_results(found: QueryResultsFormat) -> Check:
    """Return what checks results, of the formats that show where they are cut."""
    return JsonDepth() if found is QueryResultsFormat.JSON else XmlWhole(results=True)


class JsonDepth:
    """Refuse JSON that nests deeper than results do, or lists more, before the parser sees it.

    Escapes are taken out, which stand in strings alone, then strings, then brackets that close one
    another, layer by layer. Only a list of strings, such as that of the variables, then has a comma
    beside a comma.
    """

    def __init__(self) -> None:
        self._listed = 0
        self._comma = b""
        self._depth = 0
        self._in_string = False
        self._backslash = b""

    def __call__(self, data: bytes, _is_last: bool) -> None:
        """Follow the brackets of the next bytes."""
        outside = self._outside_strings(data)
        self._count(self._comma + outside.translate(None, _BLANKS))
        brackets = outside.translate(None, _NO_BRACKETS)
        for _ in range(_DEEPEST):
            shorter = brackets.replace(b"{}", b"").replace(b"[]", b"")
            if len(shorter) == len(brackets):
                break
            brackets = shorter
        opening = brackets.count(b"{") + brackets.count(b"[")
        if self._depth + opening > _DEEPEST:
            raise NotWholeError(f"it nests deeper than {_DEEPEST} levels")
        self._depth += 2 * opening - len(brackets)

    def _count(self, outside: bytes) -> None:
        """Count what is listed, by pairs of commas."""
        self._listed += 2 * outside.count(b",,")
        self._comma = b"," if outside.endswith(b",") else b""
        if self._listed > _MOST_VARIABLES:
            raise NotWholeError(f"it declares more than {_MOST_VARIABLES} variables")

    def _outside_strings(self, data: bytes) -> bytes:
        """Return what is in no string; a backslash at the end waits for the next bytes."""
        data = self._backslash + data
        self._backslash = b""
        if b"\\" in data:
            data = _ESCAPES.sub(b"", data)
            if data.endswith(b"\\"):
                data, self._backslash = data[:-1], b"\\"
        parts = data.split(b'"')
        outside = b"".join(parts[1 if self._in_string else 0 :: 2])
        self._in_string ^= len(parts) % 2 == 0
        return outside


class XmlWhole:
    """Refuse XML that is not well-formed to its end; of results also what they do not have.

    The engine's parsers are content where an element might begin and nothing comes any more.
    """

    def __init__(self, *, results: bool) -> None:
        self._parser = expat.ParserCreate()
        self._depth = self._declared = 0
        if results:
            self._parser.StartElementHandler = self._descend
            self._parser.EndElementHandler = self._ascend
            self._parser.StartDoctypeDeclHandler = _refuse_doctype

    def __call__(self, data: bytes, is_last: bool) -> None:
        """Parse the next bytes."""
        try:
            self._parser.Parse(data, is_last)
        except expat.ExpatError as error:
            raise NotWholeError(f"it is no well-formed XML ({error})") from error

    def _descend(self, name: str, _attributes: object) -> None:
        self._depth += 1
        self._declared += name.rpartition(":")[2] == "variable"
        if self._declared > _MOST_VARIABLES:
            raise NotWholeError(f"it declares more than {_MOST_VARIABLES} variables")
        if self._depth > _DEEPEST:
            raise NotWholeError(f"it nests deeper than {_DEEPEST} levels")

    def _ascend(self, _name: str) -> None:
        self._depth -= 1


def _refuse_doctype(*_: object) -> None:
    raise NotWholeError("it has a document type, which results have not")
