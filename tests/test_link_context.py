"""What a SERVICE is asked about: keys, and the text of a request."""

from __future__ import annotations

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Store, Triple

from leadgraph.errors import ServiceTooBroad
from leadgraph.link.account import Table
from leadgraph.link.join import pattern
from leadgraph.link.join.context import context
from leadgraph.link.join.keys import ALL, NOTHING, Matching, choose
from leadgraph.link.join.part import Part
from leadgraph.link.join.rewrite import Writer, inlined
from leadgraph.link.join.roles import roles
from leadgraph.link.source.sources import Source, Sources
from leadgraph.link.text.parse import parse
from leadgraph.link.text.tree import services
from leadgraph.settings import Settings

S = "SERVICE <http://a/>"
WDT = "http://www.wikidata.org/prop/direct/P31"


def _item(number: int) -> NamedNode:
    return NamedNode(f"http://www.wikidata.org/entity/Q{number}")


def _source(allow: str) -> Source:
    return Sources.from_settings(Settings(service_allow=allow)).listed[0]


PLAIN = _source("http://a.example/sparql#block=10")
WIKIDATA = _source("https://query.wikidata.org/sparql")


def _matching(body: str, source: Source = PLAIN) -> Matching:
    text = f"SELECT * {{ {body} }}"
    return Matching(source, roles(text, parse(text).select.where), lambda verb: verb.strip("<>"))


@pytest.mark.parametrize(
    ("text", "kept", "left"),
    [
        (f"?a <p> ?b {S} {{ ?b <q> ?c }} ?c <r> ?d", ["?a <p> ?b", "?c <r> ?d"], []),
        (f"?a <p> ?b {S} {{ ?b <q> ?c }} OPTIONAL {{ ?c <r> ?d }}", ["?a <p> ?b"], ["?c <r>"]),
        (f"OPTIONAL {{ ?a <p> ?b }} {S} {{ ?b <q> ?c }}", ["OPTIONAL { ?a <p> ?b }"], []),
        (f"?a <p> ?b OPTIONAL {{ {S} {{ ?b <q> ?c }} }} ?c <r> ?d", ["?a <p> ?b"], []),
        (f"?a <p> ?b MINUS {{ {S} {{ ?b <q> ?c }} }} ?b <r> ?d", ["?a <p> ?b", "?b <r> ?d"], []),
        (f"?a <p> ?b FILTER(?b > 1) {S} {{ ?b <q> ?c }}", ["FILTER((", "?b > 1"], ["BOUND"]),
        (f"?a <p> ?b FILTER(?c > 1) {S} {{ ?b <q> ?c }}", ["?a <p> ?b"], ["> 1"]),
        (f"?a <p> ?b FILTER(RAND() > ?b) {S} {{ ?b <q> ?c }}", ["?a <p> ?b"], ["RAND"]),
        (f"?a <p> ?b BIND(UUID() AS ?c) {S} {{ ?b <q> ?c }}", ["?a <p> ?b"], ["UUID"]),
        (
            f"OPTIONAL {{ ?a <p> ?b }} FILTER(?b > 1) {S} {{ ?b <q> ?c }}",
            ["!BOUND(?b) || (", "?b > 1"],
            [],
        ),
        (f"?a <p> ?b {{ SELECT ?c {{ ?b <p> ?c {S} {{ ?b <q> 1 }} }} }}", ["?b <p> ?c"], ["?a"]),
        (f"?a <p> ?b {{ SELECT ?b {{ {S} {{ ?b <q> 1 }} }} LIMIT 1 }}", [], ["?a <p> ?b"]),
        (f"?a <p> ?b {S.replace('a', 'b')} {{ ?b <p> ?x }} {S} {{ ?b <q> ?x }}", ["?a <p> ?b"], []),
        (f"GRAPH ?g {{ ?a <p> ?b {S} {{ ?b <q> ?c }} }}", ["GRAPH ?g { ?a <p> ?b"], []),
    ],
)
def test_a_context_keeps_what_it_may_and_no_more(
    text: str, kept: list[str], left: list[str]
) -> None:
    tree = parse(f"SELECT * {{ {text} }}")

    found = " ".join(context(Writer(tree, {}), services(tree.select)[-1]).pattern.split())

    assert all(piece in found for piece in kept)
    assert not any(piece in found for piece in left)


