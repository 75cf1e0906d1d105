"""LEADGRAPH_SERVICE_ALLOW -> the endpoints that SERVICE may name, and how each is asked.

The list is closed. What a query names is compared with it, never asked: what is asked is the
address that the list has. Nothing is resolved, decoded or made canonical here but the case of the
scheme and the host, the port that the scheme implies, and the path that an address without one
has (RFC 3986, 6.2.3), so that no other spelling of a host or a path can stand for a listed one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Self
from urllib.parse import unquote

from leadgraph.errors import ServiceRefused, SettingInvalid
from leadgraph.settings import WIKIDATA_SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from leadgraph.settings import Settings

_VARIABLE = "LEADGRAPH_SERVICE_ALLOW"
_BLANKS = re.compile(r"[ \t\r\n]+")
_ADDRESS = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>[a-z0-9._-]+|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[a-z0-9._~!$&'()*+,;=:@%/-]*)?"
    r"(?P<query>\?[a-z0-9._~!$&'()*+,;=:@%/?-]*)?",
    re.ASCII | re.IGNORECASE,
)
_PORTS = {"http": 80, "https": 443}
_MOST_PORT = 65535
_MOST_BLOCK, _MOST_AT_ONCE = 10_000, 64
_AMOUNT = re.compile(r"[0-9]{1,5}(\.[0-9]{1,6})?", re.ASCII)
_EXPECTED = {
    "block": f"block= with a whole number from 1 to {_MOST_BLOCK}",
    "at_once": f"at_once= with a whole number from 1 to {_MOST_AT_ONCE}",
    "spacing": "spacing= with a number of seconds, such as 0.5",
    "at": "at= with an absolute http or https address, & in it written as %26 and % as %25",
    "subjects": "subjects= with the beginning of IRIs, such as http://www.wikidata.org/",
}
_WIKIDATA = "wikidata.org"
_WIKIMEDIA = (
    _WIKIDATA,
    *(f"wik{name}.org" for name in ("imedia", "ipedia", "tionary", "ibooks", "iquote", "isource")),
    *(f"wik{name}.org" for name in ("inews", "iversity", "ivoyage", "ifunctions")),
    *("mediawiki.org", "wikimediafoundation.org", "wmflabs.org", "wmcloud.org", "toolforge.org"),
)
_WIKIDATA_SUBJECTS = ("http://www.wikidata.org/",)
_ONTOLOGY = "http://wikiba.se/"


class Address(NamedTuple):
    """An address as it is compared: whole, with all that its scheme implies made explicit."""

    scheme: str
    host: str
    port: int
    path: str
    query: str | None

    @property
    def is_usual_port(self) -> bool:
        """Whether the scheme implies the port."""
        return self.port == _PORTS[self.scheme]

    @property
    def target(self) -> str:
        """What a request line names (RFC 9112, 3.2.1)."""
        return self.path if self.query is None else f"{self.path}?{self.query}"


@dataclass(frozen=True, slots=True)
class Source:
    """An endpoint that may be asked, and how.

    `iri` is what SERVICE names, `address` where it is asked: a mirror or a stand-in may take its
    place. `by_operator` says that the list was written by the operator, whose entries may lead to
    private addresses. `block` counts keys a request, `at_once` requests. `subjects` are the
    namespaces of the IRIs that it states something about; of none, nothing is known.
    """

    iri: str
    address: str
    by_operator: bool
    block: int
    at_once: int
    spacing_seconds: float
    subjects: tuple[str, ...]
    is_wikidata: bool

    @property
    def parsed(self) -> Address:
        """Where it is asked, in its parts."""
        parsed = parse(self.address)
        if parsed is None:
            raise SettingInvalid(_VARIABLE, self.address, "an absolute http or https address")
        return parsed

    @property
    def is_wikimedia(self) -> bool:
        """Whether it is asked at one of Wikimedia's hosts, whose policy wants to know a contact."""
        return _is_of(self.parsed.host, _WIKIMEDIA)

    def may_describe(self, iri: str) -> bool:
        """Tell whether an IRI can be a subject there; only what certainly cannot is False.

        Wikidata describes the pages that its items are linked with, too, and itself.
        """
        if not self.subjects or iri.startswith(self.subjects):
            return True
        if not self.is_wikidata or self.subjects != _WIKIDATA_SUBJECTS:
            return False
        host = iri.partition("://")[2].partition("/")[0]
        return _is_of(host, _WIKIMEDIA) or iri.startswith(_ONTOLOGY)


