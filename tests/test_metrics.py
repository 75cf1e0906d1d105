"""What `/metrics` shows is what happened, in all web processes together."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from prometheus_client.parser import text_string_to_metric_families

from leadgraph.query.client import Engine
from leadgraph.web.app import create_app
from tests.test_serve import COMMAND, FLOOD, PRODUCT, family, free_port, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flask.testing import FlaskClient

    from leadgraph.settings import Settings

Counts = dict[tuple[str, frozenset[tuple[str, str]]], float]


def parsed(text: str) -> Counts:
    """The samples of a text in Prometheus's format, by name and labels."""
    return {
        (sample.name.removeprefix("leadgraph_"), frozenset(sample.labels.items())): sample.value
        for metric in text_string_to_metric_families(text)
        for sample in metric.samples
    }


class Server:
    """A running server with a temporary folder of its own."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process, self.port = process, port

    def get(self, path: str, method: str = "GET") -> bytes:
        """The body of a response, on a connection of its own; as much of it as came."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, headers={"Accept": "text/csv"})
            try:
                return connection.getresponse().read()
            except http.client.IncompleteRead as broken:
                return broken.partial

    def ask(self, query: str) -> bytes:
        """The answer to a query."""
        return self.get(f"/sparql?query={quote(query)}")

    def counts(self) -> Counts:
        """What is counted now."""
        return parsed(self.get("/metrics").decode())

    def count(self, name: str, **labels: str) -> float:
        """One of the counts."""
        return self.counts().get((name, frozenset(labels.items())), 0.0)

    def until(self, expected: float, name: str, **labels: str) -> float:
        """A count once it is what is expected, or what it is after three seconds."""
        for _ in range(60):
            if self.count(name, **labels) == expected:
                break
            time.sleep(0.05)
        return self.count(name, **labels)


@contextlib.contextmanager
def counting(dataset: Path, folder: Path, **variables: str) -> Iterator[Server]:
    """Run a server until the block ends."""
    port = free_port()
    command = [*COMMAND, str(dataset), "--port", str(port), "--deadline", "2", "--workers", "2"]
    environment = {**os.environ, "LEADGRAPH_LOG": "off", "TMPDIR": str(folder), **variables}
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment) as process:
        try:
            wait_for(port, process)
            yield Server(process, port)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, numbers: Path) -> Iterator[Server]:
    """A server over 3,000 statements, where time ends an answer before its size does."""
    folder = tmp_path_factory.mktemp("temporary")
    with counting(numbers, folder, LEADGRAPH_RESULT_BYTES=str(2**40)) as running:
        yield running


def test_the_counts_of_all_web_processes_are_added_up(server: Server) -> None:
    before = server.count("queries_total", form="boolean", outcome="answered")
    timed = server.count("query_seconds_count")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(server.ask, ["ASK {}"] * 60))

    server.until(before + 60, "queries_total", form="boolean", outcome="answered")
    for _ in range(8):
        assert server.count("queries_total", form="boolean", outcome="answered") == before + 60
    assert server.count("query_seconds_count") == timed + 60
    assert server.count("worker_starts_total") == 2


def test_a_process_that_has_just_made_its_file_keeps_nobody_from_the_counts(
    small_dataset: Path, tmp_path: Path
) -> None:
    """For a moment the file is empty."""
    with counting(small_dataset, tmp_path) as server:
        (counts,) = tmp_path.glob("leadgraph-*/metrics")
        new = counts / "counter_999999.db"
        new.touch()
        timer = threading.Timer(0.2, lambda: new.write_bytes(bytes(4096)))
        timer.start()

        assert server.count("worker_starts_total") == 2
        timer.join()


@pytest.mark.parametrize(
    ("query", "form", "outcome"),
    [
        ("SELECT * {} LIMIT 1", "solutions", "answered"),
        ("CONSTRUCT {} WHERE {}", "graph", "answered"),
        ("ASK {", "boolean", "query-malformed"),
        ("ASK { SERVICE <http://example.org/> {} }", "boolean", "service-refused"),
        (FLOOD, "solutions", "broken"),
        (PRODUCT, "solutions", "query-too-costly"),
    ],
)
def test_a_query_is_counted_by_its_form_and_its_outcome(
    server: Server, query: str, form: str, outcome: str
) -> None:
    accept = "application/n-triples" if form == "graph" else "text/csv"
    before = server.count("queries_total", form=form, outcome=outcome)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    with contextlib.closing(connection), contextlib.suppress(http.client.IncompleteRead):
        connection.request("GET", f"/sparql?query={quote(query)}", headers={"Accept": accept})
        connection.getresponse().read()

    assert server.until(before + 1, "queries_total", form=form, outcome=outcome) == before + 1


