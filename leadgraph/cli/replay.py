"""`leadgraph replay`: a saved query -> its answer, computed again from the file alone."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leadgraph.cli.answers import body_of, show
from leadgraph.cli.federated import answered_again, tell
from leadgraph.link.ledger.archive import Archive, opened, program
from leadgraph.link.source.sources import Sources
from leadgraph.query import gate
from leadgraph.query.client import Engine
from leadgraph.query.engine import running
from leadgraph.settings import Settings

if TYPE_CHECKING:
    from leadgraph.model import Form

DIFFERS = 1
"""The exit status when other bytes come out; 2 is that of errors, as with all commands."""


@click.command("replay")
@click.argument("file", type=click.Path(path_type=Path))
def replay_command(file: Path) -> None:
    """Compute a saved query again, from nothing but FILE, and compare.

    FILE is what `leadgraph query --save FILE` wrote. Nobody is asked, and no release is needed.

    Exit status: 0 the bytes are those that were saved, 1 they differ, 2 the file cannot be used.
    """
    with opened(file) as archive:
        form, again = _computed(archive)
        show(form, [again], for_machines=not archive.saved.shown)
        sys.stdout.flush()
        tell(archive.saved.account)
        difference = _difference(archive, again)
    if difference:
        click.echo(f"leadgraph: {difference}", err=True)
        sys.exit(DIFFERS)
    click.echo(
        f"leadgraph: release {archive.release} gives the same {len(again)} bytes again.", err=True
    )


def _computed(archive: Archive) -> tuple[Form, bytes]:
    """Return the answer that comes of an archive here."""
    settings = replace(
        Settings.from_environment(),
        engine=archive.program.engine,
        service_allow=archive.sources,
    )
    saved = archive.saved
    sources = Sources.from_settings(settings)
    with (
        running([archive.dataset], settings, archive.dataset.parent / "disk") as path,
        Engine(path, settings) as engine,
    ):
        answer = answered_again(engine, saved.question, saved.received, sources, path.parent)
        return answer.form, b"".join(body_of(answer))


def _difference(archive: Archive, again: bytes) -> str:
    """Return in what an answer differs from the one that was saved, and why it may; "" if not."""
    then = archive.saved.result
    if again == then:
        return ""
    line, there, here = _first_line(then, again)
    told = f"the answer differs at line {line}: {there!r} was saved, {here!r} came of it now."
    return " ".join((told, *_reasons(archive)))


def _first_line(then: bytes, now: bytes) -> tuple[int, str, str]:
    """Return the number of the first line that differs, and the lines around that byte."""
    place = next(
        (n for n, (one, other) in enumerate(zip(then, now, strict=False)) if one != other),
        min(len(then), len(now)),
    )
    around = slice(max(place - 20, 0), place + 40)
    shown = [text[around].decode(errors="replace") for text in (then, now)]
    return then.count(b"\n", 0, place) + 1, shown[0], shown[1]


def _reasons(archive: Archive) -> list[str]:
    """Return what may be behind it."""
    reasons = []
    if gate.read(archive.saved.question.text).volatile:
        reasons.append("The query asks for what is new each time.")
    then, now = archive.program, program(archive.program.engine)
    if then != now:
        reasons.append(
            f"It was computed by LeadGraph {then.leadgraph} with pyoxigraph {then.pyoxigraph}, "
            f"now by {now.leadgraph} with {now.pyoxigraph}."
        )
    return reasons
