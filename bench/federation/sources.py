"""Folder -> the other endpoints as they run here: Oxigraph behind a proxy, each on its port."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.connection import HOST, Connection, request
from bench.federation import data
from bench.federation.data import Addresses
from bench.federation.proxy import COUNTED, Counted
from bench.processes import free_port, running, wait_until_ready

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyoxigraph import Quad

_PROXY = Path(__file__).with_name("proxy.py")
_TIMEOUT_SECONDS = 30.0
_JSON = "application/sparql-results+json"


@dataclass(frozen=True, slots=True)
class Others:
    """The endpoints that answer, what each of them holds, and all their addresses."""

    addresses: Addresses
    items: Sequence[str]
    held: tuple[tuple[str, Sequence[Quad]], ...]
    ports: tuple[int, ...]

    def counted(self) -> Counted:
        """Return what passed their proxies since they were started."""
        each = [_counted(port) for port in self.ports]
        return Counted(*map(sum, zip(*each, strict=True)))


@contextmanager
def others(folder: Path, oxigraph: Path, delay_seconds: float) -> Iterator[Others]:
    """Run the endpoints for the length of a `with`; `folder` keeps their loaded stores.

    Raises:
        ServerFailed: if one does not come to answer.
    """
    quads = [*data.remote()]
    items = data.items(quads)
    held = {"wikidata": quads, "second": [*data.second(quads, items)]}
    with ExitStack() as stack:
        ports = []
        for name, statements in held.items():
            store = _loaded(statements, folder / f"{name}.nq", oxigraph)
            behind = stack.enter_context(_standin(store, oxigraph))
            ports.append(stack.enter_context(_proxy(behind, delay_seconds, folder / name)))
        addresses = Addresses(*(f"http://{HOST}:{port}/query" for port in (*ports, free_port())))
        places = (addresses.wikidata, addresses.second)
        both = tuple(zip(places, held.values(), strict=True))
        yield Others(addresses, items, both, tuple(ports))


def _loaded(statements: Sequence[Quad], path: Path, oxigraph: Path) -> Path:
    """Load a store once; it is the same each time."""
    store, unfinished = path.with_suffix(".rocksdb"), path.with_suffix(".loading")
    if not store.exists():
        data.write(statements, path)
        shutil.rmtree(unfinished, ignore_errors=True)
        options = ["--location", str(unfinished), "--file", str(path)]
        subprocess.run([str(oxigraph), "load", *options], check=True, capture_output=True)
        unfinished.rename(store)
        path.unlink()
    return store


@contextmanager
def _standin(store: Path, oxigraph: Path) -> Iterator[int]:
    port = free_port()
    options = ["--location", str(store), "--bind", f"{HOST}:{port}"]
    log = store.with_suffix(".log")
    with running([str(oxigraph), "serve-read-only", *options], {}, log) as process:
        ready = request("/query", "SELECT ?s WHERE { ?s ?p ?o } LIMIT 1", _JSON)
        wait_until_ready(process, port, ready, log)
        yield port


@contextmanager
def _proxy(behind: int, delay_seconds: float, path: Path) -> Iterator[int]:
    port = free_port()
    log = path.with_suffix(".proxy.log")
    command = [sys.executable, str(_PROXY), str(port), str(behind), str(delay_seconds)]
    with running(command, {}, log) as process:
        wait_until_ready(process, port, _ASK_COUNTED, log)
        yield port


def _counted(port: int) -> Counted:
    with Connection(port, _TIMEOUT_SECONDS) as connection:
        return Counted(**json.loads(connection.ask(_ASK_COUNTED).body))


_ASK_COUNTED = f"GET {COUNTED} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
