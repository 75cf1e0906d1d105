"""A character that looks like another one, or like nothing -> what was meant by it.

Keyboards of Chinese, Japanese and Arabic have punctuation of their own, and what is pasted from a
page or a chat carries spaces that Turtle does not know.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from leadgraph.read.mistakes.found import Mistake

if TYPE_CHECKING:
    from leadgraph.read.grammar import Reader

_MEANT = {
    **dict.fromkeys("\uff1b\u061b\u037e\ufe14\ufe54", ";"),
    **dict.fromkeys("\uff0c\u060c\u3001\uff64\ufe10\ufe50", ","),
    **dict.fromkeys("\u3002\uff0e\uff61\u06d4\ufe52", "."),
    "\uff08": "(",
    "\uff09": ")",
    "\uff3b": "[",
    "\uff3d": "]",
    "\u3010": "[",
    "\u3011": "]",
}
KINDS = {
    ";": "semicolon",
    ",": "comma",
    ".": "dot",
    "[": "open_list",
    "]": "close_list",
    "(": "open_collection",
    ")": "close_collection",
}
_INVISIBLE = re.compile(
    r"[\x0b\x0c\x85\xa0\xad\u1680\u2000-\u200b\u200e\u200f\u2028\u2029\u202f\u205f-\u2064\u3000\ufeff]+"
)
_WITHOUT_WIDTH = frozenset("\xad\u200b\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff")


def meant(character: str) -> str:
    """Return the punctuation that a character looks like, empty if it looks like none."""
    return _MEANT.get(character, "")


def invisible(text: str, start: int) -> tuple[int, str] | None:
    """Return where what cannot be seen from an offset on ends, and what to write in its place."""
    match = _INVISIBLE.match(text, start)
    if not match:
        return None
    return match.end(), "" if _WITHOUT_WIDTH.issuperset(match[0]) else " "


def is_invisible(machine: Reader, number: int) -> bool:
    """Whether a token is one that nobody sees."""
    return _INVISIBLE.match(machine.text, machine.starts[number], machine.stops[number]) is not None


def look_alike(machine: Reader, number: int) -> Mistake | None:
    """Return the mistake that is told at a token: that of punctuation that looks like ours.

    It may be the end of the token before: these characters are letters of names for Turtle.
    """
    start, stop = machine.starts[number], machine.stops[number]
    if stop - start == 1 and meant(machine.text[start]):
        return _mistake(machine, number, start)
    before = machine.stops[number - 1] - 1 if number else -1
    is_name = number > 0 and machine.kinds[number - 1] == "name"
    ends = is_name and meant(machine.text[before]) in {";", ",", "."}
    return _mistake(machine, number, before) if ends else None


def _mistake(machine: Reader, number: int, at: int) -> Mistake:
    sign = meant(machine.text[at])
    start, stop = machine.starts[number], machine.stops[number]
    stop = start + 1 if machine.kinds[number] == "anon" else stop
    return Mistake(start, stop, "look-alike", missing=sign, gap=at)
