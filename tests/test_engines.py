"""What holds for every engine: in memory, on disk, and at an endpoint elsewhere."""

from __future__ import annotations

import json
import os
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

from leadgraph.errors import (
    AnswerUnwritable,
    EngineBusy,
    EngineRefused,
    EngineUnavailable,
    QueryCrashed,
    QueryMalformed,
    QueryTooCostly,
    ResultTooLarge,
    ServiceRefused,
    SettingInvalid,
    SourceUnreadable,
)
from leadgraph.model import Question
from leadgraph.query.client import Engine
from leadgraph.query.engine import running
from leadgraph.settings import Settings
from tests.endpoints import Canned, oxigraph
from tests.test_engine import descendants, ends_soon

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
LARGE = "SELECT * { { ?s ?p ?o } { ?a ?b ?c } }"
JSON = b'{"head":{"vars":["a"]},"results":{"bindings":[{"a":{"type":"literal","value":"x"}}]}}'


@dataclass(frozen=True)
class Running:
    """An engine's socket, and the settings it runs with."""

    path: Path
    settings: Settings


@pytest.fixture(scope="module", params=["memory", "disk", "elsewhere"])
def running_engine(
    request: pytest.FixtureRequest, numbers: Path, small_dataset: Path
) -> Iterator[Running]:
    """Each engine over the same statements, with a short deadline."""
    files = [numbers, small_dataset]
    settings = Settings(deadline_seconds=1.5, children=8)
    with ExitStack() as stack:
        if request.param == "elsewhere":
            address = stack.enter_context(oxigraph(files, "--timeout-s", "3"))
            files, settings = [], replace(settings, engine=address)
        else:
            settings = replace(settings, engine=request.param)
        yield Running(stack.enter_context(running(files, settings)), settings)


@pytest.fixture
def engine(running_engine: Running) -> Iterator[Engine]:
    """A client of it."""
    with Engine(running_engine.path, running_engine.settings) as client:
        yield client


def ask(engine: Engine, text: str, results: str = "csv", graph: str = "ntriples") -> bytes:
    """The whole body of an answer."""
    answer = engine.ask(Question(text, results, graph))
    return answer.whole if answer.whole is not None else b"".join(answer.chunks)


def test_the_same_statements_give_the_same_answer(engine: Engine) -> None:
    assert ask(engine, COUNT) == b"n\r\n3003\r\n"


def test_every_form_comes_in_every_format(engine: Engine) -> None:
    one = "{ <http://example.org/b> ?p ?o }"

    assert ask(engine, f"SELECT ?o {one}", "tsv") == b"?o\n2\n"
    assert json.loads(ask(engine, f"SELECT ?o {one}", "json"))["head"] == {"vars": ["o"]}
    assert b"<boolean>true</boolean>" in ask(engine, f"ASK {one}", "xml")
    assert ask(engine, f"CONSTRUCT WHERE {one}", graph="turtle").endswith(b"p> 2 .\n")
    assert json.loads(ask(engine, f"CONSTRUCT WHERE {one}", graph="jsonld"))


def test_the_dataset_of_the_protocol_takes_the_place_of_the_whole(engine: Engine) -> None:
    question = Question(COUNT, "csv", "ntriples", ("http://example.org/g1",), ())

    assert engine.ask(question).whole == b"n\r\n2\r\n"


def test_a_malformed_query_is_refused_with_its_place(engine: Engine) -> None:
    with pytest.raises(QueryMalformed) as caught:
        ask(engine, "SELECT *\n{ ?s }")

    assert caught.value.line == 2


def test_service_is_refused(engine: Engine) -> None:
    with pytest.raises(ServiceRefused):
        ask(engine, "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }")


def test_a_runaway_ends_at_the_deadline(engine: Engine) -> None:
    started = time.monotonic()

    with pytest.raises(QueryTooCostly):
        ask(engine, ENDLESS)

    assert time.monotonic() - started < 4


def test_a_stream_that_is_given_up_ends_the_work(running_engine: Running) -> None:
    before = descendants(os.getpid())
    with Engine(running_engine.path, Settings()) as engine:
        answer = engine.ask(Question(LARGE, "tsv", "ntriples"))
        assert next(iter(answer.chunks))
        children = descendants(os.getpid()) - before
        answer.chunks.close()

        assert len(children) == 1
        assert all(ends_soon(child) for child in children)


