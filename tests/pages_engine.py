"""The graph of this repository, published as `leadgraph build` does, and applications over it."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import threading
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from werkzeug.serving import make_server

from leadgraph.publish.build import build
from leadgraph.query.client import Engine
from leadgraph.query.engine import running
from leadgraph.read.turtle import open_directory
from leadgraph.settings import Settings
from leadgraph.web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from wsgiref.types import WSGIApplication

    from flask import Flask

    from leadgraph.model import Release

ROOT = Path(__file__).parents[1]


@cache
def release() -> Release:
    """A release of the graph of this repository, in a folder that goes with the process."""
    state = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, state, ignore_errors=True)
    return build(open_directory(ROOT), Path(state), Settings(), lambda _step: None)


@cache
def graph() -> bytes:
    """The N-Quads of that release."""
    return release().dataset.read_bytes()


@contextmanager
def engine(nquads: bytes) -> Iterator[Engine]:
    """An engine of its own that holds some N-Quads."""
    settings = Settings(deadline_seconds=20, queue_seconds=20)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leadgraph.nq"
        path.write_bytes(nquads)
        with running([path], settings) as socket, Engine(socket, settings) as client:
            yield client


@contextmanager
def application(
    nquads: bytes, released: Release | None, settings: Settings | None = None
) -> Iterator[Flask]:
    """The application over such an engine; without a release it serves plain RDF files."""
    with engine(nquads) as client:
        app = create_app(client, settings or Settings(), released)
        yield app
        app.extensions["leadgraph"].elsewhere.close()


@contextmanager
def listening(app: WSGIApplication) -> Iterator[str]:
    """The address at which an application answers, on a free port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
