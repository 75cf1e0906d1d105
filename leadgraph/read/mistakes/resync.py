"""The state in which a token could not stand -> the state that a person probably meant there.

After a mistake the machine goes on as if the text said that, else it leaves out what comes up to
the next punctuation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leadgraph.read.grammar import STEPS, directive
from leadgraph.read.mistakes import ahead
from leadgraph.read.mistakes.ahead import BRACKETS, LITERALS, SUBJECTS, VALUES, VERBS, kind_at

if TYPE_CHECKING:
    from leadgraph.read.grammar import Reader
    from leadgraph.read.mistakes.found import Mistake

_PUNCTUATION = frozenset({"comma", "semicolon", "dot", "close_list"})
_CLOSINGS = frozenset({"close_list", "close_collection"})
_BROKEN = frozenset({"faulty", "misspelt"})
_WORDS = _BROKEN | {"word"}
_LINKS = frozenset({"is", "has"})

ANY_PREFIX = "@"
"""Is tolerated where the name of a declared prefix is missing."""

Rule = Callable[["Found", "Reader", int], str]


@dataclass(slots=True)
class Found:
    """What was found wrong so far.

    `tolerated` are prefixes whose declaration is a mistake itself, `skipped` the numbers of tokens
    of which nobody can tell the sense; up to the offset `silent` all is part of one mistake.
    `last` is the token of the last mistake, `suspects` are brackets that should not be there.
    """

    mistakes: list[Mistake] = field(default_factory=list)
    tolerated: set[str] = field(default_factory=set)
    skipped: set[int] = field(default_factory=set)
    suspects: set[int] = field(default_factory=set)
    silent: int = 0
    last: int = -1
    in_braces: bool = False

    def skipping(self, machine: Reader, number: int) -> str:
        """Leave a token out, and what follows up to punctuation."""
        self.skipped.add(number)
        if machine.after == "member":
            return "member"
        return "inner-skipping" if machine.after == "inner-after" else "skipping"

    def go_on(self, machine: Reader, number: int, state: str) -> str:
        """Take the token in as one that stands in another state."""
        step = STEPS[state].get(machine.kinds[number])
        if step:
            return step(machine, number)
        found = directive(machine.words(number)) if state == "statement" else None
        return found or self.skipping(machine, number)

    def tolerate(self, words: str) -> None:
        """Say nothing of a prefix; where its name is missing, of none."""
        self.tolerated.add(words.partition(":")[0] + ":")


def rule(kind: str, state: str) -> Rule:
    """Return what to do after a token of a kind that could not stand in a state."""
    if state in {"predicate", "may-predicate", "verb", "inner-predicate", "inner-verb"}:
        state = "predicate"
    if state not in _RULES:
        return _directive
    return after_unclosed if kind == "unclosed" else _RULES[state]


# --- Going on ------------------------------------------------------------------------------------


def new_statement(found: Found, machine: Reader, number: int) -> str:
    """End all that is open, and begin anew with this token."""
    _close(machine, number - 1)
    return found.go_on(machine, number, "statement")


def inner_dot(machine: Reader, number: int) -> str:
    """A dot within brackets: too many, a semicolon's place, or the bracket was not closed."""
    if machine.stack and kind_at(machine, number + 1) in _CLOSINGS:
        return machine.after
    ahead_is_pair = ahead.begins_pair(machine, number + 1) and not ahead.begins_statement(
        machine, number + 1
    )
    is_inner = machine.after == "inner-after" and ahead.indentation(machine, number + 1)
    if is_inner and ahead_is_pair:
        return "inner-verb"
    _close(machine, number)
    return "statement"


def after_unclosed(found: Found, machine: Reader, number: int) -> str:
    """A text without end took the rest of its line, its punctuation too."""
    end, then = machine.words(number).rstrip()[-1:], kind_at(machine, number + 1)
    if end == "." and ahead.begins_statement(machine, number + 1):
        _close(machine, number)
        return "statement"
    if end == ";" and then in VERBS | {"close_list"}:
        return _verb(machine)
    if end == "," and then in VALUES:
        return "object"
    return _several_lines(found, machine, number)


