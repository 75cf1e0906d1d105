"""What has one right answer gets it, at the right place, and nothing else is touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadgraph.check.mend import applied, with_edits
from leadgraph.model import Edit, Place, Problem, Severity
from leadgraph.read.lines import Lines

PREFIXES = """@prefix wd: <http://www.wikidata.org/entity/> .
@prefix s: <http://schema.org/> .
@prefix page: <https://www.wikidata.org/wiki/> .
@prefix item: <https://www.wikidata.org/entity/> .
"""
PREF_LABEL = "<http://www.w3.org/2004/02/skos/core#prefLabel>"


def problem(
    text: str,
    token: str,
    code: str,
    predicate: str | None = None,
    constraint: str | None = "NotConstraintComponent",
) -> Problem:
    """A problem at the last place of a token in a text."""
    start = text.rindex(token)
    place = Lines(text).place("x.ttl", start, start + len(token))
    messages = {"en": "Wrong. Mend it."}
    return Problem(place, Severity.VIOLATION, code, messages, constraint, predicate=predicate)


def mended(text: str, found: Problem) -> str:
    """The text with the edits of a problem."""
    (result,) = with_edits([found], {"x.ttl": text.encode()})
    return applied(text, result.edits)


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("<https://www.wikidata.org/wiki/Q5>", "wd:Q5"),
        ("<http://wikidata.org/wiki/q5>", "wd:Q5"),
        ("<https://m.wikidata.org/wiki/Q5#P31>", "wd:Q5"),
        ("<https://www.wikidata.org/entity/Q5>", "wd:Q5"),
        ("<https://www.wikidata.org/wiki/Special:EntityData/Q5.json>", "wd:Q5"),
        ("<https://www.wikidata.org/wiki/Property:P31>", "wd:P31"),
        ("<https://www.wikidata.org/wiki/Item:Q5>", "wd:Q5"),
        ("page:Q5", "wd:Q5"),
        ("<https://www.wikidata.org/wiki/Q5?oldid=7>", "<https://www.wikidata.org/wiki/Q5?oldid=7>"),
        ("<https://www.wikidata.org/wiki/Q5/x>", "<https://www.wikidata.org/wiki/Q5/x>"),
        ("page:\\u0051", "page:\\u0051"),
    ],
)  # fmt: skip
def test_the_page_of_an_item_becomes_the_item(written: str, right: str) -> None:
    text = f"{PREFIXES}<a:s> <a:p> {written} . # {written[:-1]}"
    start = len(PREFIXES) + len("<a:s> <a:p> ")
    place = Lines(text).place("x.ttl", start, start + len(written))
    found = Problem(place, Severity.VIOLATION, "wikidata-address", {"en": ""})

    assert mended(text, found) == f"{PREFIXES}<a:s> <a:p> {right} . # {written[:-1]}"


def test_without_a_prefix_that_is_right_there_the_item_has_its_full_name() -> None:
    token = "<https://www.wikidata.org/wiki/Q5>"
    later = "@prefix wd: <http://www.wikidata.org/entity/> ."
    text = f"@prefix wd: <a:> .\n<a:s> <a:p> {token} .\n{later}"

    right = text.replace(token, "<http://www.wikidata.org/entity/Q5>")
    assert mended(text, problem(text, token, "wikidata-address")) == right


@pytest.mark.parametrize(
    ("token", "code", "wrong", "right"),
    [
        ("s:name", "unknown-term", "s: <http:", "s: <https:"),
        ("item:Q5", "wikidata-address", "item: <https:", "item: <http:"),
        ("<http://schema.org/name>", "undefined-term", "<http://schema.org/name>", "<https://schema.org/name>"),
        ("s2:name", "unknown-term", "", ""),
        ("<http://example.org/name>", "unknown-term", "", ""),
    ],
)  # fmt: skip
def test_a_wrong_scheme_is_mended_where_it_is_written(
    token: str, code: str, wrong: str, right: str
) -> None:
    text = f"{PREFIXES}<a:s> {token} 1 ."

    assert mended(text, problem(text, token, code)) == text.replace(wrong, right)


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ('"Foo "@en', '"Foo"@en'),
        ('" \\tFoo bar\\u00a0\\n"', '"Foo bar"'),
        ("'''\n  Foo\n  bar\n'''@en", "'''Foo\n  bar'''@en"),
        ('"Foo\\\\n "', '"Foo\\\\n"'),
        ('"\u2003Foo\u3000"', '"Foo"'),
        ('"  "', '"  "'),
        ('"Foo"', '"Foo"'),
        ('" "Foo', '" "Foo'),
        ("e:name", "e:name"),
    ],
)
def test_a_label_loses_the_space_around_it(written: str, right: str) -> None:
    text = f"<a:s> <a:p> {written} ."
    start = len("<a:s> <a:p> ")
    place = Lines(text).place("x.ttl", start, start + len(written))
    found = Problem(
        place, Severity.VIOLATION, "L", {"en": ""}, "PatternConstraintComponent", None, PREF_LABEL
    )

    assert mended(text, found) == f"<a:s> <a:p> {right} ."


@pytest.mark.parametrize(
    ("predicate", "constraint"),
    [
        ("<http://www.w3.org/2004/02/skos/core#note>", "NotConstraintComponent"),
        (PREF_LABEL, "MaxCountConstraintComponent"),
        (None, None),
    ],
)
def test_what_needs_a_choice_is_left_to_people(
    predicate: str | None, constraint: str | None
) -> None:
    text = '<a:s> <a:p> "Foo " .'

    assert mended(text, problem(text, '"Foo "', "Some-shape", predicate, constraint)) == text


def test_a_file_that_may_not_be_edited_gets_no_edits() -> None:
    text = '<a:s> <a:p> "Foo " .'
    found = problem(text, '"Foo "', "Label-edges", PREF_LABEL)

    assert with_edits([found], {"other.ttl": b""}) == [found]


def test_a_problem_that_has_edits_keeps_them() -> None:
    text = '<a:s> <a:p> "Foo " .'
    place = Place("x.ttl", 1, 1, 1, 2)
    found = problem(text, '"Foo "', "Label-edges", PREF_LABEL)
    found = Problem(found.place, found.severity, "L", {}, edits=(Edit(place, ""),))

    assert with_edits([found], {"x.ttl": text.encode()}) == [found]


PIECES = st.lists(
    st.tuples(
        st.text(st.sampled_from("ab\n\r\u2028\u05d0😀"), max_size=5),
        st.text(st.sampled_from("xy\n"), max_size=3),
        st.text(st.sampled_from("AB"), max_size=3),
    ),
    max_size=6,
)


@given(PIECES, st.randoms(use_true_random=False))
def test_edits_are_made_in_any_order_each_once(pieces, chance) -> None:
    before = "".join(kept + old for kept, old, _ in pieces)
    lines, edits, at = Lines(before), [], 0
    expected = ""
    for kept, old, new in pieces:
        at += len(kept)
        expected += kept
        if old:
            edits.append(Edit(lines.place("x", at, at + len(old)), new))
            expected += new
        at += len(old)
    edits += edits[:1]
    chance.shuffle(edits)

    assert applied(before, edits) == expected


def test_of_two_edits_that_overlap_the_first_in_the_text_is_made() -> None:
    one, other = Place("x", 1, 1, 1, 4), Place("x", 1, 3, 1, 6)

    assert applied("abcdef", [Edit(other, "!"), Edit(one, "-")]) == "-def"


def test_an_empty_place_is_an_insertion() -> None:
    assert applied("ab", [Edit(Place("x", 1, 2, 1, 2), "-")]) == "a-b"
