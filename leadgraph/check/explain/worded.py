"""Results -> Results that people can read: in the project's languages, with what was meant.

A shape's own words stay as they are; where it has none, the constraint has words of ours
(`told.py`). To both is added which term was probably meant (`meant.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode

from leadgraph.check.explain import demands, logic
from leadgraph.check.explain.meant import Near
from leadgraph.check.explain.names import Names
from leadgraph.check.explain.placeholders import filled
from leadgraph.check.explain.shape_index import ShapeIndex
from leadgraph.check.explain.told import has_own_words, told
from leadgraph.check.explain.vocabulary_index import Vocabulary
from leadgraph.check.explain.voice import Voice
from leadgraph.check.results import Result, short, shown
from leadgraph.read import turtle
from leadgraph.vocabulary import graph_iri
from leadgraph.words import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyoxigraph import Triple

    from leadgraph.check.explain.vocabulary_index import Things
    from leadgraph.check.slice import FileGraph, Term
    from leadgraph.model import Source

_LONGEST_QUESTION = 200


def worded(  # noqa: PLR0913, PLR0917  # what can be known of a result
    results: Sequence[Result],
    sources: Sequence[Source],
    files: Sequence[FileGraph],
    context: Sequence[FileGraph],
    shapes: Sequence[Triple],
    things: Things | None = None,
) -> list[Result]:
    """Return the results in words, in their order.

    `sources` are where the files to check come from: they say which prefixes a file declares.
    `things` are those that may have been meant, where the context does not hold them all.
    """
    if not results:
        return []
    index = ShapeIndex(shapes)
    vocabulary = Vocabulary(files, context, index, things)
    writers = Writers(sources, files, results)
    teller = Teller(index, vocabulary, Near(index, vocabulary))
    return [teller.worded(result, writers.of(result)) for result in results]


class Writers:
    """Which file a result is about, and how that file writes terms."""

    def __init__(
        self, sources: Sequence[Source], files: Sequence[FileGraph], results: Sequence[Result]
    ) -> None:
        self._sources = {source.path: source for source in sources}
        self._files = files
        self._focus = {result.focus for result in results}
        self._names: dict[str, Names] = {}

    def of(self, result: Result) -> Names:
        """Return the names of the file that a rule blames, else of one that speaks of the focus."""
        path = self._blamed.get(result.graph) or self._speakers.get(result.focus)
        path = path or self._files[0].path
        if path not in self._names:
            source = self._sources.get(path)
            self._names[path] = Names(turtle.declared_prefixes(source) if source else {})
        return self._names[path]

    @cached_property
    def _blamed(self) -> dict[Term | None, str]:
        return {NamedNode(graph_iri(file.slug)): file.path for file in self._files}

    @cached_property
    def _speakers(self) -> dict[Term | None, str]:
        if len(self._files) == 1:
            return {}
        found: dict[Term | None, str] = {}
        for file in self._files:
            for triple in file.triples:
                if triple.subject in self._focus:
                    found.setdefault(triple.subject, file.path)
        return found


@dataclass(frozen=True, slots=True)
class Teller:
    """What is known around a result to explain it."""

    shapes: ShapeIndex
    vocabulary: Vocabulary
    near: Near

    def worded(self, result: Result, names: Names) -> Result:
        """Return a result with its words and, if one is likely, its suggestion."""
        english = Voice("en", names, self.shapes, self.vocabulary)
        suggestion = self._suggestion(result, english)
        foreign = result.constraint is not None and not has_own_words(result, english)
        if result.constraint is None:
            messages = _renamed(result, names)
        elif not foreign:
            messages = self._advised(result, names)
        else:
            messages = {
                language: str(told(result, replace(english, language=language)))
                for language in LANGUAGES
            }
        if suggestion and not (foreign and demands.repair(result, english)):
            messages = _asking(messages, suggestion)
        return replace(
            result, messages=messages, suggestion=suggestion, focus_name=_name(result, names)
        )

    def _suggestion(self, result: Result, voice: Voice) -> str | None:
        """What was probably meant, as the file would write it; of one inner result, its own."""
        found = demands.repair(result, voice)
        if found:
            return found.written(voice.names)
        term = self.near.meant(result)
        if term is not None:
            return _written(term, result, voice.names)
        inner = result.details
        return self._suggestion(inner[0], voice) if len(inner) == 1 else None

    def _advised(self, result: Result, names: Names) -> dict[str, str]:
        """A shape's own words, and after them which of its alternatives is the nearest."""
        messages = {tag: filled(text, result, names) for tag, text in result.messages.items()}
        for language in messages.keys() & set(LANGUAGES):
            voice = Voice(language, names, self.shapes, self.vocabulary)
            near = logic.advice(result, voice, partial(told, voice=voice))
            if near and not _is_foreign(messages, language):
                messages[language] += f" {near}"
        return messages


def _name(result: Result, names: Names) -> str | None:
    return None if isinstance(result.focus, BlankNode | None) else names.shown(result.focus)


def _written(term: Term, result: Result, names: Names) -> str:
    """The term as the file would write it; of a text with another language tag, the tag alone."""
    value = result.value if result.value is not None else result.focus
    if not isinstance(term, Literal) or not isinstance(value, Literal):
        return names.written(term)
    only_tag = term.language and value.language and term.value == value.value
    return f"@{term.language}" if only_tag else names.written(term)


def _asking(messages: dict[str, str], suggestion: str) -> dict[str, str]:
    """The messages, each asking in its own language for what was meant."""
    if len(suggestion) > _LONGEST_QUESTION:
        return messages
    return {
        language: text
        if language not in LANGUAGES or _is_foreign(messages, language)
        else f"{text} {say('constraints.did-you-mean', language, suggestion=suggestion)}"
        for language, text in messages.items()
    }


def _is_foreign(messages: dict[str, str], language: str) -> bool:
    """Whether a text counts as English only because there is no English one."""
    return language == "en" and any(
        text == messages["en"] for other, text in messages.items() if other != "en"
    )


def _renamed(result: Result, names: Names) -> dict[str, str]:
    """The words of a rule, with the names that the file uses; of a blank node nobody knows one."""
    written = {
        short(shown(term) or ""): names.shown(term)
        for term in (result.focus, result.predicate, result.value)
        if isinstance(term, NamedNode | BlankNode)
    }
    changed = {usual: own for usual, own in written.items() if usual != own}
    if not changed:
        return result.messages
    either = "|".join(map(re.escape, sorted(changed, key=len, reverse=True)))
    name = re.compile(rf"(?<![\w:/-])(?:{either})(?![\w:/-]|\.\w)")
    return {
        language: name.sub(lambda match: changed[match[0]], text)
        for language, text in result.messages.items()
    }
