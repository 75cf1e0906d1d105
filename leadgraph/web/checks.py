"""A file that was sent -> the report of its check, as `leadgraph check --format json` writes it."""

from __future__ import annotations

import logging
import shutil
import threading
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from flask import current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from leadgraph.check.report import as_json, check
from leadgraph.errors import (
    CheckContextBroken,
    ChecksBusy,
    MediaTypeRefused,
    RequestMalformed,
    ShapesInvalid,
    SourceTooLong,
    SourceUnreadable,
)
from leadgraph.formats import GRAPHS, by_name
from leadgraph.read.turtle import directory_of
from leadgraph.web import parameters
from leadgraph.web.site import language, site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadgraph.model import GraphDirectory, Problem, Report

READ = tuple(by_name(GRAPHS, name) for name in ("turtle", "ntriples", "jsonld"))
"""The formats of contributions."""
SLOTS = "leadgraph-checks"
"""Where the application keeps the count of checks that may begin."""

_UNNAMED = "contribution"
_RETRY_SECONDS = 5


def slots(most: int) -> threading.BoundedSemaphore:
    """Return what counts the checks that run at once."""
    return threading.BoundedSemaphore(most)


def checked() -> str:
    """Check the body of the request as the file that it may become, and return the report.

    Raises:
        ChecksBusy: if as many are being checked as may be.
        SourceTooLong: if it has more bytes than a file may have.
        MediaTypeRefused: if it is of no format that contributions have.
        CheckContextBroken: if the graph around it cannot be read.
        CheckStopped: if the check ran past its time or memory.
    """
    extensions = {row.media_type: row.extension for row in READ}
    if request.mimetype not in extensions:
        raise MediaTypeRefused(request.mimetype, tuple(extensions))
    name = f"{parameters.slug('name') or _UNNAMED}.{extensions[request.mimetype]}"
    with TemporaryDirectory(prefix="leadgraph-check-") as folder:
        path = Path(folder, name)
        _receive(path)
        with _slot():
            report, around = _check(path)
    return as_json(_with_names(report, path, around), language())


def _receive(path: Path) -> None:
    """Write the body to a file; one that breaks off would be another file."""
    request.max_content_length = site().settings.source_bytes
    cut = RequestMalformed("The body did not arrive.", "Send the whole request.")
    try:
        with path.open("wb") as file:
            shutil.copyfileobj(request.stream, file)
    except RequestEntityTooLarge:
        raise SourceTooLong(site().settings.source_bytes) from None
    except OSError as error:
        raise cut from error
    if request.content_length not in {None, path.stat().st_size}:
        raise cut


@contextmanager
def _slot() -> Iterator[None]:
    """Keep a place among the checks that may run at once."""
    counted = current_app.extensions[SLOTS]
    if not counted.acquire(blocking=False):
        raise ChecksBusy(_RETRY_SECONDS)
    try:
        yield
    finally:
        counted.release()


def _check(path: Path) -> tuple[Report, GraphDirectory | None]:
    """Check a file against the graph of the settings; where plain files are served, alone."""
    settings = site().settings
    try:
        around = directory_of(settings) if site().release else None
        report = check(
            [path], shapes=None, against=around, settings=settings, progress=lambda _step: None
        )
    except (ShapesInvalid, SourceUnreadable) as error:
        logging.getLogger(__name__).exception("the graph around contributions cannot be used")
        raise CheckContextBroken from error
    return report, around


def _with_names(report: Report, path: Path, around: GraphDirectory | None) -> Report:
    """Return a report that tells of files by their names in the graph, not by where they lie."""

    def named(problem: Problem) -> Problem:
        return replace(problem, place=replace(problem.place, path=_name(problem.place.path)))

    def _name(file: str) -> str:
        inside = around is not None and Path(file).is_relative_to(around.root)
        return str(Path(file).relative_to(around.root)) if around and inside else Path(file).name

    problems = tuple(named(problem) for problem in report.problems)
    return replace(report, problems=problems, files=(path.name,))
