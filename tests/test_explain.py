"""What is wrong and what to do, in six languages, for who has never heard of SHACL."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from leadgraph.check.explain import datatypes
from leadgraph.check.explain.worded import worded
from leadgraph.check.paths import Predicate
from leadgraph.check.process import run
from leadgraph.check.request import Request
from leadgraph.check.results import Result
from leadgraph.check.slice import FileGraph
from leadgraph.model import Severity, Source
from leadgraph.read.turtle import open_directory
from leadgraph.settings import Settings
from leadgraph.vocabulary import XSD
from leadgraph.words import LANGUAGES, isolated

if TYPE_CHECKING:
    from collections.abc import Callable

    from leadgraph.model import Problem

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).parent / "messages"
PREFIXES = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix ex: <https://example.org/> .
"""
COMPONENTS = (
    *("Class", "Datatype", "NodeKind", "MinCount", "MaxCount", "MinExclusive", "MinInclusive"),
    *("MaxExclusive", "MaxInclusive", "MinLength", "MaxLength", "Pattern", "LanguageIn"),
    *("UniqueLang", "Equals", "Disjoint", "LessThan", "LessThanOrEquals", "Not", "And", "Or"),
    *("Xone", "Node", "QualifiedMinCount", "QualifiedMaxCount", "Closed", "HasValue", "In"),
    "SPARQL",
)
JARGON = re.compile(
    r"\b(?:focus|value) nodes?\b|\bconstraints?\b|\bshapes?\b|\bSHACL\b|\bconforms?\b|\bliterals?\b"
    r"|\bdatatypes?\b|\bminCount\b|\bcomponents?\b|\bsh:|\bnodes?\b|(?-i:None)|rdflib|\{[a-z]+\}",
    re.IGNORECASE,
)


def found(data: list[Path], shapes: list[Path]) -> tuple[Problem, ...]:
    """Check in a process of its own, as the command does."""
    request = Request(
        files=[str(path) for path in data],
        shapes=[str(path) for path in shapes],
        rules=(),
        ontology=(),
        data=(),
        in_context=False,
        limits=Settings(),
        parent=os.getpid(),
    )
    return run(request, lambda _step: None).problems


@cache
def by_component() -> dict[str, Problem]:
    """One problem for each core component."""
    problems = found([HERE / "mistakes.ttl"], [HERE / "shapes.ttl"])
    return {(p.constraint or "").removesuffix("ConstraintComponent"): p for p in problems}


@pytest.fixture
def one(tmp_path: Path) -> Callable[..., Problem]:
    """The one problem that a shape for `ex:p` finds in a statement about `ex:a`."""

    def check(value: str, asked: str, prefixes: str = PREFIXES) -> Problem:
        shape = f"ex:S a sh:PropertyShape ; sh:targetNode ex:a ; sh:path ex:p ; {asked} ."
        (tmp_path / "shapes.ttl").write_text(PREFIXES + shape)
        (tmp_path / "data.ttl").write_text(f"{prefixes}ex:a ex:p {value} .")
        (problem,) = found([tmp_path / "data.ttl"], [tmp_path / "shapes.ttl"])
        return problem

    return check


@pytest.mark.parametrize("component", COMPONENTS)
def test_every_component_has_words_in_every_language(component: str) -> None:
    """Six different texts of two sentences, without a word that only experts know."""
    problem = by_component()[component]

    assert set(problem.messages) == set(LANGUAGES)
    assert len(set(problem.messages.values())) == len(LANGUAGES)
    for text in problem.messages.values():
        assert JARGON.search(text) is None, text
        assert len(re.findall(r"[.:؟?](?:\s|$)", text)) >= 1
        assert "  " not in text
        assert re.search(r"e:\w+|\d", text), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_property_is_called_what_its_shape_calls_it(language: str) -> None:
    name = {"en": "age", "es": "edad", "fr": "âge", "ar": "العمر", "de": "Alter", "pt": "idade"}

    text = by_component()["Datatype"].messages[language]

    assert name[language] in text
    assert "e:age" in text


