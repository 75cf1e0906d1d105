"""The shapes of a graph folder -> the kinds of things that there are forms for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadgraph.errors import KindUnknown
from leadgraph.explore.likely import likely
from leadgraph.explore.shapes import node_shapes
from leadgraph.vocabulary import FOAF, ID, LG, ORG, RDF, RDFS, SCHEMA, SH, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadgraph.explore.folder import Folder

_OURS = {
    "role": ("role", LG + "LeaderRole"),
    "role-group": ("role-group", LG + "LeaderGroup"),
    "skill": ("skill", LG + "Skill"),
    "skill-theme": ("skill-theme", LG + "SkillTheme"),
    "resource": ("resource", LG + "LearningResource"),
    "course": ("resource", SCHEMA + "Course"),
    "event": ("event", SCHEMA + "Event"),
    "event-series": ("event-series", SCHEMA + "EventSeries"),
    "pathway": ("pathway", LG + "Pathway"),
    "step": ("step", LG + "PathwayStep"),
    "condition": ("condition", LG + "StepCondition"),
    "name": ("name", LG + "NameProposal"),
    "strategy": ("strategy", LG + "SupportStrategy"),
    "strategy-area": ("strategy-area", LG + "StrategyArea"),
    "consultation": ("consultation", LG + "Consultation"),
    "finding": ("finding", LG + "Finding"),
    "aim": ("aim", LG + "Aim"),
    "next-step": ("next-step", LG + "NextStep"),
    "org": ("org", ORG + "Organization"),
    "agent": ("agent", FOAF + "Agent"),
    "person": ("person", FOAF + "Person"),
    "membership": ("membership", ORG + "Membership"),
    "mentorship": ("mentorship", LG + "Mentorship"),
    "concept": ("concept", SKOS + "Concept"),
    "scheme": ("scheme", SKOS + "ConceptScheme"),
    "capacity": ("capx-capacity", LG + "Capacity"),
    "post": ("post", ORG + "Post"),
    "credential": ("credential", SCHEMA + "EducationalOccupationalCredential"),
    "evidence": ("evidence", LG + "LinkEvidence"),
}
"""The names that CONTRIBUTING.md gives our kinds: the part of their addresses, and their class."""

SEGMENTS = tuple(dict.fromkeys(segment for segment, _ in _OURS.values()))
"""The parts of addresses, those of the kinds that people mean most first."""

_NO_KIND = frozenset({SCHEMA + "Person"})
"""A class that shapes look at only to refuse what hides behind it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of things: its name on the command line, its class, and where its things live."""

    name: str
    iri: str
    namespace: str


def kinds(folder: Folder) -> dict[str, Kind]:
    """Return the kinds that the shapes ask something of, by name, ours in their order."""
    asked = dict.fromkeys(_classes(folder))
    found = {
        name: Kind(name, iri, f"{ID}{segment}/")
        for name, (segment, iri) in _OURS.items()
        if iri in asked or (LG + "Skill" in asked and iri == FOAF + "Agent")
    }
    known = {kind.iri for kind in found.values()} | _NO_KIND
    for iri in sorted(set(asked) - known):
        name = _free_name(_kebab(iri), found)
        found[name] = Kind(name, iri, _namespace(folder, iri, name))
    return found


def kind_of(folder: Folder, name: str) -> Kind:
    """Return the kind of a name.

    Raises:
        KindUnknown: if there is none; it says which there are.
    """
    found = kinds(folder)
    if name not in found:
        raise KindUnknown(name, tuple(found), likely(name, found))
    return found[name]


def upwards(folder: Folder, iri: str) -> list[str]:
    """Return a class and all that it is part of (rdfs:subClassOf), the nearest first."""
    found = [iri]
    for each in found:  # it grows while it is read
        for facts in (folder.ontology, folder.shapes):
            found += [up for up in facts.nodes(each, RDFS + "subClassOf") if up not in found]
    return found


def _classes(folder: Folder) -> Iterator[str]:
    """Yield the classes that shapes are for, also those that are shapes themselves (2.1.3.3)."""
    facts = folder.shapes
    for shape in facts.subjects():
        yield from (iri for iri in facts.nodes(shape, SH + "targetClass") if iri[:2] != "_:")
    for shape in node_shapes(facts):
        if {RDFS + "Class", SH + "NodeShape"} <= set(facts.nodes(shape, RDF + "type")):
            yield shape


def _kebab(iri: str) -> str:
    """Return `EventSeries` of any namespace as `event-series`."""
    local = re.split(r"[#/:]", iri.rstrip("#/:"))[-1]
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", local).lower()
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-") or "thing"


def _free_name(name: str, taken: dict[str, Kind]) -> str:
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free


def _namespace(folder: Folder, iri: str, name: str) -> str:
    """Where the things of a class live: as the first that the data have, else as ours do."""
    facts = folder.data
    first = next(
        (s for s in facts.subjects() if s[:2] != "_:" and iri in facts.nodes(s, RDF + "type")), ""
    )
    home = re.match(r".*[/#]", first)
    return home[0] if home and not home[0].endswith("://") else f"{ID}{name}/"
