"""Bytes -> Source: what is Turtle, what is refused, and where the mistake is."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat, parse

from leadgraph.errors import SourceUnreadable
from leadgraph.model import Place, Problem, Severity
from leadgraph.read import lexer, turtle
from leadgraph.settings import Settings
from leadgraph.words import LANGUAGES

SUITE = Path(__file__).parents[1] / "../shared/w3c/rdf-turtle"
SETTINGS = Settings()
SMALL = Settings(source_bytes=1000, source_depth=5, literal_bytes=100, source_blank_nodes=3)
PREFIX = "@prefix ex: <http://example.org/> .\n"


def problems(data: str | bytes, path: str = "x.ttl", limits: Settings = SETTINGS) -> list[Problem]:
    """Read and return only what is wrong."""
    data = data.encode() if isinstance(data, str) else data
    return list(turtle.read(path, data, limits)[1])


def only(data: str | bytes, path: str = "x.ttl", limits: Settings = SETTINGS) -> Problem:
    """Read what has exactly one problem."""
    (problem,) = problems(data, path, limits)
    return problem


# --- The W3C suite -------------------------------------------------------------------------------


def suite(kind: str) -> list[str]:
    """File names of the tests of a kind, by the manifest."""
    if not SUITE.is_dir():
        return []
    manifest = (SUITE / "manifest.ttl").read_bytes()
    facts: dict[str, dict[str, str]] = {}
    for quad in parse(manifest, format=RdfFormat.TURTLE, base_iri="http://w3c.example/"):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
            name = quad.predicate.value.rpartition("#")[2]
            facts.setdefault(quad.subject.value, {})[name] = quad.object.value
    return sorted(
        fact["action"].rpartition("/")[2]
        for fact in facts.values()
        if "action" in fact and kind in fact["type"]
    )


@pytest.mark.skipif(not SUITE.is_dir(), reason="the W3C suites (../shared/w3c) are absent")
def test_the_suite_has_its_94_negative_and_219_other_tests() -> None:
    """Nothing is skipped silently."""
    assert len(suite("Negative")) == 94
    assert len(suite("Positive")) + len(suite("Eval")) == 219


@pytest.mark.parametrize("name", suite("Negative"))
def test_what_w3c_calls_bad_is_refused_with_a_line(name: str) -> None:
    """Every negative test of Turtle gives a problem that names a line of the file."""
    data = (SUITE / name).read_bytes()
    source, found = turtle.read(name, data, SETTINGS)
    assert source is None
    place = found[-1].place
    assert place.line is not None
    assert 1 <= place.line <= data.count(b"\n") + 1


@pytest.mark.parametrize("name", [*suite("Positive"), *suite("Eval")])
def test_what_w3c_calls_good_is_read(name: str) -> None:
    """Every positive test is read; a base in the text serves those with relative IRIs."""
    base = b"@base <https://w3c.github.io/rdf-tests/rdf/rdf11/rdf-turtle/> .\n"
    source, _ = turtle.read(name, base + (SUITE / name).read_bytes(), SETTINGS)
    assert source is not None


# --- Places --------------------------------------------------------------------------------------

_letters = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"\\'))
_breaks = st.sampled_from(["\n", "\r\n", "\r"])


@given(
    st.lists(st.tuples(_letters, _breaks), max_size=5),
    _letters,
    st.booleans(),
)
def test_a_place_counts_code_points(
    lines: list[tuple[str, str]], before: str, with_bom: bool
) -> None:
    """Line and column are those of the text as people see it, with any script and line end."""
    text = "".join(f'<http://a.example> <http://b.example> "{t}" .{end}' for t, end in lines)
    line = f'<http://a.example> <http://b.example> "{before}", '
    data = ("\ufeff" if with_bom else "") + text + line + "wrong ."
    found = [p for p in problems(data) if p.code == "syntax"]
    # For the parser a lone CR ends a line; for people, editors and git it does not.
    *before_last, last = re.split(r"\r?\n", text + line)
    column = len(last) + 1
    row = len(before_last) + 1
    assert [p.place for p in found] == [Place("x.ttl", row, column, row, column + 5)]


def test_a_place_in_json_ld_counts_code_points_too() -> None:
    """The engine counts bytes there; people do not."""
    problem = only('{"@id": "http://a.example",\n "éé😀": wrong}', "x.jsonld")
    assert problem.place == Place("x.jsonld", 2, 9, 2, 10)


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    """It is stripped, and not counted."""
    source, found = turtle.read("x.ttl", b"\xef\xbb\xbf<a:b> <a:c> 1 .", SETTINGS)
    assert not found
    assert source is not None
    assert source.data == b"<a:b> <a:c> 1 ."
    assert only(b"\xef\xbb\xbfwrong").place.column == 1


# --- Words ---------------------------------------------------------------------------------------

SYNTAX = [
    ("ex:a ex:b 1", "ends in the middle", (2, 12)),
    ('ex:a ex:b "one\ntwo" .', "breaks off", (2, 15)),
    ("ex:a ex:b 1 ex:c .", "dot", (2, 13)),
    ("ex:a ex:b [ ex:c 1 .", "bracket", (2, 20)),
    ("ex:a ex:b (1 .", "value is expected", (2, 14)),
    ('"a" ex:b 1 .', 'cannot begin with "a"', (2, 1)),
    ("ex:a 7 1 .", "7 cannot stand where a property", (2, 6)),
    ("ex:a ex:b oops .", "oops cannot stand where a value", (2, 11)),
    ("ex:a ex:b <http://a b> .", 'character " "', (2, 11)),
    (r'ex:a ex:b "\q" .', r"\q is not an escape", (2, 12)),
    ("ex:a ex:b 1e .", "not valid here: A double exponent", (2, 11)),
]


@pytest.mark.parametrize(("text", "words", "place"), SYNTAX)
def test_a_syntax_problem_says_what_and_where(
    text: str, words: str, place: tuple[int, int]
) -> None:
    """What the parser found, in words for people."""
    problem = only(PREFIX + text)
    assert problem.code == "syntax"
    assert words in problem.message("en")
    assert (problem.place.line, problem.place.column) == place


def test_a_problem_speaks_all_languages() -> None:
    """Its facts are in each of the texts."""
    messages = only("ex:a ex:b 1 .").messages
    assert set(messages) == set(LANGUAGES)
    assert all("ex:" in text for text in messages.values())
    assert len(set(messages.values())) == len(LANGUAGES)


def test_an_unknown_prefix_of_ours_comes_with_the_line_to_add() -> None:
    """The line can be copied into the file."""
    problem = only("skos:a a skos:b .")
    assert problem.code == "unknown-prefix"
    line = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> ."
    assert line in problem.message("en")
    assert not problems(f"{line}\nskos:a a skos:b .")


def test_an_unknown_prefix_of_somebody_else_is_named() -> None:
    """What it stands for only its author knows."""
    problem = only("\n my:a a my:b .")
    assert problem.code == "unknown-prefix"
    assert "my:" in problem.message("de")
    assert problem.place == Place("x.ttl", 2, 2, 2, 6)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('ex:a ex:b "A"@en ex:c 1 .', 'put " ;" if more'),
        ("ex:a ex:b “A”@en .", "quotation mark “ does not begin a text. Write straight"),
        ("ex:a ex:b «A» .", "quotation mark « does"),
        ('ex:a ex:b "He said "hi" to"@en .', 'before hi. If it should go on, a quotation mark'),
        ('ex:a ex:b "He said " hi " to"@en .', r'is written \"'),
        ("ex:a ex:b 'don't' .", r"is written \'"),
        ('ex:a ex:b "x"@es_MX .', "@es_MX is no language tag"),
        ('ex:a ex:b "x"@es_MX ; ex:c 1 .', "joined by hyphens. Write @es-MX"),
        ("ex:a A ex:b .", "small letter: write a."),
    ],
)  # fmt: skip
def test_a_common_mistake_is_called_what_it_is(text: str, words: str) -> None:
    """Not what the parser stopped at, but what a person did."""
    problem = only(PREFIX + text)
    assert problem.code == "syntax"
    assert words in problem.message("en")
    assert len(set(problem.messages.values())) == len(LANGUAGES)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('ex:a ex:b "x" a ex:C .', "cannot begin with a"),
        ('ex:a ex:b "x" "y" .', 'cannot begin with "y"'),
        ("ex:a B ex:c .", "B cannot stand"),
    ],
)
def test_another_mistake_is_not_taken_for_a_common_one(text: str, words: str) -> None:
    """Wrong advice is worse than little."""
    assert words in only(PREFIX + text).message("en")


@pytest.mark.parametrize(
    ("prefix", "iri"),
    [
        ("skill", "https://w3id.org/leadgraph/id/skill/"),
        ("role-group", "https://w3id.org/leadgraph/id/role-group/"),
        ("organization", "https://w3id.org/leadgraph/id/org/"),
        ("org", "http://www.w3.org/ns/org#"),
    ],
)
def test_the_prefix_of_a_kind_of_ours_comes_with_its_line(prefix: str, iri: str) -> None:
    """Those who name a skill need not know where skills are."""
    problem = only(f"{prefix}:a a {prefix}:b .")
    assert problem.code == "unknown-prefix"
    assert f"@prefix {prefix}: <{iri}> ." in problem.message("en")


def test_a_prefix_in_other_letters_is_told_the_one_that_is_declared() -> None:
    """Also when it is written as SPARQL writes it."""
    for line in (PREFIX, "PREFIX ex: <http://example.org/>\n"):
        problem = only(line + "ex:a Ex:b 1 .")
        assert problem.code == "unknown-prefix"
        assert problem.message("en").endswith("Write ex:")


@pytest.mark.parametrize(
    ("path", "text"),
    [("a.ttl", ""), ("a.ttl", PREFIX), ("a.nt", "# nothing\n"), ("a.jsonld", "{}")],
)
def test_a_file_that_states_nothing_is_a_warning(path: str, text: str) -> None:
    """It is read: nothing in it is wrong."""
    source, (problem,) = turtle.read(path, text.encode(), SETTINGS)
    assert source is not None
    assert (problem.code, problem.severity) == ("empty", Severity.WARNING)
    assert problem.message("en").startswith("The file states nothing.")


def test_a_relative_iri_is_refused_and_shown() -> None:
    """There is no base; a file that says its own base is understood."""
    problem = only("<http://a.example> a <thing> .")
    assert problem.code == "relative-iri"
    assert "<thing>" in problem.message("en")
    assert problem.place.column == 22
    assert not problems("@base <http://a.example/> . <x> a <thing> .")


# --- Bytes and characters ------------------------------------------------------------------------


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_a_byte_that_is_no_utf_8_is_placed(bom: bytes) -> None:
    """The offset counts bytes of the file, line and column what people see."""
    problem = only(bom + '<a:b> <a:c> "é" .\n<a:d> <a:e> "é'.encode() + b'\xe9" .')
    assert problem.code == "not-utf-8"
    assert problem.place == Place("x.ttl", 2, 15, 2, 15)
    assert f"Byte {34 + len(bom)} " in problem.message("en")
    assert "0xE9" in problem.message("en")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_called_by_its_name(encoding: str) -> None:
    """With or without its mark."""
    problem = only("<a:b> <a:c> 1 .".encode(encoding))
    assert problem.code == "utf-16"
    assert problem.place == Place("x.ttl", 1, 1, 1, 1)
    assert "UTF-16" in problem.message("pt")


def test_nul_is_a_problem_written_or_escaped() -> None:
    """Turtle allows it in a string, most of the world does not."""
    source, found = turtle.read("x.ttl", b'<a:b> <a:c> "a\x00", "\\u0000", "\\\\u0000" .', SETTINGS)
    assert source is not None
    assert [(p.code, p.place.column) for p in found] == [("nul", 15), ("nul", 20)]


def test_characters_that_turn_the_writing_around_are_problems() -> None:
    """U+202E makes a label look like another one; Arabic and Hebrew need none."""
    text = PREFIX + 'ex:a ex:b "\u202egnp.exe", "\\u202D", "\\\\u202E", "قائد", "מנהיג\u200f" .'
    found = problems(text)
    assert [(p.code, p.place.line, p.place.column) for p in found] == [
        ("bidi-override", 2, 12),
        ("bidi-override", 2, 24),
    ]
    assert "U+202E" in found[0].message("ar")


def test_a_file_full_of_hidden_characters_is_not_a_report_of_millions() -> None:
    """Twenty of them are enough to know."""
    assert len(problems('<a:b> <a:c> "' + "\u202e" * 100_000 + '" .')) == 20


# --- Limits --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("ex:a ex:b ((((( ))))) .", "too-many-blank-nodes", 14),
        ("ex:a ex:b (((((( 1 )))))) .", "too-deep", 16),
        ("ex:a ex:b [ex:b [ex:b ([ex:b ([ex:b 1])])]] .", "too-deep", 31),
        ("ex:a ex:b <<<< ex:a ex:b <<(((( 1", "too-deep", 30),
        ("ex:a ex:b \"[[[[[[\", \"\"\"[[[[[\"[[\"\"\", '((((((', '''[[[[[['[''' .", None, None),
        ("ex:a ex:b <http://x/((((((> . # ((((((\n", None, None),
        (r'ex:a ex:b "\"((((((" , ex:\(\(\(\(\(\( , ex:\"\#\(\(\(\(\(\( .', "syntax", 45),
        (f'ex:a ex:b "{"ö" * 50}" .', "literal-too-long", 11),
        (f'ex:a ex:b "{"ö" * 49}" .', None, None),
        (f"ex:a ex:b <http://{'x' * 99}> .", "literal-too-long", 11),
        ("ex:a ex:b [], [], [] .", None, None),
        ("ex:a ex:b (1 2 3 4) .", "too-many-blank-nodes", 18),
        ("ex:a ex:b 1 ." * 100, "too-large", None),
    ],
)
def test_limits_hold_before_anything_is_parsed(
    text: str, code: str | None, column: int | None
) -> None:
    """Brackets in strings, IRIs, comments and escapes do not count; those that nest do."""
    found = problems(PREFIX + text, limits=SMALL)
    assert [p.code for p in found] == ([code] if code else [])
    assert [p.place.column for p in found] == ([column] if code else [])


@pytest.mark.parametrize(
    ("path", "data", "code"),
    [
        ("a.ttl", b"<a:a> <a:b> " + b"[ <a:b> " * 10_000 + b"1" + b"]" * 10_000, "too-deep"),
        ("a.ttl", b"<a:a> <a:b> " + b"(" * 10_000 + b")" * 10_000, "too-deep"),
        ("a.ttl", b"<a:a> <a:b> " + b"<<( <a:b> <a:b> " * 100_000, "too-deep"),
        ("a.jsonld", b'{"a:b":' * 10_000 + b"1" + b"}" * 10_000, "too-deep"),
        ("a.ttl", b'<a:a> <a:b> """' + b'a\n"' * 7_000_000 + b'""" .', "literal-too-long"),
        ("a.ttl", b'<a:a> <a:b> "' + b"a" * 20_000_000, "word-too-long"),
        ("a.nt", b"<a:a> <a:b> " + b"9" * 20_000_000, "word-too-long"),
        ("a.ttl", b"# " + b"a" * 20_000_000, "literal-too-long"),
        ("a.jsonld", b'{"a:b":"' + b"a" * 20_000_000 + b'"}', "literal-too-long"),
        ("a.ttl", b'"""' * 1_000_000, "syntax"),
        ("a.ttl", b"", "empty"),
    ],
)
def test_monsters_are_one_clear_problem(path: str, data: bytes, code: str | None) -> None:
    """Whatever the size, one problem and no crash."""
    assert [p.code for p in problems(data, path)] == ([code] if code else [])


