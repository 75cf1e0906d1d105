"""What was measured, as values: of each server, and of one size of the data."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, fsum, log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.bare import Bare
    from bench.memory import Memory
    from bench.queries import Weight
    from bench.stalls import Stalls


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds that one client waits for the answers to one query."""

    median: float
    p99: float
    first_byte: float
    answers: int


@dataclass(slots=True)
class Measured:
    """All about one server; a query that it fails is missing."""

    load_seconds: float
    loaded_bytes: int
    """Memory of all its processes (PSS) when it first answers."""
    waits: dict[str, Wait] = field(default_factory=dict)
    rates: dict[str, float] = field(default_factory=dict)
    """Answers a second to eight clients."""
    memory: Memory | None = None
    stalls: Stalls | None = None


@dataclass(slots=True)
class Results:
    """All about one size of the data."""

    triples: int
    quads: int
    weights: dict[str, Weight]
    generator: str
    servers: dict[str, Measured] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    """Servers that did not start, answers that differ, queries that fail."""
    bare: Bare | None = None
    build_seconds: float | None = None


def geometric_mean(values: Iterable[float]) -> float | None:
    """Return the mean of ratios; None of none."""
    logarithms = [log(value) for value in values]
    return exp(fsum(logarithms) / len(logarithms)) if logarithms else None
