"""Questions that the graph must answer, with the rows of the answer."""

from __future__ import annotations

import json
from typing import TypedDict

import pytest
from pyoxigraph import QuerySolutions

from tests.graph import SHARED, merged_store, rows

FILE = SHARED / "domain/competency-questions.json"
ABSENT = "competency-questions.json is absent: the list is not part of the repository"
FEDERATED = {"CQ12"}  # asks Wikidata for its labels: answered by federation, not by this graph
LANGUAGES = ["ar", "de", "es", "fr", "pt"]


class Question(TypedDict):
    """A question of the list: words, query, rows."""

    id: str
    question: str
    sparql: str
    expected: list[list[str]]


class Questions(TypedDict):
    """The list, with the prefixes that its queries use."""

    prefixes: str
    questions: list[Question]


def listed() -> Questions:
    """Read the list; an empty one where it is absent."""
    if not FILE.exists():
        return {"prefixes": "", "questions": []}
    content: Questions = json.loads(FILE.read_text("utf-8"))
    return content


LIST = listed()
LOCAL = [question for question in LIST["questions"] if question["id"] not in FEDERATED]


@pytest.mark.skipif(not LOCAL, reason=ABSENT)
@pytest.mark.parametrize("question", LOCAL, ids=lambda question: question["id"])
def test_the_graph_answers(question: Question) -> None:
    """The rows are the expected ones, in the order that the question asks for."""
    solutions = merged_store().query(LIST["prefixes"] + question["sparql"])
    assert isinstance(solutions, QuerySolutions)
    assert [[value.value for value in row] for row in solutions] == question["expected"]


# What came after the poster.


def test_leadership_is_defined_in_seven_languages() -> None:
    """The definition of 2022 can be read in each of them."""
    answer = rows(
        """SELECT ?language (SUBSTR(?text, 1, 12) AS ?start) WHERE {
             concept:leadership skos:definition ?text BIND (LANG(?text) AS ?language)
           } ORDER BY ?language"""
    )
    assert answer == [
        ["ar", "يمكن فهم الق"],
        ["de", "Leadership k"],
        ["en", "Leadership c"],
        ["es", "El liderazgo"],
        ["fr", "Le leadershi"],
        ["he", "ניתן להבין מ"],
        ["pt", "A liderança "],
    ]


def test_the_concept_is_defined_in_the_words_of_the_document() -> None:
    """What the working group wrote and what the concept means are the same sentences."""
    sentences = "SELECT ?text (LANG(?text) AS ?language) WHERE {{ {} ?text }} ORDER BY ?language"
    written = rows(sentences.format("definition:ldwg-leadership lg:statementText"))
    assert rows(sentences.format("concept:leadership skos:definition")) == written


def test_a_leader_is_defined_twice_and_may_be_a_position_or_a_group() -> None:
    """The definition of 2022 stands beside the poster's, with three kinds of bearer."""
    answer = rows(
        """SELECT ?meaning WHERE {
             concept:wikimedia-community-leader skos:definition ?meaning } ORDER BY ?meaning"""
    )
    assert answer == [
        ["a person, position or group that takes the initiative to contribute to a specific cause"],
        ["community members who guide their communities and mentor their fellow Wikimedians"],
    ]
    kinds = rows(
        """SELECT ?kind WHERE {
             concept:wikimedia-community-leader lg:bearerKind/rdfs:label ?kind
             FILTER (LANG(?kind) = "en") } ORDER BY ?kind"""
    )
    assert len(kinds) == 3


def test_each_consultation_has_the_counts_that_its_report_states() -> None:
    """Date, participants and languages; nothing where the report is silent."""
    answer = rows(
        """SELECT ?slug ?date ?people ?languages WHERE {
             ?consultation a lg:Consultation ; dcterms:date ?date
             OPTIONAL { ?consultation lg:participantCount ?people }
             OPTIONAL { ?consultation lg:languageCount ?languages }
             BIND (STRAFTER(STR(?consultation), "/id/consultation/") AS ?slug)
           } ORDER BY STR(?date) ?slug"""
    )
    assert answer == [
        ["leadership-development-dialogue-2016", "2016", "100", None],
        ["ldwg-definition-feedback-2022", "2022", "140", "15"],
        ["ldwg-call-for-feedback-2022", "2022-02", None, "42"],
        ["arabic-community-call-2022", "2022-10-03", None, None],
        ["ldwg-leadership-surveys-2023", "2023", None, None],
        ["ldp-feedback-2023", "2023-05", "86", None],
        ["ttt-evaluation-2025", "2025", None, None],
    ]


