"""Statements -> rows of the index, whose terms have numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from pyoxigraph import Literal, NamedNode

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from pyoxigraph import Triple

    from leadgraph.check.slice import Term

IRI, BLANK, LITERAL = 0, 1, 2
"""Kinds of terms."""

Key = tuple[int, str, str]
"""The kind of a term, its text, and the datatype or `@language` of a literal."""

_PORTION = 50_000


class Writer:
    """Statements -> rows, in large portions; terms that are known keep their numbers."""

    def __init__(self, database: sqlite3.Connection, *, fresh: bool) -> None:
        self._database = database
        self._fresh = fresh
        self._numbers: dict[Key, int] = {}
        self._next = self._last("terms")
        self._file = self._last("files")
        self._terms: list[tuple[int, int, str, str, int, int | None]] = []
        self._rows: list[tuple[int, int, int, int]] = []

    def _last(self, table: str) -> int:
        query = f"SELECT coalesce(max(id), 0) FROM {table}"  # noqa: S608  # one of our tables
        return int(self._database.execute(query).fetchone()[0])

    def add(self, row: tuple[str, str, bytes, int], triples: Iterable[Triple]) -> None:
        """Take in a file: its path, signature, digest and count, and its statements."""
        self._file += 1
        self._database.execute("INSERT INTO files VALUES (?, ?, ?, ?, ?)", (self._file, *row))
        for subject, predicate, value in triples:
            numbers = (self._number(subject), self._number(predicate), self._number(value))
            self._rows.append((*numbers, self._file))
        if len(self._rows) > _PORTION:
            self.flush()

    def flush(self) -> None:
        """Write what was taken in."""
        execute = self._database.executemany
        execute("INSERT INTO terms VALUES (?, ?, ?, ?, ?, ?)", self._terms)
        execute("INSERT OR IGNORE INTO statements VALUES (?, ?, ?, ?)", self._rows)
        self._terms.clear()
        self._rows.clear()

    def _number(self, term: Term) -> int:
        key = columns(term, self._file)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = self._stored(key) or self._new(key, term)
        return number

    def _stored(self, key: Key) -> int | None:
        if self._fresh or key[0] == BLANK:
            return None
        query = "SELECT id FROM terms WHERE hash = ? AND value = ? AND kind = ? AND extra = ?"
        kind, value, extra = key
        row = self._database.execute(query, (hashed(value), value, kind, extra)).fetchone()
        return None if row is None else int(row[0])

    def _new(self, key: Key, term: Term) -> int:
        self._next += 1
        kind, value, extra = key
        fold = folded(term) if isinstance(term, Literal) else None
        self._terms.append((self._next, kind, value, extra, hashed(value), fold))
        return self._next


def folded(literal: Literal) -> int:
    """Return a number that texts share which only differ in capitals, and few others."""
    return hashed(literal.value.casefold())


def hashed(text: str) -> int:
    """Return a number for a text; few others have the same."""
    return crc32(text.encode())


def columns(term: Term, file: int) -> Key:
    """Return the columns of a term; a blank node is of its file."""
    if isinstance(term, NamedNode):
        return IRI, term.value, ""
    if isinstance(term, Literal):
        return LITERAL, term.value, f"@{term.language}" if term.language else term.datatype.value
    return BLANK, f"{file} {term}", ""
