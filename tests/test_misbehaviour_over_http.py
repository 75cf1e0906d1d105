"""Each misbehaviour of a source, as a client of `leadgraph serve` is told of it.

Each source misbehaves until it is told to be good: what failed must leave nothing behind. With `-s`
the table is printed: what the source did, the status and code that a client got, after how long,
and what was said with SERVICE SILENT.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import http_sf
import jsonschema_rs
import pytest
from pyoxigraph import RdfFormat, parse

from tests import misbehaving as m
from tests.misbehaving import Misbehaving
from tests.standins import BROWSER, JSON, XML, joined, linked_things, serving
from tests.test_serve import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.misbehaving import Behaviour, Conversation
    from tests.standins import Answer, Server

THINGS = 3
ANSWER_SECONDS, QUERY_SECONDS = 1.0, 4.0
LIMITS = {
    "service_answer_seconds": f"{ANSWER_SECONDS}",
    "service_seconds": f"{QUERY_SECONDS}",
    "service_bytes": "2000000",
    "service_rows": "1000",
    "client_queries": "64",
}
EVIL = "Evil"
"""Part of all that a source says to steer others: a header of ours, a log, a page, a terminal."""


def rows(label: str = "good", **others: object) -> bytes:
    """An answer with a row for each of our things; `others` change the members of its label."""
    labels = {"type": "literal", "value": label, **others}
    bindings = [
        {"theirs": {"type": "uri", "value": f"http://theirs/{n}"}, "label": labels}
        for n in range(THINGS)
    ]
    head = {"vars": ["theirs", "label"]}
    return json.dumps({"head": head, "results": {"bindings": bindings}}).encode()


GOOD = rows()
NESTED = GOOD.replace(b'"results": {', b'"results": {"x": ' + b"[" * 10_000 + b"]" * 10_000 + b",")
TWICE = GOOD.replace(b'"results":', b'"results":{"bindings":[]},"results":')
UNKNOWN = GOOD.replace(b'"label": {', b'"other": {"type": "literal", "value": "x"}, "label": {')
RELATIVE = GOOD.replace(b"http://theirs/1", b"1")
ENTITY = b"<!DOCTYPE sparql [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>" + m.as_xml(1).replace(
    b"http://example.org/0", b"&e;"
)
PAGE = b"<html><title>Sign in, Evil</title><script>alert('Evil')</script></html>"
WORDS = f"no{EVIL}\r\nSet-Cookie: {EVIL}=1\r\n\r\n<script>{EVIL}</script>\x1b[31m\0\u202e".encode()


def slow_head(conversation: Conversation) -> None:
    """Answer well, and late."""
    time.sleep(ANSWER_SECONDS + 0.5)
    conversation.answer(GOOD)


def split_head(conversation: Conversation) -> None:
    """Say in the reason what looks like a header."""
    conversation.send(
        f"HTTP/1.1 400 No\rSet-Cookie: {EVIL}=1\r\nX-A: b\r\n Location: http://{EVIL}/\r\n"
        "Content-Length: 2\r\n\r\nno".encode()
    )
    conversation.hang_up()


def no_http(conversation: Conversation) -> None:
    """Speak another protocol."""
    conversation.send(b"SSH-2.0-OpenSSH_9.6\r\n")
    conversation.hang_up()


@dataclass(frozen=True)
class Case:
    """What a source does, and the status and code of our answer; `most` are its seconds.

    One that `rests` is left alone for longer than a query lasts.
    """

    does: Behaviour
    status: int
    code: str
    most: float = 1.0
    rests: bool = False


def broken(does: Behaviour, most: float = 1.0) -> Case:
    """What is no answer."""
    return Case(does, 502, "source-broken", most)


def slow(does: Behaviour) -> Case:
    """What does not come in time: of three keys, of two, of one."""
    return Case(does, 504, "source-too-slow", QUERY_SECONDS + 1)


def refused(does: Behaviour, most: float = 1.0) -> Case:
    """What has a status that says no."""
    return Case(does, 502, "source-refused-query", most)


TRIED_AGAIN = QUERY_SECONDS + 0.5
"""Four times, at growing intervals, as long as there is time."""

CASES = {
    "says nothing": slow(m.silent),
    "sends its head too late": slow(slow_head),
    "drips its head": slow(m.dripping_head),
    "drips its body": slow(m.dripping_body),
    "resets in the middle": broken(m.resets, TRIED_AGAIN),
    "resets before the head": broken(m.resets_before_the_head, TRIED_AGAIN),
    "is no HTTP": broken(no_http),
    "headers without end": broken(m.endless_headers),
    "cuts JSON, against its length": broken(m.cut(GOOD, -20)),
    "cuts JSON, without a length": broken(m.cut_without_length),
    "cuts JSON, chunked": broken(m.without_last_chunk),
    "sends a page with 200": broken(m.sends(PAGE, content_type="text/html")),
    "sends CSV": broken(m.sends(b"theirs,label\r\n", content_type="text/csv")),
    "a boolean": broken(m.sends(b'{"head":{},"boolean":true}')),
    "429, Retry-After: 100": Case(
        m.says("429 Too Many", retry_after="100"), 503, "source-busy", 1.0, rests=True
    ),
    "429": Case(m.says("429 Too Many"), 503, "source-busy", TRIED_AGAIN, rests=True),
    "503, Retry-After: 100": Case(
        m.says("503 No", retry_after="100"), 503, "source-busy", 1.0, rests=True
    ),
    "503": refused(m.says("503 No"), TRIED_AGAIN),
    "500": refused(m.says("500 No")),
    "400 with words": refused(m.says("400 No", WORDS, content_type="text/plain")),
    "400 with words in JSON": refused(
        m.says("400 No", json.dumps({"detail": WORDS.decode()}).encode())
    ),
    "400 with headers in its reason": refused(split_head),
    "redirects": broken(m.says("302 Found", location=f"http://{EVIL}/\t<script>")),
    "204": broken(m.says("204 No Content")),
    "gzip bomb": Case(m.gzip_bomb, 502, "source-too-large", 3.0),
    "rows without end": Case(m.endless_rows, 400, "service-too-broad", 3.0),
    "bytes without end": Case(m.endless_bytes, 502, "source-too-large", 3.0),
    "gzip that is none": broken(m.sends(GOOD, content_encoding="gzip")),
    "gzip cut": broken(m.sends(gzip.compress(GOOD)[:-6], content_encoding="gzip")),
    "10,000 nested arrays": broken(m.sends(NESTED)),
    "a key twice": broken(m.sends(TWICE)),
    "a variable that is not declared": broken(m.sends(UNKNOWN)),
    "a relative IRI": broken(m.sends(RELATIVE)),
    "no UTF-8": broken(m.sends(GOOD.replace(b"good", b"\xff\xfe"))),
    "half a character": broken(m.sends(GOOD.replace(b"good", b"\\ud800"))),
    "an external entity": broken(m.sends(ENTITY, content_type=m.XML)),
}

WELL = {
    "blank nodes": rows("b0", type="bnode"),
    "a script": rows(f"</script><script>{EVIL}</script>"),
    "bidi": rows("\u202e\u2066good"),
    "quotes and ends": rows("\"'\"\"\"'''\\\r\n} # $& \\1"),
    "terms that the query does not ask for": GOOD.replace(b'"head": {', b'"head": {"link": [], '),
}


@dataclass
class Both:
    """A source for SERVICE, and one that does the same for SERVICE SILENT."""

    loud: Misbehaving
    silent: Misbehaving
    told: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def sources() -> Iterator[dict[str, Both]]:
    """All sources, each with its misbehaviour."""
    with contextlib.ExitStack() as stack:
        yield {
            name: Both(*(stack.enter_context(Misbehaving([case.does])) for _ in range(2)))
            for name, case in CASES.items()
        }


@pytest.fixture(scope="module")
def well() -> Iterator[dict[str, Misbehaving]]:
    """Sources that answer well, and strangely."""
    with contextlib.ExitStack() as stack:
        yield {
            name: stack.enter_context(Misbehaving([m.sends(body)])) for name, body in WELL.items()
        }


@pytest.fixture(scope="module")
def refusing() -> str:
    """Where nobody listens."""
    return f"http://127.0.0.1:{free_port()}/sparql"


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory,
    refusing: str,
    sources: dict[str, Both],
    well: dict[str, Misbehaving],
) -> Iterator[Server]:
    """A server of two processes that may ask them all."""
    folder = tmp_path_factory.mktemp("misbehaviour")
    data = linked_things(folder / "ours.nt", THINGS)
    each = [one for both in sources.values() for one in (both.loud, both.silent)]
    listed = " ".join(one.address for one in [*each, *well.values()])
    listed += f" {refusing}"
    with serving(data, folder / "state", listed, **LIMITS) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[list[str]]:
    """The lines that tell what a client got."""
    lines: list[str] = []
    yield lines
    sys.stdout.write("\n".join(["", *lines, ""]))


def line(name: str, answer: Answer, seconds: float, requests: int) -> str:
    """One line of the table."""
    return (
        f"{name:34} {answer.status} {answer.json['code']:22} {seconds:5.2f} s {requests} requests"
    )


def timed(server: Server, query: str, accept: str = JSON) -> tuple[Answer, float]:
    """An answer, and after how long it was there."""
    begun = time.monotonic()
    return server.ask(query, accept), time.monotonic() - begun


def came(source: Misbehaving, expected: int) -> int:
    """How many requests came; the last may have been sent, and given up, just now."""
    until = time.monotonic() + 1
    while len(source.came) < expected and time.monotonic() < until:
        time.sleep(0.01)
    return len(source.came)


def facts(answer: Answer) -> dict[str, object]:
    """What the header says of the one source."""
    ((_, found),) = http_sf.parse(answer.headers["LeadGraph-Sources"].encode(), tltype="list")
    return dict(found)


def require_harmless(answer: Answer) -> None:
    """Nothing of the source's words is a header, and no control character is in one."""
    for name, value in answer.headers.items():
        assert EVIL not in name + value
        assert re.fullmatch(r"[\x20-\x7e]*", value)
    assert "Set-Cookie" not in answer.headers


