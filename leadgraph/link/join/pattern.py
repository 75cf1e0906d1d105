"""A SERVICE in its query -> the part that is sent for it: what is wanted of it, where keys go."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from leadgraph.link.join import nodes
from leadgraph.link.join.part import Part
from leadgraph.link.text import scope
from leadgraph.link.text.parsed import inner_services
from leadgraph.link.text.reader import variable
from leadgraph.link.text.tree import Kind, groups
from leadgraph.query import gate
from leadgraph.vocabulary import BASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadgraph.link.text.tree import Element, Group, Tree

_LABELS = ("Label", "Description", "AltLabel")
"""What Wikidata's label service makes of a variable, by the end of the name."""
_DEPENDENT = frozenset({Kind.OPTIONAL, Kind.MINUS, Kind.BIND, Kind.SERVICE})
_COMPARED = frozenset({Kind.OPTIONAL, Kind.MINUS})
_JOINED = frozenset({Kind.GROUP, Kind.GRAPH, Kind.UNION, Kind.TRIPLES, Kind.VALUES})
_FUNCTIONS = frozenset(
    {
        *("ABS", "BOUND", "CEIL", "COALESCE", "CONTAINS", "DATATYPE", "DAY", "FLOOR", "IF", "IN"),
        *("ISBLANK", "ISIRI", "ISLITERAL", "ISNUMERIC", "ISURI", "LANG", "LANGMATCHES", "LCASE"),
        *("MONTH", "NOT", "REGEX", "ROUND", "SAMETERM", "STR", "STRAFTER", "STRBEFORE", "STRENDS"),
        *("STRLEN", "STRSTARTS", "SUBSTR", "UCASE", "YEAR", "TRUE", "FALSE"),
    }
)
"""Functions that give the same everywhere (SPARQL 1.1 Query, 17.4)."""
_RELATIVE = re.compile(r"<(?![A-Za-z][A-Za-z0-9+.\-]*:)[^<>\"{}|^`\\\x00-\x20]*>")


def part(tree: Tree, service: Element, limit: int) -> Part:
    """Return what is sent for a SERVICE, as yet without keys."""
    text = _sent(tree, service)[1:-1]
    return Part(
        prologue=_prologue(tree, text),
        body=text,
        variables=wanted(tree, service),
        filters=_filters(tree, service),
        limit=limit,
    )


def _sent(tree: Tree, service: Element) -> str:
    """Return the body of a SERVICE, blank where a FILTER is left to our engine."""
    start, text = service.pattern.start, tree.text[: service.end]
    for element in tree.deferred.get(service.start, ()):
        blank = re.sub(r"[^\r\n]", " ", text[element.start : element.end])
        text = text[: element.start] + blank + text[element.end :]
    return text[start:]


def key_candidates(tree: Tree, service: Element) -> frozenset[str]:
    """Return the variables that each solution of a SERVICE binds and that stand outside of it."""
    outside = tree.outside(service.pattern.start, service.end)
    sure = scope.certain(service.pattern) - nodes.unclear(tree, service.pattern)
    return sure & outside


def keyed(whole: Part, tree: Tree, service: Element, keys: tuple[str, ...]) -> Part:
    """Return a part that is asked about some keys."""
    body, begins, names = service.pattern, service.pattern.start + 1, frozenset(keys)
    inside = place(tree, body, names)
    places = [inside or 0, *(each for each in copies(tree, body, names) if each != inside)]
    added = nodes.filters(tree, body, names)
    text = whole.body
    for offset, words in sorted(added, reverse=True):
        text = text[: offset - begins] + words + text[offset - begins :]
    first, *others = (
        each - begins + sum(len(words) for offset, words in added if offset < each)
        for each in places
    )
    return replace(
        whole,
        body=text,
        keys=keys,
        inline=inside is not None,
        place=0 if inside is None else first,
        copies=tuple(others),
    )


def copies(tree: Tree, group: Group, keys: frozenset[str]) -> Iterator[int]:
    """Yield the offsets at which VALUES for some keys may stand in the sub-queries of a group.

    Many engines compute a sub-query before they join it, whatever it is joined with. What has other
    keys there comes to nothing later, or is compared with what has the keys.
    """
    if group.select is not None:
        shown = scope.plain(group.select) & scope.certain(group)
        found = place(tree, group.select.where, keys) if keys <= shown else None
        if found is not None:
            yield found
        return
    bound: frozenset[str] = frozenset()
    for element in group.elements:
        if element.kind in _JOINED or (element.kind in _COMPARED and keys <= bound):
            for inner in element.groups:
                yield from copies(tree, inner, keys)
        bound |= scope.certain_of(element)


