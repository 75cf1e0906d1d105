"""A result about how many values there are -> the one too many, or where one is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal

from leadgraph.check import paths
from leadgraph.check.locate.scene import MOST_RELATED, Culprit, Part, block, subject, touched
from leadgraph.check.locate.walk import reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadgraph.check.locate.scene import Scene
    from leadgraph.check.locate.walk import Step
    from leadgraph.check.results import Result
    from leadgraph.check.slice import Term


def too_many(result: Result, scene: Scene, here: Culprit | None) -> Culprit | None:
    """The first statement beyond the number that is allowed."""
    steps = list(scene.values(result).values())
    most = _number(result, "maxCount")
    return _surplus(steps, most, scene) or subject(result, scene, here)


def too_many_such(result: Result, scene: Scene, here: Culprit | None) -> Culprit | None:
    """The same among the values that are such as the shape counts."""
    values, counted = scene.values(result), result.parameters.get("conforming")
    steps = [step for value, step in values.items() if counted is None or value in counted]
    most = _number(result, "qualifiedMaxCount")
    return _surplus(steps, most, scene) or subject(result, scene, here)


def same_language(result: Result, scene: Scene, here: Culprit | None) -> Culprit | None:
    """The second text in a language that only one may have."""
    said = result.parameters.get("language", ())
    tags = {tag.value for tag in said if isinstance(tag, Literal)}
    steps = [
        step
        for value, step in scene.values(result).items()
        if isinstance(value, Literal) and (value.language or "").lower() in tags
    ]
    return _surplus(steps, 1, scene) or subject(result, scene, here)


def _surplus(steps: Sequence[Step | None], most: int, scene: Scene) -> Culprit | None:
    surplus = [step for step in steps[most:] if step and scene.statements.is_own(step.at)]
    if not surplus:
        return None
    first = surplus[0]
    others = (touched(step, scene) for step in steps if step and step != first)
    part = Part.SUBJECT if first.backwards else Part.STATEMENT
    return Culprit(first.at, part, tuple(filter(None, others))[:MOST_RELATED])


def missing(result: Result, scene: Scene, here: Culprit | None) -> Culprit | None:
    """Where to add: the block about the last node that the path reaches."""
    if result.focus is None or result.path is None:
        return subject(result, scene, here)
    last: dict[Term, Step | None] = {result.focus: None}
    *before, end = _parts(result.path)
    for part in before:
        found = reach(scene.statements, part, last)
        if not found:
            break
        last = found
    else:
        lacking = {n: s for n, s in last.items() if not reach(scene.statements, end, {n: None})}
        last = lacking or last
    node, step = min(last.items(), key=lambda item: scene.order(item[1]))
    return block(node, scene, result.shape, touched(step, scene) or here)


def _parts(path: paths.Path) -> tuple[paths.Path, ...]:
    """The paths that a path is a sequence of."""
    match path:
        case paths.Sequence(steps):
            return tuple(part for step in steps for part in _parts(step))
        case paths.Inverse(paths.Sequence(steps)):
            return tuple(part for step in reversed(steps) for part in _parts(paths.Inverse(step)))
        case paths.Inverse(paths.Inverse(inner)):
            return _parts(inner)
    return (path,)


def too_few_such(result: Result, scene: Scene, here: Culprit | None) -> Culprit | None:
    """The value that should be such a one, where there are as many values as wanted."""
    values = scene.values(result)
    counted = result.parameters.get("conforming")
    if counted is not None and len(values) == _number(result, "qualifiedMinCount"):
        found = (touched(step, scene) for node, step in values.items() if node not in counted)
        first = next(filter(None, found), None)
        if first:
            return first
    return subject(result, scene, here) if values else missing(result, scene, here)


def _number(result: Result, name: str) -> int:
    """The number that the constraint gives; `01` is one too."""
    value = next(iter(result.parameters.get(name, ())), None)
    return int(value.value) if isinstance(value, Literal) else 1
