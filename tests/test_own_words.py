"""What a person reads of shapes of others: names as in the file, values in a shape's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from leadgraph.check.reports.reader import Reader
from leadgraph.check.reports.text import written
from leadgraph.model import Report
from tests.located import score

if TYPE_CHECKING:
    from pathlib import Path

    from leadgraph.model import Problem

SHAPES = """
@prefix ex: <http://ex.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:S sh:targetNode ex:one ; sh:property [ sh:path ex:p ; {} ] .
"""


def problems(folder: Path, constraint: str, data: str) -> list[Problem]:
    (folder / "shapes.ttl").write_text(SHAPES.replace("{}", constraint), "utf-8")
    (folder / "data.ttl").write_text(f"@prefix b: <http://ex.org/> .\n{data}", "utf-8")
    return score.check([folder / "data.ttl"], folder / "shapes.ttl")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("{?value} of {$this} at {$path}", "7 of b:one at b:p"),
        ("{$PATH} is over {$maxInclusive}", "b:p is over 3"),
        ("{?unknown} and {value} stay", "{?unknown} and {value} stay"),
        ("{?value} {?value}", "7 7"),
    ],
)
def test_placeholders_stand_for_what_is_there(message: str, expected: str, tmp_path: Path) -> None:
    constraint = f'sh:maxInclusive 3 ; sh:message "{message}"@en'
    (problem,) = problems(tmp_path, constraint, "b:one b:p 7 .")
    assert problem.message("en") == expected


def test_what_a_value_says_is_no_placeholder(tmp_path: Path) -> None:
    constraint = 'sh:maxLength 3 ; sh:message "{?value}"@en'
    (problem,) = problems(tmp_path, constraint, 'b:one b:p "{$this}" .')
    assert problem.message("en") == '"{$this}"'


def test_a_thing_is_named_as_the_file_names_it(tmp_path: Path) -> None:
    """Also where its name is a part of a word of the message."""
    found = problems(tmp_path, "sh:in ( ex:x )", "b:one b:q 1 ;\n b:p b:z .")
    text = written(Report(tuple(found), ("data.ttl",), 2), Reader())
    assert "Write one of these: b:x. (b:one) [S]" in text


def test_a_thing_that_is_in_the_line_is_not_named_again(tmp_path: Path) -> None:
    found = problems(tmp_path, "sh:in ( ex:x )", "b:one b:p b:z .")
    assert "(b:one)" not in written(Report(tuple(found), ("data.ttl",), 1), Reader())


def test_the_alternative_that_only_lacks_its_datatype_is_the_nearest(tmp_path: Path) -> None:
    constraint = "sh:or ( [ sh:datatype xsd:date ] [ sh:datatype xsd:gYear ] )"
    (problem,) = problems(tmp_path, constraint, 'b:one b:p "1605" .')
    assert "The nearest is (2)." in problem.message("en")


def test_a_text_where_a_thing_belongs_may_be_its_name(tmp_path: Path) -> None:
    data = 'b:one b:p "cervantes" . b:Cervantes a b:C . b:Lope a b:C .'
    (problem,) = problems(tmp_path, "sh:class ex:C", data)
    assert problem.suggestion == "b:Cervantes"
    (problem,) = problems(tmp_path, "sh:class ex:C", data.replace('"cervantes"', '"Quevedo"'))
    assert problem.suggestion is None


def test_a_class_and_how_to_write_a_name_are_not_asked_for_twice(tmp_path: Path) -> None:
    constraint = "sh:minCount 1 ; sh:class ex:C ; sh:nodeKind sh:IRI"
    (problem,) = problems(tmp_path, constraint, "b:one b:q 1 .")
    assert problem.message("en") == ("b:one lacks b:p. Add b:p: something described as b:C.")
