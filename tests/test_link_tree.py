"""What is known of a query's parts from its text alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadgraph.errors import QueryError, QueryMalformed
from leadgraph.link.join.roles import roles
from leadgraph.link.text import scope
from leadgraph.link.text.parse import parse
from leadgraph.link.text.parsed import read
from leadgraph.link.text.reader import NotUnderstood
from leadgraph.link.text.tree import elements, services

S = "SERVICE <http://a/>"


def _kinds(text: str) -> list[str]:
    return [element.kind.value for element in elements(parse(text).select)]


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ("?a ?b ?c . ?d ?e ?f", ["triples", "triples"]),
        ("?a ?b 1.5 , .5 , 1.e5 ; ?c 1e0 . ?d ?e 1.", ["triples", "triples"]),
        ('?a ?b "x"@en. ?d ?e "."@en-GB.', ["triples", "triples"]),
        ("?a ?b [ ?c ( 1 ?d ) ] ; ?e << ?f ?g ?h >> {| ?i ?j |}", ["triples"]),
        ("?a ^?b ?c", None),
        ("?a (<p>/<q>|!(<r>|^<s>))* ?c", ["triples"]),
        ("OPTIONAL { ?a ?b ?c } { ?d ?e ?f }", ["OPTIONAL", "group", "triples", "triples"]),
        ("{} UNION {} UNION { MINUS {} }", ["UNION", "MINUS"]),
        ("FILTER(?a<?b&&?c>?d) ?e <f?g> ?h", ["FILTER", "triples"]),
        ("FILTER(?a IN(<b>,<c>)) ?e ?f ?g", ["FILTER", "triples"]),
        ("FILTER(1<2)?a?b?c", ["FILTER", "triples"]),
        ("FILTER REGEX(?a, '}') FILTER <f>(?a) VALUES ?a { 1 }", ["FILTER", "FILTER", "VALUES"]),
        ("FILTER NOT EXISTS { ?a ?b ?c }", ["FILTER", "triples"]),
        ("BIND(EXISTS { ?a ?b ?c } AS ?d)", ["BIND", "triples"]),
        ("VALUES (?a ?b) { (1 UNDEF) ('(' ')') } .", ["VALUES"]),
    ],
)
def test_a_group_falls_into_its_elements(body: str, kinds: list[str] | None) -> None:
    if kinds is not None:
        assert sorted(_kinds(f"SELECT * {{ {body} }}")) == sorted(kinds)


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * {{ {S} {{ }} }}",
        f"SELECT * {{ OPTIONAL {{ {{ {S} {{ }} }} UNION {{ }} }} }}",
        f"SELECT * {{ FILTER(1<2 || EXISTS {{ {S} {{ }} }}) }}",
        f"SELECT * {{ {{ SELECT ?a {{ GRAPH ?g {{ {S} {{ }} }} }} LIMIT 1 }} }}",
        f"SELECT (EXISTS {{ {S} {{ }} }} AS ?e) {{ }}",
        f"SELECT ?a {{ }} GROUP BY ?a HAVING (EXISTS {{ {S} {{ }} }})",
        f"SELECT ?a {{ }} ORDER BY DESC(EXISTS {{ {S} {{ }} }}) LIMIT 5",
        f"ASK {{ {S} {{ }} }}",
        f"CONSTRUCT {{ ?a ?b [] }} FROM <x> WHERE {{ {S} {{ }} }}",
        f"DESCRIBE ?a <b> {{ {S} {{ }} }}",
        f"SELECT * {{ FILTER(1<2){S.replace(' ', '#>' + chr(10))} {{ }} }}",
        f"SELECT * {{ {S.lower()} {{ }} # SERVICE <http://b/> {{ }}\n ?a ?b 'SERVICE'@service }}",
        f"PREFIX service: <b> SELECT * {{ service:SERVICE ?SERVICE <SERVICE> {S} {{ }} }}",
    ],
)
def test_each_service_is_found_and_nothing_else(text: str) -> None:
    (service,) = services(read(text).tree.select)

    assert text[service.start : service.start + 7].upper() == "SERVICE"
    assert text[service.pattern.start : service.pattern.end] == "{ }"


def test_a_silent_service_with_a_variable_is_known() -> None:
    (service,) = services(parse("SELECT * { service Silent?x{?a ?b ?c}}").select)

    assert (service.silent, service.term_variable) == (True, "x")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * {SERVICESILENT <http://a/> {}}",
        "SELECT * { ?a ?b 1e0SERVICE <http://a/> { } }",
        "SELECT * { GRAPHex:a { } }",
        "SELECT * { ?a ?b ?c LATERAL { } }",
        "SELECT * { ",
        "SELECT * { } }",
        "LOAD <http://a/>",
        "",
    ],
)
def test_what_cannot_be_told_apart_is_no_tree(text: str) -> None:
    with pytest.raises(NotUnderstood):
        parse(text)


@pytest.mark.parametrize(
    ("body", "visible", "certain"),
    [
        ("?a ?b ?c", "abc", "abc"),
        ("?a <p> ?b OPTIONAL { ?a <q> ?c }", "abc", "ab"),
        ("{ ?a <p> ?b } UNION { ?a <q> ?c }", "abc", "a"),
        ("?a <p> 1 MINUS { ?a <p> ?b } FILTER(?c) FILTER EXISTS { ?d <p> ?e }", "a", "a"),
        ("BIND(1 AS ?a) VALUES ?b { 1 } VALUES (?c ?d) { (1 UNDEF) }", "abcd", "b"),
        ("GRAPH ?a { ?b <p> 1 }", "ab", "ab"),
        ("SERVICE ?a { ?b <p> ?c }", "abc", "abc"),
        ("SERVICE SILENT ?a { ?b <p> ?c }", "abc", "a"),
        ("{ SELECT ?a (1 AS ?b) { ?a <p> ?c } }", "ab", "a"),
        ("{ SELECT * { ?a <p> ?c } }", "ac", "ac"),
        ("{ SELECT ?a (COUNT(?c) AS ?b) { ?a <p> ?c } GROUP BY ?a }", "ab", "a"),
    ],
)
def test_variables_are_in_scope_where_the_standard_says(
    body: str, visible: str, certain: str
) -> None:
    where = parse(f"SELECT * {{ {body} }}").select.where

    assert (scope.visible(where), scope.certain(where)) == (set(visible), set(certain))


def test_a_subject_is_known_where_a_plain_predicate_follows() -> None:
    text = (
        "SELECT * { ?a <p> ?x ; ?v ?b . ?c ^<p> ?y . ?d <p>* ?z . { ?e <p>/<q> [ <r> ?f ] } "
        "OPTIONAL { ?g <p> ?h } [] <p> ?i . ?j a 'x'@en. ?k <p> 1 }"
    )

    found = roles(text, parse(text).select.where)

    assert {name for name, _ in found.subjects} == {"a", "e", "j", "k"}
    assert found.predicates == {"v"}


def test_a_query_of_a_hundred_levels_is_read() -> None:
    text = "SELECT * " + "{ " * 100 + f"{S} {{ ?a ?b ?c }}" + " }" * 100

    assert len(read(text).services) == 1


def test_checking_a_query_computes_nothing() -> None:
    values = "".join(f"VALUES ?{name} {{ {'1 ' * 500} }} " for name in "abcdef")
    started = time.perf_counter()

    read(f"ASK {{ {values} FILTER(?a > 1) {S} {{ }} }}")

    assert time.perf_counter() - started < 1


@given(st.text(alphabet="{}()[]<>?$ab:.,;'\"#\\ \n|&=!@^*/+-01sS_", max_size=80))
def test_any_text_is_a_tree_or_an_error(text: str) -> None:
    try:
        read(f"SELECT * {{ {S} {{ ?a ?b ?c }} {text} }}")
    except QueryError:
        return


def _many(what: str) -> str:
    return " ".join(what.format(n) for n in range(800))


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        (f"SELECT * {{ {S} {{ }} {_many('OPTIONAL {{ ?a <u:{0}> ?x{0} }}')} }}", True),
        (f"SELECT * {{ {S} {{ }} {_many('{{ ?a <u:{0}> ?x{0} }}')} }}", True),
        (f"SELECT * {{ {_many('OPTIONAL {{ ' + S + ' {{ ?a ?b ?x{0} }} }}')} }}", True),
        (f"SELECT (EXISTS {{ {_many('{{ ?a <u:{0}> ?x }}')} }} AS ?e) {{ {S} {{ }} }}", True),
        (f"SELECT * {{ {S} {{ }} {'SERVICE ' * 12_000} }}", False),
    ],
)
def test_reading_takes_no_longer_than_the_text_is_long(text: str, valid: bool) -> None:
    """What orders the joins of 800 takes hours, and nothing ends it in a process of the web."""
    started = time.monotonic()
    try:
        services_of = read(text).services
    except QueryMalformed:
        services_of = ()

    assert bool(services_of) is valid
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "iri", ["http://[zz]/", "http://[::1%25lo]/", "http://[::1/", "http://a:b/", "http://x/%"]
)
@pytest.mark.parametrize("silent", ["", "SILENT"])
def test_a_service_that_names_no_valid_iri_is_told_where(iri: str, silent: str) -> None:
    for text in (
        f"SELECT * {{ # <{iri}>\n SERVICE {silent} <{iri}> {{ ?a ?b ?c }} }}",
        f"SELECT * {{ {S} {{\n SERVICE {silent} <{iri}> {{ ?a ?b ?c }} }} }}",
    ):
        with pytest.raises(QueryMalformed, match="line 2"):
            read(text)
