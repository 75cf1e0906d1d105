"""What follows from a graph, rule by rule, and that nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from leadgraph.publish.dataset import Graph, NamedGraphs
from leadgraph.publish.infer import RULES, infer
from leadgraph.vocabulary import ID, INFERRED_GRAPH, LG, ONTOLOGY_GRAPH, OWL, SKOS, graph_iri

PREFIXES = f"""
@prefix : <{ID}thing/> .
@prefix lg: <{LG}> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix owl: <{OWL}> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <{SKOS}> .
@prefix wd: <http://www.wikidata.org/entity/> .
"""

ONTOLOGY = """
lg:isSkillRequiredBy owl:inverseOf lg:requiresSkill .
lg:LeaderRole rdfs:subClassOf org:Role , [ a owl:Restriction ] .
org:Role rdfs:subClassOf skos:Concept .
skos:Concept rdfs:subClassOf owl:Thing .
"""


def graph(turtle: str) -> Graph:
    """Statements of Turtle with the prefixes above."""
    return frozenset(q.triple for q in parse(PREFIXES + turtle, format=RdfFormat.TURTLE))


def dataset(data: str, ontology: str = ONTOLOGY) -> NamedGraphs:
    """A dataset of one data file and an ontology."""
    graphs = {graph_iri("things"): graph(data), ONTOLOGY_GRAPH: graph(ontology)}
    return NamedGraphs(graphs, {})


@pytest.mark.parametrize(
    ("stated", "follows"),
    [
        (":a lg:requiresSkill :b", ":b lg:isSkillRequiredBy :a"),
        (":a lg:isSkillRequiredBy :b", ":b lg:requiresSkill :a"),
        (":a skos:broader :b", ":b skos:narrower :a"),
        (":a skos:narrower :b", ":b skos:broader :a"),
        (":a skos:broadMatch :b", ":b skos:narrowMatch :a"),
        (":a skos:related :b", ":b skos:related :a"),
        (":a skos:exactMatch :b", ":b skos:exactMatch :a"),
        (":a skos:closeMatch :b", ":b skos:closeMatch :a"),
        (":a skos:relatedMatch :b", ":b skos:relatedMatch :a"),
        (":a skos:topConceptOf :b", ":b skos:hasTopConcept :a . :a skos:inScheme :b"),
        (":b skos:hasTopConcept :a", ":a skos:topConceptOf :b ; skos:inScheme :b"),
        (":a a lg:LeaderRole", ":a a org:Role , skos:Concept"),
    ],
)
def test_exactly_this_follows(stated: str, follows: str) -> None:
    """Each rule by example: what is inferred from one statement, and no more."""
    assert infer(dataset(f"{stated} .")) == graph(f"{follows} .")


def test_a_concept_is_in_the_scheme_of_the_top_concept_above_it() -> None:
    """However far above it is, and also if only skos:narrower says so."""
    data = ":top skos:topConceptOf :scheme ; skos:narrower :middle . :low skos:broader :middle ."
    inferred = infer(dataset(data))
    assert (
        graph(":top skos:inScheme :scheme . :middle skos:inScheme :scheme .")
        | graph(":low skos:inScheme :scheme .")
        <= inferred
    )


def test_nothing_is_said_of_what_is_not_ours() -> None:
    """Wikidata's items get no statements from us, not even the backward side of our links."""
    data = """
    :a skos:exactMatch wd:Q1 ; skos:broader wd:Q2 ; lg:requiresSkill wd:Q3 .
    wd:Q4 a lg:LeaderRole .
    wd:Q5 skos:topConceptOf :scheme .
    """
    assert infer(dataset(data)) == frozenset()


def test_nothing_is_said_of_literals_and_blank_nodes() -> None:
    """A literal cannot be a subject, and a blank node is nobody's to speak of."""
    data = ':a lg:requiresSkill "mentoring" , _:b . _:b skos:related _:c ; a lg:LeaderRole .'
    assert infer(dataset(data)) == frozenset()


def test_what_is_stated_is_not_inferred_again() -> None:
    """The inferred graph is disjoint from the others."""
    data = ":a skos:broader :b . :b skos:narrower :a . :c a lg:LeaderRole , org:Role ."
    assert infer(dataset(data)) == graph(":c a skos:Concept .")


def test_only_the_ontology_declares_inverses() -> None:
    """A data file cannot make the whole graph grow by declaring terms."""
    data = "lg:isSkillRequiredBy owl:inverseOf lg:requiresSkill . :a lg:requiresSkill :b ."
    assert infer(dataset(data, ontology="")) == frozenset()


def test_circles_of_broader_concepts_and_classes_end() -> None:
    """A mistake in the data must not keep the build busy for ever."""
    data = ":a skos:broader :b ; a lg:X . :b skos:broader :a ; skos:topConceptOf :s ."
    ontology = "lg:X rdfs:subClassOf lg:Y . lg:Y rdfs:subClassOf lg:X ."
    inferred = infer(dataset(data, ontology))
    assert graph(":a skos:inScheme :s ; a lg:Y .") <= inferred


def test_every_rule_gives_its_reason() -> None:
    """The reasons are published with the inferred graph."""
    assert all(rule.name and rule.why.endswith(".") for rule in RULES)
    assert len({rule.name for rule in RULES}) == len(RULES)


things = st.sampled_from([NamedNode(f"{ID}thing/{name}") for name in "abcd"])
properties = st.sampled_from(
    [
        NamedNode(SKOS + name)
        for name in ("broader", "narrower", "related", "topConceptOf", "inScheme", "exactMatch")
    ]
    + [NamedNode(f"{LG}requiresSkill")]
)


@given(st.frozensets(st.builds(Triple, things, properties, things), max_size=8))
def test_a_second_look_finds_nothing_new(stated: Graph) -> None:
    """Inference is complete after one pass, whatever is stated."""
    once = NamedGraphs({graph_iri("x"): stated, ONTOLOGY_GRAPH: graph(ONTOLOGY)}, {})
    inferred = infer(once)
    assert not inferred & once.default
    assert infer(once.with_graph(INFERRED_GRAPH, inferred)) == frozenset()
