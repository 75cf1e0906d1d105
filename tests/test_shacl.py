"""The W3C's SHACL suite: what pySHACL finds, we find, and with pySHACL what the suite expects."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyshacl
import pytest
import rdflib
from pyoxigraph import RdfFormat, parse
from pyshacl.errors import ReportableRuntimeError
from rdflib import RDF, SH, Graph, Namespace
from rdflib.compare import isomorphic

from leadgraph.check.report import check
from leadgraph.check.shacl import constraints, shapes, terms
from leadgraph.errors import ShapesInvalid
from leadgraph.model import Source
from leadgraph.read import turtle
from leadgraph.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import Triple
    from rdflib.term import Node

    from leadgraph.check.results import Result

SUITE = Path(__file__).parents[1] / "../shared/w3c/shacl/tests"
needs_suite = pytest.mark.skipif(
    not SUITE.is_dir(), reason="the W3C suite is not beside this checkout, in ../shared/w3c"
)
HOME = "http://www.w3.org/shacl/tests/"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")

PYSHACL_DIFFERS = {
    "sparql/pre-binding/shapesGraph-001": "pySHACL has no $shapesGraph, which is optional",
}
"""Tests in which pySHACL itself does not find what the suite expects, and why."""


@dataclass(frozen=True, slots=True)
class Case:
    """One test: its data and shapes, and its file, in which the expected report stands."""

    id: str
    data: Path
    shapes: Path
    expected: Node
    manifest: Graph


def cases() -> Iterator[Case]:
    """All tests of the suite, in the order of their names."""
    for path in sorted(SUITE.rglob("*.ttl")):
        graph = terms_of(path)
        for test in graph.subjects(RDF.type, SHT.Validate):
            action = graph.value(test, MF.action)
            yield Case(
                str(test).removeprefix(HOME),
                file(graph.value(action, SHT.dataGraph)),
                file(graph.value(action, SHT.shapesGraph)),
                graph.value(test, MF.result),
                graph,
            )


def triples(path: Path) -> list[Triple]:
    """The statements of a file of the suite, which needs a base."""
    base = HOME + path.relative_to(SUITE).as_posix()
    return [quad.triple for quad in parse(path=path, format=RdfFormat.TURTLE, base_iri=base)]


def prefixes(path: Path) -> dict[str, str]:
    """The prefixes that a file declares."""
    return turtle.prefixes([Source(str(path), "x", path.read_bytes(), 0)])


def terms_of(path: Path) -> Graph:
    """The statements of a file of the suite as a plain graph of RDFLib."""
    rdflib.NORMALIZE_LITERALS = False
    graph = Graph()
    for prefix, namespace in prefixes(path).items():
        graph.bind(prefix, namespace)
    for triple in triples(path):
        graph.add(tuple(map(terms.node, triple)))
    return graph


def file(iri: Node | None) -> Path:
    return SUITE / str(iri).removeprefix(HOME)


Key = tuple[str, ...]
"""Focus node, path, value, severity, component and source shape; blank nodes count as one."""


def key(shapes_graph: Graph, *nodes: object) -> Key:
    """A result's terms as text; a path that is a blank node by what it says."""
    return tuple(
        str(constraints.path(shapes_graph, node) or "_")
        if isinstance(node, rdflib.BNode)
        else "-"
        if node is None
        else node.n3()
        for node in nodes
    )


def keys(report: Graph, head: Node, graph: Graph, link: Node = SH.result) -> Counter[Key]:
    """The results of a report; `graph` says what their paths are."""
    names = ("focusNode", "resultPath", "value", "resultSeverity", "sourceConstraintComponent")
    return Counter(
        key(graph, *(report.value(result, SH[name]) for name in (*names, "sourceShape")))
        for result in report.objects(head, link)
    )


def pyshacl_report(data: Path, shape_file: Path) -> Graph | None:
    """What pySHACL itself reports, None for a failure."""
    rdflib.NORMALIZE_LITERALS = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with shapes._true_alone():  # as pySHACL itself reads shapes
                shapes_graph = terms_of(shape_file)
            _, report, _ = pyshacl.validate(terms_of(data), shacl_graph=shapes_graph)
        except (ReportableRuntimeError, NotImplementedError):
            return None
        finally:
            rdflib.NORMALIZE_LITERALS = False
    return report if isinstance(report, Graph) else None


def head_of(report: Graph) -> Node:
    """The node of the report itself."""
    (head,) = report.subjects(RDF.type, SH.ValidationReport)
    return head


def ours(case: Case) -> tuple[list[Result], Graph] | None:
    """What our way reports, None for shapes that cannot be used."""
    known = shapes.Prefixes(prefixes(case.data), prefixes(case.shapes))
    try:
        found = shapes.validation(
            triples(case.data), triples(case.shapes), None, "shapes.ttl", known
        )
    except ShapesInvalid:
        return None
    return found.results, Graph().parse(data=found.report(), format="turtle")


CASES = [pytest.param(case, id=case.id) for case in cases()] if SUITE.is_dir() else []


@needs_suite
def test_the_suite_is_all_there() -> None:
    """121 tests, of which some are failures on purpose."""
    assert len(CASES) == 121


@pytest.mark.parametrize("case", CASES)
def test_what_pyshacl_reports_is_reported(case: Case) -> None:
    """As a graph, statement by statement; a failure of pySHACL is shapes that cannot be used."""
    theirs, own = pyshacl_report(case.data, case.shapes), ours(case)
    assert (theirs is None) == (own is None)
    if theirs is not None and own is not None:
        assert isomorphic(theirs, own[1])


@pytest.mark.parametrize("case", CASES)
def test_what_the_suite_expects_is_reported(case: Case) -> None:
    """Focus node, path, value, severity, component and source shape of each result."""
    own = ours(case)
    if case.expected == SHT.Failure:
        agrees = own is None
    elif own is None:
        agrees = False
    else:
        paths = terms_of(case.shapes) + case.manifest
        reported = keys(own[1], head_of(own[1]), own[1])
        agrees = reported == keys(case.manifest, case.expected, paths)
    assert agrees != (case.id in PYSHACL_DIFFERS)


THROUGH_THE_CHILD = (
    "core/complex/personexample",
    "core/node/qualified-001",
    "core/path/path-complex-002",
    "core/property/or-001",
    "core/targets/targetNode-001",
    "sparql/component/validator-001",
    "sparql/node/prefixes-001",
    "sparql/pre-binding/unsupported-sparql-001",
)


@pytest.mark.parametrize("case", [each for each in CASES if each.id in THROUGH_THE_CHILD])
def test_a_whole_check_reports_the_same(case: Case, tmp_path: Path) -> None:
    """`leadgraph check --shapes FILE FILE`: the same file is data and shapes in most of them."""
    data, by = (with_base(path, tmp_path) for path in (case.data, case.shapes))
    theirs = pyshacl_report(case.data, case.shapes)
    try:
        report = check(
            [data],
            shapes=[by],
            against=None,
            settings=Settings(),
            progress=lambda _step: None,
            wants_graph=True,
        )
    except ShapesInvalid:
        assert theirs is None
        return
    assert theirs is not None
    assert len(report.problems) == len(list(theirs.objects(head_of(theirs), SH.result)))
    assert isomorphic(theirs, Graph().parse(data=report.graph, format="turtle"))


def with_base(path: Path, folder: Path) -> Path:
    """A copy of a file that says its base, which a check does not guess."""
    copy = folder / path.name
    base = HOME + path.relative_to(SUITE).as_posix()
    copy.write_text(f"@base <{base}> .\n{path.read_text('utf-8')}", "utf-8")
    return copy
