"""A line of a file and spans of it -> rows for a terminal, with a caret under each character."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from leadgraph.check.reports.characters import cell, is_plain, turns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Span = tuple[int, int]
"""Code points of a line from 0, the end exclusive; an empty span is a place between two."""

_CUT = "…"
_LONGEST_TOKEN = 60
_FEWEST_COLUMNS = 40


@dataclass(frozen=True, slots=True)
class Row:
    """What is shown of a line, and its marks beneath: `^`, and `-` for what belongs to it.

    Where a terminal may reorder the line, no caret would stand where it should: `tokens` then
    says what is meant, each behind its mark, and there are no marks.
    """

    text: str
    marks: str = ""
    tokens: tuple[tuple[str, str], ...] = ()


def rows(
    line: str, spans: Sequence[Span], columns: int, related: Sequence[Span] = ()
) -> Iterator[Row]:
    """Yield the line with all its spans marked: once, unless it is too long to show them all."""
    marked = {_within(line, span): "-" for span in related}
    marked |= {_within(line, span): "^" for span in spans}
    left = sorted(marked, key=lambda span: (marked[span] != "^", span))
    while left:
        window = _window(line, left[0], max(columns, _FEWEST_COLUMNS))
        shown = [span for span in left if _begins_in(window, span, line)]
        yield _row(line, window, {span: marked[span] for span in reversed(shown)})
        left = [span for span in left if span not in shown]


def _within(line: str, span: Span) -> Span:
    start = min(span[0], len(line))
    return start, min(max(start, span[1]), len(line))


def _begins_in(window: Span, span: Span, line: str) -> bool:
    begin, end = window
    return begin <= span[0] < end or span[0] == end == len(line)


def _window(line: str, span: Span, columns: int) -> Span:
    """The part of a line to show: all, its beginning with a span, or what stands around that."""
    if _reach(line[: columns + 1], columns) == len(line):
        return 0, len(line)
    room = columns - 2 * len(_CUT)
    fits = _reach(line[: min(span[1], room)], room) == span[1]
    begin = 0 if fits else _reach_back(line, span[0], room // 3)
    end = begin + _reach(line[begin : begin + 4 * room], room)
    return min(begin, _reach_back(line, end, room)) if end == len(line) else begin, end


def _reach_back(line: str, end: int, room: int) -> int:
    """The first character of those before a place that fit into the room, and have a width."""
    begin = end - _reach(line[max(0, end - room) : end][::-1], room)
    while begin < end and not cell(line[begin])[1]:
        begin += 1
    return begin


def _reach(characters: str, room: int) -> int:
    """How many characters fit into the room."""
    if is_plain(characters):
        return min(len(characters), room)
    taken = accumulate(cell(character)[1] for character in characters)
    return sum(width <= room for width in taken)


def _row(line: str, window: Span, marked: Mapping[Span, str]) -> Row:
    begin, end = window
    cells = [cell(character) for character in line[begin:end]]
    before = _CUT if begin > 0 else ""
    text = before + "".join(shown for shown, _ in cells) + (_CUT if end < len(line) else "")
    if turns(text):
        tokens = ((mark, _token(line[slice(*span)])) for span, mark in sorted(marked.items()))
        return Row(text.rstrip(), tokens=tuple(tokens))
    offsets = list(accumulate((width for _, width in cells), initial=len(before)))
    marks = [" "] * (offsets[-1] + 1)
    for (start, stop), mark in marked.items():
        first, last = offsets[start - begin], offsets[min(stop, end) - begin]
        marks[first : max(last, first + 1)] = mark * max(last - first, 1)
    return Row(text.rstrip(), marks="".join(marks).rstrip())


def _token(token: str) -> str:
    """What a span holds, in its own words."""
    kept = token if len(token) <= _LONGEST_TOKEN else token[:_LONGEST_TOKEN] + _CUT
    return "".join(cell(character)[0] for character in kept)
