"""The page of limits: every one of them, as this server has it, and what comes beyond is so."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest

from leadgraph import errors, words
from leadgraph.explore.limits import OF_FILES, OF_NAMES, OF_QUERIES, OF_SERVICES
from leadgraph.query.client import Engine
from leadgraph.query.engine import running
from leadgraph.settings import Settings
from leadgraph.web.app import create_app
from tests.markup import read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from leadgraph.explore.limits import Limit

LIMITS = {limit.setting: limit for limit in (*OF_QUERIES, *OF_SERVICES, *OF_FILES, *OF_NAMES)}
NO_LIMITS = {
    "port": "where the server listens",
    "workers": "how much of the machine it takes",
    "threads": "how much of the machine it takes",
    "proxies": "whom it believes",
    "cache_bytes": "what it remembers; nobody is refused for it",
    "fresh_seconds": "what caches on the way may do",
    "canonical_seconds": "of a build, which no visitor starts",
    "service_block": "how others are asked",
    "service_at_once": "how others are asked",
    "service_cache_seconds": "what it remembers; nobody is refused for it",
    "ledger_bytes": "what it remembers; nobody is refused for it",
    "service_cache_bytes": "what it remembers; nobody is refused for it",
}
"""Settings that are numbers and bound nothing that a visitor asks for, and why."""
SMALL = Settings(
    deadline_seconds=0.5,
    result_bytes=20_000,
    query_bytes=400,
    query_depth=5,
    kept_bytes=30_000,
    queue_seconds=1234.5,
    source_bytes=3 * 2**20,
)


@pytest.fixture(scope="module")
def client(numbers: Path) -> Iterator[FlaskClient]:
    """A client of a server with limits that are soon reached."""
    with running([numbers], SMALL) as path, Engine(path, SMALL) as engine:
        yield create_app(engine, SMALL, None).test_client()


def test_every_setting_that_is_a_number_is_shown_as_a_limit_or_known_to_be_none() -> None:
    numbers = {field.name for field in fields(Settings) if field.type in {"int", "float"}}

    assert numbers - set(LIMITS) - set(NO_LIMITS) == set(), "explore/limits.py, or NO_LIMITS here"
    assert set(LIMITS) | set(NO_LIMITS) <= numbers


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_limit_is_on_the_page_in_every_language(client: FlaskClient, language: str) -> None:
    page = read(client.get(f"/limits?lang={language}").text)

    assert set(LIMITS) <= set(page.values("id"))
    assert page.root()["lang"] == language
    terms = [term.text for term in page.all("dt")]
    assert terms == [words.say(f"limits.{name}", language) for name in LIMITS]


def test_every_error_beyond_a_limit_leads_to_its_words(client: FlaskClient) -> None:
    page = read(client.get("/limits").text)
    explained = set(read(client.get("/problems").text).values("id"))

    led = {href.partition("#")[2] for href in page.values("href") if href.startswith("/problems#")}
    assert led == {limit.error.code for limit in LIMITS.values() if limit.error}
    assert led <= explained


@pytest.mark.parametrize(
    ("setting", "shown"),
    [
        ("deadline_seconds", "0.5 s"),
        ("queue_seconds", "1234.5 s"),
        ("ledger_seconds", "24 h"),
        ("query_bytes", "400 B"),
        ("result_bytes", "20\u202f000 B"),
        ("source_bytes", "3 MiB"),
        ("query_depth", "5"),
        ("source_blank_nodes", "10\u202f000"),
    ],
)
def test_a_limit_is_shown_as_it_is_set(client: FlaskClient, setting: str, shown: str) -> None:
    after = client.get("/limits").text.partition(f'<div id="{setting}">')[2]

    assert read(after.partition("</div>")[0]).all("bdi")[0].text == shown


@pytest.mark.parametrize(
    ("setting", "query", "accept"),
    [
        (
            "deadline_seconds",
            "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
            "text/csv",
        ),
        ("query_bytes", "ASK { }" + " " * 400, "text/csv"),
        ("query_depth", "ASK " + "{" * 6 + "}" * 6, "text/csv"),
    ],
)
def test_beyond_a_limit_comes_the_error_that_is_shown(
    client: FlaskClient, setting: str, query: str, accept: str
) -> None:
    response = client.post("/sparql", data={"query": query}, headers={"Accept": accept})

    error = LIMITS[setting].error
    assert error is not None
    assert response.json is not None
    assert (response.status_code, response.json["code"]) == (error.status, error.code)


def test_an_answer_beyond_its_limit_is_not_passed_for_a_whole_one(client: FlaskClient) -> None:
    """It is refused before its first byte, or it breaks off; the rows of 3,000 are never all."""
    whole = "SELECT * { ?s ?p ?o }"
    response = client.post("/sparql", data={"query": whole}, headers={"Accept": "text/csv"})

    assert response.json is not None
    assert response.json["code"] == errors.ResultTooLarge.code
    assert str(SMALL.result_bytes) in response.json["detail"]


def test_what_is_within_all_limits_is_answered(client: FlaskClient) -> None:
    response = client.post("/sparql", data={"query": "ASK {{{}}}"}, headers={"Accept": "text/csv"})

    assert response.status_code == 200


def test_another_server_shows_its_own_limits(client: FlaskClient) -> None:
    engine = client.application.extensions["leadgraph"].engine
    other = create_app(engine, replace(SMALL, query_bytes=2048, queue=1), None).test_client()

    page = other.get("/limits").text
    assert "2 KiB" in page
    assert "400 B" not in page


@pytest.mark.parametrize("text", ["8191", "0", "1e3"])
def test_an_address_longer_than_the_server_can_read_cannot_be_promised(text: str) -> None:
    with pytest.raises(errors.SettingInvalid, match="at most 8190"):
        Settings.from_environment({"LEADGRAPH_ADDRESS_BYTES": text})


def test_it_names_the_endpoints_that_may_be_asked_or_says_that_none_may(
    client: FlaskClient,
) -> None:
    engine = client.application.extensions["leadgraph"].engine
    listed = "https://query.wikidata.org/sparql"
    nobody = create_app(engine, replace(SMALL, service_allow=""), None).test_client()

    assert listed in {code.text for code in read(client.get("/limits").text).all("code")}
    assert listed not in nobody.get("/limits").text
    assert words.say("limits.services-none", "en") in nobody.get("/limits").text


def test_every_page_leads_to_it(client: FlaskClient) -> None:
    assert "/limits" in read(client.get("/problems").text).values("href")


def test_there_are_words_for_every_limit_and_no_others() -> None:
    keys = {key.removeprefix("limits.") for key in words._texts() if key.startswith("limits.")}
    page = {"title", "lead", "programs", "beyond", "queries", "files", "files-lead", "names"}
    page |= {"services", "services-lead", "services-none"}

    asking = (*OF_QUERIES, *OF_SERVICES)
    done = {f"{limit.setting}-do" for limit in asking}
    assert keys == page | set(LIMITS) | done | {_then(limit) for limit in asking if not limit.error}


def _then(limit: Limit) -> str:
    return f"{limit.setting}-then"
