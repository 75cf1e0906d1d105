"""Another endpoint is asked within walls: whatever it does, an answer is whole or an error."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import threading
import time
import zlib
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode

from leadgraph.errors import (
    ClientLeft,
    ContactMissing,
    ServiceRefused,
    ServiceTooBroad,
    SourceBroken,
    SourceError,
    SourceRefusedQuery,
    SourceTooLarge,
    SourceTooSlow,
    SourceUnreachable,
)
from leadgraph.link.source import walls
from leadgraph.link.source.endpoint import Network, Received
from leadgraph.link.source.sources import Source, Sources
from leadgraph.model import Client
from leadgraph.settings import Settings
from tests import misbehaving as m
from tests.endpoints import oxigraph
from tests.misbehaving import Misbehaving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.misbehaving import Behaviour, Conversation

TEXT = "SELECT ?x { ?x ?y ?z }"
LIMIT = 1_000_000


class Asked:
    """A server, and a network that may ask it."""

    def __init__(self, server: Misbehaving, folder: Path, **settings: object) -> None:
        self.server = server
        chosen = {"service_allow": server.address, "service_bytes": LIMIT} | settings
        self.settings = Settings(**chosen)  # type: ignore[arg-type]
        self.source = Sources.from_settings(self.settings).find(server.address)
        self.network = Network(self.settings, folder)

    def ask(
        self, seconds: float = 5.0, client: Client | None = None, most_rows: int | None = None
    ) -> Received:
        """Ask it."""
        deadline = time.monotonic() + seconds
        return self.network.ask(
            self.source, TEXT, deadline=deadline, client=client, most_rows=most_rows
        )


@contextmanager
def misbehaving(folder: Path, *behaviours: Behaviour, **settings: object) -> Iterator[Asked]:
    """A server that does as told."""
    with Misbehaving(behaviours) as server:
        asked = Asked(server, folder, **settings)
        try:
            yield asked
        finally:
            asked.network.close()


def refusal(
    folder: Path, behaviour: Behaviour, seconds: float = 0.5, **settings: object
) -> SourceError:
    """The error that a behaviour leads to, which tells what was asked."""
    with misbehaving(folder, behaviour, **settings) as asked:
        begun = time.monotonic()
        with pytest.raises(SourceError) as raised:
            asked.ask(seconds)
        assert time.monotonic() - begun < seconds + 0.5
        error = raised.value
        assert error.source == asked.source.iri
        assert asked.source.iri in str(error)
        assert error.status >= 400
        assert error.requests == len(asked.server.came)
    return error


# What is well-behaved.


def test_rows_come_with_what_it_took(tmp_path: Path) -> None:
    with misbehaving(tmp_path, m.sends(m.results(2))) as asked:
        received = asked.ask()

    assert received.table.variables == ("x",)
    assert received.table.rows == (
        (NamedNode("http://example.org/0"),),
        (NamedNode("http://example.org/1"),),
    )
    assert received.requests == 1
    assert len(m.results(2)) < received.received_bytes < len(m.results(2)) + 200
    assert 0 < received.seconds < 1


def test_the_request_is_sparqlwrappers_with_the_agent(tmp_path: Path) -> None:
    with misbehaving(tmp_path, m.good, contact="team@example.org") as asked:
        asked.ask()
        (came,) = asked.server.came

    assert came.line == "POST /sparql HTTP/1.1"
    assert came.query == TEXT
    assert came.headers["host"] == f"127.0.0.1:{asked.server.port}"
    assert came.headers["content-type"] == "application/x-www-form-urlencoded"
    assert came.headers["accept"].startswith("application/sparql-results+json, ")
    assert came.headers["user-agent"] == (
        "LeadGraph/0.1 (+https://w3id.org/leadgraph/; team@example.org)"
    )
    assert not {"cookie", "authorization"} & set(came.headers)


@pytest.mark.parametrize(
    "text",
    [
        "# INSERT DATA\nSELECT ?x { ?x ?p 'DROP ALL # ' } # DELETE",
        "PREFIX é: <http://é.example/>\n" + "\n" * 5000 + 'SELECT ?x { ?x ?p """\'&=+%""" }',
        "PREFIX a: <http://a/>\n" + "PREFIX  " * 500 + "SELECT",
    ],
)
def test_a_query_arrives_as_it_is_whatever_it_looks_like(tmp_path: Path, text: str) -> None:
    with misbehaving(tmp_path, m.good) as asked:
        asked.network.ask(asked.source, text, deadline=time.monotonic() + 1)

        assert asked.server.came[0].query == text


