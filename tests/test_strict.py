"""What a client that goes by the letter may ask of the endpoint, over a real connection."""

from __future__ import annotations

import json
import socket
import warnings
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
from rdflib import Graph
from SPARQLWrapper import SPARQLWrapper

from tests import w3c
from tests.w3c import Reply, Solutions, send

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SELECT = "SELECT ?o WHERE { <http://example.org/b> ?p ?o }"
ASK = "ASK { <http://example.org/b> ?p 2 }"
CONSTRUCT = "CONSTRUCT WHERE { <http://example.org/b> ?p ?o }"
DESCRIBE = "DESCRIBE <http://example.org/b>"
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
G1, G2 = "http://example.org/g1", "http://example.org/g2"

JSON = "application/sparql-results+json"
XML = "application/sparql-results+xml"
FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
TURTLE = "text/turtle"
TABLES = {
    JSON: w3c.read_json,
    XML: w3c.read_xml,
    "text/csv": w3c.read_csv,
    "text/tab-separated-values": w3c.read_tsv,
}
GRAPHS = {
    TURTLE: "turtle",
    "application/n-triples": "nt",
    "application/rdf+xml": "xml",
    "application/ld+json": "json-ld",
}


@pytest.fixture(scope="module")
def port(small_dataset: Path) -> Iterator[int]:
    """A server over two named graphs and a default graph that holds both."""
    with w3c.serving(small_dataset) as port:
        yield port


def address(query: str, **parameters: str) -> str:
    """The address that asks a query."""
    return "/sparql?" + "&".join(
        f"{name}={quote(value, safe='')}" for name, value in {"query": query, **parameters}.items()
    )


def get(port: int, query: str, *accept: str) -> Reply:
    """A query by GET, with a header for every Accept."""
    return send(port, "GET", address(query), [("Accept", value) for value in accept])


def post(port: int, body: bytes, content_type: str, target: str = "/sparql") -> Reply:
    """A body by POST."""
    return send(port, "POST", target, [("Content-Type", content_type)], body)