def test_each_consultation_found_as_much_as_is_told_of_it() -> None:
    """The number of findings per consultation."""
    answer = rows(
        """SELECT ?slug (COUNT(?text) AS ?n) WHERE {
             ?consultation lg:hasFinding/lg:statementText ?text
             BIND (STRAFTER(STR(?consultation), "/id/consultation/") AS ?slug)
           } GROUP BY ?slug ORDER BY DESC(?n) ?slug"""
    )
    assert answer == [
        ["leadership-development-dialogue-2016", "12"],
        ["ldwg-call-for-feedback-2022", "5"],
        ["ldp-feedback-2023", "3"],
        ["ldwg-definition-feedback-2022", "1"],
        ["ttt-evaluation-2025", "1"],
    ]


def test_a_discussion_that_nobody_reported_on_is_an_event_and_no_consultation() -> None:
    """Wikimania 2016: its question and its finding point to it."""
    answer = rows(
        """SELECT ?type ?words WHERE {
             ?event a schema:Event ; dcterms:date ?date .
             ?thing dcterms:isPartOf ?event ; lg:statementText ?words ; a ?class
             FILTER NOT EXISTS { ?event a lg:Consultation }
             FILTER NOT EXISTS { ?event lg:hasFinding ?any }
             BIND (REPLACE(STR(?class), "^.*[/#]", "") AS ?type) } ORDER BY ?type"""
    )
    assert answer == [
        ["Finding", "This often creates single points of failure within communities."],
        [
            "Question",
            "What prevents volunteers from identifying themselves as movement leaders?",
        ],
    ]


def test_five_names_are_proposed_for_the_leader_of_the_poster() -> None:
    """The voted ones; other words are words for leaders in general."""
    proposed = """SELECT ?form WHERE {{
             ?name lg:proposedNameFor {} ; skosxl:literalForm ?form }} ORDER BY ?form"""
    assert rows(proposed.format("concept:wikimedia-community-leader")) == [
        ["Wiki Leaders"],
        ["Wiki Organizers"],
        ["Wikimedia Coordinators"],
        ["Wikimedia Mentors"],
        ["Wikimedia Organizers"],
    ]
    assert rows(proposed.format("concept:leader")) == [
        ["Führer"],
        ["Führungsfigur"],
        ["Leiter"],
        ["Mentor"],
        ["leader"],
        ["organizer"],
        ["treibende Kräfte"],
        ["treibende Personen"],
    ]


def test_the_question_of_the_poster_is_the_only_text() -> None:
    """Questions and answers of later pages are told with lg:statementText."""
    answer = rows("SELECT ?text WHERE { ?thing schema:text ?text }")
    assert answer == [["What skills are important for you in the work you lead?"]]


def test_names_were_contested_or_rejected_for_what_they_call_to_mind() -> None:
    """Each such name with its language, how it was received and why."""
    answer = rows(
        """SELECT ?form (LANG(?form) AS ?language) ?received ?why WHERE {
             ?name lg:acceptability ?code ; skosxl:literalForm ?form ; lg:connotation ?why
             FILTER (?code IN (lg:Contested, lg:Rejected))
             BIND (STRAFTER(STR(?code), "#") AS ?received)
           } ORDER BY ?language ?form ?why"""
    )
    assert answer == [
        ["القيادة", "ar", "Contested", "authority"],
        ["القيادة", "ar", "Contested", "negative: leaders and followers"],
        ["Führer", "de", "Rejected", "taboo"],
        ["leader", "en", "Contested", "negative: followers, authority over others"],
        ["leader", "en", "Contested", "positive: responsibility, mentoring, encouragement"],
        ["task force", "en", "Rejected", "military; hard to translate"],
    ]


def test_a_name_given_up_says_what_came_in_its_place() -> None:
    """Task force became working group."""
    answer = rows(
        """SELECT ?old ?new WHERE {
             ?a lg:acceptability lg:Rejected ; dcterms:isReplacedBy ?b ; skosxl:literalForm ?old .
             ?b lg:acceptability lg:Accepted ; skosxl:literalForm ?new }"""
    )
    assert answer == [["task force", "working group"]]


