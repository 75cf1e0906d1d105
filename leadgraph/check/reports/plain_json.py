"""Report -> our own JSON, as `report.schema.json` beside this file describes it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, TypeAlias

from leadgraph.check.reports.characters import visible
from leadgraph.check.reports.counts import counts
from leadgraph.model import Report
from leadgraph.vocabulary import REPORT_SCHEMA

if TYPE_CHECKING:
    from leadgraph.check.reports.reader import Reader
    from leadgraph.errors import LeadGraphError
    from leadgraph.model import Edit, Place, Problem

Json: TypeAlias = Mapping[str, "Json"] | Sequence["Json"] | str | int | bool | None

VERSION = 1
"""Of the form of the report: a member that goes or changes its meaning makes another one."""

_HALF_A_PAIR = re.compile("[\ud800-\udfff]")


def written(report: Report, reader: Reader) -> str:
    """Return the report as one object, messages in the reader's language."""
    return dump(_object(report, reader.language, None))


def refused(error: LeadGraphError, reader: Reader) -> str:
    """Return the report of a check that could not be done, with the reason."""
    reason = {"code": error.code, "detail": str(error)}
    return dump({**_object(Report((), (), 0), reader.language, reason), "conforms": False})


@cache
def schema() -> str:
    """Return the JSON Schema (2020-12) of these documents."""
    return files("leadgraph.check.reports").joinpath("report.schema.json").read_text("utf-8")


def dump(content: Json) -> str:
    r"""Return JSON that no terminal obeys: what it would obey stands there as `\u202e`.

    Half a surrogate pair, from a file name that is no UTF-8, is no character that all parsers
    take: the escape itself is the text then.
    """
    text = _HALF_A_PAIR.sub(
        lambda half: f"\\\\u{ord(half[0]):04x}", json.dumps(content, ensure_ascii=False, indent=2)
    )
    return "\n".join(visible(line) for line in text.split("\n")) + "\n"


def _object(report: Report, language: str, error: Json) -> dict[str, Json]:
    return {
        "$schema": REPORT_SCHEMA,
        "version": VERSION,
        "conforms": report.conforms,
        "files": report.files,
        "statements": report.statements,
        "language": language,
        "counts": asdict(counts(report)),
        "error": error,
        "problems": [_problem(problem, language) for problem in report.problems],
    }


def _problem(problem: Problem, language: str) -> dict[str, Json]:
    return {
        **_place(problem.place),
        "severity": problem.severity,
        "code": problem.code,
        "constraint": problem.constraint,
        "focus": problem.focus,
        "predicate": problem.predicate,
        "value": problem.value,
        "message": problem.message(language),
        "suggestion": problem.suggestion,
        "excerpt": problem.excerpt,
        "related": [_place(place) for place in problem.related],
        "edits": [_edit(edit) for edit in problem.edits],
    }


def _place(place: Place) -> dict[str, Json]:
    return {
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    }


def _edit(edit: Edit) -> dict[str, Json]:
    return {**_place(edit.place), "text": edit.text}
