"""Dataset files and settings -> a digest of all that an answer depends on besides its question."""

from __future__ import annotations

from hashlib import file_digest, sha256
from importlib.metadata import version
from typing import TYPE_CHECKING

from leadgraph.query.stores import is_address

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from leadgraph.settings import Settings

_NAME = "edition"


def write(folder: Path, dataset: Sequence[Path], settings: Settings) -> None:
    """Leave the digest in the folder of a running engine.

    An endpoint elsewhere may change at any time, and has none. The same files in the same engine
    give the same answers, byte for byte, on every machine that serves them.
    """
    if is_address(settings.engine):
        return
    digest = sha256(f"{settings.engine} {version('leadgraph')} {version('pyoxigraph')}".encode())
    for path in dataset:
        with path.open("rb") as file:
            digest.update(file_digest(file, "sha256").digest())
    (folder / _NAME).write_text(digest.hexdigest())


def read(folder: Path) -> str | None:
    """Return the digest, None if there is none."""
    path = folder / _NAME
    return path.read_text() if path.is_file() else None