def ledger(server: Server, answer: Answer) -> dict[str, object]:
    """The only source of a ledger, in all of its forms: valid, and harmless on a page."""
    address = answer.ledger().partition("#")[0]
    told = server.get(address, accept="application/json").json
    schema = json.loads(server.get("/schemas/ledger.json").body)
    jsonschema_rs.validator_for(schema).validate(told)
    assert list(parse(server.get(address, accept="text/turtle").body, RdfFormat.TURTLE))
    page = server.get(address, accept=BROWSER)
    assert page.status == 200
    assert f"<script>{EVIL}".encode() not in page.body
    (asked,) = told["asked"]  # type: ignore[misc]
    assert isinstance(asked, dict)
    return asked


def require_nothing_kept(server: Server, source: Misbehaving, query: str) -> None:
    """As soon as the source is good, so is the answer, and it comes from there."""
    source.behaviours = [m.sends(GOOD)]
    before = len(source.came)
    answer = server.ask(query)

    assert answer.status == 200, answer.body
    assert len(answer.json["results"]["bindings"]) == THINGS  # type: ignore[index]
    assert answer.headers["LeadGraph-Answer"].startswith("complete")
    assert (facts(answer)["cached"], len(source.came)) == (0, before + 1)


@pytest.mark.parametrize("name", CASES)
def test_a_client_is_told_what_a_source_did(
    server: Server, sources: dict[str, Both], table: list[str], name: str
) -> None:
    case, source = CASES[name], sources[name].loud
    query = joined(source.address)
    answer, seconds = timed(server, query)
    requests = came(source, int(str(facts(answer)["requests"])))
    table.append(line(name, answer, seconds, requests))

    assert (answer.status, answer.json["code"]) == (case.status, case.code)
    assert answer.json["source"] == source.address
    assert source.address in str(answer.json["detail"])
    assert seconds < case.most
    assert "LeadGraph-Answer" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    require_harmless(answer)
    assert facts(answer)["requests"] == requests
    asked = ledger(server, answer)
    assert asked["failure"]["code"] == case.code  # type: ignore[index]
    assert (asked["requests"], asked["rows"], asked["cached_keys"]) == (requests, 0, 0)
    replayed = server.get(f"/sparql?replay={answer.ledger().rpartition('/')[2]}", accept=JSON)
    assert replayed.json["code"] == "replay-refused"
    if case.most <= 1:  # else the source would be left alone after that
        page = server.ask(query, BROWSER)
        assert page.status == case.status
        assert f"<script>{EVIL}".encode() not in page.body
    if case.rests:
        assert int(answer.headers["Retry-After"]) > 0
        assert server.ask(query).status == 503
        assert len(source.came) == requests
    else:
        require_nothing_kept(server, source, query)


