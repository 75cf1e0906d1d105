"""Things and properties -> their values, and how far a value is one that somebody means."""

from __future__ import annotations

import math
import re
import threading
from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

from cachetools import LRUCache
from pyoxigraph import Literal, NamedNode

from leadgraph.explore.fold import fold
from leadgraph.explore.identifiers import iri_of, lengthen
from leadgraph.explore.search import solutions
from leadgraph.explore.similarity import alike, name
from leadgraph.explore.sparql import key, put

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from leadgraph.explore.names import Names
    from leadgraph.query.client import Engine, Term

Value: TypeAlias = "str | float | bool"
"""What somebody says that a property has: a text, an id, a number or a truth."""

_COLUMN = "SELECT ?thing ?value { ?thing $property ?value FILTER(isIRI(?thing)) }"
_CELLS = """
SELECT ?thing ?property ?value {
  VALUES ?thing { $things } VALUES ?property { $properties } ?thing ?property ?value
}"""
_COLUMNS = 32
_AT_ONCE = 400
_LEAST = 0.7
_DATE = re.compile(r"-?\d{4,}-\d\d(-\d\d.*)?\Z")
_DATED = re.compile(r"\s*-?\d{4,}(-\d\d(-\d\d.*)?)?\s*\Z")
_MIDNIGHT = re.compile(
    r"(-?\d{4,}-\d\d-\d\d)[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII
)


class Table:
    """The values of things, a column for each property; those in use are kept."""

    def __init__(self, engine: Engine, names: Names) -> None:
        self._engine = engine
        self._names = names
        self._lock = threading.Lock()
        self._columns: LRUCache[str, dict[str, tuple[Term, ...]]] = LRUCache(_COLUMNS)
        self._keys: LRUCache[str, dict[str, frozenset[str]]] = LRUCache(_COLUMNS)

    def cells(
        self, things: Sequence[str], properties: Sequence[str]
    ) -> dict[tuple[str, str], list[Term]]:
        """Return the values of some things by (thing, property)."""
        found: dict[tuple[str, str], list[Term]] = defaultdict(list)
        for start in range(0, len(things), _AT_ONCE):
            chunk = things[start : start + _AT_ONCE]
            query = put(_CELLS, things=chunk, properties=properties)
            for row in solutions(self._engine, query):
                found[key(row["thing"]), key(row["property"])].append(row["value"])
        return found

    def fits(self, thing: str, property_: str, meant: Sequence[Value]) -> float | None:
        """Return from 0 to 1 how well a thing has one of the values; None if it has none at all."""
        cells = self._column(property_).get(thing)
        if not cells:
            return None
        best = max((self._fit(cell, value) for cell in cells for value in meant), default=0.0)
        return best if best >= _LEAST else 0.0

    def having(self, property_: str, meant: Sequence[Value]) -> frozenset[str]:
        """Return the things that have exactly one of the values, or the thing of that name."""
        keys = self._key(property_)
        asked = {each for value in meant for each in _keys_of(value)}
        return frozenset().union(*(keys.get(each, frozenset()) for each in asked))

    def _column(self, property_: str) -> dict[str, tuple[Term, ...]]:
        with self._lock:
            kept = self._columns.get(property_)
        if kept is not None:
            return kept
        cells: dict[str, list[Term]] = defaultdict(list)
        for row in solutions(self._engine, put(_COLUMN, property=property_)):
            cells[key(row["thing"])].append(row["value"])
        column = {thing: tuple(values) for thing, values in cells.items()}
        with self._lock:
            self._columns[property_] = column
        return column

    def _key(self, property_: str) -> dict[str, frozenset[str]]:
        """Return the things of a column by what their values are known by."""
        with self._lock:
            kept = self._keys.get(property_)
        if kept is not None:
            return kept
        found: dict[str, set[str]] = defaultdict(set)
        for thing, cells in self._column(property_).items():
            for each in {each for cell in cells for each in self._known_by(cell)}:
                found[each].add(thing)
        keys = {each: frozenset(things) for each, things in found.items()}
        with self._lock:
            self._keys[property_] = keys
        return keys

    def _known_by(self, cell: Term) -> Iterator[str]:
        """Yield what a value is looked up by: its IRI, its folded text, the names of the thing."""
        if isinstance(cell, NamedNode):
            yield f"<{cell.value}"
            yield from (folded for folded, _ in self._names.of(cell.value))
        elif isinstance(cell, Literal):
            yield fold(_day(cell.value))
            number = _number(cell.value)
            if number is not None:
                yield f"={number!r}"

    def _fit(self, cell: Term, value: Value) -> float:
        if isinstance(cell, NamedNode):
            return self._fit_node(cell.value, value)
        return _fit_literal(cell, value) if isinstance(cell, Literal) else 0.0

    def _fit_node(self, iri: str, value: Value) -> float:
        """Return 1 for the id or IRI of a thing, else how like its names are to a text."""
        if not isinstance(value, str):
            return 0.0
        if iri in {value, lengthen(value.strip()), iri_of(value.strip())}:
            return 1.0
        asked = fold(value)
        return max((_alike(asked, folded) for folded, _ in self._names.of(iri)), default=0.0)


def _fit_literal(cell: Literal, value: Value) -> float:
    """Return how well a literal is a value: numbers by what they count, texts by their words."""
    if isinstance(value, bool):
        return float(cell.value in ({"true", "1"} if value else {"false", "0"}))
    if isinstance(value, int | float):
        number = _number(cell.value)
        is_year = _DATE.match(cell.value) and _is_in_date(cell.value, f"{value:.0f}")
        return float(bool(is_year) if number is None else math.isclose(number, value))
    date, value = _day(cell.value), _day(value)
    if date == value or (_DATE.match(date) and _is_in_date(date, value)):
        return 1.0
    one, other = _number(cell.value), _number(value)
    if one is not None and other is not None:
        return float(math.isclose(one, other))
    if _DATE.match(date) and _DATED.match(value):
        return 0.0  # another day is no slip
    return _alike(fold(value), fold(cell.value))


def _alike(asked: str, found: str) -> float:
    """Return how alike two folded texts are; with other digits they are two (codes, years)."""
    is_other = re.findall(r"\d", asked) != re.findall(r"\d", found)
    return alike(name(asked), name(found)) if asked and found and not is_other else 0.0


def _day(text: str) -> str:
    """Return the day of a midnight, as programs that have no days write it; else the text."""
    midnight = _MIDNIGHT.fullmatch(text.strip())
    return midnight[1] if midnight else text


def _is_in_date(date: str, value: str) -> bool:
    """Tell whether a year or a month is that of a date."""
    return len(value) >= len("2016") and date.startswith(value) and not date[len(value)].isdigit()


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and not text.strip().startswith("_") else None


def _keys_of(value: Value) -> Iterable[str]:
    """Return by what a value that somebody means may be known."""
    if isinstance(value, bool):
        return ("true", "1") if value else ("false", "0")
    if isinstance(value, int | float):
        return (f"={float(value)!r}",)
    number = _number(value)
    text = value.strip()
    iris = dict.fromkeys(f"<{iri}" for iri in (text, lengthen(text), iri_of(text)))
    return [each for each in (*iris, fold(_day(value))) if each.strip("<")] + (
        [f"={number!r}"] if number is not None else []
    )
