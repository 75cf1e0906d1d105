"""A name with what is known of it -> the things that it may mean, the likeliest first.

A score is up to 100 for the name and up to 25 more for properties. A match is claimed only where
one thing is clearly the one: its name is the same, or differs by no more than a slip, and nothing
else comes near.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cachetools import LRUCache

from leadgraph.explore.candidate import Candidate
from leadgraph.explore.fold import fold
from leadgraph.explore.identifiers import SURE, Identifiers
from leadgraph.explore.kinds import SEGMENTS
from leadgraph.explore.names import Names
from leadgraph.explore.similarity import alike, is_surely, name
from leadgraph.explore.table import Table
from leadgraph.explore.terms import Terms
from leadgraph.vocabulary import LG, split

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leadgraph.explore.names import Naming
    from leadgraph.explore.search import Search
    from leadgraph.explore.table import Value
    from leadgraph.query.client import Engine

LONGEST = 1000
"""How many characters of a name are compared."""
_FOR_PROPERTIES = 25.0
_LEAST = 55.0
"""The score below which nobody would call two names alike."""
_MARGIN = 8.0
_ALTERNATIVE = 1.0
_OF_OTHER_TYPE = 20.0
_ASIDE = 10.0
_KINDS_ASIDE = frozenset({"evidence", "condition"})
"""Things that stand in the graph for its own sake: people rarely mean them."""
_NAMED_AFTER = _KINDS_ASIDE | {"name"}
"""Things that have the names of others: a name is theirs for sure only if their type is asked."""
_TEXTS_KEPT = 20_000
_POINTED = re.compile(r"[a-z0-9](?: [a-z0-9]){2,}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A property that the thing should have, with one of some values; `id` as it was asked."""

    id: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for: a name, classes (`strict`: any, all, should) and properties."""

    text: str
    types: tuple[str, ...] = ()
    strict: str = "any"
    properties: tuple[Wanted, ...] = ()
    limit: int = 5


@dataclass(slots=True)
class _Scored:
    """A thing on its way to be a candidate."""

    iri: str
    score: float = 0.0
    likeness: float = 0.0
    is_sure: bool = False
    by_language: dict[str, float] = field(default_factory=dict)
    features: list[tuple[str, float | bool]] = field(default_factory=list)


class Reconciler:
    """The things of an engine, to be found by what others call them; safe between threads."""

    def __init__(self, engine: Engine, search: Search) -> None:
        self.search = search
        self.names = Names(engine, search)
        self.classes = Terms(engine, self.names, classes=True)
        self.properties = Terms(engine, self.names, classes=False)
        self.table = Table(engine, self.names)
        self._identifiers = Identifiers(engine)
        self._lock = threading.Lock()
        self._texts: LRUCache[tuple[str, str], tuple[str, str, str]] = LRUCache(_TEXTS_KEPT)

    def reconcile(self, query: Query, language: str, here: str = "") -> list[Candidate]:
        """Return what a query may mean, in the words of a language; `here` is our own address.

        Raises:
            QueryError: if the index, or the engine when it is made, does not answer in time.
        """
        wanted = [self.classes.find(each) for each in query.types]
        found = self._found(query, wanted, here)
        for each in found:
            self._weigh(each, query, wanted)
        found.sort(key=lambda each: (-each.score, _order(each.iri)))
        best = found[: query.limit]
        match = bool(best) and _is_clear(found)
        return [
            self._candidate(each, language, match=match and rank == 0)
            for rank, each in enumerate(best)
        ]

    def meant(self, identifier: str, here: str = "") -> str:
        """Return the IRI of the thing of an id or IRI, "" if there is none."""
        found = self._identifiers.meant(identifier, self.names.classes(), here)
        return found[0].iri if found and found[0].score >= SURE else ""

    def described(self, iri: str, language: str) -> Candidate:
        """Return a thing as a candidate that nobody asked for."""
        return self._candidate(_Scored(iri), language, match=False)

    def _found(self, query: Query, wanted: list[str], here: str) -> list[_Scored]:
        """Return the things that have such an id or name; without a name those of properties."""

        def may_be(iri: str) -> bool:
            return self._is_of(iri, wanted, query.strict)

        text = query.text[:LONGEST]
        meant = self._identifiers.meant(text, self.names.classes(), here) if text.strip() else []
        if meant:
            alone = sum(each.score == meant[0].score for each in meant) == 1
            return [
                _Scored(each.iri, each.score, is_sure=alone and each.score >= SURE)
                for each in meant
                if may_be(each.iri)
            ]
        folded = fold(text)
        if folded:
            return self._named(folded, query.strict, wanted)
        return [_Scored(iri) for iri in self._by_properties(query) if may_be(iri)]

    def _named(self, folded: str, strict: str, wanted: list[str]) -> list[_Scored]:
        """Return the things of such names; of an abbreviation with points also without them."""
        found = _by_name(folded, self._namings(folded, strict, wanted))
        joined = "" if found else _letters_joined(folded)
        return _by_name(folded, self._namings(joined, strict, wanted)) if joined else found

    def _namings(self, folded: str, strict: str, wanted: list[str]) -> list[Naming]:
        """Return the names to compare; those of classes that should be are never crowded out."""

        def may_be(iri: str) -> bool:
            return self._is_of(iri, wanted, "all" if strict == "all" else "any")

        namings = self.names.like(folded, may_be) if wanted else []
        return namings if wanted and strict != "should" else namings + self.names.like(folded)

    def _is_of(self, iri: str, wanted: list[str], strict: str) -> bool:
        """Tell whether a thing is of the classes that are asked for, all or any of them."""
        if not wanted or strict == "should":
            return True
        classes = self._classes_of(iri)
        return all(each in classes for each in wanted) if strict == "all" else _any(classes, wanted)

    def _classes_of(self, iri: str) -> frozenset[str]:
        """Return the classes of a thing, and what these are part of (rdfs:subClassOf)."""
        terms = self.classes.all()
        found = dict.fromkeys(self.names.classes().get(iri, ()))
        pending = list(found)
        while pending:
            term = terms.get(pending.pop())
            for above in term.above if term else ():
                if above not in found:
                    found[above] = None
                    pending.append(above)
        return frozenset(found)

    def _by_properties(self, query: Query) -> frozenset[str]:
        """Return the things that have the values of some property."""
        found: frozenset[str] = frozenset()
        for each in query.properties:
            iri = self.properties.find(each.id)
            found |= self.table.having(iri, each.values) if iri else frozenset()
        return found & self.names.classes().keys()

    def _weigh(self, scored: _Scored, query: Query, wanted: list[str]) -> None:
        """Add to the score of a name what types and properties say."""
        if wanted:
            is_of = _any(self._classes_of(scored.iri), wanted)
            scored.features.append(("type_match", is_of))
            scored.score -= 0 if is_of else _OF_OTHER_TYPE
            scored.is_sure = scored.is_sure and is_of
        kind = (split(scored.iri) or ("",))[0]
        if kind in _KINDS_ASIDE and query.text:
            scored.score -= _ASIDE
        if kind in _NAMED_AFTER and scored.by_language:
            scored.is_sure = scored.is_sure and bool(wanted)
        self._weigh_properties(scored, query)

    def _weigh_properties(self, scored: _Scored, query: Query) -> None:
        """Add what the properties are worth; a thing that has other values is no sure one."""
        shares = []
        for each in query.properties:
            iri = self.properties.find(each.id)
            fit = self.table.fits(scored.iri, iri, each.values) if iri and each.values else None
            scored.features.append((f"property_match:{each.id}", round(fit or 0.0, 4)))
            scored.is_sure = scored.is_sure and fit != 0
            shares.append(fit or 0.0)
        share = sum(shares) / len(shares) if shares else 0.0
        if fold(query.text):
            scored.score += _FOR_PROPERTIES * share
        elif shares:
            scored.score, scored.is_sure = 100 * share, share == 1

    def _candidate(self, scored: _Scored, language: str, *, match: bool) -> Candidate:
        called, tag, description = self._called(scored.iri, language)
        worded = self.classes.worded(language)
        classes = self.names.classes().get(scored.iri, ())
        telling = [each for each in classes if each.startswith(LG)] or list(classes)
        likeness = [("name_similarity", round(scored.likeness, 4))] if scored.by_language else []
        by_language = (
            (f"name_similarity@{tag or 'und'}", round(value, 4))
            for tag, value in sorted(scored.by_language.items(), key=lambda pair: -pair[1])
        )
        return Candidate(
            scored.iri,
            called,
            tag,
            description,
            tuple((worded[each].id, worded[each].name) for each in telling if each in worded),
            round(max(0.0, scored.score), 2),
            match,
            (*likeness, *by_language, *scored.features),
        )

    def _called(self, iri: str, language: str) -> tuple[str, str, str]:
        """Return the name of a thing with its language, and its description."""
        with self._lock:
            kept = self._texts.get((iri, language))
        if kept is None:
            texts = self.names.texts(iri, language)
            own = texts.name.value if texts.name else (split(iri) or ("", iri))[1]
            tag = texts.name.language if texts.name else ""
            kept = own, tag, texts.description.value if texts.description else ""
            with self._lock:
                self._texts[iri, language] = kept
        return kept


def _by_name(folded: str, namings: Iterable[Naming]) -> list[_Scored]:
    """Return the things of names that are like one, each by its best name."""
    asked = name(folded)
    found: dict[str, _Scored] = {}
    for naming in namings:
        other = name(naming.folded)
        likeness = alike(asked, other)
        score = 100 * likeness - (0 if naming.is_label else _ALTERNATIVE)
        is_sure = is_surely(asked, other)
        if score < _LEAST and not is_sure:
            continue
        scored = found.setdefault(naming.iri, _Scored(naming.iri))
        scored.score = max(score, scored.score)
        scored.likeness = max(likeness, scored.likeness)
        scored.is_sure = scored.is_sure or is_sure
        tag = naming.text.language
        scored.by_language[tag] = max(likeness, scored.by_language.get(tag, 0.0))
    return list(found.values())


def _letters_joined(folded: str) -> str:
    """Return the word of an abbreviation that was written with points, "" if it is none.

    Two letters are none: `n/a` is what tables say where they say nothing.
    """
    return folded.replace(" ", "") if _POINTED.fullmatch(folded) else ""


def _is_clear(found: list[_Scored]) -> bool:
    """Tell whether the first is surely the one, and no other comes near it."""
    first, *others = found
    if not first.is_sure:
        return False
    return all(
        first.score - other.score >= _MARGIN
        or (first.likeness == 1 and not other.is_sure and other.likeness < 1)
        for other in others
    )


def _any(classes: frozenset[str], wanted: list[str]) -> bool:
    return any(each in classes for each in wanted)


def _order(iri: str) -> tuple[int, str]:
    """Return what stands before what of an equal score: the kinds that people mean most."""
    kind = (split(iri) or ("",))[0]
    return SEGMENTS.index(kind) if kind in SEGMENTS else len(SEGMENTS), iri
