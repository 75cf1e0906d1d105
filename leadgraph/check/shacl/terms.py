"""Terms of the engine <-> nodes of RDFLib, and triples -> a graph as pySHACL wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode
from rdflib.plugins.stores.memory import SimpleMemory

from leadgraph.vocabulary import XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyoxigraph import Triple
    from rdflib.term import Node

    from leadgraph.check.slice import Term

_XSD_STRING = NamedNode(XSD + "string")


class _Counted(SimpleMemory):
    """A store of one graph that knows how many triples it has: pySHACL asks for each result."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __len__(self, context: object = None) -> int:
        return self.count


def graph(triples: Iterable[Triple], prefixes: Mapping[str, str]) -> rdflib.Graph:
    """Return the triples as a graph; one node object for each term, however often it occurs.

    `prefixes` are known to it, and those that RDFLib gives to every graph: pySHACL's own words
    and queries without a PREFIX of their own know them too.
    """
    known: dict[Term, Node] = {}
    store = _Counted()
    graph = rdflib.Graph(store)
    for prefix, namespace in prefixes.items():
        graph.bind(prefix, namespace)
    for triple in triples:
        for each in triple:
            if each not in known:
                known[each] = node(each)
        subject, predicate, value = triple
        graph.add((known[subject], known[predicate], known[value]))
    store.count = sum(1 for _ in graph)
    return graph


def node(term: Term) -> Node:
    """The term for RDFLib; `"x"` and `"x"^^xsd:string` are one term (RDF 1.1 Concepts, 3.3)."""
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if not isinstance(term, Literal):
        return rdflib.BNode(str(term).removeprefix("_:"))
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    datatype = None if term.datatype == _XSD_STRING else rdflib.URIRef(term.datatype.value)
    return rdflib.Literal(term.value, datatype=datatype)


def term(node: Node) -> Term:
    """The term for the engine: the inverse of `node`."""
    if isinstance(node, rdflib.URIRef):
        return NamedNode(str(node))
    if not isinstance(node, rdflib.Literal):
        return BlankNode(str(node))
    if node.language:
        return Literal(str(node), language=node.language)
    return Literal(str(node), datatype=NamedNode(str(node.datatype)) if node.datatype else None)
