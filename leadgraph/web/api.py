"""HTTP requests of those who do not speak SPARQL -> plain JSON, CSV, and the guide to both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request

from leadgraph.check.reports.plain_json import schema
from leadgraph.check.reports.table import FORMS
from leadgraph.errors import ThingNotFound
from leadgraph.explore import describe
from leadgraph.explore.incoming import incoming
from leadgraph.explore.things import named
from leadgraph.vocabulary import mint
from leadgraph.web import checks, documents, openapi, parameters, plain, tables
from leadgraph.web.search import answer, index, pages
from leadgraph.web.site import Site, language, site

if TYPE_CHECKING:
    from flask.blueprints import BlueprintSetupState


blueprint = Blueprint("api", __name__)

COLUMNS = ("iri", "label", "language", "type")


@blueprint.record_once
def _prepare(state: BlueprintSetupState) -> None:
    """Count the checks of the application."""
    here = state.app.extensions["leadgraph"]
    if isinstance(here, Site):
        state.app.extensions[checks.SLOTS] = checks.slots(here.settings.checks)


@blueprint.get("/api")
def guide() -> Response:
    """Show what programs can ask, from the same document that tells it to programs."""
    document = openapi.document(site().settings, request.script_root)
    return documents.html(render_template("api.html", document=document))


@blueprint.get("/openapi.json")
def openapi_document() -> Response:
    """Answer with the OpenAPI document."""
    return answer(openapi.document(site().settings, request.script_root))


@blueprint.get("/api/things")
def kinds() -> Response:
    """List the kinds of things."""
    found = index().kinds()
    return answer(
        {
            "types": [
                {"type": kind, "count": count, "api": f"{request.script_root}/api/things/{kind}"}
                for kind, count in found.items()
            ],
            "total": sum(found.values()),
        }
    )


@blueprint.get("/api/things/<kind>")
def things(kind: str) -> Response:
    """List the things of a kind, by their IRIs.

    Raises:
        ThingNotFound: if there is no such kind.
    """
    parameters.require_language()
    limit, offset = parameters.span()
    media_type = parameters.media_type()
    total = index().kinds().get(kind)
    if total is None:
        raise ThingNotFound(request.path)
    found = named(site().engine, index().things(kind, limit, offset), language())
    if media_type == parameters.CSV:
        rows = (
            (one.node.iri, one.node.label.value, one.node.label.language, kind) for one in found
        )
        return tables.table(kind, COLUMNS, rows)
    return answer(
        {
            "type": kind,
            "language": language(),
            "things": [plain.summary(thing.node, thing.classes) for thing in found],
            **pages(limit, offset, total),
        }
    )


@blueprint.get("/api/things/<kind>/<slug>")
def thing(kind: str, slug: str) -> Response:
    """Answer with what the page about a thing says.

    Raises:
        ThingNotFound: if nothing is said of it.
        ThingGone: if something else replaces it.
    """
    parameters.require_language()
    engine = site().engine
    try:
        iri = mint(kind, slug)
    except ValueError:
        raise ThingNotFound(request.path) from None
    describe.require(engine, iri)
    described = describe.describe(engine, iri, language())
    pointing = incoming(engine, iri, language(), described.predicates)
    return answer({"language": language(), **plain.description(described, pointing)})


@blueprint.post("/api/check")
def check() -> Response:
    """Answer with the report of the file that was sent."""
    parameters.require_language()
    form = FORMS[parameters.chosen(checks.REPORTS)]
    response = Response(checks.checked(form), mimetype=form.media_type)
    response.headers["Content-Language"] = language()
    response.headers["Cache-Control"] = "no-store"
    response.vary.update(("Accept", "Accept-Language"))
    return response


@blueprint.get("/schemas/report.json")
def report_schema() -> Response:
    """Answer with the JSON Schema of reports."""
    response = Response(schema(), content_type="application/schema+json")
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response
