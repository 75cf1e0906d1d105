"""The graph of this repository, published without its check, and an application over it."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from leadgraph.model import Release, Source
from leadgraph.publish.dataset import merge, named_graphs
from leadgraph.publish.description import describe
from leadgraph.publish.infer import infer
from leadgraph.publish.text import as_nquads
from leadgraph.query.client import Engine
from leadgraph.query.engine import running
from leadgraph.settings import Settings
from leadgraph.vocabulary import (
    DATASET,
    INFERRED_GRAPH,
    ONTOLOGY_GRAPH,
    SHAPES_GRAPH,
    graph_iri,
)
from leadgraph.web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flask import Flask

ROOT = Path(__file__).parents[1]
VERSION = "2026-11-22-000000000000"


@cache
def graph() -> bytes:
    """The N-Quads of all files of this repository, with what is inferred and described."""
    return _published(
        [
            *((ONTOLOGY_GRAPH, path) for path in sorted(ROOT.glob("ontology/*.ttl"))),
            *((SHAPES_GRAPH, path) for path in sorted(ROOT.glob("shapes/*.ttl"))),
            *((graph_iri(path.stem), path) for path in sorted(ROOT.glob("data/*.ttl"))),
        ]
    )


@contextmanager
def engine(nquads: bytes) -> Iterator[Engine]:
    """An engine of its own that holds some N-Quads."""
    settings = Settings(deadline_seconds=20, queue_seconds=20)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leadgraph.nq"
        path.write_bytes(nquads)
        with running([path], settings) as socket, Engine(socket, settings) as client:
            yield client


@contextmanager
def application(nquads: bytes, *, version: str = VERSION) -> Iterator[Flask]:
    """The application over such an engine; without a version it serves plain RDF files."""
    with engine(nquads) as client:
        release = Release(version, ROOT, datetime.now(UTC), "", 0, {}) if version else None
        yield create_app(client, Settings(), release)


def _published(files: Iterable[tuple[str, Path]]) -> bytes:
    """What a release of these files holds."""
    sources = ((iri, Source(path.name, path.stem, path.read_bytes(), 0)) for iri, path in files)
    stated = named_graphs(*merge(sources))
    dataset = stated.with_graph(INFERRED_GRAPH, infer(stated))
    described = dataset.with_graph(DATASET, describe(dataset, VERSION, date(2026, 11, 22)))
    return as_nquads(described.quads())
