"""A graph -> how much it holds of what, and the statements that say so (VoID, 4)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from pyoxigraph import NamedNode, Triple

from leadgraph.publish.statements import Term, about, number
from leadgraph.vocabulary import DATASET, ID, RDF, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadgraph.publish.dataset import Graph


@dataclass(frozen=True, slots=True)
class Census:
    """How many statements and entities; how many things of a class, and uses of a property."""

    statements: int
    entities: int
    classes: Counter[str]
    properties: Counter[str]

    def plus(self, other: Census) -> Census:
        """Add two graphs up that share no statement and no entity."""
        return Census(
            self.statements + other.statements,
            self.entities + other.entities,
            self.classes + other.classes,
            self.properties + other.properties,
        )


def census(graph: Graph) -> Census:
    """Count a graph; an entity is whatever it describes whose IRI lies under `id/`."""
    subjects = {t.subject.value for t in graph if isinstance(t.subject, NamedNode)}
    classes = (
        t.object.value
        for t in graph
        if t.predicate.value == f"{RDF}type" and isinstance(t.object, NamedNode)
    )
    return Census(
        statements=len(graph),
        entities=sum(subject.startswith(ID) for subject in subjects),
        classes=Counter(classes),
        properties=Counter(t.predicate.value for t in graph),
    )


def counts(counted: Census) -> Iterator[Triple]:
    """Say a census of the dataset: in all, then by class and by property."""
    yield from about(
        DATASET,
        ("void:triples", number(counted.statements)),
        ("void:entities", number(counted.entities)),
        ("void:classes", number(len(counted.classes))),
        ("void:properties", number(len(counted.properties))),
    )
    for iri, count in counted.classes.items():
        yield from _part("class", iri, ("void:entities", number(count)))
    for iri, count in counted.properties.items():
        yield from _part("property", iri, ("void:triples", number(count)))


def _part(kind: str, iri: str, count: tuple[str, Term]) -> Iterator[Triple]:
    """One class or property partition, `dataset#class-lg:Skill`."""
    part = f"{DATASET}#{kind}-{quote(shorten(iri).strip('<>'), safe=':/')}"
    yield from about(DATASET, (f"void:{kind}Partition", NamedNode(part)))
    yield from about(part, (f"void:{kind}", NamedNode(iri)), count)
