"""`leadgraph tidy`: one layout, whatever white space was there, and nothing is lost."""

from __future__ import annotations

import random
import re
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, RdfFormat, parse

from leadgraph.read.layout.layout import layout
from leadgraph.read.layout.tidy import tidied, tidy
from leadgraph.read.layout.tree import tree
from leadgraph.read.tokens import tokens
from leadgraph.settings import Settings

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).parent / "tidy"
W3C = ROOT / "../shared/w3c"
OURS = sorted(
    path for part in ("ontology", "shapes", "data") for path in (ROOT / part).glob("*.ttl")
)

PREFIXES = """@prefix : <http://example.org/> .
@prefix e: <http://example.org/e#> .
@prefix e.f: <http://example.org/e/f/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
"""
DIRECTIVES = [
    ["@prefix", "q:", "<http://example.org/q#>", "."],
    ["PREFIX", "q:", "<http://example.org/r#>"],
    ["prefix", "e:", "<http://example.org/e#>"],
    ["@base", "<http://example.org/base#x>", "."],
    ["BASE", "<http://example.org/>"],
]
IRIS = [
    "<http://example.org/e#name>",
    "<http://example.org/e/f/n-1>",
    "<http://example.org/e#a.b>",
    "<http://example.org/q?x=1&y=#frag>",
    "<http://example.org/\\u00e9\\U000000e9>",
    "<urn:x:دور>",
    "<http://example.org/>",
]
NAMES = [
    "e:a",
    ":",
    "e:",
    ":b",
    "e.f:c.d",
    "e:x\\,y",
    "e:%41b",
    "e:دور",
    ":007",
    "e:a:b",
]
BLANKS = ["_:x", "_:x.y", "_:دور"]
NUMBERS = ["0", "007", "+15", "-3", ".5", "-0.50", "1e3", "1.E-3", "+.5e0", "true", "false"]
VERBS = [
    "a",
    "rdf:type",
    "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>",
    "e:p",
    ":p",
    "<urn:p>",
]
VERBS += ["e:" + "long" * 12]
TEXT = st.text(
    st.sampled_from([*"ab #'\"\\<>;.,[]\t", "\n", "\r", "\u2028", "\x0b", "\x85", "ש", "د", "😀"]),
    max_size=12,
)


def string(content: str, quote: str) -> str:
    """A literal as Turtle has it; what stands in long quotes keeps its raw line ends."""
    escaped = content.replace("\\", "\\\\").replace(quote[0], "\\" + quote[0])
    if len(quote) == 1:
        escaped = escaped.replace("\n", "\\n").replace("\r", "\\r")
    return f"{quote}{escaped}{quote}"


STRINGS = st.builds(string, TEXT, st.sampled_from(['"', "'", '"""', "'''"]))
LITERALS = st.one_of(
    STRINGS.map(lambda text: [text]),
    st.tuples(STRINGS, st.sampled_from(["@en", "@pt-BR", "@zh-Hant-TW", "@EN"])).map(list),
    st.tuples(STRINGS, st.just("^^"), st.sampled_from(["e:t", "<http://example.org/e#t>"])).map(
        list
    ),
)
ATOMS = st.one_of(
    st.sampled_from([*IRIS, *NAMES, *BLANKS, *NUMBERS]).map(lambda word: [word]), LITERALS
)


def joined(parts: list[list[str]], separator: str | None = None) -> list[str]:
    """Lists of words as one, with a separator between them."""
    words: list[str] = []
    for number, part in enumerate(parts):
        words += [separator] if number and separator else []
        words += part
    return words