def test_names_were_talked_about_without_being_voted_for() -> None:
    """The Arabic community call proposed two words and chose none."""
    answer = rows(
        """SELECT ?form (EXISTS { ?name prov:wasGeneratedBy ?any } AS ?voted) WHERE {
             ?name lg:discussedIn consultation:arabic-community-call-2022 ;
                   skosxl:literalForm ?form } ORDER BY ?form"""
    )
    assert answer == [
        ["القيادة", "false"],
        ["القيادة التشاركية", "false"],
        ["القيادة التعاونية", "false"],
    ]


def test_leadership_has_a_word_in_ten_languages() -> None:
    """The words of the translators, English first."""
    answer = rows(
        """SELECT ?language ?word WHERE {
             { concept:leadership skos:prefLabel ?word }
             UNION { ?name lg:proposedNameFor concept:leadership ; skosxl:literalForm ?word
                     FILTER NOT EXISTS { concept:leadership skos:prefLabel ?other
                                         FILTER (LANG(?other) = LANG(?word)) } }
             BIND (LANG(?word) AS ?language) } ORDER BY (?language != "en") ?language"""
    )
    assert answer == [
        ["en", "leadership"],
        ["ar", "القيادة"],
        ["bn", "নেতৃত্ব"],
        ["de", "Leadership"],
        ["es", "liderazgo"],
        ["fr", "leadership"],
        ["he", "מנהיגות"],
        ["ja", "リーダー"],
        ["or", "ନେତୃତ୍ୱ"],
        ["pt", "liderança"],
    ]


def test_six_skills_of_the_poster_are_in_the_words_of_the_working_group() -> None:
    """One skill in two schemes where both have the same word."""
    answer = rows(
        """SELECT ?skill WHERE {
             ?s skos:broader/skos:topConceptOf scheme:leadership-skills ;
                skos:inScheme scheme:ldwg-appendix-skills ; skos:prefLabel ?skill
           } ORDER BY ?skill"""
    )
    assert answer == [
        ["Appreciation"],
        ["Boldness"],
        ["Commitment"],
        ["Communication"],
        ["Conscientiousness"],
        ["Constructive"],
    ]


def test_three_more_skills_of_the_poster_have_a_near_word_there() -> None:
    """A close match, which LeadGraph states as its own reading."""
    answer = rows(
        """SELECT ?poster ?group WHERE {
             ?a skos:broader/skos:topConceptOf scheme:leadership-skills ;
                skos:prefLabel ?poster ; skos:closeMatch ?b .
             ?b skos:inScheme scheme:ldwg-appendix-skills ; skos:prefLabel ?group
           } ORDER BY ?poster"""
    )
    assert answer == [
        ["Community Organizing", "Community outreach and organizing"],
        ["Distributing responsibility", "Delegation"],
        ["Facilitating consensus", "Consensus building"],
    ]


def test_every_skill_of_the_poster_is_a_trait_or_a_practical_skill() -> None:
    """Five traits and seven practical skills."""
    answer = rows(
        """SELECT ?kind (COUNT(?s) AS ?n) WHERE {
             ?s skos:broader/skos:topConceptOf scheme:leadership-skills ; lg:skillKind ?code
             BIND (STRAFTER(STR(?code), "#") AS ?kind) } GROUP BY ?kind ORDER BY ?kind"""
    )
    assert answer == [["PracticalSkill", "7"], ["Trait", "5"]]


def test_each_role_of_the_poster_says_who_can_bear_it() -> None:
    """Seven roles of persons, one of groups."""
    answer = rows(
        """SELECT ?kind (COUNT(?role) AS ?n) WHERE {
             ?role skos:broader/skos:topConceptOf scheme:leader-roles ; lg:bearerKind ?code
             BIND (STRAFTER(STR(?code), "#") AS ?kind) } GROUP BY ?kind ORDER BY ?kind"""
    )
    assert answer == [["GroupBearer", "1"], ["PersonBearer", "7"]]


# The glosses.


