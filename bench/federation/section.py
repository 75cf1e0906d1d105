"""Numbers of things and names of engines -> the section `federation` of the bench."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import peers
from bench.federation import data
from bench.federation.engines import NAMES, installed
from bench.federation.run import DELAY_SECONDS, LIMIT_SECONDS, run
from bench.federation.sources import others
from bench.federation.table import aims_table, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

THINGS = (100, 1_000, 10_000)


def section(things: Sequence[int], names: Sequence[str] = NAMES) -> Iterator[str]:
    """Measure, and yield a table for each number of things, then the aims."""
    if reason := data.missing():
        yield f"federation is not measured: {reason}\n"
        return
    folder = peers.FOLDER / "federation"
    folder.mkdir(parents=True, exist_ok=True)
    present, remarks = installed(names)
    all_joined = []
    with others(folder, peers.OXIGRAPH, DELAY_SECONDS) as standins:
        for number in things:
            joined = run(number, present, standins, folder, LIMIT_SECONDS)
            joined.remarks += remarks
            all_joined.append(joined)
            yield table(joined)
    yield aims_table(all_joined)
