"""The reconciliation service keeps to the API 0.2, and cannot be broken by what it is sent."""

from __future__ import annotations

import io
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import jsonschema_rs
import pytest
from pyoxigraph import RdfFormat, parse, serialize

from leadgraph import words
from leadgraph.explore.extension import CONTENTS
from leadgraph.settings import Settings
from leadgraph.vocabulary import ID, LG, RDFS, SKOS, XSD
from tests.markup import read
from tests.pages_engine import application, graph, release

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

SCHEMAS = Path(__file__).parents[2] / "shared/w3c/reconciliation/schemas"
GROWTH = {"query": "Growht mentor"}
SCRIPT = "<script>alert(1)</script>"
SMALL = f"""
<{ID}role/a> a <{LG}LeaderRole> ; <{SKOS}prefLabel> "{SCRIPT}"@en , "وصيّ"@ar ;
    <{SKOS}note> "{SCRIPT} & more"@en ; <{LG}requiresSkill> <{ID}skill/b> , <http://example.org/x> ;
    <{SKOS}example> 7 , 7.5 , "INF"^^<{XSD}double> , true , "2016-05-04"^^<{XSD}date> ,
        "2016-05-04T10:00:00Z"^^<{XSD}dateTime> , "2016"^^<{XSD}gYear> , "2016-05"^^<{XSD}gYearMonth> ,
        "99999999999999999999"^^<{XSD}integer> , "seven"^^<{XSD}integer> , "un"@fr , "one"@en , "x" .
<{ID}skill/b> a <{LG}Skill> ; <{SKOS}prefLabel> "Weaving"@en .
<http://example.org/x> <{RDFS}label> "Elsewhere"@en .
<{LG}Skill> <{RDFS}label> "{SCRIPT}"@en .
"""  # noqa: E501


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
def small() -> Iterator[FlaskClient]:
    """A client of an application over a few statements, with limits that are soon reached."""
    nquads = serialize(parse(SMALL, RdfFormat.TURTLE), format=RdfFormat.N_QUADS) or b""
    limits = Settings(reconcile_names=5, reconcile_bytes=5000, reconcile_seconds=30)
    with application(nquads, None, limits) as served:
        yield served.test_client()


def validator(name: str) -> jsonschema_rs.Draft7Validator:
    """The schema of the specification with that name."""
    if not SCHEMAS.is_dir():
        pytest.skip("the schemas of the Reconciliation API are not here: ../shared is absent")
    schemas = {path.name: json.loads(path.read_text("utf-8")) for path in SCHEMAS.glob("*.json")}
    for schema in schemas.values():
        schema.pop("$schema", None)
    known = {schema["$id"].rstrip("#"): schema for schema in schemas.values()}
    return jsonschema_rs.Draft7Validator(
        schemas[f"{name}.json"], retriever=lambda uri: known[uri.partition("#")[0]]
    )


def valid(name: str, response: TestResponse) -> object:
    """What a response says, which the specification's schema allows."""
    assert response.status_code == 200, response.text
    assert response.content_type == "application/json"
    validator(name).validate(response.json)
    return response.json


def ask(client: FlaskClient, queries: object, **arguments: str) -> TestResponse:
    """The answer to a batch by POST."""
    return client.post("/reconcile", data={"queries": json.dumps(queries)}, query_string=arguments)


def extend(client: FlaskClient, ids: list[str], *properties: object, **arguments: str) -> dict:
    """The rows of an extension that is valid."""
    asked = json.dumps({"ids": ids, "properties": list(properties)})
    response = client.post("/reconcile", data={"extend": asked}, query_string=arguments)
    valid("data-extension-response", response)
    return response.json


# The manifest


def test_the_manifest_is_valid_and_leads_to_where_we_answer(client: FlaskClient) -> None:
    manifest = client.get("/reconcile").json

    valid("manifest", client.get("/reconcile"))
    assert "0.2" in manifest["versions"]
    assert manifest["identifierSpace"] == ID
    assert manifest["schemaSpace"] == LG
    assert manifest["view"]["url"] == "http://localhost/id/{{id}}"
    for address in (
        manifest["documentation"],
        manifest["logo"],
        manifest["view"]["url"].replace("{{id}}", "role/functionary"),
        manifest["view"]["url"].replace("{{id}}", quote("role/functionary", safe="")),
        manifest["preview"]["url"].replace("{{id}}", quote("role/functionary", safe="")),
    ):
        assert client.get(address, follow_redirects=True).status_code == 200, address


