"""What a person sees of a federated answer: the panel of the editor, the page, the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from leadgraph.settings import Settings
from tests.browser.test_editor import Desk, with_editor
from tests.endpoints import Canned, oxigraph
from tests.pages_engine import application, graph, listening, release

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

ROLE = "https://w3id.org/leadgraph/id/role/coordinator"
THEIRS = "http://theirs.example/coordinator"
HOSTILE = "<img src=x onerror=document.title=1>"


@pytest.fixture(scope="module")
def alive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A source that knows two names of a role of ours."""
    path = tmp_path_factory.mktemp("theirs") / "theirs.nt"
    name = f"<{ROLE}> <http://theirs.example/name>"
    path.write_text(f'{name} "koordinaattori"@fi .\n{name} "{HOSTILE}" .\n')
    with oxigraph([path]) as address:
        yield address


@pytest.fixture(scope="module")
def dead() -> Iterator[str]:
    """A source that understands nothing."""
    with Canned(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n") as canned:
        yield canned.address


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory, alive: str, dead: str) -> Iterator[str]:
    """The address of a server over the graph of this repository that may ask both."""
    state: Path = tmp_path_factory.mktemp("state")
    settings = Settings(state=str(state), service_allow=f"{alive} {dead}")
    with application(graph(), release(), settings) as app, listening(app) as address:
        yield address


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A window of 1280 px."""
    with browser.new_context(viewport={"width": 1280, "height": 900}, locale="en") as opened:
        yield opened


@pytest.fixture
def desk(context: BrowserContext, origin: str) -> Desk:
    """The editor in it."""
    return Desk(context.new_page(), origin)


@pytest.fixture
def asked(alive: str, dead: str) -> str:
    """A query whose answer is partial."""
    return query(alive, dead)


def query(alive: str, dead: str = "") -> str:
    """A role with its names elsewhere, and with what a dead source has of it."""
    silent = f"OPTIONAL {{ SERVICE SILENT <{dead}> {{ ?role <{THEIRS}> ?more }} }}" if dead else ""
    return (
        f"SELECT ?role ?name {{ VALUES ?role {{ <{ROLE}> }} "
        f"SERVICE <{alive}> {{ ?role <http://theirs.example/name> ?name }} {silent} }}"
    )


@with_editor
def test_the_panel_says_of_each_source_what_it_was_asked(desk: Desk, alive: str) -> None:
    desk.open()
    desk.ask(query(alive))
    panel = desk.page.locator("#told")

    assert panel.get_by_role("heading").inner_text() == "Other endpoints that were asked"
    assert alive.partition("//")[2] in panel.inner_text()
    assert "complete" in panel.inner_text()
    assert panel.locator(".partial").count() == 0
    assert desk.page.locator("tbody tr").count() == 2
    assert desk.complaints == []


@with_editor
def test_a_partial_answer_is_marked_before_its_rows(desk: Desk, alive: str, dead: str) -> None:
    desk.open()
    desk.ask(query(alive, dead))
    alert = desk.page.get_by_role("alert")

    assert "This answer is partial" in alert.inner_text()
    assert dead.partition("//")[2] in alert.inner_text()
    assert "source-refused-query" in alert.inner_text()
    assert alert.bounding_box()["y"] < desk.page.locator("table").bounding_box()["y"]
    assert desk.page.locator("#told .failed").count() == 1
    desk.ask("ASK {}")
    assert desk.page.locator("#told").inner_text() == ""
    assert desk.complaints == []


@with_editor
def test_the_panel_leads_to_the_ledger_the_replay_and_files_that_ask_nobody(
    desk: Desk, alive: str, dead: str
) -> None:
    desk.open()
    desk.ask(query(alive, dead))
    with desk.page.expect_download() as download:
        desk.page.locator("#taken").get_by_role("link", name="CSV").click()
    assert b"koordinaattori" in download.value.path().read_bytes()
    assert "replay=" in download.value.url
    desk.page.get_by_role("link", name="How this answer came to be").click()

    assert desk.page.locator("h1").inner_text() == "How this answer came to be"
    assert desk.page.locator("#partial").is_visible()
    assert desk.page.locator("svg.lane").count() == 2
    desk.page.get_by_role("link", name="Replay").click()
    assert "This is a replay" in desk.page.locator("#told").inner_text()
    assert "koordinaattori" in desk.page.locator("#shown").inner_text()
    assert desk.page.title().startswith("Ask")


@with_editor
def test_the_sources_are_asked_anew_on_demand_alone(desk: Desk, alive: str) -> None:
    desk.open()
    desk.ask(query(alive))
    desk.ask(query(alive))
    assert "from memory" in desk.page.locator("#told").inner_text()
    sent = []
    desk.page.on("request", lambda request: sent.append(request.headers.get("cache-control")))
    with desk.page.expect_response(lambda response: "/sparql" in response.url):
        desk.page.get_by_role("button", name="Ask the sources anew").click()
    desk.page.get_by_text("live").wait_for()
    desk.ask(query(alive))

    assert sent == ["no-cache", None]


@with_editor
def test_the_panel_says_how_many_parts_found_no_room_in_the_headers(desk: Desk, alive: str) -> None:
    part = f"{{ SERVICE SILENT <{alive}> {{ ?role <http://theirs.example/name> ?name }} }}"
    desk.open()
    desk.ask(f"SELECT * {{ VALUES ?role {{ <{ROLE}> }} {' UNION '.join([part] * 30)} }}")
    panel = desk.page.locator("#told")

    shown = panel.locator(".told-parts > li").count()
    assert 0 < shown < 30
    assert f"on the page below: {30 - shown}." in panel.inner_text()


@with_editor
def test_a_query_that_failed_leads_to_its_ledger(desk: Desk, dead: str) -> None:
    desk.open()
    desk.ask(query(dead))
    notice = desk.page.locator("#shown .notice")

    assert "502 · source-refused-query" in notice.inner_text()
    assert dead in notice.inner_text()
    told = desk.page.locator("#taken .told")
    told.wait_for()
    assert all(word in told.inner_text() for word in ("UTC", dead.partition("//")[2], "failed"))
    notice.get_by_role("link", name="How this answer came to be").click()
    assert "The query was not answered" in desk.page.locator("#partial").inner_text()


@with_editor
@pytest.mark.parametrize(("lang", "scheme"), [("ar", "light"), ("ar", "dark"), ("de", "dark")])
def test_axe_finds_no_fault_and_it_fits_a_phone(
    browser: Browser, origin: str, asked: str, lang: str, scheme: str
) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    found = []
    viewport = {"width": 390, "height": 844}
    with browser.new_context(color_scheme=scheme, locale="en", viewport=viewport) as opened:
        desk = Desk(opened.new_page(), origin)
        desk.open(f"?lang={lang}")
        desk.ask(asked)
        answer = desk.page.locator(".answer").bounding_box()
        assert answer["y"] < desk.page.locator(".choices").bounding_box()["y"]
        found += axe.Axe().run(desk.page).response["violations"]
        assert desk.fits()
        desk.page.locator("#told .formats a").first.click()
        found += axe.Axe().run(desk.page).response["violations"]
        assert desk.fits()
        assert desk.page.locator("html").get_attribute("lang") == lang

    assert {rule["id"]: rule["nodes"][0]["html"][:200] for rule in found} == {}


def test_without_script_the_panel_and_the_ledger_are_there(
    browser: Browser, origin: str, alive: str, dead: str
) -> None:
    with browser.new_context(java_script_enabled=False, locale="es") as opened:
        page: Page = opened.new_page()
        page.goto(f"{origin}/sparql")
        page.locator("textarea#query").fill(query(alive, dead))
        page.locator("#ask button").click()

        assert "Esta respuesta es parcial" in page.locator("#told").inner_text()
        assert page.locator("tbody tr").count() == 2
        page.get_by_role("link", name="Cómo se obtuvo esta respuesta").click()
        page.locator("summary").first.click()
        assert "VALUES" in page.locator("details pre").first.inner_text()


def test_without_script_an_error_stands_before_what_was_asked(
    phone: Page, origin: str, dead: str
) -> None:
    phone.goto(f"{origin}/sparql")
    phone.locator("textarea#query").fill(query(dead))
    phone.locator("#ask button").click()

    text = phone.locator(".answer").inner_text()
    assert text.index("502 · source-refused-query") < text.index("Other endpoints that were asked")


def test_the_bars_say_in_words_when_they_begin_and_how_long_they_are(
    phone: Page, origin: str, alive: str, dead: str
) -> None:
    phone.goto(f"{origin}/sparql")
    phone.locator("textarea#query").fill(query(alive, dead))
    phone.locator("#ask button").click()
    phone.get_by_role("link", name="How this answer came to be").click()

    for lane in phone.locator(".lanes > li").all():
        assert "begun after \u2066" in lane.inner_text()
        assert lane.inner_text().endswith("long")


def test_the_bars_stand_on_one_axis_and_run_from_right_to_left_in_arabic(
    browser: Browser, origin: str, alive: str, dead: str
) -> None:
    with browser.new_context(java_script_enabled=False, locale="en") as opened:
        page = opened.new_page()
        page.goto(f"{origin}/sparql")
        page.locator("textarea#query").fill(query(alive, dead))
        page.locator("#ask button").click()
        page.get_by_role("link", name="How this answer came to be").click()
        ledger = page.url
        boxes = []
        for lang in ("en", "ar"):
            page.goto(f"{ledger}?lang={lang}")
            axis = page.locator(".lane-axis").first.bounding_box()
            bars = [bar.bounding_box() for bar in page.locator(".lane-bar").all()]
            assert axis is not None
            for bar in bars:
                assert bar is not None
                assert axis["x"] - 1 <= bar["x"]
                assert bar["x"] + bar["width"] <= axis["x"] + axis["width"] + 1
            boxes.append([(bar["x"] - axis["x"], bar["width"], axis["width"]) for bar in bars])

    for (left, width, whole), (right, _, _) in zip(*boxes, strict=True):
        assert right == pytest.approx(whole - left - width, abs=2)
