"""Queries written to be hard to join, over three endpoints, against all of their data in one store.

`joined/queries.rq` has them: what is bound late, half or not at all, names that look like keywords,
terms of many spellings, and each clause of SPARQL around, beside and inside of a SERVICE.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, Triple, serialize

from tests.federated import World, result, world

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent / "joined"
PREFIXES, *QUERIES = (FOLDER / "queries.rq").read_text().strip().split("\n\n")
SOURCES = ("http://a.example/sparql", "http://b.example/sparql", "http://c.example/s(1)%20q")
SERVICE = re.compile(r"\bSERVICE\s+(?:SILENT\s+)?(?=<http://[abc]\.example/|[?$]|src:)", re.I)


def _turtle(store: Store, source: str) -> str:
    found = store.quads_for_pattern(None, None, None, NamedNode(source))
    triples = [Triple(quad.subject, quad.predicate, quad.object) for quad in found]
    return serialize(triples, format=RdfFormat.TURTLE).decode()


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    store = Store()
    store.load((FOLDER / "data.trig").read_bytes(), RdfFormat.TRIG)
    remote = {source: _turtle(store, source) for source in SOURCES}
    for source in SOURCES:
        store.remove_graph(NamedNode(source))
    local = store.dump(format=RdfFormat.TRIG)
    assert local is not None
    with world(tmp_path_factory.mktemp("joined"), local.decode(), remote) as made:
        yield made


@pytest.mark.parametrize("query", QUERIES)
def test_the_answer_is_that_of_one_store(three: World, query: str) -> None:
    text = f"{PREFIXES}\n{query}"
    expected = three.expected(SERVICE.sub("GRAPH ", text))
    assert result(three.ask(text).answer) == expected


def test_they_are_many_and_most_have_an_answer(three: World) -> None:
    answers = [three.expected(SERVICE.sub("GRAPH ", f"{PREFIXES}\n{query}")) for query in QUERIES]
    assert len(answers) >= 150
    assert sum(answer is not False and answer != ({}, "") for answer in answers) >= 100
