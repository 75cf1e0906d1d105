"""`leadgraph build`: sources -> a release; and the release that other commands need."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leadgraph.check.reports import text
from leadgraph.check.reports.reader import Reader
from leadgraph.cli.progress import progress
from leadgraph.errors import BuildRefused
from leadgraph.explore.examples import examples_of
from leadgraph.publish.build import build
from leadgraph.publish.releases import is_current, latest, state_folder, verify
from leadgraph.read.turtle import directory_of
from leadgraph.settings import Settings

if TYPE_CHECKING:
    from leadgraph.model import Release

graph_option = click.option(
    "--graph",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with ontology/ shapes/ data/ (default: the graph that is bundled).",
)


@click.command("build")
@graph_option
def build_command(graph: Path | None) -> None:
    """Check the sources and publish them as a release."""
    settings = with_graph(Settings.from_environment(), graph)
    examples_of(directory_of(settings))  # a bad one is told of before it is served
    release = publish(settings)
    click.echo(f"Release {release.version}: {release.statements} statements in {release.path}")


def with_graph(settings: Settings, graph: Path | None) -> Settings:
    """Return the settings with the folder that was named on the command line."""
    return settings if graph is None else replace(settings, graph=str(graph))


def current_release(settings: Settings) -> Release:
    """Return the newest release, built first if the sources have changed since.

    Raises:
        ReleaseDamaged: if a file of it is not as it was published.
    """
    state = state_folder(settings)
    if not is_current(directory_of(settings), state):
        return publish(settings)
    release = latest(state)
    verify(release)
    return release


def disk_folder(settings: Settings, release: Release) -> Path:
    """Return where the engine `disk` keeps a release from one start to the next."""
    return state_folder(settings) / "disk" / release.files[release.dataset.name]


def publish(settings: Settings) -> Release:
    """Build a release; the report of sources that were refused goes to standard error.

    Raises:
        BuildRefused: if the sources have violations.
    """
    try:
        with progress(str.capitalize) as begin:
            return build(directory_of(settings), state_folder(settings), settings, begin)
    except BuildRefused as error:
        reader = Reader(colour=sys.stderr.isatty())
        click.echo(text.written(error.report, reader), err=True, nl=False)
        raise
