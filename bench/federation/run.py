"""Number of things and engines -> what each engine asked, how long it took, whether it is right."""

from __future__ import annotations

import http
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING

from bench import answers
from bench.connection import Connection
from bench.federation import data
from bench.federation.engines import OURS, engines
from bench.federation.ideal import ideal, right_answer, store
from bench.federation.shapes import SHAPES
from bench.processes import ServerFailed, end
from bench.servers import serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.connection import Received
    from bench.federation.ideal import Ideal
    from bench.federation.shapes import Shape
    from bench.federation.sources import Others
    from bench.queries import Query
    from bench.servers import Live, Server

DELAY_SECONDS = 0.02
LIMIT_SECONDS = 60.0
"""Longest time that an engine gets for one query; then it is ended, and started again."""

RIGHT, CUT = "right", "cut"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one engine did with one shape: `verdict` is `right`, `cut`, or says what is wrong."""

    verdict: str
    seconds: float
    requests: int
    wire_bytes: int

    @property
    def is_right(self) -> bool:
        """Whether the answer is the right one."""
        return self.verdict == RIGHT


@dataclass(slots=True)
class Joined:
    """All about one number of things; `warm` is what ours did when asked the same again."""

    things: int
    ideals: dict[str, Ideal]
    engines: dict[str, dict[str, Outcome]] = field(default_factory=dict)
    warm: dict[str, Outcome] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Task:
    """One query, and its right answer."""

    shape: Shape
    query: Query
    right: Received


def run(
    things: int, names: Sequence[str], others: Others, folder: Path, limit_seconds: float
) -> Joined:
    """Measure every engine with every shape; `folder` gets the data of so many things."""
    path = folder / f"linked-{things}.nq"
    with path.open("w", encoding="utf-8") as out:
        data.local(things, others.items, others.addresses, out)
    everything = store(path, others.held)
    places = others.addresses
    joined = Joined(things, {one.name: ideal(one, everything, places) for one in SHAPES})
    tasks = [_Task(one, one.query(places), right_answer(one, everything, places)) for one in SHAPES]
    del everything
    for name in names:
        _say(f"{name} joins {things:,} things")
        with tempfile.TemporaryDirectory(prefix="leadgraph-") as state:
            (engine,) = engines([name], places, Path(state))
            again = tasks if name == OURS else []
            found = _outcomes(engine, path, [*tasks, *again], others, limit_seconds)
            try:
                joined.engines[name] = {task.shape.name: next(found) for task in tasks}
                joined.warm |= {task.shape.name: next(found) for task in again}
            except ServerFailed as error:
                joined.remarks.append(f"{name} did not start: {error}")
    return joined


def _outcomes(
    engine: Server, path: Path, tasks: Sequence[_Task], others: Others, limit_seconds: float
) -> Iterator[Outcome]:
    """Yield what the engine does with each task; one that is cut ends it, and it starts anew."""
    left = [*reversed(tasks)]
    while left:
        with serving(engine, path) as live:
            verdict = ""
            while left and verdict != CUT:
                outcome = _outcome(live, left.pop(), others, limit_seconds)
                verdict = outcome.verdict
                yield outcome


def _outcome(live: Live, task: _Task, others: Others, limit_seconds: float) -> Outcome:
    """Ask one query, and count what passes to the other endpoints meanwhile."""
    before = others.counted()
    timer = Timer(limit_seconds, end, [live.process])
    timer.start()
    started = time.perf_counter()
    verdict = _verdict(live, task, limit_seconds)
    seconds = time.perf_counter() - started
    timer.cancel()
    timer.join()
    if seconds >= limit_seconds:
        verdict = CUT
    after = others.counted()
    passed = (after.sent - before.sent) + (after.received - before.received)
    _say(f"  {task.shape.name}: {verdict}, {seconds:.2f} s")
    return Outcome(verdict, seconds, after.requests - before.requests, passed)


def _verdict(live: Live, task: _Task, limit_seconds: float) -> str:
    """Return whether an answer is right, and else in what it is not."""
    try:
        with Connection(live.port, limit_seconds + 1) as connection:
            answer = connection.ask(live.request(task.query))
        if answer.status != http.HTTPStatus.OK:
            words = answer.body[:300].decode(errors="replace")
            return f"failed: {answer.status} {' '.join(words.split())}"
        different = answers.difference(task.query, task.right, answer)
    except OSError as error:
        return f"failed: {error}"
    except (SyntaxError, ValueError, KeyError) as error:
        return f"wrong: unreadable, {error}"
    return f"wrong: {different}" if different else RIGHT


_STARTED = time.monotonic()


def _say(step: str) -> None:
    """Tell who waits what is being done."""
    sys.stderr.write(f"{time.monotonic() - _STARTED:6.0f} s  {step}\n")
