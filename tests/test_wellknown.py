"""How the dataset describes itself: VoID for editors, DCAT for catalogues, and schema.org."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Quad, RdfFormat, Store, parse

from leadgraph import formats, words
from leadgraph.publish.dataset import NamedGraphs
from leadgraph.publish.description import describe
from leadgraph.vocabulary import DATASET, PREFIXES, SPARQL
from tests.markup import read
from tests.pages_engine import application, graph, release

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient

PROLOGUE = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
PROLOGUE += "PREFIX void-ext: <http://ldf.fi/void-ext#>\n"
CLASSES_OF_SUBJECTS = f"<{DATASET}> void:classPartition ?part . ?part void:class ?class ."
EDITOR_SECONDS = 5
"""After which @sib-swiss/sparql-editor stops waiting for what it completes queries with."""


@pytest.fixture(scope="module")
def app() -> Iterator[Flask]:
    """The application over the graph of this repository."""
    with application(graph(), release()) as served:
        yield served


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of that application."""
    return app.test_client()


@contextmanager
def titled(title: str) -> Iterator[FlaskClient]:
    """A client of a release whose dataset has one title, and nothing else to say."""
    statement = f"<{DATASET}> <{PREFIXES['dcterms']}title> {json.dumps(title)} .\n"
    with application(statement.encode(), release()) as served:
        yield served.test_client()


def ask(client: FlaskClient, query: str) -> set[tuple[str, ...]]:
    """The solutions of a query over HTTP."""
    response = client.post(
        "/sparql", data={"query": PROLOGUE + query}, headers={"Accept": "text/csv"}
    )
    assert response.status_code == 200, response.text
    return {tuple(row) for row in [*csv.reader(io.StringIO(response.text))][1:]}


@pytest.mark.parametrize("row", formats.GRAPHS, ids=lambda row: row.name)
def test_the_well_known_address_has_all_that_the_release_says_of_itself(
    client: FlaskClient, row: formats.Format[RdfFormat]
) -> None:
    """Checksums too, which the graph that is queried cannot hold."""
    response = client.get("/.well-known/void", headers={"Accept": row.media_type})

    assert (response.status_code, response.content_type) == (200, row.content_type)
    assert "Accept" in response.headers["Vary"]
    said = {quad.triple for quad in parse(response.data, row.engine)}
    published = release().path / "void.ttl"
    assert said == {quad.triple for quad in parse(path=published, format=RdfFormat.TURTLE)}


def test_it_is_not_sent_again_until_it_changes(client: FlaskClient) -> None:
    tag = client.get("/.well-known/void").headers["ETag"]

    again = client.get("/.well-known/void", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_a_browser_is_led_to_the_page_of_the_dataset(client: FlaskClient) -> None:
    response = client.get("/.well-known/void?lang=de", headers={"Accept": "text/html"})

    assert (response.status_code, response.headers["Location"]) == (303, "/dataset?lang=de")
    assert "Accept" in response.headers["Vary"]


def test_plain_files_are_described_by_what_the_endpoint_knows_of_them() -> None:
    with application(b"<a:a> <a:b> <a:c> .\n", None) as served:
        response = served.test_client().get("/.well-known/void")

    store = Store()
    store.load(response.data, RdfFormat.TURTLE)
    assert store.query(f"{PROLOGUE} ASK {{ ?graph a void:Dataset ; void:triples 1 }}")


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (
            "SELECT ?class ?n { %s ?part void:entities ?n }",
            "SELECT ?class (COUNT(DISTINCT ?s) AS ?n) { ?s a ?class } GROUP BY ?class",
        ),
        (
            """SELECT ?class ?property ?n { %s ?part void:propertyPartition ?use .
               ?use void:property ?property ; void:triples ?n }""",
            """SELECT ?class ?property (COUNT(*) AS ?n) { ?s a ?class ; ?property ?o }
               GROUP BY ?class ?property""",
        ),
        (
            """SELECT ?class ?property ?range ?n { %s ?part void:propertyPartition ?use .
               ?use void:property ?property ; void:classPartition ?values .
               ?values void:class ?range ; void:triples ?n }""",
            """SELECT ?class ?property ?range (COUNT(*) AS ?n) {
               ?s a ?class ; ?property ?o . ?o a ?range } GROUP BY ?class ?property ?range""",
        ),
        (
            """SELECT ?class ?property ?range ?n { %s ?part void:propertyPartition ?use .
               ?use void:property ?property ; void-ext:datatypePartition ?values .
               ?values void-ext:datatype ?range ; void:triples ?n }""",
            """SELECT ?class ?property ?range (COUNT(*) AS ?n) {
               ?s a ?class ; ?property ?o FILTER(isLiteral(?o)) BIND(DATATYPE(?o) AS ?range) }
               GROUP BY ?class ?property ?range""",
        ),
    ],
    ids=["classes", "properties of a class", "classes of values", "datatypes of values"],
)
def test_each_partition_and_its_count_is_what_group_by_finds(
    client: FlaskClient, said: str, found: str
) -> None:
    """Of all that is in the default graph, the description itself included."""
    partitions = ask(client, said % CLASSES_OF_SUBJECTS)

    assert partitions == ask(client, found)
    assert len({row[:-1] for row in partitions}) == len(partitions) > 50


