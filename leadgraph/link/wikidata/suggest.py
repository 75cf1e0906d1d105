"""Things without a link -> items that may be meant, each with a score from 0 to 1 and its reasons.

A name alone proves little: Wikidata has a steward on an airplane, a coach of athletes, a curator in
a museum. So the words around a thing count as well, and whether an item is of a kind that can be
meant, and what the table of evidence warns of.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from leadgraph.link.wikidata.drift import folded
from leadgraph.link.wikidata.items import Item
from leadgraph.link.wikidata.requests import MULTILINGUAL
from leadgraph.link.wikidata.things import Kind, stems
from leadgraph.vocabulary import SKOS, WD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from leadgraph.link.wikidata.linked import Evidence
    from leadgraph.link.wikidata.things import Thing

_LEAST_SHOWN = 0.01
_SAME, _ALMOST, _NEAR = 1.0, 0.97, 0.85
"""From where on two names are one, as good as one, and neighbours."""
_ALIAS = 0.95
_WEIGHTS = {"name": 0.6, "languages": 0.1, "context": 0.25, "kind": 0.05}
_ENOUGH_WORDS = 2
_OTHER_KIND, _ONLY_A_PAGE, _OTHER_FIELD = 0.55, 0.15, 0.25
_WARNED, _WEAK = 0.2, 0.8
_CLOSE_FROM = 0.75

_PERSON = re.compile(
    r"^(?:\([^)]*\) )?(?:an? |the |any )?(?:\w+[- ]){0,2}"
    r"(?:person|someone|somebody|one who|human|member|individual|specialist|attendant|official|"
    r"profession|professional|occupation|worker|leader|user|student|writer|volunteer|soldier)\b",
    re.IGNORECASE,
)
_OFFICE = re.compile(r"\b(?:profession|occupation|position|title|role|human)\b", re.IGNORECASE)
_PAGE = re.compile(
    r"\b(?:disambiguation|wikimedia (?:category|template|list)|family name|given name|surname|film|"
    r"album|song|single|novel|painting|scholarly article|video game|television series|episode)\b",
    re.IGNORECASE,
)
_FIELDS = re.compile(
    r"\b(?:sports?\w*|athlet\w+|football\w*|basketball|military|soldiers?|army|navy|naval|"
    r"air ?planes?|aircraft|airlines?|ships?|museums?|heritage|collections|animals?|horses?|"
    r"robots?|chemical\w*|biolog\w+|medic\w+|electr\w+|religio\w+|church|nobility)\b",
    re.IGNORECASE,
)
"""Words of fields of life in which a name of ours means something else."""
_NO_PERSONS = frozenset({Kind.SKILL, Kind.THEME, Kind.TOPIC, Kind.ORGANIZATION})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a score is what it is: the key of its words, and the facts in them."""

    key: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item that may be meant; `mapping` is the property that would be careful enough."""

    item: Item
    score: float
    mapping: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A thing, and the items that it may be, the likeliest first."""

    thing: Thing
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class _Name:
    """The nearest of an item's names to one of ours."""

    nearness: float
    ours: str
    language: str
    is_alias: bool


def spellings(thing: Thing) -> list[tuple[str, str]]:
    """Return the (text, language) under which a source may have a thing, each once.

    Wikidata writes what is no proper name small, in languages that do so, and knows names that are
    the same everywhere under a tag of their own.
    """
    found: dict[tuple[str, str], None] = {}
    for text, language in thing.names:
        for spelt in (text, text.lower(), text[:1].upper() + text[1:]):
            for tag in (language, MULTILINGUAL):
                found.setdefault((spelt, tag), None)
    return list(found)


def nearby(thing: Thing, items: Iterable[Item]) -> list[Item]:
    """Return those of some items that have a name near to one of a thing's."""
    return [item for item in items if _named(thing, item)]


def alike(things: Iterable[Thing], names: Iterable[tuple[str, str]]) -> set[str]:
    """Return the items of (name, item) whose name is near to one of a thing's, in any language."""
    by_name: defaultdict[str, set[str]] = defaultdict(set)
    for name, iri in names:
        by_name[folded(name)].add(iri)
    known, least = list(by_name), 100 * _NEAR
    ours = {folded(text) for thing in things for text, _ in thing.names}
    return {
        iri
        for text in ours
        for name, _, _ in process.extract(
            text, known, scorer=fuzz.ratio, score_cutoff=least, limit=None
        )
        for iri in by_name[name]
    }


def suggestion(
    thing: Thing,
    items: Iterable[Item],
    classes: Mapping[str, Item],
    evidence: Mapping[str, Evidence],
    most: int,
) -> Suggestion:
    """Return what a thing may be among some items."""
    usable = (item for item in items if not (item.is_gone or item.redirect))
    rated = [found for item in usable if (found := _rated(thing, item, classes, evidence))]
    rated.sort(key=lambda each: (-each.score, int(each.item.number[1:])))
    return Suggestion(thing, tuple(rated[:most]))


