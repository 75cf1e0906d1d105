"""Items as Wikidata has them -> the file of items: tidy Turtle that says where it is from."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pyoxigraph import Literal, NamedNode

from leadgraph.link.wikidata.linked import ITEMS
from leadgraph.link.wikidata.requests import WDT, WIKIBASE
from leadgraph.read.layout.tidy import tidied
from leadgraph.vocabulary import (
    DATASET,
    DCTERMS,
    LG,
    PROV,
    RDFS,
    SCHEMA,
    SKOS,
    VOID,
    WD,
    XSD,
    graph_iri,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from leadgraph.link.wikidata.items import Item

_WIDTH = 84
PATH = f"{ITEMS}.ttl"
_CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
_WIKIDATA = "https://www.wikidata.org/"
_PREFIXES = {
    "dcterms": DCTERMS,
    "lg": LG,
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": PROV,
    "rdfs": RDFS,
    "schema": SCHEMA,
    "skos": SKOS,
    "void": VOID,
    "wd": WD,
    "wdt": WDT,
    "wikibase": WIKIBASE,
    "xsd": XSD,
}
_GENERATED = re.compile(r"(?:prov:generatedAtTime|dcterms:valid)\s+\"[^\"]*\"\^\^\S+\s*[;.]")
_DATES = ((r"\d{4}", "gYear"), (r"\d{4}-\d\d", "gYearMonth"), (r"\d{4}-\d\d-\d\d", "date"))
_NOWHERE = '"Wikidata merged it into an item that is not there any more."@en'
_GONE = '"Wikidata has no such item any more: it was deleted."@en'


@dataclass(frozen=True, slots=True)
class Origin:
    """Whom the items come from: the source as it is listed, and when it was asked.

    `address` is where it was asked, which may be a mirror or an excerpt that stands in for it.
    `dated` is how old its data are (a year, a month, a day or a moment; "" if nobody knows),
    `places` are where they come from if not from Wikidata at once. `is_excerpt` tells that it
    holds a part of Wikidata only. `author` is who answers for the file, "" if nobody is known.
    """

    source: str
    address: str
    asked: datetime
    dated: str = ""
    places: tuple[str, ...] = ()
    is_excerpt: bool = False
    author: str = ""

    @property
    def name(self) -> str:
        """The source, and where it was asked if that is elsewhere."""
        return self.source if self.is_itself else f"{self.source} (at {self.address})"

    @property
    def is_itself(self) -> bool:
        """Whether the source itself was asked."""
        return self.address == self.source

    @property
    def derived_from(self) -> tuple[str, ...]:
        """Whose data they are: never a source's that was not asked."""
        return (self.source,) if self.is_itself else self.places or (self.address,)


def written(
    items: Sequence[Item], targets: Mapping[str, Item], classes: Mapping[str, Item], origin: Origin
) -> str:
    """Return the file of items; `targets` took the place of items, `classes` name their types.

    Of an excerpt only what it has is written: what it lacks Wikidata may well have.
    """
    told = [item for item in items if not (origin.is_excerpt and _is_missing(item, targets))]
    others = {**classes, **{target.iri: target for target in targets.values()}}
    named = [other for iri, other in others.items() if iri not in {item.iri for item in told}]
    blocks = [
        _comment(origin),
        "\n".join(f"@prefix {name}: <{iri}> ." for name, iri in _PREFIXES.items()),
        _header(origin),
        *(_block(f"wd:{item.number}", _said(item, targets)) for item in told),
        *(_block(f"wd:{item.number}", _labels(item)) for item in named if item.labels),
        *(_page(page, item) for item in told for page in item.sitelinks),
    ]
    return tidied(PATH, "\n\n".join(filter(None, blocks)) + "\n")


def is_same(before: str, after: str) -> bool:
    """Tell whether two files of items differ in nothing but the dates."""
    return _GENERATED.sub("", before) == _GENERATED.sub("", after)


def date_literal(dated: str) -> str:
    """Return a date in Turtle, with the type that fits it.

    Raises:
        ValueError: if it is no date.
    """
    for pattern, kind in _DATES:
        if re.fullmatch(pattern, dated, re.ASCII):
            return f'"{dated}"^^xsd:{kind}'
    if re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)", dated, re.ASCII):
        return f'"{dated}"^^xsd:dateTime'
    raise ValueError(dated)


