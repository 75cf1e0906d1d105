"""Account -> a few lines for people: of each source when it was asked, how much, what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from leadgraph.link.account import Account, Asked

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_HIDDEN = {
    code: f"\\u{code:04x}"
    for code in (*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
"""What would steer a terminal: the words of a failure may be those of the source."""


def as_text(account: Account) -> str:
    """Return the lines, the last one with its end; "" if no source was asked."""
    if not account.asked:
        return ""
    return "".join(f"{line.translate(_HIDDEN)}\n" for line in _lines(account))


def _lines(account: Account) -> list[str]:
    failed = sum(asked.failure is not None for asked in account.asked)
    head = f"Answered with {_many(len(account.asked), 'part')} of other endpoints"
    if failed:
        head = f"PARTIAL: {failed} of {_many(len(account.asked), 'part')} of other endpoints failed"
    return [f"{head}, in {account.seconds:.2f} s.", *(_line(asked) for asked in account.asked)]


def _line(asked: Asked) -> str:
    """Return what one source was asked."""
    mirror = "" if asked.address == asked.source else f" (at {asked.address})"
    facts = [
        _many(asked.requests, "request"),
        "the whole pattern" if asked.keys is None else _many(asked.keys, "key"),
        _many(asked.rows, "row"),
        _origin(asked),
        f"{asked.seconds:.2f} s",
    ]
    begun = f"{asked.begun:%Y-%m-%d %H:%M:%S} UTC"
    failed = "" if asked.failure is None else f"; FAILED: {asked.failure.message}"
    return f"  {asked.source}{mirror}: asked {begun}, {', '.join(facts)}{failed}"


def _origin(asked: Asked) -> str:
    """Return whether it is live or from the cache, and how old."""
    if asked.cached_since is None:
        if asked.requests:
            return "live"
        return "nothing to ask" if asked.failure is None else "not asked"
    age = _age(asked.begun, asked.cached_since)
    if not asked.requests:
        return f"from cache ({age} old)"
    return f"{_many(asked.cached_keys, 'key')} from cache ({age} old), the rest live"


def _age(now: datetime, then: datetime) -> str:
    seconds = max((now - then).total_seconds(), 0)
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.0f} h" if seconds < _DAY else f"{seconds / _DAY:.0f} d"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
