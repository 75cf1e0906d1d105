"""What the parser refused and the text around -> the mistake that people make there, if known.

The parser says where it stopped; what a person did is often another thing, a little before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from leadgraph.read.mistakes import lookalikes
from leadgraph.read.mistakes.found import CURLY_QUOTES
from leadgraph.vocabulary import ID, PREFIXES

# The kinds of our things are their prefixes, too; but `org:` is that of a W3C vocabulary.
_KINDS = (
    *("agent", "aim", "capx-capacity", "concept", "condition", "consultation", "credential"),
    *("event", "event-series", "finding", "name", "next-step", "pathway", "resource", "role"),
    *("role-group", "scheme", "skill", "skill-theme", "source", "step", "strategy"),
    *("strategy-area", "topic"),
)
_KINDS_OF_PREFIXES = {kind: kind for kind in _KINDS} | {"organization": "org"}
_DECLARED = re.compile(r"^[ \t]*@?prefix[ \t]+(\S*?:)", re.IGNORECASE | re.MULTILINE)
_TAG = re.compile(r"[\"'](@[A-Za-z]+(?:[-_][A-Za-z0-9]*)*)")

Advice = tuple[str, dict[str, str]]
"""The key of our words, and the facts that they tell."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the parser stopped: the whole text, its line, and from where to where in that."""

    text: str
    line: str
    start: int
    end: int

    @property
    def words(self) -> str:
        """What stands there."""
        return self.line[self.start : self.end]


def better(key: str, facts: dict[str, str], stop: Stop) -> Advice:
    """Return the key and the facts of a better advice, or those that were given."""
    if lookalikes.invisible(stop.words[:1], 0):
        return "invisible", {"character": f"U+{ord(stop.words[0]):04X}"}
    if key == "unknown-prefix":
        return _prefix(facts, stop) or (key, facts)
    if key == "syntax":
        return _curly_quote(stop) or _language_tag(stop) or (key, facts)
    if key == "no-predicate" and stop.words == "A":
        return "capital-a", facts
    if key == "no-subject":
        return _inner_quote(facts, stop) or (key, facts)
    return key, facts


def _prefix(facts: dict[str, str], stop: Stop) -> Advice | None:
    """A prefix that is declared in other letters, or one that this graph uses."""
    prefix = facts["prefix"]
    for declared in _declared(stop.text):
        if declared.lower() == prefix.lower():
            return "prefix-case", {**facts, "declared": declared}
    name = prefix.removesuffix(":")
    kind = _KINDS_OF_PREFIXES.get(name)
    iri = f"{ID}{kind}/" if kind else PREFIXES.get(name)
    return ("our-prefix", {**facts, "iri": iri}) if iri else None


@lru_cache(maxsize=1)
def _declared(text: str) -> tuple[str, ...]:
    """The prefixes of a text, which many mistakes may ask for."""
    return tuple(_DECLARED.findall(text))


def _curly_quote(stop: Stop) -> Advice | None:
    character = stop.words[:1]
    return (
        ("curly-quotes", {"character": character})
        if character and character in CURLY_QUOTES
        else None
    )


def _language_tag(stop: Stop) -> Advice | None:
    """`@es_MX`, as the locales of computers are written."""
    for match in _TAG.finditer(stop.line):
        if match.start(1) < stop.start <= match.end() and "_" in match[1]:
            tag = match[1].replace("_", "-").rstrip("-")
            return "language-tag", {"written": match[1], "tag": tag}
    return None


def _inner_quote(facts: dict[str, str], stop: Stop) -> Advice | None:
    """`"He said "hi" to"`: the text ended at a quotation mark that was meant to be part of it."""
    before = stop.line[: stop.start]
    quote = before.rstrip()[-1:]
    touches = before == before.rstrip()
    goes_on = stop.words not in {"a", "A"} and quote in stop.line[stop.end :]
    if quote and quote in "\"'" and (touches or goes_on):
        return "inner-quote", {**facts, "quote": quote}
    return None
