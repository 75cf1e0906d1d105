"""Data and shapes -> validation results, by pySHACL. The only module that imports it.

pySHACL works on plain RDFLib graphs, built here from what pyoxigraph parsed, so that literals
stay as written. Its own `focus_nodes` option is not used: it also filters the value nodes of
nested shapes, so that `sh:or` or `sh:node` over a literal would always hold. The focus nodes of
each shape are cut down here instead, before it validates.

Run only inside the child of `leadgraph.check.child`: patterns may backtrack without end.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Triple
from pyshacl.errors import ReportableRuntimeError
from pyshacl.graph_abstraction import DataGraph
from pyshacl.validator import Validator
from rdflib import SH
from rdflib.term import Node

from leadgraph.check.results import Result
from leadgraph.errors import ShapesInvalid
from leadgraph.model import Severity
from leadgraph.vocabulary import SH as SHACL
from leadgraph.vocabulary import XSD

if TYPE_CHECKING:
    from pyshacl.shape import Shape

    from leadgraph.check.slice import Term

_XSD_STRING = NamedNode(XSD + "string")
_INVERSE_PATH = NamedNode(SHACL + "inversePath")
_LONGEST_MESSAGE = 1000
_SEVERITIES: dict[Node, Severity] = {SH.Warning: Severity.WARNING, SH.Info: Severity.INFO}

# One result as pySHACL hands it over: its description, its node, and its statements, where an
# object is a node, or (graph, node) for a node of the data or of the shapes.
_RawResult = tuple[str, Node, Iterable[tuple[Node, Node, Node | tuple[object, Node]]]]


def inverse_predicates(shapes: Iterable[Triple]) -> frozenset[NamedNode]:
    """Return the predicates that a shape walks backwards (`sh:inversePath`)."""
    return frozenset(
        triple.object
        for triple in shapes
        if triple.predicate == _INVERSE_PATH and isinstance(triple.object, NamedNode)
    )


def validate(
    data: Iterable[Triple],
    shapes: Sequence[Triple],
    focus: frozenset[Term] | None,
    shapes_path: str,
) -> list[Result]:
    """Return what the shapes find wrong with the data.

    With `focus`, a shape only looks at its targets that are in it (and at the objects that it
    targets by sh:targetObjectsOf, which need not be subjects).

    Raises:
        ShapesInvalid: if the shapes cannot be used; `shapes_path` says where they come from.
    """
    rdflib.NORMALIZE_LITERALS = False
    graph, shapes_graph = _graph(data), _graph(shapes)
    nodes = None if focus is None else {_node(term) for term in focus}
    try:
        raw = list(_run(graph, shapes_graph, nodes))
    except (ReportableRuntimeError, re.error) as error:
        raise ShapesInvalid(shapes_path, _one_line(str(error)).rstrip(".")) from None
    finally:
        rdflib.NORMALIZE_LITERALS = False
    return [_result(*result, shapes_graph) for result in raw]


def _run(
    graph: rdflib.Graph, shapes_graph: rdflib.Graph, focus: set[Node] | None
) -> Iterator[_RawResult]:
    """Let each shape validate its own targets."""
    options = {
        "inplace": True,
        "inference": "none",
        "advanced": False,
        "use_js": False,
        "logger": logging.getLogger("leadgraph.check"),
    }
    validator = Validator(DataGraph.from_rdflib(graph), shacl_graph=shapes_graph, options=options)
    executor = validator.make_executor()
    if not validator.shacl_graph.shapes:
        raise ReportableRuntimeError("it holds no shapes")
    for shape in validator.shacl_graph.shapes:
        targets = _targets(shape, graph, focus)
        if targets:
            _, results = shape.validate(executor, graph, focus=targets)
            yield from results


def _targets(shape: Shape, graph: rdflib.Graph, focus: set[Node] | None) -> list[Node]:
    """The targets of a shape (SHACL, 2.1.3) that are in the focus, in a stable order."""
    targets: set[Node] = shape.focus_nodes(graph)  # type: ignore[no-untyped-call]  # pySHACL's
    if focus is not None:
        predicates: set[Node] = shape.target_objects_of()  # type: ignore[no-untyped-call]
        targets &= focus.union(*(graph.objects(None, predicate) for predicate in predicates))
    return sorted(targets, key=str)


def _result(
    _description: str,
    node: Node,
    statements: Iterable[tuple[Node, Node, Node | tuple[object, Node]]],
    shapes_graph: rdflib.Graph,
) -> Result:
    """One validation result in the engine's terms."""
    said: dict[Node, list[Node]] = {}
    for subject, predicate, value in statements:
        if subject == node:
            plain = value[1] if isinstance(value, tuple) else value
            said.setdefault(predicate, []).append(plain)
    path = next(iter(said.get(SH.resultPath, ())), None)
    component = next(iter(said.get(SH.sourceConstraintComponent, ())), None)
    return Result(
        code=_code(said[SH.sourceShape][0], shapes_graph),
        severity=_SEVERITIES.get(said[SH.resultSeverity][0], Severity.VIOLATION),
        messages=_messages(said.get(SH.resultMessage, ())),
        constraint=_local_name(str(component)) if component else None,
        focus=_term(said[SH.focusNode][0]),
        predicate=_term(path) if isinstance(path, rdflib.URIRef) else None,
        value=_term(said[SH.value][0]) if SH.value in said else None,
    )


