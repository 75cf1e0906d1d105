"""What the gate lets pass and what it refuses."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Store

from leadgraph.errors import QueryTooDeep, QueryTooLong, ServiceRefused, UpdateRefused
from leadgraph.model import Form
from leadgraph.query import gate
from leadgraph.settings import Settings

SETTINGS = Settings()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * WHERE { SERVICE <http://a/> { ?s ?p ?o } }",
        "select * { service silent ?where { ?s ?p ?o } }",
        "SELECT * { OPTIONAL { { SERVICE ex:x {} } } }",
        "SELECT * { FILTER(1<2)SERVICE#>\n<http://a/> { ?s ?p ?o } }",
        "SELECT * { FILTER(1<2)?a?b?c.SERVICE#>\n?x { ?s ?p ?o } }",
        "SELECT * { ?s ?p '\\'' SERVICE <http://a/> {} }",
        'SELECT * { ?s ?p """ " "" """ . SERVICE <http://a/> {} }',
        "SELECT * { ?s ?p 'it#s' . SERVICE <http://a/> {} }",
        "ASK { FILTER EXISTS { SERVICE <http://a/> {} } }",
        "SELECT * {SERVICESILENT <http://a/> {}}",
        "PREFIX ex: <http://e/> SELECT * {SERVICEex:a {}}",
        "PREFIX ex: <http://e/> SELECT * {SERVICESILENTex:a{}}",
        "PREFIX : <http://e/> SELECT * {SERVICE:a {}}",
        "SELECT * { ?a ?b trueSERVICE SILENT <http://a/> {} }",
        "SELECT * { ?a ?b true.SERVICE <http://a/> {} }",
        "SELECT * { ?a ?b 1e0SERVICE <http://a/> {} }",
        "SELECT * { ?a ?b 'x'@enSERVICE <http://a/> {} }",
        "SELECT * { OPTIONAL{?a ex:p ex:a#'''\n} SERVICE SILENT <http://a/> {} #'''\n}",
        "SELECT * { ?a ex:p\\''' } SERVICE SILENT <http://a/> {} #'''",
        "SELECT * { FILTER(1<2)SERVICEex:a#>\n{ ?s ?p ?o } }",
        "SELECT * { FILTER(1<2)SERVICESILENT#>\n<http://a/> {} }",
        "SELECT * { FILTER(1<2)SERVICE?x#>\n{ } }",
        "PREFIX r: <http://e/> SELECT * { ?s a r:.SERVICE<http://a/>{?a ?b ?c} }",
        "PREFIX r: <http://e/> SELECT * { ?s a r:.SERVICE SILENT<file:///etc/passwd>{?a ?b ?c} }",
        "PREFIX a: <http://e/> SELECT * { ?s a a:b.b.SERVICE<http://a/>{?a ?b ?c} }",
        "PREFIX : <http://e/> SELECT * { ?s a :-SERVICE<http://a/>{?a ?b ?c} }",
    ],
)
def test_service_is_refused_wherever_it_hides(query: str) -> None:
    with pytest.raises(ServiceRefused):
        gate.admit(query, SETTINGS)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?service ?p ?o }",
        "SELECT * { $SERVICE ?p ?o }",
        "PREFIX service: <http://a/> SELECT * { service:service ?p ?o }",
        "SELECT * { ?s <http://a/service#x> 'SERVICE' }",
        'SELECT * { ?s ?p "a \\" SERVICE" } # SERVICE',
        "SELECT * { ?s ?p '''\nSERVICE ''' }",
        "PREFIX : <http://a/> SELECT * { :SERVICE :p :service }",
        "SELECT * { ?s ?p ?o FILTER(?o<5&&?o>1) }",
        "SELECT * { ?s a <http://www.w3.org/ns/sparql-service-description#Service> }",
        "PREFIX service: <http://a/> SELECT * { GRAPH service:a { ?s ?p ?o } }",
        "SELECT * { ?s <http://a/Foo_(bar)_service> ?o }",
    ],
)
def test_the_word_service_elsewhere_is_no_service(query: str) -> None:
    gate.admit(query, SETTINGS)


def test_a_refused_service_says_where_it_stands() -> None:
    with pytest.raises(ServiceRefused) as caught:
        gate.admit("SELECT *\n{ SERVICE <http://a/> {} }", SETTINGS)

    assert caught.value.place == (2, 3)


