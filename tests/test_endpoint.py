"""What programs get from /sparql besides the answer: entity tags, encodings, limits, the cache."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import TYPE_CHECKING

import brotli
import pytest
from backports import zstd

from leadgraph.errors import ResultTooLarge
from leadgraph.model import Client, Question
from leadgraph.query.client import Engine
from leadgraph.query.engine import running
from leadgraph.settings import Settings
from leadgraph.web.app import create_app
from leadgraph.web.cache import Cache, Kept, entity_tag

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

SELECT = "SELECT ?o WHERE { <http://example.org/b> ?p ?o }"
CONSTRUCT = "CONSTRUCT WHERE { <http://example.org/b> ?p ?o }"
ALL = "SELECT * { ?s ?p ?o }"
DECODERS = {"zstd": zstd.decompress, "br": brotli.decompress, "gzip": gzip.decompress}


class Counting(Engine):
    """An engine that counts what it is asked."""

    asked = 0

    def ask(self, question: Question, client: Client | None = None):
        """Count the question, and answer it."""
        self.asked += 1
        return super().ask(question, client)


@pytest.fixture
def counting(engine_path: Path, settings: Settings) -> Iterator[Counting]:
    """A client of the engine over the small dataset."""
    with Counting(engine_path, settings) as engine:
        yield engine


@pytest.fixture
def client(counting: Counting, settings: Settings) -> FlaskClient:
    """A client of the application."""
    return create_app(counting, settings, None).test_client()


def get(client: FlaskClient, query: str, method: str = "GET", **headers: str):
    """A query by GET, in CSV; names of headers with _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.open(
        "/sparql",
        method=method,
        query_string={"query": query},
        headers={"Accept": "text/csv", **named},
    )


def test_an_answer_has_a_strong_entity_tag_and_says_how_long_it_is_fresh(
    client: FlaskClient,
) -> None:
    response = get(client, SELECT)

    assert response.headers["ETag"].startswith('"')
    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert response.headers["Vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_client_that_has_the_answer_is_told_so_without_asking_the_engine(
    client: FlaskClient, counting: Counting, method: str
) -> None:
    tag = get(client, SELECT).headers["ETag"]
    for conditions in (tag, f'"other", {tag}', f"W/{tag}"):
        response = get(client, SELECT, method, If_None_Match=conditions)

        assert (response.status_code, response.data) == (304, b"")
        assert response.headers["ETag"] == tag
        assert response.headers["Vary"] == "Accept, Accept-Encoding"
        assert response.headers["Cache-Control"] == "public, max-age=60"
    assert counting.asked == 1


def test_only_the_whole_tag_counts_and_a_star_for_what_is_there(client: FlaskClient) -> None:
    assert get(client, SELECT, If_None_Match="*").status_code == 200
    tag = get(client, SELECT).headers["ETag"]

    assert get(client, SELECT, If_None_Match="*").status_code == 304
    assert get(client, SELECT, If_None_Match=f'"a{tag}"').status_code == 200
    assert get(client, SELECT, If_None_Match=tag[1:-1] + "x").status_code == 200


def test_a_client_that_refuses_what_is_not_compressed_gets_nothing_else(
    client: FlaskClient,
) -> None:
    response = get(client, SELECT, Accept_Encoding="identity;q=0, gzip")

    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.data) == b"o\r\n2\r\n"


def test_the_tag_is_known_before_the_query_was_ever_run(
    engine_path: Path, settings: Settings, client: FlaskClient
) -> None:
    tag = get(client, SELECT).headers["ETag"]
    with Counting(engine_path, settings) as fresh:
        response = get(create_app(fresh, settings, None).test_client(), SELECT, If_None_Match=tag)

        assert (response.status_code, fresh.asked) == (304, 0)


def test_what_a_client_has_of_another_answer_does_not_help(client: FlaskClient) -> None:
    tags = [
        get(client, SELECT).headers["ETag"],
        get(client, f"{SELECT} ").headers["ETag"],
        get(client, SELECT, Accept="text/tab-separated-values").headers["ETag"],
        get(client, ALL, Accept_Encoding="gzip").headers["ETag"],
        get(client, ALL, Accept_Encoding="br").headers["ETag"],
        client.get(
            "/sparql", query_string={"query": SELECT, "default-graph-uri": "http://example.org/g2"}
        ).headers["ETag"],
        client.get(
            "/sparql", query_string={"query": SELECT, "named-graph-uri": "http://example.org/g2"}
        ).headers["ETag"],
    ]

    assert len(set(tags)) == len(tags)
    assert get(client, SELECT, If_None_Match=", ".join(tags[1:])).status_code == 200


