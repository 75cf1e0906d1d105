"""Data files -> the things that could have a link to Wikidata: their names, what is around them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from leadgraph.link.wikidata.items import is_item
from leadgraph.link.wikidata.linked import MAPPINGS
from leadgraph.vocabulary import DCTERMS, FOAF, LG, ORG, RDF, RDFS, SCHEMA, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from leadgraph.check.slice import FileGraph, Term


class Kind(StrEnum):
    """What a thing is, as far as that tells which items can be meant."""

    ROLE = "role"
    GROUP = "group"
    SKILL = "skill"
    THEME = "theme"
    TOPIC = "topic"
    ORGANIZATION = "organization"
    NAME = "name"


_TYPES = {
    LG + "LeaderRole": Kind.ROLE,
    LG + "LeaderGroup": Kind.GROUP,
    LG + "Skill": Kind.SKILL,
    LG + "SkillTheme": Kind.THEME,
    LG + "Capacity": Kind.TOPIC,
    SKOS + "Concept": Kind.TOPIC,
    ORG + "Organization": Kind.ORGANIZATION,
    SCHEMA + "EventSeries": Kind.TOPIC,
}
"""Classes whose things are looked for, those that say more first."""
_NAMES = (
    SKOS + "prefLabel",
    RDFS + "label",
    FOAF + "name",
    SKOS + "altLabel",
    SKOS + "hiddenLabel",
)
_ABOUT = frozenset(
    {SKOS + "definition", SKOS + "scopeNote", DCTERMS + "description", SKOS + "example"}
)
_AROUND = frozenset({SKOS + "broader", SKOS + "topConceptOf", SKOS + "inScheme", SCHEMA + "about"})
_CLOSE = frozenset({SKOS + "exactMatch", SKOS + "closeMatch"})
_WORD = re.compile(r"[^\W\d_]{3,}")
_COMMON_WORDS = """
about act all and any are being but can certain for form from given has have her his how human into
its may more most not off one other others our out over own particular people person set she some
somebody someone something such than that the their them then there these they this those through
type use used user users uses using was way what when where which who whom whose will with work
works you your
"""
_COMMON = frozenset(_COMMON_WORDS.split())
"""Words that two descriptions may share by chance."""
_STEM = 5


@dataclass(frozen=True, slots=True)
class Thing:
    """One of our things; `names` are (text, language), the preferred ones first.

    `context` are the words, cut to their stems, of what is said about it and of what it belongs to.
    """

    iri: str
    kind: Kind
    names: tuple[tuple[str, str], ...]
    context: frozenset[str] = frozenset()

    def label(self, language: str) -> str:
        """Return its name in a language, else in English, else any."""
        for tag in (language, "en"):
            for text, known in self.names:
                if known == tag:
                    return text
        return self.names[0][0]


def stems(text: str) -> frozenset[str]:
    """Return the words of a text that say something, cut to their stems."""
    words = (word.casefold() for word in _WORD.findall(text))
    return frozenset(word[:_STEM] for word in words if word not in _COMMON)


def without_links(
    files: Iterable[FileGraph], *, weak: bool = False, kinds: frozenset[Kind] = frozenset(Kind)
) -> list[Thing]:
    """Return the things that have no link to Wikidata, in the order of kinds and IRIs.

    With `weak` those count, too, that are linked, but to nothing that they are exactly or closely.
    """
    said = _Said(files)
    counted = _CLOSE if weak else frozenset(MAPPINGS)
    found = [thing for iri in said.subjects if (thing := said.thing(iri)) and thing.kind in kinds]
    order = list(Kind)
    return sorted(
        (thing for thing in found if not said.is_linked(thing.iri, counted)),
        key=lambda thing: (order.index(thing.kind), thing.iri),
    )


class _Said:
    """What the files say, by subject and predicate."""

    def __init__(self, files: Iterable[FileGraph]) -> None:
        self._objects: defaultdict[str, defaultdict[str, list[Term]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for subject, predicate, value in (each for file in files for each in file.triples):
            if isinstance(subject, NamedNode):
                self._objects[subject.value][predicate.value].append(value)

    @property
    def subjects(self) -> list[str]:
        return [iri for iri in self._objects if not is_item(iri)]

    def thing(self, iri: str) -> Thing | None:
        types = set(self._iris(iri, RDF + "type"))
        kind = next((kind for name, kind in _TYPES.items() if name in types), None)
        names = self._names(iri)
        if kind is None or not names:
            return None
        around = [each for name in _AROUND for each in self._iris(iri, name)]
        texts = [
            *(text for text, _ in names),
            *(text for name in _ABOUT for text, _ in self._texts(iri, name)),
            *(text for each in around for text, _ in self._names(each)),
        ]
        return Thing(iri, kind, names, frozenset().union(*map(stems, texts)))

    def is_linked(self, iri: str, counted: frozenset[str]) -> bool:
        return any(is_item(each) for name in counted for each in self._iris(iri, name))

    def _names(self, iri: str) -> tuple[tuple[str, str], ...]:
        found = [each for name in _NAMES for each in sorted(self._texts(iri, name))]
        return tuple(dict.fromkeys(found))

    def _texts(self, iri: str, predicate: str) -> list[tuple[str, str]]:
        values = self._objects[iri][predicate] if iri in self._objects else []
        return [(v.value, v.language or "en") for v in values if isinstance(v, Literal)]

    def _iris(self, iri: str, predicate: str) -> list[str]:
        values = self._objects[iri][predicate] if iri in self._objects else []
        return [value.value for value in values if isinstance(value, NamedNode)]


def free_names(lines: Iterable[str], languages: Sequence[str] = ("en",)) -> list[Thing]:
    """Return names that no thing of ours has yet, one a line, as things without an IRI.

    A name may be one in any of the languages. `steward (wiki)` is a name and a word of context,
    `volunteer/volunteering` two names for one thing. What ends in a colon is a heading, what begins
    with # a comment.
    """
    kept = (line.strip() for line in lines)
    return [
        _free(line, languages)
        for line in kept
        if line and not line.startswith("#") and not line.endswith(":")
    ]


def _free(line: str, languages: Sequence[str]) -> Thing:
    hints = " ".join(_HINT.findall(line))
    names = [name.strip() for name in _HINT.sub("", line).split("/")]
    texts = [name for name in names if name] or [line]
    named = tuple((text, language) for language in languages for text in texts)
    return Thing("", Kind.NAME, named, stems(f"{line} {hints}"))


_HINT = re.compile(r"\(([^()]*)\)")
