"""Tokens of Turtle -> terms, as pyoxigraph's parser makes them; each text is read once."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

if TYPE_CHECKING:
    from leadgraph.read.grammar import Reader

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_TYPE, _FIRST, _REST, _NIL = (NamedNode(_RDF + n) for n in ("type", "first", "rest", "nil"))
_INTEGER, _DECIMAL, _DOUBLE, _BOOLEAN = (
    NamedNode(_XSD + name) for name in ("integer", "decimal", "double", "boolean")
)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+:")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_CONTROLS = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}

Subject = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal


class Terms:
    """The terms of one text.

    Raises ValueError where a term cannot be made: an undeclared prefix, an IRI without scheme.
    """

    def __init__(self, reader: Reader, base: str | None) -> None:
        self._reader = reader
        self._names: dict[tuple[str, str | None], NamedNode] = {}
        self._nodes: dict[tuple[str, int], BlankNode] = {}
        self._bases: tuple[list[int], list[str | None]] = ([-1], [base])
        self._declared: dict[str, tuple[list[int], list[str]]] = {}
        for number in reader.declarations:
            self._declare(number)

    @property
    def prefixes(self) -> dict[str, str]:
        """Each prefix, without its colon, with the IRI that it stands for at the end."""
        return {prefix[:-1]: iris[-1] for prefix, (_, iris) in self._declared.items()}

    def base(self, number: int) -> str | None:
        """Return the base that holds at a token."""
        at, bases = self._bases
        return bases[bisect_right(at, number) - 1]

    def is_declared(self, prefix: str, number: int) -> bool:
        """Whether a prefix, with its colon, stands for something at a token."""
        at, _ = self._declared.get(prefix, ([], []))
        return bool(at) and at[0] < number

    def triple(self, number: int) -> Triple:
        """Return a statement by its number."""
        subject, predicate, value = self._reader.rows[number]
        if self._reader.kinds[predicate] == "open_collection":
            return self._of_collection(subject, value)
        return Triple(self.subject(subject), self.predicate(predicate), self.object(value))

    def subject(self, number: int) -> Subject:
        """Return the thing that a token names."""
        number = ~number if number < 0 else number
        term = self.object(number)
        if isinstance(term, Literal):
            raise ValueError(str(term))
        return term

    def predicate(self, number: int) -> NamedNode:
        """Return the property that a token names."""
        return _TYPE if self._reader.kinds[number] == "a" else self.name(number)

    def object(self, number: int) -> Term:
        """Return the term that begins with a token."""
        kind = self._reader.kinds[number]
        if kind in {"name", "iri"}:
            return self.name(number)
        if kind in {"open_list", "anon"}:
            return self._nodes.setdefault(("list", number), BlankNode())
        if kind == "blank":
            return BlankNode(self._reader.words(number)[2:])
        return self._collection(number) if kind == "open_collection" else self.literal(number)

    def name(self, number: int) -> NamedNode:
        """Return what an IRI or a prefixed name stands for."""
        words = self._reader.words(number)
        if words[0] == "<":
            context = self.base(number)
        else:
            context = self._meaning(words[: words.index(":") + 1], number)
        key = words, context
        if key not in self._names:
            self._names[key] = _named(words, context)
        return self._names[key]

    def end(self, number: int) -> int:
        """Return the last token of the term that begins with a token: a bracket, a suffix."""
        reader = self._reader
        kind = reader.kinds[number]
        if kind == "string":
            suffix = reader.kinds[number + 1]
            return number + {"tag": 1, "hats": 2}.get(suffix, 0)
        return reader.closings.get(number, number)

    def literal(self, number: int) -> Literal:
        """Return the literal that begins with a token."""
        kind, words = self._reader.kinds[number], self._reader.words(number)
        if kind == "boolean":
            return Literal(words, datatype=_BOOLEAN)
        if kind == "number":
            return Literal(words, datatype=_numeric(words))
        suffix = self._reader.kinds[number + 1]
        if suffix == "tag":
            return Literal(_string(words), language=self._reader.words(number + 1)[1:])
        if suffix == "hats":
            return Literal(_string(words), datatype=self.name(number + 2))
        return Literal(_string(words))

    def _of_collection(self, member: int, value: int) -> Triple:
        if member == value:
            return Triple(self._cell(member), _FIRST, self.object(member))
        is_last = self._reader.kinds[value] == "close_collection"
        return Triple(self._cell(member), _REST, _NIL if is_last else self._cell(value))

    def _collection(self, number: int) -> Term:
        is_empty = self._reader.kinds[number + 1] == "close_collection"
        return _NIL if is_empty else self._cell(number + 1)

    def _cell(self, member: int) -> BlankNode:
        return self._nodes.setdefault(("cell", member), BlankNode())

    def _meaning(self, prefix: str, number: int) -> str:
        at, iris = self._declared.get(prefix, ([], []))
        before = bisect_right(at, number)
        if not before:
            raise ValueError(prefix)
        return iris[before - 1]

    def _declare(self, number: int) -> None:
        """Take in a directive by the number of its IRI."""
        try:
            iri = self.name(number).value
        except ValueError:  # a mistake of its own; what is declared is not one more
            iri = self._reader.words(number)[1:-1]
        if self._reader.kinds[number - 1] == "name":
            at, iris = self._declared.setdefault(self._reader.words(number - 1), ([], []))
            at.append(number)
            iris.append(iri)
        else:
            self._bases[0].append(number)
            self._bases[1].append(iri)


def _named(words: str, context: str | None) -> NamedNode:
    """An IRI in its brackets, relative to a base, or a prefixed name whose prefix is known."""
    if words[0] != "<":
        local = words[words.index(":") + 1 :].replace("\\", "")
        return NamedNode((context or "") + local)
    return NamedNode(unescaped(words[1:-1])) if is_absolute(words) else _resolved(words, context)


def _resolved(words: str, base: str | None) -> NamedNode:
    """A relative IRI, by the parser that judges the file: two resolvers might differ."""
    try:
        quad = next(parse(f"{words} <a:a> 1 .", format=RdfFormat.TURTLE, base_iri=base))
    except SyntaxError as error:
        raise ValueError(str(error.msg)) from None
    if not isinstance(quad.subject, NamedNode):
        raise TypeError
    return quad.subject


def _numeric(words: str) -> NamedNode:
    if "e" in words or "E" in words:
        return _DOUBLE
    return _DECIMAL if "." in words else _INTEGER


def _string(words: str) -> str:
    """The text of a string in its quotes."""
    quotes = 3 if words.startswith(('"""', "'''")) else 1
    return unescaped(words[quotes:-quotes])


def is_absolute(words: str) -> bool:
    """Whether an IRI in its brackets has a scheme."""
    return _ABSOLUTE.match(words, 1) is not None


def unescaped(text: str) -> str:
    """Return a text with what its escapes stand for."""
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(escape: re.Match[str]) -> str:
    short, long, control = escape.groups()
    return _CONTROLS.get(control, control) if control else chr(int(short or long, 16))