def test_every_service_of_the_manifest_answers(client: FlaskClient) -> None:
    manifest = client.get("/reconcile?lang=fr").json
    ids = {"entity": "role/functionary", "type": "LeaderRole", "property": "requiresSkill"}

    for what, service in manifest["suggest"].items():
        path = service["service_path"]
        found = client.get(f"{service['service_url']}{path}&prefix=f")
        assert found.status_code == 200
        assert "lang=fr" in path
        flyout = service["flyout_service_path"].replace("${id}", ids[what])
        assert client.get(service["flyout_service_url"] + flyout).json["id"] == ids[what]
    proposing = manifest["extend"]["propose_properties"]
    assert client.get(proposing["service_url"] + proposing["service_path"]).status_code == 200


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_the_manifest_is_in_the_language_that_is_asked_for(
    client: FlaskClient, language: str
) -> None:
    manifest = client.get(f"/reconcile?lang={language}").json
    settings = {each["name"]: each for each in manifest["extend"]["property_settings"]}

    assert settings["limit"]["label"] == words.say("reconcile.limit", language)
    assert [each["value"] for each in settings["content"]["choices"]] == list(CONTENTS)
    assert f"lang={language}" in manifest["preview"]["url"]


def test_every_word_of_the_service_is_said(client: FlaskClient) -> None:
    keys = {key for key in words._texts() if key.startswith("reconcile.")}
    text = json.dumps(client.get("/reconcile?lang=de").json, ensure_ascii=False)

    assert len(keys) >= 10
    for key in keys:
        assert json.dumps(words.say(key, "de"), ensure_ascii=False) in text, key


def test_the_manifest_knows_where_the_application_stands(client: FlaskClient) -> None:
    manifest = client.get(
        "/reconcile", base_url="https://graph.example", environ_overrides={"SCRIPT_NAME": "/lead"}
    ).json
    service = manifest["suggest"]["entity"]

    assert manifest["view"]["url"] == "https://graph.example/lead/id/{{id}}"
    assert service["service_url"] + service["service_path"] == (
        "https://graph.example/lead/reconcile/suggest/entity"
    )


def test_pages_of_other_sites_may_read_the_answers(client: FlaskClient) -> None:
    response = client.get("/reconcile", headers={"Origin": "https://openrefine.example"})

    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_the_manifest_of_plain_files_shows_things_by_their_preview() -> None:
    nquads = b'<http://example.org/a> <http://www.w3.org/2000/01/rdf-schema#label> "Rotterdam" .\n'
    with application(nquads, None) as app:
        client = app.test_client()
        valid("manifest", client.get("/reconcile"))
        found = ask(client, {"q": {"query": "Roterdam"}}).json["q"]["result"][0]
        shown = client.get(
            client.get("/reconcile").json["view"]["url"].replace("{{id}}", quote(found["id"]))
        )

        assert found["id"] == "http://example.org/a"
        assert 'href="http://example.org/a"' in shown.text


# Queries


def test_a_batch_is_answered_key_by_key_and_is_valid(client: FlaskClient) -> None:
    queries = {
        "q0": GROWTH,
        "q1": {"query": "Trainer", "type": ["LeaderRole", "Skill"], "type_strict": "any",
               "limit": 2},
        "": {"query": "zzqx"},
        "ключ": {"query": "القيادة", "type": "LeaderRole", "type_strict": "should"},
        "p": {"properties": [{"pid": "requiresSkill", "v": {"id": "skill/communication"}}]},
        "v": {"query": "Trainer", "properties": [
            {"pid": "requiresSkill", "v": ["Weaving", 7, True, {"id": "skill/communication"}]}]},
        "null": {"query": "Trainer", "type": None, "limit": None, "properties": None},
    }  # fmt: skip

    found = valid("reconciliation-result-batch", ask(client, queries))

    assert set(found) == set(queries)
    assert found["q0"]["result"][0]["id"] == "role/growth-mentor"
    assert found["q0"]["result"][0]["match"]
    assert len(found["q1"]["result"]) == 2
    assert found[""] == {"result": []}
    assert len(found["p"]["result"]) == 5
    assert found["v"]["result"][0]["score"] > found["null"]["result"][0]["score"]


