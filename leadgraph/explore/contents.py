"""The IRI of a named graph -> the things of ours that it speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadgraph.explore.labels import Node, look_up
from leadgraph.explore.sparql import key, put, whole
from leadgraph.vocabulary import ID

if TYPE_CHECKING:
    from leadgraph.query.client import Engine

SHOWN = 500
"""How many things of one graph a page lists."""

_THINGS = f"""
SELECT DISTINCT ?thing {{
  GRAPH $graph {{ ?thing ?property ?value }}
  FILTER(STRSTARTS(STR(?thing), "{ID}"))
}}
ORDER BY ?thing"""
_COUNT = f"""
SELECT (COUNT(DISTINCT ?thing) AS ?count) {{
  GRAPH $graph {{ ?thing ?property ?value }}
  FILTER(STRSTARTS(STR(?thing), "{ID}"))
}}"""


@dataclass(frozen=True, slots=True)
class Contents:
    """The first things that a graph speaks of, and how many there are; `query` asks for all."""

    things: tuple[Node, ...]
    count: int
    query: str


def contents(engine: Engine, graph: str, language: str) -> Contents:
    """Return what a named graph speaks of, sorted by label; nothing if it holds no statement."""
    query = put(_THINGS, graph=graph)
    things = [key(row["thing"]) for row in engine.rows(f"{query}\nLIMIT {SHOWN}")]
    (counted,) = engine.rows(put(_COUNT, graph=graph))
    labels = look_up(engine, things, language)
    return Contents(labels.nodes(things), whole(counted["count"]), query)
