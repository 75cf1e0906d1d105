"""Turtle text -> where its prefixes are declared, and which of them is in force at a place."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from leadgraph.read.tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

_PARTS = frozenset({"tag", "word", "name", "iri"})
_KEYWORDS = frozenset({"@prefix", "prefix"})


class Declaration(NamedTuple):
    """A prefix with its colon, what it stands for, and the span of that IRI with its brackets."""

    prefix: str
    iri: str
    start: int
    end: int


class Declarations:
    """The declarations of one text, in its order."""

    def __init__(self, text: str) -> None:
        self.all = tuple(_found(text))
        self._of: dict[str, list[Declaration]] = {}
        self._for: dict[str, dict[str, None]] = {}
        for declaration in self.all:
            self._of.setdefault(declaration.prefix, []).append(declaration)
            self._for.setdefault(declaration.iri, {})[declaration.prefix] = None

    def in_force(self, prefix: str, offset: int) -> Declaration | None:
        """Return what a prefix (`wd:`) means at an offset."""
        declared = self._of.get(prefix, [])
        number = bisect_right(declared, offset, key=lambda declaration: declaration.end)
        return declared[number - 1] if number else None

    def prefix(self, iri: str, offset: int) -> str | None:
        """Return the first prefix that stands for an IRI at an offset."""
        for prefix in self._for.get(iri, ()):
            declaration = self.in_force(prefix, offset)
            if declaration and declaration.iri == iri:
                return prefix
        return None

    def expanded(self, word: str, offset: int) -> str | None:
        """Return the IRI of `<...>` or a prefixed name; None where that needs more than reading."""
        if "\\" in word or "%" in word:
            return None
        if word.startswith("<"):
            return word[1:-1]
        prefix, colon, local = word.partition(":")
        declaration = self.in_force(prefix + colon, offset)
        return declaration.iri + local if declaration else None


def _found(text: str) -> Iterator[Declaration]:
    """Yield the declarations: a keyword, a prefix and an IRI in a row."""
    keyword = prefix = ""
    for token in tokens(text):
        if token.kind == "comment":
            continue
        word = text[token.start : token.end] if token.kind in _PARTS else ""
        if token.kind == "iri" and keyword.lower() in _KEYWORDS and prefix.endswith(":"):
            yield Declaration(prefix, word[1:-1], token.start, token.end)
        keyword, prefix = prefix, word