def test_what_is_asked_by_get_is_answered_as_by_post(client: FlaskClient) -> None:
    text = json.dumps({"q0": GROWTH})

    by_get = client.get("/reconcile", query_string={"queries": text})
    multipart = client.post(
        "/reconcile", data={"queries": text}, content_type="multipart/form-data"
    )

    assert by_get.json == ask(client, {"q0": GROWTH}).json == multipart.json


@pytest.mark.parametrize("text", ["Growht mentor", json.dumps(GROWTH)])
def test_an_old_client_asks_one_thing(client: FlaskClient, text: str) -> None:
    found = client.get("/reconcile", query_string={"query": text}).json

    assert found["result"][0]["id"] == "role/growth-mentor"


def test_names_come_in_the_language_of_who_asks(client: FlaskClient) -> None:
    named = {
        tag: ask(client, {"q": {"query": "functionaries"}}, lang=tag).json["q"]["result"][0]
        for tag in words.LANGUAGES
    }

    assert named["en"]["name"] == "Functionaries"
    assert len({each["name"] for each in named.values()}) == len(words.LANGUAGES)
    assert len({each["type"][0]["name"] for each in named.values()}) == len(words.LANGUAGES)
    assert {each["id"] for each in named.values()} == {"role/functionary"}


def test_features_say_what_a_score_is_made_of(client: FlaskClient) -> None:
    query = {"query": "Functionaries", "type": "LeaderRole"}
    first = ask(client, {"q": query}).json["q"]["result"][0]

    assert {each["id"]: each["value"] for each in first["features"]} == {
        "name_similarity": 1.0,
        "name_similarity@en": 1.0,
        "type_match": True,
    }


@pytest.mark.parametrize("name", ["cb", "$", "jQuery_1.cb", "a.b.c"])
def test_an_answer_calls_the_function_that_is_named(small: FlaskClient, name: str) -> None:
    arguments = {"query": SCRIPT, "callback": name}
    response = small.get("/reconcile", query_string=arguments)
    before, after = f"/**/{name}(", ");\n"

    assert response.content_type == "text/javascript; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "<" not in response.text
    assert response.text.startswith(before)
    content = json.loads(response.text.removeprefix(before).removesuffix(after))
    assert content["result"][0]["name"] == SCRIPT


@pytest.mark.parametrize(
    "name", ["", "alert(1)", "a;b", "a b", "1a", "a.", "<script>", "a\x00", "a\n", "é", "a" * 200]
)
def test_what_is_no_name_of_a_function_is_not_called(small: FlaskClient, name: str) -> None:
    response = small.get("/reconcile", query_string={"query": "x", "callback": name})

    assert response.status_code == 400
    assert response.content_type == "application/problem+json"


# What is wrong


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1, column 1"),
        ('{"q":', "line 1, column 6"),
        ("[]", "`queries`"),
        ("null", "`queries`"),
        ('"x"', "`queries`"),
        ('{"q": []}', "`queries.q`"),
        ('{"q": {}}', "`queries.q`"),
        ('{"q": {"query": 3}}', "`queries.q.query`"),
        ('{"q": {"properties": []}}', "`queries.q`"),
        ('{"q": {"query": "x", "props": []}}', "`queries.q.props`"),
        ('{"q": {"query": "x", "limit": "3"}}', "`queries.q.limit`"),
        ('{"q": {"query": "x", "limit": 0}}', "`queries.q.limit`"),
        ('{"q": {"query": "x", "limit": true}}', "`queries.q.limit`"),
        ('{"q": {"query": "x", "limit": 1e999}}', "`queries.q.limit`"),
        ('{"q": {"query": "x", "limit": NaN}}', "JSON does not allow"),
        ('{"q": {"query": "x", "limit": ' + "9" * 5000 + "}}", "JSON does not allow"),
        ('{"q": {"query": "x", "type": 3}}', "`queries.q.type`"),
        ('{"q": {"query": "x", "type_strict": "all of them"}}', "`queries.q.type_strict`"),
        ('{"q": {"query": "x", "properties": {}}}', "`queries.q.properties`"),
        ('{"q": {"query": "x", "properties": [{"pid": "a"}]}}', "`queries.q.properties[0].v`"),
        ('{"q": {"query": "x", "properties": [{"v": 1}]}}', "`queries.q.properties[0].pid`"),
        ('{"q": {"query": "x", "properties": [{"pid": "a", "v": [[1]]}]}}', "[0].v`"),
        ('{"q": {"query": "x", "properties": [{"pid": "a", "v": {}}]}}', "[0].v.id`"),
        ('{"q": {"query": "\\ud800"}}', "JSON does not allow"),
        ("[" * 4000, "nested too deeply"),
        ('{"a":' * 900 + "1" + "}" * 900, "`queries."),
    ],
    ids=range(26),
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_place(
    client: FlaskClient, text: str, told: str
) -> None:
    response = client.post("/reconcile", data={"queries": text})

    assert response.status_code == 400
    assert response.json["code"] == "request-malformed"
    assert told in response.json["detail"]
    assert len(response.json["detail"]) < 500


