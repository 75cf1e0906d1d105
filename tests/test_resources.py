"""IRIs answer: 303 to a document, which is a page or data; 404 and 410 say what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from leadgraph.formats import GRAPHS
from leadgraph.vocabulary import BASE, FOAF, GRAPH, ID, LG, SCHEMA, SKOS, XSD
from tests.markup import read
from tests.pages_engine import application, graph, release

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
COORDINATOR = "/doc/role/coordinator"
STRANGE = f"""
PREFIX : <{ID}role/>
PREFIX lg: <{LG}>
PREFIX skos: <{SKOS}>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX schema: <{SCHEMA}>
PREFIX xsd: <{XSD}>
:attack a lg:LeaderRole ; skos:prefLabel "<script>alert('x')</script>"@en ;
  skos:note "\\"><img src=x onerror=alert(1)>" ;
  lg:see <javascript:alert(1)> , <https://x.example/\\u202Egnp.exe> , <http://ex\\u2100mple.org/> .
:bidi a lg:LeaderRole ;
  skos:prefLabel "abc \\u202E\\u2066def"@en , "\\u05E9\\u05DC\\u05D5\\u05DD"@he .
:long skos:note "{"word " * 200}"@en ; skos:prefLabel "long"@en .
:old owl:deprecated true ; dcterms:isReplacedBy :new , <https://elsewhere.example/role> .
:new skos:prefLabel "new"@en .
:silent owl:deprecated true ; skos:prefLabel "silent"@en .
:way a lg:Pathway ; skos:prefLabel "way"@en ; lg:hasStep :step .
:step skos:prefLabel "step"@en ; lg:hasCondition :once , :yearly .
:once lg:statementText "once"@en ;
  schema:validFrom "2026-01-15"^^xsd:date ; schema:validThrough "2026-01-30"^^xsd:date .
:yearly lg:statementText "yearly"@en ;
  schema:validFrom "--02-15"^^xsd:gMonthDay ; schema:validThrough "2027"^^xsd:gYear .
