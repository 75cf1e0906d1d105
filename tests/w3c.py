"""The W3C's SPARQL 1.1 test suite -> tests, the dataset they ask, and whether two results agree."""

from __future__ import annotations

import contextlib
import csv
import http.client
import io
import json
import os
import subprocess
import tempfile
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, parse
from rdflib import RDF, BNode, Graph, Literal, Namespace
from rdflib.compare import isomorphic

from tests.test_serve import COMMAND, free_port, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from rdflib import IdentifiedNode
    from rdflib.term import Node

SUITE = Path(__file__).parents[1] / "../shared/w3c/sparql11"
needs_suite = pytest.mark.skipif(
    not SUITE.is_dir(), reason="the W3C suite is not beside this checkout, in ../shared/w3c"
)

HOME = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"
XSD = "http://www.w3.org/2001/XMLSchema#"
XSD_STRING = f"{XSD}string"
LANG_STRING = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
SRX = "{http://www.w3.org/2005/sparql-results#}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
RS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
FORMATS = {".ttl": RdfFormat.TURTLE, ".nt": RdfFormat.N_TRIPLES, ".rdf": RdfFormat.RDF_XML}

VALUES: dict[str, Callable[[str], object]] = {
    f"{XSD}integer": int,
    f"{XSD}decimal": Fraction,
    f"{XSD}double": float,
    f"{XSD}float": float,
    f"{XSD}boolean": lambda text: text in {"true", "1"},
}
"""Literals of these types agree if their values do: no text fixes how an engine spells them."""

Term = tuple[str, ...]
"""("uri", iri), ("bnode", label) or ("literal", form, datatype, language)."""
Row = dict[str, Term]


@dataclass(frozen=True, slots=True)
class Case:
    """One entry of a manifest; `default` and `named` are the IRIs of the graphs to ask.

    `services` are the endpoints that SERVICE asks, each with the IRI of what it holds.
    """

    iri: str
    kind: str
    query: str
    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    result: str = ""
    services: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> str:
        """Folder and name, as pytest shows it."""
        return self.iri.removeprefix(HOME).replace("/manifest#", "/")

    @property
    def text(self) -> str:
        """The query as it stands in its file."""
        return file(self.query).read_text("utf-8")


def file(iri: str) -> Path:
    """The file that an IRI of the suite stands for."""
    return SUITE / iri.removeprefix(HOME)


def manifest(folder: str) -> Graph:
    """The manifest of a folder."""
    iri = f"{HOME}{folder}/manifest.ttl"
    return Graph().parse(file(iri), format="turtle", publicID=iri)


def entries(folder: str) -> tuple[Graph, list[IdentifiedNode]]:
    """The manifest of a folder, and its tests in their order; none if the suite is not there."""
    if not SUITE.is_dir():
        return Graph(), []
    graph = manifest(folder)
    head = graph.value(graph.value(predicate=RDF.type, object=MF.Manifest), MF.entries)
    return graph, [*graph.items(head)]


def cases(*folders: str) -> list[Case]:
    """The tests of some folders."""
    return [_case(graph, test) for graph, tests in map(entries, folders) for test in tests]


def _case(graph: Graph, test: IdentifiedNode) -> Case:
    action = graph.value(test, MF.action)
    return Case(
        str(test),
        str(graph.value(test, RDF.type)).partition("#")[2],
        str(graph.value(action, QT.query, default=action)),
        tuple(map(str, graph.objects(action, QT.data))),
        tuple(map(str, graph.objects(action, QT.graphData))),
        str(graph.value(test, MF.result, default="")),
        tuple(
            (str(graph.value(service, QT.endpoint)), str(graph.value(service, QT.data)))
            for service in graph.objects(action, QT.serviceData)
        ),
    )


