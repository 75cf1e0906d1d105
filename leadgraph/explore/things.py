"""IRIs -> each with its label and the classes that say most of what it is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadgraph.explore.labels import Node, look_up
from leadgraph.explore.sparql import key, put
from leadgraph.vocabulary import LG, split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadgraph.query.client import Engine

_CLASSES = """
SELECT ?thing ?class { VALUES ?thing { $things } ?thing a ?class FILTER(isIRI(?class)) }"""


@dataclass(frozen=True, slots=True)
class Named:
    """A thing with its classes: LeadGraph's own if it has any."""

    node: Node
    classes: tuple[Node, ...]

    @property
    def kind(self) -> str:
        """The kind that its IRI tells (`role`), "" for a thing that is not of our graph."""
        return (split(self.node.iri) or ("",))[0]


def named(engine: Engine, iris: Sequence[str], language: str) -> list[Named]:
    """Return things in the order of their IRIs, for a reader of a language."""
    classes: dict[str, set[str]] = defaultdict(set)
    for row in engine.rows(put(_CLASSES, things=iris)):
        classes[key(row["thing"])].add(key(row["class"]))
    labels = look_up(engine, [*iris, *set().union(*classes.values())], language)
    found = []
    for iri in iris:
        own = {each for each in classes[iri] if each.startswith(LG)}
        found.append(Named(labels.node(iri), labels.nodes(own or classes[iri])))
    return found