def test_a_real_endpoint_is_asked(tmp_path: Path, small_dataset: Path) -> None:
    with oxigraph([small_dataset]) as address:
        settings = Settings(service_allow=address)
        (source,) = Sources.from_settings(settings).listed
        network = Network(settings, tmp_path)
        text = "SELECT ?o ?none { <http://example.org/a> ?p ?o } ORDER BY DESC(?o)"
        received = network.ask(source, text, deadline=time.monotonic() + 5)
        with pytest.raises(SourceRefusedQuery) as refused:
            network.ask(source, "SELECT nonsense", deadline=time.monotonic() + 5)
        network.close()

    assert received.table.variables == ("o", "none")
    assert set(received.table.rows) == {
        (Literal("one", language="en"), None),
        (Literal("<script>alert(1)</script>"), None),
    }
    assert refused.value.source_status == 400
    assert "expected" in refused.value.words
    assert refused.value.requests == 1


def test_the_connection_lives_on(tmp_path: Path) -> None:
    with misbehaving(tmp_path, m.good) as asked:
        for _ in range(5):
            asked.ask()

        assert (asked.server.connections, len(asked.server.came)) == (1, 5)


def test_a_connection_that_died_meanwhile_is_replaced(tmp_path: Path) -> None:
    with misbehaving(tmp_path, m.hangs_up_after) as asked:
        assert asked.ask().requests == 1
        time.sleep(0.1)
        assert asked.ask().requests == 1


def test_a_connection_that_dies_under_the_request_is_replaced_once(tmp_path: Path) -> None:
    with misbehaving(tmp_path, m.good, m.resets_before_the_head, m.good) as asked:
        asked.ask()
        received = asked.ask(0.4)

        assert received.requests == 2
        assert asked.server.connections == 2


def test_an_answer_in_xml_is_read(tmp_path: Path) -> None:
    with misbehaving(tmp_path, m.sends(m.as_xml(2), content_type=m.XML)) as asked:
        assert len(asked.ask().table.rows) == 2


