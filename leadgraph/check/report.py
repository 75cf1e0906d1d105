"""Files -> Report, and a Report as text for people or JSON for machines: the step `check`."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from leadgraph.check.process import Request, run
from leadgraph.check.results import natural, short
from leadgraph.model import GraphDirectory, Problem, Report, Severity
from leadgraph.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from leadgraph.settings import Settings

UNREADABLE = frozenset({"unreadable", "unknown-format", "rdf-xml"})
"""Codes of problems for which nothing in the file was looked at."""

HIDDEN = "too-many-problems"
"""Code of the notice that there are more problems; it counts as none itself."""

# Control characters, and invisible ones that change the direction of writing: a terminal or an
# editor would obey them.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_COLOURS = {Severity.VIOLATION: "31", Severity.WARNING: "33", Severity.INFO: "36"}


def check(
    files: Sequence[Path],
    *,
    shapes: Sequence[Path] | None,
    against: GraphDirectory | None,
    settings: Settings,
    progress: Callable[[str], None],
) -> Report:
    """Return everything that is wrong with the files, in a child process within limits.

    `shapes` are used alone, without any rule; None means the shapes and rules of `against`. The
    context of the files is `against`, where a file of the same name counts as their old version:
    what its replacement breaks in other files is reported there.
    `progress` hears the names of the steps: `read`, `shapes`, `rules`.

    Raises:
        CheckStopped: if it ran past its time or memory.
        ShapesInvalid: if the shapes or rules cannot be used.
        SourceUnreadable: if a file of the context is broken.
    """
    ours = against if shapes is None else None
    request = Request(
        files=tuple(dict.fromkeys(str(path) for path in files)),
        shapes=_strings((ours.shapes if ours else ()) if shapes is None else shapes),
        rules=_strings(ours.rules if ours else ()),
        ontology=_strings(against.ontology if against else ()),
        data=_strings(against.data if against else ()),
        in_context=against is not None,
        limits=settings,
        parent=os.getpid(),
    )
    report = run(request, progress)
    return replace(report, problems=_in_order(report))


def as_text(report: Report, language: str, *, colour: bool = False) -> str:
    """Return one line for each problem and a summary, for people; characters are made visible."""
    lines = [_line(problem, language, colour=colour) for problem in report.problems]
    return "\n".join([*lines, _summary(report, language)])


def as_json(report: Report, language: str) -> str:
    """Return the report as one JSON object, messages in the language."""
    content = {
        "conforms": report.conforms,
        "files": report.files,
        "statements": report.statements,
        "problems": [_as_object(problem, language) for problem in report.problems],
    }
    return "\n".join(
        visible(line) for line in json.dumps(content, ensure_ascii=False, indent=2).split("\n")
    )


def _strings(paths: Sequence[Path]) -> tuple[str, ...]:
    return tuple(str(path) for path in paths)


def _in_order(report: Report) -> tuple[Problem, ...]:
    """The problems by file as the files were given, then line, code and terms.

    Files of the graph around follow, and what is not shown comes last.
    """
    order = {path: number for number, path in enumerate(report.files)}

    def rank(problem: Problem) -> tuple[object, ...]:
        place = problem.place
        terms = (problem.focus, problem.predicate, problem.value)
        return (
            problem.code == HIDDEN,
            order.get(place.path, len(order)),
            place.path,
            place.line or 0,
            place.column or 0,
            problem.code,
            problem.focus is None,
            tuple(natural(term or "") for term in terms),
        )

    return tuple(sorted(report.problems, key=rank))


def _line(problem: Problem, language: str, *, colour: bool) -> str:
    """`path:line:column: violation: message (what it is about) [code]`."""
    severity = say(f"problems.severity-{problem.severity}", language)
    if colour:
        severity = f"\x1b[{_COLOURS[problem.severity]}m{severity}\x1b[0m"
    message = problem.message(language)
    message = visible(message + _about(problem, message))
    return f"{visible(str(problem.place))}: {severity}: {message} [{visible(problem.code)}]"


def _about(problem: Problem, message: str) -> str:
    """The focus node, predicate and value, each once; not what the words of a rule name."""
    terms = dict.fromkeys((problem.focus, problem.predicate, problem.value))
    texts = [short(term) for term in terms if term]
    if problem.constraint is None:
        texts = [text for text in texts if not _names(message, text)]
    return f" ({', '.join(texts)})" if texts else ""


def _names(message: str, term: str) -> bool:
    """Whether a message has a term as a word of its own: `3` is none of `m3` or `3.5`."""
    return re.search(rf"(?<![\w:/-]){re.escape(term)}(?![\w:/-]|\.\w)", message) is not None


def visible(text: str) -> str:
    r"""Return the text with control and direction characters written as escapes (`\u202e`)."""
    return _INVISIBLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _summary(report: Report, language: str) -> str:
    facts = {"files": len(report.files), "statements": report.statements}
    if not report.problems:
        return say("problems.summary-clean", language, **facts)
    severities = [problem.severity for problem in report.problems if problem.code != HIDDEN]
    return say(
        "problems.summary",
        language,
        violations=severities.count(Severity.VIOLATION),
        warnings=severities.count(Severity.WARNING),
        **facts,
    )


def _as_object(problem: Problem, language: str) -> dict[str, str | int | None]:
    place = problem.place
    return {
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "severity": problem.severity,
        "code": problem.code,
        "constraint": problem.constraint,
        "focus": problem.focus,
        "predicate": problem.predicate,
        "value": problem.value,
        "message": problem.message(language),
    }
