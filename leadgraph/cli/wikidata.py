"""What the commands about links need: the files of data, and the source that is asked."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from leadgraph import words
from leadgraph.check.slice import file_graphs
from leadgraph.cli.progress import progress
from leadgraph.errors import SettingInvalid, SourceUnreadable
from leadgraph.link.folder import shared_folder
from leadgraph.link.source.endpoint import Network
from leadgraph.link.source.sources import Sources
from leadgraph.link.wikidata.items import Wikidata
from leadgraph.link.wikidata.requests import MULTILINGUAL, TAG
from leadgraph.read import turtle
from leadgraph.read.turtle import directory_of
from leadgraph.words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from leadgraph.check.slice import FileGraph
    from leadgraph.link.account import Table
    from leadgraph.link.source.sources import Source
    from leadgraph.model import Problem
    from leadgraph.settings import Settings

_MORE = ("ru", "zh")
"""Languages of the United Nations beside ours."""
_BLOCK = 200
"""Items in one request at most: each has hundreds of texts and pages."""

endpoint_option = click.option(
    "--endpoint",
    metavar="URL",
    help="Which source of LEADGRAPH_SERVICE_ALLOW is asked; by default its first Wikidata.",
)
excerpt_option = click.option(
    "--excerpt",
    is_flag=True,
    help="The source holds a part of Wikidata: what it lacks is not called deleted.",
)


def _tags(_context: click.Context, _option: click.Parameter, text: str | None) -> list[str] | None:
    """Return tags of languages, at least one: a text of no language is none of an item's."""
    if text is None:
        return None
    tags = sorted({tag.strip().lower() for tag in text.split(",") if tag.strip()})
    wrong = [tag for tag in tags if not TAG.match(tag)]
    if wrong or not tags:
        named = f"{wrong[0]!r} is no tag of a language; " if wrong else ""
        raise click.BadParameter(f"{named}write en,es,pt-br.")
    return tags


languages_option = click.option(
    "--languages",
    callback=_tags,
    metavar="TAGS",
    help="Languages of the texts, such as en,es,sw; by default ours, ru, zh and those of the data.",
)


@dataclass(frozen=True, slots=True)
class Files:
    """Files as they were read, and what is wrong with those that could not be."""

    graphs: tuple[FileGraph, ...]
    problems: tuple[Problem, ...]


def read_files(
    paths: Iterable[Path], settings: Settings, texts: Mapping[Path, str] | None = None
) -> Files:
    """Return what files state; `texts` are contents that count in place of those on the disk."""
    given = texts or {}
    read = [
        turtle.read(str(path), given[path].encode(), settings)
        if path in given
        else turtle.read_file(path, settings)
        for path in paths
    ]
    sources = [source for source, _ in read if source is not None]
    broken = [problem for source, told in read if source is None for problem in told]
    return Files(tuple(file_graphs(sources, set())), tuple(broken))


def read_data(settings: Settings, replaced: str = "") -> tuple[FileGraph, ...]:
    """Return what the data of the graph state.

    A file that is about to be replaced may be broken, as by the marks of a merge.

    Raises:
        SourceUnreadable: if a file cannot be read.
    """
    files = read_files(directory_of(settings).data, settings)
    for problem in files.problems:
        if Path(problem.place.path).name == replaced:
            continue
        reason = problem.message("en").rstrip(".")
        raise SourceUnreadable(str(problem.place), reason, "Mend it, and run leadgraph check.")
    return files.graphs


def languages_of(files: Iterable[FileGraph]) -> list[str]:
    """Return the languages to fetch if nobody names them: ours, more, and those of the data."""
    tags = (getattr(t.object, "language", None) for file in files for t in file.triples)
    return sorted({*LANGUAGES, *_MORE, *(tag.lower() for tag in tags if tag)} - {MULTILINGUAL})


@contextmanager
def asking(
    settings: Settings, endpoint: str | None, languages: Iterable[str], language: str
) -> Iterator[tuple[Source, Wikidata]]:
    """Yield the source and what asks it, telling a person at a terminal that it takes time."""
    source = _source(settings, endpoint)
    with TemporaryDirectory(prefix="leadgraph-links-") as spare:
        network = Network(settings, shared_folder(settings, Path(spare)))
        with progress(lambda _: words.say("links.asking", language, source=source.iri)) as begin:

            def ask(text: str) -> Table:
                begin("asking")
                deadline = time.monotonic() + settings.service_seconds
                return network.ask(source, text, deadline=deadline).table

            try:
                yield source, Wikidata(ask, languages, min(source.block, _BLOCK), source.iri)
            finally:
                network.close()


def _source(settings: Settings, endpoint: str | None) -> Source:
    """The source that is named, else the first that is Wikidata, else the first of all."""
    listed = Sources.from_settings(settings).listed
    if endpoint is not None:
        found = [source for source in listed if endpoint in {source.iri, source.address}]
    else:
        found = sorted(listed, key=lambda source: not source.is_wikidata)
    if found:
        return found[0]
    known = ", ".join(source.iri for source in listed) or "which is empty"
    name = "--endpoint" if endpoint is not None else "LEADGRAPH_SERVICE_ALLOW"
    raise SettingInvalid(name, endpoint or "", f"a source of LEADGRAPH_SERVICE_ALLOW: {known}")
