"""The name of a ledger -> what was asked of other endpoints: a page, JSON, Turtle.

Its address is a secret of those who got the answer: it cannot be guessed, no page leads there, and
search engines are asked to leave it alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, make_response, render_template, request, url_for

from leadgraph import words
from leadgraph.errors import ThingNotFound
from leadgraph.web import negotiate
from leadgraph.web.accounts import age_seconds, is_answered, ordered
from leadgraph.web.federated import ledger_address
from leadgraph.web.parameters import JSON
from leadgraph.web.site import language, site

if TYPE_CHECKING:
    from datetime import datetime

    from leadgraph.link.account import Account, Asked
    from leadgraph.link.ledger.ledger import Ledger

blueprint = Blueprint("ledgers", __name__)

TURTLE = "text/turtle"
EXTENSIONS = {"json": JSON, "ttl": TURTLE, "html": negotiate.HTML}
"""What the path of a ledger may end in, and what it is then."""

_OF_PANEL = (
    "asked", "complete", "failed", "fresh", "keys", "keys-whole", "live", "memory", "memory-part",
    "open", "origin", "others", "panel", "partial", "partial-what", "replay", "requests",
    "rows", "seconds",
)  # fmt: skip

_MINUTE, _HOUR = 60, 3600
_NOBODY = "–"
_TICKS = 4
_BROADEST = 100.0
_NARROWEST = 0.6


@blueprint.get("/ledger/<name>")
def ledger(name: str) -> Response:
    """Show a ledger.

    Raises:
        LedgerMissing: if there is none of that name, or no longer.
        NotAcceptable: if the client accepts nothing that it can be.
        ThingNotFound: if there is no such extension.
    """
    name, _, extension = name.partition(".")
    if extension and extension not in EXTENSIONS:
        raise ThingNotFound(request.path)
    response = _in(_media_type(extension), site().ledgers.find(name, tables=False))
    response.vary.update(("Accept", "Accept-Language"))
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    for end, media_type in EXTENSIONS.items():
        path = url_for("ledgers.ledger", name=f"{name}.{end}")
        response.headers.add("Link", f'<{quote(path)}>; rel="alternate"; type="{media_type}"')
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get("/schemas/ledger.json")
def schema() -> Response:
    """Answer with the JSON Schema of ledgers."""
    from leadgraph.link.ledger.ledger import schema as written  # noqa: PLC0415  # see federated.py

    response = Response(written(), content_type="application/schema+json")
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def _media_type(extension: str) -> str:
    if extension:
        return EXTENSIONS[extension]
    return negotiate.best(request.headers.get("Accept", ""), tuple(EXTENSIONS.values()))


def _in(media_type: str, found: Ledger) -> Response:
    """Return a ledger in one of its forms."""
    from leadgraph.link.ledger.ledger import as_json, as_turtle  # noqa: PLC0415  # see federated.py

    account = found.account
    address = ledger_address(request.environ, account).partition("#")[0]
    if media_type == JSON:
        text = json.dumps(as_json(account, address), ensure_ascii=False, indent=1)
        return Response(f"{text}\n", mimetype=JSON)
    if media_type == TURTLE:
        return Response(as_turtle(account, address), content_type=f"{TURTLE}; charset=utf-8")
    told = site().elsewhere.told(account, is_kept=True, has_received=found.replayable)
    response = make_response(render_template("ledger.html", told=told, seen=seen(account)))
    response.headers["Content-Language"] = language()
    return response


@dataclass(frozen=True, slots=True)
class Bar:
    """Where a part of the query stands on the axis of time, in hundredths of it from its begin."""

    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Part:
    """What a person is told of one part of a query; `begun` is in seconds since that began."""

    asked: Asked
    name: str
    origin: str
    begun: float
    bar: Bar

    @property
    def failed(self) -> bool:
        """Whether the source gave no answer."""
        return self.asked.failure is not None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person is told of an account; `ticks` are the words under the axis."""

    parts: tuple[Part, ...]
    ticks: tuple[str, ...]
    is_answered: bool

    @property
    def failed(self) -> tuple[Part, ...]:
        """The parts that have no answer."""
        return tuple(part for part in self.parts if part.failed)


def seen(account: Account) -> Seen:
    """Return what is told to a person."""
    ends = (_begun(account, one) + one.seconds for one in account.asked)
    length = max(account.seconds, *ends, 0.001)
    parts = tuple(_part(account, one, length) for one in ordered(account.asked))
    ticks = tuple(_seconds(length * n / _TICKS, length) for n in range(_TICKS + 1))
    return Seen(parts, ticks, is_answered(account))


def _part(account: Account, one: Asked, length: float) -> Part:
    begun = _begun(account, one)
    return Part(one, _short(one.source), _origin(one), begun, _bar(begun, one.seconds, length))


def _seconds(place: float, length: float) -> str:
    """Return a place on an axis of some length, in the unit of them all."""
    return _isolated(place, "s") if length >= 1 else _isolated(place * 1000, "ms")


def _begun(account: Account, asked: Asked) -> float:
    return max(0.0, (asked.begun - account.begun) / timedelta(seconds=1))


def _bar(begun: float, seconds: float, length: float) -> Bar:
    """Return a bar within the axis, however short, that can be seen."""
    width = min(max(_BROADEST * seconds / length, _NARROWEST), _BROADEST)
    start = min(_BROADEST * begun / length, _BROADEST - width)
    return Bar(round(start, 2), round(width, 2))


def _short(iri: str) -> str:
    """Return the part of an address that tells it from others: without scheme and query."""
    parts = urlsplit(iri)
    return f"{parts.netloc}{parts.path}" or iri


def _origin(asked: Asked) -> str:
    """Say whether an answer came at once or was kept, and for how long."""
    age = age_seconds(asked)
    if not asked.requests and age is None:
        return _NOBODY
    if age is None or (asked.keys is not None and not asked.cached_keys):
        return say("live")
    if asked.requests:
        return say("memory-part", count=asked.cached_keys, age=duration(age))
    return say("memory", age=duration(age))


@blueprint.app_template_filter()
def duration(seconds: float) -> str:
    """Return a length of time in the signs that all languages share."""
    if seconds >= _HOUR:
        return _isolated(seconds / _HOUR, "h")
    if seconds >= _MINUTE:
        return _isolated(seconds / _MINUTE, "min")
    if seconds >= 1 or not seconds:
        return _isolated(seconds, "s")
    return _isolated(seconds * 1000, "ms")


def _isolated(number: float, unit: str) -> str:
    """Return a number with its unit, from left to right within any text, on one line."""
    return f"\u2066{number:.3g}\u00a0{unit}\u2069"


@blueprint.app_template_filter()
def moment(when: datetime) -> str:
    """Return a time as people of any language read it, in UTC."""
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


@blueprint.app_template_global("ledger_say")
def say(key: str, **facts: object) -> str:
    """Return words of `words/ledger.toml` in the language of the page."""
    return words.say(f"ledger.{key}", language(), **facts)


@blueprint.app_template_global("told_words")
def panel_words() -> dict[str, str]:
    """Return the words with which the editor shows what was asked, in the language of the page."""
    return {key: say(key) for key in _OF_PANEL}
