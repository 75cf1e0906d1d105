"""The examples that ask Wikidata: each answers what it says, and tells whom it asked.

What they expect is what the excerpt says; the stand-in of `make wikidata`, which has more beside
it, must not say anything else about the items that LeadGraph links to.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from leadgraph.settings import WIKIDATA_SOURCES
from leadgraph.vocabulary import PREFIXES
from tests.markup import read
from tests.pages_engine import ROOT, release
from tests.standin.server import OXIGRAPH, SCHOLARLY, SHARED, WIKIDATA, dataset, serving
from tests.test_examples import OURS, lines_of, surprises
from tests.test_guide import get, serving_release
from tests.w3c import Reply, send

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadgraph.model import Example
    from tests.test_serve import Server

pytestmark = pytest.mark.skipif(not OXIGRAPH.exists(), reason="oxigraph is not installed")

FEDERATED = [example for example in OURS if example.sources]
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="../shared is not beside this checkout"
)
each = pytest.mark.parametrize("example", FEDERATED, ids=lambda example: example.slug)


@contextlib.contextmanager
def joined(allow: str) -> Iterator[Server]:
    """A server of the graph of this repository with a list of sources."""
    state = release().path.parents[1]
    with serving_release(state, LEADGRAPH_SERVICE_ALLOW=allow) as running:
        yield running


@pytest.fixture(scope="module", params=["excerpt", pytest.param("whole", marks=needs_shared)])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server that asks the stand-in in the place of both graphs of Wikidata."""
    with (
        serving(dataset(whole=request.param == "whole")) as wikidata,
        joined(wikidata.allow(WIKIDATA, SCHOLARLY)) as running,
    ):
        yield running


def ask(server: Server, example: Example) -> Reply:
    """The answer to an example, in JSON or as N-Triples."""
    accept = "application/n-triples" if example.form == "CONSTRUCT" else "application/json"
    headers = [("Content-Type", "application/sparql-query"), ("Accept", accept)]
    return send(server.port, "POST", "/sparql", headers, example.text.encode())


def account(server: Server, reply: Reply) -> dict[str, object]:
    """The account of an answer in JSON."""
    (address,) = json.loads(reply.body)["head"]["link"]
    path = urlsplit(str(address)).path
    return dict(json.loads(send(server.port, "GET", path, [("Accept", "application/json")]).body))


def test_there_are_federated_examples_for_researchers_of_every_kind() -> None:
    assert len(FEDERATED) >= 10
    assert {example.audience for example in FEDERATED} == {"researcher"}
    assert {example.form for example in FEDERATED} == {"SELECT", "ASK", "CONSTRUCT"}
    texts = [example.query for example in FEDERATED]
    for word in (
        "SILENT",
        "OPTIONAL {\n    SERVICE",
        "NOT EXISTS {\n    SERVICE",
        "GROUP BY ?item",
    ):
        assert any(word in text for text in texts), word


@each
def test_a_federated_example_is_one_that_wikidata_itself_could_take(example: Example) -> None:
    assert set(example.sources) <= set(WIKIDATA_SOURCES.split())
    assert "SERVICE" in example.keywords
    assert not re.search(r"wikibase:|bd:|hint:|gas:|geof:|mwapi:|\bWITH\b", example.query)


@each
def test_a_federated_example_names_only_what_there_is(example: Example) -> None:
    declared = dict(re.findall(r"PREFIX (\w+): <([^>]*)>", example.query))
    evidence = (ROOT / "data" / "wikidata-evidence.ttl").read_text("utf-8")
    for prefix, iri in declared.items():
        assert PREFIXES.get(prefix, iri) == iri
    for kind, number in re.findall(r"\bwdt?:([PQ])(\d+)", example.query):
        assert f"wd:{kind}{number} " in evidence


@each
def test_a_federated_example_answers_what_it_says(example: Example, server: Server) -> None:
    reply = ask(server, example)

    assert reply.status == 200, reply.body
    found = lines_of(reply.body, graph=example.form == "CONSTRUCT")
    assert surprises(example.expected, found) == []


@each
def test_a_federated_example_asks_no_more_than_once_for_each_service(
    example: Example, server: Server
) -> None:
    if example.form == "CONSTRUCT":
        text = example.text.replace("CONSTRUCT { ?item rdfs:label ?label }", "SELECT *")
    else:
        text = example.text
    headers = [("Content-Type", "application/sparql-query"), ("Accept", "application/json")]
    fresh = [*headers, ("Cache-Control", "no-cache")]

    told = account(server, send(server.port, "POST", "/sparql", fresh, text.encode()))

    asked = told["asked"]
    assert isinstance(asked, list)
    assert len(asked) == len(re.findall(r"\bSERVICE\b", example.query))
    assert all(part["requests"] <= 1 for part in asked)
    assert told["partial"] is False


@each
def test_the_links_of_a_federated_example_lead_to_its_answer(
    example: Example, server: Server
) -> None:
    page = read(get(server, f"/query/{example.slug}")[1].decode())
    links = [path for path in page.values("href") if path.startswith("/sparql?")]

    assert len(links) == 5
    for path in links:
        assert get(server, path)[0].status == 200


@each
def test_its_page_names_the_source_and_says_whose_answer_is_shown(
    example: Example, server: Server
) -> None:
    page = get(server, f"/query/{example.slug}?lang=es")[1].decode()
    listed = get(server, "/queries?keyword=SERVICE&lang=de")[1].decode()

    for source in example.sources:
        assert f'href="{source}"' in page
        assert f"Fragt auch eine andere Quelle: {source}" in listed
    assert "Lo que responde un extracto de esa fuente" in page


def test_a_source_that_is_down_leaves_the_rest_and_marks_it_as_partial() -> None:
    (example,) = (one for one in FEDERATED if SCHOLARLY in one.sources)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        dead = f"{SCHOLARLY}#at=http://127.0.0.1:{closed.getsockname()[1]}/sparql"
    with (
        serving(dataset(whole=False)) as wikidata,
        joined(f"{wikidata.allow(WIKIDATA)} {dead}") as server,
    ):
        reply = ask(server, example)
        told = account(server, reply)

    assert surprises(example.expected, lines_of(reply.body, graph=False)) == []
    assert told["partial"] is True
    assert SCHOLARLY in reply.headers["leadgraph-sources"]