def test_an_answer_that_breaks_off_is_counted_by_its_reason(server: Server) -> None:
    before = server.count("answers_broken_total", code="query-too-costly")

    server.ask(FLOOD)

    assert server.until(before + 1, "answers_broken_total", code="query-too-costly") == before + 1


def test_what_runs_now_is_shown_while_it_runs(server: Server) -> None:
    with ThreadPoolExecutor(3) as pool:
        runaways = [pool.submit(server.ask, PRODUCT) for _ in range(3)]
        time.sleep(1.2)
        running = server.count("queries_running")
        for runaway in runaways:
            runaway.result()

    assert running == 3
    assert server.until(0, "queries_running") == 0


def test_requests_are_counted_by_route_method_and_class_of_status(server: Server) -> None:
    labels = {"route": "/id/<kind>/<slug>", "method": "GET", "status": "4xx"}
    before = server.count("requests_total", **labels)

    server.get("/id/role/nobody")

    assert server.until(before + 1, "requests_total", **labels) == before + 1


def test_nothing_that_a_visitor_sends_becomes_a_label(server: Server) -> None:
    server.get("/zebra/crossing")
    server.get("/id/zebra/zebra")
    server.get("/sparql", method="ZEBRA")
    server.ask("SELECT ?zebra { zebra")
    server.get("/sparql?query=ASK%7B%7D&format=zebra")
    labels = {"route": "other", "method": "other", "status": "4xx"}

    assert server.until(1, "requests_total", **labels) >= 1
    assert b"zebra" not in server.get("/metrics").lower()


def test_what_never_became_a_request_is_counted(server: Server) -> None:
    before = server.count("problems_total", code="address-too-long")

    server.get("/" + "x" * 9000)

    assert server.until(before + 1, "problems_total", code="address-too-long") == before + 1


def test_a_process_that_dies_leaves_its_counts_and_takes_what_it_had_running(
    numbers: Path, tmp_path: Path
) -> None:
    with counting(numbers, tmp_path) as running, ThreadPoolExecutor(4) as pool:
        running.ask("ASK {}")
        assert running.until(1, "queries_total", form="boolean", outcome="answered") == 1
        workers = [
            process
            for process in family(running.process.pid) - {running.process.pid}
            if len(list(Path(f"/proc/{process}/task").iterdir())) > 1
        ]
        runaways = [pool.submit(running.ask, PRODUCT) for _ in range(4)]
        time.sleep(0.5)
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        for runaway in runaways:
            with contextlib.suppress(OSError, http.client.HTTPException):
                runaway.result()
        wait_for(running.port, running.process)

        starts = 2 + len(workers)
        assert running.until(starts, "worker_starts_total") == starts > 2
        assert running.count("queries_total", form="boolean", outcome="answered") == 1
        assert running.count("queries_running") == 0


def test_a_server_that_ends_leaves_no_folder(numbers: Path, tmp_path: Path) -> None:
    with counting(numbers, tmp_path) as running:
        assert list(tmp_path.glob("leadgraph-*/metrics/*.db"))
        running.process.terminate()
        running.process.wait(20)

    assert not list(tmp_path.glob("leadgraph-*"))


def shown(client: FlaskClient) -> Mapping[tuple[str, frozenset[tuple[str, str]]], float]:
    """What an application in this process shows."""
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    return parsed(response.text)


def test_one_process_alone_counts_as_well(engine: Engine, settings: Settings) -> None:
    key = ("queries_total", frozenset({("form", "boolean"), ("outcome", "answered")}))
    with create_app(engine, settings, None).test_client() as client:
        before = shown(client).get(key, 0.0)
        assert client.get("/sparql?query=ASK%7B%7D").data

        assert shown(client)[key] == before + 1


def test_the_counts_are_shown_while_no_engine_answers(tmp_path: Path, settings: Settings) -> None:
    engine = Engine(tmp_path / "nobody", settings)
    with create_app(engine, settings, None).test_client() as client:
        assert client.get("/health").status_code == 503

        assert ("start_time_seconds", frozenset()) in shown(client)
