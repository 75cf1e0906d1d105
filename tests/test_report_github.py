"""Workflow commands: one a problem, on its line, and none that a file smuggled in."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from leadgraph.check.reports.github import refused, written
from leadgraph.check.reports.reader import Reader
from leadgraph.errors import ShapesInvalid
from leadgraph.model import Place, Report
from tests.report_samples import HOSTILE_TEXTS, PROBLEMS, REPORT, hostile

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = re.compile(r"::(?P<name>\w+) (?P<properties>[^:\r\n]*)::(?P<message>[^\r\n]*)")


def read(line: str) -> tuple[str, dict[str, str], str]:
    """A command as the runner reads it (actions/runner, ActionCommand)."""
    match = COMMAND.fullmatch(line)
    assert match is not None, line
    listed = dict(part.split("=", 1) for part in match["properties"].split(","))
    properties = {
        name: text.replace("%3A", ":").replace("%2C", ",").replace("%25", "%")
        for name, text in listed.items()
    }
    return match["name"], properties, match["message"].replace("%25", "%")


def test_each_problem_is_a_command_and_the_sums_come_last() -> None:
    *lines, end = written(REPORT, Reader()).splitlines()
    commands = [read(line) for line in lines]
    assert [name for name, _, _ in commands] == ["error"] * 6 + ["warning", "error"]
    assert commands[3] == (
        "error",
        {
            "file": "ten-mistakes.ttl",
            "line": "11",
            "endLine": "11",
            "col": "56",
            "endColumn": "60",
            "title": "height",
        },
        "A height is one decimal number of metres. Write it so.",
    )
    assert end.startswith("Violations: 7. Warnings: 1.")
    assert "GitHub" not in end


def test_what_spans_lines_has_no_columns_and_a_whole_file_no_line() -> None:
    long = replace(PROBLEMS[0], place=Place("f.ttl", 3, 5, 7, 2))
    whole = replace(PROBLEMS[0], place=Place("f.ttl"))
    lines = written(Report((long, whole), ("f.ttl",), 0), Reader()).splitlines()
    assert read(lines[0])[1] == {"file": "f.ttl", "line": "3", "endLine": "7", "title": "label"}
    assert read(lines[1])[1] == {"file": "f.ttl", "title": "label"}


def test_the_reader_is_told_when_github_shows_less_than_there_is() -> None:
    report = Report(PROBLEMS[:1] * 11, ("f.ttl",), 0)
    assert "the first 10 errors" in written(report, Reader()).splitlines()[-1]
    assert "ersten 10 Fehler" in written(report, Reader("de")).splitlines()[-1]


def test_files_are_named_from_the_root_of_the_checkout(tmp_path: Path) -> None:
    inside = replace(PROBLEMS[0], place=Place(str(tmp_path / "data/a,b:c.ttl"), 1, 1, 1, 2))
    outside = replace(PROBLEMS[0], place=Place("/elsewhere/a.ttl", 1, 1, 1, 2))
    text = written(Report((inside, outside), (), 0), Reader(root=str(tmp_path)))
    first, second, _ = text.splitlines()
    assert read(first)[1]["file"] == "data/a,b:c.ttl"
    assert read(second)[1]["file"] == "/elsewhere/a.ttl"


@pytest.mark.parametrize("words", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
def test_no_text_of_a_file_is_a_command(words: str) -> None:
    *lines, end = written(hostile(words), Reader()).splitlines()
    assert len(lines) == 2
    for line in lines:
        name, properties, message = read(line)
        assert name == "error"
        assert properties["title"] == "label"
        assert message
        assert line.isprintable()
    assert not end.startswith(("::", "##["))


def test_a_refusal_is_a_command() -> None:
    name, properties, message = read(refused(ShapesInvalid("a\nb", "it is empty"), Reader())[:-1])
    assert (name, properties) == ("error", {"title": "shapes-invalid"})
    assert message.startswith("a\\u000ab ")
