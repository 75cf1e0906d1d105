"""Report -> SARIF 2.1.0 (OASIS), as code scanning takes it: one run of one tool.

Paths are relative to the root of the repository. A file that could not be read is a result, so
that it is seen, and a notification, so that the run counts as failed.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from leadgraph.check.reports import sarif_places as places
from leadgraph.check.reports.counts import CANNOT_READ, HIDDEN, UNREADABLE, exit_status
from leadgraph.check.reports.fingerprints import fingerprints
from leadgraph.check.reports.plain_json import dump
from leadgraph.model import Severity
from leadgraph.vocabulary import CODES, LEADGRAPH
from leadgraph.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from leadgraph.check.reports.plain_json import Json
    from leadgraph.check.reports.reader import Reader
    from leadgraph.errors import LeadGraphError
    from leadgraph.model import Problem, Report

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
MOST_RESULTS = 25_000
"""More in one run are refused by GitHub (SARIF support for code scanning)."""

_LONGEST_DESCRIPTION = 1024
"""Of a rule; GitHub cuts there (SARIF support for code scanning)."""
_FINGERPRINT = "leadgraph/v1"
_LEVELS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def written(report: Report, reader: Reader) -> str:
    """Return the report as a log of one run."""
    shown = _gravest([problem for problem in report.problems if problem.code != HIDDEN])
    rules = _rules(shown, reader)
    numbers = {code: number for number, code in enumerate(rules)}
    results = [
        _result(problem, numbers[problem.code], fingerprint, reader)
        for problem, fingerprint in zip(shown, fingerprints(shown, reader), strict=True)
    ]
    told = [
        _notification(problem, reader)
        for problem in report.problems
        if problem.code in UNREADABLE or problem.code == HIDDEN
    ]
    return _log(
        reader,
        rules=list(rules.values()),
        artifacts=[{"location": places.artifact(path, reader)} for path in report.files],
        invocation=_invocation(exit_status(report), told),
        results=results,
    )


def refused(error: LeadGraphError, reader: Reader) -> str:
    """Return a run that failed before anything was checked."""
    told: dict[str, Json] = {
        "descriptor": {"id": error.code},
        "level": "error",
        "message": {"text": str(error)},
    }
    invocation = _invocation(CANNOT_READ, [told])
    return _log(reader, rules=[], artifacts=[], invocation=invocation, results=[])


def _gravest(problems: Sequence[Problem]) -> Sequence[Problem]:
    """As many problems as are taken, violations before warnings where some must go."""
    if len(problems) <= MOST_RESULTS:
        return problems
    order = list(Severity)
    return sorted(problems, key=lambda problem: order.index(problem.severity))[:MOST_RESULTS]


def _log(
    reader: Reader,
    *,
    rules: Sequence[Json],
    artifacts: Sequence[Json],
    invocation: Json,
    results: Sequence[Json],
) -> str:
    run: dict[str, Json] = {
        "tool": {"driver": _driver(rules)},
        "automationDetails": {"id": "leadgraph/"},
        "language": reader.language,
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            places.ROOT: {"description": {"text": "The root of the files that were checked."}}
        },
        "invocations": [invocation],
        "artifacts": artifacts,
        "results": results,
    }
    return dump({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _driver(rules: Sequence[Json]) -> dict[str, Json]:
    from importlib.metadata import version  # noqa: PLC0415  # slow, and no other format wants it

    return {
        "name": "LeadGraph",
        "semanticVersion": version("leadgraph"),
        "informationUri": LEADGRAPH,
        "rules": rules,
    }


def _invocation(status: int, told: Sequence[Json]) -> dict[str, Json]:
    return {
        "executionSuccessful": status != CANNOT_READ,
        "exitCode": status,
        "toolExecutionNotifications": told,
    }


def _notification(problem: Problem, reader: Reader) -> dict[str, Json]:
    return {
        "descriptor": {"id": problem.code},
        "level": _LEVELS[problem.severity],
        "message": {"text": problem.message(reader.language)},
        "locations": [places.location(problem.place, None, reader)],
    }


def _rules(problems: Sequence[Problem], reader: Reader) -> Mapping[str, Json]:
    """What is told of each code, in the order of the codes: its first problem is the example."""
    firsts = {problem.code: problem for problem in reversed(problems)}
    return {code: _rule(firsts[code], reader) for code in sorted(firsts)}


def _rule(problem: Problem, reader: Reader) -> dict[str, Json]:
    code, message = problem.code, problem.message(reader.language)[:_LONGEST_DESCRIPTION]
    told = [message, *_background(problem, reader.language)]
    command = f"leadgraph explain {code}"
    more = [
        say("problems.explain", reader.language, command=written)
        for written in (command, f"`{command}`")
    ]
    return {
        "id": code,
        **_name(code),
        "shortDescription": {"text": _first_sentence(message)},
        "fullDescription": {"text": message},
        "defaultConfiguration": {"level": _LEVELS[problem.severity]},
        "help": {
            "text": "\n\n".join([*told, more[0]]),
            "markdown": "\n\n".join([*map(_plain, told), more[1]]),
        },
        "helpUri": places.under(CODES, code),
        "properties": {"tags": ["RDF", "SHACL" if problem.constraint else "Turtle"]},
    }


def _background(problem: Problem, language: str) -> Iterator[str]:
    """What `leadgraph explain` says of a shape's constraint, or of the code, if it has words."""
    with suppress(KeyError):
        yield say(f"codes.{problem.constraint or problem.code}", language)


def _name(code: str) -> dict[str, Json]:
    """A name in Pascal case, where it says more than the code (SARIF 2.1.0, 3.49.7)."""
    name = "".join(part[:1].upper() + part[1:] for part in re.findall(r"\w+", code))
    return {"name": name} if name.lower() != code.lower() else {}


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[.!?؟])\s", text, maxsplit=1)[0] or text


def _plain(text: str) -> str:
    """The text so that nothing in it is Markdown (CommonMark 0.31, 2.4: backslash escapes)."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def _result(problem: Problem, index: int, fingerprint: str, reader: Reader) -> dict[str, Json]:
    result: dict[str, Json] = {
        "ruleId": problem.code,
        "level": _LEVELS[problem.severity],
        "message": {"text": problem.message(reader.language)},
        "locations": [places.location(problem.place, problem.excerpt, reader)],
        "relatedLocations": places.numbered(problem.related, reader),
        "fixes": _fixes(problem, reader),
        "partialFingerprints": {_FINGERPRINT: fingerprint},
        "properties": _properties(problem),
    }
    return {"ruleIndex": index, **{name: value for name, value in result.items() if value}}


def _fixes(problem: Problem, reader: Reader) -> list[Json]:
    """The one right answer, if there is one."""
    if not problem.edits:
        return []
    description = {"text": say("problems.mend", reader.language)}
    changes = places.changes(problem.edits, reader)
    return [{"description": description, "artifactChanges": changes}]


def _properties(problem: Problem) -> dict[str, Json]:
    """What a result is about, in the words of our own JSON."""
    members = {
        "constraint": problem.constraint,
        "focus": problem.focus,
        "predicate": problem.predicate,
        "value": problem.value,
        "suggestion": problem.suggestion,
    }
    return {name: text for name, text in members.items() if text is not None}
