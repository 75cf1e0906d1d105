"""A result -> the term that was probably meant where another one stands, or none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from leadgraph.check.explain import languages, suggest
from leadgraph.vocabulary import ID, RDF, WD, split

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from leadgraph.check.explain.shape_index import ShapeIndex
    from leadgraph.check.explain.vocabulary_index import Vocabulary
    from leadgraph.check.results import Result
    from leadgraph.check.slice import Term

_TYPE = NamedNode(RDF + "type")
_ITEM = re.compile(r"/(?:Special:EntityData/|Property:|Item:)?([QPL][0-9]+)", re.IGNORECASE)
_PAGE_OF_ITEM = re.compile(
    rf"https?://(?:www\.|m\.)?wikidata\.org/(?:wiki|entity){_ITEM.pattern}\Z", re.IGNORECASE
)
_OURS = re.compile(r"https?://(?:www\.)?w3id\.org/leadgraph/id/([^/]*)/?([^/]*)/?\Z", re.IGNORECASE)
_LONGEST_PATTERN_TEXT = 300
_MOST_COMPARED = 5_000_000


class Near:
    """Where to look for what was meant; each question is asked once, and only so many names read.

    A file with thousands of mistakes beside a graph of a million things must not take minutes.
    """

    def __init__(self, shapes: ShapeIndex, vocabulary: Vocabulary) -> None:
        self.shapes = shapes
        self.vocabulary = vocabulary
        self._known: dict[tuple[object, ...], Term | None] = {}
        self._slugs: dict[str, dict[str, str]] = {}
        self._left = _MOST_COMPARED

    def meant(self, result: Result) -> Term | None:
        """Return the term that was probably meant."""
        find = _BY_CODE if result.constraint is None else _BY_COMPONENT
        name = result.code if result.constraint is None else result.constraint
        found = find.get(name.removesuffix("ConstraintComponent"))
        if found is None:
            return None
        key = (name, result.shape, result.predicate, result.value or result.focus)
        if key not in self._known:
            self._known[key] = found(self, result)
        return self._known[key]

    def slugs(self, kind: str) -> dict[str, str]:
        """Return the slugs of our things of a kind, folded, while they can be afforded."""
        if kind not in self._slugs:
            slugs = (iri.rpartition("/")[2] for iri in self.vocabulary.things.of_kind(kind))
            self._slugs[kind] = {slug: suggest.folded(slug) for slug in slugs}
        self._left -= len(self._slugs[kind])
        return self._slugs[kind] if self._left > 0 else {}

    def affords(self, choices: Sequence[str]) -> Sequence[str]:
        """Return the choices, none when too many have been compared already."""
        self._left -= len(choices)
        return choices if self._left > 0 else ()


def _term(near: Near, result: Result) -> Term | None:
    """A property, a class or a code that nobody defines; or our thing under a wrong scheme."""
    value = result.value
    if not isinstance(value, NamedNode):
        return None
    thing = _thing(near, value)
    if thing:
        return thing
    vocabulary = near.vocabulary
    if result.predicate == value:
        choices = vocabulary.properties
    else:
        choices = vocabulary.classes if result.predicate == _TYPE else vocabulary.codes
    return _named(suggest.nearest_iri(value.value, near.affords(choices)))


def _described(near: Near, result: Result) -> Term | None:
    """A thing of ours that no file describes."""
    term = result.focus if result.code == "untyped" else result.value
    return _thing(near, term) if isinstance(term, NamedNode) else None


def _thing(near: Near, term: NamedNode) -> Term | None:
    """The thing of the same kind whose name is nearest, else the one with this very name."""
    ours = _OURS.fullmatch(term.value)
    if ours is None:
        found = split(term.value)
        kind, slug = found or ("", "")
    else:
        kind, slug = ours[1].lower(), ours[2]
    if not slug:
        return None
    things = near.vocabulary.things
    exact = things.kinds_of(slug)
    same_kind = f"{ID}{kind}/{slug}"
    if same_kind in exact:
        return NamedNode(same_kind) if same_kind != term.value else None
    nearest = suggest.nearest_of(slug, near.slugs(kind))
    if nearest:
        return NamedNode(f"{ID}{kind}/{nearest}")
    return NamedNode(exact[0]) if len(exact) == 1 else None


def _item(_near: Near, result: Result) -> Term | None:
    """The item that a page of Wikidata is about."""
    value = result.value
    number = _ITEM.search(value.value) if isinstance(value, NamedNode) else None
    return NamedNode(WD + number[1].upper()) if number else None


def _of_class(near: Near, result: Result) -> Term | None:
    """The right class where a misspelt one stands, else a thing of that class with such a name."""
    value = result.value if result.value is not None else result.focus
    kinds = [
        kind.value for kind in near.shapes.asked(result, "class") if isinstance(kind, NamedNode)
    ]
    if isinstance(value, Literal):
        return _by_name(near, value.value, kinds)
    if not isinstance(value, NamedNode):
        return None
    types = near.vocabulary.types_of(value)
    for each in types:
        found = suggest.nearest_iri(each, kinds)
        if found and each not in kinds:
            return NamedNode(found)
    if types:
        return None
    thing = _thing(near, value)
    if thing or split(value.value):
        return thing
    return _named(suggest.nearest_iri(value.value, _instances(near, kinds)))


def _by_name(near: Near, text: str, kinds: Sequence[str]) -> Term | None:
    """The thing of a class that has this text as its name in its IRI."""
    wanted = suggest.folded(text.strip()[:_LONGEST_PATTERN_TEXT])
    named = {
        iri: suggest.folded(suggest.parts(iri)[1]) for iri in dict.fromkeys(_instances(near, kinds))
    }
    return _only([NamedNode(iri) for iri, name in named.items() if wanted and name == wanted])


def _instances(near: Near, kinds: Sequence[str]) -> Sequence[str]:
    found = [iri for kind in kinds for iri in near.vocabulary.instances(NamedNode(kind))]
    return near.affords(found)


def _listed(near: Near, result: Result) -> Term | None:
    """The allowed value that is nearest, or that has the same text in another guise."""
    value = result.value if result.value is not None else result.focus
    choices = near.shapes.asked(result, "in") or near.shapes.asked(result, "hasValue")
    if value is None:
        return None
    text = _text(value)
    same = [choice for choice in choices if _text(choice) == text and choice != value]
    if len(same) == 1:
        return same[0]
    literals = {choice.value: choice for choice in choices if isinstance(choice, Literal)}
    iris = [choice.value for choice in choices if isinstance(choice, NamedNode)]
    if isinstance(value, NamedNode):
        found = _named(suggest.nearest_iri(value.value, iris))
        if found:
            return found
    nearest = suggest.nearest(text, list(literals))
    if nearest:
        return literals[nearest]
    local = suggest.nearest(text, [suggest.parts(iri)[1] for iri in iris])
    return _only([NamedNode(iri) for iri in iris if suggest.parts(iri)[1] == local])


def _allowed(near: Near, result: Result) -> Term | None:
    """The property of a closed shape that is nearest."""
    if not isinstance(result.predicate, NamedNode):
        return None
    asked = near.shapes.asked(result, "allowed") or tuple(near.shapes.properties(result.shape))
    choices = [term.value for term in asked if isinstance(term, NamedNode)]
    return _named(suggest.nearest_iri(result.predicate.value, choices))


def _language(near: Near, result: Result) -> Term | None:
    """The same text in the language that its tag was meant to name."""
    value = result.value if result.value is not None else result.focus
    if not isinstance(value, Literal) or not value.language:
        return None
    wanted = near.shapes.asked(result, "languageIn")
    tags = tuple(tag.value for tag in wanted if isinstance(tag, Literal))
    tag = languages.meant(value.language, tags)
    return Literal(value.value, language=tag) if tag else None


def _matching(near: Near, result: Result) -> Term | None:
    """The value in another guise that the pattern accepts: https, capital letters, no space."""
    value = result.value if result.value is not None else result.focus
    patterns = [_text(text) for text in near.shapes.asked(result, "pattern")]
    flags = "".join(map(_text, near.shapes.asked(result, "flags")))
    if not isinstance(value, NamedNode | Literal) or len(value.value) > _LONGEST_PATTERN_TEXT:
        return None
    if len(patterns) != 1:
        return None
    for make in _GUISES:
        text = make(value.value)
        if text and text != value.value and _matches(patterns[0], flags, text):
            return _like(value, text)
    return None


def _like(value: NamedNode | Literal, text: str) -> Term | None:
    if isinstance(value, Literal):
        if value.language:
            return Literal(text, language=value.language)
        return Literal(text, datatype=value.datatype)
    return NamedNode(text) if re.fullmatch(r'[^\s<>"{}|\\^`]+', text) else None


def _matches(pattern: str, flags: str, text: str) -> bool:
    known = {"i": re.IGNORECASE, "s": re.DOTALL, "m": re.MULTILINE, "x": re.VERBOSE}
    combined = re.RegexFlag(0)
    for flag in flags:
        combined |= known.get(flag, re.RegexFlag(0))
    try:
        return re.search(pattern, text, combined) is not None
    except re.error:
        return False


_GUISES: tuple[Callable[[str], str], ...] = (
    str.strip,
    lambda text: re.sub(r"^http:", "https:", text),
    lambda text: re.sub(r"^https:", "http:", text),
    lambda text: re.sub(_PAGE_OF_ITEM, lambda found: WD + found[1].upper(), text),
    str.lower,
    str.upper,
    str.capitalize,
    lambda text: text.replace("_", "-"),
    lambda text: re.sub(r"[\s_]+", "-", text.strip().lower()),
)


def _text(term: Term) -> str:
    """What two terms have in common that differ in quotation marks, datatype or language only."""
    return term.value if isinstance(term, NamedNode | Literal) else str(term)


def _named(iri: str | None) -> NamedNode | None:
    return NamedNode(iri) if iri else None


def _only(terms: Sequence[NamedNode]) -> NamedNode | None:
    return terms[0] if len(terms) == 1 else None


_BY_CODE: dict[str, Callable[[Near, Result], Term | None]] = {
    "undefined-term": _term,
    "unknown-term": _term,
    "dangling-reference": _described,
    "untyped": _described,
    "unreachable-destination": _described,
    "wikidata-address": _item,
    "unknown-language": _language,
}
_BY_COMPONENT: dict[str, Callable[[Near, Result], Term | None]] = {
    "Class": _of_class,
    "In": _listed,
    "Closed": _allowed,
    "LanguageIn": _language,
    "Pattern": _matching,
}
