"""What the engine has of RDF 1.2 and SPARQL 1.2, over HTTP from a Turtle file to the answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from pyoxigraph import RdfFormat, parse

from tests import w3c
from tests.w3c import Reply, send

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIXES = "PREFIX : <http://e/> PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> "
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

DATA = """VERSION "1.2"
PREFIX : <http://e/>
:ada :holds :chair ~ :term {| :from 2024 ; :source :minutes |} .
<< :ben :holds :chair ~ :rumour >> :source :chat .
:report :states <<( :ada :holds :chair )>> .
:ada :name "Ada"@en , "\u0639\u062f\u0649"@ar--rtl .
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server over a file of Turtle 1.2."""
    path = tmp_path_factory.mktemp("rdf12") / "terms.ttl"
    path.write_text(DATA, "utf-8")
    with w3c.serving(path) as port:
        yield port


def ask(port: int, query: str, accept: str = "application/sparql-results+json") -> Reply:
    """The answer to a query, by GET."""
    target = "/sparql?query=" + quote(PREFIXES + query)
    return send(port, "GET", target, [("Accept", accept)])


def term(found: dict[str, str | dict[str, object]]) -> object:
    """A term of a JSON answer in few signs: local names, triples as tuples."""
    value = found["value"]
    if isinstance(value, dict):
        return tuple(term(value[part]) for part in ("subject", "predicate", "object"))
    return value.removeprefix("http://e/")


def rows(port: int, query: str) -> set[tuple[object, ...]]:
    """The solutions of a query, columns in the order of their names."""
    reply = ask(port, query)
    assert reply.status == 200, reply.body
    found = json.loads(reply.body)
    names = sorted(found["head"]["vars"])
    return {
        tuple(term(row[name]) if name in row else None for name in names)
        for row in found["results"]["bindings"]
    }


STATEMENT = ("ada", "holds", "chair")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # a reified statement is not said; an annotated one is
        ("SELECT ?who { ?who :holds :chair }", {("ada",)}),
        ("SELECT ?r { ?r rdf:reifies <<( :ben :holds :chair )>> }", {("rumour",)}),
        # reified triples and annotations in patterns
        ("SELECT ?a ?b { << ?a :holds :chair >> :source ?b }",
         {("ada", "minutes"), ("ben", "chat")}),
        ("SELECT ?a ?r { << ?a :holds :chair ~ ?r >> :source ?b }",
         {("ada", "term"), ("ben", "rumour")}),
        ("SELECT ?a ?b { ?a :holds :chair {| :source ?b |} }", {("ada", "minutes")}),
        ("SELECT ?a ?r { ?a :holds :chair ~ ?r }", {("ada", "term")}),
        ("SELECT ?a ?r { ?a :holds :chair ~ ?r {| :from 2024 |} }", {("ada", "term")}),
        # triple terms in patterns, in expressions, in data
        ("SELECT ?t { :report :states ?t }", {(STATEMENT,)}),
        ("SELECT ?o { :report :states <<( :ada :holds ?o )>> }", {("chair",)}),
        ("SELECT ?t { BIND(<<( :ada :holds :chair )>> AS ?t) }", {(STATEMENT,)}),
        ("SELECT ?t { VALUES ?t { <<( :ada :holds :chair )>> } }", {(STATEMENT,)}),
        ("SELECT ?t { BIND(<<( :a :b <<( :ada :holds :chair )>> )>> AS ?t) }",
         {(("a", "b", STATEMENT),)}),
        # functions
        ("SELECT (TRIPLE(:ada, :holds, :chair) AS ?t) {}", {(STATEMENT,)}),
        ("SELECT ?a ?b ?c { :report :states ?t "
         "BIND(SUBJECT(?t) AS ?a) BIND(PREDICATE(?t) AS ?b) BIND(OBJECT(?t) AS ?c) }",
         {STATEMENT}),
        ("SELECT ?s { ?s ?p ?o FILTER(isTRIPLE(?o)) }", {("report",), ("term",), ("rumour",)}),
        ("SELECT ?s { ?s :states ?t FILTER(?t = <<( :ada :holds :chair )>>) }", {("report",)}),
        ("SELECT ?s { ?s :states ?t FILTER(sameTerm(?t, TRIPLE(:ada, :holds, :chair))) }",
         {("report",)}),
        # the direction of a language
        ("SELECT ?d ?l { :ada :name ?n BIND(LANG(?n) AS ?l) BIND(LANGDIR(?n) AS ?d) }",
         {("", "en"), ("rtl", "ar")}),
        ("SELECT ?n { :ada :name ?n FILTER(hasLANGDIR(?n)) }", {("\u0639\u062f\u0649",)}),
        ("SELECT ?n { ?s ?p ?n FILTER(hasLANG(?n) && !hasLANGDIR(?n)) }", {("Ada",)}),
        ("SELECT ?d { :ada :name ?n FILTER(hasLANGDIR(?n)) BIND(DATATYPE(?n) AS ?d) }",
         {(f"{RDF}dirLangString",)}),
        ('SELECT ?s { ?s :name "\u0639\u062f\u0649"@ar--rtl }', {("ada",)}),
        ('SELECT ?s { ?s :name "\u0639\u062f\u0649"@ar }', set()),
        ('SELECT (STRLANGDIR("a", "ar", "rtl") = "a"@ar--rtl AS ?x) {}', {("true",)}),
        # the rest
        ("SELECT (!!true AS ?x) {}", {("true",)}),
    ],
)  # fmt: skip
def test_what_sparql_1_2_adds_means_what_it_should(
    port: int, query: str, expected: set[tuple[object, ...]]
) -> None:
    assert rows(port, query) == expected


def test_the_version_may_be_declared_before_any_form(port: int) -> None:
    declared = 'VERSION "1.2" '

    assert rows(port, declared + "SELECT ?x { BIND(1 AS ?x) }") == {("1",)}
    assert ask(port, declared + "CONSTRUCT WHERE { ?s :states ?t }", "text/turtle").status == 200
    assert ask(port, declared + "DESCRIBE :report", "application/n-triples").status == 200
    assert json.loads(ask(port, declared + "ASK {}").body)["boolean"] is True


TERMS = 'SELECT ?t ?n { :report :states ?t . :ada :name ?n FILTER(LANGDIR(?n) = "rtl") }'


def test_json_has_triple_terms_and_directions(port: int) -> None:
    (row,) = json.loads(ask(port, TERMS).body)["results"]["bindings"]

    assert row["t"]["type"] == "triple"
    assert row["t"]["value"]["subject"] == {"type": "uri", "value": "http://e/ada"}
    assert (row["n"]["xml:lang"], row["n"]["its:dir"]) == ("ar", "rtl")


def test_xml_has_triple_terms_and_directions(port: int) -> None:
    root = ET.fromstring(ask(port, TERMS, "application/sparql-results+xml").body)

    (triple,) = root.iter(f"{w3c.SRX}triple")
    assert [part.tag.removeprefix(w3c.SRX) for part in triple] == ["subject", "predicate", "object"]
    (literal,) = root.iter(f"{w3c.SRX}literal")
    assert literal.get(w3c.XML_LANG) == "ar"
    assert literal.get("{http://www.w3.org/2005/11/its}dir") == "rtl"


def test_tables_write_triple_terms_as_in_turtle(port: int) -> None:
    tsv = ask(port, "SELECT ?t { :report :states ?t }", "text/tab-separated-values").body.decode()
    csv = ask(port, "SELECT ?t { :report :states ?t }", "text/csv").body.decode()

    assert tsv.split("\n")[1].startswith("<<( <http://e/ada> <http://e/holds> <http://e/chair>")
    assert "http://e/ada http://e/holds http://e/chair" in csv


@pytest.mark.parametrize(
    ("media_type", "rdf_format"),
    [("text/turtle", RdfFormat.TURTLE), ("application/n-triples", RdfFormat.N_TRIPLES),
     ("application/rdf+xml", RdfFormat.RDF_XML)],
)  # fmt: skip
def test_graphs_keep_triple_terms_and_directions(
    port: int, media_type: str, rdf_format: RdfFormat
) -> None:
    query = "CONSTRUCT { ?r rdf:reifies ?t . :ada :name ?n } { ?r rdf:reifies ?t . :ada :name ?n }"

    found = set(map(str, parse(ask(port, query, media_type).body, rdf_format)))

    assert f"<http://e/term> <{RDF}reifies> <<( <http://e/ada> <http://e/holds> <http://e/chair> )>>" in found  # fmt: skip  # noqa: E501
    assert '<http://e/ada> <http://e/name> "\u0639\u062f\u0649"@ar--rtl' in found
    assert len(found) == 4


def test_a_template_may_reify_and_annotate(port: int) -> None:
    query = "CONSTRUCT { ?a :was ?b ~ :x {| :told true |} } { ?a :holds ?b }"

    found = {str(quad.predicate) for quad in parse(
        ask(port, query, "application/n-triples").body, RdfFormat.N_TRIPLES)}  # fmt: skip

    assert found == {"<http://e/was>", "<http://e/told>", f"<{RDF}reifies>"}


def test_nesting_of_reified_triples_is_bounded_as_brackets_are(port: int) -> None:
    for opening in ("<< ", "<<( :a :b ", "?a :b ?c {| :d "):
        query = PREFIXES + "SELECT * { " + opening * 2000
        reply = send(
            port, "POST", "/sparql", [("Content-Type", "application/sparql-query")], query.encode()
        )
        assert (reply.status, reply.code) == (400, "query-too-deep")


@pytest.mark.parametrize(
    "query",
    ["SELECT * { ?s ?p ?o LATERAL { SELECT ?x { ?s :from ?x } LIMIT 1 } }",
     'SELECT (ADJUST("2024-01-10T14:45:13Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>, '
     '"PT1H"^^<http://www.w3.org/2001/XMLSchema#dayTimeDuration>) AS ?x) {}'],
)  # fmt: skip
def test_two_extensions_that_are_no_part_of_sparql_1_2_are_answered(port: int, query: str) -> None:
    assert ask(port, query).status == 200
