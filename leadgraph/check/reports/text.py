"""Report -> text for people: each problem's words, and the line that it stands in.

    roles.ttl:12:23: violation: The reader's words, what to do. (what it is about) [code]
      12 |     lg:requiresSkill  skill:comunication .
         |                       ^^^^^^^^^^^^^^^^^^

The first line is whole in itself, for grep and for editors. What belongs to the token in the same
line has a mark of hyphens. Problems of one line share it, and
equal words are said once. In a language from right to left the words are embedded (UAX #9), so
that they stay whole behind the path, which runs from left to right; where the line of the file
has such letters, its token is written again beneath instead of carets, which would not be under it.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from leadgraph.check.reports.characters import embedded, from_left, visible
from leadgraph.check.reports.counts import counts
from leadgraph.check.reports.excerpt import rows
from leadgraph.check.results import short
from leadgraph.model import Severity
from leadgraph.words import direction, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leadgraph.check.reports.excerpt import Row, Span
    from leadgraph.check.reports.reader import Reader
    from leadgraph.errors import LeadGraphError
    from leadgraph.model import Place, Problem, Report

_COLOURS = {Severity.VIOLATION: "31", Severity.WARNING: "33", Severity.INFO: "36"}
_DIM = "2"
_MOST_RELATED = 5


def written(report: Report, reader: Reader) -> str:
    """Return the problems, line by line of the files, and a summary at the end."""
    lines: list[str] = []
    for _, problems in groupby(report.problems, lambda one: (one.place.path, one.place.line)):
        lines += _block(list(problems), reader)
    return "\n".join([*lines, _end(report, reader.language), ""])


def refused(error: LeadGraphError, _reader: Reader) -> str:
    """Return why nothing was checked."""
    return f"leadgraph: {visible(str(error))}\n"


def alone(problem: Problem, reader: Reader) -> str:
    """Return one problem with the line that it stands in."""
    return "\n".join(_block([problem], reader)).rstrip()


def summary(report: Report, language: str) -> str:
    """Return the sums of a report in words."""
    sums = counts(report)
    facts = {"files": len(report.files), "statements": report.statements}
    if not report.problems:
        return say("problems.summary-clean", language, **facts)
    graver = {"violations": sums.violations, "warnings": sums.warnings}
    sentences = [say("problems.summary", language, **graver, **facts)]
    more = {
        "summary-infos": sums.infos,
        "summary-clean-files": sums.clean_files,
        "summary-mendable": sums.mendable,
    }
    sentences += [say(f"problems.{key}", language, found=n) for key, n in more.items() if n]
    return " ".join(sentences)


def _end(report: Report, language: str) -> str:
    """The summary; a space before what begins with a sign of direction, which terminals drop."""
    before = " " if direction(language) == "rtl" else ""
    return before + embedded(summary(report, language), language)


def _block(problems: Sequence[Problem], reader: Reader) -> Iterator[str]:
    """The problems of one line of a file, or those of the file as a whole."""
    for same in _alike(problems, reader.language):
        yield _head(same, reader)
        if reader.shacl and same[0].constraint:
            yield f"    {_in_shacl(same[0])}"
    excerpt = problems[0].excerpt
    if excerpt is not None:
        yield from _excerpt(excerpt, problems, reader)
    yield from _related(problems, reader.language)
    if excerpt is not None:
        yield ""


def _alike(problems: Sequence[Problem], language: str) -> list[list[Problem]]:
    """The problems, those together that are told in the same words."""
    found: dict[tuple[str, str, str], list[Problem]] = {}
    for problem in problems:
        words = problem.message(language) + _about(problem, language)
        found.setdefault((problem.severity, problem.code, words), []).append(problem)
    return list(found.values())


def _head(same: Sequence[Problem], reader: Reader) -> str:
    """`path:line:column: violation: message (what it is about) [code]`."""
    problem, language = same[0], reader.language
    severity = embedded(say(f"problems.severity-{problem.severity}", language), language)
    severity = _coloured(severity, _COLOURS[problem.severity], reader)
    spoken = language if language in problem.messages else "en"
    message = embedded(visible(problem.message(language)), spoken)
    about = from_left(visible(_about(problem, language)))
    times = f" (×{len(same)})" if len(same) > 1 else ""
    code = visible(problem.code)
    return f"{visible(str(problem.place))}: {severity}: {message}{about}{times} [{code}]"


def _about(problem: Problem, language: str) -> str:
    """The focus node, predicate and value, each once; not what the reader sees already.

    That is what the words of a rule name and, where the line is shown, all but the focus node,
    if that stands elsewhere.
    """
    message = problem.message(language)
    if problem.excerpt is not None:
        texts = _elsewhere(problem, f"{problem.excerpt} {message}")
    else:
        terms = dict.fromkeys((problem.focus, problem.predicate, problem.value))
        texts = [short(term) for term in terms if term and not term.startswith("_:")]
    if problem.constraint is None:
        texts = [text for text in texts if not _names(message, text)]
    return f" ({', '.join(texts)})" if texts else ""


def _elsewhere(problem: Problem, seen: str) -> list[str]:
    """A focus node that has a name, which is not to be seen."""
    focus = problem.focus or "_:"
    shown = problem.focus_name or short(focus)
    local = re.split(r"[#/:]", focus.rstrip(">"))[-1]
    is_seen = (
        not local or re.search(rf"(?<!\w){re.escape(local)}(?![\w-])", seen)
        if shown.startswith("<")
        else _names(seen, shown)
    )
    return [] if focus.startswith("_:") or is_seen else [shown]


def _names(message: str, term: str) -> bool:
    """Whether a message has a term as a word of its own: `3` is none of `m3` or `3.5`."""
    if term not in message:
        return False
    return re.search(rf"(?<![\w:/-]){re.escape(term)}(?![\w:/-]|\.\w)", message) is not None


def _in_shacl(problem: Problem) -> str:
    """The result in the terms of SHACL (3.6.2), for those who write shapes."""
    terms = {
        "sh:sourceConstraintComponent": f"sh:{problem.constraint}",
        "sh:sourceShape": problem.code,
        "sh:focusNode": short(problem.focus or ""),
        "sh:resultPath": short(problem.predicate or ""),
        "sh:value": short(problem.value or ""),
    }
    return visible("; ".join(f"{name} {term}" for name, term in terms.items() if term))


def _excerpt(line: str, problems: Sequence[Problem], reader: Reader) -> Iterator[str]:
    """The line of a file behind its number, and the marks beneath it."""
    number = str(problems[0].place.line)
    spans = [_span(problem.place, line) for problem in problems]
    related = [_span(place, line) for place in _beside(problems)]
    colour = _COLOURS[min((p.severity for p in problems), key=list(Severity).index)]
    margin = f"{'':{max(len(number), 4)}} "
    bar = _coloured(f"{margin}|", _DIM, reader)
    for row in rows(line, spans, reader.columns - len(margin) - 2, related):
        yield f"{_coloured(f'{number:>4} |', _DIM, reader)} {from_left(row.text)}".rstrip()
        yield from (f"{bar} {marks}" for marks in _marks(row, colour, reader))


def _span(place: Place, line: str) -> Span:
    """What a place takes of the line that it begins in."""
    start = (place.column or 1) - 1
    within = place.end_line in {None, place.line}
    return start, (place.end_column or start + 1) - 1 if within else len(line)


def _marks(row: Row, colour: str, reader: Reader) -> list[str]:
    if row.marks:
        return [_coloured(row.marks, colour, reader)]
    signs = {"^": ">", "-": "-"}
    return [
        _coloured(f"{signs[mark]} {from_left(token)}", colour, reader)
        for mark, token in row.tokens
        if token
    ]


def _beside(problems: Sequence[Problem]) -> list[Place]:
    """The further places of the problems that stand in their own line, which is shown."""
    first = problems[0]
    line = (first.place.path, first.place.line)
    related = (place for problem in problems for place in problem.related)
    return [at for at in related if first.excerpt is not None and (at.path, at.line) == line]


def _related(problems: Sequence[Problem], language: str) -> Iterator[str]:
    """The further places of the problems of a line that are not to be seen in it."""
    seen = {*_beside(problems), *(problem.place for problem in problems)}
    places = dict.fromkeys(place for problem in problems for place in problem.related)
    further = [visible(str(place)) for place in places if place not in seen]
    if further:
        cut = ["…"] if len(further) > _MOST_RELATED else []
        shown = ", ".join(further[:_MOST_RELATED] + cut)
        yield f"    {embedded(say('problems.related', language, places=shown), language)}"


def _coloured(text: str, colour: str, reader: Reader) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if reader.colour else text
