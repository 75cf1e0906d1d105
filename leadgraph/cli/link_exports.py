"""`leadgraph links suggest | export`: what may be linked, and what is, for others to read."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leadgraph import words
from leadgraph.check.results import short
from leadgraph.cli.files import language_of_the_reader
from leadgraph.cli.releases import graph_option, with_graph
from leadgraph.cli.saving import create
from leadgraph.cli.wikidata import asking, endpoint_option, languages_of, read_data
from leadgraph.errors import FormUnwritable, SourceUnreadable
from leadgraph.link.wikidata import mappings, proposals
from leadgraph.link.wikidata.items_file import Origin
from leadgraph.link.wikidata.linked import Evidence, evidence, fetched
from leadgraph.link.wikidata.naming import Names
from leadgraph.link.wikidata.proposals import Telling
from leadgraph.link.wikidata.suggest import (
    Suggestion,
    alike,
    nearby,
    offline_items,
    spellings,
    suggestion,
)
from leadgraph.link.wikidata.things import Kind, free_names, without_links
from leadgraph.publish.description import LINKED
from leadgraph.publish.origin import origin
from leadgraph.publish.releases import is_current, latest, state_folder
from leadgraph.read.turtle import directory_of
from leadgraph.settings import Settings
from leadgraph.vocabulary import ID, PROJECT
from leadgraph.words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from leadgraph.link.wikidata.items import Item, Wikidata
    from leadgraph.link.wikidata.things import Thing

_PATH = click.Path(path_type=Path)
_KINDS = [str(kind) for kind in Kind if kind is not Kind.NAME]
_EXCERPT = 20_000
"""Names that a copy of Wikidata has at most if all of them are looked through for slips."""
_NOWHERE = "https://www.wikidata.org/"
"""What was fetched before is from there, whoever asked."""


@click.command("suggest")
@click.argument("things", nargs=-1, metavar="[THING]...")
@graph_option
@endpoint_option
@click.option("--offline", is_flag=True, help="Ask nobody: look in what was fetched, and evidence.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(_KINDS), help="Only such things.")
@click.option("--weak", is_flag=True, help="Also what has no exact or close match yet.")
@click.option("--name", "names", multiple=True, metavar="TEXT", help="Look for a name instead.")
@click.option(
    "--names", "listed", type=_PATH, metavar="FILE", help="Names to look for, one a line."
)
@click.option("--most", type=click.IntRange(1, 50), default=5, show_default=True, help="Per thing.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "turtle", "json"]),
    default="text",
    show_default=True,
    help="For people, a patch for a person to accept, or for programs.",
)
@click.option("--output", type=_PATH, metavar="FILE", help="File to write, which is not there yet.")
@click.option("--lang", metavar="LANGUAGE", help="Language of the reasons; yours by default.")
def suggest_command(  # noqa: PLR0913, PLR0917  # one for each option
    things: tuple[str, ...],
    graph: Path | None,
    endpoint: str | None,
    offline: bool,
    kinds: tuple[str, ...],
    weak: bool,
    names: tuple[str, ...],
    listed: Path | None,
    most: int,
    format_: str,
    output: Path | None,
    lang: str | None,
) -> None:
    """Look for items of Wikidata that things without a link may be, and say why.

    THING is kind/slug, such as skill/empathy; without one, all things without a link are looked
    for. Names are compared in all languages with labels and other names. What is near but spelt
    otherwise is found in an excerpt, which is looked through as a whole; of all of Wikidata only
    among the items of the table of evidence and of the last sync.
    Nothing is applied: the patch has each candidate as a comment, to be accepted by hand.
    """
    settings = with_graph(Settings.from_environment(), graph)
    language = words.closest(lang or language_of_the_reader())
    files = read_data(settings)
    given = [*names, *(_lines(listed) if listed else ())]
    wanted = frozenset(map(Kind, kinds)) or frozenset(Kind)
    found = free_names(given, LANGUAGES) if given else without_links(files, weak=weak, kinds=wanted)
    found = _chosen(found, things) if things else found
    known = evidence(files)
    at_hand = offline_items(known, fetched(files))
    if offline:
        looked = _looked_up(found, at_hand, {}, known, most)
        asked = Origin(_NOWHERE, _NOWHERE, datetime.now(UTC))
    else:
        with asking(settings, endpoint, languages_of(files), language) as (source, live):
            near = {item.iri for thing in found for item in nearby(thing, at_hand)}
            if source.address != source.iri:
                near |= alike(found, live.names(min(_EXCERPT, settings.service_rows - 1)))
            looked = _asked(found, near, live, known, most)
            asked = Origin(source.iri, source.address, datetime.now(UTC))
    telling = Telling(looked.classes, known, asked, language)
    _put(_in(format_, looked.suggestions, telling), output)


def _chosen(found: Sequence[Thing], wanted: Sequence[str]) -> list[Thing]:
    """The things that were named: skill/empathy, skill:empathy or the whole IRI."""
    by_name = {name: each for each in found for name in _names(each.iri)}
    unknown = [name for name in wanted if name not in by_name]
    if unknown:
        raise click.UsageError(
            f"{', '.join(unknown)}: no thing without a link has that name. "
            "Look among those with a weak one (--weak), or for a name (--name)."
        )
    return list({id(by_name[name]): by_name[name] for name in wanted}.values())


def _names(iri: str) -> tuple[str, ...]:
    return iri, iri.removeprefix(ID), short(f"<{iri}>")


@dataclass(frozen=True, slots=True)
class _Looked:
    """What was found, and what the types of the items are called."""

    suggestions: tuple[Suggestion, ...]
    classes: Mapping[str, Item]


def _asked(
    things: Sequence[Thing],
    near: set[str],
    live: Wikidata,
    known: Mapping[str, Evidence],
    most: int,
) -> _Looked:
    """Ask for the items of all names at once, and rate those that the source answered with."""
    names = dict.fromkeys(each for thing in things for each in spellings(thing))
    items = live.items([*live.named(list(names)), *near])
    return _looked_up(things, list(items.values()), live.classes(items.values()), known, most)


def _looked_up(
    things: Sequence[Thing],
    items: Sequence[Item],
    classes: Mapping[str, Item],
    known: Mapping[str, Evidence],
    most: int,
) -> _Looked:
    found = [suggestion(thing, nearby(thing, items), classes, known, most) for thing in things]
    return _Looked(tuple(found), classes)


def _in(format_: str, suggestions: Sequence[Suggestion], telling: Telling) -> str:
    """The suggestions in a format; what nothing was found for is told to programs alone."""
    if format_ == "json":
        return proposals.as_json(suggestions, telling) + "\n"
    found = [each for each in suggestions if each.candidates]
    if format_ == "turtle":
        return proposals.as_turtle(found, telling)
    if not found:
        return words.say("links.none", telling.language, things=len(suggestions)) + "\n"
    return proposals.as_text(found, telling) + "\n"


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise SourceUnreadable(str(path), reason, "Name a file with one name a line.") from error


@click.command("export")
@graph_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(list(mappings.FORMS)),
    default="sssom",
    show_default=True,
    help="How they are written.",
)
@click.option("--to", type=click.Choice(list(LINKED)), default="wikidata", show_default=True)
@click.option("--output", type=_PATH, metavar="FILE", help="File to write, which is not there yet.")
def export_command(graph: Path | None, format_: str, to: str, output: Path | None) -> None:
    """Write the mappings to another dataset: VoID, SSSOM, QuickStatements, CSV.

    QuickStatements lead Wikidata's readers back here: exact match (P2888) and described at URL
    (P973), for exact and close matches alone.
    """
    if format_ == "quickstatements" and to != "wikidata":
        raise click.UsageError("QuickStatements are for Wikidata alone.")
    settings = with_graph(Settings.from_environment(), graph)
    files = read_data(settings)
    known = evidence(files)
    names = Names(files, known)
    stated = frozenset(triple for file in files for triple in file.triples)
    version, published = _state(settings)
    author = names.english(PROJECT) if names.knows(PROJECT) else ""
    found = mappings.mappings(to, stated, names.english, known)
    given = mappings.MappingSet(to, found, stated, version, published, author)
    _put(mappings.FORMS[format_](given), output)


def _state(settings: Settings) -> tuple[str, date | None]:
    """The release that the data are, and its day; else what tells these data from others."""
    directory, state = directory_of(settings), state_folder(settings)
    if is_current(directory, state):
        release = latest(state)
        return release.version, release.created.date()
    text = repr(sorted(origin(directory).sources.items()))
    return sha256(text.encode()).hexdigest()[:12], None


def _put(text: str, path: Path | None) -> None:
    """Write a document: to a file that is not there yet, else as it is to standard output."""
    if path is None:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
    elif path.exists():
        raise FormUnwritable(str(path), "it is there already")
    else:
        create(path, text.encode())
