"""The page of an answer, as it is without script: to be kept, cited, downloaded, asked again."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from leadgraph import web
from leadgraph.formats import GRAPHS, RESULTS
from leadgraph.web.app import create_app
from tests.markup import Markup, read

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from leadgraph.query.client import Engine
    from leadgraph.settings import Settings

STATIC = Path(web.__file__).parent / "static"
SELECT = "SELECT ?o WHERE { <http://example.org/b> ?p ?o }"
CONSTRUCT = "CONSTRUCT WHERE { <http://example.org/b> ?p ?o }"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def app(engine: Engine, settings: Settings, tmp_path: Path) -> Flask:
    """The application over the small dataset, without the part that npm brings."""
    app = create_app(engine, settings, None)
    app.static_folder = str(tmp_path)
    for path in STATIC.glob("*.*"):
        shutil.copy(path, tmp_path)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of that application."""
    return app.test_client()


def page(client: FlaskClient, query: str, **parameters: str) -> Markup:
    """The page with the answer to a query by GET."""
    asked = {"query": query, **parameters}
    return read(client.get("/sparql", query_string=asked, headers=BROWSER).text)


def main(text: str) -> str:
    """What stands between the frame of a page."""
    return text.partition("<main")[2].partition("</main>")[0]


def permanent(markup: Markup) -> list[str]:
    """The permanent links on a page."""
    links = markup.all("a")
    return [str(a.attributes["href"]) for a in links if a.attributes.get("rel") == "bookmark"]


@pytest.mark.parametrize("query", [SELECT, CONSTRUCT, "ASK {}", "SELECT ('+&%20é' AS ?x) {}"])
def test_the_permanent_link_leads_to_the_same_page(client: FlaskClient, query: str) -> None:
    posted = client.post("/sparql", data={"query": query}, headers=BROWSER)
    (link,) = permanent(read(posted.text))

    assert posted.status_code == 200
    assert main(client.get(link, headers=BROWSER).text) == main(posted.text)
    assert 'id="answer"' in main(posted.text)


def test_the_graphs_that_are_asked_stay_in_the_link_and_in_the_form(client: FlaskClient) -> None:
    graph = "http://example.org/g2"
    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    body = {"query": query, "default-graph-uri": graph, "lang": "de"}
    posted = read(client.post("/sparql", data=body, headers=BROWSER).text)
    (link,) = permanent(posted)

    assert "lang=" not in link
    assert client.get(link + "&format=csv").data == b"n\r\n1\r\n"
    hidden = [e.attributes for e in posted.all("input") if e.attributes.get("type") == "hidden"]
    assert {"type": "hidden", "name": "default-graph-uri", "value": graph} in hidden


@pytest.mark.parametrize(("query", "formats"), [(SELECT, RESULTS), (CONSTRUCT, GRAPHS)])
def test_every_format_is_a_link_to_a_file(client: FlaskClient, query: str, formats) -> None:
    links = [a.attributes for a in page(client, query).all("a") if "download" in a.attributes]

    assert [link["download"] for link in links] == [f"leadgraph.{row.extension}" for row in formats]
    for row, link in zip(formats, links, strict=True):
        response = client.get(str(link["href"]), headers=BROWSER)
        assert response.headers["Content-Type"] == row.content_type
        assert (
            response.data
            == client.get("/sparql", query_string={"query": query, "format": row.name}).data
        )


def test_a_query_too_long_for_an_address_is_sent_again_by_post(client: FlaskClient) -> None:
    long = SELECT + "#" + "x" * 8000
    markup = read(client.post("/sparql", data={"query": long}, headers=BROWSER).text)
    buttons = [e.attributes for e in markup.all("button") if e.attributes.get("name") == "format"]

    assert permanent(markup) == []
    (form,) = (e.attributes for e in markup.all("form") if e.attributes.get("id") == "ask")
    assert form["method"] == "post"
    assert [button["value"] for button in buttons] == [row.name for row in RESULTS]
    assert all(button["form"] == "ask" for button in buttons)


def test_what_is_wrong_has_neither_link_nor_file(client: FlaskClient) -> None:
    markup = page(client, "SELECT * {")

    assert permanent(markup) == []
    assert [a for a in markup.all("a") if "download" in a.attributes] == []


def test_without_the_editor_there_is_no_script_and_none_may_run(client: FlaskClient) -> None:
    for query in ("", SELECT, "SELECT * {"):
        response = client.get(
            "/sparql", query_string={"query": query} if query else {}, headers=BROWSER
        )
        assert read(response.text).all("script") == []
        assert "script-src" not in response.headers["Content-Security-Policy"]


def test_with_the_editor_only_scripts_of_ours_may_run_and_only_there(
    app: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    (tmp_path / "yasgui").mkdir()
    (tmp_path / "yasgui" / "yasgui.min.js").touch()
    for query in ("", SELECT, "SELECT * {"):
        response = client.get(
            "/sparql", query_string={"query": query} if query else {}, headers=BROWSER
        )
        policy = response.headers["Content-Security-Policy"].split("; ")
        assert {"default-src 'none'", "script-src 'self'", "style-src 'self'"} <= set(policy)
        assert "unsafe" not in response.headers["Content-Security-Policy"]
        scripts = read(response.text).all("script")
        assert all(str(e.attributes["src"]).startswith("/static/") and not e.text for e in scripts)
        assert len(scripts) == 2

    assert "script-src" not in client.get("/problems").headers["Content-Security-Policy"]
    csv = client.get("/sparql", query_string={"query": SELECT, "format": "csv"})
    assert "script-src" not in csv.headers["Content-Security-Policy"]
