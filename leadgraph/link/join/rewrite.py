"""Query and tables -> the query with each SERVICE replaced by what it gave, for our engine."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, Triple

from leadgraph.link.join.part import values
from leadgraph.link.text.existence import is_negative, shared
from leadgraph.link.text.tree import Kind, elements, groups

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from leadgraph.link.account import Row, Table, Term
    from leadgraph.link.text.tree import Element, Group, Tree

_HIDDEN = "leadgraph_name_of_"
_STATEMENT = "statement-"


class Writer:
    """A query in which the SERVICEs that were answered, by their offsets, are what they gave."""

    def __init__(self, tree: Tree, answered: Mapping[int, str]) -> None:
        self.tree = tree
        self.answered = frozenset(answered)
        self._edits = sorted(_edits(tree, answered))

    def whole(self) -> str:
        """Return the whole query, each EXISTS with a SERVICE in it joined where it can be."""
        moved: list[tuple[int, int, str]] = []
        for group in groups(self.tree.select):
            for element in group.elements:
                holds = any(element.start <= offset < element.end for offset in self.answered)
                joined = self.joined(group, element) if holds else None
                if joined is not None:
                    moved.append((element.start, element.end, " "))
                    moved.append((group.end - 1, group.end - 1, joined[0]))
        return self._edited(0, len(self.tree.text), sorted([*self._edits, *moved]))

    def joined(self, group: Group, element: Element) -> tuple[str, frozenset[str]] | None:
        """Return what may stand at the end of a group for one of its FILTERs, an EXISTS.

        With it the variables that have to be bound by then. None if the FILTER is no such.
        """
        names = None if self._varies(element) else shared(self.tree, group, element)
        if names is None:
            return None
        text = self.text(element.pattern.start, element.pattern.end)
        if is_negative(self.tree, element):
            return f" MINUS {text} ", names
        projected = " ".join(f"?{name}" for name in sorted(names))
        return f" {{ SELECT DISTINCT {projected} {text} }} ", names

    def _varies(self, element: Element) -> bool:
        """Tell whether an element stands in a GRAPH that a variable names: EXISTS sees which."""
        return any(
            other.kind is Kind.GRAPH
            and other.term_variable is not None
            and other.start < element.start < other.end
            for other in elements(self.tree.select)
        )

    def text(self, start: int, end: int) -> str:
        """Return a piece of the query; no SERVICE may reach over its edges."""
        return self._edited(start, end, self._edits)

    def _edited(self, start: int, end: int, edits: Sequence[tuple[int, int, str]]) -> str:
        """Return a piece with what is put in its place; what stands in a replaced one is gone."""
        pieces: list[str] = []
        place = start
        for first, last, text in edits[bisect_left(edits, (start, 0, "")) :]:
            if first >= end:
                break
            if first < place:
                continue
            pieces += [self.tree.text[place:first], text]
            place = last
        return "".join([*pieces, self.tree.text[place:end]])


def inlined(table: Table, offset: int) -> str:
    """Return a table as an element of a group: VALUES, with a sub-query around it.

    Our engine joins two sub-queries by hashing, two inline tables row by row. Blank nodes cannot
    stand in VALUES; their names can, and BNODE makes of each name one node, the same in all rows.
    `offset` keeps the nodes of one SERVICE apart from another's.
    """
    if not table.variables or not table.rows:
        return f" {values(table.variables, table.rows)} "
    projected = " ".join(f"?{name}" for name in table.variables)
    named = [
        column
        for column, terms in enumerate(zip(*table.rows, strict=True))
        if any(map(_has_node, terms))
    ]
    if not named:
        return f" {{ SELECT {projected} {{ {values(table.variables, table.rows)} }} }} "
    columns = range(len(table.variables))
    nodes = _Nodes(offset)
    hidden = [_hidden(table.variables[column], table.variables) for column in named]
    rows = [_named(row, named, nodes) for row in table.rows]
    # a variable that VALUES names already cannot be bound again: its column is one of its own
    plain = {column: f"{hidden[place]}_term" for place, column in enumerate(named)}
    given = values(
        (*(plain.get(column, table.variables[column]) for column in columns), *hidden), rows
    )
    bound = "".join(
        f" BIND(COALESCE(?{plain[column]}, {nodes.expression(hidden[place])})"
        f" AS ?{table.variables[column]})"
        for place, column in enumerate(named)
    )
    return f" {{ SELECT {projected} {{ {given}{bound} }} }} "


class _Nodes:
    """The names of the blank nodes of one table, and of the statements about them (RDF 1.2)."""

    def __init__(self, offset: int) -> None:
        self._offset = offset
        self._names: dict[BlankNode, str] = {}
        self._statements: dict[Triple, str] = {}

    def name(self, term: Term | None) -> Literal | None:
        """Return the name of what has a blank node in it, None for what has none."""
        if isinstance(term, BlankNode):
            return Literal(self._node(term))
        if not isinstance(term, Triple) or not _has_node(term):
            return None
        number = len(self._statements)
        return Literal(self._statements.setdefault(term, f"{_STATEMENT}{number}"))

    def expression(self, variable: str) -> str:
        """Return what makes a term of the name that a variable holds."""
        made = f"BNODE(?{variable})"
        for triple, name in self._statements.items():
            made = f'IF(?{variable} = "{name}", {self._written(triple)}, {made})'
        return made

    def _node(self, node: BlankNode) -> str:
        return self._names.setdefault(node, f"leadgraph-{self._offset}-{len(self._names)}")

    def _written(self, term: Term) -> str:
        if isinstance(term, BlankNode):
            return f'BNODE("{self._node(term)}")'
        if not isinstance(term, Triple):
            return str(term)
        parts = (term.subject, term.predicate, term.object)
        return f"TRIPLE({', '.join(map(self._written, parts))})"


def _has_node(term: Term | None) -> bool:
    """Tell whether a term is a blank node, or speaks of one."""
    if isinstance(term, Triple):
        return _has_node(term.subject) or _has_node(term.object)
    return isinstance(term, BlankNode)


def _hidden(name: str, taken: tuple[str, ...]) -> str:
    """Return a name for the names of a variable's nodes that no variable of the table has."""
    hidden = _HIDDEN + name
    while any(other.startswith(hidden) for other in taken):
        hidden += "_"
    return hidden


def _named(row: Row, columns: list[int], nodes: _Nodes) -> Row:
    """Return a row with the names of nodes in columns of their own, at its end."""
    names = [nodes.name(row[column]) for column in columns]
    return (*(None if _has_node(term) else term for term in row), *names)


def _edits(tree: Tree, answered: Mapping[int, str]) -> Iterator[tuple[int, int, str]]:
    """Yield what is put in place of what: start, end, text."""
    for element in elements(tree.select):
        if element.kind is Kind.SERVICE and element.start in answered:
            yield element.start, element.end, answered[element.start]
        elif element.kind is Kind.GRAPH and _needs_graph(element, answered):
            yield element.start, element.start, f"GRAPH {element.term} {{}} "


def _needs_graph(element: Element, answered: Mapping[int, str]) -> bool:
    """Tell whether a `GRAPH ?g` may be left without a triple that says which graph it is."""
    if element.term_variable is None:
        return False
    if any(inner.kind is Kind.TRIPLES for inner in element.pattern.elements):
        return False
    return any(element.start < offset < element.end for offset in answered)
