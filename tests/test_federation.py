"""Queries with SERVICE: equal to one store with everything, and asked for as little as can be."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, note
from hypothesis import settings as run
from pyoxigraph import QueryResultsFormat, QuerySolutions, Store, parse_query_results

from leadgraph.errors import (
    FederationTooSlow,
    LabelServiceOutside,
    QueryMalformed,
    ReplayRefused,
    ServiceMalformed,
    ServiceRefused,
    ServiceTooBroad,
    ServiceUnbound,
    SourceTooLarge,
    SourceUnreachable,
)
from leadgraph.link.federation import Federation
from leadgraph.link.join.local import Local
from leadgraph.link.run import Run
from leadgraph.link.text.existence import deferred, is_joined, within
from leadgraph.link.text.parse import parse
from leadgraph.link.text.parsed import read
from leadgraph.model import Question
from tests.federated import DEAD, A, B, requests, result, world
from tests.queries_generated import queries

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leadgraph.link.federation import Federated
    from tests.federated import World

PREFIXES = "PREFIX : <http://e/>\nPREFIX w: <http://w/>\n"
SA, SB = f"SERVICE <{A}>", f"SERVICE <{B}>"

LOCAL = """
PREFIX : <http://e/>  PREFIX w: <http://w/>
:r1 :match w:1 ; :name "one"@en , "un"@fr ; :level 1 ; :code "01" .
:r2 :match w:2 ; :name "two"@en ; :level 2 .
:r3 :match w:3 , w:4 ; :name "three"@en .
:r4 :match _:unknown ; :name "four" ; :level 04 .
:r5 :match "5" ; :level 5 .
:r6 :level 6 .
:s :source <http://a.example/sparql> , <http://b.example/sparql> .
:kind1 :of w:k1 . :kind2 :of w:k2 .
:g1 { :r1 :match w:1 . :r1 :seen :yes }
:g2 { :r2 :match w:2 . :r3 :match w:3 }
"""
REMOTE = {
    A: """
PREFIX w: <http://w/>
w:1 w:label "eins"@de , "one"@en ; w:kind w:k1 ; w:size 1 , 10 ; w:part [ w:n 1 ] , [ w:n 2 ] .
w:2 w:label "zwei"@de , "two"@en ; w:kind w:k2 ; w:size 2 .
w:3 w:label "drei"@de ; w:kind w:k1 ; w:part [ w:n 3 ] .
w:7 w:label "sieben"@de ; w:kind w:k3 ; w:size 7 .
w:5 w:code "01" , 5 . w:6 w:level 4 , 1 .
<http://w/x#SERVICE> w:label "hash" .
""",
    B: """
