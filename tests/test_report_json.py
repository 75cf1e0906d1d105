"""Our own JSON: what its schema says, whatever the files held."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest

from leadgraph.check.reports.plain_json import refused, schema, written
from leadgraph.check.reports.reader import Reader
from leadgraph.errors import CheckStopped
from leadgraph.model import Report
from leadgraph.vocabulary import REPORT_SCHEMA
from tests.report_samples import HOSTILE_TEXTS, LINES, PROBLEMS, REPORT, hostile

SCHEMA = json.loads(schema())
VALIDATOR = jsonschema_rs.Draft202012Validator(SCHEMA)


def test_the_schema_is_one_and_has_the_address_that_reports_name() -> None:
    jsonschema_rs.meta.validate(SCHEMA)
    assert SCHEMA["$id"] == REPORT_SCHEMA
    assert SCHEMA["properties"]["$schema"]["const"] == REPORT_SCHEMA


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_a_report_is_what_the_schema_says(language: str) -> None:
    content = json.loads(written(REPORT, Reader(language)))
    VALIDATOR.validate(content)
    assert content["language"] == language
    assert content["problems"][0]["message"] == PROBLEMS[0].message(language)
    assert content["counts"] == {
        "violations": 7,
        "warnings": 1,
        "infos": 0,
        "mendable": 1,
        "clean_files": 1,
    }


def test_a_problem_has_all_its_members() -> None:
    content = json.loads(written(REPORT, Reader()))
    assert content["conforms"] is False
    assert content["files"] == ["ten-mistakes.ttl", "missing.ttl", "clean.ttl"]
    where = {"path": "ten-mistakes.ttl", "line": 10, "end_line": 10, "column": 54, "end_column": 61}
    assert content["problems"][2] == where | {
        "severity": "violation",
        "code": "name",
        "constraint": "Pattern",
        "focus": "<http://example.org/garden#a4>",
        "predicate": None,
        "value": '"Elm"',
        "message": "A name is in lower case. Write it so.",
        "suggestion": '"elm"',
        "excerpt": LINES[9],
        "related": [],
        "edits": [where | {"text": '"elm" .'}],
    }
    assert content["problems"][1]["related"][0]["column"] == 35


def test_the_schema_refuses_what_no_report_has() -> None:
    content = json.loads(written(REPORT, Reader()))
    for change in ({"line": 0}, {"column": "1"}, {"severity": "error"}, {"extra": 1}):
        problems = [{**content["problems"][0], **change}]
        assert not VALIDATOR.is_valid({**content, "problems": problems}), change
    assert not VALIDATOR.is_valid({**content, "counts": {}})
    assert not VALIDATOR.is_valid({"error": {"code": "x", "detail": "y"}})


@pytest.mark.parametrize("words", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
def test_hostile_words_stay_words(words: str) -> None:
    """Every parser takes it, and no terminal obeys what it is shown."""
    text = written(hostile(words), Reader())
    content = json.loads(text)
    VALIDATOR.validate(content)
    assert content["problems"][0]["message"] == words.replace("\ud800", "\\ud800")
    assert all(each.isprintable() or each == "\n" for each in text)
    assert jsonschema_rs.is_valid(True, content)  # a parser of another language


def test_the_same_report_is_the_same_text() -> None:
    assert written(REPORT, Reader()) == written(REPORT, Reader())
    assert written(REPORT, Reader()).endswith("}\n")


def test_a_refusal_is_a_report_with_the_reason() -> None:
    content = json.loads(refused(CheckStopped("it ran longer than 1 s"), Reader("de")))
    VALIDATOR.validate(content)
    assert content["conforms"] is False
    assert content["error"]["code"] == "check-stopped"
    assert "longer than 1 s" in content["error"]["detail"]


def test_a_report_without_problems_conforms() -> None:
    content = json.loads(written(Report((), ("a.ttl",), 3), Reader()))
    VALIDATOR.validate(content)
    assert content["conforms"] is True
    assert content["counts"]["clean_files"] == 1