def pairs_of(objects: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    """Verbs and their objects, with spare semicolons."""
    values = st.lists(objects, min_size=1, max_size=4).map(lambda found: joined(found, ","))
    pair = st.tuples(st.sampled_from(VERBS), values, st.integers(0, 2)).map(
        lambda found: [found[0], *found[1], *[";"] * found[2]]
    )
    return st.lists(pair, min_size=1, max_size=4).map(with_semicolons)


def with_semicolons(pairs: list[list[str]]) -> list[str]:
    """Pairs, each but the last followed by at least one semicolon."""
    *before, last = pairs
    return joined([pair if pair[-1] == ";" else [*pair, ";"] for pair in before]) + last


OBJECTS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        pairs_of(inner).map(lambda words: ["[", *words, "]"]),
        st.lists(inner, max_size=4).map(lambda found: ["(", *joined(found), ")"]),
        st.just(["[", "]"]),
    ),
    max_leaves=8,
)
SUBJECTS = st.one_of(
    st.sampled_from([*IRIS, *NAMES, *BLANKS]).map(lambda word: [word]),
    st.lists(ATOMS, max_size=2).map(lambda found: ["(", *joined(found), ")"]),
    st.just(["[", "]"]),
    pairs_of(ATOMS).map(lambda words: ["[", *words, "]"]),
)
BLOCKS = st.one_of(
    st.tuples(SUBJECTS, pairs_of(OBJECTS)).map(lambda found: [*found[0], *found[1], "."]),
    pairs_of(OBJECTS).map(lambda words: ["[", *words, "]", "."]),
)
ITEMS = st.lists(st.one_of(BLOCKS, BLOCKS, st.sampled_from(DIRECTIVES)), min_size=1, max_size=6)
COMMENTS = st.lists(
    st.tuples(
        st.sampled_from(["#", "# text", '#<a> "b" . ; [', "## دور\u2028x", "# end \t"]),
        st.sampled_from([0, 1, 2]),
    ),
    max_size=2,
)


@dataclass(frozen=True)
class Document:
    """Words, the comments before each, and how many line ends stand before the word itself.

    `fixed` says where these are part of what is written: at comments, and around directives.
    """

    words: list[str]
    comments: list[list[tuple[str, int]]]
    breaks: list[int]
    fixed: list[bool]

    def text(self, seed: int) -> str:
        """The document with random white space."""
        chance = random.Random(seed)
        out: list[str] = []
        for number, word in enumerate([*self.words, ""]):
            after_comment = False
            for text, breaks in self.comments[number]:
                at_start = not number and not out
                out += [
                    space(max(breaks, int(after_comment), int(at_start)), chance, needed=True),
                    text,
                ]
                after_comment = True
            free = not (self.fixed[number] or after_comment)
            breaks = chance.choice([0, 0, 1, 2]) if free else self.breaks[number]
            before = self.words[number - 1] if number else ""
            needed = not (
                before in {"[", "]", "(", ")", ";", ","}
                or word in {"[", "]", "(", ")", ";", ",", ""}
            )
            out += [space(max(breaks, int(after_comment)), chance, needed=needed), word]
        return "".join(out)

    def said(self) -> list[str]:
        """The comments in their order."""
        return [text.rstrip(" \t") for found in self.comments for text, _ in found]


