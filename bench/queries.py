"""bench/queries/*.rq -> queries, each with its weight and how far its answers must agree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

FOLDER = Path(__file__).parent / "queries"


class Weight(StrEnum):
    """How much work a query is: a few look-ups, a join, or a walk through the graph."""

    LIGHT = "light"
    MEDIUM = "medium"
    HEAVY = "heavy"


class Agreement(StrEnum):
    """What must be equal in the answers of all servers."""

    ROWS = "rows"
    """The set of rows, or of triples."""
    COUNT = "count"
    """The number of rows: which ones is the server's choice."""
    REPORT = "report"
    """Nothing: SPARQL leaves the answer to the server, and the table says how they differ."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query as its file has it."""

    name: str
    about: str
    text: str
    weight: Weight
    agreement: Agreement

    @property
    def is_graph(self) -> bool:
        """Whether the answer is a graph: the query is a CONSTRUCT or a DESCRIBE."""
        return re.search(r"^(CONSTRUCT|DESCRIBE)", self.text, re.MULTILINE) is not None


def queries(only: tuple[str, ...] = ()) -> tuple[Query, ...]:
    """Return the queries in the order of their files, or those whose name has one of some parts."""
    found = tuple(_read(path) for path in sorted(FOLDER.glob("*.rq")))
    return tuple(q for q in found if not only or any(part in q.name for part in only))


def _read(path: Path) -> Query:
    """Return a query: its first comment says what it asks, the others what the bench must know."""
    text = path.read_text(encoding="utf-8")
    facts = dict(re.findall(r"^# (weight|compare): (\w+)$", text, re.MULTILINE))
    return Query(
        path.stem.partition("-")[2],
        text.partition("\n")[0].removeprefix("# "),
        "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#")),
        Weight(facts["weight"]),
        Agreement(facts.get("compare", Agreement.ROWS)),
    )
