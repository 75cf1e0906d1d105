"""A SERVICE and its keys -> the FILTERs that keep a source from giving a key that is no node there.

Between two variables, a path of no step (`p*`, `p?`) joins each node of the source with itself. Put
a key in the place of one, and most engines join that with itself, whether they have it or not: a
solution that the pattern alone does not have. A FILTER says that it has to be a node. In the group
of the path it holds for every solution of the pattern alone, and so takes away none of these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadgraph.link.text.paths import paths
from leadgraph.link.text.tree import Kind
from leadgraph.query import gate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadgraph.link.text.paths import Path
    from leadgraph.link.text.tree import Element, Group, Tree

_NEEDED = frozenset({Kind.GROUP, Kind.UNION, Kind.GRAPH})
_STEPS = frozenset({"*", "?"})
_NONE: frozenset[str] = frozenset()


def filters(tree: Tree, pattern: Group, keys: frozenset[str]) -> list[tuple[int, str]]:
    """Return FILTERs for some keys of a pattern, with the offsets of the text where they stand."""
    return list(_filters(tree, pattern, keys, _NONE))


def unclear(tree: Tree, pattern: Group) -> frozenset[str]:
    """Return the variables beside paths that cannot be told apart: they had better be no keys."""
    blocks = (
        element
        for group in _needed(pattern)
        for element in group.elements
        if element.kind is Kind.TRIPLES and _has_steps(tree, element)
    )
    return frozenset(
        name
        for block in blocks
        if paths(tree.text, block.start, block.end) is None
        for name in block.variables
    )


def _has_steps(tree: Tree, block: Element) -> bool:
    """Tell whether a path in a block of triples may be of no step."""
    found = gate.tokens(tree.text[: block.end], block.start)
    return any(token.kind == "other" and token.text in _STEPS for token in found)


def _filters(
    tree: Tree, group: Group, keys: frozenset[str], known: frozenset[str]
) -> Iterator[tuple[int, str]]:
    """Yield the FILTERs of a group, in which some keys are `known` to be nodes."""
    if group.select is not None:
        yield from _filters(tree, group.select.where, keys, known)
        return
    found = _paths(tree, group)
    known |= _ends(path for path in found if not path.may_be_empty)
    doubtful = _ends(path for path in found if path.may_be_empty and path.is_between_variables)
    for element in group.elements:
        if element.kind in _NEEDED:
            seen = _NONE if element.kind is Kind.GRAPH else known
            for inner in element.groups:
                yield from _filters(tree, inner, keys, seen)
    text = "".join(_is_node(tree, name) for name in sorted(doubtful & keys - known))
    if text:
        yield group.end - 1, text


def _paths(tree: Tree, group: Group) -> list[Path]:
    """Return the paths that each solution of a group needs, inner groups aside."""
    blocks = (each for each in group.elements if each.kind is Kind.TRIPLES)
    return [path for each in blocks for path in paths(tree.text, each.start, each.end) or ()]


def _needed(group: Group) -> Iterator[Group]:
    """Yield a group and all that are joined in it."""
    if group.select is not None:
        yield from _needed(group.select.where)
    yield group
    for element in group.elements:
        for inner in element.groups if element.kind in _NEEDED else ():
            yield from _needed(inner)


def _ends(found: Iterator[Path]) -> frozenset[str]:
    return frozenset(name for path in found for name in (path.subject, path.object) if name)


def _is_node(tree: Tree, name: str) -> str:
    """Return what says that a variable stands for a node, in variables of its own."""
    fresh = "leadgraph_node"
    while any(other.startswith(fresh) for _, other in tree.occurrences):
        fresh += "_"
    one, two = f"?{fresh}1", f"?{fresh}2"
    return f" FILTER EXISTS {{ {{ ?{name} {one} {two} }} UNION {{ {one} {two} ?{name} }} }} "
