"""A graph folder -> its shapes, its ontology and its data as Facts, and the prefixes it uses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, parse

from leadgraph.errors import ShapesInvalid, SourceUnreadable
from leadgraph.explore.sparql import Facts
from leadgraph.formats import by_extension
from leadgraph.vocabulary import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pyoxigraph import Triple

    from leadgraph.model import GraphDirectory


_MOST_EXAMPLES = 200_000
"""Statements of the data that examples are chosen from; a graph may have millions."""


@dataclass(frozen=True, slots=True, eq=False)
class Folder:
    """What the files of a graph say; `prefixes` are ours, then those that they declare.

    As long as no file changes it is the same object, by which what is made of it can be kept.
    """

    directory: GraphDirectory
    shapes: Facts
    ontology: Facts
    data: Facts
    prefixes: dict[str, str]


def open_folder(directory: GraphDirectory) -> Folder:
    """Return what the files of a graph say; they are read again only when one has changed.

    Raises:
        ShapesInvalid: if a file of the shapes is no RDF.
        SourceUnreadable: if another file cannot be read.
    """
    paths = (*directory.ontology, *directory.shapes, *directory.data)
    try:
        stamps = tuple(path.stat().st_mtime_ns for path in paths)
    except OSError as error:
        raise SourceUnreadable(
            str(error.filename), error.strerror or str(error), "Look at the graph's folder."
        ) from error
    return _read(directory, stamps)


@lru_cache(maxsize=4)
def _read(directory: GraphDirectory, _stamps: tuple[int, ...]) -> Folder:
    prefixes = dict(PREFIXES)
    shapes = Facts(_triples(directory.shapes, prefixes, shapes=True))
    ontology = Facts(_triples(directory.ontology, prefixes))
    data = Facts(islice(_triples(directory.data, prefixes), _MOST_EXAMPLES))
    return Folder(directory, shapes, ontology, data, prefixes)


def _triples(
    paths: Iterable[Path], prefixes: dict[str, str], *, shapes: bool = False
) -> Iterator[Triple]:
    """Yield the statements of some files, and note what prefixes they declare."""
    for path in paths:
        row = by_extension(path.name)
        engine = row.engine if row else RdfFormat.TURTLE
        try:
            quads = parse(path.read_bytes(), format=engine, rename_blank_nodes=True)
            for quad in quads:
                yield quad.triple
        except (SyntaxError, OSError) as error:
            reason = " ".join(str(error).split()).rstrip(".")
            if shapes:
                raise ShapesInvalid(str(path), reason) from None
            remedy = f"Run leadgraph check {path.name} and mend it."
            raise SourceUnreadable(str(path), reason, remedy) from None
        for prefix, namespace in quads.prefixes.items():
            prefixes.setdefault(prefix, namespace)