def _rated(
    thing: Thing, item: Item, classes: Mapping[str, Item], evidence: Mapping[str, Evidence]
) -> Candidate | None:
    name = _named(thing, item)
    if name is None:
        return None
    types = [classes[iri].label("en") for iri in item.types if iri in classes]
    described = " ".join([item.descriptions.get("en", ""), *types])
    parts = [_by_name(name), *_by_languages(thing, item), _by_context(thing, described)]
    brakes = [*_brakes(thing, described, types), *_warnings(evidence.get(item.iri))]
    score = sum(part for part, _ in parts)
    if described.strip() and not any(reason.key == "kind-differs" for _, reason in brakes):
        score += _WEIGHTS["kind"]
    for factor, _ in brakes:
        score *= factor
    score = round(min(max(score, _LEAST_SHOWN), 1.0), 2)
    mapping = "closeMatch" if score >= _CLOSE_FROM and not brakes else "relatedMatch"
    reasons = tuple(reason for _, reason in (*parts, *brakes))
    return Candidate(item, score, SKOS + mapping, reasons)


def _named(thing: Thing, item: Item) -> _Name | None:
    """The nearest name of an item, if it is near enough: names of organizations are all alike."""
    name = _nearest(thing, item)
    least = _ALMOST * _ALIAS if thing.kind is Kind.ORGANIZATION else _NEAR
    return name if name and name.nearness >= least else None


def _nearest(thing: Thing, item: Item) -> _Name | None:
    names = [
        _Name(nearness * (_ALIAS if is_alias else 1), text, language, is_alias)
        for text, language in thing.names
        for nearness, is_alias in _near(text, language, item)
    ]
    return max(names, key=lambda each: each.nearness, default=None)


def _near(text: str, language: str, item: Item) -> Iterator[tuple[float, bool]]:
    """How near each name of an item in a language is, and whether it is an alias."""
    labels = {folded(item.labels[tag]) for tag in (language, MULTILINGUAL) if tag in item.labels}
    ours = folded(text)
    for theirs in {folded(name) for name in item.names(language)}:
        yield fuzz.ratio(ours, theirs) / 100, theirs not in labels


def _by_name(name: _Name) -> tuple[float, Reason]:
    is_same = name.nearness >= _SAME * (_ALIAS if name.is_alias else 1)
    key = ("alias" if name.is_alias else "label") + ("-same" if is_same else "-near")
    facts = (("name", name.ours), ("tag", name.language))
    return _WEIGHTS["name"] * name.nearness, Reason(key, facts)


def _by_languages(thing: Thing, item: Item) -> Iterator[tuple[float, Reason]]:
    """The same name in several languages is seldom chance; of a bare name nobody knows its own."""
    if thing.kind is Kind.NAME:
        return
    agreeing = sorted(
        {
            language
            for text, language in thing.names
            if any(nearness >= _SAME for nearness, _ in _near(text, language, item))
        }
    )
    if len(agreeing) > 1:
        weight = _WEIGHTS["languages"] * min(1.0, (len(agreeing) - 1) / 2)
        yield weight, Reason("languages", (("languages", ", ".join(agreeing)),))


def _by_context(thing: Thing, described: str) -> tuple[float, Reason]:
    """Words that stand around both; those of the name itself prove nothing."""
    own = frozenset[str]().union(*(stems(text) for text, _ in thing.names))
    shared = sorted((stems(described) & thing.context) - own)
    if not described.strip():
        return 0.0, Reason("undescribed")
    if not shared:
        return 0.0, Reason("context-none")
    weight = _WEIGHTS["context"] * min(1.0, len(shared) / _ENOUGH_WORDS)
    whole = sorted({w for w in re.findall(r"\w+", described.casefold()) if w[:5] in shared})
    return weight, Reason("context", (("words", ", ".join(whole)),))


def _brakes(thing: Thing, described: str, types: Sequence[str]) -> Iterator[tuple[float, Reason]]:
    """What speaks against an item, whatever it is called."""
    if page := _PAGE.search(described):
        yield _ONLY_A_PAGE, Reason("page", (("words", page[0]),))
    is_person = bool(_PERSON.match(described) or any(map(_OFFICE.search, types)))
    differs = thing.kind in _NO_PERSONS if is_person else thing.kind is Kind.ROLE
    if described.strip() and differs:
        yield _OTHER_KIND, Reason("kind-differs")
    fields = {found.casefold() for found in _FIELDS.findall(described)}
    foreign = sorted(each for each in fields if not stems(each) & thing.context)
    if foreign:
        yield _OTHER_FIELD, Reason("field", (("words", ", ".join(foreign)),))


def _warnings(row: Evidence | None) -> Iterator[tuple[float, Reason]]:
    """What the table of evidence says of an item."""
    if row is None:
        return
    if row.warning:
        yield _WARNED, Reason("trap", (("note", row.warning.partition(" | ")[0]),))
    elif row.confidence == "C":
        yield _WEAK, Reason("weak")


def offline_items(evidence: Mapping[str, Evidence], fetched: Mapping[str, Item]) -> list[Item]:
    """Return the items that can be known without asking: of evidence, and as last fetched."""
    rows = {
        iri: Item(
            iri,
            {"en": row.labels[0]},
            {"en": row.description} if row.description else {},
            tuple(("en", label) for label in row.labels[1:]),
            is_known=True,
        )
        for iri, row in evidence.items()
        if row.labels and iri.startswith(WD + "Q")
    }
    return list({**rows, **fetched}.values())
