"""Command line -> what helps to write a contribution: `new`, `explain`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from leadgraph import words
from leadgraph.check.reports.characters import visible
from leadgraph.cli.files import language_of_the_reader
from leadgraph.cli.releases import graph_option, with_graph
from leadgraph.cli.terminal import echo
from leadgraph.errors import FormUnwritable
from leadgraph.explore import explanations
from leadgraph.explore.codes import codes, explain
from leadgraph.explore.folder import Folder, open_folder
from leadgraph.explore.form import Given, class_label, form
from leadgraph.explore.kinds import kind_of, kinds
from leadgraph.read.turtle import directory_of, slug
from leadgraph.settings import Settings

_PATH = click.Path(path_type=Path)
_lang = click.option("--lang", metavar="LANGUAGE", help="Language of the words; yours by default.")


@click.command("new")
@click.argument("kind", required=False, metavar="[KIND]")
@click.option("--slug", "slug_", metavar="SLUG", help="Last part of its address: new-slug.")
@click.option("--name", metavar="TEXT", help="What it is called, in the language of the form.")
@click.option("--output", type=_PATH, metavar="FILE", help="File to write, which is not there yet.")
@_lang
@graph_option
def new_command(  # noqa: PLR0913, PLR0917  # one for each option
    kind: str | None,
    slug_: str | None,
    name: str | None,
    output: Path | None,
    lang: str | None,
    graph: Path | None,
) -> None:
    """Write a Turtle form to fill in for a new thing, or list the kinds of things.

    Lines with ## explain, lines with # may be used, and ✎ and fill-this-in mark what is yours to
    write. What is left of the marks is refused by check.
    """
    folder, language = _reader(lang, graph)
    if kind is None:
        echo("\n".join(_kinds(folder, language)))
        return
    home = slug(str(output)) if output else None
    made = form(folder, kind_of(folder, kind), language, Given(slug_, name or None, home))
    if output is None:
        echo(made.text.removesuffix("\n"))
    else:
        _write(output, made.text)
        echo(str(output))


@click.command("explain")
@click.argument("code", required=False, metavar="[CODE]")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How it is written.",
)
@_lang
@graph_option
def explain_command(code: str | None, format_: str, lang: str | None, graph: Path | None) -> None:
    """Say what a code of a report means, with an example that fails and one that passes.

    Without a code, list all of them.
    """
    folder, language = _reader(lang, graph)
    found = [explain(folder, code.strip("[]"), language)] if code else codes(folder, language)
    if format_ == "json":
        objects = [explanations.as_object(each) for each in found]
        text = json.dumps(objects[0] if code else objects, ensure_ascii=False, indent=2)
    elif code:
        text = explanations.as_text(found[0], language)
    else:
        text = explanations.as_list(found, language)
    echo("\n".join(map(visible, text.split("\n"))))


def _reader(lang: str | None, graph: Path | None) -> tuple[Folder, str]:
    """Return the graph that is meant, and the language of the reader."""
    settings = with_graph(Settings.from_environment(), graph)
    language = words.closest(lang or language_of_the_reader())
    return open_folder(directory_of(settings)), language


def _kinds(folder: Folder, language: str) -> list[str]:
    """Return a line for each kind: its name, and what its class is called."""
    found = kinds(folder)
    width = max(map(len, found), default=0)
    return [
        f"{name:<{width}}  {class_label(folder, kind.iri, language)}"
        for name, kind in found.items()
    ]


def _write(path: Path, text: str) -> None:
    """Write a file that is not there yet.

    Raises:
        FormUnwritable: if it is there, or cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise FormUnwritable(str(path), "it is there already") from None
    except OSError as error:
        raise FormUnwritable(str(path), error.strerror or str(error)) from None
