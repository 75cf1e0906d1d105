"""Files of this project -> the same with one fault each, written into their text at a known place.

What is found besides at the very same place (a dangling reference is no skill either) is one
fault; anything anywhere else is false.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from leadgraph.check import child
from leadgraph.check.request import Request
from leadgraph.model import Place, Problem
from leadgraph.read.turtle import open_directory
from leadgraph.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from leadgraph.model import GraphDirectory
    from tests.located.document import Span

ROOT = Path(__file__).parents[2]
GOOD = sorted((ROOT / "shapes/examples/good").glob("*.ttl"))


class Mutant(NamedTuple):
    """A file with one fault; `name` says which, `span` is the place to blame."""

    path: Path
    name: str
    text: str
    span: Span

    def __str__(self) -> str:
        return f"{self.path.stem}-{self.name}-{self.span[0]}"


class Operator(NamedTuple):
    """How a fault is made: the group `at` is written anew, and the group `blame` is its place.

    Without `blame` the place is what was written, without its `lead` and its `tail`.
    """

    name: str
    pattern: re.Pattern[str]
    write: Callable[[str], str]
    lead: str = ""
    tail: str = ""


def _op(
    name: str, pattern: str, write: Callable[[str], str] | str, lead: str = "", tail: str = ""
) -> Operator:
    """An operator; a text is written whatever stood there."""
    always = write if isinstance(write, str) else None
    new = (lambda _old: f"{lead}{always}{tail}") if isinstance(write, str) else write
    return Operator(name, re.compile(pattern, re.MULTILINE), new, lead, tail)


_NAME = r'skos:prefLabel +(?P<at>"[^"]+"@\w+)'
_NAMED = r"lg:(?:Leader\w+|Skill\w*|\w+Step|LearningResource|Capacity)"
_OTHERS_SAME = (
    "<http://www.w3.org/2002/07/owl#sameAs>  ",
    "<http://www.wikidata.org/entity/Q42>",
)
OPERATORS = (
    _op("not-in-list", r"lg:bearerKind\s+(?P<at>lg:\w+)", "lg:Nobody"),
    _op(
        "month-13",
        r'lg:\w+ +(?P<at>"\d{4}-\d\d-\d\d"\^\^xsd:date)',
        lambda old: old[:6] + "13" + old[8:],
    ),
    _op(
        "second-date",
        r'lg:lastChecked +"[\d-]+"\^\^xsd:date(?P<at>)',
        '"2020-02-02"^^xsd:date',
        lead=" , ",
    ),
    _op(
        "second-name",
        r'skos:prefLabel +"[^"]+"@en(?P<at>)',
        '"Another name"@en',
        lead=" ,\n        ",
    ),
    _op("space-in-name", _NAME, lambda old: old.replace('"@', ' "@')),
    _op("no-language", _NAME, lambda old: old.partition("@")[0]),
    _op(
        "misspelt-property",
        r"^ +(?P<at>lg:(?:requires|benefitsFrom)Skill|lg:bearerKind|lg:steward) ",
        lambda old: old[:-1],
    ),
    _op(
        "dangling",
        r"(?:Skill|teaches|develops|Required) +(?P<at>skill:[\w-]+)",
        lambda old: f"{old}-x",
    ),
    _op("words-for-a-thing", r"lg:requiresSkill +(?P<at>skill:[\w-]+)", '"listening"@en'),
    _op("word-for-a-language", r'schema:inLanguage +(?P<at>"\w+")', '"English"'),
    _op("address-in-quotes", r"schema:url +(?P<at><[^>]+>)", lambda old: f'"{old[1:-1]}"'),
    _op(
        "no-name",
        rf"^(?P<blame>[\w-]+:[\w-]+)\n    a +{_NAMED} "
        r'(?P<at>;\n +skos:prefLabel +"[^"]*"@\w+) [;.]',
        "",
    ),
    _op(
        "no-number",
        r"(?:conversationCount|position) +(?P<at>\d+)(?= [;.])",
        lambda old: f'"{old} or so"',
    ),
    _op(
        "same-as",
        r"^    (?P<at>)skos:prefLabel",
        _OTHERS_SAME[1],
        lead=_OTHERS_SAME[0],
        tail=" ;\n    ",
    ),
)


def mutants(paths: Sequence[Path]) -> Iterator[Mutant]:
    """Yield every fault that can be written into the files."""
    for path in paths:
        text = path.read_text("utf-8")
        for operator in OPERATORS:
            for match in operator.pattern.finditer(text):
                yield _mutant(path, text, operator, match)


def _mutant(path: Path, text: str, operator: Operator, match: re.Match[str]) -> Mutant:
    new = operator.write(match["at"])
    start, end = match.span("at")
    changed = text[:start] + new + text[end:]
    if "blame" in operator.pattern.groupindex:
        return Mutant(path, operator.name, changed, match.span("blame"))
    blamed = start + len(operator.lead), start + len(new) - len(operator.tail)
    return Mutant(path, operator.name, changed, blamed)


def directory(*, data: bool) -> GraphDirectory:
    """Return our graph, or its ontology, shapes and rules alone."""
    ours = open_directory(ROOT)
    return ours if data else replace(ours, data=())


def check(path: Path, graph: GraphDirectory) -> list[Problem]:
    """Return the problems of a file in a graph, by its shapes and rules."""
    request = Request(
        files=[str(path)],
        shapes=[str(each) for each in graph.shapes],
        rules=[str(each) for each in graph.rules],
        ontology=[str(each) for each in graph.ontology],
        data=[str(each) for each in graph.data],
        in_context=True,
        limits=Settings(),
        parent=os.getpid(),
    )
    found: list[Problem] = []

    def say(kind: str, content: object) -> None:
        if kind == "problem" and isinstance(content, dict):
            place = Place(**content["place"])
            related = tuple(Place(**each) for each in content["related"])
            found.append(Problem(**{**content, "place": place, "related": related, "edits": ()}))

    child.examine(request, say)
    return found
