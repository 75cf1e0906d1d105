"""Text of a query that asks other endpoints -> its tree, or what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, QuerySolutions, Store

from leadgraph.errors import LabelServiceOutside, QueryError, ServiceMalformed
from leadgraph.link.text.existence import deferred, is_joined, within
from leadgraph.link.text.parse import parse
from leadgraph.link.text.reader import NotUnderstood
from leadgraph.link.text.tree import Kind, services, services_in
from leadgraph.query import gate
from leadgraph.query.explain import malformed
from leadgraph.vocabulary import BASE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadgraph.link.text.tree import Element, Tree

LABEL_SERVICE = "http://wikiba.se/ontology#label"

_OTHER = NamedNode("urn:leadgraph:other")
_PLACE = re.compile(r"error at (\d+):(\d+): (?:expected )?(.*)", re.DOTALL)
_WRITE = "Write blanks around each keyword of the query, or take that SERVICE out of it."


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query, its SERVICEs in the order of the text, and the IRI of each that names one."""

    tree: Tree
    services: tuple[Element, ...]
    named: Mapping[int, str]


def read(text: str) -> Parsed:
    """Return what a query asks of whom.

    Raises:
        QueryMalformed: if the text is not a query.
        ServiceMalformed: if a SERVICE stands where it cannot be answered, or cannot be told apart.
        LabelServiceOutside: if `SERVICE wikibase:label` stands outside of one for Wikidata.
    """
    try:
        tree = parse(text)
    except NotUnderstood as error:
        raise _complaint(text, error.offset) from None
    found = services(tree.select)
    inner = [element for service in found for element in inner_services(service)]
    _require_valid(tree, [*found, *inner])
    _require_all(text, [*found, *inner])
    named = {each.start: _named(tree, each) for each in found if not each.term_variable}
    for service in found:
        if named.get(service.start) == LABEL_SERVICE:
            raise _outside(tree, service)
        _require_alone(tree, service)
    later = {service.start: deferred(tree, service, seen) for service, seen in within(tree.select)}
    tree = replace(tree, deferred={offset: each for offset, each in later.items() if each})
    for service, around in within(tree.select):
        _require_joined(tree, service, around)
    return Parsed(tree, tuple(found), named)


def resolved(tree: Tree, term: str) -> str:
    """Return the IRI that a term of a query stands for, as the engine reads it."""
    text = f"{tree.prologue}SELECT * {{ VALUES ?x {{ {term} }} }}"
    solutions = Store().query(text, base_iri=BASE)
    assert isinstance(solutions, QuerySolutions)  # noqa: S101  # a SELECT has solutions
    value = next(iter(solutions))[0]
    assert isinstance(value, NamedNode)  # noqa: S101  # the grammar lets nothing else stand there
    return value.value


def _named(tree: Tree, service: Element) -> str:
    """Return the IRI of a SERVICE's source.

    Raises:
        QueryMalformed: if it is none: until here the engine saw the query without it.
    """
    try:
        return resolved(tree, service.term)
    except SyntaxError:
        place = gate.position(tree.text, tree.text.index(service.term, service.start))
        raise malformed(tree.text, place, "expected a valid IRI") from None


def is_label_service(tree: Tree, element: Element) -> bool:
    """Tell whether an element is `SERVICE wikibase:label`, which is no endpoint."""
    if element.kind is not Kind.SERVICE or element.term_variable is not None:
        return False
    return _named(tree, element) == LABEL_SERVICE


def inner_services(service: Element) -> list[Element]:
    """Return the SERVICEs in the body of one, at any depth."""
    found = services_in(service.pattern)
    return [each for inner in found for each in (inner, *inner_services(inner))]


def _require_valid(tree: Tree, found: list[Element]) -> None:
    """Have the engine parse a query in whose SERVICEs groups stand alone, at the same offsets."""
    text = tree.text
    for service in found:
        named = text[service.start : service.pattern.start]
        text = text[: service.start] + _blanked(named) + text[service.pattern.start :]
    _require_parsed(tree.text, text)


