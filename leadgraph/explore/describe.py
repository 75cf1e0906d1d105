"""One IRI -> all that the graph says of it, in groups, with the source of each statement."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from leadgraph.errors import ThingGone, ThingNotFound
from leadgraph.explore.groups import ORDER, place
from leadgraph.explore.labels import Labels, Node, Text, distance, look_up, text
from leadgraph.explore.sparql import Facts, key, put
from leadgraph.vocabulary import (
    BASE,
    DCTERMS,
    FOAF,
    INFERRED_GRAPH,
    LG,
    OWL,
    RDF,
    SHAPES_GRAPH,
    XSD,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leadgraph.query.client import Engine, Term

_STATE = """
SELECT DISTINCT ?deprecated ?successor {
  $thing ?property ?value
  OPTIONAL { $thing owl:deprecated ?deprecated }
  OPTIONAL { $thing dcterms:isReplacedBy ?successor }
}"""
_STATEMENTS = "DESCRIBE $thing"
_SOURCES = """
SELECT ?property ?value ?graph ?license ?basis {
  GRAPH ?graph { $thing ?property ?value }
  FILTER(?graph != $shapes)
  OPTIONAL { ?graph dcterms:license ?license }
  OPTIONAL { ?graph lg:basis ?basis }
}"""


@dataclass(frozen=True, slots=True)
class Source:
    """The named graph that a statement stands in; `number` is its mark on the page.

    `basis` is what all of it rests on: a source, or the judgement of whoever wrote it.
    """

    number: int
    node: Node
    license: Node | None
    basis: Node | None
    is_inferred: bool


@dataclass(frozen=True, slots=True)
class Value:
    """One object: a linked node, a literal, or the statements of a blank node.

    `datatype` is the local name of a literal's type, "" for text; `sources` are their numbers.
    """

    text: Text
    iri: str = ""
    datatype: str = ""
    sources: tuple[int, ...] = ()
    parts: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """A property and all its values."""

    property: Node
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Statements that are read together: names, place, skills, steps, links, sources or other."""

    name: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """A thing as a page shows it."""

    node: Node
    types: tuple[Node, ...]
    groups: tuple[Group, ...]
    sources: tuple[Source, ...]
    is_deprecated: bool
    predicates: frozenset[str]


def require(engine: Engine, iri: str) -> None:
    """Return if the graph speaks of an IRI that is still in use.

    Raises:
        ThingNotFound: if it is the subject of no statement.
        ThingGone: if it is deprecated and something replaces it.
    """
    rows = engine.rows(put(_STATE, thing=iri))
    if not rows:
        raise ThingNotFound(iri)
    successors = tuple(sorted({key(row["successor"]) for row in rows if "successor" in row}))
    if successors and any(_is_true(row.get("deprecated")) for row in rows):
        raise ThingGone(iri, successors)


def statements(engine: Engine, iri: str) -> list[Triple]:
    """Return the concise bounded description: what is said of an IRI, with its blank nodes."""
    return sorted(engine.graph(put(_STATEMENTS, thing=iri)), key=str)


def provenance(engine: Engine, iri: str, document: str, release: str | None) -> list[Triple]:
    """Return what is true of the document: what it is about, which release and sources it is of.

    Licence and basis of each source come along, so that they are known wherever the data go.
    """
    _, headers = _origins(engine, iri)
    about = [
        (document, RDF + "type", FOAF + "Document"),
        (document, FOAF + "primaryTopic", iri),
        *([(document, DCTERMS + "isPartOf", release)] if release else []),
        *((document, DCTERMS + "source", graph) for graph in sorted(headers)),
        *((graph, DCTERMS + "license", each.license) for graph, each in sorted(headers.items())),
        *((graph, LG + "basis", each.basis) for graph, each in sorted(headers.items())),
    ]
    return [Triple(*(NamedNode(term) for term in row)) for row in about if all(row)]


def describe(engine: Engine, iri: str, language: str) -> Description:
    """Return all that the default graph says of an IRI, for a reader of a language."""
    triples = statements(engine, iri)
    facts = Facts(triples)
    origins, headers = _origins(engine, iri)
    named = {term for header in headers.values() for term in (header.license, header.basis) if term}
    labels = look_up(engine, [iri, *_mentioned(triples), *headers, *named], language)
    sources = _sources(labels, headers)
    numbers = {source.node.iri: source.number for source in sources}
    marks = {
        statement: tuple(sorted(numbers[graph] for graph in graphs))
        for statement, graphs in origins.items()
    }
    return Description(
        node=labels.node(iri),
        types=_types(labels, facts.nodes(iri, RDF + "type")),
        groups=_groups(_Reader(facts, labels, language, marks), iri),
        sources=sources,
        is_deprecated=any(_is_true(term) for term in facts.objects(iri, OWL + "deprecated")),
        predicates=frozenset(facts.predicates(iri)),
    )


