"""Group -> the variables that are in scope outside of it, and those that have a value for sure.

SPARQL 1.1 Query, 18.2.1. What is *certain* is bound in every solution of the pattern.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from leadgraph.link.text.tree import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leadgraph.link.text.tree import Element, Group, Select

_NOTHING: frozenset[str] = frozenset()
_HIDING = frozenset({Kind.FILTER, Kind.MINUS})
_UNSURE = frozenset({Kind.FILTER, Kind.MINUS, Kind.OPTIONAL, Kind.BIND})


def visible(group: Group) -> frozenset[str]:
    """Return the variables that solutions of a group may bind."""
    if group.select is not None:
        return projected(group.select)
    return visible_in(group.elements)


def visible_in(elements: Iterable[Element]) -> frozenset[str]:
    """Return the variables that solutions of some elements, joined, may bind."""
    return frozenset[str]().union(*map(visible_of, elements))


def visible_of(element: Element) -> frozenset[str]:
    """Return the variables that an element may bind."""
    if element.kind in _HIDING:
        return _NOTHING
    if element.kind is Kind.BIND:
        return frozenset(element.variables)
    return frozenset(element.variables).union(*map(visible, element.groups))


def named(elements: Iterable[Element]) -> frozenset[str]:
    """Return the variables that some elements name themselves, be it in an expression."""
    return frozenset[str]().union(*(element.variables for element in elements))


def projected(select: Select) -> frozenset[str]:
    """Return the variables of a query's solutions."""
    named = frozenset((*select.projected, *select.aliases))
    data = frozenset(select.data.variables) if select.data is not None else _NOTHING
    return named | visible(select.where) | data if select.star else named


def plain(select: Select) -> frozenset[str]:
    """Return the variables that are the same inside of a query and outside, row by row.

    None are if rows are cut off; with aggregates only what is grouped by.
    """
    if select.limit is not None or select.offset is not None:
        return _NOTHING
    named = projected(select) if select.star else frozenset(select.projected)
    return named & frozenset(select.keys) if select.grouped else named - frozenset(select.aliases)


def certain(group: Group) -> frozenset[str]:
    """Return the variables that each solution of a group binds."""
    if group.select is None:
        return certain_in(group.elements)
    select = group.select
    inner = certain(select.where)
    if select.data is not None and not select.grouped:
        inner |= frozenset(select.data.certain)
    if select.grouped:
        inner &= frozenset(select.keys)
    return inner & (projected(select) - frozenset(select.aliases))


def certain_in(elements: Iterable[Element]) -> frozenset[str]:
    """Return the variables that each solution of some elements, joined, binds."""
    return frozenset[str]().union(*map(certain_of, elements))


def certain_of(element: Element) -> frozenset[str]:
    """Return the variables that an element binds in each solution that it takes part in.

    A SERVICE SILENT may fail, and then binds none but the one that names it.
    """
    if element.kind in _UNSURE:
        return _NOTHING
    if not element.groups or element.silent:
        return frozenset(element.certain)
    inner = reduce(frozenset.intersection, map(certain, element.groups))
    return inner | frozenset(element.certain)
