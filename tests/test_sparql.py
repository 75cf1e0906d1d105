"""The endpoint obeys the SPARQL 1.1 Protocol, and says what is wrong when a request does not."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
from markupsafe import escape

from leadgraph.formats import GRAPHS, RESULTS
from leadgraph.query.client import Engine
from leadgraph.query.engine import running
from leadgraph.web.app import create_app
from tests.endpoints import oxigraph

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from leadgraph.settings import Settings

SELECT = "SELECT ?o WHERE { <http://example.org/b> ?p ?o }"
CONSTRUCT = "CONSTRUCT WHERE { <http://example.org/b> ?p ?o }"
FORM = "application/x-www-form-urlencoded"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module", params=["memory", "disk", "elsewhere"])
def each(
    request: pytest.FixtureRequest, numbers: Path, small_dataset: Path, settings: Settings
) -> Iterator[tuple[Path, Settings]]:
    """Each engine over the same statements: its socket, and the settings it runs with."""
    files = [numbers, small_dataset]
    with ExitStack() as stack:
        if request.param == "elsewhere":
            chosen = replace(settings, engine=stack.enter_context(oxigraph(files)))
            files = []
        else:
            chosen = replace(settings, engine=request.param)
        yield stack.enter_context(running(files, chosen)), chosen


@pytest.fixture
def engine(each: tuple[Path, Settings]) -> Iterator[Engine]:
    """A client of each engine with slots of its own."""
    with Engine(*each) as client:
        yield client


@pytest.fixture
def client(engine: Engine, settings: Settings) -> FlaskClient:
    """A client of the application over the small dataset."""
    return create_app(engine, settings, None).test_client()


def get(client: FlaskClient, query: str, accept: str = "", **parameters: str):
    """A query by GET."""
    headers = {"Accept": accept} if accept else {}
    return client.get("/sparql", query_string={"query": query, **parameters}, headers=headers)


def problem(response) -> dict[str, object]:
    """The problem that an answer tells of."""
    assert response.mimetype == "application/problem+json"
    found = json.loads(response.data)
    assert {"type", "title", "status", "detail", "code"} <= set(found)
    assert found["status"] == response.status_code
    return found


def test_a_query_by_get_is_answered(client: FlaskClient) -> None:
    response = get(client, SELECT)

    assert response.status_code == 200
    assert response.mimetype == "application/sparql-results+json"
    assert response.json["results"]["bindings"][0]["o"]["value"] == "2"


def test_a_query_by_form_post_is_answered(client: FlaskClient) -> None:
    assert client.post("/sparql", data={"query": SELECT}).json["head"]["vars"] == ["o"]


def test_a_query_by_direct_post_is_answered(client: FlaskClient) -> None:
    response = client.post("/sparql", data=SELECT, content_type="application/sparql-query")

    assert response.json["head"]["vars"] == ["o"]


def test_a_direct_post_takes_its_dataset_from_the_address(client: FlaskClient) -> None:
    response = client.post(
        "/sparql?default-graph-uri=http://example.org/g2",
        data="SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }",
        content_type="application/sparql-query; charset=utf-8",
        headers={"Accept": "text/csv"},
    )

    assert response.data == b"n\r\n1\r\n"


@pytest.mark.parametrize("row", RESULTS, ids=lambda row: row.name)
def test_solutions_and_booleans_come_in_every_format(client: FlaskClient, row) -> None:
    for query in (SELECT, "ASK {}"):
        response = get(client, query, row.media_type)
        assert response.headers["Content-Type"] == row.content_type
        assert "Accept" in response.headers["Vary"]
        assert get(client, query, format=row.name).data == response.data


@pytest.mark.parametrize("row", GRAPHS, ids=lambda row: row.name)
def test_graphs_come_in_every_format(client: FlaskClient, row) -> None:
    for query in (CONSTRUCT, "DESCRIBE <http://example.org/b>"):
        response = get(client, query, row.media_type)
        assert response.headers["Content-Type"] == row.content_type
        assert b"example.org/" in response.data


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("application/json", "application/sparql-results+json"),
        ("application/xml", "application/sparql-results+xml"),
        ("text/csv;q=0.9, application/sparql-results+xml;q=0.2", "text/csv"),
        ("application/sparql-results+json;profile=x", "application/sparql-results+json"),
        ("text/turtle, text/tab-separated-values;q=0.1", "text/tab-separated-values"),
    ],
)
def test_the_format_is_negotiated(client: FlaskClient, accept: str, media_type: str) -> None:
    assert get(client, SELECT, accept).mimetype == media_type


@pytest.mark.parametrize("accept", ["image/png", "text/turtle", "application/rdf+xml"])
def test_a_format_that_solutions_do_not_have_is_406(client: FlaskClient, accept: str) -> None:
    response = get(client, SELECT, accept)

    assert response.status_code == 406
    assert "application/sparql-results+json" in problem(response)["offered"]


def test_a_form_post_takes_the_parameters_of_its_address_too(client: FlaskClient) -> None:
    count = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
    address = "/sparql?format=csv&default-graph-uri=http://example.org/g2"

    assert client.post(address, data={"query": count}).data == b"n\r\n1\r\n"


def test_a_query_in_the_address_and_one_in_the_body_are_two(client: FlaskClient) -> None:
    address = f"/sparql?query={quote(SELECT)}"

    assert client.post(address, data={"query": SELECT}).status_code == 400
    direct = client.post(address, data=SELECT, content_type="application/sparql-query")
    assert direct.status_code == 400


def test_a_format_by_name_that_does_not_fit_the_query_is_400(client: FlaskClient) -> None:
    assert get(client, SELECT, format="turtle").status_code == 400
    assert get(client, CONSTRUCT, format="csv").status_code == 400


def test_a_malformed_query_is_400_with_line_and_column(client: FlaskClient) -> None:
    found = problem(get(client, "SELECT *\nWHERE { ?s ?p }"))

    assert (found["status"], found["code"], found["line"]) == (400, "query-malformed", 2)
    assert isinstance(found["column"], int)


def test_no_query_and_two_queries_are_400(client: FlaskClient) -> None:
    assert client.get("/sparql?format=json").status_code == 400
    assert client.post("/sparql", data="", content_type=FORM).status_code == 400
    two = f"query={quote(SELECT)}&query={quote(SELECT)}"
    assert client.get(f"/sparql?{two}").status_code == 400
    assert client.post("/sparql", data=two, content_type=FORM).status_code == 400


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "text/turtle", ""])
def test_a_body_of_another_type_is_415(client: FlaskClient, content_type: str) -> None:
    response = client.post("/sparql", data=SELECT, content_type=content_type)

    assert response.status_code == 415
    assert problem(response)["code"] == "unsupported-media-type"


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_405_and_told_which_are_possible(
    client: FlaskClient, method: str
) -> None:
    response = getattr(client, method)("/sparql")

    assert response.status_code == 405
    assert {"GET", "POST"} <= set(response.headers["Allow"].split(", "))


def test_head_has_the_headers_of_get_and_no_body(client: FlaskClient) -> None:
    response = client.head("/sparql", query_string={"query": SELECT})

    assert response.status_code == 200
    assert response.mimetype == "application/sparql-results+json"
    assert response.data == b""


def test_updates_are_refused_in_every_way(client: FlaskClient) -> None:
    update = "INSERT DATA { <http://a> <http://b> <http://c> }"

    for response in (
        client.get("/sparql", query_string={"update": update}),
        client.post("/sparql", data={"update": update}),
        client.post("/sparql", data=update, content_type="application/sparql-update"),
        get(client, update),
    ):
        assert response.status_code == 403
        assert problem(response)["code"] == "update-refused"


def test_service_is_refused_with_its_place(client: FlaskClient) -> None:
    found = problem(get(client, "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"))

    assert (found["status"], found["code"], found["column"]) == (403, "service-refused", 12)


def test_the_dataset_of_the_request_is_honoured(client: FlaskClient) -> None:
    count = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
    named = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"
    g1, none = "http://example.org/g1", "http://example.org/none"

    def number(query: str, **dataset: str) -> str:
        return get(client, query, "text/csv", **dataset).data.decode().split()[1]

    assert number(count, **{"default-graph-uri": g1}) == "2"
    assert number(count, **{"default-graph-uri": none}) == "0"
    assert number(named, **{"default-graph-uri": g1}) == "0"
    assert number(named, **{"named-graph-uri": g1}) == "2"
    assert number(count, **{"named-graph-uri": g1}) == "0"
    assert number(named) == "3"


@pytest.mark.parametrize("iri", ["relative", "", "http://a b/", "<http://a>", "file name"])
def test_a_graph_name_that_is_no_iri_is_400(client: FlaskClient, iri: str) -> None:
    assert get(client, SELECT, **{"default-graph-uri": iri}).status_code == 400


@pytest.mark.parametrize("iri", ["file:///etc/passwd", "http://127.0.0.1:1/"])
def test_a_graph_name_reads_neither_disk_nor_network(client: FlaskClient, iri: str) -> None:
    for response in (
        get(client, "SELECT * WHERE { ?s ?p ?o }", **{"default-graph-uri": iri}),
        get(client, f"SELECT * FROM <{iri}> WHERE {{ ?s ?p ?o }}"),
    ):
        assert response.json["results"]["bindings"] == []


@pytest.mark.parametrize("text", ["a+b%20c", "a%2520b", "100%", "ü & =", "a b"])
def test_a_string_comes_back_exactly_as_it_was_sent(client: FlaskClient, text: str) -> None:
    query = f'SELECT ("{text}" AS ?x) WHERE {{}}'

    for response in (
        client.get(f"/sparql?query={quote(query)}"),
        client.get(f"/sparql?query={quote_plus(query)}"),
        client.post("/sparql", data=f"query={quote_plus(query)}", content_type=FORM),
        client.post("/sparql", data=query.encode(), content_type="application/sparql-query"),
    ):
        assert response.json["results"]["bindings"][0]["x"]["value"] == text


def test_bytes_that_are_no_utf8_are_400(client: FlaskClient) -> None:
    direct = client.post(
        "/sparql", data=b'SELECT ("\xff" AS ?x) {}', content_type="application/sparql-query"
    )

    assert direct.status_code == 400
    assert client.get("/sparql?query=SELECT%20(%22%FF%22%20AS%20?x)%20%7B%7D").status_code == 400


def test_a_query_beyond_the_limit_is_413(client: FlaskClient, settings: Settings) -> None:
    long = SELECT + " #" + "x" * settings.query_bytes

    assert client.post("/sparql", data={"query": long}).status_code == 413
    huge = "x" * (5 * settings.query_bytes)
    for content_type in (FORM, "application/sparql-query"):
        response = client.post("/sparql", data=huge, content_type=content_type)
        assert response.status_code == 413
        assert problem(response)["code"] == "query-too-long"


def test_a_query_nested_too_deep_is_400(client: FlaskClient) -> None:
    response = client.post("/sparql", data={"query": "SELECT * " + "{" * 5000 + "}" * 5000})

    assert (response.status_code, problem(response)["code"]) == (400, "query-too-deep")


def test_a_runaway_is_503_with_a_reason_and_when_to_come_back(client: FlaskClient) -> None:
    response = get(client, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")

    assert response.status_code == 503
    assert problem(response)["code"] == "query-too-costly"
    assert int(response.headers["Retry-After"]) > 0


def test_every_origin_may_ask(client: FlaskClient) -> None:
    response = client.get(
        "/sparql", query_string={"query": SELECT}, headers={"Origin": "https://example.org"}
    )
    preflight = client.options(
        "/sparql",
        headers={"Origin": "https://example.org", "Access-Control-Request-Method": "POST"},
    )

    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert preflight.headers["Access-Control-Allow-Methods"] == "GET, HEAD, POST"


def test_a_browser_gets_a_form_that_works_without_script(client: FlaskClient) -> None:
    page = client.get("/sparql", headers={"Accept": BROWSER})

    assert page.mimetype == "text/html"
    assert re.search(rb'<form[^>]* action="/sparql" method="get">', page.data)
    assert b'<textarea id="query" name="query"' in page.data


def test_a_browser_gets_solutions_as_a_table_with_everything_escaped(client: FlaskClient) -> None:
    page = get(client, "SELECT ?o { <http://example.org/a> ?p ?o }", BROWSER)

    assert page.mimetype == "text/html"
    assert b"<table" in page.data
    assert b"<script>alert(1)" not in page.data
    assert b"&lt;script&gt;alert(1)" in page.data


def test_a_browser_gets_graphs_and_booleans_as_a_page(client: FlaskClient) -> None:
    assert b"&lt;http://example.org/b&gt;" in get(client, CONSTRUCT, BROWSER).data
    assert get(client, "ASK {}", BROWSER).mimetype == "text/html"


def test_a_table_that_shows_only_the_beginning_says_so(client: FlaskClient) -> None:
    page = get(client, "SELECT * { ?s <http://example.org/p> ?o }", BROWSER).data.decode()

    assert page.count("<tr") < 600
    assert "3003" in page


FLOOD = "SELECT * { ?a ?b ?c . ?d ?e ?f }"


def test_an_answer_too_large_for_a_page_says_so_instead_of_filling_memory(
    engine: Engine, settings: Settings
) -> None:
    small = replace(settings, kept_bytes=100_000)
    client = create_app(engine, small, None).test_client()

    page = get(client, FLOOD, BROWSER)

    assert page.status_code == 400
    assert b"answer-too-large" in page.data
    assert engine.rows("SELECT ?s { ?s ?p 2 }")


def test_the_page_of_a_large_graph_shows_its_beginning_and_says_so(client: FlaskClient) -> None:
    query = "CONSTRUCT { ?a ?b ?f } { ?a ?b ?c . ?d ?e ?f }"

    page = get(client, query, BROWSER)

    assert page.status_code == 200
    assert 1 << 20 < len(page.data) < 3 << 20
    assert b'class="notice"' in page.data


def test_a_browser_gets_errors_as_a_page_with_the_same_words(client: FlaskClient) -> None:
    page = get(client, "SELECT * { SERVICE <http://a/> {} }", BROWSER)

    assert (page.status_code, page.mimetype) == (403, "text/html")
    assert b"SERVICE" in page.data


@pytest.mark.parametrize(
    ("query", "status"),
    [("SELECT * {", 400), ("SELECT * { SERVICE <http://a/> {} }", 403), ("DROP ALL # <b>", 403)],
)
def test_a_query_that_fails_in_a_browser_is_still_there_to_be_mended(
    client: FlaskClient, query: str, status: int
) -> None:
    page = get(client, query, BROWSER)
    form = page.text.partition("<textarea")[2].partition("</textarea>")[0]

    assert page.status_code == status
    assert page.headers["Cache-Control"] == "no-store"
    assert str(escape(query)) in form
    assert page.text.count(str(status)) >= 1


def test_a_long_list_of_what_is_expected_is_put_in_few_words(client: FlaskClient) -> None:
    assert problem(get(client, "SELECT * {"))["expected"] == 'expected a term or "}"'


def test_every_answer_has_the_security_headers(client: FlaskClient) -> None:
    for response in (get(client, SELECT), get(client, "nonsense"), client.get("/nowhere")):
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_an_unknown_address_is_a_404_problem(client: FlaskClient) -> None:
    assert problem(client.get("/nowhere"))["code"] == "thing-not-found"


def test_health_says_ok_while_queries_are_answered(client: FlaskClient) -> None:
    assert client.get("/health").json == {"status": "ok", "release": None}