def _several_lines(found: Found, machine: Reader, number: int) -> str:
    """The next quotation mark of the kind ends the text, if there is one."""
    closing = machine.text.find(machine.words(number)[0], machine.stops[number])
    if closing < 0 or machine.starts[number] < found.silent:
        return found.skipping(machine, number)
    found.silent = closing + 1
    found.skipped.add(number)
    return "silent"


def _close(machine: Reader, number: int) -> None:
    """End all brackets and the statement."""
    machine.owed = None
    while machine.stack:
        machine.leave(number)
    machine.dots.setdefault(machine.subject, number)
    machine.after = "after"


def _verb(machine: Reader) -> str:
    return "inner-verb" if machine.after == "inner-after" else "verb"


def _as_verb(machine: Reader, number: int) -> str:
    """Take the token as a property, whatever it is."""
    machine.predicate = number
    return "object"


def _as_value(found: Found, machine: Reader, number: int) -> str:
    """Take the token as a value, whatever it is."""
    kind = machine.kinds[number]
    if kind in BRACKETS:
        found.suspects.add(number)
    if kind in VALUES:
        return found.go_on(machine, number, "member" if machine.after == "member" else "object")
    if kind == "faulty" and machine.words(number)[0] != "<":
        machine.owed = None
        return "string"
    return machine.after if kind in _BROKEN else found.skipping(machine, number)


def _punctuation(found: Found, machine: Reader, number: int) -> str:
    """What ends a value, although there is none."""
    step = STEPS[machine.after].get(machine.kinds[number])
    if step:
        return step(machine, number)
    if machine.kinds[number] == "dot":
        return inner_dot(machine, number)
    return found.skipping(machine, number)


def _declares(machine: Reader, number: int) -> bool:
    """Whether a directive begins."""
    is_word = machine.kinds[number] in {"tag", "word"}
    return is_word and directive(machine.words(number)) is not None


# --- After each state ----------------------------------------------------------------------------


def _statement(found: Found, machine: Reader, number: int) -> str:
    kind, sign = machine.kinds[number], machine.words(number)[0]
    if kind in {"comma", "semicolon"}:
        return "object" if kind == "comma" else "verb"
    if kind == "a" and ahead.begins_pair(machine, number):
        return _as_verb(machine, number)
    if kind in LITERALS | _WORDS | {"a"} and kind_at(machine, number + 1) in VERBS:
        return _as_subject(found, machine, number)
    if kind in {"tag", "hats", "star"} or sign not in "{}.])":
        return _misspelt_directive(found, machine, number)
    found.in_braces |= sign == "{"
    return "statement"


def _as_subject(found: Found, machine: Reader, number: int) -> str:
    """Take the token as what is spoken of, if it is not a directive by a wrong name."""
    is_declaration = machine.words(number + 1).endswith(":")
    if is_declaration and kind_at(machine, number + 2) == "iri":
        return _misspelt_directive(found, machine, number)
    machine.subject = number
    return "predicate"


def _misspelt_directive(found: Found, machine: Reader, number: int) -> str:
    name = number + (2 if kind_at(machine, number + 1) == "word" else 1)  # `@ prefix ex:`
    if kind_at(machine, name) == "name":
        found.tolerate(machine.words(name))
    return found.skipping(machine, number)


def _predicate(found: Found, machine: Reader, number: int) -> str:
    kind, words = machine.kinds[number], machine.words(number)
    if kind == "dot":
        return inner_dot(machine, number)
    if words[0] == "{":
        found.in_braces = True
        return "statement"
    if _declares(machine, number) or (kind in SUBJECTS and not machine.stack):
        return _subject_or_value(found, machine, number)
    if words in _LINKS or kind in _CLOSINGS | {"semicolon", "comma", "tag", "hats"}:
        return _verb(machine)
    return _property_or_value(found, machine, number)


