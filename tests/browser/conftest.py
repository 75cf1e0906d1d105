"""Debian's chromium, and the graph of this repository at an address."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.pages_engine import application, graph, listening, release

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser; without one its tests are skipped."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("Debian's chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """The address of a server over the graph of this repository."""
    with application(graph(), release()) as app, listening(app) as address:
        yield address


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page of 390 px without script."""
    with browser.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=False, locale="en"
    ) as context:
        yield context.new_page()