def _is_true(term: Term | None) -> bool:
    return isinstance(term, Literal) and term.value in {"true", "1"}


def _mentioned(triples: list[Triple]) -> set[str]:
    """Return every IRI that needs a label."""
    terms = (term for triple in triples for term in (triple.predicate, triple.object))
    return {term.value for term in terms if isinstance(term, NamedNode)}


@dataclass(frozen=True, slots=True)
class _Header:
    """What a graph says of itself: the IRIs of its licence and its basis, "" where it has none."""

    license: str
    basis: str


def _origins(
    engine: Engine, iri: str
) -> tuple[dict[tuple[str, str], set[str]], dict[str, _Header]]:
    """Return which graphs hold each (property, value), and the header of each graph."""
    origins: dict[tuple[str, str], set[str]] = defaultdict(set)
    headers: dict[str, _Header] = {}
    for row in engine.rows(put(_SOURCES, thing=iri, shapes=SHAPES_GRAPH)):
        graph = key(row["graph"])
        origins[key(row["property"]), str(row["value"])].add(graph)
        headers[graph] = _Header(_iri(row.get("license")), _iri(row.get("basis")))
    return origins, headers


def _iri(term: Term | None) -> str:
    return term.value if isinstance(term, NamedNode) else ""


def _sources(labels: Labels, headers: dict[str, _Header]) -> tuple[Source, ...]:
    """Return the graphs numbered from 1, the inferred one last."""
    ordered = sorted(
        labels.nodes(headers), key=lambda node: (node.iri == INFERRED_GRAPH, node.order)
    )
    return tuple(
        Source(
            number,
            node,
            labels.node(headers[node.iri].license) if headers[node.iri].license else None,
            labels.node(headers[node.iri].basis) if headers[node.iri].basis else None,
            node.iri == INFERRED_GRAPH,
        )
        for number, node in enumerate(ordered, 1)
    )


def _types(labels: Labels, types: Iterable[str]) -> tuple[Node, ...]:
    """Return the types that say most: LeadGraph's own if there are any."""
    nodes = labels.nodes(iri for iri in types if not iri.startswith("_:"))
    return tuple(node for node in nodes if node.iri.startswith(LG)) or nodes


@dataclass(frozen=True, slots=True)
class _Reader:
    """What it takes to make a value readable."""

    facts: Facts
    labels: Labels
    language: str
    marks: dict[tuple[str, str], tuple[int, ...]]

    def statement(self, subject: str, property_: str, seen: frozenset[str]) -> Statement:
        """Return a property with its values, the reader's language first."""
        objects = sorted(self.facts.objects(subject, property_), key=self._order)
        values = tuple(self._value(property_, term, seen) for term in objects)
        return Statement(self.labels.node(property_), values)

    def _value(self, property_: str, term: Term, seen: frozenset[str]) -> Value:
        sources = self.marks.get((property_, str(term)), ())
        if isinstance(term, NamedNode):
            return Value(self.labels.node(term.value).label, term.value, sources=sources)
        if isinstance(term, BlankNode):
            return Value(Text(""), parts=self._parts(str(term), seen), sources=sources)
        if isinstance(term, Literal):
            datatype = term.datatype.value.removeprefix(XSD)
            plain = bool(term.language) or datatype == "string"
            return Value(text(term), datatype="" if plain else datatype, sources=sources)
        return Value(Text(str(term)), sources=sources)

    def _parts(self, bnode: str, seen: frozenset[str]) -> tuple[Statement, ...]:
        """Return what is said of a blank node, once even if it points back at itself."""
        if bnode in seen:
            return ()
        predicates = sorted(self.facts.predicates(bnode))
        return tuple(self.statement(bnode, each, seen | {bnode}) for each in predicates)

    def _order(self, term: Term) -> tuple[int, str, str]:
        if isinstance(term, Literal):
            tag = term.language or ""
            return distance(tag, self.language), tag, term.value
        return 0, self.labels.node(key(term)).label.value.casefold(), str(term)


def _groups(reader: _Reader, iri: str) -> tuple[Group, ...]:
    """Return the statements of a thing, group by group."""
    grouped: dict[str, list[tuple[int, Statement]]] = defaultdict(list)
    for property_ in sorted(reader.facts.predicates(iri)):
        statement = reader.statement(iri, property_, frozenset())
        leads_out = any(not value.iri.startswith(BASE) for value in statement.values)
        name, position = place(property_, leads_out=leads_out)
        grouped[name].append((position, statement))
    return tuple(
        Group(name, tuple(each for _, each in sorted(grouped[name], key=lambda pair: pair[0])))
        for name in ORDER
        if name in grouped
    )