def _require_parsed(original: str, text: str) -> None:
    """Let a query pass that the engine can parse; it is not computed, nor made ready for it.

    To order the joins of a query takes the engine a time that grows with the fourth power of their
    number: minutes for 20 kB, which nothing here could end. Two datasets at once are what it
    refuses as soon as it has parsed.

    Raises:
        QueryMalformed: if it cannot.
    """
    try:
        Store().query(text, base_iri=BASE, use_default_graph_as_union=True, default_graph=_OTHER)
    except SyntaxError as error:
        line, column, expected = _told(error)
        raise malformed(original, (line, column), expected) from None
    except ValueError:
        return


def _told(error: SyntaxError) -> tuple[int, int, str]:
    """Return line, column and what the engine expected there."""
    found = _PLACE.fullmatch(str(error))
    return (int(found[1]), int(found[2]), found[3]) if found else (1, 1, str(error))


def _complaint(text: str, offset: int) -> QueryError:
    """Return why a text cannot be taken apart: what the engine says of it, if it cannot either.

    Nobody knows here which part of it is whose: what follows a SERVICE up to its brace is blank to
    the engine.
    """
    first, blank, end = None, text, 0
    for token in gate.services(text):
        start = token.offset + max(token.text.upper().rfind("SERVICE"), 0)
        first = start if first is None else first
        if start < end:
            continue
        opening = blank.find("{", start)
        end = len(blank) if opening < 0 else opening
        blank = blank[:start] + _blanked(blank[start:end]) + blank[end:]
    try:
        _require_parsed(text, blank)
    except QueryError as error:
        return error
    return _not_apart(text, offset if first is None else first)


def _blanked(text: str) -> str:
    return re.sub(r"[^\r\n]", " ", text)


def _require_all(text: str, found: list[Element]) -> None:
    """Let a query pass in which each SERVICE that the gate sees is one of the tree.

    Raises:
        ServiceMalformed: if there is another.
    """
    known = {element.start for element in found}
    for token in gate.services(text):
        is_known = any(
            start in known for start in range(token.offset, token.offset + len(token.text))
        )
        if not is_known and text[token.offset - 1 : token.offset] != "@":
            raise _not_apart(text, token.offset)


def _not_apart(text: str, offset: int) -> ServiceMalformed:
    reason = "it cannot be told apart from what stands beside it"
    return ServiceMalformed("", gate.position(text, offset), reason, _WRITE)


def _require_alone(tree: Tree, service: Element) -> None:
    """Let a SERVICE pass in which no other stands but Wikidata's for labels.

    Raises:
        ServiceMalformed: if another does.
    """
    for inner in inner_services(service):
        if not is_label_service(tree, inner):
            raise ServiceMalformed(
                _named(tree, inner) if inner.term_variable is None else inner.term,
                gate.position(tree.text, inner.start),
                "it stands inside of another SERVICE, whose source would have to ask for us",
                "Write the two beside each other: what one gives is joined with the other here.",
            )


def _require_joined(tree: Tree, service: Element, around: frozenset[str]) -> None:
    """Let a SERVICE in an EXISTS pass that need not be asked once for each solution around it.

    Raises:
        ServiceMalformed: if its pattern sees a variable of these other than by joining.
    """
    body = service.pattern
    seen = around & tree.mentioned(body.start, body.end)
    if not is_joined(tree, body, seen, later=tree.deferred.get(service.start, ())):
        raise ServiceMalformed(
            service.term,
            gate.position(tree.text, service.start),
            "in EXISTS it would have to be asked for each solution by itself, for its pattern uses "
            f"{' or '.join(f'?{name}' for name in sorted(seen))} in a BIND, an OPTIONAL, a MINUS, "
            "a group of its own or a function named by an IRI",
            "Put that beside the SERVICE, or name the variable inside of it another way.",
        )


def require_wikidata(tree: Tree, service: Element) -> None:
    """Let a SERVICE pass that asks for no labels, for it is none of Wikidata's.

    Raises:
        LabelServiceOutside: if it does.
    """
    for inner in inner_services(service):
        raise _outside(tree, inner)


def _outside(tree: Tree, element: Element) -> LabelServiceOutside:
    return LabelServiceOutside(
        LABEL_SERVICE,
        gate.position(tree.text, element.start),
        "only Wikidata has this service, and it stands outside of a SERVICE for Wikidata",
        "Put it inside: SERVICE <https://query.wikidata.org/sparql> { ... "
        'SERVICE wikibase:label { bd:serviceParam wikibase:language "en" } }',
    )
