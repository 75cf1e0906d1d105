"""What was meant is named when it is clear, and nothing is when it is not."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from leadgraph.check.explain import languages, suggest
from leadgraph.check.explain.meant import Near
from leadgraph.check.explain.names import Names
from leadgraph.check.explain.shape_index import ShapeIndex
from leadgraph.check.explain.vocabulary_index import Vocabulary
from leadgraph.check.results import Result
from leadgraph.check.slice import FileGraph, file_graphs
from leadgraph.model import Severity
from leadgraph.read import turtle
from leadgraph.settings import Settings
from leadgraph.vocabulary import ID, PREFIXES, RDF

ROOT = Path(__file__).parents[1]
TYPE = NamedNode(RDF + "type")
KINDS = ("role", "skill", "step", "pathway", "resource", "concept", "event", "name", "strategy")
NAMES = PREFIXES | {kind: f"{ID}{kind}/" for kind in KINDS} | {"group": f"{ID}role-group/"}

MISSPELT_PROPERTIES = {
    "lg:requireSkill": "lg:requiresSkill",
    "lg:requiresSkil": "lg:requiresSkill",
    "lg:requiresSkills": "lg:requiresSkill",
    "lg:RequiresSkill": "lg:requiresSkill",
    "lg:requires-skill": "lg:requiresSkill",
    "lg:requires_skill": "lg:requiresSkill",
    "lg:requriesSkill": "lg:requiresSkill",
    "lg:reqiresSkill": "lg:requiresSkill",
    "lg:requiresskill": "lg:requiresSkill",
    "lg:skillRequires": "lg:requiresSkill",
    "skos:requiresSkill": "lg:requiresSkill",
    "schema:requiresSkil": "lg:requiresSkill",
    "lg:benefitFromSkill": "lg:benefitsFromSkill",
    "lg:benefitsFormSkill": "lg:benefitsFromSkill",
    "lg:bearerkind": "lg:bearerKind",
    "lg:bearer-kind": "lg:bearerKind",
    "lg:barerKind": "lg:bearerKind",
    "lg:hasDestinaton": "lg:hasDestination",
    "lg:nextSteps": "lg:nextStep",
    "lg:hasStpe": "lg:hasStep",
    "lg:useResource": "lg:usesResource",
    "lg:wikimediaUserName": "lg:wikimediaUsername",
    "lg:prefLabel": "skos:prefLabel",
    "skos:prefLable": "skos:prefLabel",
    "skos:preflabel": "skos:prefLabel",
    "skos:prefLabels": "skos:prefLabel",
    "rdfs:prefLabel": "skos:prefLabel",
    "skos:altlabel": "skos:altLabel",
    "skos:defintion": "skos:definition",
    "skos:definitions": "skos:definition",
    "skos:exactmatch": "skos:exactMatch",
    "skos:inscheme": "skos:inScheme",
    "skos:boarder": "skos:broader",
    "skos:brodaer": "skos:broader",
    "schema:teach": "schema:teaches",
    "schema:inLangauge": "schema:inLanguage",
    "schema:startdate": "schema:startDate",
    "<http://schema.org/teaches>": "schema:teaches",
    "<http://schema.org/inLanguage>": "schema:inLanguage",
    "<https://w3id.org/leadgraph/ns/requiresSkill>": "lg:requiresSkill",
    "<http://w3id.org/leadgraph/ns#requiresSkill>": "lg:requiresSkill",
    "<https://w3id.org/leadgrpah/ns#requiresSkill>": "lg:requiresSkill",
    "<http://www.w3.org/2004/02/skos/core/prefLabel>": "skos:prefLabel",
    "<https://www.w3.org/2004/02/skos/core#note>": "skos:note",
    "prov:wasAtributedTo": "prov:wasAttributedTo",
    "dcterms:licence": "dcterms:license",
    "<http://purl.org/dc/elements/1.1/description>": "dcterms:description",
}
MISSPELT_CLASSES = {
    "lg:skill": "lg:Skill",
    "lg:Skills": "lg:Skill",
    "lg:Skil": "lg:Skill",
    "lg:LeadersRole": "lg:LeaderRole",
    "lg:leader-role": "lg:LeaderRole",
    "lg:Pathways": "lg:Pathway",
    "lg:PathwaySteps": "lg:PathwayStep",
    "lg:Patway": "lg:Pathway",
    "skos:concept": "skos:Concept",
    "skos:Conecpt": "skos:Concept",
    "lg:Concept": "skos:Concept",
    "org:Organisation": "org:Organization",
    "lg:MentorShip": "lg:Mentorship",
    "lg:Consulation": "lg:Consultation",
    "<http://schema.org/Course>": "schema:Course",
}
MISSPELT_THINGS = {
    "skill:comunication": "skill:communication",
    "skill:Communication": "skill:communication",
    "skill:communications": "skill:communication",
    "skill:commuincation": "skill:communication",
    "skill:mentorng": "skill:mentoring",
    "skill:conflict_resolution": "skill:conflict-resolution",
    "skill:ConflictResolution": "skill:conflict-resolution",
    "skill:resolution-conflict": "skill:conflict-resolution",
    "skill:conflict-resolutions": "skill:conflict-resolution",
    "skill:multilingualsm": "skill:multilingualism",
    "skill:empaty": "skill:empathy",
    "skill:trustbuilding": "skill:trust-building",
    "skill:decision-makeing": "skill:decision-making",
    "role:coordinater": "role:coordinator",
    "role:co-ordinator": "role:coordinator",
    "role:growth-mentors": "role:growth-mentor",
    "role:bureacrat": "role:bureaucrat",
    "role:stewart": "role:steward",
    "role:comunity-organiser": "role:community-organizer",
    "role:communication": "skill:communication",
    "<http://w3id.org/leadgraph/id/skill/communication>": "skill:communication",
    "<https://www.w3id.org/leadgraph/id/skill/comunication>": "skill:communication",
}
MISSPELT_TAGS = {
    "eng": "en",
    "english": "en",
    "sp": "es",
    "spa": "es",
    "spanish": "es",
    "fre": "fr",
    "fra": "fr",
    "ger": "de",
    "deutsch": "de",
    "jp": "ja",
    "cz": "cs",
    "gr": "el",
    "eng-us": "en-us",
    "arabic": "ar",
    "por": "pt",
}
UNRELATED = (
    *("lg:favouriteColour", "lg:age", "lg:height", "lg:salary", "lg:x", "lg:knows", "lg:size"),
    *("lg:mood", "lg:rating", "lg:postcode", "lg:weight", "lg:winner", "lg:budget", "lg:price"),
    *("skos:weight", "schema:price", "schema:isbn", "schema:genre", "foaf:knows", "foaf:img"),
    *("prov:value", "dcterms:spatial", "org:budget", "lg:hasBudget", "lg:isFriendOf"),
    *("<https://example.org/anything>", "<https://example.org/price>", "<urn:x:y>", "lg:"),
)
UNRELATED_THINGS = (
    *("skill:juggling", "skill:cooking", "skill:dancing", "skill:fundraising", "skill:law"),
    *("skill:statistics", "skill:sewing", "skill:x", "skill:negotiation", "skill:meditation"),
    *("role:treasurer", "role:driver", "role:translator", "role:editor", "role:newsletter-editor"),
    *("role:photographer", "pathway:astronaut", "nothing:at-all", "skill:patience", "role:cook"),
)


@cache
def near() -> Near:
    """Our own ontology, shapes and data, as a check sees them."""
    folder = turtle.open_directory(ROOT)
    ontology = [replace(graph, slug="ontology") for graph in _graphs(folder.ontology)]
    shapes = ShapeIndex(triple for graph in _graphs(folder.shapes) for triple in graph.triples)
    return Near(shapes, Vocabulary([], [*ontology, *_graphs(folder.data)], shapes))


def _graphs(paths: tuple[Path, ...]) -> list[FileGraph]:
    read = (turtle.read_file(path, Settings())[0] for path in paths)
    return file_graphs([source for source in read if source], set())


def iri(name: str) -> NamedNode:
    if name.startswith("<"):
        return NamedNode(name[1:-1])
    prefix, _, local = name.partition(":")
    return NamedNode(NAMES.get(prefix, f"{ID}{prefix}/") + local)


def meant(code: str, predicate: NamedNode, value: NamedNode) -> str | None:
    result = Result(code, Severity.VIOLATION, {"en": ""}, predicate=predicate, value=value)
    found = near().meant(result)
    return Names(NAMES).written(found) if found is not None else None


def test_nearly_all_misspellings_are_understood() -> None:
    found = {
        **{name: meant("unknown-term", iri(name), iri(name)) for name in MISSPELT_PROPERTIES},
        **{name: meant("unknown-term", TYPE, iri(name)) for name in MISSPELT_CLASSES},
        **{name: meant("dangling-reference", iri("lg:x"), iri(name)) for name in MISSPELT_THINGS},
        **{tag: languages.meant(tag) for tag in MISSPELT_TAGS},
    }
    right = MISSPELT_PROPERTIES | MISSPELT_CLASSES | MISSPELT_THINGS | MISSPELT_TAGS
    wrong = {name: (found[name], right[name]) for name in right if found[name] != right[name]}

    assert len(right) >= 90
    assert len(wrong) / len(right) <= 0.05, wrong
    # What cannot be read is a pity; what misleads is a defect.
    assert [name for name, (given, _) in wrong.items() if given] == []


@pytest.mark.parametrize("name", UNRELATED)
def test_nothing_is_suggested_for_a_term_that_is_like_no_other(name: str) -> None:
    assert meant("undefined-term", iri(name), iri(name)) is None
    assert meant("unknown-term", TYPE, iri(name)) is None


@pytest.mark.parametrize("name", UNRELATED_THINGS)
def test_nothing_is_suggested_for_a_thing_that_is_like_no_other(name: str) -> None:
    assert meant("dangling-reference", iri("lg:requiresSkill"), iri(name)) is None


@pytest.mark.parametrize("tag", ["xx", "zz", "klingon", "qq-xx", "foo"])
def test_nothing_is_suggested_for_a_tag_that_is_like_no_other(tag: str) -> None:
    assert languages.meant(tag) is None


@pytest.mark.parametrize(
    "tag", ["en", "pt-br", "zh-hans", "nan", "gsw", "simple", "be-tarask", "mul", "zxx", "x-mine"]
)
def test_a_tag_of_a_language_is_known(tag: str) -> None:
    assert languages.known(tag)


@pytest.mark.parametrize("tag", [*MISSPELT_TAGS, "xx", "klingon"])
def test_a_tag_of_no_language_is_not_known(tag: str) -> None:
    assert not languages.known(tag)


def test_of_the_tags_that_are_wanted_the_right_one_is_named() -> None:
    assert languages.meant("en-us", ("en", "fr")) == "en"
    assert languages.meant("sp", ("en", "es")) == "es"
    assert languages.meant("it", ("en", "es")) is None


def test_no_term_that_exists_is_another_ones_misspelling() -> None:
    vocabulary = near().vocabulary
    for names in (vocabulary.properties, vocabulary.classes):
        twins = [
            (name, found)
            for name in names
            for found in [suggest.nearest_iri(name, [n for n in names if n != name])]
            if found and suggest.parts(name)[1] != suggest.parts(found)[1]
        ]
        # hasX and X, mentor and mentee: real neighbours are few.
        assert len(twins) < len(names) / 8, twins


def test_a_value_in_other_letters_than_the_list_is_found() -> None:
    result = Result(
        code="size",
        severity=Severity.VIOLATION,
        messages={"en": ""},
        constraint="InConstraintComponent",
        value=Literal("Hueg"),
        parameters={"in": (Literal("huge"), NamedNode("https://example.org/Small"))},
    )

    assert near().meant(result) == Literal("huge")
    assert near().meant(replace(result, value=Literal("small"))) == result.parameters["in"][1]
    assert near().meant(replace(result, value=Literal("enormous"))) is None
