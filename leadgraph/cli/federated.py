"""A question at the shell -> its answer, parts of other endpoints included, and their account."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from leadgraph.link.folder import shared_folder
from leadgraph.link.ledger.text import as_text
from leadgraph.link.source.sources import Sources
from leadgraph.query import gate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from leadgraph.link.account import Account, Table
    from leadgraph.link.opening import Opened
    from leadgraph.model import Answer, Question, Release
    from leadgraph.query.client import Engine


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer; without a SERVICE, `account` is None."""

    answer: Answer
    account: Account | None = None
    received: Mapping[int, Table] = field(default_factory=dict)


def answered(
    engine: Engine, question: Question, release: Release | None, *, fresh: bool
) -> Answered:
    """Answer a question; with `fresh`, what other endpoints said before is not used.

    Raises:
        LeadGraphError: whatever keeps it from its answer.
    """
    if not gate.read(question.text).asks_others:
        return Answered(engine.ask(question))
    sources = Sources.from_settings(engine.settings)
    folder = shared_folder(engine.settings, engine.folder, is_graph=release is not None)
    version = None if release is None else release.version
    found = _opened(engine, sources, folder, version).federation.answer(question, fresh=fresh)
    return Answered(found.answer, found.account, found.received)


def answered_again(
    engine: Engine,
    question: Question,
    received: Mapping[int, Table],
    sources: Sources,
    folder: Path,
) -> Answer:
    """Answer a question from what other endpoints gave then: nobody is asked for it.

    Raises:
        LeadGraphError: whatever keeps it from its answer.
    """
    if not gate.read(question.text).asks_others:
        return engine.ask(question)
    return _opened(engine, sources, folder, None).federation.replay(question, received)


def tell(account: Account | None) -> None:
    """Say on standard error what was asked of whom, if somebody was."""
    if account is not None:
        click.echo(as_text(account), err=True, nl=False)


def _opened(engine: Engine, sources: Sources, folder: Path, release: str | None) -> Opened:
    """Open what answers them; it is imported when it is needed, most questions ask nobody."""
    from leadgraph.link.opening import opened  # noqa: PLC0415

    return opened(engine, sources, engine.settings, folder, release)
