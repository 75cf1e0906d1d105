"""What the sources state -> the few statements that follow from it and save people a question.

Three rules and no reasoner: whoever reads them knows all that the inferred graph can hold.
A rule only speaks of things under our own base IRI, and nothing that is stated is said again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, QueryTriples, Store, Triple

from leadgraph.publish.dataset import graph_quads
from leadgraph.vocabulary import BASE, ONTOLOGY_GRAPH, OWL, RDFS, SKOS

if TYPE_CHECKING:
    from leadgraph.publish.dataset import Graph, NamedGraphs


@dataclass(frozen=True, slots=True)
class Rule:
    """A SPARQL CONSTRUCT and the reason for it."""

    name: str
    why: str
    construct: str


_OURS = str(Literal(BASE))
_PREFIXES = f"PREFIX owl: <{OWL}> PREFIX rdfs: <{RDFS}> PREFIX skos: <{SKOS}>"

RULES = (
    Rule(
        "the other direction",
        "A question may start at either end. The pairs are those that the ontology declares with "
        "owl:inverseOf, and those of SKOS (SKOS Reference, S7, S8, S23, S25, S43, S44).",
        f"""{_PREFIXES}
        CONSTRUCT {{ ?object ?backwards ?subject }} WHERE {{
          {{ GRAPH <{ONTOLOGY_GRAPH}> {{ ?forwards owl:inverseOf|^owl:inverseOf ?backwards }} }}
          UNION
          {{ VALUES (?forwards ?backwards) {{
              (skos:broader skos:narrower)           (skos:narrower skos:broader)
              (skos:topConceptOf skos:hasTopConcept) (skos:hasTopConcept skos:topConceptOf)
              (skos:broadMatch skos:narrowMatch)     (skos:narrowMatch skos:broadMatch)
              (skos:related skos:related)            (skos:relatedMatch skos:relatedMatch)
              (skos:closeMatch skos:closeMatch)      (skos:exactMatch skos:exactMatch) }} }}
          ?subject ?forwards ?object
          FILTER (isIRI(?object) && STRSTARTS(STR(?object), {_OURS})
                  && isIRI(?subject) && STRSTARTS(STR(?subject), {_OURS}))
        }}""",
    ),
    Rule(
        "the scheme of narrower concepts",
        "A concept below a top concept is in that one's scheme. SKOS entails it for the top "
        "concept itself (S7); for those below it is a rule of this house.",
        f"""{_PREFIXES}
        CONSTRUCT {{ ?concept skos:inScheme ?scheme }} WHERE {{
          ?top skos:topConceptOf ?scheme .
          ?concept skos:broader* ?top
          FILTER (isIRI(?concept) && STRSTARTS(STR(?concept), {_OURS}))
        }}""",
    ),
    Rule(
        "the wider types",
        "A program that knows SKOS, ORG or schema.org finds our things by the classes that the "
        "ontology puts above ours (RDF Schema, 3.4); owl:Thing says nothing.",
        f"""{_PREFIXES}
        CONSTRUCT {{ ?thing a ?wider }} WHERE {{
          GRAPH <{ONTOLOGY_GRAPH}> {{ ?class rdfs:subClassOf+ ?wider }}
          ?thing a ?class
          FILTER (isIRI(?wider) && ?wider NOT IN (owl:Thing, rdfs:Resource)
                  && isIRI(?thing) && STRSTARTS(STR(?thing), {_OURS}))
        }}""",
    ),
)
"""In the order in which they are applied: a later rule sees what an earlier one inferred."""


def infer(dataset: NamedGraphs) -> Graph:
    """Return what follows from the default graph and is not stated in it."""
    stated = dataset.default
    store = Store()
    store.extend(graph_quads(stated))
    store.extend(graph_quads(dataset.graphs.get(ONTOLOGY_GRAPH, ()), ONTOLOGY_GRAPH))
    inferred: set[Triple] = set()
    for rule in RULES:
        new = _apply(rule, store)
        store.extend(graph_quads(new))
        inferred |= new
    return frozenset(inferred - stated)


def _apply(rule: Rule, store: Store) -> Graph:
    """Return all that a rule constructs, stated before or not."""
    answer = store.query(rule.construct)
    return frozenset(answer) if isinstance(answer, QueryTriples) else frozenset()
