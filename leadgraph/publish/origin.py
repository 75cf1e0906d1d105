"""A graph directory -> checksums of all that a release is made of."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from leadgraph.errors import SourceUnreadable
from leadgraph.vocabulary import BASE

if TYPE_CHECKING:
    from leadgraph.model import GraphDirectory

_PROGRAM = ("vocabulary.py", "formats.py", "read/*.py", "check/*.py", "publish/*.py")
_REMEDY = "Mend that, or take it out of the folder."


@dataclass(frozen=True, slots=True)
class Origin:
    """SHA-256 of every source file and of the program, and the base IRI: they make the release."""

    program: str
    base: str
    sources: dict[str, str]


def origin(directory: GraphDirectory) -> Origin:
    """Return what a build of the directory would be made of, shapes and rules included.

    Raises:
        SourceUnreadable: if a source file cannot be read.
    """
    paths = (*directory.ontology, *directory.shapes, *directory.rules, *directory.data)
    sources = {name(directory, path): sha256(content(path)).hexdigest() for path in paths}
    return Origin(_program(), BASE, sources)


def name(directory: GraphDirectory, path: Path) -> str:
    """Return the path of a source file as seen from its directory, with forward slashes."""
    return Path(os.path.relpath(path, directory.root)).as_posix()


def content(path: Path) -> bytes:
    """Return the bytes of a source file, which must be an ordinary one: a FIFO never ends.

    Raises:
        SourceUnreadable: if it cannot be read.
    """
    try:
        if path.is_file():
            return path.read_bytes()
    except OSError as error:
        raise SourceUnreadable(str(path), str(error.strerror), _REMEDY) from error
    raise SourceUnreadable(str(path), "it is not an ordinary file, or is gone", _REMEDY)


@cache
def _program() -> str:
    """Return the checksum of all code that decides what a release states."""
    package = Path(__file__).parents[1]
    files = sorted(path for pattern in _PROGRAM for path in package.glob(pattern))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
