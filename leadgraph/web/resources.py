"""IRIs of things, graphs and releases -> 303 to a document, or the document as page or data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, send_from_directory
from pyoxigraph import NamedNode

from leadgraph.errors import ThingNotFound
from leadgraph.explore import describe
from leadgraph.explore.contents import contents
from leadgraph.explore.incoming import SHOWN, incoming
from leadgraph.explore.linked import linked_items
from leadgraph.explore.steps import pathway
from leadgraph.formats import by_extension
from leadgraph.publish.releases import MANIFEST
from leadgraph.vocabulary import BASE, DATASET, GRAPH, LG, RELEASE, mint
from leadgraph.web import documents
from leadgraph.web.reader import FOLDERS, page
from leadgraph.web.site import language, site

if TYPE_CHECKING:
    from flask import Response
    from pyoxigraph import Triple
    from werkzeug import Response as Redirect

blueprint = Blueprint("resources", __name__)


@blueprint.get("/id/<kind>/<slug>")
def thing(kind: str, slug: str) -> Redirect:
    """Lead from a thing, which no network can send, to the document about it (303 See Other)."""
    describe.require(site().engine, _mint(kind, slug))
    return redirect(page("resources.document", kind=kind, slug=slug), 303)


@blueprint.get("/doc/<kind>/<slug>")
def document(kind: str, slug: str) -> Response:
    """Answer with what the graph says of a thing; an end (`.ttl`) chooses the format."""
    name, _, extension = slug.partition(".")
    return _answer(_mint(kind, name), extension, f"{BASE}doc/{kind}/{name}")


@blueprint.get(f"/<any({','.join(FOLDERS)}):folder>/<slug>")
def published(folder: str, slug: str) -> Response:
    """Answer with the description of a source's graph, a release or a linkset."""
    name, _, extension = slug.partition(".")
    return _answer(_existing(f"{BASE}{folder}/{name}"), extension)


@blueprint.get("/dataset")
@blueprint.get("/dataset.<extension>")
def dataset(extension: str = "") -> Response:
    """Answer with the description of the dataset."""
    return _answer(DATASET, extension)


@blueprint.get("/releases/<version>/<path:name>")
def release_file(version: str, name: str) -> Response:
    """Send a file of the release that is served, or its manifest, as it was written.

    Raises:
        ThingNotFound: if it is none.
    """
    release = site().release
    if release is None or release.version != version or name not in (MANIFEST, *release.files):
        raise ThingNotFound(request.path)
    row = by_extension(name) if name != MANIFEST else None
    response = send_from_directory(
        release.path.resolve(),
        name,
        mimetype=row.media_type if row else None,
        etag=release.files.get(name, True),
    )
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _mint(kind: str, slug: str) -> str:
    """Return the IRI of a thing.

    Raises:
        ThingNotFound: if no thing can have such an IRI.
    """
    try:
        return mint(kind, slug)
    except ValueError:
        raise ThingNotFound(request.path) from None


def _existing(iri: str) -> str:
    """Return an IRI made of a request's path.

    Raises:
        ThingNotFound: if it is none.
    """
    try:
        return NamedNode(iri).value
    except ValueError:
        raise ThingNotFound(request.path) from None


def _answer(iri: str, extension: str, document_iri: str = "") -> Response:
    """Answer with what the graph says of an IRI; a thing's document has an IRI of its own."""
    engine, release = site().engine, site().release
    describe.require(engine, iri)

    def triples() -> list[Triple]:
        about = describe.statements(engine, iri)
        if not document_iri:
            return about
        released = RELEASE + release.version if release else None
        return about + describe.provenance(engine, iri, document_iri, released)

    return documents.document(extension, lambda: _page(iri), triples)


def _page(iri: str) -> str:
    """Return the page about a thing; a pathway is drawn, a graph lists what it speaks of."""
    engine = site().engine
    described = describe.describe(engine, iri, language())
    is_pathway = any(node.iri == LG + "Pathway" for node in described.types)
    return render_template(
        "thing.html",
        thing=described,
        incoming=incoming(engine, iri, language(), described.predicates),
        shown=SHOWN,
        linked=linked_items(engine, iri, language()),
        pathway=pathway(engine, iri, language()) if is_pathway else None,
        contents=contents(engine, iri, language()) if iri.startswith(GRAPH) else None,
    )
