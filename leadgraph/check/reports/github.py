"""Report -> workflow commands of GitHub Actions: an annotation of each line to mend.

    ::error file=data/roles.ttl,line=12,endLine=12,col=23,endColumn=41,title=LeaderRole-...::message

A step shows the first ten errors, ten warnings and ten notices (GitHub's actions/toolkit,
problem-matchers.md, Limitations); the last line says so when there are more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadgraph.check.reports.characters import visible
from leadgraph.check.reports.counts import HIDDEN, counts
from leadgraph.check.reports.text import summary
from leadgraph.model import Severity
from leadgraph.words import say

if TYPE_CHECKING:
    from leadgraph.check.reports.reader import Reader
    from leadgraph.errors import LeadGraphError
    from leadgraph.model import Place, Problem, Report

ANNOTATED = 10
"""How many commands of one kind a step shows as annotations."""

_COMMANDS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_IN_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def written(report: Report, reader: Reader) -> str:
    """Return a command for each problem, and the sums in words."""
    lines = [_command(problem, reader) for problem in report.problems]
    sums = counts(report)
    end = summary(report, reader.language)
    if max(sums.violations, sums.warnings, sums.infos) > ANNOTATED:
        end += " " + say("problems.summary-annotated", reader.language, most=ANNOTATED)
    return "\n".join([*lines, end, ""])


def refused(error: LeadGraphError, _reader: Reader) -> str:
    """Return the command that tells why nothing was checked."""
    return f"::error title={_property(error.code)}::{_data(str(error))}\n"


def _command(problem: Problem, reader: Reader) -> str:
    place = problem.place
    properties = {
        "file": reader.relative(place.path),
        **_region(place),
        "title": problem.code if problem.code != HIDDEN else "LeadGraph",
    }
    listed = ",".join(f"{name}={_property(text)}" for name, text in properties.items())
    message = problem.message(reader.language)
    return f"::{_COMMANDS[problem.severity]} {listed}::{_data(message)}"


def _region(place: Place) -> dict[str, str]:
    """The lines, and the columns where they are of one line: GitHub takes no others."""
    if place.line is None:
        return {}
    lines = {"line": str(place.line), "endLine": str(place.end_line or place.line)}
    if place.column is None or place.end_line not in {None, place.line}:
        return lines
    return {
        **lines,
        "col": str(place.column),
        "endColumn": str(place.end_column or place.column),
    }


def _data(text: str) -> str:
    """Text after the second `::`; nothing in it begins a line, so nothing is a command."""
    return visible(text).translate(_IN_DATA)


def _property(text: str) -> str:
    return visible(text).translate(_IN_PROPERTY)
