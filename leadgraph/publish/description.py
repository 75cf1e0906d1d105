"""A dataset -> statements about it: parts and licences, counts, links, downloads.

VoID for the parts and the counts, DCAT for the downloads and the endpoint, PROV for where it
comes from. All of it is IRIs, no blank nodes, so that everything can be asked for and cited.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from leadgraph import formats
from leadgraph.publish.census import census, counts
from leadgraph.publish.infer import RULES
from leadgraph.publish.statements import Term, about, node, number, text
from leadgraph.vocabulary import (
    BASE,
    DATASET,
    DCTERMS,
    GRAPH,
    ID,
    INFERRED_GRAPH,
    LINKSET,
    RELEASE,
    SHAPES_GRAPH,
    SKOS,
    WD,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from datetime import date

    from leadgraph.publish.dataset import Graph, NamedGraphs
    from leadgraph.publish.releases import File

DUMPS = {
    "leadgraph.nq": "The whole dataset with its named graphs, as N-Quads",
    "leadgraph.ttl": "Every statement once, as Turtle",
}
"""File name and title of what a release offers for download."""

SPARQL = f"{BASE}sparql"
DOWNLOADS = f"{BASE}releases/"
WIKIDATA = f"{DATASET}#wikidata"

_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_SPARQL_PROTOCOL = "http://www.w3.org/TR/sparql11-protocol/"
_HEADINGS = frozenset(f"{DCTERMS}{name}" for name in ("title", "description", "license", "source"))
_LICENCE = f"{DCTERMS}license"
_MAPPINGS = {
    f"{SKOS}{kind}": f"{LINKSET}#{kind}"
    for kind in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
}
_RIGHTS = "Each source graph has its own licence: the dcterms:license of the void:subset."
_ROUNDS = 5

Subject = NamedNode | BlankNode | Triple


def describe(dataset: NamedGraphs, version: str, issued: date) -> Graph:
    """Return the description of a dataset, which counts its own statements too.

    What it adds changes what it counts, so the counts are made again until they hold: the second
    round knows the classes and properties of the first, the third those of its partitions; from
    then on only numbers change, and not how many statements there are.
    """
    stated = dataset.default
    said = fixed = frozenset(
        (*_dataset(dataset, version, issued), *_endpoint(), *_parts(dataset), *_linkset(stated))
    )
    counted = census(stated)
    for _ in range(_ROUNDS):
        said = fixed.union(counts(counted.plus(census(said - stated))))
    return said


def describe_files(version: str, files: Iterable[File]) -> Graph:
    """Return length and checksum of the dumps, which no dump can state of itself."""
    return frozenset(
        triple for file in files if file.name in DUMPS for triple in _file(version, file)
    )


def _dataset(dataset: NamedGraphs, version: str, issued: date) -> Iterator[Triple]:
    """The dataset and its newest version: licence, date, sources, downloads."""
    day = Literal(issued.isoformat(), datatype=node("xsd:date"))
    dated: tuple[tuple[str, Term], ...] = (
        ("rdf:type", node("dcat:Dataset")),
        ("dcat:version", text(version)),
        ("dcterms:issued", day),
        *(("dcat:distribution", _download(version, name)) for name in DUMPS),
    )
    yield from about(f"{RELEASE}{version}", ("dcat:isVersionOf", NamedNode(DATASET)), *dated)
    yield from _headings(DATASET, dataset.default, {NamedNode(DATASET)}) or about(
        DATASET, ("dcterms:title", text(f"The graph of {BASE}", "en"))
    )
    yield from about(
        DATASET,
        *dated,
        ("rdf:type", node("void:Dataset")),
        ("owl:versionInfo", text(version)),
        ("dcat:hasCurrentVersion", NamedNode(f"{RELEASE}{version}")),
        ("dcterms:rights", text(_RIGHTS, "en")),
        ("foaf:homepage", NamedNode(BASE)),
        ("void:uriSpace", text(ID)),
        ("void:sparqlEndpoint", NamedNode(SPARQL)),
        *(("void:dataDump", _download(version, name)) for name in DUMPS),
        *(("prov:wasDerivedFrom", NamedNode(iri)) for iri in dataset.graphs if _is_source(iri)),
    )
    for name, title in DUMPS.items():
        yield from _distribution(_download(version, name), name, title)


def _endpoint() -> Iterator[Triple]:
    """Where the dataset can be asked."""
    return about(
        SPARQL,
        ("rdf:type", node("dcat:DataService")),
        ("dcterms:title", text("SPARQL endpoint", "en")),
        ("dcterms:conformsTo", NamedNode(_SPARQL_PROTOCOL)),
        ("dcat:endpointURL", NamedNode(SPARQL)),
        ("dcat:servesDataset", NamedNode(DATASET)),
    )


def _download(version: str, name: str) -> NamedNode:
    return NamedNode(f"{DOWNLOADS}{version}/{name}")


def _distribution(url: NamedNode, name: str, title: str) -> Iterator[Triple]:
    """One download: what it is and in which format."""
    row = formats.by_extension(name)
    media_type = [("dcat:mediaType", NamedNode(_MEDIA_TYPES + row.media_type))] if row else []
    return about(
        url.value,
        ("rdf:type", node("dcat:Distribution")),
        ("dcterms:title", text(title, "en")),
        ("dcat:downloadURL", url),
        *media_type,
    )


def _file(version: str, file: File) -> Iterator[Triple]:
    """Length and checksum of one download."""
    url = _download(version, file.name)
    checksum = NamedNode(f"{url.value}#sha256")
    size = Literal(str(file.size), datatype=node("xsd:nonNegativeInteger"))
    yield from about(url.value, ("dcat:byteSize", size), ("spdx:checksum", checksum))
    yield from about(
        checksum.value,
        ("rdf:type", node("spdx:Checksum")),
        ("spdx:algorithm", node("spdx:checksumAlgorithm_sha256")),
        ("spdx:checksumValue", Literal(file.sha256, datatype=node("xsd:hexBinary"))),
    )


def _parts(dataset: NamedGraphs) -> Iterator[Triple]:
    """Each named graph: its size, and what its header says; the licences of all in one place."""
    for iri, graph in dataset.graphs.items():
        headings = _own_header(iri, graph) or list(_heading(iri))
        yield from headings
        yield from about(
            iri, ("rdf:type", node("void:Dataset")), ("void:triples", number(len(graph)))
        )
        part = "dcterms:conformsTo" if iri == SHAPES_GRAPH else "void:subset"
        yield from about(DATASET, (part, NamedNode(iri)))
        for heading in headings:
            if heading.predicate.value == _LICENCE:
                yield Triple(NamedNode(DATASET), heading.predicate, heading.object)


def _own_header(iri: str, graph: Graph) -> list[Triple]:
    """What a named graph says of itself: of its own IRI, or of the ontology that it holds."""
    is_ontology = (node("rdf:type"), node("owl:Ontology"))
    ontologies = {t.subject for t in graph if (t.predicate, t.object) == is_ontology}
    return _headings(iri, graph, {NamedNode(iri), *ontologies})


def _headings(iri: str, graph: Graph, subjects: Container[Subject]) -> list[Triple]:
    """Title, description, licence and sources that a graph gives to some subjects, as of `iri`."""
    return [
        Triple(NamedNode(iri), t.predicate, t.object)
        for t in graph
        if t.predicate.value in _HEADINGS and t.subject in subjects
    ]


def _heading(iri: str) -> Iterator[Triple]:
    """A title for a graph without a header; the inferred one says by which rules."""
    yield from about(iri, ("dcterms:title", text(iri.removeprefix(GRAPH))))
    if iri == INFERRED_GRAPH:
        for rule in RULES:
            yield from about(iri, ("dcterms:description", text(f"{rule.name}: {rule.why}", "en")))


def _linkset(stated: Graph) -> Iterator[Triple]:
    """The SKOS mappings from our things to Wikidata, one part for each property (VoID, 5)."""
    links = Counter(t.predicate.value for t in stated if _links_to_wikidata(t))
    yield from about(
        WIKIDATA,
        ("rdf:type", node("void:Dataset")),
        ("dcterms:title", text("Wikidata")),
        ("void:uriSpace", text(WD)),
    )
    yield from about(DATASET, ("void:subset", NamedNode(LINKSET)))
    yield from about(LINKSET, *_links(links.total()))
    for mapping, count in links.items():
        part, kind = NamedNode(_MAPPINGS[mapping]), NamedNode(mapping)
        yield from about(LINKSET, ("void:subset", part))
        yield from about(part.value, ("void:linkPredicate", kind), *_links(count))


def _links(count: int) -> tuple[tuple[str, Term], ...]:
    return (
        ("rdf:type", node("void:Linkset")),
        ("void:subjectsTarget", NamedNode(DATASET)),
        ("void:objectsTarget", NamedNode(WIKIDATA)),
        ("void:triples", number(count)),
    )


def _links_to_wikidata(triple: Triple) -> bool:
    """Whether this maps one of our things to an entity of Wikidata."""
    return (
        triple.predicate.value in _MAPPINGS
        and isinstance(triple.subject, NamedNode)
        and triple.subject.value.startswith(BASE)
        and isinstance(triple.object, NamedNode)
        and triple.object.value.startswith(WD)
    )


def _is_source(iri: str) -> bool:
    """Whether somebody wrote this graph, and it is queried."""
    return iri not in (INFERRED_GRAPH, SHAPES_GRAPH)
