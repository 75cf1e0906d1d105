"""The service description: what the endpoint says of itself, and that all of it is so."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import BlankNode, QuerySolutions, RdfFormat, Store, parse

from leadgraph import formats
from leadgraph.explore.limits import OF_QUERIES, OF_SERVICES
from leadgraph.vocabulary import PREFIXES, SHAPES_GRAPH, SPARQL
from leadgraph.web.app import create_app
from tests.pages_engine import application, engine, graph, release

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient

    from leadgraph.query.client import Engine
    from leadgraph.settings import Settings

ENDPOINT = "http://localhost/sparql"
W3C = "http://www.w3.org/ns/formats/"
MEDIA_TYPES = {
    "SPARQL_Results_JSON": "application/sparql-results+json",
    "SPARQL_Results_XML": "application/sparql-results+xml",
    "SPARQL_Results_CSV": "text/csv",
    "SPARQL_Results_TSV": "text/tab-separated-values",
    "Turtle": "text/turtle",
    "JSON-LD": "application/ld+json",
    "N-Triples": "application/n-triples",
    "RDF_XML": "application/rdf+xml",
}
"""Those of https://www.w3.org/ns/formats/ that are of SPARQL results and of graphs."""
PROLOGUE = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
A_PERSON = """
<http://example.org/ada> { <http://example.org/ada> a <http://xmlns.com/foaf/0.1/Person> . }
_:unnamed { <http://example.org/a> <http://example.org/b> "1", "2" . }
"""


@pytest.fixture(scope="module")
def served() -> Iterator[Flask]:
    """The application over the graph of this repository."""
    with application(graph(), release()) as app:
        yield app


@pytest.fixture
def plain(engine: Engine, settings: Settings) -> FlaskClient:
    """A client of an application over plain RDF files."""
    return create_app(engine, settings, None).test_client()


@pytest.fixture(params=["release", "plain files"])
def client(request: pytest.FixtureRequest, served: Flask, plain: FlaskClient) -> FlaskClient:
    """A client of either."""
    return served.test_client() if request.param == "release" else plain


@contextmanager
def over(trig: str) -> Iterator[FlaskClient]:
    """A client of an application over some TriG."""
    nquads = "".join(f"{quad} .\n" for quad in parse(trig, RdfFormat.TRIG))
    with application(nquads.encode(), None) as app:
        yield app.test_client()


def described(client: FlaskClient, **headers: str) -> Store:
    """What the endpoint says of itself."""
    response = client.get("/sparql", headers=headers)
    assert response.status_code == 200, response.text
    store = Store()
    store.load(response.data, RdfFormat.TURTLE)
    return store


def rows(store: Store, variables: str, pattern: str) -> list[tuple[str, ...]]:
    """The solutions of a pattern, as lexical forms."""
    found = store.query(f"{PROLOGUE} SELECT {variables} {{ {pattern} }}")
    assert isinstance(found, QuerySolutions)
    names = variables.replace("?", "").split()
    return [tuple(row[name].value for name in names) for row in found]


def asked(client: FlaskClient, query: str) -> list[list[str]]:
    """What the endpoint answers, as the cells of CSV."""
    response = client.post("/sparql", data={"query": query}, headers={"Accept": "text/csv"})
    assert response.status_code == 200, response.text
    return [line.split(",") for line in response.text.splitlines()[1:]]


def test_a_get_without_a_query_is_answered_with_the_endpoint_that_was_asked(
    client: FlaskClient,
) -> None:
    """The three tests of the W3C's suite: it is RDF, it names this endpoint, terms fit."""
    store = described(client)

    assert rows(store, "?s ?e", "?s sd:endpoint ?e ; a sd:Service") == [
        (f"{ENDPOINT}#service", ENDPOINT)
    ]
    assert rows(store, "?language", "?s sd:supportedLanguage ?language") == [
        (PREFIXES["sd"] + "SPARQL11Query",)
    ]
    assert rows(
        store, "?d ?g", "?s sd:defaultDataset ?d . ?d a sd:Dataset ; sd:defaultGraph ?g"
    ) == [(f"{ENDPOINT}#dataset", f"{ENDPOINT}#default-graph")]


