"""The ontology: what holds for every term, and that each rule notices what it is there for."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph
import pytest
from owlrl.Namespaces import ERRNS
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, VANN, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.namespace import DCAT, FOAF, ORG, PROV, SDO, VOID, DefinedNamespaceMeta

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rdflib.term import Node

    Rule = Callable[[Graph], list[str]]

ROOT = Path(__file__).parents[1]
FILE = ROOT / "ontology" / "leadgraph.ttl"
NAMESPACE = "https://w3id.org/leadgraph/ns#"
ONTOLOGY = URIRef("https://w3id.org/leadgraph/ns")
LANGUAGES = ["ar", "de", "en", "es", "fr", "pt"]

PROPERTY_TYPES = {OWL.ObjectProperty, OWL.DatatypeProperty}
KINDS = {*PROPERTY_TYPES, OWL.Class, OWL.AnnotationProperty, OWL.NamedIndividual}
BUILT_IN = (str(RDF), str(RDFS), str(OWL), str(XSD))

WITHOUT_DOMAIN = {
    "bearerKind": "roles and the general concept of a leader carry it",
    "basis": "anything described, and every graph, carries it",
    "hasAim": "consultations and organizations have aims",
    "implements": "resources, events, programmes and organizations put strategies into practice",
    "statementText": "findings, aims, next steps, conditions and definitions carry it",
    "connotation": "name proposals and findings carry it",
}
WITHOUT_RANGE = {
    "lastChecked": "xsd:date is not in the OWL 2 datatype map",
    "reviewBy": "xsd:date is not in the OWL 2 datatype map",
    "lastSeen": "neither xsd:gYear, xsd:gYearMonth nor xsd:date is in the OWL 2 datatype map",
}
DATATYPES = {XSD.decimal, XSD.integer, XSD.string, RDF.PlainLiteral}
"""The part of the OWL 2 datatype map that the ontology needs (OWL 2 Syntax, section 4)."""

REPEATED = {
    (ORG.Role, SKOS.Concept),
    (ORG.Organization, FOAF.Agent),
    (ORG.OrganizationalUnit, ORG.Organization),
    (FOAF.Person, FOAF.Agent),
    (SDO.Course, SDO.LearningResource),
    (SDO.EventSeries, SDO.Event),
}
"""Subclass axioms of ORG, FOAF and schema.org that the ontology may repeat."""

PUBLISHED: list[DefinedNamespaceMeta] = [SKOS, ORG, PROV, FOAF, SDO, DCAT, VOID, DCTERMS, VANN]
"""Vocabularies whose terms RDFLib knows by name."""


def short(term: object) -> str:
    """Return what stands after the last `#` or `/`, for messages."""
    return re.split(r"[#/]", str(term))[-1]


def is_ours(term: object) -> bool:
    return isinstance(term, URIRef) and term.startswith(NAMESPACE)


def is_built_in(term: object) -> bool:
    """Say whether RDF, RDFS, OWL or XML Schema own the term. (URIRef.startswith takes no tuple.)"""
    return str(term).startswith(BUILT_IN)


def our_terms(graph: Graph) -> list[URIRef]:
    """Return what the ontology defines, sorted: the typed subjects in its namespace."""
    return sorted({s for s in graph.subjects(RDF.type) if isinstance(s, URIRef) and is_ours(s)})


def our_properties(graph: Graph) -> list[URIRef]:
    return [term for term in our_terms(graph) if kinds(graph, term) & PROPERTY_TYPES]


def our_classes(graph: Graph) -> list[URIRef]:
    return [term for term in our_terms(graph) if OWL.Class in kinds(graph, term)]


def kinds(graph: Graph, term: Node) -> set[object]:
    """Return which of class, object, datatype, annotation property and individual a term is."""
    return {kind for kind in graph.objects(term, RDF.type) if kind in KINDS}


def texts(graph: Graph, term: URIRef, predicate: URIRef) -> list[Literal]:
    return [o for o in graph.objects(term, predicate) if isinstance(o, Literal) and o.strip()]


def code_lists(graph: Graph) -> dict[URIRef, set[object]]:
    """Return each class that is defined by a list of its members, with the members."""
    return {
        code_list: set(Collection(graph, head))
        for code_list, enumeration in graph.subject_objects(OWL.equivalentClass)
        for head in graph.objects(enumeration, OWL.oneOf)
        if isinstance(code_list, URIRef)
    }


def foreign_terms(graph: Graph) -> set[URIRef]:
    """Return the terms of others that are used as a predicate, as a class, or declared here."""
    used = set(graph.predicates()) | set(graph.objects(None, RDF.type))
    for predicate in (RDFS.subClassOf, RDFS.domain, RDFS.range, OWL.inverseOf):
        used |= set(graph.subjects(predicate)) | set(graph.objects(None, predicate))
    used |= {s for s in graph.subjects(RDF.type) if kinds(graph, s) - {OWL.NamedIndividual}}
    return {
        term
        for term in used
        if isinstance(term, URIRef) and not is_ours(term) and not is_built_in(term)
    }


# The rules: each takes the ontology and returns the mistakes that it finds, in words.


def the_header_is_complete(graph: Graph) -> list[str]:
    """Title in six languages, description, creator with a name, licence, dates, version, prefix."""
    expected: list[tuple[URIRef, str]] = [
        (RDF.type, str(OWL.Ontology)),
        (DCTERMS.creator, "https://w3id.org/leadgraph/id/org/leadgraph"),
        (DCTERMS.license, "https://creativecommons.org/publicdomain/zero/1.0/"),
        (DCTERMS.created, "2026-11-22"),
        (OWL.versionInfo, "0.1.0"),
        (OWL.versionIRI, "https://w3id.org/leadgraph/ns/0.1.0"),
        (VANN.preferredNamespacePrefix, "lg"),
        (VANN.preferredNamespaceUri, NAMESPACE),
    ]
    wrong = [
        f"{short(predicate)} is not {value}"
        for predicate, value in expected
        if [str(o) for o in graph.objects(ONTOLOGY, predicate)] != [value]
    ]
    titles = sorted(str(title.language) for title in texts(graph, ONTOLOGY, DCTERMS.title))
    if titles != LANGUAGES:
        wrong.append(f"titles are in {titles}")
    wrong += [
        f"{short(predicate)} is missing"
        for predicate in (DCTERMS.description, DCTERMS.modified, RDFS.seeAlso)
        if (ONTOLOGY, predicate, None) not in graph
    ]
    makers = graph.objects(ONTOLOGY, DCTERMS.creator)
    if not any((maker, FOAF.name, None) in graph for maker in makers):
        wrong.append("the creator has no name")
    return wrong


def the_version_iri_carries_the_version(graph: Graph) -> list[str]:
    """The version IRI is the ontology IRI, a slash and the version."""
    iri, version = graph.value(ONTOLOGY, OWL.versionIRI), graph.value(ONTOLOGY, OWL.versionInfo)
    return [] if str(iri) == f"{ONTOLOGY}/{version}" else [f"{iri} is not version {version}"]


def nothing_is_imported_and_nothing_is_the_same(graph: Graph) -> list[str]:
    """No owl:imports, because nothing may be fetched; no owl:sameAs, anywhere."""
    return [
        f"{short(subject)} {short(predicate)}"
        for predicate in (OWL.imports, OWL.sameAs)
        for subject in graph.subjects(predicate)
    ]


def every_term_has_one_label_in_each_of_the_six_languages(graph: Graph) -> list[str]:
    """ar, de, en, es, fr, pt: each once, none empty, no other."""
    return [
        f"{short(term)} is labelled in {found}"
        for term in our_terms(graph)
        for found in [sorted(str(label.language) for label in texts(graph, term, RDFS.label))]
        if found != LANGUAGES
    ]


def no_two_terms_of_a_kind_share_a_label(graph: Graph) -> list[str]:
    """Among classes, among properties and among codes, a label means one term in a language."""

    def kind(term: URIRef) -> str:
        return (
            "property"
            if kinds(graph, term) & PROPERTY_TYPES
            else str(min(map(str, kinds(graph, term))))
        )

    labels = Counter(
        (kind(term), str(label.language), label.casefold())
        for term in our_terms(graph)
        for label in texts(graph, term, RDFS.label)
    )
    return [f"“{text}”@{language}" for (_, language, text), n in labels.items() if n > 1]


def no_german_text_calls_a_leader_fuehrer(graph: Graph) -> list[str]:
    """The plain dictionary word for leader is taboo in German."""
    return [
        str(text)
        for text in graph.objects()
        if isinstance(text, Literal) and text.language == "de" and "führer" in text.casefold()
    ]


def every_term_says_what_it_is_and_gives_an_example(graph: Graph) -> list[str]:
    """One comment and one example, in English, and the ontology that defines the term."""
    wrong = []
    for term in our_terms(graph):
        for predicate in (RDFS.comment, SKOS.example):
            found = texts(graph, term, predicate)
            if [text.language for text in found] != ["en"] or not found[0].endswith("."):
                wrong.append(f"{short(term)}: {short(predicate)}")
        if list(graph.objects(term, RDFS.isDefinedBy)) != [ONTOLOGY]:
            wrong.append(f"{short(term)}: isDefinedBy")
    return wrong


def every_property_has_a_domain_and_a_range_or_a_reason(graph: Graph) -> list[str]:
    """Exactly one of each, or none and a listed reason why; a reason without need is a mistake."""
    return [
        f"{short(term)} has {count} × {short(predicate)}"
        for predicate, reasons in ((RDFS.domain, WITHOUT_DOMAIN), (RDFS.range, WITHOUT_RANGE))
        for term in our_properties(graph)
        for count in [len(list(graph.objects(term, predicate)))]
        if count != (0 if short(term) in reasons else 1)
    ]


def every_range_fits_the_kind_of_its_property(graph: Graph) -> list[str]:
    """Object properties point at classes, data properties at datatypes of the OWL 2 map."""
    wrong = []
    for term in our_properties(graph):
        is_data = OWL.DatatypeProperty in kinds(graph, term)
        for target in graph.objects(term, RDFS.range):
            is_class = target == OWL.Thing or OWL.Class in kinds(graph, target)
            if (is_data and target not in DATATYPES) or (not is_data and not is_class):
                wrong.append(f"{short(term)} -> {short(target)}")
    return wrong


def inverses_are_pairs_with_swapped_domain_and_range(graph: Graph) -> list[str]:
    """An inverse is stated once, links two properties of ours, and turns the arrow round."""
    pairs = list(graph.subject_objects(OWL.inverseOf))
    partners = Counter(term for pair in pairs for term in pair)
    wrong = [f"{short(term)} has {n} inverses" for term, n in partners.items() if n > 1]
    for one, other in pairs:
        there = [graph.value(one, RDFS.domain), graph.value(one, RDFS.range)]
        back = [graph.value(other, RDFS.range), graph.value(other, RDFS.domain)]
        if there != back or one == other or not (is_ours(one) and is_ours(other)):
            wrong.append(f"{short(one)} is not the inverse of {short(other)}")
    return wrong


def no_class_is_above_itself(graph: Graph) -> list[str]:
    """The subclass hierarchy has no cycle."""
    return [
        short(term)
        for term in set(graph.subjects(RDFS.subClassOf))
        for parent in graph.objects(term, RDFS.subClassOf)
        if term in graph.transitive_objects(parent, RDFS.subClassOf)
    ]


def every_term_is_connected(graph: Graph) -> list[str]:
    """A class is subclass, domain, range or code list; a code belongs to a list."""
    lists = code_lists(graph)
    codes = {code for members in lists.values() for code in members}
    uses = [*graph.objects(None, RDFS.domain), *graph.objects(None, RDFS.range)]
    connected = {*uses, *codes, *our_properties(graph), *graph.subjects(RDFS.subClassOf)}
    return [short(term) for term in our_terms(graph) if term not in connected]


def every_foreign_term_is_declared(graph: Graph) -> list[str]:
    """Each term of others has exactly one OWL type and names the vocabulary that defines it."""
    wrong = []
    for term in foreign_terms(graph):
        homes = [str(home) for home in graph.objects(term, RDFS.isDefinedBy)]
        vocabulary = re.sub(r"[#/][^#/]+$", "", term)
        if len(kinds(graph, term)) != 1:
            wrong.append(f"{term} is declared as {sorted(map(short, kinds(graph, term)))}")
        if len(homes) != 1 or not homes[0].startswith(vocabulary):
            wrong.append(f"{term} is said to be defined by {homes}")
    return wrong


def nothing_new_is_said_about_foreign_terms(graph: Graph) -> list[str]:
    """Only type, home, and the subclass axioms that their own vocabularies state."""
    foreign = foreign_terms(graph) - {ONTOLOGY}
    return [
        f"{subject} {short(predicate)} {short(value)}"
        for subject, predicate, value in graph
        if subject in foreign
        if predicate not in (RDF.type, RDFS.isDefinedBy) and (subject, value) not in REPEATED
    ]


def every_foreign_term_exists(graph: Graph) -> list[str]:
    """A term of a vocabulary that RDFLib knows is really a term of it."""
    return [
        term
        for term in foreign_terms(graph)
        for vocabulary in PUBLISHED
        if term.startswith(str(vocabulary)) and term not in vocabulary
    ]


def every_term_of_ours_that_is_mentioned_is_defined(graph: Graph) -> list[str]:
    """No typing error in the middle of the file: what is mentioned has a definition."""
    mentioned = {node for triple in graph for node in triple if is_ours(node)}
    return sorted(short(term) for term in mentioned if not kinds(graph, term))


def every_term_is_one_kind_of_thing(graph: Graph) -> list[str]:
    """No punning: class, object property, datatype property or individual, and only one of them."""
    return [
        f"{short(term)}: {sorted(map(short, kinds(graph, term)))}"
        for term in our_terms(graph)
        if len(kinds(graph, term)) != 1
    ]


def local_names_are_plain(graph: Graph) -> list[str]:
    """Letters and digits; classes and codes begin with a capital letter, properties do not."""
    return [
        str(term)
        for term in our_terms(graph)
        if not re.fullmatch(
            r"[a-z][A-Za-z0-9]*" if kinds(graph, term) & PROPERTY_TYPES else r"[A-Z][A-Za-z0-9]*",
            term.removeprefix(NAMESPACE),
        )
    ]


def code_lists_are_closed(graph: Graph) -> list[str]:
    """The members of a list are exactly its individuals, and they are said to differ."""
    lists = code_lists(graph)
    different = [
        set(Collection(graph, head))
        for group in graph.subjects(RDF.type, OWL.AllDifferent)
        for head in graph.objects(group, OWL.distinctMembers)
    ]
    wrong = [
        f"{short(code_list)}: {sorted(map(short, members ^ found))}"
        for code_list, members in lists.items()
        for found in [set(graph.subjects(RDF.type, code_list))]
        if members != found
    ]
    wrong += [f"{short(term)} may be one" for term in lists if lists[term] not in different]
    codes = {code for code in our_terms(graph) if OWL.NamedIndividual in kinds(graph, code)}
    return wrong + [f"{short(code)} is in no list" for code in codes - set().union(*lists.values())]


def all_classes_of_ours_are_disjoint(graph: Graph) -> list[str]:
    """One statement names all of them, so that no class is forgotten."""
    listed = [
        set(Collection(graph, head))
        for group in graph.subjects(RDF.type, OWL.AllDisjointClasses)
        for head in graph.objects(group, OWL.members)
    ]
    missing = set(our_classes(graph)) ^ set().union(*listed)
    return sorted(map(short, missing)) if len(listed) == 1 else [f"{len(listed)} lists"]


def the_order_of_steps_is_irreflexive_and_asymmetric(graph: Graph) -> list[str]:
    """nextStep and previousStep, and no other property."""
    ordered = {OWL.IrreflexiveProperty, OWL.AsymmetricProperty}
    return [
        short(term)
        for term in our_properties(graph)
        if (set(graph.objects(term, RDF.type)) & ordered)
        != (ordered if short(term) in {"nextStep", "previousStep"} else set())
    ]


def functional_object_properties_lead_into_code_lists(graph: Graph) -> list[str]:
    """Elsewhere two values would make a reasoner infer owl:sameAs instead of finding a mistake."""
    return [
        short(term)
        for term in our_properties(graph)
        if (term, RDF.type, OWL.FunctionalProperty) in graph
        if OWL.ObjectProperty in kinds(graph, term)
        if graph.value(term, RDFS.range) not in code_lists(graph)
    ]


def only_simple_properties_are_restricted(graph: Graph) -> list[str]:
    """No transitivity and no chains (OWL 2 Structural Specification, 11.2)."""
    return [
        *map(short, graph.subjects(RDF.type, OWL.TransitiveProperty)),
        *map(short, graph.subjects(OWL.propertyChainAxiom)),
    ]


BREAKS: dict[Rule, list[str]] = {
    the_header_is_complete: [
        "DELETE DATA { <https://w3id.org/leadgraph/ns> vann:preferredNamespacePrefix 'lg' }",
        "DELETE WHERE { <https://w3id.org/leadgraph/ns> dcterms:description ?text }",
        "DELETE WHERE { organization:leadgraph foaf:name ?name }",
        "INSERT DATA { <https://w3id.org/leadgraph/ns> dcterms:title 'LeadGraph'@nl }",
    ],
    the_version_iri_carries_the_version: [
        "DELETE { ?o owl:versionInfo ?v } INSERT { ?o owl:versionInfo '0.2.0' } "
        "WHERE { ?o owl:versionInfo ?v }",
    ],
    nothing_is_imported_and_nothing_is_the_same: [
        "INSERT DATA { <https://w3id.org/leadgraph/ns> owl:imports <http://www.w3.org/ns/org> }",
        "INSERT DATA { lg:Trait owl:sameAs lg:SoftSkill }",
    ],
    every_term_has_one_label_in_each_of_the_six_languages: [
        "DELETE DATA { lg:Skill rdfs:label 'مهارة'@ar }",
        "INSERT DATA { lg:Skill rdfs:label 'Vaardigheid'@nl }",
        "INSERT DATA { lg:Skill rdfs:label 'Ability'@en }",
    ],
    no_two_terms_of_a_kind_share_a_label: [
        "INSERT DATA { lg:Capacity rdfs:label 'skill'@en }",
        "INSERT DATA { lg:connotation rdfs:label 'has step'@en }",
    ],
    no_german_text_calls_a_leader_fuehrer: [
        "INSERT DATA { lg:LeaderRole rdfs:label 'Führerrolle'@de }",
    ],
    every_term_says_what_it_is_and_gives_an_example: [
        "DELETE WHERE { lg:mentor rdfs:comment ?text }",
        "DELETE WHERE { lg:AtMost skos:example ?text }",
        "DELETE WHERE { lg:Aim rdfs:isDefinedBy ?ontology }",
    ],
    every_property_has_a_domain_and_a_range_or_a_reason: [
        "DELETE WHERE { lg:steward rdfs:domain ?class }",
        "DELETE WHERE { lg:steward rdfs:range ?class }",
        "INSERT DATA { lg:basis rdfs:domain lg:Finding }",
        "INSERT DATA { lg:steward rdfs:range lg:Skill }",
    ],
    every_range_fits_the_kind_of_its_property: [
        "INSERT DATA { lg:reviewBy rdfs:range xsd:date }",
        "INSERT DATA { lg:consent rdfs:range xsd:anyURI }",
    ],
    inverses_are_pairs_with_swapped_domain_and_range: [
        "INSERT DATA { lg:mentor owl:inverseOf lg:mentee }",
        "INSERT DATA { lg:targetStep owl:inverseOf lg:hasCondition }",
    ],
    no_class_is_above_itself: [
        "INSERT DATA { skos:Concept rdfs:subClassOf lg:LeaderRole }",
        "INSERT DATA { lg:Aim rdfs:subClassOf lg:Aim }",
    ],
    every_term_is_connected: [
        "INSERT DATA { lg:Island a owl:Class }",
        "INSERT DATA { lg:Lost a owl:NamedIndividual }",
    ],
    every_foreign_term_is_declared: [
        "DELETE WHERE { org:Role a ?kind }",
        "DELETE WHERE { skos:example rdfs:isDefinedBy ?home }",
        "INSERT DATA { foaf:page a owl:AnnotationProperty }",
        "INSERT DATA { lg:Aim dcterms:conformsTo lg:Finding }",
        "DELETE { prov:Entity rdfs:isDefinedBy ?home } "
        "INSERT { prov:Entity rdfs:isDefinedBy <https://schema.org/> } "
        "WHERE { prov:Entity rdfs:isDefinedBy ?home }",
    ],
    nothing_new_is_said_about_foreign_terms: [
        "INSERT DATA { skos:broader rdfs:domain lg:Skill }",
        "INSERT DATA { prov:Activity rdfs:subClassOf schema:Event }",
    ],
    every_foreign_term_exists: [
        "INSERT DATA { schema:teachesWell a owl:ObjectProperty }",
        "INSERT DATA { org:Rule a owl:Class }",
    ],
    every_term_of_ours_that_is_mentioned_is_defined: [
        "INSERT DATA { lg:develops rdfs:range lg:Skil }",
        "INSERT DATA { lg:Aim lg:isAbout lg:Skill }",
    ],
    every_term_is_one_kind_of_thing: [
        "INSERT DATA { lg:Skill a owl:ObjectProperty }",
        "INSERT DATA { lg:connotation a owl:ObjectProperty }",
        "INSERT DATA { lg:Trait a owl:Class }",
    ],
    local_names_are_plain: [
        "INSERT DATA { <https://w3id.org/leadgraph/ns#has-step> a owl:ObjectProperty }",
        "INSERT DATA { lg:HasStep a owl:ObjectProperty }",
    ],
    code_lists_are_closed: [
        "INSERT DATA { lg:Virtue a owl:NamedIndividual , lg:SkillKind }",
        "DELETE DATA { lg:Trait a lg:SkillKind }",
        "DELETE WHERE { ?group a owl:AllDifferent }",
    ],
    all_classes_of_ours_are_disjoint: [
        "INSERT DATA { lg:Forgotten a owl:Class }",
        "INSERT DATA { [] a owl:AllDisjointClasses ; owl:members ( lg:Aim lg:Skill ) }",
    ],
    the_order_of_steps_is_irreflexive_and_asymmetric: [
        "DELETE DATA { lg:nextStep a owl:IrreflexiveProperty }",
        "INSERT DATA { lg:mentor a owl:AsymmetricProperty }",
    ],
    functional_object_properties_lead_into_code_lists: [
        "INSERT DATA { lg:hasDestination a owl:FunctionalProperty }",
    ],
    only_simple_properties_are_restricted: [
        "INSERT DATA { lg:nextStep a owl:TransitiveProperty }",
        "INSERT DATA { lg:isUsedInStep owl:propertyChainAxiom ( lg:nextStep lg:nextStep ) }",
    ],
}
"""Each rule, with edits that it has to notice."""


@pytest.fixture(scope="module")
def ontology() -> Graph:
    return Graph().parse(FILE)


def changed(graph: Graph, update: str) -> Graph:
    """Return a copy of the graph after one SPARQL update, and insist that it changed something."""
    copy = Graph()
    copy += graph
    copy.update(update, initNs=dict(graph.namespaces()))
    assert set(copy) != set(graph), f"the edit changes nothing: {update}"
    return copy


def name(value: object) -> str:
    return getattr(value, "__name__", str(value))


@pytest.mark.parametrize("rule", BREAKS, ids=name)
def test_the_ontology_keeps(rule: Rule, ontology: Graph) -> None:
    """No rule finds a mistake in the file."""
    assert rule(ontology) == []


@pytest.mark.parametrize(
    ("rule", "update"), [(rule, update) for rule, updates in BREAKS.items() for update in updates]
)
def test_a_broken_ontology_is_noticed_by(rule: Rule, update: str, ontology: Graph) -> None:
    """Each rule finds the mistake that an edit makes, so that none of them passes by accident."""
    assert rule(changed(ontology, update)) != []


# The file itself.


def test_two_parsers_read_the_same_statements(ontology: Graph) -> None:
    """RDFLib and Oxigraph agree on the number of statements, and none is stated twice."""
    strict = list(pyoxigraph.parse(path=str(FILE), format=pyoxigraph.RdfFormat.TURTLE))
    assert len(strict) == len(set(strict)) == len(ontology)


def prefix_mistakes(text: str) -> set[str]:
    """Return the prefixes that are declared or used but not both, and `base` if there is one."""
    code = re.sub(r'"[^"\n]*"|<[^>\n]*>|(?m:^#.*$)', "", text)
    declared = set(re.findall(r"(?m)^@prefix (\w+):", code))
    used = set(re.findall(r"(?<![\w:])(\w+):\w", code))
    return (declared ^ used) | set(re.findall(r"(?mi)^\s*@?(base)\b", code))


def names_that_begin_blocks(text: str) -> list[str]:
    return sorted(re.findall(r"(?m)^lg:(\w+)$", text))


def test_the_file_declares_exactly_the_prefixes_that_it_uses() -> None:
    """No prefix without use, none without declaration, and no base IRI."""
    text = FILE.read_text(encoding="utf-8")
    assert prefix_mistakes(text) == set()
    assert prefix_mistakes(f"@prefix sh: <http://www.w3.org/ns/shacl#> .\n{text}") == {"sh"}
    assert prefix_mistakes(re.sub("@prefix org:.*", "", text)) == {"org"}
    assert prefix_mistakes(f"BASE <https://w3id.org/leadgraph/>\n{text}") == {"BASE"}


def test_every_term_of_ours_has_one_block(ontology: Graph) -> None:
    """A term is defined in one place of the file: its name begins a line once."""
    text = FILE.read_text(encoding="utf-8")
    terms = [short(term) for term in our_terms(ontology)]
    assert names_that_begin_blocks(text) == terms
    assert names_that_begin_blocks(f"{text}\nlg:Skill\n  a  owl:Class .\n") != terms


# The ontology at work: OWL 2 RL, so far as rules can go (OWL 2 Profiles, 4.3).

SAMPLE = """
    @prefix lg: <https://w3id.org/leadgraph/ns#> .
    @prefix : <https://w3id.org/leadgraph/id/> .
    :pathway     lg:hasStep :gain , :enrol ; lg:hasDestination :mentor .
    :gain        lg:nextStep :enrol ; lg:hasCondition :edits ; lg:develops :commitment .
    :edits       lg:comparison lg:AtLeast ; lg:requiredNumber 500 ; lg:statementText "edits"@en .
    :mentor      a lg:LeaderRole ; lg:requiresSkill :mentoring ; lg:bearerKind lg:PersonBearer .
    :mentorship  lg:mentor :chapter ; lg:mentee :group ; lg:focusSkill :mentoring .
    :dialogue    a lg:Consultation ; lg:hasFinding :finding ; lg:participantCount 100 .
    :finding     lg:statementText "words"@en ; lg:basis lg:Sourced .
    :name        a lg:NameProposal ; lg:proposedNameFor :mentor ; lg:acceptability lg:VotedGood .
