"""A file and the numbers of some bytes -> the lock of one of them, over all processes.

The kernel gives a lock back however its holder ends (fcntl(2), open file description locks).
"""

from __future__ import annotations

import fcntl
import os
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_LOCK = struct.Struct("hhqqi4x")
"""struct flock of fcntl(2): l_type, l_whence, l_start, l_len, l_pid."""


def take(path: Path, first: int, count: int) -> int | None:
    """Return an open file that holds the lock of one byte of some, None if all are held.

    Raises:
        OSError: if the file cannot be opened, nor made.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    for byte in range(first, first + count):
        lock = _LOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, byte, 1, 0)
        try:
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, lock)
        except OSError:
            continue
        return descriptor
    os.close(descriptor)
    return None


def give_back(lock: int | None) -> None:
    """Close the file, and with it end the lock."""
    if lock is not None:
        os.close(lock)