def write_dataset(path: Path, others: Mapping[str, Path]) -> None:
    """Write every RDF file of the suite as a named graph under its IRI, and some under others."""
    files = {
        HOME + found.relative_to(SUITE).as_posix(): found
        for found in sorted(SUITE.glob("*/*"))
        if found.suffix in FORMATS and found.stem != "manifest"
    }
    with path.open("w", encoding="utf-8") as output:
        for number, (iri, found) in enumerate({**files, **others}.items()):
            for quad in parse(path=str(found), format=FORMATS[found.suffix], base_iri=iri):
                terms = (_apart(term, number) for term in (quad.subject, quad.object))
                subject, statement_object = terms
                print(
                    Quad(subject, quad.predicate, statement_object, NamedNode(iri)), ".",
                    file=output,
                )  # fmt: skip


def _apart(term: object, number: int) -> object:
    """A blank node under a label that no other file has; other terms as they are."""
    return BlankNode(f"f{number}{term.value}") if isinstance(term, BlankNode) else term


@contextlib.contextmanager
def serving(*arguments: str | Path, service_allow: str | None = None) -> Iterator[int]:
    """Run `leadgraph serve` until the block ends; yields its port.

    `service_allow` is its list of the endpoints that SERVICE may name.
    """
    port = free_port()
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(
            [*COMMAND, *map(str, arguments), "--port", str(port), "--workers", "1"],
            stderr=log,
            env=_environment(service_allow),
        ) as process,
    ):
        try:
            wait_for(port, process)
            yield port
        finally:
            process.kill()
            process.wait(20)


def _environment(service_allow: str | None) -> dict[str, str]:
    allow = {} if service_allow is None else {"LEADGRAPH_SERVICE_ALLOW": service_allow}
    return {**os.environ, **allow}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: status, headers (names in lower case), body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The media type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip()

    @property
    def code(self) -> str:
        """The code of the problem that it tells of."""
        return str(json.loads(self.body)["code"])


def send(
    port: int,
    method: str,
    target: str,
    headers: Sequence[tuple[str, str]] = (),
    body: bytes | None = None,
) -> Reply:
    """Send exactly this request over a connection of its own, and read what comes back."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", "www.example")
        for name, value in headers:
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, names, response.read())


@dataclass(frozen=True, slots=True)
class Solutions:
    """Variables in their order, and rows without what is unbound."""

    variables: tuple[str, ...]
    rows: list[Row]


def read_xml(body: bytes) -> Solutions | bool:
    """Read SPARQL Query Results XML, with the standard library's parser alone."""
    root = ET.fromstring(body)
    boolean = root.find(f"{SRX}boolean")
    if boolean is not None:
        return (boolean.text or "").strip() == "true"
    variables = tuple(found.attrib["name"] for found in root.iter(f"{SRX}variable"))
    rows = [
        {binding.attrib["name"]: _xml_term(binding[0]) for binding in result}
        for result in root.iter(f"{SRX}result")
    ]
    return Solutions(variables, rows)


def _xml_term(element: ET.Element) -> Term:
    kind, text = element.tag.removeprefix(SRX), element.text or ""
    if kind != "literal":
        return kind, text
    return _literal(text, element.get("datatype"), element.get(XML_LANG))


def read_json(body: bytes) -> Solutions | bool:
    """Read SPARQL 1.1 Query Results JSON, with the standard library's parser alone."""
    found = json.loads(body)
    if "boolean" in found:
        return bool(found["boolean"])
    rows = [
        {
            name: _literal(term["value"], term.get("datatype"), term.get("xml:lang"))
            if term["type"] in {"literal", "typed-literal"}
            else (term["type"], term["value"])
            for name, term in row.items()
        }
        for row in found["results"]["bindings"]
    ]
    return Solutions(tuple(found["head"].get("vars", ())), rows)


def _literal(text: str, datatype: str | None, language: str | None) -> Term:
    if language:
        return "literal", text, LANG_STRING, language.lower()
    value = VALUES.get(datatype or "", str)(text)
    return "literal", str(value), str(datatype or XSD_STRING), ""


def read_csv(body: bytes) -> Solutions:
    """Read SPARQL 1.1 Query Results CSV, whose cells tell values, not terms."""
    header, *lines = csv.reader(io.StringIO(body.decode("utf-8"), newline=""))
    rows = [
        {name: _plain(cell) for name, cell in zip(header, line, strict=True) if cell}
        for line in lines
    ]
    return Solutions(tuple(header), rows)


