"""Accept headers -> the media type and the language to answer in (RFC 9110, 12)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from leadgraph.errors import NotAcceptable
from leadgraph.words import LANGUAGES

if TYPE_CHECKING:
    from werkzeug.datastructures import LanguageAccept

HTML = "text/html"

_BARE_QUALITY = re.compile(r"(;\s*q\s*=\s*)\.(?=\d)", re.IGNORECASE)
_HEADERS = 512
"""How many different headers are remembered; clients of one kind send the same."""


@lru_cache(maxsize=_HEADERS)
def best(accept: str, offered: tuple[str, ...]) -> str:
    """Return the offered media type that the client likes best; the first one on a tie.

    Parameters of media ranges (`;profile=...`) are left aside: a profile narrows a type that we
    have, it does not name another one.

    Raises:
        NotAcceptable: if the client accepts none of them.
    """
    if not accept.strip():
        return offered[0]
    ranges = _ranges(accept)
    plain = MIMEAccept([(value.partition(";")[0].strip(), quality) for value, quality in ranges])
    choice = plain.best_match(offered)
    if choice is None:
        raise NotAcceptable(accept, offered)
    return choice


def _ranges(accept: str) -> MIMEAccept:
    """Return the media ranges of a header; `q=.9`, which clients in Java send, counts as 0.9."""
    return parse_accept_header(_BARE_QUALITY.sub(r"\g<1>0.", accept), MIMEAccept)


@lru_cache(maxsize=_HEADERS)
def wants_page(accept: str) -> bool:
    """Tell whether the client is a person's browser: it names HTML and likes it best."""
    ranges = _ranges(accept)
    top = max((quality for _, quality in ranges), default=0.0)
    return any(value == HTML and quality == top and quality for value, quality in ranges)


def language(wanted: str | None, accepted: LanguageAccept) -> str:
    """Return the language of the page: the one asked for by name, else the browser's best."""
    if wanted in LANGUAGES:
        return str(wanted)
    primary = (tag.partition("-")[0].lower() for tag, quality in accepted if quality)
    return next((tag for tag in primary if tag in LANGUAGES), LANGUAGES[0])
