"""SERVICEs that are not answered yet -> whom to ask next, for which of them, about what."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, NamedNode

from leadgraph.errors import ServiceMalformed, ServiceRefused, ServiceUnbound
from leadgraph.link.account import Asked, Failure
from leadgraph.link.join import limits, pattern
from leadgraph.link.join.keys import Matching, by_value, choose
from leadgraph.link.join.local import known, view
from leadgraph.link.join.rewrite import Writer
from leadgraph.link.join.roles import roles
from leadgraph.link.text.parsed import require_wikidata, resolved
from leadgraph.query import gate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from leadgraph.link.account import Key, Table, Term
    from leadgraph.link.join.local import Local, View
    from leadgraph.link.join.part import Part
    from leadgraph.link.source.sources import Source, Sources
    from leadgraph.link.text.parsed import Parsed
    from leadgraph.link.text.tree import Element
    from leadgraph.settings import Settings


@dataclass(frozen=True, slots=True)
class Errand:
    """One source that is asked for one SERVICE; None of an address that is refused.

    `keys` None asks for all that it has. `value` is what the variable stands for that names it.
    """

    service: Element
    iri: str
    source: Source | None
    part: Part
    keys: tuple[Key, ...] | None
    refusal: ServiceRefused | None = None
    value: Term | None = None


class Planner:
    """What is asked next; `require_time` ends the planning by raising."""

    def __init__(
        self,
        parsed: Parsed,
        sources: Sources,
        local: Local,
        settings: Settings,
        require_time: Callable[[], None],
    ) -> None:
        self._require_time = require_time
        self._parsed, self._tree = parsed, parsed.tree
        self._sources, self._local, self._settings = sources, local, settings
        self._resolve = cache(partial(resolved, parsed.tree))

    def require_allowed(self) -> None:
        """Let a query pass if all addresses that can be known now may be asked.

        Raises:
            ServiceRefused: if one is not on the list, and its SERVICE not SILENT.
            LabelServiceOutside: if one that has no labels is asked for them.
        """
        writer = Writer(self._tree, {})
        for service in self._parsed.services:
            iri = self._parsed.named.get(service.start)
            if iri is not None:
                self._source(service, iri)
        for service in self._parsed.services:
            if service.term_variable is not None:
                for value in self._by_source(writer, self._view(writer, service)) or ():
                    self._source(service, _text(value))

    def next(self, writer: Writer, pending: Mapping[int, Element]) -> dict[int, list[Errand]]:
        """Return what is asked next: for all that nothing else can restrict any more.

        Of SERVICEs that restrict each other it is the one that is cheapest to ask.

        Raises:
            ServiceUnbound: if nothing says which source that is.
        """
        self._local.found.clear()
        views = {offset: self._view(writer, service) for offset, service in pending.items()}
        chosen = {}
        for circle in _first_circles(views):
            plans = {offset: self._errands(writer, views[offset]) for offset in circle}
            offset = min(plans, key=lambda offset: (_cost(plans[offset]), offset))
            errands = plans[offset]
            if errands is None:
                variable = str(pending[offset].term_variable)
                raise ServiceUnbound(variable, gate.position(self._tree.text, offset))
            chosen[offset] = errands
        return chosen

    def _view(self, writer: Writer, service: Element) -> View:
        self._require_time()
        return view(writer, service, pattern.key_candidates(self._tree, service))

    def _errands(self, writer: Writer, seen: View) -> list[Errand] | None:
        """Return whom to ask for a SERVICE about what, None while its source is not known."""
        self._require_time()
        iri = self._parsed.named.get(seen.service.start)
        if iri is not None and self._source(seen.service, iri)[0] is None:
            return [self._errand(seen.service, iri, ())]
        if iri is not None:
            return [self._errand(seen.service, iri, self._known(writer, seen))]
        found = self._by_source(writer, seen)
        if found is None:
            return None
        return [
            replace(self._errand(seen.service, _text(value), tables), value=value)
            for value, tables in found.items()
        ]

    def _errand(self, service: Element, iri: str, tables: Sequence[Table]) -> Errand:
        """Return one source to ask, and the keys that it is asked about."""
        tree, most = self._tree, self._settings.service_keys
        most_rows = self._settings.service_rows
        source, refusal = self._source(service, iri)
        part = pattern.part(tree, service, most_rows + 1)
        if source is None:
            return Errand(service, iri, source, part, (), refusal)
        matching = Matching(source, roles(tree.text, service.pattern), self._resolve)
        keys = choose(tables, matching, most)
        if keys.rows is None:
            few = limits.rows(tree, service, len(part.filters))
            part = part if few is None else replace(part, limit=min(few, most_rows + 1))
        else:
            part = pattern.keyed(part, tree, service, keys.variables)
        return Errand(service, iri, source, part, keys.rows)

    def _known(self, writer: Writer, seen: View) -> list[Table]:
        return known(writer, seen, self._local, self._settings.service_keys)

    def _by_source(self, writer: Writer, seen: View) -> dict[Term, list[Table]] | None:
        """Return what is known for each value of the variable that names a source.

        None if some solutions leave it unbound.

        Raises:
            ServiceMalformed: if some have a blank node, which is the name of nothing.
        """
        name = str(seen.service.term_variable)
        tables = self._known(writer, seen)
        naming = [table for table in tables if name in table.variables]
        if not naming:
            return None
        others = [table for table in tables if table is not naming[0]]
        found: dict[Term, list[Table]] = {}
        for value, table in by_value(naming[0], name).items():
            if value is None:
                return None
            if isinstance(value, BlankNode):
                raise self._nameless(seen.service, name)
            found[value] = [table, *others]
        return found

    def _nameless(self, service: Element, name: str) -> ServiceMalformed:
        place = gate.position(self._tree.text, service.start)
        reason = f"?{name} stands for a blank node, which is no address"
        return ServiceMalformed(f"?{name}", place, reason, f"Add FILTER(isIRI(?{name})).")

    def _source(self, service: Element, iri: str) -> tuple[Source | None, ServiceRefused | None]:
        """Return the source of an address; none, and why, for a refused one of SERVICE SILENT.

        Raises:
            ServiceRefused: if it is refused, and the SERVICE not SILENT.
            LabelServiceOutside: if it is asked for labels and has none.
        """
        try:
            source = self._sources.find(iri, gate.position(self._tree.text, service.start))
        except ServiceRefused as error:
            if not service.silent:
                raise
            return None, error
        if not source.is_wikidata:
            require_wikidata(self._tree, service)
        return source, None


def refused(errand: Errand) -> Asked:
    """Return the account of a SERVICE SILENT whose address is refused: nobody was asked."""
    error = errand.refusal
    failure = None if error is None else Failure(error.code, str(error), error.status)
    return Asked(
        source=errand.iri,
        address=errand.iri,
        offset=errand.service.start,
        silent=True,
        begun=datetime.now(UTC),
        seconds=0.0,
        requests=0,
        keys=None,
        cached_keys=0,
        cached_since=None,
        rows=0,
        received_bytes=0,
        query="",
        failure=failure,
    )


def _first_circles(views: Mapping[int, View]) -> Iterator[list[int]]:
    """Yield the sets of SERVICEs that wait for each other, and for no one else."""
    waits = {offset: _reached(offset, views) for offset in views}
    seen: set[int] = set()
    for offset, reached in waits.items():
        if offset not in seen and all(offset in waits[other] for other in reached - {offset}):
            circle = [offset, *sorted(reached - {offset})]
            seen.update(circle)
            yield circle


def _reached(offset: int, views: Mapping[int, View]) -> set[int]:
    """Return all that a SERVICE waits for, directly or not."""
    reached: set[int] = set()
    following = [offset]
    while following:
        for other in views[following.pop()].waiting & views.keys():
            if other not in reached:
                reached.add(other)
                following.append(other)
    return reached


def _cost(errands: Sequence[Errand] | None) -> float:
    """Return how many keys there are to ask about; without keys it is all there is."""
    if errands is None:
        return math.inf
    if any(errand.source is not None and errand.keys is None for errand in errands):
        return math.nextafter(math.inf, 0)
    return sum(len(errand.keys or ()) for errand in errands)


def _text(value: Term) -> str:
    return value.value if isinstance(value, NamedNode) else str(value)
