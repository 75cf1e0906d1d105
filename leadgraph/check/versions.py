"""Files and the graph before -> problems of their names, and what a new version leaves out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from leadgraph.check.results import natural, short, shown
from leadgraph.model import Place, Problem, Severity
from leadgraph.read import turtle
from leadgraph.vocabulary import GRAPH, ID, INFERRED_GRAPH, ONTOLOGY_GRAPH, RDF, SHAPES_GRAPH
from leadgraph.words import in_all_languages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from leadgraph.check.slice import FileGraph, Term

RESERVED = frozenset(
    iri.removeprefix(GRAPH) for iri in (ONTOLOGY_GRAPH, INFERRED_GRAPH, SHAPES_GRAPH)
)
"""Names of graphs that are no file of data."""

_MOST_REMOVED = 20
_TYPE = NamedNode(RDF + "type")


def misnamed(paths: Iterable[str]) -> Iterator[Problem]:
    """Yield what is wrong with the names of files of data: each is a graph of its own."""
    known: dict[str, str] = {}
    for path in paths:
        slug = turtle.slug(path)
        other = known.setdefault(slug, path)
        if slug in RESERVED:
            yield _violation(path, "reserved-name", "reserved-name", name=slug)
        if os.path.realpath(other) != os.path.realpath(path):
            yield _violation(path, "same-name", "same-name", other=Path(other).name)


def removed(
    replaced: Sequence[FileGraph], files: Sequence[FileGraph], context: Sequence[FileGraph]
) -> Iterator[Problem]:
    """Yield the things that only the replaced versions said the kind of: none may go."""
    described = _described([*files, *context])
    for old in replaced:
        path = next(file.path for file in files if file.slug == old.slug)
        gone = sorted(_described([old]) - described, key=lambda thing: natural(str(thing)))
        for thing in filter(None, map(shown, gone[:_MOST_REMOVED])):
            yield _violation(path, "thing-removed", "thing-removed", thing, thing=short(thing))
        rest = len(gone) - _MOST_REMOVED
        if rest > 0:
            yield _violation(path, "thing-removed", "things-removed", found=rest)


def _described(files: Iterable[FileGraph]) -> frozenset[Term]:
    """Our things of which a file says what they are."""
    return frozenset(
        triple.subject
        for file in files
        for triple in file.triples
        if triple.predicate == _TYPE
        and isinstance(triple.subject, NamedNode)
        and triple.subject.value.startswith(ID)
    )


def _violation(
    path: str, code: str, key: str, focus: str | None = None, **facts: object
) -> Problem:
    """A violation of the file as a whole, shown at its start: tools show nothing without a line."""
    messages = in_all_languages(f"problems.{key}", **facts)
    return Problem(Place(path, 1, 1, 1, 1), Severity.VIOLATION, code, messages, focus=focus)
