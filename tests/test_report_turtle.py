"""Turtle: SHACL's own report as pySHACL says it, and never a claim to conform that is not true."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pyoxigraph import RdfFormat, Store, parse
from rdflib import RDF, SH, Graph

from leadgraph.check.reports.reader import Reader
from leadgraph.check.reports.turtle import refused, written
from leadgraph.errors import ShapesInvalid
from leadgraph.model import Report
from leadgraph.vocabulary import GRAPH
from tests.report_samples import HOSTILE_TEXTS, PROBLEMS, REPORT, hostile

BY_SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
[] a sh:ValidationReport ; sh:conforms false ; sh:result [
    a sh:ValidationResult ; sh:resultSeverity sh:Violation ; sh:focusNode <http://e/a> ;
    sh:sourceShape [ sh:minCount 1 ] ; sh:sourceConstraintComponent sh:MinCountConstraintComponent
] .
"""
CLEAN = "@prefix sh: <http://www.w3.org/ns/shacl#> . [] a sh:ValidationReport ; sh:conforms true ."


def read(text: str) -> Graph:
    """The document, as two parsers read it."""
    Store().extend(parse(text, RdfFormat.TURTLE))
    return Graph().parse(data=text, format="turtle")


def conforms(graph: Graph) -> bool:
    """What the one report says."""
    (report,) = graph.subjects(RDF.type, SH.ValidationReport)
    (claim,) = graph.objects(report, SH.conforms)
    return bool(claim.toPython())


def results(graph: Graph) -> list[object]:
    """The nodes of all results, each of which is of the report."""
    found = list(graph.objects(None, SH.result))
    assert set(found) == set(graph.subjects(RDF.type, SH.ValidationResult))
    return found


def test_what_shapes_found_is_said_as_pyshacl_says_it() -> None:
    report = Report(PROBLEMS[:1], ("ten-mistakes.ttl",), 1, BY_SHAPES)
    assert written(report, Reader()) == BY_SHAPES


def test_what_no_shape_can_find_is_added_to_it() -> None:
    report = replace(REPORT, graph=BY_SHAPES)
    graph = read(written(report, Reader()))
    assert not conforms(graph)
    assert len(results(graph)) == 4
    (shape,) = graph.objects(None, SH.sourceShape)
    assert graph.value(shape, SH.minCount).toPython() == 1
    assert written(report, Reader()) == written(report, Reader())


def test_a_broken_file_never_conforms() -> None:
    broken = replace(PROBLEMS[-1], code="syntax")
    graph = read(written(Report((broken,), ("missing.ttl",), 0, CLEAN), Reader()))
    (result,) = results(graph)
    assert not conforms(graph)
    assert str(graph.value(result, SH.focusNode)) == f"{GRAPH}missing"
    assert graph.value(result, SH.resultSeverity) == SH.Violation
    assert str(graph.value(result, SH.sourceConstraintComponent)).endswith("/codes/syntax")


def test_without_shapes_there_is_a_report_all_the_same() -> None:
    graph = read(written(REPORT, Reader()))
    assert not conforms(graph)
    assert len(results(graph)) == 8
    for each in results(graph):
        for term in (SH.focusNode, SH.resultSeverity, SH.sourceConstraintComponent):
            assert len(list(graph.objects(each, term))) == 1
    messages = {message.language for message in graph.objects(None, SH.resultMessage)}
    assert messages == {"en", "es", "ar"}
    assert conforms(read(written(Report((), ("f",), 0), Reader())))


def test_a_blank_node_of_the_data_is_none_of_the_report() -> None:
    about = replace(PROBLEMS[5], focus="_:b1")
    graph = read(written(Report((about,), ("f",), 0, BY_SHAPES), Reader()))
    assert len(results(graph)) == 2
    (focus,) = [node for node in graph.objects(None, SH.focusNode) if node.n3().startswith("_:")]
    assert not list(graph.predicate_objects(focus))


@pytest.mark.parametrize("words", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
def test_hostile_words_are_literals(words: str) -> None:
    graph = read(written(hostile(words), Reader()))
    assert len(results(graph)) == 2
    (said,) = set(graph.objects(None, SH.resultMessage))
    assert str(said) == words.replace("\ud800", "\\ud800")


def test_a_refusal_is_a_report_that_does_not_conform() -> None:
    graph = read(refused(ShapesInvalid("a", "it is empty"), Reader()))
    assert not conforms(graph)
    (message,) = graph.objects(None, SH.resultMessage)
    assert str(message).startswith("a cannot be used")
