"""Data files -> their links to Wikidata, why each is believed, and what was last fetched of it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from leadgraph.link.wikidata.items import Item, is_item, items_of, ordered
from leadgraph.link.wikidata.requests import (
    ABOUT,
    ALIAS,
    DESCRIPTION,
    INSTANCE_OF,
    KNOWN,
    LABEL,
    REDIRECT,
    SITELINKS,
)
from leadgraph.vocabulary import DCTERMS, LG, SCHEMA, SKOS, graph_iri

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import BlankNode

    from leadgraph.check.slice import FileGraph
    from leadgraph.link.wikidata.items import Fact

ITEMS = "wikidata-items"
"""The file and the graph that hold what was last fetched."""
MAPPINGS = tuple(f"{SKOS}{kind}Match" for kind in ("exact", "close", "broad", "narrow", "related"))
EVIDENCE_FOR = LG + "evidenceFor"
_NOTES = re.compile(r"other labels: (?P<labels>.*)", re.DOTALL)
_APART = re.compile(r"\s*[;|]\s*")
_WARNING = re.compile(r"TRAP|\bNOT\b|\bdo not use\b")
_FETCHED = {
    LABEL: LABEL,
    ALIAS: ALIAS,
    SCHEMA + "description": DESCRIPTION,
    INSTANCE_OF: INSTANCE_OF,
    SITELINKS: SITELINKS,
    DCTERMS + "isReplacedBy": REDIRECT,
}
"""How the file of items says what Wikidata says."""


_SITE = re.compile(r"https?://(?:[a-z]+\.)*wikidata\.org(?:[/:?#]|\Z)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """A statement of some file that leads from one of our things to an item.

    `occurrence` counts those of the file that say the same, from 0.
    """

    subject: NamedNode | BlankNode
    predicate: NamedNode
    item: str
    graph: NamedNode
    occurrence: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """A row of the table of evidence: the labels that the item was found under, A, B or C."""

    labels: tuple[str, ...] = ()
    confidence: str = ""
    description: str = ""
    note: str = ""

    @property
    def warning(self) -> str:
        """The note, if it says that the item means something else than it seems to."""
        return self.note if _WARNING.search(self.note) else ""


def links(files: Iterable[FileGraph]) -> list[Link]:
    """Return every link to Wikidata: a mapping, or another statement with an item as its object.

    Evidence for an item is none, nor what was fetched of it.
    """
    return [link for link in _statements(files) if is_item(link.item)]


def misnamed(files: Iterable[FileGraph]) -> list[Link]:
    """Return the mappings to an address of Wikidata that names no item: nobody can be asked."""
    return [
        link
        for link in _statements(files)
        if link.predicate.value in MAPPINGS and _SITE.match(link.item) and not is_item(link.item)
    ]


def _statements(files: Iterable[FileGraph]) -> Iterator[Link]:
    """The statements of our files about our things, whose object is an IRI."""
    for file in files:
        graph, seen = NamedNode(graph_iri(file.slug)), Counter[Triple]()
        for triple in file.triples if file.slug != ITEMS else ():
            subject, predicate, value = triple
            if isinstance(subject, Triple) or not isinstance(value, NamedNode):
                continue
            if predicate.value != EVIDENCE_FOR and not is_item(getattr(subject, "value", "")):
                yield Link(subject, predicate, value.value, graph, seen[triple])
                seen[triple] += 1


def evidence(files: Iterable[FileGraph]) -> dict[str, Evidence]:
    """Return the table of evidence by item."""
    rows: dict[str, list[Triple]] = {}
    items: dict[str, str] = {}
    for triple in (triple for file in files for triple in file.triples):
        rows.setdefault(str(triple.subject), []).append(triple)
        if triple.predicate.value == EVIDENCE_FOR and isinstance(triple.object, NamedNode):
            items[str(triple.subject)] = triple.object.value
    return {item: _row(rows[row]) for row, item in items.items()}


def _row(said: Iterable[Triple]) -> Evidence:
    texts = {name: _first(said, name) for name in (LABEL, _DESCRIPTION, _CONFIDENCE, _NOTE)}
    others = _NOTES.search(texts[_NOTE])
    written = [*_APART.split(texts[LABEL]), *(_APART.split(others["labels"]) if others else ())]
    grade = texts[_CONFIDENCE].removeprefix(LG + "Confidence")
    labels = tuple(dict.fromkeys(filter(None, written)))
    return Evidence(labels, grade, texts[_DESCRIPTION], texts[_NOTE])


_DESCRIPTION = SCHEMA + "disambiguatingDescription"
_CONFIDENCE = LG + "confidence"
_NOTE = SKOS + "note"


def _first(said: Iterable[Triple], predicate: str) -> str:
    values = (triple.object for triple in said if triple.predicate.value == predicate)
    return next((v.value for v in values if isinstance(v, NamedNode | Literal)), "")


def fetched(files: Iterable[FileGraph]) -> dict[str, Item]:
    """Return what the file of items holds, by item."""
    said = [fact for file in files if file.slug == ITEMS for fact in _said(file.triples)]
    return items_of(ordered({iri for iri, _, _ in said}), said)


def _said(triples: Iterable[Triple]) -> Iterator[Fact]:
    for subject, predicate, value in triples:
        if predicate.value == SCHEMA + "about" and isinstance(value, NamedNode):
            yield value.value, ABOUT, subject
        elif isinstance(subject, NamedNode) and is_item(subject.value):
            known = _FETCHED.get(predicate.value)
            if known is not None:
                yield subject.value, known, value
                yield subject.value, KNOWN, value
