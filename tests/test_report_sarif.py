"""SARIF 2.1.0: valid by its schema, true to the places, and known again after other edits."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import jsonschema_rs
import pytest

from leadgraph.check.reports.reader import Reader
from leadgraph.check.reports.sarif import MOST_RESULTS, refused, written
from leadgraph.errors import CheckStopped
from leadgraph.model import Edit, Place, Problem, Report, Severity
from leadgraph.words import say
from tests.report_samples import HOSTILE_TEXTS, LINES, PROBLEMS, REPORT, hostile
from tests.schema_store import published

SCHEMA = json.dumps(published("https://json.schemastore.org/sarif-2.1.0.json"))
# The pattern that is published for a language has a bracket too many, which strict parsers refuse.
VALIDATOR = jsonschema_rs.validator_for(json.loads(SCHEMA.replace("{2}]?$", "{2}$")))


def run(report: Report, reader: Reader | None = None) -> dict:
    """The one run of a valid log."""
    log = json.loads(written(report, reader or Reader()))
    VALIDATOR.validate(log)
    (only,) = log["runs"]
    return only


def prints(report: Report) -> list[str]:
    """The fingerprints of all results."""
    return [each["partialFingerprints"]["leadgraph/v1"] for each in run(report)["results"]]


def cut(region: dict, lines: list[str]) -> str:
    """What a region of one line holds."""
    assert region["startLine"] == region["endLine"]
    return lines[region["startLine"] - 1][region["startColumn"] - 1 : region["endColumn"] - 1]


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_a_run_says_it_in_the_language_of_the_reader(language: str) -> None:
    found = run(REPORT, Reader(language))
    assert found["language"] == language
    assert found["columnKind"] == "unicodeCodePoints"
    messages = [result["message"]["text"] for result in found["results"]]
    assert messages == [problem.message(language) for problem in PROBLEMS]


def test_the_schema_would_refuse_a_wrong_log() -> None:
    log = json.loads(written(REPORT, Reader()))
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert not VALIDATOR.is_valid(log)


def test_a_region_is_the_token_and_its_surroundings_the_line() -> None:
    where = run(REPORT)["results"][2]["locations"][0]["physicalLocation"]
    assert where["artifactLocation"] == {"uri": "ten-mistakes.ttl", "uriBaseId": "%SRCROOT%"}
    assert cut(where["region"], LINES) == '"Elm" .' == where["region"]["snippet"]["text"]
    assert where["contextRegion"] == {"startLine": 10, "snippet": {"text": LINES[9]}}


def test_every_rule_has_help_and_every_result_its_rule() -> None:
    found = run(REPORT)
    rules = found["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({problem.code for problem in PROBLEMS})
    for rule in rules:
        assert rule["shortDescription"]["text"].endswith(".")
        assert f"leadgraph explain {rule['id']}" in rule["help"]["markdown"]
        assert rule["helpUri"].startswith("https://")
        assert rule.get("name", "").lower() != rule["id"].lower()
    for result in found["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_the_help_of_a_rule_says_what_is_behind_it(language: str) -> None:
    syntax = Problem(Place("f"), Severity.VIOLATION, "syntax", {"en": "Bad."})
    found = run(Report((*PROBLEMS, syntax), (), 0), Reader(language))
    helps = {rule["id"]: rule["help"]["text"] for rule in found["tool"]["driver"]["rules"]}
    assert say("codes.syntax", language) in helps["syntax"]
    assert say("codes.MinCountConstraintComponent", language) in helps["label"]
    assert helps["name"].count("\n\n") == 1, "nothing is known about sh:Pattern"


def test_levels_are_those_of_the_severities() -> None:
    levels = [result["level"] for result in run(REPORT)["results"]]
    assert levels == ["error"] * 6 + ["warning", "error"]
    info = replace(PROBLEMS[0], severity=Severity.INFO)
    assert run(Report((info,), ("f",), 0))["results"][0]["level"] == "note"


def test_related_places_have_ids_and_edits_are_fixes() -> None:
    results = run(REPORT)["results"]
    assert [place["id"] for place in results[1]["relatedLocations"]] == [1, 2]
    (fix,) = results[2]["fixes"]
    (change,) = fix["artifactChanges"]
    (replacement,) = change["replacements"]
    assert replacement["insertedContent"] == {"text": '"elm" .'}
    assert cut(replacement["deletedRegion"], LINES) == '"Elm" .'


def test_edits_of_several_files_are_changes_of_each() -> None:
    edits = tuple(Edit(Place(name, 1, 1, 1, 1), "x") for name in ("b.ttl", "a.ttl", "b.ttl"))
    (result,) = run(Report((replace(PROBLEMS[0], edits=edits),), ("b.ttl",), 0))["results"]
    changes = result["fixes"][0]["artifactChanges"]
    assert [len(change["replacements"]) for change in changes] == [1, 2]


def test_a_file_that_cannot_be_read_fails_the_run() -> None:
    (invocation,) = run(REPORT)["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 2)
    (told,) = invocation["toolExecutionNotifications"]
    assert told["descriptor"]["id"] == "unreadable"
    readable = Report(PROBLEMS[:-1], REPORT.files, 31)
    (invocation,) = run(readable)["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (True, 1)


def test_hidden_problems_are_a_notification() -> None:
    hidden = Problem(Place("f"), Severity.WARNING, "too-many-problems", {"en": "9 more. Mend."})
    found = run(Report((hidden,), ("f",), 0))
    assert not found.get("results")
    (told,) = found["invocations"][0]["toolExecutionNotifications"]
    assert told["level"] == "warning"


def test_a_refusal_is_a_run_that_failed() -> None:
    log = json.loads(refused(CheckStopped("it ran longer than 1 s"), Reader("fr")))
    VALIDATOR.validate(log)
    (invocation,) = log["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "longer than 1 s" in invocation["toolExecutionNotifications"][0]["message"]["text"]
    assert log["runs"][0]["results"] == []


def test_paths_are_relative_to_the_root_and_percent_encoded(tmp_path: Path) -> None:
    name = "a b/ü%#?\n\udcff.ttl"
    inside = replace(PROBLEMS[0], place=Place(str(tmp_path / name), 1, 1, 1, 2))
    outside = replace(PROBLEMS[0], place=Place("/else where/x.ttl", 1, 1, 1, 2))
    report = Report((inside, outside), (), 0)
    places = [
        each["locations"][0]["physicalLocation"]["artifactLocation"]
        for each in run(report, Reader(root=str(tmp_path)))["results"]
    ]
    assert places[0] == {"uri": "a%20b/%C3%BC%25%23%3F%0A%FF.ttl", "uriBaseId": "%SRCROOT%"}
    assert unquote(places[0]["uri"], errors="surrogateescape") == name
    assert places[1] == {"uri": "file:///else%20where/x.ttl"}


def test_no_folder_of_this_machine_is_told() -> None:
    here = str(Path.cwd())
    assert here not in written(REPORT, Reader())


def test_a_whole_file_is_placed_at_its_first_line() -> None:
    where = run(REPORT)["results"][6]["locations"][0]["physicalLocation"]
    assert where["region"] == {"startLine": 1}


def test_a_region_of_several_lines_has_no_snippet() -> None:
    long = replace(PROBLEMS[0], place=Place("f.ttl", 3, 5, 7, 2), excerpt="ex:p [")
    where = run(Report((long,), ("f.ttl",), 0))["results"][0]["locations"][0]["physicalLocation"]
    assert where["region"] == {"startLine": 3, "startColumn": 5, "endLine": 7, "endColumn": 2}
    assert "contextRegion" not in where


# --- Fingerprints --------------------------------------------------------------------------------


def moved(problem: Problem, lines: int) -> Problem:
    """The same problem after so many lines were put before it."""
    place = problem.place
    if place.line is None or place.end_line is None:
        return problem
    further = replace(place, line=place.line + lines, end_line=place.end_line + lines)
    return replace(problem, place=further)


def test_fingerprints_are_different_and_survive_lines_before_and_another_language() -> None:
    before = prints(REPORT)
    assert len(set(before)) == len(before)
    after = replace(REPORT, problems=tuple(moved(problem, 12) for problem in PROBLEMS))
    assert prints(after) == before
    spoken = replace(
        REPORT, problems=tuple(replace(one, messages={"en": "Other words."}) for one in PROBLEMS)
    )
    assert prints(spoken) == before


def test_fingerprints_survive_that_another_problem_is_mended() -> None:
    fewer = replace(REPORT, problems=PROBLEMS[1:])
    assert prints(fewer) == prints(REPORT)[1:]


def test_equal_problems_are_told_apart_by_their_order() -> None:
    twice = Report((PROBLEMS[0], moved(PROBLEMS[0], 3)), ("ten-mistakes.ttl",), 0)
    first, second = prints(twice)
    assert first != second
    assert [first] == prints(Report(PROBLEMS[:1], ("ten-mistakes.ttl",), 0))


def test_a_blank_node_may_get_another_name() -> None:
    """`[]` before it are counted: the words of the line stand for it."""
    lines = ("  ex:p 1 ] .", "ex:p 2 ] .")
    nodes = [replace(PROBLEMS[3], focus="_:b1", value=None, excerpt=line) for line in lines]
    later = [replace(node, focus="_:b7", excerpt=f" {node.excerpt}") for node in nodes]
    found = [prints(Report(tuple(each), ("f",), 0)) for each in (nodes, later)]
    assert found[0] == found[1]
    assert found[0][0] != found[0][1]


def test_the_folder_of_the_checkout_does_not_matter(tmp_path: Path) -> None:
    found = []
    for root in (tmp_path / "one", tmp_path / "two"):
        inside = replace(PROBLEMS[0], place=Place(str(root / "data/a.ttl"), 1, 1, 1, 2))
        (result,) = run(Report((inside,), (), 0), Reader(root=str(root)))["results"]
        found.append(result["partialFingerprints"])
    assert found[0] == found[1]


# --- What it must bear ---------------------------------------------------------------------------


@pytest.mark.parametrize("words", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
def test_hostile_words_stay_words(words: str) -> None:
    found = run(hostile(words))
    assert len(found["results"]) == 2
    assert found["results"][0]["message"]["text"] == words.replace("\ud800", "\\ud800")
    for rule in found["tool"]["driver"]["rules"]:
        assert len(rule["fullDescription"]["text"]) <= 1024
        assert "<script>" not in rule["help"]["markdown"].replace("\\<", "")


def test_no_more_results_than_code_scanning_takes_and_the_gravest_of_them() -> None:
    warning = replace(PROBLEMS[0], severity=Severity.WARNING)
    many = Report((warning,) * MOST_RESULTS + PROBLEMS[:1], ("f",), 0)
    (only,) = json.loads(written(many, Reader()))["runs"]
    assert len(only["results"]) == MOST_RESULTS
    assert only["results"][0]["level"] == "error"
