"""Shapes -> what they read from their focus nodes on, as an automaton.

None where that cannot be told: a constraint that is not of SHACL Core may look at anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, NamedNode

from leadgraph.check.scope.facts import SUBCLASS, TYPE, Facts
from leadgraph.check.scope.reads import START, Alternative, Draft, One, Repeated, Sequence, inverse
from leadgraph.check.scope.sieve import targets
from leadgraph.vocabulary import SH as SHACL

if TYPE_CHECKING:
    from leadgraph.check.scope.reads import Path, Reads
    from leadgraph.check.slice import Term

_CLASSES = Sequence((One(TYPE), Repeated(One(SUBCLASS), "*")))
_MEMBERS = frozenset({"and", "or", "xone"})
_SHAPES = frozenset({"node", "property", "not", "qualifiedValueShape"})
_PREDICATES = frozenset({"equals", "disjoint", "lessThan", "lessThanOrEquals"})
_VALUES_ALONE = frozenset(
    {
        "datatype", "nodeKind", "minCount", "maxCount", "minExclusive", "minInclusive",
        "maxExclusive", "maxInclusive", "minLength", "maxLength", "pattern", "flags",
        "languageIn", "uniqueLang", "hasValue", "in", "qualifiedMinCount", "qualifiedMaxCount",
        "qualifiedValueShapesDisjoint", "ignoredProperties", "path", "deactivated", "severity",
        "message", "name", "description", "order", "group", "defaultValue",
    }
)  # fmt: skip
_TARGETS = frozenset({"targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf"})
_SIGNS = {"zeroOrMorePath": "*", "oneOrMorePath": "+", "zeroOrOnePath": "?"}


class _NotKnownError(Exception):
    """Something that may look anywhere."""


def outlook(shapes: Facts) -> Reads | None:
    """Return what shapes read, whichever of them a focus node is of; None if it may be anything."""
    try:
        return _Reader(shapes).read()
    except _NotKnownError:
        return None


class _Reader:
    def __init__(self, shapes: Facts) -> None:
        self._shapes = shapes
        self._draft = Draft()
        self._states: dict[Term, int] = {}

    def read(self) -> Reads:
        self._draft.add(One(None), START, self._draft.state())
        self._draft.add(_CLASSES, START, self._draft.state())
        for shape in targets(self._shapes):
            self._draft.skip(START, self._shape(shape))
        return self._draft.finished()

    def _shape(self, shape: Term) -> int:
        """The state of a focus node of a shape."""
        if shape not in self._states:
            focus = self._states[shape] = self._draft.state()
            values = focus
            for path in self._shapes.objects(shape, NamedNode(SHACL + "path")):
                values = self._draft.state()
                self._draft.add(self._path(path), focus, values)
            for predicate, parameters in self._shapes.said.get(shape, {}).items():
                for parameter in parameters:
                    self._constraint(_name(predicate), parameter, focus, values)
        return self._states[shape]

    def _constraint(self, name: str, parameter: Term, focus: int, values: int) -> None:
        if name == "class":
            self._draft.add(_CLASSES, values, self._draft.state())
        elif name in _SHAPES:
            self._draft.skip(values, self._shape(parameter))
        elif name in _MEMBERS:
            for member in self._members(parameter):
                self._draft.skip(values, self._shape(member))
        elif name in _PREDICATES and isinstance(parameter, NamedNode):
            self._draft.add(One(parameter), focus, self._draft.state())
        elif name == "closed":
            self._draft.add(One(None), values, self._draft.state())
        else:
            self._other(name, parameter, focus)

    def _other(self, name: str, parameter: Term, focus: int) -> None:
        """What reads nothing but the values, or the way that a target is found."""
        if name == "targetObjectsOf" and isinstance(parameter, NamedNode):
            self._draft.add(One(parameter, is_inverse=True), focus, self._draft.state())
        elif name and name not in _VALUES_ALONE | _TARGETS:
            raise _NotKnownError

    def _members(self, head: Term) -> list[Term]:
        members = self._shapes.members(head)
        if members is None:
            raise _NotKnownError
        return members

    def _path(self, node: Term) -> Path:
        """A property path (SHACL, 2.3.1)."""
        if isinstance(node, NamedNode):
            return One(node)
        for predicate, values in self._shapes.said.get(node, {}).items():
            name, (value, *_) = _name(predicate), list(values)
            if name == "inversePath":
                return inverse(self._path(value))
            if name == "alternativePath":
                return Alternative(tuple(map(self._path, self._members(value))))
            if name in _SIGNS:
                return Repeated(self._path(value), _SIGNS[name])
        members = self._members(node) if isinstance(node, BlankNode) else []
        if not members:
            raise _NotKnownError
        return Sequence(tuple(map(self._path, members)))


def _name(predicate: Term) -> str:
    """The local name of a term of SHACL, empty for any other."""
    iri = predicate.value if isinstance(predicate, NamedNode) else ""
    return iri.removeprefix(SHACL) if iri.startswith(SHACL) else ""
