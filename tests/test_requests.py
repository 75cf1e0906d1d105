"""What is sent to another endpoint is short, says the same, and has no key that cannot match."""

from __future__ import annotations

import time
from functools import partial

import pytest
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from leadgraph.link.account import Table
from leadgraph.link.asking.blocks import blocks
from leadgraph.link.join.keys import Matching
from leadgraph.link.join.part import Part
from leadgraph.link.join.rewrite import inlined
from leadgraph.link.join.roles import roles
from leadgraph.link.source.sources import Sources
from leadgraph.link.text.parse import parse
from leadgraph.link.text.parsed import resolved
from leadgraph.settings import Settings
from leadgraph.vocabulary import WD

SOURCE = Sources.from_settings(
    Settings(service_allow=f"http://127.0.0.1:9/sparql#subjects={WD}")
).listed[0]
ITEM, ELSEWHERE = NamedNode(f"{WD}Q42"), NamedNode("http://example.org/Q42")
STRANGE = (
    "http://example.org/a.b",
    "http://example.org/a-b",
    "http://example.org/%41",
    "http://example.org/é",
    "http://example.org/",
    "http://example.org/a/b#",
    "urn:a:b",
    "http://example.org/a?b/c",
)


def rows(text: str, store: Store | None = None) -> list[tuple[object, ...]]:
    found = (store or Store()).query(text)
    assert isinstance(found, QuerySolutions)
    return [tuple(row) for row in found]


def part(prologue: str = "", *keys: str) -> Part:
    return Part(prologue=prologue, body="", variables=keys, keys=keys, inline=True)


def test_keys_of_one_namespace_share_a_prefix_and_are_read_as_they_were() -> None:
    keys = [(NamedNode(f"{WD}Q{number}"),) for number in range(500)]

    text = part("", "item").text(keys)

    assert rows(text) == keys
    assert text.count(WD) == 1
    assert len(text) < 500 * len("k0:Q500 ") + 200


def test_terms_that_no_prefix_fits_are_read_as_they_were() -> None:
    iris = [NamedNode(iri) for iri in (*STRANGE, f"{WD}Q1", f"{WD}Q2")]
    literals = [Literal("Q1"), Literal("k0:Q1", language="en"), Literal(1), None, None]
    keys = [*zip(iris, [*literals, *literals], strict=True)]

    assert rows(part("", "item", "of").text(keys)) == keys


def test_a_prefix_of_the_user_keeps_its_meaning() -> None:
    prologue = "PREFIX k0: <http://example.org/>\nPREFIX k1: <http://example.org/1/>\n"
    asked = Part(
        prologue=prologue,
        body=" ?item k0:knows k1:you ",
        variables=("item",),
        keys=("item",),
        inline=True,
    )
    knows, you = NamedNode("http://example.org/knows"), NamedNode("http://example.org/1/you")
    store = Store()
    store.add(Quad(ITEM, knows, you))

    assert rows(asked.text([(ITEM,), (NamedNode(f"{WD}Q1"),)]), store) == [(ITEM,)]


def test_a_namespace_that_has_a_prefix_gets_no_second_one() -> None:
    prologue = f"PREFIX wd: <{WD}>\nPREFIX k0: <http://example.org/>\n"
    asked = Part(prologue=prologue, body="", variables=("item",), keys=("item",), inline=True)
    entities = [(NamedNode(f"{WD}Q{n}"),) for n in range(2)]
    others = [(NamedNode(f"http://example.org/1/{n}"),) for n in range(2)]

    assert asked.short(entities).declarations == ""
    assert "VALUES ?item { wd:Q0 wd:Q1 }" in asked.text(entities)
    assert rows(asked.text([*entities, *others])) == [*entities, *others]


def test_a_prefix_means_what_it_was_last_declared_to_mean() -> None:
    prologue = f"PREFIX wd: <{WD}>\nPREFIX wd: <http://example.org/>\n"
    asked = Part(prologue=prologue, body="", variables=("item",), keys=("item",), inline=True)
    entities = [(NamedNode(f"{WD}Q{n}"),) for n in range(2)]

    assert "k0:Q0 k0:Q1" in asked.text(entities)
    assert rows(asked.text(entities)) == entities


def test_blocks_are_as_large_as_short_keys_allow_and_no_larger() -> None:
    keys = [(NamedNode(f"{space}Q{n}"),) for n in range(60) for space in (WD, "http://a/", "urn:")]
    asked = part("", "item")
    rest = len(asked.text(()).encode())

    found = blocks(keys, 100, rest, 900, asked.short(keys))

    assert [key for block in found for key in block] == keys
    lengths = [len(asked.text(block).encode()) for block in found]
    assert max(lengths) <= 900
    assert min(lengths[:-1]) > 900 - 60


