"""Source text -> where it goes beyond a limit, before anything parses it: one linear pass.

The lexer knows strings, IRIs, comments and escapes, so that a bracket inside one of them is not
taken for nesting. It does not judge the text: where a string or an IRI is broken it stops, and
leaves the refusal to the parser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Possessive quantifiers (`*+`): no backtracking, so no text makes the pass slower than linear
# or costs memory for each character of a long string.
_TURTLE = re.compile(
    r"""
      [^\#<>"'\\()\[\]]++
    | (?P<text>
        \#[^\n\r]*+
      | <(?!<)[^<>\n\r]*+>
      | \"{3}(?:[^"\\]++|\\.|\"{1,2}(?!\"))*+\"{3}
      | '{3}(?:[^'\\]++|\\.|'{1,2}(?!'))*+'{3}
      | "(?!"")(?:[^"\\\n\r]++|\\.)*+"
      | '(?!'')(?:[^'\\\n\r]++|\\.)*+')
    | (?P<opening>[(\[]|<<)
    | (?P<closing>[)\]]|>>)
    | \\.
    | (?P<broken>["'<])
    | .
    """,
    re.VERBOSE | re.DOTALL,
)
_JSON = re.compile(
    r"""
      [^"\[\]{}]++
    | (?P<text>"(?:[^"\\]++|\\.)*+")
    | (?P<opening>[\[{])
    | (?P<closing>[\]}])
    | (?P<broken>")
    """,
    re.VERBOSE | re.DOTALL,
)

_HIDDEN = re.compile(
    r"[\x00\u202a-\u202e]|(?<!\\)(?:\\\\)*+(?P<escape>\\u0000|\\u202[a-eA-E]|\\U0000(?:0000|202[a-eA-E]))"
)
# A look for each of these is a tenth of the work of the expression.
_MAY_HIDE = ("\x00", "\\u", "\\U", *map(chr, range(0x202A, 0x202F)))


@dataclass(frozen=True, slots=True)
class Excess:
    """What goes beyond which limit, and the span of characters (end exclusive) that does."""

    code: str
    found: int
    limit: int
    start: int
    end: int


def excess(text: str, depth_limit: int, literal_bytes: int, *, json: bool = False) -> Excess | None:
    """Return the first place where brackets nest too deep or a text is too long.

    A text is a string, an IRI or a comment.
    """
    depth = 0
    for token in (_JSON if json else _TURTLE).finditer(text):
        kind = token.lastgroup
        if kind == "opening":
            depth += 1
            if depth > depth_limit:
                return Excess("too-deep", depth, depth_limit, *token.span())
        elif kind == "closing":
            depth = max(0, depth - 1)
        elif kind == "text":
            size = len(token.group().encode())
            if size > literal_bytes:
                return Excess("literal-too-long", size, literal_bytes, *token.span())
        elif kind == "broken":
            return None
    return None


def hidden_characters(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield (name, start, end) of each NUL and each character that overrides writing direction.

    Raw or written as an escape; U+202A to U+202E make a label look like another one
    (Unicode Technical Standard 55, Source Code Handling). Arabic and Hebrew need none of them.
    """
    if not any(sign in text for sign in _MAY_HIDE):
        return
    for match in _HIDDEN.finditer(text):
        written = match.group("escape")
        number = int(written[2:], 16) if written else ord(match.group()[-1])
        start = match.start("escape") if written else match.start()
        yield f"U+{number:04X}", start, match.end()