"""

CONTRADICTIONS = {
    "a step follows itself": ":gain lg:nextStep :gain .",
    "two steps follow each other": ":enrol lg:nextStep :gain .",
    "a step comes before the step that it follows": ":gain lg:previousStep :enrol .",
    "a pathway is a step of itself": ":pathway lg:hasStep :pathway .",
    "a skill is a role": ":mentoring a lg:LeaderRole .",
    "a finding is a next step": ":dialogue lg:hasNextStep :finding .",
    "a number is read in two ways": ":edits lg:comparison lg:AtMost .",
    "a code stands in for one of another list": ":mentor lg:bearerKind lg:Trait .",
}

INFERENCES = {
    "a leader role is a concept": ":mentor a skos:Concept .",
    "a skill is a defined term": ":mentoring a schema:DefinedTerm .",
    "a step belongs to its pathway": ":gain lg:isStepOf :pathway .",
    "a step is known by its pathway": ":enrol a lg:PathwayStep .",
    "the order can be read backwards": ":enrol lg:previousStep :gain .",
    "a role is the destination of its pathway": ":mentor lg:isDestinationOf :pathway .",
    "a skill is developed by a step": ":commitment lg:isDevelopedBy :gain .",
    "a mentor is an agent": ":chapter a foaf:Agent .",
    "a mentorship is an activity": ":mentorship a prov:Activity .",
    "a concept has its proposed name": ":mentor lg:hasProposedName :name .",
}

PREFIXES = """
    @prefix : <https://w3id.org/leadgraph/id/> .
    @prefix foaf: <http://xmlns.com/foaf/0.1/> .
    @prefix lg: <https://w3id.org/leadgraph/ns#> .
    @prefix prov: <http://www.w3.org/ns/prov#> .
    @prefix schema: <https://schema.org/> .
    @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""


