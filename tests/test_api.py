"""The JSON API says what the pages say, in a form that needs no RDF, and is not to be broken."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest

from leadgraph.explore.describe import describe
from leadgraph.settings import Settings
from leadgraph.vocabulary import DCTERMS, ID, OWL, RDF, SKOS
from leadgraph.web import checks
from leadgraph.web.app import create_app
from tests.markup import read
from tests.pages_engine import ROOT, application, engine, graph, release

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

TURTLE = {"Content-Type": "text/turtle"}
CSV = {"Accept": "text/csv"}
GONE = f"""
<{ID}role/tutor> <{RDF}type> <{SKOS}Concept> .
<{ID}role/tutor> <{OWL}deprecated> true .
<{ID}role/tutor> <{DCTERMS}isReplacedBy> <{ID}role/mentor> .
<{ID}role/mentor> <{RDF}type> <{SKOS}Concept> .
<{ID}role/mentor> <{SKOS}prefLabel> "=1+1"@en .
<{ID}role/mentor> <{SKOS}note> "a \\"quoted\\", broken\\nline"@fr .
<{ID}role/mentor> <{SKOS}related> _:somebody .
_:somebody <{SKOS}prefLabel> "nobody" .
"""


@pytest.fixture(scope="module")
def app() -> Iterator[Flask]:
    """The application over the graph of this repository."""
    with application(graph(), release()) as served:
        yield served


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of that application."""
    return app.test_client()


@pytest.fixture(scope="module")
def plain() -> Iterator[FlaskClient]:
    """A client of an application over a few statements of our own."""
    nquads = GONE.replace(" true ", ' "true"^^<http://www.w3.org/2001/XMLSchema#boolean> ')
    with application(nquads.encode(), None) as app:
        yield app.test_client()


def table(response: TestResponse) -> list[dict[str, str]]:
    """The rows of a CSV answer."""
    assert response.content_type == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(response.text, newline="")))


# --- Things --------------------------------------------------------------------------------------


def test_a_thing_is_told_with_all_that_its_description_says(
    app: Flask, client: FlaskClient
) -> None:
    told = client.get("/api/things/role/coordinator?lang=fr").json
    described = describe(app.extensions["leadgraph"].engine, f"{ID}role/coordinator", "fr")

    assert told["iri"] == f"{ID}role/coordinator"
    assert told["label"] == {"value": "Personnes qui coordonnent", "language": "fr"}
    assert told["labels"]["en"] == ["Coordinators"]
    assert [group["name"] for group in told["groups"]] == [each.name for each in described.groups]
    for group, expected in zip(told["groups"], described.groups, strict=True):
        assert [(one["property"]["iri"], len(one["values"])) for one in group["properties"]] == [
            (one.property.iri, len(one.values)) for one in expected.statements
        ]
    assert [one["graph"]["iri"] for one in told["sources"]] == [
        source.node.iri for source in described.sources
    ]


def test_what_points_at_a_thing_and_where_its_data_are_is_told(client: FlaskClient) -> None:
    told = client.get("/api/things/skill/mentoring").json

    assert any(row["count"] >= len(row["things"]) > 0 for row in told["incoming"])
    for form in told["formats"]:
        response = client.get(form["address"])
        assert response.status_code == 200
        assert response.mimetype == form["media_type"]


def test_every_address_that_is_told_answers(client: FlaskClient) -> None:
    told = client.get("/api/things/role/coordinator").text

    addresses = set(re.findall(r'"(?:address|api)": "([^"#]+)', told))
    assert len(addresses) > 5
    for address in addresses:
        assert client.get(address).status_code == 200, address


def test_a_literal_a_blank_node_and_a_thing_are_told_apart(plain: FlaskClient) -> None:
    told = plain.get("/api/things/role/mentor").json
    values = {
        one["property"]["iri"]: one["values"][0]
        for group in told["groups"]
        for one in group["properties"]
    }

    assert values[f"{SKOS}note"]["language"] == "fr"
    assert values[f"{RDF}type"]["iri"] == f"{SKOS}Concept"
    (part,) = values[f"{SKOS}related"]["parts"]
    assert part["values"][0]["value"] == "nobody"


