"""Problems of a report -> diagnostics of one document, and the mends that it offers for them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from lsprotocol.types import (
    CodeAction,
    CodeActionKind,
    CodeDescription,
    Diagnostic,
    DiagnosticRelatedInformation,
    DiagnosticSeverity,
    Location,
    Position,
    Range,
    TextEdit,
    WorkspaceEdit,
)

from leadgraph.check.reports.characters import visible
from leadgraph.lsp.positions import Ruler
from leadgraph.model import Problem, Severity
from leadgraph.vocabulary import CODES
from leadgraph.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from leadgraph.model import Place

FIX_ALL = f"{CodeActionKind.SourceFixAll.value}.leadgraph"
"""The kind of the action that mends all at once, which an editor can take on saving."""

_SOURCE = "leadgraph"
_SEVERITIES = {
    Severity.VIOLATION: DiagnosticSeverity.Error,
    Severity.WARNING: DiagnosticSeverity.Warning,
    Severity.INFO: DiagnosticSeverity.Information,
}


class Page:
    """A document as the client has it: its address, the path it is checked as, and its text."""

    def __init__(self, uri: str, path: str, text: str, encoding: str) -> None:
        self.uri = uri
        self.path = path
        self.text = text.removeprefix("\ufeff")
        self.ruler = Ruler(text, encoding)
        self._encoding = encoding

    def diagnostics(self, problems: Iterable[Problem], language: str) -> list[Diagnostic]:
        """Return what the client is to show; what stands in other files, at the beginning."""
        return [self._diagnostic(problem, language) for problem in problems]

    def actions(
        self, problems: Sequence[Problem], wanted: Range, language: str
    ) -> list[CodeAction]:
        """Return the mends of the problems that touch a range, and one for all of the document."""
        touching = [p for p in problems if self._is_here(p) and self._touches(p, wanted)]
        offered = [action for problem in touching for action in self._mends(problem, language)]
        return [*offered, *self._mend_all(problems, language)]

    def _diagnostic(self, problem: Problem, language: str) -> Diagnostic:
        message = problem.message(language)
        here = self._is_here(problem)
        return Diagnostic(
            range=self.ruler.range(problem.place) if here else _beginning(),
            message=visible(message if here else f"{problem.place}: {message}"),
            severity=_SEVERITIES[problem.severity],
            code=problem.code,
            code_description=CodeDescription(CODES + quote(problem.code)),
            source=_SOURCE,
            related_information=list(self._related(problem, language)) or None,
        )

    def _related(self, problem: Problem, language: str) -> Iterator[DiagnosticRelatedInformation]:
        elsewhere = () if self._is_here(problem) else (problem.place,)
        for place in (*elsewhere, *problem.related):
            location = self._location(place)
            if location:
                message = say("problems.related", language, places=place)
                yield DiagnosticRelatedInformation(location, visible(message))

    def _location(self, place: Place) -> Location | None:
        """Where a place is for the client: in this text, or in a file that it may open."""
        if place.path == self.path:
            return Location(self.uri, self.ruler.range(place))
        file = Path(place.path).absolute()
        try:
            ruler = Ruler(file.read_text("utf-8", errors="replace"), self._encoding)
        except OSError:
            return None
        return Location(file.as_uri(), ruler.range(place))

    def _mends(self, problem: Problem, language: str) -> Iterator[CodeAction]:
        edits = self._edits([problem])
        if edits:
            texts = ", ".join(dict.fromkeys(edit.new_text for edit in edits if edit.new_text))
            title = say("problems.action-mend", language, text=texts)
            yield self._action(problem, edits, title, language)
        elif problem.suggestion:
            edit = TextEdit(self.ruler.range(problem.place), problem.suggestion)
            title = say("problems.action-suggestion", language, text=problem.suggestion)
            yield self._action(problem, [edit], title, language)

    def _mend_all(self, problems: Sequence[Problem], language: str) -> Iterator[CodeAction]:
        edits = self._edits(problems)
        if edits:
            yield CodeAction(
                title=say("problems.action-mend-all", language),
                kind=FIX_ALL,
                edit=WorkspaceEdit(changes={self.uri: edits}),
            )

    def _action(
        self, problem: Problem, edits: list[TextEdit], title: str, language: str
    ) -> CodeAction:
        return CodeAction(
            title=visible(title),
            kind=CodeActionKind.QuickFix,
            diagnostics=[self._diagnostic(problem, language)],
            is_preferred=bool(problem.edits) or None,
            edit=WorkspaceEdit(changes={self.uri: edits}),
        )

    def _edits(self, problems: Iterable[Problem]) -> list[TextEdit]:
        """The edits of problems, each once, none over another (LSP allows no overlap)."""
        edits = dict.fromkeys(edit for problem in problems for edit in problem.edits)
        kept: list[TextEdit] = []
        for edit in sorted(edits, key=lambda edit: edit.place):
            found = self.ruler.range(edit.place)
            if edit.place.path == self.path and (not kept or kept[-1].range.end <= found.start):
                kept.append(TextEdit(found, edit.text))
        return kept

    def _is_here(self, problem: Problem) -> bool:
        return problem.place.path == self.path

    def _touches(self, problem: Problem, wanted: Range) -> bool:
        found = self.ruler.range(problem.place)
        return found.start <= wanted.end and wanted.start <= found.end


def _beginning() -> Range:
    return Range(Position(0, 0), Position(0, 0))
