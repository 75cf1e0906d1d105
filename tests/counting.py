"""A SPARQL endpoint on 127.0.0.1 that answers from real data, and counts; it has moods.

A mood is a function of a query's text: None lets it be answered, else it is the status and the
words of the refusal. `seconds` is how long each answer takes.
"""

from __future__ import annotations

import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, Store

from leadgraph.link.source.sources import Sources
from leadgraph.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from leadgraph.link.source.sources import Source

    Mood = Callable[[str], tuple[int, str] | None]

PREFIX = "http://example.org/"


class Counting:
    """The endpoint; leaving its block ends it."""

    def __init__(self, turtle: str, mood: Mood = lambda _: None, seconds: float = 0.0) -> None:
        self.store = Store()
        self.store.load(turtle.encode(), RdfFormat.TURTLE, base_iri=PREFIX)
        self.mood, self.seconds = mood, seconds
        self.asked: list[str] = []
        self.running = self.most_running = 0
        self.change: Callable[[bytes], bytes] = lambda body: body
        self.lock = threading.Lock()

    def __enter__(self) -> Counting:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status, content = endpoint.answer(parse_qs(body)["query"][0])
                kind = "application/sparql-results+json" if status == 200 else "text/plain"
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """A client that hung up is none of the server's troubles."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/sparql"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, query: str) -> tuple[int, bytes]:
        """Status and body for a query."""
        with self.lock:
            self.asked.append(query)
            self.running += 1
            self.most_running = max(self.most_running, self.running)
        try:
            time.sleep(self.seconds)
            refusal = self.mood(query)
            if refusal is not None:
                return refusal[0], refusal[1].encode()
            results = self.store.query(query)
            assert isinstance(results, QuerySolutions)
            return 200, self.change(results.serialize(format=QueryResultsFormat.JSON) or b"")
        finally:
            with self.lock:
                self.running -= 1

    def source(self, **options: str) -> Source:
        """It as an operator lists it."""
        fragment = "&".join(f"{name}={value}" for name, value in options.items())
        allow = self.address + (f"#{fragment}" if fragment else "")
        return Sources.from_settings(Settings(service_allow=allow)).listed[0]


def keys_in(query: str) -> int:
    """How many IRIs, whole or with a prefix, stand in the VALUES of a query."""
    block = re.search(r"VALUES[^{]*\{([^}]*)\}", query)
    return 0 if block is None else len(re.findall(r"<[^>]*>|[\w.-]*:\w+", block[1]))
