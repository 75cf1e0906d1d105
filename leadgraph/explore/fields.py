"""A class in a graph folder -> the fields that its shapes ask for, each with its constraints."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from leadgraph.explore.kinds import upwards
from leadgraph.explore.labels import Text, choose, labels_in
from leadgraph.explore.shapes import node_shapes
from leadgraph.explore.sparql import key
from leadgraph.vocabulary import DCTERMS, FOAF, LG, RDF, RDFS, SCHEMA, SH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from leadgraph.explore.folder import Folder
    from leadgraph.query.client import Term

_TYPE = RDF + "type"
_OF_AGENTS = (FOAF + "name", SCHEMA + "affiliation", DCTERMS + "source")
"""No shape asks anything of authors as such: what the graph says of each."""

_BASIS, _SOURCE = LG + "basis", DCTERMS + "source"


@dataclass(frozen=True, slots=True)
class Field:
    """One property of a form; `rules` are the shapes and the nested shapes that speak of it."""

    path: str
    name: Text
    description: Text | None
    required: bool
    order: float
    rules: tuple[str, ...] = field(repr=False)

    @property
    def rank(self) -> int:
        """What a reader fills in first: what is required, then the rest; the source comes last."""
        return 2 if self.path in {_BASIS, _SOURCE} else 0 if self.required else 1

    def values(self, folder: Folder, parameter: str) -> list[Term]:
        """Return what the constraints say by one parameter (`class`, `datatype`), all of them."""
        return [each for rule in self.rules for each in folder.shapes.objects(rule, SH + parameter)]

    def choices(self, folder: Folder) -> list[Term]:
        """Return the values of sh:in, or the one of sh:hasValue."""
        lists = (folder.shapes.members(key(head)) for head in self.values(folder, "in"))
        return next((found for found in lists if found), self.values(folder, "hasValue"))


def types(folder: Folder, iri: str) -> list[str]:
    """Return a class and those that a thing of it must state too (sh:hasValue of rdf:type)."""
    found = [iri]
    for each in found:  # it grows while it is read
        for shape in _property_shapes(folder, _shapes_for(folder, upwards(folder, each))):
            if _path(folder, shape) == _TYPE:
                wanted = folder.shapes.nodes(shape, SH + "hasValue")
                found += [other for other in wanted if other not in found]
    return found


def fields(folder: Folder, iri: str, language: str) -> list[Field]:
    """Return what the shapes ask of things of a class, required fields first, each path once.

    Shapes speak of a class, of those that it is part of, and of whatever has a property; they may
    leave a choice of properties (sh:or), of which the first is taken.
    """
    classes = {up for each in types(folder, iri) for up in upwards(folder, each)}
    own = _shapes_for(folder, classes)
    asked = _by_path(folder, own)
    chosen = {path: rank == 0 for paths in _choices(folder, own) for rank, path in enumerate(paths)}
    if not asked and not chosen:
        chosen = dict.fromkeys(_OF_AGENTS, True)
    basis = _of_subjects(folder, {_BASIS})
    extra = {_BASIS: True, _SOURCE: True} if basis else {}
    wanted = [*asked, *chosen, *extra]
    general = [each for each in _of_subjects(folder, wanted) if each not in own]
    for path, shapes in _by_path(folder, general).items():
        asked.setdefault(path, []).extend(shapes)
    nearest = _by_path(folder, _shapes_for(folder, types(folder, iri)))
    read = (
        _field(folder, path, asked.get(path, []), language, chosen.get(path) or path in extra)
        for path in dict.fromkeys([*asked, *wanted])
    )
    return sorted(
        filter(None, read),
        key=lambda each: (each.rank, each.path not in nearest, each.order),
    )


def greater(folder: Folder, paths: Iterable[str]) -> dict[str, int]:
    """Return how many properties each must exceed in turn (sh:lessThan, sh:lessThanOrEquals)."""
    facts = folder.shapes
    below: dict[str, set[str]] = {}
    for shape in facts.subjects():
        for name in ("lessThan", "lessThanOrEquals"):
            for upper in facts.nodes(shape, SH + name):
                below.setdefault(upper, set()).add(_path(folder, shape))
    return {path: _height(path, below, frozenset()) for path in paths}


def _height(path: str, below: dict[str, set[str]], seen: frozenset[str]) -> int:
    lower = below.get(path, set()) - seen - {path}
    return max((1 + _height(each, below, seen | {path}) for each in lower), default=0)


def _shapes_for(folder: Folder, classes: Iterable[str]) -> list[str]:
    """Return the node shapes that target one of the classes, or are one (2.1.3.1, 2.1.3.3)."""
    wanted = set(classes)
    facts = folder.shapes
    return [
        shape
        for shape in node_shapes(facts)
        if wanted & {*facts.nodes(shape, SH + "targetClass"), shape}
    ]


def _of_subjects(folder: Folder, paths: Iterable[str]) -> list[str]:
    """Return the node shapes that target whatever has one of the properties (2.1.3.4)."""
    wanted, facts = set(paths), folder.shapes
    return [
        shape
        for shape in node_shapes(facts)
        if wanted & set(facts.nodes(shape, SH + "targetSubjectsOf"))
    ]


def _property_shapes(folder: Folder, shapes: Iterable[str]) -> Iterator[str]:
    for shape in shapes:
        for rule in _nested(folder, shape, ("node", "and")):
            yield from folder.shapes.nodes(rule, SH + "property")


def _path(folder: Folder, shape: str) -> str:
    """Return the property of a shape, "" where its path is no single one."""
    path = next(iter(folder.shapes.nodes(shape, SH + "path")), "")
    return "" if path.startswith("_:") else path


def _by_path(folder: Folder, shapes: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for shape in _property_shapes(folder, shapes):
        path = _path(folder, shape)
        if path and path != _TYPE:
            found.setdefault(path, []).append(shape)
    return found


def _choices(folder: Folder, shapes: Iterable[str]) -> Iterator[list[str]]:
    """Yield the properties of which a node shape wants one: each alternative asks for one."""
    facts = folder.shapes
    for shape in shapes:
        for head in facts.nodes(shape, SH + "or") + facts.nodes(shape, SH + "xone"):
            alternatives = [_wanted(folder, each) for each in facts.items(head)]
            if alternatives and all(alternatives):
                yield alternatives


def _wanted(folder: Folder, shape: str) -> str:
    """Return the property that an alternative asks for, "" if it asks for something else."""
    facts = folder.shapes
    for each in (shape, *facts.nodes(shape, SH + "property")):
        if (facts.number(each, SH + "minCount") or 0) >= 1:
            return _path(folder, each)
    return ""


def _nested(folder: Folder, shape: str, ways: tuple[str, ...]) -> list[str]:
    """Return a shape and those within it, by sh:node or as members of sh:and and sh:or."""
    facts, found = folder.shapes, [shape]
    for each in found:  # it grows while it is read
        inner = facts.nodes(each, SH + "node") if "node" in ways else []
        heads = (head for way in ways if way != "node" for head in facts.nodes(each, SH + way))
        inner += [member for head in heads for member in facts.items(head)]
        found += [other for other in inner if other not in found]
    return found


def _field(
    folder: Folder, path: str, shapes: list[str], language: str, required: bool | None
) -> Field | None:
    """Return a field; None where no value is allowed, or nothing can be said of it."""
    facts = folder.shapes
    if any(facts.number(shape, SH + "maxCount") == 0 for shape in shapes):
        return None
    least = max((facts.number(shape, SH + "minCount") or 0 for shape in shapes), default=0)
    orders = [facts.number(shape, SH + "order") or 0 for shape in shapes]
    name = _told(folder, shapes, SH + "name", language)
    description = _told(folder, shapes, SH + "description", language)
    nested = (each for shape in shapes for each in _nested(folder, shape, ("node", "and", "or")))
    sources = (folder.ontology, folder.shapes)
    comments = [text for each in sources for text in each.literals(path, RDFS + "comment")]
    return Field(
        path,
        name or labels_in(sources, [path], language).node(path).label,
        description or (choose(comments, language) if comments else None),
        bool(required) or least >= 1,
        min(orders, default=99),
        tuple(dict.fromkeys(nested)),
    )


def _told(folder: Folder, shapes: list[str], predicate: str, language: str) -> Text | None:
    """Return the words of the first shape that has any."""
    found = (choose(folder.shapes.literals(shape, predicate), language) for shape in shapes)
    return next(filter(None, found), None)


def is_text(folder: Folder, field: Field) -> bool:
    """Tell whether the constraints ask for text in a language."""
    wanted = {key(each) for each in field.values(folder, "datatype")}
    return RDF + "langString" in wanted


def patterns(folder: Folder, field: Field) -> list[re.Pattern[str]]:
    """Return the patterns that values must have, as far as Python reads them."""
    found = []
    for rule in field.rules:
        flags = {each.value for each in folder.shapes.literals(rule, SH + "flags")}
        for text in folder.shapes.literals(rule, SH + "pattern"):
            try:
                found.append(re.compile(text.value, re.IGNORECASE if "i" in flags else 0))
            except re.error:
                continue
    return found


def used(folder: Folder, path: str) -> list[Literal | NamedNode]:
    """Return the values that the data give a property, each once."""
    facts = folder.data
    values = (value for subject in facts.subjects() for value in facts.objects(subject, path))
    return [value for value in dict.fromkeys(values) if isinstance(value, Literal | NamedNode)]
