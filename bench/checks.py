"""Sizes -> how long checks take, in terms of what each is measured by.

    python -m bench --only checks

Four aims: a contribution costs the same whatever the size of the graph around it; a full check
costs no more than pySHACL alone (`pyshacl.validate` on the same graphs, parsing excluded), and
after an edit of one file a small part of that; a check of one small file costs a few starts of
Python with RDFLib. Processes are timed from start to end, medians of several runs, each with
another content, so that no memory of the same file helps.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from bench import generate
from bench.build import as_sources
from leadgraph.vocabulary import ID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ROOT = Path(__file__).parents[1]
_SIZES = (10_000, 100_000, 1_000_000)
_FULL = 89_000
_RUNS = 7
_PREFIXES = """@prefix lg: <https://w3id.org/leadgraph/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
_PEER = """
import glob, sys, time, pyshacl, rdflib
def graph(*patterns):
    graph = rdflib.Graph()
    for pattern in patterns:
        for path in glob.glob(f"{sys.argv[1]}/{pattern}"):
            graph.parse(path, format="turtle")
    return graph
data, shapes = graph("data/*.ttl", "ontology/*.ttl"), graph("shapes/*.ttl")
started = time.perf_counter()
pyshacl.validate(data, shacl_graph=shapes)
print(time.perf_counter() - started)
"""


class Ratio(NamedTuple):
    """What was measured, by what, and what it may be at most."""

    text: str
    seconds: float
    peer_seconds: float
    most: float

    @property
    def value(self) -> float:
        """How often the peer's time."""
        return self.seconds / self.peer_seconds

    def __str__(self) -> str:
        met = "met" if self.value <= self.most else "MISSED"
        times = f"{self.seconds:.3f} s to {self.peer_seconds:.3f} s"
        return f"{self.value:7.3f}  at most {self.most:<5g} {met:6}  {self.text} ({times})"


def ratios(folder: Path) -> Iterator[Ratio]:
    """Measure all; graphs of the sizes are made in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    yield _small(folder)
    yield from _contributions(folder)
    yield from _whole(folder)


def _small(folder: Path) -> Ratio:
    """One small file, our own graph around it, start included."""
    _seconds(_check(_contribution(folder, "warm", theme=None), _ROOT))
    ours = _median(lambda n: _check(_contribution(folder, f"small-{n}", theme=None), _ROOT))
    rdflib = _median(lambda _n: [sys.executable, "-c", "import rdflib"])
    return Ratio("one small file, to the start of Python with rdflib", ours, rdflib, 3.0)


def _contributions(folder: Path) -> Iterator[Ratio]:
    """Fifty statements against graphs of all sizes; the first check of each makes its index."""
    taken = {}
    for size in _SIZES:
        graph = _graph(folder, size)
        for warm in range(2):
            _seconds(_check(_contribution(folder, f"warm-{warm}"), graph))
        taken[size] = _median(lambda n, g=graph: _check(_contribution(folder, f"c-{n}"), g))  # type: ignore[misc]  # a default
    first, *_, last = _SIZES
    text = f"50 statements against {last:,} triples, to {first:,}"
    yield Ratio(text, taken[last], taken[first], 1.5)


def _whole(folder: Path) -> Iterator[Ratio]:
    """A graph from scratch, and after an edit of one file."""
    graph = _graph(folder, _FULL)
    files = sorted((graph / "data").glob("*.ttl"))
    command = [*_LEADGRAPH, *map(str, files), "--against", str(graph)]
    peer = subprocess.run(
        [sys.executable, "-c", _PEER, str(graph)], check=True, capture_output=True, text=True
    )
    peer_seconds = float(peer.stdout)
    shutil.rmtree(graph / ".leadgraph", ignore_errors=True)
    yield Ratio(f"full check of {_FULL:,} triples, to pySHACL", _seconds(command), peer_seconds, 1)
    edited = files[len(files) // 2]
    original = edited.read_text("utf-8")

    def edit(number: int) -> list[str]:
        kept = original.splitlines(keepends=True)[number + 1 :]
        edited.write_text("".join(kept), "utf-8")
        return command

    text = "full check after an edit of one file, to pySHACL"
    yield Ratio(text, _median(edit), peer_seconds, 0.05)
    edited.write_text(original, "utf-8")


_LEADGRAPH = (sys.executable, "-m", "leadgraph.cli.main", "check")


def _check(contribution: Path, graph: Path) -> list[str]:
    return [*_LEADGRAPH, str(contribution), "--against", str(graph)]


def _graph(folder: Path, size: int) -> Path:
    """A graph folder with so many generated statements, and our ontology, shapes and rules."""
    data = folder / f"{size}.nq"
    graph = data.with_suffix(".checked")
    if not graph.exists():
        with data.open("w", encoding="utf-8") as out:
            generate.write(size, out)
        as_sources(data, graph)
        data.unlink()
    shutil.copytree(_ROOT / "shapes", graph / "shapes", dirs_exist_ok=True)
    return graph


def _contribution(folder: Path, name: str, theme: str | None = "skill-theme/editor-2") -> Path:
    """Six new skills in fifty statements, without a mistake."""
    path = folder / f"{name}.ttl"
    broader = f"skos:broader <{ID}{theme}> ; " if theme else ""
    things = (
        f'<{ID}skill/{name}-{n}> a lg:Skill ; skos:prefLabel "Bench {name} {n}"@en, '
        f'"Banco {name} {n}"@es ; skos:definition "What bench {name} {n} is about."@en ; '
        f'{broader}lg:skillKind lg:PracticalSkill ; skos:altLabel "Once more {name} {n}"@en ; '
        f'skos:note "Made for the bench {name} {n}."@en .\n'
        for n in range(6)
    )
    path.write_text(_PREFIXES + "".join(things), "utf-8")
    return path


def _median(command: Callable[[int], list[str]]) -> float:
    return median(_seconds(command(run)) for run in range(_RUNS))


def _seconds(command: list[str]) -> float:
    """How long a process runs.

    Raises:
        RuntimeError: if it could not do its work.
    """
    started = time.perf_counter()
    finished = subprocess.run(command, check=False, capture_output=True, text=True)
    if finished.returncode not in {0, 1}:
        raise RuntimeError(finished.stderr[-500:])
    return time.perf_counter() - started
