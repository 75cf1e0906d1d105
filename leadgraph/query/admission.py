"""A query that wants to run -> a permit, or a refusal: the queue and what one client may have.

Slots and the queue belong to one web process. What a client has running counts over all of them:
a permit is the lock of one byte in a file that stands for nothing else, at the client's own place,
and the kernel gives it back however its holder ends.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager
from functools import lru_cache
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from leadgraph.errors import ClientBusy, EngineBusy, EngineUnavailable
from leadgraph.query import locks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from leadgraph.settings import Settings

_RETRY_SECONDS = 2
_PATIENCE_SECONDS = 1.0
_PAUSE_SECONDS = 0.005
_PLACES = 2**40


class Admission:
    """Who may run a query now; safe to share between threads."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._locks = folder / "clients"
        self._turns = folder / "turns"
        self._settings = settings
        self._slots = threading.BoundedSemaphore(settings.children)
        self._queue = threading.BoundedSemaphore(settings.queue)
        self._counting = threading.Lock()
        self.busy = 0
        self.waiting = 0

    def admit(self, client: str | None) -> Permit:
        """Return a permit, after a wait in the bounded queue for at most `queue_seconds`.

        Raises:
            ClientBusy: if the client has `client_queries` running already; None is no client.
            EngineBusy: if the queue is full, or the wait was in vain.
            EngineUnavailable: if the engine's folder is gone.
        """
        lock = None if client is None else self._lock(client)
        try:
            self._take_slot()
        except BaseException:
            locks.give_back(lock)
            raise
        return Permit(self, lock)

    def turn(self) -> int | None:
        """Wait for a turn to compute for long; return an open file that is it, None without one.

        As many as there are cores compute at once, over all web processes: more would not be
        quicker, and each in a process that has yet to visit the dataset. Who waits in vain goes on
        all the same, so that nobody is kept by those who compute for ever.
        """
        end = time.monotonic() + _PATIENCE_SECONDS
        cores = len(os.sched_getaffinity(0))
        while (turn := _locked(self._turns, 0, cores)) is None and time.monotonic() < end:
            time.sleep(_PAUSE_SECONDS)
        return turn

    def give_back(self, lock: int | None) -> None:
        """Take back what a permit stood for."""
        with self._counting:
            self.busy -= 1
        self._slots.release()
        locks.give_back(lock)

    def _take_slot(self) -> None:
        if not self._slots.acquire(blocking=False):
            self._wait()
        with self._counting:
            self.busy += 1

    def _wait(self) -> None:
        if not self._queue.acquire(blocking=False):
            raise EngineBusy(_RETRY_SECONDS)
        try:
            with self._in_queue():
                if not self._slots.acquire(timeout=self._settings.queue_seconds):
                    raise EngineBusy(_RETRY_SECONDS)
        finally:
            self._queue.release()

    @contextmanager
    def _in_queue(self) -> Iterator[None]:
        with self._counting:
            self.waiting += 1
        try:
            yield
        finally:
            with self._counting:
                self.waiting -= 1

    def _lock(self, client: str) -> int:
        """Return an open file that holds one of the client's locks."""
        limit = self._settings.client_queries
        lock = _locked(self._locks, place(client) * limit, limit)
        if lock is None:
            raise ClientBusy(limit, _RETRY_SECONDS)
        return lock


class Permit:
    """Leave to run one query; to be given back once it has ended."""

    def __init__(self, admission: Admission, lock: int | None) -> None:
        self._admission: Admission | None = admission
        self._lock = lock
        self._turn: int | None = None

    def wait_for_turn(self) -> None:
        """Wait until it is this query's turn to compute for long."""
        if self._admission is not None:
            self._turn = self._admission.turn()

    def end_turn(self) -> None:
        """Let another one compute for long."""
        turn, self._turn = self._turn, None
        locks.give_back(turn)

    def give_back(self) -> None:
        """Let somebody else have it."""
        self.end_turn()
        admission, self._admission = self._admission, None
        if admission is not None:
            admission.give_back(self._lock)


@lru_cache(maxsize=1024)
def place(client: str) -> int:
    """Return the number that stands for a client: of its address, of IPv6 its network of 64 bits.

    One household has 2^64 addresses of IPv6, and one of IPv4.
    """
    try:
        address = ip_address(client)
    except ValueError:
        network = client
    else:
        network = str(int(address) >> 64) if isinstance(address, IPv6Address) else client
    digest = blake2b(network.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % _PLACES


def _locked(path: Path, first: int, count: int) -> int | None:
    """Return an open file that holds a lock of one byte of some, None if all are held.

    Raises:
        EngineUnavailable: if the engine's folder is gone.
    """
    try:
        return locks.take(path, first, count)
    except OSError as error:
        raise EngineUnavailable from error
