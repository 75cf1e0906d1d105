"""Queries with SERVICE over HTTP: what is answered, what is told of it, and what never happens."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import socket
import subprocess
import threading
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import http_sf
import jsonschema_rs
import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results
from SPARQLWrapper import JSON as WRAPPED_JSON
from SPARQLWrapper import XML as WRAPPED_XML
from SPARQLWrapper import SPARQLWrapper

from tests.endpoints import Canned, oxigraph
from tests.standins import (
    BROWSER,
    JSON,
    LABEL,
    MATCH,
    XML,
    Answer,
    Server,
    joined,
    labels,
    linked_things,
    serving,
)
from tests.test_serve import COMMAND, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

THINGS = 40
MANY = 6000


def response(status: str, body: bytes = b"", *fields: str) -> bytes:
    """What a source says, whatever it is asked."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *fields]
    return "\r\n".join([*lines, "", ""]).encode() + body


@contextmanager
def mute() -> Iterator[tuple[str, list[socket.socket]]]:
    """A source that takes every connection and never says a word; and who came."""
    came: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:

        def take() -> None:
            while True:
                try:
                    came.append(listener.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/sparql", came
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()
    for connection in came:
        connection.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where all of it lies."""
    return tmp_path_factory.mktemp("federated")


@pytest.fixture(scope="module")
def alive(folder: Path) -> Iterator[str]:
    """A source that answers."""
    with oxigraph([labels(folder / "labels.nt", MANY)]) as address:
        yield address


@pytest.fixture(scope="module")
def dead() -> Iterator[str]:
    """A source that understands nothing; one that is not there would soon be left alone."""
    with Canned(response("400 Bad Request", b"what?")) as canned:
        yield canned.address


@pytest.fixture(scope="module")
def busy() -> Iterator[str]:
    """A source that wants to be left alone."""
    with Canned(response("429 Too Many Requests", b"", "Retry-After: 100")) as canned:
        yield canned.address


@pytest.fixture(scope="module")
def server(folder: Path, alive: str, dead: str, busy: str) -> Iterator[Server]:
    """A server that may ask all three."""
    data = linked_things(folder / "ours.nt", THINGS)
    with serving(data, folder / "state", f"{alive} {dead} {busy}", workers="2") as running:
        yield running


@pytest.fixture(scope="module")
def large(folder: Path, alive: str) -> Iterator[Server]:
    """A server whose answers are too long to be sent as one piece."""
    data = linked_things(folder / "many.nt", MANY)
    with serving(data, folder / "large", alive, client_queries="64") as running:
        yield running


def sources(answer: Answer) -> list[tuple[str, dict[str, object]]]:
    """What the header says of each source."""
    return list(http_sf.parse(answer.headers["LeadGraph-Sources"].encode(), tltype="list"))


def completeness(answer: Answer) -> str:
    """Whether the header says that the answer is whole."""
    word, _ = http_sf.parse(answer.headers["LeadGraph-Answer"].encode(), tltype="item")
    return str(word)


def rows(body: bytes, row_format: QueryResultsFormat = QueryResultsFormat.JSON) -> list[list[str]]:
    """The solutions of an answer."""
    found = parse_query_results(body, row_format)
    assert isinstance(found, QuerySolutions)
    return sorted([str(term) for term in row] for row in found)


def expected(count: int) -> list[list[str]]:
    """What the join gives."""
    return sorted([f"<http://ours/{n}>", f'"thing {n}"@en'] for n in range(count))


def post(server: Server, query: str, kind: str) -> Answer:
    """Send a query in one of the ways of the protocol."""
    if kind == "GET":
        return server.ask(query)
    if kind == "form":
        body, media_type = urlencode({"query": query}), "application/x-www-form-urlencoded"
    else:
        body, media_type = query, "application/sparql-query"
    return server.send(
        "POST", "/sparql", body.encode(), {"content_type": media_type, "accept": JSON}
    )


@pytest.mark.parametrize("kind", ["GET", "form", "direct"])
def test_each_way_of_the_protocol_is_answered_and_nothing_keeps_the_answer(
    server: Server, alive: str, kind: str
) -> None:
    answer = post(server, joined(alive), kind)

    assert answer.status == 200, answer.body
    assert rows(answer.body) == expected(THINGS)
    assert (answer.headers["ETag"], answer.headers["Cache-Control"]) == (None, "no-store")
    assert completeness(answer) == "complete"
    ((source, facts),) = sources(answer)
    assert source == alive
    assert (facts["keys"], facts["rows"], str(facts["status"])) == (THINGS, THINGS, "complete")
    assert int(str(facts["requests"])) + int(str(facts["cached"])) >= 1


def test_the_answer_links_to_its_ledger_and_scripts_of_others_may_read_it(
    server: Server, alive: str
) -> None:
    answer = server.ask(joined(alive), origin="http://elsewhere.example")
    exposed = {name.strip() for name in answer.headers["Access-Control-Expose-Headers"].split(",")}

    assert answer.json["head"]["link"] == [answer.ledger()]  # type: ignore[index]
    assert answer.ledger().startswith(f"{server.root}/ledger/")
    assert {"LeadGraph-Answer", "LeadGraph-Sources", "Link", "Server-Timing"} <= exposed
    assert answer.headers["Timing-Allow-Origin"] == "*"
    assert re.search(
        r'local;dur=[\d.]+, source-1;desc="127[^"]*";dur=', answer.headers["Server-Timing"]
    )


def test_the_ledger_says_what_the_headers_say_and_is_valid_by_its_schema(
    server: Server, alive: str
) -> None:
    query = joined(alive)
    answer = server.ask(query, cache_control="no-cache")
    ((_, facts),) = sources(answer)
    ledger = server.get(answer.ledger(), accept="application/json").json
    schema = json.loads(server.get("/schemas/ledger.json").body)

    jsonschema_rs.validator_for(schema).validate(ledger)
    (asked,) = ledger["asked"]  # type: ignore[misc]
    assert (ledger["query"], ledger["partial"]) == (query, False)
    assert asked["source"] == alive
    assert (asked["requests"], asked["keys"], asked["rows"]) == (
        facts["requests"],
        facts["keys"],
        facts["rows"],
    )
    assert "VALUES" in asked["query"]
    assert LABEL in asked["query"]


def test_a_ledger_is_a_page_json_or_turtle_and_no_search_engine_takes_it(
    server: Server, alive: str
) -> None:
    address = server.ask(joined(alive)).ledger()
    kinds = {
        BROWSER: "text/html",
        "*/*": "application/json",
        "text/turtle": "text/turtle",
        "application/json": "application/json",
    }

    for accept, kind in kinds.items():
        found = server.get(address, accept=accept)
        assert (found.status, found.headers.get_content_type()) == (200, kind)
        assert found.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert found.headers["Cache-Control"] == "private, no-cache"
        assert found.headers["Access-Control-Allow-Origin"] == "*"
    for end, kind in (("json", "application/json"), ("ttl", "text/turtle"), ("html", "text/html")):
        assert server.get(f"{address}.{end}").headers.get_content_type() == kind
    assert server.get(f"{address}.rdf").status == 404
    assert server.get(address, accept="image/png").status == 406
    tag = server.get(address).headers["ETag"]
    assert server.get(address, if_none_match=tag).status == 304


def test_a_ledger_that_is_not_there_is_told_of_as_such(server: Server) -> None:
    for name in ("nobody", "a" * 22, "..", quote("é/../x"), "x'--"):
        found = server.get(f"/ledger/{name}", accept="application/json")
        assert found.status == 404
    assert server.get("/ledger/nobody").json["code"] == "ledger-missing"


def test_a_ledger_goes_after_its_time(folder: Path, alive: str) -> None:
    data = linked_things(folder / "few.nt", 2)
    with serving(data, folder / "short", alive, ledger_seconds="1") as running:
        address = running.ask(joined(alive)).ledger()
        assert running.get(address).status == 200
        time.sleep(1.2)

        assert running.get(address).json["code"] == "ledger-missing"
        assert running.get(f"/sparql?replay={address.rpartition('/')[2]}").status == 404


def test_what_an_operator_wrote_behind_an_address_stays_with_the_operator(
    folder: Path, dead: str
) -> None:
    data, named = linked_things(folder / "few.nt", 2), "https://mirrored.example.org/sparql"
    with serving(data, folder / "keyed", f"{named}#at={dead}?key=hunter2") as running:
        for silent in ("SILENT", ""):
            answer = running.ask(joined(named, silent))
            told = [running.get(f"{answer.ledger()}.{end}") for end in ("json", "ttl", "html")]

            assert dead in told[0].body.decode()
            for one in (answer, *told):
                assert "hunter2" not in f"{one.headers} {one.body.decode()}"


@pytest.mark.parametrize("accept", [JSON, XML, "text/csv", "text/tab-separated-values"])
def test_a_partial_answer_says_so_wherever_it_can(server: Server, dead: str, accept: str) -> None:
    answer = server.ask(joined(dead, "SILENT"), accept)
    ((source, facts),) = sources(answer)

    assert answer.status == 200, answer.body
    assert completeness(answer) == "partial"
    assert (source, str(facts["status"]), facts["silent"]) == (dead, "failed", True)
    assert str(facts["error"]) == "source-refused-query"
    assert answer.ledger().endswith("#partial")
    if accept == JSON:
        assert answer.json["head"]["link"] == [answer.ledger()]  # type: ignore[index]
    if accept == XML:
        assert answer.ledger() in {element.get("href") for element in ET.fromstring(answer.body)[0]}
    ledger = server.get(answer.ledger().partition("#")[0]).json
    assert ledger["partial"] is True


def test_the_page_of_a_partial_answer_and_its_ledger_show_that_it_is(
    server: Server, dead: str
) -> None:
    page = server.ask(joined(dead, "SILENT"), BROWSER)

    assert page.status == 200
    assert b'id="partial"' in page.body
    assert b"This answer is partial" in page.body
    assert completeness(page) == "partial"
    assert page.headers["Cache-Control"] == "no-store"
    ledger = server.get(page.ledger().partition("#")[0], accept=BROWSER)
    assert b'id="partial"' in ledger.body
    assert dead.encode() in ledger.body


@pytest.mark.parametrize("accept", [JSON, XML, "text/csv", BROWSER])
def test_a_failure_before_the_first_byte_is_a_status_that_names_the_source(
    server: Server, dead: str, accept: str
) -> None:
    answer = server.ask(joined(dead), accept)

    assert answer.status == 502
    assert "LeadGraph-Answer" not in answer.headers
    ledger = server.get(answer.ledger(), accept="application/json").json
    assert ledger["asked"][0]["failure"]["code"] == "source-refused-query"  # type: ignore[index]
    if accept == BROWSER:
        assert dead.partition("//")[2].encode() in answer.body
        assert answer.ledger().removeprefix(server.root).encode() in answer.body
    else:
        problem = answer.json
        assert (problem["code"], problem["source"]) == ("source-refused-query", dead)
        assert (problem["status"], problem["ledger"]) == (502, answer.ledger())
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_query_that_failed_cannot_be_replayed(server: Server, dead: str) -> None:
    name = server.ask(joined(dead)).ledger().rpartition("/")[2]
    answer = server.get(f"/sparql?replay={name}", accept=JSON)

    assert (answer.status, answer.json["code"]) == (409, "replay-refused")


def test_a_source_that_wants_a_pause_is_passed_on_with_its_seconds(
    server: Server, busy: str
) -> None:
    answer = server.ask(joined(busy))

    assert (answer.status, answer.json["code"]) == (503, "source-busy")
    assert answer.json["source"] == busy
    assert 1 <= int(answer.headers["Retry-After"]) <= 100


def test_a_source_that_is_not_listed_is_refused_and_nobody_connects_to_it(server: Server) -> None:
    with mute() as (address, came):
        for accept in (JSON, BROWSER):
            answer = server.ask(joined(address), accept)
            assert answer.status == 403
        problem = server.ask(joined(address)).json
        partial = server.ask(joined(address, "SILENT"))

    assert (problem["code"], problem["source"]) == ("service-refused", address)
    assert completeness(partial) == "partial"
    assert str(sources(partial)[0][1]["error"]) == "service-refused"
    assert came == []


def test_wikimedia_is_not_asked_without_a_contact(folder: Path) -> None:
    data = linked_things(folder / "few.nt", 2)
    wikidata = "https://query.wikidata.org/sparql"
    with serving(data, folder / "default", wikidata) as running:
        answer = running.ask(f"SELECT * {{ SERVICE <{wikidata}> {{ ?item <{LABEL}> ?label }} }}")

        assert (answer.status, answer.json["code"]) == (503, "contact-missing")
        assert answer.json["source"] == wikidata
        assert answer.headers["Retry-After"] is None


def test_without_a_list_nobody_is_asked(folder: Path, alive: str) -> None:
    data = linked_things(folder / "few.nt", 2)
    with serving(data, folder / "closed", "") as running:
        assert running.ask(joined(alive)).json["code"] == "service-refused"
        assert b"sd:BasicFederatedQuery" not in running.get("/sparql").body


@pytest.mark.parametrize("accept", [JSON, XML])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_long_answer_has_its_link_streamed_and_compressed(
    large: Server, alive: str, accept: str, encoding: str
) -> None:
    answer = large.ask(joined(alive, order=""), accept, accept_encoding=encoding)
    body = gzip.decompress(answer.body) if encoding == "gzip" else answer.body
    engine = QueryResultsFormat.JSON if accept == JSON else QueryResultsFormat.XML

    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert rows(body, engine) == expected(MANY)
    assert answer.ledger().encode() in body[:400]


def test_over_http_1_0_it_leaves_as_a_whole(large: Server, alive: str) -> None:
    request = f"GET /sparql?query={quote(joined(alive))} HTTP/1.0\r\nAccept: {JSON}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", large.port), timeout=60) as connection:
        connection.sendall(request.encode())
        received = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    head, _, body = received.partition(b"\r\n\r\n")

    assert b"Content-Length: %d" % len(body) in head
    assert len(rows(body)) == MANY
    assert b"/ledger/" in body[:200]


def test_ask_construct_and_head_are_told_of_as_well(server: Server, alive: str) -> None:
    theirs = f"?ours <{MATCH}> ?theirs . SERVICE <{alive}> {{ ?theirs <{LABEL}> ?label }}"
    said = server.ask(f"ASK {{ {theirs} }}")
    built = server.ask(f"CONSTRUCT {{ ?ours <{LABEL}> ?label }} {{ {theirs} }}", "text/turtle")
    head = server.send("HEAD", f"/sparql?{urlencode({'query': joined(alive)})}", None, {})

    assert said.json == {"head": {"link": [said.ledger()]}, "boolean": True}
    assert built.body.count(b"thing") == THINGS
    assert completeness(built) == "complete"
    assert (head.status, head.body, completeness(head)) == (200, b"", "complete")


@pytest.mark.parametrize("returned", [WRAPPED_JSON, WRAPPED_XML])
def test_the_clients_of_others_read_it(server: Server, alive: str, returned: str) -> None:
    wrapper = SPARQLWrapper(f"{server.root}/sparql")
    wrapper.setQuery(joined(alive))
    wrapper.setReturnFormat(returned)
    found = wrapper.query().convert()

    if returned == WRAPPED_JSON:
        assert isinstance(found, dict)
        assert len(found["results"]["bindings"]) == THINGS
    else:
        assert len(found.getElementsByTagName("result")) == THINGS  # type: ignore[union-attr]


@pytest.mark.parametrize("order", ["ORDER BY ?ours", ""])
def test_a_replay_gives_the_same_bytes_when_nobody_is_there_to_ask(
    folder: Path, order: str
) -> None:
    data = linked_things(folder / "few.nt", 20)
    port = ""
    with oxigraph([labels(folder / "few-labels.nt", 20)]) as source:
        query = joined(source, order=order)
        with serving(data, folder / f"replay{len(order)}", source) as running:
            first = {accept: running.ask(query, accept) for accept in (JSON, XML, "text/csv")}
        port = source
    with serving(data, folder / f"replay{len(order)}", port) as running:
        if order:
            assert running.ask(query, cache_control="no-cache").status == 502
        for accept, before in first.items():
            name = before.ledger().rpartition("/")[2]
            again = running.get(f"/sparql?replay={name}", accept=accept)
            both = running.get(
                f"/sparql?{urlencode({'query': query, 'replay': name})}", accept=accept
            )
            root = before.ledger().partition("/ledger")[0].encode()

            assert again.body == both.body
            assert again.body == before.body.replace(root, running.root.encode())
            assert sources(again) == sources(before)
            assert again.ledger().rpartition("/")[2] == name


def test_a_replay_may_be_in_another_format_and_is_a_page_for_people(
    server: Server, alive: str
) -> None:
    name = server.ask(joined(alive)).ledger().rpartition("/")[2]
    table = server.get(f"/sparql?replay={name}&format=csv", accept=JSON)
    page = server.get(f"/sparql?replay={name}", accept=BROWSER)

    assert table.body.count(b"thing") == THINGS
    assert page.body.count(b"thing ") == THINGS
    assert b"This is a replay" in page.body


def test_a_replay_of_another_query_or_of_nothing_is_refused(server: Server, alive: str) -> None:
    name = server.ask(joined(alive)).ledger().rpartition("/")[2]
    other = {"query": "ASK {}", "replay": name}
    graphs = {"default-graph-uri": "http://a/", "replay": name}

    assert server.get(f"/sparql?{urlencode(other)}").status == 400
    assert server.get(f"/sparql?{urlencode(graphs)}").status == 400
    assert server.get(f"/sparql?replay={name}&replay={name}").status == 400
    assert server.get("/sparql?replay=nobody").json["code"] == "ledger-missing"
    assert server.get("/sparql?replay=").status == 404
    assert server.get("/sparql?replay=nobody", accept=BROWSER).status == 404


def test_a_replay_over_other_data_is_refused(folder: Path, alive: str) -> None:
    data, state = folder / "changing.nt", folder / "changing"
    with serving(linked_things(data, 3), state, alive) as running:
        name = running.ask(joined(alive)).ledger().rpartition("/")[2]
    with serving(linked_things(data, 4), state, alive) as running:
        answer = running.get(f"/sparql?replay={name}", accept=JSON)
        ledger = running.get(f"/ledger/{name}", accept=BROWSER)

        assert (answer.status, answer.json["code"]) == (409, "replay-refused")
        assert b"replay=" not in ledger.body


def test_what_is_new_each_time_cannot_be_replayed(server: Server, alive: str) -> None:
    query = joined(alive).replace("?label {", "?label (NOW() AS ?now) {", 1)
    answer = server.ask(query)

    assert answer.status == 200, answer.body
    assert ";replay" not in answer.headers["LeadGraph-Answer"]
    name = answer.ledger().rpartition("/")[2]
    assert server.get(f"/sparql?replay={name}").json["code"] == "replay-refused"


def test_what_a_source_was_asked_of_the_time_can_be_replayed(server: Server, alive: str) -> None:
    query = joined(alive).replace("?label }", "?label FILTER(YEAR(NOW()) > 2000) }", 1)
    answer = server.ask(query)
    name = answer.ledger().rpartition("/")[2]

    assert len(rows(answer.body)) == THINGS
    assert server.get(f"/sparql?replay={name}", accept=JSON).body == answer.body


def asked(answer: Answer) -> int:
    """How many requests were sent for an answer."""
    return sum(int(str(facts["requests"])) for _, facts in sources(answer))


@pytest.mark.parametrize(
    ("fields", "requests"),
    [
        ({}, 0),
        ({"cache_control": "no-cache"}, 1),
        ({"cache_control": "max-age=0"}, 1),
        ({"pragma": "no-cache"}, 1),
        ({"cache_control": "max-age=60", "pragma": "no-cache"}, 0),
    ],
)
def test_a_program_can_have_the_sources_asked_anew(
    server: Server, alive: str, fields: dict[str, str], requests: int
) -> None:
    server.ask(joined(alive))

    assert asked(server.ask(joined(alive), **fields)) == requests


def test_a_page_that_is_loaded_again_asks_nobody_anew(server: Server, alive: str) -> None:
    server.ask(joined(alive))

    page = server.ask(joined(alive), BROWSER, cache_control="no-cache")
    assert asked(page) == 0


def test_light_queries_are_answered_while_sources_hang(folder: Path) -> None:
    """Eight queries wait for a source that says nothing; whoever asks this graph alone is quick."""
    data = linked_things(folder / "few.nt", 2)
    limits = {"workers": "1", "threads": "16", "service_seconds": "4", "client_queries": "8"}
    with (
        mute() as (address, came),
        serving(data, folder / "hanging", f"{address}#at_once=16", **limits) as running,
        ThreadPoolExecutor(9) as pool,
    ):
        queries = [joined(address, order=f"LIMIT {n + 1}") for n in range(8)]
        hanging = [pool.submit(running.ask, query) for query in queries]
        until = time.monotonic() + 4
        while not came and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.5)
        started = time.monotonic()
        light = [running.ask(f"ASK {{ ?s ?p {n} }}").status for n in range(20)]
        seconds = time.monotonic() - started
        ninth = running.ask(joined(address, order="LIMIT 99"))
        ended = {(it.status, it.json["code"]) for it in (one.result() for one in hanging)}

    assert light == [200] * 20
    assert seconds < 1.5
    assert (ninth.status, ninth.json["code"]) == (429, "client-busy")
    left_alone = (503, "source-busy")  # by who would have tried again after five had failed
    assert ended <= {(504, "source-too-slow"), (504, "federation-too-slow"), left_alone}


def test_half_of_the_threads_are_kept_for_all_else(folder: Path) -> None:
    data = linked_things(folder / "few.nt", 2)
    limits = {"workers": "1", "threads": "4", "service_seconds": "2.5", "client_queries": "64"}
    with (
        mute() as (address, _),
        serving(data, folder / "few-threads", f"{address}#at_once=16", **limits) as running,
        ThreadPoolExecutor(6) as pool,
    ):
        queries = [joined(address, order=f"LIMIT {n + 1}") for n in range(6)]
        waiting = [pool.submit(running.ask, query) for query in queries]
        time.sleep(1)
        light = running.ask("ASK {}").status
        found = [one.result() for one in waiting]

    assert light == 200
    assert sorted(answer.status for answer in found) == [503] * 4 + [504] * 2
    refused = next(answer for answer in found if answer.status == 503)
    assert refused.json["code"] == "engine-busy"
    assert int(refused.headers["Retry-After"]) > 0


def test_metrics_count_by_listed_source_and_outcome(server: Server, alive: str, dead: str) -> None:
    server.ask(joined(alive), cache_control="no-cache")
    server.ask(joined(alive))
    server.ask(joined(dead, "SILENT"))
    server.ask("ASK { SERVICE <http://nobody.example/> { ?s ?p ?o } }")
    text = server.get("/metrics").body.decode()

    def count(name: str, **labels: str) -> float:
        wanted = ",".join(f'{label}="{value}"' for label, value in labels.items())
        found = re.search(rf"^leadgraph_{name}{{{re.escape(wanted)}}} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else 0

    assert count("source_parts_total", outcome="answered", source=alive) >= 2
    assert count("source_parts_total", outcome="source-refused-query", source=dead) >= 1
    assert count("source_requests_total", source=alive) >= 1
    assert count("source_cached_keys_total", source=alive) >= THINGS
    assert count("source_seconds_count", source=alive) >= 2
    assert "nobody.example" not in text


def test_the_log_tells_how_many_were_asked_and_what_failed_and_no_secret(
    server: Server, dead: str
) -> None:
    answer = server.ask(joined(dead, "SILENT"))
    name = answer.ledger().rpartition("/")[2].partition("#")[0]
    server.get(f"/ledger/{name}")
    server.get(f"/sparql?replay={name}")
    request = answer.headers["X-Request-Id"]
    for _ in range(100):
        lines = [
            json.loads(line) for line in server.log.read_text().splitlines() if line[:1] == "{"
        ]
        found = [line for line in lines if line.get("request_id") == request]
        if found:
            break
        time.sleep(0.02)
    (line,) = found

    assert (line["sources"], line["source_failures"]) == (1, "source-refused-query")
    assert line["source_requests"] >= 1
    assert name not in server.log.read_text()


@pytest.mark.parametrize(
    "allow", ["nonsense", "file:///etc/passwd", "http://a/ http://a/", "http://a/#block=0"]
)
def test_a_list_that_is_none_ends_the_server_before_it_begins(folder: Path, allow: str) -> None:
    data = linked_things(folder / "few.nt", 2)
    ended = subprocess.run(
        [*COMMAND, str(data), "--port", str(free_port())],
        env={"PATH": "/usr/bin:/bin", "LEADGRAPH_SERVICE_ALLOW": allow},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert "LEADGRAPH_SERVICE_ALLOW" in ended.stderr


def test_hostile_text_in_a_ledger_is_text(server: Server, alive: str) -> None:
    bad = "</code></pre><script>alert(1)</script>"
    query = joined(alive).replace("?label }", f'?label . FILTER(?label != "{bad}") }}', 1)
    page = server.get(server.ask(query).ledger(), accept=BROWSER)

    assert page.status == 200
    assert b"<script" not in page.body
    assert b"&lt;script&gt;alert(1)" in page.body
    assert "script-src" not in page.headers["Content-Security-Policy"]


def test_a_server_under_another_name_links_to_itself_under_that_name(
    server: Server, alive: str
) -> None:
    named = server.ask(joined(alive), host="graph.example:8080")
    hostile = server.ask(joined(alive), host='a"><b')

    assert named.ledger().startswith("http://graph.example:8080/ledger/")
    assert re.fullmatch(
        r"<https?://[a-z0-9./:_-]+/ledger/[\w-]+>; rel=\S+", hostile.headers["Link"], re.I
    )


def test_a_client_that_hangs_up_frees_its_place(folder: Path) -> None:
    data = linked_things(folder / "few.nt", 2)
    limits = {"workers": "1", "client_queries": "1", "service_seconds": "30"}
    with (
        mute() as (address, came),
        serving(data, folder / "leaving", address, **limits) as running,
    ):
        with closing(socket.create_connection(("127.0.0.1", running.port))) as connection:
            path = f"/sparql?query={quote(joined(address))}"
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            until = time.monotonic() + 10
            while not came and time.monotonic() < until:
                time.sleep(0.02)
            assert running.ask(joined(address)).status == 429
        until = time.monotonic() + 5
        while time.monotonic() < until:
            busy = running.get("/metrics").body
            if b'code="client-left"' in busy:
                break
            time.sleep(0.1)

        assert b'code="client-left"' in busy


def test_a_source_that_is_not_there_is_told_of_by_its_name(folder: Path) -> None:
    data = linked_things(folder / "few.nt", 2)
    nobody = f"http://127.0.0.1:{free_port()}/sparql"
    with serving(data, folder / "nobody", nobody) as running:
        answer = running.ask(joined(nobody))

    assert (answer.status, answer.json["code"]) == (502, "source-unreachable")
    assert answer.json["source"] == nobody


@pytest.mark.parametrize("state", ["kept", "file/kept"])
def test_where_nothing_can_be_written_ledgers_live_as_long_as_the_server(
    folder: Path, alive: str, state: str
) -> None:
    """A file where the folder should be: there not even root can write."""
    (folder / "file").write_text("")
    data = linked_things(folder / "few.nt", 2)
    with serving(data, folder / state, alive) as running:
        address = running.ask(joined(alive)).ledger()

        assert running.get(address).status == 200
        assert (folder / state / "link").exists() == (state == "kept")
        shutil.rmtree(folder / state, ignore_errors=True)
        again = running.ask(joined(alive))
        assert again.status == 200
        assert running.get(again.ledger()).status == 200
