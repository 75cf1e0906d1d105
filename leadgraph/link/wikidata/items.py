"""IRIs of items and whoever asks -> what Wikidata says of each of them.

Nothing here opens a connection: whoever calls brings what asks. An item that was merged into
another has owl:sameAs alone in Wikidata, a deleted one nothing at all; one that is left without a
name, a description, a statement and a page is as good as deleted.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from pyoxigraph import Literal, NamedNode

from leadgraph.errors import SourceBroken
from leadgraph.link.wikidata.requests import (
    ABOUT,
    ALIAS,
    DATE_QUERY,
    DESCRIPTION,
    INSTANCE_OF,
    KNOWN,
    LABEL,
    MULTILINGUAL,
    REDIRECT,
    SITELINKS,
    item_query,
    label_query,
    name_query,
    names_query,
)
from leadgraph.vocabulary import WD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from leadgraph.link.account import Table, Term

    Ask = Callable[[str], Table]

_ITEM = re.compile(re.escape(WD) + r"(?:[QP][1-9][0-9]*|L[1-9][0-9]*(?:-[FS][1-9][0-9]*)?)\Z")
_NUMBERS = re.compile(r"[0-9]+")
_PAGE = re.compile(r"https://[a-z0-9-]+\.wiki[pm]edia\.org/wiki/\S+")
_COUNT = re.compile(r"[0-9]{1,9}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_MOST_REDIRECTS = 20
_SEVERAL = 3

_Thing = TypeVar("_Thing")
Fact = tuple[str, str, "Term"]
"""An item, what is said of it, and the value; of a sitelink the value is the page."""


@dataclass(frozen=True, slots=True)
class Item:
    """What the source says of an item, by language tag; `types` are the values of P31.

    `redirect` is the item that took its place, "" if none did. `is_known` tells that the source
    says anything of it at all. `sitelinks` are the pages about it in the wikis that were asked
    for, `sitelink_count` those in all wikis, where the source counts them.
    """

    iri: str
    labels: dict[str, str] = field(default_factory=dict, hash=False)
    descriptions: dict[str, str] = field(default_factory=dict, hash=False)
    aliases: tuple[tuple[str, str], ...] = ()
    types: tuple[str, ...] = ()
    sitelinks: tuple[str, ...] = ()
    sitelink_count: int | None = None
    redirect: str = ""
    is_known: bool = False

    @property
    def number(self) -> str:
        """The id: Q180."""
        return self.iri.removeprefix(WD)

    @property
    def is_gone(self) -> bool:
        """Whether the source says nothing of it, not even what took its place."""
        return not (self.is_known or self.redirect)

    def label(self, language: str) -> str:
        """Return what it is called, in a language, else in all, else in English, else its id."""
        tags = (language, MULTILINGUAL, "en")
        return next((self.labels[tag] for tag in tags if tag in self.labels), self.number)

    def names(self, language: str) -> list[str]:
        """Return its label and its aliases in a language, with those for all languages."""
        tags = {language, MULTILINGUAL}
        labels = [self.labels[tag] for tag in (language, MULTILINGUAL) if tag in self.labels]
        return [*labels, *(text for tag, text in self.aliases if tag in tags)]


class Wikidata:
    """A source of items, asked once about each; `block` is how many in one request.

    `source` is what it is called where it is told of.
    """

    def __init__(self, ask: Ask, languages: Iterable[str], block: int, source: str = "") -> None:
        self._ask, self._source = ask, source
        self._languages = tuple(sorted({*languages, MULTILINGUAL}))
        self._block = block
        self._items: dict[str, Item] = {}
        self._names: dict[str, Item] = {}

    def items(self, iris: Iterable[str]) -> dict[str, Item]:
        """Return the items by their IRIs, as they are numbered; of what is none of them, nothing.

        Raises:
            SourceError: if the source does not answer; then nothing is returned.
        """
        wanted = ordered(iri for iri in iris if is_item(iri))
        missing = [iri for iri in wanted if iri not in self._items]
        for block in _blocks(missing, self._block):
            self._items |= items_of(block, self._facts(item_query(block, self._languages)))
        return {iri: self._items[iri] for iri in wanted}

    def linked(self, iris: Iterable[str], *, is_excerpt: bool) -> dict[str, Item]:
        """Return items as `items` does, of a source that must have some of them.

        Raises:
            SourceError: if it does not answer, or has nothing on any of several, as an empty copy.
        """
        found = self.items(iris)
        if not is_excerpt and len(found) >= _SEVERAL and all(i.is_gone for i in found.values()):
            reason = f"it has nothing on any of {len(found)} items, so it holds no whole Wikidata"
            raise SourceBroken(self._source, reason)
        return found

    def target(self, item: Item) -> Item | None:
        """Return what took the place of an item, where several steps lead there the last.

        None if they go round, or to an item that is gone.
        """
        found, passed = item, {item.iri}
        while found.redirect and found.redirect not in passed and len(passed) <= _MOST_REDIRECTS:
            found = self.items([found.redirect])[found.redirect]
            passed.add(found.iri)
        return None if found is item or found.redirect or found.is_gone else found

    def classes(self, items: Iterable[Item]) -> dict[str, Item]:
        """Return what the types of items are called: items with labels alone."""
        wanted = ordered({iri for item in items for iri in item.types})
        missing = [iri for iri in wanted if iri not in self._names]
        for block in _blocks(missing, self._block):
            self._names |= items_of(block, self._facts(label_query(block, self._languages)))
        return {iri: self._names[iri] for iri in wanted}

    def named(self, names: Sequence[tuple[str, str]]) -> list[str]:
        """Return the items that have one of these (text, language) as label or alias."""
        found: set[str] = set()
        for block in _blocks(names, self._block):
            rows = self._rows(name_query(block), "item")
            found |= {item.value for (item,) in rows if isinstance(item, NamedNode)}
        return ordered(iri for iri in found if _ITEM.match(iri) and iri.startswith(WD + "Q"))

    def names(self, most: int) -> list[tuple[str, str]]:
        """Return every (name, item); of a source with more than `most` nothing: it is no excerpt.

        Raises:
            SourceError: if the source does not answer.
        """
        rows = self._rows(names_query(self._languages, most), "item", "name")
        named = [
            (name.value, item.value)
            for item, name in rows
            if isinstance(item, NamedNode) and isinstance(name, Literal) and is_item(item.value)
        ]
        return named if len(rows) <= most else []

    def date(self) -> str:
        """Return when its data were last changed, as it says itself (Wikidata does), else ""."""
        rows = self._rows(DATE_QUERY, "date")
        dates = [value.value for (value,) in rows if isinstance(value, Literal)]
        return max((date for date in dates if _MOMENT.fullmatch(date)), default="")

    def _facts(self, text: str) -> Iterator[Fact]:
        """Ask, and yield what the answer says of items."""
        for item, fact, value in self._rows(text, "item", "fact", "value"):
            if isinstance(item, NamedNode) and isinstance(fact, NamedNode) and value is not None:
                yield item.value, fact.value, value

    def _rows(self, text: str, *names: str) -> list[tuple[Term | None, ...]]:
        """Ask, and return the rows with these columns: an answer without them is to another query.

        Raises:
            SourceError: if the source does not answer, or with other columns.
        """
        table = self._ask(text)
        if lacking := [name for name in names if name not in table.variables]:
            raise SourceBroken(self._source, f"its answer has no column ?{lacking[0]}")
        places = [table.variables.index(name) for name in names]
        return [tuple(row[at] for at in places) for row in table.rows]


def is_item(iri: str) -> bool:
    """Tell whether an IRI names an item, a property, or a lexeme, its form or its sense."""
    return bool(_ITEM.match(iri))


def ordered(iris: Iterable[str]) -> list[str]:
    """Return IRIs of items, each once, by kind and number."""
    return sorted(set(iris), key=_by_number)


def _by_number(iri: str) -> tuple[str, list[int], str]:
    name = iri.removeprefix(WD)
    return name[:1], [int(number) for number in _NUMBERS.findall(name)], name


def items_of(iris: Iterable[str], said: Iterable[Fact]) -> dict[str, Item]:
    """Return the items that were asked for, each as the facts have it; other items are ignored."""
    grouped: defaultdict[str, defaultdict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for iri, fact, value in said:
        grouped[iri][fact].append(value)
    return {iri: _item(iri, grouped[iri]) for iri in iris}


def _item(iri: str, said: dict[str, list[Term]]) -> Item:
    labels = _by_language(said.get(LABEL, []))
    names = _texts([*said.get(LABEL, []), *said.get(ALIAS, [])])
    aliases = {(tag, text) for tag, text in names if labels.get(tag) != text}
    redirects = [target for target in _iris(said.get(REDIRECT, [])) if is_item(target)]
    counts = [int(text) for text in _plain(said.get(SITELINKS, [])) if _COUNT.fullmatch(text)]
    return Item(
        iri,
        labels,
        _by_language(said.get(DESCRIPTION, [])),
        tuple(sorted(aliases)),
        tuple(ordered(each for each in _iris(said.get(INSTANCE_OF, [])) if is_item(each))),
        tuple(sorted({page for page in _iris(said.get(ABOUT, [])) if _PAGE.fullmatch(page)})),
        max(counts, default=None),
        min(redirects, default=""),
        KNOWN in said or bool(labels),
    )


def _by_language(values: Iterable[Term]) -> dict[str, str]:
    """One text for each language, in the order of their tags; of two the first in the alphabet."""
    found: dict[str, str] = {}
    for tag, text in sorted(set(_texts(values))):
        found.setdefault(tag, text)
    return found


def _texts(values: Iterable[Term]) -> Iterator[tuple[str, str]]:
    """The literals that have a language, without what cannot be seen."""
    for value in values:
        if isinstance(value, Literal) and value.language and (text := _visible(value.value)):
            yield value.language, text


def _visible(text: str) -> str:
    """A text of strangers in one line: no control characters, no marks that cannot be seen.

    Nor marks that turn its direction. Joiners stay: Arabic, Persian and the scripts of India need
    them.
    """
    kept = (
        " " if unicodedata.category(sign) in {"Cc", "Zl", "Zp"} else sign
        for sign in text
        if sign in _JOINERS or not _is_hidden(sign)
    )
    return " ".join("".join(kept).split())


_JOINERS = "\u200c\u200d"
_TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def _is_hidden(sign: str) -> bool:
    kind = unicodedata.bidirectional(sign)
    return kind in _TURNING or (kind == "BN" and unicodedata.category(sign) == "Cf")


def _plain(values: Iterable[Term]) -> Iterator[str]:
    return (value.value for value in values if isinstance(value, Literal))


def _iris(values: Iterable[Term]) -> Iterator[str]:
    return (value.value for value in values if isinstance(value, NamedNode))


def _blocks(things: Sequence[_Thing], size: int) -> Iterator[Sequence[_Thing]]:
    return (things[start : start + size] for start in range(0, len(things), size))
