"""Command -> a running server, its memory with that of all it started, and its end."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.connection import HOST, Connection

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_READY_SECONDS = 900.0
_END_SECONDS = 10.0
_PAUSE_SECONDS = 0.02
_SETTLED_SECONDS = 60.0
_LOOK_SECONDS = 0.05


class ServerFailed(Exception):
    """A server ended, or did not answer in time; the message is the end of what it wrote."""


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command for the length of a `with`; nothing that it started outlives it."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        end(process)


def wait_until_ready(process: subprocess.Popen[bytes], port: int, asked: bytes, log: Path) -> None:
    """Return when the server answers a request with 200.

    Raises:
        ServerFailed: if it ends before, or takes too long.
    """
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), Connection(port, _READY_SECONDS) as connection:
            if connection.ask(asked).status == 200:  # noqa: PLR2004
                return
        time.sleep(_PAUSE_SECONDS)
    raise ServerFailed(log.read_text(errors="replace")[-500:])


def tree(process_id: int) -> list[int]:
    """Return a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name in brackets may hold anything: the parent is the second field after it.
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    found = [process_id]
    for one in found:
        found += children.get(one, [])
    return found


def memory_bytes(process_id: int) -> int:
    """Return what a process and its descendants hold: shared pages count once (PSS)."""
    total = 0
    for one in tree(process_id):
        with contextlib.suppress(OSError):
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text()
            match = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
            total += int(match[1]) * 1024 if match else 0
    return total


def settle(process_id: int) -> None:
    """Wait until a server rests: some go on with queries whose client has left."""
    deadline, before = time.monotonic() + _SETTLED_SECONDS, _cpu_ticks(process_id)
    while time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
        now = _cpu_ticks(process_id)
        if now - before <= 1:
            return
        before = now


def _cpu_ticks(process_id: int) -> int:
    """Return the time that a process and its descendants computed: proc(5), utime and stime."""
    total = 0
    for one in tree(process_id):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total


def end(process: subprocess.Popen[bytes]) -> None:
    """End a server as its operator would, then by force what is left of it."""
    # A handle stays with its process: a number could be another's by the time it is used.
    handles = []
    for one in tree(process.pid):
        with contextlib.suppress(ProcessLookupError):
            handles.append(os.pidfd_open(one))
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_END_SECONDS)
    for handle in handles:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
        os.close(handle)
    process.wait()
