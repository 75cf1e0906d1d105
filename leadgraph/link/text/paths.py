"""Triples of one subject -> the two ends of each of their paths, and which paths may be of no step.

A path of no step (`p*`, `p?`) between two variables joins each node of the graph with itself. Where
one of them has a value already, many engines join that with itself, node or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadgraph.link.text.reader import variable
from leadgraph.query import gate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadgraph.query.gate import Token

_END = gate.Token("end", "", 0)
_PREFIXES = frozenset({"^", "!"})
_ENDS = frozenset({";", ","})
_STATEMENTS = frozenset({"<<", ">>", "{", "}", "~"})
"""What speaks of statements (RDF 1.2): paths beside them are not told apart here."""
_VERBS = frozenset({"iri", "name", "variable"})
_ANONYMOUS = "_:"


@dataclass(frozen=True, slots=True)
class Path:
    """A path from `subject` to `object`: names of variables, labels of blank nodes, "" for terms.

    `may_be_empty` tells whether it may be of no step. `verb` is its first step as it is written,
    where that is one for sure, and from the subject on: an IRI, a name, `a` or a variable.
    """

    subject: str
    object: str
    may_be_empty: bool
    verb: str = ""

    @property
    def is_between_variables(self) -> bool:
        """Tell whether both ends may be any node; blank nodes are variables of their own."""
        return bool(self.subject and self.object)


@dataclass(frozen=True, slots=True)
class _Way:
    """What stands between the ends of a path."""

    may_be_empty: bool
    verb: str = ""


def paths(text: str, start: int, end: int) -> tuple[Path, ...] | None:
    """Return the paths of a block of triples of a query, None if they cannot be told apart."""
    tokens = list(gate.tokens(text[:end], start))
    if any(token.text in _STATEMENTS for token in tokens):
        return None
    return tuple(_Triples(tokens).paths())


class _Triples:
    """Descent over the tokens; those that are none of a path or an end are passed by."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._place = 0
        self._found: list[Path] = []

    def paths(self) -> Iterator[Path]:
        """Yield all paths of the block."""
        self._properties(self._node())
        yield from self._found

    @property
    def _next(self) -> Token:
        return self._tokens[self._place] if self._place < len(self._tokens) else _END

    def _take(self) -> Token:
        token = self._next
        self._place += 1
        return token

    def _node(self) -> str:
        """Read an end of a path, and the triples in its brackets."""
        token = self._take()
        if token.text == "[":
            self._properties(_ANONYMOUS)
            self._take()
            return _ANONYMOUS
        if token.text == "(":
            while self._next.kind not in {"closing", "end"}:
                self._found.append(Path(_ANONYMOUS, self._node(), may_be_empty=False))
            self._take()
            return _ANONYMOUS
        return variable(token) or (token.text if token.text.startswith("_:") else "")

    def _properties(self, subject: str) -> None:
        """Read what is said of a subject, up to the bracket or the end."""
        while self._next.kind not in {"closing", "end"}:
            if self._next.text in _ENDS:
                self._take()
                continue
            self._objects(subject, self._alternatives())

    def _objects(self, subject: str, way: _Way) -> None:
        """Read the objects of a path; after each may come the parts of a literal."""
        while True:
            self._found.append(Path(subject, self._node(), way.may_be_empty, way.verb))
            while self._next.text not in _ENDS and self._next.kind not in {"closing", "end"}:
                self._take()
            if self._next.text != ",":
                return
            self._take()

    def _alternatives(self) -> _Way:
        """Read a path."""
        way = self._sequence()
        while self._next.text == "|":
            self._take()
            way = _Way(self._sequence().may_be_empty or way.may_be_empty)
        return way

    def _sequence(self) -> _Way:
        way = self._step()
        while self._next.text == "/":
            self._take()
            way = _Way(self._step().may_be_empty and way.may_be_empty, way.verb)
        return way

    def _step(self) -> _Way:
        turned = False
        while self._next.text in _PREFIXES:
            self._take()
            turned = True
        token = self._take()
        is_verb = token.kind in _VERBS or token.text == "a"
        way = _Way(may_be_empty=False, verb=token.text if is_verb else "")
        if token.text == "(":
            way = self._alternatives()
            self._take()
        empty = way.may_be_empty
        while self._next.text in {"*", "+", "?"}:
            empty = self._take().text != "+" or empty
        return _Way(empty, "" if empty or turned else way.verb)
