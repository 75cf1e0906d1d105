"""Turtle text -> its syntax tree with every comment where it belongs: what `layout` writes again.

A comment that stands on a line of its own belongs to what follows it, one that ends a line to
what that line says. Names are already as they are to be written: prefixed where a declared prefix
covers the IRI, `a` for rdf:type, `"` around strings. Blank lines are kept where they part what
stands on the top level. The text must be valid: `read.turtle` decides that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from leadgraph.read.layout.abbreviations import Names, quoted
from leadgraph.read.layout.trampoline import run, wait
from leadgraph.read.tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadgraph.read.layout.trampoline import Steps

_KEYWORDS = re.compile(r"@?(prefix|base|version)\Z", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\r|\n")
_END = ""
_OPENING = frozenset("[(")


@dataclass(frozen=True, slots=True)
class Member:
    """An object of a list of objects, or a member of a collection, with its comments."""

    lead: tuple[str, ...]
    node: Node
    trail: str | None = None


@dataclass(frozen=True, slots=True)
class Predicate:
    """A verb and its objects; a comment between the two leads both."""

    lead: tuple[str, ...]
    verb: str
    objects: tuple[Member, ...]
    trail: str | None


@dataclass(frozen=True, slots=True)
class Brackets:
    """`[ ... ]`: the comment after `[`, its predicates, the comments before `]`."""

    opening: str | None
    predicates: tuple[Predicate, ...]
    tail: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Collection:
    """`( ... )`: the comment after `(`, its members, the comments before `)`."""

    opening: str | None
    members: tuple[Member, ...]
    tail: tuple[str, ...]


Node = str | Brackets | Collection
"""A term as it is written, or what stands between brackets."""


@dataclass(frozen=True, slots=True)
class Block:
    """One or more statements about a subject, up to the dot and the comment after it."""

    subject: Node
    opening: str | None
    predicates: tuple[Predicate, ...]
    tail: tuple[str, ...]
    trail: str | None
    spaced: bool


@dataclass(frozen=True, slots=True)
class Directive:
    """`@prefix name: <iri> .`, `@base <iri> .` or `@version "1.2" .`; the latter have no name."""

    keyword: str
    name: str
    value: str
    trail: str | None
    spaced: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A comment on a line of its own, on the top level."""

    text: str
    spaced: bool


Item = Block | Directive | Line
"""What stands on the top level; `spaced` tells whether a blank line stands before it."""


class NotUnderstood(ValueError):
    """A token that has no place in the grammar of Turtle 1.1."""


@dataclass(frozen=True, slots=True)
class _Comment:
    text: str
    trailing: bool
    spaced: bool


def tree(text: str) -> list[Item]:
    """Return what stands on the top level of a text, in its order.

    Raises:
        NotUnderstood: if it is not Turtle 1.1.
    """
    return list(_Reader(text).items())


def comments(text: str) -> list[str]:
    """Return the comments of a text in their order, without white space at their ends."""
    found = (text[token.start : token.end] for token in tokens(text) if token.kind == "comment")
    return [comment.rstrip(" \t") for comment in found]


