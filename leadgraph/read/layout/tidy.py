"""Turtle -> the same Turtle in the one layout of this project, with its comments.

What `read.layout` writes is read again before anybody gets it: it must say the same statements, and
have the same comments in the same order. Not kept are a byte order mark, CR LF between words,
white space at the ends of comments, and the blank lines within a block.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, RdfFormat, parse

from leadgraph import formats, words
from leadgraph.errors import TidyUnsafe
from leadgraph.model import Place, Problem, Severity
from leadgraph.read import turtle
from leadgraph.read.layout.layout import layout
from leadgraph.read.layout.tree import NotUnderstood, comments, tree
from leadgraph.read.tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import Triple

    from leadgraph.settings import Settings


def tidy(path: str, data: bytes, settings: Settings) -> tuple[str | None, tuple[Problem, ...]]:
    """Return the tidy text of a file, None and what is wrong if it is not Turtle.

    Raises:
        TidyUnsafe: if the tidy text would not say the same, which is a defect here.
    """
    source, problems = turtle.read(path, data, settings)
    if source is None:
        return None, problems
    if not is_turtle(path):
        messages = words.in_all_languages("problems.not-turtle")
        return None, (Problem(Place(path), Severity.VIOLATION, "unknown-format", messages),)
    return tidied(path, source.data.decode()), ()


def is_turtle(path: str) -> bool:
    """Whether the end of a path says that it is Turtle, the only format that has a layout."""
    row = formats.by_extension(path)
    return row is not None and row.engine == RdfFormat.TURTLE


def tidied(path: str, text: str) -> str:
    """Return valid Turtle in the one layout; `path` names it in an error.

    Raises:
        TidyUnsafe: if the tidy text would not say the same, which is a defect here.
    """
    try:
        result = layout(tree(text))
    except NotUnderstood:
        raise TidyUnsafe(path) from None
    if result != text and not _same(text, result):
        raise TidyUnsafe(path)
    return result


def _same(before: str, after: str) -> bool:
    """Whether two texts say the same statements, with the same comments in the same order."""
    try:
        said = _same_statements(before, after) or _same_statements(_without_spare(before), after)
    except SyntaxError:
        return False
    return said and comments(before) == comments(after)


def _same_statements(before: str, after: str) -> bool:
    names: dict[BlankNode, BlankNode] = {}
    for old, new in zip_longest(_statements(before), _statements(after)):
        if old is None or new is None or not _matches(old, new, names):
            return False
    return len(set(names.values())) == len(names)


def _without_spare(text: str) -> str:
    """Blank out each semicolon that no predicate follows.

    After one in `[ ... ; ]` the parser sends its last statements in another order.
    """
    spare: list[int] = []
    pending: list[int] = []
    for token in tokens(text):
        if token.kind == "semicolon":
            pending.append(token.start)
        elif token.kind != "comment":
            spare += pending if token.kind in {"close_list", "dot"} else pending[1:]
            pending.clear()
    starts, ends = [0, *(at + 1 for at in spare)], [*spare, len(text)]
    return " ".join(text[start:end] for start, end in zip(starts, ends, strict=True))


def _statements(text: str) -> Iterator[Triple]:
    for quad in parse(text.encode(), format=RdfFormat.TURTLE):
        yield quad.triple


def _matches(old: Triple, new: Triple, names: dict[BlankNode, BlankNode]) -> bool:
    """Whether two statements are one, with the names of blank nodes that were met before."""
    for before, after in zip(old, new, strict=True):
        if isinstance(before, BlankNode) and isinstance(after, BlankNode):
            if names.setdefault(before, after) != after:
                return False
        elif before != after:
            return False
    return True
