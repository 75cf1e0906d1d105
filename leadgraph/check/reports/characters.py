"""Text -> what a terminal may be sent of it: escapes, columns, the direction of writing."""

from __future__ import annotations

import re
import unicodedata

from leadgraph import words

TAB = "    "
"""What is shown for a tab, wherever it stands."""

# Control characters, and invisible ones that change the direction of writing: a terminal or an
# editor would obey them.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff"
    "\ud800-\udfff]"
)
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_COMBINING = frozenset({"Mn", "Me", "Cf"})
_SOFT_HYPHEN = "\xad"
_WIDE = frozenset({"W", "F"})
_JOINING = frozenset({*range(0x1160, 0x1200), *range(0xD7B0, 0xD800)})
"""Hangul vowels and finals, which join the syllable before them."""
_FROM_LEFT, _FROM_RIGHT, _END, _LEFT_MARK = "\u202a", "\u202b", "\u202c", "\u200e"
# Embeddings, because mlterm 3.9 shows boxes for isolates; the mark beside one keeps the signs
# around it, and the line, from left to right. VTE drops what stands at the very start of a line.


def visible(text: str) -> str:
    r"""Return the text with control and direction characters written as escapes (`\u202e`)."""
    return _INVISIBLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def cell(character: str) -> tuple[str, int]:
    """Return what is shown for a character, and how many columns of a terminal it takes."""
    if character == "\t":
        return TAB, len(TAB)
    if is_plain(character):
        return character, 1
    shown = visible(character)
    if shown != character:
        return shown, len(shown)
    if character != _SOFT_HYPHEN and (
        unicodedata.category(character) in _COMBINING or ord(character) in _JOINING
    ):
        return character, 0
    return character, 2 if unicodedata.east_asian_width(character) in _WIDE else 1


def is_plain(text: str) -> bool:
    """Tell whether each character is shown as it is, in one column."""
    return text.isascii() and text.isprintable()


def turns(text: str) -> bool:
    """Tell whether a terminal may reorder the text: it has characters from right to left."""
    return not text.isascii() and any(
        unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text
    )


def embedded(text: str, language: str) -> str:
    """Return words of a language so that a line in the other direction keeps them together.

    (UAX #9, 2.1: embeddings.) So do the words with the terms and values that stand in them, which
    run from left to right: `"2025-03-31"` would else be shown as `"31-03-2025"`. Words from left
    to right are left as they are.
    """
    if words.direction(language) == "ltr":
        return text
    return f"{_FROM_RIGHT}{words.set_apart(text, _FROM_LEFT, _END)}{_END}{_LEFT_MARK}"


def from_left(text: str) -> str:
    """Return what a file holds so that it runs from left to right, whatever it begins with."""
    return f"{_LEFT_MARK}{_FROM_LEFT}{text}{_END}{_LEFT_MARK}" if turns(text) else text