class _Reader:
    """A walk over the tokens: `waiting` holds the comments before the next one."""

    def __init__(self, text: str) -> None:
        self.names = Names()
        self.words: list[str] = []
        self.before: dict[int, list[_Comment]] = {}
        self.spaced: set[int] = set()
        self.next = 0
        self._split(text)
        self.waiting = self.before.pop(0, [])

    def _split(self, text: str) -> None:
        """Part the words from the comments, and see which of them have a blank line before."""
        last = 0
        for token in tokens(text):
            breaks = len(_LINE_END.findall(text, last, token.start))
            if token.kind == "comment":
                content = text[token.start : token.end].rstrip(" \t")
                comment = _Comment(content, not breaks and last > 0, breaks > 1)
                self.before.setdefault(len(self.words), []).append(comment)
            else:
                if breaks > 1:
                    self.spaced.add(len(self.words))
                self.words += "[]" if token.kind == "anon" else [text[token.start : token.end]]
            last = token.end
        self.words.append(_END)

    @property
    def word(self) -> str:
        """The next word, "" at the end."""
        return self.words[self.next]

    def take(self) -> str:
        """Step over the next word and return it."""
        word = self.word
        if word == _END:
            raise NotUnderstood(word)
        self.next += 1
        self.waiting += self.before.pop(self.next, [])
        return word

    def expect(self, wanted: str) -> None:
        """Step over a word that must be this one."""
        if self.take() != wanted:
            raise NotUnderstood(wanted)

    def trail(self) -> str | None:
        """Take the comment that ends the line of what came last."""
        if self.waiting and self.waiting[0].trailing:
            return self.waiting.pop(0).text
        return None

    def lead(self) -> tuple[str, ...]:
        """Take all comments that wait."""
        taken = tuple(comment.text for comment in self.waiting)
        self.waiting.clear()
        return taken

    def items(self) -> Iterator[Item]:
        """Yield what stands on the top level."""
        while True:
            yield from self.lines()
            spaced = self.next in self.spaced
            if self.word == _END:
                return
            if _KEYWORDS.match(self.word):
                yield from self.directive(spaced)
            else:
                yield run(self.block(spaced))

    def lines(self) -> Iterator[Line]:
        """Yield the comments before the next word."""
        for comment in self.waiting:
            yield Line(comment.text, comment.spaced)
        self.waiting.clear()

    def directive(self, spaced: bool) -> Iterator[Item]:
        """Yield a directive; the comments within it stand before it, or follow it."""
        written = self.take()
        keyword = written.lstrip("@").lower()
        name = self.take() if keyword == "prefix" else ""
        inner = self.lead()
        for number, text in enumerate(inner):
            yield Line(text, spaced and not number)
        value = quoted(self.take())
        if keyword == "prefix":
            self.names.declare(name, value)
        yield Directive(keyword, name, value, self.end(written), spaced and not inner)

    def end(self, written: str) -> str | None:
        """Step over the dot of a directive that has one, and return the comment at its end."""
        trail = self.trail()
        if written.startswith("@"):
            rest, self.waiting = self.waiting, []
            self.expect(".")
            trail = trail or (None if rest else self.trail())
            self.waiting[:0] = [replace(comment, spaced=False) for comment in rest]
        return trail

    def block(self, spaced: bool) -> Steps[Block]:
        """Read a subject and what is said about it."""
        subject = yield from wait(self.node())
        opening = self.trail()
        predicates = yield from wait(self.predicates())
        tail = self.lead()
        self.expect(".")
        return Block(subject, opening, predicates, tail, self.trail(), spaced)

    def predicates(self) -> Steps[tuple[Predicate, ...]]:
        """Read verbs and their objects up to `.` or `]`."""
        found: list[Predicate] = []
        while self.word not in {".", "]", _END}:
            lead = self.lead()
            verb = self.names.verb(self.take())
            lead += self.lead()
            objects = yield from wait(self.objects())
            while self.word == ";":
                self.take()
            found.append(Predicate(lead, verb, objects, self.trail()))
        return tuple(found)

    def objects(self) -> Steps[tuple[Member, ...]]:
        """Read the objects of a verb; the comment after the last one is left to the verb."""
        found: list[Member] = []
        while True:
            lead = self.lead()
            node = (yield from wait(self.node())) if self.word in _OPENING else self.term()
            if self.word != ",":
                found.append(Member(lead, node))
                return tuple(found)
            self.take()
            found.append(Member(lead, node, self.trail()))

    def node(self) -> Steps[Node]:
        """Read a term, `[ ... ]` or `( ... )`."""
        if self.word == "[":
            return (yield from wait(self.brackets()))
        if self.word == "(":
            return (yield from wait(self.collection()))
        return self.term()

    def brackets(self) -> Steps[Node]:
        """Read `[ ... ]`."""
        self.take()
        opening = self.trail()
        predicates = yield from wait(self.predicates())
        tail = self.lead()
        self.expect("]")
        return Brackets(opening, predicates, tail)

    def collection(self) -> Steps[Node]:
        """Read `( ... )`."""
        self.take()
        opening = self.trail()
        members: list[Member] = []
        while self.word not in {")", _END}:
            lead = self.lead()
            node = (yield from wait(self.node())) if self.word in _OPENING else self.term()
            members.append(Member(lead, node, self.trail()))
        tail = self.lead()
        self.expect(")")
        return Collection(opening, tuple(members), tail)

    def term(self) -> str:
        """Read an IRI, a blank node or a literal, with its language or datatype."""
        word = self.take()
        if word[0] not in "\"'":
            return self.names.term(word)
        text = quoted(word)
        if self.word.startswith("@"):
            return text + self.take()
        if self.word == "^^":
            self.take()
            return f"{text}^^{self.names.term(self.take())}"
        return text
