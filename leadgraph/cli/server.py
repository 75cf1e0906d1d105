"""`leadgraph serve`: a release, or any RDF files -> a web server that ends with its terminal."""

from __future__ import annotations

import errno
import socket
import struct
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from gunicorn.app.base import BaseApplication

from leadgraph.cli.releases import current_release, graph_option, with_graph
from leadgraph.cli.worker import LONGEST_REQUEST_LINE, STALL_SECONDS, Worker
from leadgraph.errors import PortInUse, SettingInvalid
from leadgraph.query.client import Engine
from leadgraph.query.confine import die_with_parent
from leadgraph.query.engine import running
from leadgraph.settings import Settings, duration
from leadgraph.web.app import create_app

if TYPE_CHECKING:
    from flask import Flask

    from leadgraph.model import Release

_HIGHEST_PORT = 65535


@click.command("serve")
@click.argument("files", nargs=-1, type=click.Path(dir_okay=False, path_type=Path))
@graph_option
@click.option("--host", help="Address to listen on (LEADGRAPH_HOST, 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port (LEADGRAPH_PORT, 8000).")
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
    listener = _listener(settings).detach()
    release = None if files else current_release(settings)
    dataset = files if release is None else (release.dataset,)
    with running(dataset, settings) as engine_path:
        click.echo(f"LeadGraph answers at {_address(settings)} (Ctrl-C ends it).", err=True)
        _Server(listener, engine_path, settings, release).run()


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
            "limit_request_line": LONGEST_REQUEST_LINE,
            "loglevel": "warning",
            "post_fork": lambda _arbiter, _worker: die_with_parent(),
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application of one worker."""
        return create_app(Engine(self._engine_path, self._settings), self._settings, self._release)
