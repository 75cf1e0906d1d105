"""Result -> Culprit: the statement, and the part of it, that a contributor must touch."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from leadgraph.check import paths
from leadgraph.check.locate.faulty_counts import (
    missing,
    same_language,
    too_few_such,
    too_many,
    too_many_such,
)
from leadgraph.check.locate.faulty_values import closed, not_itself, wrong_value
from leadgraph.check.locate.scene import MOST_RELATED, Part, is_below, touched
from leadgraph.check.locate.targets import TYPE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from leadgraph.check.locate.scene import Culprit, Scene
    from leadgraph.check.results import Result

_UPPER_BOUNDS = frozenset(
    f"{name}ConstraintComponent" for name in ("MaxCount", "QualifiedMaxCount", "UniqueLang")
)


def culprit(result: Result, scene: Scene, here: Culprit | None = None) -> Culprit | None:
    """Return what a result of a shape blames, None if its focus node stands nowhere.

    `here` is where the focus node of a nested result is named, for when no file says more of it.
    """
    find = _FINDERS.get(result.constraint or "", wrong_value)
    return find(result, scene, here)


# --- Shapes within shapes ---------------------------------------------------------------------


def _nested(result: Result, scene: Scene, here: Culprit | None) -> Culprit | None:
    """What the inner shapes blame, if that stands in the files; else the value itself."""
    inner = (*result.details, *chain.from_iterable(result.alternatives))
    return _inner(inner, scene, wrong_value(result, scene, here))


def _one_of(result: Result, scene: Scene, here: Culprit | None) -> Culprit | None:
    """What the nearest alternative blames: the one with the least to mend."""
    value = wrong_value(result, scene, here)
    unmet = [found for found in result.alternatives if found]
    if len(unmet) < len(result.alternatives) or not unmet:
        return value
    nearest = min(unmet, key=_distance)
    return _inner(nearest, scene, value)


def _distance(unmet: tuple[Result, ...]) -> tuple[int, bool, int]:
    """How far from met: a thing with statements was meant for an alternative that speaks of them.

    What has a value that is wrong is nearer than what has none.
    """
    lacking = sum(_FINDERS.get(result.constraint or "") is missing for result in unmet)
    return len(unmet), not any(map(_is_deep, unmet)), lacking


def _is_deep(result: Result) -> bool:
    """Whether it is about what is said of a node, not only about the node."""
    said = result.path is not None or result.constraint == "DisjointConstraintComponent"
    return said or bool(result.details or result.alternatives)


def _inner(results: Iterable[Result], scene: Scene, here: Culprit | None) -> Culprit | None:
    found = (culprit(result, scene, here) for result in results if _is_deep(result) or not here)
    own = [one for one in found if one and one != here and scene.statements.is_own(one.at)]
    if not own:
        return here
    own.sort(key=lambda one: (one.at.file, scene.offset(one.at)))
    first, *others = dict.fromkeys(replace(one, related=()) for one in own)
    related = ([here] if here and here.part is Part.OBJECT else []) + others
    return replace(first, related=tuple(related[:MOST_RELATED]))


def _forbidden(result: Result, scene: Scene, here: Culprit | None) -> Culprit | None:
    """The statement that makes a sh:not's shape hold, else the value."""
    value = wrong_value(result, scene, here)
    asked = sorted(chain.from_iterable(result.alternatives), key=_plainness)
    inside = here or result.path is not None
    held = (_holding(one, scene) for one in asked if one.path or not inside)
    found = next(filter(None, held), None)
    if found is None:
        return value
    return replace(found, related=(value,) if value and inside else ())


def _plainness(asked: Result) -> int:
    """First what asks for one value, last what asks for any."""
    return {"HasValueConstraintComponent": 0, "MinCountConstraintComponent": 2}.get(
        asked.constraint or "", 1
    )


def _holding(asked: Result, scene: Scene) -> Culprit | None:
    """The statement by which a node is as a constraint asks."""
    if asked.constraint in _UPPER_BOUNDS or asked.focus is None:
        return None
    if asked.path is None:
        wanted = asked.parameters.get("class", ())
        steps = scene.walk(paths.Predicate(TYPE), asked.focus) if wanted else {}
        found = [step for kind, step in steps.items() if is_below(kind, frozenset(wanted), scene)]
    else:
        wanted = asked.parameters.get("hasValue", ())
        steps = scene.walk(asked.path, asked.focus)
        found = [step for value, step in steps.items() if not wanted or value in wanted]
    first = next(filter(None, (touched(step, scene) for step in found)), None)
    whole = asked.constraint == "MinCountConstraintComponent"
    if first and whole and first.part is Part.OBJECT:
        return replace(first, part=Part.STATEMENT)
    return first


_FINDERS: dict[str, Callable[[Result, Scene, Culprit | None], Culprit | None]] = {
    "MaxCountConstraintComponent": too_many,
    "QualifiedMaxCountConstraintComponent": too_many_such,
    "UniqueLangConstraintComponent": same_language,
    "MinCountConstraintComponent": missing,
    "HasValueConstraintComponent": missing,
    "QualifiedMinCountConstraintComponent": too_few_such,
    "NodeConstraintComponent": _nested,
    "PropertyConstraintComponent": _nested,
    "AndConstraintComponent": _nested,
    "OrConstraintComponent": _one_of,
    "XoneConstraintComponent": _one_of,
    "NotConstraintComponent": _forbidden,
    "ClosedConstraintComponent": closed,
    "DisjointConstraintComponent": not_itself,
}
