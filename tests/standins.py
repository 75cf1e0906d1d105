"""A server that asks other endpoints, for tests: a real `leadgraph serve`, real ones beside it.

Ours holds things that are linked to others; an Oxigraph beside it knows the labels of those.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from tests.test_serve import COMMAND, free_port, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MATCH = "http://www.w3.org/2004/02/skos/core#exactMatch"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
JSON = "application/sparql-results+json"
XML = "application/sparql-results+xml"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PROVENANCE = "http://www.w3.org/ns/prov#has_provenance"


def linked_things(path: Path, count: int) -> Path:
    """A file of things of ours, each with its link."""
    path.write_text(
        "".join(f"<http://ours/{n}> <{MATCH}> <http://theirs/{n}> .\n" for n in range(count))
    )
    return path


def labels(path: Path, count: int) -> Path:
    """A file of the labels of what ours are linked to."""
    path.write_text(
        "".join(f'<http://theirs/{n}> <{LABEL}> "thing {n}"@en .\n' for n in range(count))
    )
    return path


def joined(source: str, silent: str = "", order: str = "ORDER BY ?ours") -> str:
    """The query for our things with their labels, from a source."""
    theirs = f"SERVICE {silent} <{source}> {{ ?theirs <{LABEL}> ?label }}"
    return f"SELECT ?ours ?label {{ ?ours <{MATCH}> ?theirs . {theirs} }} {order}"


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        """The body as JSON."""
        read = json.loads(self.body)
        assert isinstance(read, dict)
        return read

    def ledger(self) -> str:
        """The address of the ledger that the headers link to."""
        address, _, rest = str(self.headers["Link"]).partition(">; ")
        assert rest == f'rel="{PROVENANCE}"'
        return address.removeprefix("<")


@dataclass
class Server:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes] = field(repr=False)
    log: Path

    @property
    def root(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **headers: str) -> Answer:
        """What a path answers; `accept_encoding` stands for Accept-Encoding."""
        return self.send("GET", path, None, headers)

    def ask(self, query: str, accept: str = JSON, **headers: str) -> Answer:
        """What a query answers."""
        return self.get(f"/sparql?{urlencode({'query': query})}", accept=accept, **headers)

    def send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        """Send a request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path.removeprefix(self.root), body, named)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())


@contextlib.contextmanager
def serving(data: Path, state: Path, allow: str, **settings: str) -> Iterator[Server]:
    """Run the command over a file, with sources that it may ask."""
    port = free_port()
    chosen = {f"LEADGRAPH_{name.upper()}": value for name, value in settings.items()}
    log = data.parent / f"log-{port}.txt"
    environment = {
        **os.environ,
        "LEADGRAPH_STATE": str(state),
        "LEADGRAPH_SERVICE_ALLOW": allow,
        "LEADGRAPH_LOG": "json",
        "LEADGRAPH_WORKERS": "1",
        **chosen,
    }
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [*COMMAND, str(data), "--port", str(port)], stderr=errors, env=environment
        ) as process,
    ):
        try:
            wait_for(port, process)
            yield Server(port, process, log)
        finally:
            process.kill()
            process.wait(20)
