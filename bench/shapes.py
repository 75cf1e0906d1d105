"""Size -> how long our shapes take over a graph of it, beside bare pySHACL.

    python -m bench.shapes --triples 89000

Both get the same triples, the generated graph with our ontology, and both must find as much.
Parsing is not counted, the building of RDFLib graphs is counted for us alone.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
import warnings
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import pyshacl
import rdflib
from pyoxigraph import RdfFormat, parse
from rdflib import SH

from bench import generate
from bench.quiet import quiet
from leadgraph.check.shacl import shapes, terms
from leadgraph.read.turtle import bundled_directory, open_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from pyoxigraph import Triple

AIM = 1.0
"""A full check takes at most so many times what pySHACL takes by itself."""


@dataclass(frozen=True, slots=True)
class Compared:
    """CPU seconds of both over so many triples, and how many results each has."""

    triples: int
    ours: float
    bare: float
    results: int
    bare_results: int

    @property
    def ratio(self) -> float:
        """Our time in that of pySHACL."""
        return self.ours / self.bare

    def __str__(self) -> str:
        agree = "as many" if self.results == self.bare_results else f"NOT {self.bare_results}"
        return (
            f"shapes over {self.triples} triples: {self.ours:.1f} s, bare pySHACL "
            f"{self.bare:.1f} s, ratio {self.ratio:.2f} (at most {AIM:g}); "
            f"{self.results} results, {agree} of pySHACL\n"
        )


def compare(triples: int) -> Compared:
    """Let both validate the same graph."""
    directory = open_directory(bundled_directory())
    data = [*_generated(triples), *_read(directory.ontology)]
    rules = list(_read(directory.shapes))
    ours, found = _timed(lambda: len(shapes.validate(data, rules, None, "shapes")))
    rdflib.NORMALIZE_LITERALS = False
    graph, shapes_graph = _plain(data), _plain(rules)
    bare, bare_found = _timed(lambda: _bare(graph, shapes_graph))
    return Compared(len(data), ours, bare, found, bare_found)


def _timed(work: Callable[[], int]) -> tuple[float, int]:
    begin = time.process_time()
    result = work()
    return time.process_time() - begin, result


def _bare(graph: rdflib.Graph, shapes_graph: rdflib.Graph) -> int:
    with quiet(logging.CRITICAL), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, report, _ = pyshacl.validate(graph, shacl_graph=shapes_graph, inference="none")
    rdflib.NORMALIZE_LITERALS = False
    return len(list(report.objects(None, SH.result))) if isinstance(report, rdflib.Graph) else -1


def _generated(triples: int) -> Iterable[Triple]:
    lines = (f"{one.subject} {one.predicate} {one.object} ." for one in generate.statements())
    text = "\n".join(islice(lines, triples))
    return (quad.triple for quad in parse(text.encode(), format=RdfFormat.N_TRIPLES))


def _read(paths: Iterable[Path]) -> Iterable[Triple]:
    return (q.triple for path in paths for q in parse(path=path, format=RdfFormat.TURTLE))


def _plain(triples: Iterable[Triple]) -> rdflib.Graph:
    """A graph as anybody has it who calls pySHACL."""
    graph = rdflib.Graph()
    for subject, predicate, value in triples:
        graph.add((terms.node(subject), terms.node(predicate), terms.node(value)))
    return graph


def main() -> None:
    """Print the ratio for the sizes that are asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.shapes", description=__doc__)
    parser.add_argument("--triples", type=int, nargs="+", default=[89_000], help="sizes")
    for triples in parser.parse_args().triples:
        sys.stdout.write(str(compare(triples)))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
