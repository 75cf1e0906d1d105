"""Namespaces and terms; minting and splitting our IRIs. The only place that spells an IRI."""

from __future__ import annotations

import os
import re

LEADGRAPH = "https://w3id.org/leadgraph/"
LG = LEADGRAPH + "ns#"
SHAPES = LEADGRAPH + "shapes#"

BASE = os.environ.get("LEADGRAPH_BASE_IRI", LEADGRAPH)
"""Base of all that is published; another community sets LEADGRAPH_BASE_IRI to its own."""
ID = BASE + "id/"
GRAPH = BASE + "graph/"
RELEASE = BASE + "release/"
DATASET = BASE + "dataset"
LINKSET = BASE + "linkset/"
SPARQL = BASE + "sparql"
DOWNLOADS = BASE + "releases/"
QUERY = BASE + "query/"
LEDGERS = BASE + "ledger/"
EXAMPLES = BASE + ".well-known/sparql-examples"
ONTOLOGY_GRAPH = GRAPH + "ontology"
INFERRED_GRAPH = GRAPH + "inferred"
SHAPES_GRAPH = GRAPH + "shapes"
CODES = LEADGRAPH + "codes/"
"""Where the codes of problems are explained, a page each."""
REPORT_SCHEMA = LEADGRAPH + "schemas/report.json"
"""The JSON Schema of reports: one for all, whatever the base is."""
LEDGER_SCHEMA = LEADGRAPH + "schemas/ledger.json"
"""The JSON Schema of the accounts of federated answers."""
PROJECT = LEADGRAPH + "id/org/leadgraph"
"""Who answers for the rules that infer, whatever the base is."""

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SH = "http://www.w3.org/ns/shacl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
SKOSXL = "http://www.w3.org/2008/05/skos-xl#"
PROV = "http://www.w3.org/ns/prov#"
DCTERMS = "http://purl.org/dc/terms/"
FOAF = "http://xmlns.com/foaf/0.1/"
SCHEMA = "https://schema.org/"
ORG = "http://www.w3.org/ns/org#"
DCAT = "http://www.w3.org/ns/dcat#"
VOID = "http://rdfs.org/ns/void#"
VANN = "http://purl.org/vocab/vann/"
SD = "http://www.w3.org/ns/sparql-service-description#"
SPEX = "https://purl.expasy.org/sparql-examples/ontology#"
ESCO = "http://data.europa.eu/esco/"
WD = "http://www.wikidata.org/entity/"

PREFIXES: dict[str, str] = {
    "lg": LG,
    "lgid": ID,
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": OWL,
    "xsd": XSD,
    "skos": SKOS,
    "skosxl": SKOSXL,
    "prov": PROV,
    "dcterms": DCTERMS,
    "foaf": FOAF,
    "schema": SCHEMA,
    "org": ORG,
    "dcat": DCAT,
    "void": VOID,
    "vann": VANN,
    "sd": SD,
    "sh": SH,
    "spex": SPEX,
    "wd": WD,
}
"""The prefixes that pages, examples and Turtle answers use."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")


def mint(kind: str, slug: str) -> str:
    """Return the IRI of a thing: `mint("role", "coordinator")`.

    Raises:
        ValueError: if kind or slug is not kebab-case ASCII.
    """
    if not (_SLUG.match(kind) and _SLUG.match(slug)):
        raise ValueError(f"{kind}/{slug} is not kebab-case: use a-z, 0-9 and single hyphens")
    return f"{ID}{kind}/{slug}"


def split(iri: str) -> tuple[str, str] | None:
    """Return (kind, slug) of one of our things, None for any other IRI; the inverse of `mint`."""
    kind, _, slug = iri.removeprefix(ID).partition("/")
    if iri.startswith(ID) and _SLUG.match(kind) and _SLUG.match(slug):
        return kind, slug
    return None


def graph_iri(slug: str) -> str:
    """Return the IRI of the named graph of one source file."""
    return GRAPH + slug


def query_iri(slug: str) -> str:
    """Return the IRI of an example query.

    Raises:
        ValueError: if the slug is not kebab-case ASCII.
    """
    if not _SLUG.match(slug):
        raise ValueError(f"{slug} is not kebab-case: use a-z, 0-9 and single hyphens")
    return QUERY + slug


def shorten(iri: str) -> str:
    """Return the IRI as a prefixed name where one of our prefixes fits, else as `<iri>`."""
    for prefix, namespace in PREFIXES.items():
        local = iri.removeprefix(namespace)
        if local != iri and re.fullmatch(r"[A-Za-z0-9_-]+", local):
            return f"{prefix}:{local}"
    return f"<{iri}>"
