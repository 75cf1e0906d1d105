"""Graph folder -> the file that its index is kept in, and room for it.

It lies in the state folder of the graph or, where nobody may write there, in the user's cache. If
neither will do there is none: a check then builds its index in memory, which takes longer.
"""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadgraph.settings import Settings

VERSION = 1
"""Of what is kept; another version has a file of its own."""

_MOST_IN_CACHE = 8
_PACKAGE = Path(__file__).parents[2]


def index_file(root: Path, settings: Settings) -> Path | None:
    """Return where the index of a graph folder is, or may be; None if it cannot be kept."""
    own = sha256(os.fsencode(os.path.realpath(root))).hexdigest()[:12]
    name = f"check-{VERSION}-{own}.sqlite"
    for folder in _folders(root, settings):
        with suppress(OSError):
            _make(folder)
            path = folder / name
            if _is_ours(path, folder):
                _sweep(folder, path)
                return path
    return None


def discard(path: Path) -> None:
    """Remove an index and what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError):
            path.with_name(path.name + suffix).unlink()


def _folders(root: Path, settings: Settings) -> Iterator[Path]:
    # What is installed with the package is nobody's to write to.
    if settings.state:
        yield Path(settings.state)
    elif not root.resolve().is_relative_to(_PACKAGE):
        yield root / ".leadgraph"
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    if Path(home).is_absolute():
        yield Path(home, "leadgraph")


def _make(folder: Path) -> None:
    """Make a folder that git leaves alone, if it is not there."""
    if not folder.is_dir():
        folder.mkdir(parents=True, mode=0o700)
        (folder / ".gitignore").write_text("*\n", "utf-8")


def _is_ours(path: Path, folder: Path) -> bool:
    """Whether we may write, and nobody else has put another file there."""
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    try:
        found = path.lstat()
    except FileNotFoundError:
        return True
    return found.st_uid == os.geteuid() and path.is_file() and not path.is_symlink()


def _sweep(folder: Path, path: Path) -> None:
    """Remove indexes of other versions and, where many graphs have theirs, the oldest."""
    if path.exists():
        return
    found = [p for p in folder.glob("check-*.sqlite") if p != path]
    found.sort(key=lambda p: p.stat().st_mtime, reverse=True)
    current = [p for p in found if p.name.startswith(f"check-{VERSION}-")]
    for old in found:
        if old not in current[: _MOST_IN_CACHE - 1]:
            discard(old)
