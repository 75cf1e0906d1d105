"""Account -> Turtle: PROV-O for what was done when with what, schema.org for counts and failures.

    <#answer>       prov:Activity, which used the release, the query and what each source sent
    <#asking-N>     a part of it: what one source was asked; used the source, generated <#rows-N>
    <#result>       prov:Entity, the answer; says "partial" where a source failed

The IRIs are fragments of the ledger's own address: all of it can be named, and cited.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from leadgraph.publish.statements import about, node, number, text
from leadgraph.publish.text import as_turtle as turtle
from leadgraph.vocabulary import PREFIXES, RELEASE, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from pyoxigraph import Triple

    from leadgraph.link.account import Account, Asked

_TYPE = "rdf:type"
_DIGITS = 6


def as_turtle(account: Account, address: str) -> bytes:
    """Return the document that is read at an address."""
    return turtle(statements(account, address), PREFIXES)


def statements(account: Account, address: str) -> Iterator[Triple]:
    """Yield what the document states."""
    yield from _ledger(account, address)
    yield from _answer(account, address)
    for place, asked in enumerate(account.asked, 1):
        yield from _asking(asked, place, address)
        yield from _received(asked, place, address)
        yield from _source(asked, place, address)


def _ledger(account: Account, address: str) -> Iterator[Triple]:
    return about(
        address,
        (_TYPE, node("prov:Bundle")),
        ("dcterms:identifier", text(account.id)),
        ("dcterms:title", text("What other endpoints were asked for an answer", "en")),
        ("dcterms:created", _time(account.begun + timedelta(seconds=account.seconds))),
        ("foaf:primaryTopic", NamedNode(f"{address}#answer")),
    )


def _answer(account: Account, address: str) -> Iterator[Triple]:
    """Yield the whole: what was used, what came of it."""
    answer, result, query = (f"{address}#{name}" for name in ("answer", "result", "query"))
    yield from about(
        answer,
        (_TYPE, node("prov:Activity")),
        *_times(account.begun, account.seconds),
        ("prov:used", NamedNode(query)),
        ("prov:generated", NamedNode(result)),
        *(("prov:used", NamedNode(iri)) for iri in _all_used(account, address)),
        *(
            ("dcterms:hasPart", NamedNode(f"{address}#asking-{place}"))
            for place, _ in enumerate(account.asked, 1)
        ),
    )
    yield from _value(answer, "local seconds", account.local_seconds)
    yield from about(query, (_TYPE, node("prov:Entity")), ("prov:value", text(account.query)))
    status = "partial" if account.partial else "complete"
    yield from about(
        result,
        (_TYPE, node("prov:Entity")),
        ("prov:wasGeneratedBy", NamedNode(answer)),
        ("schema:creativeWorkStatus", text(status)),
        *(("schema:version", text(edition)) for edition in (account.edition,) if edition),
    )


def _all_used(account: Account, address: str) -> Iterable[str]:
    """Return what went into the answer: the release, the sources, what they sent."""
    release = [] if account.release is None else [f"{RELEASE}{account.release}"]
    sources = dict.fromkeys(
        _iri(asked, place, address) for place, asked in enumerate(account.asked, 1)
    )
    sent = (
        f"{address}#rows-{place}"
        for place, asked in enumerate(account.asked, 1)
        if asked.failure is None
    )
    return chain(release, sources, sent)


def _asking(asked: Asked, place: int, address: str) -> Iterator[Triple]:
    """Yield what one source was asked, and whether it answered."""
    asking = f"{address}#asking-{place}"
    status = "CompletedActionStatus" if asked.failure is None else "FailedActionStatus"
    yield from about(
        asking,
        (_TYPE, node("prov:Activity")),
        (_TYPE, node("schema:SearchAction")),
        *_times(asked.begun, asked.seconds),
        ("dcterms:isPartOf", NamedNode(f"{address}#answer")),
        ("prov:used", NamedNode(_iri(asked, place, address))),
        ("schema:actionStatus", node(f"schema:{status}")),
        *((("schema:query", text(asked.query)),) if asked.query else ()),
    )
    counts = {"requests": asked.requests, "keys": asked.keys, "cached keys": asked.cached_keys}
    for name, count in {**counts, "received bytes": asked.received_bytes}.items():
        if count is not None:
            yield from _value(asking, name, count)
    if asked.failure is not None:
        yield from about(asking, ("schema:error", NamedNode(f"{asking}-failure")))
        yield from about(
            f"{asking}-failure",
            (_TYPE, node("schema:Thing")),
            ("schema:identifier", text(asked.failure.code)),
            ("schema:description", text(asked.failure.message, "en")),
        )


def _received(asked: Asked, place: int, address: str) -> Iterator[Triple]:
    """Yield what came: now, or, for what was used again, when it had come."""
    if asked.failure is not None:
        return
    rows = f"{address}#rows-{place}"
    yield from about(
        rows,
        (_TYPE, node("prov:Entity")),
        (_TYPE, node("prov:Collection")),
        ("prov:wasGeneratedBy", NamedNode(f"{address}#asking-{place}")),
        ("prov:wasAttributedTo", NamedNode(_iri(asked, place, address))),
    )
    yield from _value(rows, "rows", asked.rows)
    if asked.cached_since is not None:
        yield from about(
            f"{rows}-remembered",
            (_TYPE, node("prov:Entity")),
            ("prov:generatedAtTime", _time(asked.cached_since)),
            ("prov:wasAttributedTo", NamedNode(_iri(asked, place, address))),
        )
        yield from about(rows, ("prov:wasDerivedFrom", NamedNode(f"{rows}-remembered")))


def _source(asked: Asked, place: int, address: str) -> Iterator[Triple]:
    """Yield the source: an endpoint, which is answerable for what it says."""
    iri = _iri(asked, place, address)
    yield from about(
        iri,
        (_TYPE, node("sd:Service")),
        (_TYPE, node("prov:Entity")),
        (_TYPE, node("prov:SoftwareAgent")),
        ("rdfs:label", text(asked.source)),
        *((("sd:endpoint", NamedNode(asked.address)),) if _is_iri(asked.address) else ()),
    )


def _iri(asked: Asked, place: int, address: str) -> str:
    """Return the IRI of a source; what a query names in vain may be none (SERVICE SILENT)."""
    return asked.source if _is_iri(asked.source) else f"{address}#source-{place}"


def _is_iri(written: str) -> bool:
    try:
        NamedNode(written)
    except ValueError:
        return False
    return True


def _value(of: str, name: str, value: float) -> Iterator[Triple]:
    """Yield a named amount (schema:PropertyValue)."""
    iri = f"{of}-{name.replace(' ', '-')}"
    yield from about(of, ("schema:additionalProperty", NamedNode(iri)))
    yield from about(
        iri,
        (_TYPE, node("schema:PropertyValue")),
        ("schema:name", text(name, "en")),
        ("schema:value", number(value) if isinstance(value, int) else _decimal(value)),
    )


def _times(begun: datetime, seconds: float) -> tuple[tuple[str, Literal], ...]:
    ended = begun + timedelta(seconds=seconds)
    return ("prov:startedAtTime", _time(begun)), ("prov:endedAtTime", _time(ended))


def _time(time: datetime) -> Literal:
    return Literal(time.isoformat(), datatype=NamedNode(f"{XSD}dateTime"))


def _decimal(value: float) -> Literal:
    return Literal(f"{value:.{_DIGITS}f}", datatype=NamedNode(f"{XSD}decimal"))
