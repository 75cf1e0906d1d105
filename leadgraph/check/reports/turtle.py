"""Report -> Turtle: a `sh:ValidationReport` (SHACL, 3.6).

What shapes found is as pySHACL says it. What no shape can find (a mistake of syntax, a row of a
rule) is added as results of its own, so that the whole never claims to conform when it does not:
their component is the page of their code, their focus node at least the graph of their file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse, serialize

from leadgraph.check.reports.counts import HIDDEN
from leadgraph.check.reports.sarif_places import under
from leadgraph.model import Severity
from leadgraph.read.turtle import slug
from leadgraph.vocabulary import CODES, RDF, SH, graph_iri

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from leadgraph.check.reports.reader import Reader
    from leadgraph.check.slice import Term
    from leadgraph.errors import LeadGraphError
    from leadgraph.model import Problem, Report

    Subject = NamedNode | BlankNode | Triple
    Facts = Mapping[str, Sequence[Term]]

_REPORT = BlankNode("report")
_TYPE = NamedNode(RDF + "type")
_CONFORMS = NamedNode(SH + "conforms")
_SEVERITIES = {
    Severity.VIOLATION: NamedNode(SH + "Violation"),
    Severity.WARNING: NamedNode(SH + "Warning"),
    Severity.INFO: NamedNode(SH + "Info"),
}


def written(report: Report, _reader: Reader) -> str:
    """Return the validation report; its messages are in all their languages."""
    by_shapes = report.graph is not None
    added = [
        problem
        for problem in report.problems
        if problem.code != HIDDEN and not (by_shapes and problem.constraint)
    ]
    if report.graph is not None and not added:
        return report.graph
    known = list(_known(report.graph)) if report.graph is not None else []
    return _turtle([*dict.fromkeys([*known, *_whole(known, added)])])


def refused(error: LeadGraphError, _reader: Reader) -> str:
    """Return a report of one result: why nothing was checked."""
    code = NamedNode(under(CODES, error.code))
    facts: Facts = {
        "focusNode": [code],
        "sourceConstraintComponent": [code],
        "resultSeverity": [_SEVERITIES[Severity.VIOLATION]],
        "resultMessage": [Literal(_scalar(str(error)), language="en")],
    }
    return _turtle([*_head(_REPORT, 1, conforms=False), *_result(1, facts)])


def _known(graph: str) -> Iterator[Triple]:
    """What pySHACL says but whether it conforms; blank nodes in the order of the text."""
    names: dict[Term, BlankNode] = {}
    for quad in parse(graph, format=RdfFormat.TURTLE):
        subject, predicate, value = quad.triple
        for node in (subject, value):
            if isinstance(node, BlankNode):
                names.setdefault(node, BlankNode(f"b{len(names) + 1}"))
        if predicate != _CONFORMS:
            yield Triple(names.get(subject, subject), predicate, names.get(value, value))


def _whole(known: list[Triple], added: list[Problem]) -> Iterator[Triple]:
    """The report itself, and the results that are added to it."""
    kind = NamedNode(SH + "ValidationReport")
    node = next((t.subject for t in known if (t.predicate, t.object) == (_TYPE, kind)), _REPORT)
    yield from _head(node, len(added), conforms=not (known or added))
    for number, problem in enumerate(added, 1):
        yield from _result(number, _facts(problem))


def _head(report: Subject, results: int, *, conforms: bool) -> Iterator[Triple]:
    yield Triple(report, _TYPE, NamedNode(SH + "ValidationReport"))
    yield Triple(report, _CONFORMS, Literal(conforms))
    for number in range(1, results + 1):
        yield Triple(report, NamedNode(SH + "result"), BlankNode(f"result{number}"))


def _result(number: int, facts: Facts) -> Iterator[Triple]:
    result = BlankNode(f"result{number}")
    yield Triple(result, _TYPE, NamedNode(SH + "ValidationResult"))
    for name, nodes in facts.items():
        for node in nodes:
            yield Triple(result, NamedNode(SH + name), node)


def _facts(problem: Problem) -> Facts:
    """The properties of a result (SHACL, 3.6.2)."""
    file = NamedNode(graph_iri(slug(problem.place.path)))
    component = SH + problem.constraint if problem.constraint else under(CODES, problem.code)
    messages = problem.messages.items()
    return {
        "focusNode": _terms(problem.focus) or [file],
        "resultPath": _terms(problem.predicate),
        "value": _terms(problem.value),
        "resultSeverity": [_SEVERITIES[problem.severity]],
        "sourceConstraintComponent": [NamedNode(component)],
        "resultMessage": [Literal(_scalar(text), language=tag) for tag, text in messages],
    }


def _terms(text: str | None) -> list[Term]:
    """The term that a problem names in the syntax of N-Triples, none where it is no term."""
    if text is None:
        return []
    line = f"<x:x> <x:x> {_scalar(text)} ."
    try:
        quads = list(parse(line, format=RdfFormat.N_TRIPLES))
    except SyntaxError:
        return []
    return [_apart(quad.object) for quad in quads]


def _apart(term: Term) -> Term:
    """A blank node of the data, under a name that none of the report has."""
    return BlankNode(f"data-{term.value}") if isinstance(term, BlankNode) else term


def _scalar(text: str) -> str:
    """The text without halves of surrogate pairs, which no RDF has."""
    return text.encode(errors="backslashreplace").decode()


def _turtle(triples: list[Triple]) -> str:
    """The document; of several prefixes the order would not be the same each time."""
    document = serialize(triples, format=RdfFormat.TURTLE, prefixes={"sh": SH})
    return (document or b"").decode()
