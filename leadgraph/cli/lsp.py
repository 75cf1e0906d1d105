"""Command line -> a language server on standard input and output: `lsp`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from leadgraph.lsp.server import create_server
from leadgraph.read.turtle import directory_of, open_directory
from leadgraph.settings import Settings


@click.command("lsp")
@click.option("--lang", metavar="LANGUAGE", help="Language of messages; the editor's by default.")
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Graph that the files belong to; ours by default.",
)
def lsp_command(lang: str | None, against: Path | None) -> None:
    """Show an editor what is wrong while somebody types (Language Server Protocol, over stdio)."""
    settings = Settings.from_environment()
    directory = open_directory(against) if against else directory_of(settings)
    create_server(directory, settings, lang).start_io()
    # The editor is gone: a check that still runs is for nobody, and ends with this process.
    os._exit(0)
