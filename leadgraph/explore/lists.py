"""Engine -> what the lists of the home page show: branches, names, a consultation, counts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from leadgraph.explore.labels import Labels, Node, Text, look_up, text
from leadgraph.explore.sparql import Facts, key, put, whole
from leadgraph.vocabulary import LG, PROV, RDF, SCHEMA, SKOSXL

if TYPE_CHECKING:
    from leadgraph.query.client import Engine, Term

_MEMBERS = """
CONSTRUCT { ?thing a $kind ; $by ?head . ?head schema:position ?position } {
  ?thing a $kind
  OPTIONAL { ?thing $by ?head OPTIONAL { ?head schema:position ?position } }
}"""
_NAMES = """
CONSTRUCT { ?name ?property ?value } {
  VALUES ?property {
    skosxl:literalForm lg:connotation lg:acceptability prov:wasGeneratedBy lg:discussedIn
  }
  ?name a lg:NameProposal ; ?property ?value
}"""
_CONSULTATIONS = """
CONSTRUCT { ?consultation ?property ?value } {
  ?consultation a lg:Consultation ;
    lg:staffParticipantCount ?staff ; lg:communityParticipantCount ?community ; ?property ?value
}"""
_COUNTS = """
SELECT ?kind (COUNT(?thing) AS ?count) {
  VALUES ?kind { $kinds }
  ?thing a ?kind
}
GROUP BY ?kind"""

COUNTED = ("LeaderRole", "Skill", "LearningResource", "Pathway", "NameProposal", "Capacity")
"""The classes of `lg:` that the home page counts."""


@dataclass(frozen=True, slots=True)
class Branch:
    """Things under one head: a group, a scheme, or a word; None for those without."""

    head: Node | None
    members: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """A word for "leader": its forms, how it was received, what it calls to mind.

    A form in another language comes before its English gloss.
    """

    node: Node
    forms: tuple[Text, ...]
    acceptability: tuple[Node, ...]
    connotations: tuple[Text, ...]
    was_voted: bool
    consultations: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """Who took part in a consultation; every number is one that it states."""

    node: Node
    conversations: int
    participants: int
    staff: int
    community: int


def gather(engine: Engine, language: str, kind: str, by: str) -> tuple[Branch, ...]:
    """Return the things of a class under the values of a property.

    Heads come by `schema:position`, then by label; things without a head come last. A head that
    is a literal is a Node without IRI.
    """
    facts = Facts(engine.graph(put(_MEMBERS, kind=kind, by=by)))
    members: dict[Term | None, list[str]] = defaultdict(list)
    for thing in facts.subjects():
        if kind in facts.nodes(thing, RDF + "type"):
            heads: list[Term | None] = [*facts.objects(thing, by)]
            for head in heads or [None]:
                members[head].append(thing)
    named = {key(head) for head in members if isinstance(head, NamedNode)}
    labels = look_up(engine, named.union(*members.values()), language)
    branches = [Branch(_head(term, labels), labels.nodes(found)) for term, found in members.items()]
    return tuple(sorted(branches, key=lambda branch: _place(facts, branch.head)))


def _head(term: Term | None, labels: Labels) -> Node | None:
    """Return what a branch is headed with."""
    if term is None:
        return None
    return Node("", text(term)) if isinstance(term, Literal) else labels.node(key(term))


def _place(facts: Facts, head: Node | None) -> tuple[bool, float, tuple[str, str]]:
    """Return what branches are sorted by."""
    if head is None:
        return True, 0, ("", "")
    return False, facts.number(head.iri, SCHEMA + "position") or 0, head.order


def names(engine: Engine, language: str) -> tuple[Name, ...]:
    """Return all words for "leader", those that were voted good first."""
    facts = Facts(engine.graph(put(_NAMES)))
    properties = (LG + "acceptability", PROV + "wasGeneratedBy", LG + "discussedIn")
    mentioned = [
        node for name in facts.subjects() for each in properties for node in facts.nodes(name, each)
    ]
    labels = look_up(engine, [*facts.subjects(), *mentioned], language)
    found = [
        Name(
            labels.node(iri),
            _forms(facts.literals(iri, SKOSXL + "literalForm")),
            labels.nodes(facts.nodes(iri, LG + "acceptability")),
            tuple(text(each) for each in facts.literals(iri, LG + "connotation")),
            bool(facts.nodes(iri, PROV + "wasGeneratedBy")),
            labels.nodes(
                facts.nodes(iri, PROV + "wasGeneratedBy") + facts.nodes(iri, LG + "discussedIn")
            ),
        )
        for iri in facts.subjects()
    ]
    return tuple(sorted(found, key=lambda name: (not name.was_voted, name.node.order)))


def _forms(literals: list[Literal]) -> tuple[Text, ...]:
    """Return the forms of a word, English last."""
    forms = [text(literal) for literal in literals]
    return tuple(sorted(forms, key=lambda form: (form.language == "en", form.language, form.value)))


def consultations(engine: Engine, language: str) -> tuple[Figures, ...]:
    """Return the consultations that say who took part."""
    facts = Facts(engine.graph(put(_CONSULTATIONS)))
    labels = look_up(engine, facts.subjects(), language)
    counts = (
        "conversationCount",
        "participantCount",
        "staffParticipantCount",
        "communityParticipantCount",
    )
    return tuple(
        Figures(node, *(int(facts.number(node.iri, LG + count) or 0) for count in counts))
        for node in labels.nodes(facts.subjects())
    )


def counts(engine: Engine) -> dict[str, int]:
    """Return how many things there are of each class of `COUNTED`, by local name."""
    rows = engine.rows(put(_COUNTS, kinds=[LG + name for name in COUNTED]))
    found = {key(row["kind"]).removeprefix(LG): whole(row["count"]) for row in rows}
    return {name: found.get(name, 0) for name in COUNTED}
