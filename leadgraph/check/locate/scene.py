"""The data, the shapes and a node -> where it is spoken of, for whatever a result may blame.

Graph logic over paths: nothing here knows of characters. `check/locate/located.py` finds the place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from leadgraph.check import paths
from leadgraph.check.locate.targets import TYPE
from leadgraph.check.locate.walk import reach
from leadgraph.vocabulary import RDFS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from leadgraph.check.locate.statements import At, Statements
    from leadgraph.check.locate.targets import Shapes
    from leadgraph.check.locate.walk import Step
    from leadgraph.check.results import Result
    from leadgraph.check.slice import Term

MOST_RELATED = 10
_SUBCLASS = NamedNode(RDFS + "subClassOf")


class Part(Enum):
    """What of a statement is to be touched; STATEMENT is all that its removal takes out."""

    SUBJECT = "subject"
    PREDICATE = "predicate"
    OBJECT = "object"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class Culprit:
    """A part of a statement, and further ones that belong to the matter."""

    at: At
    part: Part
    related: tuple[Culprit, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """What a result is about: the data, the shapes, and where a statement stands in its text."""

    statements: Statements
    shapes: Shapes
    offset: Callable[[At], int]
    _last: dict[tuple[paths.Path, Term], dict[Term, Step | None]] = field(default_factory=dict)

    def values(self, result: Result) -> dict[Term, Step | None]:
        """Return the value nodes of a result's path, those of the graph around first."""
        if result.focus is None or result.path is None:
            return {}
        return self.walk(result.path, result.focus)

    def walk(self, path: paths.Path, focus: Term) -> dict[Term, Step | None]:
        """Return where a path leads, in the order of the texts.

        The last answer is kept: a focus node with hundreds of wrong values has them in a row.
        """
        if (path, focus) not in self._last:
            found = reach(self.statements, path, {focus: None})
            ordered = sorted(found.items(), key=lambda item: self.order(item[1]))
            self._last.clear()
            self._last[path, focus] = dict(ordered) if len(found) > 1 else found
        return self._last[path, focus]

    def order(self, step: Step | None) -> tuple[bool, int, int]:
        """Return where a step stands: the graph around, then the files and their texts."""
        if step is None:
            return (False, -1, -1)
        own = self.statements.is_own(step.at)
        return (own, step.at.file, self.offset(step.at) if own else step.at.number)


def block(
    node: Term | None, scene: Scene, shape: Term | None = None, here: Culprit | None = None
) -> Culprit | None:
    """Return the subject of what is said about a node, else the object that names it.

    First the block with the type by which the shape targets it, first the files to check.
    """
    if node is None:
        return here
    statements, targets = scene.statements, scene.shapes.targets(shape)
    own = statements.about(node, around=False)
    if own:
        return Culprit(_typed(own, node, targets.classes, scene) or own[0], Part.SUBJECT)
    if here:
        return here
    named = statements.naming(node, around=False)
    if named:
        targeted = (at for at in named if statements.triple(at).predicate in targets.predicates)
        return Culprit(next(targeted, named[0]), Part.OBJECT)
    return _around(node, statements)


def _around(node: Term, statements: Statements) -> Culprit | None:
    about, naming = statements.about(node), statements.naming(node)
    if about:
        return Culprit(about[0], Part.SUBJECT)
    return Culprit(naming[0], Part.OBJECT) if naming else None


def _typed(own: Sequence[At], node: Term, classes: frozenset[Term], scene: Scene) -> At | None:
    """The statement of the type by which a node is targeted, which may be a narrower class."""
    types = scene.statements.about(node, TYPE, around=False)
    if not classes:
        return None
    exact = (at for at in types if scene.statements.triple(at).object in classes)
    return next(exact, None) or next(
        (at for at in types if is_below(scene.statements.triple(at).object, classes, scene)), None
    )


def is_below(kind: Term, classes: frozenset[Term], scene: Scene) -> bool:
    """Whether a class is one of some classes or narrower."""
    above = paths.Repeated(paths.Predicate(_SUBCLASS), 0, None)
    return not classes.isdisjoint(reach(scene.statements, above, {kind: None}))


def touched(step: Step | None, scene: Scene) -> Culprit | None:
    """The last statement on a way that stands in a file to check."""
    while step and not scene.statements.is_own(step.at):
        step = step.before
    if step is None:
        return None
    return Culprit(step.at, Part.SUBJECT if step.backwards else Part.OBJECT)


def subject(result: Result, scene: Scene, here: Culprit | None) -> Culprit | None:
    """Return where a result's focus node is spoken of."""
    return block(result.focus, scene, result.shape, here)
