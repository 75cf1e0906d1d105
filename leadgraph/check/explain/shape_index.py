"""The statements of shapes -> what a shape says of itself: its names, its path, what it asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from leadgraph.vocabulary import RDF, RDFS, SH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Triple

    from leadgraph.check.results import Result
    from leadgraph.check.slice import Term

_FIRST, _REST, _NIL = (NamedNode(RDF + name) for name in ("first", "rest", "nil"))
_LABEL = NamedNode(RDFS + "label")
_LISTS = frozenset({"in", "languageIn", "ignoredProperties", "or", "and", "xone"})


class ShapeIndex:
    """Shapes by what they say."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._said: dict[Term, dict[Term, list[Term]]] = {}
        for subject, predicate, value in triples:
            self._said.setdefault(subject, {}).setdefault(predicate, []).append(value)

    def values(self, shape: Term | None, name: str) -> tuple[Term, ...]:
        """Return what a shape says by a term of SHACL (`class`, `in`), the members of a list."""
        if shape is None:
            return ()
        found = self._said.get(shape, {}).get(NamedNode(SH + name), ())
        if name in _LISTS:
            return tuple(member for head in found for member in self._members(head))
        return tuple(found)

    def asked(self, result: Result, name: str) -> tuple[Term, ...]:
        """Return what the constraint of a result asks for by a parameter."""
        return result.parameters.get(name) or self.values(result.shape, name)

    def name(self, shape: Term | None, language: str) -> str | None:
        """Return the shape's sh:name in a language."""
        return self._in(language, self.values(shape, "name"))

    def label(self, shape: Term, language: str) -> str | None:
        """Return the shape's rdfs:label or sh:name in a language."""
        labels = self._said.get(shape, {}).get(_LABEL, ())
        return self._in(language, labels) or self.name(shape, language)

    def description(self, shape: Term | None, language: str) -> str | None:
        """Return the shape's sh:description in a language."""
        return self._in(language, self.values(shape, "description"))

    def mentioned(self, *names: str) -> Iterator[Term]:
        """Yield what any shape says by these terms of SHACL."""
        for shape in self._said:
            for name in names:
                yield from self.values(shape, name)

    def properties(self, shape: Term | None) -> Iterator[NamedNode]:
        """Yield the properties that a closed shape allows (SHACL, 4.8.1)."""
        for inner in self.values(shape, "property"):
            yield from (p for p in self.values(inner, "path") if isinstance(p, NamedNode))
        yield from (p for p in self.values(shape, "ignoredProperties") if isinstance(p, NamedNode))

    def _members(self, head: Term) -> Iterator[Term]:
        seen: set[Term] = set()
        while head != _NIL and head not in seen:
            seen.add(head)
            said = self._said.get(head, {})
            yield from said.get(_FIRST, ())
            head = next(iter(said.get(_REST, ())), _NIL)

    def _in(self, language: str, texts: Iterable[Term]) -> str | None:
        """The text in a language; one without a language counts as English."""
        for text in texts:
            if isinstance(text, Literal):
                primary = (text.language or "en").partition("-")[0].lower()
                if primary == language:
                    return " ".join(text.value.split())
        return None
