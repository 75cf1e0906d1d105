"""A file that was sent -> the report of its check, as `leadgraph check --format` writes it."""

from __future__ import annotations

import logging
import os
import shutil
import threading
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from flask import current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from leadgraph.check.report import check
from leadgraph.check.reports.reader import Reader
from leadgraph.check.reports.table import FORMS
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
from leadgraph.model import GraphDirectory
from leadgraph.read.turtle import directory_of
from leadgraph.web import parameters
from leadgraph.web.site import language, site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadgraph.check.reports.table import Form
    from leadgraph.model import Edit, Place, Problem, Report

READ = tuple(by_name(GRAPHS, name) for name in ("turtle", "ntriples", "jsonld"))
"""The formats of contributions."""
REPORTS = {name: FORMS[name].media_type for name in ("json", "sarif", "turtle", "text")}
"""What a report may be asked for as: name -> media type."""
SLOTS = "leadgraph-checks"
"""Where the application keeps the count of checks that may begin."""

_UNNAMED = "contribution"
_RETRY_SECONDS = 5


def slots(most: int) -> threading.BoundedSemaphore:
    """Return what counts the checks that run at once."""
    return threading.BoundedSemaphore(most)


def checked(form: Form) -> str:
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
    with TemporaryDirectory(prefix=f"leadgraph-{os.getpid()}-check-") as folder:
        path = Path(folder, name)
        _receive(path)
        with _slot():
            report, around = _check(path, wants_graph=form.wants_graph)
    return form.write(_with_names(report, path, around), Reader(language()))


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


def _check(path: Path, *, wants_graph: bool) -> tuple[Report, GraphDirectory]:
    """Check a file against the graph of the settings; where plain files are served, alone."""
    settings = site().settings
    try:
        nothing = GraphDirectory(path.parent, (), (), (), ())
        around = directory_of(settings) if site().release else nothing
        report = check([path], against=around, settings=settings, wants_graph=wants_graph)
    except (ShapesInvalid, SourceUnreadable) as error:
        logging.getLogger(__name__).exception("the graph around contributions cannot be used")
        raise CheckContextBroken from error
    return report, around


def _with_names(report: Report, path: Path, around: GraphDirectory) -> Report:
    """Return a report that tells of files by their names in the graph, not by where they lie."""

    def name(file: str) -> str:
        inside = Path(file).is_relative_to(around.root)
        return str(Path(file).relative_to(around.root)) if inside else Path(file).name

    def placed(place: Place) -> Place:
        return replace(place, path=name(place.path))

    def edited(edit: Edit) -> Edit:
        return replace(edit, place=placed(edit.place))

    def named(problem: Problem) -> Problem:
        return replace(
            problem,
            place=placed(problem.place),
            related=tuple(map(placed, problem.related)),
            edits=tuple(map(edited, problem.edits)),
        )

    problems = tuple(map(named, report.problems))
    return replace(report, problems=problems, files=(path.name,))
