"""Files and settings -> what a query is put to: the dataset in memory, on disk, or elsewhere.

All three answer in the same terms, so that nothing else in the house asks which one it is.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from pyoxigraph import (
    BlankNode,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    Triple,
    parse,
)

from leadgraph.errors import SettingInvalid, SourceUnreadable
from leadgraph.formats import by_extension
from leadgraph.vocabulary import BASE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyoxigraph import QueryBoolean, QuerySolutions

    from leadgraph.settings import Settings

    Results = QuerySolutions | QueryBoolean | Iterator[Triple]

Graphs = list[str] | None

MEMORY, DISK = "memory", "disk"

_MEND = "Mend it and start again."

_LABELLED = (RdfFormat.N_QUADS, RdfFormat.N_TRIPLES)
"""Where every blank node has a label in the file."""


class Answering(Protocol):
    """What answers queries."""

    @property
    def remote(self) -> bool:
        """Whether it asks over the network."""

    @property
    def files(self) -> frozenset[int]:
        """The descriptors of the files that it reads while it answers."""

    def query(self, text: str, default_graphs: Graphs, named_graphs: Graphs) -> Results:
        """Answer a query; graphs of None mean the dataset as it is (Protocol, 2.1.4)."""


@dataclass(frozen=True, slots=True)
class Local:
    """A dataset on this machine."""

    store: Store
    files: frozenset[int] = frozenset()
    remote: bool = False

    def query(self, text: str, default_graphs: Graphs, named_graphs: Graphs) -> Results:
        """Ask the store; a protocol dataset takes the place of the query's (Protocol, 2.1.4)."""
        if default_graphs is None and named_graphs is None:
            return self.store.query(text, base_iri=BASE)
        return self.store.query(
            text,
            base_iri=BASE,
            default_graph=[NamedNode(iri) for iri in default_graphs or ()],
            named_graphs=[NamedNode(iri) for iri in named_graphs or ()],
        )


def open_store(dataset: Sequence[Path], settings: Settings, folder: Path) -> Answering:
    """Return what answers, ready to; a dataset on disk is written into `folder` once.

    Raises:
        SourceUnreadable: if a file cannot be loaded.
    """
    if settings.engine == MEMORY:
        store = Store()
        fill(store, dataset)
        return Local(store)
    if settings.engine == DISK:
        return _on_disk(dataset, folder)
    from leadgraph.query.remote import Remote  # noqa: PLC0415  # few servers need it

    return Remote(settings.engine, settings.deadline_seconds)


def require_engine(engine: str) -> None:
    """Let the name of an engine pass.

    Raises:
        SettingInvalid: if there is none of that name.
    """
    if engine not in {MEMORY, DISK} and not is_address(engine):
        raise SettingInvalid("--engine", engine, "memory, disk, or the URL of a SPARQL endpoint")


def is_address(engine: str) -> bool:
    """Tell whether an engine is an endpoint elsewhere."""
    try:
        address = urlsplit(engine)
        port = address.port
    except ValueError:
        return False
    return address.scheme in {"http", "https"} and bool(address.hostname) and port != 0


def fill(store: Store, dataset: Sequence[Path]) -> None:
    """Read RDF files: default graphs together, named graphs under their names.

    Raises:
        SourceUnreadable: if a file is missing, of no known format, or not valid.
    """
    for number, path in enumerate(dataset):
        row = by_extension(path.name)
        if row is None:
            raise SourceUnreadable(
                str(path), "its name says no RDF format", "Name it .ttl .nt .nq .trig .rdf .jsonld."
            )
        try:
            path.open("rb").close()
            quads: Iterable[Quad] = parse(path=path, format=row.engine)
            if len(dataset) > 1 or row.engine not in _LABELLED:
                quads = _numbered(quads, number)
            store.bulk_extend(quads)
        except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
            raise SourceUnreadable(str(path), str(error.strerror), _MEND) from error
        except (SyntaxError, ValueError) as error:
            reason = getattr(error, "msg", None) or str(error)
            raise SourceUnreadable(str(path), str(reason), _MEND) from error


def _numbered(quads: Iterable[Quad], file: int) -> Iterator[Quad]:
    """Yield statements with blank nodes numbered as they come, apart from those of other files.

    A parser calls nodes without a label something new each time; so that the same files give the
    same answers, byte for byte, they get a name that they keep.
    """
    names: defaultdict[BlankNode, BlankNode] = defaultdict(
        lambda: BlankNode(f"f{file}b{len(names)}")
    )
    for quad in quads:
        triple, graph = _renamed(quad.triple, names), quad.graph_name
        if isinstance(graph, BlankNode):
            graph = names[graph]
        yield Quad(triple.subject, triple.predicate, triple.object, graph)


def _renamed(triple: Triple, names: defaultdict[BlankNode, BlankNode]) -> Triple:
    """Return a triple, and those that it speaks of (RDF 1.2, 3.1), with other blank nodes."""
    subject, value = triple.subject, triple.object
    if isinstance(subject, BlankNode):
        subject = names[subject]
    if isinstance(value, BlankNode):
        value = names[value]
    elif isinstance(value, Triple):
        value = _renamed(value, names)
    return Triple(subject, triple.predicate, value)


def _on_disk(dataset: Sequence[Path], folder: Path) -> Local:
    """Return the dataset from RocksDB, read-only; a folder that is none is written anew.

    Raises:
        SourceUnreadable: if a file cannot be loaded, or the folder not be written or read.
    """
    try:
        if not folder.is_dir():
            _write(dataset, folder)
        try:
            store = Store.read_only(str(folder))
        except (OSError, RuntimeError):
            shutil.rmtree(folder)
            _write(dataset, folder)
            store = Store.read_only(str(folder))
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceUnreadable(str(folder), reason, "Make room, or name another folder.") from error
    return Local(store, _open_below(folder.resolve()))


def _write(dataset: Sequence[Path], folder: Path) -> None:
    """Write the dataset into a folder, which has its name only once it is whole."""
    staged = folder.with_name(f".tmp-{folder.name}-{os.getpid()}")
    try:
        staged.parent.mkdir(parents=True, exist_ok=True)
        _sweep(staged.parent)
        store = Store(str(staged))
        fill(store, dataset)
        store.optimize()
        store.flush()
        del store
        with contextlib.suppress(FileExistsError):
            staged.rename(folder)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _sweep(parent: Path) -> None:
    """Remove what processes that are gone have not finished."""
    for left in parent.glob(".tmp-*"):
        if not Path("/proc", left.name.rpartition("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)


def _open_below(folder: Path) -> frozenset[int]:
    """Return the descriptors of this process's open files in a folder (proc(5))."""
    return frozenset(
        int(entry.name)
        for entry in Path("/proc/self/fd").iterdir()
        if folder in (Path("/proc/self/fd") / entry.name).resolve().parents
    )
