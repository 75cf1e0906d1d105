"""Answers of several servers -> whether they say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import (
    Literal,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
)

from bench.queries import Agreement
from leadgraph.vocabulary import XSD

if TYPE_CHECKING:
    from pyoxigraph import BlankNode, NamedNode, Triple

    from bench.connection import Received
    from bench.queries import Query

_NUMBERS = frozenset(f"{XSD}{name}" for name in ("integer", "int", "long", "decimal", "double"))


def rows(query: Query, received: Received) -> list[tuple[str, ...]]:
    """Return the rows or triples of an answer, their terms as N-Triples writes them.

    Raises:
        SyntaxError: if the body is not of the media type that the answer claims.
        ValueError: if that is no media type of such an answer.
    """
    if query.is_graph:
        syntax = RdfFormat.from_media_type(received.media_type)
        if syntax is None:
            raise ValueError(f"a graph as {received.media_type}")
        return [
            (str(quad.subject), str(quad.predicate), _term(quad.object))
            for quad in parse(received.body, syntax)
        ]
    results = _solutions(received)
    names = sorted(variable.value for variable in results.variables)
    return [tuple(_term(row[name]) for name in names) for row in results]


def difference(query: Query, first: Received, other: Received) -> str | None:
    """Say in what an answer differs from the first server's; None where they agree."""
    if query.agreement is Agreement.COUNT:
        here, there = _count(first), _count(other)
        return None if here == there else f"{here} and {there} rows"
    ours, theirs = rows(query, first), rows(query, other)
    only_ours, only_theirs = set(ours) - set(theirs), set(theirs) - set(ours)
    if len(ours) == len(theirs) and not only_ours and not only_theirs:
        return None
    example = next(iter(sorted(only_ours or only_theirs)), ())
    return (
        f"{len(ours)} and {len(theirs)} rows, {len(only_ours)} only here, "
        f"{len(only_theirs)} only there, such as {' '.join(example)[:200]}"
    )


def _count(received: Received) -> int:
    """Return the number of rows, which are too many to look at."""
    return sum(1 for _ in _solutions(received))


def _solutions(received: Received) -> QuerySolutions:
    results = parse_query_results(received.body, QueryResultsFormat.JSON)
    if not isinstance(results, QuerySolutions):
        raise TypeError("the queries of the bench are SELECT, CONSTRUCT and DESCRIBE")
    return results


def _term(term: NamedNode | BlankNode | Literal | Triple | None) -> str:
    """Return a term as text; numbers of equal value are written alike, unbound is empty."""
    if isinstance(term, Literal) and term.datatype.value in _NUMBERS:
        return f"{float(term.value):g}"
    return "" if term is None else str(term)
