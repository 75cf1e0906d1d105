"""Every mistake in a file is told, where it is, in the words that help, with what mends it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadgraph.model import Edit, Place, Problem
from leadgraph.read import turtle
from leadgraph.read.lines import Lines
from leadgraph.read.places import locate
from leadgraph.settings import Settings
from leadgraph.words import LANGUAGES
from tests.located import syntax
from tests.test_read import SUITE, suite

PREFIX = "@prefix ex: <http://example.org/> .\n"


def problems(text: str, path: str = "x.ttl") -> list[Problem]:
    return list(turtle.read(path, text.encode(), Settings())[1])


def shown(text: str) -> list[str]:
    """The words at each problem, as line and text."""
    whole = PREFIX + text
    lines = Lines(whole)
    found = []
    for problem in problems(whole):
        place = problem.place
        start = lines.offset(place.line, place.column)
        end = lines.offset(place.end_line, place.end_column)
        found.append(f"{place.line - 1}:{whole[start:end]}")
    return found


def mended(text: str) -> str:
    """The text after the edits of all its problems."""
    lines = Lines(text)
    edits = {edit for problem in problems(text) for edit in problem.edits}
    for edit in sorted(edits, key=lambda e: (e.place.line, e.place.column), reverse=True):
        start = lines.offset(edit.place.line, edit.place.column)
        end = lines.offset(edit.place.end_line, edit.place.end_column)
        text = text[:start] + edit.text + text[end:]
    return text


# --- The corpus ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def score() -> syntax.Score:
    return syntax.score()


def test_a_single_mistake_is_told_with_its_exact_start_and_end(score: syntax.Score) -> None:
    assert score.single > 1000
    assert score.exact_rate >= 0.99, score.missed_kinds


def test_of_several_mistakes_most_are_told_and_little_else(score: syntax.Score) -> None:
    assert score.several > 500
    assert score.found_rate >= 0.8
    assert score.false_rate <= 0.1


def test_the_corpus_is_the_same_each_time_and_its_texts_are_valid_before() -> None:
    assert list(syntax.singles(texts=3)) == list(syntax.singles(texts=3))
    assert list(syntax.singles(seed=1, texts=3)) != list(syntax.singles(texts=3))
    assert not problems(syntax.OWN.read_text("utf-8"))


def test_each_text_of_the_corpus_is_refused() -> None:
    for one in [*syntax.singles(texts=3), *syntax.severals(texts=20)]:
        assert turtle.read("x.ttl", one.text.encode(), Settings())[0] is None


# --- The W3C suite, without pyoxigraph's judgement -----------------------------------------------


@pytest.mark.parametrize("name", suite("Negative"))
def test_what_w3c_calls_bad_is_refused_by_us_too(name: str) -> None:
    text = (SUITE / name).read_bytes().decode(errors="replace")
    if name.endswith(".nt"):
        assert problems(text, name)
        return
    base = f"https://w3c.github.io/rdf-tests/rdf/rdf11/rdf-turtle/{name}"
    first = locate(text, base).mistakes[0]
    assert 0 <= first.start <= first.end <= len(text)


@pytest.mark.parametrize("name", [*suite("Positive"), *suite("Eval")])
def test_what_w3c_calls_good_has_no_mistake_for_us(name: str) -> None:
    base = f"https://w3c.github.io/rdf-tests/rdf/rdf11/rdf-turtle/{name}"
    assert not locate((SUITE / name).read_bytes().decode(), base).mistakes


# --- One mistake of a person is one of ours ------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ex:a ex:p 1\nex:b ex:p 2\nex:c ex:p 3 .", ["2:ex:b", "3:ex:c"]),
        ("ex:a ex:p 1\n  ex:q 2\n  ex:r 3 .", ["2:ex:q", "3:ex:r"]),
        ("ex:a ex:p ex:b\n  ex:q ex:c\n  ex:r ex:d .", ["2:ex:q", "3:ex:r"]),
        ("ex:a a ex:B\nex:b ex:q\n  ex:c .\nex:d ex:r .", ["2:ex:b", "4:."]),
        ("ex:a ex:p , 1 ;\n  ex:q ;\n  ex:r 3 .", ["1:,", "2:;"]),
        ("ex:a ex:p [ ex:q 1 ;\n  ex:r 2 .\nex:b ex:p .", ["2:.", "3:."]),
        ("ex:a ex:p ( 1 2 .\nex:b ex:p oops .", ["1:.", "2:oops"]),
        ("ex:a ex:p some plain words ;\n  ex:q <http://a b> .", ["1:some", "2:<http://a b>"]),
        ("ex:a ex:p “more, or less”@en ;\n  ex:q “x” , “y” .", ["1:“", "2:“", "2:“"]),
        ('ex:a ex:p "He said "hi" to" ;\n  ex:q "x"@es_MX .', ["1:hi", "2:_"]),
        ("skos:a skos:b ex:c .\nfoo:a ex:b foo:c .", ["1:skos:a", "2:foo:a"]),
        ("<a> ex:b <c> .\n<a> ex:b <d> .", ["1:<a>", "1:<c>", "2:<d>"]),
        ('ex:a ex:p "x ;\n  ex:q 1 ;\n  ex:r oops .', ['1:"x ;', "3:oops"]),
        ('ex:a ex:p "two\nlines" ;\n  ex:r oops .', ["1:\n", "3:oops"]),
        ("@prefix a <http://a/> .\na:x a a:y .\nex:a ex:b .", ["1:a", "3:."]),
        ("@prefix a: <http://a/ .\na:x a a:y .\nex:a ex:b .", ["1:<http://a/", "3:."]),
        ("ex:a is ex:p of ex:b .\nex:a ex:b .", ["1:is", "2:."]),
        ("{ ex:a ex:b ex:c } => { ex:d ex:e ex:f } .\nex:a ex:b .", ["1:{", "2:."]),
        ("ex:a ex:p http://example.org/x ;\n  ex:q True .", ["1:http:", "2:True"]),
        ("ex:a ex:p 1e ;\n  ex:q 12abc ;\n  ex:r _: .", ["1:1e", "2:abc", "3:_:"]),
        ("ex:a ex:p ex:\\q ;\n  ex:q ex:%zz ;\n  ex:r 2020-01-01 .", ["1:\\q", "2:%zz", "3:-01"]),
        ("ex:a ex:p 1 ] .\nex:b ex:p 1 ) .", ["1:]", "2:)"]),
        ('ex:a ex:p "a"^^ ;\n  ex:q "b"^^"c" ;\n  ex:r "d"^^d .', ["1:;", '2:"c"', "3:d"]),
        ("ex:a ex:p 1 ;\nex:b a ex:C ;\n  ex:q oops .", ["2:a", "3:oops"]),
        ("ex:a ex:p ( 1 , 2 ) ;\n  ex:q .", ["1:,", "2:."]),
        ("ex:a A ex:C ;\n  = ex:b .", ["1:A", "2:="]),
        ("@prefix <http://a/> .\na:x a a:y .\nex:a ex:b .", ["1:<http://a/>", "3:."]),
        ("ex:a ex:p 1\n  ex:q True ;\n  ex:r oops\nex:b oops 1 .", ["2:ex:q", "2:True", "3:oops"]),
        ("a: <http://a/> .\na:x a a:y .\nex:a ex:b .", ["1:a:", "3:."]),
        ("ex:a ex:p ex:b ] ;\n ex:q ex:c ] .\nex:a ex:b .", ["1:]", "3:."]),
        ("ex:a ex:p Text. With dots.. ;\n  ex:q .", ["1:Text", "2:."]),
        ('ex:a ex:p """never\nends .', ['1:"""never\nends .']),
        ("ex:a ex:p 1 ；\n  ex:q “x” ، 2 ؛ ex:r oops .", ["1:；", "2:“", "2:،", "2:؛", "2:oops"]),
        ("ex:a a ex:B；\n  ex:q ex:c，\n ex:d 。", ["2:ex:q", "3:ex:d", "3:。"]),
        ("ex:a ex:p 1 .\n\ufeff@prefix z: <http://z/> .\nz:a ex:b oops .", ["2:\ufeff", "3:oops"]),
        ("ex:a\xa0a ex:B ;\n\xa0ex:p 1 .\n\u200bex:b a ex:B .", ["1:\xa0", "2:\xa0", "3:\u200b"]),
        ("@ prefix b: <http://b/> .\nb:a ex:b oops .", ["1: ", "2:oops"]),
        ("ex:a ex:p 1 ......... \nex:b ex:p oops .", ["1:.", "2:oops"]),
        ('ex:a ex:p "x"@en\n\nex:b A ex:B .', ["3:ex:b", "3:A"]),
        ('ex:a ex:p "x"@en', ["1:@en"]),
        ("ex:a ex:p ex:b \0.", ["1:\0"]),
        ("ex:a ex:p oops .\nex: <http://e/> .", ["1:oops", "2:."]),
    ],
)  # fmt: skip
def test_each_mistake_is_told_once_and_nothing_else(text: str, expected: list[str]) -> None:
    assert shown(text) == expected


def test_what_is_no_turtle_at_all_is_told_once() -> None:
    for text in ("id,label\na,Alpha\nb,Beta\n", "role:\n  name: Leader\n", '{\n "@id": "x"\n}\n'):
        assert len(problems(text)) == 1


@pytest.mark.parametrize(
    "page", ["<!DOCTYPE html>\n<html>", "\n<HTML lang='en'>", "<!doctype HTML >"]
)
def test_a_web_page_is_refused_as_one(page: str) -> None:
    (problem,) = problems(page)
    assert problem.code == "unknown-format"
    assert "web page" in problem.messages["en"]


def test_many_unknown_prefixes_are_not_told_for_minutes() -> None:
    started = time.monotonic()
    text = "".join(f"p{number}:a q{number}:b 1 .\n" for number in range(30_000))
    assert len(problems(text)) == 20
    assert time.monotonic() - started < 20


def test_in_n_triples_each_bad_line_is_one_mistake() -> None:
    text = "<a:a> <a:b> ex:c .\n<a:a> <a:b> <a:c> .\r\n<a:a> <a:b> é .\n<a:a> <a:b> 1"
    places = [problem.place for problem in problems(text, "x.nt")]
    assert [(place.line, place.column) for place in places] == [(1, 13), (3, 13), (4, 13)]


def test_a_file_of_mistakes_is_not_a_report_of_millions() -> None:
    started = time.monotonic()
    assert len(problems(PREFIX + "ex:a ex:b oops .\n" * 100_000)) <= 102
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "piece",
    ["oops ", '" ', "“ ", "[ ", "ex:a ex:b\n", "( ", "<a ", "_: ", "@x_ ", ") ", "'''a", "] "],
)
def test_no_mistake_takes_long(piece: str) -> None:
    """A quadratic recovery would take minutes."""
    started = time.monotonic()
    locate(PREFIX + piece * 100_000)
    assert time.monotonic() - started < 20


# --- What mends it -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("ex:a ex:p 1\nex:b ex:p 2 .", "ex:a ex:p 1 .\nex:b ex:p 2 ."),
        ("ex:a ex:p 1 # one\n  ex:q 2 .", "ex:a ex:p 1 ; # one\n  ex:q 2 ."),
        ('ex:a ex:p "x"@es_MX , "y"@pt_BR .', 'ex:a ex:p "x"@es-MX , "y"@pt-BR .'),
        ("ex:a ex:p “x”@en , «y» .", 'ex:a ex:p "x"@en , "y" .'),
        ("ex:a A ex:C ; ex:p True .", "ex:a a ex:C ; ex:p true ."),
        ("ex:a ex:p http://a.example/b?c=1.", "ex:a ex:p <http://a.example/b?c=1>."),
        ("ex:a Ex:p 1 .", "ex:a ex:p 1 ."),
        ("ex:a ex:p 1", "ex:a ex:p 1 ."),
        ('ex:a ex:p "x"@en', 'ex:a ex:p "x"@en .'),
        ("ex:a ex:p 1 ； ex:q 2 ، 3 ۔", "ex:a ex:p 1 ; ex:q 2 , 3 ."),
        ("ex:a a ex:B；\n  ex:p 1 .", "ex:a a ex:B;\n  ex:p 1 ."),
        ("ex:a\xa0\xa0a ex:B .\n\u200bex:b a ex:B .", "ex:a a ex:B .\nex:b a ex:B ."),
        ("ex:a ex:p （ 1 2 ） .", "ex:a ex:p ( 1 2 ) ."),
    ],
)
def test_where_there_is_one_right_answer_the_edits_write_it(wrong: str, right: str) -> None:
    assert mended(PREFIX + wrong) == PREFIX + right
    assert not problems(PREFIX + right)


def test_a_prefix_of_ours_is_declared_by_its_edit() -> None:
    text = "ex:a skos:prefLabel 'x' ."
    (problem,) = problems(PREFIX + text)
    line = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> ."
    assert problem.suggestion == line
    assert problem.edits == (Edit(Place("x.ttl", 1, 1, 1, 1), f"{line}\n"),)
    assert mended(PREFIX + text) == f"{line}\n{PREFIX}{text}"


def test_a_problem_shows_its_line_unless_it_is_very_long() -> None:
    (problem,) = problems(PREFIX + "ex:a\tex:p oops .\r\n")
    assert problem.excerpt == "ex:a\tex:p oops ."
    (problem,) = problems(PREFIX + "ex:a ex:p oops ." + " " * 10_000)
    assert problem.excerpt is None


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("ex:a ex:p <<( ex:a ex:b 1 )>> .", "rdf-1-2", "<<("),
        ("ex:a ex:p 1 {| ex:q 2 |} .", "rdf-1-2", "{|"),
        ('ex:a ex:p "x"@ar--rtl .', "rdf-1-2", "@ar--rtl"),
    ],
)
def test_what_rdf_1_1_does_not_have_is_pointed_at(text: str, code: str, words: str) -> None:
    assert [p.code for p in problems(PREFIX + text)] == [code]
    assert shown(text) == [f"1:{words}"]


def test_a_lone_cr_ends_no_line_for_people() -> None:
    (problem,) = problems("# a\r# b\r\n<x:a>\r<x:b> oops .")
    assert (problem.place.line, problem.place.column) == (2, 13)


# --- Anything ------------------------------------------------------------------------------------

_PIECES = st.sampled_from(
    ["<", ">", "[", "]", "(", ")", '"', "'", '"""', "\\", "#", "\n", "\r", ".", ";", ",",
     "@prefix ", "ex:", "_:x", "^^", "@en", "@es_MX", " a ", "1", "1e", "é", "{|", "<<", " ", "<http://e/x>",
     " ex:a ", " . ", " ; ", " , ", "[]", "{", "}", "“", "”", "http://a/b", "PREFIX ", "=>", "%",
     "；", "ex:b，", "。", "（", "】", "\u00a0", "\ufeff", "\u200b", "A", "@ prefix "]
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(_PIECES, max_size=40).map("".join))
def test_any_text_has_mistakes_for_us_exactly_if_it_has_for_pyoxigraph(text: str) -> None:
    source, found = turtle.read("x.ttl", (PREFIX + text).encode(), Settings())
    mistakes = [problem for problem in found if problem.code != "empty"]
    assert bool(mistakes) == bool(locate(PREFIX + text).mistakes)
    assert (source is None) == bool(mistakes)
    for problem in found:
        assert set(problem.messages) == set(LANGUAGES)


def test_bad_files_of_the_shapes_corpus_are_read(tmp_path: Path) -> None:
    """What the shapes call bad is good Turtle."""
    files = sorted((Path(__file__).parents[1] / "shapes/examples/bad").rglob("*.ttl"))
    assert files
    assert not [path for path in files if locate(path.read_text("utf-8")).mistakes]
