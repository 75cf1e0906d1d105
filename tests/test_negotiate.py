"""Accept headers as browsers, libraries and people write them."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from leadgraph.errors import NotAcceptable
from leadgraph.web import negotiate

OFFERED = ("text/turtle", "application/ld+json", "application/n-triples", "text/html")
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "text/turtle"),
        ("*/*", "text/turtle"),
        ("text/*", "text/turtle"),
        ("application/ld+json", "application/ld+json"),
        ("APPLICATION/LD+JSON", "application/ld+json"),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#a,b"', "application/ld+json"),
        ("text/turtle;q=0.5, application/n-triples;q=0.9", "application/n-triples"),
        ("text/turtle;q=0, */*;q=0.1", "application/ld+json"),
        ("image/png, application/ld+json;q=0.1", "application/ld+json"),
        ("image/png, application/ld+json; q=.2, text/turtle;Q=.1", "application/ld+json"),
        (FIREFOX, "text/html"),
        ("text/turtle;charset=utf-8", "text/turtle"),
    ],
)
def test_the_best_offered_type_is_chosen(accept: str, media_type: str) -> None:
    assert negotiate.best(accept, OFFERED) == media_type


@pytest.mark.parametrize("accept", ["image/png", "text/turtle;q=0", "nonsense", "application/pdf"])
def test_what_cannot_be_made_is_refused(accept: str) -> None:
    with pytest.raises(NotAcceptable):
        negotiate.best(accept, OFFERED)


@pytest.mark.parametrize(
    ("accept", "page"),
    [(FIREFOX, True), ("text/html", True), ("*/*", False), ("", False), ("text/html;q=0", False),
     ("application/json, text/html;q=0.9", False)],
)  # fmt: skip
def test_only_a_browser_gets_a_page(accept: str, page: bool) -> None:
    assert negotiate.wants_page(accept) is page


@pytest.mark.parametrize(
    ("wanted", "accepted", "language"),
    [
        ("de", "fr", "de"),
        ("tlh", "fr", "fr"),
        (None, "pt-BR, en;q=0.5", "pt"),
        (None, "ja", "en"),
        (None, "", "en"),
        (None, "ja, ar;q=0.1", "ar"),
    ],
)
def test_the_language_asked_for_comes_before_the_browsers(
    wanted: str | None, accepted: str, language: str
) -> None:
    header = parse_accept_header(accepted, LanguageAccept)

    assert negotiate.language(wanted, header) == language
