"""Cases -> how near the problems that are reported are to the truth, ours and a text search's."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyshacl
import rdflib
from pyoxigraph import RdfFormat, parse

from leadgraph.check import child
from leadgraph.check.request import Request
from leadgraph.check.results import short
from leadgraph.check.shacl.constraints import local_name
from leadgraph.model import Place, Problem
from leadgraph.settings import Settings
from tests.located import faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.located.document import Span
    from tests.located.faults import Case, Fact

SHAPES = Path(__file__).with_name("shapes.ttl")
HITS = ("exact", "statement", "block", "elsewhere", "missed", "false")


class Found(NamedTuple):
    """A problem as it was reported: its component, its file and its span in code points."""

    component: str
    file: int
    span: Span


@dataclass(slots=True)
class Score:
    """How exactly faults were found; `uneven` are cases with another count than pySHACL."""

    hits: Counter[str] = field(default_factory=Counter)
    cases: int = 0
    uneven: list[int] = field(default_factory=list)
    inexact: list[tuple[int, Fact, Found | None]] = field(default_factory=list)
    false: list[tuple[int, Found]] = field(default_factory=list)

    def share(self, hit: str) -> float:
        """Return the share of the faults, of 1, that were hit so."""
        faults = sum(self.hits.values()) - self.hits["false"]
        return self.hits[hit] / faults if faults else 0.0


def run(seeds: Iterable[int], folder: Path, shapes: rdflib.Graph) -> Score:
    """Check the cases of the seeds, by us and by pySHACL."""
    score = Score()
    for seed in seeds:
        case = faults.case(seed)
        paths = write(case, folder)
        problems = check(paths)
        judge(case, [found(problem, texts(case)) for problem in problems], score)
        if components(problems) != pyshacl_counts(paths, shapes):
            score.uneven.append(seed)
    return score


def check(paths: Sequence[Path], shapes: Path = SHAPES, *, related: bool = False) -> list[Problem]:
    """Return the problems of files by foreign shapes: all that the child does, in this process."""
    request = Request(
        files=[str(path) for path in paths],
        shapes=[str(shapes)],
        rules=[],
        ontology=[],
        data=[],
        in_context=False,
        limits=Settings(),
        parent=os.getpid(),
    )
    found: list[Problem] = []

    def say(kind: str, content: object) -> None:
        if kind == "problem" and isinstance(content, dict):
            place = Place(**content["place"])
            others = tuple(Place(**each) for each in content["related"]) if related else ()
            found.append(Problem(**{**content, "place": place, "related": others, "edits": ()}))

    child.examine(request, say)
    return found


def write(case: Case, folder: Path) -> list[Path]:
    """Write the files of a case, and return their paths."""
    paths = [folder / f"{number}.ttl" for number in range(len(case.files))]
    for path, data in zip(paths, case.files, strict=True):
        path.write_bytes(data)
    return paths


def found(problem: Problem, texts: Sequence[str]) -> Found:
    """Return a problem with its offsets, counted anew from its lines and columns."""
    number = int(Path(problem.place.path).stem)
    place, text = problem.place, texts[number]
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    if place.line is None or place.column is None:
        return Found(problem.constraint or problem.code, number, (-1, -1))
    start = starts[place.line - 1] + place.column - 1
    end = starts[(place.end_line or 1) - 1] + (place.end_column or 1) - 1
    return Found(problem.constraint or problem.code, number, (start, end))


def judge(case: Case, reported: Iterable[Found], score: Score) -> None:
    """Pair the faults of a case with what was reported, the nearest of a component first."""
    left, open_facts = list(reported), list(case.facts)
    score.cases += 1
    for nearness in HITS[:4]:
        for fact in tuple(open_facts):
            hit = next((one for one in left if _nearness(fact, one) == nearness), None)
            if hit is None:
                continue
            left.remove(hit)
            open_facts.remove(fact)
            score.hits[nearness] += 1
            if nearness != "exact":
                score.inexact.append((case.seed, fact, hit))
    score.hits["missed"] += len(open_facts)
    score.inexact += [(case.seed, fact, None) for fact in open_facts]
    score.hits["false"] += len(left)
    score.false += [(case.seed, one) for one in left]


def _nearness(fact: Fact, one: Found) -> str:
    if one.component != fact.component:
        return ""
    if one.file != fact.file:
        return "elsewhere"
    if one.span == fact.exact:
        return "exact"
    if _within(one.span, fact.statement):
        return "statement"
    return "block" if _within(one.span, fact.block) else "elsewhere"


def _within(span: Span, around: Span) -> bool:
    return around[0] <= span[0] and span[1] <= around[1]


def texts(case: Case) -> list[str]:
    """Return the texts of a case, without byte order marks."""
    return [data.decode("utf-8-sig") for data in case.files]


def pyshacl_counts(paths: Sequence[Path], shapes: rdflib.Graph) -> Counter[str]:
    """Return how many results of which component pySHACL itself reports."""
    rdflib.NORMALIZE_LITERALS = False
    data = rdflib.Graph()
    for number, path in enumerate(paths):
        _fill(data, path.read_bytes().removeprefix(b"\xef\xbb\xbf"), f"f{number}-")
    try:
        _, report, _ = pyshacl.validate(data, shacl_graph=shapes, inplace=True)
    finally:
        rdflib.NORMALIZE_LITERALS = False
    results = report.objects(None, rdflib.SH.result)
    components = (report.value(each, rdflib.SH.sourceConstraintComponent) for each in results)
    return Counter(local_name(str(each)) for each in components)


def _fill(graph: rdflib.Graph, data: bytes, prefix: str) -> None:
    """The statements as pyoxigraph reads them, by way of N-Triples."""
    lines = [f"{q.triple} ." for q in parse(data, format=RdfFormat.TURTLE)]
    graph.parse(data="\n".join(lines).replace("_:", f"_:{prefix}"), format="nt")


def components(problems: Iterable[Problem]) -> Counter[str]:
    """Return how many problems of which component were reported."""
    return Counter(problem.constraint or problem.code for problem in problems)


# --- The named peer ------------------------------------------------------------------------------


def by_text(problem: Problem, texts: Sequence[str]) -> Found:
    """What an editor does that knows no positions: look for the value, else for the focus node.

    The first place in the first file where the text of the value stands, as N-Triples, shortened
    by the prefix of the tests, or the string alone; else the same for the focus node.
    """
    for term in (problem.value, problem.focus):
        for spelling in _spellings(term):
            for number, text in enumerate(texts):
                at = text.find(spelling)
                if at >= 0:
                    span = (at, at + len(spelling))
                    return Found(problem.constraint or "", number, span)
    return Found(problem.constraint or "", 0, (0, 0))


def _spellings(term: str | None) -> list[str]:
    if not term or term.startswith("_:"):
        return []
    if term.startswith("<"):
        shortened = term.replace("<http://example.org/things#", "ex:").rstrip(">")
        return [short(term), shortened, term]
    string, _, datatype = term.partition("^^")
    bare = [string.strip('"')] if datatype and not datatype.endswith("string>") else []
    return [term, *bare, string]
