"""Distinct keys -> the blocks that are sent in one request each, and what to do with too much.

As few blocks as can be: each has as many keys as the source takes, and as the length of a request
allows. A source that is asked for too much says it in many ways; a block is halved then.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from leadgraph.errors import SourceBroken, SourceRefusedQuery, SourceTooLarge, SourceTooSlow
from leadgraph.link.join.short import WHOLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadgraph.errors import SourceError
    from leadgraph.link.account import Key
    from leadgraph.link.join.short import Short

REQUEST_BYTES = 500_000
"""Longest text of a request: what Wikidata's query service takes by POST, and most others."""

_BLANK_BYTES = 1
_BRACKETS_BYTES = 2
_BAD_REQUEST = 400
_TOO_LONG = frozenset({413, 414, 431})
_TIMEOUTS = frozenset({408, 504, 522, 524})
_SAYS_TOO_LONG = re.compile(
    r"too (?:long|large|big)|max\w* (?:query )?(?:length|size)|exceeds? .*(?:length|size|bytes)",
    re.IGNORECASE,
)
_SAYS_TOO_SLOW = re.compile(
    r"time[- ]?d?[- ]?out|time limit|execution time|TimeoutException|cancell?ed|out of memory"
    r"|memory limit|too (?:many|costly|complex)",
    re.IGNORECASE,
)
_SAYS_CUT = re.compile(r"no more than|out of time|cut off|not whole|no proper end")
"""What is said here of a source that has begun to answer, and ran out of time or of rows: the
query service of Wikidata does so."""


def written_bytes(key: Key, written: Short = WHOLE) -> int:
    """Return how many bytes a key takes in a request (`Part.text`), the blank after it included."""
    terms = sum(len(written.term(term).encode()) + _BLANK_BYTES for term in key)
    return terms if len(key) == 1 else terms + _BRACKETS_BYTES


def blocks(
    keys: Sequence[Key],
    most_keys: int,
    rest_bytes: int,
    most_bytes: int,
    written: Short = WHOLE,
) -> list[tuple[Key, ...]]:
    """Return the keys in their order, in as few blocks as the two limits allow, one key at least.

    `rest_bytes` is the length of a request without keys; what `written` declares is added to it.
    """
    rest_bytes += len(written.declarations.encode())
    found: list[list[Key]] = []
    length = 0
    for key in keys:
        size = written_bytes(key, written)
        if not found or len(found[-1]) >= most_keys or length + size > most_bytes:
            found.append([])
            length = rest_bytes - _BLANK_BYTES
        found[-1].append(key)
        length += size
    return [tuple(block) for block in found]


def halves(block: tuple[Key, ...]) -> tuple[tuple[Key, ...], tuple[Key, ...]]:
    """Return two blocks for one."""
    middle = (len(block) + 1) // 2
    return block[:middle], block[middle:]


def is_too_long(error: SourceError) -> bool:
    """Tell whether a source says that the text of a request is too long for it."""
    if not isinstance(error, SourceRefusedQuery):
        return False
    status = error.source_status
    return status in _TOO_LONG or (
        status == _BAD_REQUEST and bool(_SAYS_TOO_LONG.search(error.words))
    )


def is_too_much(error: SourceError) -> bool:
    """Tell whether a source may answer if it is asked about fewer keys at once."""
    if isinstance(error, SourceTooSlow | SourceTooLarge):
        return True
    if isinstance(error, SourceBroken):
        return _SAYS_CUT.search(error.reason) is not None
    if not isinstance(error, SourceRefusedQuery):
        return False
    slow = error.source_status in _TIMEOUTS or bool(_SAYS_TOO_SLOW.search(error.words))
    return slow or is_too_long(error)
