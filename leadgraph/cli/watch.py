"""Paths -> a call at first, and again each time one of their files changes: `check --watch`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_LOOK_SECONDS = 0.25

_State = dict["Path", tuple[int, int, int] | None]
"""Of each file: when it was changed, its length, and its inode; None while it is not there."""


def changes(files: Callable[[], Iterable[Path]]) -> Iterator[None]:
    """Yield at once, and whenever a file was changed, made or removed and then left alone.

    `files` is asked each time, so that new files of a folder count. Files are looked at, not
    listened to: that works on every file system, and an editor that writes a new file and renames
    it is noticed, too.
    """
    shown: _State | None = None
    before = _state(files())
    while True:
        if before != shown:
            shown = before
            yield
        time.sleep(_LOOK_SECONDS)
        now = _state(files())
        while now != before:  # somebody is still writing
            before = now
            time.sleep(_LOOK_SECONDS)
            now = _state(files())


def _state(files: Iterable[Path]) -> _State:
    return {path: _stamp(path) for path in files}


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
