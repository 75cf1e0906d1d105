"""Answer -> standard output: solutions as a table for people, anything else as it is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    parse_query_results,
)

from leadgraph.model import Form
from leadgraph.vocabulary import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leadgraph.model import Answer

_HIDDEN = {
    code: f"\\u{code:04x}"
    for code in (*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
"""Control and bidi characters, which would move the cursor or the words of a terminal."""

_WIDEST = 60


def show(form: Form, body: Iterable[bytes], *, for_machines: bool) -> None:
    """Print the body of an answer: a table, or a word for a boolean, unless for machines."""
    if not for_machines and form is Form.SOLUTIONS:
        click.echo(_table(b"".join(body)))
    elif not for_machines and form is Form.BOOLEAN:
        click.echo("yes" if b"true" in b"".join(body) else "no")
    else:
        for chunk in body:
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()


def body_of(answer: Answer) -> Iterable[bytes]:
    """Return the bytes of an answer as they come."""
    return answer.chunks if answer.whole is None else [answer.whole]


def _table(body: bytes) -> str:
    """Return solutions as a table for people, with a line that counts them."""
    results = parse_query_results(body, QueryResultsFormat.JSON)
    if not isinstance(results, QuerySolutions):
        raise TypeError("a table is for solutions")
    names = [variable.value for variable in results.variables]
    rows = [names, *([_cell(row[name]) for name in names] for row in results)]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    rule = "  ".join("-" * width for width in widths)
    count = len(rows) - 1
    return "\n".join((lines[0], rule, *lines[1:], f"({count} row{'' if count == 1 else 's'})"))


def _cell(term: object) -> str:
    """Return a term as people read it; what would move the cursor is made visible."""
    match term:
        case None:
            return ""
        case NamedNode():
            return shorten(term.value)
        case Literal() if term.language:
            return _cut(f"{term.value} @{term.language}")
        case Literal():
            return _cut(term.value)
        case BlankNode():
            return f"_:{term.value}"
        case _:
            return _cut(str(term))


def _cut(text: str) -> str:
    shown = text.translate(_HIDDEN)
    return shown if len(shown) <= _WIDEST else shown[: _WIDEST - 1] + "…"