HABITS = (
    ('"5"', "sh:datatype xsd:integer", "quotation marks. Write 5 without them.", "5"),
    ("5", "sh:datatype xsd:string", 'without quotation marks. Write "5".', '"5"'),
    ('"true"', "sh:datatype xsd:boolean", "Write true without them.", "true"),
    ('"TRUE"', "sh:datatype xsd:boolean", "Write true.", "true"),
    ('"3,5"', "sh:datatype xsd:decimal", "has a comma", "3.5"),
    ('"1,234"', "sh:datatype xsd:decimal", "a number, such as 2.5.", None),
    ('"2026-11-28"', "sh:datatype xsd:date", "only a text", '"2026-11-28"^^xsd:date'),
    ('"28.11.2026"', "sh:datatype xsd:date", "Write", '"2026-11-28"^^xsd:date'),
    ('"5/11/2026"', "sh:datatype xsd:date", 'a date, such as "2026-11-28"^^xsd:date', None),
    ('"2026-13-01"^^xsd:date', "sh:datatype xsd:date", "there is no month 13", None),
    ('"2026-02-30"^^xsd:date', "sh:datatype xsd:date", "no day 30", None),
    ('"2026-1-5"^^xsd:date', "sh:datatype xsd:date", "valid", '"2026-01-05"^^xsd:date'),
    ('"x"^^xsd:integer', "sh:datatype xsd:integer", "a whole number, such as 5", None),
    ('"x"@en', "sh:datatype xsd:string", "has a language", '"x"'),
    ('"x"', "sh:datatype rdf:langString", 'such as "x"@en', None),
    ('"https://a.org/b"', "sh:nodeKind sh:IRI", "quotation marks", "<https://a.org/b>"),
    ("ex:b", "sh:nodeKind sh:Literal", "a text in quotation marks or a number", None),
    ('"x"', "sh:class ex:C", "thing described as ex:C", None),
    ('"hola"@sp', 'sh:languageIn ( "en" "es" )', "Did you mean @es?", "@es"),
    ('"hi"@eng', 'sh:languageIn ( "en" "es" )', "Did you mean @en?", "@en"),
    ('"hi"', 'sh:languageIn ( "en" "es" )', '"hi"@en', None),
    ("ex:Smal", "sh:in ( ex:Small ex:Large )", "Did you mean ex:Small?", "ex:Small"),
    ('"small"', 'sh:in ( "Small" "Large" )', 'Did you mean "Small"?', '"Small"'),
    ('"small"', "sh:in ( ex:Small ex:Large )", "Did you mean ex:Small?", "ex:Small"),
    ('"http://a.org"', 'sh:pattern "^https://"', "begin with https://", '"https://a.org"'),
    ('"ab"', 'sh:pattern "^[A-Z]+$"', "^[A-Z]+$", '"AB"'),
    (
        "<https://www.wikidata.org/wiki/Q5>",
        'sh:pattern "^http://www.wikidata.org/entity/Q"',
        "Did you mean <http://www.wikidata.org/entity/Q5>?",
        "<http://www.wikidata.org/entity/Q5>",
    ),
)
"""A value, what is asked for, a part of what is said, the suggestion."""


@cache
def by_habit() -> dict[str, Problem]:
    """The problems of all of HABITS, by property."""
    with TemporaryDirectory() as folder:
        shapes, data = Path(folder, "shapes.ttl"), Path(folder, "data.ttl")
        shapes.write_text(
            PREFIXES
            + "".join(
                f"ex:S{n} a sh:PropertyShape ; sh:targetNode ex:a ; sh:path ex:p{n} ; {asked} .\n"
                for n, (_, asked, _, _) in enumerate(HABITS)
            )
        )
        data.write_text(
            PREFIXES
            + "".join(f"ex:a ex:p{n} {value} .\n" for n, (value, _, _, _) in enumerate(HABITS))
        )
        return {str(p.predicate): p for p in found([data], [shapes])}


@pytest.mark.parametrize("number", range(len(HABITS)))
def test_what_people_do_most_often_has_words_of_its_own(number: int) -> None:
    _, _, said, suggestion = HABITS[number]
    problem = by_habit()[f"<https://example.org/p{number}>"]

    assert said in problem.messages["en"]
    assert problem.suggestion == suggestion


def test_a_misspelt_property_of_a_closed_shape_is_recognized() -> None:
    problem = by_component()["Closed"]

    assert problem.suggestion == "e:colour"
    assert problem.messages["fr"].endswith("Vouliez-vous dire e:colour ?")


