"""Command line -> Turtle files in the one layout of this project: `tidy`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import click

from leadgraph import words
from leadgraph.check.reports import text
from leadgraph.check.reports.characters import visible
from leadgraph.check.reports.reader import Reader
from leadgraph.cli.files import language_of_the_reader
from leadgraph.cli.saving import difference, save
from leadgraph.cli.terminal import echo, show
from leadgraph.errors import LeadGraphError
from leadgraph.model import Problem, Report
from leadgraph.read.layout.tidy import tidy
from leadgraph.read.turtle import load
from leadgraph.settings import Settings

_STDIN = "-"
_NAME_OF_STDIN = "stdin.ttl"


@dataclass(frozen=True, slots=True)
class _Tidied:
    """A file as it is and as it should be; `after` is None if it is not valid Turtle."""

    path: str
    before: bytes
    after: bytes | None
    problems: tuple[Problem, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether the file is not tidy."""
        return self.after is not None and self.after != self.before


@click.command("tidy")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE...",
)
@click.option("--check", "only_check", is_flag=True, help="Only say which files are not tidy.")
@click.option("--diff", "as_diff", is_flag=True, help="Only show what would change.")
@click.option("--lang", metavar="LANGUAGE", help="Language of the messages; yours by default.")
def tidy_command(
    files: tuple[Path, ...], only_check: bool, as_diff: bool, lang: str | None
) -> None:
    """Write Turtle files in one layout, so that a change shows in git and nothing else.

    Comments stay, and a file says the same as before. "-" reads Turtle from the standard input
    and writes it to the standard output.

    Exit status: 0 done, 1 a file is not tidy (--check), 2 a file is not Turtle, cannot be read or
    cannot be written.
    """
    language = words.closest(lang or language_of_the_reader())
    settings = Settings.from_environment()
    wanted = failed = False
    for path in dict.fromkeys(files):
        try:
            file = _tidied(path, settings)
            _tell(file, language, only_check=only_check, as_diff=as_diff)
        except LeadGraphError as error:
            click.echo(f"leadgraph: {visible(str(error))}", err=True)
            failed = True
            continue
        wanted |= file.changes
        failed |= file.after is None
    sys.exit(2 if failed else int(wanted and only_check))


def _tidied(path: Path, settings: Settings) -> _Tidied:
    """Read a file, or the standard input, and lay it out."""
    if str(path) == _STDIN:
        return _laid_out(_NAME_OF_STDIN, sys.stdin.buffer.read(settings.source_bytes + 1), settings)
    data, problems = load(path, settings)
    if data is None:
        return _Tidied(str(path), b"", None, problems)
    return _laid_out(str(path), data, settings)


def _laid_out(name: str, data: bytes, settings: Settings) -> _Tidied:
    after, problems = tidy(name, data, settings)
    return _Tidied(name, data, None if after is None else after.encode(), problems)


def _tell(file: _Tidied, language: str, *, only_check: bool, as_diff: bool) -> None:
    """Write a file, or say what would be written, or why nothing is."""
    if file.after is None:
        report = Report(file.problems, (file.path,), 0)
        echo(text.written(report, Reader(language)).rstrip("\n"), err=True)
    if as_diff and file.after is not None and file.changes:
        before, after = (data.decode() for data in (file.before, file.after))
        show(difference(file.path, before, after))
    if only_check and file.changes:
        echo(words.say("tidy.wanted", language, path=visible(file.path)), err=as_diff)
    if not (only_check or as_diff) and file.after is not None:
        _write(file.path, file.before, file.after, language)


def _write(path: str, before: bytes, after: bytes, language: str) -> None:
    if path == _NAME_OF_STDIN:
        click.echo(after, nl=False)
    elif after != before:
        save(Path(path), before, after)
        echo(words.say("tidy.done", language, path=visible(path)))
