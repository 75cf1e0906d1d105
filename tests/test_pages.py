"""The pages for people: in their language, without script, nothing loaded from elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from jinja2 import nodes

from leadgraph import words
from leadgraph.errors import LeadGraphError
from leadgraph.settings import Settings
from leadgraph.vocabulary import ID, LG, shorten
from tests.markup import Markup, read
from tests.pages_engine import ROOT, application, graph, release
from tests.standin.server import SCHOLARLY, WIKIDATA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient

    from tests.standin.server import StandIn

PAGES = (
    *("/", "/roles", "/skills", "/resources", "/pathways", "/names"),
    *("/ns", "/shapes", "/problems", "/sparql"),
    *("/contribute", "/contribute/new/skill", "/codes", "/codes/Skill-broader"),
)
EDITOR = {
    *("/static/editor.css", "/static/editor.js"),
    *("/static/yasgui/yasgui.min.css", "/static/yasgui/yasgui.min.js"),
}
FIRST_HEADING = {
    "en": "What a community knows about its own leadership",
    "es": "Lo que una comunidad sabe de su propio liderazgo",
    "fr": "Ce qu’une communauté sait de son propre leadership",
    "ar": "ما يعرفه مجتمع عن قيادته",
    "de": "Was eine Gemeinschaft über ihre eigene Führung weiß",
    "pt": "O que uma comunidade sabe sobre a sua própria liderança",
}


@pytest.fixture(scope="module")
def app(wikidata: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application over the graph of this repository; a stand-in answers for Wikidata."""
    state, listed = tmp_path_factory.mktemp("state"), wikidata.allow(WIKIDATA, SCHOLARLY)
    settings = Settings(state=str(state), service_allow=listed)
    with application(graph(), release(), settings) as served:
        yield served


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of that application."""
    return app.test_client()


@pytest.fixture(scope="module")
def crawled(app: Flask) -> dict[str, tuple[int, Markup]]:
    """Status and content of every page that links lead to from the home page, data left aside."""
    client, found, waiting = app.test_client(), {}, {"/"}
    while waiting:
        path = waiting.pop()
        response = client.get(path, headers={"Accept": "text/html"}, follow_redirects=True)
        page = read(response.text)
        found[path] = response.status_code, page
        waiting |= {path for path in map(_page, page.values("href")) if path} - set(found)
    return found


def _page(href: str) -> str:
    """The path of a page of ours in the default language, "" for anything else."""
    is_page = href.startswith("/") and not href.startswith("/static/")
    is_other = re.search(
        r"\.(ttl|jsonld|nt|rdf|nq|rq|csv|json)$|^/(?:api/|reconcile)|[?&](lang|format)=", href
    )
    return href.partition("#")[0] if is_page and not is_other else ""


def test_every_link_leads_to_a_page(crawled: dict[str, tuple[int, Markup]]) -> None:
    assert {path: status for path, (status, _) in crawled.items() if status != 200} == {}


def test_every_thing_of_the_data_is_reached_from_the_home_page(
    crawled: dict[str, tuple[int, Markup]],
) -> None:
    subjects = set(re.findall(rf"^<{re.escape(ID)}([^>]+)>", graph().decode(), re.MULTILINE))

    assert {f"/doc/{subject}" for subject in subjects} - set(crawled) == set()
    assert len(subjects) > 500


def test_no_page_loads_anything_from_elsewhere(crawled: dict[str, tuple[int, Markup]]) -> None:
    for path, (_, page) in crawled.items():
        scripts = [e for e in page.all("script") if e.attributes != {"type": "application/ld+json"}]
        assert all(not script.text for script in scripts), path
        assert not scripts or path.partition("?")[0] == "/sparql", path
        loaded = page.values("src") + [
            e.attributes["href"] or ""
            for e in page.all("link")
            if e.attributes["rel"] != "alternate"
        ]
        editor = EDITOR if scripts else set()
        assert set(loaded) == {"/static/leadgraph.css", "/static/mark.svg"} | editor, path


def test_no_page_has_styles_or_scripts_in_attributes(
    crawled: dict[str, tuple[int, Markup]],
) -> None:
    for path, (_, page) in crawled.items():
        names = {name for element in page.elements for name in element.attributes}
        assert not {name for name in names if name == "style" or name.startswith("on")}, path


def test_every_page_has_one_heading_a_title_and_a_way_to_skip(
    crawled: dict[str, tuple[int, Markup]],
) -> None:
    for path, (_, page) in crawled.items():
        assert len(page.all("h1")) == len(page.all("main")) == 1, path
        assert page.all("title")[0].text.endswith("LeadGraph"), path
        assert page.all("a")[0].attributes["href"] == "#main", path


def test_every_id_is_there_once_and_every_anchor_is_there(
    crawled: dict[str, tuple[int, Markup]],
) -> None:
    anchors = {path: set(page.values("id")) for path, (_, page) in crawled.items()}
    for path, (_, page) in crawled.items():
        assert len(page.values("id")) == len(anchors[path]), path
        for href in page.values("href"):
            target, _, anchor = href.partition("#")
            if anchor and target in {"", *anchors}:
                assert unquote(anchor) in anchors[target or path], (path, href)


def test_the_style_sheet_and_the_mark_ask_for_nothing(client: FlaskClient) -> None:
    for name in ("leadgraph.css", "mark.svg"):
        with client.get(f"/static/{name}") as response:
            body = response.text
        assert "@import" not in body
        assert "url(" not in body
        assert set(re.findall(r"https?://[^\s\"')]+", body)) <= {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_page_is_there_in_every_language(
    client: FlaskClient, path: str, language: str
) -> None:
    response = client.get(f"{path}?lang={language}", headers={"Accept": "text/html"})
    page = read(response.text)

    assert response.status_code == 200
    assert page.root() == {"lang": language, "dir": words.direction(language)}


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_the_home_page_speaks_the_language_that_is_asked_for(
    client: FlaskClient, language: str
) -> None:
    named = client.get(f"/?lang={language}", headers={"Accept-Language": "de"})
    accepted = client.get("/", headers={"Accept-Language": f"{language}-XX, en;q=0.5"})

    for response in (named, accepted):
        assert read(response.text).all("h1")[0].text == FIRST_HEADING[language]
        assert response.headers["Content-Language"] == language
        assert "Accept-Language" in response.vary


@pytest.mark.parametrize("wanted", ["xx", "", "en'\"><script>", "pt-BR"])
def test_a_language_that_is_not_shipped_gives_way_to_the_browsers(
    client: FlaskClient, wanted: str
) -> None:
    response = client.get("/", query_string={"lang": wanted}, headers={"Accept-Language": "fr"})

    assert read(response.text).root()["lang"] == "fr"


def test_the_language_switch_keeps_the_page(client: FlaskClient) -> None:
    page = read(
        client.get("/sparql?query=ASK+%7B%7D&lang=es", headers={"Accept": "text/html"}).text
    )
    switch = {
        e.attributes["hreflang"]: e.attributes for e in page.all("a") if "hreflang" in e.attributes
    }

    assert list(switch) == list(words.LANGUAGES)
    assert switch["ar"]["href"] == "/sparql?query=ASK+%7B%7D&lang=ar"
    assert switch["es"]["aria-current"] == "true"


def test_a_language_that_was_named_stays_through_the_links(client: FlaskClient) -> None:
    page = read(client.get("/roles?lang=ar").text)
    inside = [
        href for href in page.values("href") if href.startswith("/") and "/static/" not in href
    ]

    assert len(inside) > 20
    assert all("lang=" in href for href in inside)


def test_the_home_page_shows_what_the_poster_says(client: FlaskClient) -> None:
    body = client.get("/").text
    page = read(body)

    assert "5 conversations with 100 participants" in body
    dots = [e.attributes.get("class") for e in page.all("circle")]
    assert (dots.count("community"), dots.count("staff")) == (79, 21)
    text = {element.text for element in page.all("bdi")}
    assert {
        "Mentors and Change Makers",
        "People who listen to others",
        "How to be Collaborative",
        "Wikimedia Mentors",
        "Train-the-trainers",
        "From editor to Growth mentor",
    } <= text


def test_a_folder_without_our_data_has_a_home_page_too() -> None:
    with application(b'<http://x/a> <http://x/b> "c" .\n', None) as app:
        response = app.test_client().get("/")

    assert response.status_code == 200
    assert "For whom" in response.text


def test_every_term_of_the_namespace_has_its_anchor(client: FlaskClient) -> None:
    anchors = set(read(client.get("/ns").text).values("id"))

    assert {"LeaderRole", "hasStep", "requiredNumber", "BearerKind", "GroupBearer"} <= anchors


def test_the_version_of_the_ontology_is_the_ontology(client: FlaskClient) -> None:
    turtle = {"Accept": "text/turtle"}

    assert client.get("/ns/0.1.0", headers=turtle).data == client.get("/ns.ttl").data


def test_every_error_code_has_its_anchor(client: FlaskClient) -> None:
    def codes(error: type[LeadGraphError]) -> set[str]:
        return {error.code}.union(*(codes(below) for below in error.__subclasses__()))

    assert codes(LeadGraphError) <= set(read(client.get("/problems").text).values("id"))


def test_an_error_page_links_to_what_its_code_means(client: FlaskClient) -> None:
    page = read(client.get("/nowhere?lang=fr", headers={"Accept": "text/html"}).text)

    assert "/problems?lang=fr#thing-not-found" in page.values("href")
    assert page.root()["lang"] == "fr"


def test_every_word_is_used_and_every_used_word_is_there(app: Flask) -> None:
    texts = (path.read_text() for path in ROOT.glob("leadgraph/web/templates/*.html"))
    said = {
        constant.value
        for text in texts
        for constant in app.jinja_env.parse(text).find_all(nodes.Const)
        if isinstance(constant.value, str)
    }
    begun = tuple(text for text in said if text.endswith("-"))
    ended = {f"{name}-what" for name in ("roles", "skills", "resources")}
    keys = {key.removeprefix("pages.") for key in words._texts() if key.startswith("pages.")}
    unused = {key for key in keys if not key.startswith(("term-", *begun))} - said - ended

    assert unused == set()


def test_every_borrowed_term_of_the_data_has_a_name_of_its_own(app: Flask) -> None:
    engine = app.extensions["leadgraph"].engine
    used = engine.rows(
        f"SELECT DISTINCT ?term {{ ?thing ?term ?value FILTER(STRSTARTS(STR(?thing), '{ID}')) }}"
    )
    borrowed = {row["term"].value for row in used if not row["term"].value.startswith(LG)}
    keys = {f"pages.term-{shorten(iri).replace(':', '-')}" for iri in borrowed}

    assert keys - set(words._texts()) == set()