def test_partitions_of_strange_names_are_not_mixed_up() -> None:
    """Names with the marks that part them, blank nodes, and triples that are spoken of."""
    names = [f"http://a/b{mark}c" for mark in ("", ";", "#", ";class-http://a/b", "%3B", "é")]
    lines = [f"<http://a/{i}> a <{name}> ; <{name}> _:b{i} ." for i, name in enumerate(names)]
    lines += [
        f"_:b{i} a <{name}> ; <{name}> 1, 1.0, <<( <a:a> <a:b> 2 )>> ."
        for i, name in enumerate(names)
    ]
    stated = frozenset(quad.triple for quad in parse("\n".join(lines), RdfFormat.TURTLE))
    dataset = NamedGraphs({"http://a/graph": stated}, {})

    said = describe(dataset, "2026-01-31-0123456789ab", date(2026, 1, 31))
    store = Store()
    store.extend(Quad(*triple) for triple in stated | said)
    parts = f"""{PROLOGUE} SELECT ?class ?property ?kind ?range ?n {{ {CLASSES_OF_SUBJECTS}
        ?part void:propertyPartition ?use . ?use void:property ?property
        {{ ?use void:classPartition [ void:class ?range ; void:triples ?n ] BIND("c" AS ?kind) }}
        UNION {{ ?use void-ext:datatypePartition [ void-ext:datatype ?range ; void:triples ?n ]
          BIND("d" AS ?kind) }} }}"""
    found = f"""{PROLOGUE} SELECT ?class ?property ?kind ?range (COUNT(*) AS ?n) {{
        {{ ?s a ?class ; ?property ?o . ?o a ?range BIND("c" AS ?kind) }}
        UNION {{ ?s a ?class ; ?property ?o FILTER(isLiteral(?o))
          BIND(DATATYPE(?o) AS ?range) BIND("d" AS ?kind) }}
        }} GROUP BY ?class ?property ?kind ?range"""
    counted = [sorted(map(str, store.query(query))) for query in (parts, found)]
    assert counted[0] == counted[1]
    assert len(counted[0]) > 5 * len(names)


def test_editors_find_what_they_complete_queries_with(client: FlaskClient) -> None:
    """The pattern of SIB's sparql-editor: class, property, class or datatype of the values."""
    found = ask(
        client,
        """SELECT DISTINCT ?subjectClass ?prop ?objectClass ?objectDatatype {
          { ?cp void:class ?subjectClass ; void:propertyPartition ?pp .
            ?pp void:property ?prop .
            OPTIONAL { { ?pp void:classPartition [ void:class ?objectClass ] }
              UNION { ?pp void-ext:datatypePartition [ void-ext:datatype ?objectDatatype ] } } }
          UNION
          { ?linkset void:subjectsTarget [ void:class ?subjectClass ] ;
              void:linkPredicate ?prop ; void:objectsTarget [ void:class ?objectClass ] } }""",
    )

    lg, skos, rdf = PREFIXES["lg"], PREFIXES["skos"], PREFIXES["rdf"]
    assert (f"{lg}LeaderRole", f"{lg}requiresSkill", f"{lg}Skill", "") in found
    assert (f"{lg}Skill", f"{skos}prefLabel", "", f"{rdf}langString") in found
    assert {row[0] for row in found} >= {name for (name,) in ask(client, _CLASSES_WITH_THINGS)}


_CLASSES_WITH_THINGS = "SELECT DISTINCT ?class { ?thing a ?class }"


def test_editors_that_ask_for_labels_as_well_are_answered_before_they_give_up(
    client: FlaskClient,
) -> None:
    """They join the labels and comments of all languages, which is a product."""
    started = time.monotonic()
    found = ask(
        client,
        """SELECT DISTINCT * {
            OPTIONAL { ?graph sd:graph ?graphDesc . OPTIONAL { ?graph rdfs:label ?graphLabel }
              ?graphDesc void:classPartition ?cp }
            ?cp void:class ?subjectClass ; void:propertyPartition ?pp .
            OPTIONAL { ?subjectClass rdfs:label ?subjectClassLabel }
            OPTIONAL { ?subjectClass rdfs:comment ?subjectClassComment }
            ?pp void:property ?prop .
            OPTIONAL { ?pp void:triples ?triples }
            OPTIONAL { ?prop rdfs:label ?propLabel }
            OPTIONAL { ?prop rdfs:comment ?propComment }
            OPTIONAL {
              { ?pp void:classPartition [ void:class ?objectClass ]
                OPTIONAL { ?objectClass rdfs:label ?objectClassLabel }
                OPTIONAL { ?objectClass rdfs:comment ?objectClassComment } }
              UNION { ?pp void-ext:datatypePartition [ void-ext:datatype ?objectDatatype ] } }
        } ORDER BY ?subjectClass ?objectClass ?objectDatatype ?graph ?triples""",
    )

    assert time.monotonic() - started < EDITOR_SECONDS
    assert len(found) > 1000


