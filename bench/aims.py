"""Results -> the aims of the endpoint, each with its figure and whether it is met."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bench.queries import Weight
from bench.results import geometric_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.results import Measured, Results

COLD, CACHED, DISK = "ours memory cold", "ours memory cached", "ours disk cold"
RAM, READ_ONLY, RDFLIB = "oxigraph RAM", "oxigraph read-only", "rdflib-endpoint"

_NOTABLE_SECONDS = 0.0005
"""Below half a millisecond a ratio says more about HTTP than about the query."""

Ratios = dict[str, float]


class Aim(NamedTuple):
    """What is aimed at, what was found, and whether that will do; None if it was not measured."""

    text: str
    found: str
    is_met: bool | None


def aims(results: Results) -> Iterator[Aim]:
    """Yield the aims in the order of the issue that set them."""
    cold = latency_ratios(results, COLD, READ_ONLY)
    yield _at_most("1 client, cold: geometric mean to read-only", _mean(cold), 1.0)
    yield _worst("1 client, cold: worst query over 0.5 ms", _notable(results, cold), 2.0)
    cached = _notable(results, latency_ratios(results, CACHED, READ_ONLY))
    yield _worst("1 client, cached: worst query over 0.5 ms", cached, 0.5)
    disk = latency_ratios(results, DISK, READ_ONLY)
    yield _at_most("1 client, disk cold: geometric mean to read-only", _mean(disk), 1.0)
    yield from _throughput(results)
    yield _first_byte(results)
    yield _memory(results)
    yield _build(results)
    yield _stalls(results)


def latency_ratios(results: Results, one: str, other: str) -> Ratios:
    """Return how long a server takes in terms of another, for each query that both answer."""
    ours, theirs = _both(results, one, other)
    return {
        name: wait.median / theirs.waits[name].median
        for name, wait in (ours.waits.items() if ours and theirs else ())
        if theirs and name in theirs.waits
    }


def rate_ratios(results: Results, one: str, other: str) -> Ratios:
    """Return how many answers a server gives to eight clients in terms of another."""
    ours, theirs = _both(results, one, other)
    return {
        name: rate / theirs.rates[name]
        for name, rate in (ours.rates.items() if ours and theirs else ())
        if theirs and name in theirs.rates
    }


def _throughput(results: Results) -> Iterator[Aim]:
    """Yield the aims about eight clients."""
    busy = rate_ratios(results, COLD, READ_ONLY)
    heavy = {name: r for name, r in busy.items() if results.weights[name] is not Weight.LIGHT}
    name = min(heavy, key=heavy.__getitem__, default=None)
    least = None if name is None else heavy[name]
    where = "8 clients, cold: worst medium or heavy query to read-only"
    yield _at_least(where, least, 1.0, f" ({name})")
    ram = rate_ratios(results, COLD, RAM).get("point")
    yield _at_least("8 clients, cold: point query to RAM", ram, 0.15)
    ram = rate_ratios(results, CACHED, RAM).get("point")
    yield _at_least("8 clients, cached: point query to RAM", ram, 0.25)
    rdflib = _mean(rate_ratios(results, COLD, RDFLIB))
    yield _at_least("8 clients, cold: geometric mean to rdflib-endpoint", rdflib, 10.0)


def _first_byte(results: Results) -> Aim:
    waits = {
        name: one.waits["rows"].first_byte
        for name, one in results.servers.items()
        if "rows" in one.waits
    }
    peers = [waits[name] for name in (RAM, READ_ONLY) if name in waits]
    ratio = waits[COLD] / min(peers) if COLD in waits and peers else None
    return _at_most("first byte of 100,000 rows, cold, to the faster Oxigraph", ratio, 1.5)


def _memory(results: Results) -> Aim:
    ours = results.servers.get(COLD)
    ratio = None
    if ours and ours.memory and results.bare:
        ratio = ours.memory.busy / results.bare.copy_bytes
    return _at_most("memory with four clients busy, to one copy of the data", ratio, 1.5)


def _build(results: Results) -> Aim:
    seconds = results.build_seconds
    ratio = seconds / results.bare.seconds if seconds and results.bare else None
    return _at_most("build without SHACL, to a bare load", ratio, 3.0)


def _stalls(results: Results) -> Aim:
    ours = results.servers.get(COLD)
    ratio = ours.stalls.busy / ours.stalls.idle if ours and ours.stalls else None
    return _at_most("p99 of a light query beside 8 runaways, to idle", ratio, 10.0)


def _both(results: Results, one: str, other: str) -> tuple[Measured | None, Measured | None]:
    return results.servers.get(one), results.servers.get(other)


def _notable(results: Results, ratios: Ratios) -> Ratios:
    """Return the ratios of those queries that take the peer over half a millisecond."""
    waits = results.servers[READ_ONLY].waits if READ_ONLY in results.servers else {}
    return {name: r for name, r in ratios.items() if waits[name].median > _NOTABLE_SECONDS}


def _mean(ratios: Ratios) -> float | None:
    return geometric_mean(ratios.values())


def _worst(text: str, ratios: Ratios, limit: float) -> Aim:
    name = max(ratios, key=ratios.__getitem__, default=None)
    return _at_most(text, None if name is None else ratios[name], limit, f" ({name})")


def _at_most(text: str, ratio: float | None, limit: float, where: str = "") -> Aim:
    if ratio is None:
        return Aim(f"{text}: at most {limit:g}", "not measured", None)
    return Aim(f"{text}: at most {limit:g}", f"{ratio:.2f}{where}", ratio <= limit)


def _at_least(text: str, ratio: float | None, limit: float, where: str = "") -> Aim:
    if ratio is None:
        return Aim(f"{text}: at least {limit:g}", "not measured", None)
    return Aim(f"{text}: at least {limit:g}", f"{ratio:.2f}{where}", ratio >= limit)
