"""A ZIP file that anybody may have made -> its files, as long as they are what they should be.

Its names are compared with those that are expected and lead nowhere; an entry that unpacks to
more than it may, or than was said, ends there; no entry stands twice, or shares bytes with another.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from leadgraph.link.ledger.members import Json

_MOST_ENTRIES = 100
MOST_RATIO = 250
"""What is packed into less is written as it is (`save`), or made to fill a disk."""
SMALL_BYTES = 2**20
"""What any entry may unpack to, and what the manifest may have."""
_CHUNK_BYTES = 2**20
_WAYS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    UnicodeDecodeError,
    IndexError,
)


@dataclass(frozen=True, slots=True)
class File:
    """What is said of a file: its SHA-256 in hex, and its length in bytes."""

    sha256: str
    size: int


class Packed:
    """An open archive.

    Raises:
        ValueError: if it is no ZIP file, or one that is made to do harm.
        OSError: if it cannot be opened.
    """

    def __init__(self, path: Path, manifest: str) -> None:
        self._manifest = manifest
        with _readable():
            self._zip = zipfile.ZipFile(path)
            try:
                self._entries = _entries(self._zip, path.stat().st_size)
            except BaseException:
                self._zip.close()
                raise

    def __enter__(self) -> Self:
        """Return itself; leaving the block closes the file."""
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def require(self, names: Collection[str]) -> None:
        """Return if the archive holds some files and the manifest, and no other.

        Raises:
            ValueError: if not.
        """
        odd = self._entries.keys() ^ {*names, self._manifest}
        if odd:
            raise ValueError(f"it and its manifest do not agree on {', '.join(sorted(odd))!r}")

    def content(self, name: str, expected: File | None) -> bytes:
        """Return a file; without what is expected, a small one.

        Raises:
            ValueError: if it is another one.
        """
        return b"".join(self._chunks(name, expected))

    def json(self, name: str, expected: File | None) -> Json:
        """Return what a file of JSON holds.

        Raises:
            ValueError: if it is another one, or none.
        """
        content: Json = json.loads(self.content(name, expected))
        return content

    def unpack(self, name: str, expected: File, path: Path) -> None:
        """Write a file to a path.

        Raises:
            ValueError: if it is another one.
        """
        with path.open("wb") as file:
            for chunk in self._chunks(name, expected):
                file.write(chunk)

    def _chunks(self, name: str, expected: File | None) -> Iterator[bytes]:
        entry = self._entries.get(name)
        if entry is None:
            raise ValueError(f"{name} is missing")
        most = SMALL_BYTES if expected is None else expected.size
        if entry.file_size > most or (expected and entry.file_size != most):
            raise ValueError(f"{name} has {entry.file_size} bytes where {most} are expected")
        digest, size = sha256(), 0
        with _readable(), self._zip.open(entry) as packed:
            while chunk := packed.read(_CHUNK_BYTES):
                size += len(chunk)
                if size > most:
                    raise ValueError(f"{name} is longer than it says")
                digest.update(chunk)
                yield chunk
        if expected and (digest.hexdigest(), size) != (expected.sha256, expected.size):
            raise ValueError(f"{name} is not what was saved: its checksum differs")


@contextmanager
def _readable() -> Iterator[None]:
    """Turn what the reader of ZIP files says of a broken one into one kind of error.

    Raises:
        ValueError: in place of that.
    """
    try:
        yield
    except _UNREADABLE as error:
        raise ValueError(f"it is no whole ZIP file ({error})") from error


def _entries(archive: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    """Return the entries by their names.

    Raises:
        ValueError: if there are too many, two of a name, or one that unpacks to too much.
    """
    listed = archive.infolist()
    entries = {entry.filename: entry for entry in listed}
    if len(entries) != len(listed) or len(listed) > _MOST_ENTRIES:
        raise ValueError("it has two files of one name, or too many files")
    if sum(entry.compress_size for entry in listed) > size:
        raise ValueError("its files overlap")
    for entry in listed:
        if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _WAYS:
            raise ValueError(f"{entry.filename!r} is packed in a way that is not read here")
        if entry.file_size > max(SMALL_BYTES, MOST_RATIO * entry.compress_size):
            raise ValueError(f"{entry.filename!r} would unpack to {entry.file_size} bytes")
    return entries