def test_a_large_answer_is_whole(engine: Engine) -> None:
    body = ask(engine, "SELECT * { ?s ?p ?o BIND(CONCAT(STR(?s), STR(?o)) AS ?x) }", "tsv")

    assert body.count(b"\n") == 3004
    assert body.endswith(b"\n")


def test_a_limit_on_bytes_is_an_error_and_not_an_end(numbers: Path) -> None:
    settings = Settings(result_bytes=500_000)
    with running([numbers], settings) as path, Engine(path, settings) as engine:
        long = 'SELECT * { ?s ?p ?o BIND("%s" AS ?x) }' % ("x" * 1000)
        assert ask(engine, f"{long} LIMIT 100")
        answer = engine.ask(Question(long, "tsv", "ntriples"))
        with pytest.raises(ResultTooLarge, match="500000 bytes"):
            list(answer.chunks)


def test_an_answer_that_is_too_long_at_once_is_refused_before_its_first_byte(numbers: Path) -> None:
    settings = Settings(result_bytes=5_000)
    with (
        running([numbers], settings) as path,
        Engine(path, settings) as engine,
        pytest.raises(ResultTooLarge),
    ):
        engine.ask(Question("SELECT * { ?s ?p ?o }", "tsv", "ntriples"))


def test_a_slow_reader_is_not_taken_for_a_costly_query(numbers: Path) -> None:
    settings = Settings(deadline_seconds=0.5)
    with running([numbers], settings) as path, Engine(path, settings) as engine:
        text = 'SELECT * { ?s ?p ?o BIND("%s" AS ?x) }' % ("x" * 1000)
        answer = engine.ask(Question(text, "tsv", "ntriples"))
        first = next(iter(answer.chunks))
        time.sleep(1)

        assert (first + b"".join(answer.chunks)).count(b"\n") == 3001


def test_a_reader_who_does_not_read_is_given_up(numbers: Path) -> None:
    settings = Settings(sending_seconds=0.3)
    with running([numbers], settings) as path, Engine(path, settings) as engine:
        text = 'SELECT * { ?s ?p ?o BIND("%s" AS ?x) }' % ("x" * 1000)
        answer = engine.ask(Question(text, "tsv", "ntriples"))
        time.sleep(1)

        with pytest.raises(QueryCrashed):
            list(answer.chunks)


def test_a_process_that_has_grown_is_replaced_and_nobody_notices(engine: Engine) -> None:
    long = 'SELECT * { ?s ?p ?o BIND("%s" AS ?x) } ORDER BY ?o' % ("x" * 5000)
    for _ in range(5):
        assert ask(engine, long, "tsv").count(b"\n") == 3004
        assert ask(engine, COUNT) == b"n\r\n3003\r\n"


def test_a_dataset_on_disk_is_written_once_and_read_again(
    small_dataset: Path, tmp_path: Path
) -> None:
    settings, folder = Settings(engine="disk"), tmp_path / "disk"
    with running([small_dataset], settings, folder) as path, Engine(path, settings) as engine:
        first = ask(engine, "SELECT * { ?s ?p ?o }")
    written = folder.stat().st_ino
    with running([small_dataset], settings, folder) as path, Engine(path, settings) as engine:
        assert ask(engine, "SELECT * { ?s ?p ?o }") == first

    assert folder.stat().st_ino == written
    assert [entry.name for entry in tmp_path.iterdir()] == ["disk"]


def test_a_folder_on_disk_that_holds_no_store_is_written_anew(
    small_dataset: Path, tmp_path: Path
) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "CURRENT").write_text("nothing")
    settings = Settings(engine="disk")
    with (
        running([small_dataset], settings, tmp_path / "disk") as path,
        Engine(path, settings) as engine,
    ):
        assert ask(engine, COUNT) == b"n\r\n3\r\n"


def test_what_a_killed_writer_left_is_swept(small_dataset: Path, tmp_path: Path) -> None:
    (tmp_path / ".tmp-disk-99999999").mkdir()
    (tmp_path / f".tmp-disk-{os.getpid()}").mkdir()
    with running([small_dataset], Settings(engine="disk"), tmp_path / "disk"):
        left = {entry.name for entry in tmp_path.iterdir()}

    assert left == {"disk", f".tmp-disk-{os.getpid()}"}


def test_a_place_that_cannot_be_written_is_named(small_dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(SourceUnreadable, match=r"disk cannot be read: .*Make room, or name another"),
        running([small_dataset], Settings(engine="disk"), tmp_path / "file" / "disk"),
    ):
        pass


