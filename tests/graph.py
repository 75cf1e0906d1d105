"""The graph as the engine sees it: every file of data/ and ontology/ in one default graph."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pyoxigraph import Quad, QuerySolutions, Store, parse

ROOT = Path(__file__).parents[1]
SHARED = ROOT / "../shared"

PREFIXES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "skosxl": "http://www.w3.org/2008/05/skos-xl#",
    "prov": "http://www.w3.org/ns/prov#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "schema": "https://schema.org/",
    "org": "http://www.w3.org/ns/org#",
    "void": "http://rdfs.org/ns/void#",
    "wd": "http://www.wikidata.org/entity/",
    "lg": "https://w3id.org/leadgraph/ns#",
}
OURS = "https://w3id.org/leadgraph/id/"
TYPES = ["concept", "consultation", "definition", "finding", "name", "scheme", "skill"]
PREFIXES |= {name: f"{OURS}{name}/" for name in TYPES}
PROLOGUE = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())


@cache
def merged_store() -> Store:
    """Load data/*.ttl and ontology/*.ttl, each statement once; for reading only."""
    store = Store()
    for path in sorted([*ROOT.glob("data/*.ttl"), *ROOT.glob("ontology/*.ttl")]):
        store.extend(Quad(*quad.triple) for quad in parse(path=path))
    return store


def rows(query: str) -> list[list[str | None]]:
    """Answer a SELECT over the merged graph: the lexical form of each value, None where unbound."""
    solutions = merged_store().query(PROLOGUE + query)
    assert isinstance(solutions, QuerySolutions)
    return [[value and value.value for value in solution] for solution in solutions]