@pytest.mark.parametrize(
    "query",
    [
        {"query": "\x00"},
        {"query": "a\x00b" * 100},
        {"query": "x" * 100_000},
        {"query": '"* OR NEAR('},
        {"query": "\u202e\ufeff\u0301"},
        {"query": "x", "limit": 1e308},
        {"query": "x", "limit": 10**20},
        {"query": "x", "type": ""},
        {"query": "x", "type": ["\x00", "<http://x>", "http://[", "\ud83d\ude00"]},
        {"query": "http://[", "properties": [{"pid": "> . } #", "v": "> . } #"}]},
        {"query": "Trainer", "properties": [{"pid": "requiresSkill", "v": 10**400 // 10**100}]},
        {"query": " ".join("abcdefgh" for _ in range(5000))},
    ],
    ids=range(12),
)
def test_what_is_odd_is_answered(client: FlaskClient, query: dict[str, object]) -> None:
    started = time.monotonic()

    found = valid("reconciliation-result-batch", ask(client, {"q": query}))

    assert time.monotonic() - started < 2
    assert not any(each["match"] for each in found["q"]["result"] if query["query"] != "Trainer")


def test_a_batch_beyond_the_limits_is_told_which(small: FlaskClient) -> None:
    many = ask(small, {str(number): GROWTH for number in range(6)})
    long = ask(small, {"q": {"query": "x" * 6000}})
    ids = json.dumps({"ids": list("abcdef"), "properties": []})
    extended = small.post("/reconcile", data={"extend": ids})

    assert ask(small, {str(number): GROWTH for number in range(5)}).status_code == 200
    assert (many.status_code, many.json["code"]) == (413, "batch-too-many")
    assert "6 names" in many.json["detail"]
    assert (long.status_code, long.json["code"]) == (413, "batch-too-long")
    assert (extended.status_code, extended.json["code"]) == (413, "batch-too-many")


def test_a_body_of_20_megabytes_is_refused_unread(client: FlaskClient) -> None:
    started = time.monotonic()
    response = client.post("/reconcile", data={"queries": "x" * 20_000_000})

    assert (response.status_code, response.json["code"]) == (413, "batch-too-long")
    assert time.monotonic() - started < 2


def test_a_batch_that_takes_too_long_is_an_error() -> None:
    with application(graph(), release(), Settings(reconcile_seconds=0.05)) as app:
        client = app.test_client()
        ask(client, {"q": GROWTH})
        response = ask(client, {str(number): {"query": f"name {number}"} for number in range(2000)})

    assert (response.status_code, response.json["code"]) == (503, "batch-too-costly")


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ({"data": {}}, 400),
        ({"data": {"querys": "{}"}}, 400),
        ({"data": {"queries": "{}", "extend": "{}"}}, 400),
        ({"data": {"queries": ["{}", "{}"]}}, 400),
        ({"json": {"q": GROWTH}}, 415),
        ({"data": "queries={}", "content_type": "text/plain"}, 415),
        ({"data": "\xff%ff%", "content_type": "application/x-www-form-urlencoded"}, 400),
    ],
    ids=range(7),
)
def test_a_form_that_asks_for_nothing_is_refused(
    client: FlaskClient, arguments: dict[str, object], status: int
) -> None:
    response = client.post("/reconcile", **arguments)

    assert response.status_code == status
    assert response.content_type == "application/problem+json"


def test_a_batch_of_ten_thousand_names_is_answered(client: FlaskClient) -> None:
    """A column of a table has most names more than once."""
    queries = {
        f"q{number}": {"query": f"Growth mentor {number % 1000}"} for number in range(10_000)
    }
    started = time.monotonic()

    found = ask(client, queries)

    assert found.status_code == 200
    assert len(found.json) == 10_000
    assert time.monotonic() - started < 55


def test_many_clients_at_once_get_the_same(app: Flask) -> None:
    def one(_number: int) -> object:
        return ask(app.test_client(), {"q": GROWTH, "r": {"query": "trianer"}}).json

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(one, range(64)))

    assert all(each == found[0] for each in found)