REASONER = """
import logging, sys, owlrl, rdflib
logging.disable()
graph = rdflib.Graph().parse(data=sys.stdin.read(), format="nt")
owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
for s, p, o in list(graph):
    if isinstance(s, rdflib.Literal):
        graph.remove((s, p, o))
sys.stdout.write(graph.serialize(format="nt"))
"""
"""A process of its own: owlrl changes how RDFLib reads literals, for everyone in the process."""


def closure(ontology: Graph, *data: str) -> Graph:
    """Return all that follows from the ontology, without its texts, and the data."""
    graph = Graph()
    in_words = (RDFS.label, RDFS.comment, SKOS.example, RDFS.isDefinedBy, RDFS.seeAlso)
    graph += (triple for triple in ontology if triple[1] not in in_words)
    for turtle in data:
        graph.parse(data=PREFIXES + turtle, format="turtle")
    expanded = subprocess.run(
        [sys.executable, "-c", REASONER],
        input=graph.serialize(format="nt"),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return Graph().parse(data=expanded, format="nt")


def contradictions(graph: Graph) -> list[str]:
    return [str(message) for message in graph.objects(None, ERRNS.error)]


@pytest.fixture(scope="module")
def inferred(ontology: Graph) -> Graph:
    return closure(ontology, SAMPLE)


def test_the_sample_does_not_contradict_the_ontology(inferred: Graph) -> None:
    """A pathway, a role, a mentorship, a consultation and a name live together in peace."""
    assert contradictions(inferred) == []
    assert not list(inferred.subjects(RDF.type, OWL.Nothing))


def test_nobody_is_inferred_to_be_somebody_else(inferred: Graph) -> None:
    """The closure states owl:sameAs of a thing with itself alone."""
    assert [pair for pair in inferred.subject_objects(OWL.sameAs) if pair[0] != pair[1]] == []


@pytest.mark.parametrize("statement", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_contradiction_is_found_when(statement: str, ontology: Graph) -> None:
    """Each statement, false in the world of the sample, contradicts it."""
    assert contradictions(closure(ontology, SAMPLE, statement)) != []


@pytest.mark.parametrize("statement", INFERENCES.values(), ids=INFERENCES)
def test_it_follows_that(statement: str, inferred: Graph) -> None:
    """Each statement follows from the sample, and is not in it."""
    expected = set(Graph().parse(data=PREFIXES + statement, format="turtle"))
    assert expected <= set(inferred)
    assert not expected & set(Graph().parse(data=SAMPLE, format="turtle"))


# The data: they speak the language of the ontology.


def misuses(ontology: Graph, data: Graph) -> Iterator[str]:
    """Yield each predicate and class of the data that the ontology does not know in that use."""
    for predicate in set(data.predicates()):
        kind = kinds(ontology, predicate)
        if not kind and not is_built_in(predicate):
            yield f"{predicate} is not declared"
        objects = list(data.objects(None, predicate))
        if kind == {OWL.ObjectProperty} and any(isinstance(o, Literal) for o in objects):
            yield f"{predicate} has a literal where a thing is expected"
        if kind == {OWL.DatatypeProperty} and any(isinstance(o, URIRef | BNode) for o in objects):
            yield f"{predicate} has a thing where a literal is expected"
    for term in set(data.objects(None, RDF.type)):
        if OWL.Class not in kinds(ontology, term):
            yield f"{term} is not a declared class"


@pytest.mark.parametrize("path", sorted((ROOT / "data").glob("*.ttl")), ids=lambda path: path.name)
def test_the_data_use_only_declared_terms_in(path: Path, ontology: Graph) -> None:
    """Every predicate and class of a data file is declared here, and is used as what it is."""
    assert sorted(misuses(ontology, Graph().parse(path))) == []


def test_the_data_do_not_contradict_the_ontology(ontology: Graph) -> None:
    """All data files together: no contradiction, and no thing that turns out to be another."""
    files = sorted((ROOT / "data").glob("*.ttl"))
    inferred = closure(ontology, *(path.read_text(encoding="utf-8") for path in files))
    assert contradictions(inferred) == []
    assert [pair for pair in inferred.subject_objects(OWL.sameAs) if pair[0] != pair[1]] == []


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        (":a schema:teachesWell :b .", "not declared"),
        (":a lg:hasStep 'first' .", "literal"),
        (":a lg:statementText :b .", "thing where"),
        (":a a lg:Rule .", "not a declared class"),
    ],
)
def test_a_misuse_is_noticed(statement: str, complaint: str, ontology: Graph) -> None:
    """An unknown predicate, an unknown class and a mixed-up kind are each reported."""
    data = Graph().parse(data=PREFIXES + statement, format="turtle")
    assert any(complaint in message for message in misuses(ontology, data))
