"""A line for each request, with the id that the client got, and nothing that is not meant to be."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import re
import socket
import subprocess
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from leadgraph.settings import Settings
from leadgraph.web.app import create_app
from leadgraph.web.log import Log
from tests.test_serve import COMMAND, FLOOD, free_port, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from leadgraph.query.client import Engine

SECRET = "Xylophone"
QUERY = f'SELECT ?s {{ ?s ?p "{SECRET}" }}'


class Server:
    """A running server that logs into a file."""

    def __init__(self, port: int, log: Path) -> None:
        self.port, self._log = port, log

    def get(
        self, path: str, accept: str = "text/csv", method: str = "GET"
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """The response, and its body as far as it came."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, headers={"Accept": accept, "X-Request-Id": "mine"})
            response = connection.getresponse()
            try:
                return response, response.read()
            except http.client.IncompleteRead as broken:
                return response, broken.partial

    def ask(self, query: str) -> tuple[http.client.HTTPResponse, bytes]:
        """The response to a query."""
        return self.get(f"/sparql?query={quote(query)}")

    def raw(self, request: bytes) -> bytes:
        """All bytes that come back."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(request)
            received = b""
            while part := connection.recv(1 << 16):
                received += part
            return received

    def text(self) -> str:
        """All that was logged."""
        return self._log.read_text("ascii")

    def line(self, request_id: str) -> dict[str, str | int]:
        """The line of a request; it may come a moment after the answer."""
        for _ in range(100):
            lines = [json.loads(line) for line in self.text().splitlines()]
            for line in lines:
                if line["event"] == "request" and line["request_id"] == request_id:
                    return dict(line)
            time.sleep(0.02)
        pytest.fail(f"no line of {request_id}")


@contextlib.contextmanager
def logging(folder: Path, dataset: Path, **variables: str) -> Iterator[Server]:
    """Run a server with a log of its own until the block ends."""
    port = free_port()
    settings = {f"LEADGRAPH_{name.upper()}": value for name, value in variables.items()}
    command = [*COMMAND, str(dataset), "--port", str(port), "--deadline", "1", "--workers", "2"]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, stderr=log, env={**os.environ, **settings}) as process,
    ):
        try:
            wait_for(port, process)
            yield Server(port, folder / "log")
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, numbers: Path) -> Iterator[Server]:
    """A server that logs JSON."""
    with logging(tmp_path_factory.mktemp("json"), numbers, log="json") as running:
        yield running


def test_the_line_of_a_request_has_the_id_that_its_client_got(server: Server) -> None:
    response, body = server.ask(QUERY)

    line = server.line(response.headers["X-Request-Id"])

    assert (
        line.items()
        >= {
            "level": "info",
            "method": "GET",
            "route": "/sparql",
            "path": "/sparql",
            "status": 200,
            "outcome": "answered",
            "bytes": len(body),
            "form": "solutions",
            "query_hash": hashlib.sha256(QUERY.encode()).hexdigest()[:16],
        }.items()
    )
    assert 0 < float(line["milliseconds"]) < 10_000


def test_an_id_is_never_taken_from_a_client_and_readable_across_origins(server: Server) -> None:
    ids = [server.ask("ASK {}")[0].headers["X-Request-Id"] for _ in range(3)]
    exposed = server.ask("ASK {}")[0].headers["Access-Control-Expose-Headers"]

    assert len(set(ids)) == 3
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", one) for one in ids)
    assert "X-Request-Id" in exposed


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/sparql?query=SELECT", "query-malformed"),
        ("/sparql?query=INSERT+DATA+%7B%7D", "update-refused"),
        ("/id/role/nobody", "thing-not-found"),
    ],
)
def test_a_problem_names_its_request_as_the_line_does(server: Server, path: str, code: str) -> None:
    response, body = server.get(path)
    problem = json.loads(body)

    assert problem["instance"] == f"urn:uuid:{response.headers['X-Request-Id']}"
    assert server.line(response.headers["X-Request-Id"])["outcome"] == problem["code"] == code


@pytest.mark.parametrize("path", ["/id/role/nobody", "/sparql?query=SELECT"])
def test_the_page_of_a_problem_shows_the_id_of_its_request(server: Server, path: str) -> None:
    response, body = server.get(path, accept="text/html")

    assert response.status >= 400
    assert response.headers["X-Request-Id"] in body.decode()


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "address-too-long"),
        (b"GET / HTTP/1.1\r\nA: " + b"x" * 20_000 + b"\r\n\r\n", 431, "head-too-large"),
        (b"GET / HTTP/1.1\r\nNo Name: x\r\n\r\n", 400, "request-malformed"),
    ],
)
def test_what_never_became_a_request_is_answered_and_logged_the_same_way(
    server: Server, request_: bytes, status: int, code: str
) -> None:
    head, _, body = server.raw(request_).partition(b"\r\n\r\n")
    problem = json.loads(body)
    (request_id,) = re.findall(rb"X-Request-Id: (\S+)", head)

    line = server.line(request_id.decode())

    assert head.split(b"\r\n", 1)[0].split()[1] == str(status).encode()
    assert (problem["code"], problem["instance"]) == (code, f"urn:uuid:{request_id.decode()}")
    assert (line["status"], line["outcome"], line["bytes"]) == (status, code, len(body))


def test_a_body_in_broken_chunks_is_the_clients_mistake_and_no_error_of_ours(
    server: Server,
) -> None:
    answer = server.raw(
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\nASK{}\r\n0\r\n\r\n"
    )
    (request_id,) = re.findall(rb"X-Request-Id: (\S+)", answer)

    line = server.line(request_id.decode())

    assert (line["status"], line["outcome"]) == (400, "request-malformed")
    assert '"level": "error"' not in server.text()


def test_an_answer_that_breaks_off_is_logged_so_with_its_bytes(server: Server) -> None:
    response, body = server.ask(FLOOD)

    line = server.line(response.headers["X-Request-Id"])

    assert (line["status"], line["outcome"], line["level"]) == (200, "broken", "warning")
    assert line["bytes"] == len(body) > 0


def test_a_client_that_leaves_is_logged_so(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(f"GET /sparql?query={quote(FLOOD)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        head = connection.recv(4096).decode("latin-1")
    (request_id,) = re.findall(r"X-Request-Id: (\S+)", head)

    assert server.line(request_id)["outcome"] == "abandoned"


def test_neither_queries_nor_addresses_are_logged_unless_the_operator_asks(server: Server) -> None:
    for query in (QUERY, f"SELECT {SECRET}", f"INSERT {SECRET}", QUERY.replace("?s ", "", 1)):
        response, _ = server.ask(query)
        server.line(response.headers["X-Request-Id"])

    assert SECRET not in server.text()
    assert "127.0.0.1" not in re.sub(r'"address": "[^"]*"', "", server.text())


def test_all_lines_are_json_with_time_level_and_event(server: Server) -> None:
    server.ask("ASK {}")

    for line in server.text().splitlines():
        assert json.loads(line).keys() >= {"time", "level", "event"}


@pytest.fixture(scope="module")
def talkative(tmp_path_factory: pytest.TempPathFactory, numbers: Path) -> Iterator[Server]:
    """A server that logs text, and all that it may."""
    folder = tmp_path_factory.mktemp("text")
    with logging(folder, numbers, log="text", log_queries="yes", log_clients="yes") as running:
        yield running


def test_queries_and_addresses_are_logged_when_the_operator_asks(talkative: Server) -> None:
    talkative.ask(QUERY)

    (line,) = [line for line in wait_for_text(talkative, SECRET) if SECRET in line]

    assert f"query={json.dumps(QUERY)}" in line
    assert "client=127.0.0.1" in line


def test_nothing_that_a_visitor_sends_begins_a_line_or_steers_a_terminal(
    talkative: Server,
) -> None:
    evil = '/x\r\n2026 error forged\x1b[2J\u202e\u2028\x7f\x85=" y=1'
    talkative.get(quote(evil))

    lines = wait_for_text(talkative, "forged")

    assert all(re.match(r"\S+Z (info|warning|error) |LeadGraph answers at ", x) for x in lines)
    assert all(re.fullmatch(r"[ -~]*", line) for line in lines)
    assert [line.count(" path=") for line in lines if "forged" in line] == [1]


def wait_for_text(server: Server, text: str) -> list[str]:
    """The lines of a log once a text is in it; \\n alone ends a line."""
    for _ in range(100):
        if text in server.text():
            return server.text().split("\n")[:-1]
        time.sleep(0.02)
    pytest.fail(f"{text} was not logged")


@pytest.mark.parametrize("has_queries", [False, True])
def test_an_unforeseen_error_is_logged_with_its_place_and_the_id_of_its_request(
    engine: Engine, capfd: pytest.CaptureFixture[str], has_queries: bool
) -> None:
    app = create_app(engine, Settings(log="json", log_queries=has_queries), None)

    def fail() -> str:
        raise KeyError(SECRET)

    app.add_url_rule("/fail", view_func=fail)
    with app.test_client() as client:
        response = client.get("/fail")
        assert "KeyError" not in response.text
    unforeseen, line = (json.loads(line) for line in capfd.readouterr().err.splitlines())

    assert response.status_code == line["status"] == 500
    assert unforeseen["request_id"] == line["request_id"] == response.headers["X-Request-Id"]
    assert (unforeseen["level"], unforeseen["event"]) == ("error", "unforeseen")
    assert "in fail\n" in unforeseen["exception"]
    assert "KeyError" in unforeseen["exception"]
    assert (SECRET in unforeseen["exception"]) is has_queries


def test_a_log_that_is_off_still_tells_of_errors(capfd: pytest.CaptureFixture[str]) -> None:
    log = Log(Settings(log="off"))

    log.write(20, "request", status=200)
    log.write(30, "request", status=503)
    log.write(40, "unforeseen", ValueError("x"))

    said = capfd.readouterr().err
    assert "unforeseen" in said
    assert "request" not in said


@pytest.mark.parametrize("reader", ["gone", "asleep"])
def test_a_log_that_nobody_reads_does_not_stop_the_server(
    numbers: Path, tmp_path: Path, reader: str
) -> None:
    port = free_port()
    command = [*COMMAND, str(numbers), "--port", str(port), "--workers", "1"]
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        env={**os.environ, "LEADGRAPH_LOG": "json", "TMPDIR": str(tmp_path)},
    ) as process:
        try:
            wait_for(port, process)
            assert process.stderr is not None
            if reader == "gone":
                process.stderr.close()
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            with contextlib.closing(connection):
                for _ in range(400):
                    connection.request("GET", "/nothing/" + "x" * 200)
                    assert connection.getresponse().read()
                connection.request("GET", "/metrics")
                counts = connection.getresponse().read().decode()
        finally:
            process.kill()

    (lost,) = re.findall(r"^leadgraph_log_lines_lost_total (\S+)$", counts, re.MULTILINE)
    assert float(lost) > 0
