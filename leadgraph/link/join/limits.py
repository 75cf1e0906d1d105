"""Query and SERVICE -> how much of the SERVICE a LIMIT leaves to be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadgraph.link.text.tree import Kind, groups

if TYPE_CHECKING:
    from leadgraph.link.text.tree import Element, Select, Tree


def enough(tree: Tree, service: Element) -> int | None:
    """Return how many solutions of a query are enough, if some of a SERVICE's can give them.

    So it is where the SERVICE is joined with all else: each of its solutions then makes solutions
    of the query whatever the others are. None if all have to be known.
    """
    select = tree.select
    if service not in select.where.elements:
        return None
    return _enough(select, is_ask=tree.form == "ASK") if tree.form in {"ASK", "SELECT"} else None


def rows(tree: Tree, service: Element, pushed: int) -> int | None:
    """Return how many rows of a SERVICE are enough that stands alone under a LIMIT.

    `pushed` counts the FILTERs beside it that its source applies.
    """
    selects = [tree.select, *(group.select for group in groups(tree.select) if group.select)]
    for select in selects:
        others = [element for element in select.where.elements if element != service]
        if len(others) == len(select.where.elements) or len(others) != pushed:
            continue
        is_root = select is tree.select
        alone = all(element.kind is Kind.FILTER for element in others)
        if not alone or select.distinct or select.data or (is_root and tree.form != "SELECT"):
            return 1 if alone and is_root and tree.form == "ASK" else None
        limit = _enough(select, is_ask=False)
        return None if limit is None else limit + (select.offset or 0)
    return None


def _enough(select: Select, *, is_ask: bool) -> int | None:
    if select.grouped or select.ordered or select.where.select is not None:
        return None
    return 1 if is_ask else select.limit
