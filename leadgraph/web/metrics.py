"""What happens in the server -> counts, which `/metrics` shows (Prometheus text format 0.0.4).

Everybody may read them, at the port of the rest: a label is one of our own codes, routes, versions
or listed endpoints, never something that a visitor sent, and no query, path or address of theirs is
in them. How busy the server is can be found by asking it anyway. They run no query and cost less
than any page, so they answer while the engine cannot. Who wants them closed closes one path in the
proxy in front.

The web processes of one server count in a shared folder, a file each: every one shows the sums.
"""

from __future__ import annotations

import functools
import os
import time
from typing import TYPE_CHECKING
from weakref import WeakSet

from flask import Blueprint, Response

from leadgraph.web.site import site

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from leadgraph.link.account import Asked
    from leadgraph.query.client import Engine
    from leadgraph.web.meters import Meters

blueprint = Blueprint("metrics", __name__)

OTHER = "other"
"""The label of routes, methods and endpoints that we do not have."""

_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "POST"))
_listed: set[str] = set()
_engines: WeakSet[Engine] = WeakSet()


def share(folder: Path) -> None:
    """Have the processes that are forked from now on count together, in a folder of this server."""
    counts = folder / "metrics"
    counts.mkdir()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counts)
    from leadgraph.web import meters  # noqa: F401, PLC0415  # it looks for the folder, once


def forget(process: int) -> None:
    """Let go what a web process that ended had at work; what it counted stays."""
    from leadgraph.web import meters  # noqa: PLC0415  # see share()

    meters.forget(process)


def watch(engine: Engine) -> None:
    """Show from now on how busy an engine is, and that this process counts."""
    _engines.add(engine)
    sample()


def name_sources(listed: Iterable[str]) -> None:
    """Count what these endpoints are asked under their names."""
    _listed.update(listed)


def sample() -> None:
    """Note how busy the engine is now."""
    engines = list(_engines)
    _meters().show(sum(e.busy for e in engines), sum(e.waiting for e in engines))


def request(route: str, method: str, status: int) -> None:
    """Count an HTTP request; `route` is one of the application's rules, or `OTHER`."""
    known = method if method in _METHODS else OTHER
    _meters().requests.labels(route, known, f"{status // 100}xx").inc()


def problem(code: str) -> None:
    """Count an error that a client was told of: 414, 429 and all others."""
    _meters().problems.labels(code).inc()


def query(form: str, outcome: str, seconds: float, first_byte_seconds: float) -> None:
    """Count a query that came by the SPARQL Protocol, when its answer has ended."""
    meters = _meters()
    meters.queries.labels(form, outcome).inc()
    meters.seconds.observe(seconds)
    meters.first_byte.observe(first_byte_seconds)


def source(asked: Asked) -> None:
    """Count what another endpoint was asked for one part of a query, under its name if listed."""
    meters, name = _meters(), asked.source if asked.source in _listed else OTHER
    outcome = "answered" if asked.failure is None else asked.failure.code
    meters.source_parts.labels(name, outcome).inc()
    meters.source_requests.labels(name).inc(asked.requests)
    meters.source_seconds.labels(name).observe(asked.seconds)
    meters.source_cached.labels(name).inc(asked.cached_keys)


def broken(code: str) -> None:
    """Count an answer that broke off after its first byte."""
    _meters().broken.labels(code).inc()


def cache(*, hit: bool) -> None:
    """Count a look into the cache of answers."""
    _meters().cache.labels("hit" if hit else "miss").inc()


def line_lost() -> None:
    """Count a line of the log that nobody took."""
    _meters().lost.inc()


@blueprint.get("/metrics")
def page() -> Response:
    """Show the counts of all web processes."""
    from leadgraph.web.meters import CONTENT_TYPE  # noqa: PLC0415  # see share()

    sample()
    response = Response(_meters().text(site().release), content_type=CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


@functools.cache
def _meters() -> Meters:
    """Return what this process counts."""
    from leadgraph.web.meters import Meters  # noqa: PLC0415  # see share()

    meters = Meters()
    meters.starts.inc()
    meters.started.set(time.time())
    return meters
