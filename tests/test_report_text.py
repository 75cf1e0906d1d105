"""The report for people: the words, the line, the carets, and nothing that shouts."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from leadgraph.check.reports.characters import from_left
from leadgraph.check.reports.reader import Reader
from leadgraph.check.reports.text import refused, written
from leadgraph.errors import ShapesInvalid
from leadgraph.model import Place, Problem, Report, Severity
from tests.report_samples import HOSTILE_TEXTS, LINES, PROBLEMS, REPORT, hostile

ENGLISH = """\
ten-mistakes.ttl:7:1: violation: A plant has one short label in each language. Give it one. [label]
   7 | ex:a1  a ex:Tree .                                                          # no label
     | ^^^^^

ten-mistakes.ttl:8:45: violation: A plant has one short label in each language. Give it one. [label]
   8 | ex:a2  a ex:Tree ; skos:prefLabel "Ash"@en, "Ash tree"@en .                 # two in one la…
     |                                   --------  ^^^^^^^^^^^^^
    See also: ten-mistakes.ttl:9:35

ten-mistakes.ttl:10:54: violation: A name is in lower case. Write it so. [name]
  10 | ex:a4  a ex:Tree ; skos:prefLabel "Elm"@en ; ex:name "Elm" .                # upper case
     |                                                      ^^^^^^^

ten-mistakes.ttl:11:56: violation: A height is one decimal number of metres. Write it so. (×2) [height]
  11 | ex:a5  a ex:Tree ; skos:prefLabel "Fir"@en ; ex:height 12.5, 13.5 .         # two heights
     |                                                        ^^^^  ^^^^

ten-mistakes.ttl:16:59: violation: ex:a10 and ex:a11 are neighbours of each other. Say it once. [mutual-neighbours]
  16 | ex:a10 a ex:Tree ; skos:prefLabel "Bay"@en ; ex:growsNear ex:a11 .          # neighbours, b…
     |                                                           ^^^^^^
    See also: ten-mistakes.ttl:17:59, trees.ttl:3:1

ten-mistakes.ttl: warning: That name is taken. Choose another. [reserved-name]
missing.ttl: violation: The file cannot be read. Look whether it is there. [unreadable]
Violations: 7. Warnings: 1. Files: 3. Statements: 31. Files without problems: 1. Mended by --fix: 1.
"""  # noqa: E501
HEAD = re.compile(r"(?P<path>[^:]+)(:\d+:\d+)?: [^:]+: .* \[(?P<code>[\w-]+)\]")


def heads(text: str) -> list[str]:
    """The lines that editors read."""
    return [line for line in text.splitlines() if HEAD.fullmatch(line)]


def test_the_line_is_shown_with_carets_under_the_token() -> None:
    assert written(REPORT, Reader()) == ENGLISH


def test_spanish_has_the_same_places_in_other_words() -> None:
    spanish = written(REPORT, Reader("es"))
    assert spanish.splitlines()[0] == (
        "ten-mistakes.ttl:7:1: infracción: Una planta tiene una etiqueta corta en cada idioma. "
        "Dale una. [label]"
    )
    assert spanish.splitlines()[1:3] == ENGLISH.splitlines()[1:3]
    assert "    Véase también: ten-mistakes.ttl:17:59, trees.ttl:3:1" in spanish
    assert spanish.endswith("Archivos sin problemas: 1. Se corrigen con --fix: 1.\n")


def test_arabic_words_are_embedded_behind_a_path_that_runs_from_the_left() -> None:
    """UAX #9: RLE and PDF around each run; what has no Arabic words keeps its own direction."""
    first, _, caret, *rest = written(REPORT, Reader("ar")).splitlines()
    assert first.startswith("ten-mistakes.ttl:7:1: \u202bمخالفة\u202c\u200e: \u202bللنبات تسمية")
    assert first.endswith("هنا.\u202c\u200e [label]")
    assert caret == "     | ^^^^^"
    assert any(": A name is in lower case. Write it so. [name]" in line for line in rest)
    assert rest[-1].startswith(" \u202bالمخالفات: ")
    assert rest[-1].endswith("\u202c\u200e")


def test_what_is_to_be_typed_runs_from_the_left_in_arabic_words() -> None:
    """A date would else be shown as "31-03-2025"."""
    words = {"en": "x", "ar": 'اكتب "2025-03-31"^^xsd:date أو --fix.'}
    text = written(Report((replace(PROBLEMS[0], messages=words),), (), 0), Reader("ar"))
    assert 'اكتب \u202a"2025-03-31"^^xsd:date\u202c أو \u202a--fix\u202c.' in text


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_each_head_is_one_line_that_grep_and_editors_read(language: str) -> None:
    found = heads(written(REPORT, Reader(language)))
    assert len(found) == 7
    assert found[0].startswith("ten-mistakes.ttl:7:1: ")


def test_embeddings_are_closed_in_every_line() -> None:
    for line in written(REPORT, Reader("ar")).splitlines():
        assert line.count("\u202a") + line.count("\u202b") == line.count("\u202c")


def test_a_line_with_arabic_in_it_has_its_token_beneath_instead_of_carets() -> None:
    line = 'ex:a skos:prefLabel "شجرة"@ar, "شجرة كبيرة"@ar .'
    start = line.index('"شجرة كبيرة"') + 1
    place = Place("f.ttl", 3, start, 3, start + 15)
    problem = replace(PROBLEMS[0], place=place, excerpt=line, focus="<http://e/a>")
    text = written(Report((problem,), ("f.ttl",), 1), Reader())
    assert text.splitlines()[1:3] == [
        f"   3 | {from_left(line)}",
        "     | > " + from_left('"شجرة كبيرة"@ar'),
    ]
    first = Place("f.ttl", 3, line.index('"شجرة"') + 1, 3, line.index(",") + 1)
    related = replace(problem, related=(first,))
    text = written(Report((related,), ("f.ttl",), 1), Reader())
    assert '\n     | - \u200e\u202a"شجرة"@ar\u202c\u200e\n     | > ' in text


