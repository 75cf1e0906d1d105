"""`leadgraph links sync`: what Wikidata says of the linked items, in a file with its date."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, parse

from leadgraph.check.slice import FileGraph
from leadgraph.link.account import Table
from leadgraph.link.wikidata import linked
from leadgraph.link.wikidata.items import Item, Wikidata, items_of, ordered
from leadgraph.read import turtle
from leadgraph.read.layout.tidy import tidied
from leadgraph.settings import Settings
from tests import misbehaving
from tests.links import LINKS, WD, graph, links, live, wikidata

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = "https://schema.org/"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return graph(tmp_path)


def fetched(folder: Path) -> Path:
    return folder / "data/wikidata-items.ttl"


def said(folder: Path) -> dict[str, Item]:
    """The items in the file that was written."""
    triples = tuple(quad.triple for quad in parse(path=fetched(folder)))
    return linked.fetched([FileGraph("wikidata-items.ttl", "wikidata-items", triples)])


def test_what_wikidata_says_of_the_linked_items_is_in_the_file(
    folder: Path, tmp_path: Path
) -> None:
    with wikidata(live(), tmp_path) as source:
        done = links(source, "sync", "--graph", folder, "--languages", "en,de,zh")

    assert (done.status, done.err) == (0, "")
    item = said(folder)[WD + "Q11024"]
    assert item.labels == {"de": "Kommunikation", "en": "communication", "zh": "通信"}
    assert item.aliases == (("en", "comms"),)
    assert item.descriptions == {"en": "act of conveying meanings"}
    assert item.types == (WD + "Q28640",)
    assert item.sitelink_count == 120
    assert item.sitelinks == (
        "https://commons.wikimedia.org/wiki/Category:Communication",
        "https://de.wikipedia.org/wiki/Kommunikation",
    )
    assert said(folder)[WD + "Q28640"].labels == {"de": "Beruf", "en": "profession"}
    assert said(folder)[WD + "Q1251441"].labels == {"mul": "leader"}


def test_the_file_is_tidy_and_speaks_of_our_schema_org(folder: Path, tmp_path: Path) -> None:
    with wikidata(live(), tmp_path) as source:
        links(source, "sync", "--graph", folder)

    text = fetched(folder).read_text("utf-8")
    assert tidied("x.ttl", text) == text
    assert "<http://schema.org/" not in text
    assert SCHEMA in text


def test_a_language_that_the_data_use_is_fetched_as_well(tmp_path: Path) -> None:
    folder = graph(tmp_path, links=LINKS.replace('"Coaching"@en', '"コーチング"@ja'))
    with wikidata(live(), tmp_path) as source:
        links(source, "sync", "--graph", folder)

    assert {"ja", "zh"} <= said(folder)[WD + "Q11024"].labels.keys()


def test_a_file_of_items_that_a_merge_broke_is_replaced(folder: Path, tmp_path: Path) -> None:
    fetched(folder).write_text("<<<<<<< ours\n", "utf-8")
    with wikidata(live(), tmp_path) as source:
        assert links(source, "sync", "--graph", folder).status == 0

    assert said(folder).keys() >= {WD + "Q11024", WD + "Q1104185"}


@pytest.mark.parametrize("tags", ["xx<>", "en,de fr", " , ", ""])
def test_what_is_no_tag_of_a_language_is_refused_and_not_left_out(tags: str, folder: Path) -> None:
    done = links("", "sync", "--graph", folder, "--languages", tags)

    assert done.status == 2
    assert "write en,es,pt-br" in done.err


def test_the_file_says_when_and_of_whom_it_was_asked(folder: Path, tmp_path: Path) -> None:
    dated = (
        "<http://www.wikidata.org> wschema:dateModified"
        ' "2026-11-28T10:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> .\n'
    )
    with wikidata(live() + dated, tmp_path) as source:
        links(source, "sync", "--graph", folder)
        text = fetched(folder).read_text("utf-8")
        assert f"prov:wasDerivedFrom   <{source.address}>" in text

    assert re.search(r'prov:generatedAtTime  "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"\^\^xsd:date', text)
    assert 'dcterms:valid         "2026-11-28T10:00:00Z"^^xsd:dateTime' in text
    assert "publicdomain/zero" in text
    assert "Not Wikidata itself was asked" in text


def test_a_copy_says_where_it_is_from_and_how_old_it_is(folder: Path, tmp_path: Path) -> None:
    options = ("--dated", "2020", "--origin", "https://example.org/extract", "--excerpt")
    with wikidata(live(Q1104185=""), tmp_path) as source:
        done = links(source, "sync", "--graph", folder, *options)

    text = fetched(folder).read_text("utf-8")
    assert "prov:wasDerivedFrom   <https://example.org/extract>" in text
    assert 'dcterms:valid         "2020"^^xsd:gYear' in text
    assert "127.0.0.1" not in text
    assert "Q1104185" not in text
    assert "The source has nothing on wd:Q1104185." in done.out


def test_a_deleted_item_is_deprecated_and_a_merged_one_says_into_which(
    folder: Path, tmp_path: Path
) -> None:
    changed = live(
        Q11024="",
        Q1104185="wd:Q1104185 owl:sameAs wd:Q37226 .\n",
        Q37226='wd:Q37226 rdfs:label "teacher"@en .\n',
    )
    with wikidata(changed, tmp_path) as source:
        done = links(source, "sync", "--graph", folder)

    assert "wd:Q11024" in done.out
    text = fetched(folder).read_text("utf-8")
    assert re.search(r"wd:Q11024\n    owl:deprecated  true", text)
    assert said(folder)[WD + "Q1104185"].redirect == WD + "Q37226"
    assert said(folder)[WD + "Q37226"].labels == {"en": "teacher"}
    assert "owl:sameAs" not in text


def test_steps_of_merging_are_one_in_the_file_and_circles_none(
    folder: Path, tmp_path: Path
) -> None:
    """What is replaced by itself in the end would be no valid data (replaced-cycle)."""
    changed = live(
        Q11024="wd:Q11024 owl:sameAs wd:Q1251441 .\n",
        Q1251441="wd:Q1251441 owl:sameAs wd:Q11024 .\n",
        Q1104185="wd:Q1104185 owl:sameAs wd:Q1162163 . wd:Q1162163 owl:sameAs wd:Q37226 .\n",
        Q37226='wd:Q37226 rdfs:label "teacher"@en .\n',
    )
    with wikidata(changed, tmp_path) as source:
        done = links(source, "sync", "--graph", folder)

    assert "The source has nothing on wd:Q11024, wd:Q1251441." in done.out
    assert said(folder)[WD + "Q1104185"].redirect == WD + "Q37226"
    text = fetched(folder).read_text("utf-8")
    assert text.count("isReplacedBy") == 2  # the comment, and the one item
    assert text.count("owl:deprecated  true") == 2
    found, problems = turtle.read("x.ttl", text.encode(), Settings())
    assert found is not None, problems


def test_an_excerpt_says_nothing_of_what_it_lacks(folder: Path, tmp_path: Path) -> None:
    with wikidata(live(Q1104185="wd:Q1104185 owl:sameAs wd:Q37226 .\n"), tmp_path) as source:
        links(source, "sync", "--graph", folder, "--excerpt")

    assert "Q1104185" not in fetched(folder).read_text("utf-8")


def test_nothing_is_written_when_nothing_but_the_date_changed(folder: Path, tmp_path: Path) -> None:
    with wikidata(live(), tmp_path) as source:
        links(source, "sync", "--graph", folder)
        old = fetched(folder).read_text("utf-8")
        aged = re.sub(r'Time  "\d{4}', 'Time  "2001', old)
        fetched(folder).write_text(aged, "utf-8")
        done = links(source, "sync", "--graph", folder)

    assert "nothing was written" in done.out
    assert fetched(folder).read_text("utf-8") == aged != old


def test_what_changed_is_written(folder: Path, tmp_path: Path) -> None:
    with wikidata(live(), tmp_path) as source:
        links(source, "sync", "--graph", folder)
    with wikidata(live(Q1104185='wd:Q1104185 rdfs:label "training"@en .\n'), tmp_path) as source:
        links(source, "sync", "--graph", folder)

    assert said(folder)[WD + "Q1104185"].labels == {"en": "training"}


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (misbehaving.says("500 Internal Server Error"), "status 500"),
        (misbehaving.cut(misbehaving.results(9), 60), "no usable answer"),
        (misbehaving.sends(b"<html>", content_type="text/html"), "no usable answer"),
    ],
    ids=["500", "cut", "html"],
)
def test_a_source_that_fails_leaves_the_old_file_and_says_so(
    behaviour: misbehaving.Behaviour, code: str, folder: Path
) -> None:
    fetched(folder).write_text("# as it was\n", "utf-8")
    with misbehaving.Misbehaving([behaviour]) as server:
        allow = f"https://query.wikidata.org/sparql#at={server.address}"
        done = links(allow, "sync", "--graph", folder, LEADGRAPH_SERVICE_SECONDS="3")

    assert done.status == 2
    assert code in done.err
    assert "was left as it is" in done.err
    assert fetched(folder).read_text("utf-8") == "# as it was\n"


def test_wikidata_itself_is_not_asked_without_a_contact(folder: Path) -> None:
    done = links("https://query.wikidata.org/sparql", "sync", "--graph", folder)

    assert done.status == 2
    assert "LEADGRAPH_CONTACT" in done.err
    assert not fetched(folder).exists()


def test_only_a_listed_source_can_be_named(folder: Path, tmp_path: Path) -> None:
    with wikidata(live(), tmp_path) as source:
        refused = links(source, "sync", "--graph", folder, "--endpoint", "http://127.0.0.1:9/q")
        listed = links(
            f"http://127.0.0.1:9/q {source.allow}",
            *("sync", "--graph", folder, "--endpoint", "https://query.wikidata.org/sparql"),
        )

    assert refused.status == 2
    assert "LEADGRAPH_SERVICE_ALLOW" in refused.err
    assert listed.status == 0


# The requests, and what comes back


def test_items_are_asked_for_in_blocks_and_each_once() -> None:
    asked: list[str] = []

    def ask(text: str) -> Table:
        asked.append(text)
        return Table(("item", "fact", "value"), ())

    source = Wikidata(ask, ["en"], 2)
    iris = [f"{WD}Q{n}" for n in (5, 52, 180, 565, 2013)]
    assert list(source.items([*iris, iris[0], "https://example.org/"])) == iris
    source.items(iris)

    assert len(asked) == 3
    assert [len(set(re.findall(r"entity/(Q\d+)>", text))) for text in asked] == [2, 2, 1]


def test_an_answer_about_other_items_changes_nothing() -> None:
    strange = (WD + "Q52", WD + "../", Literal("x"))
    assert list(items_of([WD + "Q5"], [strange])) == [WD + "Q5"]
    assert items_of([WD + "Q5"], [strange])[WD + "Q5"].is_gone


@given(st.text())
def test_no_label_brings_what_cannot_be_seen_into_the_file(label: str) -> None:
    literal = Literal(label, language="en")
    item = items_of([WD + "Q5"], [(WD + "Q5", LABEL, literal)])[WD + "Q5"]

    kept = "".join(item.labels.values())
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff]", kept)
    assert kept == kept.strip()


def test_words_that_join_letters_are_kept_and_hidden_marks_are_not() -> None:
    texts = {"fa": "می\u200cخواهم", "en": "co\u200bach\u00ading\ufeff \u202eevil\u202c"}
    facts = [(WD + "Q5", LABEL, Literal(text, language=tag)) for tag, text in texts.items()]

    labels = items_of([WD + "Q5"], facts)[WD + "Q5"].labels
    assert labels == {"fa": "می\u200cخواهم", "en": "coaching evil"}


@pytest.mark.parametrize(
    "page",
    [
        "javascript:alert(1)",
        "https://example.org/wiki/Coaching",
        "https://en.wikipedia.org.example.org/wiki/Coaching",
        "http://en.wikipedia.org/wiki/Coaching",
    ],
)
def test_only_pages_of_wikimedia_are_kept(page: str) -> None:
    about = "http://schema.org/about"
    right = "https://en.wikipedia.org/wiki/%D8%AA_(x)"
    facts = [(WD + "Q5", about, NamedNode(each)) for each in (page, right)]

    assert items_of([WD + "Q5"], facts)[WD + "Q5"].sitelinks == (right,)


def test_a_redirect_to_something_that_is_no_item_is_none() -> None:
    target = NamedNode("https://example.org/Q5")
    fact = (WD + "Q5", "http://www.w3.org/2002/07/owl#sameAs", target)
    assert items_of([WD + "Q5"], [fact])[WD + "Q5"].redirect == ""


def test_items_are_in_the_order_of_their_numbers() -> None:
    assert ordered([WD + "Q180", WD + "P31", WD + "Q52", WD + "Q5"]) == [
        WD + name for name in ("P31", "Q5", "Q52", "Q180")
    ]
