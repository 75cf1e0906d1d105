"""Live servers and queries -> how long one client waits, measured in turns.

Every round asks every server, so that a slow minute of the machine is a slow minute for all.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from bench.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.connection import Received
    from bench.queries import Query
    from bench.servers import Live

TIMEOUT_SECONDS = 60.0
_LEAST = 3
_BUDGET_SECONDS = 4.0


@dataclass(slots=True)
class Waits:
    """Seconds that answers took, and seconds to the first byte of their bodies."""

    whole: list[float] = field(default_factory=list)
    first_byte: list[float] = field(default_factory=list)

    def add(self, received: Received) -> None:
        """Note what one answer took."""
        self.whole.append(received.seconds)
        self.first_byte.append(received.first_byte_seconds)

    @property
    def median(self) -> float:
        """What half of the answers took at most."""
        return median(self.whole)

    @property
    def p99(self) -> float:
        """What 99 of 100 answers took at most; of fewer than 100, the longest."""
        return sorted(self.whole)[int(len(self.whole) * 0.99)]


def latencies(
    live: Sequence[Live], query: Query, rounds: int, slice_seconds: float
) -> dict[str, Waits]:
    """Ask every server in turn, each time for some seconds or a few answers.

    A server whose answers have taken its budget is not asked in further rounds.
    """
    waits = {one.name: Waits() for one in live}
    for _ in range(rounds):
        for one in live:
            if sum(waits[one.name].whole) < _BUDGET_SECONDS:
                _slice(one, query, slice_seconds, waits[one.name])
    return waits


def _slice(live: Live, query: Query, seconds: float, waits: Waits) -> None:
    """Ask one server on one connection; the first answer warms up: it counts if it is slow."""
    request, least = live.request(query), _LEAST
    with Connection(live.port, TIMEOUT_SECONDS) as connection:
        warming = connection.ask(request)
        if warming.seconds > seconds:
            waits.add(warming)
            return
        deadline = time.perf_counter() + seconds
        while least > 0 or time.perf_counter() < deadline:
            waits.add(connection.ask(request))
            least -= 1
