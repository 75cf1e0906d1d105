"""RDF files -> `oxigraph serve-read-only` over them on loopback, until the block ends.

What an operator lists to have a source asked there: `allow`. The server is a program of others,
as Wikidata is, and reached as Wikidata is.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from leadgraph.settings import WIKIDATA_SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OXIGRAPH = Path(sys.executable).parent / "oxigraph"
WIKIDATA, SCHOLARLY = WIKIDATA_SOURCES.split()
EXCERPT = Path(__file__).parent / "wikidata.ttl"
SHARED = Path(__file__).parents[2] / "../shared/domain/wikidata"
_PATIENCE_SECONDS = 20


@dataclass(frozen=True, slots=True)
class StandIn:
    """A server that answers in the place of others."""

    address: str
    process: subprocess.Popen[bytes]

    def allow(self, *sources: str) -> str:
        """Return what LEADGRAPH_SERVICE_ALLOW says to have sources asked here."""
        return " ".join(f"{source}#at={self.address}" for source in sources)


def dataset(*, whole: bool = True) -> list[Path]:
    """Return the files that are served: the excerpt, and what lies beside the checkout."""
    beside = [SHARED / "standin-core.ttl", *sorted(SHARED.glob("fixtures/*.ttl"))]
    return [EXCERPT, *(path for path in beside if whole and path.is_file())]


@contextlib.contextmanager
def serving(files: Sequence[Path], port: int = 0) -> Iterator[StandIn]:
    """Serve the statements of some files, on a free port if none is named.

    Raises:
        RuntimeError: if the files cannot be read, or the port is taken.
    """
    port = _free(port)
    with tempfile.TemporaryDirectory() as folder:
        _run("load", "--location", folder, "--file", *map(str, files))
        command = [OXIGRAPH, "serve-read-only", "--location", folder, "--bind", f"127.0.0.1:{port}"]
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                _wait_for(port, process)
                yield StandIn(f"http://127.0.0.1:{port}/query", process)
            finally:
                process.kill()


def _run(*arguments: str) -> None:
    """Have Oxigraph do something that ends."""
    done = subprocess.run([OXIGRAPH, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())


def _free(port: int) -> int:
    """Return a port that nobody listens on: this one, or any for 0."""
    try:
        with socket.create_server(("127.0.0.1", port)) as free:
            return int(free.getsockname()[1])
    except OSError as error:
        raise RuntimeError(f"port {port} is taken ({error.strerror})") from error


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when the server answers."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        with contextlib.closing(connection), contextlib.suppress(OSError):
            connection.request("GET", "/query?query=ASK%7B%7D")
            if connection.getresponse().status == http.HTTPStatus.OK and process.poll() is None:
                return
        time.sleep(0.05)
    raise RuntimeError(f"nothing answers on port {port}")
