"""Files -> Report: the step `check`."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from leadgraph.check.reports.counts import HIDDEN
from leadgraph.check.request import Request
from leadgraph.check.results import natural
from leadgraph.check.scope.storage import index_file
from leadgraph.model import GraphDirectory
from leadgraph.read.turtle import directory_of, open_directory
from leadgraph.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from os import PathLike

    from leadgraph.model import Problem, Report


def check(  # noqa: PLR0913  # each by its name
    files: Iterable[str | PathLike[str]],
    *,
    shapes: Iterable[str | PathLike[str]] | None = None,
    against: GraphDirectory | str | PathLike[str] | None = None,
    settings: Settings | None = None,
    progress: Callable[[str], None] = lambda _step: None,
    texts: Mapping[Path, str] | None = None,
    wants_graph: bool = False,
) -> Report:
    """Return everything that is wrong with the files, in a child process within limits.

    `against` is the graph around the files, or its folder, where a file of the same name counts as
    their old version: what its replacement breaks in other files is reported there. By default it
    is the graph that the settings name, else ours. With `shapes` the files are checked by these
    alone: without any rule, and without a graph around unless one is named.

    `settings` are those of the environment by default. `progress` hears the names of the steps:
    `read`, `shapes`, `rules`. `texts` holds what counts as the content of a file in place of what
    the disk has: what stands in an editor. `wants_graph` asks for SHACL's own report too
    (`Report.graph`).

        report = check(["roles.ttl"])
        for problem in report.problems:
            print(problem.place, problem.message("es"))

    Raises:
        CheckStopped: if it ran past its time or memory.
        ShapesInvalid: if the shapes or rules cannot be used.
        SourceUnreadable: if a file of the context is broken, or `against` is no graph folder.
    """
    from leadgraph.check.process import run  # noqa: PLC0415  # the child, which starts none, waits

    within = settings or Settings.from_environment()
    around = _around(against, within, is_alone=shapes is not None)
    rules = around.rules if around and shapes is None else ()
    request = Request(
        files=tuple(dict.fromkeys(_strings(files))),
        shapes=_strings((around.shapes if around else ()) if shapes is None else shapes),
        rules=_strings(rules),
        ontology=_strings(around.ontology if around else ()),
        data=_strings(around.data if around else ()),
        in_context=around is not None,
        wants_graph=wants_graph,
        spelling=shapes is None,
        limits=within,
        parent=os.getpid(),
        texts={str(path): text for path, text in (texts or {}).items()},
        index=str(index_file(around.root, within) or "") if around and shapes is None else "",
    )
    report = run(request, progress)
    return replace(report, problems=_in_order(_told_once(report.problems), report.files))


def _around(
    against: GraphDirectory | str | PathLike[str] | None, settings: Settings, *, is_alone: bool
) -> GraphDirectory | None:
    """The graph around the files, None if there is to be none."""
    if isinstance(against, GraphDirectory):
        return against
    if against is not None:
        return open_directory(Path(against))
    return None if is_alone else directory_of(settings)


def _strings(paths: Iterable[str | PathLike[str]]) -> tuple[str, ...]:
    return tuple(os.fspath(path) for path in paths)


def _told_once(problems: Sequence[Problem]) -> list[Problem]:
    """The problems without those of spelling where another one mends the same place."""
    if not problems:
        return []
    from leadgraph.check.spelling import CODES as SPELLING  # noqa: PLC0415  # what is right waits not

    mended = {_beginning(p) for p in problems if p.edits and p.code not in SPELLING}
    return [p for p in problems if p.code not in SPELLING or _beginning(p) not in mended]


def _beginning(problem: Problem) -> tuple[str, int | None, int | None]:
    return problem.place.path, problem.place.line, problem.place.column


def _in_order(problems: Iterable[Problem], files: Iterable[str]) -> tuple[Problem, ...]:
    """The problems by file as the files were given, then line, code and terms.

    Files of the graph around follow, and what is not shown comes last.
    """
    order = {path: number for number, path in enumerate(files)}

    def rank(problem: Problem) -> tuple[object, ...]:
        place = problem.place
        terms = (problem.focus, problem.predicate, problem.value)
        return (
            problem.code == HIDDEN,
            order.get(place.path, len(order)),
            place.path,
            place.line or 0,
            place.column or 0,
            problem.code,
            problem.focus is None,
            tuple(natural(term or "") for term in terms),
        )

    return tuple(sorted(problems, key=rank))