@given(st.text(st.sampled_from("\"'\\#<>()[] \nax:"), max_size=60))
def test_the_lexer_counts_no_bracket_of_a_string_an_iri_or_a_comment(text: str) -> None:
    """In a valid text it finds no more nesting than there are real brackets."""
    source, _ = turtle.read("x.ttl", text.encode(), SETTINGS)
    if source is not None:
        bare = re.sub(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|<[^>]*>|#.*', "", text)
        deepest = max(
            (bare[:i].count("(") - bare[:i].count(")") for i in range(len(bare))), default=0
        )
        found = lexer.excess(text, deepest + bare.count("["), 1000)
        assert found is None


# --- Formats -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "data", "code"),
    [
        ("a.rdf", b"<rdf:RDF/>", "rdf-xml"),
        ("a.owl", b"", "rdf-xml"),
        ("a.ttl", b'\xef\xbb\xbf\n<?xml version="1.0"?><rdf:RDF/>', "rdf-xml"),
        ("a.ttl", b'<rdf:RDF xmlns:rdf="x">', "rdf-xml"),
        ("a.trig", b"", "unknown-format"),
        ("a.pdf", b"%PDF", "unknown-format"),
        ("a", b"", "unknown-format"),
        ("a.jsonld", b'{"@context": "http://a.example/c", "@id": "a:a"}', "remote-context"),
        ("a.jsonld", b'{"@id": "thing", "http://b.example": 1}', "relative-iri"),
        ("a.jsonld", b'{"@id": "a:a", "@graph": [{"http://b.example": 1}]}', "named-graph"),
        ("a.ttl", b"<a:a> <a:b> <<( <a:c> <a:d> 1 )>> .", "rdf-1-2"),
        ("a.ttl", b'<a:a> <a:b> "x"@ar--rtl .', "rdf-1-2"),
    ],
)  # fmt: skip
def test_what_is_no_graph_of_plain_statements_is_refused(path: str, data: bytes, code: str) -> None:
    """With the reason, and never read halfway."""
    source, found = turtle.read(path, data, SETTINGS)
    assert source is None
    assert [p.code for p in found] == [code]


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("a.ttl", b"<a:a> <a:b> 1, 1, 2 ."),
        ("a.nt", b'<a:a> <a:b> "1" .\n<a:a> <a:b> "2" .\n'),
        ("a.jsonld", b'{"@context": {"b": "a:b"}, "@id": "a:a", "b": [1, 2]}'),
    ],
)
def test_three_formats_are_read_and_counted(path: str, data: bytes) -> None:
    """A statement that is written twice counts once."""
    source, found = turtle.read(path, data, SETTINGS)
    assert not found
    assert source is not None
    assert source.statements == len(set(turtle.statements(source))) == 2


