"""A part of a query and the keys it is needed for -> its table, and the account of the asking.

What the memory knows is not asked again; the rest goes out in blocks, as many at once as the
source bears; what another client is asking just now is waited for, in whatever process.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from leadgraph.errors import (
    ClientLeft,
    FederationTooSlow,
    ServiceTooBroad,
    SourceError,
    SourceNotAwaited,
    SourceTooSlow,
)
from leadgraph.link.account import Table
from leadgraph.link.asking.blocks import REQUEST_BYTES, blocks, halves, is_too_long, is_too_much
from leadgraph.link.asking.crew import together
from leadgraph.link.asking.gathered import Gathered, distinct, shared
from leadgraph.link.asking.recollection import Recollection
from leadgraph.link.asking.tally import Tally
from leadgraph.link.rows import aligned
from leadgraph.query.client import has_left

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadgraph.link.account import Asked, Key, Row
    from leadgraph.link.asking.gathered import Block
    from leadgraph.link.asking.memory import Memory
    from leadgraph.link.join.part import Part
    from leadgraph.link.source.endpoint import Network
    from leadgraph.link.source.sources import Source
    from leadgraph.model import Client
    from leadgraph.settings import Settings

UNIT = Table((), ((),))
"""The one solution that binds nothing: what a SERVICE SILENT that failed stands for."""

_LEAST_PART = 8
"""A source that is slow may be so for another reason: what is remembered of that goes no lower
than this part of its block."""


class Asking:
    """Who asks other endpoints; safe to share between threads."""

    def __init__(self, network: Network, memory: Memory, settings: Settings) -> None:
        self._network, self._memory, self._settings = network, memory, settings

    def ask(  # noqa: PLR0913  # one for each thing that is known of a SERVICE
        self,
        source: Source,
        part: Part,
        keys: Sequence[Key] | None,
        *,
        offset: int,
        silent: bool,
        deadline: float,
        fresh: bool,
        client: Client | None,
    ) -> tuple[Table, Asked]:
        """Return what a source answers for some keys, or for None whatever it has.

        `deadline` is a time of `time.monotonic`; `fresh` asks even what is known already.

        Raises:
            SourceError: what kept it from its answer, unless it is `silent`; with its `asked`.
            ClientLeft: if nobody waits for the answer any more; with its `asked`, too.
        """
        since = time.time() - (0 if fresh else self._settings.service_cache_seconds)
        known = Recollection(self._memory, source.address, part, since, whole=keys is None)
        tally = Tally(source, offset, silent=silent)
        one = _One(self._network, self._settings, source, part, known, tally, deadline)
        try:
            table = one.table(keys, client)
        except SourceError as error:
            asked = tally.asked(0, error)
            if silent:
                return UNIT, asked
            error.asked = asked
            raise
        except ClientLeft as left:
            left.asked = tally.asked(0, SourceNotAwaited(source.iri))
            raise
        return table, tally.asked(len(table.rows))


class _One:
    """The asking of one part: what it needs, and how much at once."""

    def __init__(  # noqa: PLR0913, PLR0917  # one for each thing that has a say in it
        self,
        network: Network,
        settings: Settings,
        source: Source,
        part: Part,
        known: Recollection,
        tally: Tally,
        deadline: float,
    ) -> None:
        self._network, self._settings = network, settings
        self._source, self._part = source, part
        self._known, self._tally, self._deadline = known, tally, deadline
        self._gathered = Gathered(part)
        self._most_keys, self._most_bytes = source.block, REQUEST_BYTES

    def table(self, keys: Sequence[Key] | None, client: Client | None) -> Table:
        """Return the rows for some keys.

        Raises:
            SourceError: what kept the source from an answer.
            ClientLeft: if the client hung up.
        """
        self._require_time(client)
        needed = [] if keys is None else distinct(keys)
        tasks: list[Block] = [None] if keys is None else self._blocks(needed)
        together(tasks, self._answer, at_once=self._source.at_once, client=client)
        return self._gathered.table(needed)

    def _blocks(self, needed: Sequence[Key]) -> list[Block]:
        """Return what of the keys is not known yet, in blocks."""
        self._tally.keys = len(needed)
        self._most_keys = min(self._most_keys, self._known.most_keys())
        self._most_bytes = min(self._most_bytes, self._known.most_bytes())
        missing = self._recall_keys(needed)
        rest, written = self._known.rest_bytes, self._part.short(missing)
        return list(blocks(missing, self._most_keys, rest, self._most_bytes, written))

    def _answer(self, block: Block, client: Client | None) -> Sequence[Block]:
        """Get the rows of a block; return smaller ones if it is too large for the source."""
        text = self._part.text(block)
        if block is not None and len(block) > 1 and self._is_too_much(block, text):
            return halves(block)
        with self._known.turn(text, lambda: self._require_time(client)):
            if block is not None and (left := self._recall_keys(block)) != list(block):
                block, text = tuple(left), self._part.text(left)
            if block == () or self._recall_block(block):
                return ()
            self._require_time(client)
            try:
                self._take(block, self._send(text, client))
            except SourceError as error:
                return self._smaller(block, error)
        return ()

    def _is_too_much(self, block: tuple[Key, ...], text: str) -> bool:
        """Tell whether a block is larger than the source is known by now to take."""
        return len(block) > self._most_keys or len(text.encode()) > self._most_bytes

    def _smaller(self, block: Block, error: SourceError) -> Sequence[Block]:
        """Return two blocks for one that was too much; remember what is not.

        Raises:
            SourceError: the one that is given, if smaller blocks do not help.
        """
        if block is None or not is_too_much(error):
            raise error
        smaller = halves(block)
        half = len(smaller[0])
        if is_too_long(error):
            lengths = (len(self._part.text(keys).encode()) for keys in smaller)
            self._most_bytes = min(self._most_bytes, max(lengths))
            self._known.learn_bytes(self._most_bytes)
        else:
            self._most_keys = min(self._most_keys, half)
            self._remember_slow(half, error)
        if len(block) == 1 or time.monotonic() >= self._deadline:
            raise error
        return smaller

    def _remember_slow(self, half: int, error: SourceError) -> None:
        """Remember how many keys a source takes at once, unless it had little time only."""
        settings = self._settings
        enough = min(settings.service_answer_seconds, settings.service_seconds / 2)
        if not isinstance(error, SourceTooSlow) or error.seconds >= enough:
            least = max(self._source.block // _LEAST_PART, 1)
            self._known.learn_keys(max(half, least))

    def _require_time(self, client: Client | None) -> None:
        """Return if there is time, and somebody who waits.

        Raises:
            FederationTooSlow: if the deadline is past.
            ClientLeft: if the client hung up.
        """
        if client is not None and client.connection is not None and has_left(client.connection):
            raise ClientLeft
        if time.monotonic() >= self._deadline:
            raise FederationTooSlow(self._source.iri, self._settings.service_seconds)

    def _send(self, text: str, client: Client | None) -> tuple[Row, ...]:
        """Ask the source, and count it."""
        self._tally.begin(text)
        most = self._settings.service_rows
        try:
            received = self._network.ask(
                self._source, text, deadline=self._deadline, client=client, most_rows=most
            )
        except SourceError as error:
            self._tally.count(error.requests, error.received_bytes)
            raise
        except ClientLeft as left:  # or another block failed: what was on its way is counted
            self._tally.count(left.requests, left.received_bytes)
            raise
        self._tally.count(received.requests, received.received_bytes)
        return aligned(received.table, self._part.variables)

    def _take(self, block: Block, rows: tuple[Row, ...]) -> None:
        """Use the rows of an answer, and remember them under what was asked."""
        shares = None if block is None else shared(rows, self._part, block)
        if shares is None:
            self._gathered.add_block(block, block, rows)
            self._known.keep_block(block, rows)
        else:
            for key, share in shares.items():
                self._gathered.add(key, block, share)
            self._known.keep_keys(shares)
        self._require_room()

    def _recall_block(self, block: Block) -> bool:
        """Use what is known of a block; tell whether it is."""
        known = self._known.of_block(block)
        if known is None:
            return False
        self._gathered.add_block(block, known.answer, known.rows)
        self._tally.count_cached(len(block or ()), [known.received])
        self._require_room()
        return True

    def _recall_keys(self, keys: Sequence[Key]) -> list[Key]:
        """Use what is known of some keys; return the others."""
        found = self._known.of_keys(keys)
        for key, known in found.items():
            self._gathered.add(key, known.answer, known.rows)
        self._tally.count_cached(len(found), [known.received for known in found.values()])
        self._require_room()
        return [key for key in keys if key not in found]

    def _require_room(self) -> None:
        """Return if there are not too many rows.

        Raises:
            ServiceTooBroad: if there are.
        """
        most = self._settings.service_rows
        if self._gathered.rows > most:
            raise ServiceTooBroad(self._source.iri, most, "rows")