def test_terms_are_written_as_the_file_writes_them(one: Callable[..., Problem]) -> None:
    """By its prefixes; in full where it has none."""
    problem = one(
        '"x"',
        "sh:class ex:C",
        "@prefix ex: <https://example.org/> .\n@prefix c: <https://example.org/C> .\n",
    )
    assert "described as c: belongs here" in problem.messages["en"]
    problem = one('"2026-11-28"', "sh:datatype xsd:date", "@prefix ex: <https://example.org/> .\n")
    assert problem.suggestion == '"2026-11-28"^^<http://www.w3.org/2001/XMLSchema#date>'


def test_signs_of_formatting_stay_what_they_are(one: Callable[..., Problem]) -> None:
    """Braces and percent signs in values, patterns and names are no placeholders."""
    problem = one('"{0} %s {value}"', 'sh:pattern "^{a}%d$" ; sh:name "{x} %(y)s"@en')

    for text in problem.messages.values():
        assert '"{0} %s {value}"' in text
    assert "{x} %(y)s" in problem.messages["en"]


def test_a_very_long_value_is_cut(one: Callable[..., Problem]) -> None:
    problem = one(f'"{"x" * 5000}"', "sh:maxLength 10")

    assert all(len(text) < 400 for text in problem.messages.values())
    assert "length 5000" in problem.messages["en"]


def test_alternatives_are_named_and_the_nearest_too(one: Callable[..., Problem]) -> None:
    asked = "sh:or ( [ sh:nodeKind sh:IRI ] [ sh:datatype xsd:date ] )"

    text = one('"soon"', asked).messages["en"]

    assert "(1) Write an address" in text
    assert "(2) Write a date" in text
    assert text.endswith("The nearest is (2).")


def test_own_words_are_told_which_alternative_is_near(one: Callable[..., Problem]) -> None:
    """Of what a thing lacks for the one and for the other."""
    asked = (
        "sh:or ( [ sh:property [ sh:path ex:x ; sh:minCount 1 ] ; "
        "sh:property [ sh:path ex:y ; sh:minCount 1 ] ] "
        '[ sh:path ex:z ; sh:minCount 1 ] ) ; sh:message "Say more."@en , "Di más."@es'
    )

    problem = one("ex:b", asked)

    assert problem.messages["en"] == "Say more. What comes nearest: Add ex:z with its value."
    assert problem.messages["es"] == "Di más. Lo más cercano: Añade ex:z con su valor."
    assert set(problem.messages) == {"en", "es"}


def test_words_of_a_shape_are_never_mixed_with_another_language(
    one: Callable[..., Problem],
) -> None:
    """Nobody reads a question in English after a sentence in Italian."""
    asked = 'sh:in ( ex:Small ex:Large ) ; sh:message "Non va."@it'

    problem = one("ex:Smal", asked)

    assert problem.message("es") == problem.message("en") == "Non va."
    assert problem.suggestion == "ex:Small"


def test_the_inner_culprit_is_named() -> None:
    text = by_component()["Node"].messages["en"]

    assert "e:home lacks e:town. Add e:town" in text


def test_arabic_sets_terms_apart_and_others_do_not() -> None:
    text = 'يشير role:editor إلى "سلام"@ar. أضف skos:prefLabel "..."@en بأي لغة.'

    shown = isolated(text, "ar")

    assert re.findall("\u2068(.*?)\u2069", shown) == [
        "role:editor",
        '"سلام"@ar',
        'skos:prefLabel "..."@en',
    ]
    assert re.sub("[\u2068\u2069]", "", shown) == text
    assert isolated("lg:x is no term.", "en") == "lg:x is no term."


def test_the_mistake_of_the_readme_is_understood(tmp_path: Path) -> None:
    """By our own shapes and rules, in every language."""
    readme = (ROOT / "README.md").read_text("utf-8")
    example = re.findall(r"```turtle\n(.*?)```", readme, re.DOTALL)[0]
    (tmp_path / "newsletter-editor.ttl").write_text(example)
    ours = open_directory(ROOT)
    request = Request(
        files=[str(tmp_path / "newsletter-editor.ttl")],
        shapes=[str(path) for path in ours.shapes],
        rules=[str(path) for path in ours.rules],
        ontology=[str(path) for path in ours.ontology],
        data=[str(path) for path in ours.data],
        in_context=True,
        limits=Settings(),
        parent=os.getpid(),
    )

    problems = {p.code: p for p in run(request, lambda _step: None).problems}

    for code in ("dangling-reference", "LeaderRole-requiresSkill"):
        assert problems[code].suggestion == "skill:communication"
        for text in problems[code].messages.values():
            assert re.search(r"skill:communication ?[?؟]$", text), text


