"""A size -> how fast statements are read with their places, beside two parsers without any."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, parse, serialize

from bench import generate
from leadgraph.read.places import locate
from leadgraph.vocabulary import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Callable

_RUNS = 3


@dataclass(frozen=True, slots=True)
class Rates:
    """Triples a second: of the parser that judges, of the places, of rdflib's parser.

    `places` is the reading of all places, `statements` with all terms made, too; each is the best
    of three.
    """

    triples: int
    pyoxigraph: float
    places: float
    statements: float
    rdflib: float


def measure(triples: int) -> Rates:
    """Read one generated Turtle text in each way."""
    text = turtle(triples)
    count = len(locate(text).statements)
    return Rates(
        count,
        count / _seconds(lambda: sum(1 for _ in parse(text.encode(), format=RdfFormat.TURTLE))),
        count / _seconds(lambda: locate(text)),
        count / _seconds(lambda: sum(1 for _ in locate(text).statements)),
        count / _seconds(lambda: _by_rdflib(text)),
    )


def turtle(triples: int) -> str:
    """Return a generated graph as Turtle."""
    chosen = islice(generate.statements(), triples)
    lines = "".join(f"{s.subject} {s.predicate} {s.object} .\n" for s in chosen)
    parsed = (quad.triple for quad in parse(lines.encode(), format=RdfFormat.N_TRIPLES))
    written = serialize(parsed, format=RdfFormat.TURTLE, prefixes=PREFIXES)
    return (written or b"").decode()


def table(rates: Rates) -> str:
    """Return the rates as lines of text, each with its ratio to rdflib's."""
    rows = (
        ("pyoxigraph's parser, which judges", rates.pyoxigraph),
        ("places of all statements", rates.places),
        ("... with all terms made", rates.statements),
        ("rdflib's parser, without places", rates.rdflib),
    )
    lines = [f"\nPlaces in Turtle, {rates.triples:,} triples; triples a second, to rdflib's\n"]
    lines += [f"  {name:36}{rate:12,.0f}{rate / rates.rdflib:8.1f}\n" for name, rate in rows]
    return "".join(lines)


def _by_rdflib(text: str) -> None:
    from rdflib import Graph  # noqa: PLC0415  # half a second that nobody else needs

    Graph().parse(data=text, format="turtle")


def _seconds(run: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(_RUNS):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best