class Sources:
    """The closed list of the endpoints that a query may name."""

    def __init__(self, listed: Sequence[Source]) -> None:
        self.listed = tuple(listed)
        self._by_address = {parse(source.iri): source for source in self.listed}

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Read the list.

        Raises:
            SettingInvalid: if an entry is no address, has an option that is none, or stands twice.
        """
        entries = [entry for entry in _BLANKS.split(settings.service_allow) if entry]
        listed = [_source(entry, settings) for entry in entries]
        seen: set[Address | None] = set()
        for entry, source in zip(entries, listed, strict=True):
            if parse(source.iri) in seen:
                raise SettingInvalid(_VARIABLE, entry, "each address once: this one stands twice")
            seen.add(parse(source.iri))
        return cls(listed)

    def find(self, iri: str, place: tuple[int, int] | None = None) -> Source:
        """Return the entry for what a query names; `place` is where: line and column.

        Raises:
            ServiceRefused: if the list has none.
        """
        parsed = parse(iri)
        source = None if parsed is None else self._by_address.get(parsed)
        if source is None:
            raise ServiceRefused(iri, tuple(source.iri for source in self.listed), place)
        return source


def parse(iri: str) -> Address | None:
    """Return an absolute address of http or https in its parts, None for anything else.

    Something else is also what has a user, a fragment, a blank, a control character, a backslash,
    or a character that is not ASCII.
    """
    found = _ADDRESS.fullmatch(iri)
    if found is None:
        return None
    scheme = found["scheme"].lower()
    port = int(found["port"] or _PORTS[scheme])
    if not 0 < port <= _MOST_PORT:
        return None
    query = found["query"]
    path = found["path"] or "/"
    return Address(scheme, found["host"].lower(), port, path, None if query is None else query[1:])


def _is_of(host: str, domains: Sequence[str]) -> bool:
    """Tell whether a host is one of some domains, or below one of them."""
    host = host.lower().rstrip(".")
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _source(entry: str, settings: Settings) -> Source:
    """Return what an entry of the list says."""
    iri, _, written = entry.partition("#")
    listed = parse(iri)
    if listed is None:
        raise SettingInvalid(_VARIABLE, entry, _advice(iri))
    options = _options(entry, written)
    address = _first(options, "at", iri)
    asked = parse(address)
    if asked is None:
        raise SettingInvalid(_VARIABLE, entry, _EXPECTED["at"])
    is_wikidata = _is_of(listed.host, (_WIKIDATA,))
    at_once = 1 if _is_of(asked.host, _WIKIMEDIA) else settings.service_at_once
    return Source(
        iri=iri,
        address=address,
        by_operator=settings.service_allow != WIKIDATA_SOURCES,
        block=_whole(entry, options, "block", settings.service_block, _MOST_BLOCK),
        at_once=_whole(entry, options, "at_once", at_once, _MOST_AT_ONCE),
        spacing_seconds=_amount(entry, options, "spacing"),
        subjects=tuple(options.get("subjects", _WIKIDATA_SUBJECTS if is_wikidata else ())),
        is_wikidata=is_wikidata,
    )


def _advice(iri: str) -> str:
    """Return what to write instead of an address that is none."""
    if "@" in iri.partition("://")[2].partition("/")[0]:
        return "an address without a user: sources are asked without credentials"
    if not iri.isascii():
        return "an address in ASCII: the host as xn--..., other characters percent-encoded"
    return "absolute addresses of http or https, such as https://query.wikidata.org/sparql"


def _options(entry: str, written: str) -> Mapping[str, Sequence[str]]:
    """Return what follows the # of an entry: for each name its values."""
    options: dict[str, list[str]] = defaultdict(list)
    for pair in written.split("&") if written else ():
        name, equals, value = pair.partition("=")
        if name not in _EXPECTED:
            known = ", ".join(_EXPECTED)
            raise SettingInvalid(_VARIABLE, entry, f"after # only {known}, not {name!r}")
        if not equals or not value or (options[name] and name != "subjects"):
            raise SettingInvalid(_VARIABLE, entry, f"{_EXPECTED[name]}, once")
        options[name].append(unquote(value))
    return options


def _first(options: Mapping[str, Sequence[str]], name: str, otherwise: str) -> str:
    return next(iter(options.get(name, ())), otherwise)


def _whole(
    entry: str, options: Mapping[str, Sequence[str]], name: str, otherwise: int, most: int
) -> int:
    """Return an option that is a whole number."""
    text = _first(options, name, str(otherwise))
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= most:
        raise SettingInvalid(_VARIABLE, entry, _EXPECTED[name])
    return int(text)


def _amount(entry: str, options: Mapping[str, Sequence[str]], name: str) -> float:
    """Return an option that is a number of seconds, 0 if it is not set."""
    text = _first(options, name, "0")
    if not _AMOUNT.fullmatch(text):
        raise SettingInvalid(_VARIABLE, entry, _EXPECTED[name])
    return float(text)
