"""The header fields of a federated answer: read by a parser of RFC 9651 that is not ours."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import http_sf
import pytest

from leadgraph.link.account import Account, Asked, Failure
from leadgraph.web.accounts import of_answer, of_failure

NOON = datetime(2026, 11, 29, 12, 0, 0, 250_000, UTC)
LEDGER = "http://127.0.0.1:8000/ledger/abc_-1"
DONE = Asked(
    source="https://query.wikidata.org/sparql",
    address="http://127.0.0.1:7878/query",
    offset=20,
    silent=False,
    begun=NOON,
    seconds=1.23456,
    requests=2,
    keys=700,
    cached_keys=100,
    cached_since=NOON - timedelta(seconds=90.5),
    rows=1400,
    received_bytes=5000,
    query="SELECT * {}",
)
FAILED = replace(
    DONE,
    source="http://127.0.0.1:9/sparql",
    offset=90,
    silent=True,
    keys=None,
    cached_keys=0,
    cached_since=None,
    rows=1,
    failure=Failure("source-too-slow", "It was slow. Wait.", 504),
)
ACCOUNT = Account(
    id="abc_-1",
    begun=NOON,
    seconds=1.5,
    local_seconds=0.0123,
    query="SELECT * {}",
    release=None,
    edition="e",
    asked=(DONE, FAILED),
)


def fields(account: Account, *, can_replay: bool = True) -> dict[str, str]:
    """The fields by their names."""
    told = of_answer(account, LEDGER, can_replay=can_replay)
    assert len(dict(told)) == len(told)
    return dict(told)


def listed(account: Account) -> dict[str, dict[str, object]]:
    """What `LeadGraph-Sources` says, by source."""
    members = http_sf.parse(fields(account)["LeadGraph-Sources"].encode(), tltype="list")
    return {source: parameters for source, parameters in members}  # noqa: C416


def test_each_source_is_told_with_all_that_was_asked() -> None:
    assert listed(ACCOUNT)[DONE.source] == {
        "asked": NOON.replace(microsecond=0),
        "requests": 2,
        "keys": 700,
        "rows": 1400,
        "cached": 100,
        "age": 90,
        "seconds": Decimal("1.235"),
        "status": http_sf.Token("complete"),
    }


def test_what_failed_comes_first_and_says_by_which_code() -> None:
    told = listed(ACCOUNT)

    assert list(told) == [FAILED.source, DONE.source]
    assert told[FAILED.source]["status"] == http_sf.Token("failed")
    assert told[FAILED.source]["error"] == http_sf.Token("source-too-slow")
    assert told[FAILED.source]["silent"] is True
    assert {"keys", "age"} & set(told[FAILED.source]) == set()


@pytest.mark.parametrize(
    ("asked", "word", "failed"),
    [((DONE,), "complete", 0), ((DONE, FAILED), "partial", 1), ((), "complete", 0)],
)
def test_an_answer_says_whether_it_is_whole(
    asked: tuple[Asked, ...], word: str, failed: int
) -> None:
    said = fields(replace(ACCOUNT, asked=asked))["LeadGraph-Answer"]

    assert http_sf.parse(said.encode(), tltype="item") == (
        http_sf.Token(word),
        {"sources": len(asked), "failed": failed, "replay": True},
    )


def test_an_error_is_no_answer_whole_or_partial() -> None:
    names = [name for name, _ in of_failure(ACCOUNT, LEDGER)]

    assert "LeadGraph-Answer" not in names
    assert {"LeadGraph-Sources", "Link", "Server-Timing"} <= set(names)


def test_where_nobody_was_asked_there_is_no_list() -> None:
    """An empty list is no field at all (RFC 9651, 3.1)."""
    assert "LeadGraph-Sources" not in fields(replace(ACCOUNT, asked=()))


@pytest.mark.parametrize(
    "iri",
    ["http://exämple.org/é", 'http://a/"b', "http://a/\\", "http://a/,;b", "http://a/\r\nX: y"],
)
def test_no_iri_can_break_out_of_the_list(iri: str) -> None:
    told = listed(replace(ACCOUNT, asked=(replace(DONE, source=iri), FAILED)))

    assert len(told) == 2
    (source,) = set(told) - {FAILED.source}
    assert re.fullmatch(r"[!-~]+", source)


def test_many_sources_do_not_make_a_head_that_nobody_takes() -> None:
    many = tuple(
        replace(FAILED if n == 300 else DONE, source=f"http://a/{n}", offset=n) for n in range(500)
    )
    told = fields(replace(ACCOUNT, asked=many))

    assert sum(len(value) for value in told.values()) < 4600
    assert next(iter(listed(replace(ACCOUNT, asked=many)))) == "http://a/300"
    assert http_sf.parse(told["LeadGraph-Answer"].encode(), tltype="item")[1]["sources"] == 500


def test_the_browser_is_told_how_long_each_took() -> None:
    """A metric is a token, its description a quoted string (Server Timing, 3)."""
    metric = r'[a-z0-9-]+(?:;desc="[^"\\]*")?;dur=[0-9.]+'
    timing = fields(ACCOUNT)["Server-Timing"]

    assert re.fullmatch(rf"{metric}(?:, {metric})*", timing)
    assert timing.startswith("local;dur=12.3, ")
    assert 'desc="query.wikidata.org";dur=1234.6' in timing
    assert fields(ACCOUNT)["Timing-Allow-Origin"] == "*"


def test_the_link_is_that_of_prov_aq() -> None:
    assert fields(ACCOUNT)["Link"] == (
        f'<{LEDGER}>; rel="http://www.w3.org/ns/prov#has_provenance"'
    )


def test_no_time_is_negative() -> None:
    """A clock that was set back between two looks at it."""
    odd = replace(DONE, seconds=-1.0, cached_since=NOON + timedelta(seconds=5))
    told = listed(replace(ACCOUNT, asked=(odd,)))[DONE.source]

    assert (told["seconds"], told["age"]) == (0, 0)
