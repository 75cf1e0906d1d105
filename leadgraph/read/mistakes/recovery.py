"""A token that cannot stand where it stands -> the mistake that it tells, and where to go on.

One mistake of a person must be one of ours: what belongs to the mistake before is not told again.
Nothing here says what is valid; pyoxigraph does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from leadgraph.read.grammar import STEPS
from leadgraph.read.mistakes import ahead, lookalikes, resync
from leadgraph.read.mistakes.found import CURLY_QUOTES, MOST_MISTAKES, Mistake, mistake_at

if TYPE_CHECKING:
    from leadgraph.read.grammar import Reader
    from leadgraph.read.mistakes.resync import Found

_BESIDE = 2
_ENDS_CURLY = re.compile(
    rf"[{CURLY_QUOTES}](?=(?:@[\w-]++)?+[ \t]*+(?:[;,.\])；؛，،。۔](?!\w)|\^\^|[\r\n]|\Z))|(?=\n)"
)


def refuse(found: Found, machine: Reader, number: int, state: str) -> str:
    """Take in a token that cannot stand in a state, and return the state to go on in."""
    if len(found.mistakes) >= MOST_MISTAKES:
        return "given-up"
    if state == "silent" or machine.starts[number] < found.silent:
        return _be_silent(found, machine, number)
    if state in {"skipping", "inner-skipping"}:
        return _skip(found, machine, number, state)
    alike = lookalikes.look_alike(machine, number)
    if alike:
        found.mistakes.append(alike)
        found.last = number
        return _as_if(found, machine, number, state)
    _tell(found, machine, number, state)
    return _after(found, machine, number, state)


def _tell(found: Found, machine: Reader, number: int, state: str) -> None:
    """Add the mistake, if it is one of its own; of one sign many times only the first is."""
    if _is_new(found, machine, number):
        found.mistakes.append(_mistake(found, machine, number, state))
        found.last = number
    elif machine.words(number) == machine.words(found.last):
        found.last = number


def _after(found: Found, machine: Reader, number: int, state: str) -> str:
    """Go on after a mistake."""
    if machine.kinds[number] == "end":
        return "statement"
    if lookalikes.is_invisible(machine, number):
        return state
    if machine.words(number)[0] in CURLY_QUOTES:
        return _curly_text(found, machine, number)
    return resync.rule(machine.kinds[number], state)(found, machine, number)


def _as_if(found: Found, machine: Reader, number: int, state: str) -> str:
    """Go on as if the punctuation stood there that was meant by the last mistake."""
    mistake = found.mistakes[-1]
    kind = lookalikes.KINDS[mistake.missing]
    step = STEPS[state].get(kind)
    if mistake.gap < mistake.start:
        return found.go_on(machine, number, step(machine, number - 1) if step else state)
    machine.kinds[number] = kind
    return step(machine, number) if step else resync.rule(kind, state)(found, machine, number)


def _mistake(found: Found, machine: Reader, number: int, state: str) -> Mistake:
    if ahead.is_bare_iri(machine, number):
        found.skipped.add(number - 1)
        return Mistake(machine.starts[number - 1], machine.stops[number - 1], "bare-iri")
    mistake = mistake_at(machine, number, state)
    missing = ahead.missing(machine, number, state)
    return mistake._replace(missing=missing, gap=machine.stops[number - 1] if missing else -1)


def _is_new(found: Found, machine: Reader, number: int) -> bool:
    """Not a part of the mistake before: junk beside junk, or what follows from it."""
    words = machine.words(number)
    if words == "}" and found.in_braces:
        found.in_braces = False
        return False
    if _ends_declaration(machine, number):
        return False
    if not found.mistakes or words == "of":
        return not found.mistakes
    return not (
        number - 1 in found.skipped
        or _is_beside(found, machine, number)
        or _is_left_over(found, machine, number)
    )


def _is_beside(found: Found, machine: Reader, number: int) -> bool:
    """Whether the last mistake is a token or two before, in the line; or reaches to the end.

    Where only punctuation was missing, it is sure how the text goes on.
    """
    if found.mistakes[-1].missing:
        return False
    if machine.kinds[number] == "end":
        return found.mistakes[-1].end >= machine.stops[number - 1]
    if number - found.last > _BESIDE:
        return False
    return "\n" not in machine.text[machine.starts[found.last] : machine.starts[number]]


def _is_left_over(found: Found, machine: Reader, number: int) -> bool:
    """Whether a bracket is without its other half because of a mistake in its statement."""
    if machine.bracket in found.suspects:
        return machine.kinds[number] == "dot"
    begin = next(reversed(machine.dots.values()), -1)
    return machine.kinds[number].startswith("close") and found.last > begin


def _ends_declaration(machine: Reader, number: int) -> bool:
    """Whether a dot ends `ex: <...> .`, which lacks its `@prefix`; the prefix is told."""
    is_pair = machine.predicate == machine.subject + 1 == number - 1
    if not is_pair or machine.kinds[machine.predicate] != "iri":
        return False
    name = machine.words(machine.subject)
    known = {machine.words(iri - 1) for iri in machine.declarations}
    return name.endswith(":") and name not in known


def _skip(found: Found, machine: Reader, number: int, state: str) -> str:
    """Leave out what follows junk, up to punctuation or to what certainly begins a statement."""
    kind = machine.kinds[number]
    begins = ahead.begins_line(machine, number) and ahead.begins_statement(machine, number)
    if begins and (state == "skipping" or not ahead.indentation(machine, number)):
        return resync.new_statement(found, machine, number)
    if kind == "dot" and _ends_statement(machine, number):
        return resync.inner_dot(machine, number)
    if kind in ahead.BRACKETS:
        return STEPS["object"][kind](machine, number)
    if kind == "unclosed":
        return resync.after_unclosed(found, machine, number)
    found.skipped.add(number)
    return state


def _ends_statement(machine: Reader, number: int) -> bool:
    """Whether a dot among words is not one of theirs."""
    return ahead.begins_line(machine, number + 1) or ahead.begins_statement(machine, number + 1)


def _curly_text(found: Found, machine: Reader, number: int) -> str:
    """A text in curly quotes ends at one that is followed by a suffix or punctuation."""
    found.skipped.add(number)
    closing = _ENDS_CURLY.search(machine.text, machine.stops[number])
    if closing is None or not closing[0]:
        return found.skipping(machine, number)
    found.silent = closing.end()
    return "silent"


def _be_silent(found: Found, machine: Reader, number: int) -> str:
    """Within a text that was meant to be one; the quote that ends it may seem to begin one."""
    if machine.starts[number] >= found.silent:
        state = found.skipping(machine, number - 1)
        if lookalikes.look_alike(machine, number):
            return refuse(found, machine, number, machine.after)
        return found.go_on(machine, number, state)
    found.skipped.add(number)
    if machine.stops[number] > found.silent:
        return resync.after_unclosed(found, machine, number)
    return "silent"
