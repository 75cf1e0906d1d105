"""One SERVICE's pattern and some keys -> the text of a request to its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadgraph.link.join.short import WHOLE, short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadgraph.link.account import Key
    from leadgraph.link.join.short import Short


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One SERVICE's pattern as it is to be sent.

    `prologue` holds the BASE and PREFIX declarations of the query, `body` what stands between the
    braces, as the user wrote it. `variables` are to be projected, the `keys` among them. `inline`
    says that VALUES may stand in the group of the body, at the offset `place` of it, else it is
    joined with the body from outside. `copies` are offsets of sub-queries in the body that need not
    compute more than is asked about: VALUES stand there once more. `filters` are expressions of the
    query that may be applied there already. `limit` is the most rows that are wanted of a request
    without keys.
    """

    prologue: str
    body: str
    variables: tuple[str, ...]
    keys: tuple[str, ...] = ()
    inline: bool = False
    place: int = 0
    copies: tuple[int, ...] = ()
    filters: tuple[str, ...] = ()
    limit: int | None = None

    def text(self, keys: Sequence[Key] | None) -> str:
        """Return the request for some keys, or, for None, for all there is up to `limit` rows."""
        written = self.short(keys or ())
        asked = None if keys is None else values(self.keys, keys, written)
        limit = f"LIMIT {self.limit}\n" if keys is None and self.limit is not None else ""
        selection, pattern = self._selection(), self._pattern(asked)
        declared = f"{self.prologue}{written.declarations}"
        return f"{declared}{selection} WHERE {{\n{pattern}}}\n{limit}"

    def short(self, keys: Sequence[Key]) -> Short:
        """Return how a request about some keys writes them."""
        return short(keys, self.prologue)

    def _selection(self) -> str:
        """Return the projection; a part without variables of its own counts its solutions."""
        if not self.variables:
            return "SELECT *"
        return "SELECT " + " ".join(f"?{name}" for name in self.variables)

    def _pattern(self, asked: str | None) -> str:
        filters = "".join(f"FILTER({expression})\n" for expression in self.filters)
        if asked is None:
            return f"{{{self.body}\n}}\n{filters}"
        if not self.inline:
            return f"{asked}\n{{{self._filled(asked, self.copies)}\n}}\n{filters}"
        if not self.place:
            return f"{asked}\n{self._filled(asked, self.copies)}\n{filters}"
        return f"{{{self._filled(asked, (self.place, *self.copies))}\n}}\n{filters}"

    def _filled(self, asked: str, places: tuple[int, ...]) -> str:
        """Return the body with the keys at some of its offsets."""
        body = self.body
        for place in sorted(places, reverse=True):
            body = f"{body[:place]}\n{asked}\n{body[place:]}"
        return body


def values(variables: Sequence[str], rows: Sequence[Key], written: Short = WHOLE) -> str:
    """Return an inline table (Query, 10.2.2): a term, or UNDEF for None, in each place.

    Terms are written as in N-Triples, which SPARQL reads the same, or with prefixes.
    """
    term = written.term
    names = " ".join(f"?{name}" for name in variables)
    if len(variables) == 1:
        return f"VALUES {names} {{ {' '.join(term(row[0]) for row in rows)} }}"
    lines = " ".join(f"({' '.join(map(term, row))})" for row in rows)
    return f"VALUES ({names}) {{ {lines} }}"
