"""The list of endpoints that SERVICE may name is closed, and compared whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadgraph.errors import ServiceRefused, SettingInvalid
from leadgraph.link.source.sources import Source, Sources, parse
from leadgraph.settings import WIKIDATA_SOURCES, Settings

WIKIDATA = "https://query.wikidata.org/sparql"


def sources(allow: str, **settings: int) -> Sources:
    """What a list says."""
    return Sources.from_settings(Settings(service_allow=allow, **settings))  # type: ignore[arg-type]


def one(entry: str) -> Source:
    """What an entry says."""
    (source,) = sources(entry).listed
    return source


def test_without_a_list_wikidata_is_asked_in_both_of_its_graphs() -> None:
    listed = Sources.from_settings(Settings()).listed

    assert [source.iri for source in listed] == WIKIDATA_SOURCES.split()
    assert all(source.at_once == 1 and source.is_wikidata for source in listed)
    assert not any(source.by_operator for source in listed)


def test_a_list_takes_the_place_of_ours() -> None:
    listed = sources(" http://127.0.0.1:7878/query\n\thttps://example.org/sparql ")

    assert [s.iri for s in listed.listed] == [
        "http://127.0.0.1:7878/query",
        "https://example.org/sparql",
    ]
    assert all(source.by_operator for source in listed.listed)
    with pytest.raises(ServiceRefused, match=r"only http://127\.0\.0\.1:7878/query, https://ex"):
        listed.find(WIKIDATA)


@pytest.mark.parametrize("allow", ["", " ", "\n"])
def test_an_empty_list_allows_none(allow: str) -> None:
    with pytest.raises(ServiceRefused, match=r"line 3, column 5.*only none is"):
        sources(allow).find(WIKIDATA, (3, 5))


def test_an_entry_says_how_it_is_asked() -> None:
    source = one(
        "https://example.org/sparql?a=b#block=200&at_once=2&spacing=0.5&subjects=http://a.example/"
        "&subjects=http://b.example/&at=http://127.0.0.1:7878/query?x=1%26y=2%2525"
    )

    assert source == Source(
        iri="https://example.org/sparql?a=b",
        address="http://127.0.0.1:7878/query?x=1&y=2%25",
        by_operator=True,
        block=200,
        at_once=2,
        spacing_seconds=0.5,
        subjects=("http://a.example/", "http://b.example/"),
        is_wikidata=False,
    )
    assert source.parsed.target == "/query?x=1&y=2%25"


def test_what_an_entry_does_not_say_comes_from_the_settings() -> None:
    (source,) = sources("https://example.org/", service_block=7, service_at_once=3).listed

    assert (source.block, source.at_once, source.spacing_seconds) == (7, 3, 0)


@pytest.mark.parametrize(
    "host", ["query.wikidata.org", "commons-query.wikimedia.org", "wikipedia.org", "X.Wikidata.ORG"]
)
def test_wikimedia_is_asked_one_thing_at_a_time(host: str) -> None:
    assert one(f"https://{host}/sparql").at_once == 1
    assert one(f"https://{host}/sparql#at_once=2").at_once == 2


@pytest.mark.parametrize("host", ["wikidata.org.example.com", "notwikidata.org", "example.org"])
def test_who_is_named_like_wikimedia_is_not_taken_for_it(host: str) -> None:
    source = one(f"https://{host}/sparql")

    assert not source.is_wikimedia
    assert not source.is_wikidata


def test_a_stand_in_for_wikidata_is_wikidata_to_queries_and_none_of_wikimedias_hosts() -> None:
    source = one(f"{WIKIDATA}#at=http://127.0.0.1:7878/query")

    assert source.is_wikidata
    assert not source.is_wikimedia
    assert source.at_once == Settings().service_at_once
    assert source.subjects == ("http://www.wikidata.org/",)


@pytest.mark.parametrize(
    ("iri", "may"),
    [
        ("http://www.wikidata.org/entity/Q1", True),
        ("https://en.wikipedia.org/wiki/Leadership", True),
        ("https://www.wikidata.org/wiki/Special:EntityData/Q1", True),
        ("http://wikiba.se/ontology#Dump", True),
        ("https://w3id.org/leadgraph/id/role/mentor", False),
        ("https://example.org/en.wikipedia.org/", False),
        ("urn:x", False),
    ],
)
def test_only_what_wikidata_cannot_describe_is_held_back(iri: str, may: bool) -> None:
    assert one(WIKIDATA).may_describe(iri) is may
    assert one("https://example.org/sparql").may_describe(iri)


@pytest.mark.parametrize(
    ("entry", "advice"),
    [
        ("example.org/sparql", "absolute addresses of http or https"),
        ("ftp://example.org/sparql", "absolute addresses of http or https"),
        ("file:///etc/passwd", "absolute addresses of http or https"),
        ("https://", "absolute addresses of http or https"),
        ("https://example.org:99999/", "absolute addresses of http or https"),
        ("https://user:secret@example.org/sparql", "without a user"),
        ("https://bücher.example/sparql", "xn--"),
        ("https://example.org/#blok=3", "not 'blok'"),
        ("https://example.org/#", ""),
        ("https://example.org/#block=0", "from 1 to 10000"),
        ("https://example.org/#block=10001", "from 1 to 10000"),
        ("https://example.org/#block=٣", "from 1 to 10000"),
        ("https://example.org/#block", "from 1 to 10000"),
        ("https://example.org/#at_once=65", "from 1 to 64"),
        ("https://example.org/#at_once=1&at_once=2", "once"),
        ("https://example.org/#spacing=-1", "number of seconds"),
        ("https://example.org/#spacing=nan", "number of seconds"),
        ("https://example.org/#at=/query", "absolute http or https address"),
        ("https://example.org/#at=http://u@127.0.0.1/", "absolute http or https address"),
        ("https://example.org/#subjects=", "beginning of IRIs"),
        ("https://example.org/ HTTPS://EXAMPLE.ORG:443", "stands twice"),
    ],
)
def test_a_bad_entry_is_named_with_what_to_write(entry: str, advice: str) -> None:
    if not advice:
        assert one(entry).iri == entry[:-1]
        return
    with pytest.raises(SettingInvalid) as refused:
        sources(f"https://good.example/ {entry}")

    assert refused.value.name == "LEADGRAPH_SERVICE_ALLOW"
    assert refused.value.value == entry.rsplit(" ", maxsplit=1)[-1]
    assert advice in str(refused.value)


@pytest.mark.parametrize(
    "iri",
    [
        "HTTPS://query.wikidata.org/sparql",
        "https://Query.WikiData.org/sparql",
        "https://query.wikidata.org:443/sparql",
        "https://query.wikidata.org:0443/sparql",
    ],
)
def test_the_same_address_is_found_and_what_is_asked_is_the_lists(iri: str) -> None:
    assert sources(WIKIDATA).find(iri).address == WIKIDATA


@pytest.mark.parametrize(
    "iri",
    [
        "http://query.wikidata.org/sparql",
        "https://query.wikidata.org:80/sparql",
        "https://query.wikidata.org:444/sparql",
        "https://query.wikidata.org./sparql",
        "https://query.wikidata.org/SPARQL",
        "https://query.wikidata.org/sparql/",
        "https://query.wikidata.org//sparql",
        "https://query.wikidata.org/./sparql",
        "https://query.wikidata.org/x/../sparql",
        "https://query.wikidata.org/sp%61rql",
        "https://query.wikidata.org/%73parql",
        "https://query.wikidata.org/sparql;x",
        "https://query.wikidata.org/sparql?",
        "https://query.wikidata.org/sparql?format=json",
        "https://query.wikidata.org/sparql#",
        "https://query.wikidata.org/sparql#at=http://127.0.0.1/",
        "https://user@query.wikidata.org/sparql",
        "https://user:pass@query.wikidata.org/sparql",
        "https://@query.wikidata.org/sparql",
        "https://query.wikidata.org@127.0.0.1/sparql",
        "https://query.wikidata.org:443@127.0.0.1/sparql",
        "https://127.0.0.1#@query.wikidata.org/sparql",
        "https://127.0.0.1\\@query.wikidata.org/sparql",
        "https:\\\\query.wikidata.org\\sparql",
        "https:/query.wikidata.org/sparql",
        "https:query.wikidata.org/sparql",
        "//query.wikidata.org/sparql",
        "query.wikidata.org/sparql",
        "/sparql",
        "",
        " https://query.wikidata.org/sparql",
        "https://query.wikidata.org/sparql ",
        "https://query.wikidata.org/sparql\n",
        "https://query.wikidata.org/sparql\x00",
        "https://query.wiki\tdata.org/sparql",
        "https://query.wiki\u00addata.org/sparql",
        "https://query.wikidatа.org/sparql",
        "https://query。wikidata。org/sparql",
        "https://ⓠuery.wikidata.org/sparql",
        "https://query%2Ewikidata.org/sparql",
        "https://query.wikidata.org%00.example/sparql",
        "https://query.wikidata.org.example/sparql",
        "https://query.wikidata.org:/sparql",
        "https://query.wikidata.org:443 /sparql",
        "url:https://query.wikidata.org/sparql",
        "file://query.wikidata.org/sparql",
        "ftp://query.wikidata.org/sparql",
    ],
)
def test_no_other_spelling_stands_for_a_listed_address(iri: str) -> None:
    with pytest.raises(ServiceRefused) as refused:
        sources(WIKIDATA).find(iri)

    assert refused.value.source == iri


@pytest.mark.parametrize("listed", ["http://2130706433/sparql", "http://[::ffff:127.0.0.1]/sparql"])
def test_a_spelling_that_is_listed_is_found_as_it_is_spelt(listed: str) -> None:
    assert sources(listed).find(listed).address == listed
    with pytest.raises(ServiceRefused):
        sources(listed).find("http://127.0.0.1/sparql")


def test_an_address_without_a_path_has_the_root() -> None:
    assert sources("http://example.org").find("http://example.org:80/").iri == "http://example.org"


@given(st.text())
def test_whatever_stands_there_is_parsed_or_refused(text: str) -> None:
    for iri in (text, f"http://{text}", f"http://example.org/{text}"):
        parsed = parse(iri)
        assert parsed is None or (iri.isascii() and iri.isprintable() and "@" not in parsed.host)
