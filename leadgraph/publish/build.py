"""A graph directory -> a release: check, read, merge, infer, describe, write; all or nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from leadgraph.check.report import check
from leadgraph.errors import BuildRefused, SettingInvalid, SourceUnreadable
from leadgraph.model import GraphDirectory, Problem, Release, Report, Source
from leadgraph.publish import origin as origins
from leadgraph.publish import releases
from leadgraph.publish.canonical import canonical
from leadgraph.publish.census import classes, instances
from leadgraph.publish.dataset import NamedGraphs, merge, named_graphs
from leadgraph.publish.description import describe, describe_files
from leadgraph.publish.infer import infer
from leadgraph.publish.statements import NAMESPACES
from leadgraph.publish.text import as_nquads, as_turtle
from leadgraph.read.turtle import read
from leadgraph.vocabulary import (
    DATASET,
    GRAPH,
    INFERRED_GRAPH,
    ONTOLOGY_GRAPH,
    SHAPES_GRAPH,
    graph_iri,
)

if TYPE_CHECKING:
    from pathlib import Path

    from leadgraph.publish.origin import Origin
    from leadgraph.publish.releases import File, Manifest
    from leadgraph.settings import Settings

Progress = Callable[[str], None]


def build(
    directory: GraphDirectory, state: Path, settings: Settings, progress: Progress
) -> Release:
    """Publish what a graph directory states, and return the release that is now the latest.

    If the latest release states the same already it stays. `progress` gets a line a step.

    Raises:
        BuildRefused: if the sources do not conform; `report` says why.
        SourceUnreadable: if a source cannot be read, or changes meanwhile.
        CheckStopped: if the check ran past its time or memory.
        ShapesInvalid: if the shapes or rules cannot be used.
        CanonicalFormStopped: if the blank nodes could not be put into an order in time.
        ReleaseDamaged: if the same release is there already but its files were changed.
        StateUnusable: if the state folder cannot be written.
        SettingInvalid: if SOURCE_DATE_EPOCH is no time.
    """
    if not releases.is_current(directory, state):
        with releases.locked(state, progress):
            # Whoever had the lock before us may have built just this.
            if not releases.is_current(directory, state):
                _build(directory, state, settings, progress)
    release = releases.latest(state)
    releases.verify(release)
    progress(f"release {release.version} is the latest: {release.statements} statements")
    return release


@dataclass(frozen=True, slots=True)
class _Content:
    """What a release says, and what it is made of; `digest` is of all but the description."""

    created: datetime
    digest: str
    dataset: NamedGraphs
    origin: Origin

    @property
    def version(self) -> str:
        """The day and the start of the digest."""
        return f"{self.created:%Y-%m-%d}-{self.digest[:12]}"


def _build(directory: GraphDirectory, state: Path, settings: Settings, progress: Progress) -> None:
    """Make the release and point at it; the lock is ours."""
    content = _content(directory, settings, progress)
    release = releases.find(state, content.version, content.digest)
    if release is None:
        release = _write(content, state, progress)
    releases.verify(release)
    releases.point(state, release, content.origin)


def _content(directory: GraphDirectory, settings: Settings, progress: Progress) -> _Content:
    """Check, merge and infer: all that the digest is made of.

    Inferred statements have no blank nodes, so with them the canonical form stays canonical:
    whoever has a release can take its named graphs but the description and find its digest.
    """
    created = _now()
    origin = origins.origin(directory)
    nquads, prefixes = _sources(directory, origin, settings, progress)
    progress("finding the canonical form")
    stated = named_graphs(canonical(nquads, settings), prefixes)
    inferred = infer(stated)
    progress(f"inferred {len(inferred)} statements")
    dataset = stated.with_graph(INFERRED_GRAPH, inferred)
    digest = sha256(as_nquads(dataset.named_quads())).hexdigest()
    return _Content(created, digest, dataset, origin)


def _sources(
    directory: GraphDirectory, origin: Origin, settings: Settings, progress: Progress
) -> tuple[bytes, dict[str, str]]:
    """Check all files, and return what they state as N-Quads, with their prefixes.

    The ontology and the shapes are read first: nothing can be checked by shapes that are broken.
    """
    progress(f"reading {len(origin.sources)} files")
    vocabulary = (*directory.ontology, *directory.shapes)
    sources = _read(directory, vocabulary, origin, settings)
    progress("checking")
    report = check(
        directory.data,
        shapes=None,
        against=directory,
        settings=settings,
        progress=lambda step: progress(f"checking: {step}"),
    )
    if not report.conforms:
        raise BuildRefused(report)
    sources |= _read(directory, directory.data, origin, settings)
    return merge(_named(directory, sources))


def _read(
    directory: GraphDirectory, paths: Iterable[Path], origin: Origin, settings: Settings
) -> dict[Path, Source]:
    """Read files that must still be those of the origin, so that what was checked is published.

    Only what cannot be parsed is refused here: the check has looked at data more closely, and a
    shape that forbids a hidden character has to contain it.
    """
    sources: dict[Path, Source] = {}
    problems: list[Problem] = []
    for path in paths:
        data, name = origins.content(path), origins.name(directory, path)
        if sha256(data).hexdigest() != origin.sources[name]:
            raise SourceUnreadable(str(path), "it changed during the build", "Build again.")
        source, found = read(name, data, settings)
        if source:
            sources[path] = source
        else:
            problems += found
    if problems:
        raise BuildRefused(Report(tuple(problems), tuple(origin.sources), 0))
    return sources


def _named(directory: GraphDirectory, sources: dict[Path, Source]) -> Iterator[tuple[str, Source]]:
    """Pair each source with the IRI of its graph; the check has seen to it that each is its own."""
    own = {
        **dict.fromkeys(directory.ontology, ONTOLOGY_GRAPH),
        **dict.fromkeys(directory.shapes, SHAPES_GRAPH),
    }
    for path, source in sources.items():
        yield own.get(path) or graph_iri(source.slug), source


def _write(content: _Content, state: Path, progress: Progress) -> Release:
    """Describe the dataset, write all files of the release and give it its name."""
    progress(f"writing release {content.version}")
    version = content.version
    description = describe(content.dataset, version, content.created.date())
    dataset = content.dataset.with_graph(DATASET, description)
    with releases.staged(state) as folder:
        files = [releases.write(folder, name, data) for name, data in _dumps(dataset)]
        void = as_turtle(
            description | describe_files(version, files), {**dataset.prefixes, **NAMESPACES}
        )
        files.append(releases.write(folder, "void.ttl", void))
        return releases.publish(folder, state, _manifest(content, dataset, files))


def _dumps(dataset: NamedGraphs) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of the dumps, and of each named graph but the description."""
    yield "leadgraph.nq", as_nquads(dataset.quads())
    yield "leadgraph.ttl", as_turtle(dataset.default, dataset.prefixes)
    for iri, graph in dataset.graphs.items():
        if iri != DATASET:
            yield f"graphs/{iri.removeprefix(GRAPH)}.ttl", as_turtle(graph, dataset.prefixes)


def _manifest(content: _Content, dataset: NamedGraphs, files: list[File]) -> Manifest:
    """What manifest.json says."""
    default = dataset.default
    return {
        "version": content.version,
        "created": content.created.isoformat(),
        "digest": content.digest,
        "statements": len(default),
        "classes": dict(sorted(instances(classes(default)).items())),
        "graphs": {iri: len(graph) for iri, graph in sorted(dataset.graphs.items())},
        "files": {file.name: {"sha256": file.sha256, "bytes": file.size} for file in files},
        **asdict(content.origin),
    }


def _now() -> datetime:
    """Return the time that the release bears: SOURCE_DATE_EPOCH if it is set, else now."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError):
        expected = "a number of seconds since 1970"
        raise SettingInvalid("SOURCE_DATE_EPOCH", epoch, expected) from None
