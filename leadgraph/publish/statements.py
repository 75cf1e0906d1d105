"""Prefixed names and plain values -> statements, for those modules that write some themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from leadgraph.vocabulary import PREFIXES, XSD

if TYPE_CHECKING:
    from collections.abc import Iterator

Term = NamedNode | Literal

NAMESPACES = {
    **PREFIXES,
    "spdx": "http://spdx.org/rdf/terms#",
    "void-ext": "http://ldf.fi/void-ext#",
}
"""The prefixes that `node` knows."""


def about(subject: str, *pairs: tuple[str, Term]) -> Iterator[Triple]:
    """Say several things of one: `about(iri, ("dcterms:title", text("Skills", "en")))`."""
    return (Triple(NamedNode(subject), node(name), term) for name, term in pairs)


def node(name: str) -> NamedNode:
    """Return the IRI of a prefixed name (`void:Dataset`).

    Raises:
        KeyError: if the prefix is none of ours.
    """
    prefix, _, local = name.partition(":")
    return NamedNode(NAMESPACES[prefix] + local)


def text(words: str, language: str | None = None) -> Literal:
    """Return a string, with its language where it is in one."""
    return Literal(words, language=language)


def number(value: int) -> Literal:
    """Return an xsd:integer."""
    return Literal(str(value), datatype=NamedNode(f"{XSD}integer"))
