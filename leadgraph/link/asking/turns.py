"""A name -> a turn that one thread of all processes has: whoever wants the same waits for it.

A turn is the lock of one byte in a file that stands for nothing else, as in `query/admission`: the
kernel gives it back however its holder ends.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LOCK = struct.Struct("hhqqi4x")
"""struct flock of fcntl(2): l_type, l_whence, l_start, l_len, l_pid."""
_PLACES = 2**62
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.002, 0.05
_HELD = {errno.EAGAIN, errno.EACCES}


class Turn:
    """A turn, or none where there can be none; leaving its block gives it back."""

    def __init__(self, lock: int | None = None) -> None:
        self._lock = lock

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the turn back: to close the file ends its lock."""
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)


def turn(path: Path, name: bytes, wait: Callable[[], None]) -> Turn:
    """Wait for the turn that has a name; without a file for locks there is no waiting.

    `wait` is called between the tries, and ends them by raising.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return Turn()
    try:
        held = _wait(descriptor, int.from_bytes(name[:8], "big") % _PLACES, wait)
    except BaseException:
        os.close(descriptor)
        raise
    if not held:
        os.close(descriptor)
    return Turn(descriptor if held else None)


def _wait(descriptor: int, place: int, wait: Callable[[], None]) -> bool:
    """Return once the lock is held; False if the file system has no such locks."""
    pause = _FIRST_PAUSE_SECONDS
    while True:
        lock = _LOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, place, 1, 0)
        try:
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, lock)
        except OSError as error:
            if error.errno not in _HELD:
                return False
        else:
            return True
        wait()
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)
