"""Server and query -> answers a second to eight clients.

wrk asks, because it takes little of the cores that the server needs. Without it processes of our
own do, which take much more: the table says which.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

from bench.connection import Connection
from bench.servers import accept

if TYPE_CHECKING:
    from bench.queries import Query
    from bench.servers import Live

CLIENTS = 8
_TIMEOUT_SECONDS = 120


def generator() -> str:
    """Return what asks: wrk, or this interpreter."""
    return "wrk" if shutil.which("wrk") else "python (wrk is not installed: ratios are too mild)"


def answers_per_second(live: Live, query: Query, seconds: float) -> float | None:
    """Return how many whole answers come in a second; None if any request fails."""
    wrk = shutil.which("wrk")
    return (
        _with_python(live, query, seconds) if wrk is None else _with_wrk(wrk, live, query, seconds)
    )


def _with_wrk(wrk: str, live: Live, query: Query, seconds: float) -> float | None:
    command = [
        *(wrk, "--threads", "1", "--connections", str(CLIENTS)),
        *("--duration", f"{max(1, round(seconds))}s", "--timeout", f"{_TIMEOUT_SECONDS}s"),
        *("--header", f"Accept: {accept(query)}", live.url(query)),
    ]
    report = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rate = re.search(r"^Requests/sec:\s+([\d.]+)", report, re.MULTILINE)
    failed = re.search(r"Non-2xx|Socket errors: (?!connect 0, read 0, write 0)", report)
    return None if failed or rate is None else float(rate[1])


def _with_python(live: Live, query: Query, seconds: float) -> float | None:
    request = live.request(query)
    started = time.perf_counter()
    with ProcessPoolExecutor(CLIENTS) as pool:
        asked = [pool.submit(_ask, live.port, request, seconds) for _ in range(CLIENTS)]
        counts = [one.result() for one in asked]
    if None in counts:
        return None
    return sum(count or 0 for count in counts) / (time.perf_counter() - started)


def _ask(port: int, request: bytes, seconds: float) -> int | None:
    """Return how many answers one client gets, None if one of them is an error."""
    count, deadline = 0, time.perf_counter() + seconds
    with Connection(port, _TIMEOUT_SECONDS) as connection:
        while time.perf_counter() < deadline:
            if connection.ask(request).status >= 400:  # noqa: PLR2004
                return None
            count += 1
    return count
