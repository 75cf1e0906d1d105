"""Account <-> its JSON, as `ledger.schema.json` beside this file describes it."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from importlib.resources import files

from leadgraph.link.account import Account, Asked, Failure
from leadgraph.link.ledger.members import Json, Members
from leadgraph.query import gate
from leadgraph.vocabulary import LEDGER_SCHEMA

VERSION = 1
"""Of the form of the document: a member that goes or changes its meaning makes another one."""
_DIGITS = 6


@cache
def schema() -> str:
    """Return the JSON Schema (2020-12) of these documents."""
    return files("leadgraph.link.ledger").joinpath("ledger.schema.json").read_text("utf-8")


def as_json(account: Account, address: str | None) -> dict[str, Json]:
    """Return the document of an account; `address` is where it can be read, if it can."""
    return {
        "$schema": LEDGER_SCHEMA,
        "version": VERSION,
        "id": account.id,
        "address": address,
        "partial": account.partial,
        "begun": account.begun.isoformat(),
        "seconds": round(account.seconds, _DIGITS),
        "local_seconds": round(account.local_seconds, _DIGITS),
        "query": account.query,
        "release": account.release,
        "edition": account.edition,
        "asked": [_asked(asked, account.query) for asked in account.asked],
    }


def _asked(asked: Asked, query: str) -> dict[str, Json]:
    line, column = gate.position(query, asked.offset)
    since, failure = asked.cached_since, asked.failure
    return {
        "source": asked.source,
        "address": asked.address,
        "offset": asked.offset,
        "line": line,
        "column": column,
        "silent": asked.silent,
        "begun": asked.begun.isoformat(),
        "seconds": round(asked.seconds, _DIGITS),
        "requests": asked.requests,
        "keys": asked.keys,
        "cached_keys": asked.cached_keys,
        "cached_since": None if since is None else since.isoformat(),
        "rows": asked.rows,
        "received_bytes": asked.received_bytes,
        "query": asked.query,
        "failure": None
        if failure is None
        else {"code": failure.code, "message": failure.message, "status": failure.status},
    }


def account(document: Json) -> Account:
    """Return the account of a document; the inverse of `as_json`, to the microsecond.

    Raises:
        ValueError: if it is no such document.
    """
    said = Members(document)
    release, edition = said.maybe_text("release"), said.maybe_text("edition")
    return Account(
        id=said.text("id"),
        begun=datetime.fromisoformat(said.text("begun")),
        seconds=said.number("seconds"),
        local_seconds=said.number("local_seconds"),
        query=said.text("query"),
        release=release,
        edition=edition,
        asked=tuple(_one(Members(one)) for one in said.list("asked")),
    )


def _one(said: Members) -> Asked:
    since = said.maybe_text("cached_since")
    return Asked(
        source=said.text("source"),
        address=said.text("address"),
        offset=said.count("offset"),
        silent=said.claim("silent"),
        begun=datetime.fromisoformat(said.text("begun")),
        seconds=said.number("seconds"),
        requests=said.count("requests"),
        keys=None if said.is_null("keys") else said.count("keys"),
        cached_keys=said.count("cached_keys"),
        cached_since=None if since is None else datetime.fromisoformat(since),
        rows=said.count("rows"),
        received_bytes=said.count("received_bytes"),
        query=said.text("query"),
        failure=None if said.is_null("failure") else _failure(said.members("failure")),
    )


def _failure(said: Members) -> Failure:
    return Failure(said.text("code"), said.text("message"), said.count("status"))