def test_an_unknown_thing_is_404_and_a_replaced_one_410_with_its_successor(
    plain: FlaskClient,
) -> None:
    unknown, gone = plain.get("/api/things/role/nobody"), plain.get("/api/things/role/tutor")

    assert (unknown.status_code, unknown.json["code"]) == (404, "thing-not-found")
    assert (gone.status_code, gone.json["successors"]) == (410, [f"{ID}role/mentor"])


@pytest.mark.parametrize(
    "path", ["nothing", "role/Nobody", "role/x.ttl", "role/a b", "role/%00", "ROLE", "role/x/y"]
)
def test_what_names_no_thing_is_404(client: FlaskClient, path: str) -> None:
    response = client.get(f"/api/things/{path}")

    assert response.status_code == 404
    assert response.content_type == "application/problem+json"


def test_every_thing_of_the_graph_is_in_the_list_of_its_type(client: FlaskClient) -> None:
    told = client.get("/api/things").json
    subjects = set(re.findall(rf"^<({re.escape(ID)}[^>]+)>", graph().decode(), re.MULTILINE))
    listed: set[str] = set()
    for row in told["types"]:
        path = f"{row['api']}?limit=100"
        while path:
            page = client.get(path).json
            listed |= {thing["iri"] for thing in page["things"]}
            path = page["next"]

    assert listed == subjects
    assert told["total"] == len(subjects)


def test_a_list_stops_where_it_is_asked_to_and_says_where_it_goes_on(client: FlaskClient) -> None:
    first = client.get("/api/things/role?limit=3&lang=de").json
    second = client.get(first["next"]).json

    assert (first["limit"], first["offset"], second["offset"]) == (3, 0, 3)
    assert len(first["things"]) == 3
    assert second["language"] == "de"
    assert not {one["iri"] for one in first["things"]} & {one["iri"] for one in second["things"]}
    assert client.get(f"/api/things/role?offset={first['total']}").json["next"] is None


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "limit=1&limit=2", "offset=-1", "offset=1000001",
     "lang=tlh", "format=xml", "limit=%D9%A3", "limit=1e1", "lang="],
)  # fmt: skip
def test_a_parameter_out_of_bounds_is_named(client: FlaskClient, query: str) -> None:
    response = client.get(f"/api/things/role?{query}")

    assert response.status_code == 400
    assert f"`{query.partition('=')[0]}" in response.json["detail"]


# --- Search --------------------------------------------------------------------------------------


def test_a_result_says_what_it_is_where_it_is_and_why_it_was_found(client: FlaskClient) -> None:
    told = client.get("/api/search?q=mentroing&type=skill&lang=ar").json
    (result,) = told["results"]

    assert result["iri"] == f"{ID}skill/mentoring"
    assert result["address"] == "/doc/skill/mentoring?lang=ar"
    assert result["type"] == "skill"
    assert result["label"]["language"] == "ar"
    assert result["match"]["how"] == "misspelt"
    assert 0 < result["score"] < 1
    assert (told["total"], told["next"], told["language"]) == (1, None, "ar")


@pytest.mark.parametrize(
    "query", ["", "q=", "q=%00", "q=" + "x" * 201, "q=a&q=b", "q=x&type=Role", "q=x&type="]
)
def test_a_search_for_nothing_or_for_too_much_is_refused(client: FlaskClient, query: str) -> None:
    response = client.get(f"/api/search?{query}")

    assert response.status_code == 400
    assert response.json["code"] == "request-malformed"


def test_a_hundred_kilobytes_of_words_are_refused(client: FlaskClient) -> None:
    response = client.get("/api/search", query_string={"q": "wort " * 20_000})

    assert response.status_code == 400
    assert len(response.data) < 1000


def test_the_page_and_the_api_find_the_same(client: FlaskClient) -> None:
    told = client.get("/api/search?q=leader").json
    page = read(client.get("/search?q=leader").text)

    addresses = [one["address"] or one["iri"] for one in told["results"]]
    assert len(addresses) == 20
    assert [href for href in page.values("href") if href in addresses]
    assert set(addresses) <= set(page.values("href"))


