"""Every query evaluation and syntax test of the W3C's SPARQL 1.1 suite, over HTTP.

One server holds every data file of the suite as a named graph; the dataset of each test is chosen
by the parameters of the protocol. What a query means is asked three times: by GET, by form and by
direct POST, each in another format. The tests of SERVICE are in tests/test_w3c_federation.py.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pytest

from tests import w3c
from tests.endpoints import oxigraph
from tests.w3c import Case, Reply, Solutions, send

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from _pytest.mark import ParameterSet

pytestmark = w3c.needs_suite

FOLDERS = (
    "aggregates", "bind", "bindings", "cast", "construct", "csv-tsv-res", "exists", "functions",
    "grouping", "json-res", "negation", "project-expression", "property-path", "subquery",
    "syntax-query",
)  # fmt: skip
FORM = [("Content-Type", "application/x-www-form-urlencoded")]
DIRECT = [("Content-Type", "application/sparql-query")]
NOTHING = w3c.HOME + "no-such-graph"

GRAPH_SCOPE = "the engine binds the variable of GRAPH inside its braces too (oxigraph#1450)"
ZERO_LENGTH = "the engine leaves out paths of length zero from a term that the data lacks (#1815)"
GROUP_CONCAT = "the engine keeps the language: the test said so until w3c/rdf-tests#280 changed it"

DEVIATIONS: dict[str, str] = {
    "aggregates/agg-empty-group-count-graph": GRAPH_SCOPE,
    "aggregates/agg-groupconcat-04": GROUP_CONCAT,
    "aggregates/agg-groupconcat-06": GROUP_CONCAT,
    "bindings/graph": GRAPH_SCOPE,
    "csv-tsv-res/tsv03": "the engine stores numbers by value, as integers (oxigraph#526)",
    "functions/bnode01": "BNODE(text) of the engine is one node per query, not per solution",
    "negation/graph-minus": GRAPH_SCOPE,
    "property-path/zero_or_more_set_end": ZERO_LENGTH,
    "property-path/zero_or_more_set_start": ZERO_LENGTH,
    "property-path/zero_or_one_set_end": ZERO_LENGTH,
    "property-path/zero_or_one_set_start": ZERO_LENGTH,
    "syntax-query/test_4": "the engine refuses a function that it does not have",
}
"""Folder and name of a test -> the erratum, or the choice of the engine, that it runs against.

Each must fail: a release of the engine that passes one makes the suite ask for a shorter table.
"""

CASES = w3c.cases(*FOLDERS)


def of_kind(kind: str) -> pytest.MarkDecorator:
    """A parameter for every test of a kind; those of the table must fail."""
    return pytest.mark.parametrize("case", [parameter(case) for case in CASES if case.kind == kind])


def parameter(case: Case) -> ParameterSet:
    """A test as pytest wants it."""
    deviation = DEVIATIONS.get(case.id)
    marks = [pytest.mark.xfail(reason=deviation, strict=True)] if deviation else []
    return pytest.param(case, id=case.id, marks=marks)


@pytest.fixture(scope="module", params=["memory", "disk", "endpoint"])
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server over the data of all tests, by each of the engines."""
    dataset = tmp_path_factory.mktemp("w3c") / "suite.nq"
    w3c.write_dataset(dataset, {})
    with contextlib.ExitStack() as stack:
        arguments: tuple[str | Path, ...] = (dataset, "--engine", request.param)
        if request.param == "endpoint":
            arguments = ("--engine", stack.enter_context(oxigraph([dataset])))
        yield stack.enter_context(w3c.serving(*arguments))


def dataset_of(case: Case) -> list[tuple[str, str]]:
    """The protocol's parameters for the data of a test; none where the query names its own."""
    if re.search(r"\bFROM\b", case.text):
        return []
    default = [("default-graph-uri", iri) for iri in case.default or (NOTHING,)]
    return default + [("named-graph-uri", iri) for iri in case.named]


def based(case: Case) -> str:
    """The query with the base that it has as a file."""
    return f"BASE <{case.query}>\n{case.text}"