def space(breaks: int, chance: random.Random, *, needed: bool) -> str:
    """White space with so many line ends."""
    blank = chance.choice(["", " ", "\t ", "   "])
    if not breaks:
        return blank or (" " if needed else "")
    ends = [chance.choice(["\n", "\r\n"]) for _ in range(breaks)]
    return blank + chance.choice(["", " ", "\t"]).join(ends) + chance.choice(["", "  ", "\t"])


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Valid documents with comments in every place where one may stand."""
    items = [
        ["@prefix", name, iri, "."] for name, iri in re.findall(r"@prefix (\S+) (\S+)", PREFIXES)
    ]
    items += draw(ITEMS)
    words: list[str] = []
    fixed: list[bool] = []
    for number, item in enumerate(items):
        beside = number > 0 and is_directive(items[number - 1])
        fixed += [is_directive(item) or beside, *[False] * (len(item) - 1)]
        words += item
    fixed.append(False)
    places = len(words) + 1
    comments = [draw(COMMENTS) if draw(st.integers(0, 5)) == 0 else [] for _ in range(places)]
    breaks = [draw(st.sampled_from([0, 1, 2])) for _ in range(places)]
    return Document(words, comments, breaks, fixed)


def is_directive(item: list[str]) -> bool:
    return item in DIRECTIVES or item[0] == "@prefix"


def shape(text: str) -> list[tuple[str, ...]]:
    """What a text says, however its blank nodes are called: each by what is said around it."""
    triples = [quad.triple for quad in parse(text.encode(), format=RdfFormat.TURTLE)]
    names: dict[BlankNode, str] = {}
    for _ in range(12):
        around: dict[BlankNode, list[str]] = {}
        for triple in triples:
            shown = [names.get(t, "_") if isinstance(t, BlankNode) else str(t) for t in triple]
            for place in (0, 2):
                term = triple[place]
                if isinstance(term, BlankNode):
                    marked = [*shown]
                    marked[place] = "*"
                    around.setdefault(term, []).append(" ".join(marked))
        names = {node: str(hash(tuple(sorted(said)))) for node, said in around.items()}
    return sorted(
        tuple(names[t] if isinstance(t, BlankNode) else str(t) for t in triple)
        for triple in triples
    )


@given(documents(), st.integers(0, 1 << 32))
@hypothesis_settings(max_examples=100, deadline=None)
def test_a_tidy_file_says_the_same_with_the_same_comments(document: Document, seed: int) -> None:
    text = document.text(seed)
    result = tidied("x.ttl", text)

    assert shape(result) == shape(text)
    assert comments_of(result) == document.said()


@given(documents(), st.integers(0, 1 << 32))
@hypothesis_settings(max_examples=70, deadline=None)
def test_a_tidy_file_is_tidy(document: Document, seed: int) -> None:
    result = tidied("x.ttl", document.text(seed))

    assert layout(tree(result)) == result


@given(documents(), st.integers(0, 1 << 32), st.integers(0, 1 << 32))
@hypothesis_settings(max_examples=70, deadline=None)
def test_white_space_does_not_matter(document: Document, one: int, other: int) -> None:
    assert tidied("x.ttl", document.text(one)) == tidied("x.ttl", document.text(other))


@given(documents(), st.integers(0, 1 << 32))
@hypothesis_settings(max_examples=70, deadline=None)
def test_no_white_space_is_left_over(document: Document, seed: int) -> None:
    result = tidied("x.ttl", document.text(seed))
    last = 0
    for token in tokens(result):
        gap = result[last : token.start]
        assert not re.search(r"[^ \n]| \n|\n\n\n", gap), gap
        last = token.end
    assert result[last:] == "\n"
    assert not result.startswith("\n")


def comments_of(text: str) -> list[str]:
    return [text[token.start : token.end] for token in tokens(text) if token.kind == "comment"]


def test_a_file_as_people_write_it_becomes_the_one_that_is_kept_here() -> None:
    data = (HERE / "ugly.ttl").read_bytes()

    text, problems = tidy("ugly.ttl", data, Settings())

    assert text is not None
    assert text.encode() == (HERE / "tidy.ttl").read_bytes()
    assert problems == ()


@pytest.mark.parametrize("path", OURS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_our_files_are_tidy(path: Path) -> None:
    text, _ = tidy(str(path), path.read_bytes(), Settings())

    assert text is not None
    assert text.encode() == path.read_bytes(), f"run `leadgraph tidy {path.relative_to(ROOT)}`"


@pytest.mark.skipif(not W3C.is_dir(), reason="the W3C's suites are not at hand")
def test_every_valid_file_of_the_w3c_can_be_tidied() -> None:
    tidied_files = 0
    for path in sorted(W3C.rglob("*.ttl")):
        text, problems = tidy(str(path), path.read_bytes(), Settings())
        if text is None:
            assert problems
            continue
        tidied_files += 1
        assert tidy(str(path), text.encode(), Settings())[0] == text, path
        assert shape(text) == shape(path.read_bytes().decode()), path
    assert tidied_files > 300


def laid_out(text: str) -> str:
    """Text after the prefix that all of these need, tidied."""
    whole = tidied("x.ttl", "@prefix e: <http://e/> .\n\n" + text)
    return whole.removeprefix("@prefix e: <http://e/> .\n").removeprefix("\n")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("e:s e:p e:o.", "e:s  e:p  e:o .\n"),
        ("e:s e:p e:o;.", "e:s  e:p  e:o .\n"),
        ("e:s a e:T;e:p 1.", "e:s  a e:T ; e:p 1 .\n"),
        ("e:s e:p 1;e:longer 2.", "e:s\n    e:p       1 ;\n    e:longer  2 .\n"),
        ("e:s e:p 1,2.", "e:s\n    e:p  1 ,\n         2 .\n"),
        ("e:s e:p 'x','\"','it\\'s' .",
         'e:s\n    e:p  "x" ,\n         \'"\' ,\n         "it\\\'s" .\n'),
        ("e:s e:p \"01\"^^<http://www.w3.org/2001/XMLSchema#integer>, 01 .",
         'e:s\n    e:p  "01"^^<http://www.w3.org/2001/XMLSchema#integer> ,\n         01 .\n'),
        ("e:s e:p <http://e/x>, <http://e/x.y>, <http://e/>, <http://e/x/y> .",
         "e:s\n    e:p  e:x ,\n         <http://e/x.y> ,\n"
         "         <http://e/> ,\n         <http://e/x/y> .\n"),
        ("e:s e:p e:o . # c", "e:s  e:p  e:o .  # c\n"),
        ("e:s e:p e:o # c\n.", "e:s  e:p  e:o .  # c\n"),
        ("e:s e:p e:o # c\n. # d", "e:s\n    e:p  e:o  # c\n    .  # d\n"),
        ("e:s e:p e:o\n# c\n.", "e:s\n    e:p  e:o\n    # c\n    .\n"),
        ("e:s e:p # c\n e:o .", "e:s\n    # c\n    e:p  e:o .\n"),
        ("e:s # c\n e:p e:o .", "e:s  # c\n    e:p  e:o .\n"),
        ("e:s e:p e:o # c\n; e:q 1 .", "e:s\n    e:p  e:o ;  # c\n    e:q  1 .\n"),
        ('e:s e:p "x" # c\n ^^ e:t .', 'e:s  e:p  "x"^^e:t .  # c\n'),
        ("e:s e:p [ e:q 1 ] .", "e:s  e:p  [ e:q 1 ] .\n"),
        ("e:s e:p [ e:q 1 # c\n ] .", "e:s\n    e:p  [\n        e:q  1  # c\n    ] .\n"),
        ("e:s e:p [ # c\n ] .", "e:s\n    e:p  [  # c\n    ] .\n"),
        ("e:s e:p ( # c\n 1 ) .", "e:s\n    e:p  (  # c\n        1\n    ) .\n"),
        ("[ e:p 1 ] . # c", "[ e:p 1 ] .  # c\n"),
        ("[ e:p 1 ] # c\n # d\n .", "[ e:p 1 ]  # c\n    # d\n    .\n"),
        ("# c\n\n\n\n# d\ne:s e:p 1 .", "# c\n\n# d\ne:s  e:p  1 .\n"),
        ("e:s e:p 1 .\n\n\ne:s2 e:pp 2 .", "e:s   e:p   1 .\ne:s2  e:pp  2 .\n"),
        ("e:s e:p 1 .\r\n# c\r\ne:t e:p 2 .", "e:s  e:p  1 .\n# c\ne:t  e:p  2 .\n"),
        ("e:s e:p 1 ; # c\re:q 2 .", "e:s\n    e:p  1 ;  # c\n    e:q  2 .\n"),
        ('e:s e:p """a\r\n b""" .', 'e:s\n    e:p  """a\r\n b""" .\n'),
    ],
)  # fmt: skip
def test_this_is_written_so(written: str, expected: str) -> None:
    assert laid_out(written) == expected
    assert laid_out(expected) == expected


def test_an_iri_takes_the_longest_prefix_that_is_in_force_where_it_stands() -> None:
    text = """@prefix e: <http://e/> .
