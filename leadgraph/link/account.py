"""What was asked of other endpoints for one answer: frozen values, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

if TYPE_CHECKING:
    from datetime import datetime

Term = NamedNode | BlankNode | Literal | Triple
Row = tuple[Term | None, ...]
"""One solution: a term for each variable of its table, None where the variable is unbound."""
Key = tuple[Term | None, ...]
"""What a part is asked about: a term for each of its key variables; None asks about any."""


@dataclass(frozen=True, slots=True)
class Table:
    """Solutions: the variables without their question mark, and the rows, duplicates included."""

    variables: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a source gave no answer: the error's stable code, its words, its HTTP status."""

    code: str
    message: str
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one source was asked for one SERVICE of a query.

    `source` is the IRI as the list of sources has it, `address` where it was asked, `query` one of
    the requests (the first) as it was sent, "" if none was. `offset` is where SERVICE stands in
    the text. `keys` counts the distinct keys that were needed (None: the pattern was sent whole),
    `cached_keys` those of them that were answered before; `cached_since` is when the oldest of the
    answers used again was received. `received_bytes` counts what came over the wire.
    """

    source: str
    address: str
    offset: int
    silent: bool
    begun: datetime
    seconds: float
    requests: int
    keys: int | None
    cached_keys: int
    cached_since: datetime | None
    rows: int
    received_bytes: int
    query: str
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """All that was asked for one answer; `release` is None for what is no release.

    `id` is a random name that cannot be guessed. `edition` is the engine's name for the data that
    were asked (`Engine.edition`). `seconds` is the time until the answer began, `local_seconds`
    what of it the engine took.
    """

    id: str
    begun: datetime
    seconds: float
    local_seconds: float
    query: str
    release: str | None
    edition: str | None
    asked: tuple[Asked, ...]

    @property
    def partial(self) -> bool:
        """Whether a source failed, so that the answer lacks its part (SERVICE SILENT)."""
        return any(asked.failure is not None for asked in self.asked)
