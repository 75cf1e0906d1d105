"""SyntaxError of pyoxigraph -> Problems: this mistake and those after it, in words for people.

Whether there is a mistake, and where the first one is, pyoxigraph says; what follows is found by
`leadgraph.read.places`. Places are in code points.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from leadgraph import formats, words
from leadgraph.model import Place, Problem, Severity
from leadgraph.read.lines import Lines
from leadgraph.read.mistakes import advice, mending
from leadgraph.read.mistakes.found import Mistake, of_lines, span_of
from leadgraph.read.places import locate

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    (re.compile(r"Expecting a datatype IRI"), "no-datatype"),
    (re.compile(r"The (?:PREFIX|BASE) (?:keyword|declaration) should be"), "bad-declaration"),
    (re.compile(r"Invalid IRI code point '(?P<character>.)'", re.DOTALL), "iri-character"),
    (re.compile(r"[Ee]scape (?:character|sequence) '(?P<escape>[^']*)", re.DOTALL), "bad-escape"),
)
_CODES = frozenset({"unknown-prefix", "relative-iri", "remote-context", "rdf-1-2"})
_CODE_OF = {"our-prefix": "unknown-prefix", "prefix-case": "unknown-prefix"}
# Where we know more of the first mistake than the parser says.
_OURS = frozenset({"unclosed-iri", "bare-iri", "string-line-break", "name-escape", "look-alike"})
# Where the parser's place is wrong: it counts from the colon of a name, and looks for the end of an
# IRI in the rest of the file.
_PLACED = frozenset({"unclosed-iri", "name-escape"})


def problems(path: str, text: str, error: SyntaxError) -> tuple[Problem, ...]:
    """Return all mistakes against the syntax, from the first one, which the parser refused."""
    row = formats.by_extension(path)
    if row is None or row.name == "jsonld":
        return (_of_json(path, text, error),)
    lines = Lines(text)
    return tuple(worded(path, text, lines, mistake) for mistake in _mistakes(text, error, row.name))


def worded(path: str, text: str, lines: Lines, mistake: Mistake) -> Problem:
    """Return a mistake in the words of contributors, with what mends it if that is one thing."""
    place = lines.place(path, mistake.start, mistake.end)
    stop = _stop(text, lines, mistake)
    token = _short(text[mistake.start : mistake.end])
    key, facts = mistake.key, _facts(mistake.key, token)
    if key == "look-alike":
        facts = {"character": text[mistake.gap], "meant": mistake.missing}
    if not key:
        key, facts = _words(_detail(mistake.detail), token)
    code = key if key in _CODES else _CODE_OF.get(key, "syntax")
    key, facts = advice.better(key, facts, stop)
    mended = mending.mend(key, facts, text, mistake)
    return Problem(
        place,
        Severity.VIOLATION,
        code,
        words.in_all_languages(f"problems.{key}", **facts),
        excerpt=lines.excerpt(place.line or 1),
        suggestion=mended.suggestion,
        edits=mended.edits(path, lines),
    )


def _mistakes(text: str, error: SyntaxError, format_name: str) -> Iterator[Mistake]:
    """The parser's mistake, or ours at its place where we know more; then those that follow."""
    start, end = span_of(error, Lines(text, of_parser=True))
    first = Mistake(start, end, "", str(error.msg))
    if format_name == "ntriples":
        yield first
        yield from of_lines(text, end)
        return
    found = locate(text).mistakes
    same = next((one for one in found if _is_same(one, first)), None)
    yield _merged(first, same, text) if same else first
    yield from (one for one in found if one.start > start and one is not same)


def _is_same(ours: Mistake, first: Mistake) -> bool:
    """Whether the parser and we found one mistake.

    In a name the parser counts from the colon, and is too far to the left.
    """
    if ours.key == "name-escape":
        return ours.start <= first.end + _LONGEST_ECHO and ours.start >= first.start
    if ours.start == ours.end == first.end:  # the end of the file
        return True
    return ours.start <= first.start < max(ours.end, ours.start + 1)


def _merged(first: Mistake, same: Mistake, text: str) -> Mistake:
    """One mistake, found by the parser and by us.

    A text without end reaches, for the parser, to the end of the file.
    """
    is_long = "\n" in text[first.start : first.end].rstrip("\r\n")
    end = same.end if is_long else first.end
    if same.key in _PLACED:
        return same
    key = same.key if same.key in _OURS else ""
    return Mistake(first.start, end, key, first.detail, same.missing, same.gap)


def _detail(message: str) -> str:
    match = _WHERE.match(message)
    return match["detail"] if match else message


def _words(detail: str, token: str) -> tuple[str, dict[str, str]]:
    """The key of our words for what the parser says, and the facts they tell."""
    for saying, key in _SAYINGS:
        match = saying.search(detail)
        if match:
            return key, {"token": token} | {k: _short(v) for k, v in match.groupdict().items()}
    return "syntax", {"detail": _short(detail)}


def _facts(key: str, token: str) -> dict[str, str]:
    """What our words tell of a mistake that we found ourselves."""
    facts = {"token": token}
    if key == "unknown-prefix":
        facts["prefix"] = token.partition(":")[0] + ":"
    return facts | {"bracket": "]", "escape": token, "character": token[:1]}


def _of_json(path: str, text: str, error: SyntaxError) -> Problem:
    """The one mistake that the parser of JSON-LD tells; its columns count bytes."""
    key, facts = _words(_detail(str(error.msg)), "")
    code = key if key in _CODES else "syntax"
    messages = words.in_all_languages(f"problems.{key}", **facts)
    line, column = error.lineno, error.offset
    if line is None or column is None:
        return Problem(Place(path), Severity.VIOLATION, code, messages)
    end_line, end_column = error.end_lineno or line, error.end_offset or column
    column = _code_points(text, line, column)
    end_column = _code_points(text, end_line, end_column)
    place = Place(path, line, column, end_line, end_column)
    excerpt = Lines(text).excerpt(line)
    return Problem(place, Severity.VIOLATION, code, messages, excerpt=excerpt)


def _code_points(text: str, line: int, column: int) -> int:
    """The column in code points of a column in bytes, both from 1."""
    lines = text.split("\n")
    before = lines[line - 1].encode()[: column - 1] if line <= len(lines) else b""
    return len(before.decode(errors="ignore")) + 1


def _stop(text: str, lines: Lines, mistake: Mistake) -> advice.Stop:
    """The words of a mistake, empty when it is not within one line."""
    number, column = lines.position(mistake.start)
    if lines.position(mistake.end)[0] != number:
        return advice.Stop(text, "", 0, 0)
    start = column - 1
    return advice.Stop(text, lines.line(number), start, start + mistake.end - mistake.start)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_ECHO else text[: _LONGEST_ECHO - 1] + "…"
