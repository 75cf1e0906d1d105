"""The stand-in for Wikidata: a real server over a piece of it, with its provenance."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from pyoxigraph import Literal, NamedNode, parse

from tests.standin.server import EXCERPT, OXIGRAPH, SHARED, WIKIDATA, dataset, serving
from tests.test_serve import free_port

ROOT = Path(__file__).parents[1]
LABEL = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
needs_server = pytest.mark.skipif(not OXIGRAPH.exists(), reason="oxigraph is not installed")


def statements(*files: Path) -> set[str]:
    """The statements of some files."""
    return {str(quad.triple) for path in files for quad in parse(path=path)}


def count(port: int) -> int:
    """How many statements a server has."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    query = quote("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    connection.request("GET", f"/query?query={query}", headers={"Accept": "application/json"})
    body = json.load(connection.getresponse())
    connection.close()
    return int(body["results"]["bindings"][0]["n"]["value"])


def test_the_excerpt_is_small_and_says_where_it_comes_from() -> None:
    assert EXCERPT.stat().st_size < 300_000
    provenance = (EXCERPT.parent / "PROVENANCE.md").read_text("utf-8")
    for word in (EXCERPT.name, "CC0", "3132e426", "tsafavi/codex", "villmow"):
        assert word in provenance


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not beside this checkout")
def test_every_statement_of_the_excerpt_is_one_of_the_files_that_it_comes_from() -> None:
    known = statements(SHARED / "standin-core.ttl", SHARED / "codex-types-6lang.ttl")

    assert statements(EXCERPT) - known == set()


def test_the_excerpt_tells_of_items_that_leadgraph_links_to_and_of_no_person() -> None:
    quads = list(parse(path=EXCERPT))
    labelled = {quad.subject for quad in quads if quad.predicate == LABEL}
    ours = statements(*ROOT.glob("data/*.ttl"))
    links = {item for item in labelled if any(f"Match> {item}" in one for one in ours)}

    assert len(links) >= 8
    assert all(any(f"{item}" in one for one in ours) for item in labelled)
    assert not any("/prop/" in quad.predicate.value for quad in quads)
    languages = {
        quad.object.language
        for quad in quads
        if quad.predicate == LABEL and isinstance(quad.object, Literal)
    }
    assert languages == {"ar", "de", "en", "es", "ru", "zh"}


@needs_server
def test_it_serves_what_the_files_say_and_takes_no_update() -> None:
    with serving(dataset(whole=False)) as server:
        port = int(server.address.rpartition(":")[2].partition("/")[0])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request(
            "POST", "/update", "CLEAR ALL", {"Content-Type": "application/sparql-update"}
        )

        assert connection.getresponse().status >= 400
        assert count(port) == len(statements(EXCERPT))
        assert server.allow(WIKIDATA) == f"{WIKIDATA}#at={server.address}"
        connection.close()
    assert server.process.poll() is not None


@needs_server
def test_a_port_that_is_taken_is_told() -> None:
    with serving(dataset(whole=False)) as server:
        port = int(server.address.rpartition(":")[2].partition("/")[0])
        with pytest.raises(RuntimeError, match=f"port {port}"), serving([EXCERPT], port):
            pass


@needs_server
@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM])
def test_make_wikidata_says_how_to_ask_it_and_leaves_no_process(way: signal.Signals) -> None:
    port = free_port()
    command = [sys.executable, "-m", "tests.standin", str(port)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ}
    ) as process:
        assert process.stdout is not None
        try:
            said = [process.stdout.readline() for _ in range(4)]
            allow = f"LEADGRAPH_SERVICE_ALLOW='{WIKIDATA}#at=http://127.0.0.1:{port}/query"
            assert f"http://127.0.0.1:{port}/query" in said[0]
            assert allow in said[3]
            assert count(port) >= len(statements(EXCERPT))

            process.send_signal(way)
            assert process.wait(10) == 0
        finally:
            process.kill()
    with pytest.raises(ConnectionRefusedError):
        count(port)


def test_the_makefile_starts_it() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")

    assert "\nwikidata: install\n\t$(BIN)/python -m tests.standin $(WIKIDATA_PORT)\n" in makefile
