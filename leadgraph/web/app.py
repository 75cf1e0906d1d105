"""Engine and settings -> the web application: the views, the errors, the headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, Response, jsonify
from flask_cors import CORS

from leadgraph.web import failures, pages, resources, sparql
from leadgraph.web.site import Site, site

if TYPE_CHECKING:
    from leadgraph.model import Release
    from leadgraph.query.client import Engine
    from leadgraph.settings import Settings

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_EXPOSED = ["Content-Disposition", "ETag", "Link", "Location", "Retry-After"]


def create_app(engine: Engine, settings: Settings, release: Release | None) -> Flask:
    """Return the application that serves what the engine holds."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 4 * settings.query_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = 4 * settings.query_bytes
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["leadgraph"] = Site(engine, settings, release)
    for blueprint in (pages.blueprint, resources.blueprint, sparql.blueprint):
        app.register_blueprint(blueprint)
    app.add_url_rule("/health", view_func=_health)
    failures.register(app)
    app.after_request(_secure)
    CORS(app, send_wildcard=True, methods=["GET", "HEAD", "POST"], expose_headers=_EXPOSED)
    return app


def _health() -> Response:
    """Answer whether queries are answered, and from which release."""
    here = site()
    here.engine.rows("SELECT ?s WHERE { ?s ?p ?o } LIMIT 1")
    return jsonify(status="ok", release=here.release.version if here.release else None)


def _secure(response: Response) -> Response:
    """Add the headers that keep a browser from doing more than showing the page."""
    response.headers.update(_HEADERS)
    return response
