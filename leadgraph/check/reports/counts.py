"""Report -> its sums, and the status that `leadgraph check` ends with."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadgraph.model import Severity

if TYPE_CHECKING:
    from leadgraph.model import Report

UNREADABLE = frozenset({"unreadable", "unknown-format", "rdf-xml"})
"""Codes of problems for which nothing in the file was looked at."""

HIDDEN = "too-many-problems"
"""Code of the notice that there are more problems; it counts as none itself."""

CANNOT_READ = 2
"""The exit status when a file, or what it is checked by, cannot be read."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many problems of each severity, how many have edits, how many files have none."""

    violations: int
    warnings: int
    infos: int
    mendable: int
    clean_files: int


def counts(report: Report) -> Counts:
    """Return the sums of a report."""
    shown = [problem for problem in report.problems if problem.code != HIDDEN]
    severities = Counter(problem.severity for problem in shown)
    touched = {problem.place.path for problem in report.problems}
    return Counts(
        violations=severities[Severity.VIOLATION],
        warnings=severities[Severity.WARNING],
        infos=severities[Severity.INFO],
        mendable=sum(bool(problem.edits) for problem in shown),
        clean_files=sum(path not in touched for path in report.files),
    )


def exit_status(report: Report) -> int:
    """Return 0 without violations, 1 with some, 2 if a file could not be read."""
    if any(problem.code in UNREADABLE for problem in report.problems):
        return CANNOT_READ
    return 0 if report.conforms else 1
