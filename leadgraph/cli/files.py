"""Command line -> what is done with files: `check`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from leadgraph import words
from leadgraph.check.report import UNREADABLE, as_json, as_text, check, visible
from leadgraph.cli.progress import progress
from leadgraph.errors import LeadGraphError
from leadgraph.read.turtle import directory_of, open_directory
from leadgraph.settings import Settings

if TYPE_CHECKING:
    from leadgraph.model import GraphDirectory, Report

_PATH = click.Path(path_type=Path)


@click.command("check")
@click.argument("files", nargs=-1, required=True, type=_PATH, metavar="FILE...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the report is written.",
)
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
def check_command(
    files: tuple[Path, ...],
    form: str,
    lang: str | None,
    shapes: tuple[Path, ...],
    against: Path | None,
) -> None:
    """Say what is wrong with Turtle files, where, and what to write instead.

    Exit status: 0 no violations, 1 violations, 2 a file or the shapes cannot be read.
    """
    language = words.closest(lang or _language_of_the_reader())
    try:
        settings = Settings.from_environment()
        with progress(lambda step: words.say(f"problems.progress-{step}", language)) as begin:
            report = check(
                files,
                shapes=shapes or None,
                against=_directory(shapes, against, settings),
                settings=settings,
                progress=begin,
            )
    except LeadGraphError as error:
        _refuse(error, form)
    if form == "json":
        _echo(as_json(report, language))
    else:
        _echo(as_text(report, language, colour=_wants_colour()))
    sys.exit(_exit_status(report))


def _refuse(error: LeadGraphError, form: str) -> NoReturn:
    """Say why nothing was checked; a machine that waits for JSON gets an object all the same."""
    detail = visible(str(error))
    click.echo(f"leadgraph: {detail}", err=True)
    if form == "json":
        content = {"error": {"code": error.code, "detail": detail}}
        _echo(json.dumps(content, ensure_ascii=False, indent=2))
    sys.exit(2)


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


def _language_of_the_reader() -> str:
    """The locale for messages (POSIX, 8.2: LC_ALL before LC_MESSAGES before LANG)."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    return next((os.environ[name] for name in names if os.environ.get(name)), "en")


def _exit_status(report: Report) -> int:
    if any(problem.code in UNREADABLE for problem in report.problems):
        return 2
    return 0 if report.conforms else 1


def _wants_colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _echo(text: str) -> None:
    """Write text to stdout, escaping what its encoding does not have."""
    click.echo(text.encode(sys.stdout.encoding, "backslashreplace"))
