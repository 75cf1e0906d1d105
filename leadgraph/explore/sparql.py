"""A query text and the IRIs for its `$names` -> SPARQL that is safe to send; triples -> Facts."""

from __future__ import annotations

from collections import defaultdict
from string import Template
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from leadgraph.vocabulary import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from leadgraph.query.client import Engine, Term

_PROLOGUE = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())


def put(query: str, **iris: str | Sequence[str]) -> str:
    """Return a query with our prefixes, each `$name` replaced by its IRI or its IRIs.

    `$name` is a variable of SPARQL as well, so that a query text can be read, and tried, as it
    stands.

    Raises:
        ValueError: if one is no absolute IRI; nothing else gets into a query.
    """
    terms = {
        name: " ".join(
            str(NamedNode(iri)) for iri in ([value] if isinstance(value, str) else value)
        )
        for name, value in iris.items()
    }
    return _PROLOGUE + Template(query).substitute(terms)


def key(term: Term) -> str:
    """Return what a node is called in `Facts`: its IRI, or `_:` and a blank node's label."""
    return term.value if isinstance(term, NamedNode) else str(term)


def named_graph(engine: Engine, iri: str) -> list[Triple]:
    """Return all statements of a named graph."""
    return engine.graph(put("CONSTRUCT { ?s ?p ?o } { GRAPH $graph { ?s ?p ?o } }", graph=iri))


def whole(term: Term) -> int:
    """Return what COUNT gave."""
    return int(term.value) if isinstance(term, Literal) else 0


class Facts:
    """Triples, looked up by subject and predicate; the order is that of the triples."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._objects: dict[str, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for triple in triples:
            self._objects[key(triple.subject)][triple.predicate.value].append(triple.object)

    def subjects(self) -> list[str]:
        """Return all subjects."""
        return list(self._objects)

    def predicates(self, subject: str) -> list[str]:
        """Return the predicates of a subject."""
        return list(self._objects[subject]) if subject in self._objects else []

    def objects(self, subject: str, predicate: str) -> list[Term]:
        """Return all objects, of whatever kind."""
        return self._objects[subject][predicate] if predicate in self.predicates(subject) else []

    def nodes(self, subject: str, predicate: str) -> list[str]:
        """Return the objects that are IRIs or blank nodes."""
        objects = self.objects(subject, predicate)
        return [key(term) for term in objects if isinstance(term, NamedNode | BlankNode)]

    def literals(self, subject: str, predicate: str) -> list[Literal]:
        """Return the objects that are literals."""
        return [term for term in self.objects(subject, predicate) if isinstance(term, Literal)]

    def number(self, subject: str, predicate: str) -> float | None:
        """Return the first object that is a number."""
        for literal in self.literals(subject, predicate):
            try:
                return float(literal.value)
            except ValueError:
                continue
        return None

    def members(self, head: str) -> list[Term]:
        """Return the members of an RDF list, up to its end or to where it bites its tail."""
        found: list[Term] = []
        seen: set[str] = set()
        while head in self._objects and head not in seen:
            seen.add(head)
            found += self.objects(head, PREFIXES["rdf"] + "first")
            head = next(iter(self.nodes(head, PREFIXES["rdf"] + "rest")), "")
        return found

    def items(self, head: str) -> list[str]:
        """Return the members of an RDF list that are IRIs or blank nodes."""
        return [key(term) for term in self.members(head) if isinstance(term, NamedNode | BlankNode)]
