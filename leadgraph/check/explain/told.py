"""A result and a voice -> what is wrong and what to do, for every core constraint of SHACL.

Nobody who reads these words has to know SHACL: they name the value, the property and what belongs
there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadgraph.check.explain import demands, logic
from leadgraph.check.explain.voice import Told, Voice

if TYPE_CHECKING:
    from leadgraph.check.results import Result

ENDING = "ConstraintComponent"


def told(result: Result, voice: Voice) -> Told:
    """Return the words about a result: the shape's own, where it has some in this language."""
    own = result.messages.get(voice.language)
    if own and has_own_words(result, voice):
        return Told(own, "")
    name = (result.constraint or "").removesuffix(ENDING)
    if name in logic.TELL:
        return logic.TELL[name](result, voice, lambda inner: told(inner, voice))
    return demands.TELL.get(name, _rule)(result, voice)


def has_own_words(result: Result, voice: Voice) -> bool:
    """Whether the messages are words of who wrote the shape, not what pySHACL says by itself."""
    if result.constraint == "SPARQL" + ENDING:
        speakers = (result.shape, *result.parameters.get("sparql", ()))
        return any(voice.shapes.values(each, "message") for each in speakers)
    return result.own_words


def _rule(result: Result, voice: Voice) -> Told:
    """A constraint in SPARQL, or of a component that somebody made, without words."""
    name = voice.name_of(result.shape, result.code) if result.shape else result.code
    wrong = voice.say("rule", subject=voice.subject(result), name=name)
    described = voice.shapes.description(result.shape, voice.language)
    return Told(wrong, described or voice.say("rule-do"))