def _subject_or_value(found: Found, machine: Reader, number: int) -> str:
    """Where a property should be: a new subject, or a value without property."""
    if ahead.begins_statement(machine, number):
        return new_statement(found, machine, number)
    return _property_or_value(found, machine, number)


def _property_or_value(found: Found, machine: Reader, number: int) -> str:
    """Something that is no property: meant as one if a value follows."""
    machine.predicate = number
    is_property = machine.kinds[number] not in BRACKETS and kind_at(machine, number + 1) in VALUES
    return "object" if is_property else _as_value(found, machine, number)


def _object(found: Found, machine: Reader, number: int) -> str:
    kind = machine.kinds[number]
    if kind in _PUNCTUATION:
        return _punctuation(found, machine, number)
    if kind == "a" and not machine.stack and kind_at(machine, number + 1) in VALUES:
        machine.subject = machine.predicate
        return _as_verb(machine, number)
    if _declares(machine, number):
        return new_statement(found, machine, number)
    return _as_value(found, machine, number)


def _after(found: Found, machine: Reader, number: int) -> str:
    kind = machine.kinds[number]
    if kind not in LITERALS and ahead.begins_statement(machine, number):
        return new_statement(found, machine, number)
    return _within(found, machine, number)


def _inner_after(found: Found, machine: Reader, number: int) -> str:
    kind = machine.kinds[number]
    if kind == "dot":
        return inner_dot(machine, number)
    if kind == "close_collection":
        return _close_list(found, machine, number)
    if ahead.begins_block(machine, number):
        return new_statement(found, machine, number)
    return _within(found, machine, number)


def _within(found: Found, machine: Reader, number: int) -> str:
    """After a value, in the middle of a statement."""
    kind = machine.kinds[number]
    if ahead.begins_pair(machine, number):
        return _as_verb(machine, number)
    if kind in VALUES | _BROKEN and not ahead.touches(machine, number):
        return _as_value(found, machine, number)
    is_suffix = kind == "mistagged" and machine.kinds[number - 1] == "string"
    return machine.after if is_suffix or kind in _CLOSINGS else found.skipping(machine, number)


def _close_list(found: Found, machine: Reader, number: int) -> str:
    """A `)` where `]` should stand: it closes the collection around, if there is one."""
    if len(machine.stack) > 1 and machine.stack[-1].after == "member":
        machine.leave(number)
        return found.go_on(machine, number, "member")
    return machine.after


def _member(found: Found, machine: Reader, number: int) -> str:
    kind = machine.kinds[number]
    if kind == "dot":
        return inner_dot(machine, number)
    if kind in {"semicolon", "close_list"}:
        machine.owed = None
        machine.leave(number)
        return _punctuation(found, machine, number)
    if _declares(machine, number):
        return new_statement(found, machine, number)
    found.skipped.add(number)
    return "member"


def _datatype(found: Found, machine: Reader, number: int) -> str:
    machine.owed = None
    if machine.kinds[number] in _PUNCTUATION:
        return _punctuation(found, machine, number)
    return found.skipping(machine, number)


def _directive(found: Found, machine: Reader, number: int) -> str:
    """A declaration that is none: what it was to declare is not told again."""
    kind = machine.kinds[number]
    name = number if kind in {"word", "name", "a"} else number - 1
    is_nameless = kind == "iri" and directive(machine.words(number - 1)) in {"prefix", "at-prefix"}
    found.tolerate(ANY_PREFIX if is_nameless else machine.words(name))
    machine.after = "after"
    if ahead.begins_statement(machine, number):
        return new_statement(found, machine, number)
    if kind == "faulty" and kind_at(machine, number + 1) == "dot":
        return "directive"
    return "statement" if kind in {"dot", "faulty"} else found.skipping(machine, number)


_RULES: dict[str, Rule] = {
    "statement": _statement,
    "predicate": _predicate,
    "object": _object,
    "after": _after,
    "inner-after": _inner_after,
    "member": _member,
    "datatype": _datatype,
    "directive": _directive,
}
