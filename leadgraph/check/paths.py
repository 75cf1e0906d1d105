"""SHACL property paths as values: what leads from a focus node to its value nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyoxigraph import NamedNode


@dataclass(frozen=True, slots=True)
class Predicate:
    """A single step (SHACL, 2.3.1.1)."""

    iri: NamedNode


@dataclass(frozen=True, slots=True)
class Sequence:
    """One path after the other (SHACL, 2.3.1.2)."""

    steps: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Any of several paths (SHACL, 2.3.1.3)."""

    choices: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Inverse:
    """A path walked backwards (SHACL, 2.3.1.4)."""

    path: Path


@dataclass(frozen=True, slots=True)
class Repeated:
    """A path so many times: `*` (0, None), `+` (1, None) or `?` (0, 1) (SHACL, 2.3.1.5 to 7)."""

    path: Path
    least: int
    most: int | None


Path = Predicate | Sequence | Alternative | Inverse | Repeated
