"""Shapes and data -> the focus nodes that may violate a shape: only those are pySHACL's to judge.

pySHACL decides, and it alone: what is said here is at most "this one is certainly fine", and
nearly all of a good graph is. Whatever is not known for certain (a constraint that is not here, a
value of an unusual type, anything odd about a shape) is passed on. A check of SHACL Core is true
or false of a node, or None: not known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode

from leadgraph.check.scope import compare
from leadgraph.check.scope.facts import TYPE, Facts
from leadgraph.vocabulary import OWL, RDFS
from leadgraph.vocabulary import SH as SHACL

if TYPE_CHECKING:
    from leadgraph.check.slice import Term

Verdict = bool | None
Values = Sequence["Term"]
_Check = Callable[["Term", Values], Verdict]
"""Of a focus node and its value nodes."""

_DEEPEST = 12
"""Shapes within shapes; what refers to itself is not for us."""

_CLASSES = frozenset({NamedNode(RDFS + "Class"), NamedNode(OWL + "Class")})
_UNKNOWN_TARGETS = frozenset({"target", "targetShape", "targetWhere"})
_NO_CONSTRAINTS = frozenset(
    {
        "path", "name", "description", "order", "group", "message", "severity", "defaultValue",
        "targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "flags",
        "ignoredProperties", "deactivated",
    }
)  # fmt: skip


def _sh(name: str) -> NamedNode:
    return NamedNode(SHACL + name)


_FALSE = Literal("false", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#boolean"))


def targets(shapes: Facts) -> list[Term]:
    """Return the shapes that choose focus nodes of their own."""
    names = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", *_UNKNOWN_TARGETS)
    by_property = {_sh(name) for name in names}
    return [
        shape for shape, said in shapes.said.items() if by_property & said.keys() or _is_class(said)
    ]


def _is_class(said: dict[Term, dict[Term, None]]) -> bool:
    """Whether a class may be a shape as well (SHACL, 2.1.3.3)."""
    return not _CLASSES.isdisjoint(said.get(TYPE, ()))


class Sieve:
    """Shapes made ready to be asked about nodes of a graph."""

    def __init__(self, shapes: Facts, data: Facts) -> None:
        self._shapes = shapes
        self._data = data
        self._checks: dict[Term, list[tuple[str, _Check]]] = {}
        self._verdicts: dict[tuple[Term, Term], Verdict] = {}
        self._depth = 0
        # Who declares constraint components (SHACL, 6.2) may mean something by any property.
        self._is_plain = not any(_sh("parameter") in said for said in shapes.said.values())

    def suspects(self, focus: frozenset[Term] | None) -> dict[Term, frozenset[Term]]:
        """Return the focus nodes, of these or of all, that each shape may find wrong, if any."""
        found: dict[Term, frozenset[Term]] = {}
        for shape in targets(self._shapes):
            chosen = self._targets(shape, focus)
            wrong = frozenset(n for n in chosen if self._verdict(shape, n) is not True)
            if wrong:
                found[shape] = wrong
        return found

    # --- Focus nodes (SHACL, 2.1.3) --------------------------------------------------------------

    def _targets(self, shape: Term, focus: frozenset[Term] | None) -> set[Term]:
        said = self._shapes.said[shape]
        if any(_sh(name) in said for name in _UNKNOWN_TARGETS):
            return set(self._data.said if focus is None else focus)
        classes = set(said.get(_sh("targetClass"), ()))
        if _is_class(said):
            classes.add(shape)
        predicates = set(said.get(_sh("targetSubjectsOf"), ()))
        found = {
            node
            for node in (self._data.said if focus is None else focus)
            if predicates & self._data.said.get(node, {}).keys()
            or not classes.isdisjoint(self._data.classes(node))
        }
        named = set(said.get(_sh("targetNode"), ()))
        found |= named if focus is None else named & focus
        return found | self._pointed_at(said.get(_sh("targetObjectsOf"), {}))

    def _pointed_at(self, predicates: dict[Term, None]) -> set[Term]:
        return {
            value
            for predicate in predicates
            for statements in self._data.said.values()
            for value in statements.get(predicate, ())
        }

    # --- Verdicts --------------------------------------------------------------------------------

    def _verdict(self, shape: Term, node: Term) -> Verdict:
        """Whether a node conforms to a shape."""
        key = (shape, node)
        if not self._is_plain:
            return None
        if key not in self._verdicts:
            if self._depth >= _DEEPEST:
                return None
            self._depth += 1
            try:
                self._verdicts[key] = self._judged(shape, node)
            finally:
                self._depth -= 1
        return self._verdicts[key]

    def _judged(self, shape: Term, node: Term) -> Verdict:
        checks = self._checks.get(shape)
        if checks is None:
            checks = self._checks[shape] = list(self._compiled(shape))
        if shape not in self._shapes.said:
            return None
        path = self._shapes.objects(shape, _sh("path"))
        values: Values | None = [node]
        if path:
            values = self._walk(node, path[0]) if len(path) == 1 else None
        if values is None:
            return None
        return _all(check(node, values) for _name, check in checks)

    def _walk(self, node: Term, path: Term) -> Values | None:
        """The value nodes at the end of a path (SHACL, 2.3.1); None if it is not a simple one."""
        if isinstance(path, NamedNode):
            return self._data.objects(node, path)
        inverse = self._shapes.one(path, _sh("inversePath"))
        if isinstance(inverse, NamedNode) and len(self._shapes.said[path]) == 1:
            return self._data.subjects(inverse, node)
        steps = self._shapes.members(path)
        if not steps or not all(isinstance(step, NamedNode) for step in steps):
            return None
        row: list[Term] = [node]
        for step in steps:
            row = list(dict.fromkeys(v for one in row for v in self._data.objects(one, step)))
        return row

    # --- Constraints (SHACL, 4) ------------------------------------------------------------------

    def _compiled(self, shape: Term) -> list[tuple[str, _Check]]:
        """What a shape asks, cheap things first."""
        said = self._shapes.said.get(shape, {})
        if _sh("deactivated") in said and said[_sh("deactivated")].keys() != {_FALSE}:
            return [("deactivated", _unknown)]
        checks: list[tuple[str, _Check]] = []
        for predicate, parameters in said.items():
            name = str(getattr(predicate, "value", ""))
            if not name.startswith(SHACL):
                continue
            name = name.removeprefix(SHACL)
            if name not in _NO_CONSTRAINTS:
                several = len(parameters) > 1 and name not in _MAY_REPEAT
                checks += [
                    (name, _unknown if several else self._constraint(name, parameter, shape))
                    for parameter in parameters
                ]
        return sorted(checks, key=lambda check: check[0] in _NESTED)

    def _constraint(self, name: str, parameter: Term, shape: Term) -> _Check:
        """One constraint; a name that is not known is of a constraint that is not."""
        if name in _NESTED:
            return _NESTED[name](self, parameter)
        if name == "pattern":
            return self._pattern(parameter, shape)
        if name == "class":
            return lambda _focus, values: all(parameter in self._data.classes(v) for v in values)
        if name == "in":
            return self._in(parameter)
        if name in compare.PAIRS:
            relation = compare.PAIRS[name]
            return lambda focus, values: relation(values, self._data.objects(focus, parameter))
        simple = compare.CONSTRAINTS.get(name)
        return simple(parameter) if simple else _unknown

    def _property(self, shape: Term) -> _Check:
        return lambda _focus, values: _all(self._verdict(shape, value) for value in values)

    def _not(self, shape: Term) -> _Check:
        return lambda _focus, values: _all(_no(self._verdict(shape, value)) for value in values)

    def _and(self, head: Term) -> _Check:
        return self._each(head, _all)

    def _or(self, head: Term) -> _Check:
        return self._each(head, _any)

    def _each(self, head: Term, together: Callable[[Sequence[Verdict]], Verdict]) -> _Check:
        """What holds for a node by what each shape of a list says of it."""
        shapes = self._shapes.members(head)
        if not shapes:
            return _unknown
        return lambda _focus, values: _all(
            together([self._verdict(shape, value) for shape in shapes]) for value in values
        )

    def _in(self, head: Term) -> _Check:
        members = self._shapes.members(head)
        if members is None:
            return _unknown
        allowed = frozenset(members)
        return lambda _focus, values: all(value in allowed for value in values) or None

    def _pattern(self, parameter: Term, shape: Term) -> _Check:
        """A regular expression, as pySHACL reads it."""
        flags = self._shapes.objects(shape, _sh("flags"))
        if not isinstance(parameter, Literal) or len(flags) > 1:
            return _unknown
        given = flags[0].value.lower() if flags and isinstance(flags[0], Literal) else ""
        if not set(given) <= {"i", "m"}:
            return _unknown
        try:
            pattern = re.compile(parameter.value, ("i" in given and re.I) | ("m" in given and re.M))
        except re.error:
            return _unknown
        return lambda _focus, values: _all(_matches(pattern, value) for value in values)


_NESTED: dict[str, Callable[[Sieve, Term], _Check]] = {
    "property": Sieve._property,
    "node": Sieve._property,
    "not": Sieve._not,
    "and": Sieve._and,
    "or": Sieve._or,
}

_MAY_REPEAT = frozenset({*_NESTED, *compare.PAIRS, "class", "hasValue"})


def _matches(pattern: re.Pattern[str], value: Term) -> Verdict:
    if isinstance(value, NamedNode | Literal):
        return pattern.search(value.value) is not None
    return False if isinstance(value, BlankNode) else None


def _unknown(_focus: Term, _values: Values) -> Verdict:
    return None


def _all(verdicts: object) -> Verdict:
    """False once one is, None once one is, else true."""
    result: Verdict = True
    for verdict in verdicts:  # type: ignore[attr-defined]  # an iterable of verdicts
        if verdict is False:
            return False
        result = result and verdict
    return result


def _any(verdicts: Sequence[Verdict]) -> Verdict:
    if True in verdicts:
        return True
    return None if None in verdicts else False


def _no(verdict: Verdict) -> Verdict:
    return None if verdict is None else not verdict
