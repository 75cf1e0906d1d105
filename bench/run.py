"""Size of the data and what to measure -> results: one server after the other, in rounds."""

from __future__ import annotations

import http
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from bench import answers, generate
from bench.bare import bare
from bench.build import build_seconds
from bench.connection import Connection
from bench.latency import TIMEOUT_SECONDS, latencies
from bench.load import answers_per_second, generator
from bench.memory import memory
from bench.processes import ServerFailed, end, memory_bytes, settle
from bench.queries import Agreement
from bench.results import Measured, Results, Wait
from bench.servers import serving
from bench.stalls import stalls

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bench.connection import Received
    from bench.queries import Query
    from bench.servers import Live, Server

_SLOW_SECONDS = 1.0
"""Who answers one client no faster is not asked by eight."""
_SLUGGISH_SECONDS = 0.1
"""Who is slower is asked by eight in one round only, but longer."""
_LONGEST_LOAD_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure; the seconds are for each server, and each query where it says so."""

    rounds: int
    slice_seconds: float
    """One client asks one query in one round."""
    load_rounds: int
    load_seconds: float
    """Eight clients ask one query in one round."""
    memory_seconds: float
    stall_seconds: float
    builds: bool
    """Whether a release is built, which takes longest."""


FULL = Effort(5, 0.15, 2, 1.0, 3.0, 6.0, builds=True)
QUICK = Effort(3, 0.05, 1, 1.0, 1.0, 2.0, builds=False)


def run(
    data: Path, triples: int, servers: Sequence[Server], queries: Sequence[Query], effort: Effort
) -> Results:
    """Measure everything about one size of the data, which is written into a file first."""
    results = _generate(triples, data, queries)
    with ExitStack() as stack:
        live = _start(stack, servers, data, results)
        failing = {query: _compare(live, query, results) for query in queries}
        for measure in (_time, _load):
            for query in queries:
                answering = [one for one in live if one.name not in failing[query]]
                measure(answering, query, effort, results)
        _remember(live, queries, effort, results)
        _stall(live, queries[0], effort, results)
    _say("loading the data with pyoxigraph alone")
    results.bare = bare(data)
    if effort.builds:
        _say("building a release")
        results.build_seconds = build_seconds(data)
    return results


def _generate(triples: int, data: Path, queries: Sequence[Query]) -> Results:
    """Write the data, which is the same each time."""
    _say(f"generating {triples:,} statements")
    with data.open("w", encoding="utf-8") as out:
        counts = generate.write(triples, out)
    weights = {query.name: query.weight for query in queries}
    return Results(triples, counts.quads, weights, generator())


def _start(stack: ExitStack, servers: Sequence[Server], data: Path, results: Results) -> list[Live]:
    """Start all servers, one after the other; who does not come up is remarked."""
    live = []
    for server in servers:
        _say(f"starting {server.name}")
        try:
            one = stack.enter_context(serving(server, data))
        except ServerFailed as error:
            results.remarks.append(f"{server.name} did not start: {error}")
            continue
        results.servers[server.name] = Measured(one.load_seconds, memory_bytes(one.process.pid))
        live.append(one)
    return live


def _compare(live: list[Live], query: Query, results: Results) -> set[str]:
    """Ask all servers once, remark whose answer is another, and return the names of who fails.

    Who does not answer in time would go on at the cost of the others: it is ended, and leaves.
    """
    _say(f"comparing the answers to {query.name}")
    received: dict[str, Received] = {}
    for one in tuple(live):
        try:
            received[one.name] = _answer(one, query)
        except TimeoutError:
            results.remarks.append(f"{query.name}: {one.name} is too slow, and was ended")
            end(one.process)
            live.remove(one)
        except OSError as error:
            results.remarks.append(f"{query.name}: {one.name} fails: {error}")
    results.remarks += _differences(query, received)
    return {one.name for one in live} - set(received)


def _answer(live: Live, query: Query) -> Received:
    """Return the answer to a query.

    Raises:
        OSError: if there is none.
    """
    with Connection(live.port, TIMEOUT_SECONDS) as connection:
        answer = connection.ask(live.request(query))
    if answer.status != http.HTTPStatus.OK:
        raise ConnectionError(f"{answer.status} {answer.body[:200].decode(errors='replace')}")
    return answer


def _differences(query: Query, received: dict[str, Received]) -> Iterator[str]:
    """Say whose answer is not that of the first."""
    first = next(iter(received), "")
    for name, answer in received.items():
        try:
            difference = answers.difference(query, received[first], answer)
        except (SyntaxError, ValueError, KeyError) as error:
            difference = f"unreadable, {error}"
        if difference:
            kind = "may differ" if query.agreement is Agreement.REPORT else "DIFFERS"
            yield f"{query.name}: {name} {kind} from {first}: {difference}"


def _time(live: Sequence[Live], query: Query, effort: Effort, results: Results) -> None:
    """Measure one client."""
    _say(f"one client asks {query.name}")
    waits = latencies(live, query, effort.rounds, effort.slice_seconds)
    for name, one in waits.items():
        first_byte = median(one.first_byte)
        wait = Wait(one.median, one.p99, first_byte, len(one.whole))
        results.servers[name].waits[query.name] = wait


def _load(live: Sequence[Live], query: Query, effort: Effort, results: Results) -> None:
    """Measure eight clients, in rounds too."""
    _say(f"eight clients ask {query.name}")
    rates: dict[str, list[float]] = {}
    for turn in range(effort.load_rounds):
        for one in live:
            wait = results.servers[one.name].waits[query.name].median
            if wait < (_SLOW_SECONDS if turn == 0 else _SLUGGISH_SECONDS):
                seconds = max(effort.load_seconds, min(16 * wait, _LONGEST_LOAD_SECONDS))
                rate = answers_per_second(one, query, seconds)
                rates.setdefault(one.name, []).append(rate or 0.0)
                settle(one.process.pid)
    for name, found in rates.items():
        if all(found):
            results.servers[name].rates[query.name] = median(found)
        else:
            results.remarks.append(
                f"{query.name}: {name} answers none of eight clients in time, or not all"
            )


def _remember(
    live: Sequence[Live], queries: Sequence[Query], effort: Effort, results: Results
) -> None:
    """Measure memory."""
    for one in live:
        _say(f"memory of {one.name}")
        results.servers[one.name].memory = memory(one, queries, effort.memory_seconds)


def _stall(live: Sequence[Live], light: Query, effort: Effort, results: Results) -> None:
    """Measure each server beside runaways, and end it with them."""
    for one in live:
        _say(f"runaways on {one.name}")
        results.servers[one.name].stalls = stalls(one, light, effort.stall_seconds)
        end(one.process)


_STARTED = time.monotonic()


def _say(step: str) -> None:
    """Tell who waits what is being done."""
    sys.stderr.write(f"{time.monotonic() - _STARTED:6.0f} s  {step}\n")
