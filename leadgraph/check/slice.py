"""Files and their context -> the data graph that the shapes see: the slice.

A contribution is checked on its own statements and on what the shapes have to know of the things
it points at. That costs the same whatever the size of the graph around it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from leadgraph.read import turtle
from leadgraph.vocabulary import LG, RDF, RDFS, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from leadgraph.model import Source

Term = NamedNode | BlankNode | Literal | Triple
"""What pyoxigraph makes statements of; no triple term gets here, `read` refuses them."""

_TYPE = NamedNode(RDF + "type")
_SUBCLASS = NamedNode(RDFS + "subClassOf")

VALUE_PREDICATES = frozenset(
    {
        _TYPE,  # sh:class, and shapes that target a class
        NamedNode(SKOS + "prefLabel"),  # "what it points at has a label"
        NamedNode(LG + "nextStep"),  # the step after the next one
    }
)
"""What a constraint on a value node may ask of a thing that is only mentioned."""

_LABEL = re.compile(r"_:(\w[\w.-]*)")


@dataclass(frozen=True, slots=True)
class FileGraph:
    """The statements of one file; no two file graphs share a blank node."""

    path: str
    slug: str
    triples: tuple[Triple, ...] = field(repr=False)


def file_graphs(sources: Iterable[Source], taken: set[str]) -> list[FileGraph]:
    """Return the statements of sources, adding the ids of their blank nodes to `taken`."""
    return [FileGraph(source.path, source.slug, tuple(_apart(source, taken))) for source in sources]


def data_graph(
    files: Sequence[FileGraph], context: Sequence[FileGraph], inverse: frozenset[NamedNode]
) -> Iterator[Triple]:
    """Yield all of the files, and of the context what the shapes have to know.

    That is: everything about a subject of the files; the VALUE_PREDICATES of all that is then
    mentioned; what points at their subjects by a predicate that a shape walks backwards
    (`inverse`); and the class hierarchy.
    """
    subjects = subjects_of(files)
    around = [triple for file in context for triple in file.triples]
    own = [triple for file in files for triple in file.triples]
    own += [triple for triple in around if triple.subject in subjects]
    mentioned = {triple.object for triple in own}
    yield from own
    for triple in around:
        subject, predicate, value = triple
        if (
            predicate == _SUBCLASS
            or (predicate in VALUE_PREDICATES and subject in mentioned)
            or (predicate in inverse and value in subjects)
        ):
            yield triple


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
