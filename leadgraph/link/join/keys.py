"""What our own data binds, and a source -> the keys that it is asked about.

Whatever is left out of a key asks about more, never about less: keys may be made of fewer variables
where that saves requests, or where a term cannot be sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import combinations, product
from math import ceil, prod
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from leadgraph.errors import ServiceTooBroad
from leadgraph.link.account import Table
from leadgraph.vocabulary import RDF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from leadgraph.link.account import Key, Row, Term
    from leadgraph.link.join.roles import Roles
    from leadgraph.link.source.sources import Source

    Test = Callable[[Term | None], bool]

_ENTITIES = "http://www.wikidata.org/entity/"
_VARIABLE = frozenset({"?", "$"})
_COMBINED = 6
"""Tables of which every set is considered for keys."""
_STATED = ("http://www.wikidata.org/prop/direct/", "http://www.wikidata.org/prop/P")
"""What an entity is the subject of, and nothing else (Wikibase RDF Dump Format): wdt: and p:."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Key variables and the keys; `rows` None asks for all that the source has."""

    variables: tuple[str, ...]
    rows: tuple[Key, ...] | None

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.rows or ())


ALL = Keys((), None)
NOTHING = Keys((), ())


@dataclass(frozen=True, slots=True)
class Matching:
    """What can match at a source: `roles` of the variables, and how their predicates resolve."""

    source: Source
    roles: Roles
    resolve: Callable[[str], str]

    def can_match(self, name: str, term: Term | None) -> bool:
        """Tell whether a term may stand there for a variable; only what certainly cannot is False.

        Blank nodes of ours are nobody else's, and there are no literals before a predicate.
        """
        return _pass(self.tests(name), term)

    def tests(self, name: str) -> tuple[Test, ...]:
        """Return what tells it of any term of a variable: the pattern is looked at once."""
        return _is_known_elsewhere, *self._tests(self.roles, name)

    def _tests(self, roles: Roles, name: str) -> Iterator[Test]:
        for union in roles.either:
            branches = [tuple(self._tests(one, name)) for one in union]
            if all(branches):
                yield partial(_passes_one, branches)
        if name in roles.predicates:
            yield _may_be_predicate
        elif verbs := [verb for subject, verb in roles.subjects if subject == name]:
            yield self._may_be_entity if self._are_stated(verbs) else self._may_be_subject

    def _are_stated(self, verbs: Sequence[str]) -> bool:
        """Tell whether one of some predicates is what Wikidata has of entities alone."""
        return self.source.is_wikidata and any(
            self._resolved(verb).startswith(_STATED) for verb in verbs
        )

    def _resolved(self, verb: str) -> str:
        """Return the IRI of a verb, "" for one that may be any."""
        if verb == "a":
            return f"{RDF}type"
        return "" if verb[0] in _VARIABLE else self.resolve(verb)

    def _may_be_subject(self, term: Term | None) -> bool:
        return self.source.may_describe(term.value) if isinstance(term, NamedNode) else term is None

    def _may_be_entity(self, term: Term | None) -> bool:
        is_elsewhere = isinstance(term, NamedNode) and not term.value.startswith(_ENTITIES)
        return not is_elsewhere and self._may_be_subject(term)


def _pass(tests: Sequence[Test], term: Term | None) -> bool:
    return all(test(term) for test in tests)


def _passes_one(branches: Sequence[Sequence[Test]], term: Term | None) -> bool:
    return any(_pass(tests, term) for tests in branches)


def _is_known_elsewhere(term: Term | None) -> bool:
    return not isinstance(term, BlankNode)


def _may_be_predicate(term: Term | None) -> bool:
    return term is None or isinstance(term, NamedNode)


def choose(tables: Sequence[Table], matching: Matching, most: int) -> Keys:
    """Return the keys for a source from what was found, one table for what hangs together.

    Those that take the fewest requests, and of these the most telling: keys that are subjects
    first, for a source has few triples of one subject and may have millions of one object.

    Raises:
        ServiceTooBroad: if there are more than `most`.
    """
    sendable = [_matching(table, matching) for table in tables if table.variables]
    if any(not table.rows for table in sendable):
        return NOTHING
    parts = [part for table in sendable if (part := _bound(table)).variables]
    if not parts:
        return ALL
    choices = [choice for choice in _choices(parts) if choice.count <= most]
    if not choices:
        raise ServiceTooBroad(matching.source.iri, most, "things to ask about")
    return min(choices, key=lambda choice: _cost(choice, matching)).keys()


@dataclass(frozen=True, slots=True)
class _Choice:
    """Tables whose rows are combined into keys."""

    tables: tuple[Table, ...]

    @property
    def count(self) -> int:
        return prod(len(table.rows) for table in self.tables)

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple(name for table in self.tables for name in table.variables)

    def keys(self) -> Keys:
        rows = (sum(rows, ()) for rows in product(*(table.rows for table in self.tables)))
        return Keys(self.variables, tuple(rows))


def _choices(tables: Sequence[Table]) -> Iterator[_Choice]:
    """Yield what keys may be made of: all variables, those of some tables, or of single ones.

    Of many tables not all sets are tried, which would take for ever, but the smallest together.
    """
    smallest = sorted(tables, key=lambda table: len(table.rows))
    for size in range(1, len(tables) + 1):
        if len(tables) <= _COMBINED:
            yield from map(_Choice, combinations(tables, size))
        else:
            yield from (_Choice((smallest[size - 1],)), _Choice(tuple(smallest[:size])))
    for table in tables:
        if len(table.variables) > 1:
            for column in range(len(table.variables)):
                yield _Choice((_columns(table, [column]),))


def _cost(choice: _Choice, matching: Matching) -> tuple[bool, int, int]:
    requests = ceil(choice.count / matching.source.block)
    is_subject = any(map(matching.roles.is_subject, choice.variables))
    return not is_subject, requests, -len(choice.variables)


def _matching(table: Table, matching: Matching) -> Table:
    """Return the rows that can match."""
    rows = table.rows
    for place, name in enumerate(table.variables):
        for test in matching.tests(name):
            rows = tuple(row for row in rows if test(row[place]))
    return Table(table.variables, rows)


def _bound(table: Table) -> Table:
    """Return the columns that have a term in each row, and one that every source can read."""
    columns = [
        column
        for column in range(len(table.variables))
        if all(_is_sendable(row[column]) for row in table.rows)
    ]
    return _columns(table, columns)


def _columns(table: Table, columns: Sequence[int]) -> Table:
    names = tuple(table.variables[column] for column in columns)
    rows = dict.fromkeys(tuple(row[column] for column in columns) for row in table.rows)
    return Table(names, tuple(rows))


def _is_sendable(term: Term | None) -> bool:
    """Tell whether a term can be written in SPARQL 1.1."""
    if term is None or isinstance(term, Triple):
        return False
    return not isinstance(term, Literal) or term.direction is None


def by_value(table: Table, name: str) -> dict[Term | None, Table]:
    """Return the rows of a table for each value of one of its variables, without it."""
    place = table.variables.index(name)
    others = [column for column in range(len(table.variables)) if column != place]
    found: dict[Term | None, list[Row]] = {}
    for row in table.rows:
        found.setdefault(row[place], []).append(row)
    return {
        value: _columns(Table(table.variables, tuple(rows)), others)
        for value, rows in found.items()
    }