def test_the_most_telling_keys_that_take_the_fewest_requests_are_chosen() -> None:
    items = Table(("i",), tuple((_item(number),) for number in range(25)))
    kinds = Table(("k",), ((NamedNode("http://k/1"),), (NamedNode("http://k/2"),)))
    one = Table(("k",), kinds.rows[:1])
    body = _matching("?i <p> ?k")

    assert choose([items, one], body, 1000).variables == ("i", "k")
    assert choose([items, kinds], body, 1000).variables == ("i",)


def test_keys_of_many_parts_are_chosen_without_trying_every_set_of_them() -> None:
    tables = [
        Table((f"v{part}",), tuple((_item(number),) for number in range(1 + part % 3)))
        for part in range(60)
    ]
    body = _matching(" . ".join(f"?v{part} <p> ?x{part}" for part in range(60)))

    chosen = choose(tables, body, 1000)

    assert 0 < chosen.count <= body.source.block
    assert len(chosen.variables) > 20


def test_what_cannot_match_is_no_key() -> None:
    rows = ((_item(1),), (BlankNode("b"),), (Literal("x"),), (NamedNode("http://e/1"),))
    table = Table(("i",), rows)

    assert choose([table], _matching("?x <p> ?i"), 10).count == 3
    assert choose([table], _matching("?i <p> ?x"), 10).count == 2
    assert choose([table], _matching("?i <p> ?x", WIKIDATA), 10).rows == (rows[0],)
    assert choose([table], _matching("?x ?i ?y"), 10).count == 2


def test_an_item_alone_has_statements_at_wikidata() -> None:
    page = NamedNode("https://en.wikipedia.org/wiki/Leader")
    table = Table(("i",), ((_item(1),), (page,)))

    assert choose([table], _matching("?i <http://schema.org/about> ?x", WIKIDATA), 10).count == 2
    assert choose([table], _matching(f"?i <{WDT}> ?x", WIKIDATA), 10).rows == ((_item(1),),)


def test_what_is_unbound_somewhere_or_cannot_be_written_is_left_out_of_keys() -> None:
    triple = Triple(_item(1), NamedNode("http://p"), Literal(1))
    rows = ((_item(1), None), (_item(2), Literal("x")))
    told = Table(("i", "t"), ((_item(1), triple),))

    assert choose([Table(("i", "j"), rows)], _matching("?i <p> ?j"), 10).variables == ("i",)
    assert choose([Table(("j",), ((None,),))], _matching("?i <p> ?j"), 10) == ALL
    assert choose([Table(("i",), ())], _matching("?i <p> ?j"), 10) == NOTHING
    assert choose([told], _matching("?i <p> ?t"), 10).variables == ("i",)


def test_more_keys_than_may_be_asked_about_are_an_error() -> None:
    table = Table(("i",), tuple((_item(number),) for number in range(11)))

    with pytest.raises(ServiceTooBroad):
        choose([table], _matching("?i <p> ?x"), 10)


@pytest.mark.parametrize(
    ("body", "before"),
    [
        ("?i <p> ?x", ""),
        ("?x <p> ?y . ?y <q> ?i OPTIONAL { ?i <r> ?z }", ""),
        ("?x <p> ?y OPTIONAL { ?i <r> ?z } ?i <p> ?x", None),
        ("{ SELECT ?i (COUNT(?x) AS ?n) { ?i <p> ?x } GROUP BY ?i }", "GROUPED"),
        ("{ SELECT ?i { ?i <p> ?x } LIMIT 1 } ?i <q> ?y", ""),
        ("SELECT ?i { ?i <p> ?x } LIMIT 1", None),
        ("SELECT ?i { ?i <p> ?x } GROUP BY ?i", "GROUPED"),
    ],
)
def test_values_stand_where_they_change_nothing(body: str, before: str | None) -> None:
    tree = parse(f"SELECT * {{ ?a <p> ?i {S} {{{body}}} }}")
    service = services(tree.select)[0]

    place = pattern.place(tree, service.pattern, frozenset({"i"}))

    inside = {None: None, "": 0, "GROUPED": body.find("{ ?i") + 1}[before]
    assert place == (None if inside is None else service.pattern.start + 1 + inside)


