"""`leadgraph lsp`: a client over stdio sees the problems of a text while it is typed."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient

from leadgraph.lsp.positions import Ruler
from leadgraph.model import Place

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOT = Path(__file__).parents[1]
WAIT_SECONDS = 60
ROLE = """@prefix lg: <https://w3id.org/leadgraph/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix role: <https://w3id.org/leadgraph/id/role/> .
@prefix role-group: <https://w3id.org/leadgraph/id/role-group/> .
@prefix skill: <https://w3id.org/leadgraph/id/skill/> .

# 😀 مرحبا
role:newsletter-editor
    a                lg:LeaderRole ;
    skos:prefLabel   "😀 Newsletter editor"@en ;
    skos:broadMatch  role-group:people-who-drive-collaboration ;
    lg:bearerKind    lg:PersonBearer ;
    lg:requiresSkill SKILL .
"""


class Editor:
    """A client with one document, and what the server said of it last."""

    def __init__(self, client: LanguageClient, uri: str) -> None:
        self.client = client
        self.uri = uri
        self.version = 0
        self.published: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()

        @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def hear(params: types.PublishDiagnosticsParams) -> None:
            self.published.put_nowait(params)

    def open(self, text: str) -> None:
        item = types.TextDocumentItem(self.uri, "turtle", self.version, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, text: str) -> None:
        self.version += 1
        document = types.VersionedTextDocumentIdentifier(self.version, self.uri)
        whole = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [whole]))

    async def diagnostics(self) -> list[types.Diagnostic]:
        params = await asyncio.wait_for(self.published.get(), WAIT_SECONDS)
        assert params.uri == self.uri
        return list(params.diagnostics)

    @property
    def document(self) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri)


@asynccontextmanager
async def editor(
    path: Path, *arguments: str, locale: str | None = None, encodings: list[str] | None = None
) -> AsyncIterator[Editor]:
    """A real server process, greeted as an editor greets it, and ended as an editor ends it."""
    client = LanguageClient("test", "1")
    env = {**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    command = ["-m", "leadgraph.cli.main", "lsp", *arguments]
    await client.start_io(sys.executable, *command, env=env, cwd=path.parent)
    general = types.GeneralClientCapabilities(position_encodings=encodings)
    await client.initialize_async(
        types.InitializeParams(types.ClientCapabilities(general=general), locale=locale)
    )
    client.initialized(types.InitializedParams())
    try:
        yield Editor(client, path.as_uri())
    finally:
        await asyncio.wait_for(client.shutdown_async(None), WAIT_SECONDS)
        client.exit(None)
        await client.stop()


def position_of(text: str, word: str) -> types.Position:
    """Where a word begins, in UTF-16 as editors count."""
    before, _, _ = text.partition(word)
    line = before.rpartition("\n")[2]
    return types.Position(before.count("\n"), len(line.encode("utf-16-le")) // 2)


def written(text: str, found: types.Range) -> str:
    """What stands at a range of one line, cut out as an editor does."""
    line = text.split("\n")[found.start.line].encode("utf-16-le")
    return line[found.start.character * 2 : found.end.character * 2].decode("utf-16-le")


def test_problems_come_and_go_while_somebody_types(tmp_path: Path) -> None:
    async def session() -> None:
        async with editor(tmp_path / "newsletter.ttl") as desk:
            text = ROLE.replace("SKILL", "skill:comunication")
            desk.open(text)
            found = await desk.diagnostics()
            assert {d.code for d in found} >= {"dangling-reference"}
            assert {written(text, d.range) for d in found} == {"skill:comunication"}
            assert all(d.source == "leadgraph" for d in found)

            desk.change(ROLE.replace("SKILL", "skill:communication"))
            assert await desk.diagnostics() == []

    asyncio.run(session())


def test_three_mistakes_of_syntax_are_three_diagnostics_in_the_language_of_the_client(
    tmp_path: Path,
) -> None:
    text = (
        '@prefix ex: <http://example.org/> .\nex:a ex:p "x" ex:q 1 .\nex:b ex:p .\nno:c ex:p 2 .\n'
    )

    async def session() -> None:
        async with editor(tmp_path / "x.ttl", locale="es-MX") as desk:
            desk.open(text)
            found = await desk.diagnostics()
            assert [d.range.start.line for d in found] == [1, 2, 3]
            assert "prefijo" in found[-1].message
            assert found[-1].severity == types.DiagnosticSeverity.Error

    asyncio.run(session())


def test_the_command_line_wins_over_the_language_of_the_client(tmp_path: Path) -> None:
    async def session() -> None:
        async with editor(tmp_path / "x.ttl", "--lang", "de", locale="es") as desk:
            desk.open("no:c no:p 2 .\n")
            (first, *_) = await desk.diagnostics()
            assert "Präfix" in first.message

    asyncio.run(session())


def test_a_probable_spelling_is_offered_and_solves_the_problem(tmp_path: Path) -> None:
    async def session() -> None:
        async with editor(tmp_path / "newsletter.ttl") as desk:
            text = ROLE.replace("SKILL", "skill:comunication")
            desk.open(text)
            (first, *_) = await desk.diagnostics()
            actions = await desk.client.text_document_code_action_async(
                types.CodeActionParams(desk.document, first.range, types.CodeActionContext([first]))
            )
            edits = [a.edit.changes[desk.uri] for a in actions if "skill:communication" in a.title]
            ((edit,), *_) = edits
            lines = text.split("\n")
            line = lines[edit.range.start.line]
            start, end = edit.range.start.character, edit.range.end.character
            lines[edit.range.start.line] = line[:start] + edit.new_text + line[end:]
            desk.change("\n".join(lines))
            assert await desk.diagnostics() == []

    asyncio.run(session())


def test_what_has_one_right_answer_is_mended_at_once(tmp_path: Path) -> None:
    async def session() -> None:
        async with editor(tmp_path / "newsletter.ttl") as desk:
            text = ROLE.replace("SKILL", "skill:communication").replace('editor"@en', 'editor "@EN')
            desk.open(text)
            await desk.diagnostics()
            actions = await desk.client.text_document_code_action_async(
                types.CodeActionParams(
                    desk.document,
                    types.Range(types.Position(0, 0), types.Position(0, 0)),
                    types.CodeActionContext([], [types.CodeActionKind.SourceFixAll]),
                )
            )
            (action,) = actions
            new = {written(text, e.range): e.new_text for e in action.edit.changes[desk.uri]}
            assert new

    asyncio.run(session())


def test_hover_says_what_a_term_and_a_thing_mean(tmp_path: Path) -> None:
    async def session() -> None:
        async with editor(tmp_path / "newsletter.ttl", locale="fr") as desk:
            text = ROLE.replace("SKILL", "skill:communication")
            desk.open(text)
            for word, expected in (
                ("lg:requiresSkill", "requires"),
                ("skill:communication", "Communication"),
                ("skos:broadMatch", None),
                ("# 😀", None),
            ):
                said = await desk.client.text_document_hover_async(
                    types.HoverParams(desk.document, position_of(text, word))
                )
                if expected is None:
                    assert said is None or "skos:broadMatch" in said.contents.value
                else:
                    assert expected.lower() in said.contents.value.lower()
                    assert written(text, said.range) == word

    asyncio.run(session())


def test_the_layout_is_that_of_tidy(tmp_path: Path) -> None:
    async def session() -> None:
        async with editor(tmp_path / "newsletter.ttl") as desk:
            text = ROLE.replace("SKILL", "skill:communication").replace("    a      ", "  a")
            desk.open(text)
            options = types.FormattingOptions(4, insert_spaces=True)
            (edit,) = await desk.client.text_document_formatting_async(
                types.DocumentFormattingParams(desk.document, options)
            )
            assert "# 😀 مرحبا\nrole:newsletter-editor\n    a " in edit.new_text

    asyncio.run(session())


@pytest.mark.parametrize("text", ["\x00", "\ud800", "[" * 5000, '"' * 100_000, "\u2028" * 1000])
def test_a_hostile_text_gets_diagnostics_and_the_server_lives(tmp_path: Path, text: str) -> None:
    async def session() -> None:
        async with editor(tmp_path / "x.ttl") as desk:
            desk.open(text.encode("utf-8", "replace").decode())
            assert await desk.diagnostics()
            desk.change("<http://example.org/a> <http://example.org/b> 1 .")
            await desk.diagnostics()

    asyncio.run(session())


@pytest.mark.parametrize(
    ("encoding", "units"),
    [("utf-8", 7), ("utf-16", 4), ("utf-32", 3)],
)
def test_positions_count_in_the_units_that_were_agreed_upon(encoding: str, units: int) -> None:
    text = "\ufeffa\r\n😀éxy\u2028z\rq\r\nend"
    ruler = Ruler(text, encoding)

    found = ruler.range(Place("x", 2, 4, 2, 5))

    assert (found.start, found.end) == (types.Position(1, units), types.Position(1, units + 1))
    assert ruler.offset(found.start) == text.index("y") - 1


def test_a_lone_cr_ends_a_line_of_the_editor_and_none_of_the_report() -> None:
    ruler = Ruler("ab\rcd\nef")

    assert ruler.range(Place("x", 1, 5, 1, 6)).start == types.Position(1, 1)
    assert ruler.range(Place("x", 2, 1, 2, 2)).start == types.Position(2, 0)


def message(**content: object) -> bytes:
    """A message as it goes over the wire."""
    body = json.dumps({"jsonrpc": "2.0", **content}).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def test_a_client_that_leaves_during_a_check_leaves_no_process_behind(tmp_path: Path) -> None:
    text = ROLE + "".join(f"skill:s{number} a lg:Skill .\n" for number in range(20_000))
    item = {"uri": (tmp_path / "long.ttl").as_uri(), "languageId": "turtle", "version": 1}
    server = subprocess.Popen(
        [sys.executable, "-m", "leadgraph.cli.main", "lsp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    children = Path(f"/proc/{server.pid}/task")
    with server:
        assert server.stdin
        hello = {"processId": None, "rootUri": None, "capabilities": {}}
        server.stdin.write(message(id=1, method="initialize", params=hello))
        opened = {"textDocument": {**item, "text": text}}
        server.stdin.write(message(method="textDocument/didOpen", params=opened))
        server.stdin.flush()
        checks: list[str] = []
        until = time.monotonic() + WAIT_SECONDS
        while not checks and time.monotonic() < until:
            checks = " ".join(task.read_text() for task in children.glob("*/children")).split()
        assert len(checks) == 1

        server.stdin.write(message(id=2, method="shutdown") + message(method="exit"))
        started = time.monotonic()
        _, errors = server.communicate(timeout=WAIT_SECONDS)

    assert (server.returncode, errors) == (0, b"")
    assert time.monotonic() - started < 5
    until = time.monotonic() + 5
    while Path(f"/proc/{checks[0]}").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(f"/proc/{checks[0]}").exists()