def test_parts_of_a_question_cannot_be_shifted_into_each_other() -> None:
    question = Question("a", "csv", "turtle")

    assert entity_tag("x", question, "y", "z") != entity_tag(
        "xa", replace(question, text=""), "y", "z"
    )
    assert entity_tag("x", question, "yz", "") != entity_tag("x", question, "y", "z")


def test_the_same_question_again_is_answered_without_the_engine(
    client: FlaskClient, counting: Counting
) -> None:
    first, again = get(client, SELECT), get(client, SELECT)
    posted = client.post("/sparql", data={"query": SELECT}, headers={"Accept": "text/csv"})
    head = get(client, SELECT, "HEAD")

    assert first.data == again.data == posted.data == b"o\r\n2\r\n"
    assert head.headers["Content-Length"] == "6"
    assert head.data == b""
    assert counting.asked == 1


def test_a_head_before_any_get_keeps_nothing_that_is_not_whole(
    client: FlaskClient, counting: Counting
) -> None:
    large = 'SELECT * { ?s ?p ?o BIND("%s" AS ?x) }' % ("x" * 100)

    assert get(client, large, "HEAD").data == b""
    assert get(client, large).data.count(b"\r\n") == 3004
    assert counting.asked == 2
    assert get(client, large).data.count(b"\r\n") == 3004
    assert counting.asked == 2


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (NOW() AS ?x) {}",
        "SELECT (rand() AS ?x) {}",
        "SELECT (UUID() AS ?x) {}",
        "SELECT (STRUUID() AS ?x) {}",
        "SELECT (BNODE() AS ?x) {}",
        "SELECT (bnode('a') AS ?x) {}",
        "SELECT * { ?s ?p ?o FILTER(1<STRLEN(STR(NOW()))&&2>1) }",
        "SELECT (IF(1<RAND()&&2>1, 1, 2) AS ?x) {}",
        "SELECT (RAND #\n() AS ?x) {}",
        "ASK { FILTER(true&&now()<NOW()) }",
        "CONSTRUCT { [] <http://e/p> 1 } {}",
        "CONSTRUCT { _:a <http://e/p> 1 } {}",
        "BASE <http://construct/> CONSTRUCT { <a> <p> [ <q> 1 ] } {}",
    ],
)
def test_what_may_change_by_itself_is_kept_nowhere(
    client: FlaskClient, counting: Counting, query: str
) -> None:
    first, _ = get(client, query, Accept="*/*"), get(client, query, Accept="*/*")

    assert first.status_code == 200
    assert "ETag" not in first.headers
    assert first.headers["Cache-Control"] == "no-store"
    assert counting.asked == 2


@pytest.mark.parametrize(
    "query",
    [
        "PREFIX foaf: <http://xmlns.com/foaf/0.1/> SELECT * { ?now foaf:knows ?rand }",
        "SELECT * { ?s <http://e/now> 'RAND()' } # UUID()",
        "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }",
        "DESCRIBE <http://example.org/b>",
    ],
)
def test_what_only_looks_so_is_kept(client: FlaskClient, query: str) -> None:
    assert "ETag" in get(client, query, Accept="*/*").headers


def test_an_error_is_not_kept(client: FlaskClient, counting: Counting) -> None:
    for _ in range(2):
        response = get(client, "SELECT * {")

        assert response.status_code == 400
        assert response.headers["Cache-Control"] == "no-store"
        assert "ETag" not in response.headers
    assert counting.asked == 2


def test_the_cache_is_bounded_and_forgets_what_was_not_asked_for_longest() -> None:
    cache = Cache(20_000)
    for name in "abcd":
        cache.put(name, Kept([], b"x" * 3_500))
        assert cache.get("a") is not None
    cache.put("large", Kept([], b"x" * 6_000))

    assert [name for name in "abcd" if cache.get(name)] == ["a", "c", "d"]
    assert cache.get("large") is None


def test_without_a_cache_every_question_is_asked(engine_path: Path, settings: Settings) -> None:
    with Counting(engine_path, settings) as engine:
        client = create_app(engine, replace(settings, cache_bytes=0), None).test_client()

        assert get(client, SELECT).data == get(client, SELECT).data
        assert engine.asked == 2


