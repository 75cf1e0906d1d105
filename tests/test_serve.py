"""`leadgraph serve` as its users run it: a real server on 127.0.0.1, ended at the end."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.endpoints import oxigraph
from tests.pages_engine import release

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = [sys.executable, "-m", "leadgraph.cli.main", "serve"]
PRODUCT = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
FLOOD = "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A running server: its process, and requests to it."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process, self.port = process, port

    def get(self, query: str, accept: str = "application/sparql-results+json") -> tuple[int, bytes]:
        """Status and body of a query."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request("GET", f"/sparql?query={quote(query)}", headers={"Accept": accept})
            response = connection.getresponse()
            return response.status, response.read()

    def raw(self, query: str, version: str) -> bytes:
        """All bytes that come back, head and body, until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(
                f"GET /sparql?query={quote(query)} HTTP/{version}\r\nHost: x\r\n"
                "Accept: text/csv\r\nConnection: close\r\n\r\n".encode()
            )
            received = b""
            while part := connection.recv(1 << 16):
                received = received[-4096:] + part if len(received) > 1 << 20 else received + part
            return received


@contextlib.contextmanager
def serving(*arguments: str) -> Iterator[Server]:
    """Run the command until the block ends."""
    port = free_port()
    with subprocess.Popen(
        [*COMMAND, *arguments, "--port", str(port)],
        stderr=subprocess.PIPE,
        env={**os.environ, "LEADGRAPH_LOG": "off"},
    ) as process:
        try:
            wait_for(port, process)
            yield Server(process, port)
        finally:
            process.kill()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when the server answers."""
    for _ in range(200):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.closing(connection), contextlib.suppress(OSError):
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.05)
    pytest.fail("the server did not answer")


