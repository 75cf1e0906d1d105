"""FILTER EXISTS with a SERVICE in it -> what says the same for all solutions at once.

EXISTS puts the variables of each solution into its pattern and looks for an answer (Query, 18.6):
once a solution. Where these variables are but joined, and bound for sure on both sides, it is the
same to join with the distinct solutions of the pattern, or to take them away with MINUS. A FILTER
of a SERVICE that sees such a variable by itself is left to our engine, for each solution.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from leadgraph.link.text import scope
from leadgraph.link.text.tree import Kind
from leadgraph.query import gate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadgraph.link.text.tree import Element, Group, Select, Tree

    Inside = Iterator[tuple[Element, frozenset[str]]]

_ALONE = re.compile(r"FILTER\s*(NOT\s+)?EXISTS\s*", re.IGNORECASE)
_OPEN = frozenset({Kind.TRIPLES, Kind.VALUES})
_DEPENDENT = frozenset({Kind.OPTIONAL, Kind.MINUS, Kind.BIND})
_NONE: frozenset[str] = frozenset()


def shared(tree: Tree, group: Group, element: Element) -> frozenset[str] | None:
    """Return the variables by which a FILTER EXISTS of a group can be joined, None if it cannot."""
    if element.kind is not Kind.FILTER or len(element.groups) != 1 or element.variables:
        return None
    pattern = element.pattern
    if _ALONE.fullmatch(tree.text[element.start : pattern.start]) is None:
        return None
    names = tree.mentioned(pattern.start, pattern.end) & tree.outside(element.start, element.end)
    sure = scope.certain(pattern) & scope.certain_in(group.elements)
    if not names or not names <= sure or not is_joined(tree, pattern, names):
        return None
    return names


def is_negative(tree: Tree, element: Element) -> bool:
    """Tell whether a FILTER EXISTS is a FILTER NOT EXISTS."""
    found = _ALONE.match(tree.text, element.start)
    return found is not None and found[1] is not None


def within(select: Select, around: frozenset[str] = _NONE) -> Inside:
    """Yield each SERVICE of a query with the variables that an EXISTS around it gives values."""
    around &= scope.projected(select)
    yield from _within(select.where, around)
    seen = around | scope.visible(select.where) | frozenset(select.aliases)
    for pattern in select.exists:
        yield from _within(pattern, seen)


def _within(group: Group, around: frozenset[str]) -> Inside:
    if group.select is not None:
        yield from within(group.select, around)
    for element in group.elements:
        seen = around
        if element.kind in {Kind.FILTER, Kind.BIND}:
            seen |= scope.visible_in(group.elements)
        if element.kind is Kind.SERVICE:
            yield element, around
        for inner in element.groups if element.kind is not Kind.SERVICE else ():
            yield from _within(inner, seen)


def deferred(tree: Tree, service: Element, around: frozenset[str]) -> tuple[Element, ...]:
    """Return the FILTERs of a SERVICE that compare what it gives with what stands around.

    They hold for whole solutions of it, so that it is the same to apply them to what it gave. Where
    it is SILENT, what it gave must tell whether it failed: that solution passes.
    """
    body = service.pattern
    if service.silent and (service.term_variable is not None or not scope.visible(body)):
        return ()
    sure = scope.certain(body)
    return tuple(
        element
        for element in body.elements
        if element.kind is Kind.FILTER
        and not element.groups
        and not (around & frozenset(element.variables)) <= sure
        and _is_standard(tree.text[element.start : element.end])
    )


def _is_standard(text: str) -> bool:
    """Tell whether an expression has no function that a source may know and our engine may not."""
    found = list(gate.tokens(text))
    return not any(
        token.kind in {"name", "iri"} and after.text == "(" for token, after in pairwise(found)
    )


def is_joined(
    tree: Tree,
    group: Group,
    names: frozenset[str],
    bound: frozenset[str] = _NONE,
    later: tuple[Element, ...] = (),
) -> bool:
    """Tell whether it is the same to give some variables values in a group, or to join with these.

    It is not where an expression, an OPTIONAL or a MINUS sees them before they are bound. What is
    done `later` is not looked at.
    """
    if group.select is not None:
        seen = tree.mentioned(group.start, group.end) & names
        shown = scope.plain(group.select)
        return seen <= shown and is_joined(tree, group.select.where, names)
    for element in group.elements:
        if element in later:
            continue
        if not _is_joined(tree, element, names, bound | scope.certain_in(group.elements), bound):
            return False
        bound |= scope.certain_of(element)
    return True


def _is_joined(
    tree: Tree,
    element: Element,
    names: frozenset[str],
    sure: frozenset[str],
    bound: frozenset[str],
) -> bool:
    """Tell it of one element, before which some variables are bound, and some for sure at last."""
    seen = tree.mentioned(element.start, element.end) & names
    if element.kind in _OPEN or not seen:
        return True
    if element.kind is Kind.FILTER:
        return seen <= sure and not element.groups
    if element.kind not in _DEPENDENT:
        return all(is_joined(tree, inner, names) for inner in element.groups)
    if not seen <= bound or element.kind is Kind.BIND:
        return seen <= bound and not element.groups
    seeing = bound if element.kind is Kind.OPTIONAL else _NONE
    return all(is_joined(tree, inner, names, seeing) for inner in element.groups)
