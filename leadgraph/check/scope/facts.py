"""Statements -> lookups in memory: what is said of a thing, what points at it, its classes."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Triple

from leadgraph.vocabulary import RDF, RDFS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from leadgraph.check.slice import Term

TYPE = NamedNode(RDF + "type")
SUBCLASS = NamedNode(RDFS + "subClassOf")
_REST = NamedNode(RDF + "rest")
_FIRST = NamedNode(RDF + "first")

_Lookup = dict["Term", dict["Term", dict["Term", None]]]


class Facts:
    """A graph to be read only; objects and subjects come once, in the order of the statements."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.said: _Lookup = {}
        for subject, predicate, value in triples:
            self.said.setdefault(subject, {}).setdefault(predicate, {})[value] = None
        self._classes: dict[Term, frozenset[Term]] = {}

    def __iter__(self) -> Iterator[Triple]:
        """Yield all statements."""
        for subject, statements in self.said.items():
            for predicate, values in statements.items():
                for value in values:
                    yield Triple(subject, predicate, value)  # type: ignore[arg-type]  # as stated

    def objects(self, subject: Term, predicate: Term) -> Sequence[Term]:
        """Return the values of a thing by a predicate."""
        return tuple(self.said.get(subject, {}).get(predicate, ()))

    def one(self, subject: Term, predicate: Term) -> Term | None:
        """Return the value of a thing by a predicate, None if there is none."""
        return next(iter(self.said.get(subject, {}).get(predicate, ())), None)

    def subjects(self, predicate: Term, value: Term) -> Sequence[Term]:
        """Return what points at a value by a predicate."""
        return tuple(self._pointing.get(value, {}).get(predicate, ()))

    def members(self, head: Term) -> list[Term] | None:
        """Return the members of a list (RDF Schema, 5.2), None if it is no list."""
        found: list[Term] = []
        seen: set[Term] = set()
        while head != _NIL:
            first, rest = self.objects(head, _FIRST), self.objects(head, _REST)
            if len(first) != 1 or len(rest) != 1 or head in seen:
                return None
            seen.add(head)
            found.append(first[0])
            head = rest[0]
        return found

    def classes(self, thing: Term) -> set[Term]:
        """Return the classes of a thing and all above them."""
        found: set[Term] = set()
        for kind in self.said.get(thing, {}).get(TYPE, ()):
            found |= self._above(kind)
        return found

    def _above(self, kind: Term) -> frozenset[Term]:
        known = self._classes.get(kind)
        if known is None:
            reached, row = {kind}, [kind]
            while row:
                wider = set(self.objects(row.pop(), SUBCLASS)) - reached
                reached |= wider
                row += wider
            known = self._classes[kind] = frozenset(reached)
        return known

    @cached_property
    def _pointing(self) -> _Lookup:
        pointing: _Lookup = {}
        for subject, statements in self.said.items():
            for predicate, values in statements.items():
                for value in values:
                    pointing.setdefault(value, {}).setdefault(predicate, {})[subject] = None
        return pointing


_NIL = NamedNode(RDF + "nil")
