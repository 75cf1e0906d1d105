"""The engine as a black box: real processes, a real socket, real runaways."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Store

from leadgraph.errors import (
    EngineBusy,
    EngineUnavailable,
    QueryCrashed,
    QueryMalformed,
    QueryTooCostly,
    SourceUnreadable,
)
from leadgraph.model import Form, Question
from leadgraph.query import frames
from leadgraph.query.client import Engine
from leadgraph.query.engine import _sweep, running
from leadgraph.query.stores import fill
from leadgraph.settings import Settings

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
PRODUCT = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
LONG = "SELECT (COUNT(*) AS ?n) { { SELECT * { ?a ?b ?c } LIMIT 60 } ?d ?e ?f FILTER(?c != ?f) }"
FLOOD = "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
DOUBLING = (
    "SELECT (STRLEN(?v40) AS ?n) WHERE { BIND('aaaaaaaaaaaaaaaa' AS ?v0) "
    + " ".join(f"BIND(CONCAT(?v{n}, ?v{n}) AS ?v{n + 1})" for n in range(40))
    + " }"
)
RUNAWAYS = {
    "cross join": PRODUCT,
    "cross join with output": FLOOD,
    "ORDER BY over a product": "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f",
    "GROUP BY over a product": "SELECT ?c (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    " GROUP BY ?c",
    "string doubling": DOUBLING,
    "path": "SELECT (COUNT(*) AS ?n) WHERE { ?a (<http://e/x>|!<http://e/x>)* ?b . ?c ?d ?e . "
    "?f ?g ?h }",
}


def question(text: str, results: str = "json", graph: str = "ntriples") -> Question:
    """A question without a protocol dataset."""
    return Question(text, results, graph)


def body(engine: Engine, text: str, **formats: str) -> bytes:
    """The whole body of an answer."""
    answer = engine.ask(question(text, **formats))
    return answer.whole if answer.whole is not None else b"".join(answer.chunks)


def descendants(process: int) -> set[int]:
    """All living processes below one."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":
                    children.setdefault(int(parent), []).append(int(entry.name))
    found: set[int] = set()
    waiting = [process]
    while waiting:
        below = children.get(waiting.pop(), [])
        found.update(below)
        waiting.extend(below)
    return found


