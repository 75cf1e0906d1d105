"""The examples of the graph -> their pages, their RDF, their files, and the list for the editor."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template, request, url_for

from leadgraph.errors import ThingNotFound
from leadgraph.formats import GRAPHS, RESULTS
from leadgraph.publish.examples import describe, describe_examples
from leadgraph.read.examples import AUDIENCES
from leadgraph.web import documents
from leadgraph.web.protocol import QUERY
from leadgraph.web.site import site

if TYPE_CHECKING:
    from leadgraph.model import Example

blueprint = Blueprint("examples", __name__)


@blueprint.app_template_global()
def examples() -> tuple[Example, ...]:
    """Return the examples of the graph that is served, in the order of its files; maybe none."""
    return site().examples


@blueprint.app_template_filter()
def host(address: str) -> str:
    """Return the host of an address, by which people know a source."""
    return urlsplit(address).hostname or address


@blueprint.get("/.well-known/sparql-examples.<extension>")
@blueprint.get("/.well-known/sparql-examples")
@blueprint.get("/queries.<extension>")
@blueprint.get("/queries")
def listing(extension: str = "") -> Response:
    """Answer with all examples: a page by audience (`?keyword=` for a few), or data."""
    return documents.document(extension, _listing_page, lambda: describe_examples(examples()))


@blueprint.get("/query/<slug>")
def example(slug: str) -> Response:
    """Answer with one example: a page, data, or the file (`.rq`) as it was written.

    Raises:
        ThingNotFound: if there is none of that name.
    """
    name, _, extension = slug.partition(".")
    found = next((each for each in examples() if each.slug == name), None)
    if found is None:
        raise ThingNotFound(request.path)
    if extension == "rq":
        return _file(found)
    return documents.document(
        extension,
        lambda: render_template("example.html", example=found, answers=_answers(found)),
        lambda: describe(found),
    )


def _listing_page() -> str:
    """Return the page of the examples, of those with a keyword if one is asked for."""
    keyword = request.args.get("keyword", "")
    shown = [each for each in examples() if not keyword or keyword in each.keywords]
    groups = {
        audience: [each for each in shown if each.audience == audience]
        for audience in (*AUDIENCES, "")
    }
    keywords = sorted({word for each in examples() for word in each.keywords}, key=str.casefold)
    return render_template(
        "examples.html",
        groups={audience: found for audience, found in groups.items() if found},
        keywords=keywords,
        keyword=keyword,
    )


def _answers(example: Example) -> list[tuple[str, str]]:
    """Return the name of each format that the answer has, with the address of it."""
    rows = RESULTS if example.form in ("SELECT", "ASK") else GRAPHS
    return [
        (row.name, url_for("sparql.endpoint", query=example.query, format=row.name)) for row in rows
    ]


def _file(example: Example) -> Response:
    """Send the file of an example, header and all."""
    response = Response(example.text, content_type=f"{QUERY}; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response