# Suggestions, flyouts, previews


@pytest.mark.parametrize(
    ("what", "prefix", "expected", "schema"),
    [
        ("entity", "growth m", "role/growth-mentor", "suggest-entities-response"),
        ("entity", "ment", "skill/mentoring", "suggest-entities-response"),
        ("entity", "role/trainer", "role/trainer", "suggest-entities-response"),
        ("entity", "القياد", "name/qiyada-ar", "suggest-entities-response"),
        ("type", "lead", "LeaderRole", "suggest-types-response"),
        ("type", "Führungs", None, "suggest-types-response"),
        ("type", "skill", "Skill", "suggest-types-response"),
        ("type", "", "Skill", "suggest-types-response"),
        ("property", "requires", "requiresSkill", "suggest-properties-response"),
        ("property", "lg:requiresSkill", "requiresSkill", "suggest-properties-response"),
        ("property", "reqiures skil", "requiresSkill", "suggest-properties-response"),
        ("property", "zzzz", None, "suggest-properties-response"),
    ],
)
def test_what_is_typed_is_completed(
    client: FlaskClient, what: str, prefix: str, expected: str | None, schema: str
) -> None:
    response = client.get(f"/reconcile/suggest/{what}", query_string={"prefix": prefix})

    found = [each["id"] for each in valid(schema, response)["result"]]
    assert expected in found if expected else found == []


@pytest.mark.parametrize("what", ["entity", "type", "property"])
def test_suggestions_are_told_page_by_page(client: FlaskClient, what: str) -> None:
    def page(**arguments: object) -> list[str]:
        path = f"/reconcile/suggest/{what}"
        found = client.get(path, query_string={"prefix": "s", **arguments}).json["result"]
        return [each["id"] for each in found]

    assert len(page(limit=6)) == 6
    assert page(limit=3) + page(limit=3, cursor=3) == page(limit=6)
    assert page(cursor=100_000) == []


