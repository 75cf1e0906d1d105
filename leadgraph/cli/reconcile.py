"""`leadgraph reconcile`: names, or a table that has them -> the things that they mean."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leadgraph import words
from leadgraph.check.reports.characters import cell, visible
from leadgraph.cli.files import language_of_the_reader
from leadgraph.cli.releases import current_release, disk_folder, graph_option, with_graph
from leadgraph.cli.terminal import echo
from leadgraph.errors import SourceUnreadable
from leadgraph.explore.batch import MOST, Asker, reconcile_all
from leadgraph.explore.candidate import as_json
from leadgraph.explore.reconcile import Query, Reconciler
from leadgraph.explore.search import Search
from leadgraph.query.client import Engine
from leadgraph.query.engine import running
from leadgraph.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from leadgraph.explore.candidate import Candidate

_TABLES = {".csv": ",", ".tsv": "\t"}
_ADDED = ("rank", "id", "label", "type", "score", "match")
"""The columns that a table gets, each with `leadgraph_` before it."""
_HEAD = ("name", "", "score", "id", "label", "type")
_WIDEST = 40
_HEADLESS = "Give its first line names of columns."
_LARGEST_CELL = 10 * 2**20


@dataclass(frozen=True, slots=True)
class _Names:
    """Names in their order, each with the row that it stands in; `header` names its columns."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: tuple[str, ...]
    delimiter: str = ","


@click.command("reconcile")
@click.argument("names", nargs=-1, required=True, metavar="NAME...|@FILE")
@graph_option
@click.option(
    "--type", "types", multiple=True, metavar="TYPE", help="Only such things: Skill, lg:Skill, ..."
)
@click.option("--column", metavar="COLUMN", help="Of a table; the first by default.")
@click.option(
    "--limit", type=click.IntRange(1, MOST), help="Candidates for each name (3; in a table 1)."
)
@click.option("--lang", metavar="LANGUAGE", help="Language of the labels; yours by default.")
@click.option("--format", "form", type=click.Choice(("text", "json", "csv")), help="For machines.")
def reconcile_command(  # noqa: PLR0913, PLR0917  # one for each option
    names: tuple[str, ...],
    graph: Path | None,
    types: tuple[str, ...],
    column: str | None,
    limit: int | None,
    lang: str | None,
    form: str | None,
) -> None:
    """Find the things that names mean, in whatever language, and misspelt.

    @FILE has a name a line, or is a table (.csv, .tsv), which is written again with more columns;
    @- is standard input, a table if --column is given. A match is marked with = only where one
    thing is clearly the one.
    """
    given = _given(names, column)
    settings = with_graph(Settings.from_environment(), graph)
    chosen = form or ("csv" if given.header else "text")
    most = limit or (1 if chosen == "csv" else 3)
    language = words.closest(lang or language_of_the_reader())
    release = current_release(settings)
    folder = disk_folder(settings, release)
    with running([release.dataset], settings, folder) as path, Engine(path, settings) as engine:
        finder = Reconciler(engine, Search(engine, settings.deadline_seconds))
        _require_types(finder, types)
        queries = {name: Query(name, types, limit=most) for name in given.names}
        found = reconcile_all(finder, queries, Asker(language, math.inf))
    _write(chosen, given, found)


def _require_types(finder: Reconciler, types: Iterable[str]) -> None:
    """Return if things are of each of the types.

    Raises:
        UsageError: if none is; it says which there are.
    """
    for each in types:
        if not finder.classes.find(each):
            known = ", ".join(term.id for term in finder.classes.all().values())
            raise click.UsageError(f"Nothing is of the type {each}. There are: {known}.")


def _write(form: str, given: _Names, found: dict[str, list[Candidate]]) -> None:
    if form == "text":
        for line in _text(given.names, found):
            echo(line)
        return
    lines = _json(given.names, found) if form == "json" else _csv(given, found)
    for line in lines:
        sys.stdout.buffer.write(line.encode())
    sys.stdout.buffer.flush()


def _given(names: Sequence[str], column: str | None) -> _Names:
    """Return the names of the command line, or of the file that it names.

    Raises:
        UsageError: if names and files are mixed, or no file has a column.
    """
    files = [each for each in names if each.startswith("@") and len(each) > 1]
    if files and len(names) > 1:
        raise click.UsageError("Give names, or one @FILE, not both.")
    path = files[0][1:] if files else ""
    delimiter = _TABLES.get(Path(path).suffix.lower(), "")
    if path == "-" and column is not None:
        delimiter = ","
    if column is not None and not delimiter:
        raise click.UsageError("--column is for a table: name an @FILE.csv.")
    if delimiter:
        return _table(path, delimiter, column)
    lines = [line for line in _read(path).splitlines() if line.strip()] if files else list(names)
    return _Names((), tuple((each,) for each in lines), tuple(lines))


