"""The classes and properties of the things of a graph -> those that a word, or an id, means."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal
from rapidfuzz import fuzz

from leadgraph.explore.fold import fold
from leadgraph.explore.identifiers import lengthen, shorten
from leadgraph.explore.labels import NAMING, Text, choose, look_up
from leadgraph.explore.search import DESCRIPTIONS, solutions
from leadgraph.explore.sparql import key, put, whole
from leadgraph.vocabulary import ID, LG, ORG, RDFS, split

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from leadgraph.explore.names import Names
    from leadgraph.query.client import Engine

USUAL = (
    *(LG + name for name in ("LeaderRole", "Skill", "LearningResource")),
    ORG + "Organization",
    *(LG + name for name in ("Pathway", "Capacity", "SupportStrategy", "Consultation")),
)
"""The classes of things that tables are mostly about."""
_USUAL = 8
_USED = """
SELECT ?term (COUNT(DISTINCT ?thing) AS ?count) { ?thing ?term ?value FILTER($which) }
GROUP BY ?term"""
_BY_CLASS = """
SELECT ?term (COUNT(DISTINCT ?thing) AS ?count) {
  VALUES ?class { $classes } ?thing a ?class ; ?term ?value FILTER(isIRI(?thing))
}
GROUP BY ?term"""
_TEXTS = """
SELECT ?iri ?property ?text {
  VALUES ?iri { $iris } VALUES ?property { $properties } ?iri ?property ?text
  FILTER(isLiteral(?text))
}"""
_ABOVE = """
SELECT ?iri ?above { VALUES ?iri { $iris } ?iri $property ?above FILTER(isIRI(?above)) }"""
_ALIKE = 80
"""How like (of 100) a misspelt word must be."""
_KEPT = 256
_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Term:
    """A class or a property in use: how many things have it, and all that it is called."""

    iri: str
    count: int
    names: tuple[Literal, ...]
    descriptions: tuple[Literal, ...]
    above: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Its identifier within our schema, or its IRI."""
        return shorten(self.iri, LG)


@dataclass(frozen=True, slots=True)
class Worded:
    """A term as a reader of one language is told of it."""

    id: str
    iri: str
    name: str
    description: str
    above: tuple[tuple[str, str], ...]


class Terms:
    """The classes, or the properties, that things have; read once, safe between threads."""

    def __init__(self, engine: Engine, names: Names, *, classes: bool) -> None:
        self._engine = engine
        self._names = names
        self._is_of_classes = classes
        self._lock = threading.Lock()
        self._terms: dict[str, Term] | None = None
        self._kinds: dict[str, str] = {}
        self._worded: dict[str, dict[str, Worded]] = {}
        self._proposed: dict[tuple[str, ...], tuple[str, ...]] = {}

    def all(self) -> dict[str, Term]:
        """Return the terms by IRI, those of most things first."""
        with self._lock:
            if self._terms is None:
                counts = self._count_classes() if self._is_of_classes else self._count_properties()
                self._terms = _terms(self._engine, counts)
            return self._terms

    def find(self, identifier: str) -> str:
        """Return the IRI of a term, "" if no thing has it: `Skill`, `lg:Skill`, its IRI, `skill`.

        The last is the part of the IRIs of things that says their kind.
        """
        terms = self.all()
        iri = lengthen(identifier, LG)
        return iri if iri in terms else self._kinds.get(identifier, "")

    def worded(self, language: str) -> dict[str, Worded]:
        """Return all of them in the words of a language, or the next best, by IRI."""
        terms = self.all()
        with self._lock:
            if language not in self._worded:
                self._worded[language] = _worded(self._engine, terms, language)
            return self._worded[language]

    def suggest(self, prefix: str, language: str) -> list[Worded]:
        """Return those whose names or ids begin so, then those that have it, then what is near."""
        terms, worded = self.all(), self.worded(language)
        asked = fold(prefix)
        exact = self.find(prefix.strip())
        ranked = []
        for iri, term in terms.items():
            words = [worded[iri].name, term.id, *(name.value for name in term.names)]
            rank = 0.0 if iri == exact else _rank(asked, [fold(each) for each in words])
            if rank is not None:
                ranked.append((rank, -term.count, iri))
        return [worded[iri] for _, _, iri in sorted(ranked)]

    def usual(self) -> list[str]:
        """Return the classes that most people mean."""
        terms = self.all()
        return [iri for iri in USUAL if iri in terms] or list(terms)[:_USUAL]

    def of_class(self, iris: Iterable[str]) -> list[str]:
        """Return the properties of the things of some classes, those of most things first."""
        asked = tuple(sorted(iris))
        terms = self.all()
        with self._lock:
            if asked not in self._proposed:
                rows = solutions(self._engine, put(_BY_CLASS, classes=asked))
                counts = sorted((-whole(row["count"]), key(row["term"])) for row in rows)
                if len(self._proposed) >= _KEPT:
                    self._proposed.clear()
                self._proposed[asked] = tuple(iri for _, iri in counts)
            return [iri for iri in self._proposed[asked] if iri in terms]

    def _count_classes(self) -> Counter[str]:
        """Return how many things are of each class, and note which kinds are which."""
        counts: Counter[str] = Counter()
        kinds: dict[str, Counter[str]] = defaultdict(Counter)
        for iri, classes in self._names.classes().items():
            counts.update(classes)
            kinds[(split(iri) or ("",))[0]].update(each for each in classes if each in USUAL)
        self._kinds = {kind: each.most_common(1)[0][0] for kind, each in kinds.items() if each}
        return counts

    def _count_properties(self) -> Counter[str]:
        which = f'STRSTARTS(STR(?thing), "{ID}")' if self._names.has_ours else "isIRI(?thing)"
        rows = solutions(self._engine, put(_USED.replace("$which", which)))
        return Counter({key(row["term"]): whole(row["count"]) for row in rows})


