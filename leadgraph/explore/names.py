"""The index of search -> the names that are like one, and what each of their things is.

Names are found by the groups of letters that they share (SQLite's FTS5), in the same index
as that of search: it is made once, of what the engine holds.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadgraph.explore.fold import excerpt
from leadgraph.explore.labels import NAMING, Text, distance
from leadgraph.explore.search import NAMES, solutions
from leadgraph.explore.sparql import key, put

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from leadgraph.explore.search import Search
    from leadgraph.query.client import Engine

MOST = 40
"""How many names are compared with the one that is asked for."""
_EDGE = "·"
"""What stands for the beginning and the end of a word: a letter to FTS5, none of a folded word."""
_LONGEST = 300
_SIZES = (3, 4)
_GRAMS = 16
_POSTINGS = (2_000, 12_000)
"""How many names may share the groups that are looked up, in a small and in a large graph; the
rarest groups come first."""
_SHARE = 8
"""What part of all names that is: an eighth."""
_TABLES = """
CREATE VIRTUAL TABLE gram USING fts5 (grams, content = '', tokenize = 'ascii');
CREATE INDEX literal_name ON literal (name) WHERE name != '';
"""
_SAME = """
SELECT literal.id, thing.iri, text, language, name, rank FROM literal
JOIN thing ON thing.id = literal.thing WHERE name = :name AND name != '' AND (kind != '' OR :all)
"""
_LIKE = """
SELECT literal.id, thing.iri, text, language, name, literal.rank FROM (
  SELECT rowid AS id, rank AS near FROM gram WHERE gram MATCH :match ORDER BY rank LIMIT :enough
) AS found
JOIN literal ON literal.id = found.id
JOIN thing ON thing.id = literal.thing
ORDER BY found.near
"""
_TEXTS = """
SELECT text, language, name, rank FROM literal JOIN thing ON thing.id = literal.thing
WHERE thing.iri = ?
"""
_CLASSES = """
SELECT DISTINCT ?thing ?class { ?thing a ?class FILTER(isIRI(?thing) && isIRI(?class)) }"""


@dataclass(frozen=True, slots=True)
class Naming:
    """A name of a thing; `folded` as it is compared, `is_label` unless it is an alternative."""

    iri: str
    text: Text
    folded: str
    is_label: bool


@dataclass(frozen=True, slots=True)
class Texts:
    """What a thing is called and how it is described, to a reader of one language."""

    name: Text | None
    description: Text | None


class Names:
    """The names of all things that can be meant; safe between threads.

    Those are the things of our own IRIs; where there are none, every thing that has an IRI.
    """

    def __init__(self, engine: Engine, search: Search) -> None:
        self._engine = engine
        self._search = search
        self._lock = threading.Lock()
        self._frequencies: dict[str, int] | None = None
        self._classes: dict[str, tuple[str, ...]] = {}
        self._has_ours = True
        self._postings = 0

    @property
    def has_ours(self) -> bool:
        """Whether there are things of our own IRIs."""
        self._prepare()
        return self._has_ours

    def classes(self) -> dict[str, tuple[str, ...]]:
        """Return every thing that can be meant, with the IRIs of its classes."""
        self._prepare()
        return self._classes

    def like(self, folded: str, may_be: Callable[[str], bool] | None = None) -> list[Naming]:
        """Return the names most like one; of those things alone whose IRIs may be.

        Raises:
            QueryError: if the index, or the engine when it is made, does not answer in time.
        """
        frequencies = self._prepare()
        match = _match(folded, frequencies, self._postings)
        facts: dict[str, str | int] = {
            "name": folded,
            "all": not self._has_ours,
            "match": match,
            "enough": -1 if may_be else 2 * MOST,
        }
        found: dict[int, Naming] = {}
        with self._search.held() as index:
            for query in (_SAME, _LIKE) if match else (_SAME,):
                for id_, iri, text, language, name, rank in index.execute(query, facts):
                    if iri in self._classes and (may_be is None or may_be(iri)):
                        is_label = rank < len(NAMING)
                        found[id_] = Naming(iri, Text(text, language), name, is_label)
                    if len(found) >= MOST:
                        break
        return list(found.values())

    def texts(self, iri: str, language: str) -> Texts:
        """Return what a thing is called and described, in a language or the next best."""
        with self._search.held() as index:
            rows = index.execute(_TEXTS, (iri,)).fetchall()
        return Texts(
            _best([row for row in rows if row[2]], language),
            _best([row for row in rows if not row[2]], language, short=True),
        )

    def of(self, iri: str) -> list[tuple[str, Text]]:
        """Return all names of a thing: folded, and as they are."""
        with self._search.held() as index:
            rows = index.execute(_TEXTS, (iri,)).fetchall()
        return [(name, Text(text, language)) for text, language, name, _ in rows if name]

    def _prepare(self) -> dict[str, int]:
        """Make the index once; return how many names have each group of letters."""
        with self._lock:
            if self._frequencies is None:
                self._classes, self._has_ours = self._read_classes()
                with self._search.held() as index:
                    index.set_progress_handler(None, 0)  # a visitor's time does not bound it
                    count, self._frequencies = _fill(index, everything=not self._has_ours)
                least, most = _POSTINGS
                self._postings = min(most, max(least, count // _SHARE))
            return self._frequencies

    def _read_classes(self) -> tuple[dict[str, tuple[str, ...]], bool]:
        with self._search.held() as index:
            kinds = dict(index.execute("SELECT iri, kind FROM thing"))
        has_ours = any(kinds.values())
        found: dict[str, set[str]] = defaultdict(set)
        for iri in (iri for iri, kind in kinds.items() if kind or not has_ours):
            found[iri] = set()
        for row in solutions(self._engine, put(_CLASSES)):
            iri = key(row["thing"])
            if iri in found:
                found[iri].add(key(row["class"]))
        return {iri: tuple(sorted(classes)) for iri, classes in found.items()}, has_ours


def grams(folded: str) -> list[str]:
    """Return the groups of three and four letters of the words of a name, their ends included.

    Those of three find short words; those of four are rarer, and so tell more in a large graph.
    """
    padded = [f"{_EDGE}{word}{_EDGE}" for word in folded[:_LONGEST].split(" ")]
    return list(
        dict.fromkeys(
            word[at : at + size]
            for size in _SIZES
            for word in padded
            for at in range(len(word) - size + 1)
        )
    )


def _match(folded: str, frequencies: dict[str, int], most: int) -> str:
    """Return an FTS5 query: any of the groups that say most, "" if no name has any."""
    known = [each for each in grams(folded) if each in frequencies]
    known.sort(key=lambda each: frequencies[each])
    chosen: list[str] = []
    postings = 0
    for each in known[:_GRAMS]:
        postings += frequencies[each]
        if chosen and postings > most:
            break
        chosen.append(f'"{each}"')
    return " OR ".join(chosen)


def _fill(index: sqlite3.Connection, *, everything: bool) -> tuple[int, dict[str, int]]:
    """Add the groups of letters of every name to the index; one not made to its end is not kept.

    Return how many names there are, and how many have each group.
    """
    frequencies: dict[str, int] = defaultdict(int)
    query = """
        SELECT literal.id, name FROM literal JOIN thing ON thing.id = literal.thing
        WHERE name != '' AND (kind != '' OR ?)"""
    index.executescript("DROP TABLE IF EXISTS gram; DROP INDEX IF EXISTS literal_name;" + _TABLES)
    with index:
        names = index.execute(query, (everything,)).fetchall()
        for id_, name in names:
            found = grams(name)
            index.execute("INSERT INTO gram (rowid, grams) VALUES (?, ?)", (id_, " ".join(found)))
            for each in found:
                frequencies[each] += 1
    return len(names), dict(frequencies)


def _best(
    rows: list[tuple[str, str, str, int]], language: str, *, short: bool = False
) -> Text | None:
    """Return the text nearest in language, a label before other names; None if there is none."""

    def order(row: tuple[str, str, str, int]) -> tuple[bool, int, int, str]:
        text, tag, _, rank = row
        return (len(NAMING) <= rank < len(NAMES), distance(tag, language), rank, text)

    if not rows:
        return None
    text, tag, *_ = min(rows, key=order)
    return Text(excerpt(text, ()) if short else text, tag)
