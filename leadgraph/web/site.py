"""The application's own things, where every view finds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app, request

from leadgraph.model import Client
from leadgraph.web import negotiate

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

    from leadgraph.model import Example, Release
    from leadgraph.query.client import Engine
    from leadgraph.settings import Settings


@dataclass(frozen=True, slots=True)
class Site:
    """What is served: the engine, the settings, and the release (None for plain RDF files)."""

    engine: Engine
    settings: Settings
    release: Release | None
    examples: tuple[Example, ...] = ()


def site() -> Site:
    """Return the things of the application that answers this request."""
    found = current_app.extensions["leadgraph"]
    if not isinstance(found, Site):
        raise TypeError("create_app() was not used")
    return found


def client(environ: WSGIEnvironment) -> Client:
    """Return who sent a request; the server's connection to them, where the server tells it."""
    connection = environ.get("gunicorn.socket")
    descriptor = None if connection is None else connection.fileno()
    return Client(environ.get("REMOTE_ADDR", ""), descriptor)


def language() -> str:
    """Return the language of the page to answer with: `?lang=`, then Accept-Language."""
    return negotiate.language(request.args.get("lang"), request.accept_languages)
