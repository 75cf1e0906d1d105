"""`leadgraph links`: the links to Wikidata, kept true: sync, check, suggest, export."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leadgraph import words
from leadgraph.check.reports.counts import CANNOT_READ, exit_status
from leadgraph.cli import reports
from leadgraph.cli.files import language_of_the_reader
from leadgraph.cli.fixing import Fixed, fix
from leadgraph.cli.link_exports import export_command, suggest_command
from leadgraph.cli.releases import graph_option, with_graph
from leadgraph.cli.saving import create, save
from leadgraph.cli.terminal import echo, show
from leadgraph.cli.wikidata import (
    asking,
    endpoint_option,
    excerpt_option,
    languages_of,
    languages_option,
    read_data,
    read_files,
)
from leadgraph.errors import LeadGraphError, SourceError
from leadgraph.link.wikidata import items_file
from leadgraph.link.wikidata.checking import check_links
from leadgraph.link.wikidata.items_file import Origin
from leadgraph.link.wikidata.linked import links
from leadgraph.read.turtle import directory_of
from leadgraph.settings import Settings
from leadgraph.vocabulary import PROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from leadgraph.check.reports.reader import Reader
    from leadgraph.check.slice import FileGraph
    from leadgraph.cli.reports import Output
    from leadgraph.link.wikidata.items import Wikidata
    from leadgraph.model import Report

_PATH = click.Path(path_type=Path)
lang_option = click.option("--lang", metavar="LANGUAGE", help="Language of the words.")


@click.group("links")
def links_command() -> None:
    """Keep the links to Wikidata true: sync, check, suggest, export.

    The source is the first Wikidata of LEADGRAPH_SERVICE_ALLOW; Wikimedia's hosts are asked only
    if LEADGRAPH_CONTACT says whom they can write to.
    """


def _date(_context: click.Context, _option: click.Parameter, dated: str | None) -> str | None:
    """Return a date that Turtle has a type for."""
    try:
        if dated:
            items_file.date_literal(dated)
    except ValueError:
        raise click.BadParameter("write 2020, 2020-06 or 2020-06-30.") from None
    return dated


@links_command.command("sync")
@graph_option
@endpoint_option
@excerpt_option
@languages_option
@click.option("--dated", callback=_date, metavar="DATE", help="Age of its data, if it is silent.")
@click.option(
    "--origin",
    "origins",
    multiple=True,
    metavar="URL",
    help="Where a mirror or an excerpt has its data from; may be repeated.",
)
@lang_option
def sync_command(  # noqa: PLR0913, PLR0917  # one for each option
    graph: Path | None,
    endpoint: str | None,
    excerpt: bool,
    languages: list[str] | None,
    dated: str | None,
    origins: tuple[str, ...],
    lang: str | None,
) -> None:
    """Fetch what Wikidata says of the linked items into data/wikidata-items.ttl.

    Labels, other names, descriptions, types, pages about them; which of them were merged into
    others or deleted. Nothing is written where only the date would change, or if anything fails.
    """
    settings = with_graph(Settings.from_environment(), graph)
    language = words.closest(lang or language_of_the_reader())
    files = read_data(settings, replaced=items_file.PATH)
    path = directory_of(settings).root / "data" / items_file.PATH
    try:
        tags = languages or languages_of(files)
        with asking(settings, endpoint, tags, language) as (source, live):
            author = PROJECT if _is_described(files, PROJECT) else ""
            now = datetime.now(UTC)
            origin = Origin(
                source.iri, source.address, now, dated or live.date(), origins, excerpt, author
            )
            fetched = _fetched(live, files, origin)
    except SourceError:
        if path.exists():
            echo(words.say("links.kept", language, path=path), err=True)
        raise
    for line in _stored(path, fetched, origin.name, language):
        echo(line)


@dataclass(frozen=True, slots=True)
class _Fetched:
    """The file of items, how many it has, and those that the source does not have."""

    text: str
    items: int
    missing: tuple[str, ...]


def _fetched(live: Wikidata, files: Sequence[FileGraph], origin: Origin) -> _Fetched:
    items = live.linked((link.item for link in links(files)), is_excerpt=origin.is_excerpt)
    found = {iri: live.target(item) for iri, item in items.items() if item.redirect}
    targets = {iri: target for iri, target in found.items() if target is not None}
    classes = live.classes(items.values())
    astray = {iri for iri, item in items.items() if item.redirect} - targets.keys()
    missing = tuple(f"wd:{i.number}" for i in items.values() if i.is_gone or i.iri in astray)
    text = items_file.written(list(items.values()), targets, classes, origin)
    return _Fetched(text, len(items) - len(missing), missing)


def _stored(path: Path, fetched: _Fetched, source: str, language: str) -> list[str]:
    """Write the file if it says something new; return what to tell."""
    before = path.read_bytes() if path.exists() else None
    key = "links.written"
    if before is None:
        create(path, fetched.text.encode())
    elif items_file.is_same(before.decode(errors="replace"), fetched.text):
        key = "links.unchanged"
    else:
        save(path, before, fetched.text.encode())
    told = [words.say(key, language, path=path, items=fetched.items, source=source)]
    if fetched.missing:
        told.append(words.say("links.missing", language, items=", ".join(fetched.missing)))
    return told


def _is_described(files: Sequence[FileGraph], iri: str) -> bool:
    return any(str(t.subject) == f"<{iri}>" for file in files for t in file.triples)


@links_command.command("check")
@click.argument("files", nargs=-1, type=_PATH, metavar="[FILE]...")
@graph_option
@endpoint_option
@excerpt_option
@reports.format_option
@click.option("--lang", metavar="LANGUAGE", help="Language of the report; yours by default.")
@reports.color_option
@click.option("--fix", "mend", is_flag=True, help="Follow merged items where evidence allows it.")
@click.option("--diff", "as_diff", is_flag=True, help="Only show what --fix would change.")
def check_command(  # noqa: PLR0913, PLR0917  # one for each option
    files: tuple[Path, ...],
    graph: Path | None,
    endpoint: str | None,
    excerpt: bool,
    outputs: tuple[Output, ...],
    lang: str | None,
    color: str,
    mend: bool,
    as_diff: bool,
) -> None:
    """Hold each link in the data, or in FILEs, against what Wikidata says of its item now.

    Gone, merged into another, or another label or type than the table of evidence and the last
    sync have.

    Exit status: 0 no violations, 1 violations, 2 a file cannot be read or the source not be asked.
    """
    reports.spare(files, outputs)
    reader = reports.reader(words.closest(lang or language_of_the_reader()), color, shacl=False)
    settings = with_graph(Settings.from_environment(), graph)
    try:
        paths = files or directory_of(settings).data
        asked = _Asked(paths, settings, endpoint, excerpt, reader, mend, as_diff)
        fixed = _checked(asked)
    except LeadGraphError as error:
        reports.refuse(error, outputs, reader)
        sys.exit(CANNOT_READ)
    sys.exit(_told(fixed, outputs, asked))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What somebody asked for."""

    paths: Sequence[Path]
    settings: Settings
    endpoint: str | None
    excerpt: bool
    reader: Reader
    mend: bool
    as_diff: bool


