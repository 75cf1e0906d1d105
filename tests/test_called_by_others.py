"""Other engines join their data with ours by SERVICE, each in its own way of asking.

RDFLib sends a GET for each row, Oxigraph one POST with the whole pattern, Comunica blocks of
VALUES; QLever, which no registry brings, is imitated as its source has it (src/engine/Service.cpp).
"""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from rdflib import Graph

from tests import comunica
from tests.endpoints import Canned
from tests.pages_engine import release
from tests.standin.server import EXCERPT
from tests.test_guide import get, only, serving_release
from tests.w3c import Solutions, read_json, send

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.standin.server import StandIn
    from tests.test_serve import Server

SHOWN = "https://leadgraph.example.org/sparql"
EXPECTED = [("coaching", "Coaching"), ("communication", "Communication")]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of the graph of this repository."""
    with serving_release(release().path.parents[1]) as running:
        yield running


def query(section: str, server: Server) -> str:
    """The query that the guide shows in a section, asking this server."""
    return only("calling", section, "sparql").content.replace(
        SHOWN, f"http://127.0.0.1:{server.port}/sparql"
    )


def test_an_engine_in_wikidata_s_place_joins_its_items_with_our_skills(
    server: Server, wikidata: StandIn
) -> None:
    text = query("Wikidata’s query service", server)

    port = int(wikidata.address.split(":")[2].partition("/")[0])
    headers = [
        ("Content-Type", "application/sparql-query"),
        ("Accept", "application/sparql-results+json"),
    ]

    reply = send(port, "POST", "/query", headers, text.encode())

    found = read_json(reply.body)
    assert isinstance(found, Solutions)
    assert sorted((row["label"][1], row["skill"][1]) for row in found.rows) == EXPECTED


def test_rdflib_joins_its_graph_with_ours(server: Server) -> None:
    graph = Graph().parse(EXCERPT)

    rows = graph.query(query("Wikidata’s query service", server))

    assert sorted((str(row.label), str(row.skill)) for row in rows) == EXPECTED


def test_qlever_s_way_of_asking_is_answered(server: Server) -> None:
    prologue = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n"
    values = "VALUES (?item) { (<http://www.wikidata.org/entity/Q11024>) }"
    pattern = "?thing skos:closeMatch ?item ; skos:prefLabel ?skill }"
    headers = [
        ("Content-Type", "application/sparql-query"),
        ("Accept", "application/sparql-results+json"),
    ]

    body = f"{prologue}\nSELECT ?thing ?item ?skill {{\n{values}\n{pattern}"
    reply = send(server.port, "POST", "/sparql", headers, body.encode())

    assert reply.media_type == "application/sparql-results+json"
    found = read_json(reply.body)
    assert isinstance(found, Solutions)
    assert {row["item"][1] for row in found.rows} == {"http://www.wikidata.org/entity/Q11024"}
    assert "Communication" in {row["skill"][1] for row in found.rows}


def test_comunica_joins_an_endpoint_with_ours(server: Server, wikidata: StandIn) -> None:
    text = query("Wikidata’s query service", server)

    command = [comunica.program(), f"sparql@{wikidata.address}", "--query", text]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)

    rows = json.loads(result.stdout)
    assert (
        sorted((row["label"].split('"')[1], row["skill"].split('"')[1]) for row in rows) == EXPECTED
    )


def test_rdflib_asks_once_where_the_items_stand_in_the_part(server: Server) -> None:
    rows = Graph().query(query("RDFLib and Jena", server))

    assert sorted(str(row.skill) for row in rows) == ["Coaching", "Communication"]


def test_the_endpoint_describes_itself_and_lets_pages_ask(server: Server) -> None:
    response, body = get(server, "/sparql", Accept="text/turtle", Origin="https://example.org")

    assert b"sd:endpoint" in body
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("prefix", ["", "sparql@"])
def test_comunica_takes_no_source_of_our_description_for_our_endpoint(prefix: str) -> None:
    refusal = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
    count = "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/leadgraph/ns#SkillTheme> }"
    state = release().path.parents[1]
    with (
        Canned(refusal) as theirs,
        serving_release(state, LEADGRAPH_SERVICE_ALLOW=theirs.address) as ours,
    ):
        accept = [("Accept", "text/turtle")]
        described = send(ours.port, "GET", "/sparql", accept).body.decode()
        source = f"{prefix}http://127.0.0.1:{ours.port}/sparql"
        command = [comunica.program(), source, "--query", count]
        result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)

    assert theirs.address in described
    assert described.count("sd:endpoint") == 1
    assert int(json.loads(result.stdout)[0]["n"].split('"')[1]) > 0
    assert theirs.requests == []
