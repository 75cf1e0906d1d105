"""A folder, a name and a schema -> a file of SQLite that processes share, or nothing.

What is kept here makes things quicker and can be asked for again: so a folder that cannot be
written, a disk that is full and a file that is damaged leave the house without memory, and not
without answers. A damaged file stays where it is, and the next number is begun; no process can
write into one file what another one believes to be in the other. A file that was taken away is
made anew.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Result = TypeVar("Result")

_BUSY_SECONDS = 5.0
_PAUSE_SECONDS = 30.0
"""For which what could not be opened or written is left alone."""
_WAL_BYTES = 16 * 2**20
_PRIMARY = 0xFF
_DAMAGE = {
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_FORMAT,
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_MISMATCH,
}
"""SQLITE_ERROR is here what is said of a file whose tables are not ours."""
_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT}

_inherited: list[sqlite3.Connection] = []
"""Connections of the process that this one was forked from: never used, never closed here
(How To Corrupt An SQLite Database File, 2.6)."""


class Damaged(Exception):
    """What a file holds is not what was written into it."""


class Storage:
    """One file of SQLite; safe to share between threads and processes, forked ones too."""

    def __init__(self, folder: Path, name: str, schema: str) -> None:
        self._folder, self._name, self._schema = folder, name, schema
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._process = os.getpid()
        self._number = 0
        self._inode: tuple[int, int] | None = None
        self._opens_after = self._writes_after = 0.0

    @property
    def path(self) -> Path:
        """The file that is used now."""
        return self._file(self._number or self._newest())

    @property
    def keeps(self) -> bool:
        """Whether what is written is kept, as far as is known."""
        return time.monotonic() >= max(self._opens_after, self._writes_after)

    def read(self, work: Callable[[sqlite3.Connection], Result], otherwise: Result) -> Result:
        """Return what comes of some work over one state of the file, else what is given."""
        return self._run("BEGIN", work, otherwise)

    def write(self, work: Callable[[sqlite3.Connection], Result], otherwise: Result) -> Result:
        """Do some work as a whole, or not at all; return what comes of it, else what is given."""
        if time.monotonic() < self._writes_after:
            return otherwise
        result = self._run("BEGIN IMMEDIATE", work, otherwise)
        self._keep_short()
        return result

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._leave_inherited()
            if self._connection is not None:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.close()
            self._connection = None

    def _run(
        self, begin: str, work: Callable[[sqlite3.Connection], Result], otherwise: Result
    ) -> Result:
        with self._lock:
            try:
                connection = self._open()
                if connection is None:
                    return otherwise
                return _transaction(connection, begin, work)
            except sqlite3.Error as error:
                self._give_up(error)
            except (Damaged, OSError) as error:
                self._give_up(error)
            return otherwise

    def _keep_short(self) -> None:
        """Empty the log of writes (WAL) once it is long: while somebody reads, it only grows."""
        with self._lock, contextlib.suppress(sqlite3.Error, OSError):
            log = self.path.with_name(f"{self.path.name}-wal")
            if self._connection is not None and log.stat().st_size > _WAL_BYTES:
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _open(self) -> sqlite3.Connection | None:
        self._leave_inherited()
        if self._connection is not None and _inode(self.path) != self._inode:
            self.close()
            self._number = 0
        if self._connection is None and time.monotonic() >= self._opens_after:
            self._number = self._number or self._newest()
            self._connection = _opened(self.path, self._schema)
            self._inode = _inode(self.path)
        return self._connection

    def _leave_inherited(self) -> None:
        if self._process != os.getpid():
            if self._connection is not None:
                _inherited.append(self._connection)
            self._connection, self._process = None, os.getpid()

    def _give_up(self, error: Exception) -> None:
        """Go on without the file: for now, for a while, or, if it is damaged, with a new one."""
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_IOERR) & _PRIMARY
        if code in _PASSING:
            return
        opened = self._connection is not None
        self.close()
        if isinstance(error, Damaged) or code in _DAMAGE:
            self._set_aside(error)
            return
        _log().warning("%s cannot be used, which makes things slower: %s", self.path, error)
        after = time.monotonic() + _PAUSE_SECONDS
        if opened:
            self._writes_after = after
        else:
            self._opens_after = after

    def _set_aside(self, error: Exception) -> None:
        """Leave a file as it is and take the next one; only the last one is left to be looked at.

        Another process may have begun it already.
        """
        damaged = self._number
        self._number = max(damaged + 1, self._newest())
        _log().warning("%s is damaged (%s): set aside, begun anew", self._file(damaged), error)
        for number in range(max(1, damaged - 2), damaged):
            for end in ("", "-wal", "-shm"):
                with contextlib.suppress(OSError):
                    self._file(number).with_name(self._file(number).name + end).unlink()

    def _newest(self) -> int:
        numbers = [path.stem.rpartition("-")[2] for path in self._folder.glob(f"{self._name}-*")]
        return max((int(number) for number in numbers if number.isdecimal()), default=1)

    def _file(self, number: int) -> Path:
        return self._folder / f"{self._name}-{number}.sqlite"


def _inode(path: Path) -> tuple[int, int] | None:
    """Return what tells the file of a name from another that took its place."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _opened(path: Path, schema: str) -> sqlite3.Connection:
    """Open a file, made if there is none, which nobody but its owner can read.

    Raises:
        sqlite3.Error: if it is none, or not ours.
        OSError: if there can be none.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}")
        connection.executescript(f"BEGIN IMMEDIATE;\n{schema}\nCOMMIT;")
    except BaseException:
        connection.close()
        raise
    return connection


def _transaction(
    connection: sqlite3.Connection, begin: str, work: Callable[[sqlite3.Connection], Result]
) -> Result:
    """Do some work between a beginning and an end."""
    connection.execute(begin)
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    return result


def _log() -> logging.Logger:
    return logging.getLogger(__name__)
