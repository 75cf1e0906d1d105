"""A data file -> servers of it: ours in each of its ways, and its peers."""

from __future__ import annotations

import http.client
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bench import connection, peers
from bench.connection import HOST
from bench.processes import ServerFailed, free_port, running, wait_until_ready

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.queries import Query

_ROWS = "application/sparql-results+json"
_TRIPLES = "application/n-triples"
_LONGEST_QUERY_SECONDS = "120"
_CLIENT_QUERIES = "1000"
_RDFLIB = Path(__file__).with_name("rdflib_server.py")
_READY = "SELECT ?s WHERE { ?s ?p ?o } LIMIT 1"

Command = list[str]


@dataclass(frozen=True, slots=True)
class Server:
    """How to start one server; `prepare` and `fill` are for those that do not load a file."""

    name: str
    command: Callable[[Path, int], Command]
    path: str = "/sparql"
    environment: dict[str, str] = field(default_factory=dict)
    prepare: Callable[[Path], None] | None = None
    fill: Callable[[Path, int], None] | None = None

    @property
    def is_ours(self) -> bool:
        """Whether it is LeadGraph."""
        return self.command is _ours


@dataclass(frozen=True, slots=True)
class Live:
    """A server that answers."""

    server: Server
    process: subprocess.Popen[bytes]
    port: int
    load_seconds: float

    @property
    def name(self) -> str:
        """The name of the server."""
        return self.server.name

    def request(self, query: Query) -> bytes:
        """Return the bytes that ask it a query."""
        return connection.request(self.server.path, query.text, accept(query))

    def url(self, query: Query) -> str:
        """Return the whole address of a query."""
        return f"http://{HOST}:{self.port}{connection.address(self.server.path, query.text)}"


def accept(query: Query) -> str:
    """Return the media type that every server is asked for: the fastest to write and to compare."""
    return _TRIPLES if query.is_graph else _ROWS


@contextmanager
def serving(server: Server, data: Path) -> Iterator[Live]:
    """Run a server of some N-Quads for the length of a `with`.

    Raises:
        ServerFailed: if it does not come to answer.
    """
    port = free_port()
    started = time.perf_counter()
    if server.prepare:
        server.prepare(data)
    log = data.with_suffix(f".{server.name.replace(' ', '-')}.log")
    with running(server.command(data, port), server.environment, log) as process:
        ready = connection.request(server.path, _READY, _ROWS)
        wait_until_ready(process, port, ready, log)
        if server.fill:
            server.fill(data, port)
        yield Live(server, process, port, time.perf_counter() - started)


def servers() -> tuple[Server, ...]:
    """Return the servers that can be measured here, ours first."""
    return (
        *(Server(name, _ours, environment=_settings(engine, **own)) for name, engine, own in _WAYS),
        Server("oxigraph RAM", _oxigraph_ram, path="/query", fill=_fill_oxigraph),
        Server("oxigraph read-only", _oxigraph_disk, path="/query", prepare=_load_oxigraph),
        Server("rdflib-endpoint", _rdflib),
        Server("comunica", _comunica),
    )


_WAYS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("ours memory cold", "memory", {"LEADGRAPH_CACHE_BYTES": "0"}),
    ("ours memory cached", "memory", {}),
    ("ours disk cold", "disk", {"LEADGRAPH_CACHE_BYTES": "0"}),
)
"""What is cold keeps no answer."""


def _settings(engine: str, **own: str) -> dict[str, str]:
    """Return what differs from the defaults: all clients of the bench come from one address."""
    return {
        "LEADGRAPH_ENGINE": engine,
        "LEADGRAPH_DEADLINE_SECONDS": _LONGEST_QUERY_SECONDS,
        "LEADGRAPH_CLIENT_QUERIES": _CLIENT_QUERIES,
        **own,
    }


def _ours(data: Path, port: int) -> Command:
    command = [sys.executable, "-m", "leadgraph.cli.main", "serve", str(data)]
    return [*command, "--port", str(port)]


def _oxigraph_ram(_: Path, port: int) -> Command:
    return [str(peers.OXIGRAPH), "serve", "--bind", f"{HOST}:{port}"]


def _oxigraph_disk(data: Path, port: int) -> Command:
    folder = str(data.with_suffix(".rocksdb"))
    return [
        *(str(peers.OXIGRAPH), "serve-read-only"),
        *("--location", folder, "--bind", f"{HOST}:{port}"),
    ]


def _load_oxigraph(data: Path) -> None:
    """Load the file as Oxigraph's command does."""
    folder = data.with_suffix(".rocksdb")
    shutil.rmtree(folder, ignore_errors=True)
    command = [str(peers.OXIGRAPH), "load", "--location", str(folder), "--file", str(data)]
    subprocess.run(command, check=True, capture_output=True)


def _fill_oxigraph(data: Path, port: int) -> None:
    """Post the file to the store in memory (SPARQL 1.1 Graph Store Protocol, 5.5)."""
    client = http.client.HTTPConnection(HOST, port, timeout=900)
    with data.open("rb") as body:
        client.request("POST", "/store", body, {"Content-Type": "application/n-quads"})
        response = client.getresponse()
    response.read()
    client.close()
    if response.status >= http.HTTPStatus.BAD_REQUEST:
        raise ServerFailed(f"the store answered {response.status}")


def _rdflib(data: Path, port: int) -> Command:
    return [str(peers.PYTHON), str(_RDFLIB), str(data), str(port)]


def _comunica(data: Path, port: int) -> Command:
    seconds = _LONGEST_QUERY_SECONDS
    return [
        str(peers.NODE),
        str(peers.COMUNICA),
        str(data),
        "--port",
        str(port),
        "--timeout",
        seconds,
    ]
