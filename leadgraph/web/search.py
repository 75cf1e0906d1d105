"""Words -> the things that they mean: a page for people, JSON or CSV for programs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, render_template, request, url_for

from leadgraph.errors import RequestMalformed
from leadgraph.explore.search import Found, Hit, Search
from leadgraph.explore.things import Named, named
from leadgraph.web import documents, parameters, plain
from leadgraph.web.site import Site, language, site
from leadgraph.web.tables import fresh, table

if TYPE_CHECKING:
    from flask.blueprints import BlueprintSetupState

    from leadgraph.web.plain import Json

blueprint = Blueprint("search", __name__)

COLUMNS = ("iri", "label", "language", "type", "match", "match_language", "how", "score")
INDEX = "leadgraph-search"
"""Where the application keeps its index."""


@blueprint.record_once
def _prepare(state: BlueprintSetupState) -> None:
    """Give the application its index, which is not made before somebody searches."""
    here = state.app.extensions["leadgraph"]
    if isinstance(here, Site):
        state.app.extensions[INDEX] = Search(here.engine, here.settings.deadline_seconds)


def index() -> Search:
    """Return the index of the application that answers this request."""
    found = current_app.extensions[INDEX]
    if not isinstance(found, Search):
        raise TypeError("create_app() was not used")
    return found


@dataclass(frozen=True, slots=True)
class Result:
    """A hit, with what a reader needs to know of the thing."""

    hit: Hit
    thing: Named


@blueprint.get("/search")
def search_page() -> Response:
    """Show what is found, or the form alone."""
    words, (limit, offset) = parameters.words(), parameters.span()
    found = index().find(words, language(), limit=limit, offset=offset)
    return documents.html(
        render_template(
            "search.html",
            words=words,
            results=_results(found),
            total=found.total,
            first=offset + 1,
            before=_neighbour(offset - limit) if offset else "",
            after=_neighbour(offset + limit) if offset + limit < found.total else "",
        )
    )


@blueprint.get("/api/search")
def search() -> Response:
    """Answer with what is found.

    Raises:
        RequestMalformed: if nothing is searched for.
    """
    parameters.require_language()
    words, kind, (limit, offset) = parameters.words(), parameters.slug("type"), parameters.span()
    if not words:
        raise RequestMalformed("`q` is missing or empty.", "Send the words to search for.")
    media_type = parameters.media_type()
    found = index().find(words, language(), kind=kind, limit=limit, offset=offset)
    results = _results(found)
    if media_type == parameters.CSV:
        return table("search", COLUMNS, map(_row, results))
    return answer(
        {
            "query": words,
            "language": language(),
            "type": kind or None,
            "results": [_as_json(result) for result in results],
            **pages(limit, offset, found.total),
        }
    )


def answer(content: Json) -> Response:
    """Answer with JSON, which a client may keep and ask about again."""
    body = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    return fresh(Response(body, content_type=parameters.JSON))


def pages(limit: int, offset: int, total: int) -> dict[str, Json]:
    """Return where in the whole a page of results stands, and where the next one is."""
    following = {**request.args.to_dict(), "offset": str(offset + limit)}
    is_last = offset + limit >= min(total, parameters.LARGEST_OFFSET)
    next_page = None if is_last else f"{request.script_root}{request.path}?{urlencode(following)}"
    return {"total": total, "limit": limit, "offset": offset, "next": next_page}


def _neighbour(offset: int) -> str:
    """Return the path of another page of the same search."""
    given = {**request.args.to_dict(), "offset": str(max(0, offset))}
    return f"{url_for('search.search_page')}?{urlencode(given)}"


def _results(found: Found) -> list[Result]:
    things = named(site().engine, [hit.iri for hit in found.hits], language())
    return [Result(hit, thing) for hit, thing in zip(found.hits, things, strict=True)]


def _as_json(result: Result) -> Json:
    hit = result.hit
    return {
        **plain.summary(result.thing.node, result.thing.classes),
        "match": {**plain.text(hit.text), "how": hit.how},
        "score": hit.score,
    }


def _row(result: Result) -> tuple[str | float, ...]:
    node, hit = result.thing.node, result.hit
    return (
        node.iri, node.label.value, node.label.language, result.thing.kind,
        hit.text.value, hit.text.language, hit.how, hit.score,
    )  # fmt: skip
