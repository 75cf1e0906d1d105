"""The bench of federation: the least that can be asked, the distance that counts, our own joins."""

from __future__ import annotations

import sys
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.connection import Connection, request
from bench.federation import data
from bench.federation.engines import OURS
from bench.federation.ideal import ideal, right_answer, store
from bench.federation.run import run
from bench.federation.shapes import SHAPES
from bench.federation.sources import Others, others
from bench.federation.table import aims, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import Quad

OXIGRAPH = Path(sys.executable).with_name("oxigraph")
PLACES = data.Addresses(
    "http://127.0.0.1:1/query", "http://127.0.0.1:2/query", "http://127.0.0.1:3/query"
)
JSON = "application/sparql-results+json"

pytestmark = pytest.mark.skipif(data.missing() is not None, reason=data.missing() or "")


@pytest.fixture(scope="module")
def quads() -> list[Quad]:
    return [*data.remote()]


@pytest.fixture(scope="module")
def standins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Others]:
    if not OXIGRAPH.exists():
        pytest.skip("oxigraph is not installed")
    with others(tmp_path_factory.mktemp("standins"), OXIGRAPH, delay_seconds=0.0) as running:
        yield running


def written(things: int, items: list[str]) -> str:
    out = StringIO()
    data.local(things, items, PLACES, out)
    return out.getvalue()


def test_fewer_things_are_the_beginning_of_more(quads: list[Quad]) -> None:
    items = data.items(quads)

    assert written(20, items).startswith(written(10, items))


@pytest.mark.parametrize(("things", "fewest"), [(100, 13), (1_000, 16), (10_000, 52)])
def test_the_least_that_can_be_asked_is_what_the_aims_allow(
    things: int, fewest: int, quads: list[Quad], tmp_path: Path
) -> None:
    items = data.items(quads)
    path = tmp_path / "local.nq"
    path.write_text(written(things, items), encoding="utf-8")
    held = [(PLACES.wikidata, quads), (PLACES.second, [*data.second(quads, items)])]
    everything = store(path, held)

    assert sum(ideal(one, everything, PLACES).requests for one in SHAPES) == fewest
    for shape in SHAPES:
        assert b'"value"' in right_answer(shape, everything, PLACES).body, shape.name


def test_the_proxy_counts_each_request_with_its_bytes_and_not_the_counting(
    standins: Others,
) -> None:
    before = standins.counted()
    asked = request("/query", "ASK { ?s ?p ?o }", JSON)
    with Connection(standins.ports[0], 10) as connection:
        received = [connection.ask(asked) for _ in range(3)]
    after = standins.counted()

    assert {one.status for one in received} == {200}
    assert after.requests - before.requests == 3
    assert after.sent - before.sent == 3 * len(asked)
    assert after.received - before.received > 3 * len(received[0].body)


def test_ours_joins_every_shape_with_the_fewest_requests_and_again_with_none(
    standins: Others, tmp_path: Path
) -> None:
    joined = run(20, [OURS], standins, tmp_path, limit_seconds=30)

    verdicts = {name: one.verdict for name, one in joined.engines[OURS].items()}
    assert verdicts == dict.fromkeys(verdicts, "right")
    fewest = {name: one.requests for name, one in joined.ideals.items()}
    assert {name: one.requests for name, one in joined.engines[OURS].items()} == fewest
    assert not any(one.requests for one in joined.warm.values())
    assert "12 of 12" in table(joined)
    assert [aim.is_met for aim in aims([joined])][::2] == [True, True]
