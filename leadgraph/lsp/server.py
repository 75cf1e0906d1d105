"""Messages of an editor on stdin -> diagnostics, hover, mends and layout on stdout (LSP 3.17).

Texts are checked as `leadgraph check` checks them, in its confined child, a moment after the last
key; an answer about a text that has changed since is not shown.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from leadgraph import words
from leadgraph.check.report import check
from leadgraph.errors import LeadGraphError
from leadgraph.lsp.diagnostics import FIX_ALL, Page
from leadgraph.lsp.terms import Glossary, glossary, iri_at
from leadgraph.model import Place, Problem, Severity
from leadgraph.read.layout.tidy import tidy

if TYPE_CHECKING:
    from collections.abc import Callable

    from leadgraph.model import GraphDirectory
    from leadgraph.settings import Settings

_PATIENCE_SECONDS = 0.25
_UNTITLED = "untitled.ttl"
_MOST_CHECKS = 2
"""So many documents are checked at once, also when an editor opens a whole folder."""


@dataclass(slots=True)
class _Document:
    """A document that is open: how often it changed, and what its last check found, and when."""

    changes: int = 0
    checked: int = 0
    problems: tuple[Problem, ...] = ()
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)


class Desk:
    """What one client has open, and how it is checked."""

    def __init__(self, directory: GraphDirectory, settings: Settings, language: str | None) -> None:
        self.directory = directory
        self.settings = settings
        self.language = words.closest(language or "en")
        self._fixed = language is not None
        self._documents: dict[str, _Document] = {}
        self._glossary: Glossary | None = None
        self._turn = asyncio.Semaphore(_MOST_CHECKS)
        # asyncio waits for its own threads at the end: here one may be in the midst of a check
        self._threads = ThreadPoolExecutor(_MOST_CHECKS)

    def greet(self, locale: str | None) -> None:
        """Take the client's language, unless the command line named one."""
        if locale and not self._fixed:
            self.language = words.closest(locale)

    def document(self, uri: str) -> _Document:
        """Return the state of a document."""
        return self._documents.setdefault(uri, _Document())

    def forget(self, uri: str) -> None:
        """Drop a document that was closed; what is still on its way is not shown."""
        self.document(uri).changes += 1
        self._documents.pop(uri, None)

    def glossary(self) -> Glossary:
        """Return the words of the graph, read at the first call."""
        if self._glossary is None:
            self._glossary = glossary(self.directory)
        return self._glossary

    async def check(self, uri: str, page: Callable[[], Page]) -> Page | None:
        """Check a document when it is its turn; None if it has changed since, or does meanwhile."""
        document = self.document(uri)
        mine = document.changes
        async with document.busy, self._turn:
            if document.changes != mine:
                return None
            now = page()
            run = asyncio.get_running_loop().run_in_executor
            problems = await run(self._threads, self._problems, now.path, now.text)
        if document.changes != mine:
            return None
        document.problems, document.checked = problems, mine
        return now

    def _problems(self, path: str, text: str) -> tuple[Problem, ...]:
        """Return what is wrong with a text; why it cannot be told is a problem, too."""
        file = Path(path)
        try:
            report = check(
                [file],
                shapes=None,
                against=self.directory,
                settings=self.settings,
                progress=lambda _step: None,
                texts={file: text},
            )
        except LeadGraphError as error:
            messages = dict.fromkeys(words.LANGUAGES, str(error))
            return (Problem(Place(path), Severity.WARNING, error.code, messages),)
        return report.problems


def create_server(
    directory: GraphDirectory, settings: Settings, language: str | None = None
) -> LanguageServer:
    """Return a server for one client; `language` wins over what the client says it speaks."""
    # pygls splits lines at U+2028 when it applies parts of a change: take whole texts.
    server = LanguageServer(
        "leadgraph",
        version_of("leadgraph"),
        text_document_sync_kind=types.TextDocumentSyncKind.Full,
        max_workers=2,
    )
    desk = Desk(directory, settings, language)
    _listen(server, desk)
    _answer(server, desk)
    return server


def _listen(server: LanguageServer, desk: Desk) -> None:
    """Take in what the client tells."""

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        desk.greet(params.locale)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: types.DidOpenTextDocumentParams) -> None:
        await _look(server, desk, params.text_document.uri, 0)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeTextDocumentParams) -> None:
        await _look(server, desk, params.text_document.uri, _PATIENCE_SECONDS)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def saved(params: types.DidSaveTextDocumentParams) -> None:
        await _look(server, desk, params.text_document.uri, 0)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        desk.forget(params.text_document.uri)
        _publish(server, params.text_document.uri, [])


def _answer(server: LanguageServer, desk: Desk) -> None:
    """Answer what the client asks."""

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> types.Hover | None:
        page = _page(server, params.text_document.uri)
        found = iri_at(page.text, page.ruler.offset(params.position))
        if found is None:
            return None
        iri, start, end = found
        words_of_graph = await asyncio.to_thread(desk.glossary)
        said = words_of_graph.hover(iri, desk.language)
        content = types.MarkupContent(types.MarkupKind.Markdown, said or "")
        return types.Hover(content, page.ruler.span(start, end)) if said else None

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions([types.CodeActionKind.QuickFix, FIX_ALL]),
    )
    def mends(params: types.CodeActionParams) -> list[types.CodeAction]:
        uri = params.text_document.uri
        document = desk.document(uri)
        if document.checked != document.changes:
            return []  # the places are those of a text that is no more
        page = _page(server, uri)
        offered = page.actions(document.problems, params.range, desk.language)
        only = params.context.only
        return [a for a in offered if only is None or any(_is_kind(a.kind, kind) for kind in only)]

    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    async def layout(params: types.DocumentFormattingParams) -> list[types.TextEdit]:
        page = _page(server, params.text_document.uri)
        data = page.text.encode(errors="replace")
        text, _ = await asyncio.to_thread(tidy, page.path, data, desk.settings)
        return [] if text in {None, page.text} else [types.TextEdit(page.ruler.whole(), text or "")]


async def _look(server: LanguageServer, desk: Desk, uri: str, patience_seconds: float) -> None:
    """Check a document when it has been left alone for a moment, and show what comes of it."""
    document = desk.document(uri)
    document.changes += 1
    mine = document.changes
    await asyncio.sleep(patience_seconds)
    if document.changes != mine:
        return
    with suppress(asyncio.CancelledError):  # the editor is gone
        page = await desk.check(uri, lambda: _page(server, uri))
        if page:
            found = page.diagnostics(document.problems, desk.language)
            _publish(server, uri, found, server.workspace.get_text_document(uri).version)


def _page(server: LanguageServer, uri: str) -> Page:
    text = server.workspace.get_text_document(uri).source
    encoding = server.server_capabilities.position_encoding or types.PositionEncodingKind.Utf16
    path = to_fs_path(uri) if uri.startswith("file:") else None
    return Page(uri, path or _UNTITLED, text, encoding)


def _publish(
    server: LanguageServer, uri: str, found: list[types.Diagnostic], version: int | None = None
) -> None:
    params = types.PublishDiagnosticsParams(uri, found, version)
    server.text_document_publish_diagnostics(params)


def _is_kind(kind: str | None, wanted: str) -> bool:
    """Whether a kind is the wanted one or one below it (LSP 3.17, CodeActionKind)."""
    return kind is not None and (kind == wanted or kind.startswith(f"{wanted}."))
