"""The words of a text that the grammar allows -> those that mean nothing: each once.

Prefixes that nobody declared, relative IRIs without a base, IRIs and language tags that are none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from leadgraph.read.mistakes.found import Mistake, judged
from leadgraph.read.mistakes.resync import ANY_PREFIX
from leadgraph.read.terms import is_absolute, unescaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadgraph.read.grammar import Reader
    from leadgraph.read.mistakes.resync import Found
from leadgraph.read.terms import Terms

_LONG_SUBTAG = re.compile("[A-Za-z0-9]{9}|--")
_MOST_OF_A_KIND = 20
_JUDGED = frozenset({"name", "iri", "tag"})


def of_words(reader: Reader, terms: Terms, found: Found) -> Iterator[Mistake]:
    """Yield the mistakes within words, each at its first use."""
    kinds, text, starts, stops = reader.kinds, reader.text, reader.starts, reader.stops
    first = {
        text[starts[number] : stops[number]]: number
        for number in range(len(kinds) - 1, -1, -1)
        if kinds[number] in _JUDGED and number not in found.skipped
    }
    yield from _prefixes(reader, terms, found, first)
    iris = sorted(number for words, number in first.items() if words[0] == "<")
    yield from _iris(reader, terms, iris)
    for words, number in first.items():
        if words[0] == "@" and _LONG_SUBTAG.search(words):
            mistake = judged(words, starts[number], '""')
            yield mistake or Mistake(starts[number], stops[number], "rdf-1-2")


def _prefixes(
    reader: Reader, terms: Terms, found: Found, first: dict[str, int]
) -> Iterator[Mistake]:
    """Each prefix that is used before it is declared."""
    uses = dict[str, int]()
    declarations = set(reader.declarations)
    for words, number in first.items():
        if words[0] not in "<@" and number + 1 not in declarations:
            prefix = words[: words.index(":") + 1]
            uses[prefix] = min(number, uses.get(prefix, number))
    if f"{ANY_PREFIX}:" in found.tolerated:
        return
    unknown = sorted(
        number
        for prefix, number in uses.items()
        if prefix not in found.tolerated and not terms.is_declared(prefix, number)
    )
    for number in unknown[:_MOST_OF_A_KIND]:
        yield Mistake(reader.starts[number], reader.stops[number], "unknown-prefix")


def _iris(reader: Reader, terms: Terms, numbers: list[int]) -> Iterator[Mistake]:
    """Each IRI that is relative without a base, but not more than anybody reads; or none."""
    relative = 0
    for number in numbers:
        words, start = reader.words(number), reader.starts[number]
        if not is_absolute(words):
            relative += terms.base(number) is None
            if terms.base(number) is None and relative <= _MOST_OF_A_KIND:
                yield Mistake(start, reader.stops[number], "relative-iri")
        elif not _is_iri(words):
            mistake = judged(words, start)
            if mistake:
                yield mistake


def _is_iri(words: str) -> bool:
    try:
        NamedNode(unescaped(words[1:-1]))
    except ValueError:
        return False
    return True