@pytest.mark.parametrize("name", CASES)
def test_a_silent_service_makes_a_partial_answer_that_says_so(
    server: Server, sources: dict[str, Both], name: str
) -> None:
    case, source = CASES[name], sources[name].silent
    query = joined(source.address, "SILENT")
    answer, seconds = timed(server, query)

    assert answer.status == 200, answer.body
    assert seconds < case.most
    assert answer.headers["LeadGraph-Answer"].startswith("partial;sources=1;failed=1")
    assert str(facts(answer)["error"]) == case.code
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.ledger().endswith("#partial")
    assert answer.json["head"]["link"] == [answer.ledger()]  # type: ignore[index]
    assert [row.keys() for row in answer.json["results"]["bindings"]] == [{"ours"}] * THINGS  # type: ignore[index]
    require_harmless(answer)
    assert ledger(server, answer)["requests"] == came(source, int(str(facts(answer)["requests"])))
    replay = f"/sparql?replay={answer.ledger().rpartition('/')[2].partition('#')[0]}"
    again = server.get(replay, accept=JSON)
    assert (again.status, again.headers["LeadGraph-Answer"]) == (
        200,
        answer.headers["LeadGraph-Answer"],
    )
    as_xml = ET.fromstring(server.get(replay, accept=XML).body)
    assert answer.ledger() in {element.get("href") for element in as_xml.iter()}
    page = server.get(replay, accept=BROWSER)
    assert b'id="partial"' in page.body
    assert f"<script>{EVIL}".encode() not in page.body
    if not case.rests:
        require_nothing_kept(server, source, query)


