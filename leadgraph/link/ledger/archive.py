"""A saved query <-> one file with all that its answer can be computed again from.

    manifest.json     what made it, and the checksum and the length of every file below
    leadgraph.nq      the dataset of the release
    query.rq          the text of the query
    question.json     the formats, and the dataset of the protocol
    received.json     the rows that other endpoints gave, by the place of their SERVICE
    ledger.json  ledger.ttl     the account of what they were asked
    result.*          the answer, in its format

It is a ZIP file without a date: the same content gives the same bytes. What is read from one is
believed only as far as its checksums go, and only as much of it as the manifest says is unpacked.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import file_digest, sha256
from importlib.metadata import version
from pathlib import Path
from typing import IO, TYPE_CHECKING

from leadgraph.errors import ArchiveUnusable, SourceUnwritable
from leadgraph.formats import GRAPHS, RESULTS
from leadgraph.link.ledger import plain_json as ledger_json
from leadgraph.link.ledger.members import Members
from leadgraph.link.ledger.packed import MOST_RATIO, SMALL_BYTES, File, Packed
from leadgraph.link.ledger.plain_json import as_json
from leadgraph.link.ledger.received import question_from, question_json, tables_from, tables_json
from leadgraph.link.ledger.turtle import as_turtle
from leadgraph.query.stores import DISK, MEMORY
from leadgraph.vocabulary import BASE, LEDGERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from leadgraph.link.account import Account, Table
    from leadgraph.link.ledger.members import Json
    from leadgraph.model import Question, Release
    from leadgraph.settings import Settings

FORMAT, VERSION = "leadgraph-query", 1
MANIFEST, DATASET = "manifest.json", "leadgraph.nq"
_QUERY, _QUESTION, _RECEIVED = "query.rq", "question.json", "received.json"
_LEDGER, _LEDGER_TURTLE, _RESULT = "ledger.json", "ledger.ttl", "result"
_RESULTS = {f"{_RESULT}.{row.extension}" for row in (*RESULTS, *GRAPHS)}
_SETTINGS = (
    "deadline_seconds",
    "result_bytes",
    "service_allow",
    "service_seconds",
    "service_block",
    "service_keys",
    "service_rows",
    "service_cache_seconds",
)
"""Those that decide what is asked, and whether there is an answer."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16
_CHUNK_BYTES = 2**20
_REMEDY = "Make room there, or name another file."


@dataclass(frozen=True, slots=True)
class Saved:
    """A question, its answer's bytes, and what was asked elsewhere for it; None if nothing was.

    `shown` says that a person was shown a table of it.
    """

    question: Question
    result: bytes
    extension: str
    account: Account | None
    received: Mapping[int, Table]
    shown: bool


@dataclass(frozen=True, slots=True)
class Program:
    """What computed an answer: the same gives the same bytes."""

    leadgraph: str
    pyoxigraph: str
    engine: str


@dataclass(frozen=True, slots=True)
class Archive:
    """What a file holds; `dataset` is unpacked for as long as it is open."""

    saved: Saved
    dataset: Path
    release: str
    sources: str
    program: Program


def program(engine: str) -> Program:
    """Return what would compute an answer here."""
    return Program(version("leadgraph"), version("pyoxigraph"), engine)


