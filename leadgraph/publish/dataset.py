"""Sources -> the quads of a release: named graphs, and every statement once.

A release is an RDF dataset. Its default graph holds every statement once; each source file, the
ontology, what was inferred and the description of the dataset are named graphs besides, so that
"who says so" is one `GRAPH ?g {}` away. The shapes are in a named graph only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, parse

from leadgraph import formats
from leadgraph.publish.text import as_nquads
from leadgraph.vocabulary import SHAPES_GRAPH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from leadgraph.model import Source

Graph = frozenset[Triple]


@dataclass(frozen=True, slots=True)
class NamedGraphs:
    """The named graphs of a dataset by IRI, and the prefixes that their authors declared."""

    graphs: dict[str, Graph]
    prefixes: dict[str, str]

    @property
    def default(self) -> Graph:
        """Every statement once: all graphs merged, but not the shapes."""
        queried = (graph for iri, graph in self.graphs.items() if iri != SHAPES_GRAPH)
        return frozenset[Triple]().union(*queried)

    def with_graph(self, iri: str, graph: Graph) -> NamedGraphs:
        """Return the dataset with one more named graph; an empty one is left out."""
        return replace(self, graphs={**self.graphs, iri: graph}) if graph else self

    def named_quads(self) -> Iterator[Quad]:
        """Yield what each named graph holds."""
        for iri, graph in self.graphs.items():
            yield from graph_quads(graph, iri)

    def quads(self) -> Iterator[Quad]:
        """Yield the whole dataset: the default graph, then each named graph."""
        yield from graph_quads(self.default)
        yield from self.named_quads()


def graph_quads(graph: Iterable[Triple], iri: str | None = None) -> Iterator[Quad]:
    """Yield statements as quads of a named graph, or of the default graph."""
    name = None if iri is None else NamedNode(iri)
    return (Quad(t.subject, t.predicate, t.object, name) for t in graph)


def merge(sources: Iterable[tuple[str, Source]]) -> tuple[bytes, dict[str, str]]:
    """Return what (graph IRI, source) pairs state, as N-Quads, and their prefixes.

    A blank node belongs to its file: two files that both say `_:b` speak of two things.

    Raises:
        SyntaxError: if a source did not come from `leadgraph.read`.
    """
    quads: list[Quad] = []
    prefixes: dict[str, str] = {}
    for iri, source in sources:
        parser = parse(source.data, format=_format(source.path), rename_blank_nodes=True)
        quads += graph_quads((quad.triple for quad in parser), iri)
        prefixes = {**parser.prefixes, **prefixes}
    return as_nquads(quads), prefixes


def named_graphs(nquads: bytes, prefixes: dict[str, str]) -> NamedGraphs:
    """Return N-Quads as named graphs, whose names are IRIs; the inverse of `merge`."""
    graphs: dict[str, set[Triple]] = {}
    for quad in parse(nquads, format=RdfFormat.N_QUADS):
        if isinstance(quad.graph_name, NamedNode):
            graphs.setdefault(quad.graph_name.value, set()).add(quad.triple)
    return NamedGraphs({iri: frozenset(graphs[iri]) for iri in sorted(graphs)}, prefixes)


def _format(path: str) -> RdfFormat | None:
    """Return the engine's constant for the end of a file's name."""
    row = formats.by_extension(path)
    return row.engine if row and isinstance(row.engine, RdfFormat) else None
