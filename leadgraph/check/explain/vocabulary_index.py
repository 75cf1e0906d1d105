"""Files, the graph around and shapes -> the terms and things that a misspelt one may mean."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from pyoxigraph import Literal, NamedNode

from leadgraph.vocabulary import GRAPH, ID, ONTOLOGY_GRAPH, OWL, RDF, RDFS, split

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from leadgraph.check.explain.shape_index import ShapeIndex
    from leadgraph.check.slice import FileGraph, Term

_ONTOLOGY = ONTOLOGY_GRAPH.removeprefix(GRAPH)
_TYPE = NamedNode(RDF + "type")
_LABEL = NamedNode(RDFS + "label")
_CLASSES = frozenset({NamedNode(OWL + "Class"), NamedNode(RDFS + "Class")})
_PROPERTIES = frozenset(
    {
        NamedNode(RDF + "Property"),
        *(NamedNode(f"{OWL}{kind}Property") for kind in ("Object", "Datatype", "Annotation")),
    }
)


class Things(Protocol):
    """The things of which some file says what they are."""

    def of_kind(self, kind: str) -> Sequence[str]:
        """Return the IRIs of our things of a kind (`skill`)."""

    def kinds_of(self, slug: str) -> Sequence[str]:
        """Return the IRIs of our things of any kind that have this slug."""


class Described(Protocol):
    """A graph that tells which things it describes."""

    def described(self, base: str, pattern: str) -> list[str]:
        """Return the IRIs that begin with a base and go on like a GLOB pattern."""


class ThingsOf:
    """The things of file graphs, listed in one pass when somebody asks for the first time."""

    def __init__(self, graphs: Sequence[FileGraph]) -> None:
        self._graphs = graphs

    def of_kind(self, kind: str) -> Sequence[str]:
        """Return the IRIs of our things of a kind (`skill`)."""
        return list(self._by_kind.get(kind, {}).values())

    def kinds_of(self, slug: str) -> Sequence[str]:
        """Return the IRIs of our things of any kind that have this slug."""
        return [slugs[slug] for slugs in self._by_kind.values() if slug in slugs]

    @cached_property
    def _by_kind(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for graph in self._graphs:
            for triple in graph.triples:
                if triple.predicate == _TYPE:
                    _note(triple.subject, found)
        return found


class ThingsAround:
    """The things of file graphs, and those of the graph around them, which is looked into."""

    def __init__(self, graphs: Sequence[FileGraph], around: Described) -> None:
        self._own = ThingsOf(graphs)
        self._around = around

    def of_kind(self, kind: str) -> Sequence[str]:
        """Return the IRIs of our things of a kind (`skill`)."""
        there = self._around.described(f"{ID}{kind}/", "*")
        return _ours([*self._own.of_kind(kind), *there])

    def kinds_of(self, slug: str) -> Sequence[str]:
        """Return the IRIs of our things of any kind that have this slug."""
        is_plain = slug.replace("-", "").isalnum()  # nothing that GLOB takes for a pattern
        there = self._around.described(ID, f"*/{slug}") if is_plain else ()
        return _ours([*self._own.kinds_of(slug), *there])


def _ours(iris: Iterable[str]) -> list[str]:
    return [iri for iri in dict.fromkeys(iris) if split(iri)]


def _note(subject: Term, found: dict[str, dict[str, str]]) -> None:
    if isinstance(subject, NamedNode) and subject.value.startswith(ID):
        ours = split(subject.value)
        if ours:
            found[ours[0]][ours[1]] = subject.value


class Vocabulary:
    """What the ontology defines, what the shapes speak of, and what the files describe."""

    def __init__(
        self,
        files: Sequence[FileGraph],
        context: Sequence[FileGraph],
        shapes: ShapeIndex,
        things: Things | None = None,
    ) -> None:
        self._files = files
        self._ontology = [graph for graph in (*context, *files) if graph.slug == _ONTOLOGY]
        self._shapes = shapes
        self.things: Things = things or ThingsOf([*files, *context])

    @cached_property
    def properties(self) -> list[str]:
        """The properties that the ontology defines and that shapes ask about."""
        return _iris([*self._of_type(_PROPERTIES), *self._shapes.mentioned("path")])

    @cached_property
    def classes(self) -> list[str]:
        """The classes that the ontology defines and that shapes ask about."""
        return _iris([*self._of_type(_CLASSES), *self._shapes.mentioned("class", "targetClass")])

    @cached_property
    def codes(self) -> list[str]:
        """All that the ontology defines, and the values that shapes list."""
        return _iris([*self._types, *self._shapes.mentioned("in", "hasValue")])

    def instances(self, kind: Term) -> list[str]:
        """Return the IRIs that the files describe as of a class."""
        return self._instances.get(kind, [])

    def types_of(self, thing: Term) -> list[str]:
        """Return the classes that the files give a thing."""
        return self._kinds.get(thing, [])

    def label(self, term: Term, language: str) -> str | None:
        """Return the rdfs:label that the ontology gives a term in a language."""
        return self._labels.get((term, language))

    def _of_type(self, kinds: frozenset[NamedNode]) -> list[Term]:
        return [term for term, types in self._types.items() if not types.isdisjoint(kinds)]

    @cached_property
    def _types(self) -> dict[Term, set[Term]]:
        """The terms of the ontology with what they are."""
        found: dict[Term, set[Term]] = defaultdict(set)
        for graph in self._ontology:
            for triple in graph.triples:
                if triple.predicate == _TYPE and isinstance(triple.subject, NamedNode):
                    found[triple.subject].add(triple.object)
        return found

    @cached_property
    def _kinds(self) -> dict[Term, list[str]]:
        found: dict[Term, list[str]] = defaultdict(list)
        for graph in self._files:
            for triple in graph.triples:
                if triple.predicate == _TYPE and isinstance(triple.object, NamedNode):
                    found[triple.subject].append(triple.object.value)
        return found

    @cached_property
    def _instances(self) -> dict[Term, list[str]]:
        found: dict[Term, list[str]] = defaultdict(list)
        for thing, kinds in self._kinds.items():
            if isinstance(thing, NamedNode):
                for kind in kinds:
                    found[NamedNode(kind)].append(thing.value)
        return found

    @cached_property
    def _labels(self) -> dict[tuple[Term, str], str]:
        return {
            (triple.subject, triple.object.language or "en"): triple.object.value
            for graph in (*self._ontology, *self._files)
            for triple in graph.triples
            if triple.predicate == _LABEL and isinstance(triple.object, Literal)
        }


def _iris(terms: Iterable[Term]) -> list[str]:
    return list(dict.fromkeys(term.value for term in terms if isinstance(term, NamedNode)))
