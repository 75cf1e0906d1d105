"""Names of steps -> lines for a person at a terminal, once something takes a second."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PATIENCE_SECONDS = 1.0


@contextmanager
def progress(say: Callable[[str], str]) -> Iterator[Callable[[str], None]]:
    """Yield what hears the name of each step as it begins; `say` puts it into words.

    Quiet when standard error is no terminal, and while all is done within a second.
    """
    if not sys.stderr.isatty():
        yield lambda _step: None
        return
    steps: list[str] = []
    patient = time.monotonic() + _PATIENCE_SECONDS

    def tell() -> None:
        if steps:
            click.echo(say(steps[-1]), err=True)

    def begin(step: str) -> None:
        steps.append(step)
        if time.monotonic() > patient:
            tell()

    timer = threading.Timer(_PATIENCE_SECONDS, tell)
    timer.daemon = True
    timer.start()
    try:
        yield begin
    finally:
        timer.cancel()