@pytest.mark.parametrize("row", formats.GRAPHS, ids=lambda row: row.name)
def test_every_format_says_the_same(client: FlaskClient, row: formats.Format[RdfFormat]) -> None:
    response = client.get("/sparql", headers={"Accept": row.media_type})

    assert response.content_type == row.content_type
    assert "Accept" in response.headers["Vary"]
    said = {quad.triple for quad in parse(response.data, row.engine)}
    assert said == {quad.triple for quad in described(client)}


def test_it_speaks_of_nothing_but_the_endpoint(client: FlaskClient) -> None:
    """What it names has IRIs that can be cited, and it claims nothing of other people's."""
    for quad in described(client):
        assert quad.subject.value.startswith(f"{ENDPOINT}#"), quad
        assert not isinstance(quad.object, BlankNode)


def test_a_graph_that_is_called_like_a_person_stays_a_person() -> None:
    """It is a name of a graph, of which is told how much it holds; one without IRI is not told."""
    with over(A_PERSON) as client:
        store = described(client)

        assert rows(store, "?p", "<http://example.org/ada> ?p ?o") == []
        assert rows(store, "?g ?name ?n", "?g sd:name ?name ; sd:graph/void:triples ?n") == [
            (f"{ENDPOINT}#named-graph-http://example.org/ada", "http://example.org/ada", "1")
        ]


def test_what_holds_nothing_says_so() -> None:
    with over("") as client:
        store = described(client)

        assert rows(store, "?g ?n", "?g a sd:Graph ; void:triples ?n") == [
            (f"{ENDPOINT}#default-graph", "0")
        ]


def test_each_result_format_that_is_claimed_can_be_had_and_no_other(client: FlaskClient) -> None:
    claimed = {iri for (iri,) in rows(described(client), "?format", "?s sd:resultFormat ?format")}

    assert claimed == {W3C + name for name in MEDIA_TYPES}
    for name, media_type in MEDIA_TYPES.items():
        query = "ASK {}" if "Results" in name else "CONSTRUCT { <a:a> <a:b> 1 } {}"
        query = query.replace("ASK", "SELECT (1 AS ?one)") if name.endswith("SV") else query
        response = client.get(
            "/sparql", query_string={"query": query}, headers={"Accept": media_type}
        )
        assert (response.status_code, response.mimetype) == (200, media_type)


