"""A graph directory -> its examples: those whose query the endpoint would take."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyoxigraph import Store

from leadgraph.errors import QueryError, QueryMalformed, SourceUnreadable
from leadgraph.query import gate
from leadgraph.query.explain import malformed
from leadgraph.read.examples import read_example
from leadgraph.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from leadgraph.model import Example, GraphDirectory

_REMEDY = "Mend the query, or take the file out of the folder."
_SOURCE = (
    "Name each endpoint that SERVICE asks in the header, “# source: https://...”, and no other."
)
_POSITION = re.compile(r"error at (\d+):(\d+): (?:expected )?(.*)", re.DOTALL)


def examples_of(directory: GraphDirectory) -> tuple[Example, ...]:
    """Return the examples of a graph in the order of its files, none if it has none.

    Raises:
        SourceUnreadable: if a header is not understood, or a query is not valid or would be
            refused; the line is told.
    """
    return tuple(_askable(path) for path in directory.queries)


def _askable(path: Path) -> Example:
    """Return an example after asking an empty graph, which parses its query and costs nothing.

    It must pass the limits as they come, not those that an operator has tightened. No other
    endpoint is asked: for the engine its part is that of a graph.
    """
    example = read_example(path)
    local, asked = _alone(example.text)
    if asked != set(example.sources):
        raise SourceUnreadable(_where(path, example.text), _difference(example, asked), _SOURCE)
    try:
        gate.admit(local, Settings())
        Store().query(local)
    except QueryError as error:
        raise _unreadable(path, error) from error
    except SyntaxError as error:
        raise _unreadable(path, _malformed(example.text, str(error))) from error
    return example


def _alone(text: str) -> tuple[str, set[str]]:
    """Return a query with GRAPH where SERVICE was, each place kept, and the endpoints it asked."""
    asked, pieces, read = set[str](), [], 0
    after_service = False
    for token in gate.tokens(text):
        word = token.text.upper() if token.kind == "word" else ""
        if word == "SERVICE" or (after_service and word == "SILENT"):
            pieces += [text[read : token.offset], "GRAPH  " if word == "SERVICE" else " " * 6]
            read = token.offset + len(token.text)
            after_service = True
            continue
        if after_service and token.kind == "iri":
            asked.add(token.text[1:-1])
        after_service = False
    return "".join(pieces) + text[read:], asked


def _where(path: Path, text: str) -> str:
    """Return the file, with the line of the first SERVICE in it."""
    first = gate.read(text).service
    return str(path) if first is None else f"{path}:{gate.position(text, first)[0]}"


def _difference(example: Example, asked: set[str]) -> str:
    """Return in words how the header and the query disagree about who is asked."""
    unnamed = sorted(asked - set(example.sources))
    if unnamed:
        return f"it asks <{unnamed[0]}>, which its header does not name"
    idle = next(source for source in example.sources if source not in asked)
    return f"its header names <{idle}>, which it does not ask"


def _malformed(text: str, complaint: str) -> QueryMalformed:
    """Return in our words what the engine says of a query."""
    found = _POSITION.fullmatch(complaint)
    line, column, expected = found.groups() if found else ("1", "1", complaint)
    return malformed(text, (int(line), int(column)), expected)


def _unreadable(path: Path, error: QueryError) -> SourceUnreadable:
    """Return the error that says which file it is whose query cannot be asked, and where."""
    if isinstance(error, QueryMalformed):
        return SourceUnreadable(
            f"{path}:{error.line}:{error.column}", error.expected.rstrip("."), _REMEDY
        )
    return SourceUnreadable(str(path), str(error).rstrip("."), _REMEDY)
