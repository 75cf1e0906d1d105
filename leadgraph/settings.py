"""Frozen settings from LEADGRAPH_* variables; every default works."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self

from leadgraph.errors import SettingInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping

_MEGABYTE = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that an operator may choose; `LEADGRAPH_DEADLINE_SECONDS=5` sets `deadline_seconds`."""

    graph: str = ""
    """Folder with `ontology/ shapes/ data/`; empty means the graph that is bundled."""
    state: str = ""
    """Folder for releases; empty means `.leadgraph` in the graph folder, or here."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 8000
    """Port to listen on."""
    workers: int = 2
    """Web processes."""
    threads: int = 64
    """Requests that one web process answers at once."""
    deadline_seconds: float = 10.0
    """Longest time from a query to the end of its answer."""
    query_memory_bytes: int = 1024 * _MEGABYTE
    """Address space that one query may take beyond the loaded graph."""
    query_bytes: int = 100_000
    """Longest query text."""
    query_depth: int = 100
    """Deepest nesting of brackets in a query."""
    kept_bytes: int = 16 * _MEGABYTE
    """Largest answer that is kept as a whole: for a page, or for a client of HTTP/1.0."""
    children: int = 16
    """Queries that one web process lets run at once."""
    queue: int = 32
    """Queries that may wait in one web process for a child."""
    queue_seconds: float = 5.0
    """Longest wait for a child."""
    source_bytes: int = 50 * _MEGABYTE
    """Largest contributed file."""
    source_depth: int = 200
    """Deepest nesting of brackets in a contributed file."""
    source_blank_nodes: int = 10_000
    """Most blank nodes in a contributed file."""
    literal_bytes: int = 1 * _MEGABYTE
    """Longest literal in a contributed file."""
    check_seconds: float = 120.0
    """Longest run of one check."""
    check_memory_bytes: int = 4096 * _MEGABYTE
    """Address space of the child that checks."""
    check_problems: int = 5_000
    """Most problems that shapes and rules report in one check."""
    canonical_seconds: float = 30.0
    """Longest search for the canonical form of a release."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read LEADGRAPH_* variables.

        Raises:
            SettingInvalid: if a value is not of the setting's type, or not positive.
        """
        variables = os.environ if environment is None else environment
        values: dict[str, str | int | float] = {}
        for setting in fields(cls):
            name = f"LEADGRAPH_{setting.name.upper()}"
            if name in variables:
                values[setting.name] = _parse(name, str(setting.type), variables[name])
        return cls(**values)  # type: ignore[arg-type]  # _parse gave each its type


def duration(seconds: str) -> float:
    """Return a number of seconds from text.

    Raises:
        ValueError: if it is no positive finite number.
    """
    if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", seconds) or not float(seconds):
        raise ValueError(seconds)
    return float(seconds)


def _parse(name: str, kind: str, text: str) -> str | int | float:
    """Return the text as the type that the field is annotated with."""
    try:
        if kind == "int":
            return int(text) if re.fullmatch(r"[1-9]\d{0,15}", text) else _refuse(text)
        return duration(text) if kind == "float" else text
    except ValueError:
        expected = "a whole number above 0" if kind == "int" else "a number of seconds above 0"
        raise SettingInvalid(name, text, expected) from None


def _refuse(text: str) -> int:
    raise ValueError(text)
