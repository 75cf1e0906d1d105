"""Account, question and what was received -> kept for a day, under a name that cannot be guessed.

The files are those of `link/storage`: a folder that cannot be written leaves answers without a
ledger, and not without answers.
"""

from __future__ import annotations

import json
import re
import secrets
import time
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadgraph.errors import LedgerMissing
from leadgraph.link.ledger import plain_json as ledger_json
from leadgraph.link.ledger.members import Members
from leadgraph.link.ledger.plain_json import as_json, schema
from leadgraph.link.ledger.received import question_from, question_json, tables_from, tables_json
from leadgraph.link.ledger.text import as_text
from leadgraph.link.ledger.turtle import as_turtle
from leadgraph.link.storage import Storage

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping
    from pathlib import Path

    from leadgraph.link.account import Account, Table
    from leadgraph.link.ledger.members import Json
    from leadgraph.model import Question
    from leadgraph.settings import Settings

__all__ = ["Ledger", "Ledgers", "as_json", "as_text", "as_turtle", "new_id", "schema"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS ledgers (
    id TEXT PRIMARY KEY,
    kept REAL NOT NULL,
    bytes INTEGER NOT NULL,
    told BLOB NOT NULL,
    received BLOB
);
CREATE INDEX IF NOT EXISTS ledgers_by_age ON ledgers (kept);
CREATE TABLE IF NOT EXISTS held (one INTEGER PRIMARY KEY CHECK (one = 1), bytes INTEGER NOT NULL);
INSERT OR IGNORE INTO held VALUES (1, 0);
CREATE TRIGGER IF NOT EXISTS ledgers_come AFTER INSERT ON ledgers
    BEGIN UPDATE held SET bytes = bytes + new.bytes; END;
CREATE TRIGGER IF NOT EXISTS ledgers_go AFTER DELETE ON ledgers
    BEGIN UPDATE held SET bytes = bytes - old.bytes; END;
"""
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ID_BYTES = 16
_ROW_BYTES = 200
_QUICKLY = 1
_LARGEST_PART = 4
"""One ledger gets no more than this part of the room: it would put out all others."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The account of an answer, its question, and the tables received, by the offset of SERVICE.

    Where the tables were too large to be kept, `replayable` is False and there are none; there are
    none either where it was read without them.
    """

    account: Account
    question: Question
    received: Mapping[int, Table]
    replayable: bool = True


def new_id() -> str:
    """Return a name for a ledger: 128 random bits, in characters that need no escape in a URL."""
    return secrets.token_urlsafe(_ID_BYTES)


class Ledgers:
    """The ledgers of a server: shared by the threads and the processes that have its folder."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._storage = Storage(folder, "ledgers", _SCHEMA)
        self._seconds, self._most_bytes = settings.ledger_seconds, settings.ledger_bytes

    def keep(self, account: Account, question: Question, received: Mapping[int, Table]) -> bool:
        """Keep what an answer was made of; return whether it can be found here from now on."""
        told: Json = {"account": as_json(account, None), "question": question_json(question)}
        body, tables = _packed(told), _packed(tables_json(received))
        size = len(body) + _ROW_BYTES
        kept = size + len(tables) <= self._most_bytes // _LARGEST_PART
        size += len(tables) if kept else 0
        if size > self._most_bytes:
            return False
        row = (account.id, time.time(), size, body, tables if kept else None)
        return self._storage.write(lambda it: self._keep(it, row), otherwise=False)

    def find(self, name: str, *, tables: bool = True) -> Ledger:
        """Return the ledger of a name; without its tables it is there much sooner.

        Raises:
            LedgerMissing: if there is none, or no longer.
        """
        row = (
            self._storage.read(lambda it: self._find(it, name, tables=tables), None)
            if _ID.fullmatch(name)
            else None
        )
        if row is None:
            raise LedgerMissing(name)
        try:
            return _read(*row)
        except (zlib.error, ValueError) as error:
            raise LedgerMissing(name) from error

    def close(self) -> None:
        """Close the file."""
        self._storage.close()

    def _keep(
        self, connection: sqlite3.Connection, row: tuple[str, float, int, bytes, bytes | None]
    ) -> bool:
        name, now, *_ = row
        connection.execute(
            "DELETE FROM ledgers WHERE kept < ? OR id = ?", (now - self._seconds, name)
        )
        connection.execute("INSERT INTO ledgers VALUES (?, ?, ?, ?, ?)", row)
        while connection.execute("SELECT bytes FROM held").fetchone()[0] > self._most_bytes:
            connection.execute(
                "DELETE FROM ledgers WHERE id IN (SELECT id FROM ledgers ORDER BY kept LIMIT 1)"
            )
        return True

    def _find(
        self, connection: sqlite3.Connection, name: str, *, tables: bool
    ) -> tuple[bytes, bytes | None, bool] | None:
        """Return what is told, the tables if they are wanted, and whether there are any."""
        row = connection.execute(
            "SELECT told, CASE WHEN ? THEN received END, received IS NOT NULL FROM ledgers"
            " WHERE id = ? AND kept >= ?",
            (tables, name, time.time() - self._seconds),
        ).fetchone()
        return (row[0], row[1], bool(row[2])) if row and isinstance(row[0], bytes) else None


def _packed(content: Json) -> bytes:
    return zlib.compress(json.dumps(content, ensure_ascii=False).encode(), _QUICKLY)


def _read(told: bytes, received: bytes | None, replayable: bool) -> Ledger:
    """Return what was kept.

    Raises:
        ValueError, zlib.error: if it is not that.
    """
    said = Members(json.loads(zlib.decompress(told)))
    return Ledger(
        ledger_json.account(said.value("account")),
        question_from(said.value("question")),
        {} if received is None else tables_from(json.loads(zlib.decompress(received))),
        replayable,
    )
