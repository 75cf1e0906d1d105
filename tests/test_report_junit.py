"""JUnit XML: a reader of it sees each problem, and hostile words are text."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from junitparser import Error, Failure, JUnitXml

from leadgraph.check.reports.junit import refused, written
from leadgraph.check.reports.reader import Reader
from leadgraph.errors import ShapesInvalid
from tests.report_samples import HOSTILE_TEXTS, REPORT, hostile


def test_a_suite_is_a_file_and_a_test_a_problem() -> None:
    suites = list(JUnitXml.fromstring(written(REPORT, Reader()).encode()))
    assert [(suite.name, suite.tests, suite.failures, suite.errors) for suite in suites] == [
        ("ten-mistakes.ttl", 7, 6, 0),
        ("missing.ttl", 1, 0, 1),
        ("clean.ttl", 1, 0, 0),
    ]
    cases = list(suites[0])
    assert cases[0].name == "label 7:1"
    assert cases[0].classname == "ten-mistakes.ttl"
    (failure,) = cases[0].result
    assert isinstance(failure, Failure)
    assert failure.type == "label"
    assert failure.message == "A plant has one short label in each language. Give it one."
    assert failure.text.startswith("ten-mistakes.ttl:7:1: violation: ")
    assert failure.text.endswith("\n     | ^^^^^")


def test_a_warning_passes_and_says_something_and_a_clean_file_is_a_test() -> None:
    ten, missing, clean = JUnitXml.fromstring(written(REPORT, Reader()).encode())
    warning = list(ten)[-1]
    assert warning.is_passed
    assert "That name is taken." in warning.system_out
    (error,) = next(iter(missing)).result
    assert isinstance(error, Error)
    assert error.type == "unreadable"
    assert next(iter(clean)).is_passed


def test_the_sums_of_the_whole_are_those_of_its_suites() -> None:
    root = ElementTree.fromstring(written(REPORT, Reader()))
    assert root.attrib == {
        "name": "leadgraph check",
        "tests": "9",
        "failures": "6",
        "errors": "1",
        "time": "0",
    }


@pytest.mark.parametrize("language", ["es", "ar"])
def test_it_speaks_the_language_of_the_reader(language: str) -> None:
    root = ElementTree.fromstring(written(REPORT, Reader(language)))
    (first, *_) = root.iter("failure")
    assert first.attrib["message"] == REPORT.problems[0].message(language)


@pytest.mark.parametrize("words", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
def test_hostile_words_are_text_in_well_formed_xml(words: str) -> None:
    document = written(hostile(words), Reader(colour=True))
    root = ElementTree.fromstring(document)
    assert {element.tag for element in root.iter()} == {
        "testsuites",
        "testsuite",
        "testcase",
        "failure",
    }
    assert "\x1b" not in document
    assert len(list(root.iter("failure"))) == 2


def test_a_refusal_is_a_test_with_an_error() -> None:
    (suite,) = JUnitXml.fromstring(refused(ShapesInvalid("a", "it is empty"), Reader()).encode())
    (case,) = suite
    (error,) = case.result
    assert isinstance(error, Error)
    assert error.type == "shapes-invalid"
    assert suite.errors == 1
