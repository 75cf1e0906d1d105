"""A property -> the group in which a page shows it, and its position there."""

from __future__ import annotations

from leadgraph.vocabulary import DCTERMS, FOAF, LG, ORG, PROV, RDF, RDFS, SCHEMA, SKOS, SKOSXL

ORDER = ("names", "place", "skills", "steps", "links", "sources", "other")
"""The groups, in the order of reading."""

_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("names", (
        SKOS + "prefLabel", RDFS + "label", SKOSXL + "literalForm", DCTERMS + "title",
        FOAF + "name", SCHEMA + "name", SCHEMA + "alternativeHeadline", SKOS + "altLabel",
        SKOS + "hiddenLabel", SKOS + "notation", LG + "statementText", LG + "acceptability",
        LG + "connotation",
        SKOS + "definition", DCTERMS + "description", RDFS + "comment", SCHEMA + "text",
        SKOS + "scopeNote", SKOS + "example", SKOS + "note", SKOS + "editorialNote",
    )),
    ("place", (
        RDF + "type", SKOS + "broader", SKOS + "narrower", SKOS + "related", SKOS + "inScheme",
        SKOS + "topConceptOf", SKOS + "hasTopConcept", SCHEMA + "position", LG + "bearerKind",
        LG + "proposedNameFor", LG + "hasProposedName", DCTERMS + "isPartOf", DCTERMS + "hasPart",
        ORG + "unitOf", ORG + "subOrganizationOf", SCHEMA + "about",
    )),
    ("skills", (
        LG + "requiresSkill", LG + "benefitsFromSkill", LG + "isSkillRequiredBy",
        LG + "isSkillBeneficialTo", LG + "skillKind", LG + "develops", LG + "isDevelopedBy",
        LG + "focusSkill", SCHEMA + "teaches", SCHEMA + "competencyRequired",
    )),
    ("steps", (
        LG + "hasDestination", LG + "isDestinationOf", LG + "hasStep", LG + "isStepOf",
        LG + "previousStep", LG + "nextStep", LG + "hasCondition", LG + "isConditionOf",
        LG + "comparison", LG + "requiredNumber", SCHEMA + "unitText", LG + "totalNumber",
        LG + "targetStep", LG + "usesResource", LG + "isUsedInStep",
    )),
    ("sources", (
        DCTERMS + "source", LG + "basis", DCTERMS + "creator", DCTERMS + "publisher",
        DCTERMS + "license", DCTERMS + "date", LG + "discussedIn", LG + "evidenceFor",
        LG + "confidence", LG + "lastSeen", LG + "lastChecked", LG + "reviewBy", LG + "consent",
    )),
)  # fmt: skip
"""Which group a property is read in, in their order of reading."""
_PLACES = {
    property_: (group, position)
    for group, properties in _GROUPS
    for position, property_ in enumerate(properties)
}
_MATCHES = frozenset(
    SKOS + name
    for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
)


def place(property_: str, *, leads_out: bool) -> tuple[str, int]:
    """Return the group of a property and its position in it.

    A mapping is a link if it `leads_out` of our own things; what is said in PROV is a source.
    """
    if property_ in _MATCHES:
        return ("links" if leads_out else "place"), len(_PLACES)
    default = "sources" if property_.startswith(PROV) else "other"
    return _PLACES.get(property_, (default, len(_PLACES)))
