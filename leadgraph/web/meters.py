"""What is counted, and its text. The only module that imports prometheus_client.

That looks once, when it is imported, for a folder to share: `metrics.py` imports this module late.
"""

from __future__ import annotations

import os
import struct
import time
from typing import TYPE_CHECKING, Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

    from leadgraph.model import Release

__all__ = ["CONTENT_TYPE", "FOLDER", "Meters", "forget"]

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable with the folder that the web processes of one server share, if it is set."""

_TRIES = 50
_MOMENT_SECONDS = 0.01
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Meters:
    """All that one process counts."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        self.requests = self._counter("requests", "HTTP requests.", "route", "method", "status")
        self.problems = self._counter("problems", "Errors that clients were told of.", "code")
        self.queries = self._counter("queries", "Queries whose answers ended.", "form", "outcome")
        self.broken = self._counter("answers_broken", "Answers broken off half-way.", "code")
        self.cache = self._counter("cache", "Looks into the cache of answers.", "result")
        self.source_parts = self._counter(
            "source_parts", "Parts of queries that other endpoints were asked.", "source", "outcome"
        )
        self.source_requests = self._counter(
            "source_requests", "Requests sent to other endpoints.", "source"
        )
        self.source_cached = self._counter(
            "source_cached_keys", "Things answered from what was received before.", "source"
        )
        self.source_seconds = self._histogram(
            "source_seconds", "How long another endpoint's part of a query took.", "source"
        )
        self.lost = self._counter("log_lines_lost", "Lines of the log that nobody took.")
        self.starts = self._counter("worker_starts", "Web processes started.")
        self.seconds = self._histogram("query_seconds", "From a query to its answer's end.")
        self.first_byte = self._histogram("first_byte_seconds", "From a query to the first byte.")
        self.started = self._gauge("start_time_seconds", "When the server started.", "min")
        self._busy = self._gauge("queries_running", "Queries that run now.", "livesum")
        self._waiting = self._gauge("queries_waiting", "Queries that wait now.", "livesum")
        self._shown = (-1, -1)

    def show(self, busy: int, waiting: int) -> None:
        """Set how many queries run and wait; costs nothing while nothing changes."""
        if (busy, waiting) != self._shown:
            self._shown = (busy, waiting)
            self._busy.set(busy)
            self._waiting.set(waiting)

    def text(self, release: Release | None) -> bytes:
        """Return the counts of this process, or of all that share a folder, and the release."""
        registry = self._registry
        if FOLDER in os.environ:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        served = CollectorRegistry()
        if release is not None:
            served.register(_Served(release))
        return _settled(registry) + generate_latest(served)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"leadgraph_{name}", what, labels, registry=self._registry)

    def _histogram(self, name: str, what: str, *labels: str) -> Histogram:
        return Histogram(
            f"leadgraph_{name}", what, labels, registry=self._registry, buckets=_BUCKETS
        )

    def _gauge(self, name: str, what: str, over_processes: Literal["min", "livesum"]) -> Gauge:
        return Gauge(
            f"leadgraph_{name}", what, registry=self._registry, multiprocess_mode=over_processes
        )


def _settled(registry: CollectorRegistry) -> bytes:
    """Return the counts; a file that a process has just made is empty for a moment."""
    for _ in range(_TRIES):
        try:
            return generate_latest(registry)
        except struct.error:
            time.sleep(_MOMENT_SECONDS)
    return generate_latest(registry)


class _Served:
    """Which release is served, as a collector."""

    def __init__(self, release: Release) -> None:
        self._release = release

    def collect(self) -> Iterator[Metric]:
        """Yield its version and its size."""
        name = "leadgraph_release_info"
        info = GaugeMetricFamily(name, "The release that is served.", labels=["version"])
        info.add_metric([self._release.version], 1)
        yield info
        size = self._release.statements
        yield GaugeMetricFamily("leadgraph_release_statements", "Its statements.", value=size)


def forget(process: int) -> None:
    """Let go what a process that ended had at work; what it counted stays."""
    multiprocess.mark_process_dead(process)  # type: ignore[no-untyped-call]
