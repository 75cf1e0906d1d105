"""Syntax tree -> Turtle in the one layout of this project; what is said decides, not how it was.

    # A comment belongs to what follows it.
    skill:mentoring                                 a subject stands alone on its line,
        a               lg:Skill , skos:Concept ;   each predicate on its own, in one column,
        skos:prefLabel  "Mentoring"@en ,            each object on its own; only types share one
                        "Mentoría"@es .             dot and semicolon end the line

    skill:mentoring  skos:closeMatch  wd:Q1 .       one statement is one line,
    skill:boldness   skos:broadMatch  wd:Q2 .       and such lines are a table without gaps

A column is as wide as its widest word that is not too long, within one block or one table. What
stands in brackets is on one line where it is short and has no comment; else each of its parts is.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from leadgraph.read.layout.rows import Row, inline, one_line, types
from leadgraph.read.layout.trampoline import run, wait
from leadgraph.read.layout.tree import (
    Block,
    Brackets,
    Collection,
    Directive,
    Item,
    Line,
    Member,
    Node,
    Predicate,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from leadgraph.read.layout.trampoline import Steps

_STEP = 4
_DEEPEST = 80
"""Columns after which indentation grows no more: a deep file may not become a huge one."""
_WIDEST_VERB, _WIDEST_SUBJECT, _WIDEST_PREFIX = 40, 60, 30
"""Longer words are not counted in their column."""


_Part = Line | Directive | Block | Row


def layout(items: Sequence[Item]) -> str:
    """Return the text of a file, "" if there is nothing in it."""
    parts = [
        (one_line(item) or item) if isinstance(item, Block) else item
        for item in _apart(_sorted(items))
    ]
    prefixes = (part.name for part in parts if isinstance(part, Directive))
    writer = _Writer(_width(prefixes, _WIDEST_PREFIX))
    before: _Part | None = None
    for group in _tables(parts):
        writer.begin_table(group)
        for part in group:
            if before is not None and _parted(before, part):
                writer.out.append("\n")
            writer.part(part)
            before = part
    return "".join(writer.out)


def _tables(parts: Iterable[_Part]) -> Iterator[list[_Part]]:
    """Part the rows that follow each other from what is no row."""
    for _, group in groupby(parts, lambda part: isinstance(part, Row)):
        yield list(group)


def _parted(before: _Part, part: _Part) -> bool:
    """Whether a blank line stands between two parts.

    Beside comments, and among directives, the author decides: these are paragraphs.
    """
    if isinstance(part, Line):
        return part.spaced or isinstance(before, Block)
    if isinstance(part, Directive):
        return part.spaced or isinstance(before, Block | Row)
    if isinstance(before, Line):
        return part.spaced
    return not (isinstance(before, Row) and isinstance(part, Row))


def _apart(items: Iterable[Item]) -> list[Item]:
    """Return the items; the comments that lead to the first block after prefixes stand apart."""
    found = list(items)
    leads_to_block = False
    for number in range(len(found) - 1, 0, -1):
        item = found[number]
        if not isinstance(item, Line):
            leads_to_block = isinstance(item, Block)
        elif leads_to_block and isinstance(found[number - 1], Directive):
            found[number] = replace(item, spaced=True)
    return found


def _sorted(items: Iterable[Item]) -> Iterator[Item]:
    """Yield the items; prefixes of one paragraph in the order of their names.

    They stay as they are where a comment stands among them or right before them, because it
    belongs to one of them (the one at the top belongs to the file), and where one is declared
    twice.
    """
    table: list[Directive] = []
    led = begun = False
    for item in items:
        if table and (item.spaced or not _is_prefix(item)):
            yield from table if led else _in_order(table)
            table = []
        if isinstance(item, Directive) and _is_prefix(item):
            led = led and (bool(table) or not item.spaced)
            begun = True
            table.append(item)
        else:
            led = begun and isinstance(item, Line)
            begun = begun or not isinstance(item, Line)
            yield item
    yield from table if led else _in_order(table)


def _is_prefix(item: Item) -> bool:
    return isinstance(item, Directive) and item.keyword == "prefix"


def _in_order(table: list[Directive]) -> list[Directive]:
    names = {directive.name for directive in table}
    if len(names) < len(table) or any(directive.trail for directive in table):
        return table
    ordered = sorted(table, key=lambda directive: directive.name.removesuffix(":"))
    return [
        replace(directive, spaced=table[0].spaced and not number)
        for number, directive in enumerate(ordered)
    ]


def _width(words: Iterable[str], widest: int) -> int:
    return max((len(word) for word in words if len(word) <= widest), default=0)


def _deeper(indent: int) -> int:
    return min(indent + _STEP, _DEEPEST)


class _Writer:
    """What is written so far, in pieces."""

    def __init__(self, prefix_width: int) -> None:
        self.out: list[str] = []
        self.prefix_width = prefix_width
        self.subject_width = self.verb_width = 0

    def begin_table(self, parts: Sequence[_Part]) -> None:
        """Find the columns of rows that follow each other."""
        rows = [part for part in parts if isinstance(part, Row)]
        self.subject_width = _width((row.subject for row in rows), _WIDEST_SUBJECT)
        self.verb_width = _width((row.verb for row in rows), _WIDEST_VERB)

    def part(self, part: _Part) -> None:
        """Write a part of the top level, with the end of its last line."""
        if isinstance(part, Block):
            run(self.block(part))
        elif isinstance(part, Row):
            self.row(part)
        elif isinstance(part, Directive):
            self.directive(part)
        else:
            self.out.append(part.text)
        self.out.append("\n")

    def row(self, row: Row) -> None:
        """Write a block of one line."""
        cells = [row.subject.ljust(self.subject_width)] if row.rest else [row.subject]
        cells += [row.verb.ljust(self.verb_width)] if row.verb else []
        cells += [row.rest] if row.rest else []
        self.out.append("  ".join(cells) + " .")
        self.comment(row.trail)

    def directive(self, directive: Directive) -> None:
        """Write `@prefix`, `@base` or `@version`."""
        name = directive.name.ljust(self.prefix_width) + " " if directive.name else ""
        self.out.append(f"@{directive.keyword} {name}{directive.value} .")
        self.comment(directive.trail)

    def comment(self, text: str | None) -> None:
        """Write the comment that ends a line."""
        if text:
            self.out.append("  " + text)

    def line(self, indent: int, text: str = "") -> None:
        """Begin a line."""
        self.out.append("\n" + " " * indent + text)

    def lines(self, indent: int, comments: Iterable[str]) -> None:
        """Write comments on lines of their own."""
        for text in comments:
            self.line(indent, text)

    def block(self, block: Block) -> Steps[None]:
        """Write a subject and what is said about it, the dot where no comment hides it."""
        yield from wait(self.node(block.subject, 0))
        last = block.opening
        if block.predicates:
            self.comment(block.opening)
            yield from wait(self.predicates(block.predicates, _STEP))
            last = block.predicates[-1].trail
        if block.tail or (last and block.trail):
            self.comment(last)
            self.lines(_STEP, block.tail)
            self.line(_STEP, ".")
            last = None
        else:
            self.out.append(" .")
        self.comment(last or block.trail)

    def predicates(self, predicates: Sequence[Predicate], indent: int) -> Steps[None]:
        """Write verbs in one column; the comment after the last one is left to the caller."""
        width = _width((predicate.verb for predicate in predicates), _WIDEST_VERB)
        for number, predicate in enumerate(predicates, start=1):
            self.lines(indent, predicate.lead)
            self.line(indent)
            yield from wait(self.objects(predicate, indent, width))
            if number < len(predicates):
                self.out.append(" ;")
                self.comment(predicate.trail)

    def objects(self, predicate: Predicate, indent: int, width: int) -> Steps[None]:
        """Write a verb and its objects, one on each line but for types."""
        kinds = types(predicate)
        if kinds:
            self.out.append(f"{'a'.ljust(width)}  {kinds}")
            return
        column = indent + width + 2
        if len(predicate.objects) > 1 and (len(predicate.verb) > width or indent >= _DEEPEST):
            column = _deeper(indent)
            self.out.append(predicate.verb)
            self.line(column)
        else:
            self.out.append(predicate.verb.ljust(width) + "  ")
        yield from wait(self.members(predicate.objects, indent, column))

    def members(self, objects: Sequence[Member], indent: int, column: int) -> Steps[None]:
        """Write the objects of a verb; the brackets of a single one close below the verb."""
        for number, member in enumerate(objects, start=1):
            if number > 1:
                self.lines(column, member.lead)
                self.line(column)
            if isinstance(member.node, str):
                self.out.append(member.node)
            else:
                yield from wait(self.node(member.node, column if len(objects) > 1 else indent))
            if number < len(objects):
                self.out.append(" ,")
                self.comment(member.trail)

    def node(self, node: Node, indent: int) -> Steps[None]:
        """Write a term, or brackets whose inner lines begin deeper than this line."""
        text = node if isinstance(node, str) else inline(node)
        if text is not None:
            self.out.append(text)
            return
        yield from wait(self.brackets(node, indent))

    def brackets(self, node: Node, indent: int) -> Steps[None]:
        """Write brackets over several lines."""
        marks = "[]" if isinstance(node, Brackets) else "()"
        self.out.append(marks[0])
        if isinstance(node, Brackets):
            self.comment(node.opening)
            yield from wait(self.predicates(node.predicates, _deeper(indent)))
            self.comment(node.predicates[-1].trail if node.predicates else None)
            self.lines(_deeper(indent), node.tail)
        elif isinstance(node, Collection):
            self.comment(node.opening)
            for member in node.members:
                self.lines(_deeper(indent), member.lead)
                self.line(_deeper(indent))
                yield from wait(self.node(member.node, _deeper(indent)))
                self.comment(member.trail)
            self.lines(_deeper(indent), node.tail)
        self.line(indent, marks[1])
