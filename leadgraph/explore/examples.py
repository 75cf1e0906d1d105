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

    It must pass the limits as they come, not those that an operator has tightened.
    """
    example = read_example(path)
    try:
        gate.admit(example.text, Settings())
        Store().query(example.text)
    except QueryError as error:
        raise _unreadable(path, error) from error
    except SyntaxError as error:
        raise _unreadable(path, _malformed(example.text, str(error))) from error
    return example


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
