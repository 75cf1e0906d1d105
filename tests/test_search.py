"""Words find things: whatever their accents, case, language, and with a slip of the keyboard."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse, serialize

from leadgraph.errors import EngineBusy, QueryTooCostly
from leadgraph.explore.fold import excerpt, fold
from leadgraph.explore.search import HOW, Search
from leadgraph.vocabulary import ID, OWL, RDFS, SKOS
from tests.markup import read
from tests.pages_engine import application, engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from leadgraph.query.client import Engine

LABEL, PREF, ALT = f"<{RDFS}label>", f"<{SKOS}prefLabel>", f"<{SKOS}altLabel>"
NOTE, TYPE = f"<{SKOS}note>", "a"
GRAPH = f"""
<{ID}role/mentor> a <{SKOS}Concept> ; {PREF} "Mentor"@en ; {LABEL} "مرشد"@ar ; {ALT} "Guide"@en .
<{ID}role/mentor-of-mentors> a <{SKOS}Concept> ; {PREF} "Mentor of mentors"@en .
<{ID}role/growth-mentor> a <{SKOS}Concept> ; {PREF} "Growth mentor"@en .
<{ID}role/listener> a <{SKOS}Concept> ; {PREF} "Listener"@en ;
    {NOTE} "{"Long before it. " * 20}A mentor listens too.{" Long after it." * 20}"@en .
<{ID}skill/decision> a <{SKOS}Concept> ; {PREF} "Décision collégiale"@fr , "協働する"@ja .
<{ID}skill/strasse> a <{SKOS}Concept> ; {PREF} "Straße"@de ; {LABEL} "المهارات الناعمة"@ar .
<{ID}skill/nameless> a <{SKOS}Concept> .
<{ID}role/tutor> a <{SKOS}Concept> ; {PREF} "Tutor"@en ; <{OWL}deprecated> true ;
    <http://purl.org/dc/terms/isReplacedBy> <{ID}role/mentor> .