def test_everything_on_the_poster_can_be_read_in_five_more_languages() -> None:
    """Groups, roles, themes, skills, areas and strategies have a gloss in each language, once."""
    answer = rows(
        """SELECT ?thing (GROUP_CONCAT(?language) AS ?all) WHERE {
             { SELECT ?thing (LANG(?gloss) AS ?language) WHERE {
                 ?thing skos:broader?/skos:topConceptOf ?scheme
                 FILTER (?scheme IN (scheme:leader-roles, scheme:leadership-skills,
                                     scheme:support-strategies))
                 OPTIONAL { ?thing rdfs:label ?gloss } } ORDER BY ?language }
           } GROUP BY ?thing"""
    )
    assert len(answer) == 4 + 8 + 6 + 12 + 2 + 10
    assert [thing for thing, languages in answer if languages != " ".join(LANGUAGES)] == []


def test_appreciation_is_not_recognition() -> None:
    """Aprecio and apreço: to hold somebody dear, not to acknowledge what they did."""
    answer = rows(
        """SELECT ?word WHERE { skill:appreciation rdfs:label ?word
             FILTER (LANG(?word) IN ("es", "pt")) } ORDER BY LANG(?word)"""
    )
    assert answer == [["Aprecio"], ["Apreço"]]


def test_a_gloss_is_spelt_in_one_way() -> None:
    """French has ’ and Wikimedia; Portuguese is that of Brazil."""
    odd = rows(
        """SELECT ?word WHERE {
             VALUES (?language ?spelling) { ("fr" "'|Wikimédia") ("pt" "póster|planead|projecto") }
             ?thing rdfs:label ?word
             FILTER (LANG(?word) = ?language && REGEX(?word, ?spelling)) }"""
    )
    assert odd == []


def test_no_german_label_calls_anybody_a_fuehrer() -> None:
    """The word is in the graph once: as the rejected name that it is."""
    answer = rows(
        """SELECT ?words ?received WHERE {
             VALUES ?label { skos:prefLabel skos:altLabel rdfs:label skosxl:literalForm }
             ?thing ?label ?words
             FILTER (LANG(?words) = "de" && REGEX(?words, "(^|[ -])führer", "i"))
             OPTIONAL { ?thing lg:acceptability ?code }
             BIND (STRAFTER(STR(?code), "#") AS ?received) }"""
    )
    assert answer == [["Führer", "Rejected"]]


# The graph hangs together: each question finds what is missing, so the answer is empty.

LOOSE_ENDS = {
    "points_to_a_thing_that_nobody_describes": """
        ?subject ?predicate ?thing FILTER (STRSTARTS(STR(?thing), "https://w3id.org/leadgraph/id/"))
        FILTER NOT EXISTS { ?thing a ?type }""",
    "has_no_type": """
        ?thing ?predicate ?object FILTER (STRSTARTS(STR(?thing), "https://w3id.org/leadgraph/id/"))
        FILTER NOT EXISTS { ?thing a ?type }""",
    "has_no_name": """
        ?thing a ?type FILTER (STRSTARTS(STR(?thing), "https://w3id.org/leadgraph/id/"))
        FILTER NOT EXISTS { ?thing skos:prefLabel|rdfs:label|foaf:name|skosxl:literalForm
                                   |dcterms:title|lg:statementText ?name }""",
    "is_a_concept_without_a_scheme": """
        VALUES ?type { skos:Concept lg:LeaderRole lg:LeaderGroup lg:Skill lg:SkillTheme lg:Capacity
                       lg:SupportStrategy lg:StrategyArea }
        ?thing a ?type FILTER NOT EXISTS {
            ?thing skos:broader*/(skos:topConceptOf|skos:inScheme) ?scheme .
            ?scheme a skos:ConceptScheme ; dcterms:title ?title }""",
    "is_a_scheme_without_members": """
        ?thing a skos:ConceptScheme
        FILTER NOT EXISTS { ?member skos:topConceptOf|skos:inScheme ?thing }""",
    "has_two_preferred_labels_in_one_language": """
        ?thing skos:prefLabel ?one , ?other FILTER (LANG(?one) = LANG(?other) && ?one != ?other)""",
}


@pytest.mark.parametrize("pattern", LOOSE_ENDS.values(), ids=LOOSE_ENDS)
def test_nothing(pattern: str) -> None:
    """No thing of the graph is a loose end of this kind."""
    assert rows(f"SELECT DISTINCT ?thing WHERE {{ {pattern} }} ORDER BY ?thing") == []
