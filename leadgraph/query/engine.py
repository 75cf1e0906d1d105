"""Dataset files -> a socket that answers: one warm parent, one forked process per connection.

    start() ── supervisor ── warm parent (the dataset, open; one thread)
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
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from leadgraph.errors import SourceUnreadable
from leadgraph.query import editions
from leadgraph.query.child import Limits, live
from leadgraph.query.confine import die_with_parent
from leadgraph.query.stores import Answering, open_store, require_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from leadgraph.settings import Settings

    Opening = Callable[[], Answering]

_BACKLOG = 128
_PAUSE_SECONDS = 0.1
"""Before what failed is tried again."""
SUPERVISOR = "supervisor"
"""The file in a running engine's folder that holds the process id without which it ends."""


@contextmanager
def running(
    dataset: Sequence[Path], settings: Settings, disk: Path | None = None
) -> Iterator[Path]:
    """Run the engine over some files for the length of a `with`; yields its socket's path.

    Processes that are forked inside the block may leave it: only who started the engine ends it.
    The engine `disk` keeps the dataset in the folder `disk`, for the next start; without one it
    writes it anew. An endpoint elsewhere needs no files.

    Raises:
        SettingInvalid: if there is no engine of that name.
        SourceUnreadable: if a file cannot be loaded.
    """
    require_engine(settings.engine)
    _sweep(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=f"leadgraph-{os.getpid()}-"))
    owner, process = os.getpid(), None
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(folder / "engine"))
            listener.listen(_BACKLOG)
            opening = partial(open_store, dataset, settings, disk or folder / "disk")
            process = _start(listener, opening, settings)
        editions.write(folder, dataset, settings)
        (folder / SUPERVISOR).write_text(str(process))
        yield folder / "engine"
    finally:
        if os.getpid() == owner:
            if process is not None:
                _end(process)
            shutil.rmtree(folder, ignore_errors=True)


def _sweep(parent: Path) -> None:
    """Remove the folders of servers that were killed; theirs have the process in their names."""
    for left in parent.glob("leadgraph-*-*"):
        process = left.name.split("-")[1]
        if process.isdecimal() and not Path("/proc", process).exists():
            shutil.rmtree(left, ignore_errors=True)


def _start(listener: socket.socket, opening: Opening, settings: Settings) -> int:
    """Fork the supervisor and wait until the dataset is loaded; return its process id."""
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reader)
        with _always_exit():
            _supervise(listener, opening, settings, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as news:
        failure = json.loads(news.read() or b'["the dataset", "loading it failed", "Try again."]')
    if failure:
        _end(process)
        raise SourceUnreadable(*failure)
    return process


def _supervise(listener: socket.socket, opening: Opening, settings: Settings, news: int) -> None:
    """Keep one warm parent alive; the first tells over `news` how loading went."""
    die_with_parent()
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while True:
        process = os.fork()
        if process == 0:
            with _always_exit():
                _parent(listener, opening, settings, news)
        if news >= 0:
            os.close(news)
            news = -1
        os.waitpid(process, 0)
        time.sleep(_PAUSE_SECONDS)


def _parent(listener: socket.socket, opening: Opening, settings: Settings, news: int) -> None:
    """Load, then fork a child for every connection, for ever."""
    die_with_parent()
    try:
        store = opening()
    except SourceUnreadable as error:
        _tell(news, [error.path, error.reason, error.remedy])
        return
    limits = Limits(
        settings.deadline_seconds,
        settings.sending_seconds,
        settings.result_bytes,
        _address_space_bytes() + settings.query_memory_bytes,
    )
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    _tell(news, [])
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            time.sleep(_PAUSE_SECONDS)
            continue
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
