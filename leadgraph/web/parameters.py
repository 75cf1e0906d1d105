"""The query string of the JSON API -> values that are of the right form, or what is wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import request

from leadgraph.errors import RequestMalformed
from leadgraph.web import negotiate
from leadgraph.words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST_WORDS = 200
"""How many characters a search may have."""
MOST_ON_A_PAGE = 100
USUAL_ON_A_PAGE = 20
LARGEST_OFFSET = 1_000_000
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
WORDS = r"^[^\u0000-\u001f\u007f]*$"
"""Patterns of ECMA-262, as in the OpenAPI document."""
JSON = "application/json"
CSV = "text/csv"
FORMATS = {"json": JSON, "csv": CSV}

_SLUG = re.compile(SLUG.removesuffix("$") + r"\Z")
_WORDS = re.compile(WORDS.removesuffix("$") + r"\Z")


def one(name: str, default: str = "") -> str:
    """Return a parameter.

    Raises:
        RequestMalformed: if it is there twice.
    """
    values = request.args.getlist(name)
    if len(values) > 1:
        raise RequestMalformed(f"There are {len(values)} parameters `{name}`.", "Send one.")
    return values[0] if values else default


def number(name: str, default: int, least: int, most: int) -> int:
    """Return a whole number.

    Raises:
        RequestMalformed: if it is none, or out of bounds.
    """
    text = one(name, str(default))
    if re.fullmatch(r"[0-9]{1,9}", text) and least <= int(text) <= most:
        return int(text)
    raise RequestMalformed(
        f"`{name}` cannot be {text!r}.", f"Send a number from {least} to {most}."
    )


def span() -> tuple[int, int]:
    """Return how many results are wanted, and after how many others."""
    limit = number("limit", USUAL_ON_A_PAGE, 1, MOST_ON_A_PAGE)
    return limit, number("offset", 0, 0, LARGEST_OFFSET)


def words(name: str = "q") -> str:
    """Return what is searched for, "" if nothing is.

    Raises:
        RequestMalformed: if it is too long, or has control characters.
    """
    text = one(name)
    if len(text) > LONGEST_WORDS:
        raise RequestMalformed(
            f"`{name}` has {len(text)} characters.", f"Send at most {LONGEST_WORDS}."
        )
    if not _WORDS.match(text):
        raise RequestMalformed(f"`{name}` has control characters.", "Send words.")
    return text


def slug(name: str) -> str:
    """Return a word in kebab case, "" if it is not there.

    Raises:
        RequestMalformed: if it is anything else, or too long for the name of a file.
    """
    text = words(name)
    if name in request.args and not _SLUG.match(text):
        raise RequestMalformed(f"`{name}` cannot be {text!r}.", "Use a-z, 0-9 and hyphens.")
    return text


def require_language() -> None:
    """Return if the language is one that we speak, or not named.

    Raises:
        RequestMalformed: if it is named and none of ours.
    """
    _one_of("lang", LANGUAGES)


def media_type() -> str:
    """Return the media type to answer with: `format=` by name, else by the Accept header.

    Raises:
        NotAcceptable: if the client accepts neither.
    """
    return FORMATS[chosen(FORMATS)]


def chosen(formats: Mapping[str, str]) -> str:
    """Return the name of the format to answer in: `format=`, else by the Accept header.

    Raises:
        NotAcceptable: if the client accepts no media type of these.
    """
    name = _one_of("format", tuple(formats))
    if name:
        return name
    best = negotiate.best(request.headers.get("Accept", ""), tuple(formats.values()))
    return next(name for name, media_type in formats.items() if media_type == best)


def _one_of(name: str, choices: Sequence[str]) -> str:
    """Return a parameter that is one of a few words, "" if it is not there."""
    text = one(name)
    if name in request.args and text not in choices:
        raise RequestMalformed(f"`{name}` cannot be {text!r}.", f"Use {' or '.join(choices)}.")
    return text
