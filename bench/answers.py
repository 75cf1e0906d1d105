"""Answers of several servers -> whether they say the same."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from bench.queries import Agreement
from leadgraph.vocabulary import XSD

if TYPE_CHECKING:
    from pyoxigraph import BlankNode, Triple

    from bench.connection import Received
    from bench.queries import Query

_NUMBERS = frozenset(f"{XSD}{name}" for name in ("integer", "int", "long", "decimal", "double"))

Row = tuple[str, ...]
Binding = dict[str, dict[str, str]]
"""A solution as JSON: the type, value, datatype and language of each variable."""


def rows(query: Query, received: Received) -> Counter[Row]:
    """Return the rows of an answer, each as often as it comes; a graph has a triple once.

    Raises:
        SyntaxError: if the body is not of the media type that the answer claims.
        ValueError: if that is no media type of such an answer.
        KeyError: if the JSON is no result of a SELECT.
    """
    if query.is_graph:
        return Counter(_triples(received))
    bindings = _bindings(received)
    names = sorted({name for binding in bindings for name in binding})
    return Counter(
        tuple(_as_text(binding[name]) if name in binding else "" for name in names)
        for binding in bindings
    )


def difference(query: Query, first: Received, other: Received) -> str | None:
    """Say in what an answer differs from the first server's; None where they agree."""
    if query.agreement is Agreement.COUNT:
        here, there = len(_bindings(first)), len(_bindings(other))
        return None if here == there else f"{here} and {there} rows"
    ours, theirs = rows(query, first), rows(query, other)
    if ours == theirs:
        return None
    only_ours, only_theirs = ours - theirs, theirs - ours
    example = min(only_ours or only_theirs)
    return (
        f"{ours.total()} and {theirs.total()} rows, {only_ours.total()} only here, "
        f"{only_theirs.total()} only there, such as {' '.join(example)[:200]}"
    )


def _triples(received: Received) -> set[Row]:
    """Return the statements of a graph."""
    syntax = RdfFormat.from_media_type(received.media_type)
    if syntax is None:
        raise ValueError(f"a graph as {received.media_type}")
    return {
        (str(quad.subject), str(quad.predicate), _term(quad.object))
        for quad in parse(received.body, syntax)
    }


def _bindings(received: Received) -> list[Binding]:
    """Return the solutions (SPARQL 1.1 Query Results JSON Format, 3.2).

    The engine's own reader refuses what Comunica adds after them, which the format allows.
    """
    bindings: list[Binding] = json.loads(received.body)["results"]["bindings"]
    return bindings


def _as_text(value: dict[str, str]) -> str:
    """Return a term of a solution as text."""
    if value["type"] == "uri":
        return str(NamedNode(value["value"]))
    if value["type"] == "bnode":
        return "_:"
    datatype = NamedNode(value["datatype"]) if "datatype" in value else None
    return _term(Literal(value["value"], datatype=datatype, language=value.get("xml:lang")))


def _term(term: NamedNode | BlankNode | Literal | Triple) -> str:
    """Return a term as N-Triples writes it; numbers of equal value are written alike."""
    if isinstance(term, Literal) and term.datatype.value in _NUMBERS:
        return f"{float(term.value):g}"
    return str(term)
