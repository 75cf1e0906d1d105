"""Reports to write: ten mistakes of one file in three languages, and what hostile files hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from leadgraph.model import Edit, Place, Problem, Report, Severity

HERE = Path(__file__).parent / "check"
GARDEN = "http://example.org/garden#"
LINES = (HERE / "ten-mistakes.ttl").read_text("utf-8").splitlines()

LABEL = {
    "en": "A plant has one short label in each language. Give it one.",
    "es": "Una planta tiene una etiqueta corta en cada idioma. Dale una.",
    "ar": "للنبات تسمية قصيرة واحدة في كل لغة. أعطه تسمية بالخاصية skos:prefLabel هنا.",
}
HEIGHT = {
    "en": "A height is one decimal number of metres. Write it so.",
    "es": "Una altura es un número decimal de metros. Escríbela así.",
    "ar": "الارتفاع عدد عشري واحد من الأمتار. اكتبه هكذا.",
}
NEIGHBOURS = {
    "en": "ex:a10 and ex:a11 are neighbours of each other. Say it once.",
    "es": "ex:a10 y ex:a11 son vecinos el uno del otro. Dilo una vez.",
    "ar": "كل من ex:a10 وex:a11 جار للآخر. قلها مرة واحدة.",
}


def place(name: str, token: str, path: str = "ten-mistakes.ttl") -> Place:
    """The place of a token in the line about a plant."""
    line = next(n for n, text in enumerate(LINES, 1) if text.startswith(f"ex:{name} "))
    column = LINES[line - 1].index(token) + 1
    return Place(path, line, column, line, column + len(token))


def problem(
    name: str, token: str, code: str, messages: dict[str, str], constraint: str | None
) -> Problem:
    """A violation about a plant, at a token of its line."""
    where = place(name, token)
    return Problem(
        where,
        Severity.VIOLATION,
        code,
        messages,
        constraint=constraint,
        focus=f"<{GARDEN}{name}>",
        excerpt=LINES[(where.line or 1) - 1],
    )


def text(value: str, kind: str = "") -> str:
    """A literal in the syntax of N-Triples."""
    return f'"{value}"{kind}'


DECIMAL = "^^<http://www.w3.org/2001/XMLSchema#decimal>"
PROBLEMS = (
    replace(
        problem("a1", "ex:a1", "label", LABEL, "MinCountConstraintComponent"),
        predicate="<http://www.w3.org/2004/02/skos/core#prefLabel>",
    ),
    replace(
        problem("a2", '"Ash tree"@en', "label", LABEL, "UniqueLangConstraintComponent"),
        related=(place("a2", '"Ash"@en'), place("a3", '"A label')),
    ),
    replace(
        problem("a4", '"Elm" ', "name", {"en": "A name is in lower case. Write it so."}, "Pattern"),
        place=place("a4", '"Elm" .'),
        value=text("Elm"),
        suggestion='"elm"',
        edits=(Edit(place("a4", '"Elm" .'), '"elm" .'),),
    ),
    replace(
        problem("a5", "12.5", "height", HEIGHT, "MaxCountConstraintComponent"),
        value=text("12.5", DECIMAL),
    ),
    replace(
        problem("a5", "13.5", "height", HEIGHT, "MaxCountConstraintComponent"),
        value=text("13.5", DECIMAL),
    ),
    replace(
        problem("a10", "ex:a11", "mutual-neighbours", NEIGHBOURS, None),
        related=(place("a11", "ex:a10"), Place("trees.ttl", 3, 1, 3, 5)),
    ),
    Problem(
        Place("ten-mistakes.ttl"),
        Severity.WARNING,
        "reserved-name",
        {"en": "That name is taken. Choose another."},
    ),
    Problem(
        Place("missing.ttl"),
        Severity.VIOLATION,
        "unreadable",
        {"en": "The file cannot be read. Look whether it is there."},
    ),
)
REPORT = Report(PROBLEMS, ("ten-mistakes.ttl", "missing.ttl", "clean.ttl"), 31)

HOSTILE_TEXTS = (
    "\x1b[2J\x1b]0;owned\x07",
    "a\n::error::injected\r::set-output name=x::y",
    "::error::injected",
    "%0A::error::injected",
    "]]></failure><script>",
    "\u202egpj.exe\u2066",
    "\ud800 half a pair, \ufffe \uffff \x00 \x0b \u2028",
    '"quoted", `code` <b>, {0} [link](1) $x \\',
    "x" * 20_000,
    "##[error]old",
)


def hostile(words: str) -> Report:
    """A report in which everything that comes from a file, its name too, is such a text."""
    name = words[:200].replace("\x00", "").replace("\ud800", "\udcff")  # a byte that is no UTF-8
    where = Place(f"dir/{name}.ttl", 1, 2, 1, 3)
    bad = Problem(
        where,
        Severity.VIOLATION,
        "label",
        {"en": words},
        constraint="PatternConstraintComponent",
        focus=f"<http://e/{words}>",
        predicate="<http://e/p>",
        value=f'"{words}"',
        excerpt=words.replace("\n", " "),
        suggestion=words,
        related=(where,),
        edits=(Edit(where, words),),
    )
    return Report((bad, replace(bad, excerpt=None, place=Place(where.path))), (where.path,), 1)
