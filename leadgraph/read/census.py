"""Source bytes -> how many statements they make, and what keeps them from being a source.

The parser's statements go straight into its serializer: as lines they are counted
without a Python object for each term. Only where a line looks unusual is each statement looked at.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    RdfFormat,
    Triple,
    parse,
    serialize,
)

from leadgraph.model import Place
from leadgraph.read.mistakes import refusals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import Quad

    from leadgraph.model import Problem

_NO_BASE = "https://no-base.invalid/"
_AT_ONCE = 10_000
# What RDF 1.1 does not have, and relative IRIs; a text may hold the same, so this is a suspicion.
_UNUSUAL = re.compile(rb"<<\(|\"@[A-Za-z0-9-]+--|<" + _NO_BASE.encode())
_BLANK_NODES = re.compile(rb"(?m)^_:[^ ]+|_:[^ \"]+(?= \.$)")


def census(
    path: str, text: str, engine: RdfFormat | None, most_blank_nodes: int
) -> tuple[int, tuple[Problem, ...]]:
    """Return the number of distinct statements, and what makes the text unusable."""
    data = text.encode()
    try:
        lines, is_plain = _lines(data, engine, most_blank_nodes)
        unusable = None if is_plain else _first_unusable(path, text, engine, most_blank_nodes)
    except SyntaxError as error:
        from leadgraph.read.mistakes import syntax  # noqa: PLC0415  # most files have no mistake

        return 0, syntax.problems(path, text, error)
    except MemoryError as error:
        if "buffer maximal size" not in str(error):
            raise
        return 0, (refusals.word_too_long(path, text),)
    return len(lines), (unusable,) if unusable else ()


def _lines(data: bytes, engine: RdfFormat | None, most: int) -> tuple[set[bytes], bool]:
    """The statements as lines of N-Quads, and whether each is certainly a plain one of RDF 1.1."""
    lines, blank_nodes = set[bytes](), set[bytes]()
    is_plain = engine != RdfFormat.JSON_LD  # which may have named graphs
    parser = _parser(data, engine)
    while chunk := serialize(islice(parser, _AT_ONCE), format=RdfFormat.N_QUADS):
        lines.update(chunk.splitlines())
        if b"_:" in chunk:
            blank_nodes.update(_BLANK_NODES.findall(chunk))
        is_plain = is_plain and len(blank_nodes) <= most and not _UNUSUAL.search(chunk)
    return lines, is_plain


def _parser(data: bytes, engine: RdfFormat | None) -> Iterator[Quad]:
    # Without a base the JSON-LD parser drops relative IRIs silently: a base makes them visible.
    base = _NO_BASE if engine == RdfFormat.JSON_LD else None
    return parse(data, format=engine, base_iri=base)


def _first_unusable(
    path: str, text: str, engine: RdfFormat | None, most_blank_nodes: int
) -> Problem | None:
    """The first statement that cannot be part of a source, and why."""
    blank_nodes = set[BlankNode]()
    for number, quad in enumerate(_parser(text.encode(), engine)):
        unusable = _unusable(path, text, quad)
        if unusable:
            return unusable
        blank_nodes.update(t for t in (quad.subject, quad.object) if isinstance(t, BlankNode))
        if len(blank_nodes) > most_blank_nodes:
            # A statement of JSON-LD has no place.
            if engine == RdfFormat.JSON_LD:
                limit = most_blank_nodes
                return refusals.problem("too-many-blank-nodes", Place(path), limit=limit)
            return refusals.too_many_blank_nodes(path, text, number, quad.triple, most_blank_nodes)
    return None


def _unusable(path: str, text: str, quad: Quad) -> Problem | None:
    """What cannot be part of a graph of plain statements about things with full IRIs."""
    value = quad.object
    if isinstance(value, Triple) or (isinstance(value, Literal) and value.direction):
        return refusals.rdf_1_2(path, text)
    if not isinstance(quad.graph_name, DefaultGraph):
        return refusals.problem("named-graph", Place(path))
    for term in (quad.subject, quad.predicate, value):
        if isinstance(term, NamedNode) and term.value.startswith(_NO_BASE):
            return refusals.relative_iri(path, text, term.value.removeprefix(_NO_BASE))
    return None