@pytest.mark.parametrize(
    "path",
    [
        "/reconcile/suggest/entity",
        "/reconcile/suggest/entity?prefix=a&cursor=-1",
        "/reconcile/suggest/entity?prefix=a&cursor=x",
        "/reconcile/suggest/entity?prefix=a%00",
        "/reconcile/suggest/entity?prefix=a&prefix=b",
        "/reconcile/suggest/type?prefix=" + "a" * 300,
        "/reconcile/flyout/entity",
        "/reconcile/flyout/entity?id=",
        "/reconcile/preview?id=" + "a" * 3000,
        "/reconcile/properties?limit=0",
    ],
)  # fmt: skip
def test_a_parameter_of_a_wrong_form_is_refused(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/reconcile/suggest/other?prefix=a",
        "/reconcile/flyout/entity?id=role/nobody",
        "/reconcile/flyout/type?id=Nothing",
        "/reconcile/flyout/property?id=%3Cscript%3E",
        "/reconcile/preview?id=%00",
        "/reconcile/preview?id=../../etc/passwd",
        "/reconcile/properties?type=Nothing",
    ],
)
def test_an_id_of_nothing_is_not_found(client: FlaskClient, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 404
    assert response.content_type == "application/problem+json"


def test_a_flyout_and_a_preview_escape_what_they_show(small: FlaskClient) -> None:
    for path in (
        "/reconcile/flyout/entity?id=role/a",
        "/reconcile/flyout/type?id=Skill",
        "/reconcile/preview?id=role/a",
        "/reconcile/preview?id=role/a&lang=ar",
    ):
        response = small.get(path)
        shown = response.json["html"] if response.is_json else response.text
        assert response.status_code == 200
        assert "<script" not in shown
        assert "&lt;script&gt;" in shown


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_a_preview_is_a_page_in_the_readers_language_that_others_may_frame(
    client: FlaskClient, language: str
) -> None:
    response = client.get(f"/reconcile/preview?id=role/functionary&lang={language}")
    page = read(response.text)
    policy = response.headers.getlist("Content-Security-Policy")

    assert page.root()["lang"] == language
    assert page.root()["dir"] == words.direction(language)
    assert policy[0].count("frame-ancestors") == 1
    assert "frame-ancestors *" in policy[0]
    assert "default-src 'none'" in policy[0]
    assert len(policy) == 1
    assert "X-Frame-Options" not in response.headers
    for link in (str(each.attributes["href"]) for each in page.all("a")):
        assert client.get(link).status_code == 200


def test_no_other_page_may_be_framed(client: FlaskClient) -> None:
    for path in ("/", "/doc/role/functionary", "/sparql", "/reconcile", "/reconcile/preview"):
        response = client.get(path, headers={"Accept": "text/html"})
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"], path


def test_a_preview_of_what_was_replaced_is_that_of_its_successor() -> None:
    nquads = "".join(
        f"<{ID}role/{one}> <{property_}> {value} .\n"
        for one, property_, value in (
            ("old", f"{SKOS}prefLabel", '"Old"@en'),
            ("old", "http://www.w3.org/2002/07/owl#deprecated", f'"true"^^<{XSD}boolean>'),
            ("old", "http://purl.org/dc/terms/isReplacedBy", f"<{ID}role/new>"),
            ("new", f"{SKOS}prefLabel", '"New"@en'),
        )
    )
    with application(nquads.encode(), None) as app:
        shown = app.test_client().get("/reconcile/preview?id=role/old").text

    assert "New" in shown


# Properties


def test_properties_are_proposed_by_type(client: FlaskClient) -> None:
    path = "/reconcile/properties"
    of_roles = valid(
        "data-extension-property-proposal", client.get(f"{path}?type=LeaderRole&limit=50")
    )
    same = client.get(f"{path}?type=lg:LeaderRole&limit=50").json
    of_any = valid("data-extension-property-proposal", client.get(path))

    ids = [each["id"] for each in of_roles["properties"]]
    assert "requiresSkill" in ids
    assert "develops" not in ids
    assert "develops" in [each["id"] for each in of_any["properties"]]
    assert of_roles["limit"] == 50
    assert of_roles["type"] == "LeaderRole"
    assert [each["id"] for each in same["properties"]] == ids


def test_every_property_that_is_proposed_can_be_fetched(client: FlaskClient) -> None:
    for type_ in client.get("/reconcile").json["defaultTypes"]:
        proposed = client.get("/reconcile/properties", query_string={"type": type_["id"]}).json
        entity = ask(client, {"q": {"query": "a", "type": type_["id"]}}).json["q"]["result"]
        ids = [each["id"] for each in entity[:1]] or ["role/nobody"]

        extended = extend(client, ids, *({"id": each["id"]} for each in proposed["properties"]))

        assert [each["id"] for each in extended["meta"]] == [
            each["id"] for each in proposed["properties"]
        ]


def test_values_have_the_types_that_the_api_knows(small: FlaskClient) -> None:
    values = extend(small, ["role/a"], {"id": "skos:example"})["rows"]["role/a"]["skos:example"]

    kinds = {json.dumps(each, sort_keys=True) for each in values}
    assert kinds == {
        json.dumps(each)
        for each in (
            {"int": 7}, {"float": 7.5}, {"str": "INF"}, {"str": "true"},
            {"date": "2016-05-04T00:00:00"}, {"date": "2016-05-04T10:00:00Z"}, {"int": 2016},
            {"str": "2016-05"}, {"str": "99999999999999999999"}, {"str": "seven"},
            {"str": "un"}, {"str": "one"}, {"str": "x"},
        )
    }  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [{"str": "http://example.org/x"}, {"id": "skill/b", "name": "Weaving"}]),
        ({"content": "entity"},
         [{"str": "http://example.org/x"}, {"id": "skill/b", "name": "Weaving"}]),
        ({"content": "id"}, [{"str": "http://example.org/x"}, {"str": "skill/b"}]),
        ({"content": "literal"}, [{"str": "Elsewhere"}, {"str": "Weaving"}]),
        ({"limit": 1}, [{"str": "http://example.org/x"}]),
        ({"limit": "1"}, [{"str": "http://example.org/x"}]),
        ({"limit": "", "content": "", "language": ""},
         [{"str": "http://example.org/x"}, {"id": "skill/b", "name": "Weaving"}]),
    ],
    ids=range(7),
)  # fmt: skip
def test_settings_say_what_of_the_values_is_wanted(
    small: FlaskClient, settings: dict[str, object], expected: list[object]
) -> None:
    asked = {"id": "requiresSkill", "settings": settings}

    assert extend(small, ["role/a"], asked)["rows"]["role/a"]["requiresSkill"] == expected


