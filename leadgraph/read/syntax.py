"""SyntaxError of pyoxigraph -> Problem: the place in code points, and words for people."""

from __future__ import annotations

import re

from leadgraph import formats, words
from leadgraph.model import Place, Problem, Severity
from leadgraph.read import advice

_WHERE = re.compile(r"\A(?:Parser error [^:]*: )?(?P<detail>.*?)(?: \(line \d+\))?\Z", re.DOTALL)
_LONGEST_ECHO = 80

# What the parser says -> the key of our words. The first that matches is taken; a named group
# becomes a fact of the message.
_SAYINGS = (
    (re.compile(r"The prefix (?P<prefix>\S*:) has not been declared"), "unknown-prefix"),
    (re.compile(r"No scheme found in an absolute IRI"), "relative-iri"),
    (re.compile(r"No LoadDocumentCallback"), "remote-context"),
    (re.compile(r"Line jumps are not allowed"), "string-line-break"),
    (re.compile(r"Unexpected end(?! of .*expected)"), "unexpected-end"),
    (re.compile(r"(?i:dot is expected|followed by a dot)"), "missing-dot"),
    (re.compile(r"should end with a '(?P<bracket>.)'"), "missing-bracket"),
    (re.compile(r"(?P<token>.*) is not a valid subject or graph name", re.DOTALL), "no-subject"),
    (re.compile(r"(?P<token>.*) is not a valid predicate", re.DOTALL), "no-predicate"),
    (re.compile(r"(?P<token>.*) is not a valid RDF object", re.DOTALL), "no-object"),
    (re.compile(r"Invalid IRI code point '(?P<character>.)'", re.DOTALL), "iri-character"),
    (re.compile(r"[Ee]scape (?:character|sequence) '(?P<escape>[^']*)", re.DOTALL), "bad-escape"),
)
_CODES = frozenset({"unknown-prefix", "relative-iri", "remote-context"})


def span(path: str, text: str, start: int, end: int) -> Place:
    """Return the place of a span of characters; a line ends with LF, CR LF or CR."""
    return Place(path, *_line_and_column(text, start), *_line_and_column(text, end))


def problem(path: str, text: str, error: SyntaxError) -> Problem:
    """Return what the parser refused, in the words of contributors."""
    match = _WHERE.match(str(error.msg))
    detail = match["detail"] if match else str(error.msg)
    place = _place(path, text, error)
    stop = _stop(text, place)
    key, facts = _words(detail, _short(stop.words))
    code = key if key in _CODES else "syntax"
    key, facts = advice.better(key, facts, stop)
    return Problem(
        place, Severity.VIOLATION, code, words.in_all_languages(f"problems.{key}", **facts)
    )


def _words(detail: str, token: str) -> tuple[str, dict[str, str]]:
    """The key of our words for what the parser says, and the facts they tell."""
    for saying, key in _SAYINGS:
        match = saying.search(detail)
        if match:
            return key, {"token": token} | {k: _short(v) for k, v in match.groupdict().items()}
    return "syntax", {"detail": _short(detail)}


def _place(path: str, text: str, error: SyntaxError) -> Place:
    """Where the error is. Turtle's columns count code points, those of JSON-LD count bytes."""
    line, column = error.lineno, error.offset
    if line is None or column is None:
        return Place(path)
    end_line, end_column = error.end_lineno or line, error.end_offset or column
    row = formats.by_extension(path)
    if row and row.name == "jsonld":
        column = _code_points(text, line, column)
        end_column = _code_points(text, end_line, end_column)
    return Place(path, line, column, end_line, end_column)


def _code_points(text: str, line: int, column: int) -> int:
    """The column in code points of a column in bytes, both from 1."""
    lines = text.split("\n")
    before = lines[line - 1].encode()[: column - 1] if line <= len(lines) else b""
    return len(before.decode(errors="ignore")) + 1


def _line_and_column(text: str, position: int) -> tuple[int, int]:
    before = text[:position]
    breaks = before.count("\n") + before.count("\r") - before.count("\r\n")
    return breaks + 1, position - max(before.rfind("\n"), before.rfind("\r"))


def _stop(text: str, place: Place) -> advice.Stop:
    """The words at a place, empty when it is not within one line."""
    if place.line is None or place.column is None or place.line != place.end_line:
        return advice.Stop(text, "", 0, 0)
    lines = re.split(r"\r\n|\r|\n", text)
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    return advice.Stop(text, line, place.column - 1, (place.end_column or place.column) - 1)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_ECHO else text[: _LONGEST_ECHO - 1] + "…"
