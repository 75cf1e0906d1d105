"""`leadgraph serve`: a release, or any RDF files -> a web server that ends with its terminal."""

from __future__ import annotations

import errno
import logging
import socket
import struct
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from pyoxigraph import Literal

from leadgraph.cli.releases import current_release, disk_folder, graph_option, with_graph
from leadgraph.cli.worker import STALL_SECONDS, Worker
from leadgraph.errors import (
    LeadGraphError,
    PortInUse,
    QueryError,
    ReleaseDamaged,
    ReleaseMissing,
    SettingInvalid,
)
from leadgraph.explore.examples import examples_of
from leadgraph.link.source.sources import Sources
from leadgraph.publish.releases import latest, state_folder
from leadgraph.query.client import Engine
from leadgraph.query.confine import die_with_parent
from leadgraph.query.engine import running
from leadgraph.query.stores import is_address, require_engine
from leadgraph.read.turtle import directory_of
from leadgraph.settings import Settings, duration
from leadgraph.vocabulary import DATASET, OWL
from leadgraph.web import metrics
from leadgraph.web.app import create_app
from leadgraph.web.log import Handler, Log

if TYPE_CHECKING:
    from flask import Flask

    from leadgraph.model import Release

_HIGHEST_PORT = 65535


@click.command("serve")
@click.argument("files", nargs=-1, type=click.Path(dir_okay=False, path_type=Path))
@graph_option
@click.option("--host", help="Address to listen on (LEADGRAPH_HOST, 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port (LEADGRAPH_PORT, 8000).")
@click.option(
    "--engine", metavar="NAME", help="memory, disk, or an endpoint's URL (LEADGRAPH_ENGINE)."
)
@click.option("--workers", type=click.IntRange(1, 64), help="Web processes (LEADGRAPH_WORKERS).")
@click.option(
    "--deadline",
    "deadline_seconds",
    type=duration,
    metavar="SECONDS",
    help="Seconds that a query may take (LEADGRAPH_DEADLINE_SECONDS, 10).",
)
def serve_command(
    files: tuple[Path, ...], graph: Path | None, **options: str | int | float | None
) -> None:
    """Serve the graph, or FILES: any RDF, as it is, neither merged nor checked."""
    if files and graph:
        raise click.UsageError("Name files, or a folder with --graph, not both.")
    settings = with_graph(Settings.from_environment(), graph)
    given = {name: value for name, value in options.items() if value is not None}
    settings = replace(settings, **given)  # type: ignore[arg-type]  # click gave each its type
    require_engine(settings.engine)
    Sources.from_settings(settings)  # a bad list is told of here, not by workers
    if files and is_address(settings.engine):
        raise click.UsageError("Name files, or an endpoint that answers, not both.")
    listener = _listener(settings).detach()
    release = None if files or is_address(settings.engine) else current_release(settings)
    if release is not None:
        examples_of(directory_of(settings))  # a bad one is told of here, not by workers
    dataset = files if release is None else (release.dataset,)
    disk = None if release is None else disk_folder(settings, release)
    with running(dataset, settings, disk) as engine_path:
        metrics.share(engine_path.parent)
        if is_address(settings.engine):
            release = _held(engine_path, settings)
        _announce(settings)
        _Server(listener, engine_path, settings, release).run()


def _held(engine_path: Path, settings: Settings) -> Release | None:
    """Return the release of this machine that an endpoint elsewhere holds, if it says that it does.

    Then its files, its description and the examples are served as they are beside its data.
    """
    asked = f"SELECT ?version {{ <{DATASET}> <{OWL}versionInfo> ?version }}"
    try:
        newest = latest(state_folder(settings))
        with Engine(engine_path, settings) as engine:
            versions = {row["version"] for row in engine.rows(asked)}
    except (ReleaseMissing, ReleaseDamaged, QueryError):
        return None
    return newest if Literal(newest.version) in versions else None


def _announce(settings: Settings) -> None:
    """Say where the server answers, in the form of the log."""
    log, address = Log(settings), _address(settings)
    if log.is_json:
        log.write(logging.INFO, "serving", address=address)
    else:
        click.echo(f"LeadGraph answers at {address} (Ctrl-C ends it).", err=True)


def _listener(settings: Settings) -> socket.socket:
    """Return a socket that holds the address from now on.

    What it accepts inherits its time-outs, so that a client which stalls does not keep a thread.

    Raises:
        PortInUse: if another program listens there.
        SettingInvalid: if the host is no address of this machine.
    """
    if settings.port > _HIGHEST_PORT:
        raise SettingInvalid("LEADGRAPH_PORT", str(settings.port), "a port below 65536")
    try:
        family, _, _, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM
        )[0]
        listener = socket.create_server(address[:2], family=family, backlog=512)
    except OSError as error:
        if error.errno in {errno.EADDRINUSE, errno.EACCES}:
            raise PortInUse(settings.host, settings.port) from error
        raise SettingInvalid("--host", settings.host, "an address of this machine") from error
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        listener.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", STALL_SECONDS, 0))
    return listener


def _address(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}/"


class _Server(BaseApplication):
    """Gunicorn, configured by our settings alone; the listening descriptor becomes its own."""

    def __init__(
        self,
        listener: int,
        engine_path: Path,
        settings: Settings,
        release: Release | None,
    ) -> None:
        self._listener = listener
        self._engine_path = engine_path
        self._settings = settings
        self._release = release
        super().__init__()

    def load_config(self) -> None:
        """Set what gunicorn needs to know."""
        for name, value in {
            "bind": f"fd://{self._listener}",
            "workers": self._settings.workers,
            "threads": self._settings.threads,
            "worker_class": Worker,
            "graceful_timeout": 10,
            "limit_request_line": self._settings.address_bytes,
            "loglevel": "warning",
            "control_socket_disable": True,
            "sendfile": False,
            "logger_class": _logger(Log(self._settings)),
            "child_exit": lambda _arbiter, worker: metrics.forget(worker.pid),
            "post_fork": lambda _arbiter, _worker: die_with_parent(),
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application of one worker."""
        engine = Engine(self._engine_path, self._settings)
        app = create_app(engine, self._settings, self._release)
        app.extensions["leadgraph"].elsewhere.prepare()
        return app


def _logger(log: Log) -> type[Logger]:
    """Return gunicorn's logger, which makes its messages lines of our log."""

    class _Logger(Logger):
        lines = log

        def setup(self, cfg: object) -> None:
            """Leave it to the root of `logging`, where all libraries' messages arrive."""
            self.cfg = cfg
            self.error_log.propagate = True
            self.error_log.setLevel(logging.WARNING)
            logging.getLogger().handlers = [Handler(log)]

        def exception(self, msg: str, *args: object, **facts: object) -> None:
            """Leave out what the request's own line tells: it broke off, or its client left."""
            if not isinstance(sys.exception(), LeadGraphError | OSError):
                super().exception(msg, *args, **facts)

    return _Logger
