"""What names a thing without words (an IRI, a Wikidata id, `role/mentor`) -> the things it means.

An identifier is relative to its space: `role/mentor` to that of things, `requiresSkill` to that
of classes and properties. What lies outside a space is named by its whole IRI.
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadgraph.explore.search import solutions
from leadgraph.explore.sparql import key, put
from leadgraph.vocabulary import (
    DCTERMS,
    FOAF,
    ID,
    OWL,
    PREFIXES,
    SCHEMA,
    SKOS,
    WD,
    split,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from leadgraph.query.client import Engine

SURE = 90.0
"""The score from which a link leaves no doubt, if it leads to one thing alone."""
_LINKS = {
    SKOS + "exactMatch": 100.0,
    OWL + "sameAs": 100.0,
    SCHEMA + "url": 95.0,
    FOAF + "homepage": 95.0,
    SCHEMA + "sameAs": 95.0,
    FOAF + "page": 90.0,
    SKOS + "closeMatch": 80.0,
    SKOS + "narrowMatch": 60.0,
    SKOS + "broadMatch": 60.0,
    SKOS + "relatedMatch": 50.0,
}
"""What a link to somebody else's thing, or to a page, says of which thing is meant."""
_SUCCESSOR = 95.0
_LINKED = """
SELECT ?thing ?property ?iri {
  VALUES ?property { $properties }
  ?thing ?property ?iri FILTER(isIRI(?thing) && isIRI(?iri))
}"""
_REPLACED = """
SELECT ?thing ?iri { ?iri $property ?thing FILTER(isIRI(?thing) && isIRI(?iri)) }"""
_WIKIDATA = re.compile(
    r"(?:wd:|https?://(?:www\.|m\.)?wikidata\.org/(?:entity/|wiki/)(?:Special:EntityPage/)?)?"
    r"([QP][1-9][0-9]{0,11})\Z"
)


def shorten(iri: str, space: str = ID) -> str:
    """Return the identifier of a thing, or with `space` LG of a class or property."""
    local = iri.removeprefix(space)
    return local if local and local != iri and "://" not in local else iri


def lengthen(identifier: str, space: str = ID) -> str:
    """Return the IRI that an identifier, a prefixed name or an IRI itself stands for.

    It may be no IRI at all if the identifier is none.
    """
    if "://" in identifier or identifier.startswith("urn:"):
        return identifier
    prefix, colon, local = identifier.partition(":")
    if colon and prefix in PREFIXES:
        return PREFIXES[prefix] + local
    return space + identifier


@dataclass(frozen=True, slots=True)
class Meant:
    """A thing that an identifier means, and from 0 to 100 how surely."""

    iri: str
    score: float


class Identifiers:
    """What the engine's things are called outside; safe between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._linked: dict[str, dict[str, float]] | None = None

    def meant(self, text: str, things: Collection[str], here: str = "") -> list[Meant]:
        """Return what an identifier means among the things that there are, the surest first.

        `here` is this server's own address, under which it answers for our IRIs.
        """
        iri = iri_of(text.strip(), here)
        if not iri:
            return []
        found = {each: 100.0 for each in (iri, text.strip()) if each in things}
        for thing, score in self._links().get(iri, {}).items():
            if thing in things:
                found[thing] = max(score, found.get(thing, 0))
        meant = (Meant(thing, score) for thing, score in found.items())
        return sorted(meant, key=lambda each: (-each.score, each.iri))

    def _links(self) -> dict[str, dict[str, float]]:
        """Return the things that link to an IRI, or that replace it; read once."""
        with self._lock:
            if self._linked is None:
                linked: dict[str, dict[str, float]] = defaultdict(dict)
                for row in solutions(self._engine, put(_LINKED, properties=tuple(_LINKS))):
                    thing, score = key(row["thing"]), _LINKS[key(row["property"])]
                    links = linked[_plain(key(row["iri"]))]
                    links[thing] = max(score, links.get(thing, 0))
                replaced = put(_REPLACED, property=DCTERMS + "isReplacedBy")
                for row in solutions(self._engine, replaced):
                    linked[key(row["iri"])].setdefault(key(row["thing"]), _SUCCESSOR)
                self._linked = dict(linked)
            return self._linked


def iri_of(text: str, here: str = "") -> str:
    """Return the IRI that a text stands for, as links are known by; "" if it is a name."""
    item = _WIKIDATA.match(text)
    if item:
        return WD + item[1]
    own = re.sub(r"\A(?:id|doc)/", "", text.removeprefix(here)) if here else text
    if here and own != text and split(ID + own):
        return ID + own
    if re.match(r"https?://|urn:", text):
        is_ours = re.sub(r"\Ahttps?:", "https:", text)
        return is_ours if split(is_ours) else _plain(text)
    thing = lengthen(text)
    return thing if split(thing) else ""


def _plain(iri: str) -> str:
    """Return the address of a page as most people write it: without the slash at its end."""
    return iri.rstrip("/") if iri.startswith("http") else iri
