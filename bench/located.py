"""Seeded faults -> the table of how exactly their places are told, ours beside a text search's."""

from __future__ import annotations

import logging
import random
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import rdflib

from bench.quiet import quiet
from leadgraph.read.lines import Lines
from tests.located import faults, real, score, syntax

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leadgraph.model import GraphDirectory, Problem

_SEEDS = range(2_500)
_MUTANTS_OF_DATA = 100
_LARGEST_BYTES = 100_000


def lines() -> Iterator[str]:
    """Measure, and yield the lines of both tables: of shapes and rules, and of syntax."""
    with quiet(logging.WARNING), TemporaryDirectory() as folder:
        yield from chain(_head(), _seeded(Path(folder)), _real(Path(folder)), _syntax())


def _syntax() -> Iterator[str]:
    """Texts with one mistake each, and texts with several."""
    found = syntax.score()
    one = f"{found.exact} of {found.single} ({found.exact_rate:.1%})"
    several = f"{found.found} of {found.several} ({found.found_rate:.1%})"
    false = f"{found.false} ({found.false_rate:.1%})"
    yield ""
    yield f"| {'Mistakes of syntax':<40} | found | false |"
    yield f"|{'-' * 42}|--:|--:|"
    yield f"| {'one in a text, exact':<40} | {one} | |"
    yield f"| {'several in a text, on the line':<40} | {several} | {false} |"


def _head() -> list[str]:
    names = ("files", "faults", *score.HITS, "counts as pySHACL")
    return [
        f"| {'Places of problems':<40} | {' | '.join(names)} |",
        f"|{'-' * 42}|{'--:|' * len(names)}",
    ]


def _row(name: str, of: score.Score, even: str = "") -> str:
    faults_found = sum(of.hits.values()) - of.hits["false"]
    shares = [f"{of.share(hit):.1%}" for hit in score.HITS[:4]]
    counts = [str(of.hits[hit]) for hit in score.HITS[4:]]
    cells = [str(of.cases), str(faults_found), *shares, *counts, even]
    return f"| {name:<40} | {' | '.join(cells)} |"


def _seeded(folder: Path) -> list[str]:
    """Files made of every component and kind of path."""
    shapes = rdflib.Graph().parse(score.SHAPES)
    ours, search = score.Score(), score.Score()
    for seed in _SEEDS:
        case = faults.case(seed)
        paths, texts = score.write(case, folder), score.texts(case)
        problems = score.check(paths)
        score.judge(case, [score.found(each, texts) for each in problems], ours)
        score.judge(case, [score.by_text(each, texts) for each in problems], search)
        if score.components(problems) != score.pyshacl_counts(paths, shapes):
            ours.uneven.append(seed)
    even = f"{ours.cases - len(ours.uneven)} of {ours.cases}"
    return [_row("every constraint and path: LeadGraph", ours, even), _row("  text search", search)]


def _real(folder: Path) -> Iterator[str]:
    """Our own files, with a fault each, by our shapes and rules."""
    data = [
        p for p in sorted((real.ROOT / "data").glob("*.ttl")) if p.stat().st_size < _LARGEST_BYTES
    ]
    some = random.Random(1).sample(list(real.mutants(data)), _MUTANTS_OF_DATA)  # noqa: S311
    examples = list(real.mutants(real.GOOD))
    yield from _rows("examples of our shapes", examples, real.directory(data=False), folder)
    yield from _rows("files of our graph", some, real.directory(data=True), folder)


def _rows(
    name: str, mutants: Sequence[real.Mutant], graph: GraphDirectory, folder: Path
) -> list[str]:
    ours, search = score.Score(), score.Score()
    clean = {path: set(map(_about, real.check(path, graph))) for path in {m.path for m in mutants}}
    for mutant in mutants:
        path = folder / mutant.path.name
        path.write_bytes(mutant.text.encode())
        new = [p for p in real.check(path, graph) if _about(p) not in clean[mutant.path]]
        wanted = Lines(mutant.text).place(str(path), *mutant.span)
        lines = Lines(mutant.text)
        searched = [score.by_text(problem, [mutant.text]) for problem in new]
        guessed = [lines.place(str(path), *one.span) for one in searched]
        _count(ours, wanted, [problem.place for problem in new])
        _count(search, wanted, guessed)
    return [_row(f"{name}: LeadGraph", ours), _row("  text search", search)]


def _about(problem: Problem) -> tuple[object, ...]:
    return problem.code, problem.focus, problem.predicate, problem.value


def _count(of: score.Score, wanted: object, places: Sequence[object]) -> None:
    """One fault: everything said of it must be at its place."""
    of.cases += 1
    wrong = sum(place != wanted for place in places)
    hit = "missed" if not places else "exact" if wrong < len(places) else "elsewhere"
    of.hits[hit] += 1
    of.hits["false"] += wrong if hit == "exact" else max(wrong - 1, 0)
