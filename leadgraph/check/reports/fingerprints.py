"""Problems -> fingerprints, by which a problem is known again after edits elsewhere.

Neither lines nor columns enter, nor the message, which has a language, nor folders of this
machine. The names of blank nodes change with what stands before them: the words of the line stand
for them, and for what has no focus node at all (a mistake of syntax).
"""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from leadgraph.check.reports.reader import Reader
    from leadgraph.model import Problem

_DIGITS = 32


def fingerprints(problems: Iterable[Problem], reader: Reader) -> Iterator[str]:
    """Yield one for each problem; equal ones of a file are told apart by their order."""
    seen: Counter[str] = Counter()
    for problem in problems:
        about = json.dumps(_about(problem, reader))
        seen[about] += 1
        yield sha256(f"{seen[about]} {about}".encode()).hexdigest()[:_DIGITS]


def _about(problem: Problem, reader: Reader) -> list[str | None]:
    """What makes the problem this one; a file outside the root has its name alone."""
    path = reader.relative(problem.place.path)
    terms = [problem.focus, problem.predicate, problem.value]
    nameless = problem.focus is None or any(term and term.startswith("_:") for term in terms)
    return [
        path.rpartition("/")[2] if path.startswith("/") else path,
        problem.code,
        problem.constraint,
        *("_:" if term and term.startswith("_:") else term for term in terms),
        " ".join(problem.excerpt.split()) if nameless and problem.excerpt else None,
    ]