@pytest.mark.parametrize(
    "name", ["ram", "", "ftp://example.org/", "http://", "http://[", "http://x:99999/", "//x"]
)
def test_an_unknown_engine_is_refused_by_name(name: str) -> None:
    with pytest.raises(SettingInvalid, match="--engine"), running([], Settings(engine=name)):
        pass


@pytest.mark.parametrize("engine_name", ["memory", "disk"])
def test_the_same_files_give_the_same_bytes_wherever_they_are_served(
    tmp_path: Path, engine_name: str
) -> None:
    (tmp_path / "blank.ttl").write_text("[] <http://e/p> [ <http://e/q> 1, 2, 3 ] .")
    (tmp_path / "other.ttl").write_text("[] <http://e/p> [ <http://e/q> 4 ] .")
    bodies = []
    for _ in range(2):
        settings = Settings(engine=engine_name)
        files = [tmp_path / "blank.ttl", tmp_path / "other.ttl"]
        with running(files, settings) as path, Engine(path, settings) as engine:
            assert engine.edition is not None
            bodies.append((engine.edition, ask(engine, "SELECT * { ?s ?p ?o }")))

    assert bodies[0] == bodies[1]
    assert bodies[0][1].count(b"\r\n") == 7


def test_another_dataset_or_engine_is_another_edition(small_dataset: Path, numbers: Path) -> None:
    editions = set()
    for files, name in (([numbers], "memory"), ([small_dataset], "memory"), ([numbers], "disk")):
        settings = Settings(engine=name)
        with running(files, settings) as path, Engine(path, settings) as engine:
            editions.add(engine.edition)

    assert len(editions) == 3


def remote(address: str, text: str = COUNT, **settings: float) -> bytes:
    """The answer of an endpoint elsewhere."""
    chosen = Settings(engine=address, **settings)
    with running([], chosen) as path, Engine(path, chosen) as engine:
        assert engine.edition is None
        return ask(engine, text)


def response(
    body: bytes, status: str = "200 OK", *headers: str, length: int | None = None
) -> bytes:
    """A response of HTTP, with the length of its body unless another one is said."""
    said = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {said}", *headers, "Connection: close"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


RESULTS = "Content-Type: application/sparql-results+json"


def test_the_endpoint_is_told_the_deadline_the_query_and_the_dataset() -> None:
    with Canned(response(JSON, "200 OK", RESULTS)) as server:
        address = f"{server.address}?timeout={{milliseconds}}&other={{seconds}}s"

        assert remote(address, deadline_seconds=2.5) == b"a\r\nx\r\n"

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /sparql?timeout=2500&other=2.5s HTTP/1.1\r\n")
    assert b"\r\nPrefer: wait=3\r\n" in head
    assert parse_qs(body.decode())["query"] == [COUNT]


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (response(JSON[:-20], "200 OK", RESULTS), EngineRefused),
        (response(JSON[:-20], "200 OK", RESULTS, length=len(JSON)), EngineRefused),
        (response(b"<html>", "200 OK", "Content-Type: text/html"), EngineRefused),
        (response(b"a\r\nx\r\n", "200 OK", "Content-Type: text/csv"), EngineRefused),
        (response(b"nonsense", "200 OK", RESULTS), EngineRefused),
        (response(b"what I dislike", "400 Bad Request"), EngineRefused),
        (response(b"", "500 Internal Server Error"), EngineRefused),
        (response(b"", "403 Forbidden"), EngineRefused),
        (response(b"", "503 Service Unavailable", "Retry-After: 7"), EngineBusy),
        (response(b"", "429 Too Many Requests", "Retry-After: 7"), EngineBusy),
        (response(b"", "503 Service Unavailable"), EngineRefused),
        (b"nothing like HTTP\r\n\r\n", EngineRefused),
        (b"", EngineUnavailable),
    ],
)
def test_an_endpoint_that_errs_is_told_of_as_it_is(said: bytes, error: type[Exception]) -> None:
    with Canned(said) as server, pytest.raises(error) as caught:
        remote(server.address)

    if error is EngineBusy:
        assert caught.value.retry_after_seconds == 7
    if b"dislike" in said:
        assert "what I dislike" in str(caught.value)


def test_of_a_problem_document_its_detail_is_told() -> None:
    body = b'{"title": "Bad Request", "detail": "The query names no role."}'
    said = response(body, "400 Bad Request", "Content-Type: application/problem+json")
    with Canned(said) as server, pytest.raises(EngineRefused) as caught:
        remote(server.address)

    assert caught.value.reason == "status 400, The query names no role."