def place(tree: Tree, group: Group, keys: frozenset[str]) -> int | None:
    """Return the offset in the text at which VALUES for some keys may stand in a group.

    There it changes nothing but the number of solutions: it stands before all that would come out
    differently if a key were bound. None if there is no such place. It is put into a sub-query that
    shows its keys row by row, for what aggregates would else do so over all that a source has.
    """
    if group.select is not None:
        shown = scope.plain(group.select) & scope.certain(group)
        return place(tree, group.select.where, keys) if keys <= shown else None
    for element in group.elements:
        if element.kind in _DEPENDENT:
            break
        deeper = element.kind is Kind.GROUP and _is_query(element.pattern)
        if deeper and keys <= scope.certain_of(element):
            found = place(tree, element.pattern, keys)
            if found is not None:
                return found
    return group.start + 1 if _leads(tree, group, keys) else None


def _is_query(group: Group) -> bool:
    """Tell whether a group is a sub-query, or nothing but a group that is one."""
    alone = len(group.elements) == 1 and group.elements[0].kind is Kind.GROUP
    return group.select is not None or (alone and _is_query(group.elements[0].pattern))


def _leads(tree: Tree, group: Group, keys: frozenset[str]) -> bool:
    """Tell whether each key is bound for sure before anything depends on it."""
    bound: frozenset[str] = frozenset()
    for element in group.elements:
        named = tree.mentioned(element.start, element.end)
        if element.kind in _DEPENDENT and named & (keys - bound):
            return False
        bound |= scope.certain_of(element)
    return keys <= bound


def _prologue(tree: Tree, body: str) -> str:
    """Return the declarations of a query; without a BASE, relative IRIs are of our own."""
    relative = any(_RELATIVE.search(text) for text in (tree.prologue, body))
    based = any(token.text.upper() == "BASE" for token in gate.tokens(tree.prologue))
    return f"BASE <{BASE}>\n{tree.prologue}" if relative and not based else tree.prologue


def wanted(tree: Tree, service: Element) -> tuple[str, ...]:
    """Return the variables of a SERVICE that the rest of the query sees; one if it sees none."""
    shown = scope.visible(service.pattern) | _labels(tree, service)
    start, end = service.pattern.start, service.end
    inside = [name for offset, name in tree.occurrences if start < offset < end]
    first = dict.fromkeys(name for name in (*inside, *sorted(shown)) if name in shown)
    outside = tree.outside(service.pattern.start, service.end)
    outside |= scope.named(tree.deferred.get(service.start, ()))
    seen = [name for name in first if name in outside or _is_all_shown(tree, service)]
    unseen = [name for name in first if name in scope.visible(service.pattern)]
    return tuple(seen or unseen[:1])


def _labels(tree: Tree, service: Element) -> frozenset[str]:
    """Return the variables of labels that Wikidata's service for them gives, of those wanted."""
    if not inner_services(service):
        return frozenset()
    named = tree.mentioned(service.pattern.start, service.end)
    made = frozenset(name + end for name in named for end in _LABELS)
    return made & tree.mentioned(0, len(tree.text))


def _is_all_shown(tree: Tree, service: Element) -> bool:
    """Tell whether a `*` around a SERVICE shows all of its variables."""
    inner = (group.select for group in groups(tree.select) if group.select is not None)
    return any(
        select.star and select.where.start <= service.start < select.where.end
        for select in (tree.select, *inner)
    )


def _filters(tree: Tree, service: Element) -> tuple[str, ...]:
    """Return the FILTERs beside a SERVICE that it alone decides, as expressions.

    A solution of the SERVICE that fails one is in no solution of the group; where one of its
    variables is unbound something else may bind it, and it passes.
    """
    shown = scope.visible(service.pattern)
    for inner in inner_services(service):
        shown -= tree.mentioned(inner.start, inner.end)
    sure = scope.certain(service.pattern)
    return tuple(
        _guarded(tree, element, sure)
        for element in _beside(tree, service)
        if element.kind is Kind.FILTER
        and element.variables
        and shown.issuperset(element.variables)
        and not element.groups
        and _is_known(tree.text[element.start + len(Kind.FILTER) : element.end])
    )


def _beside(tree: Tree, service: Element) -> tuple[Element, ...]:
    """Return the elements of the group in which a SERVICE stands."""
    return next(group.elements for group in groups(tree.select) if service in group.elements)


def _guarded(tree: Tree, element: Element, sure: frozenset[str]) -> str:
    unsure = [name for name in element.variables if name not in sure]
    guards = "".join(f"!BOUND(?{name}) || " for name in unsure)
    return f"{guards}({tree.text[element.start + len(Kind.FILTER) : element.end].strip()}\n)"


def _is_known(expression: str) -> bool:
    """Tell whether an expression has none but functions that are the same everywhere."""
    tokens = list(gate.tokens(expression))
    for token, after in zip(tokens, [*tokens[1:], gate.Token("end", "", 0)], strict=True):
        if (
            token.kind == "word"
            and token.text.upper() not in _FUNCTIONS
            and not _is_tag(expression, token)
        ):
            return False
        if token.kind in {"name", "iri"} and (after.text == "(" or variable(token)):
            return False
        if token.kind == "iri" and ("(" in token.text or "?" in token.text):
            return False
    return True


def _is_tag(expression: str, token: gate.Token) -> bool:
    return expression[token.offset - 1 : token.offset] == "@"
