"""Turtle text -> its tokens, comments among them, each with its span in code points.

Nothing is lost: the tokens and the white space between them are the text. A token is what the
grammar of Turtle (RDF 1.1 Turtle, 6.5) calls so; what is none becomes `other`, a string without its
end `unclosed`, a string or an IRI that is wrong otherwise `faulty`; `misspelt` is nearly a name, a
blank node or a number, `mistagged` nearly a language tag.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_BASE = (
    r"A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D"
    r"\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_CHARS = rf"{_BASE}_0-9\u00B7\u0300-\u036F\u203F-\u2040\-"
_PREFIX = rf"[{_BASE}](?:[{_CHARS}]++|\.++(?=[{_CHARS}]))*+"
_PLX = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"
_LOCAL = rf"(?:[{_BASE}_:0-9]|{_PLX})(?:[{_CHARS}:]++|{_PLX}|\.++(?=[{_CHARS}:]|{_PLX}))*+"
# A code point that is no surrogate and not beyond U+10FFFF.
_UCHAR = (
    r"\\u(?![Dd][89A-Fa-f])[0-9A-Fa-f]{4}"
    r"|\\U00(?:0(?!0[Dd][89A-Fa-f])[0-9A-Fa-f]|10)[0-9A-Fa-f]{4}"
)
_ECHAR = rf"\\[tbnrf\"'\\]|{_UCHAR}"
_LONG = r"""\"{3}(?:[^"\\]++|%s|\"{1,2}(?!\"))*+\"{3}|'{3}(?:[^'\\]++|%s|'{1,2}(?!'))*+'{3}"""
_SHORT = r"""\"(?!\"\")(?:[^"\\\n\r]++|%s)*+\"|'(?!'')(?:[^'\\\n\r]++|%s)*+'"""
_ANY = r"\\."
_ANY_OF_LINE = r"\\[^\n\r]"


@cache
def _token() -> re.Pattern[str]:
    """The pattern, which takes 30 ms to be made: most texts need no second look.

    Possessive quantifiers (`*+`): no text makes the pass slower than linear. White space is part
    of the match, else the search would try each of its characters; group names are the kinds.
    """
    return re.compile(
        rf"""[ \t\r\n]*+(?:
          (?P<name>(?:{_PREFIX})?+:(?:{_LOCAL})?+(?!\.*+[\\%]))
        | (?P<semicolon>;)
        | (?P<dot>\.(?![0-9]))
        | (?P<comma>,)
        | (?P<iri><(?:[^\x00-\x20<>"{{}}|^`\\]++|{_UCHAR})*+>)
        | (?P<a>a(?![{_CHARS}:]|\.++[{_CHARS}:]))
        | (?P<string>{_LONG % (_ECHAR, _ECHAR)}|{_SHORT % (_ECHAR, _ECHAR)})
        | (?P<tag>@[A-Za-z]++(?:-[A-Za-z0-9]++)*+(?:--[A-Za-z]++)?+(?![_-]))
        | (?P<number>[+-]?+(?:(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)[eE][+-]?+[0-9]++
            |[0-9]*+\.[0-9]++(?![eE])|[0-9]++(?![eE])))
        | (?P<blank>_:[{_BASE}_0-9](?:[{_CHARS}]++|\.++(?=[{_CHARS}]))*+)
        | (?P<anon>\[[ \t\r\n]*+\])
        | (?P<open_list>\[)
        | (?P<close_list>\])
        | (?P<open_collection>\()
        | (?P<close_collection>\))
        | (?P<hats>\^\^)
        | (?P<boolean>(?:true|false)(?![{_CHARS}:]|\.++[{_CHARS}:]))
        | (?P<word>{_PREFIX}(?!\.*+:))
        | (?P<misspelt>(?:{_PREFIX}\.*+)?+:(?:[{_CHARS}:%]++|\\[^\s]|\.++(?=[{_CHARS}:%\\]))*+
            |_:|[+-]?+(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)[eE][+-]?+)
        | (?P<mistagged>@[\w-]*+)
        | (?P<comment>\#[^\n\r]*+)
        | (?P<end>\Z)
        | (?P<faulty>{_LONG % (_ANY, _ANY)}|{_SHORT % (_ANY_OF_LINE, _ANY_OF_LINE)}
            |<(?![<(=-])[^\s<>]*+>|<(?![<(=-])[^\x00-\x1f<>"]*+>
            |<(?![<(=-])(?:[^\s<>".;,]++|[.;,](?!\s|\Z))*+)
        | (?P<unclosed>\"{{3}}.*+|'{{3}}.*+|["'][^\n\r]*+)
        | (?P<star><<\(?|\)?>>|\{{\||\|\}}|~)
        | (?P<other>=>|<=|[^\s\w"'<>\[\]().,;:\#@]++|.)
        )""",
        re.VERBOSE | re.DOTALL,
    )


class Token(NamedTuple):
    """A kind (`name`, `iri`, `string`, `dot`, ... as the groups above), and a span of the text."""

    kind: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a Turtle text in order; the spans count code points, end exclusive."""
    for match in _token().finditer(text):
        kind = match.lastgroup
        if kind is not None and kind != "end":
            yield Token(kind, *match.span(kind))


def columns(text: str) -> tuple[list[str], list[int], list[int]]:
    """Return kinds, starts and ends of all tokens but comments, then one of the kind `end`.

    It says the same as `tokens`, three times as fast: a place costs little if it is not an object.
    """
    kinds, starts, ends = list[str](), list[int](), list[int]()
    for match in _token().finditer(text):
        kind = match.lastgroup
        if kind is None or kind == "comment":
            continue
        start, end = match.span(match.lastindex or 0)
        kinds.append(kind)
        starts.append(start)
        ends.append(end)
        if kind == "end":
            break
    return kinds, starts, ends
