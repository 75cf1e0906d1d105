"""Markdown files -> the pages of the guide: for clients, contributors, operators."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING

from flask import Blueprint, render_template
from markdown_it import MarkdownIt
from markupsafe import Markup

from leadgraph.errors import ThingNotFound
from leadgraph.web import documents

if TYPE_CHECKING:
    from flask import Response
    from markdown_it.token import Token

blueprint = Blueprint("guide", __name__)

PAGES = (
    "clients", "sparql", "federation", "calling", "reconciliation", "pull-request", "operators",
)  # fmt: skip
"""The pages in the order in which they are listed."""

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


_SCROLLING = {
    "<pre>": '<pre class="scroll" tabindex="0">',
    "<table>": '<div class="scroll" role="group" aria-label="Table" tabindex="0"><table>',
    "</table>": "</table></div>",
}
"""Tags of what may be wide, and what stands in their place to scroll, by keyboard too."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A section of a page: its title and the anchor that leads to it."""

    title: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the guide; `lead` is its first paragraph, `body` all that follows, as HTML."""

    name: str
    title: str
    lead: Markup
    sections: tuple[Heading, ...]
    body: Markup


@blueprint.get("/guide")
def contents() -> Response:
    """List the pages of the guide."""
    return documents.html(render_template("guide.html", pages=[read(name) for name in PAGES]))


@blueprint.get("/guide/<name>")
def page(name: str) -> Response:
    """Show a page of the guide.

    Raises:
        ThingNotFound: if there is none of that name.
    """
    if name not in PAGES:
        raise ThingNotFound(f"/guide/{name}")
    return documents.html(render_template("guide.html", guide=read(name)))


@cache
def read(name: str) -> Page:
    """Return a page as its file says it: a title, a lead, then sections."""
    tokens = _MARKDOWN.parse(source(name))
    title, lead, body = tokens[:3], tokens[3:6], tokens[6:]
    return Page(
        name,
        title[1].content,
        _html(lead[1:2]),
        tuple(_anchored(body)),
        _html(body),
    )


def source(name: str) -> str:
    """Return the text of a page as it was written."""
    return files("leadgraph.web").joinpath("guide", f"{name}.md").read_text("utf-8")


def _anchored(tokens: list[Token]) -> list[Heading]:
    """Give the headings of sections an anchor each, and return them."""
    sections = []
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open" and opening.tag == "h2":
            anchor = re.sub(r"\W+", "-", inline.content.lower()).strip("-")
            opening.attrSet("id", anchor)
            sections.append(Heading(inline.content, anchor))
    return sections


def _html(tokens: list[Token]) -> Markup:
    """Return tokens as HTML in which what is wider than a phone scrolls by itself.

    The files quote HTML only escaped, so that a tag is always the parser's own.
    """
    written = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    for tag, scrolling in _SCROLLING.items():
        written = written.replace(tag, scrolling)
    return Markup(written)  # noqa: S704  # the files are ours
