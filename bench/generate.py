"""Seed and size -> N-Quads in the shapes of the project's own graph, the same ones every time.

    python -m bench.generate 89000 > graph.nq

The default graph holds every statement once; each is besides in the named graph of its source,
some in two. Whom a thing points to follows Zipf's law: few skills are asked for by many roles.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from itertools import count, islice
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from bench.words import LANGUAGES, NOTE, NOUNS, THEMES
from leadgraph.vocabulary import (
    DCTERMS,
    FOAF,
    GRAPH,
    ID,
    LG,
    ORG,
    RDF,
    RDFS,
    SCHEMA,
    SKOS,
    SKOSXL,
    VOID,
    XSD,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TextIO

SEED = 2016
THEME_COUNT = 12
GROUP_COUNT = 40
_COMMUNITIES_PER_FILE = 10
_SKEW = 2.5
_LICENCE = "<https://creativecommons.org/publicdomain/zero/1.0/>"


class Statement(NamedTuple):
    """A triple as N-Triples writes it, and the slugs of the graphs of its sources."""

    subject: str
    predicate: str
    object: str
    graphs: tuple[str, ...]


_CLASSES = {
    "org": "Organization",
    "skill": "Skill",
    "role": "LeaderRole",
    "name": "NameProposal",
    "resource": "LearningResource",
    "pathway": "Pathway",
    "step": "PathwayStep",
    "condition": "StepCondition",
}
_WIDER = {
    f"<{LG}Skill>": (f"<{SKOS}Concept>", f"<{SCHEMA}DefinedTerm>"),
    f"<{LG}LeaderRole>": (f"<{ORG}Role>", f"<{SKOS}Concept>"),
    f"<{LG}LeaderGroup>": (f"<{SKOS}Concept>",),
    f"<{LG}NameProposal>": (f"<{SKOSXL}Label>",),
    f"<{LG}LearningResource>": (f"<{SCHEMA}LearningResource>",),
}
_SOURCE_KINDS = tuple(_CLASSES)
_RECEPTIONS = ("Welcome", "Contested", "Refused")
_RESOURCES = ("guide", "course", "programme", "network", "fund", "gathering")
_SOURCED = 0.7
_REPEATED = 20


class Counts(NamedTuple):
    """How large a generated graph is; a quad is a statement in one graph."""

    statements: int
    quads: int
    graphs: int


Pairs = list[tuple[str, str]]
"""Predicates and objects of one subject."""


def thing(kind: str, number: int) -> str:
    """Return the IRI of the nth thing of a kind, between angle brackets."""
    word = NOUNS["en"][number % len(NOUNS["en"])].lower()
    return f"<{ID}{kind}/{word}-{number}>"


def statements(seed: int = SEED) -> Iterator[Statement]:
    """Yield statements without end; no triple comes twice."""
    yield from _scaffold()
    community = _Community(random.Random(seed))  # noqa: S311  # to be repeatable is the point
    for number in count():
        yield from community.statements(number)


def write(triples: int, out: TextIO, seed: int = SEED) -> Counts:
    """Write so many statements as N-Quads."""
    quads, graphs = 0, set[str]()
    for statement in islice(statements(seed), triples):
        line = f"{statement.subject} {statement.predicate} {statement.object}"
        out.write(f"{line} .\n")
        for graph in statement.graphs:
            out.write(f"{line} <{GRAPH}{graph}> .\n")
        quads += 1 + len(statement.graphs)
        graphs.update(statement.graphs)
    return Counts(triples, quads, len(graphs))


def _scaffold() -> Iterator[Statement]:
    """Yield the themes of the skills and the groups of the roles, which the rest points at."""
    for number in range(THEME_COUNT):
        pairs = [
            (f"<{RDF}type>", f"<{LG}SkillTheme>"),
            (f"<{SCHEMA}position>", _integer(number + 1)),
        ]
        yield from _state(thing("skill-theme", number), pairs + _labels(number), "themes")
    for number in range(GROUP_COUNT):
        pairs = [(f"<{RDF}type>", f"<{LG}LeaderGroup>"), *_labels(number)]
        yield from _state(thing("role-group", number), pairs, "groups")


class _Community:
    """What one community adds: an organization, a skill, roles, names, resources, pathways."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._made: Counter[str] = Counter()

    def statements(self, number: int) -> Iterator[Statement]:
        """Yield all that the nth community states; what is pointed at comes first."""
        file = number // _COMMUNITIES_PER_FILE
        if number % _COMMUNITIES_PER_FILE == 0:
            yield from _described(file)
        yield from self._some(1, "org", self._organization, file)
        yield from self._some(1, "skill", self._skill, file)
        yield from self._some(2, "role", self._role, file)
        yield from self._some(2, "name", self._name, file)
        yield from self._some(4, "resource", self._resource, file)
        for _ in range(2):
            yield from self._pathway(file)

    def _some(
        self, how_many: int, kind: str, describe: Callable[[int], Pairs], file: int
    ) -> Iterator[Statement]:
        """Yield what is said about the next things of a kind."""
        for _ in range(how_many):
            number = self._made[kind]
            pairs = [(f"<{RDF}type>", f"<{LG}{_CLASSES[kind]}>"), *describe(number)]
            yield from _state(thing(kind, number), pairs, f"{kind}s-{file}")
            self._made[kind] += 1

    def _organization(self, number: int) -> Pairs:
        return [
            *_labels(number, _languages(self._chance)),
            (f"<{FOAF}homepage>", f"<https://meta.wikimedia.org/wiki/Organization_{number}>"),
        ]

    def _skill(self, number: int) -> Pairs:
        kind = self._chance.choice(("TraitSkill", "PracticalSkill"))
        return [
            *_labels(number, _languages(self._chance)),
            (f"<{SKOS}broader>", thing("skill-theme", self._rank(THEME_COUNT))),
            (f"<{LG}skillKind>", f"<{LG}{kind}>"),
            *self._said(),
        ]

    def _role(self, number: int) -> Pairs:
        bearer = self._chance.choice(("PersonBearer", "PositionBearer", "GroupBearer"))
        return [
            *_labels(number, _languages(self._chance)),
            (f"<{SKOS}broader>", thing("role-group", self._rank(GROUP_COUNT))),
            (f"<{LG}bearerKind>", f"<{LG}{bearer}>"),
            *self._links("requiresSkill", "skill", 1, 4),
            *self._links("benefitsFromSkill", "skill", 0, 3),
            *self._said(),
        ]

    def _name(self, number: int) -> Pairs:
        language = self._chance.choice(LANGUAGES)
        return [
            (f"<{SKOSXL}literalForm>", _text(_label(number, language), language)),
            *self._links("proposedNameFor", "role", 1, 1),
            (f"<{LG}connotation>", _text(self._note(), "en")),
            (f"<{LG}acceptability>", f"<{LG}{self._chance.choice(_RECEPTIONS)}>"),
            *self._said(),
        ]

    def _resource(self, number: int) -> Pairs:
        month = f"{self._chance.randrange(2015, 2026)}-{self._chance.randrange(1, 13):02}"
        return [
            *_labels(number, _languages(self._chance)),
            (f"<{FOAF}page>", f"<https://meta.wikimedia.org/wiki/Learning/Resource_{number}>"),
            (f"<{SCHEMA}learningResourceType>", _text(self._chance.choice(_RESOURCES), "en")),
            *((f"<{SCHEMA}inLanguage>", f'"{code}"') for code in _languages(self._chance)),
            (f"<{LG}lastSeen>", f'"{month}"^^<{XSD}gYearMonth>'),
            (f"<{DCTERMS}license>", _LICENCE),
            *self._links("steward", "org", 1, 1),
            *self._links("teaches", "skill", 1, 3, SCHEMA),
            *self._links("competencyRequired", "skill", 0, 2, SCHEMA),
            *self._said(),
        ]

    def _pathway(self, file: int) -> Iterator[Statement]:
        """Yield a pathway and its steps, each leading to the next, with their conditions."""
        first, length = self._made["step"], self._chance.randrange(3, 9)
        last = first + length - 1
        steps = [(f"<{LG}hasStep>", thing("step", first + step)) for step in range(length)]

        def pathway(number: int) -> Pairs:
            destination = self._links("hasDestination", "role", 1, 1)
            return [*_labels(number, ("en",)), *destination, *steps, *self._said()]

        def step(number: int) -> Pairs:
            following = [(f"<{LG}nextStep>", thing("step", number + 1))] if number < last else []
            return [*self._step(number, number - first + 1), *following]

        yield from self._some(1, "pathway", pathway, file)
        for _ in range(length):
            yield from self._some(1, "step", step, file)
            yield from self._some(1, "condition", self._condition, file)

    def _step(self, number: int, position: int) -> Pairs:
        return [
            *_labels(number, ("en",)),
            (f"<{SCHEMA}position>", _integer(position)),
            (f"<{LG}hasCondition>", thing("condition", number)),
            *self._links("develops", "skill", 0, 2),
            *self._links("usesResource", "resource", 0, 1),
            (f"<{LG}basis>", f"<{LG}Sourced>"),
        ]

    def _condition(self, number: int) -> Pairs:
        required = self._chance.choice((1, 2, 5, 10, 50, 90, 100, 500, 1000))
        unit = self._chance.choice(("edits", "days", "events", "reviews"))
        return [
            (f"<{LG}statementText>", _text(f"{required} {unit}, rule {number}", "en")),
            (f"<{LG}comparison>", f"<{LG}AtLeast>"),
            (f"<{LG}requiredNumber>", _integer(required)),
            (f"<{SCHEMA}unitText>", _text(unit, "en")),
        ]

    def _said(self) -> Pairs:
        """Return a note in half of the cases, and who said so."""
        page = f"<https://meta.wikimedia.org/wiki/Page_{self._rank(10_000)}>"
        basis = "Sourced" if self._chance.random() < _SOURCED else "Illustrative"
        pairs = [(f"<{DCTERMS}source>", page), (f"<{LG}basis>", f"<{LG}{basis}>")]
        noted = self._chance.random() < 1 / 2
        return [*pairs, (f"<{SKOS}note>", _text(self._note(), "en"))] if noted else pairs

    def _note(self) -> str:
        """Return some words, frequent ones often."""
        length = self._chance.randrange(4, 16)
        return " ".join(NOTE[self._rank(len(NOTE))] for _ in range(length)).capitalize() + "."

    def _links(self, name: str, kind: str, least: int, most: int, vocabulary: str = LG) -> Pairs:
        """Return links to some different things that were made before, the early ones often."""
        made = self._made[kind]
        numbers = {self._rank(made) for _ in range(self._chance.randint(least, most)) if made}
        return [(f"<{vocabulary}{name}>", thing(kind, number)) for number in sorted(numbers)]

    def _rank(self, how_many: int) -> int:
        """Return a number below another, the small ones often."""
        return int(how_many * self._chance.random() ** _SKEW)


