"""A request on stdin -> progress, then the report, as JSON lines on stdout: the child's work.

`python -m leadgraph.check.child` reads what strangers wrote, so it runs within limits
(`check/limits.py`) and in a process of its own (`check/process.py` starts it and ends it).
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from leadgraph.check import limits, results, rules, versions
from leadgraph.check.process import Exit, Request
from leadgraph.check.slice import FileGraph, data_graph, file_graphs, subjects_of
from leadgraph.errors import ShapesInvalid, SourceUnreadable
from leadgraph.model import Problem, Severity
from leadgraph.read import turtle
from leadgraph.vocabulary import GRAPH, ONTOLOGY_GRAPH
from leadgraph.words import in_all_languages

if TYPE_CHECKING:
    from pyoxigraph import Triple

    from leadgraph.model import Source
    from leadgraph.settings import Settings

_ONTOLOGY = ONTOLOGY_GRAPH.removeprefix(GRAPH)

Say = Callable[[str, object], None]
"""Send one line to the parent: `say("progress", "read")`."""


def examine(request: Request, say: Say) -> None:
    """Do the whole check, and say what comes of it.

    Raises:
        SourceUnreadable: if a file of the context is broken.
        ShapesInvalid: if the shapes or rules cannot be used.
    """
    say("progress", "read")
    sources: list[Source] = []
    for path in request.files:
        source, unread = turtle.read_file(Path(path), request.limits)
        sources += [source] if source else []
        _say_problems(unread, say)
    taken: set[str] = set()
    files = _named(file_graphs(sources, taken), request)
    if request.in_context:
        _say_problems(versions.misnamed(_files_of_data(request)), say)
    if files:
        context, replaced = _around(request, sources, taken)
        found = [
            *_by_shapes(request, files, context, say),
            *_by_rules(request, files, context, replaced, say),
        ]
        problems = [
            *versions.removed(replaced, files, context),
            *results.placed(tuple(dict.fromkeys(found)), files, context),
        ]
        _say_problems(_bounded(problems, request.limits.check_problems), say)
    say("statements", sum(source.statements for source in sources))


def _bounded(problems: Sequence[Problem], most: int) -> Iterator[Problem]:
    """So many problems, and one that says how many more there are."""
    yield from problems[:most]
    hidden = problems[most:]
    if hidden:
        yield Problem(
            hidden[0].place,
            _gravest(hidden),
            "too-many-problems",
            in_all_languages("problems.too-many-problems", found=len(hidden)),
        )


def _gravest(problems: Sequence[Problem]) -> Severity:
    found = {problem.severity for problem in problems}
    return next(severity for severity in Severity if severity in found)


def _by_shapes(
    request: Request,
    files: Sequence[FileGraph],
    context: Sequence[FileGraph],
    say: Say,
) -> list[results.Result]:
    if not request.shapes:
        return []
    say("progress", "shapes")
    from leadgraph.check import shapes  # noqa: PLC0415  # pySHACL takes half a second to import

    statements = list(_shapes(request.shapes, request.limits))
    data = data_graph(files, context, shapes.inverse_predicates(statements))
    focus = subjects_of(files) if request.in_context else None
    return shapes.validate(data, statements, focus, ", ".join(request.shapes))


def _by_rules(
    request: Request,
    files: Sequence[FileGraph],
    context: Sequence[FileGraph],
    replaced: Sequence[FileGraph],
    say: Say,
) -> list[results.Result]:
    if not request.rules:
        return []
    say("progress", "rules")
    parsed = [_rule(path) for path in request.rules]
    with limits.nothing_to_open():
        return rules.new_rows(parsed, files, context, replaced)


def _around(
    request: Request, sources: Sequence[Source], taken: set[str]
) -> tuple[list[FileGraph], list[FileGraph]]:
    """The graph around the files that were read, and the old versions that they replace.

    A file that could not be read replaces nothing: what it will say is not known.
    """
    own = _real(request.files)
    ontology = _real(request.ontology)
    slugs = {s.slug for s in sources if os.path.realpath(s.path) not in ontology}
    data = [path for path in request.data if os.path.realpath(path) not in own]
    around = [path for path in request.ontology if os.path.realpath(path) not in own]
    around += [path for path in data if turtle.slug(path) not in slugs]
    context = file_graphs((_whole(path, request.limits) for path in around), taken)
    old = (path for path in data if turtle.slug(path) in slugs)
    versions_before = (turtle.read_file(Path(path), request.limits)[0] for path in old)
    replaced = file_graphs((source for source in versions_before if source), taken)
    return _named(context, request), _named(replaced, request)


def _files_of_data(request: Request) -> list[str]:
    """The files to check but those of the ontology, which is a graph of its own."""
    ontology = _real(request.ontology)
    return [path for path in request.files if os.path.realpath(path) not in ontology]


def _real(paths: Iterable[str]) -> set[str]:
    return {os.path.realpath(path) for path in paths}


def _named(files: Sequence[FileGraph], request: Request) -> list[FileGraph]:
    """The files; those of the ontology, and no others, under the name of its graph."""
    ontology = _real(request.ontology)
    return [
        replace(file, slug=_ONTOLOGY)
        if os.path.realpath(file.path) in ontology
        else replace(file, slug=f"{file.slug}-file")
        if file.slug in versions.RESERVED
        else file
        for file in files
    ]


def _whole(path: str, settings: Settings) -> Source:
    """A file of the context, which must be readable: the check would be wrong without it."""
    source, problems = turtle.read_file(Path(path), settings)
    if source is None:
        remedy = "Mend it first, or name it among the files to check."
        raise SourceUnreadable(path, _reason(problems), remedy)
    return source


def _shapes(paths: Sequence[str], settings: Settings) -> Iterator[Triple]:
    taken: set[str] = set()
    for path in paths:
        source, problems = turtle.read_file(Path(path), settings)
        if source is None:
            raise ShapesInvalid(path, _reason(problems))
        (graph,) = file_graphs([source], taken)
        yield from graph.triples


def _rule(path: str) -> rules.Rule:
    try:
        return rules.parse_rule(path, Path(path).read_text("utf-8"))
    except UnicodeDecodeError:
        raise ShapesInvalid(path, "it is not UTF-8") from None


def _reason(problems: Sequence[Problem]) -> str:
    """Why a file could not be read, as a part of a sentence: its last problem."""
    place = problems[-1].place
    where = f"line {place.line}, column {place.column}: " if place.line else ""
    return where + problems[-1].message("en").rstrip(".")


def _say_problems(problems: Iterable[Problem], say: Say) -> None:
    for problem in problems:
        say("problem", asdict(problem))


def main() -> None:
    """Run one check for the parent process."""
    request = Request.from_json(sys.stdin.read())
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="ascii")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no report
    logging.disable(logging.CRITICAL)

    def say(kind: str, content: object) -> None:
        out.write(json.dumps([kind, content]) + "\n")
        out.flush()

    try:
        limits.confine(
            request.limits.check_memory_bytes, request.limits.check_seconds, request.parent
        )
        examine(request, say)
    except SourceUnreadable as error:
        say(error.code, [error.path, error.reason, error.remedy])
    except ShapesInvalid as error:
        say(error.code, [error.path, error.reason])
    except MemoryError:
        os._exit(Exit.MEMORY)
    except RecursionError:
        os._exit(Exit.RECURSION)


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        main()