def test_solutions_come_as_rows_of_terms(engine: Engine) -> None:
    rows = engine.rows("SELECT ?s ?o ?none WHERE { ?s <http://example.org/p> ?o . FILTER(?o = 2) }")

    assert rows == [
        {
            "s": NamedNode("http://example.org/b"),
            "o": Literal("2", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer")),
        }
    ]


def test_a_graph_comes_as_triples(engine: Engine) -> None:
    triples = engine.graph("CONSTRUCT WHERE { <http://example.org/b> ?p ?o }")

    assert [str(triple.subject) for triple in triples] == ["<http://example.org/b>"]


@pytest.mark.parametrize(
    ("name", "beginning"),
    [("json", b'{"head"'), ("xml", b"<?xml"), ("csv", b"n\r\n"), ("tsv", b"?n\n")],
)
def test_solutions_are_written_in_every_format(engine: Engine, name: str, beginning: bytes) -> None:
    assert body(engine, COUNT, results=name).startswith(beginning)


@pytest.mark.parametrize("name", ["turtle", "jsonld", "ntriples", "rdfxml"])
def test_graphs_are_written_in_every_format(engine: Engine, name: str) -> None:
    text = "CONSTRUCT WHERE { <http://example.org/a> ?p ?o }"

    assert b"&lt;script&gt;" in body(engine, text, graph=name) or b"<script>" in body(
        engine, text, graph=name
    )


def test_a_boolean_is_an_answer_of_its_own_form(engine: Engine) -> None:
    answer = engine.ask(question("ASK { ?s ?p 2 }"))

    assert answer.form is Form.BOOLEAN
    assert answer.whole == b'{"head":{},"boolean":true}'


def test_a_large_answer_streams_before_it_is_complete(engine: Engine) -> None:
    answer = engine.ask(question("SELECT * WHERE { ?a ?b ?c . ?d ?e ?f }"))

    assert answer.whole is None
    assert len(next(answer.chunks)) >= 1 << 15
    answer.chunks.close()


def test_what_is_no_sparql_is_placed_by_line_and_column(engine: Engine) -> None:
    with pytest.raises(QueryMalformed) as caught:
        engine.rows("SELECT *\nWHERE { ?s ?p }")

    assert (caught.value.line, caught.value.column) == (2, 16)


@pytest.mark.parametrize(
    ("query", "place", "words"),
    [
        ("SELECT *\n{ ?s skos:prefLabel ?o }", (2, 6), "begin with PREFIX skos: <http://www.w3"),
        ("SELECT * { _:b my:p ?o }", (1, 16), "PREFIX my: <...>"),
        ("SELECT * {", (1, 11), 'expected a term or "}"'),
        ("SELECT * { ?s ?p }", (1, 19), "column 19: something else is expected here."),
        ("SELECT (1 AS ?x) (2 AS ?x) {", (1, 29), "expected"),
        ("SELECT ?x (COUNT(?y) AS ?n) { ?x ?p ?y }", (1, 41), "unbound"),
        ("PREFIX a: <http://[b> SELECT * {}", (1, 22), "IRI parsing failed"),
    ],
)
def test_what_is_no_sparql_is_explained_in_few_words(
    engine: Engine, query: str, place: tuple[int, int], words: str
) -> None:
    with pytest.raises(QueryMalformed) as caught:
        engine.rows(query)

    assert (caught.value.line, caught.value.column) == place
    assert words in str(caught.value)
    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)


def test_the_protocol_dataset_takes_the_place_of_the_stores(engine: Engine) -> None:
    def subjects(text: str, **dataset: tuple[str, ...]) -> bytes:
        answer = engine.ask(Question(text, "csv", "ntriples", **dataset))
        return answer.whole or b""

    default = "SELECT DISTINCT ?s WHERE { ?s ?p ?o }"
    named = "SELECT DISTINCT ?s WHERE { GRAPH ?g { ?s ?p ?o } }"
    first = ("http://example.org/g1",)

    assert subjects(default, default_graphs=first, named_graphs=()).split() == [
        b"s",
        b"http://example.org/a",
    ]
    assert subjects(named, default_graphs=first, named_graphs=()).split() == [b"s"]
    assert subjects(named, default_graphs=(), named_graphs=first).split() == [
        b"s",
        b"http://example.org/a",
    ]
    assert subjects(default, default_graphs=(), named_graphs=first).split() == [b"s"]


@pytest.mark.parametrize("kind", RUNAWAYS)
def test_a_runaway_ends_at_its_deadline(engine: Engine, settings: Settings, kind: str) -> None:
    started = time.monotonic()

    with pytest.raises((QueryTooCostly, QueryCrashed)):
        for _ in engine.ask(question(RUNAWAYS[kind])).chunks:
            pass

    assert time.monotonic() - started < settings.deadline_seconds + 4
    assert engine.rows("SELECT ?o WHERE { <http://example.org/7> ?p ?o }")


def test_a_query_that_overflows_the_stack_costs_only_its_own_child(engine: Engine) -> None:
    with pytest.raises(QueryCrashed):
        engine.rows("SELECT * WHERE { FILTER(" + "!" * 90_000 + "true) }")

    assert engine.rows(COUNT)


def test_a_query_that_takes_all_memory_costs_only_its_own_child(small_dataset: Path) -> None:
    settings = Settings(deadline_seconds=20, query_memory_bytes=64 << 20)

    with running([small_dataset], settings) as path, Engine(path, settings) as engine:
        with pytest.raises(QueryCrashed):
            engine.rows(DOUBLING)

        assert engine.rows(COUNT)


