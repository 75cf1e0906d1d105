"""Sources -> file graphs: what each file states, its blank nodes apart from all others."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from leadgraph.read import turtle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from leadgraph.model import Source

Term = NamedNode | BlankNode | Literal | Triple
"""What pyoxigraph makes statements of; no triple term gets here, `read` refuses them."""

_LABEL = re.compile(r"_:(\w[\w.-]*)")


@dataclass(frozen=True, slots=True)
class FileGraph:
    """The statements of one file; no two file graphs share a blank node.

    `data` is the text that the statements were read from: by it they are found again, also when
    the file has changed since.
    """

    path: str
    slug: str
    triples: tuple[Triple, ...] = field(repr=False)
    data: bytes = field(default=b"", repr=False)


def file_graphs(sources: Iterable[Source], taken: set[str]) -> list[FileGraph]:
    """Return the statements of sources, adding the ids of their blank nodes to `taken`."""
    return [
        FileGraph(source.path, source.slug, tuple(_apart(source, taken)), source.data)
        for source in sources
    ]


def subjects_of(files: Iterable[FileGraph]) -> frozenset[Term]:
    """Return the subjects of all statements: the focus nodes of a contribution."""
    return frozenset(triple.subject for file in files for triple in file.triples)


def _apart(source: Source, taken: set[str]) -> Iterator[Triple]:
    """The statements, labels of blank nodes kept unless another file has them too.

    Nodes without a label (`[]`) get `b1`, `b2` in the order of the text, so that two checks of
    one file say the same.
    """
    written = {label.rstrip(".") for label in _LABEL.findall(source.data.decode())}
    fresh = (name for name in _numbered() if name not in taken and name not in written)
    new: dict[Term, BlankNode] = {}
    for triple in turtle.statements(source):
        subject, predicate, value = triple
        for term in (subject, value):
            if isinstance(term, BlankNode) and term not in new:
                kept = term.value in written and term.value not in taken
                new[term] = term if kept else BlankNode(next(fresh))
        yield Triple(new.get(subject, subject), predicate, new.get(value, value))
    taken.update(node.value for node in new.values())


def _numbered() -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"b{number}"
