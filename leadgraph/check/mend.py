"""Problems and the texts that they are in -> the problems with edits, where one answer is right.

A spare space at the end of a label goes, the address of a page of Wikidata becomes the name of the
item, and `http` becomes `https` in a name that is known so (or the other way round): in the
declaration of the prefix where the name has one. What needs a choice is left to people.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from leadgraph.check.edges import LABELS, trimmed
from leadgraph.check.spelling import known_iri
from leadgraph.model import Edit
from leadgraph.read.declarations import Declarations
from leadgraph.read.lines import Lines
from leadgraph.read.tokens import tokens
from leadgraph.vocabulary import WD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from leadgraph.check.edges import Change
    from leadgraph.model import Place, Problem

_ON_TEXT = frozenset(f"{name}ConstraintComponent" for name in ("And", "Not", "Or", "Pattern"))
"""How a shape says what a text may look like; a label with spare space is never what is meant."""
_NAMES = frozenset({"undefined-term", "unknown-term", "wikidata-address"})
_ITEM = re.compile(
    r"https?://(?:www[.]|m[.]|www[.]m[.])?wikidata[.]org/"
    r"(?:entity|wiki(?:/(?:Special:EntityData|Property:|Item:))?)/?(?:Property:)?"
    r"(?P<item>[QPL][0-9]+)(?:[.][a-z]+)?(?:#.*)?",
    re.IGNORECASE,
)


def with_edits(problems: Iterable[Problem], texts: Mapping[str, bytes]) -> list[Problem]:
    """Return the problems; those that have one right answer, and no edits yet, with edits.

    `texts` are the files that may be edited, by their paths: UTF-8 without a byte order mark.
    """
    known: dict[str, _Text] = {}

    def text_of(path: str) -> _Text:
        if path not in known:
            known[path] = _Text(path, texts[path].decode())
        return known[path]

    return [
        replace(problem, edits=tuple(text_of(problem.place.path).edits(problem)))
        if problem.place.path in texts and _may_be_mended(problem)
        else problem
        for problem in problems
    ]


def applied(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with edits made, each once; of two that overlap the first in the text."""
    lines = Lines(text)
    changes = sorted({_change(edit, lines) for edit in edits})
    parts, done = list[str](), 0
    for start, end, new in changes:
        if start >= done and end >= start:
            parts += [text[done:start], new]
            done = end
    return "".join([*parts, text[done:]])


def _change(edit: Edit, lines: Lines) -> Change:
    return *_span(edit.place, lines), edit.text


def _span(place: Place, lines: Lines) -> tuple[int, int]:
    line, column = place.line or 1, place.column or 1
    start = lines.offset(line, column)
    return start, lines.offset(place.end_line or line, place.end_column or column)


def _may_be_mended(problem: Problem) -> bool:
    is_label = problem.predicate in LABELS and problem.constraint in _ON_TEXT
    return (
        (problem.code in _NAMES or is_label)
        and not problem.edits
        and problem.place.line is not None
    )


class _Text:
    """A text, and what is found in it when it is needed."""

    def __init__(self, path: str, text: str) -> None:
        self._path, self._text = path, text
        self._lines = Lines(text)
        self._declarations: Declarations | None = None

    @property
    def declarations(self) -> Declarations:
        """The prefixes of the text."""
        if self._declarations is None:
            self._declarations = Declarations(self._text)
        return self._declarations

    def edits(self, problem: Problem) -> Iterator[Edit]:
        """Yield what mends a problem, nothing if that takes a choice."""
        start, end = _span(problem.place, self._lines)
        written = self._text[start:end]
        if problem.code in _NAMES:
            changes = self._renamed(problem.code, written, start)
        else:
            changes = _trimmed(written, start)
        for begin, stop, new in changes:
            yield Edit(self._lines.place(self._path, begin, stop), new)

    def _renamed(self, code: str, written: str, start: int) -> Iterator[Change]:
        """Mend a name in its declaration if that has the wrong scheme, else where it stands."""
        iri = self.declarations.expanded(written, start)
        if iri is None:
            return
        declared = None
        if not written.startswith("<"):
            declared = self.declarations.in_force(written.partition(":")[0] + ":", start)
        item = _ITEM.fullmatch(iri) if code == "wikidata-address" else None
        if declared and (namespace := known_iri(declared.iri)):
            yield declared.start, declared.end, f"<{namespace}>"
        elif item:
            yield start, start + len(written), self._short(WD, item["item"].upper(), start)
        elif right := known_iri(iri):
            yield start, start + len(written), f"<{right}>"

    def _short(self, namespace: str, name: str, start: int) -> str:
        prefix = self.declarations.prefix(namespace, start)
        return f"<{namespace}{name}>" if prefix is None else prefix + name


def _trimmed(written: str, start: int) -> Iterator[Change]:
    """Take white space away at the edges of a literal; its language and datatype stay."""
    token = next(tokens(written), None)
    right = trimmed(written[token.start : token.end]) if token else None
    if token and right:
        yield start + token.start, start + token.end, right
