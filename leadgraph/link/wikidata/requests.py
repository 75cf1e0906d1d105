"""Items, names and languages -> the requests for what Wikidata says of them, in SPARQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from leadgraph.vocabulary import OWL, RDFS, SKOS, WD

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PROP = "http://www.wikidata.org/prop/"
WDT = f"{_PROP}direct/"
WIKIBASE = "http://wikiba.se/ontology#"
WIKIDATA_SCHEMA = "http://schema.org/"
"""Wikidata's own RDF has schema.org by http; ours is https://schema.org/."""
INSTANCE_OF = WDT + "P31"
LABEL, ALIAS = RDFS + "label", SKOS + "altLabel"
DESCRIPTION = WIKIDATA_SCHEMA + "description"
ABOUT = WIKIDATA_SCHEMA + "about"
SITELINKS = WIKIBASE + "sitelinks"
REDIRECT = OWL + "sameAs"
KNOWN = WIKIBASE + "Item"
"""As a fact: the source has a text in some language, a statement, or a page about it."""
MULTILINGUAL = "mul"
"""Wikidata's tag for what an item is called in all languages that say nothing else."""

_PROJECTS = ("https://commons.wikimedia.org/", "https://meta.wikimedia.org/")
TAG = re.compile(r"[a-z]{2,8}(-[a-z0-9]{1,8})*\Z")
_PROLOGUE = f"""PREFIX rdfs: <{RDFS}>
PREFIX skos: <{SKOS}>
PREFIX owl: <{OWL}>
PREFIX schema: <{WIKIDATA_SCHEMA}>
PREFIX wd: <{WD}>
PREFIX wdt: <{WDT}>
PREFIX wikibase: <{WIKIBASE}>
"""

DATE_QUERY = (
    f"PREFIX schema: <{WIKIDATA_SCHEMA}>\n"
    "SELECT ?date { <http://www.wikidata.org> schema:dateModified ?date }"
)
"""Wikidata's query service says of itself how far it has come; a mirror may not."""


def sites(languages: Iterable[str]) -> list[str]:
    """Return the wikis whose pages about an item are asked for."""
    tags = {tag for tag in languages if tag != MULTILINGUAL and TAG.match(tag)}
    return [*_PROJECTS, *(f"https://{tag}.wikipedia.org/" for tag in sorted(tags))]


def item_query(iris: Sequence[str], languages: Sequence[str]) -> str:
    """Return the request for all that is kept of some items.

    The items stand in each branch: engines that join late would look through all of Wikidata. A
    lexeme has its name in its own language alone, whichever that is.
    """
    items = _values("item", iris)
    tags = ", ".join(str(Literal(tag)) for tag in languages if TAG.match(tag))
    wikis = _values("wiki", sites(languages))
    return f"""{_PROLOGUE}SELECT ?item ?fact ?value {{
  {{ {items} VALUES ?fact {{ rdfs:label skos:altLabel schema:description }}
    ?item ?fact ?value FILTER(LANG(?value) IN ({tags}) || STRSTARTS(STR(?item), "{WD}L")) }}
  UNION {{ {items} VALUES ?fact {{ wdt:P31 owl:sameAs wikibase:sitelinks }} ?item ?fact ?value }}
  UNION {{ {items} {wikis} ?value schema:about ?item ; schema:isPartOf ?wiki
    BIND(schema:about AS ?fact) }}
  UNION {{ SELECT DISTINCT ?item ?fact ?value {{ {items} ?item ?said ?anything
    FILTER(?said IN (rdfs:label, skos:altLabel, schema:description)
      || STRSTARTS(STR(?said), "{_PROP}"))
    BIND(wikibase:Item AS ?fact) BIND(true AS ?value) }} }}
  UNION {{ SELECT DISTINCT ?item ?fact ?value {{ {items} ?page schema:about ?item ;
    schema:isPartOf ?wiki BIND(wikibase:Item AS ?fact) BIND(true AS ?value) }} }}
}}"""


def label_query(iris: Sequence[str], languages: Sequence[str]) -> str:
    """Return the request for the labels of some items alone."""
    tags = ", ".join(str(Literal(tag)) for tag in languages if TAG.match(tag))
    return f"""{_PROLOGUE}SELECT ?item ?fact ?value {{
  {_values("item", iris)} VALUES ?fact {{ rdfs:label }}
  ?item ?fact ?value FILTER(LANG(?value) IN ({tags}))
}}"""


def name_query(names: Sequence[tuple[str, str]]) -> str:
    """Return the request for the items that are called by one of these (text, language).

    Texts are compared as wholes: SPARQL has no search, and wikibase:mwapi, Wikidata's way around
    that, is a SERVICE in a SERVICE, which no source is sent from here.
    """
    texts = " ".join(str(Literal(text, language=tag)) for text, tag in names)
    return f"""{_PROLOGUE}SELECT DISTINCT ?item {{
  VALUES ?name {{ {texts} }} VALUES ?naming {{ rdfs:label skos:altLabel }}
  ?item ?naming ?name FILTER(STRSTARTS(STR(?item), "{WD}Q"))
}}"""


def names_query(languages: Sequence[str], most: int) -> str:
    """Return the request for every name of every item, and for one more than `most`."""
    tags = ", ".join(str(Literal(tag)) for tag in languages if TAG.match(tag))
    return f"""{_PROLOGUE}SELECT ?item ?name {{
  VALUES ?naming {{ rdfs:label skos:altLabel }}
  ?item ?naming ?name FILTER(LANG(?name) IN ({tags}) && STRSTARTS(STR(?item), "{WD}Q"))
}} LIMIT {most + 1}"""


def _values(variable: str, iris: Iterable[str]) -> str:
    return f"VALUES ?{variable} {{ {' '.join(str(NamedNode(iri)) for iri in iris)} }}"
