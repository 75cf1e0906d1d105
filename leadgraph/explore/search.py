"""Engine -> an index of names and descriptions; words, also misspelt -> the things they mean.

The index is SQLite's FTS5 in memory, made of folded words (`explore/fold.py`) at the first search
and kept: a release does not change. One connection serves all threads, one at a time.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, QueryResultsFormat, QuerySolutions, parse_query_results
from rapidfuzz import process
from rapidfuzz.distance import OSA

from leadgraph.errors import EngineBusy, QueryTooCostly
from leadgraph.explore.fold import excerpt, fold
from leadgraph.explore.labels import NAMING, Text
from leadgraph.explore.sparql import key, put
from leadgraph.model import Question
from leadgraph.vocabulary import DCTERMS, LG, RDFS, SCHEMA, SKOS, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leadgraph.query.client import Engine, Term

HOW = ("misspelt", "description", "word", "beginning", "exact")
"""How a text can match, the faintest first: a score in fifths, and within each by nearness."""

OURS = "*"
"""In place of a kind: any that there is."""

NAMES = (*NAMING, SKOS + "altLabel", SKOS + "hiddenLabel", SCHEMA + "alternativeHeadline")
"""The properties by which things are found, the best first; the first are those of labels."""
DESCRIPTIONS = (
    *(SKOS + name for name in ("definition", "scopeNote", "note", "example")),
    *(SCHEMA + name for name in ("description", "disambiguatingDescription")),
    DCTERMS + "description",
    RDFS + "comment",
    LG + "connotation",
)
_LITERALS = """
SELECT ?thing ?text { ?thing $property ?text FILTER(isIRI(?thing) && isLiteral(?text)) }"""
_TYPED = "SELECT DISTINCT ?thing { ?thing a ?class FILTER(isIRI(?thing)) }"
_GONE = """
SELECT ?thing {
  ?thing owl:deprecated ?deprecated ; dcterms:isReplacedBy ?successor FILTER(?deprecated = true)
}"""
_TABLES = """
CREATE TABLE thing (id INTEGER PRIMARY KEY, iri TEXT UNIQUE, kind TEXT);
CREATE TABLE literal (
  id INTEGER PRIMARY KEY, thing INTEGER, text TEXT, language TEXT, name TEXT, rank INTEGER
);
CREATE INDEX literal_of ON literal (thing);
CREATE VIRTUAL TABLE word USING fts5 (
  folded, content = '', detail = 'none', columnsize = 0, tokenize = 'ascii'
);
CREATE VIRTUAL TABLE vocabulary USING fts5vocab (word, row);
"""
_FIND = """
WITH
matching AS (
  SELECT thing.iri, kind = '' AS is_foreign, text, language, name, CASE
      WHEN :is_misspelt THEN 0
      WHEN name = '' THEN 1
      WHEN name = :words THEN 4
      WHEN substr(name, 1, :length) = :words THEN 3
      ELSE 2
    END AS how
  FROM word
  JOIN literal ON literal.id = word.rowid
  JOIN thing ON thing.id = literal.thing
  WHERE word MATCH :match AND (:kind IN ('', kind) OR :kind = '*' AND kind != '')
),
scored AS (
  SELECT iri, is_foreign, text, language, how,
    how * 0.2 + 0.04
    + iif(name = '', 0, 0.1 * min(:length, length(name)) / max(:length, length(name)))
    + 0.06 * (language = :language OR language LIKE :language || '-%') AS score
  FROM matching
)
SELECT iri, text, language, how, max(score) AS best, count(*) OVER () AS total
FROM scored GROUP BY iri ORDER BY best DESC, is_foreign, iri LIMIT :limit OFFSET :offset
"""
_Bindings = dict[str, str | bool]
"""Values for the placeholders of `_FIND`."""

_LONGEST_TEXT = 2000
_NEAREST = 20
_RETRY_SECONDS = 2
_STEPS_BETWEEN_LOOKS = 10_000


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that was found, the text by which, how it matched (`HOW`), and 0 to 1 how well."""

    iri: str
    text: Text
    how: str
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """Some of the things that were found, the best first, and how many there are in all."""

    hits: tuple[Hit, ...]
    total: int


