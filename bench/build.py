"""N-Quads file -> seconds that a release of it takes: `leadgraph build` where no shape is there.

All but SHACL is done: reading and checking every file, the canonical form, what follows from the
statements, the description, the files of the release and their checksums.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from leadgraph.vocabulary import GRAPH

_ONTOLOGY = Path(__file__).parents[1] / "ontology"
_INFERRED = "inferred"


class BuildFailed(Exception):
    """The command refused the data; the message is the end of what it said."""


def build_seconds(data: Path) -> float:
    """Publish the data as a release, in a folder of its own.

    Raises:
        BuildFailed: if the command does.
    """
    folder = data.with_suffix(".graph")
    as_sources(data, folder)
    command = [sys.executable, "-m", "leadgraph.cli.main", "build", "--graph", str(folder)]
    limits = {"LEADGRAPH_CHECK_SECONDS": "3600", "LEADGRAPH_CANONICAL_SECONDS": "3600"}
    started = time.perf_counter()
    finished = subprocess.run(
        command, env={**os.environ, **limits}, check=False, capture_output=True, text=True
    )
    if finished.returncode:
        raise BuildFailed(finished.stderr[-500:])
    return time.perf_counter() - started


def as_sources(data: Path, folder: Path) -> None:
    """Write each named graph as a file of a graph directory; N-Triples are Turtle."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("data", "shapes"):
        (folder / name).mkdir(parents=True)
    shutil.copytree(_ONTOLOGY, folder / "ontology")
    sources: dict[str, list[str]] = {}
    mark = f" <{GRAPH}"
    with data.open(encoding="utf-8") as lines:
        for line in lines:
            statement, found, graph = line.rpartition(mark)
            if found and graph.endswith("> .\n"):
                sources.setdefault(graph.removesuffix("> .\n"), []).append(f"{statement} .\n")
    sources.pop(_INFERRED, None)
    for slug, statements in sources.items():
        (folder / "data" / f"{slug}.ttl").write_text("".join(statements), encoding="utf-8")