@pytest.mark.parametrize(
    "update",
    [
        "DELETE WHERE { ?s ?p ?o }",
        "PREFIX a: <http://insert/> INSERT DATA { a:b a:c a:d }",
        "# SELECT\nload <http://127.0.0.1/>",
        "BASE <http://a/> DROP ALL",
        "WITH <http://a/> DELETE { ?s ?p ?o } WHERE {}",
    ],
)
def test_an_update_is_refused(update: str) -> None:
    with pytest.raises(UpdateRefused):
        gate.admit(update, SETTINGS)


def test_the_words_of_updates_are_allowed_inside_a_query() -> None:
    gate.admit("PREFIX delete: <http://a/> SELECT ?insert { ?insert delete:load 'DROP' }", SETTINGS)


def test_nesting_beyond_the_limit_is_refused_before_anything_parses_it() -> None:
    gate.admit("SELECT * " + "{" * 100 + "}" * 100, SETTINGS)

    with pytest.raises(QueryTooDeep):
        gate.admit("SELECT * " + "{" * 101 + "}" * 101, SETTINGS)


def test_brackets_in_strings_and_comments_are_no_nesting() -> None:
    gate.admit("SELECT * { ?s ?p '" + "(" * 500 + "' } # " + "{" * 500, SETTINGS)


def test_a_query_longer_than_the_limit_is_refused() -> None:
    with pytest.raises(QueryTooLong):
        gate.admit("SELECT * {} #" + "ü" * 51_000, SETTINGS)


@pytest.mark.parametrize(
    "unit", [")", "a.", "a-", "'", '"', "'\\", "'''a", "<", "<a", "a:", ":", "\\", "#", "(", "%4"]
)
def test_no_text_takes_the_gate_long(unit: str) -> None:
    text = unit * (100_000 // len(unit))

    def seconds(query: str) -> float:
        started = time.perf_counter()
        for token in gate.tokens(query):
            assert token
        return time.perf_counter() - started

    assert seconds(text) < 10 + 20 * seconds("a b " * 25_000)


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("SELECT * {}", Form.SOLUTIONS),
        ("PREFIX ask: <http://ask/> # construct\nASK {}", Form.BOOLEAN),
        ("BASE <http://describe/> construct where {}", Form.GRAPH),
        ("DESCRIBE <http://a/select>", Form.GRAPH),
        ("nonsense", Form.SOLUTIONS),
    ],
)
def test_the_form_is_known_before_the_query_is_run(query: str, form: Form) -> None:
    assert gate.form(query) is form


@pytest.mark.parametrize("service", [".SERVICE<u:u>{?x ?y ?z}", "SERVICE<u:u>{?x ?y ?z}"])
def test_what_the_engine_takes_for_service_after_a_name_so_does_the_gate(service: str) -> None:
    """Wherever a name can end for the engine, it ends for the gate."""
    pieces = [
        "",
        ".",
        "-",
        "b",
        "1",
        "_",
        ":",
        "%20",
        "\\.",
        "\\-",
        ".b",
        "b.",
        "-b",
        "·",
        "é",
        "٣",
    ]
    legal = {":.1:"}
    engine = Store()
    found = set()
    for name in {a + b + c for a in pieces for b in pieces for c in pieces}:
        query = f"PREFIX : <y:> SELECT * {{ ?s ?p :{name}{service} }}"
        try:
            engine.query(query)
        except SyntaxError:
            continue
        if gate.read(query).service is None:
            found.add(f":{name}")

    assert found <= legal


@given(st.text(max_size=300))
def test_any_text_is_lexed_to_its_end(text: str) -> None:
    read = "".join(token.text for token in gate.tokens(text))

    assert set(read) <= set(text)
    assert all(character in read or character in " \t\r\n#" or "#" in text for character in text)


@given(st.text(max_size=200), st.integers(0, 200))
def test_a_position_counts_lines_and_columns_from_one(text: str, offset: int) -> None:
    offset = min(offset, len(text))

    line, column = gate.position(text, offset)

    assert line == text[:offset].count("\n") + 1
    assert column == len(text[:offset].rsplit("\n", maxsplit=1)[-1]) + 1


@pytest.mark.parametrize("iri", ["http://a/", "urn:x", "https://w3id.org/leadgraph/graph/poster"])
def test_absolute_iris_are_known(iri: str) -> None:
    assert gate.is_absolute_iri(iri)


@pytest.mark.parametrize("text", ["", "a", "//a", "http://a b", "<http://a>", "http://a/\n", "1:b"])
def test_other_texts_are_no_absolute_iris(text: str) -> None:
    assert not gate.is_absolute_iri(text)