def test_only_the_texts_of_a_language_are_fetched(small: FlaskClient) -> None:
    def texts(language: str) -> list[str]:
        asked = {"id": "skos:prefLabel", "settings": {"language": language}}
        row = extend(small, ["role/a"], asked)["rows"]["role/a"]["skos:prefLabel"]
        return [each["str"] for each in row]

    assert texts("ar") == ["وصيّ"]
    assert texts("EN") == [SCRIPT]
    assert texts("fr") == []
    assert len(texts("")) == 2


def test_an_id_of_nothing_has_a_row_without_values(small: FlaskClient) -> None:
    found = extend(small, ["role/zzz", f"{ID}role/a", ""], {"id": "requiresSkill"})

    assert found["rows"]["role/zzz"] == {"requiresSkill": []}
    assert found["rows"][""] == {"requiresSkill": []}
    assert len(found["rows"][f"{ID}role/a"]["requiresSkill"]) == 2


def test_a_column_of_things_tells_their_type(client: FlaskClient) -> None:
    asked = {"id": "requiresSkill"}
    (meta,) = extend(client, ["role/trainer"], asked, lang="fr")["meta"]

    assert meta["type"] == {"id": "Skill", "name": "Compétence"}
    assert meta["name"] != meta["id"]


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        '{"ids": "role/a", "properties": []}',
        '{"ids": [1], "properties": []}',
        '{"ids": [], "properties": [{"id": "nothing"}]}',
        '{"ids": [], "properties": [{}]}',
        '{"ids": [], "properties": ["requiresSkill"]}',
        '{"ids": [], "properties": [{"id": "requiresSkill", "settings": []}]}',
        '{"ids": [], "properties": [{"id": "requiresSkill", "settings": {"limit": -1}}]}',
        '{"ids": [], "properties": [{"id": "requiresSkill", "settings": {"limit": "x"}}]}',
        '{"ids": [], "properties": [{"id": "requiresSkill", "settings": {"content": "x"}}]}',
        '{"ids": [], "properties": [{"id": "requiresSkill", "settings": {"language": 7}}]}',
        '{"ids": [], "properties": [{"id": "> . } #"}]}',
    ],
    ids=range(13),
)
def test_an_extension_of_a_wrong_form_is_refused(small: FlaskClient, text: str) -> None:
    response = small.post("/reconcile", data={"extend": text})

    assert response.status_code == 400
    assert response.json["code"] == "request-malformed"


def test_nothing_to_fetch_is_fetched(small: FlaskClient) -> None:
    assert extend(small, [])["rows"] == {}
    assert extend(small, ["role/a"]) == {"meta": [], "rows": {"role/a": {}}}


# Elsewhere


def test_every_answer_is_told_apart_by_its_language_and_can_be_kept(client: FlaskClient) -> None:
    first = client.get("/reconcile?query=trainer")
    again = client.get("/reconcile?query=trainer", headers={"If-None-Match": first.headers["ETag"]})

    assert "Accept-Language" in first.headers["Vary"]
    assert again.status_code == 304