def test_a_tag_that_no_language_has_is_a_warning(tmp_path: Path) -> None:
    """Only beside our own rules: somebody's shapes alone say what they say."""
    text = PREFIXES + 'ex:a ex:b "hola"@sp , "x"@en , "y"@simple .'
    (tmp_path / "tags.ttl").write_text(text)
    rule = ROOT / "shapes/same-as.rq"
    request = Request(
        files=[str(tmp_path / "tags.ttl")],
        shapes=(),
        rules=[str(rule)],
        ontology=(),
        data=(),
        in_context=True,
        limits=Settings(),
        parent=os.getpid(),
    )

    (problem,) = run(request, lambda _step: None).problems

    assert (problem.code, problem.severity, problem.suggestion) == (
        "unknown-language",
        "warning",
        "@es",
    )
    assert "@sp" in problem.messages["pt"]


def test_a_component_that_pyshacl_never_reports_has_words_too() -> None:
    """sh:property: what is wrong is what the inner shape finds."""
    inner = Result(
        code="name",
        severity=Severity.VIOLATION,
        messages={"en": "Less than 1 values"},
        constraint="MinCountConstraintComponent",
        focus=NamedNode("https://example.org/a"),
        path=Predicate(NamedNode("https://example.org/name")),
        parameters={"minCount": (Literal(1),)},
    )
    outer = replace(inner, constraint="PropertyConstraintComponent", path=None, details=(inner,))
    file = FileGraph("a.ttl", "a", ())
    source = Source("a.ttl", "a", b"@prefix e: <https://example.org/> .", 0)

    (result,) = worded([outer], [source], [file], [], [])

    assert result.messages["en"] == (
        "e:a is not described as it should be: e:a lacks e:name. Add e:name with its value."
    )
    assert set(result.messages) == set(LANGUAGES)


def test_several_files_keep_their_own_prefixes() -> None:
    """A result is told in the names of the file that speaks of its focus node."""
    thing, name = NamedNode("https://example.org/b"), NamedNode("https://example.org/name")
    files = [
        FileGraph("a.ttl", "a", ()),
        FileGraph("b.ttl", "b", (Triple(thing, name, Literal("x")),)),
    ]
    sources = [
        Source("a.ttl", "a", b"@prefix mine: <https://example.org/> .", 0),
        Source("b.ttl", "b", b"PREFIX yours: <https://example.org/>", 0),
    ]
    result = Result(
        code="S",
        severity=Severity.VIOLATION,
        messages={},
        constraint="MaxCountConstraintComponent",
        focus=thing,
        path=Predicate(name),
        parameters={"maxCount": (Literal(1),)},
    )

    (told,) = worded([result], sources, files, [], [])

    assert told.messages["de"].startswith("yours:b hat mehr als einen Wert von yours:name.")


def test_nothing_to_explain_costs_nothing() -> None:
    assert worded([], [], [], [], []) == []


@pytest.mark.parametrize(
    ("text", "datatype", "is_valid"),
    [
        ("2024-02-29", "date", True),
        ("2026-02-29", "date", False),
        ("2026-11-28+01:00", "date", True),
        ("2026-11-28T24:00:00Z", "dateTime", True),
        ("2026-11-28T25:00:00Z", "dateTime", False),
        ("+007", "integer", True),
        ("5.0", "integer", False),
        ("300", "byte", False),
        ("-1", "nonNegativeInteger", False),
        (".5", "decimal", True),
        ("1e5", "decimal", False),
        ("INF", "double", True),
        ("yes", "boolean", False),
        ("P1DT2H", "duration", True),
        ("P", "duration", False),
        ("anything", "normalizedString", True),
    ],
)
def test_a_text_is_of_a_datatype_or_not(text: str, datatype: str, is_valid: bool) -> None:
    """XML Schema 1.1, part 2."""
    assert datatypes.valid(text, NamedNode(XSD + datatype)) is is_valid