def test_a_light_query_is_answered_while_runaways_run(engine_path: Path, engine: Engine) -> None:
    heavy = Engine(engine_path, Settings(deadline_seconds=1.0))
    with heavy, ThreadPoolExecutor(4) as pool:
        runaways = [pool.submit(heavy.rows, PRODUCT) for _ in range(4)]
        time.sleep(0.2)
        for _ in range(20):
            engine.rows(COUNT)

        assert not any(runaway.done() for runaway in runaways)
        for runaway in runaways:
            with pytest.raises(QueryTooCostly):
                runaway.result()


def test_a_query_process_can_open_neither_files_nor_sockets(engine_path: Path) -> None:
    before = descendants(os.getpid())
    with Engine(engine_path, Settings()) as engine:
        answer = engine.ask(question(FLOOD))
        (child,) = descendants(os.getpid()) - before
        limits = Path(f"/proc/{child}/limits").read_text()
        descriptors = sorted(Path(f"/proc/{child}/fd").iterdir(), key=lambda p: int(p.name))
        beyond = [str(descriptor.readlink()) for descriptor in descriptors[3:]]
        answer.chunks.close()

    assert "Max open files            3                    3" in limits
    assert [descriptor.name for descriptor in descriptors[:3]] == ["0", "1", "2"]
    assert beyond == [f"/proc/{child}/statm"]


def test_a_service_that_passes_the_gate_gets_no_answer_and_no_connection(
    engine_path: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        port = listener.getsockname()[1]
        hidden = f"SELECT * {{ SERVICE SILENT <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}"
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(engine_path))
            client.sendall(frames.facts_frame(frames.QUESTION, asdict(question(hidden))))

            received = frames.Reader(client)
            (lifeline,) = received.receive_files()
            assert received.receive()[0] == frames.PROCESS
            assert received.receive() is None
            lifeline.close()
        with pytest.raises(TimeoutError):
            listener.accept()


def test_from_reads_no_file_and_no_address(engine: Engine, small_dataset: Path) -> None:
    assert engine.rows(f"SELECT * FROM <file://{small_dataset}> WHERE {{ ?s ?p ?o }}") == []


def test_a_query_goes_on_when_the_next_question_comes_and_ends_when_the_client_leaves(
    engine_path: Path,
) -> None:
    """The kernel may tell of a question after it is read: what comes must not end a query.

    Of half a million small queries three crashed, each from the signal for its own question.
    """
    before = descendants(os.getpid())
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(20)
        client.connect(str(engine_path))
        received = frames.Reader(client)
        long = frames.facts_frame(frames.QUESTION, asdict(question(LONG, "csv")))
        client.sendall(long)
        (lifeline,) = received.receive_files()
        assert received.receive()[0] == frames.PROCESS
        time.sleep(0.05)
        client.sendall(long)
        client.sendall(frames.facts_frame(frames.QUESTION, asdict(question(PRODUCT))))

        answers = [received.receive() for _ in range(6)]
        (child,) = descendants(os.getpid()) - before
        assert not received.has_frame()
        lifeline.close()

        assert [kind for kind, _ in answers] == [frames.HEAD, frames.DATA, frames.END] * 2
        assert ends_soon(child)


def test_a_client_that_leaves_while_it_reads_ends_its_query(engine_path: Path) -> None:
    before = descendants(os.getpid())
    with Engine(engine_path, Settings(deadline_seconds=30)) as engine:
        answer = engine.ask(question(FLOOD))
        next(answer.chunks)
        (child,) = descendants(os.getpid()) - before

        answer.chunks.close()

    assert ends_soon(child)


def test_a_client_that_leaves_before_the_first_byte_ends_its_query(engine_path: Path) -> None:
    before = descendants(os.getpid())
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(engine_path))
        client.sendall(frames.facts_frame(frames.QUESTION, asdict(question(PRODUCT))))
        time.sleep(0.2)
        (child,) = descendants(os.getpid()) - before

    assert ends_soon(child)