def test_a_port_that_refuses_is_told_of(server: Server, refusing: str, table: list[str]) -> None:
    for silent, status in (("", 502), ("SILENT", 200)):
        answer, seconds = timed(server, joined(refusing, silent))

        assert answer.status == status
        assert seconds < TRIED_AGAIN
        require_harmless(answer)
        asked = ledger(server, answer)
        assert asked["failure"]["code"] == "source-unreachable"  # type: ignore[index]
        assert (asked["source"], asked["requests"]) == (refusing, 0)
        if not silent:
            assert (answer.json["code"], answer.json["source"]) == ("source-unreachable", refusing)
            table.append(line("refuses connections", answer, seconds, 0))


@pytest.mark.parametrize("name", WELL)
def test_what_is_strange_and_right_is_data(
    server: Server, well: dict[str, Misbehaving], name: str
) -> None:
    query = joined(well[name].address)
    answer = server.ask(query)
    found = answer.json["results"]["bindings"]  # type: ignore[index]
    sent = json.loads(WELL[name])["results"]["bindings"][0]["label"]

    assert (answer.status, len(found)) == (200, THINGS)
    if name != "blank nodes":
        assert [row["label"]["value"] for row in found] == [sent["value"]] * THINGS
    as_xml = ET.fromstring(server.ask(query, XML).body)
    assert len(list(as_xml.iter("{http://www.w3.org/2005/sparql-results#}result"))) == THINGS
    page = server.ask(query, BROWSER)
    assert page.status == 200
    assert f"<script>{EVIL}".encode() not in page.body
    ledger(server, answer)


def test_the_log_has_a_line_of_json_for_each_request_and_no_words_of_sources(
    server: Server, sources: dict[str, Both]
) -> None:
    quick = [sources[name].loud for name, case in CASES.items() if case.most <= 1]
    for source in quick:
        server.ask(joined(source.address))
    lines = server.log.read_text().splitlines()
    read = [json.loads(line) for line in lines if line.startswith("{")]

    assert len([line for line in read if line.get("route") == "/sparql"]) >= len(quick) > 10
    assert EVIL not in server.log.read_text()
    assert "Traceback" not in server.log.read_text()
    assert not [line for line in read if line.get("status") == 500]
