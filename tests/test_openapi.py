"""The OpenAPI document is true: whatever it lets a client send is answered as it says."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import openapi
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_schema_conformance,
    status_code_conformance,
)

from leadgraph.settings import Settings
from leadgraph.web.openapi import document
from tests.markup import read
from tests.pages_engine import application, graph, listening, release

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from schemathesis import Case

CONFORMANCE = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
UNHURRIED = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}


@schemathesis.serializer("application/n-triples", "application/sparql-query")
def as_text(_context: object, value: object) -> bytes:
    """The body of a request in a format that schemathesis does not know."""
    return value if isinstance(value, bytes) else str(value).encode(errors="surrogatepass")


DESCRIBED = openapi.from_dict(json.loads(json.dumps(document(Settings(), ""))))
READING = DESCRIBED.include(path_regex=r"^/api/(search|things)|^/openapi|csv$")
CHECKING = DESCRIBED.include(path="/api/check")
CHECKING.config.phases.update(phases=["fuzzing"])  # a check takes a second
RECONCILING = DESCRIBED.include(path_regex="^/reconcile")
ASKING = DESCRIBED.include(path="/sparql")


@pytest.fixture(scope="module")
def app() -> Iterator[Flask]:
    """The application over the graph of this repository."""
    with application(graph(), release()) as served:
        yield served


@pytest.fixture(scope="module")
def origin(app: Flask) -> Iterator[str]:
    """The address of a server of it."""
    with listening(app) as address:
        yield address


@READING.parametrize()
@settings(max_examples=25, **UNHURRIED)
def test_what_is_read_is_answered_as_described(case: Case, origin: str) -> None:
    checks = (*CONFORMANCE, negative_data_rejection, positive_data_acceptance)
    case.call_and_validate(origin, checks=checks)


@CHECKING.parametrize()
@settings(max_examples=3, **UNHURRIED)
def test_what_is_sent_to_be_checked_gets_a_report(case: Case, origin: str) -> None:
    case.call_and_validate(origin, checks=CONFORMANCE)


@RECONCILING.parametrize()
@settings(max_examples=25, **UNHURRIED)
def test_names_are_reconciled_as_described(case: Case, origin: str) -> None:
    case.call_and_validate(origin, checks=CONFORMANCE)


@ASKING.parametrize()
@settings(max_examples=10, **UNHURRIED)
def test_the_endpoint_answers_with_what_it_says(case: Case, origin: str) -> None:
    case.call_and_validate(origin, checks=CONFORMANCE)


def test_the_document_that_is_served_is_the_one_that_was_tested(app: Flask) -> None:
    served = app.test_client().get("/openapi.json").json

    assert served["paths"] == DESCRIBED.raw_schema["paths"]


def test_every_route_for_programs_is_described(app: Flask) -> None:
    paths = app.test_client().get("/openapi.json").json["paths"]
    rules = [rule.rule for rule in app.url_map.iter_rules()]
    tables = paths["/{list}.csv"]["get"]["parameters"][0]["schema"]["enum"]
    routes = {re.sub(r"<[^>]+>", "{}", rule) for rule in rules if rule.startswith("/api/")}

    assert routes <= {re.sub(r"{\w+}", "{}", path) for path in paths}
    for rule in (rule for rule in rules if rule.endswith(".csv")):
        assert set(re.findall(r"\w+", rule)) <= {*tables, "any", "name", "csv"}


def test_every_example_of_the_guide_answers(app: Flask) -> None:
    client = app.test_client()
    paths = client.get("/openapi.json").json["paths"]
    guide = read(client.get("/api").text)
    examples = [
        operation["x-example"]
        for methods in paths.values()
        for operation in methods.values()
        if "x-example" in operation
    ]

    assert len(examples) >= 6
    for example in examples:
        assert client.get(example).status_code == 200, example
        assert example in guide.values("href")


def test_the_guide_names_every_operation_and_parameter(app: Flask) -> None:
    client = app.test_client()
    paths = client.get("/openapi.json").json["paths"]
    codes = {element.text for element in read(client.get("/api?lang=ar").text).all("code")}

    for path, methods in paths.items():
        for method, operation in methods.items():
            assert f"{method.upper()} {path}" in codes
            assert {each["name"] for each in operation.get("parameters", [])} <= codes


def test_the_document_knows_where_the_application_stands(app: Flask) -> None:
    client = app.test_client()

    assert client.get("/openapi.json").json["servers"] == [{"url": "/"}]
    under = client.get("/openapi.json", environ_overrides={"SCRIPT_NAME": "/graph"})
    assert under.json["servers"] == [{"url": "/graph"}]
