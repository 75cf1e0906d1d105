"""One part of a query and the memory -> what is known of its keys and blocks, and what is learnt.

The names under which it is remembered are made of where it is asked, the tokens of its request
(white space and comments aside) and the key: no other part, source or key can have the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from leadgraph.link import rows as written
from leadgraph.link.asking.gathered import key_text
from leadgraph.link.asking.memory import digest
from leadgraph.link.asking.turns import Turn
from leadgraph.query import gate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from leadgraph.link.account import Key, Row
    from leadgraph.link.asking.gathered import Block
    from leadgraph.link.asking.memory import Memory
    from leadgraph.link.join.part import Part

_ANY = 2**31


@dataclass(frozen=True, slots=True)
class Known:
    """Rows that were received before: when (seconds since 1970), and in which answer."""

    received: float
    answer: int
    rows: Sequence[Row]


class Recollection:
    """What the memory has on one part at one source, received since a time."""

    def __init__(
        self, memory: Memory, address: str, part: Part, since: float, *, whole: bool
    ) -> None:
        form = part.text(None if whole else ())
        self.rest_bytes = len(form.encode())
        self._memory, self._address, self._since = memory, address, since
        self._width = len(part.variables)
        self._volatile = gate.read(form).volatile
        self._name = digest(address, *(token.text for token in gate.tokens(form))).hex()
        self._named: dict[Key, bytes] = {}

    def of_keys(self, keys: Sequence[Key]) -> dict[Key, Known]:
        """Return what is known of some keys."""
        named = {self._of_key(key): key for key in keys}
        return {named[name]: known for name, known in self._find(list(named)).items()}

    def of_block(self, block: Block) -> Known | None:
        """Return what is known of a block that was asked as a whole, and could not be shared."""
        return next(iter(self._find([self._of_block(block)]).values()), None)

    def keep_keys(self, shares: Mapping[Key, Sequence[Row]]) -> None:
        """Remember the rows of each key of one answer."""
        self._keep({self._of_key(key): share for key, share in shares.items()})

    def keep_block(self, block: Block, rows: Sequence[Row]) -> None:
        """Remember the rows of a block, for just this block."""
        self._keep({self._of_block(block): rows})

    def turn(self, text: str, wait: Callable[[], None]) -> Turn:
        """Wait until nobody else asks just this; what is new each time is no use to others."""
        if self._volatile:
            return Turn()
        return self._memory.turn(digest(self._address, text), wait)

    def most_keys(self) -> int:
        """Return how many keys of this part the source is known to take at once."""
        return self._memory.learnt(self._of("keys")) or _ANY

    def learn_keys(self, most: int) -> None:
        """Remember that."""
        self._memory.learn(self._of("keys"), most)

    def most_bytes(self) -> int:
        """Return how long a request the source is known to take."""
        return self._memory.learnt(digest("bytes", self._address)) or _ANY

    def learn_bytes(self, most: int) -> None:
        """Remember that."""
        self._memory.learn(digest("bytes", self._address), most)

    def _find(self, names: Sequence[bytes]) -> dict[bytes, Known]:
        """Return what is remembered under some names; all rows are read at once."""
        found = {} if self._volatile else self._memory.find(names, self._since)
        lines = [line for remembered in found.values() for line in remembered.lines]
        try:
            rows = iter(written.rows(lines, self._width))
        except ValueError:  # somebody wrote into the file: what is asked again takes its place
            return {}
        return {
            name: Known(it.received, it.answer, tuple(islice(rows, len(it.lines))))
            for name, it in found.items()
        }

    def _keep(self, shares: Mapping[bytes, Sequence[Row]]) -> None:
        if not self._volatile:
            self._memory.keep(
                {name: [written.line(row) for row in share] for name, share in shares.items()}
            )

    def _of(self, what: str) -> bytes:
        return digest(what, self._name)

    def _of_key(self, key: Key) -> bytes:
        """Return the name of a key, which is looked for and kept by it: made once."""
        name = self._named.get(key)
        if name is None:
            name = self._named[key] = digest("key", self._name, key_text(key))
        return name

    def _of_block(self, block: Block) -> bytes:
        """Return the name of exactly these keys together."""
        if block is None:
            return self._of("whole")
        return digest("block", self._name, *map(key_text, block))
