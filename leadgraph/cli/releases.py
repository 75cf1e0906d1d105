"""`leadgraph build` and `leadgraph query`: sources -> a release, and a question to it."""

from __future__ import annotations

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
from leadgraph.check.report import as_text
from leadgraph.cli.progress import progress
from leadgraph.errors import BuildRefused, SourceUnreadable
from leadgraph.model import Answer, Form, Question, Release
from leadgraph.publish.build import build
from leadgraph.publish.releases import is_current, latest, state_folder, verify
from leadgraph.query import gate
from leadgraph.query.client import Engine
from leadgraph.query.engine import running
from leadgraph.read.turtle import directory_of
from leadgraph.settings import Settings, duration
from leadgraph.vocabulary import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAMES = tuple(row.name for row in (*formats.RESULTS, *formats.GRAPHS))
_HIDDEN = {
    code: f"\\u{code:04x}"
    for code in (*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
"""Control and bidi characters, which would move the cursor or the words of a terminal."""

_WIDEST = 60

graph_option = click.option(
    "--graph",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with ontology/ shapes/ data/ (default: the graph that is bundled).",
)


@click.command("build")
@graph_option
def build_command(graph: Path | None) -> None:
    """Check the sources and publish them as a release."""
    release = publish(with_graph(Settings.from_environment(), graph))
    click.echo(f"Release {release.version}: {release.statements} statements in {release.path}")


@click.command("query")
@click.argument("text")
@graph_option
@click.option("--format", "format_name", type=click.Choice(_NAMES), help="For machines.")
@click.option("--deadline", type=duration, metavar="SECONDS", help="That it may take.")
def query_command(
    text: str, graph: Path | None, format_name: str | None, deadline: float | None
) -> None:
    """Ask the published graph; TEXT is a SPARQL query, or @FILE."""
    settings = with_graph(Settings.from_environment(), graph)
    if deadline is not None:
        settings = replace(settings, deadline_seconds=deadline)
    question = _question(_text(text), format_name)
    dataset = [current_release(settings).dataset]
    with running(dataset, settings) as path, Engine(path, settings) as engine:
        answer = engine.ask(question)
        if format_name is None and answer.form is Form.SOLUTIONS:
            click.echo(_table(b"".join(_bytes(answer))))
        elif format_name is None and answer.form is Form.BOOLEAN:
            click.echo("yes" if b"true" in b"".join(_bytes(answer)) else "no")
        else:
            for chunk in _bytes(answer):
                sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()


def with_graph(settings: Settings, graph: Path | None) -> Settings:
    """Return the settings with the folder that was named on the command line."""
    return settings if graph is None else replace(settings, graph=str(graph))


def current_release(settings: Settings) -> Release:
    """Return the newest release, built first if the sources have changed since.

    Raises:
        ReleaseDamaged: if a file of it is not as it was published.
    """
    state = state_folder(settings)
    if not is_current(directory_of(settings), state):
        return publish(settings)
    release = latest(state)
    verify(release)
    return release


def publish(settings: Settings) -> Release:
    """Build a release; the report of sources that were refused goes to standard error.

    Raises:
        BuildRefused: if the sources have violations.
    """
    try:
        with progress(str.capitalize) as begin:
            return build(directory_of(settings), state_folder(settings), settings, begin)
    except BuildRefused as error:
        click.echo(as_text(error.report, "en", colour=sys.stderr.isatty()), err=True)
        raise


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
