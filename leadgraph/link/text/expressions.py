"""Tokens of an expression or a clause -> what is in it: EXISTS patterns, variables, aggregates.

What is between brackets is read in a loop, whatever it is; only the patterns in it are groups.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leadgraph.link.text.reader import END, NotUnderstood, variable

if TYPE_CHECKING:
    from collections.abc import Callable

    from leadgraph.link.text.reader import Reader
    from leadgraph.link.text.tree import Group

MODIFIERS = frozenset({"GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES"})
_OPERATORS = frozenset({"IN", "NOT", "AS", "DISTINCT", "EXISTS"})
"""The words of an expression after which an operand comes."""
_AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})


@dataclass(slots=True)
class Found:
    """What expressions hold: EXISTS patterns, variables in order, whether they aggregate."""

    groups: list[Group] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)
    aggregates: bool = False
    distinct_all: bool = False


class Expressions:
    """Reads what is in brackets; `group` reads a group with its braces."""

    def __init__(self, reader: Reader, group: Callable[[], Group]) -> None:
        self._reader, self._group = reader, group

    def bracketed(self, found: Found) -> list[str]:
        """Read what is in brackets, EXISTS patterns with it; return its variables in order."""
        reader, first, depth = self._reader, len(found.variables), 0
        while True:
            if reader.next.kind == "iri" and depth and self._after_operand():
                reader.split()
            if reader.next.text == "{":
                self.exists(found)
                continue
            self._note(found)
            token = reader.take()
            depth += (token.kind == "opening") - (token.kind == "closing")
            if depth == 0:
                return found.variables[first:]

    def exists(self, found: Found) -> None:
        """Read the pattern of an EXISTS.

        Raises:
            NotUnderstood: if the braces are another's.
        """
        if self._reader.last.text.upper() != "EXISTS":
            raise NotUnderstood(self._reader.next.offset)
        found.groups.append(self._group())

    def conditions(self, found: Found) -> list[str]:
        """Read what is grouped, chosen or ordered by; return the variables that stand alone."""
        reader = self._reader
        plain: list[str] = []
        while reader.word not in MODIFIERS and reader.next.kind not in {END, "closing"}:
            if reader.next.text == "(":
                self.bracketed(found)
            elif reader.next.text == "{":
                self.exists(found)
            else:
                found.aggregates = found.aggregates or reader.word in _AGGREGATES
                plain.extend(filter(None, [variable(reader.take())]))
        return plain

    def number(self) -> int:
        """Read a whole number.

        Raises:
            NotUnderstood: if there is none.
        """
        reader = self._reader
        digits = ""
        while reader.next.kind == "other" and reader.next.text.isdigit():
            digits += reader.take().text
        if not digits:
            raise NotUnderstood(reader.next.offset)
        return int(digits)

    def balanced(self) -> set[str]:
        """Read from a bracket to the one that closes it; return the words between."""
        reader, depth, words = self._reader, 0, set()
        while True:
            words.add(reader.word)
            token = reader.take()
            depth += (token.kind == "opening") - (token.kind == "closing")
            if depth == 0:
                return words

    def _note(self, found: Found) -> None:
        """Note what the token that comes tells of an expression."""
        reader = self._reader
        found.aggregates = found.aggregates or reader.word in _AGGREGATES
        if reader.next.text == "*" and reader.last.text.upper() == "DISTINCT":
            found.distinct_all = True
        found.variables.extend(filter(None, [variable(reader.next)]))

    def _after_operand(self) -> bool:
        """Tell whether an operator must come now, so that `<` is one."""
        last = self._reader.last
        if last.kind in {"closing", "variable", "string", "name", "iri"}:
            return True
        if last.kind == "word":
            return last.text.upper() not in _OPERATORS
        return last.text.isdigit() or last.text == "."
