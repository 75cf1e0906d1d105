"""N-Quads file -> seconds and bytes of a process that only loads it: what our figures are held to.

python -m bench.bare graph.nq
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import RdfFormat, Store

from bench.processes import memory_bytes

if TYPE_CHECKING:
    from pathlib import Path


class Bare(NamedTuple):
    """Seconds to load, and the bytes of the one copy of the data."""

    seconds: float
    copy_bytes: int


def bare(data: Path) -> Bare:
    """Load the data with pyoxigraph in a process of its own."""
    command = [sys.executable, "-m", "bench.bare", str(data)]
    report = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Bare(*json.loads(report))


def main() -> None:
    """Load the file that is named; print seconds and bytes as JSON."""
    store, before = Store(), memory_bytes(os.getpid())
    started = time.perf_counter()
    store.bulk_load(path=sys.argv[1], format=RdfFormat.N_QUADS)
    seconds = time.perf_counter() - started
    sys.stdout.write(json.dumps((seconds, memory_bytes(os.getpid()) - before)))


if __name__ == "__main__":
    main()
