"""A graph folder -> what its terms and things are called and mean, and what is written where.

The words come from the ontology and the data of the graph that the editor's files belong to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from leadgraph.read.tokens import tokens
from leadgraph.vocabulary import DCTERMS, FOAF, RDF, RDFS, SCHEMA, SKOS, SKOSXL, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pyoxigraph import Triple

    from leadgraph.model import GraphDirectory

_NAMES = (
    *(SKOS + "prefLabel", RDFS + "label", FOAF + "name"),
    *(SKOSXL + "literalForm", DCTERMS + "title"),
)
_MEANINGS = (SKOS + "definition", RDFS + "comment", SKOS + "scopeNote", SCHEMA + "description")
_TYPE = RDF + "type"
_DECLARES = frozenset({"@prefix", "prefix"})
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!<>|~&])")


@dataclass(slots=True)
class _Entry:
    """What is said of one IRI: rank of the property and text by language, and its kinds."""

    names: dict[str, tuple[int, str]] = field(default_factory=dict)
    meanings: dict[str, tuple[int, str]] = field(default_factory=dict)
    kinds: list[str] = field(default_factory=list)


class Glossary:
    """Names, meanings and kinds of all that a graph describes."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._entries: dict[str, _Entry] = {}
        for triple in _statements(files):
            self._learn(triple)

    def hover(self, iri: str, language: str) -> str | None:
        """Return what an IRI means, as Markdown; None if nothing is said about it."""
        entry = self._entries.get(iri)
        if entry is None:
            return None
        name, meaning = _in(entry.names, language), _in(entry.meanings, language)
        kinds = ", ".join(self._kind(kind, language) for kind in entry.kinds)
        head = f"**{_plain(name or shorten(iri))}**" + (f" ({_plain(kinds)})" if kinds else "")
        return "\n\n".join(filter(None, (head, _plain(meaning), f"`{shorten(iri)}`")))

    def _kind(self, iri: str, language: str) -> str:
        entry = self._entries.get(iri)
        return (_in(entry.names, language) if entry else "") or shorten(iri)

    def _learn(self, triple: Triple) -> None:
        subject, predicate, value = triple
        if not isinstance(subject, NamedNode):
            return
        if predicate.value == _TYPE and isinstance(value, NamedNode):
            self._entry(subject).kinds.append(value.value)
        elif isinstance(value, Literal):
            entry = self._entry(subject)
            for words, properties in ((entry.names, _NAMES), (entry.meanings, _MEANINGS)):
                if predicate.value in properties:
                    rank, language = properties.index(predicate.value), value.language or ""
                    known = words.get(language, (rank + 1, ""))
                    words[language] = min(known, (rank, value.value), key=lambda pair: pair[0])

    def _entry(self, subject: NamedNode) -> _Entry:
        return self._entries.setdefault(subject.value, _Entry())


def glossary(directory: GraphDirectory) -> Glossary:
    """Return the words of a graph; a file that is broken just now adds what it can."""
    return Glossary((*directory.ontology, *directory.data))


def iri_at(text: str, offset: int) -> tuple[str, int, int] | None:
    """Return the IRI that is written at a character of Turtle, and from where to where.

    None where no IRI is, or one of a prefix that is declared nowhere before.
    """
    prefixes: dict[str, str] = {}
    before = ("", "")
    for kind, start, end in tokens(text):
        written = text[start:end]
        if end > offset:
            iri = _iri(kind, written, prefixes) if start <= offset else None
            return (iri, start, end) if iri else None
        if kind == "iri" and before[0].lower() in _DECLARES:
            prefixes[before[1].removesuffix(":")] = _unescaped(written)
        if kind != "comment":
            before = (before[1], written)
    return None


def _iri(kind: str, written: str, prefixes: dict[str, str]) -> str | None:
    """The IRI of a token, None if it is none."""
    if kind == "a":
        return _TYPE
    if kind == "iri":
        return _unescaped(written)
    prefix, _, local = written.partition(":")
    if kind != "name" or prefix not in prefixes:
        return None
    return prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)


def _unescaped(iri: str) -> str:
    """An IRI without its angle brackets and escapes (RDF 1.1 Turtle, 6.4)."""
    return _ESCAPE.sub(lambda found: chr(int(found[1] or found[2], 16)), iri[1:-1])


def _statements(files: Iterable[Path]) -> Iterator[Triple]:
    formats = {".ttl": RdfFormat.TURTLE, ".nt": RdfFormat.N_TRIPLES}
    for path in files:
        if path.suffix in formats:
            yield from _readable(path, formats[path.suffix])


def _readable(path: Path, form: RdfFormat) -> Iterator[Triple]:
    try:
        for quad in parse(path=path, format=form):
            yield quad.triple
    except (SyntaxError, OSError):
        return


def _in(words: dict[str, tuple[int, str]], language: str) -> str:
    """The words in a language, else in English, else without a language, else any."""
    found = next((words[key] for key in (language, "en", "") if key in words), None)
    return (found or next(iter(words.values()), (0, "")))[1]


def _plain(text: str) -> str:
    """Text whose signs mean nothing in Markdown: a label is no link and no HTML."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
