"""`leadgraph query`: a question -> the answer of the published graph, or of an endpoint."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leadgraph import formats
from leadgraph.cli.answers import body_of, show
from leadgraph.cli.federated import answered, tell
from leadgraph.cli.releases import current_release, disk_folder, graph_option, with_graph
from leadgraph.errors import (
    EndpointFailed,
    EngineRefused,
    EngineUnavailable,
    SettingInvalid,
    SourceUnreadable,
)
from leadgraph.link.ledger.archive import Saved, save
from leadgraph.model import Answer, Form, Question
from leadgraph.query import gate
from leadgraph.query.client import Engine
from leadgraph.query.engine import running
from leadgraph.query.stores import is_address
from leadgraph.settings import Settings, duration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from leadgraph.model import Release

_NAMES = tuple(row.name for row in (*formats.RESULTS, *formats.GRAPHS))
_VOLATILE = "the query asks for what is new each time, so a replay gives other bytes."


def _endpoint(_context: click.Context, _option: click.Parameter, address: str | None) -> str | None:
    """Let the address of an endpoint pass.

    Raises:
        SettingInvalid: if it is none.
    """
    with contextlib.suppress(ValueError):  # urlsplit's word for brackets that do not close
        if address is None or is_address(address):
            return address
    raise SettingInvalid("--endpoint", str(address), "an address like https://example.org/sparql")


@click.command("query")
@click.argument("text")
@graph_option
@click.option("--endpoint", callback=_endpoint, metavar="URL", help="Ask that one instead.")
@click.option("--format", "format_name", type=click.Choice(_NAMES), help="For machines.")
@click.option("--deadline", type=duration, metavar="SECONDS", help="That it may take.")
@click.option("--no-cache", "fresh", is_flag=True, help="Ask for SERVICE what is known already.")
@click.option(
    "--save",
    "archive",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write all that the answer is made of, for `replay`.",
)
def query_command(  # noqa: PLR0913, PLR0917  # one for each option
    text: str,
    graph: Path | None,
    endpoint: str | None,
    format_name: str | None,
    deadline: float | None,
    fresh: bool,
    archive: Path | None,
) -> None:
    """Ask the published graph, or any SPARQL endpoint; TEXT is a SPARQL query, or @FILE.

    A part in SERVICE is asked of the endpoint that it names, if LEADGRAPH_SERVICE_ALLOW lists it;
    what was asked of whom goes to standard error, marked PARTIAL where a SERVICE SILENT failed.
    """
    if graph and endpoint:
        raise click.UsageError("Name a folder with --graph, or an --endpoint, not both.")
    settings = with_graph(Settings.from_environment(), graph)
    if endpoint is not None:
        settings = replace(settings, engine=endpoint)
    if archive is not None and is_address(settings.engine):
        raise click.UsageError("--save is for the published graph: an endpoint's data change.")
    if deadline is not None:
        settings = replace(settings, deadline_seconds=deadline)
    question = _question(_text(text), format_name)
    asked = Asked(question, settings, for_machines=format_name is not None, fresh=fresh)
    if archive is None:
        _answer(asked)
    else:
        _answer_and_save(asked, archive)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked at the shell, and how."""

    question: Question
    settings: Settings
    for_machines: bool
    fresh: bool


def _answer(asked: Asked) -> None:
    """Print the answer to a question."""
    settings = asked.settings
    release = None if is_address(settings.engine) else current_release(settings)
    with (
        _naming(settings.engine),
        _started(settings, release) as path,
        Engine(path, settings) as engine,
    ):
        given = answered(engine, asked.question, release, fresh=asked.fresh)
        show(given.answer.form, body_of(given.answer), for_machines=asked.for_machines)
        tell(given.account)


def _answer_and_save(asked: Asked, path: Path) -> None:
    """Print the answer to a question, and write all that it is made of into a file."""
    settings = asked.settings
    release = current_release(settings)
    with _started(settings, release) as socket, Engine(socket, settings) as engine:
        given = answered(engine, asked.question, release, fresh=asked.fresh)
        body = b"".join(body_of(given.answer))
    shown = not asked.for_machines
    saved = Saved(
        asked.question, body, _extension(given.answer), given.account, given.received, shown
    )
    save(path, saved, release, settings)
    show(given.answer.form, [body], for_machines=asked.for_machines)
    tell(given.account)
    if gate.read(asked.question.text).volatile:
        click.echo(f"leadgraph: {_VOLATILE}", err=True)


def _extension(answer: Answer) -> str:
    """Return the end of a file's name that tells the format of an answer."""
    media_type = answer.media_type.partition(";")[0]
    if answer.form is Form.GRAPH:
        return formats.by_media_type(formats.GRAPHS, media_type).extension
    return formats.by_media_type(formats.RESULTS, media_type).extension


def _started(settings: Settings, release: Release | None) -> AbstractContextManager[Path]:
    """Return the running of an engine: over a release, or towards an endpoint."""
    if release is None:
        return running([], settings)
    return running([release.dataset], settings, disk_folder(settings, release))


@contextlib.contextmanager
def _naming(engine: str) -> Iterator[None]:
    """Say of an endpoint that fails which one it is.

    Raises:
        EndpointFailed: in place of what is said of the engine behind a server.
    """
    try:
        yield
    except EngineUnavailable as error:
        if is_address(engine):
            raise EndpointFailed(engine, "it cannot be reached") from error
        raise
    except EngineRefused as error:
        raise EndpointFailed(engine, error.reason) from error


def _text(argument: str) -> str:
    """Return the query itself, or what the file holds."""
    if not argument.startswith("@"):
        return argument
    try:
        return Path(argument[1:]).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise SourceUnreadable(argument[1:], reason, "Name a file with a query.") from error


def _question(text: str, format_name: str | None) -> Question:
    """Return the question; a format of the wrong kind is a usage error."""
    wanted = formats.GRAPHS if gate.form(text) is Form.GRAPH else formats.RESULTS
    names = [row.name for row in wanted]
    if format_name is not None and format_name not in names:
        raise click.UsageError(f"For this query --format is one of {', '.join(names)}.")
    chosen = format_name or names[0]
    return Question(
        text,
        results=chosen if wanted is formats.RESULTS else formats.RESULTS[0].name,
        graph=chosen if wanted is formats.GRAPHS else formats.GRAPHS[0].name,
    )
