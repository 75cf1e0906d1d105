"""Query text -> its tokens, one after the other, with every variable noted where it stands.

What looks like an IRI may be a comparison (`1<?x&&?y>2`): only who knows what came before can tell,
so that the reader can be told to take `<` for itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from leadgraph.query import gate
from leadgraph.query.gate import Token

if TYPE_CHECKING:
    from collections.abc import Iterator

END = "end"
_LANGUAGE = re.compile(r"[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--(?:ltr|rtl))?")
_IN_NUMBER = re.compile(r"\.(?:[0-9]|[eE][+-]?[0-9])")
_EXPONENT = re.compile(r"[eE](?:[+-]?\d+)?")


class NotUnderstood(Exception):
    """A text that is no query, or one that only the engine can take apart."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class Reader:
    """The tokens of a query.

    `occurrences` are the variables that were taken, with offsets, and the labels of blank nodes
    with theirs, which connect triples as well. A name must have one of the
    `prefixes`: the engine reads `GRAPHex:a` as two tokens, if it must.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.occurrences: list[tuple[int, str]] = []
        self.last = Token("skip", "", 0)
        self.prefixes: set[str] = set()
        self._tokens: Iterator[Token] = gate.tokens(text)
        self._ahead: Token | None = None

    @property
    def next(self) -> Token:
        """The token that comes, of kind `end` after the last."""
        if self._ahead is None:
            self._ahead = next(self._tokens, Token(END, "", len(self.text)))
        return self._ahead

    @property
    def word(self) -> str:
        """The word that comes, in capitals; "" if it is none, or the tag of a language."""
        if self.next.kind != "word" or self.is_tail():
            return ""
        return self.next.text.upper()

    @property
    def end(self) -> int:
        """The offset behind the last token that was taken."""
        return self.last.offset + len(self.last.text)

    def take(self) -> Token:
        """Return the token that comes and go on behind it.

        Raises:
            NotUnderstood: at the end of the text.
        """
        token = self.next
        if token.kind == END:
            raise NotUnderstood(token.offset)
        if token.kind == "name" and token.text.partition(":")[0] not in self.prefixes:
            raise NotUnderstood(token.offset)
        if token.kind == "variable":
            self.occurrences.append((token.offset, variable(token) or token.text))
        self.last, self._ahead = token, None
        return token

    def require(self, text: str) -> Token:
        """Take a token that must be this one.

        Raises:
            NotUnderstood: if it is another.
        """
        if self.next.text.upper() != text:
            raise NotUnderstood(self.next.offset)
        return self.take()

    def split(self) -> None:
        """Take the `<` of what looks like an IRI for a comparison, and read on behind it."""
        offset = self.next.offset
        self._tokens = gate.tokens(self.text, offset + 1)
        self._ahead = Token("other", "<", offset)

    def is_stop(self) -> bool:
        """Tell whether the token that was taken ends with a full stop, not a decimal point."""
        return self.last.text == "." and not _IN_NUMBER.match(self.text, self.last.offset)

    def is_tail(self) -> bool:
        """Tell whether the word that comes belongs to a literal: its language, its exponent."""
        if self.next.offset != self.end:
            return False
        if self.last.text == "@":
            return _LANGUAGE.fullmatch(self.next.text) is not None
        number = self.last.text.isdigit() or self.last.text == "."
        return number and _EXPONENT.fullmatch(self.next.text) is not None


def variable(token: Token) -> str | None:
    """Return the name of a variable, None for what is none."""
    return token.text[1:] if token.kind == "variable" and token.text[0] in "?$" else None
