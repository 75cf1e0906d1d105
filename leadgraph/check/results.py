"""What shapes and rules find, not yet placed in a file; and terms as people read them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leadgraph.vocabulary import XSD, shorten, split

if TYPE_CHECKING:
    from leadgraph.check.paths import Path
    from leadgraph.check.slice import Term
    from leadgraph.model import Severity

_LONGEST_TERM = 200
_TYPED = re.compile(r"(?P<text>\".*\")\^\^<(?P<type>[^<>]*)>", re.DOTALL)
# What Turtle reads without quotes (RDF 1.1 Turtle, 2.5.2 and 2.5.3).
BARE = {
    XSD + "integer": re.compile(r"[+-]?[0-9]+"),
    XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    XSD + "double": re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+"),
    XSD + "boolean": re.compile(r"true|false"),
}
_PREFIXES_OF_KINDS = {"org": "organization"}


@dataclass(frozen=True, slots=True)
class Result:
    """A validation result (SHACL, 3.6.2), or a row of a rule; not yet placed in a file.

    `graph` is the named graph that a rule blames. `path` is the property path (SHACL, 2.3.1) that
    leads from the focus node to its values; `predicate` is the same where it is a single one.
    `shape` is the source shape. `parameters` are what its constraint asks for: the local name of
    the parameter (`datatype`, `maxCount`) and its values, of lists (`in`, `or`) the members;
    besides `allowed`, the properties of a closed shape; `language`, in small letters, the tag of
    which sh:uniqueLang finds several; `conforming`, the value nodes that sh:qualifiedValueShape
    counts; `sparql`, the SPARQL-based constraint.
    `details` are the results of the inner shape that explain this one: sh:detail of sh:node, and
    for too few conforming values (sh:qualifiedMinCount) what the others lack.
    `alternatives`, for sh:and, sh:or and sh:xone, are what each member of the list finds in the
    value node: an empty one is met. For sh:not there is one: the constraints of the shape that is
    met but must not be, without words. They are missing where there are more results than anybody
    reads, or in the depth of shapes in shapes.
    `own_words` tells that the messages are the shape's own (sh:message). `focus_name` is the focus
    node as the file writes it, if it has a name. `occurrence` tells which of equal statements in
    the file of `graph` is blamed, from 0: a file may say something twice.
    """

    code: str
    severity: Severity
    messages: dict[str, str] = field(hash=False)
    constraint: str | None = None
    focus: Term | None = None
    predicate: Term | None = None
    value: Term | None = None
    graph: Term | None = None
    path: Path | None = None
    shape: Term | None = None
    parameters: dict[str, tuple[Term, ...]] = field(default_factory=dict, hash=False)
    details: tuple[Result, ...] = ()
    alternatives: tuple[tuple[Result, ...], ...] = ()
    own_words: bool = False
    suggestion: str | None = None
    focus_name: str | None = None
    occurrence: int = 0


def shown(term: Term | None) -> str | None:
    """Return a term in N-Triples syntax, cut in the middle when it is very long."""
    if term is None:
        return None
    text = str(term)
    if len(text) <= _LONGEST_TERM:
        return text
    half = _LONGEST_TERM // 2
    return f"{text[:half]}…{text[-half + 1 :]}"


def short(term: str) -> str:
    """Return a term of N-Triples as a file may have it: `role:coordinator`, `-3`, `"a"^^xsd:date`.

    `organization:` is the prefix for organizations, because `org:` is that of a W3C vocabulary.
    """
    typed = _TYPED.fullmatch(term)
    if typed:
        bare = BARE.get(typed["type"])
        plain = typed["text"][1:-1]
        is_bare = bare is not None and bare.fullmatch(plain)
        return plain if is_bare else f"{typed['text']}^^{shorten(typed['type'])}"
    if not term.startswith("<"):
        return term
    iri = term[1:].removesuffix(">")
    ours = split(iri)
    return f"{_PREFIXES_OF_KINDS.get(ours[0], ours[0])}:{ours[1]}" if ours else shorten(iri)


def natural(text: str) -> tuple[tuple[str, int], ...]:
    """Return a key to sort texts by in which `m101` comes before `m1000`."""
    parts = re.findall(r"([^0-9]*)([0-9]{0,18})", text)
    return tuple((words, int(number or -1)) for words, number in parts)