PREFIX w: <http://w/>
w:k1 w:name "kind one"@en ; w:broader w:k0 . w:k2 w:name "kind two"@en . w:k3 w:name "three"@en .
w:1 w:alias "uno" . w:3 w:alias "tre" , "drei" .
""",
}

SHAPES = {
    "first": f"SELECT * {{ {SA} {{ ?i w:label ?l }} ?r :match ?i }}",
    "last": f"SELECT * {{ ?r :match ?i . {SA} {{ ?i w:label ?l }} }}",
    "alone": f"SELECT * {{ {SA} {{ ?i w:label ?l }} }}",
    "filter in": f'SELECT * {{ ?r :match ?i {SA} {{ ?i w:label ?l FILTER(LANG(?l) = "de") }} }}',
    "filter out": f'SELECT * {{ ?r :match ?i {SA} {{ ?i w:label ?l }} FILTER(LANG(?l) = "de") }}',
    "filter across": f"SELECT * {{ ?r :name ?n {SA} {{ ?i w:label ?l }} FILTER(?n = ?l) }}",
    "optional": f"SELECT * {{ ?r :match ?i OPTIONAL {{ {SA} {{ ?i w:label ?l }} }} }}",
    "optional with local": f"SELECT * {{ ?r :level ?v OPTIONAL {{ ?r :match ?i {SA} "
    "{ ?i w:label ?l } } }",
    "optional condition": f"SELECT * {{ ?r :match ?i ; :level ?v OPTIONAL {{ {SA} "
    "{ ?i w:size ?z } FILTER(?z > ?v) } }",
    "optional then filter": f"SELECT * {{ ?r :match ?i OPTIONAL {{ {SA} {{ ?i w:size ?z }} }} "
    "FILTER(!BOUND(?z) || ?z > 5) }",
    "optional then join": f"SELECT * {{ ?r :match ?i OPTIONAL {{ {SA} {{ ?i w:kind ?k }} }} "
    "?q :of ?k }",
    "unbound key": f"SELECT * {{ ?r :level ?v OPTIONAL {{ ?r :match ?i }} {SA} "
    "{ ?i w:label ?l } }",
    "optional in": f"SELECT * {{ ?r :match ?i {SA} {{ ?i w:label ?l OPTIONAL {{ ?i w:size ?z }} "
    "} }",
    "optional in binds": f"SELECT * {{ ?r :match ?i ; :level ?z {SA} {{ ?i w:label ?l "
    "OPTIONAL { ?i w:size ?z } } }",
    "union": f"SELECT * {{ ?r :match ?i {{ {SA} {{ ?i w:label ?l }} }} UNION "
    f"{{ {SB} {{ ?i w:alias ?l }} }} }}",
    "union in": f"SELECT * {{ ?r :match ?i {SA} {{ {{ ?i w:label ?l }} UNION "
    "{ ?i w:size ?l } } }",
    "union with local": f"SELECT * {{ {{ ?r :match ?i }} UNION {{ ?r :match ?i {SA} "
    "{ ?i w:label ?l } } }",
    "minus": f"SELECT * {{ ?r :match ?i MINUS {{ {SA} {{ ?i w:size ?z }} }} }}",
    "minus nothing shared": f"SELECT * {{ ?r :match ?i MINUS {{ {SA} {{ ?x w:size ?z }} }} }}",
    "minus local": f"SELECT * {{ ?r :match ?i {SA} {{ ?i w:label ?l }} MINUS {{ ?r :code ?c }} }}",
    "minus in": f"SELECT * {{ ?r :match ?i {SA} {{ ?i w:label ?l MINUS {{ ?i w:size ?z }} }} }}",
    "minus optional": f"SELECT * {{ ?r :level ?v OPTIONAL {{ ?r :match ?i }} MINUS {{ {SA} "
    "{ ?i w:size ?v } } }",
    "exists": f"SELECT * {{ ?r :match ?i FILTER EXISTS {{ {SA} {{ ?i w:size ?z }} }} }}",
    "not exists": f"SELECT * {{ ?r :match ?i FILTER NOT EXISTS {{ {SA} {{ ?i w:size ?z }} }} }}",
    "exists or": f"SELECT * {{ ?r :match ?i FILTER(EXISTS {{ {SA} {{ ?i w:size 7 }} }} || "
    f"EXISTS {{ {SB} {{ ?i w:alias ?a }} }}) }}",
    "exists chain": f"SELECT * {{ ?r :match ?i FILTER EXISTS {{ {SA} {{ ?i w:kind ?k }} "
    f"{SB} {{ ?k w:broader ?b }} }} }}",
    "exists beside": f"SELECT * {{ ?r :match ?i FILTER EXISTS {{ {SB} {{ ?i w:alias ?a }} }} "
    f"{SA} {{ ?i w:label ?l }} }}",
    "exists compared": f"SELECT * {{ ?r :match ?i ; :name ?n FILTER EXISTS {{ {SA} {{ "
    "?i w:label ?l FILTER(?l = ?n) } } }",
    "exists compared in a language": f"SELECT * {{ VALUES ?t {{ 'de' 'en' 'fr' }} ?r :match ?i "
    f"FILTER(NOT EXISTS {{ {SA} {{ ?i w:label ?l FILTER(LANG(?l) = ?t) # all\n }} }}) }}",
    "exists compared and joined": f"SELECT * {{ ?r :match ?i ; :level ?v FILTER NOT EXISTS {{ {SA} "
    f"{{ ?i w:kind ?k ; w:size ?z FILTER(?z > ?v) }} {SB} {{ ?k w:broader ?b }} }} }}",
    "exists compared in an optional": f"SELECT * {{ ?r :level ?v FILTER EXISTS {{ ?r :match ?i "
    f"OPTIONAL {{ {SA} {{ ?i w:size ?z FILTER(?z > ?v) }} }} FILTER(BOUND(?z)) }} }}",
    "exists in a bind": f"SELECT * {{ ?r :match ?i BIND(EXISTS {{ {SA} {{ ?i w:size ?z }} }} "
    "AS ?e) }",
    "exists in select": f"SELECT ?r (EXISTS {{ {SA} {{ ?i w:size ?z }} }} AS ?e) "
    "{ ?r :match ?i }",
    "exists in order": f"SELECT * {{ ?r :match ?i }} ORDER BY EXISTS {{ {SA} {{ ?i w:size 2 }} }}",
    "exists in having": f"SELECT ?i (COUNT(*) AS ?n) {{ ?r :match ?i }} GROUP BY ?i "
    f"HAVING (EXISTS {{ {SA} {{ ?i w:size ?z }} }})",
    "subselect": f"SELECT * {{ ?r :name ?n {{ SELECT ?r ?l {{ ?r :match ?i {SA} "
    "{ ?i w:label ?l } } } }",
    "hidden variable": f"SELECT * {{ ?i :level ?v {{ SELECT ?l {{ ?r :match ?i {SA} "
    "{ ?i w:label ?l } } } }",
    "subselect with limit": f"SELECT * {{ {{ SELECT ?i {{ ?r :match ?i FILTER(isIRI(?i)) }} "
    f"ORDER BY ?i LIMIT 2 }} {SA} {{ ?i w:label ?l }} }}",
    "limit around": f"SELECT * {{ ?r :level ?v {{ SELECT ?r ?l {{ ?r :match ?i {SA} "
    "{ ?i w:label ?l } } ORDER BY ?l LIMIT 1 } }",
    "aggregate out": f"SELECT ?r (COUNT(?l) AS ?n) {{ ?r :match ?i {SA} {{ ?i w:label ?l }} }} "
    "GROUP BY ?r HAVING (COUNT(?l) > 1)",
    "aggregate in": f"SELECT * {{ ?r :match ?i {SA} {{ SELECT ?i (COUNT(?z) AS ?n) "
    "{ ?i w:size ?z } GROUP BY ?i } }",
    "aggregate all": f"SELECT * {{ ?r :match ?i {SA} {{ SELECT (COUNT(?z) AS ?n) "
    "{ ?i w:size ?z } } }",
    "aggregate between": f"SELECT * {{ ?r :level ?v {{ SELECT ?i (COUNT(*) AS ?n) {{ {SA} "
    "{ ?i w:size ?z } } GROUP BY ?i } ?r :match ?i }",
    "subselect in with limit": f"SELECT * {{ ?r :match ?i {SA} {{ {{ SELECT ?i ?z {{ ?i w:size "
    "?z } ORDER BY ?z LIMIT 2 } ?i w:label ?l } }",
    "graph": f"SELECT * {{ GRAPH :g1 {{ ?r :match ?i {SA} {{ ?i w:label ?l }} }} }}",
    "graph before": f"SELECT * {{ GRAPH :g2 {{ ?r :match ?i }} {SA} {{ ?i w:label ?l }} }}",
    "graph optional": f"SELECT * {{ ?r :name ?n GRAPH :g2 {{ ?r :match ?i OPTIONAL {{ {SA} "
    "{ ?i w:label ?l } } } }",
    "graph variable": f"SELECT * {{ GRAPH ?g {{ ?r :match ?i {SA} {{ ?i w:label ?l }} }} }}",
    "nested groups": f"SELECT * {{ ?r :match ?i {{ {{ {{ {SA} {{ ?i w:label ?l }} }} }} }} }}",
    "three levels": f"SELECT * {{ ?r :level ?v OPTIONAL {{ ?r :match ?i OPTIONAL {{ {SA} "
    f"{{ ?i w:kind ?k }} OPTIONAL {{ {SB} {{ ?k w:name ?n }} }} }} }} }}",
    "two dependent": f"SELECT * {{ ?r :match ?i {SA} {{ ?i w:kind ?k }} {SB} {{ ?k w:name ?n }} }}",
    "two turned round": f"SELECT * {{ {SB} {{ ?k w:name ?n }} {SA} {{ ?i w:kind ?k }} "
    "?r :match ?i }",
    "two on one key": f"SELECT * {{ ?r :match ?i {SA} {{ ?i w:label ?l }} {SB} {{ ?i w:alias ?a }}"
    " }",
    "two optional": f"SELECT * {{ ?r :match ?i OPTIONAL {{ {SA} {{ ?i w:size ?z }} }} "
    f"OPTIONAL {{ {SB} {{ ?i w:alias ?a }} }} }}",
    "the same twice": f"SELECT * {{ ?r :match ?i {SA} {{ ?i w:part ?p }} "
    f"?q :match ?j {SA} {{ ?j w:size ?p }} }}",
    "one body twice": f"SELECT * {{ {{ ?r :match ?i {SA} {{ ?i w:label ?l }} }} UNION "
    f"{{ VALUES ?i {{ w:7 }} {SA} {{ ?i w:label ?l }} }} }}",
    "values before": f"SELECT * {{ VALUES ?i {{ w:1 w:7 }} {SA} {{ ?i w:label ?l }} }}",
    "values after": f"SELECT * {{ {SA} {{ ?i w:label ?l }} VALUES (?i ?l) {{ (w:1 UNDEF) "
    '(UNDEF "zwei"@de) } }',
    "values behind": f"SELECT * {{ {SA} {{ ?i w:label ?l }} }} VALUES ?i {{ w:1 w:2 }}",
    "values in": f"SELECT * {{ ?r :match ?i {SA} {{ VALUES ?i {{ w:1 w:2 }} ?i w:label ?l }} }}",
    "bind before": f"SELECT * {{ ?r :level ?v BIND(IRI(CONCAT('http://w/', STR(?v))) AS ?i) "
    f"{SA} {{ ?i w:label ?l }} }}",
    "bind after": f"SELECT * {{ ?r :match ?i {SA} {{ ?i w:label ?l }} BIND(STR(?l) AS ?s) "
    'FILTER(?s = "eins") }',
    "bind after optional": f"SELECT * {{ ?r :level ?v OPTIONAL {{ ?r :match ?m }} "
    f"BIND(COALESCE(?m, w:7) AS ?i) {SA} {{ ?i w:label ?l }} }}",
    "bind in": f"SELECT * {{ ?r :match ?i {SA} {{ ?i w:label ?l BIND(LANG(?l) AS ?t) }} }}",
    "duplicates": f"SELECT ?r {{ ?r :match ?i {SA} {{ ?i w:size ?z ; w:label ?l }} }}",
    "distinct": f"SELECT DISTINCT ?r {{ ?r :match ?i {SA} {{ ?i w:size ?z ; w:label ?l }} }}",
    "count of all": f"SELECT (COUNT(DISTINCT *) AS ?n) {{ ?r :match ?i {SA} {{ ?i w:size ?z }} }}",
    "order": f"SELECT * {{ ?r :match ?i {SA} {{ ?i w:label ?l }} }} ORDER BY DESC(?l) LIMIT 3",
    "literals": f"SELECT * {{ ?r :name ?l {SA} {{ ?i w:label ?l }} }}",
    "numbers": f"SELECT * {{ ?r :level ?v {SA} {{ ?i w:level ?v }} }}",
    "strings": f"SELECT * {{ ?r :code ?c {SA} {{ ?i w:code ?c }} }}",
    "blank nodes": f"SELECT * {{ ?r :match ?i {SA} {{ ?i w:part ?p . ?p w:n ?n }} }}",
    "blank nodes optional": f"SELECT * {{ ?r :match ?i OPTIONAL {{ {SA} {{ ?i w:part ?p }} }} }}",
    "predicate": f"SELECT * {{ VALUES ?p {{ w:size w:kind 'no' }} ?r :match ?i {SA} "
    "{ ?i ?p ?o } }",
    "path": f"SELECT * {{ ?r :match ?i {SA} {{ ?i w:part/w:n ?n }} }}",
    "no variable": f"SELECT * {{ ?r :match ?i {SA} {{ w:1 w:size 1 }} }}",
    "nothing wanted": f"SELECT ?r {{ ?r :match ?i {SA} {{ ?x w:size ?y }} }}",
    "empty": f"SELECT * {{ ?r :match ?i {SA} {{ }} }}",
    "variable by values": f"SELECT * {{ VALUES ?s {{ <{A}> <{B}> }} ?r :match ?i "
    "SERVICE ?s { ?i ?p ?l } }",
    "variable by data": "SELECT * { :s :source ?s . ?r :match ?i SERVICE ?s { ?i ?p ?l } }",
    "ask": f"ASK {{ ?r :match ?i {SA} {{ ?i w:size 2 }} }}",
    "ask not": f"ASK {{ ?r :match ?i {SA} {{ ?i w:size 7 }} }}",
    "construct": f"CONSTRUCT {{ ?r :label ?l ; :part ?p }} {{ ?r :match ?i {SA} "
    "{ ?i w:label ?l . OPTIONAL { ?i w:part ?p } } }",
    "a value from around": f"SELECT * {{ ?r :match ?i FILTER EXISTS {{ BIND(COALESCE(?i, w:7) "
    f"AS ?k) {SA} {{ ?k w:label ?l }} }} }}",
    "bound too late to matter": f"SELECT * {{ ?r :level ?v OPTIONAL {{ ?r :match ?i }} "
    f"OPTIONAL {{ {SA} {{ ?i w:size ?z }} }} VALUES ?i {{ w:99 }} }}",
    "a key that may be unbound": f"SELECT * {{ ?r :match ?i MINUS {{ {SA} "
    '{ ?x w:label "hash" OPTIONAL { ?x w:size ?i } } } }',
    "a key that comes late": f"SELECT * {{ ?r :match ?i {SA} {{ ?x w:size ?z "
    "OPTIONAL { ?i w:size ?z } ?i w:label ?l } }",
    "a filter that cannot be told": f"SELECT * {{ ?r :match ?i OPTIONAL {{ ?r :size ?z }} {SA} "
    "{ ?i w:size ?z } FILTER(?z > 1) }",
    "the first of all": f"SELECT * {{ ?r :level 2 {{ SELECT ?r ?l {{ ?r :match ?i {SA} "
    "{ ?i w:label ?l } } ORDER BY ?l LIMIT 1 } }",
    "describe": f"DESCRIBE ?r {{ ?r :match ?i {SA} {{ ?i w:size 2 }} }}",
    "dataset": f"SELECT * FROM :g1 FROM NAMED :g2 FROM NAMED <{A}> {{ ?r :match ?i {SA} "
    "{ ?i w:label ?l } OPTIONAL { GRAPH :g2 { ?r :match ?j } } }",
    "subselect alone": f"SELECT * {{ SELECT ?i ?l {{ ?r :match ?i {SA} {{ ?i w:label ?l }} }} }}",
    "values around a group": f"SELECT ?i (COUNT(?l) AS ?n) {{ ?r :match ?i {SA} "
    "{ ?i w:label ?l } } GROUP BY ?i VALUES ?i { w:1 w:2 }",
    "silent": f"SELECT * {{ ?r :match ?i SERVICE SILENT <{A}> {{ ?i w:label ?l }} }}",
    "words": f"SELECT * {{ ?r :match ?i # SERVICE <http://evil/> {{\n"
    f"{SA} {{ ?i w:label ?l . FILTER(?l != 'SERVICE }} {{') }} # }}\n"
    'FILTER(STR(?i) != "http://w/x#SERVICE") }',
    "comparison": f"SELECT * {{ ?r :match ?i ; :level ?v FILTER(?v<5&&?v>0) {SA} {{ ?i w:size ?z }}"
    " }",
    "glued": f"SELECT*{{{{?r :level 1.SERVICE <{A}>{{?i w:label'eins'@de.}}}}UNION"
    f"{{?r :name'one'@en.SERVICE <{A}>{{?i w:size 1.}}OPTIONAL{{?i ?p true.SERVICE <{B}>{{}}}}}}}}",
    "lower case": f"select * {{ ?r :match ?i service <{A}> {{ ?i w:label ?l }} }}",
}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("both"), LOCAL, REMOTE) as made:
        yield made


@pytest.mark.parametrize("name", SHAPES)
def test_it_is_as_if_everything_were_in_one_store(both: World, name: str) -> None:
    text = PREFIXES + SHAPES[name]

    answered = both.ask(text)

    here = _local_graphs(text) if name == "graph variable" else text
    expected = both.expected(here.replace("SERVICE ?s", "GRAPH ?s"))
    assert result(answered.answer) == expected
    assert not answered.account.partial


def _rows(asked: Federated) -> list[Sequence[object]]:
    found = parse_query_results(asked.answer.whole or b"", QueryResultsFormat.JSON)
    assert isinstance(found, QuerySolutions)
    return [tuple(row) for row in found]


def _local_graphs(text: str) -> str:
    """The one store has graphs that are none here."""
    return text.rstrip()[:-1] + "FILTER(?g IN (:g1, :g2)) }"


def test_a_graph_that_holds_only_a_service_is_each_graph_there_is(both: World) -> None:
    text = f"{PREFIXES}SELECT ?g {{ GRAPH ?g {{ {SA} {{ w:2 w:size ?z }} }} }}"

    assert result(both.ask(text).answer) == both.expected(
        f"{PREFIXES}SELECT ?g {{ VALUES ?g {{ :g1 :g2 }} }}"
    )


def test_the_prologue_goes_along_redeclared_prefixes_and_base_included(both: World) -> None:
    text = (
        "PREFIX w: <http://nowhere/> PREFIX : <http://e/> PREFIX w: <http://w/>\n"
        f"BASE <http://w/> SELECT * {{ ?r :match ?i {SA} {{ ?i <size> ?z ; w:kind <k1> }} }}"
    )

    assert result(both.ask(text).answer) == both.expected(text)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("last", {A: 2}),
        ("filter out", {A: 2}),
        ("optional", {A: 2}),
        ("two dependent", {A: 2, B: 1}),
        ("two turned round", {A: 2, B: 1}),
        ("values before", {A: 1}),
        ("alone", {A: 1}),
        ("exists", {A: 2}),
        ("literals", {A: 2}),
        ("subselect with limit", {A: 1}),
        ("variable by data", {A: 2, B: 2}),
    ],
)
def test_there_are_as_many_requests_as_blocks_of_keys(
    both: World, name: str, expected: dict[str, int]
) -> None:
    """w:1 to w:4 match: two blocks of three. A blank node and a string are asked of nobody."""
    answered = both.ask(PREFIXES + SHAPES[name])

    assert requests(answered.account.asked) == expected


def test_the_second_source_is_asked_about_what_survived_the_first(both: World) -> None:
    answered = both.ask(PREFIXES + SHAPES["two dependent"])

    first, second = answered.account.asked
    assert (first.source, first.keys) == (A, 4)
    assert (second.source, second.keys) == (B, 2)


def test_what_was_answered_is_not_asked_again(both: World) -> None:
    text = f"{PREFIXES}SELECT * {{ ?r :match ?i {SA} {{ ?i w:size ?again }} }}"
    both.ask(text, fresh=False)

    (asked,) = both.ask(text, fresh=False).account.asked

    assert (asked.requests, asked.keys, asked.cached_keys) == (0, 4, 4)


def test_without_keys_there_is_no_request_and_no_row(both: World) -> None:
    answered = both.ask(f"{PREFIXES}SELECT * {{ ?r :nothing ?i {SA} {{ ?i w:label ?l }} }}")

    assert requests(answered.account.asked) == {A: 0}
    assert result(answered.answer) == ({}, "")


def test_things_that_are_not_connected_make_no_product_of_keys(both: World) -> None:
    text = f"{PREFIXES}SELECT * {{ ?r :match ?i . ?q :level ?v . {SA} {{ ?i w:size ?v }} }}"

    answered = both.ask(text)

    assert requests(answered.account.asked) == {A: 2}
    assert result(answered.answer) == both.expected(text)


def test_a_limit_ends_the_asking_when_there_is_enough(both: World) -> None:
    answered = both.ask(f"{PREFIXES}SELECT ?l {{ ?r :match ?i {SA} {{ ?i w:label ?l }} }} LIMIT 2")

    assert requests(answered.account.asked) == {A: 1}
    (counted, _) = result(answered.answer)
    assert sum(counted.values()) == 2


def test_a_limit_goes_along_with_a_pattern_that_stands_alone(both: World) -> None:
    answered = both.ask(f"{PREFIXES}SELECT * {{ {SA} {{ ?i w:label ?l }} }} LIMIT 2")

    assert answered.account.asked[0].query.endswith("LIMIT 2\n")
    (counted, _) = result(answered.answer)
    assert sum(counted.values()) == 2


def test_what_was_received_gives_the_same_answer_without_asking(both: World) -> None:
    text = PREFIXES + SHAPES["blank nodes"]
    answered = both.ask(text)

    again = both.federation.replay(Question(text, "json", "ntriples"), answered.received)

    assert again.whole == answered.answer.whole


def test_what_was_received_for_another_query_is_no_use(both: World) -> None:
    answered = both.ask(PREFIXES + SHAPES["last"])
    other = Question(PREFIXES + SHAPES["two dependent"], "json", "ntriples")

    with pytest.raises(ReplayRefused):
        both.federation.replay(other, answered.received)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("SELECT * { SERVICE <http://evil/> { ?a ?b ?c } }", (3, 12)),
        (f"SELECT * {{ {SA} {{ ?i w:label ?l }}\nSERVICE <http://evil/> {{ ?a ?b ?c }} }}", (4, 1)),
        ("SELECT * { VALUES ?s { <http://evil/> } SERVICE ?s { ?a ?b ?c } }", (3, 41)),
        ("SELECT * { VALUES ?s { 'http://evil/' } SERVICE ?s { ?a ?b ?c } }", (3, 41)),
    ],
)
def test_an_address_that_is_not_listed_is_refused(
    both: World, text: str, place: tuple[int, int]
) -> None:
    with pytest.raises(ServiceRefused) as caught:
        both.ask(PREFIXES + text)

    assert caught.value.place == place


def test_a_silent_service_that_is_refused_is_left_out_and_said_so(both: World) -> None:
    text = f"{PREFIXES}SELECT * {{ ?r :match ?i SERVICE SILENT <http://evil/> {{ ?i ?p ?o }} }}"

    answered = both.ask(text)

    (asked,) = answered.account.asked
    assert answered.account.partial
    assert asked.failure is not None
    assert (asked.failure.code, asked.requests) == ("service-refused", 0)
    assert result(answered.answer) == both.expected(f"{PREFIXES}SELECT * {{ ?r :match ?i }}")


def test_what_a_silent_service_in_an_exists_did_not_give_is_not_compared(both: World) -> None:
    text = f"SERVICE SILENT <{DEAD}> {{ ?i w:label ?l FILTER(?l = ?n) }}"

    answered = both.ask(
        f"{PREFIXES}SELECT * {{ ?r :match ?i ; :name ?n FILTER EXISTS {{ {text} }} }}"
    )

    assert answered.account.partial
    assert result(answered.answer) == both.expected(
        f"{PREFIXES}SELECT * {{ ?r :match ?i ; :name ?n }}"
    )


def test_a_source_that_fails_is_named_with_what_it_was_asked(both: World) -> None:
    with pytest.raises(SourceUnreachable) as caught:
        both.ask(f"{PREFIXES}SELECT * {{ ?r :match ?i SERVICE <{DEAD}> {{ ?i ?p ?o }} }}")

    assert caught.value.source == DEAD
    assert caught.value.asked is not None
    assert caught.value.asked.keys == 4


@pytest.mark.parametrize("limit", ["", " LIMIT 2"])
def test_a_silent_service_that_fails_is_left_out_and_said_so(both: World, limit: str) -> None:
    text = f"?r :match ?i {SA} {{ ?i w:size ?z }} SERVICE SILENT <{DEAD}> {{ ?i ?p ?o }}"

    answered = both.ask(f"{PREFIXES}SELECT ?r {{ {text} }} ORDER BY ?r{limit}")

    failed = [asked.source for asked in answered.account.asked if asked.failure]
    assert (failed, answered.account.partial) == ([DEAD], True)
    assert result(answered.answer) == both.expected(
        f"{PREFIXES}SELECT ?r {{ ?r :match ?i {SA} {{ ?i w:size ?z }} }} ORDER BY ?r{limit}"
    )


def test_the_dataset_of_the_protocol_holds_for_keys_too(both: World) -> None:
    text = f"{PREFIXES}SELECT ?r ?l {{ ?r :match ?i {SA} {{ ?i w:label ?l }} }}"
    question = Question(text, "json", "ntriples", ("http://e/g1",), ())

    answered = both.federation.answer(question)

    assert answered.account.asked[0].keys == 1
    there = text.replace("?r :match ?i", "GRAPH :g1 { ?r :match ?i }")
    assert result(answered.answer) == both.expected(there)


def test_all_of_it_has_one_deadline(both: World) -> None:
    federation = both.federation
    hasty = Federation(
        federation.engine,
        federation.sources,
        federation.asking,
        replace(federation.settings, service_seconds=1e-6),
        None,
    )

    with pytest.raises(FederationTooSlow) as caught:
        hasty.answer(Question(PREFIXES + SHAPES["last"], "json", "ntriples"))

    assert caught.value.source == A


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE ?s { ?a ?b ?c } }",
        "SELECT * { ?r :match ?i SERVICE ?s { ?i ?b ?c } }",
        "SELECT * { ?r :level ?v OPTIONAL { ?r :source ?s } SERVICE ?s { ?a ?b ?c } }",
    ],
)
def test_a_variable_that_names_no_source_is_an_error(both: World, text: str) -> None:
    with pytest.raises(ServiceUnbound):
        both.ask(PREFIXES + text)


def test_what_is_no_address_answers_nothing_in_a_silent_service(both: World) -> None:
    text = (
        f'SELECT * {{ VALUES ?g {{ "x" <{A}> }} SERVICE SILENT ?g {{ <http://w/2> ?p "two"@en }} }}'
    )
    asked = both.ask(text)

    assert sorted(str(row[0]) for row in _rows(asked)) == ['"x"', f"<{A}>"]
    assert [one.failure and one.failure.code for one in asked.account.asked] == [
        "service-refused",
        None,
    ]


def test_a_blank_node_names_no_source(both: World) -> None:
    with pytest.raises(ServiceMalformed, match="blank node"):
        both.ask("PREFIX : <http://e/> SELECT * { :r4 :match ?g SERVICE SILENT ?g { ?s ?p ?o } }")


def test_what_all_parts_take_has_one_limit(both: World) -> None:
    few = replace(both.federation.settings, service_rows=5)
    small = replace(both.federation.settings, service_bytes=300)
    part = f"{{ {SA} {{ ?s <http://w/label> ?l }} }}"
    for chosen, error in ((few, ServiceTooBroad), (small, SourceTooLarge)):
        limited = Federation(
            both.federation.engine,
            both.federation.sources,
            both.federation.asking,
            chosen,
            "a release",
        )
        text = f"SELECT * {{ {' UNION '.join([part] * 4)} }}"
        with pytest.raises(error) as raised:
            limited.answer(Question(text, "json", "ntriples"))
        assert raised.value.source == A
        assert raised.value.account is not None
        assert raised.value.account.asked


def test_planning_ends_at_the_deadline(both: World) -> None:
    short = replace(both.federation.settings, service_seconds=0.3)
    hurried = Federation(
        both.federation.engine, both.federation.sources, both.federation.asking, short, "a release"
    )
    parts = " ".join(f"OPTIONAL {{ {SA} {{ ?i <http://w/{n}> ?x{n} }} }}" for n in range(100))
    started = time.monotonic()
    with pytest.raises(FederationTooSlow):
        hurried.answer(
            Question(f"{PREFIXES}SELECT * {{ ?r :match ?i {parts} }}", "json", "ntriples")
        )

    assert time.monotonic() - started < 1.5


def test_services_on_the_same_keys_have_them_from_one_local_query(both: World) -> None:
    parts = " UNION ".join(f"{{ {SA} {{ ?i w:size {n} }} }}" for n in range(5))
    text = f"{PREFIXES}SELECT * {{ ?r :match ?i {parts} }}"
    federation = both.federation
    local = Local(federation.engine, Question(text, "json", "ntriples"), None)

    Run(read(text), local, federation.sources, federation.asking, federation.settings).resolve()

    assert len(local.found) == 1


def test_the_source_that_a_variable_names_may_come_from_another(both: World) -> None:
    text = (
        f"{PREFIXES}SELECT * {{ ?r :match ?i {SA} {{ ?i w:kind ?k }} "
        f"VALUES (?k ?s) {{ (w:k1 <{B}>) }} SERVICE ?s {{ ?k w:name ?n }} }}"
    )

    assert result(both.ask(text).answer) == both.expected(text.replace("SERVICE ?s", "GRAPH ?s"))


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * {{ {SA} {{ ?a ?b ?c {SB} {{ ?c ?d ?e }} }} }}",
        f"SELECT * {{ {SA} {{ {{ ?a ?b ?c OPTIONAL {{ {SB} {{ ?c ?d ?e }} }} }} }} }}",
        f"SELECT * {{ ?r :name ?n FILTER EXISTS {{ {SA} {{ ?i w:label ?l BIND(?n AS ?m) }} }} }}",
        f"SELECT * {{ ?r :name ?n FILTER EXISTS {{ {SA} {{ ?i w:label ?l FILTER(w:f(?n)) }} }} }}",
        f"SELECT * {{SERVICESILENT <{A}> {{ ?a ?b ?c }} }}",
    ],
)
def test_what_nobody_can_answer_is_an_error(both: World, text: str) -> None:
    with pytest.raises(ServiceMalformed):
        both.ask(PREFIXES + text)


LABELS = "PREFIX wikibase: <http://wikiba.se/ontology#> PREFIX bd: <http://www.bigdata.com/rdf#>\n"
LABEL = 'SERVICE wikibase:label { bd:serviceParam wikibase:language "en" }'


@pytest.mark.parametrize("text", [LABEL, f"{SA} {{ ?i ?p ?o {LABEL} }}"])
def test_the_label_service_stands_in_a_service_for_wikidata(both: World, text: str) -> None:
    with pytest.raises(LabelServiceOutside) as caught:
        both.ask(f"{LABELS}SELECT * {{ ?r <http://e/match> ?i {text} }}")

    assert "query.wikidata.org" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * {{ {SA} {{ ?a ?b }} }}",
        f"SELECT * {{ {SA} {{ ?a ?b ?c }}",
        f"SELECT *\n{{ {SA}\n {{ ?a ?b }}\n ?x ?y ?z }}",
        f"SELECT * {{ ?r :match ?i {SA} {{ ?i w:l ?l }} BIND(1 AS ?i) }}",
        f"SELECT ?x {{ ?r :match ?i {SA} {{ ?i w:l ?l }} }} GROUP BY ?i",
    ],
)
def test_a_malformed_query_is_told_where_the_engine_tells_it(both: World, text: str) -> None:
    with pytest.raises(SyntaxError) as told:
        Store().query(PREFIXES + text)

    with pytest.raises(QueryMalformed) as caught:
        both.ask(PREFIXES + text)

    assert f"error at {caught.value.line}:{caught.value.column}:" in str(told.value)


def test_a_prefix_that_is_missing_is_named(both: World) -> None:
    with pytest.raises(QueryMalformed, match="prefix ex: is not declared"):
        both.ask(f"SELECT * {{ ?r ?p ?i {SA} {{ ?i ex:l ?l }} }}")


THINGS = """
PREFIX : <http://e/>
:n0 :p :n0 , :n1 , 1 . :n1 :p :n2 , "x"@en ; :q :n0 . :n2 :p :n1 ; :q 1 .
:g1 { :n0 :p :n1 . :n1 :q :n2 . :n2 :p "x"@en }
:g2 { :n1 :p :n0 }
"""
OTHERS = {
    A: """PREFIX : <http://e/>
:n0 :p :n0 , :n2 , "x"@en . :n1 :p :n0 , 1 ; :q :n1 . :n2 :q "x"@en .""",
    B: """PREFIX : <http://e/>
:n0 :p :n1 . :n1 :p :n1 , 1 . :n2 :p :n0 ; :q :n2 .""",
}


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("few"), THINGS, OTHERS) as made:
        yield made


@run(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=queries())
def test_whatever_the_query_it_is_as_if_everything_were_in_one_store(few: World, text: str) -> None:
    note(text)
    try:
        expected = few.expected(text)
    except SyntaxError:
        with pytest.raises(QueryMalformed):
            few.ask(text)
        return
    if _is_asked_row_by_row(text):
        with pytest.raises(ServiceMalformed, match="EXISTS"):
            few.ask(text)
        return

    assert result(few.ask(text).answer) == expected


def _is_asked_row_by_row(text: str) -> bool:
    """Tell whether a SERVICE in an EXISTS sees more of what is around than it is joined with."""
    tree = parse(text)
    return any(
        not is_joined(
            tree,
            service.pattern,
            around & tree.mentioned(service.start, service.end),
            later=deferred(tree, service, around),
        )
        for service, around in within(tree.select)
    )