def test_a_token_of_several_lines_is_underlined_to_the_end_of_the_first() -> None:
    place = Place("f.ttl", 3, 6, 5, 2)
    problem = replace(PROBLEMS[0], place=place, excerpt='ex:p """one', focus=None)
    text = written(Report((problem,), ("f.ttl",), 1), Reader())
    assert text.splitlines()[2] == "     |      ^^^^^^"


def test_several_problems_of_one_line_share_it() -> None:
    other = replace(PROBLEMS[3], code="other", messages={"en": "Another. Mend it."})
    report = Report((PROBLEMS[3], other, PROBLEMS[4]), ("ten-mistakes.ttl",), 1)
    lines = written(report, Reader()).splitlines()
    assert [line.rpartition(" ")[2] for line in lines[:2]] == ["[height]", "[other]"]
    assert sum(LINES[10][:40] in line for line in lines) == 1
    assert lines[3].strip(" |") == "^^^^  ^^^^"


def test_a_focus_node_that_is_not_in_sight_is_named() -> None:
    far = replace(PROBLEMS[0], excerpt="    skos:prefLabel 1 ;")
    nameless = replace(far, focus="_:b1")
    first = written(Report((far,), ("f",), 0), Reader()).splitlines()[0]
    assert first.endswith("(<http://example.org/garden#a1>) [label]")
    assert "_:b1" not in written(Report((nameless,), ("f",), 0), Reader())


def test_what_has_no_line_names_all_that_it_is_about() -> None:
    problem = replace(PROBLEMS[3], place=Place("f"), excerpt=None)
    first = written(Report((problem,), ("f",), 0), Reader()).splitlines()[0]
    assert first.endswith("(<http://example.org/garden#a5>, 12.5) [height]")


def test_a_line_names_each_term_once() -> None:
    """Neither what a rule says already, nor the focus of a node shape as its value."""
    about = Problem(Place("f"), Severity.VIOLATION, "x", {"en": "m3 and 3.5, <a:a>."}, None)
    named = replace(about, focus="<a:a>", value='"3"^^<http://www.w3.org/2001/XMLSchema#integer>')
    node = replace(about, constraint="C", focus="<a:b>", value="<a:b>")
    lines = written(Report((named, node), ("f",), 0), Reader()).splitlines()
    assert lines[0] == "f: violation: m3 and 3.5, <a:a>. (3) [x]"
    assert lines[1] == "f: violation: m3 and 3.5, <a:a>. (<a:b>) [x]"


def test_shacl_terms_are_there_for_those_who_ask() -> None:
    lines = written(REPORT, Reader(shacl=True)).splitlines()
    assert lines[1] == (
        "    sh:sourceConstraintComponent sh:MinCountConstraintComponent; sh:sourceShape label; "
        "sh:focusNode <http://example.org/garden#a1>; sh:resultPath skos:prefLabel"
    )
    assert "sh:" not in written(REPORT, Reader())


def test_colours_are_those_of_the_severity_and_change_nothing_else() -> None:
    coloured = written(REPORT, Reader(colour=True))
    assert "\x1b[31mviolation\x1b[0m" in coloured
    assert "\x1b[33mwarning\x1b[0m" in coloured
    assert "\x1b[31m^^^^^\x1b[0m" in coloured
    assert re.sub(r"\x1b\[\d+m(.*?)\x1b\[0m", r"\1", coloured) == ENGLISH


def test_a_narrow_terminal_gets_narrow_lines() -> None:
    lines = written(REPORT, Reader(columns=60)).splitlines()
    shown = [line for line in lines if re.match(r" +\d* \|", line)]
    assert max(map(len, shown)) <= 60
    assert any("^^^^  ^^^^" in line for line in shown)


def test_many_related_places_are_cut() -> None:
    places = tuple(Place("g.ttl", n) for n in range(1, 9))
    text = written(Report((replace(PROBLEMS[0], related=places),), ("f",), 0), Reader())
    assert "    See also: g.ttl:1, g.ttl:2, g.ttl:3, g.ttl:4, g.ttl:5, …\n" in text


def test_the_notice_of_hidden_problems_counts_as_none_and_infos_are_counted() -> None:
    hidden = Problem(Place("f"), Severity.VIOLATION, "too-many-problems", {"en": "9 more. Mend."})
    info = Problem(Place("f"), Severity.INFO, "x", {"en": "So. Well."})
    assert written(Report((info, hidden), ("f",), 0), Reader()).endswith(
        "\nViolations: 0. Warnings: 0. Files: 1. Statements: 0. Infos: 1.\n"
    )


@pytest.mark.parametrize("words", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
@pytest.mark.parametrize("language", ["en", "ar"])
def test_nothing_of_a_file_reaches_the_terminal_as_a_command(words: str, language: str) -> None:
    text = written(hostile(words), Reader(language, shacl=True))
    allowed = "\n\u200e\u202a\u202b\u202c"
    assert not [each for each in text if not each.isprintable() and each not in allowed + "\u200d"]
    assert len(text.splitlines()) == len(text.split("\n")) - 1
    shown = [line for line in text.splitlines() if re.match(r" +\d* \| ", line)]
    assert max(map(len, shown)) <= 105


def test_a_refusal_is_one_line() -> None:
    line = refused(ShapesInvalid("bad\nname.ttl", "it holds no shapes"), Reader())
    assert line.startswith("leadgraph: bad\\u000aname.ttl ")
    assert line.count("\n") == 1
