"""What is known for the keys of one part, from the memory and from answers -> one table.

A row belongs to the key that it repeats. A source that writes a term in another way than it was
asked (1 for 01) makes rows that belong to no key: they are used, with the block that they came for.
"""

from __future__ import annotations

import threading
import unicodedata
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from leadgraph.link.account import Table
from leadgraph.link.rows import Labels, text
from leadgraph.vocabulary import XSD

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from leadgraph.link.account import Key, Row, Term
    from leadgraph.link.join.part import Part

Block = tuple["Key", ...] | None
"""Keys that are asked about together; None: the whole pattern."""


class Gathered:
    """The rows of one part as they come; safe to share between threads."""

    def __init__(self, part: Part) -> None:
        self._variables = part.variables
        self._of_keys: dict[Key, tuple[Hashable, Sequence[Row]]] = {}
        self._of_blocks: dict[Block, tuple[Hashable, Sequence[Row]]] = {}
        self._lock = threading.Lock()
        self.rows = 0

    def add(self, key: Key, answer: Hashable, rows: Sequence[Row]) -> None:
        """Take the rows of a key; `answer` says which answer its blank nodes are of."""
        with self._lock:
            self._of_keys[key] = answer, rows
            self.rows += len(rows)

    def add_block(self, block: Block, answer: Hashable, rows: Sequence[Row]) -> None:
        """Take the rows of a block as they are."""
        with self._lock:
            self._of_blocks[block] = answer, rows
            self.rows += len(rows)

    def table(self, keys: Sequence[Key]) -> Table:
        """Return all rows: key by key in their order, then block by block."""
        places = {key: place for place, key in enumerate(keys)}
        labels = Labels()
        rows: list[Row] = []
        for key in sorted(self._of_keys, key=places.__getitem__):
            rows += labels.renamed(*self._of_keys[key])
        for block in sorted(self._of_blocks, key=lambda block: places[block[0]] if block else -1):
            rows += labels.renamed(*self._of_blocks[block])
        return Table(self._variables, tuple(rows))


def key_text(key: Key) -> str:
    """Return a key as N-Triples writes its terms."""
    return " ".join("UNDEF" if term is None else text(term) for term in key)


def distinct(keys: Iterable[Key]) -> list[Key]:
    """Return the distinct keys in the order of their texts: equal questions have equal blocks."""
    return sorted(dict.fromkeys(keys), key=key_text)


def shared(rows: Sequence[Row], part: Part, block: tuple[Key, ...]) -> dict[Key, list[Row]] | None:
    """Return the rows of each key of a block, None if one may belong to another, or to none."""
    if not all(map(_is_plain, block)):
        return None
    places = [part.variables.index(name) for name in part.keys]
    shares: dict[Key, list[Row]] = {key: [] for key in block}
    for row in rows:
        share = shares.get(tuple(row[place] for place in places))
        if share is None:
            return None
        share.append(row)
    return shares


def _is_plain(key: Key) -> bool:
    return all(_has_one_spelling(term) for term in key)


def _has_one_spelling(term: Term | None) -> bool:
    """Tell whether a source cannot take a term for another one: one that is the same value."""
    if isinstance(term, NamedNode):
        return True
    if not isinstance(term, Literal) or not unicodedata.is_normalized("NFC", term.value):
        return False
    if term.language:
        return term.language == term.language.lower()
    return term.datatype.value == f"{XSD}string"