def test_the_addresses_of_a_service_are_of_this_server(client: FlaskClient) -> None:
    text = client.get("/reconcile", base_url="http://127.0.0.1:8123").text

    addresses = re.findall(r'"(?:service_url|url|logo|documentation)": "([^"]+)"', text)
    assert {urlsplit(address).netloc for address in addresses} == {"127.0.0.1:8123"}


# What OpenRefine sends


@pytest.mark.parametrize("path", ["/reconcile", "/reconcile/"])
def test_a_slash_at_the_end_of_the_address_is_no_other_service(
    client: FlaskClient, path: str
) -> None:
    asked = {"queries": json.dumps({"q0": GROWTH})}

    assert client.get(path).json["name"] == "LeadGraph"
    assert client.post(path, data=asked).json == ask(client, {"q0": GROWTH}).json


def test_a_type_behind_any_address_of_the_proposals_is_heeded(client: FlaskClient) -> None:
    for language in ("", *words.LANGUAGES):
        manifest = client.get(f"/reconcile?lang={language}").json
        service = manifest["extend"]["propose_properties"]
        address = f"{service['service_url']}{service['service_path']}?type=LeaderRole"
        response = client.get(address)

        proposed = valid("data-extension-property-proposal", response)
        assert proposed["type"] == "LeaderRole"
        assert response.headers["Content-Language"] == (language or "en")
        named = {each["id"]: each["name"] for each in proposed["properties"]}
        assert "requiresSkill" in named
        assert "develops" not in named


def test_a_type_that_a_browser_cut_at_its_fragment_has_properties(client: FlaskClient) -> None:
    cut = client.get("/reconcile/properties?type=http://www.w3.org/ns/org").json
    whole = client.get(
        "/reconcile/properties", query_string={"type": "http://www.w3.org/ns/org#Organization"}
    ).json

    assert {each["id"] for each in whole["properties"]} <= {e["id"] for e in cut["properties"]}
    assert client.get("/reconcile/properties?type=http://www.w3.org/ns/or").status_code == 404


def test_the_guess_of_types_has_the_type_of_the_column_first(client: FlaskClient) -> None:
    names = ("Growth mentor", "Trainer", "Functionaries", "Arbitrator", "Movement organizer")
    sent = {f"q{at}": {"query": each, "limit": 3} for at, each in enumerate(names)}
    body = f"queries={quote(json.dumps(sent), safe='')}"
    results = client.post(
        "/reconcile", data=body, content_type="application/x-www-form-urlencoded"
    ).json

    counts: dict[str, float] = {}
    for result in results.values():
        for at, candidate in enumerate(result["result"]):
            for type_ in candidate["type"]:
                counts[type_["id"]] = counts.get(type_["id"], 0) + 1 / (1 + at)
    assert max(counts, key=lambda each: counts[each]) == "LeaderRole"


def test_a_body_of_unknown_length_is_refused_where_it_is_too_long_and_never_cut(
    small: FlaskClient,
) -> None:
    def chunked(body: str) -> TestResponse:
        return small.open(
            "/reconcile",
            method="POST",
            input_stream=io.BytesIO(body.encode()),
            content_type="application/x-www-form-urlencoded",
            headers={"Transfer-Encoding": "chunked"},
            environ_overrides={"wsgi.input_terminated": True},
        )

    short = "queries=" + quote(json.dumps({"q": {"query": "Weaving"}}))
    at_the_limit = f"{short}&rest=".ljust(5000, "x")

    assert chunked(short).json["q"]["result"][0]["match"]
    assert chunked(at_the_limit).json["q"]["result"][0]["match"]
    refused = chunked(f"{at_the_limit}x")
    assert (refused.status_code, refused.json["code"]) == (413, "batch-too-long")


@pytest.mark.parametrize("value", [[], "", " ", ["", " "]], ids=repr)
def test_an_empty_cell_says_nothing_about_a_thing(client: FlaskClient, value: object) -> None:
    query = {"query": "Growth mentor", "properties": [{"pid": "requiresSkill", "v": value}]}

    assert ask(client, {"q": query}).json["q"]["result"][0]["match"]
