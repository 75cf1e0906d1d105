"""Things to say and a style -> Turtle texts, and where in them each value was written.

The writer notes the offsets while it writes: the truth of a seeded fault owes nothing to the code
that is measured by it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

EX = "http://example.org/things#"
XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


class Iri(NamedTuple):
    """A name in the namespace of the tests."""

    local: str


class Text(NamedTuple):
    """A string, with a language tag or the local name of a datatype of XML Schema."""

    lexical: str
    language: str = ""
    datatype: str = ""


class Bare(NamedTuple):
    """A number or boolean without quotes, or a blank node's label."""

    token: str


@dataclass(eq=False, slots=True)
class Thing:
    """What is said about a node; without a name it is an anonymous `[ ... ]`."""

    name: Iri | Bare | None
    properties: list[Property] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Items:
    """A collection."""

    members: list[Value]


@dataclass(eq=False, slots=True)
class Value:
    """One object of a statement, or one member of a collection."""

    what: Iri | Text | Bare | Thing | Items


@dataclass(eq=False, slots=True)
class Property:
    """A predicate with its objects."""

    predicate: str
    values: list[Value]


Span = tuple[int, int]


class Written(NamedTuple):
    """Where a value was written, in which file, and what stands around it."""

    file: int
    value: Span
    predicate: Span
    is_first: bool
    subject: Span
    block: Span


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is laid out."""

    newline: str
    indent: str
    bom: bool
    sparql_prefixes: bool
    comments: float
    full_iris: float
    other_quotes: float
    escapes: float
    tight: bool


_COMMENTS = (
    '# a comment; with . and " and <signs>',
    "# تعليق من اليمين إلى اليسار",
    "# \U0001f33f two code units, one code point",
    "# [ ( , ; . 'not a string",
    "#",
)


def style(rng: Random) -> Style:
    """Return one of many styles."""
    return Style(
        newline=rng.choice(("\n", "\n", "\r\n")),
        indent=rng.choice(("  ", "    ", "\t", "")),
        bom=rng.random() < 0.15,
        sparql_prefixes=rng.random() < 0.3,
        comments=rng.choice((0, 0, 0.1, 0.3)),
        full_iris=rng.choice((0, 0.1, 0.5)),
        other_quotes=rng.choice((0, 0.3)),
        escapes=rng.choice((0, 0, 0.3)),
        tight=rng.random() < 0.2,
    )


def arranged(blocks: Sequence[Thing], rng: Random) -> list[Thing]:
    """Return the same statements, some blocks and lists of objects taken apart, in some order."""
    apart: list[Thing] = []
    for block in blocks:
        _split_values(block, rng)
        cut = rng.randrange(len(block.properties)) if block.properties else 0
        if block.name is not None and cut and rng.random() < 0.3:
            apart.append(Thing(block.name, block.properties[:cut]))
            apart.append(Thing(block.name, block.properties[cut:]))
        else:
            apart.append(block)
    rng.shuffle(apart)
    return apart


def labelled(blocks: Sequence[Thing], rng: Random) -> list[Thing]:
    """Return the same statements with labels for some anonymous nodes, which get own blocks."""
    out = [each for block in blocks for each in _with_labels(block, rng)]
    numbers = iter(range(1000))
    for block in out:
        if isinstance(block.name, Bare) and block.name.token == "_:":
            block.name = Bare(f"_:label{next(numbers)}")
    for block in out:
        for value in _values(block):
            if isinstance(value.what, Thing) and value.what.name:
                value.what = value.what.name
    return [block for block in out if block.properties]


def _with_labels(thing: Thing, rng: Random) -> Iterator[Thing]:
    yield thing
    for value in _values(thing):
        if isinstance(value.what, Thing) and rng.random() < 0.5:
            value.what = Thing(Bare("_:"), value.what.properties)
            yield from _with_labels(value.what, rng)


def _values(thing: Thing) -> Iterator[Value]:
    """The objects of a thing, also those in its brackets."""
    for each in thing.properties:
        for value in each.values:
            yield value
            if isinstance(value.what, Thing) and value.what.name is None:
                yield from _values(value.what)
            if isinstance(value.what, Items):
                yield from value.what.members


def _split_values(thing: Thing, rng: Random) -> None:
    properties: list[Property] = []
    for each in thing.properties:
        for value in each.values:
            _split_inner(value.what, rng)
        cut = rng.randrange(len(each.values))
        if cut and rng.random() < 0.4:
            properties.append(Property(each.predicate, each.values[:cut]))
            properties.append(Property(each.predicate, each.values[cut:]))
        else:
            properties.append(each)
    rng.shuffle(properties)
    thing.properties = properties


def _split_inner(what: object, rng: Random) -> None:
    if isinstance(what, Thing):
        _split_values(what, rng)
    elif isinstance(what, Items):
        for member in what.members:
            _split_inner(member.what, rng)


class Writer:
    """Writes one file."""

    def __init__(self, number: int, style: Style, rng: Random) -> None:
        self.number = number
        self.style = style
        self.rng = rng
        self.pieces: list[str] = []
        self.length = 0
        self.written: dict[Value, Written] = {}
        self.subjects: list[tuple[Thing, Span]] = []

    def write(self, blocks: Sequence[Thing]) -> bytes:
        """Return the bytes of a file about the blocks."""
        self._prefixes()
        for block in blocks:
            self._block(block)
        return (b"\xef\xbb\xbf" if self.style.bom else b"") + self.text.encode()

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self.pieces)

    def _put(self, text: str) -> Span:
        start = self.length
        self.pieces.append(text)
        self.length += len(text)
        return start, self.length

    def _space(self) -> None:
        """Something between two tokens: a comment always ends its line."""
        if self.rng.random() < self.style.comments:
            self._put(f" {self.rng.choice(_COMMENTS)}{self.style.newline}{self.style.indent}")
        else:
            self._put(" " if self.style.tight or self.rng.random() < 0.8 else self._break())

    def _break(self) -> str:
        return self.style.newline + self.style.indent

    def _prefixes(self) -> None:
        names = {"ex": EX, "xsd": XSD, "rdf": RDF}
        for name, iri in names.items():
            if self.style.sparql_prefixes:
                self._put(f"PREFIX {name}: <{iri}>{self.style.newline}")
            else:
                self._put(f"@prefix {name}: <{iri}> .{self.style.newline}")

    def _block(self, block: Thing) -> None:
        self._put(self.style.newline)
        start = self.length
        if block.name is None:
            self._anonymous(block)
        else:
            subject = self._put(self._term(block.name))
            self._space()
            notes = self._properties(block, subject)
            self._space()
            end = self._put(".")[1]
            self._note(notes, (start, end))
            return
        self._space()
        self._put(".")

    def _anonymous(self, thing: Thing) -> Span:
        start, _ = subject = self._put("[")
        self._space()
        notes = self._properties(thing, subject)
        self._space()
        end = self._put("]")[1]
        self._note(notes, (start, end))
        return start, end

    def _note(self, notes: list[tuple[Value, Written]], block: Span) -> None:
        for value, written in notes:
            self.written[value] = written._replace(block=block)

    def _properties(self, thing: Thing, subject: Span) -> list[tuple[Value, Written]]:
        notes: list[tuple[Value, Written]] = []
        for number, each in enumerate(thing.properties):
            if number:
                self._put(" ;" if self.rng.random() < 0.5 else ";")
                self._put(" " if self.style.tight else self._break())
            predicate = self._put(self._predicate(each.predicate))
            self._space()
            for position, value in enumerate(each.values):
                if position:
                    self._put("," if self.rng.random() < 0.3 else " ,")
                    self._space()
                span = self._value(value)
                notes.append(
                    (value, Written(self.number, span, predicate, not position, subject, (0, 0)))
                )
        if thing.properties and self.rng.random() < 0.2:
            self._put(" ;")
        return notes

    def _value(self, value: Value) -> Span:
        if isinstance(value.what, Thing):
            return self._anonymous(value.what)
        if isinstance(value.what, Items):
            return self._items(value.what)
        return self._put(self._term(value.what))

    def _items(self, items: Items) -> Span:
        start, _ = opening = self._put("(")
        notes = []
        for member in items.members:
            self._space()
            span = self._value(member)
            notes.append((member, Written(self.number, span, opening, True, opening, (0, 0))))
        self._space()
        end = self._put(")")[1]
        self._note(notes, (start, end))
        return start, end

    def _predicate(self, local: str) -> str:
        if local == "a":
            return "a" if self.rng.random() < 0.7 else "rdf:type"
        return self._term(Iri(local))

    def _term(self, term: Iri | Text | Bare) -> str:
        if isinstance(term, Bare):
            return term.token
        if isinstance(term, Text):
            return self._text(term)
        if self.rng.random() < self.style.full_iris or not re.fullmatch(r"[\w-]+", term.local):
            return f"<{EX}{self._escaped(term.local)}>"
        if "-" in term.local and self.rng.random() < self.style.escapes:
            return f"ex:{term.local.replace('-', chr(92) + '-')}"
        return f"ex:{term.local}"

    def _escaped(self, text: str) -> str:
        if self.rng.random() >= self.style.escapes:
            return text
        cut = self.rng.randrange(len(text) or 1)
        return "".join(
            f"\\u{ord(c):04X}" if i == cut and ord(c) < 0x10000 else c for i, c in enumerate(text)
        )

    def _text(self, term: Text) -> str:
        if self.rng.random() < self.style.other_quotes:
            quote = self.rng.choice(("'", '"""', "'''"))
        else:
            quote = '"'
        lexical = term.lexical.replace("\\", "\\\\").replace(quote[0], "\\" + quote[0])
        if len(quote) == 1:
            lexical = lexical.replace("\n", "\\n")
        elif "\\" not in lexical:
            lexical = lexical.replace(
                "\n", self.style.newline if self.style.newline == "\n" else "\\n"
            )
        if "\\" not in lexical:
            lexical = self._escaped(lexical)
        ending = f"@{term.language}" if term.language else ""
        if term.datatype:
            ending = self.rng.choice((f"^^xsd:{term.datatype}", f"^^<{XSD}{term.datatype}>"))
        return f"{quote}{lexical}{quote}{ending}"
