"""Files -> a release that is there as a whole or not at all; and back: latest, verify, is_current.

STATE/
├── .lock                           held by the one builder at work
├── latest.json                     which release is served, and of what exactly it was made
└── releases/
    ├── .tmp-4711/                  being written; the next builder sweeps those of dead ones
    └── 2026-01-31-0123456789ab/    immutable
        ├── manifest.json           counts, and the checksum of every file below
        ├── leadgraph.nq  leadgraph.ttl  void.ttl
        └── graphs/poster.ttl ...

Two renames publish: the folder gets its name, then latest.json is replaced. Whoever is killed
before, between or after leaves a state in which `latest` is a whole release.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING

from leadgraph.errors import ReleaseDamaged, ReleaseMissing, StateUnusable
from leadgraph.model import GraphDirectory, Release
from leadgraph.publish.origin import Origin, origin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from leadgraph.settings import Settings

Manifest = dict[str, object]

MANIFEST = "manifest.json"
"""The file that tells of all others, and so is not among the files that it tells of."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a release as it was written: its name, SHA-256 in hex, and length in bytes."""

    name: str
    sha256: str
    size: int


def state_folder(settings: Settings) -> Path:
    """Return where releases are kept: as set, else `.leadgraph` in the graph folder, or here."""
    return Path(settings.state or Path(settings.graph, ".leadgraph"))


def latest(state: Path) -> Release:
    """Return the release that is to be served.

    Raises:
        ReleaseMissing: if none was built, or its folder is gone.
        ReleaseDamaged: if its manifest is not the one that was published.
    """
    pointer = _pointer(state)
    release = load(state / "releases" / pointer.version)
    if _checksum(_manifest(release.path)) != pointer.manifest:
        raise ReleaseDamaged(str(_manifest(release.path)))
    return release


def load(folder: Path) -> Release:
    """Return the release in a folder as its manifest tells it.

    Raises:
        ReleaseMissing: if the folder is no release.
        ReleaseDamaged: if the manifest is unreadable.
    """
    path = _manifest(folder)
    try:
        manifest = json.loads(_bytes(path, folder))
        return Release(
            version=manifest["version"],
            path=folder,
            created=datetime.fromisoformat(manifest["created"]),
            digest=manifest["digest"],
            statements=manifest["statements"],
            files={name: file["sha256"] for name, file in manifest["files"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ReleaseDamaged(str(path)) from None


def verify(release: Release) -> None:
    """Compare every file of a release with its checksum.

    Raises:
        ReleaseDamaged: at the first that differs or is gone.
    """
    for name, checksum in release.files.items():
        path = release.path / name
        with _using(path):
            if not path.is_file() or _checksum(path) != checksum:
                raise ReleaseDamaged(str(path))


def is_current(directory: GraphDirectory, state: Path) -> bool:
    """Whether the latest release was made of exactly these files, by exactly this program.

    Reads all source files, shapes and rules included, and the manifest; not the release itself.

    Raises:
        SourceUnreadable: if a source file cannot be read.
    """
    try:
        latest(state)
        return _pointer(state).origin == origin(directory)
    except (ReleaseMissing, ReleaseDamaged):
        return False


@contextmanager
def locked(state: Path, progress: Callable[[str], None]) -> Iterator[None]:
    """Be the only builder in a state folder, and sweep what dead ones left.

    The kernel lets go of the lock when its holder dies, however it dies.

    Raises:
        StateUnusable: if the folder cannot be written.
    """
    with _using(state):
        (state / "releases").mkdir(parents=True, exist_ok=True)
        lock = (state / ".lock").open("ab")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("waiting for another build")
            fcntl.flock(lock, fcntl.LOCK_EX)
        for leftover in (state / "releases").glob(".tmp-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        yield


def find(state: Path, version: str, digest: str) -> Release | None:
    """Return the release that states the same already: the one of this version, or the latest.

    The same sources have another date tomorrow, but are no other release.

    Raises:
        ReleaseDamaged: if it is there but is not what was published.
    """
    if (state / "releases" / version).exists():
        return load(state / "releases" / version)
    try:
        newest = latest(state)
    except (ReleaseMissing, ReleaseDamaged):
        return None
    return newest if newest.digest == digest else None


@contextmanager
def staged(state: Path) -> Iterator[Path]:
    """Give a new folder to write into; unless it is published it is gone afterwards.

    Raises:
        StateUnusable: if writing fails in there, for want of space or of permission.
    """
    folder = state / "releases" / f".tmp-{os.getpid()}"
    try:
        with _using(folder):
            (folder / "graphs").mkdir(parents=True)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write(folder: Path, name: str, data: bytes) -> File:
    """Write a read-only file that is on the disk when this returns."""
    with (folder / name).open("xb") as file:
        file.write(data)
        file.flush()
        os.fchmod(file.fileno(), 0o444)
        os.fsync(file.fileno())
    return File(name, sha256(data).hexdigest(), len(data))


def publish(folder: Path, state: Path, manifest: Manifest) -> Release:
    """Give a written folder its name: from now on it is a release.

    Raises:
        StateUnusable: if the folder cannot be written or renamed.
    """
    target = state / "releases" / str(manifest["version"])
    write(folder, MANIFEST, _json(manifest))
    for written in (folder / "graphs", folder):
        _sync(written)
    folder.rename(target)
    _sync(target.parent)
    return load(target)


def point(state: Path, release: Release, made_of: Origin) -> None:
    """Make a release the latest one, and remember what it was made of.

    Raises:
        StateUnusable: if the state folder cannot be written.
    """
    pointer: Manifest = {
        "version": release.version,
        "manifest": _checksum(_manifest(release.path)),
        "program": made_of.program,
        "base": made_of.base,
        "sources": made_of.sources,
    }
    replacement = state / ".tmp-latest.json"
    with _using(replacement):
        replacement.unlink(missing_ok=True)
        write(state, replacement.name, _json(pointer))
        replacement.replace(state / "latest.json")
        _sync(state)


@dataclass(frozen=True, slots=True)
class _Pointer:
    """What latest.json says: a version, the checksum of its manifest, and its origin."""

    version: str
    manifest: str
    origin: Origin


def _pointer(state: Path) -> _Pointer:
    path = state / "latest.json"
    try:
        said = json.loads(_bytes(path, state))
        version, manifest, program, base = map(
            _text, (said["version"], said["manifest"], said["program"], said["base"])
        )
        sources = {name: _text(checksum) for name, checksum in said["sources"].items()}
        return _Pointer(version, manifest, Origin(program, base, sources))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ReleaseDamaged(str(path)) from None


def _text(value: object) -> str:
    """Return what must be a string of JSON.

    Raises:
        TypeError: if it is anything else.
    """
    if not isinstance(value, str):
        raise TypeError(value)
    return value


@contextmanager
def _using(path: Path) -> Iterator[None]:
    """Turn what the operating system says of a folder or file into our error."""
    try:
        yield
    except OSError as error:
        raise StateUnusable(str(error.filename or path), str(error.strerror)) from error


def _bytes(path: Path, folder: Path) -> bytes:
    """Read one of the two files without which a folder holds no release."""
    with _using(path):
        try:
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise ReleaseMissing(str(folder)) from None


def _manifest(folder: Path) -> Path:
    return folder / MANIFEST


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    """Make the names in a folder last (fsync of the directory itself)."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _json(value: Manifest) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
