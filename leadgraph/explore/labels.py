"""IRIs -> the text that names each of them in the reader's language."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pyoxigraph import Literal

from leadgraph.explore.sparql import key, put
from leadgraph.vocabulary import BASE, DCTERMS, FOAF, LG, RDFS, SCHEMA, SKOS, SKOSXL, shorten
from leadgraph.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from leadgraph.explore.sparql import Facts
    from leadgraph.query.client import Engine

NAMING = (
    SKOS + "prefLabel",
    RDFS + "label",
    SKOSXL + "literalForm",
    DCTERMS + "title",
    FOAF + "name",
    SCHEMA + "name",
    LG + "statementText",
)
"""The properties that can name a thing, the best first."""

_LABELS = """
SELECT ?iri ?property ?label {
  VALUES ?iri { $iris }
  VALUES ?property { $naming }
  ?iri ?property ?label
  FILTER(isLiteral(?label))
}"""
_IRIS_AT_ONCE = 400
_LICENCES = {
    "https://creativecommons.org/publicdomain/zero/1.0/": "CC0 1.0",
    "https://creativecommons.org/licenses/by/4.0/": "CC BY 4.0",
    "https://creativecommons.org/licenses/by-sa/4.0/": "CC BY-SA 4.0",
    "https://creativecommons.org/licenses/by-sa/3.0/": "CC BY-SA 3.0",
}


@dataclass(frozen=True, slots=True)
class Text:
    """A run of text and the BCP 47 tag of its language, "" where it has none."""

    value: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """A thing and what it is called."""

    iri: str
    label: Text

    @property
    def order(self) -> tuple[str, str]:
        """What nodes are sorted by."""
        return self.label.value.casefold(), self.iri


class Labels:
    """What a set of IRIs is called in one language."""

    def __init__(self, texts: dict[str, Text], language: str) -> None:
        self._texts = texts
        self._language = language

    def node(self, iri: str) -> Node:
        """Return an IRI with its label: from the graph, from our words, or from the IRI itself."""
        return Node(iri, self._texts.get(iri) or _spoken(iri, self._language) or _spelt(iri))

    def nodes(self, iris: Iterable[str]) -> tuple[Node, ...]:
        """Return each IRI once with its label, sorted by label."""
        return tuple(sorted({self.node(iri) for iri in iris}, key=lambda node: node.order))


def look_up(engine: Engine, iris: Iterable[str], language: str) -> Labels:
    """Return the labels of IRIs in a language, or in the next best."""
    found: dict[str, list[tuple[int, Literal]]] = defaultdict(list)
    for chunk in _chunks(sorted({iri for iri in iris if not iri.startswith("_:")})):
        for row in engine.rows(put(_LABELS, iris=chunk, naming=NAMING)):
            iri, naming, label = row["iri"], row["property"], row["label"]
            if isinstance(label, Literal):
                found[key(iri)].append((NAMING.index(key(naming)), label))
    return Labels({iri: _best(texts, language) for iri, texts in found.items()}, language)


def labels_in(facts: Iterable[Facts], iris: Iterable[str], language: str) -> Labels:
    """Return the labels that statements give to IRIs, in a language or in the next best."""
    found: dict[str, list[tuple[int, Literal]]] = defaultdict(list)
    sources = tuple(facts)
    for iri in iris:
        for rank, naming in enumerate(NAMING):
            found[iri] += [(rank, text) for each in sources for text in each.literals(iri, naming)]
    return Labels({iri: _best(texts, language) for iri, texts in found.items() if texts}, language)


def choose(literals: Sequence[Literal], language: str) -> Text | None:
    """Return the literal that a reader of a language is best served with."""
    return _best([(0, literal) for literal in literals], language) if literals else None


def text(literal: Literal) -> Text:
    """Return a literal as a run of text."""
    return Text(literal.value, literal.language or "")


def distance(tag: str, language: str) -> int:
    """Return how far a language tag is from what the reader asked for, 0 when it is that."""
    tag = tag.lower()
    primary = tag.partition("-")[0]
    ladder = (tag == language, primary == language, primary == "en", not tag)
    return ladder.index(True) if any(ladder) else len(ladder)


def _best(texts: list[tuple[int, Literal]], language: str) -> Text:
    """Return the nearest in language; among equals the one that names best."""
    _, literal = min(
        texts,
        key=lambda pair: (distance(pair[1].language or "", language), pair[0], pair[1].value),
    )
    return text(literal)


def _chunks(iris: list[str]) -> Iterator[list[str]]:
    """Yield as many IRIs at a time as one query may name."""
    rest = iter(iris)
    while chunk := list(islice(rest, _IRIS_AT_ONCE)):
        yield chunk


def _spoken(iri: str, language: str) -> Text | None:
    """Return our own words for a term of somebody else's vocabulary."""
    try:
        return Text(say("pages.term-" + shorten(iri).replace(":", "-"), language), language)
    except KeyError:
        return None


def _spelt(iri: str) -> Text:
    """Return the IRI in a form fit for reading: its short name, its slug, or without scheme."""
    if iri in _LICENCES:
        return Text(_LICENCES[iri])
    own = iri.removeprefix(BASE).rpartition("/")[2].rpartition("#")[2]
    if iri.startswith(BASE) and own:
        return Text(own)
    short = shorten(iri)
    return Text(short if not short.startswith("<") else unquote(iri.partition("://")[2] or iri))
