"""What the pages know of a thing: its statements in order, their sources, what points at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, RdfFormat, Triple, parse

from leadgraph.errors import ThingGone, ThingNotFound
from leadgraph.explore import describe as describing
from leadgraph.explore import lists
from leadgraph.explore.contents import contents
from leadgraph.explore.describe import describe, require, statements
from leadgraph.explore.groups import ORDER, place
from leadgraph.explore.incoming import SHOWN, incoming
from leadgraph.explore.labels import Text, choose, distance, look_up
from leadgraph.explore.ontology import ontology
from leadgraph.explore.shapes import shapes
from leadgraph.explore.sparql import Facts, put
from leadgraph.explore.steps import pathway, pathways, ranks
from leadgraph.vocabulary import BASE, ID, INFERRED_GRAPH, LG, RDF, SCHEMA, SHAPES_GRAPH, SKOS
from tests.pages_engine import engine as engine_over
from tests.pages_engine import graph

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadgraph.query.client import Engine

EX = "http://example.org/"

SMALL = f"""
PREFIX : <{ID}role/>
PREFIX ex: <{EX}>
PREFIX lg: <{LG}>
PREFIX skos: <{SKOS}>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX schema: <{SCHEMA}>
GRAPH ex:g1 {{
  ex:g1 dcterms:title "First source"@en ; dcterms:license ex:licence ; lg:basis lg:Illustrative .
  :helper a lg:LeaderRole ; skos:prefLabel "helper"@en , "ajudante"@pt-BR ; lg:note "one" .
}}
GRAPH ex:g2 {{ :helper lg:note "one" , "two" ; rdfs:label "Ayudante"@es . }}
GRAPH <https://w3id.org/leadgraph/graph/inferred> {{ :helper a skos:Concept }}
:helper a lg:LeaderRole , skos:Concept ; skos:prefLabel "helper"@en , "ajudante"@pt-BR ;
  rdfs:label "Ayudante"@es ; lg:note "one" , "two" ; skos:broader ex:group ;
  skos:closeMatch ex:elsewhere ; lg:odd [ lg:note "inner" ; lg:odd _:knot ] .