@pytest.mark.parametrize(
    ("filters", "pushed"),
    [
        ("FILTER(LANG(?l) = 'en')", 1),
        ("FILTER(?l > ?other)", 0),
        ("FILTER(<http://f>(?l))", 0),
        ("FILTER(REGEX(?l, 'a', 'i') && ?l IN ('a', 'b'@en)) FILTER(!BOUND(?l))", 2),
        ("FILTER(RAND() < ?l)", 0),
        ("FILTER EXISTS { ?l <p> 1 }", 0),
    ],
)
def test_filters_that_the_source_can_decide_go_along(filters: str, pushed: int) -> None:
    tree = parse(f"SELECT * {{ ?other <p> ?i {S} {{ ?i <q> ?l }} {filters} }}")

    assert len(pattern.part(tree, services(tree.select)[0], 10).filters) == pushed


def test_only_variables_that_somebody_sees_are_asked_for() -> None:
    def wanted(text: str) -> tuple[str, ...]:
        tree = parse(text)
        return pattern.part(tree, services(tree.select)[0], 10).variables

    assert wanted(f"SELECT ?l {{ ?a <p> ?i {S} {{ ?i <q> ?l ; <r> ?x }} }}") == ("i", "l")
    assert wanted(f"SELECT * {{ ?a <p> ?i {S} {{ ?i <q> ?l ; <r> ?x }} }}") == ("i", "l", "x")
    assert wanted(f"SELECT ?a {{ ?a <p> ?b {S} {{ ?i <q> ?l }} }}") == ("i",)


def test_labels_of_wikidata_are_asked_for_where_they_are_used() -> None:
    tree = parse(
        "PREFIX wikibase: <http://wikiba.se/ontology#> PREFIX bd: <http://www.bigdata.com/rdf#> "
        f"SELECT ?iLabel {{ ?a <p> ?i {S} {{ ?i <q> ?l SERVICE wikibase:label "
        '{ bd:serviceParam wikibase:language "en" } } FILTER(STRLEN(?iLabel) > 2) }'
    )

    part = pattern.part(tree, services(tree.select)[0], 10)

    assert part.variables == ("i", "iLabel")
    assert not part.filters


def test_a_request_is_written_exactly() -> None:
    part = Part(
        prologue="PREFIX : <http://e/>\n",
        body=" ?i :p ?l # a comment }",
        variables=("i", "l"),
        keys=("i",),
        inline=True,
        filters=("(LANG(?l) = 'en')",),
        limit=7,
    )

    assert part.text([(_item(1),), (Literal('a"\n', language="en"),)]) == (
        "PREFIX : <http://e/>\nSELECT ?i ?l WHERE {\n"
        'VALUES ?i { <http://www.wikidata.org/entity/Q1> "a\\"\\n"@en }\n'
        " ?i :p ?l # a comment }\nFILTER((LANG(?l) = 'en'))\n}\n"
    )
    assert part.text(None).endswith("LIMIT 7\n")


def test_a_table_comes_back_as_it_was_blank_nodes_as_nodes() -> None:
    node, other = BlankNode("x"), BlankNode("y")
    told = Triple(node, NamedNode("http://p"), Literal('é\\"\n', language="en"))
    rows = (
        (node, Literal("01"), told),
        (node, None, None),
        (other, Literal("x", language="ar-EG"), NamedNode("http://e/é")),
        (NamedNode("http://e/1"), Literal(1), node),
        (None, None, told),
    )

    answer = Store().query(f"SELECT * {{ {inlined(Table(('a', 'b', 'c'), rows), 5)} }}")

    assert isinstance(answer, QuerySolutions)
    got = [tuple(solution[name] for name in "abc") for solution in answer]
    names = {got[0][0]: node, got[2][0]: other}
    assert got[0][0] == got[1][0] == got[3][2] != got[2][0]
    assert [tuple(names.get(term, term) for term in row[:2]) for row in got] == [
        row[:2] for row in rows
    ]
    assert got[0][2] == got[4][2] == Triple(got[0][0], told.predicate, told.object)


@pytest.mark.parametrize("rows", [(), ((),), ((), ())])
def test_a_table_without_variables_keeps_its_rows(rows: tuple[tuple[()], ...]) -> None:
    answer = Store().query(f"SELECT * {{ {inlined(Table((), rows), 0)} }}")

    assert isinstance(answer, QuerySolutions)
    assert len(list(answer)) == len(rows)
