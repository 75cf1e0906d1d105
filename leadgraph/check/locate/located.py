"""Results and the files they are about -> Problems, each at the place that is to be touched.

Positions are read of those files only that hold something to point at. The text is the one that
the statements came from (`FileGraph.data`), and each statement is compared with the one found.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, NamedNode

from leadgraph.check.collector import uncollected
from leadgraph.check.locate.culprit import culprit
from leadgraph.check.locate.rule_culprit import rule_culprit
from leadgraph.check.locate.scene import Culprit, Part, Scene
from leadgraph.check.locate.statements import At, Statements
from leadgraph.check.locate.targets import Shapes
from leadgraph.check.results import shown
from leadgraph.errors import SourceUnreadable
from leadgraph.formats import by_extension
from leadgraph.model import Place, Problem
from leadgraph.read import json_places, places
from leadgraph.read.lines import Lines
from leadgraph.read.turtle import BOM
from leadgraph.vocabulary import graph_iri
from leadgraph.words import in_all_languages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyoxigraph import Triple

    from leadgraph.check.results import Result
    from leadgraph.check.slice import FileGraph, Term
    from leadgraph.read.places import Span, Statement


@uncollected()
def located(
    results: Sequence[Result],
    files: Sequence[FileGraph],
    context: Sequence[FileGraph] = (),
    shapes: Sequence[Triple] = (),
) -> list[Problem]:
    """Return the results as problems, in their order.

    A rule may blame a file of the context; the shapes blame the files to check. What stands
    nowhere has the start of the first file as its place, and its message says so.
    """
    if not results:
        return []
    texts = Texts([*files, *context])
    scene = Scene(Statements(files, context), Shapes(shapes), texts.offset)
    return [_problem(result, scene, texts) for result in results]


class Texts:
    """The texts of the files, and where in them their statements are; each read when needed."""

    def __init__(self, files: Sequence[FileGraph]) -> None:
        """Take the files in the order in which `At` numbers them."""
        self._files = files
        self._json = frozenset(n for n, file in enumerate(files) if _is_json(file.path))
        self._lines: dict[int, Lines] = {}
        self._aligned: dict[int, Aligned | Sought] = {}

    def offset(self, at: At) -> int:
        """Return where the object of a statement begins; in JSON, its number."""
        if at.file in self._json:
            return at.number
        return self._statement(at).object[0]

    def place(self, blamed: Culprit) -> Place:
        """Return the place of a part of a statement."""
        number, file = blamed.at.file, self._files[blamed.at.file]
        if number in self._json:
            triple = file.triples[blamed.at.number]
            start, end = json_places.span(self._text(number), triple, _named(triple, blamed.part))
        else:
            start, end = _span(self._statement(blamed.at), blamed.part)
        return self._line_table(number).place(file.path, start, end)

    def start(self, number: int) -> Place:
        """Return the start of a file."""
        return Place(self._files[number].path, 1, 1, 1, 1)

    def excerpt(self, number: int, place: Place) -> str | None:
        """Return the line in which a place begins, None if it is too long to be shown."""
        return self._line_table(number).excerpt(place.line or 1)

    def _text(self, number: int) -> str:
        file = self._files[number]
        return (file.data or Path(file.path).read_bytes().removeprefix(BOM)).decode()

    def _line_table(self, number: int) -> Lines:
        if number not in self._lines:
            self._lines[number] = Lines(self._text(number))
        return self._lines[number]

    def _statement(self, at: At) -> Statement:
        if at.file not in self._aligned:
            file, text = self._files[at.file], self._text(at.file)
            self._aligned[at.file] = Aligned(file, text) if file.data else Sought(file, text)
        return self._aligned[at.file].statement(at.number)


def _is_json(path: str) -> bool:
    row = by_extension(path)
    return row is not None and row.name == "jsonld"


class Aligned:
    """The statements of a file beside those found in its text, compared up to blank nodes' names.

    A difference is a defect of ours: a wrong place would be worse than none.
    """

    def __init__(self, file: FileGraph, text: str) -> None:
        """Find the statements of a text."""
        self._file = file
        self._found = places.locate(text).statements
        self._names: dict[Term, Term] = {}
        self._taken: dict[Term, Term] = {}
        if len(self._found) != len(file.triples):
            raise self._defect(len(file.triples))

    def statement(self, index: int) -> Statement:
        """Return where a statement stands."""
        found = self._found[index]
        for mine, theirs in zip(found.triple, self._file.triples[index], strict=True):
            if not self._is_same(mine, theirs):
                raise self._defect(index)
        return found

    def _is_same(self, mine: Term, theirs: Term) -> bool:
        if not (isinstance(mine, BlankNode) and isinstance(theirs, BlankNode)):
            return mine == theirs
        known = self._names.setdefault(mine, theirs), self._taken.setdefault(theirs, mine)
        return known == (theirs, mine)

    def _defect(self, index: int) -> AssertionError:
        return AssertionError(f"{self._file.path}: statement {index} is not where it was found")


class Sought:
    """Some statements of a file of the graph around, looked for in its text as it is now.

    Blank nodes have names of their own there, so that any is taken for any.
    """

    def __init__(self, file: FileGraph, text: str) -> None:
        """Find the statements of a text."""
        self._file = file
        self._found = places.locate(text).statements
        self._numbers: dict[tuple[Term | None, ...], int] = {}
        for number, statement in enumerate(self._found):
            self._numbers.setdefault(_without_blank_nodes(statement.triple), number)

    def statement(self, index: int) -> Statement:
        """Return where a statement stands.

        Raises:
            SourceUnreadable: if it does not stand there any more.
        """
        number = self._numbers.get(_without_blank_nodes(self._file.triples[index]))
        if number is None:
            reason, remedy = "it was changed during the check", "Check again."
            raise SourceUnreadable(self._file.path, reason, remedy)
        return self._found[number]


def _without_blank_nodes(triple: Triple) -> tuple[Term | None, ...]:
    return tuple(None if isinstance(term, BlankNode) else term for term in triple)


def _named(triple: Triple, part: Part) -> Term:
    """The term that a part of a statement writes."""
    if part is Part.SUBJECT:
        return triple.subject
    return triple.predicate if part is Part.PREDICATE else triple.object


def _span(statement: Statement, part: Part) -> Span:
    """The characters of a part; a first object is taken out with its predicate.

    The first and the rest of a collection have no predicate in the text but its `(`.
    """
    if part is Part.STATEMENT:
        has_predicate = statement.list_start and statement.predicate != statement.subject
        first = statement.predicate if has_predicate else statement.object
        return first[0], statement.object[1]
    spans = {Part.SUBJECT: statement.subject, Part.PREDICATE: statement.predicate}
    return spans.get(part, statement.object)


def _problem(result: Result, scene: Scene, texts: Texts) -> Problem:
    blamed = rule_culprit(result, scene) if result.constraint is None else culprit(result, scene)
    if blamed:
        number, place, messages = blamed.at.file, texts.place(blamed), result.messages
    else:
        number = _file_of(result, scene)
        place, messages = texts.start(number), _with_nowhere(result.messages)
    related = dict.fromkeys(texts.place(one) for one in (blamed.related if blamed else ()))
    return Problem(
        place=place,
        severity=result.severity,
        code=result.code,
        messages=messages,
        constraint=result.constraint,
        focus=shown(result.focus),
        predicate=shown(result.predicate),
        value=shown(result.value),
        excerpt=texts.excerpt(number, place),
        suggestion=result.suggestion,
        related=tuple(one for one in related if one != place),
        focus_name=result.focus_name,
    )


def _file_of(result: Result, scene: Scene) -> int:
    """The number of the file that a rule blames, else of the first."""
    graph = result.graph.value if isinstance(result.graph, NamedNode) else ""
    numbered = enumerate(scene.statements.files)
    return next((number for number, file in numbered if graph == graph_iri(file.slug)), 0)


def _with_nowhere(messages: dict[str, str]) -> dict[str, str]:
    added = in_all_languages("problems.nowhere")
    return messages | {
        tag: f"{messages.get(tag, messages['en'])} {text}" for tag, text in added.items()
    }
