"""What a release says of the dataset -> schema.org `Dataset` as JSON-LD, for search engines."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from leadgraph.explore.labels import choose, look_up
from leadgraph.explore.sparql import key, put
from leadgraph.vocabulary import DATASET, DCAT, DCTERMS, FOAF

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leadgraph.query.client import Engine, Term

Json = dict[str, "str | list[str] | Json | list[Json]"]

_FACTS = f"""
SELECT ?property ?value {{
  VALUES ?property {{ dcterms:title dcterms:description dcterms:license dcterms:creator
    dcterms:publisher dcterms:issued dcat:version dcat:keyword foaf:homepage }}
  <{DATASET}> ?property ?value
}}"""
_DOWNLOADS = f"""
SELECT ?url ?title ?type {{
  <{DATASET}> dcat:distribution [ dcat:downloadURL ?url ; dcterms:title ?title ;
    dcat:mediaType ?type ]
}}
ORDER BY ?url"""
_KINDS = """
SELECT ?agent ?kind {
  VALUES ?agent { $agents }
  VALUES (?class ?kind) { (org:Organization "Organization") (foaf:Person "Person") }
  ?agent a ?class
}"""


def schema_org(engine: Engine, language: str) -> Json:
    """Return the dataset as schema.org has it; what is not stated is left out."""
    facts: dict[str, list[Term]] = defaultdict(list)
    for row in engine.rows(put(_FACTS)):
        facts[key(row["property"])].append(row["value"])
    titles = [term for term in facts[DCTERMS + "title"] if isinstance(term, Literal)]
    said: Json = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": DATASET,
        "name": _best(titles, language),
        "description": _best(facts[DCTERMS + "description"], language),
        "url": "".join(_iris(facts[FOAF + "homepage"])),
        "license": _iris(facts[DCTERMS + "license"]),
        "version": _best(facts[DCAT + "version"], language),
        "dateModified": _best(facts[DCTERMS + "issued"], language),
        "inLanguage": sorted({title.language for title in titles if title.language}),
        "keywords": _in(facts[DCAT + "keyword"], language),
        "creator": _agents(engine, _iris(facts[DCTERMS + "creator"]), language),
        "publisher": _agents(engine, _iris(facts[DCTERMS + "publisher"]), language),
        "distribution": [_download(row) for row in engine.rows(put(_DOWNLOADS))],
    }
    return {name: value for name, value in said.items() if value}


def _iris(terms: Iterable[Term]) -> list[str]:
    return sorted({term.value for term in terms if isinstance(term, NamedNode)})


def _best(terms: Iterable[Term], language: str) -> str:
    """Return the text that a reader of a language is best served with, "" if there is none."""
    found = choose([term for term in terms if isinstance(term, Literal)], language)
    return found.value if found else ""


def _in(terms: Iterable[Term], language: str) -> list[str]:
    """Return all texts in a language; those in English, or in none, if it has none."""
    by_language: dict[str, list[str]] = defaultdict(list)
    for term in terms:
        if isinstance(term, Literal):
            by_language[term.language or ""].append(term.value)
    return sorted(by_language[language] or by_language["en"] or by_language[""])


def _agents(engine: Engine, iris: list[str], language: str) -> list[Json]:
    """Return who made something, by name; of no kind where the graph says none."""
    kinds: dict[str, Json] = {
        key(row["agent"]): {"@type": row["kind"].value}
        for row in engine.rows(put(_KINDS, agents=iris))
        if isinstance(row["kind"], Literal)
    }
    nodes = look_up(engine, iris, language).nodes(iris)
    return [kinds.get(node.iri, {}) | {"@id": node.iri, "name": node.label.value} for node in nodes]


def _download(row: dict[str, Term]) -> Json:
    """One file; its format is a media type, as schema.org has it."""
    media_type = key(row["type"]).split("/")[-2:]
    return {
        "@type": "DataDownload",
        "name": _best([row["title"]], ""),
        "contentUrl": key(row["url"]),
        "encodingFormat": "/".join(media_type),
    }