"""


@pytest.fixture(scope="module")
def client() -> Iterator[FlaskClient]:
    """A client of the application over the graph of this repository."""
    with application(graph(), release()) as app:
        yield app.test_client()


@pytest.fixture(scope="module")
def strange() -> Iterator[FlaskClient]:
    """A client of an application over data that somebody made to do harm, without a release."""
    quads = parse(STRANGE, format=RdfFormat.TURTLE)
    with application("".join(f"{quad} .\n" for quad in quads).encode(), None) as app:
        yield app.test_client()


def get(client: FlaskClient, path: str, accept: str = BROWSER, **headers: str) -> TestResponse:
    """The answer to a GET."""
    return client.get(path, headers={"Accept": accept, **headers})


@pytest.mark.parametrize("accept", [BROWSER, "text/turtle", "application/ld+json", "*/*"])
def test_a_thing_leads_to_its_document_with_303(client: FlaskClient, accept: str) -> None:
    response = get(client, "/id/role/coordinator", accept)

    assert response.status_code == 303
    assert response.location == COORDINATOR


def test_the_chosen_language_goes_along(client: FlaskClient) -> None:
    assert get(client, "/id/role/coordinator?lang=ar").location == f"{COORDINATOR}?lang=ar"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "text/html"),
        ("*/*", "text/html"),
        (BROWSER, "text/html"),
        ("text/turtle", "text/turtle"),
        ("text/turtle;q=0.5,application/ld+json", "application/ld+json"),
        ("application/ld+json;profile=http://x/y", "application/ld+json"),
        ("application/json", "application/ld+json"),
        ("application/n-triples", "application/n-triples"),
        ("application/rdf+xml,text/html;q=0.1", "application/rdf+xml"),
        ("text/*", "text/html"),
        ("text/html;q=0,text/*", "text/turtle"),
    ],
)  # fmt: skip
def test_a_document_is_what_the_client_likes_best(
    client: FlaskClient, accept: str, media_type: str
) -> None:
    response = get(client, COORDINATOR, accept)

    assert response.status_code == 200
    assert response.mimetype == media_type
    assert {"Accept", "Accept-Language"} <= set(response.vary)


def test_a_document_that_nobody_can_make_is_refused(client: FlaskClient) -> None:
    response = get(client, COORDINATOR, "image/png")

    assert response.status_code == 406
    assert response.json["code"] == "not-acceptable"


@pytest.mark.parametrize("row", GRAPHS, ids=lambda row: row.extension)
@pytest.mark.parametrize("stem", [COORDINATOR, "/ns", "/shapes", "/dataset", "/graph/poster"])
def test_an_end_chooses_the_format_whatever_is_accepted(
    client: FlaskClient, stem: str, row: object
) -> None:
    response = get(client, f"{stem}.{row.extension}")

    assert response.content_type == row.content_type
    assert list(parse(response.data, format=row.engine))


def test_the_page_has_an_end_of_its_own(client: FlaskClient) -> None:
    assert get(client, f"{COORDINATOR}.html", "text/turtle").mimetype == "text/html"


@pytest.mark.parametrize("row", GRAPHS, ids=lambda row: row.extension)
def test_all_formats_say_the_same(client: FlaskClient, row: object) -> None:
    said = {
        quad.triple
        for quad in parse(get(client, f"{COORDINATOR}.{row.extension}").data, format=row.engine)
    }
    turtle = {
        quad.triple
        for quad in parse(get(client, f"{COORDINATOR}.ttl").data, format=RdfFormat.TURTLE)
    }

    assert said == turtle


def test_the_data_keep_their_canonical_iris_and_name_the_release(client: FlaskClient) -> None:
    body = get(client, f"{COORDINATOR}.nt").data
    said = {quad.triple for quad in parse(body, format=RdfFormat.N_TRIPLES)}
    thing, document = NamedNode(f"{ID}role/coordinator"), NamedNode(f"{BASE}doc/role/coordinator")

    assert (
        Triple(thing, NamedNode(f"{SKOS}prefLabel"), Literal("Coordinators", language="en")) in said
    )
    assert Triple(document, NamedNode(f"{FOAF}primaryTopic"), thing) in said
    released = NamedNode("http://purl.org/dc/terms/isPartOf")
    assert Triple(document, released, NamedNode(f"{BASE}release/{release().version}")) in said


def test_the_data_say_what_their_sources_rest_on(client: FlaskClient) -> None:
    body = get(client, "/doc/role/coordinator.nt").text

    assert f"<{GRAPH}glosses> <{LG}basis> <{LG}Illustrative> ." in body
    assert f"<{GRAPH}leader-roles> <{LG}basis> <{LG}Sourced> ." in body


@pytest.mark.parametrize(("language", "word"), [("en", "Illustrative"), ("ar", "توضيحي")])
def test_the_page_marks_sources_that_are_no_more_than_illustrative(
    client: FlaskClient, language: str, word: str
) -> None:
    page = get(client, f"{COORDINATOR}?lang={language}").text
    listed = re.findall(r'<li id="source-\d+">(.*?)</li>', page)
    marked = [line for line in listed if "badge-illustrative" in line]

    assert 0 < len(marked) < len(listed)
    assert any("/graph/glosses" in line for line in marked)
    assert not any("/graph/leader-roles" in line for line in marked)
    assert all(f">{word}</bdi>" in line for line in marked)


def test_turtle_uses_the_prefixes_that_it_declares(client: FlaskClient) -> None:
    body = get(client, f"{COORDINATOR}.ttl").text
    prefixes = re.findall(r"^@prefix (\w+:)", body, re.MULTILINE)

    assert {"lg:", "skos:"} <= set(prefixes)
    assert all(body.count(prefix) > 1 for prefix in prefixes)


def test_other_formats_are_announced_and_there(client: FlaskClient) -> None:
    response = get(client, COORDINATOR)
    links = re.findall(
        r'<([^>]+)>; rel="alternate"; type="([^"]+)"', ",".join(response.headers.getlist("Link"))
    )

    assert [media_type for _, media_type in links] == [row.media_type for row in GRAPHS]
    assert [get(client, path).mimetype for path, _ in links] == [kind for _, kind in links]
    heads = [
        e.attributes["href"]
        for e in read(response.text).all("link")
        if e.attributes["rel"] == "alternate"
    ]
    assert heads == [path for path, _ in links]


def test_an_unchanged_document_is_not_sent_again(client: FlaskClient) -> None:
    etag = get(client, COORDINATOR).headers["ETag"]

    assert get(client, COORDINATOR, **{"If-None-Match": etag}).status_code == 304
    assert get(client, f"{COORDINATOR}?lang=fr", **{"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/id/role/nobody",
        "/doc/role/nobody",
        "/doc/role/nobody.ttl",
        f"{COORDINATOR}.exe",
        f"{COORDINATOR}.ttl.ttl",
        "/doc/role/Coordinator",
        "/doc/role/a%20b",
        "/doc/role/a%0Ab",
        "/doc/role/%3E%20%7D%20DROP%20ALL",
        "/doc/role/%22",
        "/doc/role/%00",
        "/doc/role/%FF%FE",
        "/doc/role/%E2%80%AE",
        "/doc/role/..",
        "/doc/role/" + "a" * 5000,
        "/doc/%3C/x",
        "/graph/no-such-source",
        "/graph/%3E",
        "/graph/a%20b.ttl",
        "/release/2000-01-01-none",
        "/linkset/nowhere",
        "/ns/9.9.9",
        "/ns.exe",
        "/shapes.exe",
        "/dataset.exe",
        "/nowhere",
    ],
)
def test_what_is_not_there_is_404_for_programs_and_people(client: FlaskClient, path: str) -> None:
    problem, page = get(client, path, "text/turtle"), get(client, path)

    assert problem.status_code == page.status_code == 404
    assert problem.mimetype == "application/problem+json"
    assert problem.json["code"] == "thing-not-found"
    assert "Nothing is known" in read(page.text).all("h1")[0].text


@pytest.mark.parametrize("path", ["/id/role/old", "/doc/role/old", "/doc/role/old.ttl"])
def test_a_replaced_thing_is_410_with_its_successors(strange: FlaskClient, path: str) -> None:
    problem, page = get(strange, path, "text/turtle"), get(strange, path)

    assert problem.status_code == page.status_code == 410
    assert problem.json["successors"] == ["https://elsewhere.example/role", f"{ID}role/new"]
    links = {e.attributes["href"] for e in read(page.text).all("a")}
    assert {"/doc/role/new", "https://elsewhere.example/role"} <= links


def test_what_is_deprecated_but_not_replaced_says_so(strange: FlaskClient) -> None:
    response = get(strange, "/doc/role/silent")

    assert response.status_code == 200
    assert "This is no longer in use." in response.text


def test_markup_in_data_stays_text(strange: FlaskClient) -> None:
    markup = read(get(strange, "/doc/role/attack").text)

    assert markup.all("script") == []
    assert markup.all("img") == []
    assert markup.values("onerror") == []
    assert "<script>alert('x')</script>" in {element.text for element in markup.all("bdi")}


def test_only_addresses_of_the_web_become_links(strange: FlaskClient) -> None:
    markup = read(get(strange, "/doc/role/attack").text)
    out = [e.attributes for e in markup.all("a") if "//" in (e.attributes["href"] or "")]

    assert not [href for href in markup.values("href") if href.lower().startswith("javascript")]
    assert "http://ex\u2100mple.org/" in [attributes["href"] for attributes in out]
    assert {attributes["rel"] for attributes in out} == {"nofollow noopener"}


def test_every_label_is_isolated_with_its_language_and_direction(strange: FlaskClient) -> None:
    runs = {
        element.text: element.attributes
        for element in read(get(strange, "/doc/role/bidi").text).all("bdi")
    }

    assert runs["abc \u202e\u2066def"] == {"lang": "en", "dir": "ltr"}
    assert runs["\u05e9\u05dc\u05d5\u05dd"] == {"lang": "he", "dir": "rtl"}


def test_a_long_text_opens_on_demand(strange: FlaskClient) -> None:
    markup = read(get(strange, "/doc/role/long").text)

    assert len(markup.all("details")) == len(markup.all("summary")) == 1


def test_without_a_release_none_is_named(strange: FlaskClient) -> None:
    assert b"/release/" not in get(strange, "/doc/role/new.nt").data
    assert "/release/" not in get(strange, "/doc/role/new").text


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/release/{version}", "{version}"),
        ("/graph/poster", "The poster of the 2016 dialogue"),
        ("/graph/inferred", "Inferred statements"),
        ("/linkset/wikidata", "wikidata"),
        ("/linkset/esco", "esco"),
        ("/dataset", "/release/{version}"),
        ("/doc/skill/mentoring", "/doc/skill-theme/"),
        ("/doc/pathway/become-a-growth-mentor", "500 edits"),
    ],
)
def test_the_page_says(client: FlaskClient, path: str, words: str) -> None:
    version = release().version
    response = get(client, path.format(version=version))

    assert response.status_code == 200
    assert words.format(version=version) in response.text


def test_the_manifest_is_sent_beside_the_files_that_it_tells_of(client: FlaskClient) -> None:
    with client.get(f"/releases/{release().version}/manifest.json") as response:
        body = response.data

    assert response.mimetype == "application/json"
    assert response.headers["ETag"]
    assert body == (release().path / "manifest.json").read_bytes()


def test_a_condition_shows_days_and_nothing_vaguer(strange: FlaskClient) -> None:
    steps = get(strange, "/doc/role/way").text.partition('class="conditions"')[2]
    shown = re.findall(r'<span class="meta">(.*?)</span>', steps.partition("</ul>")[0])

    assert shown == ["from 2026-01-15", "until 2026-01-30"]


def test_many_pointers_are_cut_with_a_query_for_all(client: FlaskClient) -> None:
    markup = read(get(client, "/doc/scheme/capx-capacities").text)
    shown = [
        e for e in markup.all("a") if (e.attributes["href"] or "").startswith("/sparql?query=")
    ]
    everything = client.get(shown[0].attributes["href"], headers={"Accept": "text/csv"})

    assert len(everything.data.splitlines()) > 100


def test_a_pathway_draws_its_steps_in_order(client: FlaskClient) -> None:
    page = get(client, "/doc/pathway/become-a-growth-mentor").text
    steps = re.findall(
        r'<h3 id="step-[^"]+"><a href="/doc/step/become-a-growth-mentor-([a-z-]+)"', page
    )

    assert steps[0] == "gain-editing-experience"
    assert len(steps) == 5
