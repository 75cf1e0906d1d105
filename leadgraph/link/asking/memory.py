"""What other endpoints answered -> rows under names, for a while and within bytes; what was learnt.

    answers   what came in one answer: the lines of its rows, compressed
    shares    a name -> which of the lines are its own
    learnt    how much a source takes at once

A name is a digest of the source, the part of the query and one key, or of a block of keys. An
answer is kept only under the names of what was asked in that very request.
"""

from __future__ import annotations

import time
import zlib
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from leadgraph.link.asking.turns import Turn, turn
from leadgraph.link.storage import Damaged, Storage

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from leadgraph.settings import Settings

_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    received REAL NOT NULL,
    bytes INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS answers_by_age ON answers (received);
CREATE TABLE IF NOT EXISTS shares (
    name BLOB PRIMARY KEY,
    answer INTEGER NOT NULL REFERENCES answers ON DELETE CASCADE,
    first INTEGER NOT NULL,
    rows INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS shares_of_answers ON shares (answer);
CREATE TABLE IF NOT EXISTS held (one INTEGER PRIMARY KEY CHECK (one = 1), bytes INTEGER NOT NULL);
INSERT OR IGNORE INTO held VALUES (1, 0);
CREATE TRIGGER IF NOT EXISTS answers_come AFTER INSERT ON answers
    BEGIN UPDATE held SET bytes = bytes + new.bytes; END;
CREATE TRIGGER IF NOT EXISTS answers_go AFTER DELETE ON answers
    BEGIN UPDATE held SET bytes = bytes - old.bytes; END;
CREATE TABLE IF NOT EXISTS learnt (
    name BLOB PRIMARY KEY,
    amount INTEGER NOT NULL,
    since REAL NOT NULL
) WITHOUT ROWID;
"""
_AT_ONCE = 500
_QUICKLY = 1
_SHARE_BYTES = 150
"""What a share takes in the file, its place in two indexes included."""
_MOMENT_SECONDS = 60.0
"""For which an answer is kept for those who asked the same while it came, cache or not."""
_LEARNT_SECONDS = 3600.0
"""After which a source may show that it takes more again."""
_LEARNT = 10_000
_ODD_SECONDS = 1.0
"""By which clocks of processes may differ."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What was received under a name: when (seconds since 1970), in which answer, its lines."""

    received: float
    answer: int
    lines: tuple[str, ...]


class Memory:
    """The memory of a server: shared by the threads and the processes that have its folder."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._storage = Storage(folder, "answers", _SCHEMA)
        self._turns = folder / "turns"
        self._most_bytes = settings.service_cache_bytes
        self._seconds = max(float(settings.service_cache_seconds), _MOMENT_SECONDS)

    @property
    def keeps(self) -> bool:
        """Whether an answer that is given to it can be found there, as far as is known."""
        return self._most_bytes > 0 and self._storage.keeps

    def find(self, names: Sequence[bytes], since: float) -> dict[bytes, Remembered]:
        """Return what is remembered under some names, and was received since a time."""
        if self._most_bytes == 0 or not names:
            return {}
        return self._storage.read(lambda connection: _find(connection, names, since), {})

    def keep(self, shares: Mapping[bytes, Sequence[str]]) -> None:
        """Remember an answer that has just come: its lines, under the names that they belong to."""
        lines = [line for share in shares.values() for line in share]
        body = zlib.compress("\n".join(lines).encode(), _QUICKLY)
        size = len(body) + _SHARE_BYTES * len(shares)
        if shares and size <= self._most_bytes:
            self._storage.write(lambda connection: self._keep(connection, shares, body, size), None)

    def learnt(self, name: bytes) -> int | None:
        """Return the amount that was learnt under a name not long ago."""
        since = time.time() - _LEARNT_SECONDS
        sql = "SELECT amount FROM learnt WHERE name = ? AND since > ?"
        row = self._storage.read(lambda it: it.execute(sql, (name, since)).fetchone(), None)
        return None if row is None else int(row[0])

    def learn(self, name: bytes, amount: int) -> None:
        """Remember an amount under a name."""

        def write(connection: sqlite3.Connection) -> None:
            row = (name, amount, time.time())
            connection.execute("INSERT OR REPLACE INTO learnt VALUES (?, ?, ?)", row)
            connection.execute(
                "DELETE FROM learnt WHERE since <= ? OR name IN"
                " (SELECT name FROM learnt ORDER BY since DESC LIMIT -1 OFFSET ?)",
                (time.time() - _LEARNT_SECONDS, _LEARNT),
            )

        self._storage.write(write, None)

    def turn(self, name: bytes, wait: Callable[[], None]) -> Turn:
        """Wait until nobody else asks what has this name; without memory there is no use in it."""
        return turn(self._turns, name, wait) if self.keeps else Turn()

    def close(self) -> None:
        """Close the file."""
        self._storage.close()

    def _keep(
        self,
        connection: sqlite3.Connection,
        shares: Mapping[bytes, Sequence[str]],
        body: bytes,
        size: int,
    ) -> None:
        now = time.time()
        answer = connection.execute(
            "INSERT INTO answers (received, bytes, body) VALUES (?, ?, ?)", (now, size, body)
        ).lastrowid
        connection.executemany(
            "INSERT OR REPLACE INTO shares VALUES (?, ?, ?, ?)",
            [(name, answer, first, rows) for name, first, rows in _spans(shares)],
        )
        connection.execute("DELETE FROM answers WHERE received < ?", (now - self._seconds,))
        while connection.execute("SELECT bytes FROM held").fetchone()[0] > self._most_bytes:
            connection.execute(
                "DELETE FROM answers WHERE id IN (SELECT id FROM answers ORDER BY received LIMIT 1)"
            )


def digest(*texts: str) -> bytes:
    """Return a name for some texts in their order, which no other texts have."""
    name = blake2b(digest_size=20)
    for text in texts:
        data = text.encode()
        name.update(len(data).to_bytes(8, "big"))
        name.update(data)
    return name.digest()


def _spans(shares: Mapping[bytes, Sequence[str]]) -> Iterator[tuple[bytes, int, int]]:
    """Yield for each name where its lines begin, and how many there are."""
    first = 0
    for name, lines in shares.items():
        yield name, first, len(lines)
        first += len(lines)


def _find(
    connection: sqlite3.Connection, names: Sequence[bytes], since: float
) -> dict[bytes, Remembered]:
    """Read each answer that is needed once.

    Raises:
        Damaged: if an answer is not what was kept.
    """
    until = time.time() + _ODD_SECONDS
    found: list[tuple[int, bytes, int, int, float]] = []
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        found += connection.execute(
            "SELECT answer, name, first, rows, received FROM shares"  # noqa: S608  # marks only
            " JOIN answers ON answers.id = shares.answer"
            f" WHERE name IN ({','.join('?' * len(some))}) AND received BETWEEN ? AND ?",
            (*some, since, until),
        )
    bodies: dict[int, list[str]] = {}
    remembered = {}
    for answer, name, first, rows, received in found:
        if rows and answer not in bodies:
            bodies[answer] = _lines(connection, answer)
        lines = tuple(bodies[answer][first : first + rows]) if rows else ()
        if len(lines) != rows:
            raise Damaged(f"answer {answer} lacks rows")
        remembered[name] = Remembered(received, answer, lines)
    return remembered


def _lines(connection: sqlite3.Connection, answer: int) -> list[str]:
    """Return the lines of an answer.

    Raises:
        Damaged: if they are not what was kept.
    """
    (body,) = connection.execute("SELECT body FROM answers WHERE id = ?", (answer,)).fetchone()
    try:
        return zlib.decompress(body).decode().split("\n")
    except (zlib.error, UnicodeDecodeError, TypeError) as error:
        raise Damaged(f"answer {answer}: {error}") from error