def _plain(cell: str) -> Term:
    if cell.startswith("_:"):
        return "bnode", cell
    with contextlib.suppress(ValueError):
        return "literal", str(Fraction(cell))
    return "literal", cell


def read_tsv(body: bytes) -> Solutions | bool:
    """Read SPARQL 1.1 Query Results TSV: every cell is a term of Turtle; a boolean is a word."""
    if body in {b"true", b"false"}:
        return body == b"true"
    header, *lines = body.decode("utf-8").removesuffix("\n").split("\n")
    variables = tuple(name.removeprefix("?") for name in header.split("\t") if name)
    rows = [
        {
            name: _turtle_term(cell)
            for name, cell in zip(variables, line.split("\t") if variables else (), strict=True)
            if cell
        }
        for line in lines
    ]
    return Solutions(variables, rows)


def _turtle_term(cell: str) -> Term:
    if cell.startswith("_:"):
        return "bnode", cell[2:]
    (quad,) = parse(f"<a:s> <a:p> {cell} .", RdfFormat.TURTLE)
    if isinstance(quad.object, NamedNode):
        return "uri", quad.object.value
    return _literal(quad.object.value, quad.object.datatype.value, quad.object.language)


def same_solutions(found: Solutions, expected: Solutions, *, ordered: bool) -> bool:
    """Tell whether two tables agree up to the labels of blank nodes, and their order if free."""
    if set(found.variables) != set(expected.variables) or len(found.rows) != len(expected.rows):
        return False
    if ordered:
        return _matches(expected.rows, [[row] for row in found.rows], {})
    if Counter(map(_shape, found.rows)) != Counter(map(_shape, expected.rows)):
        return False
    return _matches(expected.rows, [found.rows] * len(expected.rows), {})


def _shape(row: Row) -> frozenset[tuple[str, Term]]:
    """A row whose blank nodes are all alike."""
    return frozenset((name, term[:1] if term[0] == "bnode" else term) for name, term in row.items())


def _matches(expected: list[Row], candidates: list[list[Row]], labels: dict[str, str]) -> bool:
    """Tell whether each expected row has a row of its own, under one renaming of blank nodes."""
    if not expected:
        return True
    for row in candidates[0]:
        more = _renaming(expected[0], row, labels)
        if more is None:
            continue
        rest = [[other for other in rows if other is not row] for rows in candidates[1:]]
        if _matches(expected[1:], rest, more):
            return True
    return False


def _renaming(expected: Row, found: Row, labels: dict[str, str]) -> dict[str, str] | None:
    """The renaming with what makes these two rows one; None if nothing does."""
    if _shape(expected) != _shape(found):
        return None
    labels = dict(labels)
    for name, term in expected.items():
        if term[0] == "bnode" and labels.setdefault(term[1], found[name][1]) != found[name][1]:
            return None
    return labels if len(set(labels.values())) == len(labels) else None


def same_graphs(found: bytes, expected: Path) -> bool:
    """Tell whether two graphs in Turtle agree up to the labels of blank nodes."""
    return isomorphic(Graph().parse(data=found, format="turtle"), Graph().parse(expected))


def expected(iri: str) -> Solutions | bool:
    """Read the table or the boolean that a test expects, in whichever format it is written."""
    path = file(iri)
    if path.suffix == ".ttl":
        return read_result_set(iri)
    readers = {".srx": read_xml, ".srj": read_json, ".tsv": read_tsv}
    return readers[path.suffix](path.read_bytes())


def read_result_set(iri: str) -> Solutions:
    """Read a table that is written as RDF."""
    graph = Graph().parse(file(iri), publicID=iri)
    rows = [
        {
            str(graph.value(binding, RS.variable)): _rdf_term(graph.value(binding, RS.value))
            for binding in graph.objects(solution, RS.binding)
        }
        for solution in graph.objects(predicate=RS.solution)
    ]
    return Solutions(tuple(map(str, graph.objects(predicate=RS.resultVariable))), rows)


def _rdf_term(term: Node | None) -> Term:
    if isinstance(term, Literal):
        return _literal(str(term), term.datatype, term.language)
    return ("bnode" if isinstance(term, BNode) else "uri"), str(term)
