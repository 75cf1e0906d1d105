"""Turtle text -> the place of every statement: the same statements as pyoxigraph, in its order."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, RdfFormat, parse

from leadgraph.model import Place
from leadgraph.read.lines import Lines
from leadgraph.read.places import Statement, locate
from leadgraph.read.tokens import columns, tokens
from tests.test_read import SUITE, suite

ROOT = Path(__file__).parents[1]
FILES = sorted(
    path
    for folder in ("data", "ontology", "shapes", "tests")
    for path in (ROOT / folder).rglob("*.ttl")
    if path.name != "broken.ttl" and path.parent.name != "ugly"
)
PREFIXES = (
    "@prefix ex: <http://e.example/> .\n@prefix : <http://d.example/> .\n"
    "@base <http://base.example/> .\n"
)


def difference(text: str, base: str | None = None) -> str | None:
    """What is not the same for pyoxigraph and for us, blank nodes matched by their order."""
    text = text.removeprefix("\ufeff")
    expected = [q.triple for q in parse(text.encode(), format=RdfFormat.TURTLE, base_iri=base)]
    found = [statement.triple for statement in locate(text, base).statements]
    if len(expected) != len(found):
        return f"{len(expected)} and {len(found)} statements"
    theirs, ours = dict[object, object](), dict[object, object]()
    for number, (one, other) in enumerate(zip(expected, found, strict=True)):
        if not all(same(a, b, theirs, ours) for a, b in zip(one, other, strict=True)):
            return f"{number}: {one} and {other}"
    return None


def same(one: object, other: object, theirs: dict[object, object], ours: dict[object, object]):
    """Whether two terms are one; the same blank node is always the same."""
    if isinstance(one, BlankNode) and isinstance(other, BlankNode):
        return theirs.setdefault(one, other) == other and ours.setdefault(other, one) == one
    return one == other


def located(turtle: str) -> list[tuple[str, str, str, str, bool]]:
    """The words of each statement, and of its block."""
    text = PREFIXES + turtle
    return [
        (*(text[start:end] for start, end in statement[:4]), statement.list_start)
        for statement in locate(text).statements
    ]


# --- The same statements -------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*suite("Positive"), *suite("Eval")])
def test_the_statements_are_those_of_pyoxigraph_on_the_w3c_suite(name: str) -> None:
    base = f"https://w3c.github.io/rdf-tests/rdf/rdf11/rdf-turtle/{name}"
    text = (SUITE / name).read_bytes().decode()
    assert difference(text, base) is None


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_statements_are_those_of_pyoxigraph_in_our_own_files(path: Path) -> None:
    assert difference(path.read_bytes().decode()) is None


_SPACE = st.sampled_from([" ", "\n", "\t", " # c\n", "\r\n", "\r", "  "])
_NAMES = st.sampled_from(
    ["ex:a", "ex:", ":", "<http://e.example/x>", "<rel>", "<>", "<#f>", "_:b", "_:c.1", r"ex:a\~b",
     "ex:%20", ":x.y", "ex:a:b", r"<http://e.example/\u00e9#f>", "ex:قائد", ":1"]
)  # fmt: skip
_PROPERTIES = st.sampled_from(["a", "ex:p", "<http://e.example/p>", ":q", "<q>"])
_LITERALS = st.sampled_from(
    ["1", "-1.5", "1e3", "1.e3", "true", '"x"', "'y'", '"x"@EN-us', '"x"^^ex:t', '"""a\n"b"""',
     r'"\u00e9\n\""', "'''x'''@fr", '"x"^^<t>', '"x" @en', '""', ".5", "+7", "007", '"# [ ("']
)  # fmt: skip