_:knot lg:odd _:knot .
ex:g1 dcterms:title "First source"@en ; dcterms:license ex:licence ; lg:basis lg:Illustrative .
ex:g2 dcterms:license "to be had for the asking" .
lg:Illustrative rdfs:label "illustrative"@en , "ilustrativo"@es .
ex:group skos:narrower :helper ; ex:pointsAt :helper .
:old owl:deprecated true ; dcterms:isReplacedBy :helper .
:silent owl:deprecated true .
:renamed dcterms:isReplacedBy :helper .
:way a lg:Pathway ; lg:hasDestination :helper ; lg:hasStep ex:s1 , ex:s2 , ex:s3 , ex:s4 .
ex:s1 schema:position 1 ; lg:nextStep ex:s2 , ex:s3 .
ex:s2 schema:position 2 ; lg:nextStep ex:s4 ; lg:hasCondition ex:c1 .
ex:s3 schema:position 3 ; lg:nextStep ex:s4 .
ex:s4 schema:position "four" .
ex:c1 lg:statementText "500 edits"@en ; lg:targetStep ex:s1 ; schema:validFrom "2024" .
"""


@pytest.fixture(scope="module")
def small() -> Iterator[Engine]:
    """A small graph with what is rare in the real one."""
    crowd = "".join(f"<{EX}{n:03}> <{EX}likes> <{ID}role/helper> .\n" for n in range(SHOWN + 5))
    quads = parse(SMALL + crowd, format=RdfFormat.TRIG)
    with engine_over("".join(f"{quad} .\n" for quad in quads).encode()) as client:
        yield client


@pytest.fixture(scope="module")
def real() -> Iterator[Engine]:
    """The graph of this repository."""
    with engine_over(graph()) as client:
        yield client


HELPER = f"{ID}role/helper"


def test_a_thing_that_is_no_subject_is_not_found(small: Engine) -> None:
    with pytest.raises(ThingNotFound):
        require(small, f"{ID}role/nobody")


def test_a_replaced_thing_is_gone_and_names_its_successor(small: Engine) -> None:
    with pytest.raises(ThingGone) as gone:
        require(small, f"{ID}role/old")

    assert gone.value.successors == (HELPER,)


@pytest.mark.parametrize("slug", ["helper", "silent", "renamed"])
def test_a_thing_is_there_unless_it_is_both_deprecated_and_replaced(
    small: Engine, slug: str
) -> None:
    require(small, f"{ID}role/{slug}")


def test_statements_come_with_their_blank_nodes(small: Engine) -> None:
    said = statements(small, HELPER)

    assert Literal("inner") in {triple.object for triple in said}
    assert all(isinstance(triple, Triple) for triple in said)


def test_each_value_has_the_marks_of_the_graphs_that_state_it(small: Engine) -> None:
    described = describe(small, HELPER, "en")
    titles = {source.number: source.node.label.value for source in described.sources}
    notes = {
        value.text.value: [titles[number] for number in value.sources]
        for group in described.groups
        for statement in group.statements
        for value in statement.values
        if statement.property.iri == f"{LG}note"
    }

    assert notes == {"one": ["example.org/g2", "First source"], "two": ["example.org/g2"]}


def test_the_inferred_graph_comes_last_and_says_what_it_is(small: Engine) -> None:
    sources = describe(small, HELPER, "en").sources

    assert [source.is_inferred for source in sources] == [False, False, True]
    assert [source.number for source in sources] == [1, 2, 3]


def test_a_source_says_what_it_rests_on_in_the_readers_language(small: Engine) -> None:
    sources = describe(small, HELPER, "es").sources

    assert {source.node.iri: source.basis and source.basis.label for source in sources} == {
        f"{EX}g1": Text("ilustrativo", "es"),
        f"{EX}g2": None,
        INFERRED_GRAPH: None,
    }


def test_a_source_brings_its_licence_and_its_basis_into_the_data(small: Engine) -> None:
    said = {str(triple) for triple in describing.provenance(small, HELPER, f"{EX}doc", f"{EX}r")}

    assert f"<{EX}g1> <http://purl.org/dc/terms/license> <{EX}licence>" in said
    assert f"<{EX}g1> <{LG}basis> <{LG}Illustrative>" in said
    assert not [line for line in said if line.startswith(f"<{EX}g2>")]
    assert f"<{EX}doc> <http://xmlns.com/foaf/0.1/primaryTopic> <{HELPER}>" in said
    assert f"<{EX}doc> <http://purl.org/dc/terms/isPartOf> <{EX}r>" in said


def test_a_blank_node_that_points_at_itself_ends(small: Engine) -> None:
    described = describe(small, HELPER, "en")
    odd = next(
        statement
        for group in described.groups
        for statement in group.statements
        if statement.property.iri == f"{LG}odd"
    )

    inner = {part.property.iri: part for part in odd.values[0].parts}
    knot = inner[f"{LG}odd"].values[0]
    assert inner[f"{LG}note"].values[0].text.value == "inner"
    assert [value.parts for part in knot.parts for value in part.values] == [()]


def test_groups_come_in_the_order_of_reading(small: Engine) -> None:
    names = [group.name for group in describe(small, HELPER, "en").groups]

    assert names == sorted(names, key=ORDER.index)
    assert {"names", "place", "links", "other"} <= set(names)


@pytest.mark.parametrize(
    ("property_", "leads_out", "group"),
    [
        (f"{SKOS}exactMatch", True, "links"),
        (f"{SKOS}exactMatch", False, "place"),
        ("http://www.w3.org/ns/prov#hadPlan", True, "sources"),
        (f"{LG}requiresSkill", False, "skills"),
        (f"{EX}unheard-of", False, "other"),
    ],
)
def test_a_property_has_its_group(property_: str, leads_out: bool, group: str) -> None:
    assert place(property_, leads_out=leads_out)[0] == group


def test_the_own_types_are_what_a_thing_is(small: Engine) -> None:
    assert [node.iri for node in describe(small, HELPER, "en").types] == [f"{LG}LeaderRole"]


@pytest.mark.parametrize(
    ("language", "label"),
    [("en", "helper"), ("es", "Ayudante"), ("pt", "ajudante"), ("fr", "helper")],
)
def test_a_label_is_in_the_readers_language_or_else_in_english(
    small: Engine, language: str, label: str
) -> None:
    assert look_up(small, [HELPER], language).node(HELPER).label.value == label


@pytest.mark.parametrize(
    ("iri", "label"),
    [
        (f"{SKOS}broader", Text("pertenece a", "es")),
        (f"{ID}role/no-label", Text("no-label")),
        (BASE, Text("w3id.org/leadgraph/")),
        ("http://www.wikidata.org/entity/Q1", Text("wd:Q1")),
        ("https://creativecommons.org/publicdomain/zero/1.0/", Text("CC0 1.0")),
        ("https://example.org/caf%C3%A9", Text("example.org/café")),
        ("urn:isbn:1", Text("urn:isbn:1")),
    ],
)
def test_what_has_no_label_is_called_something_readable(
    small: Engine, iri: str, label: Text
) -> None:
    assert look_up(small, [iri], "es").node(iri).label == label


def test_more_labels_than_one_query_may_name_are_all_found(small: Engine) -> None:
    many = [f"{EX}many/{n}" for n in range(1000)]

    assert look_up(small, [*many, HELPER], "en").node(HELPER).label.value == "helper"


@pytest.mark.parametrize(
    ("tag", "steps"), [("es", 0), ("es-MX", 1), ("en", 2), ("en-GB", 2), ("", 3), ("fr", 4)]
)
def test_a_language_is_so_far_from_spanish(tag: str, steps: int) -> None:
    assert distance(tag, "es") == steps


@given(st.lists(st.sampled_from(["en", "es", "es-MX", "fr", "ar"]), min_size=1))
def test_no_text_is_nearer_than_the_chosen_one(tags: list[str]) -> None:
    chosen = choose([Literal(tag, language=tag) for tag in tags], "es")

    assert chosen is not None
    assert distance(chosen.language, "es") == min(distance(tag, "es") for tag in tags)


@pytest.mark.parametrize("iri", ["relative", "http://a b", "http://x/> } #", 'http://x/"', ""])
def test_only_an_iri_gets_into_a_query(iri: str) -> None:
    with pytest.raises(ValueError, match="IRI"):
        put("SELECT * { $thing ?p ?o }", thing=iri)


@given(st.text())
def test_no_text_can_end_the_term_that_it_is_put_in(text: str) -> None:
    try:
        query = put("ASK { $thing ?p ?o }", thing=f"http://x/{text}")
    except ValueError:
        return

    assert query.partition("ASK { <")[2].count(">") == 1
    assert query.endswith("> ?p ?o }")


def test_what_points_here_is_counted_whole_and_listed_in_part(small: Engine) -> None:
    rows = {row.property.iri: row for row in incoming(small, HELPER, "en")}
    likes = rows[f"{EX}likes"]

    assert likes.count == SHOWN + 5
    assert len(likes.subjects) == SHOWN
    assert len(small.rows(likes.query)) == SHOWN + 5


def test_a_named_graph_lists_the_things_that_it_speaks_of(small: Engine) -> None:
    listed = contents(small, f"{EX}g1", "es")

    assert [node.label.value for node in listed.things] == ["Ayudante"]
    assert listed.count == len(small.rows(listed.query)) == 1
    assert contents(small, f"{EX}no-graph", "es").things == ()


def test_what_is_told_already_is_not_told_the_other_way_round(small: Engine) -> None:
    predicates = describe(small, HELPER, "en").predicates
    rows = {row.property.iri for row in incoming(small, HELPER, "en", predicates)}

    assert f"{EX}pointsAt" in rows
    assert f"{SKOS}narrower" not in rows


def test_alternatives_of_a_pathway_share_a_rank(small: Engine) -> None:
    way = pathway(small, f"{ID}role/way", "en")

    assert [[step.node.iri[-2:] for step in rank] for rank in way.ranks] == [
        ["s1"],
        ["s2", "s3"],
        ["s4"],
    ]
    assert way.length == 4
    assert [node.iri for node in way.destinations] == [HELPER]


def test_a_condition_keeps_the_words_of_its_rule(small: Engine) -> None:
    (condition,) = pathway(small, f"{ID}role/way", "en").ranks[1][0].conditions

    assert condition.node.label == Text("500 edits", "en")
    assert [node.iri for node in condition.targets] == [f"{EX}s1"]
    assert (condition.valid_from, condition.valid_through) == ("2024", "")


def test_a_step_that_skips_ahead_says_what_follows() -> None:
    following = {"a": ["b", "c"], "b": ["c"], "c": ["d"], "d": []}

    assert ranks(following, following) == {"a": 0, "b": 1, "c": 2, "d": 3}


@given(
    st.dictionaries(
        st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=3), max_size=6
    )
)
def test_ranks_end_even_where_steps_lead_in_circles(following: dict[str, list[str]]) -> None:
    found = ranks(following, following)

    assert set(found) == set(following)
    assert all(0 <= rank < max(len(following), 1) for rank in found.values())


def test_an_rdf_list_that_bites_its_tail_ends() -> None:
    rdf = f"PREFIX rdf: <{RDF}> PREFIX ex: <{EX}> "
    turtle = f"{rdf} ex:l rdf:first ex:a ; rdf:rest ex:m . ex:m rdf:first ex:b ; rdf:rest ex:l ."
    facts = Facts(quad.triple for quad in parse(turtle, format=RdfFormat.TURTLE))

    assert facts.items(f"{EX}l") == [f"{EX}a", f"{EX}b"]


def test_looking_up_what_is_not_there_changes_nothing() -> None:
    facts = Facts([])

    assert facts.objects("nobody", "nothing") == []
    assert facts.number("nobody", "nothing") is None
    assert facts.subjects() == []


def test_the_poster_has_four_groups_six_themes_and_two_areas(real: Engine) -> None:
    def headed(kind: str) -> list[lists.Branch]:
        branches = lists.gather(real, "en", LG + kind, SKOS + "broader")
        return [branch for branch in branches if branch.head]

    assert [len(branch.members) for branch in headed("LeaderRole")] == [2] * 4
    assert [len(branch.members) for branch in headed("SupportStrategy")] == [5] * 2
    themes = headed("Skill")
    assert len(themes) == 6
    assert themes[0].head
    assert themes[0].head.label.value == "How to be Collaborative"


def test_things_without_a_head_come_last(real: Engine) -> None:
    branches = lists.gather(real, "en", f"{LG}LeaderRole", f"{SKOS}broader")

    assert [branch.head is None for branch in branches] == [False] * 4 + [True]


def test_a_literal_can_head_a_branch(real: Engine) -> None:
    branches = lists.gather(real, "en", f"{LG}LearningResource", f"{SCHEMA}learningResourceType")
    heads = [branch.head for branch in branches if branch.head]

    assert {head.iri for head in heads} == {""}
    assert "guide" in {head.label.value for head in heads}


def test_the_names_that_were_voted_good_come_first(real: Engine) -> None:
    found = lists.names(real, "en")

    assert [name.was_voted for name in found[:6]] == [True] * 5 + [False]
    assert found[0].forms == (Text("Wiki Leaders", "en"),)


def test_the_consultation_adds_up(real: Engine) -> None:
    (figures,) = lists.consultations(real, "en")

    assert (figures.conversations, figures.participants) == (5, 100)
    assert (figures.staff, figures.community) == (21, 79)


def test_what_is_counted_is_what_is_listed(real: Engine) -> None:
    counts = lists.counts(real)

    assert counts["Pathway"] == len(pathways(real, "en"))
    assert counts["NameProposal"] == len(lists.names(real, "en"))


def test_nothing_is_counted_where_nothing_is(small: Engine) -> None:
    assert lists.counts(small)["Skill"] == 0
    assert lists.names(small, "en") == ()
    assert lists.consultations(small, "en") == ()


def test_the_ontology_is_read_in_the_readers_language(real: Engine) -> None:
    read = ontology(real, "ar")
    terms = {term.anchor: term for section in read.sections for term in section.terms}

    assert [section.name for section in read.sections] == [
        "classes",
        "object-properties",
        "data-properties",
        "code-lists",
    ]
    assert terms["LeaderRole"].node.label == Text("دور قيادي", "ar")
    assert terms["LeaderRole"].uses == lists.counts(real)["LeaderRole"]
    assert [node.iri for node in terms["isSkillRequiredBy"].inverses] == [f"{LG}requiresSkill"]


def test_a_code_list_shows_its_codes_in_their_order(real: Engine) -> None:
    sections = {section.name: section.terms for section in ontology(real, "en").sections}
    bearers = next(term for term in sections["code-lists"] if term.anchor == "BearerKind")

    assert [code.anchor for code in bearers.codes] == [
        "PersonBearer",
        "PositionBearer",
        "GroupBearer",
    ]


def test_every_term_of_the_ontology_is_on_its_page(real: Engine) -> None:
    declared = real.rows(
        put(
            "SELECT DISTINCT ?term { GRAPH $graph { ?term rdfs:isDefinedBy ?lg } "
            f"FILTER(STRSTARTS(STR(?term), '{LG}')) }}",
            graph="https://w3id.org/leadgraph/graph/ontology",
        )
    )
    shown = [term for section in ontology(real, "en").sections for term in section.terms]
    anchors = {each.anchor for term in shown for each in (term, *term.codes)}

    assert {row["term"].value.removeprefix(LG) for row in declared} == anchors


def test_shapes_say_what_is_asked_in_the_readers_language(real: Engine) -> None:
    read = {shape.anchor: shape for shape in shapes(real, "de")}
    label = next(asked for asked in read["Pathway"].properties if asked.path == "skos:prefLabel")

    assert label.least == 1
    assert label.name == Text("Name", "de")
    assert label.messages[0].language == "de"
    assert [node.iri for node in read["Pathway"].targets] == [f"{LG}Pathway"]


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("[ sh:inversePath skos:broader ]", "^skos:broader"),
        ("( skos:broader [ sh:zeroOrMorePath skos:related ] )", "skos:broader / skos:related*"),
        ("[ sh:alternativePath ( skos:broader skos:related ) ]", "skos:broader | skos:related"),
    ],
)
def test_a_property_path_is_written_as_in_sparql(path: str, written: str) -> None:
    turtle = f"""
        PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX skos: <{SKOS}> PREFIX ex: <{EX}>
        GRAPH <{SHAPES_GRAPH}> {{ ex:S a sh:NodeShape ; sh:property [ sh:path {path} ] }}"""
    nquads = "".join(f"{quad} .\n" for quad in parse(turtle, format=RdfFormat.TRIG))
    with engine_over(nquads.encode()) as client:
        (shape,) = shapes(client, "en")

    assert [asked.path for asked in shape.properties] == [written]


def test_without_ontology_or_shapes_nothing_is_found(small: Engine) -> None:
    with pytest.raises(ThingNotFound):
        ontology(small, "en")
    with pytest.raises(ThingNotFound):
        shapes(small, "en")
