"""A result of shapes in shapes -> what is wrong, which ways there are, and which is the nearest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from leadgraph.check.explain.repair import of_datatype
from leadgraph.check.explain.voice import Told, Voice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from leadgraph.check.results import Result
    from leadgraph.check.slice import Term

    Inner = Callable[[Result], Told]

_MOST_SAID = 3
_MOST_CHOICES = 8
_FAR = 4
_TRIVIAL = frozenset({"ClassConstraintComponent", "DatatypeConstraintComponent"})
_ON_TERMS = frozenset({*_TRIVIAL, "NodeKindConstraintComponent"})


def nearest(alternatives: Sequence[Sequence[Result]]) -> int | None:
    """Return which of several alternatives is the nearest, None where none clearly is."""
    costs = [sum(map(_cost, found)) for found in alternatives]
    best = min(costs, default=0)
    return costs.index(best) if costs.count(best) == 1 and len(costs) > 1 else None


def advice(result: Result, voice: Voice, inner: Inner) -> str | None:
    """Return what comes nearest, for a shape whose own words cannot know the data.

    None for choices between classes or datatypes alone, which such words name.
    """
    constraint = (result.constraint or "").removesuffix("ConstraintComponent")
    found = [each for way in result.alternatives for each in way]
    if constraint not in {"Or", "Xone"} or not found or not all(result.alternatives):
        return None
    if all(each.constraint in _ON_TERMS for each in found):
        return None
    number = nearest(result.alternatives)
    if number is None:
        return None
    return voice.say("nearest-needs", remedy=_remedies(result.alternatives[number], inner))


def _cost(result: Result) -> int:
    """How far the data is from what one constraint asks."""
    if result.details:
        return sum(map(_cost, result.details))
    if result.constraint not in _ON_TERMS:
        return 1
    value = result.focus if result.value is None else result.value
    if result.constraint == "DatatypeConstraintComponent":
        known = of_datatype(value, result.parameters.get("datatype", ()))
        if known and known.term is not None:
            return 1
    wants_literal = result.constraint == "DatatypeConstraintComponent" or _literal_kind(result)
    return 2 if isinstance(value, Literal) == wants_literal else _FAR


def _literal_kind(result: Result) -> bool:
    return any("Literal" in str(kind) for kind in result.parameters.get("nodeKind", ()))


def _remedies(found: Sequence[Result], inner: Inner) -> str:
    """What to do about some results, each once."""
    said = [inner(each) for each in found]
    return " ".join(dict.fromkeys(each.remedy or each.wrong for each in said[:_MOST_SAID]))


def _one_of(result: Result, voice: Voice, inner: Inner) -> Told:
    """sh:or and sh:xone: none of the alternatives is met, or several of one only."""
    ways = result.alternatives
    members = _members(result, voice)
    if not ways:
        phrases = [voice.phrase(member) for member in members]
        wrong = voice.say("misfit", subject=voice.subject(result))
        return Told(wrong, voice.say("write-do", expected=voice.joined("or", phrases)))
    met = [number for number, found in enumerate(ways) if not found]
    if met:
        return _several(result, voice, [members[n] for n in met if n < len(members)], len(met))
    wrong = voice.say("none-of", subject=voice.subject(result), count=str(len(ways)))
    choices = [f"({n}) {_remedies(found, inner)}" for n, found in enumerate(ways, 1)]
    do = voice.say("choose-do", choices=" ".join(choices[:_MOST_CHOICES]))
    number = nearest(ways)
    near = "" if number is None else " " + voice.say("nearest", number=str(number + 1))
    return Told(wrong, do + near)


def _several(result: Result, voice: Voice, members: Sequence[Term], count: int) -> Told:
    phrases = [f"({n}) {voice.phrase(member)}" for n, member in enumerate(members, 1)]
    wrong = voice.say(
        "several-of",
        subject=voice.subject(result),
        count=str(count),
        choices=", ".join(phrases[:_MOST_CHOICES]),
    )
    return Told(wrong, voice.say("several-of-do"))


def _members(result: Result, voice: Voice) -> tuple[Term, ...]:
    name = "or" if (result.constraint or "").startswith("Or") else "xone"
    return voice.shapes.asked(result, name)


def _not(result: Result, voice: Voice, _inner: Inner) -> Told:
    """sh:not: just what must not be."""
    forbidden = voice.shapes.asked(result, "not")
    shape = forbidden[0] if forbidden else None
    if shape is not None and voice.shapes.values(shape, "path"):
        what = voice.what(shape)
        wrong = voice.say("not-with", subject=voice.subject(result), what=what)
        return Told(wrong, voice.say("take-out-do", what=what))
    expected = voice.phrase(shape) if shape is not None else voice.say("something-of-the-kind")
    wrong = voice.say("not", subject=voice.subject(result))
    return Told(wrong, voice.say("not-do", expected=expected))


def _described(result: Result, voice: Voice, inner: Inner) -> Told:
    """sh:node, sh:and, sh:property: what the shapes inside find."""
    found = result.details or tuple(each for way in result.alternatives for each in way)
    if found:
        wrong = voice.say("inner", subject=voice.subject(result))
        return Told(wrong, " ".join(dict.fromkeys(str(inner(each)) for each in found[:_MOST_SAID])))
    name = (result.constraint or "")[:1].lower() + (result.constraint or "")[1:]
    asked = voice.shapes.asked(result, name.removesuffix("ConstraintComponent"))
    wrong = voice.say("misfit", subject=voice.subject(result))
    shape = next((each for each in asked if isinstance(each, NamedNode)), result.shape)
    named = voice.name_of(shape, result.code) if shape is not None else result.code
    return Told(wrong, voice.say("inner-do", name=named))


def _qualified(parameter: str, key: str, fact: str) -> Callable[[Result, Voice, Inner], Told]:
    """Too few or too many values of one kind; with too few, what the others lack."""

    def tell(result: Result, voice: Voice, inner: Inner) -> Told:
        shapes = voice.shapes.asked(result, "qualifiedValueShape")
        expected = voice.joined("and", [voice.phrase(shape) for shape in shapes])
        counts = voice.shapes.asked(result, parameter)
        focus = voice.names.shown(result.focus) if result.focus is not None else ""
        wrong = voice.say(key, focus=focus, property=voice.property(result) or "...")
        count = voice.names.shown(counts[0]) if counts else "..."
        do = voice.say(f"{key}-do", expected=expected, **{fact: count})
        lacking = dict.fromkeys(str(inner(each)) for each in result.details[:_MOST_SAID])
        return Told(wrong, " ".join([do, *lacking]))

    return tell


TELL: dict[str, Callable[[Result, Voice, Inner], Told]] = {
    "Or": _one_of,
    "Xone": _one_of,
    "Not": _not,
    "And": _described,
    "Node": _described,
    "Property": _described,
    "QualifiedMinCount": _qualified("qualifiedMinCount", "too-few-of-a-kind", "least"),
    "QualifiedMaxCount": _qualified("qualifiedMaxCount", "too-many-of-a-kind", "most"),
}
"""Core constraint component (SHACL, 4), without its ending -> its words."""
