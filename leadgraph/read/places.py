"""Turtle text -> the place of every statement in it, and of every mistake.

pyoxigraph decides what is Turtle; here is only said where things stand. Statement i is the triple
i that pyoxigraph sends for the text, but for the names of blank nodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, overload

from leadgraph.read import grammar
from leadgraph.read.lines import Lines
from leadgraph.read.mistakes.ahead import SUBJECTS
from leadgraph.read.mistakes.names import of_words
from leadgraph.read.mistakes.recovery import refuse
from leadgraph.read.mistakes.resync import Found
from leadgraph.read.terms import Terms

if TYPE_CHECKING:
    from pyoxigraph import Triple

    from leadgraph.read.grammar import Reader
    from leadgraph.read.mistakes.found import Mistake

__all__ = ["Lines", "Located", "Span", "Statement", "Statements", "locate"]

Span = tuple[int, int]
"""Offsets into the text in code points, end exclusive."""


class Statement(NamedTuple):
    """Where a statement stands, and what it says.

    The subject of what stands in `[ ... ]` is the `[` alone, the subject or object that is a
    bracket the whole of it. The statements that a collection `( a b )` stands for have its `(` as
    subject and as predicate; the object of `rdf:first` is the member, that of `rdf:rest` reaches
    from the next member to the end of the `)`. `block` reaches from the subject to the end of its
    dot or bracket. `list_start` says that the object is the first after its predicate: else it
    follows a comma.
    """

    subject: Span
    predicate: Span
    object: Span
    block: Span
    list_start: bool
    triple: Triple


class Statements(Sequence[Statement]):
    """The statements of a text in its order; each is made when it is asked for."""

    def __init__(self, reader: Reader, terms: Terms) -> None:
        self._reader = reader
        self._terms = terms

    def __len__(self) -> int:
        return len(self._reader.rows)

    @overload
    def __getitem__(self, index: int) -> Statement: ...
    @overload
    def __getitem__(self, index: slice) -> list[Statement]: ...
    def __getitem__(self, index: int | slice) -> Statement | list[Statement]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        number = range(len(self))[index]
        subject, predicate, value = self._reader.rows[number]
        triple = self._terms.triple(number)
        if self._reader.kinds[predicate] == "open_collection":
            return self._of_collection(predicate, subject, value, triple)
        whole = ~subject if subject < 0 else subject
        return Statement(
            self._span(whole, self._terms.end(whole) if subject < 0 else whole),
            self._span(predicate, predicate),
            self._span(value, self._terms.end(value)),
            self._span(whole, self._end_of_block(subject)),
            value == predicate + 1,
            triple,
        )

    def _of_collection(self, opening: int, member: int, value: int, triple: Triple) -> Statement:
        bracket = self._span(opening, opening)
        end = self._reader.closings[opening]
        last = self._terms.end(value) if value == member else end
        block = self._span(opening, end)
        return Statement(bracket, bracket, self._span(value, last), block, True, triple)

    def _end_of_block(self, subject: int) -> int:
        """The dot, or the bracket of a blank node's own statements."""
        end = self._reader.dots.get(subject)
        return self._reader.closings[subject] if end is None else end

    def _span(self, first: int, last: int) -> Span:
        return self._reader.starts[first], self._reader.stops[last]


@dataclass(frozen=True, slots=True)
class Located:
    """The statements of a text, and its prefixes, without the colon, as they stand at its end.

    `mistakes` are those against the syntax, in the order of the text. Where there are some, the
    statements are those that could be made out.
    """

    statements: Statements
    prefixes: dict[str, str]
    mistakes: tuple[Mistake, ...]


def locate(text: str, base: str | None = None) -> Located:
    """Return where each statement of a Turtle or N-Triples text stands, and each mistake.

    `text` is without byte order mark.
    """
    found = Found()
    reader = grammar.read(text, partial(refuse, found))
    terms = Terms(reader, base)
    mistakes = sorted([*found.mistakes, *of_words(reader, terms, found)])
    if not reader.declarations and not _says_anything(reader):
        del mistakes[1:]  # This is no Turtle at all, which is told once.
    return Located(Statements(reader, terms), terms.prefixes, tuple(mistakes))


def _says_anything(reader: Reader) -> bool:
    """Whether there is a statement about something."""
    return any(reader.kinds[max(subject, ~subject)] in SUBJECTS for subject, _, _ in reader.rows)
