"""Settings -> the page that tells people every limit, what happens beyond it, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template

from leadgraph import words
from leadgraph.explore.limits import OF_FILES, OF_NAMES, OF_QUERIES, OF_SERVICES
from leadgraph.web import documents
from leadgraph.web.site import language, site

if TYPE_CHECKING:
    from flask import Response

    from leadgraph.explore.limits import Limit

blueprint = Blueprint("limits", __name__)

_BINARY = (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10))
_HOUR = 3600


@blueprint.get("/limits")
def page() -> Response:
    """Show the limits of this server."""
    sections = {
        "queries": OF_QUERIES,
        "services": OF_SERVICES,
        "files": OF_FILES,
        "names": OF_NAMES,
    }
    sources = site().elsewhere.sources.listed
    return documents.html(
        render_template("limits.html", sections=sections, sources=sources, shown=_shown)
    )


def _shown(limit: Limit) -> str:
    """Return a limit's value with its unit, in the signs that all languages share."""
    value = limit.of(site().settings)
    if limit.unit == "seconds":
        return f"{value / _HOUR:g} h" if value and value % _HOUR == 0 else f"{value:g} s"
    if limit.unit == "bytes":
        unit, size = next((row for row in _BINARY if value % row[1] == 0), ("B", 1))
        return f"{_grouped(value // size)} {unit}"
    return _grouped(value)


def _grouped(value: float) -> str:
    """Return a whole number in groups of three, with the space that every language can read."""
    return f"{value:,.0f}".replace(",", "\u202f")


@blueprint.app_template_global("limits_say")
def _say(key: str, **facts: object) -> str:
    """Return words of `words/limits.toml` in the language of the page."""
    return words.say(f"limits.{key}", language(), **facts)
