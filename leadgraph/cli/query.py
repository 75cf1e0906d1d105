"""`leadgraph query`: a question -> the answer of the published graph, or of an endpoint."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import replace
from pathlib import Path
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

from leadgraph import formats
from leadgraph.cli.releases import current_release, disk_folder, graph_option, with_graph
from leadgraph.errors import (
    EndpointFailed,
    EngineRefused,
    EngineUnavailable,
    SettingInvalid,
    SourceUnreadable,
)
from leadgraph.model import Answer, Form, Question
from leadgraph.query import gate
from leadgraph.query.client import Engine
from leadgraph.query.engine import running
from leadgraph.query.stores import is_address
from leadgraph.settings import Settings, duration
from leadgraph.vocabulary import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

_NAMES = tuple(row.name for row in (*formats.RESULTS, *formats.GRAPHS))
_HIDDEN = {
    code: f"\\u{code:04x}"
    for code in (*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
"""Control and bidi characters, which would move the cursor or the words of a terminal."""

_WIDEST = 60


def _endpoint(_context: click.Context, _option: click.Parameter, address: str | None) -> str | None:
    """Let the address of an endpoint pass.

    Raises:
        SettingInvalid: if it is none.
    """
    with contextlib.suppress(ValueError):  # urlsplit's word for brackets that do not close
        if address is None or is_address(address):
            return address
    raise SettingInvalid("--endpoint", str(address), "an address like https://example.org/sparql")


@click.command("query")
@click.argument("text")
@graph_option
@click.option("--endpoint", callback=_endpoint, metavar="URL", help="Ask that one instead.")
@click.option("--format", "format_name", type=click.Choice(_NAMES), help="For machines.")
@click.option("--deadline", type=duration, metavar="SECONDS", help="That it may take.")
def query_command(
    text: str,
    graph: Path | None,
    endpoint: str | None,
    format_name: str | None,
    deadline: float | None,
) -> None:
    """Ask the published graph, or any SPARQL endpoint; TEXT is a SPARQL query, or @FILE."""
    if graph and endpoint:
        raise click.UsageError("Name a folder with --graph, or an --endpoint, not both.")
    settings = with_graph(Settings.from_environment(), graph)
    if endpoint is not None:
        settings = replace(settings, engine=endpoint)
    if deadline is not None:
        settings = replace(settings, deadline_seconds=deadline)
    question = _question(_text(text), format_name)
    with _naming(settings.engine), _started(settings) as path, Engine(path, settings) as engine:
        _show(engine.ask(question), for_machines=format_name is not None)


def _started(settings: Settings) -> AbstractContextManager[Path]:
    """Return the running of an engine: over the current release, or towards an endpoint."""
    if is_address(settings.engine):
        return running([], settings)
    release = current_release(settings)
    return running([release.dataset], settings, disk_folder(settings, release))


@contextlib.contextmanager
def _naming(engine: str) -> Iterator[None]:
    """Say of an endpoint that fails which one it is.

    Raises:
        EndpointFailed: in place of what is said of the engine behind a server.
    """
    try:
        yield
    except EngineUnavailable as error:
        if is_address(engine):
            raise EndpointFailed(engine, "it cannot be reached") from error
        raise
    except EngineRefused as error:
        raise EndpointFailed(engine, error.reason) from error


def _show(answer: Answer, *, for_machines: bool) -> None:
    """Print an answer: solutions as a table and a boolean as a word, unless for machines."""
    if not for_machines and answer.form is Form.SOLUTIONS:
        click.echo(_table(b"".join(_bytes(answer))))
    elif not for_machines and answer.form is Form.BOOLEAN:
        click.echo("yes" if b"true" in b"".join(_bytes(answer)) else "no")
    else:
        for chunk in _bytes(answer):
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()


def _text(argument: str) -> str:
    """Return the query itself, or what the file holds."""
    if not argument.startswith("@"):
        return argument
    try:
        return Path(argument[1:]).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise SourceUnreadable(argument[1:], reason, "Name a file with a query.") from error


def _question(text: str, format_name: str | None) -> Question:
    """Return the question; a format of the wrong kind is a usage error."""
    wanted = formats.GRAPHS if gate.form(text) is Form.GRAPH else formats.RESULTS
    names = [row.name for row in wanted]
    if format_name is not None and format_name not in names:
        raise click.UsageError(f"For this query --format is one of {', '.join(names)}.")
    chosen = format_name or names[0]
    return Question(
        text,
        results=chosen if wanted is formats.RESULTS else formats.RESULTS[0].name,
        graph=chosen if wanted is formats.GRAPHS else formats.GRAPHS[0].name,
    )


def _bytes(answer: Answer) -> Iterable[bytes]:
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
