"""What happens while one part is asked -> its account."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from leadgraph.link.account import Asked, Failure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leadgraph.errors import SourceError
    from leadgraph.link.source.sources import Source


class Tally:
    """The counts of one asking; safe to share between threads."""

    def __init__(self, source: Source, offset: int, *, silent: bool) -> None:
        self._source, self._offset, self._silent = source, offset, silent
        self._begun, self._started = datetime.now(UTC), time.monotonic()
        self._lock = threading.Lock()
        self._requests = self._received_bytes = self._cached_keys = 0
        self._cached_since: float | None = None
        self._query = ""
        self.keys: int | None = None

    def begin(self, text: str) -> None:
        """Note the text of a request that is to be sent."""
        with self._lock:
            self._query = self._query or text

    def count(self, requests: int, received_bytes: int) -> None:
        """Add what was sent, and what came."""
        with self._lock:
            self._requests += requests
            self._received_bytes += received_bytes

    def count_cached(self, keys: int, received: Iterable[float]) -> None:
        """Add keys that were answered before, and when that was (seconds since 1970)."""
        with self._lock:
            times = list(received)
            if self._cached_since is not None:
                times.append(self._cached_since)
            self._cached_keys += keys
            self._cached_since = min(times, default=None)

    def asked(self, rows: int, error: SourceError | None = None) -> Asked:
        """Return the account until now."""
        with self._lock:
            since = self._cached_since
            return Asked(
                source=self._source.iri,
                address=_address(self._source),
                offset=self._offset,
                silent=self._silent,
                begun=self._begun,
                seconds=time.monotonic() - self._started,
                requests=self._requests,
                keys=self.keys,
                cached_keys=self._cached_keys,
                cached_since=None if since is None else datetime.fromtimestamp(since, UTC),
                rows=rows,
                received_bytes=self._received_bytes,
                query=self._query,
                failure=None if error is None else Failure(error.code, str(error), error.status),
            )


def _address(source: Source) -> str:
    """Return where a source is asked, without what an operator may have written behind it: a key.

    An account is read by whoever asks. What a query names itself is no secret.
    """
    return source.iri if source.address == source.iri else source.address.partition("?")[0]
