"""The shapes in the engine -> what is asked of each class, in the reader's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadgraph.errors import ThingNotFound
from leadgraph.explore.labels import Labels, Node, Text, choose, look_up
from leadgraph.explore.sparql import Facts, named_graph
from leadgraph.vocabulary import RDF, RDFS, SH, SHAPES, SHAPES_GRAPH, shorten

if TYPE_CHECKING:
    from leadgraph.query.client import Engine

_PATH_MARKS = {
    SH + "inversePath": "^{}",
    SH + "zeroOrMorePath": "{}*",
    SH + "oneOrMorePath": "{}+",
    SH + "zeroOrOnePath": "{}?",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One property shape: on which path, how many values, and what is said when it fails.

    `anchor` is its local name, "" for a blank node.
    """

    anchor: str
    name: Text | None
    path: str
    path_iri: str
    description: Text | None
    messages: tuple[Text, ...]
    least: int
    most: int | None
    severity: str
    order: float


@dataclass(frozen=True, slots=True)
class Shape:
    """What is asked of the things of some classes; `anchor` is the shape's local name."""

    node: Node
    anchor: str
    targets: tuple[Node, ...]
    description: Text | None
    messages: tuple[Text, ...]
    properties: tuple[Asked, ...]


def shapes(engine: Engine, language: str) -> tuple[Shape, ...]:
    """Return every node shape that has a name, for a reader of a language.

    Raises:
        ThingNotFound: if the engine holds no shapes.
    """
    facts = Facts(named_graph(engine, SHAPES_GRAPH))
    if not node_shapes(facts):
        raise ThingNotFound(SHAPES.removesuffix("#"))
    return shapes_of(facts, look_up(engine, mentioned(facts), language), language)


def shapes_of(facts: Facts, labels: Labels, language: str) -> tuple[Shape, ...]:
    """Return every node shape of some statements that has a name; `labels` are of `mentioned`."""
    read = [_shape(facts, labels, iri, language) for iri in node_shapes(facts)]
    return tuple(sorted(read, key=lambda shape: shape.node.order))


def node_shapes(facts: Facts) -> list[str]:
    """Return the node shapes that have a name."""
    return [iri for iri in facts.subjects() if _is_node_shape(facts, iri)]


def mentioned(facts: Facts) -> list[str]:
    """Return the node shapes, and the terms that say what they are asked of."""
    found = node_shapes(facts)
    return [*found, *(node for iri in found for node in targets(facts, iri))]


def _is_node_shape(facts: Facts, iri: str) -> bool:
    return SH + "NodeShape" in facts.nodes(iri, RDF + "type") and not iri.startswith("_:")


def targets(facts: Facts, iri: str) -> list[str]:
    """Return the classes and properties that choose the focus nodes."""
    predicates = ("targetClass", "targetSubjectsOf", "targetObjectsOf", "targetNode")
    return [node for name in predicates for node in facts.nodes(iri, SH + name)]


def _shape(facts: Facts, labels: Labels, iri: str, language: str) -> Shape:
    nodes = labels.nodes(targets(facts, iri))
    named = choose(facts.literals(iri, SH + "name") + facts.literals(iri, RDFS + "label"), language)
    told = facts.literals(iri, SH + "description") + facts.literals(iri, RDFS + "comment")
    properties = [asked_by(facts, each, language) for each in facts.nodes(iri, SH + "property")]
    return Shape(
        Node(iri, named or (nodes[0].label if nodes else labels.node(iri).label)),
        iri.removeprefix(SHAPES),
        nodes,
        choose(told, language),
        messages(facts, iri, language),
        tuple(sorted(properties, key=lambda asked: (asked.order, asked.path))),
    )


def asked_by(facts: Facts, shape: str, language: str) -> Asked:
    """Return what one property shape asks for."""
    path = next(iter(facts.nodes(shape, SH + "path")), "")
    least, most = facts.number(shape, SH + "minCount"), facts.number(shape, SH + "maxCount")
    severity = next(iter(facts.nodes(shape, SH + "severity")), SH + "Violation")
    return Asked(
        shape.removeprefix(SHAPES) if shape.startswith(SHAPES) else "",
        choose(facts.literals(shape, SH + "name"), language),
        _path(facts, path),
        "" if path.startswith("_:") else path,
        choose(facts.literals(shape, SH + "description"), language),
        messages(facts, shape, language),
        int(least or 0),
        None if most is None else int(most),
        severity.removeprefix(SH).lower(),
        facts.number(shape, SH + "order") or 0,
    )


def messages(facts: Facts, shape: str, language: str) -> tuple[Text, ...]:
    """Return the message in the reader's language, or nothing."""
    return tuple(filter(None, [choose(facts.literals(shape, SH + "message"), language)]))


def _path(facts: Facts, node: str, depth: int = 3) -> str:
    """Return a property path as SPARQL writes it (SHACL 2.3.1), three brackets deep at most."""
    if not node.startswith("_:") or not depth:
        return shorten(node)
    for predicate, mark in _PATH_MARKS.items():
        for inner in facts.nodes(node, predicate):
            return mark.format(_path(facts, inner, depth - 1))
    for alternatives in facts.nodes(node, SH + "alternativePath"):
        return " | ".join(_path(facts, each, depth - 1) for each in facts.items(alternatives))
    return " / ".join(_path(facts, each, depth - 1) for each in facts.items(node))
