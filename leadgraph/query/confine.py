"""A process that is about to run a stranger's query -> one that can do nothing but answer it.

The kernel keeps the limits, so that they hold while the engine computes and no Python runs:
memory by RLIMIT_AS; files and sockets by RLIMIT_NOFILE, which leaves none to open; and a filter of
system calls that ends the process when it asks for a socket, so that a query which asks another
server in spite of the gate gets no answer at all, rather than one with made-up rows.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import signal
import struct
from pathlib import Path
from typing import NamedTuple

CONNECTION, LIFELINE = 0, 1

_STANDARD = 3
_NETWORK_FILES = 32

_PR_SET_PDEATHSIG = 1
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2


class _System(NamedTuple):
    """What the filter must know of a processor: its AUDIT_ARCH and its number of socket(2)."""

    architecture: int
    socket: int


_SYSTEMS = {
    "x86_64": _System(0xC000003E, 41),
    "aarch64": _System(0xC00000B7, 198),
}


def die_with_parent() -> None:
    """Have the kernel end this process when its parent ends (prctl(2); Linux)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def confine(
    connection: int,
    lifeline: int,
    address_space_bytes: int,
    files: frozenset[int] = frozenset(),
    *,
    network: bool = False,
) -> None:
    """Leave this process its connection and lifeline, the open `files`, and nothing to open.

    The two become the descriptors 0 and 1, which are files of the server that it has no use for.
    Should the machine run out of memory, it is the first to end (proc(5), oom_score_adj).
    With `network` it may have a few sockets, for the endpoint that it asks.
    """
    for number in (signal.SIGALRM, signal.SIGIO, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(connection, CONNECTION)
    os.dup2(lifeline, LIFELINE)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    _close_all_but(files)
    most = _NETWORK_FILES if network else _STANDARD
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (address_space_bytes, address_space_bytes))
    if not network and platform.machine() in _SYSTEMS:
        _end_at_socket(_SYSTEMS[platform.machine()])


def _close_all_but(files: frozenset[int]) -> None:
    """Close what was inherited, up to the highest number that there may be."""
    first = _STANDARD
    for descriptor in sorted(files):
        os.closerange(first, descriptor)
        first = descriptor + 1
    os.closerange(first, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _end_at_socket(system: _System) -> None:
    """Install a filter that ends the process at socket(2) (seccomp(2), classic BPF)."""
    load, equal, answer = 0x20, 0x15, 0x06
    allow, kill = 0x7FFF0000, 0x80000000
    program = b"".join(
        struct.pack("HBBI", *instruction)
        for instruction in (
            (load, 0, 0, 4),  # the architecture of the call
            (equal, 0, 2, system.architecture),
            (load, 0, 0, 0),  # its number
            (equal, 1, 0, system.socket),
            (answer, 0, 0, allow),
            (answer, 0, 0, kill),
        )
    )
    instructions = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(instructions))
    prctl = ctypes.CDLL(None).prctl
    prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, header)
