"""A SERVICE and what was answered so far -> what our own data knows of its keys.

Asks our engine; what hangs together is asked in one query, what does not in several, so that no
product of things that have nothing to do with each other is ever computed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import TYPE_CHECKING

from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from leadgraph.link.account import Table
from leadgraph.link.join.context import context

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from leadgraph.link.join.context import Context, Unit
    from leadgraph.link.join.rewrite import Writer
    from leadgraph.link.text.tree import Element
    from leadgraph.model import Answer, Client, Question
    from leadgraph.query.client import Engine


@dataclass(slots=True)
class Local:
    """Our engine, asked for one client about the dataset of one question; counts its time.

    `found` are solutions by the text that asked for them, until they are forgotten.
    """

    engine: Engine
    question: Question
    client: Client | None
    seconds: float = 0.0
    found: dict[str, Table] = field(default_factory=dict)

    def answer(self, text: str) -> Answer:
        """Return the answer to another text about the same dataset, in the form that was wanted.

        Raises:
            QueryError: whatever keeps it from its answer.
        """
        started = time.monotonic()
        question = replace(self.question, text=text)
        answer = self.engine.ask(question, self.client, admitted=True)
        self.seconds += time.monotonic() - started
        return answer

    def table(self, text: str) -> Table:
        """Return the solutions of a SELECT; of an ASK the one without variables, if it is true.

        Raises:
            QueryError: whatever keeps it from its answer.
        """
        started = time.monotonic()
        question = replace(self.question, text=text, results="json")
        answer = self.engine.ask(question, self.client, admitted=True)
        body = answer.whole if answer.whole is not None else b"".join(answer.chunks)
        solutions = parse_query_results(body, QueryResultsFormat.JSON)
        if isinstance(solutions, QuerySolutions):
            names = tuple(name.value for name in solutions.variables)
            table = Table(names, tuple(tuple(solution) for solution in solutions))
        else:
            table = Table((), ((),) if solutions else ())
        self.seconds += time.monotonic() - started
        return table

    def known(self, text: str) -> Table:
        """Return the solutions of a SELECT, the same each time: many SERVICEs have the same keys.

        Raises:
            QueryError: whatever keeps it from its answer.
        """
        if text not in self.found:
            self.found[text] = self.table(text)
        return self.found[text]


@dataclass(frozen=True, slots=True)
class View:
    """What is known of a SERVICE at one time.

    `names` are the variables that can be keys, `parts` the sets of variables that hang together
    and have some of them. `waiting` are the SERVICEs whose answers may leave fewer keys.
    """

    service: Element
    names: frozenset[str]
    parts: tuple[frozenset[str], ...]
    waiting: frozenset[int]


def view(writer: Writer, service: Element, candidates: frozenset[str]) -> View:
    """Return what is known of a SERVICE, from the text alone."""
    whole = context(writer, service)
    asked = candidates | frozenset(filter(None, [service.term_variable]))
    seen = asked | writer.tree.mentioned(service.start, service.end)
    groups = _components(whole.units)
    waiting = [unit.waiting for unit in whole.units if _is_near(unit, groups, seen)]
    parts = tuple(group for group in groups if group & asked & whole.variables)
    return View(service, asked & whole.variables, parts, frozenset[int]().union(*waiting))


def known(writer: Writer, seen: View, local: Local, most: int) -> list[Table]:
    """Return the distinct values of the key variables, one table for what hangs together."""
    tables: list[Table] = []
    for part in seen.parts:
        found = context(writer, seen.service, part)
        names = sorted(seen.names & found.variables & part)
        if names:
            tables += _distinct(writer, found, names, local, most)
    return tables


def _distinct(
    writer: Writer, found: Context, names: Sequence[str], local: Local, most: int
) -> Iterable[Table]:
    """Return the distinct solutions for some variables; each by itself, if they are too many."""
    table = local.known(_query(writer, found, names, most + 1))
    if len(table.rows) <= most or len(names) == 1:
        return [table]
    singles = (local.known(_query(writer, found, [name], most + 1)) for name in names)
    return [min(singles, key=lambda single: len(single.rows))]


def _query(writer: Writer, found: Context, names: Sequence[str], limit: int) -> str:
    tree = writer.tree
    projected = " ".join(f"?{name}" for name in names)
    return (
        f"{tree.prologue}SELECT DISTINCT {projected} {tree.select.dataset}\n"
        f"WHERE {{\n{found.pattern}}} LIMIT {limit}"
    )


def _components(units: Iterable[Unit]) -> list[frozenset[str]]:
    """Return the sets of variables that hang together."""
    groups: list[frozenset[str]] = []
    for unit in units:
        near = [group for group in groups if group & unit.variables]
        groups = [group for group in groups if not group & unit.variables]
        groups.append(reduce(frozenset.union, near, unit.variables))
    return groups


def _is_near(unit: Unit, groups: Iterable[frozenset[str]], seen: frozenset[str]) -> bool:
    """Tell whether a unit hangs together with a SERVICE."""
    return any(unit.variables & group and group & seen for group in groups)
