"""Rows <-> lines of terms as N-Triples writes them, tabs between; blank nodes of several answers.

The engine's own reader and writer of N-Triples do the work: a line end, a tab or a control
character within a literal is escaped there, so that a line is a row, whatever it holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, RdfFormat, Triple, parse

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from leadgraph.link.account import Row, Table, Term

_ABOUT = "<x:s> <x:p> "


def line(row: Row) -> str:
    """Return a row as a line without its end; an unbound variable is an empty cell."""
    return "\t".join("" if term is None else text(term) for term in row)


def text(term: Term) -> str:
    """Return a term as N-Triples writes it; the engine leaves out the signs of a triple term."""
    if isinstance(term, Triple):
        return f"<<( {text(term.subject)} {term.predicate} {text(term.object)} )>>"
    return str(term)


def rows(lines: Sequence[str], width: int) -> tuple[Row, ...]:
    """Return the rows of some lines; the inverse of `line` for rows of so many terms.

    Raises:
        ValueError: if a line is none of a row of this width.
    """
    if width == 0:
        if any(lines):
            raise ValueError("a row without variables has no terms")
        return ((),) * len(lines)
    cells = [written.split("\t") for written in lines]
    if any(len(row) != width for row in cells):
        raise ValueError(f"a row does not have {width} terms")
    terms = _terms({cell for row in cells for cell in row if cell})
    return tuple(tuple(terms[cell] if cell else None for cell in row) for row in cells)


def _terms(written: set[str]) -> dict[str, Term]:
    """Read each distinct term once.

    Raises:
        ValueError: if one is no term.
    """
    ordered = sorted(written)
    document = "".join(f"{_ABOUT}{term} .\n" for term in ordered)
    try:
        read = [quad.object for quad in parse(document, RdfFormat.N_TRIPLES)]
    except SyntaxError as error:
        raise ValueError(f"a term is none of N-Triples ({error})") from error
    if len(read) != len(ordered):
        raise ValueError("a term is more, or less, than one")
    return dict(zip(ordered, read, strict=True))


def aligned(table: Table, variables: Sequence[str]) -> tuple[Row, ...]:
    """Return the rows of a table for some variables in their order; what it lacks is unbound."""
    if table.variables == tuple(variables):
        return table.rows
    places = {name: place for place, name in enumerate(table.variables)}
    wanted = [places.get(name) for name in variables]
    return tuple(
        tuple(None if place is None else row[place] for place in wanted) for row in table.rows
    )


class Labels:
    """The names of blank nodes in a table that is made of several answers.

    A label means the same node within one answer and another one in the next (SPARQL 1.1 Query
    Results JSON Format, 3.2.2). The same rows in the same order get the same names.
    """

    def __init__(self) -> None:
        self._names: dict[tuple[Hashable, str], BlankNode] = {}

    def renamed(self, answer: Hashable, received: Iterable[Row]) -> list[Row]:
        """Return the rows of an answer, its blank nodes called what no other answer's are."""
        return [
            tuple(self._term(answer, term) for term in row) if _has_nodes(row) else row
            for row in received
        ]

    def _term(self, answer: Hashable, term: Term | None) -> Term | None:
        if isinstance(term, BlankNode):
            return self._node(answer, term)
        return self._triple(answer, term) if isinstance(term, Triple) else term

    def _triple(self, answer: Hashable, triple: Triple) -> Triple:
        """Rename what a triple term speaks of (RDF 1.2, 3.1)."""
        subject, value = triple.subject, triple.object
        if isinstance(subject, BlankNode):
            subject = self._node(answer, subject)
        if isinstance(value, BlankNode):
            value = self._node(answer, value)
        elif isinstance(value, Triple):
            value = self._triple(answer, value)
        return Triple(subject, triple.predicate, value)

    def _node(self, answer: Hashable, node: BlankNode) -> BlankNode:
        return self._names.setdefault((answer, node.value), BlankNode(f"b{len(self._names)}"))


def _has_nodes(row: Row) -> bool:
    return any(isinstance(term, BlankNode | Triple) for term in row)