def test_each_graph_and_its_size_are_those_that_queries_find(client: FlaskClient) -> None:
    store = described(client)

    default = rows(store, "?size", f"<{ENDPOINT}#default-graph> void:triples ?size")
    named = rows(
        store, "?name ?size", "?d sd:namedGraph [ sd:name ?name ; sd:graph/void:triples ?size ]"
    )
    assert [[size] for (size,) in default] == asked(client, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    names = asked(client, "SELECT DISTINCT ?g { GRAPH ?g {} }")
    assert sorted([name] for name, _ in named) == sorted(names)
    assert len(names) > 1
    for name, size in named:
        counted = f"SELECT (COUNT(*) AS ?n) FROM <{name}> {{ ?s ?p ?o }}"
        assert asked(client, counted) == [[size]]


def test_features_that_it_has_not_are_not_claimed(served: Flask) -> None:
    """The default graph is not the union of all others, and no graph is fetched."""
    client = served.test_client()

    assert rows(described(client), "?feature", "?s sd:feature ?feature") == [
        (PREFIXES["sd"] + "BasicFederatedQuery",)
    ]
    inside = f"ASK {{ GRAPH <{SHAPES_GRAPH}> {{ ?s ?p ?o }} FILTER NOT EXISTS {{ ?s ?p ?o }} }}"
    answer = client.get("/sparql", query_string={"query": inside})
    assert answer.json is not None
    assert answer.json["boolean"] is True


def test_the_endpoints_that_service_may_name_are_told_as_data(plain: FlaskClient) -> None:
    held = plain.application.extensions["leadgraph"]
    mine = replace(held.settings, service_allow="http://127.0.0.1:9/query#block=7")
    nobody = replace(held.settings, service_allow="")
    asked = "?s sd:feature sd:BasicFederatedQuery ; dcterms:relation ?o"

    for settings, listed in ((mine, ["http://127.0.0.1:9/query"]), (nobody, [])):
        client = create_app(held.engine, settings, None).test_client()
        assert [iri for (iri,) in rows(described(client), "?o", asked)] == listed
    assert rows(described(client), "?f", "?s sd:feature ?f") == []


def test_a_release_is_named_and_plain_files_have_none(served: Flask, plain: FlaskClient) -> None:
    pattern = "?d a sd:Dataset ; dcterms:source ?release"

    ((named,),) = rows(described(served.test_client()), "?release", pattern)
    assert named.endswith(release().version)
    assert rows(described(plain), "?release", pattern) == []
    assert rows(described(plain), "?dataset", "?s dcat:servesDataset ?dataset") == []


def test_each_limit_is_the_setting(served: Flask, settings: Settings) -> None:
    """Not the default: what this server was told."""
    chosen = replace(settings, deadline_seconds=2.5, query_bytes=4321, queue=7, client_queries=3)
    with engine(graph()) as held:
        store = described(create_app(held, chosen, None).test_client())

    said = rows(
        store,
        "?name ?value",
        "?s schema:additionalProperty [ schema:propertyID ?name ; schema:value ?value ]",
    )
    expected = {
        limit.setting: getattr(chosen, limit.setting) for limit in (*OF_QUERIES, *OF_SERVICES)
    }
    assert {name: float(value) for name, value in said} == expected
    units = rows(
        store,
        "?name ?unit ?page",
        "?l schema:propertyID ?name ; schema:unitCode ?unit ; rdfs:seeAlso ?page",
    )
    told = {name: (unit, page) for name, unit, page in units}
    assert told["deadline_seconds"] == ("SEC", "http://localhost/limits#deadline_seconds")
    assert told["query_bytes"][0] == "AD"
    assert told["queue"][0] == "C62"
    names = rows(store, "?name", f"<{ENDPOINT}#limit-queue> schema:name ?name")
    assert len(set(names)) == 6


@pytest.mark.parametrize("host", ["evil>.example", 'a"b', "a b", "", "x/../y", "a#b"])
def test_a_host_that_is_none_is_not_repeated(plain: FlaskClient, host: str) -> None:
    """The canonical address stands in for it."""
    asked = "?s sd:endpoint ?e"
    assert rows(described(plain, Host=host), "?s ?e", asked) == [(f"{SPARQL}#service", SPARQL)]


def test_the_address_that_was_asked_is_the_one_that_is_told(plain: FlaskClient) -> None:
    store = described(plain, Host="replica.example:8080")

    assert rows(store, "?e", "?s sd:endpoint ?e") == [("http://replica.example:8080/sparql",)]


def test_the_same_description_is_not_sent_twice(client: FlaskClient) -> None:
    first = client.get("/sparql")
    again = client.get("/sparql", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    assert client.head("/sparql").headers["ETag"] == first.headers["ETag"]


def test_people_get_the_form_instead(client: FlaskClient) -> None:
    response = client.get("/sparql", headers={"Accept": "text/html,*/*;q=0.8"})

    assert response.mimetype == "text/html"
    assert "<textarea" in response.text


@pytest.mark.parametrize("query", ["?quary=ASK{}", "?default-graph-uri=http://a/", "?query"])
def test_a_request_that_means_a_query_is_not_told_of_the_service(
    plain: FlaskClient, query: str
) -> None:
    assert plain.get(f"/sparql{query}").status_code == 400


def test_a_post_without_a_query_is_400(plain: FlaskClient) -> None:
    assert plain.post("/sparql", data={"format": "csv"}).status_code == 400


def test_a_format_that_it_has_not_is_406(plain: FlaskClient) -> None:
    response = plain.get("/sparql", headers={"Accept": "image/png"})

    assert response.status_code == 406
    assert response.json is not None
    assert response.json["code"] == "not-acceptable"


def test_every_format_of_the_table_is_in_the_list_above() -> None:
    """If there is another one, it is claimed by a name that the W3C gave it."""
    table = (*formats.RESULTS, *formats.GRAPHS)

    assert {row.media_type for row in table} == set(MEDIA_TYPES.values())
