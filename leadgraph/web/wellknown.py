"""What is served -> how it describes itself: the endpoint, the dataset, for search engines."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, request
from pyoxigraph import RdfFormat, parse

from leadgraph.explore import dataset, service
from leadgraph.formats import GRAPHS, by_name
from leadgraph.vocabulary import SPARQL
from leadgraph.web import documents, negotiate
from leadgraph.web.reader import page
from leadgraph.web.site import language, site

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Response
    from werkzeug import Response as Redirect

    from leadgraph.formats import Format

blueprint = Blueprint("wellknown", __name__)


def endpoint_description() -> Response:
    """Answer with what the endpoint says of itself (SPARQL 1.1 Service Description, 2)."""
    return documents.data(_service)


@blueprint.get("/.well-known/void")
def void() -> Response | Redirect:
    """Answer with the description of the dataset (VoID, 7.2); a browser is led to its page.

    The note has it lead on to wherever the description is. Here it is the description, whole, with
    all partitions, which `/dataset` names and does not describe: one request, any format, and
    no address that only the canonical server answers for. Plain files have no description but
    what the endpoint knows of them.
    """
    release = site().release
    if release is None:
        return documents.data(_service)
    if negotiate.wants_page(request.headers.get("Accept", "")):
        response = redirect(page("resources.dataset"), 303)
        response.vary.add("Accept")
        return response
    published = release.path / "void.ttl"
    return documents.data(lambda row: _written(published, row.name))


@lru_cache(maxsize=len(GRAPHS))
def _written(published: Path, name: str) -> bytes:
    """Return a file of a release, which never changes, in the format of a name."""
    quads = parse(path=published, format=RdfFormat.TURTLE)
    return documents.written(by_name(GRAPHS, name), (quad.triple for quad in quads))


@blueprint.app_template_global()
def dataset_for_search_engines() -> dataset.Json | None:
    """Return the dataset in the words of schema.org, None where nobody described it."""
    return dataset.schema_org(site().engine, language()) if site().release else None


def _service(row: Format[RdfFormat]) -> bytes:
    """Describe the endpoint at the address that was asked; at its own name if that is none."""
    here = site()
    address = f"{request.root_url}sparql" if request.host else SPARQL
    sources = [source.iri for source in here.elsewhere.sources.listed]
    triples = service.description(here.engine, here.settings, here.release, address, sources)
    return documents.written(row, triples)
