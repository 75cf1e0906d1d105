"""`leadgraph query --endpoint URL`: endpoints that answer, and all ways in which they do not."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from leadgraph.cli.main import main
from tests.test_serve import free_port, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = [sys.executable, "-m", "leadgraph.cli.main", "query"]
OXIGRAPH = Path(sys.executable).with_name("oxigraph")
NUMBERS = "SELECT ?o { <http://example.org/b> <http://example.org/p> ?o }"
JSON = "Content-Type: application/sparql-results+json\r\n"
ROWS = '{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"1"}}'


def query(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, in a folder without any release."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env={**os.environ, "LEADGRAPH_STATE": "/nonexistent", **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@contextlib.contextmanager
def oxigraph(dataset: Path, folder: Path) -> Iterator[str]:
    """The address of Oxigraph's own server over a dataset."""
    store = ["--location", str(folder / "store")]
    subprocess.run(
        [OXIGRAPH, "load", *store, "--file", dataset], check=True, capture_output=True, timeout=60
    )
    port = free_port()
    with subprocess.Popen(
        [OXIGRAPH, "serve-read-only", *store, "--bind", f"127.0.0.1:{port}"],
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            for _ in range(100):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                with contextlib.closing(connection), contextlib.suppress(OSError):
                    connection.request("GET", "/")
                    connection.getresponse()
                    break
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}/query"
        finally:
            process.kill()


@pytest.fixture(scope="module", params=["leadgraph", "oxigraph"])
def endpoint(
    request: pytest.FixtureRequest, small_dataset: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a real endpoint of each kind."""
    if request.param == "leadgraph":
        with serving(str(small_dataset), "--workers", "1") as server:
            yield f"http://127.0.0.1:{server.port}/sparql"
    elif OXIGRAPH.exists():
        with oxigraph(small_dataset, tmp_path_factory.mktemp("oxigraph")) as address:
            yield address
    else:
        pytest.skip("oxigraph is not installed")


@contextlib.contextmanager
def answering(answer: str) -> Iterator[str]:
    """The address of a server that sends the same bytes to every request, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_once() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1 << 16)
                connection.sendall(answer.encode())
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(1 << 16):
                    pass

        thread = threading.Thread(target=answer_once)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/sparql"
        thread.join(timeout=10)


def test_solutions_are_a_table_and_a_boolean_is_a_word(endpoint: str) -> None:
    assert query("--endpoint", endpoint, NUMBERS).stdout == "o\n-\n2\n(1 row)\n"
    assert query("--endpoint", endpoint, "ASK {}").stdout == "yes\n"


def test_formats_for_machines_are_the_same_as_at_home(endpoint: str) -> None:
    as_json = query("--endpoint", endpoint, "--format", "json", NUMBERS).stdout
    as_csv = query("--endpoint", endpoint, "--format", "csv", NUMBERS).stdout
    construct = "CONSTRUCT WHERE { <http://example.org/b> ?p ?o }"
    as_lines = query("--endpoint", endpoint, "--format", "ntriples", construct).stdout

    (solution,) = json.loads(as_json)["results"]["bindings"]
    assert solution["o"]["value"] == "2"
    assert as_csv.split() == ["o", "2"]
    assert as_lines == (
        "<http://example.org/b> <http://example.org/p> "
        '"2"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
    )


def test_the_named_graphs_of_an_endpoint_are_asked(endpoint: str) -> None:
    named = "SELECT ?g { GRAPH ?g { <http://example.org/b> ?p ?o } }"

    assert query("--endpoint", endpoint, named, "--format", "csv").stdout.split() == [
        "g",
        "http://example.org/g2",
    ]


def test_the_deadline_is_kept_on_our_side(numbers: Path) -> None:
    product = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with serving(str(numbers), "--workers", "1", "--deadline", "30") as server:
        address = f"http://127.0.0.1:{server.port}/sparql"
        started = time.monotonic()
        result = query("--endpoint", address, "--deadline", "0.5", product)

        assert time.monotonic() - started < 5
    assert result.returncode == 2
    assert "stopped after 0.5 s" in result.stderr


def test_what_is_no_query_is_told_before_anybody_is_asked() -> None:
    result = query("--endpoint", "http://127.0.0.1:1/sparql", "SELECT * {")

    assert result.returncode == 2
    assert "not valid SPARQL at line 1, column 11" in result.stderr


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(
            "400 Bad Request\r\nContent-Type: text/plain\r\n\r\nno such function: ex:f",
            "no such function: ex:f",
            id="refused with words",
        ),
        pytest.param("404 Not Found\r\n\r\n", "status 404", id="not found"),
        pytest.param(
            "503 Busy\r\nRetry-After: 7\r\n\r\n", "Send yours again in 7 seconds", id="busy"
        ),
        pytest.param("503 Busy\r\n\r\n", "status 503", id="busy without a time"),
        pytest.param(
            "200 OK\r\nContent-Type: text/html\r\n\r\n<!doctype html><p>Log in first",
            "text/html, which is no answer",
            id="a page",
        ),
        pytest.param(
            f"200 OK\r\n{JSON}Content-Length: 999\r\n\r\n{ROWS}]}}}}", "broke off", id="too short"
        ),
        pytest.param(
            f"200 OK\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n{len(ROWS):x}\r\n{ROWS}\r\n",
            "broke off",
            id="broken chunks",
        ),
        pytest.param(f"200 OK\r\n{JSON}\r\n{ROWS}", "not whole", id="cut JSON that ends cleanly"),
        pytest.param(f"200 OK\r\n{JSON}\r\n", "gave no usable answer", id="nothing"),
    ],
)
def test_an_answer_that_is_none_is_one_clear_line_with_its_reason(answer: str, words: str) -> None:
    with answering(f"HTTP/1.1 {answer}") as address:
        result = query("--endpoint", address, "SELECT ?x {}")

    assert (result.returncode, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1
    assert words in result.stderr


def test_an_endpoint_that_is_not_there_is_named() -> None:
    address = f"http://127.0.0.1:{free_port()}/sparql"

    assert query("--endpoint", address, "ASK {}").stderr == (
        f"leadgraph: {address} gave no usable answer: it cannot be reached. "
        "Check the address and the query, or try again later.\n"
    )


@pytest.mark.parametrize("address", ["example.org/sparql", "ftp://example.org/", "http://[", ""])
def test_what_is_no_address_is_refused(address: str) -> None:
    result = CliRunner().invoke(main, ["query", "--endpoint", address, "ASK {}"])

    assert result.exit_code == 2
    assert "--endpoint cannot be" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_folder_and_an_endpoint_exclude_each_other(tmp_path: Path) -> None:
    arguments = ["query", "--endpoint", "http://127.0.0.1:1/", "--graph", str(tmp_path), "ASK {}"]
    result = CliRunner().invoke(main, arguments)

    assert result.exit_code == 2
    assert "not both" in result.stderr


def test_the_engine_of_the_settings_is_asked_too(endpoint: str) -> None:
    assert query("ASK {}", LEADGRAPH_ENGINE=endpoint).stdout == "yes\n"
