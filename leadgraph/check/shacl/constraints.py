"""A shapes graph and a constraint's component -> its path, parameters, code and words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import rdflib
from pyoxigraph import NamedNode
from rdflib import RDF, SH

from leadgraph.check import paths
from leadgraph.check.shacl.terms import term
from leadgraph.vocabulary import SH as SHACL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib.term import Node

    from leadgraph.check.slice import Term

_LONGEST_MESSAGE = 1000
_DEEPEST_PATH = 20
_LISTS = frozenset({"in", "languageIn", "ignoredProperties"})
_QUALIFIED = (
    "qualifiedValueShape",
    "qualifiedMinCount",
    "qualifiedMaxCount",
    "qualifiedValueShapesDisjoint",
)
_PARAMETERS: dict[str, tuple[str, ...]] = {
    "Pattern": ("pattern", "flags"),
    "Closed": ("closed", "ignoredProperties"),
    "QualifiedMinCount": _QUALIFIED,
    "QualifiedMaxCount": _QUALIFIED,
    "SPARQL": (),
} | {
    name[0].upper() + name[1:]: (name,)
    for name in (
        *("class", "datatype", "nodeKind", "minCount", "maxCount", "in", "hasValue"),
        *("minExclusive", "minInclusive", "maxExclusive", "maxInclusive"),
        *("minLength", "maxLength", "languageIn", "uniqueLang"),
        *("equals", "disjoint", "lessThan", "lessThanOrEquals"),
        *("not", "and", "or", "xone", "node", "property"),
    )
}
"""Core constraint component (SHACL, 4), without its ending -> its parameters."""

_REPETITIONS: tuple[tuple[Node, int, int | None], ...] = (
    (SH.zeroOrMorePath, 0, None),
    (SH.oneOrMorePath, 1, None),
    (SH.zeroOrOnePath, 0, 1),
)
_COMPONENT = re.compile(rf"{re.escape(SHACL)}(\w+)ConstraintComponent")


def members(shapes: rdflib.Graph, head: Node) -> list[Node]:
    """Return the members of a list; of one that is a loop, those until it closes."""
    found: list[Node] = []
    seen: set[Node] = set()
    while head != RDF.nil and head not in seen:
        seen.add(head)
        found += shapes.objects(head, RDF.first)
        head = next(shapes.objects(head, RDF.rest), RDF.nil)
    return found


def values(shapes: rdflib.Graph, shape: Node, parameter: str) -> list[Node]:
    """Return the values of a parameter at a shape, in the order that pySHACL takes them in."""
    return list(shapes.objects(shape, SH[parameter]))


def core_name(component: Node) -> str | None:
    """`MinCount` for `sh:MinCountConstraintComponent`; None for components of others."""
    found = _COMPONENT.fullmatch(str(component))
    return found[1] if found and found[1] in _PARAMETERS else None


def core_components(shapes: rdflib.Graph, shape: Node) -> Iterator[Node]:
    """Yield the core components whose constraints a shape states."""
    for name, names in _PARAMETERS.items():
        needed = name[0].lower() + name[1:] if name.startswith("Qualified") else (names or [""])[0]
        if needed and (shape, SH[needed], None) in shapes:
            yield SH[f"{name}ConstraintComponent"]


def parameters(shapes: rdflib.Graph, shape: Node, component: Node) -> dict[str, tuple[Term, ...]]:
    """Return what a constraint asks for: the local names of its parameters and their values.

    The values of `in`, `languageIn` and `ignoredProperties` are the members of the lists, those of
    `and`, `or` and `xone` the heads. `allowed` are the properties that a closed shape has.
    """
    name = core_name(component)
    if name is None:
        return _own_parameters(shapes, shape, component)
    found = {each: _flat(shapes, shape, each) for each in _PARAMETERS[name]}
    if name == "Closed":
        found["allowed"] = list(_properties(shapes, shape))
    return {key: tuple(map(term, nodes)) for key, nodes in found.items() if nodes}


def _flat(shapes: rdflib.Graph, shape: Node, parameter: str) -> list[Node]:
    """The values of a parameter, of lists of values their members."""
    found = values(shapes, shape, parameter)
    if parameter not in _LISTS:
        return found
    return [member for head in found for member in members(shapes, head)]


def _own_parameters(
    shapes: rdflib.Graph, shape: Node, component: Node
) -> dict[str, tuple[Term, ...]]:
    """What a SPARQL-based component takes (SHACL, 6.2.1)."""
    properties = [
        path
        for parameter in shapes.objects(component, SH.parameter)
        for path in shapes.objects(parameter, SH.path)
    ]
    found = {local_name(str(each)): list(shapes.objects(shape, each)) for each in properties}
    return {key: tuple(map(term, nodes)) for key, nodes in found.items() if nodes}


def _properties(shapes: rdflib.Graph, shape: Node) -> Iterator[Node]:
    """The properties that are explicitly enumerated at a closed shape (SHACL, 4.8.1)."""
    for each in shapes.objects(shape, SH.property):
        yield from (p for p in shapes.objects(each, SH.path) if isinstance(p, rdflib.URIRef))


def siblings(shapes: rdflib.Graph, shape: Node, value_shape: Node) -> set[Node]:
    """Return the shapes of which a value node that counts must be none (SHACL, 4.7.3)."""
    disjoint = shapes.objects(shape, SH.qualifiedValueShapesDisjoint)
    if not any(isinstance(each, rdflib.Literal) and each.value is True for each in disjoint):
        return set()
    return {
        sibling
        for holder in shapes.subjects(SH.property, shape)
        for other in shapes.objects(holder, SH.property)
        for sibling in shapes.objects(other, SH.qualifiedValueShape)
    } - {value_shape}


def path(shapes: rdflib.Graph, node: Node | None, depth: int = 0) -> paths.Path | None:
    """Return a property path (SHACL, 2.3.1); None where there is none, or none that is finite."""
    if isinstance(node, rdflib.URIRef):
        return paths.Predicate(NamedNode(str(node)))
    if not isinstance(node, rdflib.BNode) or depth > _DEEPEST_PATH:
        return None
    if (node, RDF.first, None) in shapes:
        steps = _paths(shapes, node, depth)
        return paths.Sequence(steps) if steps else None
    choices = next(shapes.objects(node, SH.alternativePath), None)
    if choices is not None:
        alternatives = _paths(shapes, choices, depth)
        return paths.Alternative(alternatives) if alternatives else None
    return _wrapped(shapes, node, depth)


def _paths(shapes: rdflib.Graph, head: Node, depth: int) -> tuple[paths.Path, ...]:
    """The paths of a list, none if one of them cannot be read."""
    found = [path(shapes, member, depth + 1) for member in members(shapes, head)]
    read = tuple(each for each in found if each is not None)
    return read if len(read) == len(found) else ()


def _wrapped(shapes: rdflib.Graph, node: Node, depth: int) -> paths.Path | None:
    """A path with an operator before or after it."""
    inverse = next(shapes.objects(node, SH.inversePath), None)
    if inverse is not None:
        inner = path(shapes, inverse, depth + 1)
        return paths.Inverse(inner) if inner else None
    for predicate, least, most in _REPETITIONS:
        repeated = next(shapes.objects(node, predicate), None)
        if repeated is not None:
            inner = path(shapes, repeated, depth + 1)
            return paths.Repeated(inner, least, most) if inner else None
    return None


def code(shapes: rdflib.Graph, shape: Node) -> str:
    """Return the local name of a shape, or of the nearest named shape that holds it."""
    seen: set[Node] = set()
    row = [shape]
    while row:
        node = row.pop(0)
        if isinstance(node, rdflib.URIRef):
            return local_name(str(node))
        seen.add(node)
        holders = (s for s in shapes.subjects(None, node) if s not in seen)
        row += sorted(holders, key=str)
    return "shape"


def local_name(iri: str) -> str:
    """Return what follows the last `#`, `/` or `:` of an IRI."""
    return re.split(r"[#/:]", iri.rstrip("#/:"))[-1]


def messages(texts: Iterable[Node]) -> dict[str, str]:
    """Return language -> message; all that is said in one language, `en` before `en-GB`.

    What has no language counts as English if nothing else is English; there always is an English
    message, if need be one in another language.
    """
    said: dict[str, dict[str, None]] = {}
    for text in sorted(texts, key=str):
        language = (text.language if isinstance(text, rdflib.Literal) else None) or ""
        said.setdefault(language.lower(), {})[one_line(str(text))] = None
    found: dict[str, str] = {}
    for language in sorted(said):
        primary = language.partition("-")[0]
        if primary and primary not in found:
            found[primary] = " ".join(said[language])
    if "en" not in found:
        found["en"] = " ".join(said.get("", ())) or next(iter(found.values()), "")
    return found


def own_words(shapes: rdflib.Graph, shape: Node, component: Node) -> bool:
    """Whether messages are the shape's own: pySHACL has words of its own for core components."""
    name = core_name(component)
    return name is None or name == "SPARQL" or (shape, SH.message, None) in shapes


def one_line(text: str) -> str:
    """Return the text on one line, its beginning when it is very long."""
    return " ".join(text[:_LONGEST_MESSAGE].split())
