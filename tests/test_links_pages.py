"""The page of a linked thing shows what was last fetched of its item, and of which day that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import RdfFormat, parse, serialize

from leadgraph.explore.linked import linked_items
from leadgraph.vocabulary import ID
from tests.links import PREFIXES, WD
from tests.markup import read
from tests.pages_engine import application, engine, graph, release

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

ITEMS = "https://w3id.org/leadgraph/graph/wikidata-items"
XSD = "http://www.w3.org/2001/XMLSchema#"
STRANGE = (
    PREFIXES
    + f"""
@prefix prov: <http://www.w3.org/ns/prov#> .
skill:x a lg:Skill ; skos:prefLabel "x"@en ; skos:closeMatch wd:Q11024 .
skill:y a lg:Skill ; skos:prefLabel "y"@en ; skos:closeMatch wd:Q1162163 .
GRAPH <{ITEMS}> {{
  <{ITEMS}> prov:generatedAtTime "2026-11-28T10:00:00Z"^^<{XSD}dateTime> ;
    prov:wasDerivedFrom <https://example.org/copy> .
  wd:Q1162163 owl:deprecated true .
  wd:Q11024 rdfs:label "<b>bold</b>"@en , "تواصل"@ar ; wdt:P31 wd:Q28640 ;
    schema:description "<script>alert(1)</script>"@en ; dcterms:isReplacedBy wd:Q1104185 .
  wd:Q28640 rdfs:label "profession"@en , "مهنة"@ar .
  <https://ar.wikipedia.org/wiki/%D8%AA_x> schema:about wd:Q11024 .
  <javascript:alert(1)> schema:about wd:Q11024 .
}}
wd:Q11024 rdfs:label "<b>bold</b>"@en , "تواصل"@ar .
wd:Q28640 rdfs:label "profession"@en , "مهنة"@ar .
"""
)


def nquads() -> bytes:
    found = serialize(parse(STRANGE, format=RdfFormat.TRIG), format=RdfFormat.N_QUADS)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def client() -> Iterator[FlaskClient]:
    """A client of the application over the graph of this repository."""
    with application(graph(), release()) as app:
        yield app.test_client()


def page(client: FlaskClient, path: str) -> str:
    return client.get(path, headers={"Accept": "text/html"}).get_data(as_text=True)


@pytest.mark.parametrize(
    ("language", "heading", "description"),
    [
        ("en", "In Wikidata", "form of development"),
        ("de", "In Wikidata", "Unterstützung beim Entwickeln eigener Lösungen"),
        ("es", "En Wikidata", "form of development"),
    ],
)
def test_a_page_shows_the_item_in_the_language_of_the_reader(
    language: str, heading: str, description: str, client: FlaskClient
) -> None:
    text = page(client, f"/doc/skill/coaching?lang={language}")
    section = text[text.index('id="wikidata"') :]

    assert heading in section
    assert description in section
    assert "https://de.wikipedia.org/wiki/Coaching" in section
    assert "2020" in section[: section.index("</section>")]
    assert "https://github.com/tsafavi/codex" in section[: section.index("</section>")]


def test_a_thing_without_a_link_has_no_such_part(client: FlaskClient) -> None:
    assert 'id="wikidata"' not in page(client, "/doc/skill/commitment")


def test_what_is_known_of_an_item_is_all_there() -> None:
    with engine(nquads()) as asked:
        found = linked_items(asked, ID + "skill/x", "ar")

    (item,) = found.items
    assert found.date == "2026-11-28"
    assert [each.iri for each in found.sources] == ["https://example.org/copy"]
    assert not item.is_gone
    assert item.node.label.value == "تواصل"
    assert [each.label.value for each in item.types] == ["مهنة"]
    assert [each.iri for each in item.replaced_by] == [WD + "Q1104185"]
    assert ("ت x", "ar") in {(each.label.value, each.label.language) for each in item.pages}


def test_a_page_says_that_an_item_is_gone() -> None:
    with application(nquads(), None) as app:
        client = app.test_client()
        assert "hat dieses Objekt nicht mehr" in page(client, "/doc/skill/y?lang=de")
        assert "hat dieses Objekt nicht mehr" not in page(client, "/doc/skill/x?lang=de")


def test_words_of_wikidata_are_text_on_the_page() -> None:
    with application(nquads(), None) as app:
        text = page(app.test_client(), "/doc/skill/x")

    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert(1)" not in text
    assert 'href="javascript:' not in text
    assert read(text)