def _properties(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(_PROPERTIES, st.lists(values, min_size=1, max_size=3), _SPACE)
    several = st.lists(pair, min_size=1, max_size=3)
    end = st.sampled_from(["", " ;", ";;"])
    return st.tuples(several, end, st.sampled_from([" ; ", ";;", "\n;"])).map(
        lambda made: made[2].join(f"{p}{s}{' , '.join(v)}" for p, v, s in made[0]) + made[1]
    )


def _collection(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(st.lists(values, max_size=4), _SPACE).map(
        lambda made: f"({made[1].join(made[0])}{made[1]})"
    )


_VALUES = st.recursive(
    st.one_of(_NAMES, _LITERALS, st.sampled_from(["[]", "()", "[ \n]", "[ # x\n]"])),
    lambda values: st.one_of(_collection(values), _properties(values).map("[{}]".format)),
    max_leaves=12,
)
_STATEMENTS = st.one_of(
    st.tuples(_NAMES, _SPACE, _properties(_VALUES)).map("".join),
    st.tuples(_collection(_VALUES), _properties(_VALUES)).map("".join),
    st.tuples(_properties(_VALUES), _properties(_VALUES)).map(lambda made: "[{}]{}".format(*made)),
    _properties(_VALUES).map("[ {} ]".format),
    st.sampled_from(["@prefix ex: <http://f.example/>", "@base <http://g.example/y/>"]),
).map("{} .".format)
_DOCUMENTS = st.lists(
    st.one_of(_STATEMENTS, st.sampled_from(["PREFIX : <x/>", "bAsE <z/>"])), max_size=6
)


@settings(max_examples=500, deadline=None)
@given(_DOCUMENTS, st.sampled_from(["\n", "\r\n", " ", "\r"]))
def test_the_statements_are_those_of_pyoxigraph_in_any_document(
    statements: list[str], space: str
) -> None:
    assert difference(PREFIXES + space.join(statements)) is None


@settings(max_examples=300, deadline=None)
@given(_DOCUMENTS)
def test_each_span_holds_what_it_says(statements: list[str]) -> None:
    """A statement that is cut out and written alone says the same."""
    text = PREFIXES + "\n".join(statements)
    for one in locate(text).statements:
        words = [text[start:end] for start, end in one[:3]]
        assert all(words)
        assert one.block[0] <= min(one.subject[0], one.object[0])
        assert one.block[1] >= one.object[1]
        assert text[one.block[1] - 1] in ".])"


# --- The spans -----------------------------------------------------------------------------------


def test_lists_of_properties_and_of_values_have_one_block() -> None:
    block = 'ex:a ex:p 1 , "x"@en ; a ex:C .'
    assert located(block) == [
        ("ex:a", "ex:p", "1", block, True),
        ("ex:a", "ex:p", '"x"@en', block, False),
        ("ex:a", "a", "ex:C", block, True),
    ]


def test_the_bracket_is_the_subject_of_what_stands_in_it() -> None:
    assert located("ex:a ex:p [ ex:q 1 ] .") == [
        ("[", "ex:q", "1", "[ ex:q 1 ]", True),
        ("ex:a", "ex:p", "[ ex:q 1 ]", "ex:a ex:p [ ex:q 1 ] .", True),
    ]


def test_a_bracket_as_subject_is_the_whole_of_it() -> None:
    assert located("[ ex:q 1 ] ex:p 2 .") == [
        ("[", "ex:q", "1", "[ ex:q 1 ]", True),
        ("[ ex:q 1 ]", "ex:p", "2", "[ ex:q 1 ] ex:p 2 .", True),
    ]


def test_a_collection_stands_for_its_statements() -> None:
    assert located("ex:a ex:p ( 1 ex:b ) .") == [
        ("(", "(", "1", "( 1 ex:b )", True),
        ("ex:a", "ex:p", "( 1 ex:b )", "ex:a ex:p ( 1 ex:b ) .", True),
        ("(", "(", "ex:b", "( 1 ex:b )", True),
        ("(", "(", "ex:b )", "( 1 ex:b )", True),
        ("(", "(", ")", "( 1 ex:b )", True),
    ]


def test_two_blocks_about_one_subject_are_two() -> None:
    blocks = [row[3] for row in located("ex:a ex:p 1 .\nex:a ex:p 1 .")]
    assert blocks == ["ex:a ex:p 1 .", "ex:a ex:p 1 ."]


def test_a_literal_is_one_span_with_its_suffix() -> None:
    values = ["'''a\nb'''^^ex:t", '"x" @en', "[ ]", "()", "-1.5", "true", r"ex:\~%20"]
    assert [row[2] for row in located(f"ex:a ex:p {', '.join(values)} .")] == values


def test_statements_can_be_cut_out_as_of_any_sequence() -> None:
    statements = locate(PREFIXES + "ex:a ex:p 1, 2, 3 .").statements
    assert isinstance(statements[-1], Statement)
    assert statements[1:] == [statements[1], statements[2]]
    with pytest.raises(IndexError):
        statements[3]


def test_prefixes_are_those_at_the_end() -> None:
    text = "@prefix a: <x:1> . a:b a a:c . PREFIX a: <x:2>\na:b a a:c ."
    found = locate(text)
    assert found.prefixes == {"a": "x:2"}
    assert [s.triple.subject.value for s in found.statements] == ["x:1b", "x:2b"]


def test_no_depth_is_too_deep() -> None:
    deep = 100_000
    text = "<x:a> <x:b> " + "[ <x:c> (" * deep + ")]" * deep + " ."
    assert len(locate(text).statements) == 3 * deep - 1


# --- Tokens and lines ----------------------------------------------------------------------------


@given(st.text(st.sampled_from("\"'\\#<>()[] \n\rax:.@-^1eé~{|\u2028;,_%"), max_size=60))
def test_no_character_is_lost_between_tokens(text: str) -> None:
    end = 0
    for token in tokens(text):
        assert not text[end : token.start].strip(" \t\r\n")
        assert token.end > token.start
        end = token.end
    assert not text[end:].strip(" \t\r\n")


@given(st.text(st.sampled_from("\"'#<>[] \nax:."), max_size=40))
def test_columns_say_what_tokens_say(text: str) -> None:
    kinds, starts, ends = columns(text)
    assert kinds[-1] == "end"
    rows = zip(kinds[:-1], starts, ends, strict=False)
    assert list(rows) == [token for token in tokens(text) if token.kind != "comment"]


@pytest.mark.parametrize(
    "text",
    ['"' * 300_000, "<" * 300_000, "a." * 300_000, "[ " * 300_000, "." * 300_000, " " * 300_000,
     "1" * 300_000, "a:" * 300_000, "\\" * 300_000, "'''" * 100_000, "“" * 300_000, "%" * 300_000,
     "<a\n" * 100_000, '"a\n' * 100_000, "@a-" * 100_000, ":a.." * 100_000, "\u2028" * 300_000]
)  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    """A quadratic pass would take minutes."""
    assert sum(1 for _ in tokens(text)) <= len(text)


def test_a_line_ends_at_lf_or_crlf_only() -> None:
    lines = Lines("a\rb\u2028c\x0bd\x0ce\r\nf\n")
    assert lines.line(1) == "a\rb\u2028c\x0bd\x0ce"
    assert lines.line(2) == "f"
    assert lines.line(3) == ""
    assert lines.place("x.ttl", 9, 12) == Place("x.ttl", 1, 10, 2, 2)


@given(st.text(st.sampled_from("a\n\r\u2028é"), max_size=30), st.data())
def test_an_offset_and_its_position_are_inverse(text: str, data: st.DataObject) -> None:
    lines = Lines(text)
    offset = data.draw(st.integers(0, len(text)))
    assert lines.offset(*lines.position(offset)) == offset
