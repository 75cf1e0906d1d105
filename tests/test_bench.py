"""The bench measures what it says: the same data each time, answers compared, servers ended."""

from __future__ import annotations

import os
from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import RdfFormat, Store

from bench import generate, places, shapes
from bench.__main__ import SECTIONS, options_of
from bench.aims import aims
from bench.answers import difference
from bench.connection import Received
from bench.processes import ServerFailed, running, tree, wait_until_ready
from bench.queries import Agreement, Query, Weight, queries
from bench.run import Effort, run
from bench.servers import servers
from bench.table import table

if TYPE_CHECKING:
    from pathlib import Path

TRIPLES = 2_000
SMALLEST = 10_000
STALLS = "p99 of a light query beside 8 runaways, to idle: at most 10"
MEMORY = "memory with four clients busy, to one copy of the data: at most 1.5"
BRIEF = Effort(1, 0.01, 1, 0.2, 0.2, 0.2, builds=False)
ROWS = Query("numbers", "", "SELECT ?n WHERE { }", Weight.LIGHT, Agreement.ROWS)


def written(triples: int, seed: int = generate.SEED) -> str:
    """A generated graph as N-Quads."""
    out = StringIO()
    generate.write(triples, out, seed)
    return out.getvalue()


def solutions(*values: str) -> Received:
    """An answer of one column, whose values are JSON."""
    rows = ",".join(f'{{"n":{value}}}' for value in values)
    body = f'{{"head":{{"vars":["n"]}},"results":{{"bindings":[{rows}]}}}}'
    return Received(200, "application/sparql-results+json", body.encode(), 0.0, 0.0)


def number(value: str, datatype: str) -> str:
    iri = f"http://www.w3.org/2001/XMLSchema#{datatype}"
    return f'{{"type":"literal","value":"{value}","datatype":"{iri}"}}'


@pytest.fixture(scope="module")
def store() -> Store:
    store = Store()
    store.load(written(SMALLEST).encode(), format=RdfFormat.N_QUADS)
    return store


@pytest.mark.parametrize(
    ("line", "sections", "names"),
    [
        ("", tuple(SECTIONS), ()),
        ("--only located", ("located",), ()),
        ("--only shapes places", ("places", "shapes"), ()),
        ("--only card", ("servers",), ("card",)),
        ("--only federation --things 7", ("federation",), ()),
        ("--only located card", ("located", "servers"), ("card",)),
        ("--quick", ("servers",), ()),
        ("--servers qlever", ("servers",), ()),
    ],
)
def test_sections_and_queries_are_chosen_by_name(
    line: str, sections: tuple[str, ...], names: tuple[str, ...]
) -> None:
    """By default all; whoever names a query or a server wants those."""
    options = options_of(line.split())
    assert (options.sections, options.queries) == (sections, names)


def test_our_shapes_find_what_bare_pyshacl_finds_and_the_bench_says_how_fast() -> None:
    compared = shapes.compare(TRIPLES)

    assert compared.results == compared.bare_results > 0
    assert compared.ratio < shapes.AIM
    assert f"ratio {compared.ratio:.2f} (at most 1)" in str(compared)


def test_the_same_seed_writes_the_same_graph_and_another_seed_another() -> None:
    assert written(TRIPLES) == written(TRIPLES)
    assert written(TRIPLES) != written(TRIPLES, seed=1)


def test_a_smaller_graph_is_the_beginning_of_a_larger_one() -> None:
    assert written(TRIPLES).startswith(written(TRIPLES // 2))


def test_the_default_graph_holds_every_statement_once_and_a_named_graph_says_it_too() -> None:
    statements = [*islice(generate.statements(), TRIPLES)]

    assert len({statement[:3] for statement in statements}) == TRIPLES
    assert all(statement.graphs for statement in statements)
    assert any(len(statement.graphs) > 1 for statement in statements)


@pytest.mark.parametrize("query", queries(), ids=lambda query: query.name)
def test_every_query_finds_something_in_the_smallest_graph(query: Query, store: Store) -> None:
    assert [*store.query(query.text)]  # type: ignore[misc]  # none of them is an ASK


def test_numbers_of_one_value_are_the_same_answer_in_any_order() -> None:
    first = solutions(number("1", "integer"), number("2.50", "decimal"))
    second = solutions(number("2.5", "decimal"), number("1.0", "decimal"))

    assert difference(ROWS, first, second) is None


def test_a_row_more_and_another_value_are_told() -> None:
    one, two = number("1", "integer"), number("2", "integer")

    assert "2 and 1 rows" in str(difference(ROWS, solutions(one, two), solutions(one)))
    assert "1 only there" in str(difference(ROWS, solutions(one), solutions(two)))


def test_a_run_compares_two_ways_of_ours_and_prints_every_aim(tmp_path: Path) -> None:
    ours = [one for one in servers() if one.name in {"ours memory cold", "ours disk cold"}]
    before = tree(os.getpid())

    results = run(tmp_path / "small.nq", TRIPLES, ours, queries(("point", "count")), BRIEF)
    printed = table(results)

    assert not results.remarks
    assert {*results.servers["ours disk cold"].rates} == {"point", "count"}
    assert "disk/cold" in printed
    assert {aim.text for aim in aims(results) if aim.is_met is not None} == {STALLS, MEMORY}
    assert set(tree(os.getpid())) <= set(before)


def test_a_server_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with (
        running(["/bin/sh", "-c", "echo no data; exit 3"], {}, log) as process,
        pytest.raises(ServerFailed, match="no data"),
    ):
        wait_until_ready(process, 1, b"", log)


def test_places_are_measured_beside_two_parsers() -> None:
    rates = places.measure(TRIPLES)

    assert rates.triples == TRIPLES
    assert "rdflib's parser, without places" in places.table(rates)
    assert rates.places > rates.statements > rates.rdflib
