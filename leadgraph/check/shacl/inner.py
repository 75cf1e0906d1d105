"""Findings -> Results: each with what its constraint asks for, and what the shapes in it find."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import rdflib
from pyoxigraph import Literal
from rdflib import SH

from leadgraph.check.results import Result
from leadgraph.check.shacl import constraints
from leadgraph.check.shacl.terms import term
from leadgraph.model import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rdflib.term import Node

    from leadgraph.check.shacl.raw import Finding
    from leadgraph.check.slice import Term

_MOST_EXPLAINED = 1000
_DEEPEST = 4
_SEVERITIES: dict[Node, Severity] = {SH.Warning: Severity.WARNING, SH.Info: Severity.INFO}

Parameters = dict[str, tuple["Term", ...]]


@dataclass(frozen=True, slots=True)
class Shapes:
    """The shapes graph, and the validator that stands ready for its shapes.

    `ask(shape, node)` returns what a shape finds in a node, nothing if the node conforms;
    `walk(focus, path)` returns the value nodes of a path.
    """

    graph: rdflib.Graph
    ask: Callable[[Node, Node], list[Finding]]
    walk: Callable[[Node, Node], set[Node]]
    known: dict[tuple[Node, Node], tuple[str, Parameters]] = field(default_factory=dict)

    def constraint(self, shape: Node, component: Node) -> tuple[str, Parameters]:
        """Return the code of a shape and the parameters of its constraint."""
        key = (shape, component)
        if key not in self.known:
            found = constraints.parameters(self.graph, shape, component)
            self.known[key] = (constraints.code(self.graph, shape), found)
        return self.known[key]


def results(findings: Iterable[Finding], shapes: Shapes, depth: int = 0) -> Iterator[Result]:
    """Yield the findings as results.

    The shapes inside a shape are asked again only for so many of the results as somebody may
    read, and only so deep. pySHACL does not say which of several values of one parameter
    (`sh:or ( ... ) , ( ... )`) a result is about: they come in the order of the values.
    """
    before: Counter[tuple[Node, ...]] = Counter()
    for number, finding in enumerate(findings):
        key = (finding.shape, finding.component, finding.focus, finding.value or finding.shape)
        result = _plain(finding, shapes, depth)
        if number < _MOST_EXPLAINED and depth < _DEEPEST:
            result = _explained(result, finding, shapes, before[key], depth + 1)
        yield result
        before[key] += 1


def _plain(finding: Finding, shapes: Shapes, depth: int) -> Result:
    """What stands in the validation result itself."""
    path = finding.path
    code, parameters = shapes.constraint(finding.shape, finding.component)
    return Result(
        code=code,
        severity=_SEVERITIES.get(finding.severity, Severity.VIOLATION),
        messages=constraints.messages(finding.messages),
        constraint=constraints.local_name(str(finding.component)),
        focus=term(finding.focus),
        predicate=term(path) if isinstance(path, rdflib.URIRef) else None,
        value=None if finding.value is None else term(finding.value),
        path=constraints.path(shapes.graph, path),
        shape=term(finding.shape),
        parameters=parameters
        if finding.source is None
        else {**parameters, "sparql": (term(finding.source),)},
        details=tuple(results(finding.details, shapes, depth + 1)),
        own_words=constraints.own_words(shapes.graph, finding.shape, finding.component),
    )


def _explained(result: Result, finding: Finding, shapes: Shapes, nth: int, depth: int) -> Result:
    """The result with what only the validator or the data can tell."""
    name = constraints.core_name(finding.component) or ""
    explain = _EXPLAIN.get(name)
    return explain(result, finding, shapes, nth, depth) if explain else result


def _with(result: Result, **parameters: Iterable[Node]) -> Result:
    found = {name: tuple(map(term, nodes)) for name, nodes in parameters.items()}
    return replace(result, parameters={**result.parameters, **found})


def _nth(candidates: Sequence[Node], nth: int, blamed: Callable[[Node], bool]) -> Node | None:
    """The one of several values of a parameter that the nth result is about."""
    if len(candidates) == 1:
        return candidates[0]
    found = [each for each in candidates if blamed(each)]
    return found[nth] if nth < len(found) else None


def _logical(result: Result, finding: Finding, shapes: Shapes, nth: int, depth: int) -> Result:
    """sh:and, sh:or, sh:xone: the members of the list, and what each finds in the value node."""
    name = (constraints.core_name(finding.component) or "").lower()
    node = finding.focus if finding.value is None else finding.value
    asked: dict[Node, list[list[Finding]]] = {}

    def blamed(head: Node) -> bool:
        members = constraints.members(shapes.graph, head)
        asked[head] = [shapes.ask(member, node) for member in members]
        met = [not found for found in asked[head]]
        return {"and": not all(met), "or": not any(met), "xone": sum(met) != 1}[name]

    heads = constraints.values(shapes.graph, finding.shape, name)
    head = _nth(heads, nth, blamed)
    if head is None or not (head in asked or blamed(head)):
        return result
    return replace(
        _with(result, **{name: constraints.members(shapes.graph, head)}),
        alternatives=tuple(tuple(results(found, shapes, depth)) for found in asked[head]),
    )


def _not(result: Result, finding: Finding, shapes: Shapes, nth: int, _depth: int) -> Result:
    """The shape that is met but must not be, and what it asks for."""
    node = finding.focus if finding.value is None else finding.value
    forbidden = constraints.values(shapes.graph, finding.shape, "not")
    met = _nth(forbidden, nth, lambda shape: not shapes.ask(shape, node))
    if met is None:
        return result
    asked = tuple(_asked(met, node, shapes, _DEEPEST))
    return replace(_with(result, **{"not": [met]}), alternatives=(asked,))


def _asked(shape: Node, node: Node, shapes: Shapes, depth: int) -> Iterator[Result]:
    """The constraints of a shape as results about a node, without words."""
    for component in constraints.core_components(shapes.graph, shape):
        if component == SH.PropertyConstraintComponent and depth:
            for each in constraints.values(shapes.graph, shape, "property"):
                yield from _asked(each, node, shapes, depth - 1)
            continue
        code, parameters = shapes.constraint(shape, component)
        path = next(shapes.graph.objects(shape, SH.path), None)
        yield Result(
            code=code,
            severity=Severity.VIOLATION,
            messages={"en": ""},
            constraint=constraints.local_name(str(component)),
            focus=term(node),
            predicate=term(path) if isinstance(path, rdflib.URIRef) else None,
            path=constraints.path(shapes.graph, path),
            shape=term(shape),
            parameters=parameters,
        )


def _node(result: Result, finding: Finding, shapes: Shapes, nth: int, _depth: int) -> Result:
    """sh:node: the shape that the value node does not conform to."""
    node = finding.focus if finding.value is None else finding.value
    wanted = constraints.values(shapes.graph, finding.shape, "node")
    missed = _nth(wanted, nth, lambda shape: bool(shapes.ask(shape, node)))
    return result if missed is None else _with(result, node=[missed])


def _qualified(result: Result, finding: Finding, shapes: Shapes, _nth: int, depth: int) -> Result:
    """Which value nodes count (`conforming`), and for too few what the others lack."""
    if finding.path is None:
        return result
    counted: list[Node] = []
    lacking: list[Finding] = []
    nodes = sorted(shapes.walk(finding.focus, finding.path), key=str)
    for shape in constraints.values(shapes.graph, finding.shape, "qualifiedValueShape"):
        siblings = constraints.siblings(shapes.graph, finding.shape, shape)
        for node in nodes:
            found = shapes.ask(shape, node)
            lacking += found
            if not found and all(shapes.ask(sibling, node) for sibling in siblings):
                counted.append(node)
    result = _with(result, conforming=counted)
    if finding.component == SH.QualifiedMaxCountConstraintComponent:
        return result
    return replace(result, details=tuple(results(lacking, shapes, depth)))


def _unique_language(
    result: Result, finding: Finding, shapes: Shapes, nth: int, _depth: int
) -> Result:
    """The language tag, in small letters, that several value nodes have."""
    if finding.path is None:
        return result
    nodes = shapes.walk(finding.focus, finding.path)
    tags = Counter(
        n.language.lower() for n in nodes if isinstance(n, rdflib.Literal) and n.language
    )
    twice = sorted(tag for tag, count in tags.items() if count > 1)
    if nth >= len(twice):
        return result
    return replace(result, parameters={**result.parameters, "language": (Literal(twice[nth]),)})


_EXPLAIN: dict[str, Callable[[Result, Finding, Shapes, int, int], Result]] = {
    "And": _logical,
    "Or": _logical,
    "Xone": _logical,
    "Not": _not,
    "Node": _node,
    "QualifiedMinCount": _qualified,
    "QualifiedMaxCount": _qualified,
    "UniqueLang": _unique_language,
}
