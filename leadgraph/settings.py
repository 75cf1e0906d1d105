"""Frozen settings from LEADGRAPH_* variables; every default works."""

from __future__ import annotations

import os
import re
from dataclasses import Field, dataclass, field, fields
from typing import TYPE_CHECKING, Self

from leadgraph.errors import SettingInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping

_MEGABYTE = 2**20

WIKIDATA_SOURCES = "https://query.wikidata.org/sparql https://query-scholarly.wikidata.org/sparql"
"""Wikidata's two graphs: the main one, and that of scholarly articles, apart since May 2025."""

_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that an operator may choose; `LEADGRAPH_DEADLINE_SECONDS=5` sets `deadline_seconds`."""

    graph: str = ""
    """Folder with `ontology/ shapes/ data/`; empty means the graph that is bundled."""
    state: str = ""
    """Folder for releases and the index that checks look things up in; empty means `.leadgraph` in
    the graph folder, or here."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 8000
    """Port to listen on."""
    engine: str = "memory"
    """What answers queries: `memory`, `disk`, or the address of a SPARQL 1.1 endpoint."""
    proxies: int = field(default=0, metadata={"least": 0})
    """Reverse proxies in front of the server, whose X-Forwarded-For is believed."""
    workers: int = field(default=2, metadata={"most": 64})
    """Web processes."""
    threads: int = field(default=64, metadata={"most": 4096})
    """Requests that one web process answers at once."""
    log: str = field(default="text", metadata={"choices": ("text", "json", "off")})
    """What is written of every request: a line of `text` or `json`; `off` leaves errors alone."""
    log_queries: bool = False
    """Whether the log holds the text of queries, not their hash alone."""
    log_clients: bool = False
    """Whether the log holds the addresses of clients."""
    deadline_seconds: float = 10.0
    """Longest time from a query to the end of its answer."""
    query_memory_bytes: int = field(default=512 * _MEGABYTE, metadata={"least": 32 * _MEGABYTE})
    """Address space that one query may take beyond the loaded graph."""
    query_bytes: int = 100_000
    """Longest query text."""
    address_bytes: int = field(default=8190, metadata={"least": 500, "most": 8190})
    """Longest request line: method, address, protocol."""
    query_depth: int = 100
    """Deepest nesting of brackets in a query."""
    result_bytes: int = 256 * _MEGABYTE
    """Longest answer to one query, before it is compressed."""
    sending_seconds: float = 300.0
    """Longest time that one answer may wait for its client to take it, in all."""
    client_queries: int = field(default=16, metadata={"most": 100_000})
    """Queries that one client may have running at once."""
    cache_bytes: int = field(default=64 * _MEGABYTE, metadata={"least": 0})
    """Answers that one web process keeps for those who ask the same; 0 keeps none."""
    fresh_seconds: int = field(default=60, metadata={"least": 0})
    """How long caches on the way may pass an answer on before they ask again."""
    kept_bytes: int = 16 * _MEGABYTE
    """Largest answer that is kept as a whole: for a page, or for a client of HTTP/1.0."""
    children: int = field(default=16, metadata={"most": 1024})
    """Queries that one web process lets run at once."""
    queue: int = field(default=32, metadata={"most": 100_000})
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
    checks: int = field(default=2, metadata={"most": 64})
    """Files of visitors that one web process checks at once."""
    canonical_seconds: float = 30.0
    """Longest search for the canonical form of a release."""
    reconcile_names: int = field(default=10_000, metadata={"most": 1_000_000})
    """Most names, or things to tell of, in one request to reconcile."""
    reconcile_bytes: int = 16 * _MEGABYTE
    """Longest request to reconcile."""
    reconcile_seconds: float = 60.0
    """Longest time for the names of one request."""
    service_allow: str = WIKIDATA_SOURCES
    """The endpoints that SERVICE may name, separated by blanks; nothing allows none. What follows
    a `#` sets how one is asked: `https://example.org/sparql#block=200&at_once=2`."""
    contact: str = ""
    """Whom those who keep other endpoints can write to: an address or a page, for the User-Agent;
    Wikimedia's are not asked without it."""
    service_seconds: float = 60.0
    """Longest time of a query that asks other endpoints, all of them together."""
    service_answer_seconds: float = 60.0
    """Longest time that another endpoint may take for one request."""
    service_queries: int = field(default=32, metadata={"most": 4096})
    """Queries that ask other endpoints and run at once in one web process, which keeps half of its
    threads for all else."""
    service_block: int = field(default=500, metadata={"most": 10_000})
    """Things that another endpoint is asked about in one request."""
    service_at_once: int = field(default=4, metadata={"most": 64})
    """Requests that run at once at one other endpoint; one at Wikimedia's."""
    service_keys: int = 100_000
    """Most things that other endpoints are asked about in one query."""
    service_rows: int = 200_000
    """Most rows that one query may take from other endpoints, all its parts together."""
    service_bytes: int = 64 * _MEGABYTE
    """Longest answer of another endpoint, decompressed, and of all of them for one query."""
    service_cache_seconds: int = field(default=3600, metadata={"least": 0})
    """How long what another endpoint answered is used again; 0 asks each time."""
    service_cache_bytes: int = field(default=256 * _MEGABYTE, metadata={"least": 0})
    """What is kept of the answers of other endpoints."""
    ledger_seconds: int = 86_400
    """How long the account of a federated answer can be read and replayed."""
    ledger_bytes: int = field(default=256 * _MEGABYTE, metadata={"least": 0})
    """What is kept of those accounts, the oldest out first; 0 keeps none."""

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
                values[setting.name] = _parse(name, setting, variables[name])
        return cls(**values)  # type: ignore[arg-type]  # _parse gave each its type


def duration(seconds: str) -> float:
    """Return a number of seconds from text.

    Raises:
        ValueError: if it is no positive finite number.
    """
    if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", seconds) or not float(seconds):
        raise ValueError(seconds)
    return float(seconds)


def _parse(name: str, setting: Field[object], text: str) -> str | int | float:
    """Return the text as the type that the field is annotated with, if its metadata allow it."""
    kind, least = setting.type, int(setting.metadata.get("least", 1))
    most: int | None = setting.metadata.get("most")
    choices: tuple[str, ...] = setting.metadata.get("choices", ())
    try:
        if kind == "int":
            return _whole(text, least, most)
        if kind == "bool":
            return _TRUTHS[text.lower()]
        return duration(text) if kind == "float" else _one_of(choices, text)
    except (KeyError, ValueError):
        expected = {
            "int": f"a whole number of at least {least}" + (f", at most {most}" if most else ""),
            "bool": " or ".join(_TRUTHS),
            "float": "a number of seconds above 0",
        }
        said = expected.get(str(kind), " or ".join(choices))
        raise SettingInvalid(name, text, said) from None


def _one_of(choices: tuple[str, ...], text: str) -> str:
    if choices and text not in choices:
        raise ValueError(text)
    return text


def _whole(text: str, least: int, most: int | None) -> int:
    if not re.fullmatch(r"\d{1,16}", text, re.ASCII) or int(text) < least:
        raise ValueError(text)
    if most is not None and int(text) > most:
        raise ValueError(text)
    return int(text)
