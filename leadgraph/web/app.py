"""Engine and settings -> the web application: the views, the errors, the headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, Response, jsonify, request
from flask_cors import CORS
from werkzeug.middleware.proxy_fix import ProxyFix

from leadgraph.explore.examples import examples_of
from leadgraph.read.turtle import directory_of
from leadgraph.web import (
    api,
    contribute,
    encodings,
    examples,
    failures,
    guide,
    headers,
    ledgers,
    limits,
    metrics,
    pages,
    reconciliation,
    record,
    resources,
    search,
    sparql,
    tables,
    wellknown,
)
from leadgraph.web.endpoint import Endpoint
from leadgraph.web.federated import Elsewhere
from leadgraph.web.log import Log
from leadgraph.web.site import Site, site

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from leadgraph.model import Example, Release
    from leadgraph.query.client import Engine
    from leadgraph.settings import Settings


def create_app(engine: Engine, settings: Settings, release: Release | None) -> Flask:
    """Return the application that serves what the engine holds.

    Raises:
        SettingInvalid: if the endpoints that SERVICE may name are none.
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 4 * settings.query_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = 4 * settings.query_bytes
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    elsewhere = Elsewhere(engine, settings, release)
    examples_here = _examples(settings, release)
    app.extensions["leadgraph"] = Site(engine, settings, release, elsewhere, examples_here)
    for blueprint in (pages.blueprint, examples.blueprint, resources.blueprint, sparql.blueprint):
        app.register_blueprint(blueprint)
    for blueprint in (search.blueprint, tables.blueprint, api.blueprint):
        app.register_blueprint(blueprint)
    app.register_blueprint(reconciliation.blueprint)
    app.register_blueprint(metrics.blueprint)
    for blueprint in (guide.blueprint, contribute.blueprint):
        app.register_blueprint(blueprint)
    for blueprint in (limits.blueprint, wellknown.blueprint, ledgers.blueprint):
        app.register_blueprint(blueprint)
    app.add_url_rule("/health", view_func=_health)
    failures.register(app)
    app.after_request(_secure)
    app.after_request(_compress)
    CORS(app, send_wildcard=True, methods=["GET", "HEAD", "POST"], expose_headers=headers.EXPOSED)
    app.add_template_global(record.request_id)
    metrics.watch(engine)
    metrics.name_sources(source.iri for source in elsewhere.sources.listed)
    app.wsgi_app = _layers(app)  # type: ignore[method-assign, assignment]  # Flask's own advice
    return app


def _layers(app: Flask) -> WSGIApplication:
    """Return what is around Flask: proxies are looked through, then all is recorded."""
    here: Site = app.extensions["leadgraph"]
    recorded = record.Recorded(Endpoint(app.wsgi_app, here), Log(here.settings))
    proxies = here.settings.proxies
    return ProxyFix(recorded, proxies, proxies, proxies) if proxies else recorded


def _examples(settings: Settings, release: Release | None) -> tuple[Example, ...]:
    """Return the examples of the graph that the release was made of; plain RDF files have none."""
    return examples_of(directory_of(settings)) if release else ()


def _health() -> Response:
    """Answer whether queries are answered, and from which release."""
    here = site()
    here.engine.rows("SELECT ?s WHERE { ?s ?p ?o } LIMIT 1")
    return jsonify(status="ok", release=here.release.version if here.release else None)


def _secure(response: Response) -> Response:
    """Add the headers that keep a browser from doing more than showing the page.

    A view may name more that its page needs; what is said here stands first, and so prevails.
    """
    allowed = response.headers.getlist("Content-Security-Policy")
    response.headers.update(headers.SECURITY)
    response.headers["Content-Security-Policy"] = headers.policy(allowed)
    return response


def _compress(response: Response) -> Response:
    """Send a page in the encoding that the client likes best.

    Its entity tag is then a weak one: it stands for the same page in any encoding.
    """
    response.vary.add("Accept-Encoding")
    encoding = encodings.choose(request.headers.get("Accept-Encoding", ""))
    if encoding == encodings.IDENTITY or response.is_streamed or response.direct_passthrough:
        return response
    body = response.get_data()
    if len(body) >= encodings.SMALLEST_BYTES and "Content-Encoding" not in response.headers:
        response.set_data(b"".join(encodings.compress(encoding, (body,))))
        response.headers["Content-Encoding"] = encoding
        tag, _ = response.get_etag()
        if tag is not None:
            response.set_etag(tag, weak=True)
    return response