<http://example.org/elsewhere> {LABEL} "Mentor"@en , "<b>\\u202Eevil</b>" .
_:nobody {LABEL} "Mentor"@en .
"""
NQUADS = serialize(parse(GRAPH, RdfFormat.TURTLE), format=RdfFormat.N_QUADS)


@pytest.fixture(scope="module")
def small() -> Iterator[Engine]:
    """An engine that holds that graph."""
    with engine(NQUADS) as client:
        yield client


@pytest.fixture(scope="module")
def search(small: Engine) -> Search:
    """Its index."""
    return Search(small, 10)


def slugs(search: Search, words: str, language: str = "en", **options: int | str) -> list[str]:
    """The last parts of the IRIs that are found."""
    found = search.find(words, language, **options)
    return [hit.iri.rpartition("/")[2] for hit in found.hits]


def test_the_name_itself_comes_before_what_begins_so_has_it_or_mentions_it(search: Search) -> None:
    found = search.find("mentor", "en")

    assert [(hit.iri.rpartition("/")[2], hit.how) for hit in found.hits] == [
        ("mentor", "exact"),
        ("elsewhere", "exact"),
        ("mentor-of-mentors", "beginning"),
        ("growth-mentor", "word"),
        ("listener", "description"),
    ]
    assert [hit.score for hit in found.hits] == sorted(
        (hit.score for hit in found.hits), reverse=True
    )
    assert found.hits[0].score == 1.0
    assert found.total == 5


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ("DECISION collegiale", "decision"),
        ("collégiale décision", "decision"),
        ("de\u0301cis", "decision"),
        ("strasse", "strasse"),
        ("STRAẞE", "strasse"),
        ("مهارات", "strasse"),
        ("الْمَهَارَات", "strasse"),
        ("働", "decision"),
        ("ｍｅｎｔｏｒ", "mentor"),
        ("guide", "mentor"),
    ],
)
def test_accents_case_forms_and_scripts_do_not_matter(
    search: Search, words: str, slug: str
) -> None:
    assert slugs(search, words)[0] == slug


@pytest.mark.parametrize("words", ["mentro", "metnor", "mentorr", "mantor", "menor"])
def test_one_slip_of_the_keyboard_is_forgiven(search: Search, words: str) -> None:
    found = search.find(words, "en")

    assert found.hits[0].iri == f"{ID}role/mentor"
    assert {hit.how for hit in found.hits} == {"misspelt"}


def test_a_short_word_is_not_taken_for_another(search: Search) -> None:
    assert slugs(search, "off") == []


def test_all_words_must_be_there(search: Search) -> None:
    assert slugs(search, "mentor growth") == ["growth-mentor"]
    assert slugs(search, "mentor unheardof") == []


def test_the_text_is_told_in_the_language_of_the_reader_where_two_match_alike(
    small: Engine,
) -> None:
    (hit,) = Search(small, 10).find("مرشد", "en").hits

    assert (hit.text.value, hit.text.language) == ("مرشد", "ar")


def test_only_things_of_one_kind_are_found_if_that_is_asked(search: Search) -> None:
    assert "elsewhere" not in slugs(search, "mentor", kind="role")
    assert slugs(search, "mentor", kind="skill") == []


def test_what_something_else_replaces_is_not_found(search: Search) -> None:
    assert slugs(search, "tutor") == []
    assert search.kinds() == {"role": 4, "skill": 3}


def test_things_of_a_kind_come_by_iri_with_or_without_a_name(search: Search) -> None:
    assert search.things("skill", 10, 0) == [
        f"{ID}skill/{slug}" for slug in ("decision", "nameless", "strasse")
    ]
    assert search.things("skill", 1, 1) == [f"{ID}skill/nameless"]
    assert search.things("x' OR ''='", 10, 0) == []


def test_pages_follow_each_other_and_the_total_is_known_beyond_the_last(search: Search) -> None:
    everything = slugs(search, "mentor")

    assert [slugs(search, "mentor", limit=1, offset=n)[0] for n in range(5)] == everything
    assert search.find("mentor", "en", offset=5).total == 5
    assert search.find("mentor", "en", offset=5).hits == ()


@pytest.mark.parametrize(
    "words",
    ['"', '" OR "', "NEAR(mentor", "folded:x", "*", "mentor*)", "{folded}", "-x", "^", "\x00",
     "\u202e\u2066", "' --", "%", "_", "()", "\ud7ff\U0010ffff", "AND", "🙂"],
)  # fmt: skip
def test_signs_of_the_query_language_are_no_query_language(search: Search, words: str) -> None:
    found = search.find(words, "en")

    assert len(found.hits) == found.total


@given(st.text(max_size=200))
def test_no_text_breaks_the_search(search: Search, words: str) -> None:
    found = search.find(words, "en")

    assert all(0 <= hit.score <= 1 and hit.how in HOW for hit in found.hits)


@given(st.text())
def test_folded_words_are_as_folded_as_can_be(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_the_index_is_made_once_and_threads_share_it(small: Engine) -> None:
    search, statements = Search(small, 10), []
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: slugs(search, "mentor"), range(64)))
        statements.append(search._index)
        list(threads.map(lambda _: search.kinds(), range(8)))

    assert found == [found[0]] * 64
    assert len(found[0]) == 5
    assert [search._index] == statements


def test_who_waits_too_long_for_the_index_is_told_so(small: Engine) -> None:
    search = Search(small, 0.05)
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        with search.held():
            holding.set()
            done.wait(5)

    thread = threading.Thread(target=hold)
    thread.start()
    holding.wait(5)
    with pytest.raises(EngineBusy):
        search.kinds()
    done.set()
    thread.join()
    assert search.kinds()


def test_a_search_ends_at_the_deadline(small: Engine) -> None:
    search = Search(small, 0.2)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"

    with pytest.raises(QueryTooCostly), search.held() as index:
        index.execute(endless).fetchall()
    assert search.kinds()


def test_a_mistake_of_ours_is_not_told_as_a_costly_search(search: Search) -> None:
    with pytest.raises(sqlite3.OperationalError), search.held() as index:
        index.execute("SELECT nothing")


def test_a_long_text_is_shown_around_the_word(search: Search) -> None:
    (hit,) = [hit for hit in search.find("mentor", "en").hits if hit.how == "description"]

    assert "A mentor listens too." in hit.text.value
    assert hit.text.value.startswith("… ")
    assert hit.text.value.endswith(" …")
    assert len(hit.text.value) < 250


@given(st.text(max_size=600), st.text(min_size=1, max_size=5))
def test_an_excerpt_is_of_the_text_and_short(text: str, word: str) -> None:
    assert len(excerpt(text, (word,))) <= 244
    assert excerpt(text, (word,)).removeprefix("… ").removesuffix(" …").strip() in text


@pytest.fixture(scope="module")
def client() -> Iterator[FlaskClient]:
    """A client of an application over that graph."""
    with application(NQUADS, None) as app:
        yield app.test_client()


def test_the_page_links_to_what_it_finds(client: FlaskClient) -> None:
    page = read(client.get("/search?q=mentro&lang=de").text)

    assert page.root() == {"lang": "de", "dir": "ltr"}
    assert "/doc/role/mentor?lang=de" in page.values("href")
    assert "http://example.org/elsewhere" in page.values("href")
    assert any("Was ihnen nahekommt" in element.text for element in page.all("p"))


def test_the_page_says_when_nothing_is_found_and_keeps_the_words(client: FlaskClient) -> None:
    page = read(client.get("/search?q=%3Cscript%3E%22").text)

    assert '<script>"' in page.values("value")
    assert page.all("script") == []
    assert any("Nothing was found" in element.text for element in page.all("p"))


def test_without_words_the_page_is_the_form(client: FlaskClient) -> None:
    page = read(client.get("/search?lang=ar").text)

    assert page.root() == {"lang": "ar", "dir": "rtl"}
    assert [form.attributes["role"] for form in page.all("form")] == ["search"]


def test_the_page_leads_on_to_the_next_results_and_back(client: FlaskClient) -> None:
    first = read(client.get("/search?q=mentor&limit=2").text)
    (following,) = [link for link in first.all("a") if link.attributes.get("rel") == "next"]
    second = read(client.get(str(following.attributes["href"])).text)

    assert [link.attributes["href"] for link in second.all("a") if link.attributes.get("rel")][-2:]
    assert "/doc/role/mentor-of-mentors" in second.values("href")
    assert second.all("ol")[0].attributes["start"] == "3"


def test_every_page_has_the_search_in_its_head(client: FlaskClient) -> None:
    (form,) = read(client.get("/roles?lang=fr").text).all("form")

    assert form.attributes["action"] == "/search?lang=fr"


@pytest.mark.parametrize("query", ["q=" + "x" * 201, "q=%00", "q=a&q=b", "q=x&offset=-1"])
def test_what_cannot_be_searched_for_is_a_problem_not_a_crash(
    client: FlaskClient, query: str
) -> None:
    response = client.get(f"/search?{query}")

    assert response.status_code == 400
    assert response.json["code"] == "request-malformed"
