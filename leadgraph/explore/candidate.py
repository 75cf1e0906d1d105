"""A thing that may be meant -> as the Reconciliation API 0.2 writes it (5.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from leadgraph.explore.identifiers import shorten

Json: TypeAlias = Mapping[str, "Json"] | Sequence["Json"] | str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A thing that may be meant; `features` are what its score is made of."""

    iri: str
    name: str
    language: str
    description: str
    types: tuple[tuple[str, str], ...]
    score: float
    match: bool
    features: tuple[tuple[str, float | bool], ...]

    @property
    def id(self) -> str:
        """Its identifier within the space of our things, or its IRI."""
        return shorten(self.iri)


def as_json(candidate: Candidate) -> dict[str, Json]:
    """Return a candidate as an answer to a query has it."""
    described: dict[str, Json] = (
        {"description": candidate.description} if candidate.description else {}
    )
    return {
        "id": candidate.id,
        "name": candidate.name,
        **described,
        "type": [{"id": id_, "name": name} for id_, name in candidate.types],
        "score": candidate.score,
        "match": candidate.match,
        "features": [{"id": id_, "value": value} for id_, value in candidate.features],
    }