# --- Tables --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["roles", "skills", "resources", "pathways", "names"])
def test_every_list_is_a_table_with_all_that_the_page_lists(client: FlaskClient, name: str) -> None:
    page = read(client.get(f"/{name}?lang=es").text)
    response = client.get(f"/{name}.csv?lang=es")
    rows = table(response)

    assert f"/{name}.csv?lang=es" in page.values("href")
    assert f'filename="{name}.csv"' in response.headers["Content-Disposition"]
    listed = {next(iter(row.values())) for row in rows}
    linked = {href.partition("?")[0].replace("/doc/", ID) for href in page.values("href")}
    assert len(listed) > 10
    assert listed <= linked


def test_rows_of_a_search_and_of_a_list_come_as_csv(client: FlaskClient) -> None:
    by_name = table(client.get("/api/search?q=mentoring&format=csv"))
    accepted = table(client.get("/api/search?q=mentoring", headers=CSV))
    things = table(client.get("/api/things/role?limit=100", headers=CSV))

    assert by_name == accepted
    assert by_name[0]["iri"] == f"{ID}skill/mentoring"
    assert {"label", "language", "type", "match", "how", "score"} <= set(by_name[0])
    assert len(things) == client.get("/api/things/role").json["total"]


def test_a_cell_is_the_text_as_it_is_and_survives_quotes_and_lines(plain: FlaskClient) -> None:
    response = plain.get("/api/search?q=quoted&format=csv")
    (row,) = table(response)

    assert row["label"] == "=1+1"
    assert row["match"] == 'a "quoted", broken\nline'
    assert response.text.endswith("\r\n")


def test_what_is_accepted_nowhere_is_406(client: FlaskClient) -> None:
    response = client.get("/api/search?q=x", headers={"Accept": "image/png"})

    assert response.status_code == 406
    assert response.json["offered"] == ["application/json", "text/csv"]


# --- HTTP ----------------------------------------------------------------------------------------

PATHS = [
    "/api/search?q=mentor", "/api/things", "/api/things/role", "/api/things/role/coordinator",
    "/roles.csv", "/names.csv", "/pathways.csv", "/openapi.json", "/api", "/search?q=mentor",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_that_is_still_right_is_not_sent_again(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    other = client.get(path, headers={"If-None-Match": '"other"'})

    assert first.headers["Cache-Control"] == "no-cache"
    assert "Accept-Language" in first.headers["Vary"]
    assert (again.status_code, again.data) == (304, b"")
    assert (other.status_code, other.data) == (200, first.data)


@pytest.mark.parametrize("path", PATHS)
def test_head_options_and_other_origins_are_answered(client: FlaskClient, path: str) -> None:
    head = client.head(path)
    options = client.options(path)
    foreign = client.get(path, headers={"Origin": "https://example.org"})

    assert (head.status_code, head.data) == (200, b"")
    assert int(head.headers["Content-Length"]) > 0
    assert {"GET", "HEAD", "OPTIONS"} <= set(options.headers["Allow"].split(", "))
    assert foreign.headers["Access-Control-Allow-Origin"] == "*"


def test_a_check_is_only_taken_by_post(client: FlaskClient) -> None:
    response = client.get("/api/check")

    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]


# --- Checks --------------------------------------------------------------------------------------

MISTAKE = b"""
@prefix lg: <https://w3id.org/leadgraph/ns#> .
<https://w3id.org/leadgraph/id/role/newsletter-editor> a lg:LeaderRole ;
    lg:requiresSkill <https://w3id.org/leadgraph/id/skill/comunication> .
"""


def test_a_check_says_what_the_command_says(client: FlaskClient, tmp_path: Path) -> None:
    (tmp_path / "contribution.ttl").write_bytes(MISTAKE)
    printed = subprocess.run(
        [sys.executable, "-m", "leadgraph.cli.main", "check", "contribution.ttl",
         "--format", "json", "--lang", "es"],
        cwd=tmp_path, capture_output=True, check=False, timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ).stdout  # fmt: skip
    response = client.post("/api/check?lang=es", data=MISTAKE, headers=TURTLE)

    assert response.status_code == 200
    assert response.data == printed
    assert response.json["conforms"] is False
    assert len(response.json["problems"]) >= 3
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "accept", "media_type", "beginning"),
    [
        ("", "", "application/json", b"{"),
        ("", "text/html, */*;q=0.8", "application/json", b"{"),
        ("", "application/sarif+json", "application/sarif+json", b'{\n  "$schema"'),
        ("", "text/turtle", "text/turtle", b"@prefix sh:"),
        ("", "text/plain", "text/plain", b"contribution.ttl:1:1"),
        ("&format=sarif", "text/turtle", "application/sarif+json", b'{\n  "$schema"'),
        ("&format=text", "", "text/plain", b"contribution.ttl:1:1"),
    ],
)
def test_a_report_comes_in_the_form_that_is_asked_for(
    client: FlaskClient, query: str, accept: str, media_type: str, beginning: bytes
) -> None:
    headers = TURTLE | ({"Accept": accept} if accept else {})
    response = client.post(
        f"/api/check?lang=es{query}", data=b"<http://e/a> <http", headers=headers
    )

    assert (response.status_code, response.mimetype) == (200, media_type)
    assert response.data.startswith(beginning)
    assert response.headers["Content-Language"] == "es"
    assert {"Accept", "Accept-Language"} <= set(response.headers["Vary"].split(", "))


