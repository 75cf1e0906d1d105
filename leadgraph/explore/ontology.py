"""The ontology in the engine -> its classes, properties and code lists as a page reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadgraph.errors import ThingNotFound
from leadgraph.explore.labels import Labels, Node, Text, choose, look_up
from leadgraph.explore.sparql import Facts, key, named_graph, put, whole
from leadgraph.vocabulary import DCTERMS, LG, ONTOLOGY_GRAPH, OWL, RDF, RDFS, SKOS

if TYPE_CHECKING:
    from leadgraph.query.client import Engine

ONTOLOGY = LG.removesuffix("#")
"""The IRI of the ontology itself."""

_USES = """
SELECT ?term (COUNT(*) AS ?count) {
  { SELECT ?term { VALUES ?term { $classes } ?thing a ?term } }
  UNION
  { SELECT ?term { VALUES ?term { $properties } ?thing ?term ?value } }
}
GROUP BY ?term"""
_KINDS = (
    ("classes", (OWL + "Class",)),
    ("object-properties", (OWL + "ObjectProperty",)),
    ("data-properties", (OWL + "DatatypeProperty",)),
)


@dataclass(frozen=True, slots=True)
class Term:
    """A class, property or code; `anchor` is its local name, `uses` how often the data use it."""

    node: Node
    anchor: str
    comment: Text | None
    examples: tuple[Text, ...]
    parents: tuple[Node, ...]
    domain: tuple[Node, ...]
    range: tuple[Node, ...]
    inverses: tuple[Node, ...]
    see_also: tuple[Node, ...]
    codes: tuple[Term, ...]
    uses: int


@dataclass(frozen=True, slots=True)
class Section:
    """The terms of one kind: classes, code-lists, object-properties or data-properties."""

    name: str
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Ontology:
    """The ontology: its title, what it is for, its version, and its terms."""

    title: Text
    description: Text | None
    version: str
    sections: tuple[Section, ...]


def ontology(engine: Engine, language: str) -> Ontology:
    """Return the ontology, for a reader of a language.

    Raises:
        ThingNotFound: if the engine holds none.
    """
    facts = Facts(named_graph(engine, ONTOLOGY_GRAPH))
    if not facts.predicates(ONTOLOGY):
        raise ThingNotFound(ONTOLOGY)
    reader = _Reader(
        facts, look_up(engine, _mentioned(facts), language), language, _uses(engine, facts)
    )
    version = choose(facts.literals(ONTOLOGY, OWL + "versionInfo"), language)
    return Ontology(
        choose(facts.literals(ONTOLOGY, DCTERMS + "title"), language) or Text(ONTOLOGY),
        choose(facts.literals(ONTOLOGY, DCTERMS + "description"), language),
        version.value if version else "",
        _sections(reader),
    )


def _own(facts: Facts, kinds: tuple[str, ...]) -> list[str]:
    """Return the terms of `lg:` that are of one of the kinds, in the order of the alphabet."""
    terms = (iri for iri in facts.subjects() if iri.startswith(LG))
    return sorted(iri for iri in terms if set(kinds) & set(facts.nodes(iri, RDF + "type")))


def _mentioned(facts: Facts) -> set[str]:
    """Return every IRI of the ontology that a page may name."""
    predicates = (
        OWL + "inverseOf",
        RDFS + "subClassOf",
        RDFS + "domain",
        RDFS + "range",
        RDFS + "seeAlso",
    )
    own = [iri for iri in facts.subjects() if iri.startswith(LG)]
    return {*own, *(node for iri in own for each in predicates for node in facts.nodes(iri, each))}


def _uses(engine: Engine, facts: Facts) -> dict[str, int]:
    """Return how many statements use each class and property."""
    _, *properties = _KINDS
    query = put(
        _USES,
        classes=_own(facts, (OWL + "Class",)),
        properties=[iri for _, kinds in properties for iri in _own(facts, kinds)],
    )
    return {key(row["term"]): whole(row["count"]) for row in engine.rows(query)}


@dataclass(frozen=True, slots=True)
class _Reader:
    """What it takes to make a term readable."""

    facts: Facts
    labels: Labels
    language: str
    uses: dict[str, int]

    def term(self, iri: str) -> Term:
        """Return one term with its place among the others."""
        return Term(
            self.labels.node(iri),
            iri.removeprefix(LG),
            choose(self.facts.literals(iri, RDFS + "comment"), self.language),
            tuple(
                filter(None, [choose(self.facts.literals(iri, SKOS + "example"), self.language)])
            ),
            self._nodes(iri, RDFS + "subClassOf"),
            self._nodes(iri, RDFS + "domain"),
            self._nodes(iri, RDFS + "range"),
            self._nodes(iri, OWL + "inverseOf"),
            self._nodes(iri, RDFS + "seeAlso"),
            tuple(self.term(code) for code in self._codes(iri)),
            self.uses.get(iri, 0),
        )

    def _nodes(self, iri: str, predicate: str) -> tuple[Node, ...]:
        named = (node for node in self.facts.nodes(iri, predicate) if not node.startswith("_:"))
        return self.labels.nodes(named)

    def _codes(self, iri: str) -> list[str]:
        """Return the individuals of a code list, in the order of its `owl:oneOf`."""
        facts = self.facts
        heads = [iri, *facts.nodes(iri, OWL + "equivalentClass")]
        return [
            code
            for head in heads
            for members in facts.nodes(head, OWL + "oneOf")
            for code in facts.items(members)
        ]


def _sections(reader: _Reader) -> tuple[Section, ...]:
    """Return the terms in the order in which one reads an ontology."""
    sections: dict[str, list[Term]] = {}
    for name, kinds in _KINDS:
        for iri in _own(reader.facts, kinds):
            term = reader.term(iri)
            sections.setdefault("code-lists" if term.codes else name, []).append(term)
    order = ("classes", "object-properties", "data-properties", "code-lists")
    return tuple(Section(name, tuple(sections[name])) for name in order if name in sections)
