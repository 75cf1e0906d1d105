"""What a rule or a shape reads around a focus node: SPARQL property paths -> an automaton.

A check is a function of a focus node and of the statements that certain paths from it lead
through. So whoever knows the paths can tell which focus nodes a changed statement may matter to
(walk back from it), and what has to be seen to judge them (walk on from those).

The paths are written as in SPARQL (1.1 Query, 9.1), with two things besides: `!()` is any
predicate, and `~skos:prefLabel` leads to whatever has the same text by that predicate, capitals
aside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import NamedNode

from leadgraph.vocabulary import RDF

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

START = 0
"""The state of a focus node."""

_TOKEN = re.compile(r"\s*(<[^<>\s]*>|!\(\)|[\w-]*:[\w.-]*[\w-]|a\b|[()/|^~*+?,])")


class Step(NamedTuple):
    """One statement to go through, from state to state; `predicate` None is any.

    `is_alike` goes by way of two: to what has the same text.
    """

    source: int
    predicate: NamedNode | None
    is_inverse: bool
    is_alike: bool
    target: int


@dataclass(slots=True)
class Reads:
    """An automaton whose steps are all that is read, from START on.

    In `ends` all that matters is whether anything is there: new statements that lead there do no
    harm.
    """

    forth: dict[int, list[Step]] = field(default_factory=dict)
    back: dict[int, list[Step]] = field(default_factory=dict)
    ends: frozenset[int] = frozenset()

    def by_predicate(self) -> dict[NamedNode | None, list[Step]]:
        """Return the steps that a statement may be, by its predicate; None has those of any."""
        found: dict[NamedNode | None, list[Step]] = {}
        for steps in self.forth.values():
            for step in steps:
                found.setdefault(step.predicate, []).append(step)
        return found


class Draft:
    """An automaton being made, where some ways cost no statement; `finished` has none."""

    def __init__(self) -> None:
        self.states = START + 1
        self._steps: list[Step] = []
        self._skips: dict[int, set[int]] = {}

    def state(self) -> int:
        """Return a new state."""
        self.states += 1
        return self.states - 1

    def step(self, source: int, one: One, target: int) -> None:
        """Add a statement to go through."""
        self._steps.append(Step(source, *one, target))

    def skip(self, source: int, target: int) -> None:
        """Add a way that needs no statement."""
        self._skips.setdefault(source, set()).add(target)

    def add(self, path: Path, source: int, target: int) -> None:
        """Add all that a path reads between two states."""
        match path:
            case One():
                self.step(source, path, target)
            case Alternative(parts):
                for part in parts:
                    self.add(part, source, target)
            case Sequence(parts):
                for part in parts[:-1]:
                    between = self.state()
                    self.add(part, source, between)
                    source = between
                self.add(parts[-1], source, target)
            case Repeated(part, sign):
                self._repeat(part, sign, source, target)

    def _repeat(self, part: Path, sign: str, source: int, target: int) -> None:
        before, after = self.state(), self.state()
        self.skip(source, before)
        self.add(part, before, after)
        self.skip(after, target)
        if sign in "*?":
            self.skip(source, target)
        if sign in "*+":
            self.skip(after, before)

    def finished(self, ends: Iterable[int] = ()) -> Reads:
        """Return the automaton with statements as its only steps."""
        automaton = Reads()
        wanted = frozenset(ends)
        leaving: dict[int, list[Step]] = {}
        for step in self._steps:
            leaving.setdefault(step.source, []).append(step)
        reached = {state: self._reached(state) for state in range(self.states)}
        for state, others in reached.items():
            for other in others:
                for step in leaving.get(other, ()):
                    own = step._replace(source=state)
                    automaton.forth.setdefault(state, []).append(own)
                    automaton.back.setdefault(own.target, []).append(own)
        automaton.ends = frozenset(s for s, others in reached.items() if others & wanted)
        return automaton

    def _reached(self, state: int) -> set[int]:
        reached, row = {state}, [state]
        while row:
            new = self._skips.get(row.pop(), set()) - reached
            reached |= new
            row += new
        return reached


class One(NamedTuple):
    """A single statement; `predicate` None is any."""

    predicate: NamedNode | None
    is_inverse: bool = False
    is_alike: bool = False


class Sequence(NamedTuple):
    """One path after the other."""

    parts: tuple[Path, ...]


class Alternative(NamedTuple):
    """Any of several paths."""

    parts: tuple[Path, ...]


class Repeated(NamedTuple):
    """A path `*`, `+` or `?` times."""

    part: Path
    sign: str


Path = One | Sequence | Alternative | Repeated


def reads(paths: Iterable[str], absent: Iterable[str], prefixes: Mapping[str, str]) -> Reads:
    """Return what paths read, and those at whose end something may be missing.

    Raises:
        ValueError: if they are no paths; says where.
    """
    draft = Draft()
    for path in _parsed(paths, prefixes):
        draft.add(path, START, draft.state())
    ends = []
    for path in _parsed(absent, prefixes):
        ends.append(draft.state())
        draft.add(path, START, ends[-1])
    return draft.finished(ends)


def _parsed(texts: Iterable[str], prefixes: Mapping[str, str]) -> Iterator[Path]:
    for text in texts:
        parser = _Parser(text, prefixes)
        yield parser.alternative()
        while parser.took(","):
            yield parser.alternative()
        parser.end()


class _Parser:
    """Text -> path, by the grammar of SPARQL (1.1 Query, 19.8, rules 88 to 94)."""

    def __init__(self, text: str, prefixes: Mapping[str, str]) -> None:
        self._text = text
        self._prefixes = prefixes
        self._position = 0

    def alternative(self) -> Path:
        parts = [self._sequence()]
        while self.took("|"):
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else Alternative(tuple(parts))

    def took(self, sign: str) -> bool:
        """Whether the next token is this one, which is then behind us."""
        if self._next() != sign:
            return False
        self._take()
        return True

    def end(self) -> None:
        if self._text[self._position :].strip():
            self._refuse()

    def _sequence(self) -> Path:
        parts = [self._element()]
        while self.took("/"):
            parts.append(self._element())
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _element(self) -> Path:
        if self.took("^"):
            return inverse(self._element())
        path = self._primary()
        while self._next() in {"*", "+", "?"}:
            path = Repeated(path, self._take())
        return path

    def _primary(self) -> Path:
        if self.took("("):
            path = self.alternative()
            if not self.took(")"):
                self._refuse()
            return path
        if self.took("!()"):
            return One(None)
        is_alike = self.took("~")
        return One(self._iri(), is_alike=is_alike)

    def _iri(self) -> NamedNode:
        token = self._take()
        if token == "a":  # noqa: S105  # a word of SPARQL
            return NamedNode(RDF + "type")
        if token.startswith("<"):
            return NamedNode(token[1:-1])
        prefix, colon, local = token.partition(":")
        if not colon or prefix not in self._prefixes:
            self._refuse()
        return NamedNode(self._prefixes[prefix] + local)

    def _next(self) -> str:
        match = _TOKEN.match(self._text, self._position)
        return match[1] if match else ""

    def _take(self) -> str:
        match = _TOKEN.match(self._text, self._position)
        if match is None:
            self._refuse()
        else:
            self._position = match.end()
        return match[1] if match else ""

    def _refuse(self) -> None:
        raise ValueError(f"'{self._text[self._position :].strip()}' is no path")


def inverse(path: Path) -> Path:
    """Return a path walked backwards."""
    match path:
        case One(predicate, is_inverse, is_alike):
            return One(predicate, not is_inverse, is_alike)
        case Alternative(parts):
            return Alternative(tuple(map(inverse, parts)))
        case Sequence(parts):
            return Sequence(tuple(map(inverse, reversed(parts))))
        case Repeated(part, sign):
            return Repeated(inverse(part), sign)
