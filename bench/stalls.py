"""Server under runaways -> how long those wait who only ask a light question.

Requests leave by a schedule, whether the earlier ones are answered or not, and each is timed from
the moment at which it was due: a stall counts for all who would have come meanwhile.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

from bench import connection
from bench.connection import Connection

if TYPE_CHECKING:
    from bench.queries import Query
    from bench.servers import Live

RUNAWAYS = 8
RUNAWAY = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . FILTER(?c != ?f && ?a != ?d) }"
"""A product of the graph with itself: it ends on no server while the bench waits."""

_PER_SECOND = 50
_CLIENTS = 32
_LONGEST_SECONDS = 20.0
_HEAD_START_SECONDS = 1.0


class Stalls(NamedTuple):
    """Seconds until 99 of 100 were answered: alone, and beside the runaways."""

    idle: float
    busy: float


def stalls(live: Live, light: Query, seconds: float) -> Stalls:
    """Measure a server that is not needed afterwards: not each of them stops its runaways."""
    idle = _p99(_schedule(live, light, seconds))
    with ExitStack() as open_connections:
        path = live.server.path
        runaway = connection.request(path, RUNAWAY, "application/sparql-results+json")
        for _ in range(RUNAWAYS):
            client = open_connections.enter_context(Connection(live.port, _LONGEST_SECONDS))
            client.send(runaway)
        time.sleep(_HEAD_START_SECONDS)
        return Stalls(idle, _p99(_schedule(live, light, seconds)))


def _schedule(live: Live, light: Query, seconds: float) -> list[float]:
    """Ask at a fixed rate; return the seconds from when each request was due to its answer."""
    request, start = live.request(light), time.perf_counter() + 0.1
    due = [start + number / _PER_SECOND for number in range(int(seconds * _PER_SECOND))]
    arrivals = iter(due)

    def client() -> list[float]:
        waited = []
        for moment in arrivals:
            time.sleep(max(0.0, moment - time.perf_counter()))
            waited.append(_one(live.port, request, moment))
            if waited[-1] >= _LONGEST_SECONDS:
                break
        return waited

    with ThreadPoolExecutor(_CLIENTS) as pool:
        clients = [pool.submit(client) for _ in range(_CLIENTS)]
        waits = [waited for one in clients for waited in one.result()]
    # Where every client has given up, those who were still to come would have fared no better.
    return waits + [_LONGEST_SECONDS] * (len(due) - len(waits))


def _one(port: int, request: bytes, due: float) -> float:
    """Ask on a new connection, as a newcomer does; whoever gives up has waited at least so long."""
    try:
        with Connection(port, _LONGEST_SECONDS) as client:
            if client.ask(request).status != 200:  # noqa: PLR2004
                raise ConnectionRefusedError
    except OSError:
        return max(_LONGEST_SECONDS, time.perf_counter() - due)
    return time.perf_counter() - due


def _p99(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.99)]
