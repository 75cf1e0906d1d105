"""One of our things -> the items of Wikidata that it is linked to, as they were last fetched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from leadgraph.explore.labels import Node, Text, choose, look_up
from leadgraph.explore.sparql import Facts, put
from leadgraph.vocabulary import DCTERMS, OWL, PROV, SCHEMA, SKOS, WD, graph_iri

if TYPE_CHECKING:
    from leadgraph.explore.labels import Labels
    from leadgraph.query.client import Engine

_ITEMS = graph_iri("wikidata-items")
_MATCHES = [f"{SKOS}{kind}Match" for kind in ("exact", "close", "broad", "narrow", "related")]
_INSTANCE_OF = "http://www.wikidata.org/prop/direct/P31"
_ABOUT = SCHEMA + "about"
_FETCHED = """
CONSTRUCT { ?item ?property ?value . ?graph ?dated ?date } {
  {
    VALUES ?match { $matches }
    $thing ?match ?item
    FILTER(STRSTARTS(STR(?item), "http://www.wikidata.org/entity/"))
    { GRAPH $graph { ?item ?property ?value } }
    UNION { GRAPH $graph { ?value schema:about ?item } BIND(schema:about AS ?property) }
  }
  UNION
  {
    BIND($graph AS ?graph)
    VALUES ?dated { dcterms:valid prov:generatedAtTime prov:wasDerivedFrom }
    GRAPH $graph { $graph ?dated ?date }
  }
}"""


@dataclass(frozen=True, slots=True)
class LinkedItem:
    """An item: what it is called, described as, an instance of, merged into; pages about it.

    `is_gone` tells that Wikidata had it no more.
    """

    node: Node
    description: Text | None
    types: tuple[Node, ...]
    replaced_by: tuple[Node, ...]
    pages: tuple[Node, ...]
    is_gone: bool


@dataclass(frozen=True, slots=True)
class LinkedItems:
    """The items of a thing, and of which day what is known of them is; "" if nobody said.

    `sources` are whose data that are: of a copy its own, not Wikidata.
    """

    items: tuple[LinkedItem, ...]
    date: str
    sources: tuple[Node, ...]


def linked_items(engine: Engine, iri: str, language: str) -> LinkedItems:
    """Return the items that a thing is linked to and of which something was fetched."""
    facts = Facts(engine.graph(put(_FETCHED, thing=iri, graph=_ITEMS, matches=_MATCHES)))
    items = sorted(each for each in facts.subjects() if each.startswith(WD))
    others = {
        other
        for item in items
        for property_ in (_INSTANCE_OF, DCTERMS + "isReplacedBy")
        for other in facts.nodes(item, property_)
    }
    labels = look_up(engine, {*items, *others}, language)
    sources = [Node(iri, Text(iri)) for iri in sorted(facts.nodes(_ITEMS, PROV + "wasDerivedFrom"))]
    found = tuple(_item(facts, each, labels, language) for each in items)
    return LinkedItems(found, _date(facts), tuple(sources))


def _item(facts: Facts, iri: str, labels: Labels, language: str) -> LinkedItem:
    pages = [_page(page) for page in facts.nodes(iri, _ABOUT)]
    return LinkedItem(
        labels.node(iri),
        choose(facts.literals(iri, SCHEMA + "description"), language),
        labels.nodes(facts.nodes(iri, _INSTANCE_OF)),
        labels.nodes(facts.nodes(iri, DCTERMS + "isReplacedBy")),
        tuple(sorted(pages, key=lambda page: page.iri)),
        any(literal.value in {"true", "1"} for literal in facts.literals(iri, OWL + "deprecated")),
    )


def _page(iri: str) -> Node:
    """A page about an item: its title, in the language of the wiki where the address says that."""
    parts = urlsplit(iri)
    title = unquote(parts.path.rpartition("/wiki/")[2]).replace("_", " ") or iri
    tag, _, domain = (parts.hostname or "").partition(".")
    return Node(iri, Text(title, tag if domain == "wikipedia.org" else ""))


def _date(facts: Facts) -> str:
    """How old what was fetched is: the age of the source's data, else when it was asked."""
    for property_ in (DCTERMS + "valid", PROV + "generatedAtTime"):
        for literal in facts.literals(_ITEMS, property_):
            return literal.value.partition("T")[0]
    return ""
