"""The engine and its limits -> what the endpoint says of itself (SPARQL 1.1 Service Description).

Nothing is said here that a client could not try at once: the formats are those of the table of
formats, the counts are the engine's own, the limits are the settings.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple

from leadgraph.explore.limits import OF_QUERIES, OF_SERVICES
from leadgraph.explore.sparql import key, whole
from leadgraph.formats import GRAPHS, RESULTS
from leadgraph.publish.statements import about, node, number, text
from leadgraph.vocabulary import DATASET, RELEASE
from leadgraph.words import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leadgraph.explore.limits import Limit
    from leadgraph.model import Release
    from leadgraph.query.client import Engine
    from leadgraph.settings import Settings

_FORMATS = "http://www.w3.org/ns/formats/"
_SIMPLE_ENTAILMENT = "http://www.w3.org/ns/entailment/Simple"
_PROTOCOL = "http://www.w3.org/TR/sparql11-protocol/"
_UNITS = {"seconds": "SEC", "bytes": "AD", "": "C62"}
"""The codes of UN/CEFACT Recommendation 20, which schema.org asks for."""

_ALL = "SELECT (COUNT(*) AS ?count) { ?s ?p ?o }"
_EACH = "SELECT ?graph (COUNT(*) AS ?count) { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph"
_TRUE_FOR_SECONDS = 60


@dataclass(frozen=True, slots=True)
class _Sizes:
    """How many statements the default graph has, and each graph that has an IRI for a name."""

    default: int
    named: tuple[tuple[str, int], ...]


def description(
    engine: Engine,
    settings: Settings,
    release: Release | None,
    endpoint: str,
    sources: Sequence[str],
) -> list[Triple]:
    """Return what is true of the endpoint at an address, where all that it names has its IRIs.

    That is the address that was asked, not the canonical one of the dataset: there may be many
    replicas of a release, and the limits are those of this server. Of the terms that could stand
    here these are left out, for they are not so: `sd:UnionDefaultGraph` (the shapes are in their
    named graph alone, and plain files are served as they are), `sd:DereferencesURIs`,
    `sd:EmptyGraphs`. SPARQL 1.2 has terms in a draft alone. `sources` are the endpoints that
    SERVICE may name; no vocabulary has a word for them, and to describe them as services would
    name other endpoints than the one that was asked: this one is in relation with them.

    Raises:
        ValueError: if the address is no absolute IRI.
        QueryError: if the engine cannot count what it holds.
    """
    sizes = _sizes(engine, int(time.monotonic() // _TRUE_FOR_SECONDS))
    return [
        *_service(endpoint, release),
        *_sources(endpoint, sources),
        *_dataset(endpoint, sizes, release),
        *(
            triple
            for limit in (*OF_QUERIES, *OF_SERVICES)
            for triple in _limit(endpoint, limit, settings)
        ),
    ]


@lru_cache(maxsize=4)
def _sizes(engine: Engine, _period: int) -> _Sizes:
    """Count the statements; again after a while, for an endpoint elsewhere may change."""
    (default,) = engine.rows(_ALL)
    named = {
        key(row["graph"]): whole(row["count"])
        for row in engine.rows(_EACH)
        if isinstance(row.get("graph"), NamedNode)
    }
    return _Sizes(whole(default["count"]), tuple(sorted(named.items())))


def _service(endpoint: str, release: Release | None) -> Iterator[Triple]:
    """What the service can do."""
    service = f"{endpoint}#service"
    yield from about(
        service,
        ("rdf:type", node("sd:Service")),
        ("sd:endpoint", NamedNode(endpoint)),
        ("sd:supportedLanguage", node("sd:SPARQL11Query")),
        ("sd:defaultEntailmentRegime", NamedNode(_SIMPLE_ENTAILMENT)),
        ("sd:defaultDataset", NamedNode(f"{endpoint}#dataset")),
        ("dcterms:conformsTo", NamedNode(_PROTOCOL)),
        *(("rdfs:label", text(say("pages.sparql-title", tag), tag)) for tag in LANGUAGES),
        *(("sd:resultFormat", NamedNode(_format(row.engine.iri))) for row in (*RESULTS, *GRAPHS)),
    )
    if release is not None:
        yield from about(
            service,
            ("rdf:type", node("dcat:DataService")),
            ("dcat:endpointURL", NamedNode(endpoint)),
            ("dcat:endpointDescription", NamedNode(endpoint)),
            ("dcat:servesDataset", NamedNode(DATASET)),
        )


def _sources(endpoint: str, sources: Sequence[str]) -> Iterator[Triple]:
    """What other endpoints it asks for parts of a query (SPARQL 1.1 Federated Query)."""
    service = f"{endpoint}#service"
    if sources:
        yield from about(service, ("sd:feature", node("sd:BasicFederatedQuery")))
    yield from about(service, *(("dcterms:relation", NamedNode(source)) for source in sources))


def _format(iri: str) -> str:
    """Return the W3C's name of a format; pyoxigraph has the address of a page for JSON-LD."""
    return _FORMATS + iri.rpartition("/")[2]


def _dataset(endpoint: str, sizes: _Sizes, release: Release | None) -> Iterator[Triple]:
    """The graphs that a query without FROM is asked of, with their sizes.

    A graph has a node of its own here: its name may be that of anything, a person for instance.
    """
    dataset, default = f"{endpoint}#dataset", f"{endpoint}#default-graph"
    yield from about(
        dataset, ("rdf:type", node("sd:Dataset")), ("sd:defaultGraph", NamedNode(default))
    )
    if release is not None:
        yield from about(dataset, ("dcterms:source", NamedNode(RELEASE + release.version)))
    yield from _graph(default, sizes.default)
    for name, size in sizes.named:
        named = f"{endpoint}#named-graph-{quote(name, safe=':/')}"
        graph = f"{endpoint}#graph-{quote(name, safe=':/')}"
        yield from about(dataset, ("sd:namedGraph", NamedNode(named)))
        yield from about(
            named,
            ("rdf:type", node("sd:NamedGraph")),
            ("sd:name", NamedNode(name)),
            ("sd:graph", NamedNode(graph)),
        )
        yield from _graph(graph, size)


def _graph(iri: str, size: int) -> Iterator[Triple]:
    return about(
        iri,
        ("rdf:type", node("sd:Graph")),
        ("rdf:type", node("void:Dataset")),
        ("void:triples", number(size)),
    )


def _limit(endpoint: str, limit: Limit, settings: Settings) -> Iterator[Triple]:
    """One limit as a named value with its unit, which every reader of schema.org knows."""
    iri, value = f"{endpoint}#limit-{limit.setting}", limit.of(settings)
    kind = "xsd:integer" if isinstance(value, int) else "xsd:decimal"
    digits = f"{value:f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    page = NamedNode(f"{endpoint.rpartition('/')[0]}/limits#{limit.setting}")
    yield from about(f"{endpoint}#service", ("schema:additionalProperty", NamedNode(iri)))
    yield from about(
        iri,
        ("rdf:type", node("schema:PropertyValue")),
        ("schema:propertyID", text(limit.setting)),
        ("schema:value", Literal(digits, datatype=node(kind))),
        ("schema:unitCode", text(_UNITS[limit.unit])),
        ("rdfs:seeAlso", page),
        *(("schema:name", text(say(f"limits.{limit.setting}", tag), tag)) for tag in LANGUAGES),
    )