@pytest.mark.parametrize("encoding", DECODERS)
def test_an_answer_comes_compressed_in_whole_and_in_stream_and_from_the_cache(
    client: FlaskClient, encoding: str
) -> None:
    large = 'SELECT * { ?s ?p ?o BIND("%s" AS ?x) }' % ("x" * 100)
    for query in (f"{ALL} LIMIT 200", large):
        plain = get(client, query).data
        for _ in range(2):
            response = get(client, query, Accept_Encoding=encoding)

            assert response.headers["Content-Encoding"] == encoding
            assert DECODERS[encoding](response.data) == plain


def test_a_short_answer_is_left_as_it_is(client: FlaskClient) -> None:
    response = get(client, SELECT, Accept_Encoding="zstd, br, gzip")

    assert "Content-Encoding" not in response.headers
    assert response.data == b"o\r\n2\r\n"


def test_a_page_is_compressed_too_and_answers_304(client: FlaskClient) -> None:
    headers = {"Accept": "text/html", "Accept-Encoding": "gzip"}
    response = client.get("/problems", headers=headers)
    again = client.get("/problems", headers={**headers, "If-None-Match": response.headers["ETag"]})

    assert response.headers["Content-Encoding"] == "gzip"
    assert b"<!doctype html>" in gzip.decompress(response.data)
    assert "Accept-Encoding" in response.headers["Vary"]
    assert again.status_code == 304


def test_a_stream_that_breaks_says_so_and_comes_to_no_clean_end(numbers: Path) -> None:
    settings = Settings(result_bytes=500_000)
    with running([numbers], settings) as path, Engine(path, settings) as engine:
        client = create_app(engine, settings, None).test_client()
        long = 'SELECT * { ?s ?p ?o BIND("%s" AS ?x) }' % ("x" * 1000)
        response = client.get("/sparql", query_string={"query": long, "format": "csv"})
        received = b""
        chunks = iter(response.response)
        with pytest.raises(ResultTooLarge):  # noqa: PT012  # what came before it is kept
            while True:
                received += next(chunks)

    assert response.status_code == 200
    assert "Content-Length" not in response.headers
    assert b"This answer is not whole" in received.splitlines()[-1]
    assert b"500000 bytes" in received


def test_a_client_with_enough_queries_running_is_asked_to_wait(
    engine_path: Path, settings: Settings
) -> None:
    settings = replace(settings, client_queries=1)
    large = 'SELECT * { ?s ?p ?o BIND("%s" AS ?x) }' % ("x" * 1000)
    with Engine(engine_path, settings) as engine:
        client = create_app(engine, settings, None).test_client()
        running_one = get(client, large)
        refused = get(client, SELECT)
        other = client.get(
            "/sparql", query_string={"query": SELECT}, environ_base={"REMOTE_ADDR": "192.0.2.9"}
        )
        running_one.close()

        assert refused.status_code == 429
        assert refused.json["code"] == "client-busy"
        assert int(refused.headers["Retry-After"]) > 0
        assert other.status_code == 200
        assert get(client, SELECT).status_code == 200


def test_a_proxy_is_believed_only_if_there_is_one(engine_path: Path, settings: Settings) -> None:
    large = 'SELECT * { ?s ?p ?o BIND("%s" AS ?x) }' % ("x" * 1000)
    statuses = {}
    for proxies in (0, 1):
        chosen = replace(settings, client_queries=1, proxies=proxies)
        with Engine(engine_path, chosen) as engine:
            client = create_app(engine, chosen, None).test_client()
            running_one = get(client, large, X_Forwarded_For="192.0.2.1")
            statuses[proxies] = [
                get(client, SELECT, X_Forwarded_For=f"{spoofed}192.0.2.{number}").status_code
                for number in (1, 2)
                for spoofed in ("", "192.0.2.77, ")
            ]
            running_one.close()

    assert statuses == {0: [429] * 4, 1: [429, 429, 200, 200]}


def test_every_answer_may_be_read_by_other_sites_and_run_by_none(client: FlaskClient) -> None:
    for query in (SELECT, CONSTRUCT, "SELECT * {"):
        response = get(client, query, Accept="*/*", Origin="https://example.org")

        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "ETag" in response.headers["Access-Control-Expose-Headers"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
