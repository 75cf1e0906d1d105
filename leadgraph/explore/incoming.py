"""One IRI -> what points at it, counted and listed property by property."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadgraph.explore.labels import Node, look_up
from leadgraph.explore.sparql import key, put, whole
from leadgraph.vocabulary import SKOS

if TYPE_CHECKING:
    from leadgraph.query.client import Engine

SHOWN = 50
"""How many subjects of one property a page lists."""

_COUNTS = """
SELECT ?property (COUNT(DISTINCT ?subject) AS ?count) {
  ?subject ?property $thing
  FILTER(isIRI(?subject))
}
GROUP BY ?property"""
_SUBJECTS = """
SELECT DISTINCT ?subject {
  ?subject $property $thing
  FILTER(isIRI(?subject))
}
ORDER BY ?subject"""
_INVERSES = """
SELECT ?property ?inverse {
  { ?property owl:inverseOf ?inverse } UNION { ?inverse owl:inverseOf ?property }
  FILTER(isIRI(?property) && isIRI(?inverse))
}"""
_SKOS_INVERSES = {
    SKOS + "broader": SKOS + "narrower",
    SKOS + "narrower": SKOS + "broader",
    SKOS + "related": SKOS + "related",
    SKOS + "hasTopConcept": SKOS + "topConceptOf",
    SKOS + "topConceptOf": SKOS + "hasTopConcept",
}


@dataclass(frozen=True, slots=True)
class Incoming:
    """The subjects that one property leads from; `query` asks for all of them."""

    property: Node
    subjects: tuple[Node, ...]
    count: int
    query: str


def incoming(
    engine: Engine, iri: str, language: str, told: frozenset[str] = frozenset()
) -> tuple[Incoming, ...]:
    """Return what points at a thing, but for the inverses of the predicates already `told`."""
    counts = _counts(engine, iri, told)
    subjects = {property_: _subjects(engine, iri, property_) for property_ in counts}
    mentioned = [*counts, *(each for found in subjects.values() for each in found)]
    labels = look_up(engine, mentioned, language)
    return tuple(
        Incoming(
            node,
            labels.nodes(subjects[node.iri]),
            counts[node.iri],
            put(_SUBJECTS, thing=iri, property=node.iri),
        )
        for node in labels.nodes(counts)
    )


def _counts(engine: Engine, iri: str, told: frozenset[str]) -> dict[str, int]:
    """Return the number of subjects by property."""
    counts: dict[str, int] = {}
    inverses = _inverses(engine)
    for row in engine.rows(put(_COUNTS, thing=iri)):
        property_ = key(row["property"])
        if not inverses[property_] & told:
            counts[property_] = whole(row["count"])
    return counts


def _subjects(engine: Engine, iri: str, property_: str) -> list[str]:
    """Return the first subjects."""
    query = put(_SUBJECTS, thing=iri, property=property_)
    return [key(row["subject"]) for row in engine.rows(f"{query}\nLIMIT {SHOWN}")]


def _inverses(engine: Engine) -> dict[str, set[str]]:
    """Return the inverses of every property that has some."""
    inverses: dict[str, set[str]] = defaultdict(set)
    for property_, inverse in _SKOS_INVERSES.items():
        inverses[property_].add(inverse)
    for row in engine.rows(put(_INVERSES)):
        inverses[key(row["property"])].add(key(row["inverse"]))
    return inverses
