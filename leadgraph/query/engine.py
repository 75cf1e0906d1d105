"""Dataset files -> a socket that answers: one warm parent, one forked process per connection.

    start() ── supervisor ── warm parent (the dataset in RAM, one thread)
                                 ├── child: one connection, one query at a time
                                 └── child ...

As in PostgreSQL, what a child breaks is its own. The supervisor starts a new warm parent if one
dies; all of them end with the process that called `start`, however it ends.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import shutil
import signal
import socket
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import Store

from leadgraph.errors import SourceUnreadable
from leadgraph.formats import by_extension
from leadgraph.query.child import Limits, live
from leadgraph.query.confine import die_with_parent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leadgraph.settings import Settings

_BACKLOG = 128


@contextmanager
def running(dataset: Sequence[Path], settings: Settings) -> Iterator[Path]:
    """Run the engine over some files for the length of a `with`; yields its socket's path.

    Processes that are forked inside the block may leave it: only who started the engine ends it.

    Raises:
        SourceUnreadable: if a file cannot be loaded.
    """
    folder = Path(tempfile.mkdtemp(prefix="leadgraph-"))
    owner, process = os.getpid(), None
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(folder / "engine"))
            listener.listen(_BACKLOG)
            process = _start(listener, dataset, settings)
        yield folder / "engine"
    finally:
        if os.getpid() == owner:
            if process is not None:
                _end(process)
            shutil.rmtree(folder, ignore_errors=True)


def load(dataset: Sequence[Path]) -> Store:
    """Read RDF files into memory: default graphs together, named graphs under their names.

    Raises:
        SourceUnreadable: if a file is missing, of no known format, or not valid.
    """
    store = Store()
    for path in dataset:
        row = by_extension(path.name)
        if row is None:
            raise SourceUnreadable(
                str(path), "its name says no RDF format", "Name it .ttl .nt .nq .trig .rdf .jsonld."
            )
        try:
            store.bulk_load(path=str(path), format=row.engine)
        except (OSError, SyntaxError, ValueError) as error:
            reason = getattr(error, "strerror", None) or getattr(error, "msg", None) or str(error)
            raise SourceUnreadable(str(path), str(reason), "Mend it and start again.") from error
    return store


def _start(listener: socket.socket, dataset: Sequence[Path], settings: Settings) -> int:
    """Fork the supervisor and wait until the dataset is loaded; return its process id."""
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reader)
        with _always_exit():
            _supervise(listener, dataset, settings, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as news:
        failure = json.loads(news.read() or b'["the dataset", "loading it failed", "Try again."]')
    if failure:
        _end(process)
        raise SourceUnreadable(*failure)
    return process


def _supervise(
    listener: socket.socket, dataset: Sequence[Path], settings: Settings, news: int
) -> None:
    """Keep one warm parent alive; the first tells over `news` how loading went."""
    die_with_parent()
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while True:
        process = os.fork()
        if process == 0:
            with _always_exit():
                _parent(listener, dataset, settings, news)
        if news >= 0:
            os.close(news)
            news = -1
        os.waitpid(process, 0)


def _parent(
    listener: socket.socket, dataset: Sequence[Path], settings: Settings, news: int
) -> None:
    """Load, then fork a child for every connection, for ever."""
    die_with_parent()
    try:
        store = load(dataset)
    except SourceUnreadable as error:
        _tell(news, [error.path, error.reason, "Mend it and start again."])
        return
    limits = Limits(
        settings.deadline_seconds,
        _address_space_bytes() + settings.query_memory_bytes,
    )
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    _tell(news, [])
    while True:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            if os.fork() == 0:
                with _always_exit():
                    die_with_parent()
                    live(connection, store, limits)


def _tell(news: int, message: list[str]) -> None:
    """Send one message to whoever started the engine, the first time."""
    if news >= 0:
        os.write(news, json.dumps(message).encode())
        os.close(news)


@contextmanager
def _always_exit() -> Iterator[None]:
    """End a forked process here, whatever happens: it must not return into its parent's code."""
    code = 1
    try:
        yield
        code = 0
    except (KeyboardInterrupt, OSError):
        pass
    finally:
        os._exit(code)


def _end(process: int) -> None:
    """End the supervisor, and with it all that it started."""
    with contextlib.suppress(ProcessLookupError, ChildProcessError):
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _address_space_bytes() -> int:
    """Return the size of this process's address space (proc(5), statm)."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")