def _described(file: int) -> Iterator[Statement]:
    """Yield the descriptions of the sources of some communities, each in its own graph."""
    for kind in _SOURCE_KINDS:
        slug = f"{kind}s-{file}"
        pairs = [
            (f"<{RDF}type>", f"<{VOID}Dataset>"),
            (f"<{DCTERMS}title>", _text(f"{kind.capitalize()}s, file {file}", "en")),
            (f"<{DCTERMS}license>", _LICENCE),
            (f"<{LG}basis>", f"<{LG}{'Illustrative' if kind == 'skill' else 'Sourced'}>"),
        ]
        yield from (Statement(f"<{GRAPH}{slug}>", *pair, (slug,)) for pair in pairs)


def _state(subject: str, pairs: Pairs, graph: str) -> Iterator[Statement]:
    """Yield statements, one in twenty from a second source too, and what follows from them."""
    for predicate, value in pairs:
        twice = crc32(f"{subject}{predicate}{value}".encode()) % _REPEATED == 0
        yield Statement(subject, predicate, value, (graph, "survey") if twice else (graph,))
        if predicate == f"<{SKOS}broader>":
            yield Statement(value, f"<{SKOS}narrower>", subject, ("inferred",))
        for wider in _WIDER.get(value, ()):
            yield Statement(subject, predicate, wider, ("inferred",))


def _labels(number: int, languages: Iterable[str] = LANGUAGES) -> Pairs:
    """Return the name in English and its translations."""
    return [
        (f"<{SKOS}prefLabel>" if language == "en" else f"<{RDFS}label>", _text(words, language))
        for language in languages
        for words in (_label(number, language),)
    ]


def _label(number: int, language: str) -> str:
    nouns, themes = NOUNS[language], THEMES[language]
    return f"{nouns[number % len(nouns)]}: {themes[number // 7 % len(themes)]} {number}"


def _languages(chance: random.Random) -> list[str]:
    """Return English and a few other languages."""
    return ["en", *sorted(chance.sample(LANGUAGES[1:], chance.randrange(4)))]


def _text(words: str, language: str) -> str:
    return f'"{words}"@{language}'


def _integer(value: int) -> str:
    return f'"{value}"^^<{XSD}integer>'


def main() -> None:
    """Write a graph of the size that is asked for."""
    counts = write(int(sys.argv[1]), sys.stdout)
    sys.stderr.write(f"{counts}\n")


if __name__ == "__main__":
    main()