# --- Files ---------------------------------------------------------------------------------------


def test_what_is_no_ordinary_file_is_one_problem_and_no_waiting(tmp_path: Path) -> None:
    """A device without end, a FIFO nobody writes to, a folder, nothing, a loop of links."""
    os.mkfifo(tmp_path / "fifo.ttl")
    (tmp_path / "loop.ttl").symlink_to(tmp_path / "loop.ttl")
    (tmp_path / "zero.ttl").symlink_to("/dev/zero")
    names = ["fifo.ttl", "loop.ttl", "zero.ttl", "missing.ttl", "", "x" * 300]
    for name in names:
        source, (problem,) = turtle.read_file(tmp_path / name, SETTINGS)
        assert source is None
        assert problem.code == "unreadable"
        assert problem.place == Place(str(tmp_path / name))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_forbidden_file_is_a_problem(tmp_path: Path) -> None:
    """It says whom to ask."""
    path = tmp_path / "mine.ttl"
    path.touch(0)
    assert "permission" in turtle.read_file(path, SETTINGS)[1][0].message("en")


def test_a_file_that_grows_is_not_read_beyond_the_limit(tmp_path: Path) -> None:
    """A file of holes of a terabyte takes no memory."""
    path = tmp_path / "holes.ttl"
    path.touch()
    os.truncate(path, 2**40)
    assert turtle.read_file(path, SMALL)[1][0].code == "too-large"