def by_get(port: int, case: Case, accept: str) -> Reply:
    """The answer to a query in the address."""
    target = "/sparql?" + urlencode([("query", based(case)), *dataset_of(case)], quote_via=quote)
    return send(port, "GET", target, [("Accept", accept)])


def by_form(port: int, case: Case, accept: str) -> Reply:
    """The answer to a form."""
    body = urlencode([("query", based(case)), *dataset_of(case)]).encode()
    return send(port, "POST", "/sparql", [*FORM, ("Accept", accept)], body)


def directly(port: int, case: Case, accept: str) -> Reply:
    """The answer to a body that is the query."""
    target = "/sparql?" + urlencode(dataset_of(case))
    return send(port, "POST", target, [*DIRECT, ("Accept", accept)], based(case).encode())


def ordered(case: Case) -> bool:
    """Whether the order of the rows is part of the answer."""
    return re.search(r"\border\s+by\b", case.text, re.IGNORECASE) is not None


def agree(found: Solutions | bool, expected: Solutions | bool, case: Case) -> bool:
    """Whether two answers to a SELECT or an ASK are the same."""
    if isinstance(found, bool) or isinstance(expected, bool):
        return found is expected
    return w3c.same_solutions(found, expected, ordered=ordered(case))


@of_kind("QueryEvaluationTest")
def test_a_query_means_what_the_suite_says(port: int, case: Case) -> None:
    if re.search(r"\bCONSTRUCT\b", case.text, re.IGNORECASE):
        reply = directly(port, case, "text/turtle")
        assert reply.status == 200, reply.body
        assert w3c.same_graphs(reply.body, w3c.file(case.result))
        return
    expected = w3c.expected(case.result)

    replies = (
        (by_get(port, case, "application/sparql-results+json"), w3c.read_json),
        (by_form(port, case, "application/sparql-results+xml"), w3c.read_xml),
        (directly(port, case, "text/tab-separated-values"), w3c.read_tsv),
    )
    for reply, read in replies:
        assert reply.status == 200, reply.body
        found = read(reply.body)
        assert agree(found, expected, case), (found, expected)


@of_kind("CSVResultFormatTest")
def test_a_table_in_csv_is_what_the_suite_says(port: int, case: Case) -> None:
    found = w3c.read_csv(directly(port, case, "text/csv").body)
    expected = w3c.read_csv(w3c.file(case.result).read_bytes())

    assert agree(found, expected, case)


@of_kind("PositiveSyntaxTest11")
def test_what_is_sparql_is_answered(port: int, case: Case) -> None:
    reply = send(port, "POST", "/sparql", DIRECT, case.text.encode())

    assert reply.status == 200, reply.body


@of_kind("NegativeSyntaxTest11")
def test_what_is_no_sparql_is_refused_with_its_place(port: int, case: Case) -> None:
    reply = send(port, "POST", "/sparql", DIRECT, case.text.encode())

    assert (reply.status, reply.code) == (400, "query-malformed")


def table(*rows: w3c.Row) -> Solutions:
    """A table of two columns."""
    return Solutions(("a", "b"), list(rows))


def test_tables_are_told_apart_by_their_terms_order_and_blank_nodes() -> None:
    x, y, one = ("bnode", "x"), ("bnode", "y"), ("literal", "1", w3c.XSD + "integer", "")
    chain, loop = table({"a": x, "b": y}, {"a": y}), table({"a": x, "b": x}, {"a": y})

    assert w3c.same_solutions(chain, table({"a": x}, {"a": y, "b": x}), ordered=False)
    assert not w3c.same_solutions(chain, table({"a": x}, {"a": y, "b": x}), ordered=True)
    assert not w3c.same_solutions(chain, loop, ordered=False)
    assert not w3c.same_solutions(loop, chain, ordered=False)
    assert not w3c.same_solutions(table({"a": one}), table({"b": one}), ordered=False)
    assert not w3c.same_solutions(table({"a": one}), table({"a": one}, {"a": one}), ordered=False)
    assert not w3c.same_solutions(table({"a": one}), Solutions(("a",), [{"a": one}]), ordered=True)


def test_every_deviation_is_one_of_a_test_that_exists() -> None:
    assert {case.id for case in CASES} >= DEVIATIONS.keys()
