"""Results -> the table that is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.aims import CACHED, COLD, DISK, RAM, RDFLIB, READ_ONLY, aims, latency_ratios, rate_ratios
from bench.results import geometric_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.aims import Ratios
    from bench.results import Results

_MEGABYTE = 2**20
_PAIRS = (
    ("cold/read-only", COLD, READ_ONLY),
    ("cached/read-only", CACHED, READ_ONLY),
    ("disk/read-only", DISK, READ_ONLY),
    ("disk/cold", DISK, COLD),
    ("cold/RAM", COLD, RAM),
    ("cached/RAM", CACHED, RAM),
    ("cold/rdflib", COLD, RDFLIB),
)


def table(results: Results) -> str:
    """Return all that was measured, as lines of text."""
    return "\n".join(_lines(results)) + "\n"


def _lines(results: Results) -> Iterator[str]:
    servers = results.servers
    yield f"{results.triples:,} statements in the default graph, {results.quads:,} quads in all"
    yield "\nOne client: median of milliseconds (p99)"
    rows = [
        [query, *(_wait(results, name, query) for name in servers)] for query in results.weights
    ]
    yield from columns(["", *servers], rows)
    yield "\nOne client: time in terms of a peer (below 1 is faster)"
    yield from _ratios(results, {t: latency_ratios(results, a, b) for t, a, b in _PAIRS})
    yield f"\nEight clients: answers a second, asked by {results.generator}"
    rows = [
        [query, *(number(one.rates.get(query)) for one in servers.values())]
        for query in results.weights
    ]
    yield from columns(["", *servers], rows)
    yield "\nEight clients: answers in terms of a peer (above 1 is more)"
    yield from _ratios(results, {t: rate_ratios(results, a, b) for t, a, b in _PAIRS})
    yield from _servers(results)
    yield "\nAims"
    verdicts = {True: "met", False: "NOT MET", None: ""}
    rows = [[aim.text, aim.found, verdicts[aim.is_met]] for aim in aims(results)]
    yield from columns(["", "found", ""], rows)
    yield from ("", *(f"- {remark}" for remark in results.remarks))


def _servers(results: Results) -> Iterator[str]:
    """Say what does not depend on a query."""
    yield "\nLoading (seconds), memory of all processes (MB), p99 of a light query (ms)"
    heads = ["", "load", "loaded", "four busy", "after", "p99 idle", "beside 8 runaways", "ratio"]
    rows = []
    for name, one in results.servers.items():
        held = (one.loaded_bytes, *(one.memory or ()))
        sizes = [f"{size / _MEGABYTE:.0f}" for size in held]
        waits = [number(1000 * seconds) for seconds in one.stalls or ()]
        ratio = [number(one.stalls.busy / one.stalls.idle)] if one.stalls else []
        sizes += [""] * (3 - len(sizes))
        rows.append([name, f"{one.load_seconds:.1f}", *sizes, *waits, *ratio])
    yield from columns(heads, rows)
    if results.bare:
        copy = results.bare.copy_bytes / _MEGABYTE
        yield f"one copy of the data, loaded alone: {results.bare.seconds:.2f} s, {copy:.0f} MB"
    if results.build_seconds:
        yield f"build of a release without SHACL: {results.build_seconds:.2f} s"


def _ratios(results: Results, pairs: dict[str, Ratios]) -> Iterator[str]:
    """Show ratios by query, and their geometric means."""
    shown = {title: ratios for title, ratios in pairs.items() if ratios}
    rows = [
        [query, *(number(ratios.get(query)) for ratios in shown.values())]
        for query in results.weights
    ]
    means = [number(geometric_mean(ratios.values())) for ratios in shown.values()]
    yield from columns(["", *shown], [*rows, ["geometric mean", *means]])


def _wait(results: Results, name: str, query: str) -> str:
    wait = results.servers[name].waits.get(query)
    return f"{number(1000 * wait.median)} ({number(1000 * wait.p99)})" if wait else "-"


def number(value: float | None) -> str:
    """Return three figures, as many as a noisy machine gives."""
    if value is None:
        return "-"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004


def columns(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Align: the first column to the left, the others to the right."""
    filled = [[*row, *[""] * (len(heads) - len(row))] for row in (heads, *rows)]
    widths = [max(map(len, column)) for column in zip(*filled, strict=True)]
    for first, *rest in filled:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        yield "  ".join([first.ljust(widths[0]), *cells]).rstrip()
