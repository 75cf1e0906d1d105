"""A query that asks other endpoints -> a place to wait for them, or a refusal.

While others are asked nothing is computed here, but a thread of the web process waits. So only some
of its threads may, and of one client only as many as it may have queries: who asks this graph alone
is answered as quickly as ever, however long others take.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from leadgraph.errors import ClientBusy, EngineBusy, EngineUnavailable
from leadgraph.query import locks
from leadgraph.query.admission import place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from leadgraph.model import Client
    from leadgraph.settings import Settings

_RETRY_SECONDS = 5


class Crowd:
    """Those who wait for other endpoints; safe to share between threads.

    The places belong to one web process; what a client has counts over all that share a folder.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._locks = folder / "waiting"
        self._client_queries = settings.client_queries
        most = min(settings.service_queries, max(1, settings.threads // 2))
        self._places = threading.BoundedSemaphore(most)

    @contextmanager
    def place(self, client: Client) -> Iterator[None]:
        """Keep a place for the length of a `with`.

        Raises:
            ClientBusy: if the client has as many as one may.
            EngineBusy: if all places are taken.
            EngineUnavailable: if the engine's folder is gone.
        """
        lock = self._lock(client)
        try:
            if not self._places.acquire(blocking=False):
                raise EngineBusy(_RETRY_SECONDS)
            try:
                yield
            finally:
                self._places.release()
        finally:
            locks.give_back(lock)

    def _lock(self, client: Client) -> int:
        """Return an open file that holds one of the client's locks."""
        most = self._client_queries
        try:
            lock = locks.take(self._locks, place(client.address) * most, most)
        except OSError as error:
            raise EngineUnavailable from error
        if lock is None:
            raise ClientBusy(most, _RETRY_SECONDS)
        return lock
