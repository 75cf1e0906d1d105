"""JSON-LD text and a term -> the string that most likely writes it: JSON keeps no statements.

A name is looked for as a whole, compacted by the prefixes and terms of the file's own context,
then by its local part; what stands once is exact, of several the first is taken, and where there
is none the place is the start of the text.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    r'"(?:[^"\\]++|\\.)*+"(?P<key>\s*+:)?|-?[0-9]++(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?|true|false',
    re.DOTALL,
)
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


Term = NamedNode | BlankNode | Literal | Triple


def span(text: str, triple: Triple, term: Term) -> tuple[int, int]:
    """Return the offsets of the token that writes a term of a triple, else of the text's start."""
    context = dict(_context(text))
    is_key = term == triple.predicate
    wanted = _spellings(term, context)
    near = _start_of(text, triple, context)
    tokens = [
        match.span(0) if not match["key"] else (match.start(), match.end() - len(match["key"]))
        for match in _TOKEN.finditer(text)
        if bool(match["key"]) == is_key and _value(match) in wanted
    ]
    after = [each for each in tokens if each[0] >= near]
    return next(iter(after or tokens), (0, 0))


def _value(match: re.Match[str]) -> str:
    token = match[0].removesuffix(match["key"] or "")
    return str(json.loads(token)) if token.startswith('"') else token


def _start_of(text: str, triple: Triple, context: dict[str, str]) -> int:
    """Where the subject is named first as a value: its own block begins about there."""
    wanted = _spellings(triple.subject, context)
    matches = (m for m in _TOKEN.finditer(text) if not m["key"] and _value(m) in wanted)
    return next((match.start() for match in matches), 0)


def _spellings(term: Term, context: dict[str, str]) -> frozenset[str]:
    """How a file may write a term: its value, and an IRI also shortened by the context."""
    if isinstance(term, Literal):
        return frozenset({term.value})
    if not isinstance(term, NamedNode):
        return frozenset({str(term)})
    iri = term.value
    short = {name for name, whole in context.items() if whole == iri}
    short |= {
        f"{name}:{iri.removeprefix(whole)}"
        for name, whole in context.items()
        if whole and iri.startswith(whole)
    }
    vocabulary = context.get("@vocab", "")
    if vocabulary and iri.startswith(vocabulary):
        short.add(iri.removeprefix(vocabulary))
    return frozenset({iri, *short} | ({"@type"} if iri == _TYPE else set()))


def _context(text: str) -> Iterator[tuple[str, str]]:
    """The names that the outermost contexts define, with their IRIs as written out."""
    content = json.loads(text)
    for holder in content if isinstance(content, list) else [content]:
        found = holder.get("@context") if isinstance(holder, dict) else None
        for part in found if isinstance(found, list) else [found]:
            yield from _names(part) if isinstance(part, dict) else ()


def _names(part: dict[str, object]) -> Iterator[tuple[str, str]]:
    written = {
        name: meant.get("@id") if isinstance(meant, dict) else meant for name, meant in part.items()
    }
    for name, meant in written.items():
        if isinstance(meant, str):
            prefix, colon, local = meant.partition(":")
            base = written.get(prefix)
            yield name, base + local if colon and isinstance(base, str) else meant
