"""Report -> JUnit XML, as the servers of continuous integration read it.

A suite is a file. A violation is a test that fails, what could not be read is one with an error;
warnings and notes are tests that pass and say something. A file without problems is a test too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from leadgraph.check.reports import text
from leadgraph.check.reports.characters import visible
from leadgraph.check.reports.counts import HIDDEN, UNREADABLE
from leadgraph.model import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadgraph.check.reports.reader import Reader
    from leadgraph.errors import LeadGraphError
    from leadgraph.model import Problem, Report

_NAME = "leadgraph check"


def written(report: Report, reader: Reader) -> str:
    """Return a document with a suite for each file."""
    by_file: dict[str, list[Problem]] = {path: [] for path in report.files}
    for problem in report.problems:
        by_file.setdefault(problem.place.path, []).append(problem)
    return _document([_suite(path, found, reader) for path, found in by_file.items()])


def refused(error: LeadGraphError, _reader: Reader) -> str:
    """Return a document with one test, which could not be made."""
    case = _case(_NAME, error.code)
    _say(case, "error", error.code, str(error), str(error))
    return _document([_with_sums(Element("testsuite", name=_NAME), [case])])


def _suite(path: str, problems: Sequence[Problem], reader: Reader) -> Element:
    name = visible(reader.relative(path))
    cases = [_of_problem(name, problem, reader) for problem in problems] or [_case(name, "clean")]
    return _with_sums(Element("testsuite", name=name), cases)


def _of_problem(suite: str, problem: Problem, reader: Reader) -> Element:
    place = problem.place
    where = "" if place.line is None else f" {place.line}:{place.column or 1}"
    case = _case(suite, visible(problem.code) + where)
    told = text.alone(problem, replace(reader, colour=False))
    message = problem.message(reader.language)
    if problem.severity is not Severity.VIOLATION or problem.code == HIDDEN:
        SubElement(case, "system-out").text = told
    elif problem.code in UNREADABLE:
        _say(case, "error", problem.code, message, told)
    else:
        _say(case, "failure", problem.code, message, told)
    return case


def _case(suite: str, name: str) -> Element:
    return Element("testcase", classname=suite, name=name, time="0")


def _say(case: Element, tag: str, code: str, message: str, told: str) -> None:
    said = SubElement(case, tag, message=visible(message), type=visible(code))
    said.text = told


def _with_sums(suite: Element, cases: Sequence[Element]) -> Element:
    suite.extend(cases)
    suite.attrib |= _sums([suite]) | {"skipped": "0", "time": "0"}
    return suite


def _sums(suites: Sequence[Element]) -> dict[str, str]:
    return {
        name: str(sum(len(suite.findall(path)) for suite in suites))
        for name, path in (
            ("tests", "testcase"),
            ("failures", "testcase/failure"),
            ("errors", "testcase/error"),
        )
    }


def _document(suites: Sequence[Element]) -> str:
    root = Element("testsuites", name=_NAME)
    root.extend(suites)
    root.attrib |= _sums(suites) | {"time": "0"}
    indent(root)
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{tostring(root, encoding='unicode')}\n"