def _rank(asked: str, words: list[str]) -> float | None:
    """Return how well names fit what is asked, 0 best; None if they do not."""
    if asked in words:
        return 0.0
    if any(each.startswith(asked) for each in words):
        return 1.0
    if any(f" {asked}" in f" {each}" for each in words):
        return 2.0
    nearest = max((fuzz.ratio(asked, each[: len(asked) + 1]) for each in words), default=0)
    return 4 - nearest / 100 if nearest >= _ALIKE else None


def _terms(engine: Engine, counts: Counter[str]) -> dict[str, Term]:
    """Return the terms that are counted, with what the graph says of them."""
    iris = [iri for iri, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]
    names = _texts(engine, iris, NAMING)
    descriptions = _texts(engine, iris, DESCRIPTIONS)
    above: dict[str, list[str]] = defaultdict(list)
    for some in _chunks(iris):
        for row in solutions(engine, put(_ABOVE, iris=some, property=RDFS + "subClassOf")):
            above[key(row["iri"])].append(key(row["above"]))
    return {
        iri: Term(
            iri,
            counts[iri],
            tuple(names[iri]),
            tuple(descriptions[iri]),
            tuple(sorted(each for each in above[iri] if each != iri)),
        )
        for iri in iris
    }


def _texts(
    engine: Engine, iris: list[str], properties: tuple[str, ...]
) -> dict[str, list[Literal]]:
    found: dict[str, list[Literal]] = defaultdict(list)
    for some in _chunks(iris):
        for row in solutions(engine, put(_TEXTS, iris=some, properties=properties)):
            if isinstance(row["text"], Literal):
                found[key(row["iri"])].append(row["text"])
    return found


def _chunks(iris: list[str]) -> Iterator[list[str]]:
    """Yield as many IRIs at a time as one query may name."""
    for start in range(0, len(iris), _AT_ONCE):
        yield iris[start : start + _AT_ONCE]


def _worded(engine: Engine, terms: dict[str, Term], language: str) -> dict[str, Worded]:
    above = {each for term in terms.values() for each in term.above}
    labels = look_up(engine, [*terms, *above], language)

    def called(iri: str) -> str:
        return labels.node(iri).label.value

    return {
        iri: Worded(
            term.id,
            iri,
            called(iri),
            (choose(term.descriptions, language) or Text("")).value,
            tuple((shorten(each, LG), called(each)) for each in term.above),
        )
        for iri, term in terms.items()
    }
