"""A pathway -> its steps in ranks, with what each asks for, trains and uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Triple

from leadgraph.explore.labels import Labels, Node, Text, choose, look_up
from leadgraph.explore.sparql import Facts, put
from leadgraph.vocabulary import LG, RDF, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leadgraph.query.client import Engine

_PATHWAY = """
CONSTRUCT { ?thing ?property ?value } {
  { BIND($pathway AS ?thing) } UNION
  { $pathway lg:hasStep ?thing } UNION
  { $pathway lg:hasStep/lg:hasCondition ?thing }
  ?thing ?property ?value
}"""
_PATHWAYS = """
CONSTRUCT {
  ?pathway a lg:Pathway ; lg:hasDestination ?destination ; lg:basis ?basis ; lg:hasStep ?step .
  ?step lg:nextStep ?next ; schema:position ?position
} {
  ?pathway a lg:Pathway
  OPTIONAL { ?pathway lg:hasDestination ?destination }
  OPTIONAL { ?pathway lg:basis ?basis }
  OPTIONAL {
    ?pathway lg:hasStep ?step
    OPTIONAL { ?step lg:nextStep ?next }
    OPTIONAL { ?step schema:position ?position }
  }
}"""


@dataclass(frozen=True, slots=True)
class Condition:
    """What must be fulfilled in a step; `targets` are the steps that it counts."""

    node: Node
    targets: tuple[Node, ...]
    valid_from: str
    valid_through: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `following` says what may come next where that is not plain from the order."""

    node: Node
    conditions: tuple[Condition, ...]
    skills: tuple[Node, ...]
    resources: tuple[Node, ...]
    following: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Pathway:
    """A way into a role. Steps of one rank are alternatives, or can be done in any order."""

    node: Node
    destinations: tuple[Node, ...]
    basis: tuple[Node, ...]
    ranks: tuple[tuple[Step, ...], ...]

    @property
    def length(self) -> int:
        """The number of steps, alternatives included."""
        return sum(len(rank) for rank in self.ranks)


def pathway(engine: Engine, iri: str, language: str) -> Pathway:
    """Return one pathway with all that its steps ask for."""
    triples = engine.graph(put(_PATHWAY, pathway=iri))
    return _pathway(Facts(triples), look_up(engine, _nodes(triples), language), iri, language)


def pathways(engine: Engine, language: str) -> tuple[Pathway, ...]:
    """Return every pathway in outline, sorted by label."""
    triples = engine.graph(put(_PATHWAYS))
    facts, labels = Facts(triples), look_up(engine, _nodes(triples), language)
    found = (iri for iri in facts.subjects() if LG + "Pathway" in facts.nodes(iri, RDF + "type"))
    outlines = [_pathway(facts, labels, iri, language) for iri in found]
    return tuple(sorted(outlines, key=lambda outline: outline.node.order))


def ranks(steps: Iterable[str], following: dict[str, list[str]]) -> dict[str, int]:
    """Return the rank of each step: the longest way that leads to it, 0 for a start.

    Steps that lead back to themselves (the rules forbid them) end the count and do no harm.
    """
    found = dict.fromkeys(steps, 0)
    for _ in range(len(found)):
        deeper = {
            after: found[before] + 1
            for before in found
            for after in following.get(before, [])
            if found.get(after, len(found)) <= found[before] and found[before] + 1 < len(found)
        }
        if not deeper:
            break
        found.update(deeper)
    return found


def _nodes(triples: list[Triple]) -> set[str]:
    """Return every IRI in subject or object position."""
    terms = (term for triple in triples for term in (triple.subject, triple.object))
    return {term.value for term in terms if isinstance(term, NamedNode)}


def _pathway(facts: Facts, labels: Labels, iri: str, language: str) -> Pathway:
    steps = facts.nodes(iri, LG + "hasStep")
    following = {step: facts.nodes(step, LG + "nextStep") for step in steps}
    rank_of = ranks(sorted(steps), following)
    rows: list[tuple[Step, ...]] = []
    for rank in sorted(set(rank_of.values())):
        members = [step for step in steps if rank_of[step] == rank]
        members.sort(key=lambda step: (facts.number(step, SCHEMA + "position") or 0, step))
        onward = [step for step in steps if rank_of[step] == rank + 1]
        rows.append(tuple(_step(facts, labels, step, onward, language) for step in members))
    return Pathway(
        labels.node(iri),
        labels.nodes(facts.nodes(iri, LG + "hasDestination")),
        labels.nodes(facts.nodes(iri, LG + "basis")),
        tuple(rows),
    )


def _step(facts: Facts, labels: Labels, iri: str, onward: list[str], language: str) -> Step:
    """Return one step; what follows is told unless it is just the whole next rank."""
    following = facts.nodes(iri, LG + "nextStep")
    return Step(
        labels.node(iri),
        tuple(
            _condition(facts, labels, condition, language)
            for condition in sorted(facts.nodes(iri, LG + "hasCondition"))
        ),
        labels.nodes(facts.nodes(iri, LG + "develops")),
        labels.nodes(facts.nodes(iri, LG + "usesResource")),
        () if set(following) == set(onward) else labels.nodes(following),
    )


def _condition(facts: Facts, labels: Labels, iri: str, language: str) -> Condition:
    words = choose(facts.literals(iri, LG + "statementText"), language)
    dates = [
        choose(facts.literals(iri, SCHEMA + name), language) or Text("")
        for name in ("validFrom", "validThrough")
    ]
    return Condition(
        Node(iri, words or labels.node(iri).label),
        labels.nodes(facts.nodes(iri, LG + "targetStep")),
        dates[0].value,
        dates[1].value,
    )
