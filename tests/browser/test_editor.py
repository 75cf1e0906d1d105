"""The editor of the endpoint in a real browser, and the same page without script."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from leadgraph import web

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

EDITOR = Path(web.__file__).parent / "static/yasgui/yasgui.min.js"
with_editor = pytest.mark.skipif(
    not EDITOR.is_file(), reason="npm has not brought the editor: run make install where npm is"
)

ROLES = (
    "PREFIX lg: <https://w3id.org/leadgraph/ns#> "
    "SELECT ?role { ?role a lg:LeaderRole } ORDER BY ?role"
)
HOSTILE = (
    'SELECT ("<img src=x onerror=document.title=1><script>document.title=1</script>" AS ?x) '
    '("{{Template}}" AS ?t) (<javascript:document.title=1> AS ?j) '
    "(<http://example.org/'onmouseover='document.title=1> AS ?k) {}"
)


def query(address: str) -> str:
    """The query in an address."""
    return parse_qs(urlsplit(address).query)["query"][0]


@dataclass
class Desk:
    """The page of the endpoint, with what the browser asked for and complained of."""

    page: Page
    origin: str
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(10_000)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, parameters: str = "") -> None:
        """Open the page and wait for the editor."""
        self.page.goto(f"{self.origin}/sparql{parameters}")
        self.page.locator(".yasqe .CodeMirror").wait_for()

    def write(self, text: str) -> None:
        """Put a query in the editor."""
        editor = "document.querySelector('.yasqe .CodeMirror').CodeMirror"
        self.page.evaluate(f"text => {editor}.setValue(text)", text)

    def ask(self, text: str) -> None:
        """Ask a query and wait for what is shown of the answer."""
        self.write(text)
        asked = self.page.expect_response(lambda response: "/sparql" in response.url)
        with asked:
            self.page.locator("#ask button").click()
        self.page.get_by_role("status").filter(has_not_text="…").wait_for(state="attached")
        self.page.locator(".yasr_results > *").first.wait_for()

    def fits(self) -> bool:
        """Whether nothing is wider than the window."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.fixture
def desk(browser: Browser, origin: str) -> Iterator[Desk]:
    """The editor on 1280 px."""
    with browser.new_context(viewport={"width": 1280, "height": 900}, locale="en") as context:
        yield Desk(context.new_page(), origin)


@with_editor
def test_an_example_is_chosen_and_its_answer_appears(desk: Desk) -> None:
    desk.open()
    assert desk.page.locator("textarea#query").is_hidden()
    example = desk.page.locator("a[data-example]").first
    example.click()
    desk.page.locator(".yasr_results > *").first.wait_for()

    assert query(desk.page.url) == query(str(example.get_attribute("href")))
    assert desk.page.locator("#shown").inner_text().strip()
    assert {url for url in desk.asked if not url.startswith(desk.origin)} == set()
    assert desk.complaints == []


@with_editor
def test_an_answer_has_links_to_our_pages_a_permanent_link_and_files(desk: Desk) -> None:
    desk.open("?lang=de")
    desk.ask(ROLES)
    rows = desk.page.locator("tbody tr").count()
    link = desk.page.locator("tbody a").first.get_attribute("href") or ""
    with desk.page.expect_download() as download:
        desk.page.get_by_role("link", name="CSV").click()
    permanent = desk.page.locator("a[rel=bookmark]").evaluate("link => link.href")
    spanish = desk.page.locator("a[hreflang=es]").evaluate("link => link.href")

    assert link.startswith(f"{desk.origin}/id/role/")
    assert link.endswith("?lang=de")
    assert download.value.suggested_filename == "leadgraph.csv"
    assert len(download.value.path().read_bytes().splitlines()) == rows + 1 > 20
    assert "lang=" not in permanent
    desk.page.goto(permanent)
    assert desk.page.locator("tbody tr").count() == rows
    desk.page.goto(spanish)
    assert desk.page.locator("html").get_attribute("lang") == "es"
    assert desk.page.locator("tbody tr").count() == rows


@with_editor
def test_nothing_in_an_answer_runs_or_is_changed(desk: Desk) -> None:
    desk.open()
    title = desk.page.title()
    desk.ask(HOSTILE)
    cells = desk.page.locator("tbody td")
    cells.nth(3).hover()
    desk.page.get_by_role("button", name="As sent").click()
    desk.page.locator(".yasr pre").wait_for()
    desk.page.get_by_role("button", name="To read").click()

    assert desk.page.title() == title
    assert "<img src=x onerror=" in cells.nth(0).inner_text()
    assert cells.nth(1).inner_text() == "{{Template}}"
    assert cells.nth(2).locator("a").count() == 0
    assert desk.page.locator("#shown img, #shown script, #shown [onmouseover]").count() == 0
    assert desk.complaints == []


ANSWERS = {
    "ASK {}": "Yes",
    "ASK { FILTER(false) }": "No",
    "CONSTRUCT { <urn:a> <urn:b> 12345 } {}": "<urn:a> <urn:b> 12345",
    "SELECT * {": "400 · query-malformed",
    "SELECT * { SERVICE <http://a/> {} }": "403 · service-refused",
    "DROP ALL": "403 · update-refused",
    "SELECT (<<( <urn:a> <urn:b> 1 )>> AS ?t) {}": "<<( urn:a urn:b 1 )>>",
    ROLES + "#" + "x" * 9000: "role/coordinator",
}


