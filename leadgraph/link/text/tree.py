"""Query text -> the tree of its groups with offsets, so that a SERVICE is known by its place.

The tree says where things stand, not whether they are right: validity is the engine's, and what
the tree cannot tell apart for certain is refused (`link/text/parsed.py`).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Kind(StrEnum):
    """What an element of a group is (SPARQL 1.1 Query, 19.8, GroupGraphPatternSub)."""

    TRIPLES = "triples"  # of one subject
    OPTIONAL = "OPTIONAL"
    UNION = "UNION"
    MINUS = "MINUS"
    GRAPH = "GRAPH"
    SERVICE = "SERVICE"
    FILTER = "FILTER"
    BIND = "BIND"
    VALUES = "VALUES"
    GROUP = "group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element of a group, from `start` to `end` in the text.

    `groups` are the patterns in its braces, or the EXISTS patterns of an expression. `variables`
    are those that it names outside of these (a BIND's, only the one that it binds), `certain` those
    of them that have a value in each solution. `term` is what follows GRAPH or SERVICE.
    """

    kind: Kind
    start: int
    end: int
    groups: tuple[Group, ...] = ()
    variables: tuple[str, ...] = ()
    certain: tuple[str, ...] = ()
    term: str = ""
    silent: bool = False

    @property
    def pattern(self) -> Group:
        """The one pattern of an element that has one."""
        return self.groups[0]

    @property
    def term_variable(self) -> str | None:
        """The variable that GRAPH or SERVICE names, None for an IRI."""
        return self.term[1:] if self.term[:1] in {"?", "$"} else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What stands in a pair of braces: elements in their order, or one sub-SELECT."""

    start: int
    end: int
    elements: tuple[Element, ...] = ()
    select: Select | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """A query or sub-query around a pattern.

    `projected` are its plain variables, `aliases` those of expressions. `keys` are the plain
    variables of GROUP BY; `grouped` tells whether it aggregates at all, `data` the VALUES behind.
    `exists` are the EXISTS patterns of its expressions, `dataset` its FROM clauses as written.
    """

    start: int
    end: int
    where: Group
    star: bool = False
    distinct: bool = False
    projected: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    grouped: bool = False
    keys: tuple[str, ...] = ()
    ordered: bool = False
    limit: int | None = None
    offset: int | None = None
    exists: tuple[Group, ...] = ()
    data: Element | None = None
    dataset: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A whole query: its form in capitals, its prologue and dataset clauses as they are written.

    `occurrences` are all variables with their offsets, in the order of the text; the labels of
    blank nodes are among them, with their `_:`. `deferred` are FILTERs of SERVICEs, by the offset
    of these, that our engine applies to what a source gives, not the source.
    """

    text: str
    form: str
    prologue: str
    select: Select
    occurrences: tuple[tuple[int, str], ...]
    deferred: Mapping[int, tuple[Element, ...]] = field(default_factory=dict)

    def mentioned(self, start: int, end: int) -> frozenset[str]:
        """Return the variables that a piece of the text names."""
        first = bisect_left(self.occurrences, (start, ""))
        last = bisect_left(self.occurrences, (end, ""))
        return frozenset(name for _, name in self.occurrences[first:last])

    def outside(self, start: int, end: int) -> frozenset[str]:
        """Return the variables that the rest of the text names."""
        return self.mentioned(0, start) | self.mentioned(end, len(self.text))


def groups(select: Select) -> Iterator[Group]:
    """Yield the groups of a query at every level, but not what stands in a SERVICE's body."""
    for group in (select.where, *select.exists):
        yield from groups_in(group)


def groups_in(group: Group) -> Iterator[Group]:
    """Yield a group and those in it, but not what stands in a SERVICE's body."""
    yield group
    for element in group.elements:
        if element.kind is not Kind.SERVICE:
            for inner in element.groups:
                yield from groups_in(inner)
    if group.select is not None:
        yield from groups(group.select)


def elements(select: Select) -> Iterator[Element]:
    """Yield the elements of a query at every level, but not what stands in a SERVICE's body."""
    for group in groups(select):
        yield from group.elements


def services(select: Select) -> list[Element]:
    """Return the SERVICEs of a query in the order of the text."""
    found = [element for element in elements(select) if element.kind is Kind.SERVICE]
    return sorted(found, key=lambda element: element.start)


def services_in(group: Group) -> list[Element]:
    """Return the SERVICEs of a group."""
    return [
        element
        for inner in groups_in(group)
        for element in inner.elements
        if element.kind is Kind.SERVICE
    ]