@pytest.mark.parametrize(
    ("kind", "required"),
    [
        ("dcat:Dataset", ["dcterms:title", "dcterms:description", "dcat:distribution"]),
        ("dcat:Distribution", ["dcat:accessURL", "dcat:downloadURL", "dcat:mediaType"]),
        ("dcat:DataService", ["dcterms:title", "dcat:endpointURL", "dcat:endpointDescription"]),
    ],
)
def test_catalogues_find_what_they_require(
    client: FlaskClient, kind: str, required: list[str]
) -> None:
    """What DCAT-AP asks for, and what nobody can use a download or an endpoint without."""
    all_of_them = ask(client, f"SELECT DISTINCT ?it {{ ?it a {kind} }}")

    assert all_of_them
    for name in required:
        assert ask(client, f"SELECT DISTINCT ?it {{ ?it a {kind} ; {name} ?x }}") == all_of_them


def test_the_endpoint_of_the_dataset_is_one_in_void_and_in_dcat(client: FlaskClient) -> None:
    assert ask(client, f"SELECT ?e {{ <{DATASET}> void:sparqlEndpoint ?e }}") == {(SPARQL,)}
    served = f"SELECT ?e {{ ?service dcat:servesDataset <{DATASET}> ; dcat:endpointURL ?e }}"
    assert ask(client, served) == {(SPARQL,)}


def block(page: str) -> dict[str, object]:
    """The only script of a page, which is data."""
    (script,) = read(page).all("script")
    assert script.attributes == {"type": "application/ld+json"}
    found = json.loads(script.text)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_search_engines_find_the_dataset_in_the_home_page(
    client: FlaskClient, language: str
) -> None:
    """Each fact is one that the graph states, in the words that the page is in."""
    said = block(client.get(f"/?lang={language}").text)

    facts = {name: values(client, name, language) for name in ("dcterms:title", "dcat:keyword")}
    assert (said["@context"], said["@type"], said["@id"]) == (
        "https://schema.org/",
        "Dataset",
        DATASET,
    )
    assert {said["name"]} == facts["dcterms:title"]
    assert set(as_list(said["keywords"])) == facts["dcat:keyword"]
    assert {said["description"]} == values(client, "dcterms:description", "en")
    assert set(as_list(said["license"])) == values(client, "dcterms:license")
    assert {said["version"]} == values(client, "dcat:version") == {release().version}
    assert {said["dateModified"]} == values(client, "dcterms:issued")
    assert {said["url"]} == values(client, "foaf:homepage")
    assert said["inLanguage"] == sorted(words.LANGUAGES)
    for name in ("creator", "publisher"):
        (agent,) = as_list(said[name])
        assert agent == {
            "@type": "Organization",
            "@id": values(client, f"dcterms:{name}").pop(),
            "name": "LeadGraph project",
        }


def test_its_downloads_are_those_of_the_release_in_their_formats(client: FlaskClient) -> None:
    said = as_list(block(client.get("/").text)["distribution"])

    found = {}
    for download in said:
        assert isinstance(download, dict)
        assert download["@type"] == "DataDownload"
        assert download["name"]
        found[download["contentUrl"]] = download["encodingFormat"]
    assert set(found) == values(client, "dcat:distribution")
    for url, media_type in found.items():
        path = "/releases/" + url.partition("/releases/")[2]
        with client.get(path) as response:
            assert (response.status_code, response.mimetype) == (200, media_type)


def as_list(value: object) -> list[object]:
    """A list of JSON."""
    assert isinstance(value, list)
    return value


def values(client: FlaskClient, name: str, language: str = "") -> set[str]:
    """What the graph states of the dataset, in a language."""
    query = f"SELECT ?v {{ <{DATASET}> {name} ?v FILTER(LANG(?v) = '{language}' || isIRI(?v)) }}"
    return {value for (value,) in ask(client, query)}


@pytest.mark.parametrize(
    "title",
    [
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "]]>' \" & \\ \u2028 \u202e العربية",
    ],
)
def test_no_title_ends_the_block(title: str) -> None:
    with titled(title) as client:
        page = client.get("/").text

    assert block(page) == {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": DATASET,
        "name": title,
    }
    assert not re.search(r"alert\(1\)</script>", page)


def test_plain_files_claim_no_dataset() -> None:
    with application(b"<a:a> <a:b> <a:c> .\n", None) as served:
        assert read(served.test_client().get("/").text).all("script") == []
