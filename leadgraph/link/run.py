"""Question with SERVICEs -> who is asked what, in turn; then the query without them.

Those that cannot restrict each other are asked side by side, of others the one with the fewest keys
first. What a SERVICE gives takes its place in the query, and may leave fewer things to ask the next
about.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from leadgraph.errors import (
    ClientLeft,
    FederationTooSlow,
    ServiceTooBroad,
    SourceError,
    SourceTooLarge,
)
from leadgraph.link.account import Asked, Table
from leadgraph.link.asking.asking import UNIT
from leadgraph.link.asking.crew import together
from leadgraph.link.asking.gathered import distinct
from leadgraph.link.join import limits, pattern
from leadgraph.link.join.planner import Planner, refused
from leadgraph.link.join.rewrite import Writer, inlined
from leadgraph.link.rows import Labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leadgraph.link.account import Term
    from leadgraph.link.asking.asking import Asking
    from leadgraph.link.join.local import Local
    from leadgraph.link.join.planner import Errand
    from leadgraph.link.source.sources import Source, Sources
    from leadgraph.link.text.parsed import Parsed
    from leadgraph.link.text.tree import Element
    from leadgraph.model import Client
    from leadgraph.settings import Settings

_SIDE_BY_SIDE = 8


class Run:
    """One question on its way: what was received and asked so far."""

    def __init__(
        self, parsed: Parsed, local: Local, sources: Sources, asking: Asking, settings: Settings
    ) -> None:
        self._parsed, self.local, self._asking, self._settings = parsed, local, asking, settings
        self._planner = Planner(parsed, sources, local, settings, self._require_time)
        self.fresh, self.deadline = False, math.inf
        self.received: dict[int, Table] = {}
        self._inlined: dict[int, str] = {}
        self._asked: list[Asked] = []
        self._tables: dict[int, list[Table]] = {}
        self._gathering = Lock()
        self._rows = self._written = 0

    def account(self) -> tuple[Asked, ...]:
        """Return what was asked, in the order of the text."""
        with self._gathering:
            asked = list(self._asked)
        return tuple(sorted(asked, key=lambda one: (one.offset, one.source)))

    def text(self) -> str:
        """Return the query with what was received in place of its SERVICEs."""
        return Writer(self._parsed.tree, self._inlined).whole()

    def take(self, offset: int, table: Table) -> None:
        """Put a table in the place of a SERVICE.

        Raises:
            SourceTooLarge: if all tables of the query are too much by now.
        """
        self.received[offset] = table
        self._inlined[offset] = self._inline(table, offset)
        self._written += len(self._inlined[offset])
        most = self._settings.service_bytes
        if self._written > most:
            raise SourceTooLarge(self._name(offset), most)

    def _inline(self, table: Table, offset: int) -> str:
        """Return a table as it stands in the query, under the FILTERs that were left to us."""
        text, tree = inlined(table, offset), self._parsed.tree
        silent = any(service.silent for service in self._parsed.services if service.start == offset)
        later = tree.deferred.get(offset, ())
        if not later or (silent and not table.variables):
            return text
        filters = " ".join(f"{tree.text[each.start : each.end]}\n" for each in later)
        return f" {{ {text} {filters} }} "

    def resolve(self) -> None:
        """Ask for every SERVICE.

        Raises:
            SourceError: what kept one that is not SILENT from its answer.
            ClientLeft: if nobody waits for the answer any more.
        """
        self._planner.require_allowed()
        pending = {service.start: service for service in self._parsed.services}
        while pending:
            self._require_time()
            plans = self._planner.next(Writer(self._parsed.tree, self._inlined), pending)
            errands = [errand for plan in plans.values() for errand in plan]
            if len(pending) == 1 and self._is_gradual(errands):
                self._ask_gradually(errands[0])
            else:
                together(errands, self._go, at_once=_SIDE_BY_SIDE, client=self.local.client)
            for offset in plans:
                self.take(offset, self._merged(pending.pop(offset)))

    def _is_gradual(self, errands: Sequence[Errand]) -> bool:
        """Tell whether some blocks of keys may be enough for the answer."""
        if len(errands) != 1 or errands[0].source is None or errands[0].keys is None:
            return False
        errand, source = errands[0], errands[0].source
        if len(errand.keys or ()) <= source.block:
            return False
        return limits.enough(self._parsed.tree, errand.service) is not None

    def _ask_gradually(self, errand: Errand) -> None:
        """Ask about twice as many keys each time, until the answer has as many rows as it may."""
        keys, offset = distinct(errand.keys or ()), errand.service.start
        size = 0 if errand.source is None else errand.source.block
        try:
            while keys and not self._is_enough(errand.service):
                self._require_time()
                now, keys = keys[:size], keys[size:]
                size *= 2
                self._go(replace(errand, keys=tuple(now)), self.local.client)
                if any(asked.failure and asked.offset == offset for asked in self._asked):
                    self._tables[offset] = self._tables[offset][-1:]
                    keys = []
        finally:
            self._asked = [*_added_up(self._asked, offset)]

    def _is_enough(self, service: Element) -> bool:
        """Tell whether what was received so far gives as many solutions as are wanted."""
        if service.start not in self._tables:
            return False
        enough = limits.enough(self._parsed.tree, service)
        table = self._merged(service)
        inline = {**self._inlined, service.start: self._inline(table, service.start)}
        text = Writer(self._parsed.tree, inline).whole()
        found = self.local.table(text)
        return enough is not None and len(found.rows) >= enough

    def _require_time(self) -> None:
        if time.monotonic() >= self.deadline:
            waiting = [s.start for s in self._parsed.services if s.start not in self.received]
            seconds = self._settings.service_seconds
            raise FederationTooSlow(self._name(waiting[0]), seconds)

    def _require_room(self, errand: Errand, table: Table) -> None:
        """Let a table come that leaves the rows of all parts together within the limit of one."""
        self._rows += len(table.rows)
        most = self._settings.service_rows
        if self._rows > most:
            raise ServiceTooBroad(errand.iri, most, "rows together with its other parts")

    def _name(self, offset: int) -> str:
        """Return what a SERVICE names."""
        terms = (service.term for service in self._parsed.services if service.start == offset)
        return self._parsed.named.get(offset) or next(terms)

    def _go(self, errand: Errand, client: Client | None) -> tuple[()]:
        """Ask one source."""
        service = errand.service
        if errand.source is None:
            table, asked = UNIT, refused(errand)
        else:
            table, asked = self._ask(errand, errand.source, client)
        with self._gathering:
            self._asked.append(asked)
            self._require_room(errand, table)
            found = self._tables.setdefault(service.start, [])
            found.append(named(table, service.term_variable, errand.value))
        return ()

    def _ask(self, errand: Errand, source: Source, client: Client | None) -> tuple[Table, Asked]:
        """Ask a source; what it was asked is told even where no answer comes of it.

        Raises:
            SourceError: what kept it from its answer.
            ClientLeft: if nobody waits for the answer any more, be it for another's failure.
        """
        try:
            return self._asking.ask(
                source,
                errand.part,
                errand.keys,
                offset=errand.service.start,
                silent=errand.service.silent,
                deadline=self.deadline,
                fresh=self.fresh,
                client=client,
            )
        except (SourceError, ClientLeft) as error:
            if error.asked is not None:
                with self._gathering:
                    self._asked.append(error.asked)
            raise

    def _merged(self, service: Element) -> Table:
        """Return what all sources gave for one SERVICE."""
        tables = self._tables.get(service.start, [])
        wanted = pattern.wanted(self._parsed.tree, service)
        if len(tables) == 1:
            return tables[0]
        labels = Labels()
        names = dict.fromkeys((*wanted, *(name for table in tables for name in table.variables)))
        if service.term_variable is not None:
            names[service.term_variable] = None
        rows = [
            tuple(dict(zip(table.variables, row, strict=True)).get(name) for name in names)
            for answer, table in enumerate(tables)
            for row in labels.renamed(answer, table.rows)
        ]
        return Table(tuple(names), tuple(rows))


def _added_up(asked: Sequence[Asked], offset: int) -> Iterator[Asked]:
    """Yield the account with one line for all that one SERVICE was asked."""
    lines = [line for line in asked if line.offset == offset]
    yield from (line for line in asked if line.offset != offset)
    if not lines:
        return
    since = [line.cached_since for line in lines if line.cached_since is not None]
    yield replace(
        lines[-1],
        begun=lines[0].begun,
        seconds=sum(line.seconds for line in lines),
        requests=sum(line.requests for line in lines),
        keys=sum(line.keys or 0 for line in lines),
        cached_keys=sum(line.cached_keys for line in lines),
        cached_since=min(since, default=None),
        rows=0 if lines[-1].failure else sum(line.rows for line in lines),
        received_bytes=sum(line.received_bytes for line in lines),
        query=next((line.query for line in lines if line.query), ""),
    )


def named(table: Table, variable: str | None, source: Term | None) -> Table:
    """Return what one of the sources that a variable stands for gave: it has that value, too.

    Solutions that say otherwise cannot be joined with it.
    """
    if variable is None:
        return table
    if variable not in table.variables:
        return Table((*table.variables, variable), tuple((*row, source) for row in table.rows))
    place = table.variables.index(variable)
    rows = [
        (*row[:place], source, *row[place + 1 :])
        for row in table.rows
        if row[place] in {None, source}
    ]
    return Table(table.variables, tuple(rows))