def raw(port: int, request: bytes) -> bytes:
    """Everything that comes back for some bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request)
        received = b""
        while part := connection.recv(1 << 16):
            received += part
        return received


# What comes back


@pytest.mark.parametrize("media_type", TABLES)
def test_solutions_are_readable_by_other_readers_in_every_format(
    port: int, media_type: str
) -> None:
    reply = get(port, 'SELECT ("é" AS ?a) (<http://x/> AS ?b) ?c {}', media_type)

    found = TABLES[media_type](reply.body)
    assert reply.media_type == media_type
    assert isinstance(found, Solutions)
    assert found.variables == ("a", "b", "c")
    assert [term[1] for term in found.rows[0].values()] == ["é", "http://x/"]


@pytest.mark.parametrize("media_type", [JSON, XML])
def test_a_boolean_is_readable_by_other_readers(port: int, media_type: str) -> None:
    assert TABLES[media_type](get(port, ASK, media_type).body) is True
    assert TABLES[media_type](get(port, "ASK { ?s ?p 9 }", media_type).body) is False


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
@pytest.mark.parametrize("media_type", GRAPHS)
@pytest.mark.parametrize("query", [CONSTRUCT, DESCRIBE])
def test_graphs_are_readable_by_other_readers_in_every_format(
    port: int, query: str, media_type: str
) -> None:
    reply = get(port, query, media_type)

    assert reply.media_type == media_type
    assert len(Graph().parse(data=reply.body, format=GRAPHS[media_type])) == 1


@pytest.mark.parametrize("media_type", TABLES)
def test_a_text_with_every_separator_comes_back_as_it_is(port: int, media_type: str) -> None:
    text = 'a,b"c"\td\\e<f>&g\nh\'i'
    written = text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
    query = f"""SELECT ('{written.replace(chr(39), chr(92) + chr(39))}' AS ?x) {{}}"""

    found = TABLES[media_type](get(port, query, media_type).body)

    assert isinstance(found, Solutions)
    assert found.rows[0]["x"][1] == text


# Accept


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (f"{XML};q=0.5, {JSON};q=0.4", XML),
        ("application/*;q=0.2, text/csv;q=0.1", JSON),
        ("text/*", "text/csv"),
        ("text/*, text/csv;q=0", "text/tab-separated-values"),
        (f"{JSON};q=0, */*", XML),
        ("application/rdf+xml, */*;q=0.1", JSON),
        ('text/csv;header=absent, application/json;profile="a,b;q=0";q=0.5', "text/csv"),
        (f'{JSON}; profile="x,y;q=0"', JSON),
        ("text/csv ; q = 0.5", "text/csv"),
        ("TEXT/CSV", "text/csv"),
        ("text/csv,,", "text/csv"),
    ],
)
def test_weights_wildcards_and_parameters_mean_what_http_says(
    port: int, accept: str, media_type: str
) -> None:
    reply = get(port, SELECT, accept)

    assert (reply.status, reply.media_type) == (200, media_type)
    assert "accept" in reply.headers["vary"].lower()


@pytest.mark.parametrize(
    ("accept", "table", "graph"),
    [
        (f"{JSON}, {XML};q=0.9, text/tab-separated-values;q=0.7, application/json;q=0.2, */*;q=0.1",
         JSON, "application/ld+json"),
        (f"{XML},application/rdf+xml;q=0.9,*/*;q=0.1", XML, "application/rdf+xml"),
        ("application/n-triples;q=0.6,text/turtle,application/trig,application/ld+json;q=0.9,"
         f"{JSON};q=0.8", JSON, TURTLE),
        (f"{JSON},*/*;q=0.9", JSON, TURTLE),
        ("application/json", JSON, "application/ld+json"),
        ("*/*", JSON, TURTLE),
    ],
)  # fmt: skip
def test_one_header_for_every_kind_of_query_as_clients_send_it(
    port: int, accept: str, table: str, graph: str
) -> None:
    assert get(port, SELECT, accept).media_type == table
    assert get(port, ASK, accept).media_type == table
    assert get(port, CONSTRUCT, accept).media_type == graph
    assert get(port, DESCRIBE, accept).media_type == graph


@pytest.mark.parametrize("accept", ["image/png", "garbage", "application/xhtml+xml", "*/*;q=0"])
@pytest.mark.parametrize("query", [SELECT, ASK, CONSTRUCT])
def test_what_nobody_can_make_is_406(port: int, query: str, accept: str) -> None:
    assert get(port, query, accept).status == 406


def test_two_accept_headers_are_one_list(port: int) -> None:
    assert get(port, SELECT, "image/png", "text/csv").media_type == "text/csv"


@pytest.mark.parametrize(
    ("query", "name"),
    [(query, name) for query in (SELECT, ASK) for name in ("json", "xml", "csv", "tsv")]
    + [
        (query, name)
        for query in (CONSTRUCT, DESCRIBE)
        for name in ("xml", "rdf", "rdf+xml", "turtle", "json-ld")
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_client_that_most_programs_in_python_use_is_answered(
    port: int, query: str, name: str, method: str
) -> None:
    client = SPARQLWrapper(f"http://127.0.0.1:{port}/sparql", returnFormat=name)
    client.setQuery(query)
    client.setMethod(method)

    with warnings.catch_warnings(action="ignore"), client.query().response as response:
        assert response.status == 200
        assert response.read()


# Methods


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        (SELECT, JSON), (SELECT, "text/csv"), (ASK, XML), (CONSTRUCT, TURTLE), (DESCRIBE, "*/*"),
        (SELECT, "text/html"), (SELECT, "image/png"), ("SELECT", "*/*"),
        ("ASK { SERVICE <http://a/> {} }", "*/*"),
    ],
)  # fmt: skip
def test_head_tells_what_get_would(port: int, query: str, accept: str) -> None:
    headers = [("Accept", accept)]
    whole = send(port, "GET", address(query), headers)
    head = send(port, "HEAD", address(query), headers)

    assert (head.status, head.body) == (whole.status, b"")
    for name in ("content-type", "content-length", "vary", "access-control-allow-origin"):
        assert head.headers[name] == whole.headers[name]


def test_options_names_the_methods_and_asks_nothing(port: int) -> None:
    reply = send(port, "OPTIONS", address("SELECT"))

    assert reply.status in {200, 204}
    assert set(reply.headers["allow"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}
    assert reply.body == b""


def test_a_page_of_another_origin_may_send_every_header_and_read_every_answer(port: int) -> None:
    origin = ("Origin", "https://example.org")
    preflight = send(
        port, "OPTIONS", "/sparql",
        [origin, ("Access-Control-Request-Method", "POST"),
         ("Access-Control-Request-Headers", "content-type, accept")],
    )  # fmt: skip

    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "POST" in preflight.headers["access-control-allow-methods"]
    assert {"content-type", "accept"} <= set(
        preflight.headers["access-control-allow-headers"].lower().split(", ")
    )
    for query in (SELECT, "nonsense", "ASK { SERVICE <http://a/> {} }"):
        reply = send(port, "GET", address(query), [origin])
        assert reply.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in reply.headers


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "FOO"])
def test_no_other_method_answers(port: int, method: str) -> None:
    reply = send(port, method, address(ASK))

    assert (reply.status, reply.code) == (405, "method-not-allowed")
    assert "POST" in reply.headers["allow"]


# The query in the request


@pytest.mark.parametrize(
    "target",
    [
        '/sparql?query=SELECT+("a+b%2Bc%20d%2520"+AS+?x)+{}',
        "/sparql?query=SELECT%20(%22a%20b%2bc+d%2520%22%20AS%20%3fx)%20%7b%7D",
    ],
)
def test_plus_is_a_space_and_a_percent_is_decoded_once_in_address_and_form(
    port: int, target: str
) -> None:
    body = target.partition("?")[2].encode()

    for reply in (send(port, "GET", target), post(port, body, FORM)):
        assert json.loads(reply.body)["results"]["bindings"][0]["x"]["value"] == "a b+c d%20"


def test_a_plus_in_a_direct_query_is_a_plus(port: int) -> None:
    reply = post(port, b'SELECT ("a+b%20c" AS ?x) {}', DIRECT)

    assert json.loads(reply.body)["results"]["bindings"][0]["x"]["value"] == "a+b%20c"


@pytest.mark.parametrize(
    "content_type",
    [FORM, f"{FORM}; charset=UTF-8", f'{FORM};charset="utf-8"', FORM.upper(), f"{FORM}; a=b"],
)
def test_a_form_is_known_by_its_type_whatever_its_parameters(port: int, content_type: str) -> None:
    body = b"query=" + quote_plus('SELECT ("é" AS ?x) {}').encode()

    assert "é".encode() in post(port, body, content_type).body


@pytest.mark.parametrize("content_type", [DIRECT, f"{DIRECT}; charset=UTF-8", DIRECT.upper()])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_direct_query_is_utf8_with_or_without_a_byte_order_mark(
    port: int, content_type: str, mark: bytes
) -> None:
    body = mark + 'SELECT ("é" AS ?x) {}'.encode()

    assert "é".encode() in post(port, body, content_type).body


@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-16", "nonsense"])
@pytest.mark.parametrize(("kind", "body"), [(DIRECT, b"ASK {}"), (FORM, b"query=ASK%20%7B%7D")])
def test_a_body_that_says_it_is_no_utf8_is_refused(
    port: int, kind: str, body: bytes, charset: str
) -> None:
    assert post(port, body, f"{kind}; charset={charset}").status in {400, 415}


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le"])
def test_bytes_that_are_no_utf8_are_refused_whatever_the_header_says(
    port: int, encoding: str
) -> None:
    body = 'SELECT ("é" AS ?x) {}'.encode(encoding)

    assert post(port, body, DIRECT).status == 400


@pytest.mark.parametrize(
    ("target", "content_type", "body"),
    [
        ("/sparql?query=", None, None),
        ("/sparql?query=%20%0A", None, None),
        ("/sparql?query=%23only%20a%20comment", None, None),
        ("/sparql", FORM, b""),
        ("/sparql", FORM, b"query="),
        ("/sparql", DIRECT, b""),
    ],
)
def test_an_empty_query_is_400(
    port: int, target: str, content_type: str | None, body: bytes | None
) -> None:
    if content_type is None or body is None:
        assert send(port, "GET", target).status == 400
    else:
        assert post(port, body, content_type, target).status == 400


def test_one_query_twice_is_two(port: int) -> None:
    twice = f"query={quote(ASK)}&query={quote(ASK)}"

    assert send(port, "GET", f"/sparql?{twice}").status == 400
    assert post(port, twice.encode(), FORM).status == 400


def test_the_body_of_a_get_is_not_read(port: int) -> None:
    form = send(port, "GET", "/sparql", [("Content-Type", FORM)], b"query=ASK%20%7B%7D")
    direct = send(port, "GET", address(ASK), [("Content-Type", DIRECT)], b"SELECT * {}")

    assert b"boolean" not in form.body
    assert json.loads(direct.body) == {"head": {}, "boolean": True}


@pytest.mark.parametrize(
    ("target", "content_type", "body"),
    [
        ("/sparql", FORM, b"query=ASK%20%7B%7D&update=CLEAR%20ALL"),
        ("/sparql?update=CLEAR%20ALL", FORM, b"query=ASK%20%7B%7D"),
        ("/sparql?update=CLEAR%20ALL", DIRECT, b"ASK {}"),
        ("/sparql", DIRECT, b'VERSION "1.2" CLEAR ALL'),
        ("/sparql", DIRECT, b"BASE <http://a/> PREFIX a: <b> # c\nCLEAR ALL"),
    ],
)
def test_an_update_is_refused_wherever_it_hides(
    port: int, target: str, content_type: str, body: bytes
) -> None:
    reply = post(port, body, content_type, target)

    assert (reply.status, reply.code) == (403, "update-refused")


def test_parameters_that_the_protocol_does_not_know_are_left_aside(port: int) -> None:
    assert send(port, "GET", address(ASK, timeout="30", foo="", debug="on")).status == 200


def test_relative_iris_are_read_against_a_base_of_the_service(port: int) -> None:
    reply = get(port, "SELECT (<a> AS ?x) (STR(<#b>) AS ?y) {}", JSON)

    row = json.loads(reply.body)["results"]["bindings"][0]
    assert row["x"]["value"].startswith(("http://", "https://"))
    assert row["x"]["value"].endswith("/a")
    assert row["y"]["value"].endswith("#b")


def test_a_function_that_nobody_has_is_named_and_not_a_reason_to_come_back(port: int) -> None:
    reply = get(port, "SELECT (<http://example.org/f>(1) AS ?x) {}")

    assert reply.status == 400
    assert "retry-after" not in reply.headers
    assert "http://example.org/f" in json.loads(reply.body)["detail"]


# The dataset of the request


def number(port: int, query: str, *graphs: tuple[str, str]) -> int:
    """What a counting query counts in a dataset."""
    parameters = "".join(f"&{name}={quote(iri, safe='')}" for name, iri in graphs)
    reply = send(port, "GET", address(query) + parameters, [("Accept", "text/csv")])
    return int(reply.body.split()[1])


def test_a_graph_named_twice_counts_once(port: int) -> None:
    everywhere = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"

    assert number(port, COUNT, *[("default-graph-uri", G1)] * 2) == 2
    assert number(port, everywhere, *[("named-graph-uri", G1)] * 2) == 2


def test_graphs_of_the_request_make_one_dataset(port: int) -> None:
    default, named = ("default-graph-uri", G1), ("named-graph-uri", G2)

    assert number(port, COUNT, default, ("default-graph-uri", G2)) == 3
    assert number(port, COUNT, default, named) == 2
    assert number(port, "SELECT (COUNT(?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }", default, named) == 1


def test_the_dataset_of_the_request_goes_before_that_of_the_query(port: int) -> None:
    query = COUNT.replace("WHERE", f"FROM <{G1}> WHERE")

    assert number(port, query) == 2
    assert number(port, query, ("default-graph-uri", G2)) == 1


@pytest.mark.xfail(reason="the engine counts it twice (oxigraph#1919)", strict=True)
def test_what_two_graphs_both_say_is_in_their_merge_once(tmp_path: Path) -> None:
    dataset = tmp_path / "same.nq"
    statement = "<http://a/s> <http://a/p> <http://a/o>"
    dataset.write_text(f"{statement} <{G1}> .\n{statement} <{G2}> .\n")

    with w3c.serving(dataset) as port:
        assert number(port, COUNT, ("default-graph-uri", G1), ("default-graph-uri", G2)) == 1


# HTTP


def test_a_body_may_come_in_chunks(port: int) -> None:
    received = raw(
        port,
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Type: application/sparql-query\r\n\r\n3\r\nASK\r\n3\r\n {}\r\n0\r\n\r\n",
    )

    assert received.startswith(b"HTTP/1.1 200 ")
    assert received.endswith(b'{"head":{},"boolean":true}')


def test_a_client_that_waits_for_leave_to_send_gets_it(port: int) -> None:
    received = raw(
        port,
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\n"
        b"Content-Type: application/sparql-query\r\nContent-Length: 6\r\n\r\nASK {}",
    )

    assert received.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 ")


def test_a_request_to_a_proxy_is_understood(port: int) -> None:
    assert send(port, "GET", "http://www.example" + address(ASK)).status == 200


@pytest.mark.parametrize(
    "target",
    [b"/sparql?query=ASK {}", '/sparql?query=ASK{"é"}'.encode(), b"/sparql?query=\xe9"],
)
def test_an_address_that_is_none_is_400(port: int, target: bytes) -> None:
    received = raw(port, b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    assert received.startswith(b"HTTP/1.1 400 ")
