"""A request and the files that were read -> the graph around them, as far as it matters."""

from __future__ import annotations

import os
import sqlite3
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from leadgraph.check import versions
from leadgraph.check.scope.around import Around, change
from leadgraph.check.scope.index import Index
from leadgraph.check.scope.storage import discard
from leadgraph.check.slice import FileGraph
from leadgraph.errors import SourceUnreadable
from leadgraph.read import turtle
from leadgraph.vocabulary import GRAPH, ONTOLOGY_GRAPH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from leadgraph.check.request import Request
    from leadgraph.check.scope.reads import Reads
    from leadgraph.model import Problem

_ONTOLOGY = ONTOLOGY_GRAPH.removeprefix(GRAPH)
_PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN,
    }
)  # fmt: skip
"""Errors for which an index may be as good as it was."""

_REMEDY = "Mend it first, or name it among the files to check."


class Needs(NamedTuple):
    """What the shapes and each of the rules read; None is anything."""

    shapes: Reads | None
    rules: Sequence[Reads | None]
    digest: str
    """Of the shapes."""


@dataclass(frozen=True, slots=True)
class Context:
    """The graph around files, each of its files with what matters of it.

    `slice` is for shapes and for rules that say what they read, `whole` for those that do not;
    `replaced` are the older versions of the files. `has_accepted` tells that the shapes were used
    before. `around` looks further, as long as `index` is open.
    """

    slice: list[FileGraph]
    whole: list[FileGraph]
    replaced: list[FileGraph]
    has_accepted: bool
    around: Around
    index: Index

    def explaining(self) -> list[FileGraph]:
        """Return what is needed to explain a problem: what was looked at, and the ontology."""
        ontology = self.around.ontology()
        paths = {file.path for file in ontology}
        seen = self.whole or self.slice
        return [*ontology, *(file for file in seen if file.path not in paths)]


def accept(request: Request, digest: str) -> None:
    """Note that the shapes can be used, if there is an index to note it in."""
    if request.index:
        with suppress(sqlite3.Error), closing(Index(Path(request.index))) as index:
            index.take_note("accepted", digest, "")


def named(files: Iterable[FileGraph], request: Request) -> list[FileGraph]:
    """Return files under the names of their graphs: the ontology's for its own, and no others."""
    ontology = set(map(_identity, request.ontology))
    return [replace(f, slug=slug(f.path, is_ontology=_identity(f.path) in ontology)) for f in files]


def around(
    request: Request,
    files: Sequence[FileGraph],
    taken: set[str],
    needs: Needs,
    begin: Callable[[], None],
) -> Context:
    """Return the graph around the files that were read, and the old versions that they replace.

    A file that could not be read replaces nothing: what it will say is not known. `taken` are the
    labels of the files' blank nodes; `begin` is called when an index has to be built.

    Raises:
        SourceUnreadable: if a file of the context is broken.
    """
    try:
        return _around(request, files, taken, needs, begin)
    except sqlite3.Error as error:
        if not request.index:
            raise
        if error.sqlite_errorcode not in _PASSING:
            discard(Path(request.index))
    return _around(replace(request, index=""), files, taken, needs, begin)


def _around(
    request: Request,
    files: Sequence[FileGraph],
    taken: set[str],
    needs: Needs,
    begin: Callable[[], None],
) -> Context:
    slugs = {file.slug for file in files}
    ontology = frozenset(request.ontology)
    outside = _outside(request)
    graphs = {
        path: FileGraph(path, slug(path, is_ontology=path in ontology), ()) for path in outside
    }
    old = {p for p, file in graphs.items() if p not in ontology and file.slug in slugs}
    with ExitStack() as opened:
        index = opened.enter_context(closing(Index(Path(request.index) if request.index else None)))
        numbers, unreadable = index.refresh(
            {path: outside.get(path) for path in (*request.ontology, *request.data)},
            request.limits,
            begin,
        )
        for path in graphs.keys() - old - numbers.keys():
            problems = unreadable.get(path) or turtle.read_file(Path(path), request.limits)[1]
            raise SourceUnreadable(path, reason(problems), _REMEDY)
        index.keep_apart(taken)
        replaced = index.filled(
            {numbers[p]: graphs[p] for p in graphs if p in old & numbers.keys()}
        )
        context = {numbers[path]: file for path, file in graphs.items() if path not in old}
        defining = frozenset(numbers[path] for path in ontology & numbers.keys())
        looked = Around(index, context, defining, change(files, replaced))
        # What the ontology says may matter to anything.
        sliced, whole = _seen(looked, needs, is_any=_ONTOLOGY in slugs)
        is_accepted = index.note(f"accepted {needs.digest}") is not None
        opened.pop_all()  # it stays open for who has to explain a problem
        return Context(sliced, whole, replaced, is_accepted, looked, index)


def _seen(looked: Around, needs: Needs, *, is_any: bool) -> tuple[list[FileGraph], list[FileGraph]]:
    """The slice, and the whole graph if somebody needs it or it is small."""
    told = [read for read in needs.rules if read is not None]
    if is_any or needs.shapes is None or looked.is_small():
        whole = looked.whole()
        return whole, whole
    whole = looked.whole() if len(told) < len(needs.rules) else []
    return looked.slice(needs.shapes, told), whole


def reason(problems: Sequence[Problem]) -> str:
    """Return why a file could not be read, as a part of a sentence: what stopped its parser."""
    told = [problem for problem in problems if problem.code not in turtle.HIDDEN] or problems
    place = told[0].place
    where = f"line {place.line}, column {place.column}: " if place.line else ""
    return where + told[0].message("en").rstrip(".")


def _outside(request: Request) -> dict[str, os.stat_result | None]:
    """The files of the graph that are not those to check, by whatever path."""
    own = set(map(_identity, request.files))
    found = {path: _stat(path) for path in (*request.ontology, *request.data)}
    return {p: s for p, s in found.items() if s is None or (s.st_dev, s.st_ino) not in own}


def _identity(path: str) -> tuple[int, int] | str:
    """What tells files apart: device and inode, whatever the path."""
    found = _stat(path)
    return path if found is None else (found.st_dev, found.st_ino)


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116  # of thousands of files
    except OSError:
        return None


def slug(path: str, *, is_ontology: bool) -> str:
    """Return the name of the graph that a file is."""
    if is_ontology:
        return _ONTOLOGY
    name = turtle.slug(path)
    return f"{name}-file" if name in versions.RESERVED else name
