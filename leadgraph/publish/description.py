"""A dataset -> statements about it: parts and licences, counts, links, downloads.

VoID for the parts and the counts, DCAT for the downloads and the endpoint, PROV for where it
comes from. All of it is IRIs, no blank nodes, so that everything can be asked for and cited.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from leadgraph import formats
from leadgraph.publish.census import census, classes, counts
from leadgraph.publish.infer import RULES
from leadgraph.publish.statements import Term, about, node, number, text
from leadgraph.vocabulary import (
    BASE,
    DATASET,
    DCAT,
    DCTERMS,
    DOWNLOADS,
    ESCO,
    GRAPH,
    ID,
    INFERRED_GRAPH,
    LINKSET,
    PROJECT,
    PROV,
    RELEASE,
    SHAPES_GRAPH,
    SKOS,
    SPARQL,
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

LINKED = {
    "wikidata": ("Wikidata", WD),
    "esco": ("ESCO", ESCO),
}
"""Name in our IRIs, title and namespace of the datasets that ours is linked to."""

_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_SPARQL_PROTOCOL = "http://www.w3.org/TR/sparql11-protocol/"
_CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
_LICENCE = f"{DCTERMS}license"
_HEADINGS = {
    *(f"{DCTERMS}{name}" for name in ("title", "description", "source", "creator", "publisher")),
    f"{DCAT}keyword",
    _LICENCE,
    f"{PROV}wasAttributedTo",
}
_MAPPINGS = {
    f"{SKOS}{kind}": kind
    for kind in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
}
_RIGHTS = "Each source graph has its own licence: the dcterms:license of that part of the dataset."

Subject = NamedNode | BlankNode | Triple
Pairs = tuple[tuple[str, Term], ...]


def describe(dataset: NamedGraphs, version: str, issued: date) -> Graph:
    """Return the description of a dataset, which counts its own statements too.

    What it adds changes what it counts, so the counts are made again until they hold. They come
    to hold: a count says of nothing what class it is of, so no round knows a class that the first
    did not, each knows the properties of those before, and once there are no new ones the
    statements are as many as before and only their numbers change, once.
    """
    stated = dataset.default
    parts = frozenset(_parts(dataset))
    links = (triple for name in LINKED for triple in linkset(name, stated))
    whole = _dataset(dataset, stated, version, issued, _rights(parts))
    said = fixed = frozenset((*whole, *_endpoint(), *parts, *links))
    known = classes(stated, fixed)
    counted, before = census(stated, known), None
    while said != before:
        before = said
        said = fixed.union(counts(counted.plus(census(said - stated, known)), known))
    return said


def describe_files(version: str, files: Iterable[File]) -> Graph:
    """Return length and checksum of the dumps, which no dump can state of itself."""
    return frozenset(
        triple for file in files if file.name in DUMPS for triple in _file(version, file)
    )


def _dataset(
    dataset: NamedGraphs, stated: Graph, version: str, issued: date, rights: Pairs
) -> Iterator[Triple]:
    """The dataset and its newest version: titles, licences, date, sources, downloads."""
    release = f"{RELEASE}{version}"
    untitled = text(f"The graph of {BASE}", "en")
    for iri in (DATASET, release):
        yield from _headings(iri, stated, {NamedNode(DATASET)}, untitled)
        yield from about(
            iri,
            ("rdf:type", node("dcat:Dataset")),
            ("dcat:version", text(version)),
            ("dcterms:issued", Literal(issued.isoformat(), datatype=node("xsd:date"))),
            *(("dcat:distribution", _download(version, name)) for name in DUMPS),
            *rights,
        )
    yield from about(release, ("dcat:isVersionOf", NamedNode(DATASET)))
    yield from about(
        DATASET,
        ("rdf:type", node("void:Dataset")),
        ("owl:versionInfo", text(version)),
        ("dcat:hasCurrentVersion", NamedNode(release)),
        ("foaf:homepage", NamedNode(BASE)),
        ("void:uriSpace", text(ID)),
        ("void:sparqlEndpoint", NamedNode(SPARQL)),
        *(("void:dataDump", _download(version, name)) for name in DUMPS),
        *_derivation(dataset),
    )
    for name, title in DUMPS.items():
        yield from _distribution(_download(version, name), name, title, rights)


def _rights(parts: Iterable[Triple]) -> Pairs:
    """The licences of all parts, and the sentence that says which of them counts where."""
    licences = {
        t.object
        for t in parts
        if t.predicate.value == _LICENCE and isinstance(t.object, NamedNode | Literal)
    }
    return (
        ("dcterms:rights", text(_RIGHTS, "en")),
        *(("dcterms:license", licence) for licence in licences),
    )


def _derivation(dataset: NamedGraphs) -> Iterator[tuple[str, Term]]:
    """The graphs that somebody wrote and that are queried."""
    for iri in dataset.graphs:
        if iri not in (INFERRED_GRAPH, SHAPES_GRAPH):
            yield "prov:wasDerivedFrom", NamedNode(iri)


def _endpoint() -> Iterator[Triple]:
    """Where the dataset can be asked."""
    return about(
        SPARQL,
        ("rdf:type", node("dcat:DataService")),
        ("dcterms:title", text("SPARQL endpoint", "en")),
        ("dcterms:conformsTo", NamedNode(_SPARQL_PROTOCOL)),
        ("dcat:endpointURL", NamedNode(SPARQL)),
        ("dcat:endpointDescription", NamedNode(SPARQL)),
        ("dcat:servesDataset", NamedNode(DATASET)),
    )


def _download(version: str, name: str) -> NamedNode:
    return NamedNode(f"{DOWNLOADS}{version}/{name}")


def _distribution(url: NamedNode, name: str, title: str, rights: Pairs) -> Iterator[Triple]:
    """One download: what it is, in which format, on which terms, and the page about it."""
    row = formats.by_extension(name)
    media_type = [("dcat:mediaType", NamedNode(_MEDIA_TYPES + row.media_type))] if row else []
    return about(
        url.value,
        ("rdf:type", node("dcat:Distribution")),
        ("dcterms:title", text(title, "en")),
        ("dcat:accessURL", NamedNode(DATASET)),
        ("dcat:downloadURL", url),
        *media_type,
        *rights,
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
    """Each named graph: its size, and what its header says."""
    for iri, graph in dataset.graphs.items():
        yield from _inferred(dataset) if iri == INFERRED_GRAPH else _header(iri, graph)
        yield from about(
            iri, ("rdf:type", node("void:Dataset")), ("void:triples", number(len(graph)))
        )
        part = "dcterms:conformsTo" if iri == SHAPES_GRAPH else "void:subset"
        yield from about(DATASET, (part, NamedNode(iri)))


def _header(iri: str, graph: Graph) -> Iterator[Triple]:
    """What a named graph says of itself: of its own IRI, or of the ontology that it holds."""
    is_ontology = (node("rdf:type"), node("owl:Ontology"))
    ontologies = {t.subject for t in graph if (t.predicate, t.object) == is_ontology}
    untitled = text(iri.removeprefix(GRAPH))
    return _headings(iri, graph, {NamedNode(iri), *ontologies}, untitled)


def _headings(
    iri: str, graph: Graph, subjects: Container[Subject], untitled: Literal
) -> Iterator[Triple]:
    """Title, licence, sources, authors that a graph gives to some subjects, as of `iri`."""
    found = [t for t in graph if t.predicate.value in _HEADINGS and t.subject in subjects]
    yield from (Triple(NamedNode(iri), t.predicate, t.object) for t in found)
    if not any(t.predicate == node("dcterms:title") for t in found):
        yield from about(iri, ("dcterms:title", untitled))


def _inferred(dataset: NamedGraphs) -> Iterator[Triple]:
    """By which rules the inferred graph was made, and of what.

    It relates things and repeats no text, so that no licence of a source reaches into it.
    """
    yield from about(
        INFERRED_GRAPH,
        ("dcterms:title", text("Inferred statements", "en")),
        *(("dcterms:description", text(f"{rule.name}: {rule.why}", "en")) for rule in RULES),
        ("dcterms:license", NamedNode(_CC0)),
        *_derivation(dataset),
    )
    project = NamedNode(PROJECT)
    if any(t.subject == project for t in dataset.default):
        yield from about(INFERRED_GRAPH, ("prov:wasAttributedTo", project))


def linkset(name: str, stated: Graph) -> Iterator[Triple]:
    """Yield the SKOS mappings from our things to another dataset, one part a property (VoID, 5).

    `name` is one of `LINKED`, `stated` what the graph states.
    """
    title, namespace = LINKED[name]
    linkset, target = f"{LINKSET}{name}", f"{DATASET}#{name}"
    links = Counter(_MAPPINGS[t.predicate.value] for t in stated if _links_to(namespace, t))
    yield from about(
        target,
        ("rdf:type", node("void:Dataset")),
        ("dcterms:title", text(title)),
        ("void:uriSpace", text(namespace)),
    )
    yield from about(DATASET, ("void:subset", NamedNode(linkset)))
    yield from about(linkset, *_links(target, links.total()))
    for kind, count in links.items():
        part = f"{linkset}#{kind}"
        yield from about(linkset, ("void:subset", NamedNode(part)))
        yield from about(part, ("void:linkPredicate", node(f"skos:{kind}")), *_links(target, count))


def _links(target: str, count: int) -> Pairs:
    return (
        ("rdf:type", node("void:Linkset")),
        ("void:subjectsTarget", NamedNode(DATASET)),
        ("void:objectsTarget", NamedNode(target)),
        ("void:triples", number(count)),
    )


def _links_to(namespace: str, triple: Triple) -> bool:
    """Whether this maps one of our things to something of a namespace."""
    return (
        triple.predicate.value in _MAPPINGS
        and isinstance(triple.subject, NamedNode)
        and triple.subject.value.startswith(BASE)
        and isinstance(triple.object, NamedNode)
        and triple.object.value.startswith(namespace)
    )
