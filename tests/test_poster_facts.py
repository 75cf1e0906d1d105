"""The poster, statement by statement: all of it is in the graph, and nobody has added to it."""

from __future__ import annotations

import csv
import re

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from tests.graph import OURS, PROLOGUE, SHARED, merged_store

TABLE = SHARED / "domain/seed-facts.tsv"
ABSENT = "seed-facts.tsv is absent: the table of the poster's facts is not part of the repository"
DIALOGUE = NamedNode(f"{OURS}consultation/leadership-development-dialogue-2016")
SKOS = "http://www.w3.org/2004/02/skos/core#"
LG = "https://w3id.org/leadgraph/ns#"

Term = NamedNode | BlankNode | Literal | Triple


def triple(subject: str, predicate: str, obj: str) -> Triple:
    """Read one row of the table, where lgid:type/slug is an IRI of ours."""
    text = " ".join(
        re.sub(r"^lgid:(\S+)$", rf"<{OURS}\1>", term) for term in (subject, predicate, obj)
    )
    (quad,) = parse(f"{PROLOGUE}{text} .", format=RdfFormat.TURTLE)
    return Triple(quad.subject, quad.predicate, quad.object)


def facts() -> dict[str, Triple]:
    """Return the facts of the table by their ids; none where the table is absent."""
    if not TABLE.exists():
        return {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {
            row["fact_id"]: triple(row["subject"], row["predicate"], row["object"])
            for row in csv.DictReader(file, delimiter="\t")
        }


FACTS = facts()
needs_table = pytest.mark.skipif(not FACTS, reason=ABSENT)


@needs_table
def test_the_table_holds_272_facts() -> None:
    """No row was lost while the table was read."""
    assert list(FACTS) == [f"F{number:03}" for number in range(1, 273)]


@needs_table
@pytest.mark.parametrize("fact", FACTS.values(), ids=FACTS)
def test_the_graph_states(fact: Triple) -> None:
    """The exact triple is in the graph: subject, predicate, words, language and datatype."""
    assert Quad(*fact) in merged_store(), f"add to a file of data/:\n{fact} ."


def stated(predicate: str, subjects: set[Term], objects: set[Term]) -> set[Triple]:
    """Return what is said with the predicate of these subjects and objects; of all where empty."""
    return {
        quad.triple
        for quad in merged_store().quads_for_pattern(None, NamedNode(predicate), None)
        if (not subjects or quad.subject in subjects) and (not objects or quad.object in objects)
    }


def from_table(predicate: str) -> set[Triple]:
    """Return the facts with the predicate."""
    return {fact for fact in FACTS.values() if fact.predicate.value == predicate}


@needs_table
def test_what_the_poster_names_has_no_other_preferred_label() -> None:
    """Labels are the poster's, in English; translations are rdfs:label."""
    expected = from_table(f"{SKOS}prefLabel")
    assert stated(f"{SKOS}prefLabel", {fact.subject for fact in expected}, set()) == expected


@needs_table
def test_nothing_else_is_put_under_a_group_theme_or_area_of_the_poster() -> None:
    """What comes from elsewhere is matched (skos:broadMatch), never placed (skos:broader)."""
    expected = from_table(f"{SKOS}broader")
    assert stated(f"{SKOS}broader", set(), {fact.object for fact in expected}) == expected


@needs_table
@pytest.mark.parametrize(
    "predicate",
    [
        f"{LG}conversationCount",
        f"{LG}staffParticipantCount",
        f"{LG}communityParticipantCount",
        f"{LG}recommendsSupporting",
        f"{LG}decisionMethod",
        "http://www.w3.org/ns/prov#wasGeneratedBy",
        "https://schema.org/text",
    ],
)
def test_the_poster_alone_states(predicate: str) -> None:
    """No later source counts staff, recommends groups, lets names be voted or has a schema:text."""
    assert stated(predicate, set(), set()) == from_table(predicate)


@needs_table
def test_nothing_else_is_proposed_as_a_name_for_the_leader_of_the_poster() -> None:
    """Words discussed elsewhere are names of the general concept of a leader."""
    expected = from_table(f"{LG}proposedNameFor")
    assert stated(f"{LG}proposedNameFor", set(), {fact.object for fact in expected}) == expected


@needs_table
@pytest.mark.parametrize(
    "predicate",
    [
        "http://purl.org/dc/terms/date",
        f"{LG}participantCount",
        f"{LG}hasAim",
        f"{LG}hasFinding",
        f"{LG}hasNextStep",
    ],
)
def test_the_dialogue_of_2016_is_described_by_the_poster_alone_with(predicate: str) -> None:
    """What other pages say about the dialogue points to it from outside."""
    expected = {fact for fact in from_table(predicate) if fact.subject == DIALOGUE}
    assert stated(predicate, {DIALOGUE}, set()) == expected
