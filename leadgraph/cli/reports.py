"""Report -> where the person at the shell wants it, in the forms that they ask for."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leadgraph.check.reports import text
from leadgraph.check.reports.reader import Reader
from leadgraph.check.reports.table import FORMS
from leadgraph.cli.terminal import drop
from leadgraph.errors import ReportUnwritable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from leadgraph.check.reports.table import Form
    from leadgraph.errors import LeadGraphError
    from leadgraph.model import Report

_COLUMNS = 100
"""Of a report that goes to no terminal."""


@dataclass(frozen=True, slots=True)
class Output:
    """A form, and the file that it goes to; None is standard output."""

    form: Form
    path: Path | None = None


class _Output(click.ParamType[Output]):
    """`sarif`, or `sarif=report.sarif`."""

    name = "form"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> Output:
        """Return the form and its file."""
        name, _, path = value.partition("=")
        if name not in FORMS or value.endswith("="):
            self.fail(f"{value!r} is none of {', '.join(FORMS)}, or one with =FILE.", param, ctx)
        return Output(FORMS[name], Path(path) if path else None)


def _apart(
    _context: click.Context, _parameter: click.Parameter, outputs: tuple[Output, ...]
) -> tuple[Output, ...]:
    """The outputs, if no two go to one place."""
    places = [output.path for output in outputs]
    if len(set(places)) < len(places):
        raise click.BadParameter("two reports cannot go to one place; give all but one a =FILE.")
    return outputs


format_option = click.option(
    "--format",
    "outputs",
    type=_Output(),
    multiple=True,
    default=["text"],
    callback=_apart,
    metavar="FORM[=FILE]",
    help=f"How the report is written: {', '.join(FORMS)}; to FILE if there is one. May be "
    "repeated: text, and sarif=report.sarif.",
)
color_option = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colours in text; auto: on a terminal, unless NO_COLOR is set.",
)


def reader(language: str, color: str, *, shacl: bool) -> Reader:
    """Return who reads standard output; programs count paths from the root of the repository."""
    colour = _on_a_terminal() if color == "auto" else color == "always"
    columns = shutil.get_terminal_size((_COLUMNS, 0)).columns if sys.stdout.isatty() else _COLUMNS
    return Reader(language, colour=colour, columns=columns, shacl=shacl, root=_root())


def spare(files: Iterable[Path], outputs: Sequence[Output]) -> None:
    """Return if no report would be written over a file that is to be checked.

    Raises:
        UsageError: if one would.
    """
    read = {os.path.realpath(path) for path in files}
    for output in outputs:
        if output.path is not None and os.path.realpath(output.path) in read:
            raise click.UsageError(
                f"{output.path} is to be checked: the report needs another FILE."
            )


def wants_graph(outputs: Sequence[Output]) -> bool:
    """Tell whether one of the forms needs SHACL's own report."""
    return any(output.form.wants_graph for output in outputs)


def is_for_programs(outputs: Sequence[Output]) -> bool:
    """Tell whether standard output is read by a program, so that nothing else may stand there."""
    return any(output.path is None and output.form.name != "text" for output in outputs)


def write(report: Report, outputs: Sequence[Output], reader: Reader, *, err: bool = False) -> None:
    """Write the report in every form; what has no file goes to stdout, with `err` to stderr.

    Raises:
        ReportUnwritable: if a file cannot be written.
    """
    _put(outputs, reader, lambda form, whom: form.write(report, whom), err=err)


def refuse(error: LeadGraphError, outputs: Sequence[Output], reader: Reader) -> None:
    """Say why nothing was checked: to people on standard error, to programs in their form.

    Raises:
        ReportUnwritable: if a file cannot be written.
    """
    click.echo(text.refused(error, reader), err=True, nl=False)
    told = [output for output in outputs if output.form.name != "text" or output.path]
    _put(told, reader, lambda form, whom: form.refuse(error, whom))


def _put(
    outputs: Sequence[Output],
    reader: Reader,
    written: Callable[[Form, Reader], str],
    *,
    err: bool = False,
) -> None:
    """Write to files, and then to the terminal or pipe, also if one of the files cannot be had."""
    in_a_file = replace(reader, colour=False, columns=_COLUMNS)
    try:
        for output in outputs:
            if output.path is not None:
                _save(written(output.form, in_a_file), output.path)
    finally:
        for output in outputs:
            if output.path is None:
                _print(written(output.form, reader), output.form, err=err)


def _save(document: str, path: Path) -> None:
    try:
        path.write_bytes(document.encode(errors="backslashreplace"))
    except OSError as error:
        raise ReportUnwritable(str(path), error.strerror or "it failed") from error


def _print(document: str, form: Form, *, err: bool) -> None:
    """Write a document: UTF-8 for programs; people get what their terminal has."""
    stream = sys.stderr if err else sys.stdout
    encoding = stream.encoding if form.name == "text" else "utf-8"
    try:
        click.echo(document.encode(encoding, "backslashreplace"), err=err, nl=False)
    except BrokenPipeError:
        raise
    except OSError as error:
        drop(stream)
        raise ReportUnwritable("standard output", error.strerror or "it failed") from error


def _on_a_terminal() -> bool:
    """Whether there is a terminal that shows colours to somebody who wants them."""
    dull = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not dull


def _root() -> str:
    """The checkout that GitHub Actions works in, where this is a part of it; else "", here."""
    checkout = os.environ.get("GITHUB_WORKSPACE", "")
    return checkout if checkout and Path.cwd().is_relative_to(Path(checkout).resolve()) else ""
