"""Live server -> bytes that all of its processes hold, at rest and with four clients busy."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import cycle
from typing import TYPE_CHECKING, NamedTuple

from bench.connection import Connection
from bench.latency import TIMEOUT_SECONDS
from bench.processes import memory_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.queries import Query
    from bench.servers import Live

CLIENTS = 4
_PAUSE_SECONDS = 0.1


class Memory(NamedTuple):
    """Bytes (PSS): the most while clients ask, and afterwards."""

    busy: int
    after: int


def memory(live: Live, queries: Sequence[Query], seconds: float) -> Memory:
    """Look at a server while four clients ask all queries in turn."""
    stop = threading.Event()
    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(_ask, live, queries, number, stop) for number in range(CLIENTS)]
        deadline, busy = time.monotonic() + seconds, []
        while time.monotonic() < deadline:
            time.sleep(_PAUSE_SECONDS)
            busy.append(memory_bytes(live.process.pid))
        stop.set()
        for client in clients:
            client.result()
    return Memory(max(busy), memory_bytes(live.process.pid))


def _ask(live: Live, queries: Sequence[Query], first: int, stop: threading.Event) -> None:
    """Ask one query after the other until it is time to stop, or the server is too slow."""
    with suppress(TimeoutError), Connection(live.port, TIMEOUT_SECONDS) as connection:
        for query in cycle((*queries[first:], *queries[:first])):
            if stop.is_set():
                return
            connection.ask(live.request(query))
