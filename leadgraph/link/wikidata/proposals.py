"""Suggestions -> a Turtle patch for a person to accept, JSON, or text for a terminal.

In the patch every candidate is a comment: nothing is stated before somebody has looked at it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from leadgraph.check.results import short
from leadgraph.read.layout.tidy import tidied
from leadgraph.vocabulary import (
    DCTERMS,
    ID,
    LG,
    RDFS,
    SCHEMA,
    SKOS,
    WD,
    shorten,
)
from leadgraph.words import say

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from leadgraph.link.wikidata.items import Item
    from leadgraph.link.wikidata.items_file import Origin
    from leadgraph.link.wikidata.suggest import Candidate, Suggestion

_PREFIXES = {
    "dcterms": DCTERMS,
    "evidence": f"{ID}evidence/",
    "lg": LG,
    "rdfs": RDFS,
    "schema": SCHEMA,
    "skos": SKOS,
    "wd": WD,
}
_WIDTH = 88
_LEAST_PROPOSED = 0.3
"""What scores less is told, so that nobody looks for it again, but not offered."""
_CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"


@dataclass(frozen=True, slots=True)
class Telling:
    """How suggestions are told.

    `classes` name the types of items; `supported` are the items that have a row of evidence: for
    others one is proposed. `language` is that of the reasons.
    """

    classes: Mapping[str, Item]
    supported: Collection[str]
    origin: Origin
    language: str


def as_turtle(suggestions: Sequence[Suggestion], telling: Telling) -> str:
    """Return the patch as tidy Turtle."""
    language = telling.language
    lines = [
        *_comment(say("links.patch-title", language)),
        "#",
        *_comment(say("links.patch-how", language)),
        "#",
        *_comment(f"{telling.origin.name}, {telling.origin.asked:%Y-%m-%dT%H:%M:%SZ}"),
        "",
        *(f"@prefix {name}: <{iri}> ." for name, iri in _PREFIXES.items()),
    ]
    for found in suggestions:
        lines += ["", *_thing(found, telling)]
    return tidied("suggestions.ttl", "\n".join(lines) + "\n")


def as_json(suggestions: Sequence[Suggestion], telling: Telling) -> str:
    """Return the suggestions as a list of objects."""
    classes, language = telling.classes, telling.language
    objects = [
        {
            "thing": found.thing.iri or None,
            "label": found.thing.label(language),
            "kind": str(found.thing.kind),
            "candidates": [_object(each, classes, language) for each in found.candidates],
        }
        for found in suggestions
    ]
    return json.dumps(objects, ensure_ascii=False, indent=2)


def as_text(suggestions: Sequence[Suggestion], telling: Telling) -> str:
    """Return the suggestions for people: a thing, and under it its candidates."""
    classes, language = telling.classes, telling.language
    return "\n\n".join(
        "\n".join(
            [
                _heading(found, language),
                *(line for each in found.candidates for line in _told(each, classes, language)),
                *([] if found.candidates else [f"  {say('links.nothing-for', language)}"]),
            ]
        )
        for found in suggestions
    )


def reasons(candidate: Candidate, language: str) -> list[str]:
    """Return why a candidate has its score, in words."""
    return [
        say(f"links.reason-{reason.key}", language, **dict(reason.facts))
        if reason.facts
        else say(f"links.reason-{reason.key}", language)
        for reason in candidate.reasons
    ]


def _object(each: Candidate, classes: Mapping[str, Item], language: str) -> dict[str, object]:
    return {
        "item": each.item.iri,
        "score": each.score,
        "mapping": each.mapping,
        "label": each.item.label(language),
        "description": _description(each.item, language) or None,
        "types": [
            {"iri": iri, "label": classes[iri].label(language) if iri in classes else None}
            for iri in each.item.types
        ],
        "reasons": [reason.key for reason in each.reasons],
        "why": reasons(each, language),
    }


def _heading(found: Suggestion, language: str) -> str:
    name = f" ({short(f'<{found.thing.iri}>').strip('<>')})" if found.thing.iri else ""
    return f"{found.thing.label(language)}{name}"


def _told(each: Candidate, classes: Mapping[str, Item], language: str) -> Iterator[str]:
    yield f"  {each.score:.2f}  {_name(each.item, classes, language)}"
    yield f"        {'; '.join(reasons(each, language))}"


def _name(item: Item, classes: Mapping[str, Item], language: str) -> str:
    """An item in a line: its name, what it is, and how it is described."""
    types = ", ".join(classes[iri].label(language) for iri in item.types if iri in classes)
    described = _description(item, language)
    parts = [f"wd:{item.number}  {item.label(language)}", f"[{types}]" if types else "", described]
    return " · ".join(filter(None, parts))


def _description(item: Item, language: str) -> str:
    return item.descriptions.get(language) or item.descriptions.get("en", "")


def _thing(found: Suggestion, telling: Telling) -> Iterator[str]:
    """A thing and its candidates, each with its reasons, as comments."""
    language = telling.language
    yield from _comment(_heading(found, language))
    if not found.candidates:
        yield from _comment(say("links.nothing-for", language))
    for each in found.candidates:
        yield "#"
        yield from _comment(f"{each.score:.2f}  {_name(each.item, telling.classes, language)}")
        for reason in reasons(each, language):
            yield from _comment(f"- {reason}")
        if found.thing.iri and each.score >= _LEAST_PROPOSED:
            subject, predicate = NamedNode(found.thing.iri), shorten(each.mapping)
            yield f"# {subject} {predicate} wd:{each.item.number} ."
            if each.item.iri not in telling.supported:
                yield f"# {_row(each.item, telling.origin)}"


def _row(item: Item, origin: Origin) -> str:
    """The row of evidence that the item needs before anything may be linked to it."""
    place = f"{origin.name}, asked on {origin.asked:%Y-%m-%d}"
    said = [
        f"evidence:{item.number.lower()} a lg:LinkEvidence",
        f"lg:evidenceFor wd:{item.number}",
        "lg:confidence lg:ConfidenceB",
        f"rdfs:label {Literal(item.label('en'), language='en')}",
        *(
            [f"schema:disambiguatingDescription {Literal(item.descriptions['en'], language='en')}"]
            if "en" in item.descriptions
            else []
        ),
        f"dcterms:description {Literal(place, language='en')} .",
    ]
    return " ; ".join(said)


def _comment(text: str) -> Iterator[str]:
    """A text of anybody's as lines of comment: no line end in it ends the comment."""
    line = ""
    for word in re.split(r"\s+", text.strip()):
        if line and len(line) + len(word) >= _WIDTH:
            yield f"# {line}"
            line = ""
        line = f"{line} {word}" if line else word
    yield f"# {line}"
