"""Text -> standard output or error, as far as what stands there can show it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leadgraph.check.reports.characters import visible

if TYPE_CHECKING:
    from typing import TextIO

_LAST_STANDARD_STREAM = 2


def stand_in() -> None:
    """Let nothing stand for the standard streams that the caller has closed.

    The next file that is opened would else take their place.
    """
    number = os.open(os.devnull, os.O_RDWR)
    while number <= _LAST_STANDARD_STREAM:
        number = os.dup(number)
    os.close(number)
    sys.stdin = sys.stdin or Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115


def drop(stream: TextIO) -> None:
    """Give up what is left in a stream that cannot be written, and all that follows."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def echo(text: str, *, err: bool = False) -> None:
    """Write a line, escaping what the encoding does not have."""
    encoding = (sys.stderr if err else sys.stdout).encoding
    click.echo(text.encode(encoding, "backslashreplace"), err=err)


def show(patch: str) -> None:
    """Write a diff to standard output: as it is to a file or a pipe, made visible to a person."""
    if sys.stdout.isatty():
        patch = "\n".join(visible(line) for line in patch.split("\n"))
    click.echo(patch.encode(), nl=False)