def _code(shape: Node, shapes_graph: rdflib.Graph) -> str:
    """The local name of a shape, or of the nearest named shape that holds it."""
    seen: set[Node] = set()
    row = [shape]
    while row:
        node = row.pop(0)
        if isinstance(node, rdflib.URIRef):
            return _local_name(str(node))
        seen.add(node)
        holders = (s for s in shapes_graph.subjects(None, node) if s not in seen)
        row += sorted(holders, key=str)
    return "shape"


def _local_name(iri: str) -> str:
    return re.split(r"[#/:]", iri.rstrip("#/:"))[-1]


def _messages(texts: Iterable[Node]) -> dict[str, str]:
    """Language -> message; a text without a language counts as English."""
    messages: dict[str, str] = {}
    for text in sorted(texts, key=str):
        language = (text.language if isinstance(text, rdflib.Literal) else None) or "en"
        messages.setdefault(language.partition("-")[0].lower(), _one_line(str(text)))
    if "en" not in messages:
        messages["en"] = next(iter(messages.values()), "")
    return messages


def _one_line(text: str) -> str:
    return " ".join(text[:_LONGEST_MESSAGE].split())


def _graph(triples: Iterable[Triple]) -> rdflib.Graph:
    """A plain RDFLib graph; one node object for each term, however often it occurs."""
    known: dict[Term, Node] = {}
    graph = rdflib.Graph(bind_namespaces="none")
    for triple in triples:
        for term in triple:
            if term not in known:
                known[term] = _node(term)
        subject, predicate, value = triple
        graph.add((known[subject], known[predicate], known[value]))
    return graph


def _node(term: Term) -> Node:
    """The term for RDFLib; `"x"` and `"x"^^xsd:string` are one term (RDF 1.1 Concepts, 3.3)."""
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if not isinstance(term, Literal):
        return rdflib.BNode(str(term).removeprefix("_:"))
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    datatype = None if term.datatype == _XSD_STRING else rdflib.URIRef(term.datatype.value)
    return rdflib.Literal(term.value, datatype=datatype)


def _term(node: Node) -> Term:
    """The term for the engine: the inverse of `_node`."""
    if isinstance(node, rdflib.URIRef):
        return NamedNode(str(node))
    if not isinstance(node, rdflib.Literal):
        return BlankNode(str(node))
    if node.language:
        return Literal(str(node), language=node.language)
    return Literal(str(node), datatype=NamedNode(str(node.datatype)) if node.datatype else None)
