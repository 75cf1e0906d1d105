"""Turtle text -> warnings on what is spelt otherwise than everybody spells it, with the edits.

Language tags in other letters (RFC 5646, 2.1.1), names under `http` that are known under `https`,
or the other way round, and names of things with a space at an edge. The statements do not show
the first: the parser has folded it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from leadgraph.check.edges import spaced_names
from leadgraph.model import Edit, Problem, Severity
from leadgraph.read.lines import Lines
from leadgraph.read.tokens import tokens
from leadgraph.vocabulary import BASE, LEADGRAPH, PREFIXES, WD
from leadgraph.words import in_all_languages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MOST_OF_A_KIND = 100
_LONGEST_ECHO = 120
_TAG = re.compile(r"@[A-Za-z]++(?:-[A-Za-z0-9]++)*+")
_SCRIPT, _REGION = 4, 2
CODES = ("language-tag-case", "iri-scheme", "label-space")
_KNOWN = tuple(dict.fromkeys((LEADGRAPH, BASE, *PREFIXES.values())))

Found = tuple[int, int, str]
"""A span of the text, and what should stand there."""


def misspelt(path: str, text: str) -> Iterator[Problem]:
    """Yield a problem for each place; the last of many has the edits of those not shown."""
    finders = {
        "language-tag-case": _tags,
        "iri-scheme": _namespaces,
        "label-space": spaced_names,
    }
    found = {code: list(find(text)) for code, find in finders.items()}
    lines = Lines(text) if any(found.values()) else None
    for code, places in found.items():
        if lines and places:
            yield from _problems(path, text, code, places, lines)


def canonical_tag(tag: str) -> str:
    """Return a language tag in the letters of RFC 5646, 2.1.1: `PT-br` -> `pt-BR`."""
    first, *others = tag.split("-")
    written = [first.lower()]
    for subtag in others:
        if any(len(before) == 1 for before in written):
            written.append(subtag.lower())
        elif len(subtag) == _SCRIPT:
            written.append(subtag.capitalize())
        else:
            written.append(subtag.upper() if len(subtag) == _REGION else subtag.lower())
    return "-".join(written)


def known_iri(iri: str) -> str | None:
    """Return the IRI under the scheme by which it is known, None if it is right or unknown."""
    scheme, _, rest = iri.partition("://")
    other = {"http": "https://", "https": "http://"}.get(scheme.lower())
    if other is None or iri.startswith(_KNOWN):
        return None
    return other + rest if (other + rest).startswith(_KNOWN) else None


def _tags(text: str) -> Iterator[Found]:
    """Find language tags; the tokens are read only if something looks like a wrong one."""
    written = {match[0] for match in _TAG.finditer(text)}
    wrong = {tag: "@" + canonical_tag(tag[1:]) for tag in written}
    wrong = {tag: right for tag, right in wrong.items() if tag != right}
    after_string = False
    for token in tokens(text) if wrong else ():
        if token.kind == "tag" and after_string:
            right = wrong.get(text[token.start : token.end])
            if right:
                yield token.start, token.end, right
        if token.kind != "comment":
            after_string = token.kind == "string"


def _namespaces(text: str) -> Iterator[Found]:
    """Find IRIs of another scheme; they are read only if a wrong namespace occurs at all."""
    swapped = (known.replace("https://", "http://", 1) for known in _KNOWN)
    others = (
        iri if iri not in _KNOWN else iri.replace("http://", "https://", 1) for iri in swapped
    )
    for token in tokens(text) if any("<" + other in text for other in others) else ():
        right = known_iri(text[token.start + 1 : token.end - 1]) if token.kind == "iri" else None
        if right and not _may_be_a_page(right):
            yield token.start, token.end, f"<{right}>"


def _may_be_a_page(iri: str) -> bool:
    """An item of Wikidata is one thing, the page about it another: a rule tells them apart."""
    return iri.startswith(WD) and iri != WD


def _problems(
    path: str, text: str, code: str, found: Sequence[Found], lines: Lines
) -> Iterator[Problem]:
    edits = [Edit(lines.place(path, start, end), right) for start, end, right in found]
    for number, (start, end, right) in enumerate(found[:_MOST_OF_A_KIND], start=1):
        place = edits[number - 1].place
        is_last = number == _MOST_OF_A_KIND
        written = _short(text[start:end])
        yield Problem(
            place,
            Severity.WARNING,
            code,
            in_all_languages(f"problems.{code}", written=written, right=_short(right)),
            excerpt=lines.excerpt(place.line or 1),
            suggestion=right,
            edits=tuple(edits[number - 1 :] if is_last else edits[number - 1 : number]),
        )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_ECHO else text[: _LONGEST_ECHO - 1] + "…"
