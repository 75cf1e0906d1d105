"""An account of what other endpoints were asked -> the header fields that tell programs of it.

`LeadGraph-Answer` and `LeadGraph-Sources` are structured fields (RFC 9651), `Link` is that of
PROV-AQ (3.1), `Server-Timing` that of the W3C. A query may ask many endpoints, and those on the way
take heads of a few thousand bytes: what failed is told first, and what finds no room stands in the
ledger alone; `LeadGraph-Answer` counts all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from leadgraph.link.account import Account, Asked

Headers = list[tuple[str, str]]

HAS_PROVENANCE = "http://www.w3.org/ns/prov#has_provenance"
"""The relation of an answer to where it is told how it came to be (PROV-AQ, 3.1)."""

_MOST_BYTES = 2_000
"""How long the value of one of the lists may be."""
_URI = "!#$%&'()*+,/:;=?@[]~"
"""What stands in a URI as it is, besides letters, digits, - . and _ (RFC 3986, 2)."""


def of_answer(account: Account, ledger: str | None, *, can_replay: bool) -> Headers:
    """Return the fields of an answer; `ledger` is the address of its ledger, if it is kept."""
    said = _completeness(account) + (";replay" if can_replay else "")
    return [("LeadGraph-Answer", said), *of_failure(account, ledger)]


def of_failure(account: Account, ledger: str | None) -> Headers:
    """Return the fields that an answer and an error have alike."""
    return [
        *_field("LeadGraph-Sources", map(_member, ordered(account.asked))),
        *([] if ledger is None else [("Link", f'<{ledger}>; rel="{HAS_PROVENANCE}"')]),
        *_field("Server-Timing", _timings(account)),
        ("Timing-Allow-Origin", "*"),
    ]


def is_answered(account: Account) -> bool:
    """Tell whether the query was answered at all: no part failed that it could not do without."""
    return all(one.failure is None or one.silent for one in account.asked)


def ordered(asked: Iterable[Asked]) -> list[Asked]:
    """Return what was asked in the order of the query, what failed before all else."""
    return sorted(asked, key=lambda one: (one.failure is None, one.offset))


def age_seconds(asked: Asked) -> int | None:
    """Return how old the oldest part of an answer was when used again, None if all is new."""
    if asked.cached_since is None:
        return None
    return max(0, int((asked.begun - asked.cached_since).total_seconds()))


def uri(iri: str) -> str:
    """Return an IRI in the characters of a header field (RFC 3987, 3.1)."""
    return quote(iri, safe=_URI)


def _completeness(account: Account) -> str:
    """Return the item that says whether all sources answered, and how many were asked."""
    failed = sum(one.failure is not None for one in account.asked)
    word = "partial" if account.partial else "complete"
    return f"{word};sources={len(account.asked)};failed={failed}"


def _member(asked: Asked) -> str:
    """Return the member of the list for one source."""
    age = age_seconds(asked)
    facts = (
        f"asked=@{int(asked.begun.timestamp())}",
        f"requests={asked.requests}",
        *([] if asked.keys is None else [f"keys={asked.keys}"]),
        f"rows={asked.rows}",
        f"cached={asked.cached_keys}",
        *([] if age is None else [f"age={age}"]),
        f"seconds={max(asked.seconds, 0.0):.3f}",
        *(["silent"] if asked.silent else []),
        *(
            ["status=complete"]
            if asked.failure is None
            else ["status=failed", f"error={asked.failure.code}"]
        ),
    )
    return ";".join((f'"{uri(asked.source)}"', *facts))


def _timings(account: Account) -> Iterator[str]:
    """Yield how long the engine here took, then each source."""
    yield f"local;dur={_milliseconds(account.local_seconds)}"
    for number, asked in enumerate(ordered(account.asked), 1):
        host = uri(urlsplit(asked.source).netloc).replace('"', "")
        yield f'source-{number};desc="{host}";dur={_milliseconds(asked.seconds)}'


def _milliseconds(seconds: float) -> str:
    return f"{max(seconds, 0.0) * 1000:.1f}"


def _field(name: str, members: Iterable[str]) -> Headers:
    """Return a field with as many members as it has room for; none at all is no field."""
    value = ""
    for member in members:
        longer = f"{value}, {member}" if value else member
        if len(longer) > _MOST_BYTES:
            break
        value = longer
    return [(name, value)] if value else []