@pytest.mark.parametrize(
    ("body", "can_match"),
    [
        ("{ ?item a ?b } UNION { ?item ?c ?d }", False),
        ("{ ?item a ?b } UNION { ?c ?d ?item }", True),
        ("{ ?item a ?b } UNION { ?c ?d ?e }", True),
        ("{ ?item a ?b } UNION { OPTIONAL { ?item ?c ?d } }", True),
        ("{ { ?item a ?b } UNION { ?item ?c ?d } } UNION { ?item ?e ?f }", False),
        ("?item a ?b . { ?b ?c ?item } UNION { ?d ?e ?f }", False),
        ("{ ?item a ?b } UNION { ?c ^?d ?item }", True),
    ],
)
def test_a_key_is_left_out_if_no_branch_of_a_union_can_match_it(body: str, can_match: bool) -> None:
    tree = parse(f"SELECT * {{ {body} }}")
    matching = Matching(SOURCE, roles(tree.text, tree.select.where), lambda verb: verb)

    assert matching.can_match("item", ITEM)
    assert matching.can_match("item", ELSEWHERE) is can_match


@pytest.mark.parametrize(
    ("body", "can_match"),
    [
        ("?item a/a* ?b", False),
        ("?item (a/a)+ ?b", False),
        ("?item a*/a ?b", True),
        ("?item a|^a ?b", True),
        ("?item !a ?b", True),
        ("?item a 1.5 ; a* ?b", False),
        ("?b a ?c , [ a ?item ]", True),
        ("SELECT ?item { ?item a ?b }", False),
        ("{ SELECT * { ?item a ?b } } ?item a* ?c", False),
        ("SELECT ?item (COUNT(*) AS ?n) { ?item a ?b } GROUP BY ?item", False),
        ("SELECT (COUNT(*) AS ?item) { ?item a ?b } GROUP BY ?b", True),
        ("SELECT (?b AS ?item) { ?item a ?b }", True),
        ("SELECT ?item { { ?item a ?b } UNION { ?item a/a ?b } }", False),
    ],
)
def test_what_a_path_or_a_sub_query_begins_with_is_a_subject(body: str, can_match: bool) -> None:
    tree = parse(f"SELECT * {{ {body} }}")
    matching = Matching(SOURCE, roles(tree.text, tree.select.where), lambda verb: verb)

    assert matching.can_match("item", ITEM)
    assert matching.can_match("item", ELSEWHERE) is can_match


@pytest.mark.parametrize(
    ("verb", "can_match"), [("?p", True), ("$p", True), ("a", True), ("wdt:P31", False)]
)
def test_any_verb_can_stand_beside_a_key_that_is_no_entity(verb: str, can_match: bool) -> None:
    wikidata = Sources.from_settings(Settings()).listed[0]
    tree = parse(
        f"PREFIX wdt: <http://www.wikidata.org/prop/direct/>SELECT * {{ ?item {verb} ?b }}"
    )
    found = roles(tree.text, tree.select.where)
    matching = Matching(wikidata, found, partial(resolved, tree))

    page = NamedNode("http://www.wikidata.org/wiki/Special:EntityData/Q42")
    assert matching.can_match("item", page) is can_match


@pytest.mark.parametrize(
    "table",
    [
        Table(("item", "name"), ((ITEM, Literal("a")), (ITEM, None), (ITEM, None))),
        Table(("item",), ()),
        Table((), ((), ())),
    ],
)
def test_what_was_received_is_read_as_it_was(table: Table) -> None:
    names = " ".join(f"(?{name} AS ?{name}_)" for name in table.variables) or "(1 AS ?one)"
    expected = [row or (Literal(1),) for row in table.rows]

    assert rows(f"SELECT {names} {{ {inlined(table, 0)} }}") == expected


def test_a_large_table_is_joined_with_several_triples_in_time() -> None:
    """Of bare VALUES the engine makes a product: 10,000 rows with 40,000 things."""
    a, kind, link = (NamedNode(f"http://example.org/{name}") for name in ("a", "kind", "link"))
    items = [NamedNode(f"{WD}Q{number}") for number in range(40_000)]
    things = [NamedNode(f"http://example.org/{number}") for number in range(40_000)]
    store = Store()
    store.bulk_extend(Quad(thing, a, kind) for thing in things)
    store.bulk_extend(Quad(things[place], link, item) for place, item in enumerate(items))
    table = Table(("item", "name"), tuple((item, Literal("name")) for item in items[:10_000]))

    started = time.process_time()
    found = rows(f"SELECT * {{ ?thing {a} {kind} ; {link} ?item . {inlined(table, 0)} }}", store)

    assert len(found) == 10_000
    assert time.process_time() - started < 3
