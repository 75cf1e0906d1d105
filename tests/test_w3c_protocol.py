"""Every test of the W3C's suites of the protocol and of the service description, over HTTP.

Requests are replayed as they stand. Updates are refused by choice: LeadGraph answers queries, and
changes by releases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from rdflib import RDF, RDFS, Graph, Literal, Namespace, URIRef

from tests import w3c
from tests.w3c import Reply, send

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib import IdentifiedNode, Node

pytestmark = w3c.needs_suite

CNT = Namespace("http://www.w3.org/2011/content#")
HT = Namespace("http://www.w3.org/2011/http#")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")

UPDATES = {
    "update_dataset_default_graph", "update_dataset_default_graphs", "update_dataset_named_graphs",
    "update_dataset_full", "update_post_form", "update_post_direct", "update_base_uri",
}  # fmt: skip
"""The tests whose first request has to change the data: refused by choice."""

TABULAR = {
    "application/sparql-results+json": w3c.read_json,
    "application/sparql-results+xml": w3c.read_xml,
    "text/csv": w3c.read_csv,
    "text/tab-separated-values": w3c.read_tsv,
}
BOOLEAN = {name: TABULAR[name] for name in list(TABULAR)[:2]}
GRAPHS = {
    "application/rdf+xml": "xml",
    "text/turtle": "turtle",
    "application/n-triples": "nt",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a test, and what its answer has to be."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    statuses: frozenset[str]
    form: str
    boolean: bool | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A test: its name and its requests, in their order."""

    id: str
    requests: tuple[Request, ...]


def exchanges() -> list[Exchange]:
    """The tests of the suite."""
    graph, tests = w3c.entries("protocol")
    return [
        Exchange(
            str(test).partition("#")[2],
            tuple(
                _request(graph, node)
                for node in graph.items(graph.value(graph.value(test, w3c.MF.action), HT.requests))
            ),
        )
        for test in tests
    ]


def _request(graph: Graph, node: IdentifiedNode) -> Request:
    """A request, its address moved from the suite's `/sparql/` to ours, as the suite demands."""
    path = str(graph.value(node, HT.absolutePath))
    assert path.startswith("/sparql/")
    answer = graph.value(node, HT.resp)
    boolean = graph.value(answer, w3c.MF.expectedBoolean)
    return Request(
        str(graph.value(node, HT.methodName)),
        "/sparql" + path.removeprefix("/sparql/"),
        tuple(
            (str(graph.value(header, HT.fieldName)), str(graph.value(header, HT.fieldValue)))
            for header in graph.items(graph.value(node, HT.headers))
        ),
        _body(graph, graph.value(node, HT.body)),
        frozenset(str(status)[-3] for status in graph.objects(answer, w3c.MF.expectedStatus)),
        str(graph.value(answer, w3c.MF.expectedFormat, default="")),
        None if boolean is None else bool(boolean.toPython()),
    )


def _body(graph: Graph, content: IdentifiedNode | None) -> bytes | None:
    if content is None:
        return None
    encoding = str(graph.value(content, CNT.characterEncoding))
    return str(graph.value(content, CNT.chars)).encode(encoding)


def named_graphs() -> dict[str, w3c.Path]:
    """The graphs that the suite wants to be there: IRI and file."""
    graph, _ = w3c.entries("protocol")
    return {
        str(graph.value(data, RDFS.label)): w3c.file(str(graph.value(data, UT.graph)))
        for data in graph.objects(predicate=UT.graphData)
    }


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server over the graphs that the suite names."""
    dataset = tmp_path_factory.mktemp("protocol") / "protocol.nq"
    w3c.write_dataset(dataset, named_graphs())
    with w3c.serving(dataset) as port:
        yield port


def replay(port: int, request: Request) -> Reply:
    """Send a request as the suite describes it."""
    return send(port, request.method, request.target, request.headers, request.body)


def assert_is_what_the_suite_expects(reply: Reply, request: Request) -> None:
    """Compare an answer with all that the suite says of it."""
    assert str(reply.status)[0] in request.statuses, reply.body
    if request.form == "boolean":
        found = BOOLEAN[reply.media_type](reply.body)
        assert isinstance(found, bool)
        assert request.boolean in {None, found}
    elif request.form == "tabular":
        assert isinstance(TABULAR[reply.media_type](reply.body), w3c.Solutions)
    elif request.form == "RDF":
        Graph().parse(data=reply.body, format=GRAPHS[reply.media_type])


@pytest.mark.parametrize(
    "exchange", [one for one in exchanges() if one.id not in UPDATES], ids=lambda one: one.id
)
def test_a_request_of_the_suite_is_answered_as_it_says(port: int, exchange: Exchange) -> None:
    for request in exchange.requests:
        assert_is_what_the_suite_expects(replay(port, request), request)


@pytest.mark.parametrize(
    "exchange", [one for one in exchanges() if one.id in UPDATES], ids=lambda one: one.id
)
def test_an_update_of_the_suite_is_refused_and_changes_nothing(
    port: int, exchange: Exchange
) -> None:
    update, *checks = exchange.requests
    before = [replay(port, check).body for check in checks]

    refusal = replay(port, update)

    assert (refusal.status, refusal.code) == (403, "update-refused")
    assert [replay(port, check).body for check in checks] == before


SERVICE = "http://www.example/sparql"
"""The endpoint's address as the client sees it: by the Host that every request here sends."""