@pytest.mark.parametrize(
    ("query", "results", "graph"),
    [
        ("SELECT ('a\\u0001b' AS ?x) {}", "xml", "turtle"),
        ("SELECT ('a\\uFFFEb' AS ?x) {}", "xml", "turtle"),
        ("CONSTRUCT { <http://a/b> <http://a/c> 'a\\u0000' } {}", "json", "rdfxml"),
        ("CONSTRUCT { <http://a/b> <http://a/123> 1 } {}", "json", "rdfxml"),
        ("CONSTRUCT { <http://a/b> <http://a/c> <<( <a:b> <a:b> 1 )>> } {}", "json", "jsonld"),
    ],
)
def test_what_a_format_cannot_write_is_refused_and_not_written_wrong(
    engine: Engine, query: str, results: str, graph: str
) -> None:
    with pytest.raises(AnswerUnwritable):
        ask(engine, query, results, graph)
    assert ask(engine, query, "json", "ntriples")


def test_a_stream_that_is_cut_elsewhere_is_no_clean_end_here() -> None:
    rows = b",".join([b'{"a":{"type":"literal","value":"%s"}}' % (b"x" * 1000)] * 500)
    body = b'{"head":{"vars":["a"]},"results":{"bindings":[' + rows
    with Canned(response(body, "200 OK", RESULTS, length=len(body) + 100)) as server:
        settings = Settings(engine=server.address)
        with running([], settings) as path, Engine(path, settings) as engine:
            answer = engine.ask(Question(COUNT, "csv", "ntriples"))
            with pytest.raises(EngineRefused, match="broke off"):
                list(answer.chunks)


TRUE = (
    b'<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head/>'
    b"<boolean>true</boolean></sparql>"
)
ROW = b'<result><binding name="a"><literal>x</literal></binding></result>'
TABLE = (
    b'<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#">'
    b'<head><variable name="a"/></head><results>' + ROW * 2 + b"</results></sparql>"
)
GRAPH = (
    b'<?xml version="1.0"?><!DOCTYPE rdf:RDF [<!ENTITY e "http://e/">]>'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">'
    b'<rdf:Description rdf:about="&e;a"><e:p>x</e:p></rdf:Description></rdf:RDF>'
)
DEEP = b"[" * 300_000
XML = "Content-Type: application/sparql-results+xml"
CONSTRUCT = "CONSTRUCT WHERE { ?s ?p ?o }"


@pytest.mark.parametrize(
    ("text", "body", "media_type"),
    [
        pytest.param(COUNT, TABLE, XML, id="rows in XML"),
        pytest.param("ASK {}", TRUE, XML, id="a boolean in XML"),
        pytest.param(CONSTRUCT, GRAPH, "Content-Type: application/rdf+xml", id="RDF/XML"),
    ],
)
def test_xml_that_is_cut_between_two_elements_is_no_answer(
    text: str, body: bytes, media_type: str
) -> None:
    """The engine's parser takes what came until then for all there is."""
    with Canned(response(body, "200 OK", media_type)) as server:
        assert remote(server.address, text)
    for end in (b"</result>", b"</results>", b"</boolean>", b"</rdf:Description>"):
        if end in body:
            cut = body[: body.index(end) + len(end)]
            with (
                Canned(response(cut, "200 OK", media_type)) as server,
                pytest.raises(EngineRefused, match="not whole"),
            ):
                remote(server.address, text)


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        pytest.param(b'{"head":{"vars":["a"]},"x":' + DEEP, RESULTS, id="JSON"),
        pytest.param(TABLE[: TABLE.index(b"<res")] + b"<a>" * 100_000, XML, id="XML"),
    ],
)
def test_what_nests_without_end_is_refused_before_the_parser_follows(
    body: bytes, media_type: str
) -> None:
    with (
        Canned(response(body, "200 OK", media_type)) as server,
        pytest.raises(EngineRefused, match="nests deeper"),
    ):
        remote(server.address)


def test_nobody_listens() -> None:
    with Canned(b"") as server:
        address = server.address
    with pytest.raises(EngineUnavailable):
        remote(address)


def test_an_endpoint_that_stays_silent_is_left_at_the_deadline() -> None:
    with Canned(b"", seconds=10) as server:
        started = time.monotonic()
        with pytest.raises(QueryTooCostly):
            remote(server.address, deadline_seconds=0.5)

        assert time.monotonic() - started < 3
        assert server.hung_up.wait(2)
