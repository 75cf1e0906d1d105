"""A whole graph that was checked before -> what its check comes to now, at the cost of the edit.

None wherever anything is out of the ordinary: then the graph is checked from scratch.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import BlankNode, NamedNode

from leadgraph.check import spelling
from leadgraph.check.scope import earlier
from leadgraph.check.scope.around import Around, edit
from leadgraph.check.scope.context import Context, named, slug
from leadgraph.check.scope.earlier import Earlier
from leadgraph.check.scope.facts import TYPE
from leadgraph.check.scope.index import Index
from leadgraph.check.slice import FileGraph, file_graphs, subjects_of
from leadgraph.read import turtle
from leadgraph.vocabulary import SH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from leadgraph.check.request import Request
    from leadgraph.check.results import Result
    from leadgraph.check.scope.around import Change
    from leadgraph.check.scope.facts import Facts
    from leadgraph.check.scope.reads import Reads
    from leadgraph.check.slice import Term
    from leadgraph.model import Problem, Source

    _Find = Callable[[list[FileGraph], Context, frozenset[Term]], list[Result]]
    _Tell = Callable[[list[Result], "Reading", list[FileGraph], Context], list[Problem]]

_MOST_CHANGED = 0.1
MOST_KEPT = 20_000
"""Problems of a graph that are kept from check to check, more than anybody is shown."""

_HARMLESS = turtle.HIDDEN | {"empty"}
"""Codes of problems of a file that can be read all the same."""
_PATH, _PROPERTY = NamedNode(SH + "path"), NamedNode(SH + "property")
_TARGET_OBJECTS = NamedNode(SH + "targetObjectsOf")


class Reading(NamedTuple):
    """The files that could be read, and what was found when each was."""

    sources: list[Source]
    problems: dict[str, list[Problem]]


class Judge(NamedTuple):
    """Shapes and rules: what they read, and how they judge.

    `find` asks them about focus nodes of files, `tell` makes problems of what they find.
    """

    reads: Sequence[Reads | None]
    find: _Find
    tell: _Tell


def is_whole(request: Request) -> bool:
    """Whether just the files of data of a graph are checked, whose index is kept."""
    return (
        bool(request.index and request.data and (request.shapes or request.rules))
        and request.in_context
        and not (request.wants_graph or request.texts)
        and set(request.files) == set(request.data)
    )


def read(paths: Iterable[str], request: Request) -> Reading:
    """Read files, or what stands in an editor in place of one; what cannot be read is a problem.

    Somebody's own shapes judge alone: no word then of what they do not ask about.
    """
    reading = Reading([], {})
    for path in paths:
        source, problems = _read(path, request)
        reading.sources.extend([source] if source else [])
        reading.problems[path] = [
            one
            for one in problems
            if source is None or request.spelling or one.code not in _HARMLESS
        ]
        if source and request.spelling and turtle.is_turtle(path):
            reading.problems[path] += spelling.misspelt(path, source.data.decode())
    return reading


def _read(path: str, request: Request) -> tuple[Source | None, tuple[Problem, ...]]:
    text = request.texts.get(path)
    if text is None:
        return turtle.read_file(Path(path), request.limits)
    return turtle.read(path, text.encode("utf-8", "surrogatepass"), request.limits)


def in_order(problems: Sequence[Problem], files: Sequence[str]) -> list[Problem]:
    """Return problems by file and place, so that the same are shown whichever were found first."""
    numbers = {path: number for number, path in enumerate(files)}

    def rank(one: Problem) -> tuple[object, ...]:
        place = one.place
        where = (numbers.get(place.path, len(numbers)), place.path, place.line or 0)
        return *where, place.column or 0, one.code, str(one.focus), str(one.value)

    return sorted(problems, key=rank)


def remember(request: Request, reading: Reading, found: Sequence[Problem]) -> None:
    """Keep what a check from scratch came to, if the next one can begin there."""
    if len(reading.sources) < len(request.files) or not earlier.can_be_kept(found):
        return
    checked = Earlier(
        earlier.key(request),
        {source.path: sha256(source.data).hexdigest() for source in reading.sources},
        reading.problems,
        list(found),
        {source.path: source.statements for source in reading.sources},
    )
    with suppress(sqlite3.Error), closing(Index(Path(request.index))) as index:
        _keep(index, request, checked)


def recheck(request: Request, shapes: Facts, judge: Judge) -> Earlier | None:
    """Return what the check comes to now."""
    if None in judge.reads or _speaks_of_others(shapes):
        return None
    with suppress(sqlite3.Error, OSError), closing(Index(Path(request.index))) as index:
        last = earlier.load(index, earlier.key(request))
        changed = _changed(index, request, last) if last else None
        if last is None or changed is None:
            return None
        reading = read(changed, request)
        if len(reading.sources) < len(changed):
            return None
        now = _now(index, request, last, reading, judge) if changed else last
        if now is not None and changed:
            _keep(index, request, now)
        return now
    return None


def _speaks_of_others(shapes: Facts) -> bool:
    """Whether a result may be about another node than the focus node that was asked about."""
    return any(
        _TARGET_OBJECTS in said or (_PATH in said and _PROPERTY in said)
        for said in shapes.said.values()
    )


def _changed(index: Index, request: Request, last: Earlier) -> list[str] | None:
    """The files whose content has changed; None if the index is not of the last check."""
    stats = {path: os.stat(path) for path in (*request.ontology, *request.data)}  # noqa: PTH116
    known = index.known(stats, request.limits)
    if known.keys() != stats.keys() or last.digests != {p: known[p][1] for p in request.data}:
        return None
    doubtful = (path for path in stats if not known[path][2])
    changed = {path for path in doubtful if _digest(path) != known[path][1]}
    # The ontology's content is in the key, so here it is only as the index has it.
    if not changed.isdisjoint(request.ontology):
        return None
    most = max(1, _MOST_CHANGED * len(request.data))
    return [p for p in request.data if p in changed] if len(changed) <= most else None


def _now(
    index: Index, request: Request, last: Earlier, reading: Reading, judge: Judge
) -> Earlier | None:
    """Judge again what a change may matter to."""
    taken: set[str] = set()
    changed = {source.path: source for source in reading.sources}
    files = named(file_graphs(reading.sources, taken), request)
    index.keep_apart(taken)
    graphs = _graphs(index, request)
    old = index.filled({n: graph for n, graph in graphs.items() if graph.path in changed})
    rest = {n: graph for n, graph in graphs.items() if graph.path not in changed}
    edited = edit(files, old)
    around = Around(index, rest, _numbers(graphs, request.ontology), edited)
    told = [read for read in judge.reads if read is not None]
    affected = _to_tell_again(last.found, changed, edited)
    affected = affected.union(*(around.affected(read, also_mended=True) for read in told))
    seen = {file.path: file for file in (*around.slice_of(affected, told), *files)}
    ontology = around.ontology()
    checked = [seen[path] for path in request.files]
    context = Context(ontology, ontology, [], has_accepted=True, around=around, index=index)
    found = judge.find(checked, context, frozenset(affected) & subjects_of(checked))
    new = _told(found, reading, checked, context, request, judge)
    if new is None or not earlier.can_be_kept(new):
        return None
    return Earlier(
        last.key,
        {**last.digests, **{p: sha256(s.data).hexdigest() for p, s in changed.items()}},
        {**last.read, **reading.problems},
        [*earlier.without(last.found, affected, changed), *new],
        {**last.statements, **{path: source.statements for path, source in changed.items()}},
    )


def _graphs(index: Index, request: Request) -> dict[int, FileGraph]:
    """The files of the graph by their numbers, without their statements."""
    stats = {path: os.stat(path) for path in (*request.ontology, *request.data)}  # noqa: PTH116
    known = index.known(stats, request.limits)
    return {
        number: FileGraph(path, slug(path, is_ontology=path in request.ontology), ())
        for path, (number, *_) in known.items()
    }


def _numbers(graphs: Mapping[int, FileGraph], paths: Iterable[str]) -> frozenset[int]:
    wanted = set(paths)
    return frozenset(number for number, graph in graphs.items() if graph.path in wanted)


def _to_tell_again(found: Sequence[Problem], changed: Iterable[str], edited: Change) -> set[Term]:
    """The things with a problem whose place or words the edit may change.

    That is: those with a place in a file that was changed, those of which it speaks, and those
    where a thing that comes or goes may be what was meant.
    """
    triples = edited.brought | edited.removed
    things = {str(triple.subject) for triple in triples if triple.predicate == TYPE}
    spoken = {str(triple.subject) for triple in triples}
    again = earlier.about(found, changed)
    again |= {str(one.focus) for one in found if not spoken.isdisjoint({one.focus, one.value})}
    again |= {str(one.focus) for one in found if things and earlier.may_be_meant(one, things)}
    return {NamedNode(focus[1:-1]) for focus in again}


def _told(  # noqa: PLR0913, PLR0917  # what can be known of a result
    found: list[Result],
    reading: Reading,
    checked: Sequence[FileGraph],
    context: Context,
    request: Request,
    judge: Judge,
) -> list[Problem] | None:
    """The problems, by the whole text of each file that speaks of them.

    None if one is about a blank node, whose name here is none that the text has.
    """
    terms = {term for result in found for term in _terms(result)}
    if any(isinstance(term, BlankNode) for term in terms):
        return None
    changed = {source.path: source for source in reading.sources}
    spoken = [f.path for f in checked if f.path not in changed and _speaks_of(f, terms)]
    more = read(spoken, request)
    if len(more.sources) < len(spoken):
        return None
    sources = changed | {source.path: source for source in more.sources}
    whole = [sources[path] for path in request.files if path in sources]
    files = named(file_graphs(whole, set()), request)
    rest = [file for file in checked if file.path not in sources and file.triples]
    around = replace(context, whole=[*context.slice, *rest])
    return judge.tell(found, Reading(whole, {}), files, around) if found else []


def _terms(result: Result) -> Iterator[Term]:
    """What a result and the results within it are about."""
    yield from (term for term in (result.focus, result.value) if term is not None)
    for inner in (*result.details, *chain.from_iterable(result.alternatives)):
        yield from _terms(inner)


def _speaks_of(file: FileGraph, terms: set[Term]) -> bool:
    return any(triple.subject in terms or triple.object in terms for triple in file.triples)


def _keep(index: Index, request: Request, checked: Earlier) -> None:
    stats = {path: os.stat(path) for path in (*request.ontology, *request.data)}  # noqa: PTH116
    index.refresh(stats, request.limits, lambda: None)
    index.end_reading()
    earlier.save(index, checked)


def _digest(path: str) -> str:
    return sha256(Path(path).read_bytes().removeprefix(b"\xef\xbb\xbf")).hexdigest()
