"""Endpoints elsewhere, for the tests of the third engine: a real Oxigraph, and servers that err."""

from __future__ import annotations

import contextlib
import http.client
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, Store, serialize

from leadgraph.query.stores import fill

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OXIGRAPH = Path(sys.executable).parent / "oxigraph"
_PATIENCE_SECONDS = 20


@contextlib.contextmanager
def oxigraph(dataset: Sequence[Path], *options: str) -> Iterator[str]:
    """Run `oxigraph serve` over some files; yields the address of its query endpoint."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(OXIGRAPH), "serve", "--bind", f"127.0.0.1:{port}", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _load(port, dataset)
            yield f"http://127.0.0.1:{port}/query"
        finally:
            server.kill()


def _load(port: int, dataset: Sequence[Path]) -> None:
    """Put the statements of some files into a server, once it is there."""
    store = Store()
    fill(store, dataset)
    body = serialize(store, format=RdfFormat.N_QUADS)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        try:
            connection.request("POST", "/store", body, {"Content-Type": "application/n-quads"})
            assert connection.getresponse().status < 300
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()


class Canned:
    """A server that says the same to everybody, whatever it is; `requests` has what came."""

    def __init__(self, said: bytes, *, seconds: float = 0) -> None:
        self._said, self._seconds = said, seconds
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}/sparql"
        self.requests: list[bytes] = []
        self.hung_up = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Canned:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                with client:
                    self._answer(client)

    def _answer(self, client: socket.socket) -> None:
        request = b""
        with contextlib.suppress(OSError):
            while b"\r\n\r\n" not in request or len(request) < _length(request):
                received = client.recv(1 << 16)
                if not received:
                    return
                request += received
            self.requests.append(request)
            client.sendall(self._said)
            client.settimeout(self._seconds or None)
            if self._seconds and client.recv(1) == b"":
                self.hung_up.set()


def _length(request: bytes) -> int:
    """How long a request is with its body."""
    head, _, _ = request.partition(b"\r\n\r\n")
    lengths = [
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length")
    ]
    return len(head) + 4 + sum(lengths)