class Search:
    """The index of what an engine holds; made when it is first asked, safe between threads."""

    def __init__(self, engine: Engine, seconds: float) -> None:
        self._engine = engine
        self._seconds = seconds
        self._lock = threading.Lock()
        self._index: sqlite3.Connection | None = None
        self._vocabulary: list[str] = []

    def find(
        self, words: str, language: str, *, kind: str = "", limit: int = 20, offset: int = 0
    ) -> Found:
        """Return what has all the words, or beginnings of them; if nothing has, what is near.

        `kind` keeps to things of one kind (`role`), or of any that our IRIs tell (`OURS`);
        `language` is the reader's.

        Raises:
            QueryError: if the engine, or the index, does not answer in time.
        """
        folded = fold(words)
        if not folded:
            return Found((), 0)
        asked = folded.split(" ")
        facts: _Bindings = {
            "words": folded,
            "language": language,
            "kind": kind,
            "is_misspelt": False,
        }
        with self.held() as index:
            found = _page(index, facts, [[word] for word in asked], limit, offset)
            if found.total:
                return found
            near = [_near(word, self._vocabulary) for word in asked]
            return _page(index, facts | {"is_misspelt": True}, near, limit, offset)

    def kinds(self) -> dict[str, int]:
        """Return how many things there are of each kind: `{"role": 27}`."""
        with self.held() as index:
            return dict(
                index.execute(
                    "SELECT kind, count(*) FROM thing WHERE kind != '' GROUP BY kind ORDER BY kind"
                )
            )

    def things(self, kind: str, limit: int, offset: int) -> list[str]:
        """Return IRIs of things of a kind, in their order."""
        with self.held() as index:
            rows = index.execute(
                "SELECT iri FROM thing WHERE kind = ? ORDER BY iri LIMIT ? OFFSET ?",
                (kind, limit, offset),
            )
            return [iri for (iri,) in rows]

    @contextmanager
    def held(self) -> Iterator[sqlite3.Connection]:
        """Hold the index, made if it is not yet there, for no longer than a query may take.

        Raises:
            EngineBusy: if others hold it for so long.
            QueryTooCostly: if what is asked of it takes so long.
        """
        if not self._lock.acquire(timeout=self._seconds):
            raise EngineBusy(_RETRY_SECONDS)
        try:
            index = self._index or self._build()
            deadline = time.monotonic() + self._seconds
            index.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS_BETWEEN_LOOKS)
            yield index
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            raise QueryTooCostly(self._seconds) from error
        finally:
            self._lock.release()

    def _build(self) -> sqlite3.Connection:
        """Make the index; one that is not made to its end is not kept."""
        index = sqlite3.connect(":memory:", check_same_thread=False)
        index.executescript(_TABLES)
        with index:
            _fill(index, self._engine)
        self._vocabulary = [term for (term,) in index.execute("SELECT term FROM vocabulary")]
        self._index = index
        return index


def _fill(index: sqlite3.Connection, engine: Engine) -> None:
    """Take in every thing and text of the default graph but what something else replaces."""
    gone = {key(row["thing"]) for row in solutions(engine, put(_GONE))}
    ids: dict[str, int] = {}
    for row in solutions(engine, put(_TYPED)):
        _enter(index, key(row["thing"]), ids, gone)
    for rank, property_ in enumerate((*NAMES, *DESCRIPTIONS)):
        for row in solutions(engine, put(_LITERALS, property=property_)):
            literal, thing = row["text"], _enter(index, key(row["thing"]), ids, gone)
            if thing and isinstance(literal, Literal):
                _add(index, thing, literal, rank)


def _enter(index: sqlite3.Connection, iri: str, ids: dict[str, int], gone: set[str]) -> int | None:
    """Return the number of a thing, a new one if it has none yet; None for one that is gone."""
    if iri not in ids and iri not in gone:
        ids[iri] = len(ids) + 1
        kind = (split(iri) or ("",))[0]
        index.execute("INSERT INTO thing VALUES (?, ?, ?)", (ids[iri], iri, kind))
    return ids.get(iri)


def _add(index: sqlite3.Connection, thing: int, literal: Literal, rank: int) -> None:
    text = literal.value[:_LONGEST_TEXT]
    folded = fold(text)
    if folded:
        name = folded if rank < len(NAMES) else ""
        row = (thing, text, (literal.language or "").lower(), name, rank)
        cursor = index.execute(
            "INSERT INTO literal (thing, text, language, name, rank) VALUES (?, ?, ?, ?, ?)", row
        )
        index.execute("INSERT INTO word (rowid, folded) VALUES (?, ?)", (cursor.lastrowid, folded))


def solutions(engine: Engine, query: str) -> Iterator[dict[str, Term]]:
    """Yield the solutions of a SELECT one by one: there may be very many."""
    answer = engine.ask(Question(query, "json", "ntriples"))
    body = answer.whole if answer.whole is not None else b"".join(answer.chunks)
    solutions = parse_query_results(body, QueryResultsFormat.JSON)
    if isinstance(solutions, QuerySolutions):
        names = [variable.value for variable in solutions.variables]
        for row in solutions:
            yield {name: row[name] for name in names if row[name] is not None}


def _page(
    index: sqlite3.Connection,
    facts: _Bindings,
    words: Sequence[Sequence[str]],
    limit: int,
    offset: int,
) -> Found:
    """Return one page of what has one of each words; how many there are is known beyond it too."""
    bounds = {"length": len(str(facts["words"])), "limit": limit, "offset": offset}
    rows = index.execute(_FIND, {**facts, **bounds, "match": _match(words)}).fetchall()
    if not rows and offset:
        return Found((), _page(index, facts, words, 1, 0).total)
    beginnings = tuple(word for alternatives in words for word in alternatives)
    hits = tuple(
        Hit(iri, Text(excerpt(text, beginnings), language), HOW[how], round(best, 4))
        for iri, text, language, how, best, _ in rows
    )
    return Found(hits, rows[0][-1] if rows else 0)


def _match(words: Sequence[Sequence[str]]) -> str:
    """Return an FTS5 query: of each sequence one word or its beginning; words have no quotes."""
    alternatives = (" OR ".join(f'"{word}"*' for word in each) for each in words)
    return " AND ".join(f"({each})" for each in alternatives)


def _near(word: str, vocabulary: list[str]) -> list[str]:
    """Return a word and those that a slip or two make of it; short words allow of none."""
    slips = min(len(word) // 4, 2)
    if not slips:
        return [word]
    found = process.extract(
        word, vocabulary, scorer=OSA.distance, score_cutoff=slips, limit=_NEAREST
    )
    return [word, *(near for near, _, _ in found)]