@pytest.fixture(scope="module")
def description(port: int) -> Graph:
    """The service description, as a GET without parameters gets it."""
    reply = send(port, "GET", "/sparql", [("Accept", "text/turtle")])
    assert (reply.status, reply.media_type) == (200, "text/turtle"), reply.body
    return Graph().parse(data=reply.body, format="turtle")


@pytest.mark.parametrize("accept", ["", "*/*", *GRAPHS])
def test_the_endpoint_describes_itself_in_rdf(port: int, accept: str) -> None:
    """The suite's :returns-rdf."""
    reply = send(port, "GET", "/sparql", [("Accept", accept)] if accept else [])

    assert reply.status == 200
    assert len(Graph().parse(data=reply.body, format=GRAPHS[reply.media_type]))


def test_the_description_names_the_address_that_was_asked(description: Graph) -> None:
    """The suite's :has-endpoint-triple."""
    (service,) = description.subjects(SD.endpoint, URIRef(SERVICE))

    assert (service, RDF.type, SD.Service) in description
    assert [*map(str, description.objects(service, SD.endpoint))] == [SERVICE]


DOMAINS = {
    SD.endpoint: SD.Service, SD.feature: SD.Service, SD.defaultEntailmentRegime: SD.Service,
    SD.supportedLanguage: SD.Service, SD.languageExtension: SD.Service,
    SD.extensionFunction: SD.Service, SD.extensionAggregate: SD.Service,
    SD.propertyFeature: SD.Service, SD.defaultDataset: SD.Service,
    SD.availableGraphs: SD.Service, SD.resultFormat: SD.Service, SD.inputFormat: SD.Service,
    SD.defaultSupportedEntailmentProfile: SD.Service,
    SD.defaultGraph: SD.Dataset, SD.namedGraph: SD.GraphCollection, SD.name: SD.NamedGraph,
    SD.graph: SD.NamedGraph, SD.entailmentRegime: SD.NamedGraph,
    SD.supportedEntailmentProfile: SD.NamedGraph,
}  # fmt: skip
"""Every property of the vocabulary, and what it is said of (Service Description, 3.4)."""

RANGES = {
    SD.defaultDataset: SD.Dataset, SD.availableGraphs: SD.GraphCollection,
    SD.defaultGraph: SD.Graph, SD.namedGraph: SD.NamedGraph, SD.graph: SD.Graph,
}  # fmt: skip
KINDS = {SD.Dataset: {SD.GraphCollection}}
"""Subclasses: a dataset is a graph collection too."""


def test_the_description_keeps_to_its_vocabulary(description: Graph) -> None:
    """The suite's :conforms-to-schema."""
    said = [triple for triple in description if str(triple[1]).startswith(str(SD))]

    assert said
    for subject, predicate, value in said:
        assert predicate in DOMAINS
        assert DOMAINS[predicate] in kinds(description, subject)
        assert not isinstance(value, Literal)
        if predicate in RANGES:
            assert RANGES[predicate] in kinds(description, value)


def kinds(graph: Graph, node: Node) -> set[Node]:
    """The classes of a node, and those above them."""
    found = set(graph.objects(node, RDF.type))
    return found.union(*(KINDS.get(kind, set()) for kind in found))


FORMATS = Namespace("http://www.w3.org/ns/formats/")
RESULT_FORMATS = {
    FORMATS.SPARQL_Results_JSON: "application/sparql-results+json",
    FORMATS.SPARQL_Results_XML: "application/sparql-results+xml",
    FORMATS.SPARQL_Results_CSV: "text/csv",
    FORMATS.SPARQL_Results_TSV: "text/tab-separated-values",
    FORMATS.Turtle: "text/turtle",
    FORMATS["N-Triples"]: "application/n-triples",
    FORMATS["RDF_XML"]: "application/rdf+xml",
    FORMATS["JSON-LD"]: "application/ld+json",
}


def test_the_description_claims_what_is_so_and_nothing_else(port: int, description: Graph) -> None:
    (service,) = description.subjects(SD.endpoint, URIRef(SERVICE))

    languages = set(description.objects(service, SD.supportedLanguage))
    assert SD.SPARQL11Query in languages
    assert SD.SPARQL11Update not in languages
    assert set(description.objects(service, SD.feature)) == {SD.BasicFederatedQuery}
    assert set(description.objects(service, SD.resultFormat)) == RESULT_FORMATS.keys()
    for media_type in RESULT_FORMATS.values():
        query = b"ASK {}" if media_type in TABULAR else b"CONSTRUCT WHERE { ?s ?p ?o }"
        headers = [("Content-Type", "application/sparql-query"), ("Accept", media_type)]
        assert send(port, "POST", "/sparql", headers, query).media_type == media_type
