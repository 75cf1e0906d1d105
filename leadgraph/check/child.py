"""A request on stdin -> progress, then the report, as JSON lines on stdout: the child's work.

`python -m leadgraph.check.child` reads what strangers wrote, so it runs within limits
(`check/limits.py`) and in a process of its own (`check/process.py` starts it and ends it).
"""

from __future__ import annotations

import gc
import json
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import BlankNode, Triple

from leadgraph.check import limits, versions
from leadgraph.check.explain import languages
from leadgraph.check.request import Exit, Request, told
from leadgraph.check.rules import Rule, new_rows, parse_rule
from leadgraph.check.scope import whole
from leadgraph.check.scope.context import Context, Needs, accept, around, named, reason
from leadgraph.check.scope.facts import Facts
from leadgraph.check.scope.outlook import outlook
from leadgraph.check.scope.sieve import Sieve
from leadgraph.check.slice import FileGraph, file_graphs, subjects_of
from leadgraph.errors import ShapesInvalid, SourceUnreadable
from leadgraph.model import Problem, Severity, Source
from leadgraph.read import turtle
from leadgraph.words import in_all_languages

if TYPE_CHECKING:
    from leadgraph.check.results import Result
    from leadgraph.check.scope.earlier import Earlier
    from leadgraph.check.scope.whole import Reading
    from leadgraph.check.shacl.shapes import Focus, Validation
    from leadgraph.check.slice import Term

_OF_SHAPES = "in-the-shapes-"
"""How the names of the shapes' blank nodes begin."""

Say = Callable[[str, object], None]
"""Send one line to the parent: `say("progress", "read")`."""


def examine(request: Request, say: Say) -> None:
    """Do the whole check, and say what comes of it.

    Raises:
        SourceUnreadable: if a file of the context is broken.
        ShapesInvalid: if the shapes or rules cannot be used.
    """
    say("progress", "read")
    if request.in_context:
        _say_problems(versions.misnamed(_files_of_data(request)), say)
    shapes = _read_shapes(request)
    rules = [_rule(path) for path in request.rules]
    checked = _recheck(request, shapes, rules, say) if whole.is_whole(request) else None
    if checked:
        for problems in checked.read.values():
            _say_problems(problems, say)
        found = whole.in_order(checked.found, request.files)
        _say_problems(_bounded(found, (), request.limits.check_problems), say)
        say("statements", sum(checked.statements.values()))
    else:
        _check(request, shapes, rules, say)


class _Shapes(NamedTuple):
    """What the shapes state, and the prefixes of their files."""

    facts: Facts
    prefixes: dict[str, str]


class _View(NamedTuple):
    """The files to check, the graph around them, and the focus nodes; None for all."""

    files: Sequence[FileGraph]
    context: Context
    focus: frozenset[Term] | None
    prefixes: dict[str, str]


def _recheck(request: Request, shapes: _Shapes, rules: Sequence[Rule], say: Say) -> Earlier | None:
    """The check of a whole graph that was checked before; None if there is nothing to go by."""

    def find(files: list[FileGraph], context: Context, focus: frozenset[Term]) -> list[Result]:
        validation = _by_shapes(request, shapes, _View(files, context, focus, {}), say)
        rows = _by_rules(rules, files, context, say)
        found = [*(validation.results if validation else ()), *dict.fromkeys(rows)]
        return [result for result in found if result.focus in focus]

    def tell(
        found: list[Result], reading: Reading, files: list[FileGraph], context: Context
    ) -> list[Problem]:
        return _told(found, shapes, reading, files, context)

    reads = [outlook(shapes.facts), *(rule.reads for rule in rules)]
    return whole.recheck(request, shapes.facts, whole.Judge(reads, find, tell))


def _check(request: Request, shapes: _Shapes, rules: Sequence[Rule], say: Say) -> None:
    """The check from scratch."""
    reading = whole.read(request.files, request)
    for problems in reading.problems.values():
        _say_problems(problems, say)
    taken: set[str] = set()
    files = named(file_graphs(reading.sources, taken), request)
    if files:
        digest = _digest(request.shapes)
        needs = Needs(outlook(shapes.facts), [rule.reads for rule in rules], digest)
        context = around(request, files, taken, needs, lambda: say("progress", "index"))
        with closing(context.index):
            _judge(request, shapes, rules, reading, files, context, say)
        if request.shapes and not context.has_accepted:
            accept(request, digest)
    say("statements", sum(source.statements for source in reading.sources))


def _judge(  # noqa: PLR0913, PLR0917  # the check, in one place
    request: Request,
    shapes: _Shapes,
    rules: Sequence[Rule],
    reading: Reading,
    files: Sequence[FileGraph],
    context: Context,
    say: Say,
) -> None:
    """Say what shapes and rules find wrong with files."""
    focus = subjects_of(files) if request.in_context else None
    view = _View(files, context, focus, turtle.prefixes(reading.sources))
    validation = _by_shapes(request, shapes, view, say)
    rows = _by_rules(rules, files, context, say)
    found = [*(validation.results if validation else ()), *dict.fromkeys(rows)]
    removed = list(versions.removed(context.replaced, files, context.slice))
    most = max(request.limits.check_problems - len(removed), 0)
    kept = whole.MOST_KEPT if whole.is_whole(request) else most
    problems = _told(found[:kept], shapes, reading, files, context)
    if whole.is_whole(request):
        problems = whole.in_order(problems, request.files)
        if len(found) <= kept:
            whole.remember(request, reading, problems)
    shown = _bounded([*removed, *problems], found[kept:], request.limits.check_problems)
    _say_problems(shown, say)
    if validation and request.wants_graph:
        say("graph", validation.report())


