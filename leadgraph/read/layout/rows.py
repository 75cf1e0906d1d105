"""A part of the syntax tree -> its text on one line, None where it takes more than one.

A comment, a line end in a long string, and too many characters make it take more than one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadgraph.read.layout.tree import Block, Brackets, Collection, Member, Node, Predicate

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHORT = 80
"""Characters up to which brackets stay on one line."""
_SHORT_ROW = 120
_ANY = 1 << 40


@dataclass(frozen=True, slots=True)
class Row:
    """A block that takes one line: its subject, its verb if it has one, and the rest."""

    subject: str
    verb: str
    rest: str
    trail: str | None
    spaced: bool


def one_line(block: Block) -> Row | None:
    """Return the block as one line: what has one statement, or a type and one more, if short."""
    if block.opening or block.tail or any(p.lead for p in block.predicates):
        return None
    trails = [predicate.trail for predicate in block.predicates if predicate.trail]
    trails += [block.trail] if block.trail else []
    subject = inline(block.subject)
    cells = _cells(block.predicates)
    if subject is None or cells is None or len(trails) > 1:
        return None
    if len(block.predicates) > 1 and len(subject) + len(cells[1]) > _SHORT_ROW:
        return None
    if any(predicate.trail for predicate in block.predicates[:-1]):
        return None
    return Row(subject, *cells, trails[0] if trails else None, block.spaced)


def _cells(predicates: tuple[Predicate, ...]) -> tuple[str, str] | None:
    """Return the verb and the object of one statement, or "" and a type with one more."""
    values = [inline(p.objects[0].node) if len(p.objects) == 1 else None for p in predicates]
    match predicates, values:
        case [], []:
            return "", ""
        case [only], [str(value)]:
            return only.verb, value
        case [Predicate(verb="a"), other], [str(kind), str(value)]:
            return "", f"a {kind} ; {other.verb} {value}"
    return None


def inline(node: Node) -> str | None:
    """Return a node on one line; None if it is too long for that, has comments or line ends."""
    match node:
        case Brackets(predicates=[Predicate(objects=[Member(node=str())])]):
            return _flat(node, _ANY)
        case str():
            return _flat(node, _ANY)
    return _flat(node, _SHORT)


def _flat(node: Node, room: int) -> str | None:
    """Return a node on one line if it takes no more than so many characters."""
    if isinstance(node, str):
        return node if len(node) <= room and "\n" not in node and "\r" not in node else None
    if node.opening or node.tail:
        return None
    marks = "[]" if isinstance(node, Brackets) else "()"
    words: list[str] = []
    for piece in _pieces(node):
        text = None if piece is None else _flat(piece, room - 4)
        if text is None:
            return None
        room -= len(text) + 1
        words.append(text)
    return f"{marks[0]} {' '.join(words)} {marks[1]}" if words else marks


def _pieces(node: Brackets | Collection) -> Iterator[Node | None]:
    """Yield what stands in brackets, words and inner brackets; None where a comment does."""
    if isinstance(node, Collection):
        for member in node.members:
            yield None if member.lead or member.trail else member.node
        return
    for number, predicate in enumerate(node.predicates):
        if number:
            yield ";"
        yield None if predicate.lead or predicate.trail else predicate.verb
        for place, member in enumerate(predicate.objects):
            if place:
                yield ","
            yield None if member.lead or member.trail else member.node


def types(predicate: Predicate) -> str | None:
    """Return the types of a thing on one line, if there are several and they are short."""
    if predicate.verb != "a" or len(predicate.objects) == 1:
        return None
    names = [m.node for m in predicate.objects if isinstance(m.node, str) and not m.lead]
    commented = any(member.trail for member in predicate.objects)
    text = " , ".join(names)
    whole = len(names) == len(predicate.objects) and not commented
    return text if whole and len(text) <= _SHORT else None