@with_editor
def test_every_kind_of_answer_is_shown(desk: Desk) -> None:
    desk.open()
    for text, shown in ANSWERS.items():
        desk.ask(text)
        assert shown in desk.page.locator("#shown").inner_text()

    assert [said for said in desk.complaints if "the server responded" not in said] == []


@with_editor
def test_a_question_is_stopped_and_another_one_asked(desk: Desk) -> None:
    desk.open()
    desk.write("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    button = desk.page.locator("#ask button")
    button.click()
    desk.page.get_by_role("button", name="Stop").wait_for()
    button.click()
    desk.page.get_by_role("button", name="Ask").wait_for()
    desk.ask("ASK {}")

    assert "Yes" in desk.page.locator("#shown").inner_text()


@with_editor
def test_the_heading_of_a_column_sorts_it(desk: Desk) -> None:
    desk.open()
    desk.ask("SELECT ?n { VALUES ?n { 9 10 2 } }")
    heading, cells = desk.page.locator("th button"), desk.page.locator("tbody td")

    heading.click()
    assert cells.all_inner_texts() == ["2", "9", "10"]
    heading.click()
    assert cells.all_inner_texts() == ["10", "9", "2"]
    assert desk.page.locator("th").get_attribute("aria-sort") == "descending"


@with_editor
def test_names_are_completed_from_the_description_of_the_dataset(desk: Desk) -> None:
    desk.open()
    desk.write("")
    desk.page.locator(".yasqe .CodeMirror").click()
    desk.page.keyboard.type("SELECT * { ?s a lg:LeaderR")
    desk.page.get_by_role("option", name="lg:LeaderRole").wait_for()
    desk.page.keyboard.press("Enter")
    desk.page.keyboard.type(" ; skos:prefL")
    desk.page.get_by_role("option", name="skos:prefLabel").wait_for()
    desk.page.keyboard.press("Enter")
    text = desk.page.locator("textarea#query").input_value()

    assert "PREFIX lg: <https://w3id.org/leadgraph/ns#>" in text
    assert "?s a lg:LeaderRole ; skos:prefLabel" in text
    assert {url for url in desk.asked if not url.startswith(desk.origin)} == set()


@with_editor
def test_the_keyboard_enters_the_editor_asks_and_leaves_it(desk: Desk) -> None:
    desk.open()
    desk.write("ASK {}")
    desk.page.locator(".yasqe .CodeMirror").click()
    desk.page.keyboard.press("Control+Enter")
    desk.page.locator(".yasr_results > *").first.wait_for()
    desk.page.keyboard.press("Tab")
    button = desk.page.locator("#ask button")

    assert button.evaluate("button => button === document.activeElement")
    desk.page.keyboard.press("Shift+Tab")
    assert desk.page.evaluate("Boolean(document.activeElement.closest('.yasqe'))")


@with_editor
def test_a_line_that_is_no_sparql_is_marked_in_the_readers_language(desk: Desk) -> None:
    desk.open("?lang=de")
    desk.write("SELECT * {\n  ?s nonsense\n}")
    mark = desk.page.locator(".parseErrorIcon")
    mark.hover()

    assert mark.get_attribute("title") == "Ab dieser Zeile ist es noch kein SPARQL."
    assert desk.complaints == []


@with_editor
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault_in_the_editor_and_it_fits_a_phone(
    browser: Browser, origin: str, scheme: str
) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    found = []
    viewport = {"width": 390, "height": 844}
    with browser.new_context(color_scheme=scheme, locale="en", viewport=viewport) as context:
        desk = Desk(context.new_page(), origin)
        desk.open("?lang=ar")
        for text in (ROLES, "SELECT * {", "CONSTRUCT { <urn:a> <urn:b> 1 } {}"):
            desk.ask(text)
            found += axe.Axe().run(desk.page).response["violations"]
            assert desk.fits()
        assert desk.page.locator(".yasqe").evaluate("e => getComputedStyle(e).direction") == "ltr"

    assert {rule["id"]: rule["nodes"][0]["html"][:200] for rule in found} == {}


def test_without_script_the_form_the_files_and_the_permanent_link_work(
    phone: Page, origin: str
) -> None:
    phone.goto(f"{origin}/sparql")
    phone.locator("textarea#query").fill(ROLES)
    phone.locator("#ask button").click()
    rows = phone.locator("tbody tr").count()
    with phone.expect_download() as download:
        phone.get_by_role("link", name="CSV").click()
    phone.get_by_role("link", name="Permanent link").click()

    assert phone.locator("tbody tr").count() == rows
    assert len(download.value.path().read_bytes().splitlines()) == rows + 1 > 20
    assert phone.locator(".yasqe").count() == 0


def test_without_script_an_example_is_a_link_to_its_answer(phone: Page, origin: str) -> None:
    phone.goto(f"{origin}/sparql?lang=fr")
    phone.locator("a[data-example]").first.click()

    assert phone.locator(".answer").is_visible()
    assert "lang=fr" in phone.url