def _told(
    found: Sequence[Result],
    shapes: _Shapes,
    reading: Reading,
    files: Sequence[FileGraph],
    context: Context,
) -> list[Problem]:
    """What was found, in words, with its places and its mends."""
    if not found:
        return []
    from leadgraph.check.problems import problems  # noqa: PLC0415  # what is right needs no words

    return problems(found, reading.sources, files, context, list(shapes.facts))


def _bounded(problems: Sequence[Problem], more: Sequence[Result], most: int) -> Iterator[Problem]:
    """So many problems, and one that says how many more there are."""
    yield from problems[:most]
    hidden = [problem.severity for problem in problems[most:]]
    hidden += [result.severity for result in more]
    if hidden:
        yield Problem(
            problems[min(most, len(problems)) - 1].place,
            next(severity for severity in Severity if severity in hidden),
            "too-many-problems",
            in_all_languages("problems.too-many-problems", found=len(hidden)),
        )


def _by_shapes(request: Request, shapes: _Shapes, view: _View, say: Say) -> Validation | None:
    """What pySHACL finds wrong: of a graph's own shapes, with the focus nodes that may be wrong.

    It is asked about shapes that it has not seen even when there are none: it refuses some.
    """
    if not request.shapes:
        return None
    say("progress", "shapes")
    data = [triple for file in (*view.files, *view.context.slice) for triple in file.triples]
    focus: Focus = view.focus
    if request.index:
        focus = Sieve(shapes.facts, Facts(data)).suspects(view.focus)
        if not focus and view.context.has_accepted and not request.wants_graph:
            return None
    from leadgraph.check.shacl.shapes import Prefixes, validation  # noqa: PLC0415  # pySHACL takes long

    prefixes = Prefixes(view.prefixes, shapes.prefixes)
    return validation(data, list(shapes.facts), focus, ", ".join(request.shapes), prefixes)


def _by_rules(
    rules: Sequence[Rule], files: Sequence[FileGraph], context: Context, say: Say
) -> list[Result]:
    """The new rows of the rules; those that do not say what they read see the whole graph."""
    if not rules:
        return []
    say("progress", "rules")
    open_ones = [rule for rule in rules if rule.reads is not None]
    others = [rule for rule in rules if rule.reads is None]
    with limits.nothing_to_open():
        rows = [
            *new_rows(open_ones, files, context.slice, context.replaced),
            *new_rows(others, files, context.whole, context.replaced),
        ]
    return [*rows, *languages.odd_tags(files)]


def _files_of_data(request: Request) -> list[str]:
    """The files to check but those of the ontology, which is a graph of its own."""
    ontology = _real(request.ontology)
    return [path for path in request.files if os.path.realpath(path) not in ontology]


def _real(paths: Iterable[str]) -> set[str]:
    return {os.path.realpath(path) for path in paths}


def _read_shapes(request: Request) -> _Shapes:
    """The shapes; a blank node of theirs is none of the data, also where one file holds both."""
    sources = [_shapes(path, request) for path in request.shapes]
    graphs = file_graphs(sources, set())
    triples = (_theirs(triple) for graph in graphs for triple in graph.triples)
    return _Shapes(Facts(triples), turtle.prefixes(sources))


def _theirs(triple: Triple) -> Triple:
    subject, predicate, value = triple
    if isinstance(subject, BlankNode):
        subject = BlankNode(f"{_OF_SHAPES}{subject.value}")
    if isinstance(value, BlankNode):
        value = BlankNode(f"{_OF_SHAPES}{value.value}")
    return Triple(subject, predicate, value)


def _shapes(path: str, request: Request) -> Source:
    """A file of shapes.

    A graph's own shapes are only parsed, without a look at how they are written.
    """
    file = Path(path)
    if request.index and file.suffix == ".ttl" and file.is_file():
        source = Source(path, "shapes", file.read_bytes(), 0)
        with suppress(SyntaxError, UnicodeDecodeError):
            if not any(isinstance(t.object, Triple) for t in turtle.statements(source)):
                return source
    read, problems = turtle.read_file(file, request.limits)
    if read is None:
        raise ShapesInvalid(path, reason(problems))
    return read


def _digest(paths: Sequence[str]) -> str:
    """A digest of what files hold, by whichever pySHACL."""
    pyshacl = find_spec("pyshacl")
    changed = Path(pyshacl.origin).stat().st_mtime_ns if pyshacl and pyshacl.origin else 0
    content = sha256(str(changed).encode())
    for path in paths:
        content.update(sha256(Path(path).read_bytes()).digest())
    return content.hexdigest()


def _rule(path: str) -> Rule:
    try:
        return parse_rule(path, Path(path).read_text("utf-8"))
    except UnicodeDecodeError:
        raise ShapesInvalid(path, "it is not UTF-8") from None


def _say_problems(problems: Iterable[Problem], say: Say) -> None:
    for problem in problems:
        say("problem", told(problem))


def main() -> None:
    """Run one check for the parent process."""
    gc.disable()  # what this process takes, it keeps until its end
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