def save(path: Path, saved: Saved, release: Release, settings: Settings) -> None:
    """Write an archive, all of it or nothing.

    Raises:
        SourceUnwritable: if it cannot be written there.
    """
    contents = dict(_contents(saved))
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w+b") as file:
                _write(file, contents, release, settings)
                file.flush()
                os.fsync(file.fileno())
                os.fchmod(file.fileno(), 0o666 & ~_umask())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise SourceUnwritable(str(path), error.strerror or str(error), _REMEDY) from error


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Unpack an archive for the length of a `with`, if it is whole.

    Raises:
        ArchiveUnusable: if it is none, or was changed, or is made to do harm.
    """
    with tempfile.TemporaryDirectory(prefix="leadgraph-replay-") as folder:
        try:
            with Packed(path, MANIFEST) as packed:
                archive = _read(packed, Path(folder) / DATASET)
        except (ValueError, OSError, RecursionError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise ArchiveUnusable(str(path), reason or str(error)) from error
        yield archive


def _contents(saved: Saved) -> Iterator[tuple[str, bytes]]:
    """Yield the names and bytes of the small files."""
    said = {name: value for name, value in question_json(saved.question).items() if name != "text"}
    yield _QUERY, saved.question.text.encode()
    yield _QUESTION, _json({**said, "shown": saved.shown})
    if saved.account is not None:
        address = LEDGERS + saved.account.id
        yield _RECEIVED, _json(tables_json(saved.received))
        yield _LEDGER, _json(as_json(saved.account, None))
        yield _LEDGER_TURTLE, as_turtle(saved.account, address)
    yield f"{_RESULT}.{saved.extension}", saved.result


def _write(
    file: IO[bytes], contents: Mapping[str, bytes], release: Release, settings: Settings
) -> None:
    """Write the manifest first, then what it tells of."""
    with release.dataset.open("rb") as dataset:
        whole = File(file_digest(dataset, "sha256").hexdigest(), release.dataset.stat().st_size)
    files = {
        DATASET: whole,
        **{name: File(sha256(data).hexdigest(), len(data)) for name, data in contents.items()},
    }
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(_entry(MANIFEST), _json(_manifest(files, release, settings)))
        with (
            release.dataset.open("rb") as dataset,
            archive.open(_entry(DATASET), "w", force_zip64=True) as entry,
        ):
            shutil.copyfileobj(dataset, entry, _CHUNK_BYTES)
        for name, data in contents.items():
            archive.writestr(_entry(name), data, _way(data))


def _way(data: bytes) -> int:
    """Return how to write some bytes: packed, unless there is so little in them that it is odd."""
    if len(data) > SMALL_BYTES and len(zlib.compress(data)) * MOST_RATIO < len(data) * 2:
        return zipfile.ZIP_STORED
    return zipfile.ZIP_DEFLATED


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, _MODE
    return entry


def _manifest(files: Mapping[str, File], release: Release, settings: Settings) -> Json:
    """Return what makes an answer what it is, besides the files."""
    return {
        "format": FORMAT,
        "version": VERSION,
        **asdict(program(settings.engine)),
        "base": BASE,
        "release": {"version": release.version, "digest": release.digest},
        "settings": {name: getattr(settings, name) for name in _SETTINGS},
        "files": {
            name: {"sha256": file.sha256, "bytes": file.size} for name, file in files.items()
        },
    }


def _read(packed: Packed, dataset: Path) -> Archive:
    """Unpack all files, and compare each with its checksum.

    Raises:
        ValueError: if one is not what was saved.
    """
    said = Members(packed.json(MANIFEST, None))
    if said.text("format") != FORMAT or said.count("version") != VERSION:
        raise ValueError(f"it is not of the form {FORMAT}, version {VERSION}")
    if said.text("base") != BASE:
        raise ValueError(f"it was saved with LEADGRAPH_BASE_IRI={said.text('base')}, set that")
    files = _files(said.members("files"))
    packed.require(files)
    packed.unpack(DATASET, files[DATASET], dataset)
    return Archive(
        saved=_saved(packed, files),
        dataset=dataset,
        release=said.members("release").text("version"),
        sources=said.members("settings").text("service_allow"),
        program=Program(said.text("leadgraph"), said.text("pyoxigraph"), _engine(said)),
    )


def _engine(said: Members) -> str:
    """Return the engine that runs here without asking anybody."""
    engine = said.text("engine")
    if engine not in {MEMORY, DISK}:
        raise ValueError(f"it was answered by {engine}, which is not in it")
    return engine


def _files(said: Members) -> dict[str, File]:
    """Return what the manifest says of the files: those that there must be, and no other.

    Raises:
        ValueError: if it names others, or lacks one.
    """
    files = {name: _file(said.members(name)) for name in said.names}
    results = {name for name in files if name.partition(".")[0] == _RESULT}
    federated = {_RECEIVED, _LEDGER, _LEDGER_TURTLE}
    others = set(files) - results
    needed = {DATASET, _QUERY, _QUESTION}
    if others not in (needed, needed | federated) or results - _RESULTS or len(results) != 1:
        raise ValueError("it does not hold the files of a saved query")
    return files


def _file(said: Members) -> File:
    return File(said.text("sha256"), said.count("bytes"))


def _saved(packed: Packed, files: Mapping[str, File]) -> Saved:
    """Return what was saved.

    Raises:
        ValueError: if a file is not what its checksum says, or not of its form.
    """
    asked = Members(packed.json(_QUESTION, files[_QUESTION]))
    text = packed.content(_QUERY, files[_QUERY]).decode()
    (result,) = (name for name in files if name in _RESULTS)
    account, received = None, {}
    if _LEDGER in files:
        account = ledger_json.account(packed.json(_LEDGER, files[_LEDGER]))
        received = tables_from(packed.json(_RECEIVED, files[_RECEIVED]))
        packed.content(_LEDGER_TURTLE, files[_LEDGER_TURTLE])
    return Saved(
        question=question_from(asked.with_member("text", text)),
        result=packed.content(result, files[result]),
        extension=result.partition(".")[2],
        account=account,
        received=received,
        shown=asked.claim("shown"),
    )


def _json(content: Json) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _umask() -> int:
    """Return what files of this process are made without (umask(2) can only be read by setting)."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
