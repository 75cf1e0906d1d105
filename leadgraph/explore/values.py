"""A field -> an example of its value as Turtle writes it, fit for the constraints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from leadgraph.explore.fields import Field, is_text, patterns, used
from leadgraph.explore.kinds import upwards
from leadgraph.explore.sparql import key
from leadgraph.vocabulary import DCTERMS, FOAF, OWL, RDF, SCHEMA, SH, SKOS, XSD

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from leadgraph.explore.folder import Folder
    from leadgraph.query.client import Term

SLUG = "fill-this-in"
"""What stands in a form where somebody has to choose a name."""

MARK = "✎ "
"""What stands in a form before words that somebody has to write."""

PAGE = NamedNode(f"https://example.org/{SLUG}")
CC0 = NamedNode("https://creativecommons.org/publicdomain/zero/1.0/")
_LANGUAGE_OF = frozenset({SCHEMA + "inLanguage", DCTERMS + "language"})
_PEOPLE = frozenset({FOAF + "Agent", FOAF + "Person", SCHEMA + "Person"})
_WORDS = frozenset({SKOS + "prefLabel", SKOS + "altLabel", DCTERMS + "title", SKOS + "definition"})
_NUMBERS = frozenset(
    XSD + name for name in ("integer", "decimal", "double", "float", "int", "long", "short")
) | frozenset(XSD + name for name in ("nonNegativeInteger", "positiveInteger", "unsignedInt"))
_SAMPLES = {
    "boolean": "true",
    "date": "{year}-01-15",
    "dateTime": "{year}-01-15T12:00:00Z",
    "dateTimeStamp": "{year}-01-15T12:00:00Z",
    "gYear": "{year}",
    "gYearMonth": "{year}-01",
    "time": "12:00:00",
    "duration": "P1D",
    "anyURI": f"https://example.org/{SLUG}",
    "language": "{language}",
}
_FIRST_YEAR = 2026


@dataclass(frozen=True, slots=True)
class Wanted:
    """For whom and among what an example is chosen.

    `words` say what is to be written, `height` how many other values it must exceed, `avoid` is
    what the thing names already by a property that may not share values (sh:disjoint).
    """

    language: str
    words: str
    height: int = 0
    avoid: frozenset[Term] = frozenset()


def example(folder: Folder, field: Field, wanted: Wanted) -> Term | None:
    """Return a value that the constraints of a field allow, None if only a new thing would do."""
    choices = field.choices(folder)
    if choices:
        return choices[0]
    if classes(folder, field):
        return next((each for each in _things(folder, field) if each not in wanted.avoid), None)
    return (
        _literal(folder, field, wanted) or _page(folder, field) or _as_used(folder, field, wanted)
    )


def classes(folder: Folder, field: Field) -> list[str]:
    """Return the classes of which a value may be, those of people last."""
    found = dict.fromkeys(key(each) for each in field.values(folder, "class"))
    return sorted(found, key=lambda iri: iri in _PEOPLE)


def real_words(folder: Folder, field: Field, kind: str, language: str) -> Literal | None:
    """Return how a thing of the same kind has it, in the reader's language."""
    facts = folder.data
    for subject in facts.subjects():
        if kind in facts.nodes(subject, RDF + "type"):
            for text in facts.literals(subject, field.path):
                if (text.language or language).partition("-")[0] == language:
                    return text
    return None


def _things(folder: Folder, field: Field) -> Iterator[Term]:
    """Yield real things of a class that is allowed; what the data use there comes first."""
    allowed = classes(folder, field)
    yield from (
        each
        for each in used(folder, field.path)
        if isinstance(each, NamedNode) and _is_a(folder, each.value, allowed)
    )
    for wanted in allowed:
        for subject in folder.data.subjects():
            if not subject.startswith("_:") and _is_a(folder, subject, [wanted]):
                yield NamedNode(subject)


def _is_a(folder: Folder, iri: str, allowed: list[str]) -> bool:
    """Tell whether a thing is of one of the classes, and still in use."""
    if any(text.value == "true" for text in folder.data.literals(iri, OWL + "deprecated")):
        return False
    stated = folder.data.nodes(iri, RDF + "type")
    return any(up in allowed for each in stated for up in upwards(folder, each))


def _literal(folder: Folder, field: Field, wanted: Wanted) -> Literal | None:
    """Return a literal of the first datatype that is asked for."""
    datatype = next((key(each) for each in field.values(folder, "datatype")), "")
    if is_text(folder, field) or field.path in _WORDS:
        return Literal(MARK + wanted.words, language=wanted.language)
    if datatype in _NUMBERS or (not datatype and _bounds(folder, field)):
        return _number(folder, field, wanted, datatype or XSD + "integer")
    sample = _SAMPLES.get(datatype.removeprefix(XSD))
    if sample:
        text = sample.format(year=_FIRST_YEAR + wanted.height, language=wanted.language)
        return Literal(text, datatype=NamedNode(datatype))
    if datatype == XSD + "string":
        return Literal(MARK + wanted.words)
    return None


def _bounds(folder: Folder, field: Field) -> list[Term]:
    names = ("minInclusive", "minExclusive", "maxInclusive", "maxExclusive")
    return [each for name in names for each in field.values(folder, name)]


def _number(folder: Folder, field: Field, wanted: Wanted, datatype: str) -> Literal:
    """Return a small number within the bounds, above those that must be less."""

    def bound(name: str) -> list[float]:
        facts = folder.shapes
        found = (facts.number(rule, SH + name) for rule in field.rules)
        return [each for each in found if each is not None]

    least = max([1.0, *bound("minInclusive"), *(each + 1 for each in bound("minExclusive"))])
    most = [*bound("maxInclusive"), *(each - 1 for each in bound("maxExclusive"))]
    number = min([least + wanted.height, *most])
    whole = datatype not in {XSD + "decimal", XSD + "double", XSD + "float"}
    return Literal(str(int(number) if whole else number), datatype=NamedNode(datatype))


def _page(folder: Folder, field: Field) -> NamedNode | None:
    """Return an address where one is asked for."""
    kinds = {key(each) for each in field.values(folder, "nodeKind")}
    if field.path == DCTERMS + "license":
        return CC0
    if kinds & {SH + "IRI", SH + "BlankNodeOrIRI"} or field.path == DCTERMS + "source":
        return PAGE
    return None


def _as_used(folder: Folder, field: Field, wanted: Wanted) -> Term:
    """Return a value like those that the data have, for nothing says of what datatype it is."""
    if field.path in _LANGUAGE_OF:
        return Literal(wanted.language)
    known = [each for each in used(folder, field.path) if isinstance(each, Literal | NamedNode)]
    asked = patterns(folder, field)
    fitting = (each for each in known if _may_be_copied(each, asked))
    copied = next(fitting, None)
    if copied is not None:
        return copied
    is_plain = bool(known) and isinstance(known[0], Literal) and not known[0].language
    text = MARK + wanted.words
    return Literal(text) if is_plain or asked else Literal(text, language=wanted.language)


def _may_be_copied(value: Literal | NamedNode, asked: list[re.Pattern[str]]) -> bool:
    """Tell whether a value is an example as it stands: no words of somebody else's."""
    if isinstance(value, NamedNode):
        return True
    if value.language or (value.datatype.value == XSD + "string" and not asked):
        return False
    return all(pattern.match(value.value) for pattern in asked)
