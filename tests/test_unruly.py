"""Clients that send too much, too slowly or too early, and answers that must not be kept."""

from __future__ import annotations

import contextlib
import socket
import time
import zlib
from typing import TYPE_CHECKING

import brotli
import pytest
from backports import zstd

from leadgraph.errors import ResultTooLarge
from leadgraph.query import gate
from leadgraph.query.client import Engine
from leadgraph.settings import Settings
from leadgraph.web import encodings
from leadgraph.web.app import create_app
from tests.test_serve import serving

if TYPE_CHECKING:
    from pathlib import Path

ASK = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: localhost\r\n\r\n"


def test_requests_sent_without_waiting_for_answers_are_all_answered(small_dataset: Path) -> None:
    with (
        serving(str(small_dataset), "--workers", "1") as running,
        socket.create_connection(("127.0.0.1", running.port), timeout=4) as client,
    ):
        client.sendall(ASK * 3)
        received = b""
        with contextlib.suppress(TimeoutError):
            while received.count(b"HTTP/1.1 200") < 3 and (part := client.recv(65536)):
                received += part

    assert received.count(b"HTTP/1.1 200") == 3


def test_clients_that_trickle_a_body_do_not_stop_the_others(
    small_dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADGRAPH_THREADS", "4")
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
    with serving(str(small_dataset), "--workers", "1") as running, contextlib.ExitStack() as stack:
        slow = [
            stack.enter_context(socket.create_connection(("127.0.0.1", running.port)))
            for _ in range(4)
        ]
        for client in slow:
            client.sendall(head + b"Content-Length: 90000\r\n\r\n")
        for _ in range(4):
            time.sleep(2)
            for client in slow:
                with contextlib.suppress(OSError):
                    client.sendall(b"A")
        with socket.create_connection(("127.0.0.1", running.port), timeout=4) as other:
            other.sendall(ASK)

            assert other.recv(65536).startswith(b"HTTP/1.1 200")


def test_a_query_longer_than_any_may_be_is_refused_unread(engine_path: Path) -> None:
    settings = Settings(query_bytes=1000)
    gate.read.cache_clear()
    with Engine(engine_path, settings) as engine:
        client = create_app(engine, settings, None).test_client()
        response = client.post(
            "/sparql", data="ASK {} #" + "x" * 2000, content_type="application/sparql-query"
        )

    assert response.get_json()["code"] == "query-too-long"
    assert gate.read.cache_info().misses == 0


@pytest.mark.parametrize("name", ["default-graph-uri", "named-graph-uri"])
@pytest.mark.parametrize("iri", ["http://[bad", "http://a/%zz"])
def test_a_graph_name_that_the_engine_cannot_read_is_the_clients_mistake(
    engine_path: Path, settings: Settings, name: str, iri: str
) -> None:
    with Engine(engine_path, settings) as engine:
        client = create_app(engine, settings, None).test_client()
        response = client.get("/sparql", query_string={"query": "ASK {}", name: iri})

    assert response.status_code == 400


@pytest.mark.parametrize(
    "template",
    ["?s ?p (1 2)", "<< ?s ?p ?o >> ?p 1", "?s ?p ?o {| ?p 1 |}", "?s ?p ?o ~", "?s ?p [ ]"],
)
def test_a_template_that_makes_blank_nodes_has_another_answer_each_time(
    engine_path: Path, settings: Settings, template: str
) -> None:
    query = f"CONSTRUCT {{ {template} }} WHERE {{ ?s ?p ?o }}"
    with Engine(engine_path, settings) as engine:
        client = create_app(engine, settings, None).test_client()
        response = client.get("/sparql", query_string={"query": query})

    assert response.status_code == 200
    assert "ETag" not in response.headers


def test_what_a_pattern_leaves_unnamed_does_not_change_the_answer() -> None:
    query = "CONSTRUCT { ?s ?p 1 } WHERE { ?s ?p [] FILTER(1 < (2 + 3)) }"

    assert not gate.read(query).volatile


@pytest.mark.parametrize("encoding", ["zstd", "br", "gzip"])
def test_the_last_words_of_a_broken_answer_are_read_in_any_encoding(encoding: str) -> None:
    def breaking():
        yield b"a" * 100
        yield b"this answer is not whole"
        raise ResultTooLarge(1)

    received = b""
    parts = encodings.compress(encoding, breaking())
    with pytest.raises(ResultTooLarge):  # noqa: PT012  # what came before it is kept
        while True:
            received += next(parts)

    assert b"not whole" in _decoded(encoding, received)


def _decoded(encoding: str, data: bytes) -> bytes:
    """What of a cut body can be read."""
    if encoding == "gzip":
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(data)
    return (
        brotli.Decompressor().process(data)
        if encoding == "br"
        else zstd.ZstdDecompressor().decompress(data)
    )


def test_a_page_with_an_answer_says_how_long_it_is_true(
    engine_path: Path, settings: Settings
) -> None:
    with Engine(engine_path, settings) as engine:
        client = create_app(engine, settings, None).test_client()
        page = client.get(
            "/sparql",
            query_string={"query": "SELECT (RAND() AS ?x) {}"},
            headers={"Accept": "text/html"},
        )

    assert page.headers["Cache-Control"] == "no-cache"