def _checked(asked: _Asked) -> Fixed:
    """The report; of the files as they were mended, if somebody asked for that."""
    around = read_data(asked.settings)
    tags = languages_of(())
    with asking(asked.settings, asked.endpoint, tags, asked.reader.language) as (_, live):

        def examine(paths: Sequence[Path], texts: Mapping[Path, str]) -> Report:
            read = read_files(paths, asked.settings, texts)
            return check_links(read.graphs, read.problems, around, live, is_excerpt=asked.excerpt)

        if asked.mend or asked.as_diff:
            write = not asked.as_diff
            return fix(asked.paths, examine, asked.settings, write=write, layout=False)
        return Fixed(examine(asked.paths, {}))


def _told(fixed: Fixed, outputs: Sequence[Output], asked: _Asked) -> int:
    """Write the report as `leadgraph check` does, and return the exit status."""
    show(fixed.diff)
    reports.write(fixed.report, outputs, asked.reader, err=asked.as_diff)
    if fixed.files:
        key = "tidy.would-mend" if asked.as_diff else "tidy.mended"
        language = asked.reader.language
        said = words.say(key, language, problems=fixed.mended, files=fixed.files)
        echo(said, err=asked.as_diff or reports.is_for_programs(outputs))
    return exit_status(fixed.report)


links_command.add_command(suggest_command)
links_command.add_command(export_command)