def _comment(origin: Origin) -> str:
    """What the file is, and how far it can be trusted."""
    said = [
        "What Wikidata says of the items that are linked to: labels, other names, descriptions, "
        "types (P31) and the pages about them, so that pages and queries have words for them "
        "without asking Wikidata. Written by `leadgraph links sync`, which replaces it; what is "
        "changed by hand is lost."
    ]
    if not origin.is_itself:
        dated = f" of {origin.dated}" if origin.dated else ""
        said.append(
            f"Not Wikidata itself was asked, but a copy{dated} that stood in for it: see "
            "prov:wasDerivedFrom. The items may have changed since."
        )
    said.append(
        "The copy is an excerpt: items that it does not have are missing here, which does not mean "
        "that Wikidata lacks them."
        if origin.is_excerpt
        else "Items that were merged say into which (dcterms:isReplacedBy), and those that were "
        "deleted are deprecated."
    )
    lines = (textwrap.wrap(each, _WIDTH, break_on_hyphens=False) for each in said)
    return "\n#\n".join("\n".join(f"# {line}" for line in each) for each in lines)


def _header(origin: Origin) -> str:
    moment = origin.asked.strftime("%Y-%m-%dT%H:%M:%SZ")
    sources = ", ".join(str(NamedNode(iri)) for iri in (_WIKIDATA, *origin.places))
    about = "Labels, other names, descriptions, types and pages of the items that are linked to."
    said = [
        "a void:Dataset",
        'dcterms:title "Linked items of Wikidata"@en',
        f'dcterms:description "{about}"@en',
        f"dcterms:license <{_CC0}>",
        f"dcterms:source {sources}",
        f"prov:wasDerivedFrom {', '.join(str(NamedNode(iri)) for iri in origin.derived_from)}",
        f'prov:generatedAtTime "{moment}"^^xsd:dateTime',
        f"dcterms:valid {date_literal(origin.dated)}" if origin.dated else "",
        f"prov:wasAttributedTo {NamedNode(origin.author)}" if origin.author else "",
        "lg:basis lg:Sourced",
        f"dcterms:isPartOf <{DATASET}>",
    ]
    return _block(f"<{graph_iri(ITEMS)}>", filter(None, said))


def _is_missing(item: Item, targets: Mapping[str, Item]) -> bool:
    return item.is_gone or bool(item.redirect and item.iri not in targets)


def _said(item: Item, targets: Mapping[str, Item]) -> Iterator[str]:
    """What is said of an item; of one that was merged in several steps, into which in the end."""
    if item.iri in targets:
        yield f"dcterms:isReplacedBy {_name(targets[item.iri].iri)}"
    elif _is_missing(item, targets):
        yield f"owl:deprecated true ; skos:note {_NOWHERE if item.redirect else _GONE}"
    yield from _labels(item)
    yield from _texts("skos:altLabel", item.aliases)
    yield from _texts("schema:description", item.descriptions.items())
    if item.types:
        yield f"wdt:P31 {', '.join(map(_name, item.types))}"
    if item.sitelink_count is not None:
        yield f"wikibase:sitelinks {item.sitelink_count}"


def _labels(item: Item) -> Iterator[str]:
    return _texts("rdfs:label", item.labels.items())


def _texts(predicate: str, texts: Iterable[tuple[str, str]]) -> Iterator[str]:
    literals = [str(Literal(text, language=tag)) for tag, text in texts]
    if literals:
        yield f"{predicate} {', '.join(literals)}"


def _page(page: str, item: Item) -> str:
    """A page about an item; a Wikipedia says by its address in which language it is."""
    said = [f"schema:about wd:{item.number}"]
    host = urlsplit(page).hostname or ""
    if host.endswith(".wikipedia.org"):
        said.append(f"schema:inLanguage {Literal(host.partition('.')[0])}")
    return _block(str(NamedNode(page)), said)


def _block(subject: str, said: Iterable[str]) -> str:
    statements = " ;\n    ".join(said)
    return f"{subject} {statements} ." if statements else ""


def _name(iri: str) -> str:
    return f"wd:{iri.removeprefix(WD)}"
