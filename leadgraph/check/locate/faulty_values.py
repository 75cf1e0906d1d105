"""A result about a value -> the statement that says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from leadgraph.check.locate.scene import Culprit, Part, subject, touched

if TYPE_CHECKING:
    from leadgraph.check.locate.scene import Scene
    from leadgraph.check.locate.statements import Statements
    from leadgraph.check.results import Result
    from leadgraph.check.slice import Term


def wrong_value(result: Result, scene: Scene, here: Culprit | None) -> Culprit | None:
    """The object that gives the value; the focus node's own block where it is the value."""
    if result.path is None:
        if here or result.value is None or result.value == result.focus:
            return here or subject(result, scene, here)
        return _said(result, scene) or subject(result, scene, here)
    values = scene.values(result)
    if result.value in values:
        return touched(values[result.value], scene) or subject(result, scene, here)
    if result.value is None:
        found = (touched(step, scene) for step in values.values())
        return next(filter(None, found), None) or subject(result, scene, here)
    return _said(result, scene) or subject(result, scene, here)


def _said(result: Result, scene: Scene) -> Culprit | None:
    """A value that no path leads to (sh:equals, sh:sparql): whatever names it at the focus."""
    if result.focus is None or result.value is None:
        return None
    wanted = result.parameters.get("equals", ())
    named = [
        at
        for at in scene.statements.about(result.focus, around=False)
        if scene.statements.triple(at).object == result.value
    ]
    named.sort(key=lambda at: scene.statements.triple(at).predicate not in wanted)
    return Culprit(named[0], Part.OBJECT) if named else None


def not_itself(result: Result, scene: Scene, here: Culprit | None) -> Culprit | None:
    """The value that sh:disjoint forbids; of a node shape, where the focus node names itself."""
    statements, forbidden = scene.statements, result.parameters.get("disjoint", ())
    if result.path is None and result.focus is not None:
        named = statements.naming(result.focus, around=False)
        said = ((at, statements.triple(at)) for at in named)
        for at, triple in said:
            if triple.subject == result.focus and triple.predicate in forbidden:
                return Culprit(at, Part.OBJECT)
    return wrong_value(result, scene, here)


def closed(result: Result, scene: Scene, here: Culprit | None) -> Culprit | None:
    """The predicate that a closed shape does not know; of a value node for a property shape."""
    statements, predicate = scene.statements, result.predicate
    if isinstance(predicate, NamedNode) and result.value is not None:
        named = statements.naming(result.value, predicate, around=False)
        subjects = {result.focus} | _neighbours(result.focus, statements)
        near = [at for at in named if statements.triple(at).subject in subjects]
        near.sort(key=lambda at: statements.triple(at).subject != result.focus)
        if near:
            return Culprit(near[0], Part.PREDICATE)
    return subject(result, scene, here)


def _neighbours(node: Term | None, statements: Statements) -> set[Term | None]:
    return {statements.triple(at).object for at in statements.about(node)} if node else set()
