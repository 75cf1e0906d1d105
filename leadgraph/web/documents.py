"""Triples, or a page -> the response in the format that was asked for, with its headers."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Response, make_response, request
from pyoxigraph import RdfFormat, serialize

from leadgraph.errors import ThingNotFound
from leadgraph.formats import GRAPHS, Format, by_media_type
from leadgraph.publish.statements import NAMESPACES
from leadgraph.publish.text import as_turtle
from leadgraph.web import negotiate
from leadgraph.web.site import language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pyoxigraph import Triple

EXTENSIONS = ("html", *(row.extension for row in GRAPHS))
"""What a document's path may end in; without an end the Accept header chooses."""
_OFFERED = (
    negotiate.HTML,
    *(row.media_type for row in GRAPHS),
    *(other for row in GRAPHS for other in row.also),
)


def document(
    extension: str,
    page: Callable[[], str],
    triples: Callable[[], list[Triple]],
) -> Response:
    """Answer with the page or with the triples; only what is asked for is made.

    The document's other formats are announced in `Link`.

    Raises:
        NotAcceptable: if the client accepts no format that we can write.
        ThingNotFound: if there is no format of that extension.
    """
    chosen = _chosen(extension)
    response = _data(chosen, triples()) if chosen else _page(page())
    response.vary.update(("Accept", "Accept-Language"))
    response.headers["Cache-Control"] = "no-cache"
    for row, path in alternates():
        response.headers.add("Link", f'<{path}>; rel="alternate"; type="{row.media_type}"')
    response.add_etag()
    response.make_conditional(request)
    return response


def data(body: Callable[[Format[RdfFormat]], bytes]) -> Response:
    """Answer with what no page shows, written in the format that the client likes best.

    Raises:
        NotAcceptable: if the client accepts no format that we can write.
    """
    media_type = negotiate.best(request.headers.get("Accept", ""), _OFFERED[1:])
    chosen = by_media_type(GRAPHS, media_type)
    response = Response(body(chosen), content_type=chosen.content_type)
    response.vary.add("Accept")
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def written(chosen: Format[RdfFormat], triples: Iterable[Triple]) -> bytes:
    """Return triples in a format."""
    if chosen.engine == RdfFormat.TURTLE:
        return as_turtle(triples, NAMESPACES)
    return serialize(triples, format=chosen.engine, prefixes=NAMESPACES) or b""


def alternates() -> list[tuple[Format[RdfFormat], str]]:
    """Return each RDF format with its path for the document that is asked for."""
    stem, _, end = request.path.rpartition(".")
    path = stem if end in EXTENSIONS else request.path
    return [(row, f"{quote(request.script_root + path)}.{row.extension}") for row in GRAPHS]


def html(page: str) -> Response:
    """Answer with a page that has no other format than HTML."""
    response = _page(page)
    response.vary.add("Accept-Language")
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def _chosen(extension: str) -> Format[RdfFormat] | None:
    """Return the RDF format to answer in, None for a page."""
    if extension:
        if extension not in EXTENSIONS:
            raise ThingNotFound(request.path)
        return next((row for row in GRAPHS if row.extension == extension), None)
    media_type = negotiate.best(request.headers.get("Accept", ""), _OFFERED)
    return None if media_type == negotiate.HTML else by_media_type(GRAPHS, media_type)


def _page(page: str) -> Response:
    response = make_response(page)
    response.headers["Content-Language"] = language()
    return response


def _data(chosen: Format[RdfFormat], triples: list[Triple]) -> Response:
    return Response(written(chosen, triples), content_type=chosen.content_type)
