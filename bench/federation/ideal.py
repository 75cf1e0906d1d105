"""A shape and all data in one store -> its right answer, and the least that could be asked."""

from __future__ import annotations

import gzip
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import (
    NamedNode,
    Quad,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    parse,
)

from bench.connection import Received
from bench.federation.proxy import GZIP_LEVEL
from bench.federation.shapes import in_one_store, with_prefixes
from leadgraph.vocabulary import WD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from bench.federation.data import Addresses
    from bench.federation.shapes import Need, Shape

BLOCK = 500
"""Keys a request, as the stand-ins take it."""

_JSON = "application/sparql-results+json"
_REQUEST = (
    "POST /query HTTP/1.1\r\nHost: 127.0.0.1:00000\r\nUser-Agent: LeadGraph (bench@example.org)\r\n"
    f"Accept: {_JSON}\r\nAccept-Encoding: gzip\r\n"
    "Content-Type: application/sparql-query\r\nContent-Length: 0000\r\n\r\n"
)
_ANSWER = (
    f"HTTP/1.1 200 OK\r\nContent-Type: {_JSON}\r\n"
    "Content-Encoding: gzip\r\nContent-Length: 00000\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Ideal:
    """The fewest requests and bytes that bring what a shape needs."""

    requests: int
    wire_bytes: int


def store(data: Path, remotes: Iterable[tuple[str, Iterable[Quad]]]) -> Store:
    """Load all into one store: our data, and each endpoint as the graph of its address."""
    loaded = Store()
    loaded.bulk_load(path=data, format=RdfFormat.N_QUADS)
    for address, quads in remotes:
        graph = NamedNode(address)
        loaded.bulk_extend(Quad(q.subject, q.predicate, q.object, graph) for q in quads)
    return loaded


def right_answer(shape: Shape, everything: Store, addresses: Addresses) -> Received:
    """Return what the query has to give: its answer where nothing is elsewhere."""
    found = _solutions(everything, in_one_store(shape.text, addresses))
    return Received(200, _JSON, _as_json(found), 0.0, 0.0)


def ideal(shape: Shape, everything: Store, addresses: Addresses) -> Ideal:
    """Return the least that a client of the endpoints could do for a shape.

    The keys that can be known there are sent once each, five hundred a request, one request a
    block; of several endpoints each one is asked about the keys that the one before left. A
    request is the shortest query that brings the variables in need: as it is (there is no
    compressing of requests that endpoints take), keys as prefixed names, in a POST with the heads
    that none can do without. An answer has the rows about these keys and nothing else, as the
    JSON that the endpoint writes, by gzip. So no client that speaks the standard protocol and
    reads JSON can do with much less.
    """
    sizes = [size for need in shape.needs for size in _wire_bytes(need, everything, addresses)]
    return Ideal(len(sizes), sum(sizes))


def _wire_bytes(need: Need, everything: Store, addresses: Addresses) -> Iterator[int]:
    """Yield the size of each request with its answer."""
    graph = NamedNode(getattr(addresses, need.source))
    for block in _blocks(_keys(need, everything, addresses)):
        text = with_prefixes(need.request.replace("$KEYS", " ".join(block))).replace("\n", "")
        answer = _as_json(_solutions(everything, text, graph))
        packed = gzip.compress(answer, GZIP_LEVEL, mtime=0)
        yield len(_REQUEST) + len(text.encode()) + len(_ANSWER) + len(packed)


def _keys(need: Need, everything: Store, addresses: Addresses) -> list[str]:
    """Return the items that there may be something about, as prefixed names."""
    found = _solutions(everything, in_one_store(need.keys, addresses))
    iris = [term.value for row in found if isinstance(term := row[0], NamedNode)]
    return sorted("wd:" + iri.removeprefix(WD) for iri in iris if iri.startswith(WD))


def _blocks(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + BLOCK] for start in range(0, len(keys), BLOCK))


def _solutions(everything: Store, text: str, graph: NamedNode | None = None) -> QuerySolutions:
    found = everything.query(text, default_graph=graph)
    if not isinstance(found, QuerySolutions):
        raise TypeError(text)
    return found


def _as_json(found: QuerySolutions) -> bytes:
    out = io.BytesIO()
    found.serialize(out, QueryResultsFormat.JSON)
    return out.getvalue()


def parsed(path: Path) -> list[Quad]:
    """Read statements that the bench wrote."""
    return [*parse(path=path, format=RdfFormat.N_QUADS)]
