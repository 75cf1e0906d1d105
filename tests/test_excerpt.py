"""A line and its spans: what a terminal shows, and carets that stand under the characters."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcwidth

from leadgraph.check.reports.characters import cell, turns, visible
from leadgraph.check.reports.excerpt import Row, rows

FILLERS = "\u3164\uffa0"


def only(line: str, *spans: tuple[int, int], columns: int = 100) -> Row:
    """The one row of a line."""
    (row,) = rows(line, spans, columns)
    return row


def span(line: str, token: str) -> tuple[int, int]:
    """Where a token stands."""
    return line.index(token), line.index(token) + len(token)


def test_a_token_is_underlined_from_end_to_end() -> None:
    line = 'ex:a ex:p "one" .'
    row = only(line, span(line, '"one"'))
    assert row.text == line
    assert row.marks == "          ^^^^^"


def test_all_spans_of_a_line_share_it() -> None:
    line = 'ex:a ex:p "one", "two" .'
    row = only(line, span(line, '"two"'), span(line, '"one"'), span(line, '"one"'))
    assert row.marks == "          ^^^^^  ^^^^^"


def test_what_belongs_to_a_span_is_marked_otherwise_and_beneath_it() -> None:
    line = 'ex:a ex:p "one", "two" .'
    (row,) = rows(line, [span(line, '"two"')], 80, [span(line, '"one"'), span(line, '"two" .')])
    assert row.marks == "          -----  ^^^^^--"


def test_an_empty_span_is_one_caret_also_at_the_end_of_the_line() -> None:
    assert only("abc", (1, 1)).marks == " ^"
    assert only("abc", (3, 3)).marks == "   ^"
    assert only("", (0, 0)) == Row("", "^")


def test_a_span_beyond_the_line_ends_with_it() -> None:
    assert only("abc", (1, 99)).marks == " ^^"
    assert only("abc", (7, 9)).marks == "   ^"


def test_a_tab_takes_the_same_columns_above_and_below() -> None:
    row = only("\tex:a\tex:p 1", (6, 10))
    assert row.text == "    ex:a    ex:p 1"
    assert row.marks == "            ^^^^"


@pytest.mark.parametrize(
    ("line", "marks"),
    [
        ('"日本" 1', "       ^"),
        ('"e\u0301" 1', "    ^"),
        ('"한글" 1', "       ^"),
        ('"\u1112\u1161\u11ab" 1', "     ^"),
        ('"👍" 1', "     ^"),
        ('"\u202e" 1', "         ^"),
        ('"\x1b" 1', "         ^"),
        ('"a\u200db" 1', "     ^"),
    ],
)
def test_carets_count_columns_not_characters(line: str, marks: str) -> None:
    row = only(line, (len(line) - 1, len(line)))
    assert row.marks == marks
    assert row.text[-1] == "1"


def test_what_is_not_visible_is_escaped() -> None:
    assert visible("a\x1b[2J\u202eb\nc\ud800é") == "a\\u001b[2J\\u202eb\\u000ac\\ud800é"


def test_what_a_terminal_would_obey_is_shown_as_an_escape() -> None:
    row = only("a\x1b[31m\u202eb", (7, 8))
    assert row.text == "a\\u001b[31m\\u202eb"
    assert row.marks == " " * (len(row.text) - 1) + "^"


def test_a_long_line_is_cut_around_the_token() -> None:
    line = "x" * 300 + " TOKEN " + "y" * 300
    row = only(line, span(line, "TOKEN"), columns=60)
    assert len(row.text) <= 60
    assert row.text.startswith("…x")
    assert row.text.endswith("y…")
    start = row.marks.index("^")
    assert row.text[start : start + 5] == "TOKEN"
    assert row.marks[start:] == "^^^^^"


def test_a_long_line_that_ends_soon_shows_its_end_and_as_much_before_as_there_is_room_for() -> None:
    line = "x" * 300 + " TOKEN ."
    row = only(line, span(line, "TOKEN"), columns=60)
    assert row.text == "…" + line[-58:]


def test_a_token_longer_than_the_room_is_cut_at_its_end() -> None:
    line = 'ex:a ex:p "' + "y" * 500 + '" .'
    row = only(line, (10, 512), columns=60)
    assert row.text.startswith("ex:a ex:p ")
    assert row.text.endswith("y…")
    assert row.marks == " " * 10 + "^" * 48


def test_tokens_far_apart_in_a_long_line_get_a_row_each() -> None:
    line = "A" + "x" * 500 + "B"
    shown = list(rows(line, [(0, 1), (501, 502)], 60))
    assert [row.text[row.marks.index("^")] for row in shown] == ["A", "B"]


def test_a_line_that_turns_has_its_token_again_and_no_carets() -> None:
    line = 'ex:a ex:p "شجرة"@ar, "tree"@en .'
    row = only(line, span(line, '"شجرة"@ar'))
    assert row == Row(line, tokens=(("^", '"شجرة"@ar'),))


def test_a_part_that_does_not_turn_has_carets_though_the_line_goes_on_with_arabic() -> None:
    line = "ex:a ex:p 1 ; " + " " * 100 + "ex:q \u0634"
    assert only(line, (10, 11), columns=50).marks == " " * 10 + "^"


@given(
    st.text(st.characters(exclude_characters="\n"), max_size=300),
    st.lists(st.tuples(st.integers(0, 310), st.integers(0, 310)), min_size=1, max_size=4),
    st.integers(0, 120),
)
def test_whatever_the_line_all_spans_are_shown_within_the_room(
    line: str, spans: list[tuple[int, int]], columns: int
) -> None:
    shown = list(rows(line, spans, columns))
    assert 1 <= len(shown) <= len(set(spans))
    for row in shown:
        assert visible(row.text) == row.text
        assert bool(row.marks.strip()) != bool(row.tokens)
        assert turns(row.text) == bool(row.tokens)
        assert len(row.marks) <= max(columns, 40) + 1


def test_columns_are_those_of_the_tables_for_terminals() -> None:
    """Letters, marks, digits and punctuation of all scripts; the tables differ about fillers."""
    kinds = {"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Nd", "Pd", "Ps", "Pe", "Po", "Sm", "Sc"}
    characters = map(chr, range(0x20, 0x20000))
    known = [
        each for each in characters if unicodedata.category(each) in kinds and each not in FILLERS
    ]

    assert len(known) > 50_000
    assert [each for each in known if cell(each)[1] != wcwidth(each)] == []
