"""Query text -> refusal or nothing: what can be known about a query before anything parses it.

One pass of a lexer over the tokens of SPARQL 1.1 (Query, 19.8). The engine decides what is valid;
the gate decides what never reaches it: updates, texts too long or nested too deeply, and SERVICE,
whose part of a query `link` answers before the engine is asked the rest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from leadgraph.errors import QueryTooDeep, QueryTooLong, ServiceRefused, UpdateRefused
from leadgraph.model import Form

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadgraph.settings import Settings

_PLAIN = r"(?:[\w:]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])"
_LATER = _PLAIN.replace(r"[\w:]", r"[\w:\-]")
_LOCAL = rf"(?:{_PLAIN}{_LATER}*+(?:\.++{_LATER}++)?+)?+"
"""What follows the colon of a prefixed name (PN_LOCAL), escapes included."""

_TOKEN = re.compile(
    rf"""(?P<skip>[ \t\r\n]++|\#[^\r\n]*+)
      | (?P<iri><[^<>"{{}}|^`\\\x00-\x20]*+>)
      | (?P<string>\'\'\'(?:[^'\\]|\\.|'(?!''))*+(?:\'\'\')?
                 |"{{3}}(?:[^"\\]|\\.|"(?!""))*+(?:"{{3}})?
                 |'(?:[^'\\\r\n]|\\.)*+'?|"(?:[^"\\\r\n]|\\.)*+"?)
      | (?P<variable>[?$]\w++|_:\w[\w.\-]*+)
      | (?P<name>[^\W\d_][\w.\-]*+:{_LOCAL}|:{_LOCAL})
      | (?P<word>[^\W\d_][\w\-]*+)
      | (?P<opening>[({{\[]|<<(?![^<>"{{}}|^`\\\x00-\x20]*+>))
      | (?P<closing>[)}}\]]|>>)
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


_PROLOGUE = frozenset({"BASE", "PREFIX", "VERSION"})
_CHANGING = re.compile("NOW|RAND|UUID|BNODE", re.IGNORECASE)
"""What is in the names of the functions that give something new each time (Query, 17.4)."""
_READINGS = 256


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the query: its kind (a group name of the lexer), text and offset."""

    kind: str
    text: str
    offset: int


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """Yield the tokens of a query, from an offset on, without white space and comments."""
    for match in _TOKEN.finditer(text, start):
        if match.lastgroup and match.lastgroup != "skip":
            yield Token(match.lastgroup, match.group(), match.start())


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of a query before anything parses it.

    `service` is the offset of the first SERVICE, None without one; `volatile` says that the
    answer may be another one the next time although the data are the same.
    """

    form: Form
    is_update: bool
    depth: int
    service: int | None
    volatile: bool

    @property
    def asks_others(self) -> bool:
        """Whether other endpoints are to be asked for a part of the answer."""
        return self.service is not None


@lru_cache(maxsize=_READINGS)
def read(text: str) -> Reading:
    """Return what one pass over the tokens of a query tells."""
    first, depth, deepest = "", 0, 0
    service: int | None = None
    volatile = template_ended = False
    earlier = before = Token("skip", "", 0)
    for token in tokens(text):
        depth += (token.kind == "opening") - (token.kind == "closing")
        deepest = max(deepest, depth)
        if not first and token.kind == "word" and token.text.upper() not in _PROLOGUE:
            first = token.text.upper()
        if service is None and _asks_another(token, before, earlier):
            service = token.offset
        volatile = volatile or _changes(token)
        if first.startswith("CONSTRUCT") and not template_ended:
            volatile = volatile or _makes_node(token, depth)
            template_ended = token.kind == "closing" and depth == 0
        earlier, before = before, token
    return Reading(_form(first), first in _UPDATES, deepest, service, volatile)


def services(text: str) -> Iterator[Token]:
    """Yield each token of a query that is the SERVICE keyword, or hides it."""
    earlier = before = Token("skip", "", 0)
    for token in tokens(text):
        if _asks_another(token, before, earlier):
            yield token
        earlier, before = before, token


def admit(text: str, settings: Settings, *, service: bool = False) -> None:
    """Let a query pass, or refuse it; with `service`, one that asks other endpoints passes too.

    Raises:
        QueryTooLong: if it has more bytes than `query_bytes`.
        QueryTooDeep: if its brackets are nested deeper than `query_depth`.
        ServiceRefused: if it asks another endpoint anywhere, comments and strings aside.
        UpdateRefused: if it is a SPARQL Update.
    """
    if len(text.encode()) > settings.query_bytes:
        raise QueryTooLong(settings.query_bytes)
    reading = read(text)
    if reading.is_update:
        raise UpdateRefused
    if reading.depth > settings.query_depth:
        raise QueryTooDeep(reading.depth, settings.query_depth)
    if reading.service is not None and not service:
        raise ServiceRefused("another endpoint", (), position(text, reading.service))


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
    return read(text).form


def _form(word: str) -> Form:
    return next((form for first, form in _FORMS.items() if word.startswith(first)), Form.SOLUTIONS)


def is_absolute_iri(text: str) -> bool:
    """Tell whether a text is an absolute IRI as SPARQL writes it (Query, 19.8, IRIREF)."""
    return re.fullmatch(r"[A-Za-z][A-Za-z0-9+.\-]*:[^<>\"{}|^`\\\x00-\x20]*", text) is not None


def position(text: str, offset: int) -> tuple[int, int]:
    """Return line and column of an offset, both from 1, in code points."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _changes(token: Token) -> bool:
    """Tell whether a token makes an answer one that may be another one the next time.

    What looks like an IRI may be a comparison: `1<NOW()&&2>1`.
    """
    if token.kind == "word" or (token.kind == "iri" and "(" in token.text):
        return _CHANGING.search(token.text) is not None
    return False


def _makes_node(token: Token, depth: int) -> bool:
    """Tell whether a token of a template makes a blank node, which is a new one each time.

    Besides labels and brackets: lists, and what stands for a statement (RDF 1.2).
    """
    nested = token.kind == "opening" and depth > 1
    return nested or token.text == "~" or token.text.startswith("_:")


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