def test_a_form_that_there_is_not_is_refused(client: FlaskClient) -> None:
    other = client.post("/api/check", data=b"", headers=TURTLE | {"Accept": "image/png"})
    named = client.post("/api/check?format=junit", data=b"", headers=TURTLE)

    assert (other.status_code, other.json["code"]) == (406, "not-acceptable")
    assert named.status_code == 400


def test_the_schema_of_reports_is_served_and_reports_keep_to_it(client: FlaskClient) -> None:
    response = client.get("/schemas/report.json")
    report = client.post("/api/check", data=MISTAKE, headers=TURTLE).json

    assert response.mimetype == "application/schema+json"
    assert report["$schema"] == response.json["$id"]
    jsonschema_rs.validate(response.json, report)
    again = client.get("/schemas/report.json", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


def test_a_file_of_the_graph_is_checked_as_its_new_version(client: FlaskClient) -> None:
    whole = (ROOT / "data/leader-roles.ttl").read_bytes()
    path = "/api/check?name=leader-roles"
    same = client.post(path, data=whole, headers=TURTLE).json
    emptied = client.post(path, data=b"<http://e/a> <http://e/b> 1 .", headers=TURTLE).json

    assert same["conforms"]
    assert same["files"] == ["leader-roles.ttl"]
    assert "thing-removed" in {problem["code"] for problem in emptied["problems"]}


def test_no_path_of_the_server_is_told(client: FlaskClient) -> None:
    """What the new version of a file breaks is reported in the files that it breaks."""
    emptied = client.post(
        "/api/check?name=skill-themes", data=b"<http://e/a> <http://e/b> 1 .", headers=TURTLE
    )
    paths = {problem["path"] for problem in emptied.json["problems"]}

    assert not [path for path in paths if path.startswith("/")]
    assert str(ROOT) not in emptied.text
    assert "/tmp" not in emptied.text


@pytest.mark.parametrize(
    ("media_type", "body", "code"),
    [
        ("text/turtle", b"<http://e/a> <http", "syntax"),
        ("text/turtle", b"\xff\xfe\x00", "utf-16"),
        ("text/turtle", b'<http://e/a> <http://e/b> "\xe9" .', "not-utf-8"),
        ("text/turtle", b"<a> <x:b> <x:c> .", "relative-iri"),
        ("application/n-triples", b"[] a [] .", "syntax"),
        (
            "application/ld+json",
            b'{"@context": "http://127.0.0.1:9/c", "@id": "urn:a"}',
            "remote-context",
        ),
        ("text/turtle", b"<?xml version='1.0'?><rdf:RDF/>", "rdf-xml"),
    ],
)
def test_a_file_that_cannot_be_read_gets_a_report(
    client: FlaskClient, media_type: str, body: bytes, code: str
) -> None:
    response = client.post("/api/check", data=body, content_type=media_type)

    assert response.status_code == 200
    assert response.json["conforms"] is False
    assert [problem["code"] for problem in response.json["problems"]] == [code]


def test_nothing_is_fetched_for_a_file(client: FlaskClient) -> None:
    body = b"""<http://e/a> <http://www.w3.org/2002/07/owl#imports>
        <file:///etc/passwd>, <http://127.0.0.1:9/> ."""
    response = client.post("/api/check", data=body, headers=TURTLE)

    assert response.status_code == 200
    assert "root:" not in response.text


@pytest.mark.parametrize(
    "media_type", ["application/x-www-form-urlencoded", "application/rdf+xml", "", "text/plain"]
)
def test_a_body_that_is_no_contribution_is_refused(client: FlaskClient, media_type: str) -> None:
    response = client.post("/api/check", data=b"x", headers={"Content-Type": media_type})

    assert response.status_code == 415
    assert "text/turtle" in response.json["accepted"]


def test_a_body_that_breaks_off_is_not_taken_for_a_file(client: FlaskClient) -> None:
    """As gunicorn hands it on: the stream ends, and says nothing of what is missing."""
    cut = {"CONTENT_LENGTH": "99", "wsgi.input_terminated": True}
    response = client.post(
        "/api/check", data=b"<http://e/a>", headers=TURTLE, environ_overrides=cut
    )

    assert (response.status_code, response.json["code"]) == (400, "request-malformed")


def test_a_file_name_that_no_folder_takes_is_refused_for_its_length(client: FlaskClient) -> None:
    response = client.post("/api/check?name=" + "x" * 300, headers=TURTLE)
    assert response.json["detail"].startswith("`name` has 300 characters. Send at most ")


@pytest.mark.parametrize("name", ["../../x", "a/b", "a.ttl", "%00", "A"])
def test_a_file_name_cannot_lead_elsewhere(client: FlaskClient, name: str) -> None:
    assert client.post(f"/api/check?name={name}", headers=TURTLE).status_code == 400


def test_a_file_beyond_the_limit_is_refused_and_one_at_it_is_read() -> None:
    with engine(b"") as client:
        app = create_app(client, Settings(source_bytes=1000, query_bytes=10), None)
        post = app.test_client().post
        large = post("/api/check", data=b"#" * 1001, headers=TURTLE)
        whole = post("/api/check", data=b"#" * 1000, headers=TURTLE)

    assert (large.status_code, large.json["code"]) == (413, "source-too-long")
    assert large.json["limit_bytes"] == 1000
    assert whole.status_code == 200


def test_more_checks_than_may_be_are_told_to_come_back(app: Flask, client: FlaskClient) -> None:
    counted = app.extensions[checks.SLOTS]
    for _ in range(Settings().checks):
        assert counted.acquire(blocking=False)
    try:
        busy = client.post("/api/check", data=b"", headers=TURTLE)
    finally:
        for _ in range(Settings().checks):
            counted.release()

    assert (busy.status_code, busy.json["code"]) == (503, "checks-busy")
    assert busy.headers["Retry-After"] == str(busy.json["retry_after_seconds"])
    assert client.post("/api/check", data=b"", headers=TURTLE).status_code == 200


def test_checks_that_meet_all_end(app: Flask) -> None:
    """As many as may be are answered, the others are told to come back; no place is lost."""
    statuses: list[int] = []

    def send() -> None:
        response = app.test_client().post("/api/check", data=b"<http", headers=TURTLE)
        statuses.append(response.status_code)

    threads = [threading.Thread(target=send) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(statuses) <= {200, 503}
    assert statuses.count(200) >= Settings().checks
    assert app.extensions[checks.SLOTS]._value == Settings().checks


def test_a_check_that_takes_too_long_is_stopped() -> None:
    with engine(b"") as client:
        app = create_app(client, Settings(check_seconds=0.01), None)
        response = app.test_client().post("/api/check", data=b"", headers=TURTLE)

    assert (response.status_code, response.json["code"]) == (503, "check-stopped")


def test_a_broken_graph_is_told_without_its_path(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/broken.ttl").write_text("<http")
    with engine(b"") as client:
        app = create_app(client, Settings(graph=str(tmp_path)), release())
        response = app.test_client().post(
            "/api/check", data=b"<http://e/a> <http://e/b> 1 .", headers=TURTLE
        )

    assert (response.status_code, response.json["code"]) == (503, "check-context-broken")
    assert str(tmp_path) not in response.text


def test_json_is_readable_and_keeps_its_letters(client: FlaskClient) -> None:
    body = client.get("/api/things/role/coordinator?lang=ar").text

    assert "أشخاص" in body
    assert json.loads(body)["language"] == "ar"
