"""New content -> a file that had another one, all of it or nothing; and the difference as text."""

from __future__ import annotations

import difflib
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from leadgraph.errors import SourceUnwritable

if TYPE_CHECKING:
    from collections.abc import Iterator

_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_CREATED = 0o666
_NO_NEWLINE = "\n\\ No newline at end of file\n"


def ready(path: Path, before: bytes) -> None:
    """Return if a file may be written, and its content is still the one before.

    Raises:
        SourceUnwritable: if not.
    """
    target = Path(os.path.realpath(path))
    try:
        if not (target.stat().st_mode & _WRITABLE and os.access(target, os.W_OK)):
            reason, remedy = "it is read-only", "Make it writable and try again."
            raise SourceUnwritable(str(path), reason, remedy)
        if target.read_bytes() != before:
            reason, remedy = "another program has changed it just now", "Try again."
            raise SourceUnwritable(str(path), reason, remedy)
    except OSError as error:
        raise _unwritable(path, error) from None


def save(path: Path, before: bytes, after: bytes) -> None:
    """Replace the content of a file, where it really lies, in one step; its mode stays.

    Raises:
        SourceUnwritable: if it may not be written, or its content is no longer the one before.
    """
    ready(path, before)
    target = Path(os.path.realpath(path))
    try:
        _replace(target, after, target.stat())
    except OSError as error:
        raise _unwritable(path, error) from None


def create(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, all of it or nothing.

    Raises:
        SourceUnwritable: if it is there by now, or cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                os.fchmod(file.fileno(), _CREATED & ~_mask())
            Path(path).hardlink_to(name)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from None


def _mask() -> int:
    """The permissions that new files of this process do not get."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _unwritable(path: Path, error: OSError) -> SourceUnwritable:
    remedy = "Make room there, or change the permissions of its folder."
    return SourceUnwritable(str(path), error.strerror or str(error), remedy)


def difference(path: str, before: str, after: str) -> str:
    """Return a unified diff that `patch` can apply, "" if nothing changes; lines end at LF only."""
    lines = difflib.unified_diff(
        _lines(before), _lines(after), fromfile=path, tofile=path, lineterm="\n"
    )
    return "".join(line if line.endswith("\n") else line + _NO_NEWLINE for line in lines)


def _replace(target: Path, content: bytes, status: os.stat_result) -> None:
    """Write a new file beside the old one and give it that one's name."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            with suppress(PermissionError):
                os.fchown(file.fileno(), status.st_uid, status.st_gid)
            os.fchmod(file.fileno(), stat.S_IMODE(status.st_mode))
        new.replace(target)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _lines(text: str) -> list[str]:
    """Return the lines with their ends."""
    return [line for line in _split(text) if line]


def _split(text: str) -> Iterator[str]:
    *lines, last = text.split("\n")
    for line in lines:
        yield line + "\n"
    yield last