def test_a_slug_is_made_of_any_file_name() -> None:
    """It is part of an IRI."""
    names = ("data/roles.ttl", "Leader Roles (1).TTL", "قادة.ttl", "../a.b.ttl")
    assert [turtle.slug(name) for name in names] == ["roles", "leader-roles-1", "file", "a-b"]


def test_a_graph_folder_is_listed_in_order(tmp_path: Path) -> None:
    """Each kind by name, and nothing that is none of them."""
    for name in (
        "ontology/o.ttl",
        "shapes/b.ttl",
        "shapes/a.rq",
        "data/z.nt",
        "data/y.ttl",
        "data/t.tsv",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    directory = turtle.open_directory(tmp_path)
    assert [path.name for path in directory.data] == ["y.ttl", "z.nt"]
    assert [path.name for path in (*directory.ontology, *directory.shapes)] == ["o.ttl", "b.ttl"]
    assert [path.name for path in directory.rules] == ["a.rq"]


def test_any_other_folder_is_refused(tmp_path: Path) -> None:
    """It says what a graph folder has."""
    with pytest.raises(SourceUnreadable, match="ontology/, shapes/ or data/"):
        turtle.open_directory(tmp_path)


# --- Fuzz ----------------------------------------------------------------------------------------

_pieces = st.sampled_from(
    ["<", ">", "[", "]", "(", ")", '"', "'", '"""', "\\", "#", "\n", "\r", ".", ";", ",", "@prefix",
     "ex:", "_:x", "^^", "@en", "a", "1", "é", "\u202e", "\x00", "{|", "|}", "<<", ">>", " "]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200), st.lists(_pieces, max_size=40).map(lambda p: "".join(p).encode())
    ),
    st.sampled_from(["x.ttl", "x.nt", "x.jsonld"]),
)
def test_nothing_that_is_sent_breaks_reading(data: bytes, path: str) -> None:
    """Any bytes give a source or a problem, within the file, in all languages."""
    source, found = turtle.read(path, data, SMALL)
    assert source is not None or found
    for problem in found:
        assert set(problem.messages) == set(LANGUAGES)
        assert problem.place.line is None or 1 <= problem.place.line <= len(data) + 1
        assert problem.place.column is None or 1 <= problem.place.column <= len(data) + 2
