"""A file's prefixes and a term -> the term as that file writes it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode

from leadgraph.check.results import BARE, short
from leadgraph.vocabulary import RDF, XSD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadgraph.check.slice import Term

_LONGEST = 100
_LOCAL = re.compile(r"(?:[\w:](?:[\w:.-]*[\w:-])?)?")  # PN_LOCAL without escapes (Turtle, 6.5)
_STRING = NamedNode(XSD + "string")
_TYPE = NamedNode(RDF + "type")


class Names:
    """How one file writes terms: by the prefixes that it declares."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        # Where two prefixes fit, the longer namespace leaves the shorter name.
        self._prefixes = sorted(prefixes.items(), key=lambda item: (-len(item[1]), item[0]))

    def written(self, term: Term) -> str:
        """Return the term in full as it may stand in the file."""
        if isinstance(term, NamedNode):
            return self._prefixed(term.value) or str(term)
        return self._literal(term) if isinstance(term, Literal) else str(term)

    def shown(self, term: Term) -> str:
        """Return the term for a sentence: cut if long; by a usual prefix where none is declared."""
        if isinstance(term, NamedNode):
            return _cut(self._prefixed(term.value) or short(str(term)))
        if isinstance(term, Literal):
            return self._literal(term, cut=True)
        return "[ ... ]" if isinstance(term, BlankNode) else _cut(str(term))

    def property(self, term: Term) -> str:
        """Return a property for a sentence; `rdf:type` is `a`."""
        return "a" if term == _TYPE else self.shown(term)

    def _prefixed(self, iri: str) -> str | None:
        for prefix, namespace in self._prefixes:
            if namespace and iri.startswith(namespace):
                local = iri[len(namespace) :]
                if _LOCAL.fullmatch(local):
                    return f"{prefix}:{local}"
        return None

    def _literal(self, term: Literal, *, cut: bool = False) -> str:
        bare = BARE.get(term.datatype.value)
        if bare is not None and bare.fullmatch(term.value):
            return _cut(term.value) if cut else term.value
        text = str(Literal(_cut(term.value) if cut else term.value))
        if term.language:
            return f"{text}@{term.language}"
        if term.datatype == _STRING:
            return text
        return f"{text}^^{(self.shown if cut else self.written)(term.datatype)}"


def _cut(text: str) -> str:
    """A text without its middle when it is very long."""
    if len(text) <= _LONGEST:
        return text
    half = _LONGEST // 2
    return f"{text[:half]}…{text[1 - half :]}"