def ends_soon(process: int) -> bool:
    """Whether a process is gone within a second (a zombie is: nobody has asked for its code)."""
    for _ in range(50):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def test_more_queries_than_slots_and_queue_are_told_to_come_back(engine_path: Path) -> None:
    settings = Settings(deadline_seconds=1, children=2, queue=1, queue_seconds=0.2)
    with Engine(engine_path, settings) as engine, ThreadPoolExecutor(2) as pool:
        runaways = [pool.submit(engine.rows, PRODUCT) for _ in range(2)]
        time.sleep(0.2)
        with pytest.raises(EngineBusy):
            engine.rows(COUNT)
        for runaway in runaways:
            assert isinstance(runaway.exception(), QueryTooCostly)

        assert engine.rows(COUNT)


def test_an_answer_that_nobody_reads_frees_its_slot(engine_path: Path) -> None:
    with Engine(engine_path, Settings(children=1, queue=1, queue_seconds=0.5)) as engine:
        for _ in range(3):
            engine.ask(question(FLOOD))

        assert engine.rows(COUNT)


def test_without_an_engine_the_error_says_so(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable):
        Engine(tmp_path / "nobody", Settings()).rows(COUNT)


def test_the_engine_comes_back_when_its_parent_is_killed(small_dataset: Path) -> None:
    settings = Settings()
    before = descendants(os.getpid())
    with running([small_dataset], settings) as path:
        supervisor, parent = sorted(descendants(os.getpid()) - before)
        os.kill(parent, signal.SIGKILL)
        assert ends_soon(parent)

        with Engine(path, settings) as engine:
            assert engine.rows(COUNT)
        assert supervisor in descendants(os.getpid())


def test_nothing_outlives_a_server_that_is_killed(small_dataset: Path) -> None:
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from leadgraph.query.client import Engine\n"
        "from leadgraph.query.engine import running\n"
        "from leadgraph.settings import Settings\n"
        "with running([Path(sys.argv[1])], Settings()) as path:\n"
        "    Engine(path, Settings()).rows('SELECT * {?s ?p ?o}')\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(small_dataset)], stdout=subprocess.PIPE
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        below = descendants(server.pid)
        server.kill()

    assert len(below) >= 2
    assert all(ends_soon(process) for process in below)


def test_the_supervisor_leaves_no_child_and_no_socket_behind(small_dataset: Path) -> None:
    before = descendants(os.getpid())
    with running([small_dataset], Settings()) as path:
        with Engine(path, Settings()) as engine:
            engine.rows(COUNT)
        started = descendants(os.getpid()) - before

    assert started
    assert all(ends_soon(process) for process in started)
    assert not path.parent.exists()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("bad.ttl", "<http://a> <http://b> ", "line 1"),
        ("relative.ttl", "<a> <http://b> <http://c> .", "No scheme"),
        ("table.xlsx", "", "no RDF format"),
    ],
)
def test_a_file_that_cannot_be_served_is_named_with_the_reason(
    tmp_path: Path, name: str, content: str, reason: str
) -> None:
    (tmp_path / name).write_text(content)

    with pytest.raises(SourceUnreadable, match=reason), running([tmp_path / name], Settings()):
        pass


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match="No such file"):
        fill(Store(), [tmp_path / "missing.ttl"])


def test_default_and_named_graphs_stay_what_they_are_in_the_file(small_dataset: Path) -> None:
    store = Store()
    fill(store, [small_dataset])

    assert len(store) == 6
    assert len(list(store.named_graphs())) == 2


def test_a_start_sweeps_what_killed_servers_left_and_nothing_else(tmp_path: Path) -> None:
    """One started next to another took the file away that the other was checking."""
    kept = (f"leadgraph-{os.getpid()}-check-a", "leadgraph-my-data", "leadgraph-check-b")
    for name in (*kept, "leadgraph-999999999-check-c"):
        (tmp_path / name).mkdir()
    _sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(kept)