def _table(path: str, delimiter: str, column: str | None) -> _Names:
    """Return the names of a column of a table.

    Raises:
        SourceUnreadable: if it is no table, or has no such column.
    """
    text = _read(path)
    delimiter = _delimiter(text, delimiter)
    try:
        header, *rows = _rows(text, delimiter) or [[]]
    except csv.Error as error:
        raise SourceUnreadable(path, f"it is no table: {error}", _HEADLESS) from None
    if not header:
        raise SourceUnreadable(path, "it is no table: its first line is empty", _HEADLESS)
    if column is not None and column not in header:
        remedy = f"It has {', '.join(header)}."
        raise SourceUnreadable(path, f"it has no column {column}", remedy)
    at = header.index(column) if column is not None else 0
    rows = [row for row in rows if row]
    names = tuple(row[at] if at < len(row) else "" for row in rows)
    return _Names(tuple(header), tuple(map(tuple, rows)), names, delimiter)


def _delimiter(text: str, usual: str) -> str:
    """Return what stands between the cells: spreadsheets of much of Europe write `;` for `,`."""
    head = re.sub(r'"[^"]*"', "", text).partition("\n")[0]
    return ";" if usual == "," and ";" in head and "," not in head else usual


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """Return the cells of a table; those of tabs may have quotes that quote nothing."""
    csv.field_size_limit(_LARGEST_CELL)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        if delimiter != "\t":
            raise
    plain = io.StringIO(text, newline="")
    return list(csv.reader(plain, delimiter=delimiter, quoting=csv.QUOTE_NONE))


def _read(path: str) -> str:
    """Return what a file, or standard input, holds.

    Raises:
        SourceUnreadable: if it cannot be read.
    """
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise SourceUnreadable(path, reason, "Name a file with a name a line.") from error


def _json(names: Iterable[str], found: dict[str, list[Candidate]]) -> Iterator[str]:
    """Yield a list with a line for each name: the name, and its candidates as the API has them."""
    lines = (
        json.dumps({"query": name, "result": list(map(as_json, found[name]))}, ensure_ascii=False)
        for name in names
    )
    yield "[\n" + ",\n".join(lines) + "\n]\n"


def _csv(given: _Names, found: dict[str, list[Candidate]]) -> Iterator[str]:
    """Yield the table with more columns; a name without candidates keeps its row."""
    header = given.header or ("name",)
    between = ";" if given.delimiter == ";" else ","
    yield _line([*header, *(f"leadgraph_{each}" for each in _ADDED)], between)
    for row, name in zip(given.rows, given.names, strict=True):
        padded = [*row, *[""] * (len(header) - len(row))]
        for added in _added(found[name]):
            yield _line([*padded, *added], between)


def _added(candidates: list[Candidate]) -> Iterator[Sequence[str]]:
    if not candidates:
        yield ("",) * len(_ADDED)
    for rank, each in enumerate(candidates, 1):
        type_ = each.types[0][0] if each.types else ""
        matched = "true" if each.match else "false"
        yield str(rank), each.id, each.name, type_, f"{each.score:g}", matched


def _line(cells: Iterable[str], delimiter: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerow(cells)
    return text.getvalue()


def _text(names: Iterable[str], found: dict[str, list[Candidate]]) -> Iterator[str]:
    """Yield a table for people, and a line that counts."""
    rows: list[Sequence[str]] = [_HEAD]
    for name in names:
        rows += _shown(name, found[name])
    columns = [[_width(each) for each in column] for column in zip(*rows, strict=True)]
    widths = [max(column) for column in columns]
    for place, row in enumerate(rows):
        padded = (
            each + " " * (width - _width(each)) for each, width in zip(row, widths, strict=True)
        )
        yield "  ".join(padded).rstrip()
        if place == 0:
            yield "  ".join("-" * width for width in widths)
    asked = list(names)
    matched = sum(bool(found[name]) and found[name][0].match for name in asked)
    yield f"({len(asked)} name{'' if len(asked) == 1 else 's'}, {matched} matched)"


def _shown(name: str, candidates: list[Candidate]) -> Iterator[Sequence[str]]:
    """Yield the rows of a name."""
    if not candidates:
        yield (_cut(name), "", "", "", "", "")
    for place, each in enumerate(candidates):
        type_ = each.types[0][1] if each.types else ""
        mark = "=" if each.match else ""
        called = _cut(name) if place == 0 else ""
        yield called, mark, f"{each.score:g}", _cut(each.id), _cut(each.name), _cut(type_)


def _cut(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= _WIDEST else shown[: _WIDEST - 1] + "…"


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(cell(character)[1] for character in text)