def family(process: int) -> set[int]:
    """A process and all below it that are alive."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":
                    parents[int(entry.name)] = int(parent)
    found, grew = {process}, True
    while grew:
        below = {child for child, parent in parents.items() if parent in found}
        grew = not below <= found
        found |= below
    return found & parents.keys()


def all_end(processes: set[int]) -> bool:
    """Whether all are gone within fifteen seconds: workers may take ten to end what they do."""
    for _ in range(300):
        alive = set()
        for process in processes:
            with contextlib.suppress(OSError):
                stat = Path(f"/proc/{process}/stat").read_text()
                if stat.rpartition(")")[2].split()[0] != "Z":
                    alive.add(process)
        if not alive:
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module")
def server(numbers: Path, small_dataset: Path) -> Iterator[Server]:
    """A server over plain RDF files, with a deadline of one second."""
    with serving(str(numbers), str(small_dataset), "--deadline", "1", "--workers", "2") as running:
        yield running


def test_any_rdf_is_served_as_it_is(server: Server) -> None:
    status, body = server.get("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "text/csv")
    named = server.get("SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }", "text/csv")

    assert (status, body) == (200, b"n\r\n3003\r\n")
    assert named == (200, b"n\r\n2\r\n")


def test_a_runaway_is_503_at_its_deadline_and_others_are_answered_meanwhile(
    server: Server,
) -> None:
    with ThreadPoolExecutor(4) as pool:
        runaways = [pool.submit(server.get, PRODUCT) for _ in range(4)]
        time.sleep(0.3)
        light = [server.get("SELECT ?o { <http://example.org/7> ?p ?o }")[0] for _ in range(10)]
        unfinished = [runaway for runaway in runaways if not runaway.done()]
        answers = [runaway.result() for runaway in runaways]

    assert light == [200] * 10
    assert unfinished
    for status, body in answers:
        assert (status, json.loads(body)["code"]) == (503, "query-too-costly")


def test_an_answer_that_breaks_off_is_not_ended_as_if_it_were_whole(server: Server) -> None:
    with pytest.raises(http.client.IncompleteRead):
        server.get(FLOOD)

    received = server.raw(FLOOD, "1.1")
    assert received
    assert not received.endswith(b"0\r\n\r\n")


def test_over_http_1_0_an_answer_is_whole_or_an_error(server: Server) -> None:
    whole = server.raw("SELECT ?s { ?s ?p ?o }", "1.0")
    broken = server.raw(FLOOD, "1.0")

    assert whole.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200"))
    assert whole.count(b"\r\nhttp://example.org/") == 3003
    assert broken.split(b"\r\n", 1)[0].split()[1] in {b"400", b"503"}


def test_a_query_that_crashes_its_process_is_503_and_the_next_is_answered(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    with contextlib.closing(connection):
        query = "SELECT * { FILTER(" + "!" * 90_000 + "true) }"
        connection.request("POST", "/sparql", query, {"Content-Type": "application/sparql-query"})
        response = connection.getresponse()
        body = json.loads(response.read())

    assert (response.status, body["code"]) == (503, "query-crashed")
    assert server.get("ASK {}")[0] == 200


def test_an_address_too_long_is_a_414_problem(server: Server) -> None:
    status, body = server.get("SELECT * {} #" + "x" * 9000)

    assert (status, json.loads(body)["code"]) == (414, "address-too-long")


def test_clients_that_stall_in_the_middle_of_a_request_do_not_stop_the_others(
    small_dataset: Path,
) -> None:
    with serving(str(small_dataset), "--workers", "1") as running, contextlib.ExitStack() as stack:
        for _ in range(100):
            stalled = stack.enter_context(socket.create_connection(("127.0.0.1", running.port)))
            stalled.sendall(b"GET / HTT")
        time.sleep(6)

        assert running.get("ASK {}")[0] == 200


@pytest.mark.parametrize("deadline", ["nan", "1e30", "-1", "0", "soon"])
def test_a_deadline_that_is_no_number_of_seconds_is_refused(
    small_dataset: Path, deadline: str
) -> None:
    result = subprocess.run(
        [*COMMAND, str(small_dataset), "--deadline", deadline],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert result.returncode == 2
    assert "--deadline" in result.stderr


def test_a_port_beyond_the_last_is_refused(small_dataset: Path) -> None:
    result = subprocess.run(
        [*COMMAND, str(small_dataset)],
        env={**os.environ, "LEADGRAPH_PORT": "99999"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert result.returncode == 2
    assert "LEADGRAPH_PORT cannot be '99999'" in result.stderr


def test_a_worker_that_ends_takes_nothing_with_it(small_dataset: Path) -> None:
    with serving(str(small_dataset), "--workers", "1") as running:
        before = family(running.process.pid)
        (worker,) = (
            process
            for process in before - {running.process.pid}
            if "leadgraph" in Path(f"/proc/{process}/cmdline").read_text()
            and len(list(Path(f"/proc/{process}/task").iterdir())) > 1
        )
        os.kill(worker, signal.SIGTERM)
        assert all_end({worker})
        wait_for(running.port, running.process)

        assert running.get("SELECT * { ?s ?p ?o }")[0] == 200
        assert len(family(running.process.pid)) >= len(before) - 1


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_is_asked_to_end_does_so_quietly(
    small_dataset: Path, ending: signal.Signals
) -> None:
    with serving(str(small_dataset)) as running:
        running.get("ASK {}")

        running.process.send_signal(ending)
        _, said = running.process.communicate(timeout=20)

    assert running.process.returncode == 0
    assert [line for line in said.decode().splitlines() if "answers at" not in line] == []


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_server_however_it_ends(
    small_dataset: Path, ending: signal.Signals
) -> None:
    with serving(str(small_dataset), "--workers", "2") as running:
        running.get("ASK {}")
        started = family(running.process.pid)

        os.kill(running.process.pid, ending)

        assert len(started) >= 5
        assert all_end(started)


def test_a_port_in_use_is_one_clear_line(small_dataset: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = subprocess.run(
            [*COMMAND, str(small_dataset), "--port", str(port)],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )

    assert result.returncode == 2
    assert result.stderr.splitlines() == [
        f"leadgraph: Port {port} on 127.0.0.1 is in use by another program. "
        "Choose a free one with --port."
    ]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("bad.ttl", b"<http://a> <http://b>", "line 1"),
        ("missing.ttl", None, "No such file"),
        ("table.xlsx", b"", "no RDF format"),
        ("utf16.ttl", "<http://a> <http://b> <http://c> .".encode("utf-16"), "utf16.ttl"),
    ],
)
def test_a_bad_file_is_one_clear_line(
    tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)

    result = subprocess.run(
        [*COMMAND, str(tmp_path / name), "--port", str(free_port())],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert words in result.stderr


def test_files_and_a_graph_folder_exclude_each_other(tmp_path: Path) -> None:
    result = subprocess.run(
        [*COMMAND, "x.ttl", "--graph", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert result.returncode == 2
    assert "not both" in result.stderr


def test_settings_come_from_variables_as_well(small_dataset: Path) -> None:
    result = subprocess.run(
        [*COMMAND, str(small_dataset)],
        env={**os.environ, "LEADGRAPH_DEADLINE_SECONDS": "soon"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert result.returncode == 2
    assert "LEADGRAPH_DEADLINE_SECONDS cannot be 'soon'" in result.stderr


def query_processes(server: Server) -> set[int]:
    """The processes that answer queries: those whose standard input is a socket."""
    found = set()
    for process in family(server.process.pid):
        with contextlib.suppress(OSError):
            if str(Path(f"/proc/{process}/fd/0").readlink()).startswith("socket:"):
                found.add(process)
    return found


@pytest.mark.parametrize("query", [PRODUCT, FLOOD])
def test_a_client_that_hangs_up_ends_its_query_within_a_second(numbers: Path, query: str) -> None:
    with serving(str(numbers), "--deadline", "60", "--workers", "1") as server:
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(f"GET /sparql?query={quote(query)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            time.sleep(0.5)
            during = query_processes(server)
        ended = time.monotonic()

        assert during
        while during <= query_processes(server) and time.monotonic() < ended + 1:
            time.sleep(0.02)
        assert not during <= query_processes(server)


def test_a_client_that_stops_reading_is_left_and_its_query_ended(numbers: Path) -> None:
    with serving(str(numbers), "--deadline", "60", "--workers", "1") as server:
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(f"GET /sparql?query={quote(FLOOD)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert client.recv(1000).startswith(b"HTTP/1.1 200")
            stopped = time.monotonic()
            (busy,) = query_processes(server)
            while busy in query_processes(server) and time.monotonic() < stopped + 20:
                assert server.get("ASK {}")[0] == 200
                time.sleep(0.2)

        assert busy not in query_processes(server)


@pytest.mark.parametrize("engine", ["disk", "elsewhere"])
def test_every_engine_serves_the_same(numbers: Path, small_dataset: Path, engine: str) -> None:
    files = [numbers, small_dataset]
    with contextlib.ExitStack() as stack:
        if engine == "elsewhere":
            arguments = ["--engine", stack.enter_context(oxigraph(files))]
        else:
            arguments = [*map(str, files), "--engine", engine]
        server = stack.enter_context(serving(*arguments))

        status, body = server.get("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "text/csv")
        _, page = server.get("SELECT ?o { <http://example.org/7> ?p ?o }", "text/html")

    assert (status, body) == (200, b"n\r\n3003\r\n")
    assert b"<td>" in page


def test_two_replicas_give_the_same_bytes_under_the_same_entity_tag(
    small_dataset: Path, numbers: Path
) -> None:
    answers = set()
    for _ in range(2):
        with serving(str(numbers), str(small_dataset)) as server:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
            with contextlib.closing(connection):
                connection.request("GET", f"/sparql?query={quote('SELECT * { ?s ?p ?o }')}")
                response = connection.getresponse()
                answers.add((response.headers["ETag"], response.read()))

    assert len(answers) == 1


def test_an_engine_that_does_not_exist_is_one_clear_line(small_dataset: Path) -> None:
    result = subprocess.run(
        [*COMMAND, str(small_dataset), "--engine", "ram"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert result.returncode == 2
    assert result.stderr.splitlines() == [
        "leadgraph: --engine cannot be 'ram'. Use memory, disk, or the URL of a SPARQL endpoint."
    ]


def test_a_server_without_its_engine_ends(small_dataset: Path) -> None:
    with serving(str(small_dataset)) as server:
        started = [
            process
            for process in family(server.process.pid)
            if process != server.process.pid and os.getsid(process) == process
        ]
        for process in started:
            os.kill(process, signal.SIGKILL)

        assert started
        assert server.process.wait(timeout=20) is not None


@pytest.mark.parametrize("name", ["WORKERS", "THREADS", "CLIENT_QUERIES", "CHILDREN"])
def test_a_number_beyond_all_sense_is_refused(small_dataset: Path, name: str) -> None:
    result = subprocess.run(
        [*COMMAND, str(small_dataset), "--port", str(free_port())],
        env={**os.environ, f"LEADGRAPH_{name}": "99999999"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert result.returncode == 2
    assert f"LEADGRAPH_{name} cannot be '99999999'" in result.stderr


def test_a_request_without_a_host_is_refused(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(b"GET /health HTTP/1.1\r\n\r\n")
        received = client.recv(1 << 16)

    assert received.startswith(b"HTTP/1.1 400")
    assert b"Access-Control-Allow-Origin: *" in received


def test_an_endpoint_that_holds_our_release_is_served_with_all_its_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = release()
    monkeypatch.setenv("LEADGRAPH_STATE", str(made.path.parents[1]))
    statuses = {}
    with oxigraph([made.dataset]) as address, serving("--engine", address) as server:
        for path in (
            "/",
            "/doc/role/coordinator",
            "/queries.ttl",
            "/.well-known/void",
            f"/releases/{made.version}/manifest.json",
        ):
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
            with contextlib.closing(connection):
                connection.request("GET", path)
                response = connection.getresponse()
                statuses[path] = response.status
                body = response.read()

    assert set(statuses.values()) == {200}
    assert body == (made.path / "manifest.json").read_bytes()
