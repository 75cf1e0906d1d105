"""Cases written by hand -> each result is at its place, as many as pySHACL has."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING

import pytest
import rdflib

from bench.quiet import quiet
from leadgraph.check.explain.told import ENDING
from tests.located import score, written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    """RDFLib logs every literal that is none of its datatype."""
    with quiet(logging.WARNING):
        yield


@pytest.mark.parametrize("case", written.cases(), ids=lambda case: case.name)
def test_each_place_is_where_somebody_would_look(case: written.Written, tmp_path: Path) -> None:
    """Each result at its place, start and end; as many as pySHACL has of each component."""
    shapes, paths = case.write(tmp_path)
    problems = score.check(paths, shapes)
    reported = [score.found(problem, case.texts) for problem in problems]
    places = [(one.component.removesuffix(ENDING), one.file, *one.span) for one in reported]
    assert Counter(places) == Counter(case.facts)
    graph = rdflib.Graph().parse(shapes)
    assert score.components(problems) == score.pyshacl_counts(paths, graph)
