"""A graph -> how much it holds of what, and the statements that say so (VoID, 4)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple

from leadgraph.publish.statements import about, node, number
from leadgraph.vocabulary import DATASET, ID, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import BlankNode

    from leadgraph.publish.dataset import Graph

    Thing = NamedNode | BlankNode | Triple
    Classes = dict[Thing, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Use:
    """A property on the things of a class, of whose values `range_` is a class or the datatype.

    `kind` says which: `class` or `datatype`; it is "" where all values are meant.
    """

    class_: str
    property: str
    kind: str = ""
    range_: str = ""


@dataclass(frozen=True, slots=True)
class Census:
    """How many statements and entities, uses of a property, uses on the things of a class."""

    statements: int
    entities: int
    properties: Counter[str]
    uses: Counter[Use]

    def plus(self, other: Census) -> Census:
        """Add two graphs up that share no statement and no entity."""
        return Census(
            self.statements + other.statements,
            self.entities + other.entities,
            self.properties + other.properties,
            self.uses + other.uses,
        )


def classes(*graphs: Graph) -> Classes:
    """Return the classes of each thing that has some in any of the graphs, in code point order."""
    is_a = node("rdf:type")
    found: dict[Thing, set[str]] = {}
    for triple in chain.from_iterable(graphs):
        if triple.predicate == is_a and isinstance(triple.object, NamedNode):
            found.setdefault(triple.subject, set()).add(triple.object.value)
    return {thing: tuple(sorted(names)) for thing, names in found.items()}


def instances(of: Classes) -> Counter[str]:
    """Count the things of each class."""
    return Counter(name for names in of.values() for name in names)


def census(graph: Graph, of: Classes) -> Census:
    """Count a graph, given the classes of things; an entity is what it describes under `id/`.

    One pass over the statements, which are counted by the classes of their ends: how many classes
    a thing has costs nothing more.
    """
    ways = Counter((of.get(t.subject, ()), t.predicate.value, _ranges(t.object, of)) for t in graph)
    properties, uses = Counter[str](), Counter[Use]()
    for (names, property_, ranges), count in ways.items():
        properties[property_] += count
        for name in names:
            uses[Use(name, property_)] += count
            for use in _of_kind(name, property_, ranges):
                uses[use] += count
    subjects = {t.subject.value for t in graph if isinstance(t.subject, NamedNode)}
    entities = sum(subject.startswith(ID) for subject in subjects)
    return Census(len(graph), entities, properties, uses)


def counts(counted: Census, of: Classes) -> Iterator[Triple]:
    """Say a census of the dataset: in all, by property, and by class with its properties.

    A property of a class is parted once more, by the classes and the datatypes of its values
    (`void-ext:datatypePartition`, of those who generate VoID): editors complete queries from it.
    """
    number_of = instances(of)
    yield from about(
        DATASET,
        ("void:triples", number(counted.statements)),
        ("void:entities", number(counted.entities)),
        ("void:classes", number(len(number_of))),
        ("void:properties", number(len(counted.properties))),
    )
    for iri, count in number_of.items():
        yield from _part(DATASET, _name("class", iri), "class", iri)
        yield from about(_name("class", iri), ("void:entities", number(count)))
    for iri, count in counted.properties.items():
        yield from _part(DATASET, _name("property", iri), "property", iri)
        yield from about(_name("property", iri), ("void:triples", number(count)))
    for use, count in counted.uses.items():
        yield from _use(use, number(count))


def _ranges(term: Thing | Literal, of: Classes) -> tuple[str, ...] | str:
    """Return the datatype of a literal, the classes of anything else."""
    return term.datatype.value if isinstance(term, Literal) else of.get(term, ())


def _of_kind(name: str, property_: str, ranges: tuple[str, ...] | str) -> Iterator[Use]:
    """Yield the use of a property once for the datatype, or for each class, of a value."""
    if isinstance(ranges, str):
        yield Use(name, property_, "datatype", ranges)
    else:
        yield from (Use(name, property_, "class", range_) for range_ in ranges)


def _use(use: Use, count: Literal) -> Iterator[Triple]:
    """Say how often a property is used on a class, or with what."""
    whole = f"{_name('class', use.class_)};{_short(use.property)}"
    part = whole
    if use.kind:
        part = f"{whole};{_name(use.kind, use.range_).partition('#')[2]}"
        yield from _part(whole, part, use.kind, use.range_)
    else:
        yield from _part(_name("class", use.class_), part, "property", use.property)
    yield from about(part, ("void:triples", count))


def _part(whole: str, part: str, kind: str, iri: str) -> Iterator[Triple]:
    """Say that a part of the dataset is what concerns one class, property or datatype."""
    prefix = "void-ext" if kind == "datatype" else "void"
    yield from about(whole, (f"{prefix}:{kind}Partition", NamedNode(part)))
    yield from about(part, (f"{prefix}:{kind}", NamedNode(iri)))


def _name(kind: str, iri: str) -> str:
    """Return the IRI of a part, `dataset#class-lg:Skill`; those within it go on after a `;`."""
    return f"{DATASET}#{kind}-{_short(iri)}"


@lru_cache(maxsize=4096)
def _short(iri: str) -> str:
    """Return an IRI as short as it gets within another one, without `;` and `#`."""
    return quote(shorten(iri).strip("<>"), safe=":/")
