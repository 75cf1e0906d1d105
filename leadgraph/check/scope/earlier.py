"""The last check of a whole graph and what has changed since -> the problems it has now.

A problem is about a focus node, so only those that a change may matter to are judged again; the
others keep the problems that they had. Nothing is taken over unless all is as it was: the shapes,
the rules, the ontology, the settings, this program, and of each file either its content or, in
the index, what it stated then.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from leadgraph.check.request import problem, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from leadgraph.check.request import Request
    from leadgraph.check.scope.index import Index
    from leadgraph.check.slice import Term
    from leadgraph.model import Problem

_PROGRAM = Path(__file__).parents[2]
_LIBRARIES = ("pyshacl", "rdflib", "pyoxigraph")
_CUT = "…"
_LEAST_ALIKE = 60


class Earlier(NamedTuple):
    """What a check of the whole graph came to.

    `digests` are of the files of data by path; `read` has what was found when each was read,
    `found` what the shapes and rules found, and `statements` how many each file has.
    """

    key: str
    digests: dict[str, str]
    read: dict[str, list[Problem]]
    found: list[Problem]
    statements: dict[str, int]


def key(request: Request) -> str:
    """Return a digest of all that decides about a report but the files of data themselves."""
    asked = asdict(request)
    del asked["parent"], asked["index"]
    content = sha256(json.dumps(asked, sort_keys=True).encode())
    for path in (*request.shapes, *request.rules, *request.ontology):
        content.update(sha256(Path(path).read_bytes()).digest())
    for pattern in ("*.py", "check/**/*.py", "read/**/*.py", "words/*.*"):
        for file in sorted(_PROGRAM.glob(pattern)):
            stat = file.stat()
            content.update(f"{file.name} {stat.st_size} {stat.st_mtime_ns}".encode())
    return content.hexdigest()


def load(index: Index, wanted: str) -> Earlier | None:
    """Return the last check if it was of such a request."""
    text = index.note(f"earlier {wanted}")
    if text is None:
        return None
    kept = json.loads(text)
    read = {path: list(map(problem, problems)) for path, problems in kept["read"].items()}
    return Earlier(wanted, kept["digests"], read, list(map(problem, kept["found"])), kept["count"])


def save(index: Index, earlier: Earlier) -> None:
    """Keep a check for the next one, in place of the last."""
    content = {
        "digests": earlier.digests,
        "read": {p: list(map(told, found)) for p, found in earlier.read.items() if found},
        "found": list(map(told, earlier.found)),
        "count": earlier.statements,
    }
    index.take_note("earlier", earlier.key, json.dumps(content))


def can_be_kept(problems: Iterable[Problem]) -> bool:
    """Whether each problem is for good about one thing: no blank node, and nothing cut short."""
    return all(
        one.focus is not None
        and one.focus.startswith("<")
        and _CUT not in one.focus
        and not (one.value or "").startswith("_:")
        for one in problems
    )


def without(
    problems: Sequence[Problem], affected: Iterable[Term], paths: Iterable[str]
) -> list[Problem]:
    """Return the problems that are not about things to be judged again."""
    again = {str(term) for term in affected} | about(problems, paths)
    return [one for one in problems if one.focus not in again]


def about(problems: Sequence[Problem], paths: Iterable[str]) -> set[str]:
    """Return what problems are about of which some place is in one of the files."""
    changed = set(paths)
    return {
        str(one.focus)
        for one in problems
        if one.place.path in changed or any(place.path in changed for place in one.related)
    }


def may_be_meant(one: Problem, things: Iterable[str]) -> bool:
    """Whether one of the things may be what a problem suggests, or would be if it were there.

    Things and values are in N-Triples syntax. Closer than that is looked at nowhere
    (`check/explain/suggest.py`): the same list or a text, and a name that is much alike.
    """
    from rapidfuzz import fuzz  # noqa: PLC0415  # 20 ms, for edits where things come or go

    space, name = _parted(one.value or one.focus or "")
    suggested = re.split("[:/#<>]+", (one.suggestion or "").rstrip(">"))[-1]
    for other_space, other in map(_parted, things):
        if other in {name, suggested}:
            return True
        if space in {"", other_space} and fuzz.ratio(name, other) >= _LEAST_ALIKE:
            return True
    return False


def _parted(term: str) -> tuple[str, str]:
    """The list that an IRI is of and its name, folded; of a text "" and its words."""
    if not term.startswith("<"):
        return "", term.partition("@")[0].strip('"').casefold()
    *_, name = re.split("[/#:]", term[1:-1])
    return term[1 : len(term) - 1 - len(name)], name.casefold()
