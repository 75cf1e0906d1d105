"""The pages in a real browser: on a phone, by keyboard, without script, read by axe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from werkzeug.wrappers import Response

from tests.pages_engine import listening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page


PATHS = [
    "/",
    "/?lang=ar",
    "/resources",
    "/pathways?lang=ar",
    "/names",
    "/ns?lang=de",
    "/shapes?lang=ar",
    "/problems",
    "/contribute?lang=de",
    "/contribute/new/course?lang=ar",
    "/codes?lang=ar",
    "/codes/LearningResource-isReplacedBy?lang=fr",
    "/guide/pull-request",
    "/doc/role/coordinator",
    "/doc/pathway/become-a-growth-mentor?lang=ar",
    "/doc/nothing/here",
    "/dataset",
    "/queries?lang=ar",
    "/query/who-says-so",
    "/guide",
    "/guide/clients?lang=ar",
    "/guide/operators",
    "/guide/reconciliation?lang=ar",
    "/reconcile/preview?id=role/functionary&lang=ar",
    "/limits?lang=ar",
    "/search?q=mentor",
    "/api?lang=ar",
    "/sparql?query=SELECT+*+%7B+%3Fs+%3Fp+%3Fo+%7D+LIMIT+20",
]


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    """A page of 1280 px."""
    with browser.new_context(viewport={"width": 1280, "height": 900}, locale="en") as context:
        yield context.new_page()


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_wider_than_a_phone_and_nothing_comes_from_elsewhere(
    phone: Page, origin: str, path: str
) -> None:
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    complaints: list[str] = []
    phone.on("console", lambda message: complaints.append(message.text))
    phone.goto(origin + path)

    overflow = phone.locator("html").evaluate("html => html.scrollWidth - innerWidth")
    assert overflow <= 0
    assert phone.locator("h1").is_visible()
    assert {url for url in asked if not url.startswith(origin)} == set()
    assert [text for text in complaints if "404" not in text] == []


def test_the_keyboard_reaches_first_the_way_to_the_content(desk: Page, origin: str) -> None:
    desk.goto(origin)
    desk.keyboard.press("Tab")
    skip = desk.locator(".skip")

    assert skip.evaluate("link => link === document.activeElement")
    box = skip.bounding_box()
    assert box
    assert box["y"] >= 0
    desk.keyboard.press("Enter")
    assert desk.locator("main").evaluate("main => main === document.activeElement")


def test_the_focus_is_seen_and_goes_in_the_order_of_reading(desk: Page, origin: str) -> None:
    desk.goto(origin)
    seen = []
    for _ in range(25):
        desk.keyboard.press("Tab")
        seen.append(
            desk.evaluate(
                """() => {
                    const style = getComputedStyle(document.activeElement)
                    const all = [...document.querySelectorAll("a, button, textarea, input")]
                    return [all.indexOf(document.activeElement), style.outlineStyle,
                            parseFloat(style.outlineWidth)]
                }"""
            )
        )

    assert [order for order, _, _ in seen] == list(range(25))
    assert all(style == "solid" and width >= 2 for _, style, width in seen)


def test_arabic_reads_from_right_to_left(desk: Page, origin: str) -> None:
    desk.goto(f"{origin}/?lang=ar")
    brand = desk.locator(".brand").bounding_box()
    menu = desk.locator(".top nav").bounding_box()

    assert brand
    assert menu
    assert brand["x"] > menu["x"]


def test_a_query_is_asked_and_answered_without_script(phone: Page, origin: str) -> None:
    phone.goto(f"{origin}/sparql")
    phone.locator("main form button").first.click()

    assert phone.locator("tbody tr").count() > 5
    assert phone.locator("td a").first.get_attribute("href").startswith("/doc/role/")


@pytest.mark.parametrize(
    ("path", "scheme"),
    [
        *(("/", scheme) for scheme in ("light", "dark")),
        *(("/doc/pathway/become-a-growth-mentor?lang=ar", scheme) for scheme in ("light", "dark")),
        *(
            (path, "light")
            for path in ("/names", "/ns", "/problems", "/codes", "/doc/nothing/here")
        ),
        *((path, "dark") for path in ("/doc/role/coordinator", "/pathways?lang=ar", PATHS[-1])),
    ],
)
def test_axe_finds_no_fault(browser: Browser, origin: str, path: str, scheme: str) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    with browser.new_context(color_scheme=scheme, locale="en") as context:
        page = context.new_page()
        page.goto(origin + path)
        violations = axe.Axe().run(page).response["violations"]

    found = {rule["id"]: [node["html"][:200] for node in rule["nodes"][:3]] for rule in violations}
    assert found == {}


@pytest.fixture
def elsewhere(origin: str) -> Iterator[str]:
    """The address of another site, which frames two of our pages."""
    frames = (
        f'<iframe name="preview" src="{origin}/reconcile/preview?id=role/functionary"></iframe>'
        f'<iframe name="page" src="{origin}/doc/role/functionary"></iframe>'
    )
    with listening(Response(frames, content_type="text/html")) as address:
        yield address


def test_another_site_may_frame_a_preview_and_no_other_page(desk: Page, elsewhere: str) -> None:
    desk.goto(elsewhere)
    desk.wait_for_load_state("networkidle")
    preview, page = desk.frame("preview"), desk.frame("page")

    assert preview is not None
    assert page is not None
    assert preview.locator("h1").inner_text() == "Functionaries"
    assert "Functionaries" not in page.content()
