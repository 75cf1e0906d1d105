"""Pattern -> what its variables can stand for: the subjects and predicates of triples that match.

Only what certainly holds is said: a variable is a subject where one triple, which each solution
needs, has it there, and a plain predicate follows (over `^` and `*` it may be anything).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadgraph.link.text import scope
from leadgraph.link.text.paths import paths
from leadgraph.link.text.tree import Kind

if TYPE_CHECKING:
    from leadgraph.link.text.tree import Group, Select

_VARIABLE = frozenset({"?", "$"})
_NO_VARIABLE = frozenset({"", "_:"})
"""How an end of a path begins that is a term, or a blank node."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Subjects with the predicates that follow them, as they are written; predicates.

    `either` holds, for each UNION, the roles in its branches: one of them holds.
    """

    subjects: frozenset[tuple[str, str]]
    predicates: frozenset[str]
    either: tuple[tuple[Roles, ...], ...] = ()

    def is_subject(self, name: str) -> bool:
        """Tell whether a variable is the subject of a triple."""
        return any(name == subject for subject, _ in self.subjects) or any(
            all(branch.is_subject(name) for branch in branches) for branches in self.either
        )


def roles(text: str, group: Group) -> Roles:
    """Return the roles of variables in the triples that each solution of a group needs."""
    if group.select is not None:
        return _shown(roles(text, group.select.where), _columns(group.select))
    subjects: set[tuple[str, str]] = set()
    predicates: set[str] = set()
    either: list[tuple[Roles, ...]] = []
    for element in group.elements:
        if element.kind is Kind.TRIPLES:
            found = [path for path in paths(text, element.start, element.end) or () if path.verb]
            named = (path for path in found if path.subject[:2] not in _NO_VARIABLE)
            subjects.update((path.subject, path.verb) for path in named)
            predicates.update(path.verb[1:] for path in found if path.verb[0] in _VARIABLE)
        elif element.kind is Kind.UNION:
            either.append(tuple(roles(text, branch) for branch in element.groups))
        elif element.kind in {Kind.GROUP, Kind.GRAPH}:
            inner = roles(text, element.pattern)
            subjects |= inner.subjects
            predicates |= inner.predicates
            either += inner.either
    return Roles(frozenset(subjects), frozenset(predicates), tuple(either))


def _columns(select: Select) -> frozenset[str]:
    """Return the variables whose values in a query's solutions are some of those in its pattern."""
    named = scope.projected(select) - frozenset(select.aliases)
    return named & frozenset(select.keys) if select.grouped else named


def _shown(inside: Roles, names: frozenset[str]) -> Roles:
    """Return the roles of those variables of a sub-query that its solutions have."""
    return Roles(
        frozenset(each for each in inside.subjects if each[0] in names),
        inside.predicates & names,
        tuple(tuple(_shown(one, names) for one in branches) for branches in inside.either),
    )