def deflated(data: bytes, bits: int) -> bytes:
    """A body for Content-Encoding: deflate, of either kind."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, bits)
    return compressor.compress(data) + compressor.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(m.results(3))),
        ("GZIP", gzip.compress(m.results(3)[:50]) + gzip.compress(m.results(3)[50:])),
        ("x-gzip", gzip.compress(m.results(3))),
        ("deflate", deflated(m.results(3), 15)),
        ("deflate", deflated(m.results(3), -15)),
        ("identity", m.results(3)),
    ],
)
def test_compressed_answers_are_read(tmp_path: Path, encoding: str, body: bytes) -> None:
    with misbehaving(tmp_path, m.sends(body, content_encoding=encoding)) as asked:
        received = asked.ask()

    assert len(received.table.rows) == 3
    assert received.received_bytes < len(body) + 200


def test_as_many_rows_as_may_come_do(tmp_path: Path) -> None:
    with misbehaving(tmp_path, m.sends(m.results(10))) as asked:
        assert len(asked.ask(most_rows=10).table.rows) == 10


# What is not.


def test_a_refused_connection_is_tried_once_more_and_told(tmp_path: Path) -> None:
    with Misbehaving([m.good]) as server:
        asked = Asked(server, tmp_path)
    begun = time.monotonic()
    with pytest.raises(SourceUnreachable, match="connection refused") as refused:
        asked.ask()

    assert 0.1 < time.monotonic() - begun < 0.6
    assert (refused.value.requests, refused.value.received_bytes) == (0, 0)


@pytest.mark.parametrize("behaviour", [m.silent, m.dripping_head, m.dripping_body])
def test_who_is_slow_is_left_at_the_deadline(tmp_path: Path, behaviour: Behaviour) -> None:
    error = refusal(tmp_path, behaviour, 0.7)

    assert isinstance(error, SourceTooSlow)
    assert error.status == 504


def test_one_request_may_not_take_the_time_of_all(tmp_path: Path) -> None:
    with misbehaving(tmp_path, m.silent, service_answer_seconds=0.3) as asked:
        begun = time.monotonic()
        with pytest.raises(SourceTooSlow):
            asked.ask(10)

    assert time.monotonic() - begun < 1


@pytest.mark.parametrize("behaviour", [m.resets, m.resets_before_the_head])
def test_a_reset_is_tried_again_and_told(tmp_path: Path, behaviour: Behaviour) -> None:
    with misbehaving(tmp_path, behaviour) as asked:
        with pytest.raises(SourceBroken, match="reset by peer") as broken:
            asked.ask(1.5)

        assert broken.value.requests == len(asked.server.came) > 1


def test_a_reset_that_passes_is_not_noticed(tmp_path: Path) -> None:
    with misbehaving(tmp_path, m.resets, m.good) as asked:
        assert asked.ask().requests == 2


WHOLE = m.results(5)


CUT = {
    "shorter than announced": m.cut(WHOLE, -20),
    "announced only": m.cut(WHOLE, 0),
    "cut and announced so": m.sends(WHOLE[:-20]),
    "without its last bracket": m.sends(WHOLE[:-1]),
    "empty": m.sends(b""),
    "cut, without a length": m.cut_without_length,
    "without the last chunk": m.without_last_chunk,
    "cut, with the last chunk": m.chunked_and_cut,
    "XML shorter than announced": m.cut(m.as_xml(5), -20, content_type=m.XML),
    "XML without its last tag": m.sends(m.as_xml(5)[:-9], content_type=m.XML),
    "XML cut after a row": m.sends(m.as_xml(5)[:-19], content_type=m.XML),
    "gzip cut in its data": m.sends(gzip.compress(WHOLE)[:-9], content_encoding="gzip"),
    "gzip cut in its checksum": m.sends(gzip.compress(WHOLE)[:-4], content_encoding="gzip"),
    "deflate cut": m.sends(deflated(WHOLE, 15)[:-2], content_encoding="deflate"),
}


@pytest.mark.parametrize("behaviour", CUT.values(), ids=CUT)
def test_a_cut_answer_is_no_answer(tmp_path: Path, behaviour: Behaviour) -> None:
    assert isinstance(refusal(tmp_path, behaviour), SourceBroken)


TRACE = b"\njava.util.concurrent.TimeoutException\n\tat com.bigdata.rdf.sail.webapp"
NESTED = b'{"type":"triple","value":{"subject":'


DEEP = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":'
DEEP_XML = m.as_xml(1).replace(b"<uri>", b"<triple><subject>" * 20_000)
ENTITY = m.as_xml(1).replace(b"<sparql", b"<!DOCTYPE x [<!ENTITY a 'b'>]><sparql")
NAMES = [f"v{n}" for n in range(50_000)]
DECLARED = json.dumps({"head": {"vars": NAMES}, "results": {"bindings": []}}).encode()
DECLARED_XML = m.as_xml(1).replace(
    b"</head>", "".join(f'<variable name="{name}"/>' for name in NAMES).encode() + b"</head>"
)
WIDE = json.dumps({"head": {"vars": NAMES[:1000]}, "results": {"bindings": [{}] * 20_000}}).encode()
NO_ANSWER = {
    "variables without end": m.sends(DECLARED),
    "variables without end in XML": m.sends(DECLARED_XML, content_type=m.XML),
    "rows that are short there and wide here": m.sends(WIDE),
    "a stack trace after a cut": m.sends(WHOLE[:-20] + TRACE),
    "a stack trace after the end": m.sends(WHOLE + TRACE),
    "two documents": m.sends(WHOLE + WHOLE),
    "a stack trace after XML": m.sends(m.as_xml(2) + TRACE, content_type=m.XML),
    "much more than announced": m.sends(WHOLE, content_length="10"),
    "a byte more than announced": m.sends(WHOLE + b" ", content_length=f"{len(WHOLE)}"),
    "two lengths": m.sends(WHOLE, content_length=f"{len(WHOLE)}, 7"),
    "a negative length": m.sends(WHOLE, content_length="-1"),
    "NUL": m.sends(WHOLE.replace(b'"uri"', b'"u\0ri"')),
    "no UTF-8": m.sends(WHOLE.replace(b"example.org/0", b"example.org/\xff")),
    "NUL in XML": m.sends(m.as_xml(1).replace(b"org/0", b"org/\0"), content_type=m.XML),
    "a relative IRI": m.sends(WHOLE.replace(b"http://example.org/3", b"relative")),
    "an IRI that ends": m.sends(WHOLE.replace(b"http://example.org/3", b"http://a/> } DROP ALL #")),
    "a variable that is none": m.sends(WHOLE.replace(b'["x"]', b'["x} DROP"]')),
    "a variable that is not declared": m.sends(WHOLE.replace(b'["x"]', b'["y"]')),
    "yes": m.sends(b'{"head":{},"boolean":true}'),
    "another document": m.sends(b'{"error":"timeout"}'),
    "brackets": m.sends(b"[" * 100_000),
    "triples in triples": m.sends(DEEP + NESTED * 20_000),
    "triples in triples in XML": m.sends(DEEP_XML, content_type=m.XML),
    "a document type": m.sends(ENTITY, content_type=m.XML),
    "gzip that is none": m.sends(WHOLE, content_encoding="gzip"),
    "another encoding": m.sends(WHOLE, content_encoding="br"),
    "two encodings": m.sends(gzip.compress(WHOLE), content_encoding="gzip, gzip"),
    "more after gzip": m.sends(gzip.compress(WHOLE) + b"more", content_encoding="gzip"),
    "part of it, out of time": m.sends(WHOLE, x_sql_state="S1TAT"),
    "part of it, by the server's limit": m.sends(WHOLE, x_sparql_maxrows="5"),
}


@pytest.mark.parametrize("behaviour", NO_ANSWER.values(), ids=NO_ANSWER)
def test_what_is_no_answer_is_never_taken_for_one(tmp_path: Path, behaviour: Behaviour) -> None:
    assert isinstance(refusal(tmp_path, behaviour), SourceBroken)


@pytest.mark.parametrize("cut_at", range(0, len(WHOLE), 7))
def test_wherever_json_is_cut_it_is_noticed(tmp_path: Path, cut_at: int) -> None:
    assert isinstance(refusal(tmp_path, m.sends(WHOLE[:cut_at])), SourceBroken)


def test_commas_and_many_rows_are_no_variables(tmp_path: Path) -> None:
    names = NAMES[:900]
    row = {name: {"type": "literal", "value": ",,,"} for name in names[:3]}
    body = {"head": {"vars": names}, "results": {"bindings": [row] * 2000}}
    with misbehaving(tmp_path, m.sends(json.dumps(body, indent=1).encode())) as asked:
        assert len(asked.ask(20, most_rows=5000).table.rows) == 2000


def test_brackets_in_strings_are_no_nesting(tmp_path: Path) -> None:
    value = '[{"\\' * 50_000
    body = {"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type": "literal"}}]}}
    body["results"]["bindings"][0]["x"]["value"] = value  # type: ignore[index]
    with misbehaving(tmp_path, m.sends(json.dumps(body).encode())) as asked:
        assert asked.ask().table.rows == ((Literal(value),),)


@pytest.mark.parametrize(
    "media_type",
    ["text/html", "text/html; charset=utf-8", "text/csv", "application/octet-stream", "x", ""],
)
def test_a_page_with_status_200_is_no_answer(tmp_path: Path, media_type: str) -> None:
    error = refusal(tmp_path, m.sends(b"<html><title>Sign in</title>", content_type=media_type))

    assert isinstance(error, SourceBroken)
    assert media_type.partition(";")[0] in error.reason or media_type == "x"


def test_no_media_type_is_no_answer(tmp_path: Path) -> None:
    def untyped(conversation: Conversation) -> None:
        conversation.head(content_length=str(len(WHOLE)))
        conversation.send(WHOLE)

    assert "without a media type" in str(refusal(tmp_path, untyped))


@pytest.mark.parametrize("media_type", ["application/json", "Application/SPARQL-Results+JSON ;v=1"])
def test_json_under_a_plainer_name_is_an_answer(tmp_path: Path, media_type: str) -> None:
    with misbehaving(tmp_path, m.sends(WHOLE, content_type=media_type)) as asked:
        assert len(asked.ask().table.rows) == 5


@pytest.mark.parametrize("behaviour", [m.endless_rows, m.endless_bytes, m.gzip_bomb])
def test_an_answer_ends_at_its_longest(tmp_path: Path, behaviour: Behaviour) -> None:
    error = refusal(tmp_path, behaviour, 5.0)

    assert isinstance(error, SourceTooLarge)
    assert error.limit_bytes == LIMIT
    assert error.received_bytes < 1.2 * LIMIT


def test_endless_rows_end_at_the_most_and_the_connection_with_them(tmp_path: Path) -> None:
    ended = threading.Event()

    def rows(conversation: Conversation) -> None:
        try:
            m.endless_rows(conversation)
        finally:
            ended.set()

    with misbehaving(tmp_path, rows) as asked:
        with pytest.raises(ServiceTooBroad) as broad:
            asked.ask(most_rows=1000)

        assert ended.wait(2)
    assert (broad.value.limit, broad.value.what, broad.value.requests) == (1000, "rows", 1)
    assert broad.value.received_bytes < 500_000


@pytest.mark.parametrize("behaviour", [m.endless_headers, m.endless_header, m.endless_promises])
def test_a_head_ends_at_its_longest(tmp_path: Path, behaviour: Behaviour) -> None:
    error = refusal(tmp_path, behaviour, 5.0)

    assert isinstance(error, SourceBroken)
    assert error.received_bytes < 200_000


@pytest.mark.parametrize(
    "said", [b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\0" * 100 + b"\n", b"\r\n"]
)
def test_what_is_no_http_is_no_answer(tmp_path: Path, said: bytes) -> None:
    def speak(conversation: Conversation) -> None:
        conversation.send(said)
        conversation.hang_up()

    assert isinstance(refusal(tmp_path, speak), SourceBroken)


@pytest.mark.parametrize(
    ("status", "body", "headers", "words"),
    [
        (400, b"Parse error at line 1", {"content_type": "text/plain"}, "Parse error at line 1"),
        (400, b'{"detail":"No such prefix"}', {}, "No such prefix"),
        (
            404,
            b"<html><title>Not &lt;here&gt;</title>",
            {"content_type": "text/html"},
            "Not <here>",
        ),
        (403, b"a\r\nb\x1b[31m\xff", {}, "a b[31m\N{REPLACEMENT CHARACTER}"),
        (500, b"SPARQL-QUERY: x\na.TimeoutException: too late\n\tat b", {}, "too late"),
        (401, b"", {"www_authenticate": "Basic"}, ""),
    ],
)
def test_a_refusal_is_told_in_the_sources_words_and_not_repeated(
    tmp_path: Path, status: int, body: bytes, headers: dict[str, str], words: str
) -> None:
    error = refusal(tmp_path, m.says(f"{status} No", body, **headers), 3.0)

    assert isinstance(error, SourceRefusedQuery)
    assert error.source_status == status
    assert error.words.endswith(words)
    assert error.requests == 1


def test_the_words_of_a_refusal_have_an_end(tmp_path: Path) -> None:
    def endless(conversation: Conversation) -> None:
        conversation.head("400 Bad Request", content_type="text/plain")
        while True:
            conversation.send(b"word " * 1000)

    error = refusal(tmp_path, endless, 3.0)

    assert isinstance(error, SourceRefusedQuery)
    assert len(error.words) <= 300


def test_a_refusal_whose_words_drip_is_told_without_them(tmp_path: Path) -> None:
    def drips(conversation: Conversation) -> None:
        conversation.head("400 Bad Request", content_type="text/plain")
        while True:
            conversation.send(b"x")
            time.sleep(0.1)

    error = refusal(tmp_path, drips)

    assert isinstance(error, SourceRefusedQuery)
    assert error.source_status == 400


@pytest.mark.parametrize("status", [502, 503, 504])
def test_what_may_pass_is_tried_again(tmp_path: Path, status: int) -> None:
    with misbehaving(tmp_path, m.says(f"{status} Later"), m.good) as asked:
        assert asked.ask().requests == 2


def test_what_does_not_pass_is_tried_three_times_more_at_growing_intervals(tmp_path: Path) -> None:
    with misbehaving(tmp_path, m.says("503 Later", b"down for repairs")) as asked:
        with pytest.raises(SourceRefusedQuery, match="down for repairs") as refused:
            asked.ask(10)
        end = time.time()
        times = [came.at for came in asked.server.came]

    waits = [after - before for before, after in pairwise(times)]
    assert refused.value.requests == 4
    assert end - times[-1] < 0.2
    assert all(
        least <= wait <= 1.5 * least + 0.2 for wait, least in zip(waits, (0.5, 1, 2), strict=True)
    )


# The walls.


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 300])
def test_a_redirect_is_followed_nowhere(tmp_path: Path, status: int) -> None:
    with Misbehaving([m.good]) as other:
        error = refusal(tmp_path, m.says(f"{status} Elsewhere", location=other.address))

        assert isinstance(error, SourceBroken)
        assert other.address in str(error)
        assert "operator" in str(error)
        assert other.connections == 0


def test_a_redirect_to_itself_is_followed_nowhere(tmp_path: Path) -> None:
    with misbehaving(tmp_path, m.says("302 Here", location="/sparql")) as asked:
        with pytest.raises(SourceBroken, match="/sparql"):
            asked.ask()

        assert len(asked.server.came) == 1


SPELLINGS = [
    "http://127.0.0.1:{port}/sparql",
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/sparql",
    "http://LOCALHOST:{port}/sparql",
    "http://localhost.:{port}/sparql",
    "http://localhost.localdomain:{port}/sparql",
    "http://x.localhost:{port}/sparql",
    "http://127.1:{port}/sparql",
    "http://127.0.1:{port}/sparql",
    "http://127.000.000.001:{port}/sparql",
    "http://127.0.0.1.:{port}/sparql",
    "http://127.0.0.2:{port}/sparql",
    "http://127.255.255.254:{port}/sparql",
    "http://2130706433:{port}/sparql",
    "http://4294967297:{port}/sparql",
    "http://0x7f000001:{port}/sparql",
    "http://0x7F.1:{port}/sparql",
    "http://0x7f.0x0.0x0.0x1:{port}/sparql",
    "http://0177.0.0.1:{port}/sparql",
    "http://017700000001:{port}/sparql",
    "http://0:{port}/sparql",
    "http://0.0.0.0:{port}/sparql",
    "http://[::1]:{port}/sparql",
    "http://[::]:{port}/sparql",
    "http://[0:0:0:0:0:0:0:1]:{port}/sparql",
    "http://[::ffff:127.0.0.1]:{port}/sparql",
    "http://[::ffff:7f00:1]:{port}/sparql",
    "http://[::127.0.0.1]:{port}/sparql",
    "http://[64:ff9b::127.0.0.1]:{port}/sparql",
    "http://[2002:7f00:1::]:{port}/sparql",
    "http://[fe80::1%25lo]:{port}/sparql",
    "http://127.0.0.1.nip.io:{port}/sparql",
    "http://127%2E0%2E0%2E1:{port}/sparql",
    "http://%31%32%37.0.0.1:{port}/sparql",
    "http://１２７.0.0.1:{port}/sparql",
    "http://127。0。0。1:{port}/sparql",
    "http://①②⑦.⓪.⓪.①:{port}/sparql",
    "http://query.wikidata.org@127.0.0.1:{port}/sparql",
    "http://query.wikidata.org:443@127.0.0.1:{port}/sparql",
    "https://query.wikidata.org\\@127.0.0.1:{port}/sparql",
    "https://query.wikidata.org#@127.0.0.1:{port}/sparql",
    "https://query.wikidata.org%2F@127.0.0.1:{port}/sparql",
    "http://127.0.0.1:{port}\\@query.wikidata.org/sparql",
    "http://127.0.0.1:{port}#query.wikidata.org/sparql",
    "http://127.0.0.1:{port}/sparql#https://query.wikidata.org/sparql",
    "//127.0.0.1:{port}/sparql",
    "http:127.0.0.1:{port}/sparql",
    "http:/127.0.0.1:{port}/sparql",
    "http:///127.0.0.1:{port}/sparql",
    "http:\\\\127.0.0.1:{port}\\sparql",
    " http://127.0.0.1:{port}/sparql",
    "ht\ntp://127.0.0.1:{port}/sparql",
    "http://127.0.0.1:{port}/sparql\r\nX: y",
    "https://127.0.0.1:{port}/sparql",
    "ftp://127.0.0.1:{port}/sparql",
    "gopher://127.0.0.1:{port}/_sparql",
    "ws://127.0.0.1:{port}/sparql",
    "file://127.0.0.1:{port}/sparql",
    "file:///etc/passwd",
    "file:/etc/passwd",
    "jar:http://127.0.0.1:{port}/a!/b",
    "url:http://127.0.0.1:{port}/sparql",
    "data:application/sparql-results+json,%7B%7D",
    "javascript:alert(1)",
    "urn:x",
    "",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("port_of", ["list", "other"])
def test_nothing_leaves_for_an_address_that_is_not_listed(
    tmp_path: Path, spelling: str, port_of: str
) -> None:
    with Misbehaving([m.good]) as listener:
        listed = {
            "list": f"https://query.wikidata.org/sparql http://example.org:{listener.port}/sparql",
            "other": f"http://127.0.0.1:{listener.port}/other",
        }
        settings = Settings(service_allow=listed[port_of], contact="a@example.org")
        sources, network = Sources.from_settings(settings), Network(settings, tmp_path)
        iri = spelling.replace("{port}", str(listener.port))
        with pytest.raises(ServiceRefused):
            network.ask(sources.find(iri), TEXT, deadline=time.monotonic() + 1)
        network.close()

        assert listener.connections == 0


HOSTS = [
    *("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "0.0.0.0"),
    *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]"),
    *("[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "10.0.0.1", "172.16.0.1", "192.168.1.1"),
    *("100.64.0.1", "169.254.169.254", "[fd00:ec2::254]", "[fe80::1]", "224.0.0.1"),
    *("255.255.255.255", "[ff02::1]", "192.0.2.1", "198.18.0.1", "240.0.0.1", "168.63.129.16"),
    *("[2001::1]", "[2001:db8::1]", "[fc00::1]", "[64:ff9b::a9fe:a9fe]", "[::ffff:0:127.0.0.1]"),
    *("[64:ff9b:1::7f00:1]", "[100::1]", "[5f00::1]", "192.0.0.192"),
]


@pytest.mark.parametrize("host", HOSTS)
def test_a_name_that_leads_inside_is_not_asked_unless_the_operator_lists_it(
    tmp_path: Path, host: str
) -> None:
    with misbehaving(tmp_path, m.good) as asked:
        address = f"http://{host}:{asked.server.port}/sparql"
        ours = replace(asked.source, iri=address, address=address, by_operator=False)
        with pytest.raises(SourceUnreachable, match="private or reserved") as refused:
            asked.network.ask(ours, TEXT, deadline=time.monotonic() + 1)

        assert asked.server.connections == refused.value.requests == 0


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433"])
def test_what_the_operator_lists_is_asked_wherever_it_is(tmp_path: Path, host: str) -> None:
    with Misbehaving([m.good]) as server:
        settings = Settings(service_allow=f"http://{host}:{server.port}/sparql")
        (source,) = Sources.from_settings(settings).listed
        network = Network(settings, tmp_path)
        network.ask(source, TEXT, deadline=time.monotonic() + 5)
        network.close()

        assert server.came[0].headers["host"] == f"{host}:{server.port}"


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("8.8.8.8", True),
        ("2a02:ec80:300:ed1a::1", True),
        ("64:ff9b::808:808", True),
        ("2002:808:808::1", True),
        ("::ffff:8.8.8.8", True),
        ("10.0.0.1", False),
        ("fe80::1%eth0", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
    ],
)
def test_addresses_are_public_or_not(address: str, allowed: bool) -> None:
    (wikidata, _) = Sources.from_settings(Settings()).listed

    assert walls.is_allowed(address, wikidata) is allowed


@pytest.mark.parametrize("address", ["169.254.169.254", "fd00:ec2::254", "0.0.0.0", "224.0.0.1"])
def test_a_listed_name_does_not_lead_where_clouds_keep_their_secrets(address: str) -> None:
    named = Sources.from_settings(Settings(service_allow="http://sparql.internal/")).listed[0]
    host = f"[{address}]" if ":" in address else address
    literal = Sources.from_settings(Settings(service_allow=f"http://{host}/")).listed[0]

    assert walls.is_allowed("10.0.0.1", named)
    assert not walls.is_allowed(address, named)
    assert walls.is_allowed(address, literal)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_a_proxy_of_the_environment_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    with Misbehaving([m.good]) as proxy, misbehaving(tmp_path, m.good) as asked:
        monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("no_proxy", "")
        asked.ask()

        assert (proxy.connections, asked.server.connections) == (0, 1)


def test_a_cookie_is_not_sent_back(tmp_path: Path) -> None:
    with misbehaving(tmp_path, m.sends(WHOLE, set_cookie="a=b")) as asked:
        asked.ask()
        asked.ask()

        assert "cookie" not in asked.server.came[1].headers


def test_a_host_that_is_none_is_unreachable(tmp_path: Path) -> None:
    settings = Settings(service_allow=f"http://nothing.invalid/ http://{'a' * 64}.example/")
    network = Network(settings, tmp_path)
    for source in Sources.from_settings(settings).listed:
        with pytest.raises(SourceUnreachable):
            network.ask(source, TEXT, deadline=time.monotonic() + 10)


# TLS.


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that nobody trusts, with its key."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    key = path.with_name("key.pem")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(key), "-out", str(path)),
        ],
        check=True,
        capture_output=True,
    )
    path.write_text(path.read_text() + key.read_text())
    return path


@pytest.fixture
def secure(certificate: Path) -> Iterator[Misbehaving]:
    """A server with TLS."""
    with Misbehaving([m.good], certificate=certificate) as server:
        yield server


def ask_secure(server: Misbehaving, folder: Path, host: str) -> Received:
    """Ask it under a name."""
    settings = Settings(service_allow=f"https://{host}:{server.port}/sparql")
    network = Network(settings, folder)
    (source,) = Sources.from_settings(settings).listed
    try:
        network.ask(source, TEXT, deadline=time.monotonic() + 5)
        return network.ask(source, TEXT, deadline=time.monotonic() + 5)
    finally:
        network.close()


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Trust it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    walls.trust.cache_clear()
    yield
    walls.trust.cache_clear()


@pytest.mark.usefixtures("trusted")
def test_tls_is_spoken_and_its_connection_lives_on(secure: Misbehaving, tmp_path: Path) -> None:
    assert len(ask_secure(secure, tmp_path, "localhost").table.rows) == 1
    assert len(secure.came) == 2


def test_a_certificate_that_nobody_trusts_is_refused(secure: Misbehaving, tmp_path: Path) -> None:
    with pytest.raises(SourceUnreachable, match="certificate"):
        ask_secure(secure, tmp_path, "localhost")

    assert not secure.came


@pytest.mark.usefixtures("trusted")
def test_a_certificate_of_another_name_is_refused(secure: Misbehaving, tmp_path: Path) -> None:
    with pytest.raises(SourceUnreachable, match="certificate"):
        ask_secure(secure, tmp_path, "127.0.0.1")

    assert not secure.came


# Who asks.


@pytest.mark.parametrize("address", WIKIMEDIA := ["https://query.wikidata.org/sparql"])
def test_without_a_contact_wikimedia_is_not_asked(tmp_path: Path, address: str) -> None:
    settings = Settings()
    source: Source = Sources.from_settings(settings).find(address)
    with pytest.raises(ContactMissing, match="LEADGRAPH_CONTACT") as missing:
        Network(settings, tmp_path).ask(source, TEXT, deadline=time.monotonic() + 1)

    assert missing.value.requests == 0


def test_a_stand_in_for_wikidata_needs_no_contact(tmp_path: Path) -> None:
    with Misbehaving([m.good]) as server:
        settings = Settings(service_allow=f"{WIKIMEDIA[0]}#at={server.address}")
        network = Network(settings, tmp_path)
        source = Sources.from_settings(settings).find(WIKIMEDIA[0])
        assert network.ask(source, TEXT, deadline=time.monotonic() + 1).requests == 1
        network.close()


def test_an_error_names_the_source_as_the_query_does(tmp_path: Path) -> None:
    with Misbehaving([m.says("400 No")]) as server:
        settings = Settings(service_allow=f"{WIKIMEDIA[0]}#at={server.address}")
        network = Network(settings, tmp_path)
        with pytest.raises(SourceRefusedQuery) as refused:
            network.ask(
                Sources.from_settings(settings).listed[0], TEXT, deadline=time.monotonic() + 1
            )
        network.close()

    assert refused.value.source == WIKIMEDIA[0]
    assert server.address not in str(refused.value)


@pytest.mark.parametrize(
    "behaviour",
    [
        m.silent,
        m.dripping_head,
        m.dripping_body,
        pytest.param(m.says("503 x", retry_after="20"), id="pause"),
    ],
)
def test_who_hangs_up_ends_the_waiting_within_a_second(
    tmp_path: Path, behaviour: Behaviour
) -> None:
    with ExitStack() as stack:
        asked = stack.enter_context(misbehaving(tmp_path, behaviour))
        here, there = socket.socketpair()
        stack.enter_context(here)
        timer = threading.Timer(0.5, there.close)
        timer.start()
        begun = time.monotonic()
        with pytest.raises(ClientLeft):
            asked.ask(30, Client("192.0.2.1", here.fileno()))

        assert 0.4 < time.monotonic() - begun < 1.5
        timer.join()
