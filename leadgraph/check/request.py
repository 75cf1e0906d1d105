"""What parent and child say to each other: the request, problems as JSON, and how it ended."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from enum import IntEnum
from typing import TYPE_CHECKING, Self, TypedDict

from leadgraph.model import Edit, Place, Problem, Severity
from leadgraph.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


_PARTS = tuple(part.name for part in fields(Problem))
_PLACE_PARTS = tuple(part.name for part in fields(Place))


class Exit(IntEnum):
    """How the child ends when it cannot report; from outside the kernel ends it by signals."""

    MEMORY = 3
    RECURSION = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the child is to check: paths, and the limits it works within.

    `spelling` asks for warnings on what no shape sees, which somebody's own shapes do without;
    `wants_graph` asks for the sh:ValidationReport too. `texts` holds what counts as the content of
    a file in place of what the disk has. `index` is where what the context states is kept from
    check to check; empty means nowhere.
    """

    files: Sequence[str]
    shapes: Sequence[str]
    rules: Sequence[str]
    ontology: Sequence[str]
    data: Sequence[str]
    in_context: bool
    wants_graph: bool = False
    spelling: bool = False
    limits: Settings
    parent: int
    texts: Mapping[str, str] = field(default_factory=dict)
    index: str = ""

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the request that `as_json` wrote."""
        content = json.loads(text)
        return cls(**{**content, "limits": Settings(**content["limits"])})

    def as_json(self) -> str:
        """Return the request for the child's stdin; paths may be no UTF-8, JSON keeps them."""
        return json.dumps(asdict(self))


def told(problem: Problem) -> dict[str, object]:
    """Return a problem as JSON has it; `asdict` takes thirty times as long for thousands."""
    content: dict[str, object] = {name: getattr(problem, name) for name in _PARTS}
    content["place"] = _where(problem.place)
    content["related"] = [_where(place) for place in problem.related]
    content["edits"] = [{"place": _where(e.place), "text": e.text} for e in problem.edits]
    return content


def _where(place: Place) -> dict[str, object]:
    return {name: getattr(place, name) for name in _PLACE_PARTS}


class _Where(TypedDict):
    """A place as JSON has it."""

    path: str
    line: int | None
    column: int | None
    end_line: int | None
    end_column: int | None


class _Edit(TypedDict):
    """An edit as JSON has it."""

    place: _Where
    text: str


class Told(TypedDict):
    """A problem as JSON has it."""

    place: _Where
    severity: str
    code: str
    messages: dict[str, str]
    constraint: str | None
    focus: str | None
    predicate: str | None
    value: str | None
    excerpt: str | None
    suggestion: str | None
    focus_name: str | None
    related: list[_Where]
    edits: list[_Edit]


def problem(content: Told) -> Problem:
    """Return a problem that `told` took apart."""
    return Problem(
        place=Place(**content["place"]),
        severity=Severity(content["severity"]),
        code=content["code"],
        messages=content["messages"],
        constraint=content["constraint"],
        focus=content["focus"],
        predicate=content["predicate"],
        value=content["value"],
        excerpt=content["excerpt"],
        suggestion=content["suggestion"],
        focus_name=content["focus_name"],
        related=tuple(Place(**place) for place in content["related"]),
        edits=tuple(Edit(Place(**each["place"]), each["text"]) for each in content["edits"]),
    )
