"""The files of a graph -> their statements, found by term: an SQLite file beside the graph.

What is asked costs the same whatever the size of the graph. The index is a copy that may be
thrown away: it is only believed where a file has the size, times and inode that it had, or else
the same content; and it changes in transactions, so that no crash leaves a half of it. Files
that somebody contributes never enter it.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from leadgraph.check.scope.rows import BLANK, IRI, Key, Writer, columns, folded, hashed
from leadgraph.check.scope.storage import VERSION
from leadgraph.read import turtle

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from leadgraph.check.slice import FileGraph, Term
    from leadgraph.model import Problem
    from leadgraph.settings import Settings

Stated = tuple[Triple, int]
"""A statement, and the number of the file that states it."""

Unreadable = dict[str, "tuple[Problem, ...]"]
"""Paths of files that cannot be read, and what is wrong with them."""

_NO_FILE = (0, "")
_WAIT_SECONDS = 10.0
_RACY_SECONDS = 1.0
_BOM = b"\xef\xbb\xbf"
_MOST_TERMS, _FEW_TERMS = 4, 100_000
_SCHEMA = """
CREATE TABLE files (
  id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, signature TEXT NOT NULL,
  digest BLOB NOT NULL, statements INTEGER NOT NULL);
CREATE TABLE notes (name TEXT PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE terms (
  id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, value TEXT NOT NULL, extra TEXT NOT NULL,
  hash INTEGER NOT NULL, folded INTEGER);
CREATE TABLE statements (
  subject INTEGER NOT NULL, predicate INTEGER NOT NULL, object INTEGER NOT NULL,
  file INTEGER NOT NULL, PRIMARY KEY (subject, predicate, object, file)) WITHOUT ROWID;
"""
_INDEXES = """
CREATE INDEX IF NOT EXISTS by_hash ON terms (hash);
CREATE INDEX IF NOT EXISTS by_folded ON terms (folded) WHERE folded IS NOT NULL;
CREATE INDEX IF NOT EXISTS by_object ON statements (object, predicate);
CREATE INDEX IF NOT EXISTS by_file ON statements (file);
"""
_COLUMNS = "SELECT subject, predicate, object, file FROM statements"


class Index:
    """Statements on disk or, without a path, in memory; not for two threads at once."""

    def __init__(self, path: Path | None) -> None:
        """Open the index, and make an empty one where there is none.

        Raises:
            sqlite3.Error: if it cannot be read or written.
        """
        self._database = sqlite3.connect(path or ":memory:", _WAIT_SECONDS, isolation_level=None)
        self._terms: dict[int, Term] = {}
        self._ids: dict[Term, int | None] = {}
        self._blank_prefix = "c"
        self._seen = 0.0
        self._database.executescript(
            "PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536;"
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
        )
        if not self._value("PRAGMA user_version"):
            self._create()

    def _create(self) -> None:
        with self._writing():
            if not self._value("PRAGMA user_version"):
                for statement in _SCHEMA.split(";"):
                    self._database.execute(statement)
                self._database.execute(f"PRAGMA user_version={VERSION}")

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    # --- What the files state --------------------------------------------------------------------

    def about(self, subject: Term, predicate: NamedNode | None = None) -> Iterator[Stated]:
        """Yield what is said about a thing, by one predicate or by any."""
        return self._found("subject", subject, predicate)

    def pointing(self, value: Term, predicate: NamedNode | None = None) -> Iterator[Stated]:
        """Yield what points at a thing, by one predicate or by any."""
        return self._found("object", value, predicate)

    def alike(self, literal: Literal, predicate: NamedNode) -> Iterator[Stated]:
        """Yield who has the text by a predicate, in any language; capitals make no difference."""
        wanted = self._id(predicate)
        if wanted is not None:
            query = f"{_COLUMNS} JOIN terms ON terms.id = object WHERE folded = ? AND predicate = ?"
            yield from self._statements(query, folded(literal), wanted)

    def defined(self, term: Term, files: Iterable[int]) -> Iterator[Stated]:
        """Yield what some files say about a thing."""
        number = self._id(term)
        if number is not None:
            for file in files:
                yield from self._statements(
                    f"{_COLUMNS} WHERE subject = ? AND file = ?", number, file
                )

    def _of_files(self, files: Iterable[int]) -> Iterator[Stated]:
        """Yield all that some files state."""
        for number in files:
            yield from self._statements(f"{_COLUMNS} WHERE file = ?", number)

    def filled(self, files: Mapping[int, FileGraph]) -> list[FileGraph]:
        """Return files with all that they state."""
        return filed(files, self._of_files(files))

    def described(
        self, base: str, pattern: str, kind: NamedNode, files: Collection[int]
    ) -> list[str]:
        """Return the IRIs that begin with a base and go on like a GLOB pattern, and have a kind.

        `kind` is the predicate by which some of the files says what they are. The terms are looked
        through, for which there is no index: nobody asks but who finds a thing misspelt.
        """
        query = (
            "SELECT DISTINCT value, file FROM terms JOIN statements ON subject = id"
            " WHERE kind = ? AND substr(value, 1, ?) = ? AND substr(value, ?) GLOB ?"
            " AND predicate = ? ORDER BY id"
        )
        numbers = (IRI, len(base), base, len(base) + 1, pattern, self._id(kind))
        rows = self._database.execute(query, numbers)
        return list(dict.fromkeys(value for value, file in rows if file in files))

    def statements(self, files: Collection[int]) -> int:
        """Return how many statements some files have."""
        rows = self._database.execute("SELECT id, statements FROM files")
        return sum(count for number, count in rows if number in files)

    def keep_apart(self, taken: set[str]) -> None:
        """Give the blank nodes of the index labels that are none of those taken."""
        longest = max((len(label) - len(label.lstrip("c")) for label in taken), default=0)
        self._blank_prefix = "c" * (longest + 1)

    def _found(self, column: str, term: Term, predicate: NamedNode | None) -> Iterator[Stated]:
        number = self._id(term)
        if number is None:
            return
        if predicate is None:
            yield from self._statements(f"{_COLUMNS} WHERE {column} = ?", number)
            return
        wanted = self._id(predicate)
        if wanted is not None:
            query = f"{_COLUMNS} WHERE {column} = ? AND predicate = ?"
            yield from self._statements(query, number, wanted)

    def _statements(self, query: str, *numbers: int) -> Iterator[Stated]:
        term = self._term
        for s, p, o, file in self._database.execute(query, numbers):
            yield Triple(term(s), term(p), term(o)), file  # type: ignore[arg-type]  # as stated

    def _term(self, number: int) -> Term:
        known = self._terms.get(number)
        if known is None:
            query = "SELECT kind, value, extra FROM terms WHERE id = ?"
            kind, value, extra = self._database.execute(query, (number,)).fetchone()
            known = self._terms[number] = self._made(number, kind, value, extra)
            self._ids[known] = number
        return known

    def _made(self, number: int, kind: int, value: str, extra: str) -> Term:
        if kind == IRI:
            return NamedNode(value)
        if kind == BLANK:
            return BlankNode(f"{self._blank_prefix}{number}")
        if extra.startswith("@"):
            return Literal(value, language=extra[1:])
        return Literal(value, datatype=NamedNode(extra))

    def _id(self, term: Term) -> int | None:
        """The number of a term; None for one that no file has, and for strangers' blank nodes."""
        if term not in self._ids:
            known = None if isinstance(term, BlankNode) else self._stored(columns(term, 0))
            self._ids[term] = known
        return self._ids[term]

    def _stored(self, key: Key) -> int | None:
        query = "SELECT id FROM terms WHERE hash = ? AND value = ? AND kind = ? AND extra = ?"
        kind, value, extra = key
        row = self._database.execute(query, (hashed(value), value, kind, extra)).fetchone()
        return None if row is None else int(row[0])

    def _value(self, query: str) -> object:
        return self._database.execute(query).fetchone()[0]

    # --- Notes -----------------------------------------------------------------------------------

    def note(self, name: str) -> str | None:
        """Return what was noted under a name."""
        query = "SELECT text FROM notes WHERE name = ?"
        row = self._database.execute(query, (name,)).fetchone()
        return None if row is None else str(row[0])

    def take_note(self, kind: str, name: str, text: str) -> None:
        """Note a text under the name of a kind, in place of the last of that kind."""
        with self._writing():
            self._database.execute("DELETE FROM notes WHERE name GLOB ?", (f"{kind} *",))
            self._database.execute("INSERT INTO notes VALUES (?, ?)", (f"{kind} {name}", text))

    # --- Keeping up with the files ---------------------------------------------------------------

    def refresh(
        self,
        paths: Mapping[str, os.stat_result | None],
        settings: Settings,
        begin: Callable[[], None],
    ) -> tuple[dict[str, int], Unreadable]:
        """Take in what has changed, and return the numbers of the paths, and what is wrong.

        A path without times is left as it is, and gets no number. What is asked afterwards is
        answered from this state, whoever writes meanwhile. `begin` is called once there is
        something to parse.

        Raises:
            sqlite3.Error: if the index cannot be read or written.
        """
        self._seen = time.time()
        limits = _limits(settings)
        names = _canonical(paths)
        signed = {names[p]: f"{limits} {_signature(stat)}" for p, stat in paths.items() if stat}
        every = frozenset(names.values())
        self._database.execute("BEGIN")
        known = self._files()
        unreadable: Unreadable = {}
        if known.keys() - every or any(known.get(p, _NO_FILE)[1] != s for p, s in signed.items()):
            self._database.execute("ROLLBACK")
            with self._writing():
                unreadable = self._catch_up(every, signed, settings, begin)
            self._database.execute("BEGIN")
            known = self._files()
        numbers = {
            path: known[name][0]
            for path, name in names.items()
            if name in signed and name in known and name not in unreadable
        }
        return numbers, {path: unreadable[n] for path, n in names.items() if n in unreadable}

    def end_reading(self) -> None:
        """Let what others write be seen again."""
        self._database.execute("COMMIT")

    def known(
        self, paths: Mapping[str, os.stat_result], settings: Settings
    ) -> dict[str, tuple[int, str, bool]]:
        """Return of each file that is known its number, digest, and whether it looks unchanged."""
        limits, names = _limits(settings), _canonical(paths)
        rows = self._database.execute("SELECT path, id, digest, signature FROM files")
        stored = {path: (number, digest.hex(), signed) for path, number, digest, signed in rows}
        found = {path: stored[name] for path, name in names.items() if name in stored}
        return {
            path: (number, digest, signed == f"{limits} {_signature(paths[path])}")
            for path, (number, digest, signed) in found.items()
        }

    def _files(self) -> dict[str, tuple[int, str]]:
        rows = self._database.execute("SELECT path, id, signature FROM files")
        return {path: (number, signature) for path, number, signature in rows}

    def _catch_up(
        self,
        all_names: frozenset[str],
        signed: Mapping[str, str],
        settings: Settings,
        begin: Callable[[], None],
    ) -> Unreadable:
        """Make the index state what the files do; the write lock is ours."""
        known = self._files()
        if not known or self._is_littered():
            known = {}
            for table in ("files", "statements", "terms"):
                self._database.execute(f"DELETE FROM {table}")  # noqa: S608  # our own tables
        for path in known.keys() - all_names:
            self._forget(known[path][0])
        stale = [p for p in signed if not self._is_current(p, known.get(p), signed[p], settings)]
        if stale:
            begin()
        for path in known.keys() & stale:
            self._forget(known[path][0])
        unreadable = self._take_in({p: signed[p] for p in stale}, settings, fresh=not known)
        for statement in _INDEXES.split(";"):
            self._database.execute(statement)
        return unreadable

    def _take_in(self, signed: Mapping[str, str], settings: Settings, *, fresh: bool) -> Unreadable:
        """Add what files state; those that cannot be read are returned."""
        unreadable: Unreadable = {}
        writer = Writer(self._database, fresh=fresh)
        for path, signature in signed.items():
            source, problems = turtle.read_file(Path(path), settings)
            if source is None:
                unreadable[path] = problems
                continue
            digest = sha256(source.data).digest()
            row = (path, self._to_trust(signature), digest, source.statements)
            writer.add(row, turtle.statements(source))
        writer.flush()
        return unreadable

    def _is_littered(self) -> bool:
        """Whether most terms are those of statements that have gone."""
        query = "SELECT (SELECT max(id) FROM terms), (SELECT sum(statements) FROM files)"
        terms, statements = self._database.execute(query).fetchone()
        return (terms or 0) > _MOST_TERMS * (statements or 0) + _FEW_TERMS

    def _is_current(
        self, path: str, known: tuple[int, str] | None, signature: str, settings: Settings
    ) -> bool:
        """Whether a file looks as it did or, if not, has the content that is known all the same."""
        if known is None or known[1] == signature:
            return known is not None
        number, before = known
        if before.partition(" ")[0] != signature.partition(" ")[0]:
            return False
        query = "SELECT digest FROM files WHERE id = ?"
        (digest,) = self._database.execute(query, (number,)).fetchone()
        if _digest(path, settings.source_bytes) != digest:
            return False
        row = (self._to_trust(signature), number)
        self._database.execute("UPDATE files SET signature = ? WHERE id = ?", row)
        return True

    def _to_trust(self, signature: str) -> str:
        """The signature; nothing like it if the file is so young that another edit may not show."""
        changed = max(map(int, signature.split(" ")[2:4])) / 1e9
        return signature if self._seen - changed > _RACY_SECONDS else signature.partition(" ")[0]

    def _forget(self, number: int) -> None:
        self._database.execute("DELETE FROM statements WHERE file = ?", (number,))
        self._database.execute("DELETE FROM files WHERE id = ?", (number,))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """All or nothing of what is written within; who else writes has to wait."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")


def filed(files: Mapping[int, FileGraph], statements: Iterable[Stated]) -> list[FileGraph]:
    """Return files with those of the statements that are theirs."""
    by_file: dict[int, list[Triple]] = {}
    for triple, number in statements:
        by_file.setdefault(number, []).append(triple)
    return [
        replace(file, triples=tuple(by_file[number])) if number in by_file else file
        for number, file in files.items()
    ]


def _canonical(paths: Iterable[str]) -> dict[str, str]:
    """Each path as it is wherever one works; a folder of thousands is only looked at once."""
    folders: dict[str, str] = {}
    names: dict[str, str] = {}
    for path in paths:
        folder, _slash, name = path.rpartition("/")
        if folder not in folders:
            folders[folder] = os.path.realpath(path[: len(path) - len(name)])
        names[path] = f"{folders[folder]}/{name}"
    return names


def _limits(settings: Settings) -> str:
    """What decides besides its content whether a file can be read; without a space."""
    limits = (
        settings.source_bytes,
        settings.source_depth,
        settings.source_blank_nodes,
        settings.literal_bytes,
    )
    return ",".join(map(str, limits))


def _digest(path: str, most_bytes: int) -> bytes:
    """The digest of a file's text, empty if it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return sha256(file.read(most_bytes + len(_BOM)).removeprefix(_BOM)).digest()
    except OSError:
        return b""


def _signature(stat: os.stat_result) -> str:
    return f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns} {stat.st_ino}"
