"""Validation results as pySHACL hands them over -> findings, each with those that explain it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rdflib import SH

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rdflib.term import Node

RawResult = tuple[str, "Node", "Iterable[tuple[Node, Node, Node | tuple[object, Node]]]"]
"""A result's description, its node, and its statements and those of its details, where an object
is a node, or (graph, node) for a node of the data or of the shapes."""

_Said = dict["Node", dict["Node", list["Node"]]]


@dataclass(frozen=True, slots=True)
class Finding:
    """A validation result (SHACL, 3.6.2) in nodes of RDFLib.

    `source` is the SPARQL-based constraint (sh:sourceConstraint), `details` is sh:detail.
    """

    focus: Node
    path: Node | None
    value: Node | None
    severity: Node
    component: Node
    shape: Node
    source: Node | None
    messages: tuple[Node, ...]
    details: tuple[Finding, ...] = ()


def finding(raw: RawResult) -> Finding:
    """Return what a raw result says."""
    said: _Said = defaultdict(lambda: defaultdict(list))
    for subject, predicate, value in raw[2]:
        said[subject][predicate].append(value[1] if isinstance(value, tuple) else value)
    return _finding(raw[1], said)


def _finding(node: Node, said: _Said) -> Finding:
    one = said[node]
    return Finding(
        focus=one[SH.focusNode][0],
        path=_first(one[SH.resultPath]),
        value=_first(one[SH.value]),
        severity=one[SH.resultSeverity][0],
        component=one[SH.sourceConstraintComponent][0],
        shape=one[SH.sourceShape][0],
        source=_first(one[SH.sourceConstraint]),
        messages=tuple(one[SH.resultMessage]),
        details=tuple(_finding(detail, said) for detail in one[SH.detail]),
    )


def _first(nodes: Sequence[Node]) -> Node | None:
    return nodes[0] if nodes else None
