"""Query text -> refusal or nothing: what can be known about a query before anything parses it.

One pass of a lexer over the tokens of SPARQL 1.1 (Query, 19.8). The engine decides what is valid;
the gate decides what never reaches it: SERVICE, updates, texts too long or nested too deeply.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadgraph.errors import QueryTooDeep, QueryTooLong, ServiceRefused, UpdateRefused
from leadgraph.model import Form

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadgraph.settings import Settings

_LOCAL = r"(?:[\w:.\-]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])*+"
"""What follows the colon of a prefixed name (PN_LOCAL), escapes included."""

_TOKEN = re.compile(
    rf"""(?P<skip>[ \t\r\n]++|\#[^\r\n]*+)
      | (?P<iri><[^<>"{{}}|^`\\\x00-\x20]*+>)
      | (?P<string>\'\'\'(?:[^'\\]|\\.|'(?!''))*+(?:\'\'\')?
                 |"{{3}}(?:[^"\\]|\\.|"(?!""))*+(?:"{{3}})?
                 |'(?:[^'\\\r\n]|\\.)*+'?|"(?:[^"\\\r\n]|\\.)*+"?)
      | (?P<variable>[?$]\w++|_:\w[\w.\-]*+)
      | (?P<name>[^\W\d_][\w.\-]*+:{_LOCAL}|:{_LOCAL})
      | (?P<word>[^\W\d_][\w.\-]*+)
      | (?P<opening>[({{\[])
      | (?P<closing>[)}}\]])
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
"""Every repetition is possessive and no alternative gives back what it read: linear in any text."""

_UPDATES = frozenset(
    ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
)
"""The first words of SPARQL 1.1 Update, 3."""

_FORMS = {
    "SELECT": Form.SOLUTIONS,
    "ASK": Form.BOOLEAN,
    "CONSTRUCT": Form.GRAPH,
    "DESCRIBE": Form.GRAPH,
}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the query: its kind (a group name of the lexer), text and offset."""

    kind: str
    text: str
    offset: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a query without white space and comments."""
    for match in _TOKEN.finditer(text):
        if match.lastgroup and match.lastgroup != "skip":
            yield Token(match.lastgroup, match.group(), match.start())


def admit(text: str, settings: Settings) -> None:
    """Let a query pass, or refuse it.

    Raises:
        QueryTooLong: if it has more bytes than `query_bytes`.
        QueryTooDeep: if its brackets are nested deeper than `query_depth`.
        ServiceRefused: if it asks another endpoint anywhere, comments and strings aside.
        UpdateRefused: if it is a SPARQL Update.
    """
    if len(text.encode()) > settings.query_bytes:
        raise QueryTooLong(settings.query_bytes)
    if _first_word(text) in _UPDATES:
        raise UpdateRefused
    depth = 0
    earlier = before = Token("skip", "", 0)
    for token in tokens(text):
        depth += (token.kind == "opening") - (token.kind == "closing")
        if depth > settings.query_depth:
            raise QueryTooDeep(depth, settings.query_depth)
        if _asks_another(token, before, earlier):
            raise ServiceRefused(*position(text, token.offset))
        earlier, before = before, token


def undeclared_prefix(text: str) -> Token | None:
    """Return the first prefixed name whose prefix the query does not declare, if there is one."""
    declared: set[str] = set()
    before = ""
    for token in tokens(text):
        if token.kind == "name":
            prefix = token.text.partition(":")[0]
            if before == "PREFIX":
                declared.add(prefix)
            elif prefix not in declared:
                return token
        before = token.text.upper()
    return None


def form(text: str) -> Form:
    """Return the form of answer that a query asks for, by its first word after the prologue.

    A text without such a word counts as a SELECT: the engine says what is wrong with it.
    """
    word = _first_word(text)
    return next((form for first, form in _FORMS.items() if word.startswith(first)), Form.SOLUTIONS)


def _first_word(text: str) -> str:
    """Return the first word after the prologue in capitals, "" if there is none."""
    words = (token.text.upper() for token in tokens(text) if token.kind == "word")
    return next((word for word in words if word not in {"BASE", "PREFIX"}), "")


def is_absolute_iri(text: str) -> bool:
    """Tell whether a text is an absolute IRI as SPARQL writes it (Query, 19.8, IRIREF)."""
    return re.fullmatch(r"[A-Za-z][A-Za-z0-9+.\-]*:[^<>\"{}|^`\\\x00-\x20]*", text) is not None


def position(text: str, offset: int) -> tuple[int, int]:
    """Return line and column of an offset, both from 1, in code points."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _asks_another(token: Token, before: Token, earlier: Token) -> bool:
    """Tell whether a token is the SERVICE keyword, or hides it.

    The engine needs no space around keywords (`trueSERVICE`, `SERVICEex:a {`), and what looks like
    an IRI may be a comparison, a SERVICE and a comment: `FILTER(1<2)SERVICE#>`.
    """
    if token.kind == "word":
        return "SERVICE" in token.text.upper()
    if token.kind == "iri":
        closing = token.text.find(")")
        keyword = token.text.lower().find("service", closing)
        return -1 < closing < keyword < token.text.find("#", keyword)
    named = before.kind == "name" and "SERVICE" in before.text.partition(":")[0].upper()
    return named and token.text == "{" and earlier.text.upper() != "GRAPH"
