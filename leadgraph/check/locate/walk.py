"""A node and a property path -> the nodes it leads to, each with the statements on the way.

Where several ways lead to one node, that one counts which ends in a file to check, then the
shortest, then the first in the text: that is what the contributor can touch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from leadgraph.check import paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyoxigraph import NamedNode

    from leadgraph.check.locate.statements import At, Statements
    from leadgraph.check.slice import Term


class Step(NamedTuple):
    """A statement on the way, walked from its object to its subject if `backwards`."""

    at: At
    backwards: bool
    before: Step | None
    length: int


Ways = dict["Term", Step | None]
"""The nodes that were reached, with the last step to each; None where no step was made."""


def reach(
    statements: Statements, path: paths.Path, starts: Mapping[Term, Step | None]
) -> dict[Term, Step | None]:
    """Return the value nodes of the path from the start nodes (SHACL, 2.3.1)."""
    return _walk(statements, path, starts, backwards=False)


def _walk(
    statements: Statements,
    path: paths.Path,
    starts: Mapping[Term, Step | None],
    *,
    backwards: bool,
) -> dict[Term, Step | None]:
    match path:
        case paths.Predicate(iri):
            return _step(statements, iri, starts, backwards=backwards)
        case paths.Inverse(inner):
            return _walk(statements, inner, starts, backwards=not backwards)
        case paths.Sequence(parts):
            reached = dict(starts)
            for part in reversed(parts) if backwards else parts:
                reached = _walk(statements, part, reached, backwards=backwards)
            return reached
        case paths.Alternative(choices):
            reached = {}
            for choice in choices:
                found = _walk(statements, choice, starts, backwards=backwards)
                _add(statements, reached, found.items())
            return reached
        case paths.Repeated():
            return _repeat(statements, path, starts, backwards=backwards)


def _step(
    statements: Statements,
    iri: NamedNode,
    starts: Mapping[Term, Step | None],
    *,
    backwards: bool,
) -> dict[Term, Step | None]:
    reached: dict[Term, Step | None] = {}
    for node, before in starts.items():
        length = before.length + 1 if before else 1
        for at in (statements.naming if backwards else statements.about)(node, iri):
            triple = statements.triple(at)
            node_there = triple.subject if backwards else triple.object
            _add(statements, reached, [(node_there, Step(at, backwards, before, length))])
    return reached


def _repeat(
    statements: Statements,
    path: paths.Repeated,
    starts: Mapping[Term, Step | None],
    *,
    backwards: bool,
) -> dict[Term, Step | None]:
    """Breadth first, so that each node is reached by one of the shortest ways."""
    reached: dict[Term, Step | None] = {} if path.least else dict(starts)
    edge = dict(starts)
    rounds = 0
    while edge and (path.most is None or rounds < path.most):
        rounds += 1
        found = _walk(statements, path.path, edge, backwards=backwards)
        edge = {node: step for node, step in found.items() if node not in reached}
        reached.update(edge)
    return reached


def _add(
    statements: Statements,
    reached: dict[Term, Step | None],
    found: Iterable[tuple[Term, Step | None]],
) -> None:
    for node, step in found:
        if node not in reached or _rank(statements, step) < _rank(statements, reached[node]):
            reached[node] = step


def _rank(statements: Statements, step: Step | None) -> tuple[bool, int, int, int]:
    if step is None:
        return (False, 0, 0, 0)
    return (not statements.is_own(step.at), step.length, *step.at)
