"""Things and properties -> a table of typed values, as the Reconciliation API extends data."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from pyoxigraph import Literal, NamedNode

from leadgraph.explore.identifiers import shorten
from leadgraph.explore.labels import Labels, distance, look_up
from leadgraph.explore.sparql import key
from leadgraph.vocabulary import LG, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from leadgraph.explore.reconcile import Reconciler
    from leadgraph.query.client import Engine, Term

CONTENTS = ("entity", "id", "literal")
"""What stands for a value that is a thing: the thing itself, its id, or its name."""

Cell: TypeAlias = "Mapping[str, str | int | float]"
"""A value as the API writes it: `{"id": ..., "name": ...}`, `{"str": ...}`, `{"int": ...}`, ..."""

_WHOLE = frozenset(
    XSD + name
    for name in (
        *("integer", "int", "long", "short", "byte", "gYear"),
        *("nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger"),
        *("unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte"),
    )
)
_FRACTIONS = frozenset(XSD + name for name in ("decimal", "double", "float"))
_DATES = frozenset({XSD + "date", XSD + "dateTime", XSD + "dateTimeStamp"})
_DATE = re.compile(r"(-?\d{4,}-\d\d-\d\d)(Z|[+-]\d\d:\d\d)?\Z", re.ASCII)
_INSTANT = re.compile(
    r"(-?(?:[1-9][0-9]*)?[0-9]{4})-(1[0-2]|0[1-9])-(3[01]|0[1-9]|[12][0-9])"
    r"T(2[0-3]|[01][0-9]):([0-5][0-9]):([0-5][0-9])(\.[0-9]+)?"
    r"(Z|[+-](?:2[0-3]|[01][0-9]):[0-5][0-9])?\Z"
)
_INTEGER = re.compile(r"[+-]?\d{1,18}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Column:
    """A property to fetch: `id` as it was asked, and what of its values is wanted."""

    id: str
    iri: str
    limit: int = 0
    content: str = CONTENTS[0]
    language: str = ""


@dataclass(frozen=True, slots=True)
class Extension:
    """The cells by id of a thing and of a property, and what kind of things each column has."""

    rows: dict[str, dict[str, list[Cell]]]
    types: dict[str, tuple[str, str]]


def extend(
    engine: Engine,
    reconciler: Reconciler,
    things: Mapping[str, str],
    columns: Sequence[Column],
    language: str,
) -> Extension:
    """Return the values of things (their ids as asked -> their IRIs, "" for those unknown)."""
    known = sorted({iri for iri in things.values() if iri})
    cells = reconciler.table.cells(known, [column.iri for column in columns]) if columns else {}
    nodes = {
        term.value for terms in cells.values() for term in terms if isinstance(term, NamedNode)
    }
    writer = _Writer(reconciler, look_up(engine, nodes, language), language)
    rows = {
        id_: {
            column.id: writer.cells(column, cells.get((iri, column.iri), ())) for column in columns
        }
        for id_, iri in things.items()
    }
    types = {
        column.id: type_
        for column in columns
        if (type_ := writer.type_of(cells.get((iri, column.iri), ()) for iri in known))
    }
    return Extension(rows, types)


@dataclass(frozen=True, slots=True)
class _Writer:
    """What it takes to write a value."""

    reconciler: Reconciler
    labels: Labels
    language: str

    def cells(self, column: Column, terms: Sequence[Term]) -> list[Cell]:
        """Return the values of a cell, the reader's language first; the limit 0 is none."""
        wanted = column.language.lower()
        ordered = sorted(
            (term for term in terms if not wanted or _speaks(term, wanted)), key=self._order
        )
        return [self._cell(column, term) for term in ordered[: column.limit or None]]

    def type_of(self, columns: Iterable[Sequence[Term]]) -> tuple[str, str] | None:
        """Return the class that all things of a column are of, if there is one."""
        common: set[str] | None = None
        known = self.reconciler.names.classes()
        for term in (term for terms in columns for term in terms):
            classes = set(known.get(key(term), ()))
            common = classes if common is None else common & classes
        terms = self.reconciler.classes.all()

        def telling(iri: str) -> tuple[bool, int, str]:
            return not iri.startswith(LG), terms[iri].count, iri

        best = min(common or (), key=telling, default="")
        if not best:
            return None
        worded = self.reconciler.classes.worded(self.language)[best]
        return worded.id, worded.name

    def _order(self, term: Term) -> tuple[int, str, str]:
        if isinstance(term, Literal):
            tag = (term.language or "").lower()
            return distance(tag, self.language), tag, term.value
        return 0, self.labels.node(key(term)).label.value.casefold(), str(term)

    def _cell(self, column: Column, term: Term) -> Cell:
        if isinstance(term, NamedNode):
            return self._node(column.content, term.value)
        return _literal(term) if isinstance(term, Literal) else {"str": str(term)}

    def _node(self, content: str, iri: str) -> Cell:
        """Return a thing of ours as one; what is elsewhere has no id here, but its IRI."""
        called = self.labels.node(iri).label.value
        if content == "literal":
            return {"str": called}
        if content == "id" or iri not in self.reconciler.names.classes():
            return {"str": shorten(iri)}
        return {"id": shorten(iri), "name": called}


def _speaks(term: Term, language: str) -> bool:
    """Tell whether a value is in a language, or in none: a thing, a number, a code."""
    tag = (term.language or "").lower() if isinstance(term, Literal) else ""
    return not tag or tag == language or tag.startswith(f"{language}-")


def _literal(literal: Literal) -> Cell:
    """Return a literal with the type that the API has for it, else as text."""
    datatype, text = literal.datatype.value, literal.value.strip()
    if datatype in _WHOLE and _INTEGER.match(text):
        return {"int": int(text)}
    if datatype in _FRACTIONS and math.isfinite(number := _number(text)):
        return {"float": number}
    if datatype in _DATES:
        day = _DATE.match(text)
        instant = f"{day[1]}T00:00:00{day[2] or ''}" if day else text
        if _INSTANT.match(instant):
            return {"date": instant}
    return {"str": literal.value}


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
