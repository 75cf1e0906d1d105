"""Command line -> what is done with files: `check`."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leadgraph import words
from leadgraph.check.report import check
from leadgraph.check.reports.counts import CANNOT_READ, exit_status
from leadgraph.cli import reports
from leadgraph.cli.fixing import Fixed, fix
from leadgraph.cli.progress import progress
from leadgraph.cli.terminal import echo, show
from leadgraph.cli.watch import changes
from leadgraph.errors import LeadGraphError
from leadgraph.read.turtle import directory_of, open_directory
from leadgraph.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from leadgraph.check.reports.reader import Reader
    from leadgraph.cli.reports import Output
    from leadgraph.model import GraphDirectory, Report

_PATH = click.Path(path_type=Path)


@click.command("check")
@click.argument("files", nargs=-1, required=True, type=_PATH, metavar="FILE...")
@reports.format_option
@click.option("--lang", metavar="LANGUAGE", help="Language of the report; yours by default.")
@click.option(
    "--shapes",
    multiple=True,
    type=_PATH,
    metavar="FILE",
    help="Check by the SHACL shapes of this file alone; may be repeated.",
)
@click.option(
    "--against",
    type=_PATH,
    metavar="DIR",
    help="Graph that the files belong to; ours by default.",
)
@reports.color_option
@click.option("--fix", "mend", is_flag=True, help="Mend what has one right answer, and tidy.")
@click.option("--diff", "as_diff", is_flag=True, help="Only show what --fix would change.")
@click.option("--shacl", is_flag=True, help="Say it in SHACL's own terms too.")
@click.option("--watch", is_flag=True, help="Check again whenever a file changes, until Ctrl-C.")
def check_command(  # noqa: PLR0913, PLR0917  # one for each option
    files: tuple[Path, ...],
    outputs: tuple[Output, ...],
    lang: str | None,
    shapes: tuple[Path, ...],
    against: Path | None,
    color: str,
    mend: bool,
    as_diff: bool,
    shacl: bool,
    watch: bool,
) -> None:
    """Say what is wrong with Turtle files, where, and what to write instead.

    --fix writes the files that are named, and then says what is left. --diff writes a patch to
    standard output and no file; what is wrong as long as it is not applied goes to standard error.

    Exit status: 0 no violations, 1 violations, 2 a file or the shapes cannot be read.
    """
    reports.spare((*files, *shapes), outputs)
    language = words.closest(lang or language_of_the_reader())
    reader = reports.reader(language, color, shacl=shacl)
    asked = _Asked(files, shapes, against, outputs, reader, mend, as_diff)
    sys.exit(_again_and_again(asked) if watch else _once(asked))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What somebody asked for."""

    files: tuple[Path, ...]
    shapes: tuple[Path, ...]
    against: Path | None
    outputs: tuple[Output, ...]
    reader: Reader
    mend: bool
    as_diff: bool


def _again_and_again(asked: _Asked) -> int:
    """Check whenever a file changes, until somebody ends it; return the last exit status."""
    status = 0
    with suppress(KeyboardInterrupt):
        for _ in changes(lambda: _watched(asked)):
            status = _once(asked)
            echo(words.say("problems.watching", asked.reader.language), err=True)
    return status


def _watched(asked: _Asked) -> list[Path]:
    """All files that a report depends on: those to check, the shapes, and the graph around."""
    try:
        graph = _directory(asked.shapes, asked.against, Settings.from_environment())
    except LeadGraphError:
        graph = None
    around = (graph.ontology, graph.shapes, graph.rules, graph.data) if graph else ()
    return [*asked.files, *asked.shapes, *(path for part in around for path in part)]


def _once(asked: _Asked) -> int:
    """Check, write the report, and return the exit status."""
    try:
        fixed = _checked(asked)
    except LeadGraphError as error:
        reports.refuse(error, asked.outputs, asked.reader)
        return CANNOT_READ
    show(fixed.diff)
    reports.write(fixed.report, asked.outputs, asked.reader, err=asked.as_diff)
    if fixed.files:
        key = "tidy.would-mend" if asked.as_diff else "tidy.mended"
        said = words.say(key, asked.reader.language, problems=fixed.mended, files=fixed.files)
        echo(said, err=asked.as_diff or reports.is_for_programs(asked.outputs))
    return exit_status(fixed.report)


def _checked(asked: _Asked) -> Fixed:
    """The report; of the files as they were mended, if somebody asked for that."""
    settings = Settings.from_environment()
    graph = _directory(asked.shapes, asked.against, settings)
    language = asked.reader.language
    with progress(lambda step: words.say(f"problems.progress-{step}", language)) as begin:

        def examine(paths: Sequence[Path], texts: Mapping[Path, str]) -> Report:
            return check(
                paths,
                shapes=asked.shapes or None,
                against=graph,
                settings=settings,
                progress=begin,
                texts=texts,
                wants_graph=reports.wants_graph(asked.outputs),
            )

        if asked.mend or asked.as_diff:
            return fix(asked.files, examine, settings, write=not asked.as_diff)
        return Fixed(examine(asked.files, {}))


def _directory(
    shapes: tuple[Path, ...], against: Path | None, settings: Settings
) -> GraphDirectory | None:
    """The graph around the files: as named, else that of the settings, else ours.

    Somebody's own shapes are used alone: without a graph around, unless one is named.
    """
    if against is not None:
        return open_directory(against)
    if shapes:
        return None
    return directory_of(settings)


def language_of_the_reader() -> str:
    """The locale for messages (POSIX, 8.2: LC_ALL before LC_MESSAGES before LANG)."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    return next((os.environ[name] for name in names if os.environ.get(name)), "en")
