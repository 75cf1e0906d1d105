"""A token that Turtle does not allow where it stands -> the mistake: its place, and key of words.

Places are those of pyoxigraph's parser, which is asked about the inside of a token.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import RdfFormat, parse

from leadgraph.read.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from leadgraph.read.grammar import Reader

_BEGIN = "<a:a> <a:a> "
_STRING = '""'
_KEYS = {
    "statement": "no-subject",
    "predicate": "no-predicate",
    "may-predicate": "no-predicate",
    "verb": "no-predicate",
    "inner-predicate": "no-predicate",
    "inner-verb": "no-predicate",
    "inner-after": "missing-bracket",
    "object": "no-object",
    "member": "no-object",
    "datatype": "no-datatype",
    "after": "no-subject",
    "directive": "missing-dot",
}
_SUBJECTS = frozenset({"name", "iri", "blank", "anon", "open_list", "open_collection"})
CURLY_QUOTES = "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a"
"""Quotation marks of typography, which begin no text in Turtle."""

MOST_MISTAKES = 100
"""Nobody reads more."""

_LINE = re.compile(r"(?<=[\r\n])[^\r\n]+")
_NO_ESCAPE = re.compile(r"\\[^_~.\-!$&'()*+,;=/?#@%]|%(?![0-9A-Fa-f]{2})[^\s]{0,2}")
_LINE_END = re.compile(r"\r\n?|\n")
# What oxttl takes for one token where no word of Turtle begins.
_SIGNS = re.compile(r"\?\w++|=>|<=|[^\w\s]|.", re.DOTALL)


class Mistake(NamedTuple):
    """What is wrong from `start` to `end` of the text.

    `key` is that of our words and `detail` what the parser says, where it was asked. `missing` is
    the text that mends it if it is put in at the offset `gap`.
    """

    start: int
    end: int
    key: str
    detail: str = ""
    missing: str = ""
    gap: int = -1


def mistake_at(machine: Reader, number: int, state: str) -> Mistake:
    """Return the mistake that a token tells which cannot stand in a state of the machine."""
    kind, start, end = machine.kinds[number], machine.starts[number], machine.stops[number]
    broken = _OF_TOKENS.get(kind)
    if broken:
        return broken(machine, number)
    key = _KEYS.get(state, "bad-declaration")
    if state == "after" and _may_begin(machine, number):
        key = "missing-dot"
    if kind == "other":
        return _sign(machine, number, key)
    # The parser takes `[]` for two tokens.
    return Mistake(start, start + 1 if kind == "anon" else end, key)


def judged(words: str, start: int, before: str = "") -> Mistake | None:
    """Return what the parser says about a term that begins at an offset of the text."""
    begin = _BEGIN + before
    asked = f"{begin}{words} ."
    try:
        for _ in parse(asked.encode(), format=RdfFormat.TURTLE):
            pass
    except SyntaxError as error:
        lines = Lines(asked, of_parser=True)
        span = span_of(error, lines)
        first, last = (offset - len(begin) for offset in span)
        last = max(first + 1, min(last, len(words)))
        return Mistake(start + max(first, 0), start + last, "", str(error.msg))
    return None


def span_of(error: SyntaxError, lines: Lines) -> tuple[int, int]:
    """Return the offsets of what the parser refused."""
    line, column = error.lineno or 1, error.offset or 1
    start = lines.offset(line, column)
    return start, lines.offset(error.end_lineno or line, error.end_offset or column)


def of_lines(text: str, offset: int) -> tuple[Mistake, ...]:
    """Return the first mistake of each line of N-Triples after the one of an offset."""
    found = list[Mistake]()
    for line in _LINE.finditer(text, offset):
        if line.start() == offset:
            continue
        try:
            for _ in parse(line[0].encode(), format=RdfFormat.N_TRIPLES):
                pass
        except SyntaxError as error:
            start, end = (line.start() + at for at in span_of(error, Lines(line[0])))
            found.append(Mistake(start, end, "", str(error.msg)))
        if len(found) == MOST_MISTAKES:
            break
    return tuple(found)


def _may_begin(machine: Reader, number: int) -> bool:
    words = machine.words(number).lower()
    return machine.kinds[number] in _SUBJECTS or words in {"@prefix", "@base", "prefix", "base"}


def _sign(machine: Reader, number: int, key: str) -> Mistake:
    """What stands for nothing in Turtle, one character as a rule."""
    start = machine.starts[number]
    match = _SIGNS.match(machine.text, start)
    is_quote = machine.text[start] in CURLY_QUOTES
    end = match.end() if match else machine.stops[number]
    return Mistake(start, end, "curly-quotes" if is_quote else key)


def _end(machine: Reader, number: int) -> Mistake:
    return Mistake(machine.starts[number], machine.stops[number], "unexpected-end")


def _rdf_1_2(machine: Reader, number: int) -> Mistake:
    return Mistake(machine.starts[number], machine.stops[number], "rdf-1-2")


def _misspelt(machine: Reader, number: int) -> Mistake:
    words, start = machine.words(number), machine.starts[number]
    escape = _NO_ESCAPE.search(words)
    if escape:
        return Mistake(start + escape.start(), start + escape.end(), "name-escape")
    return judged(words, start) or Mistake(start, machine.stops[number], "syntax")


def _mistagged(machine: Reader, number: int) -> Mistake:
    start, end = machine.starts[number], machine.stops[number]
    return judged(machine.words(number), start, _STRING) or Mistake(start, end, "syntax")


def _faulty(machine: Reader, number: int) -> Mistake:
    words, start, end = machine.words(number), machine.starts[number], machine.stops[number]
    if words[0] == "<" and words[-1] != ">":
        return Mistake(start, end, "unclosed-iri")
    return judged(words, start) or Mistake(start, end, "syntax")


def _unclosed(machine: Reader, number: int) -> Mistake:
    """A text without end: at the end of its line if a later quote ends it for the parser."""
    start, words = machine.starts[number], machine.words(number)
    end = start + len(words.rstrip())
    if words.startswith(('"""', "'" * 3)):
        return Mistake(start, len(machine.text), "unexpected-end")
    line_end = _LINE_END.match(machine.text, machine.stops[number])
    if not line_end or machine.text.find(words[0], line_end.end()) < 0:
        return Mistake(start, end, "string-line-break")
    return Mistake(*line_end.span(), "string-line-break")


_OF_TOKENS: dict[str, Callable[[Reader, int], Mistake]] = {
    "end": _end,
    "star": _rdf_1_2,
    "misspelt": _misspelt,
    "mistagged": _mistagged,
    "faulty": _faulty,
    "unclosed": _unclosed,
}
