"""Limits of the kernel on the process that checks: memory, time, its parent's life, no network."""

from __future__ import annotations

import ctypes
import math
import os
import resource
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PR_SET_PDEATHSIG = 1
_GRACE_SECONDS = 1.0
_NETWORK_EVENTS = frozenset(
    {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}
)


def confine(memory_bytes: int, seconds: float, parent: int) -> None:
    """Bound this process for good, also while foreign code computes and no Python runs.

    The parent kills at the deadline; the timer and the CPU limit here are for the case that it
    cannot.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE_SECONDS)
    cpu_seconds = math.ceil(seconds + _GRACE_SECONDS)
    _lower(resource.RLIMIT_CPU, cpu_seconds)
    _lower(resource.RLIMIT_AS, memory_bytes)
    _lower(resource.RLIMIT_CORE, 0)
    sys.addaudithook(_refuse_network)


@contextmanager
def nothing_to_open() -> Iterator[None]:
    """Let nothing be opened within: no file, and no socket by code that is not Python.

    pyoxigraph asks the network for SERVICE, and no audit hook sees it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _lower(limit: int, value: int) -> None:
    """Set a limit, or leave it where the operator has set it lower already."""
    _, hard = resource.getrlimit(limit)
    lowered = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(limit, (lowered, lowered))


def _refuse_network(event: str, _arguments: tuple[object, ...]) -> None:
    if event in _NETWORK_EVENTS:
        raise PermissionError("the network is never asked during a check")
