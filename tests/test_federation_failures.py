"""A source fails: what the others had been asked by then is in the account all the same."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from leadgraph.errors import SourceError, SourceRefusedQuery
from leadgraph.link.asking.asking import Asking
from leadgraph.link.asking.memory import Memory
from leadgraph.link.federation import Federation
from leadgraph.link.source.endpoint import Network
from leadgraph.link.source.sources import Sources
from leadgraph.model import Question
from leadgraph.query.client import Engine
from leadgraph.query.engine import running
from leadgraph.settings import Settings
from tests.endpoints import Canned, oxigraph

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from leadgraph.link.account import Account

GOOD, SLOW, BAD = (f"http://{name}.example/sparql" for name in ("good", "slow", "bad"))
LOCAL = "@prefix e: <http://e.example/> . e:t e:link e:one, e:two, e:three ."
REMOTE = "@prefix e: <http://e.example/> . e:one e:same e:uno . e:two e:same e:dos ."
REFUSES = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nNo"


@pytest.fixture
def federation(tmp_path: Path) -> Iterator[Federation]:
    (tmp_path / "local.ttl").write_text(LOCAL)
    (tmp_path / "remote.ttl").write_text(REMOTE)
    with contextlib.ExitStack() as stack:
        good = stack.enter_context(oxigraph([tmp_path / "remote.ttl"]))
        bad = stack.enter_context(Canned(REFUSES))
        slow = stack.enter_context(Canned(b"", seconds=20))
        allow = f"{GOOD}#at={good}&block=1 {SLOW}#at={slow.address} {BAD}#at={bad.address}&block=2"
        settings = Settings(service_allow=allow, children=2)
        path = stack.enter_context(running([tmp_path / "local.ttl"], settings))
        engine = stack.enter_context(Engine(path, settings))
        network, memory = Network(settings, tmp_path), Memory(tmp_path, settings)
        stack.callback(network.close)
        stack.callback(memory.close)
        asking = Asking(network, memory, settings)
        yield Federation(engine, Sources.from_settings(settings), asking, settings, None)


def account(federation: Federation, pattern: str) -> Account:
    """The account of a query that fails."""
    text = f"PREFIX e: <http://e.example/> SELECT * {{ ?t e:link ?i {pattern} }}"
    with pytest.raises(SourceError) as caught:
        federation.answer(Question(text, "json", "ntriples"))
    assert isinstance(caught.value, SourceRefusedQuery)
    assert caught.value.account is not None
    return caught.value.account


def told(account: Account) -> list[tuple[str, int, int | None, int, str | None]]:
    """Source, requests, keys, rows, code of what failed."""
    return [
        (one.source, one.requests, one.keys, one.rows, one.failure and one.failure.code)
        for one in account.asked
    ]


def test_what_was_answered_before_is_in_the_account_of_a_failure(federation: Federation) -> None:
    found = account(
        federation,
        f"SERVICE <{GOOD}> {{ ?i e:same ?j }} SERVICE <{BAD}> {{ SELECT ?j {{ ?j e:p ?o }} }}",
    )
    assert (GOOD, 3, 3, 2, None) in told(found)
    assert (BAD, 1, 2, 0, "source-refused-query") in told(found)
    assert len(found.asked) == 2


def test_what_was_being_asked_beside_a_failure_is_in_its_account(federation: Federation) -> None:
    found = account(
        federation,
        f"OPTIONAL {{ SERVICE <{SLOW}> {{ ?i e:p ?x }} }} "
        f"OPTIONAL {{ SERVICE <{BAD}> {{ ?i e:q ?y }} }}",
    )
    slow, bad = sorted(found.asked, key=lambda one: one.offset)
    assert (slow.source, slow.requests, slow.keys, slow.rows) == (SLOW, 1, 3, 0)
    assert slow.failure is not None
    assert slow.failure.code == "source-not-awaited"
    assert "e:p ?x" in slow.query
    assert (bad.source, bad.keys) == (BAD, 3)
    assert bad.failure is not None
    assert slow.seconds < 5


def test_two_that_fail_at_once_are_both_in_the_account(federation: Federation) -> None:
    found = account(
        federation,
        f"{{ SERVICE <{BAD}> {{ ?i e:p ?x }} }} UNION {{ SERVICE <{BAD}> {{ ?i e:q ?y }} }}",
    )
    assert len(found.asked) == 2
    assert all(one.failure for one in found.asked)
    assert len({one.offset for one in found.asked}) == 2


def test_one_that_fails_block_by_block_is_one_line_of_the_account(federation: Federation) -> None:
    found = account(federation, f"SERVICE <{BAD}> {{ ?i e:p ?x }} }} LIMIT 1 #")
    assert told(found) == [(BAD, 1, 2, 0, "source-refused-query")]
