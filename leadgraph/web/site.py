"""The application's own things, where every view finds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app, request

from leadgraph.model import Client
from leadgraph.web import negotiate

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

    from leadgraph.link.federation import Federation
    from leadgraph.link.ledger.ledger import Ledgers
    from leadgraph.model import Example, Release
    from leadgraph.query.client import Engine
    from leadgraph.settings import Settings
    from leadgraph.web.federated import Elsewhere


@dataclass(frozen=True, slots=True)
class Site:
    """What is served: the engine, the settings, and the release (None for plain RDF files).

    `elsewhere` is the way to other endpoints.
    """

    engine: Engine
    settings: Settings
    release: Release | None
    elsewhere: Elsewhere
    examples: tuple[Example, ...] = ()

    @property
    def federation(self) -> Federation:
        """What answers questions that name other endpoints."""
        return self.elsewhere.federation

    @property
    def ledgers(self) -> Ledgers:
        """The accounts of what they were asked."""
        return self.elsewhere.ledgers


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
    """Return the language of the answer: of the path or of `?lang=`, then Accept-Language."""
    wanted = (request.view_args or {}).get("lang", request.args.get("lang"))
    return negotiate.language(wanted, request.accept_languages)
