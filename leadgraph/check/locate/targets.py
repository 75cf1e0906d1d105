"""The shapes' statements -> what a shape targets: by that a focus node's block is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from leadgraph.check.locate.statements import Statements
from leadgraph.check.slice import FileGraph
from leadgraph.vocabulary import OWL, RDF, RDFS, SH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyoxigraph import Triple

    from leadgraph.check.slice import Term

TYPE = NamedNode(RDF + "type")
_CLASSES = frozenset({NamedNode(RDFS + "Class"), NamedNode(OWL + "Class")})
_PATH = NamedNode(SH + "path")
_TARGET_CLASS = NamedNode(SH + "targetClass")
_TARGET_OBJECTS = NamedNode(SH + "targetObjectsOf")
_TARGETS = frozenset(
    NamedNode(SH + name)
    for name in ("targetClass", "targetObjectsOf", "targetNode", "targetSubjectsOf")
)


@dataclass(frozen=True, slots=True)
class Targets:
    """The classes whose instances, and the predicates whose objects, a shape looks at."""

    classes: frozenset[Term] = frozenset()
    predicates: frozenset[Term] = frozenset()


class Shapes:
    """The shapes, to be asked what they target."""

    def __init__(self, triples: Sequence[Triple] = ()) -> None:
        """Take the statements of the shapes."""
        self._statements = Statements([FileGraph("", "", tuple(triples))])
        self._targets: dict[Term, Targets] = {}

    def targets(self, shape: Term | None) -> Targets:
        """Return the targets of the shape, else of the nearest shapes that hold it."""
        if shape is None:
            return Targets()
        if shape not in self._targets:
            self._targets[shape] = self._nearest(shape)
        return self._targets[shape]

    def _nearest(self, shape: Term) -> Targets:
        seen, row = {shape}, [shape]
        while row:
            found = [self._reaching(node, shape) for node in row]
            if any(target != Targets() for target in found) or any(map(self._is_targeting, row)):
                return Targets(
                    frozenset().union(*(target.classes for target in found)),
                    frozenset().union(*(target.predicates for target in found)),
                )
            holders = dict.fromkeys(holder for node in row for holder in self._holders(node))
            row = [node for node in holders if node not in seen]
            seen.update(row)
        return Targets()

    def _reaching(self, holder: Term, shape: Term) -> Targets:
        """What leads to the focus nodes of a shape: of one that holds it, its path too."""
        found = self._own_targets(holder)
        steps = () if holder == shape else self._objects(holder, _PATH)
        named = (step for step in steps if isinstance(step, NamedNode))
        return replace(found, predicates=found.predicates.union(named))

    def _own_targets(self, shape: Term) -> Targets:
        classes = self._objects(shape, _TARGET_CLASS)
        if not _CLASSES.isdisjoint(self._objects(shape, TYPE)):
            classes.append(shape)
        return Targets(frozenset(classes), frozenset(self._objects(shape, _TARGET_OBJECTS)))

    def _is_targeting(self, shape: Term) -> bool:
        return any(triple.predicate in _TARGETS for triple in self._said(shape))

    def _said(self, node: Term) -> Iterator[Triple]:
        return (self._statements.triple(at) for at in self._statements.about(node))

    def _holders(self, node: Term) -> Iterator[Term]:
        return (self._statements.triple(at).subject for at in self._statements.naming(node))

    def _objects(self, node: Term, predicate: NamedNode) -> list[Term]:
        return [triple.object for triple in self._said(node) if triple.predicate == predicate]
