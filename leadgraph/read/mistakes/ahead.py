"""Tokens of Turtle -> what seems to begin with one of them; nothing is read, nothing changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadgraph.read.grammar import directive

if TYPE_CHECKING:
    from leadgraph.read.grammar import Reader

VERBS = frozenset({"name", "iri", "a"})
_NEARLY_VERBS = frozenset({"A", "is", "isa", "has"})
BRACKETS = frozenset({"open_list", "open_collection"})
SUBJECTS = frozenset({"name", "iri", "blank", "anon", *BRACKETS})
LITERALS = frozenset({"string", "number", "boolean"})
VALUES = SUBJECTS | LITERALS
_AFTER_VALUES = frozenset({"comma", "semicolon", "dot", "close_list", "tag", "hats", "end"})
_WRONG_VALUES = frozenset({"word", "faulty", "misspelt", "unclosed", "other"})


def begins_statement(machine: Reader, number: int) -> bool:
    """Whether here is a subject, a property and a value, a directive or the end."""
    kinds = machine.kinds
    if kinds[number] == "end":
        return True
    if kinds[number] in {"tag", "word"}:
        return directive(machine.words(number)) is not None
    if kinds[number] in BRACKETS:
        return begins_line(machine, number) and not indentation(machine, number)
    fits = (
        kinds[number] in SUBJECTS
        and (kind_at(machine, number + 1) in VERBS or _is_nearly_verb(machine, number + 1))
        and kind_at(machine, number + 2) in VALUES
    )
    return fits and not _is_line_of_two(machine, number)


def _is_nearly_verb(machine: Reader, number: int) -> bool:
    """Whether a word is what people write for `a`, after a subject at the beginning of a line."""
    is_word = kind_at(machine, number) == "word" and machine.words(number) in _NEARLY_VERBS
    return is_word and begins_line(machine, number - 1) and not indentation(machine, number - 1)


def _begins_inner_line(machine: Reader, number: int) -> bool:
    return begins_line(machine, number) and indentation(machine, number) > 0


def _is_line_of_two(machine: Reader, number: int) -> bool:
    """Whether an indented line has two terms: a property and its value, nothing after them."""
    is_alone = begins_line(machine, number + 2) and not begins_line(machine, number + 1)
    return is_alone and _begins_inner_line(machine, number)


def begins_pair(machine: Reader, number: int) -> bool:
    """Whether here is a property with its value."""
    value = kind_at(machine, number + 1)
    if machine.kinds[number] not in VERBS or value not in VALUES:
        is_property = machine.kinds[number] in VERBS and value in _WRONG_VALUES
        return is_property and _begins_inner_line(machine, number)
    is_last = kind_at(machine, number + 2) in _AFTER_VALUES or _is_line_of_two(machine, number)
    return is_last or value in BRACKETS | LITERALS


def missing(machine: Reader, number: int, state: str) -> str:
    """The punctuation that is certainly missing before a token, empty if none is."""
    if state not in {"after", "inner-after", "directive"}:
        return ""
    if begins_statement(machine, number):
        ends = begins_line(machine, number) or machine.kinds[number] == "end"
        return " ." if ends and state != "inner-after" else ""
    is_pair = begins_line(machine, number) and begins_pair(machine, number)
    return " ;" if is_pair else ""


def kind_at(machine: Reader, number: int) -> str:
    """Return the kind of a token; after the last one there is only the end."""
    return machine.kinds[min(number, len(machine.kinds) - 1)]


def begins_line(machine: Reader, number: int) -> bool:
    """Whether a token is the first of its line."""
    before = machine.stops[number - 1] if number else 0
    return not number or "\n" in machine.text[before : machine.starts[number]]


def indentation(machine: Reader, number: int) -> int:
    """Return the column of a token, from 0."""
    start = machine.starts[number]
    return start - machine.text.rfind("\n", 0, start) - 1


def begins_block(machine: Reader, number: int) -> bool:
    """Whether a statement begins at the beginning of a line."""
    return begins_statement(machine, number) and not indentation(machine, number)


def touches(machine: Reader, number: int) -> bool:
    """Whether there is no white space before a token."""
    return machine.starts[number] == machine.stops[number - 1]


def is_bare_iri(machine: Reader, number: int) -> bool:
    """Whether here is the `//` that follows the colon of what looks like a prefix."""
    before = machine.words(number - 1) if number else ""
    return before.endswith(":") and machine.words(number)[:1] == "/" and touches(machine, number)