@prefix f: <http://e/f/> .
<http://e/f/x> <http://e/p> <http://e/f> .
@prefix f: <http://other/> .
<http://e/f/x> <http://e/p> <http://other/y> .
"""
    assert (
        tidied("x.ttl", text)
        == """@prefix e: <http://e/> .
@prefix f: <http://e/f/> .

f:x  e:p  e:f .

@prefix f: <http://other/> .

<http://e/f/x>  e:p  f:y .
"""
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("@prefix b: <b:> .\n@prefix a: <a:> .\n", "@prefix a: <a:> .\n@prefix b: <b:> .\n"),
        ("# file\n@prefix b: <b:>.\nprefix a: <a:>\n",
         "# file\n@prefix a: <a:> .\n@prefix b: <b:> .\n"),
        ("@prefix b: <b:> .\n\n@prefix aa: <a:> .\n", "@prefix b:  <b:> .\n\n@prefix aa: <a:> .\n"),
        ("@prefix b: <b:> . # c\n@prefix a: <a:> .\n",
         "@prefix b: <b:> .  # c\n@prefix a: <a:> .\n"),
        ("@prefix b: <b:> .\n# c\n@prefix a: <a:> .\n",
         "@prefix b: <b:> .\n# c\n@prefix a: <a:> .\n"),
        ("@prefix b: <b:> .\n@prefix a: <a:> .\n@prefix b: <c:> .\n",) * 2,
        ("@prefix b: <b:> .\n# c\n<b:s> <b:p> 1 .\n",
         "@prefix b: <b:> .\n\n# c\nb:s  b:p  1 .\n"),
        ("@prefix # c\n a: # d\n <a:> # e\n . # f\n", "# c\n# d\n@prefix a: <a:> .  # e\n# f\n"),
    ],
)  # fmt: skip
def test_prefixes_are_sorted_where_no_comment_and_no_second_meaning_forbids_it(
    written: str, expected: str
) -> None:
    assert tidied("x.ttl", written) == expected
    assert tidied("x.ttl", expected) == expected


@pytest.mark.parametrize("inner", ["[ e:p ", "( 1 "])
def test_brackets_as_deep_as_they_may_be_are_laid_out_without_growing(inner: str) -> None:
    closing = "]" if inner[0] == "[" else ")"
    depth = Settings().source_depth
    text = f"@prefix e: <http://e/> . e:a e:b {inner * depth} 1 {closing * depth} ."

    result = tidied("x.ttl", text)

    assert layout(tree(result)) == result
    assert max(map(len, result.split("\n"))) < 170


def test_an_endless_word_widens_no_column() -> None:
    text = f"<a:s> <a:{'x' * 10_000}> 1 , 2 , 3 ; <a:p> 4 , 5 ."

    assert len(tidied("x.ttl", text)) < len(text) + 200


def test_megabytes_take_seconds() -> None:
    block = '<a:s{}> <a:p> "x" , "y" ; # comment\n <a:q> [ <a:r> ( 1 2 <a:z> ) ; <a:r> 5 ] .\n'
    text = "".join(block.format(number) for number in range(30_000))
    start = time.process_time()

    assert tidied("x.ttl", text).count("# comment") == 30_000
    assert time.process_time() - start < 30


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("x.ttl", b"<a:s> <a:p> <a:o>", "syntax"),
        ("x.ttl", b"e:s e:p e:o .", "unknown-prefix"),
        ("x.ttl", b"<s> <a:p> 1 .", "relative-iri"),
        ("x.ttl", b"<a:s> <a:p> <<( <a:s> <a:p> 1 )>> .", "rdf-1-2"),
        ("x.ttl", b"<a:s> <a:p> \xff .", "not-utf-8"),
        ("x.ttl", b"<a:s> <a:p> " + b"[ <a:p> " * 201, "too-deep"),
        ("x.nt", b"<a:s> <a:p> <a:o> .", "unknown-format"),
        ("x.jsonld", b'{"@id": "a:s", "a:p": 1}', "unknown-format"),
        ("x.rdf", b"<rdf:RDF/>", "rdf-xml"),
    ],
)
def test_what_is_no_turtle_is_refused_as_check_refuses_it(
    name: str, data: bytes, code: str
) -> None:
    text, problems = tidy(name, data, Settings())

    assert text is None
    assert [problem.code for problem in problems] == [code]
