"""What data/ says about resources, pathways, capacities and outward links, against its tables.

The tables lie beside the checkout, in ../shared/domain; where they are absent, the tests that
compare with them are skipped and those that need data/ alone still run.
"""

from __future__ import annotations

import csv
import re
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path

import pyoxigraph as ox
import pytest

DATA = Path(__file__).parents[1] / "data"
TABLES = Path(__file__).parents[1] / "../shared/domain"

needs_tables = pytest.mark.skipif(
    not TABLES.is_dir(), reason="../shared/domain is absent: there is no table to compare with"
)

ID = "https://w3id.org/leadgraph/id/"
LG = "https://w3id.org/leadgraph/ns#"
GRAPH = "https://w3id.org/leadgraph/graph/"
WD = "http://www.wikidata.org/entity/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
BY = "https://creativecommons.org/licenses/by/4.0/"
BY_SA = "https://creativecommons.org/licenses/by-sa/4.0/"

PREFIXES = f"""
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX lg: <{LG}>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
PREFIX skos: <{SKOS}>
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX graph: <{GRAPH}>
PREFIX organization: <{ID}org/>
PREFIX scheme: <{ID}scheme/>
"""

MAPPINGS = {SKOS + kind + "Match" for kind in ("exact", "close", "broad", "narrow", "related")}

LABELS = {
    RDFS_LABEL,
    SKOS + "prefLabel",
    SKOS + "altLabel",
    SKOS + "hiddenLabel",
    "http://purl.org/dc/terms/title",
    "http://www.w3.org/2008/05/skos-xl#literalForm",
    "http://xmlns.com/foaf/0.1/name",
}

NUMBER_WORDS = {"two years": "2", "two-thirds": "66.67", "one of": "1", "two of": "2"}


# ---------------------------------------------------------------------- loading


@cache
def files() -> dict[str, tuple[ox.Quad, ...]]:
    """Every Turtle file of data/ and its statements."""
    return {
        path.stem: tuple(ox.parse(path=str(path), format=ox.RdfFormat.TURTLE))
        for path in sorted(DATA.glob("*.ttl"))
    }


@cache
def statements() -> frozenset[ox.Triple]:
    """Every statement of data/, once."""
    return frozenset(quad.triple for quads in files().values() for quad in quads)


@cache
def store() -> ox.Store:
    """The statements of data/ merged, and each file as a graph of its own."""
    merged = ox.Store()
    for slug, quads in files().items():
        graph = ox.NamedNode(GRAPH + slug)
        merged.extend(ox.Quad(q.subject, q.predicate, q.object, graph) for q in quads)
    merged.extend(ox.Quad(t.subject, t.predicate, t.object) for t in statements())
    return merged


def rows(pattern: str) -> list[tuple[str, ...]]:
    """Answer SELECT with strings; an unbound variable is an empty string."""
    answer = store().query(PREFIXES + pattern)
    assert isinstance(answer, ox.QuerySolutions)
    return [tuple(term.value if term else "" for term in row) for row in answer]


def table(name: str, *, quoted: bool = True) -> list[dict[str, str]]:
    """Read a table of ../shared/domain."""
    quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    with (TABLES / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=quoting))


def slug(iri: str) -> str:
    return iri.rsplit("/", 1)[1]


def words(cell: str) -> list[str]:
    return [part.strip() for part in re.split("[,;]", cell) if part.strip()]


def parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


# -------------------------------------------------------------------- resources


@needs_tables
def test_every_row_of_the_catalogue_is_a_learning_resource_and_nothing_is_added():
    """93 rows: the same name, page, kind and status, and one thing for each."""
    found = rows(
        "SELECT ?r ?name ?page ?status FROM graph:resources WHERE "
        "{ ?r a lg:LearningResource ; skos:prefLabel ?name ; foaf:page ?page ;"
        '     schema:creativeWorkStatus ?status FILTER (LANG(?name) = "en") }'
    )
    catalogue = table("resources.tsv")
    assert len(catalogue) == 93
    assert len({iri for iri, *_ in found}) == 93
    assert sorted(row[1:] for row in found) == sorted(
        (row["name"], row["url"], row["status"]) for row in catalogue
    )


@needs_tables
def test_a_resource_keeps_the_kind_of_the_catalogue():
    """Kinds separated by a semicolon are several kinds."""
    found = rows(
        "SELECT ?name ?kind FROM graph:resources WHERE "
        "{ ?r skos:prefLabel ?name ; schema:learningResourceType ?kind"
        '  FILTER (LANG(?name) = "en") }'
    )
    assert sorted(found) == sorted(
        (row["name"], kind) for row in table("resources.tsv") for kind in parts(row["kind"])
    )


@needs_tables
def test_a_resource_was_last_seen_when_the_catalogue_says_or_nothing_is_said():
    """A year, a month or a day with the datatype that fits; "(not dated)" states nothing."""
    found = {
        (row["name"].value, row["seen"].value): row["seen"].datatype.value
        for row in store().query(
            PREFIXES + "SELECT ?name ?seen FROM graph:resources"
            ' { ?r skos:prefLabel ?name FILTER (LANG(?name) = "en") . ?r lg:lastSeen ?seen }'
        )
    }
    dated = {
        (row["name"], row["last_seen"])
        for row in table("resources.tsv")
        if not row["last_seen"].startswith("(")
    }
    assert set(found) == dated
    kinds = {4: "gYear", 7: "gYearMonth", 10: "date"}
    assert all(datatype.endswith("#" + kinds[len(seen)]) for (_, seen), datatype in found.items())


@needs_tables
def test_languages_are_tags_that_the_catalogue_names():
    """A cell without a tag ("many", "not stated") yields no language."""
    cells = {row["name"]: row["languages"] for row in table("resources.tsv")}
    found = rows(
        "SELECT ?name ?tag FROM graph:resources WHERE "
        '{ ?r skos:prefLabel ?name FILTER (LANG(?name) = "en") . ?r schema:inLanguage ?tag }'
    )
    for name, tag in found:
        assert re.search(rf"(?<![\w-]){tag}(?![\w-])", cells[name], re.IGNORECASE), (name, tag)
    with_languages = {name for name, _ in found}
    starting_with_a_tag = {name for name, cell in cells.items() if re.match(r"[a-z]{2}\b", cell)}
    assert with_languages == starting_with_a_tag


def test_a_resource_names_its_stewards_where_the_page_does():
    """Only a paper and a proposal by one person have an author and no organization."""
    without = rows(
        "SELECT ?r FROM graph:resources WHERE "
        "{ ?r a lg:LearningResource FILTER NOT EXISTS { ?r lg:steward ?s } }"
    )
    assert {slug(iri) for (iri,) in without} == {
        "lets-connect-model-paper",
        "wikimedia-academy-of-leadership-and-organization",
    }


def test_a_name_of_somebody_is_that_of_an_author():
    """Whoever merely organized something is not named: the team or organization is."""
    named = rows("SELECT ?a { ?a foaf:name ?n }")
    credited = rows("SELECT DISTINCT ?a { ?work dcterms:creator ?a . ?a foaf:name ?n }")
    assert sorted(named) == sorted(credited)


def test_no_page_of_a_user_is_pointed_at():
    """User names stay out, also as a part of an address."""
    user_page = re.compile(r"/(?:User|Benutzer|Usuario|Utilisateur):")
    assert user_page.search("https://de.wikipedia.org/wiki/Benutzer:Somebody")
    for triple in statements():
        assert not user_page.search(triple.object.value), triple


def test_the_count_of_the_german_mentors_says_that_it_comes_from_a_mirror():
    """The numbers stand on a user page, seen in a copy; no page of Wikipedia is their source."""
    [(note, graph)] = rows(
        "SELECT ?note ?graph { GRAPH ?graph { ?resource skos:note ?note"
        ' FILTER (CONTAINS(?note, "8,281")) } }'
    )
    assert "mirror, de.wikiup.org" in note
    resource = f"<{ID}resource/mentorenprogramm-dewiki>"
    assert not rows(f"SELECT ?page {{ GRAPH <{graph}> {{ {resource} dcterms:source ?page }} }}")


def test_nobody_is_a_person_here_without_consent():
    """Authors are agents with a published by-line; persons need lg:consent."""
    assert not rows("SELECT ?p { ?p a foaf:Person FILTER NOT EXISTS { ?p lg:consent ?c } }")
    unsourced = "SELECT ?a { ?a a foaf:Agent ; foaf:name ?n MINUS { ?a dcterms:source ?s } }"
    assert not rows(unsourced)


# --------------------------------------------------------------------- pathways


@cache
def sourced_steps() -> dict[str, list[tuple[str, str]]]:
    """Pathway slug -> its steps in order, as (IRI, label)."""
    found = rows(
        "SELECT ?path ?step ?label WHERE { ?path a lg:Pathway ; lg:basis lg:Sourced ;"
        " lg:hasStep ?step . ?step skos:prefLabel ?label ; schema:position ?n } ORDER BY ?path ?n"
    )
    steps: dict[str, list[tuple[str, str]]] = {}
    for path, step, label in found:
        steps.setdefault(slug(path), []).append((step, label))
    return steps


@needs_tables
def test_the_sourced_pathways_have_the_steps_of_the_table_in_its_order():
    """15 pathways, 74 steps."""
    expected: dict[str, list[str]] = {}
    for row in table("pathways.tsv"):
        expected.setdefault(row["pathway"], []).append(row["step"])
    assert {path: [label for _, label in s] for path, s in sourced_steps().items()} == expected
    assert len(expected) == 15
    assert sum(map(len, expected.values())) == 74


@needs_tables
def test_a_pathway_leads_where_the_table_says_and_the_role_is_matched_to_the_poster():
    """The destination's role or group on the poster is its skos:broadMatch."""
    found = rows(
        "SELECT ?path ?role ?broad WHERE { ?path lg:hasDestination ?role ; lg:basis lg:Sourced ."
        " ?role skos:broadMatch ?broad }"
    )
    assert {
        (slug(path), role.removeprefix(ID), broad.removeprefix(ID))
        for path, role, broad in found
        if broad.startswith(ID)
    } == {
        (row["pathway"], row["destination"], row["destination_broader"])
        for row in table("pathways.tsv")
    }


def test_the_steps_of_a_sourced_pathway_follow_each_other():
    """lg:nextStep joins each step with the one after it, and no others."""
    links = set(rows("SELECT ?a ?b { ?a lg:nextStep ?b ; lg:basis lg:Sourced }"))
    chain = {
        (before[0], after[0])
        for steps in sourced_steps().values()
        for before, after in pairwise(steps)
    }
    assert links == chain


def test_what_leadgraph_drew_itself_is_illustrative_and_its_own():
    """Every pathway, step and condition of illustrative-pathways.ttl says both, in that file."""
    drawn = (
        "SELECT ?thing FROM graph:illustrative-pathways { VALUES ?type"
        " { lg:Pathway lg:PathwayStep lg:StepCondition } ?thing a ?type %s }"
    )
    claimed = drawn % (
        ". ?thing lg:basis lg:Illustrative ; prov:wasAttributedTo organization:leadgraph"
    )
    assert len(rows(drawn % "")) > 40
    assert sorted(rows(drawn % "")) == sorted(rows(claimed))


def test_every_step_says_where_it_comes_from():
    """A sourced step has a page, an illustrative one has LeadGraph as its author."""
    assert not rows(
        "SELECT ?s { ?s a lg:PathwayStep FILTER NOT EXISTS {"
        " { ?s lg:basis lg:Sourced ; dcterms:source ?page } UNION"
        " { ?s lg:basis lg:Illustrative ; prov:wasAttributedTo organization:leadgraph } } }"
    )


@cache
def conditions() -> dict[str, list[dict[str, str]]]:
    """Step IRI -> its conditions, in the order of their names."""
    names = ("step", "iri", "text", "number", "total", "high", "since", "until", "unit", "notes")
    found = rows(
        "SELECT ?step ?c ?text ?number ?total ?high ?since ?until ?unit"
        ' (GROUP_CONCAT(?note; separator=" ") AS ?notes) WHERE {'
        " ?step lg:hasCondition ?c . ?c lg:statementText ?text"
        " OPTIONAL { ?c lg:requiredNumber ?number } OPTIONAL { ?c lg:totalNumber ?total }"
        " OPTIONAL { ?c schema:maxValue ?high }"
        " OPTIONAL { ?c schema:validFrom ?since } OPTIONAL { ?c schema:validThrough ?until }"
        " OPTIONAL { ?c schema:unitText ?unit } OPTIONAL { ?c skos:note ?note } }"
        " GROUP BY ?step ?c ?text ?number ?total ?high ?since ?until ?unit ORDER BY ?c"
    )
    by_step: dict[str, list[dict[str, str]]] = {}
    for row in found:
        by_step.setdefault(row[0], []).append(dict(zip(names, row, strict=True)))
    return by_step


@cache
def step_notes() -> dict[str, list[str]]:
    """Step IRI -> what pathways.ttl notes about it: what is recommended, usual or observed."""
    notes: dict[str, list[str]] = {}
    for step, note in rows(
        "SELECT ?step ?note { GRAPH graph:pathways { ?step a lg:PathwayStep ; skos:note ?note } }"
    ):
        notes.setdefault(step, []).append(note)
    return notes


def numbers(text: str) -> set[Decimal]:
    """The numbers of a text, in digits (but not the 4 of "U4C") or as one of the words above."""
    digits = re.findall(r"(?<![A-Za-z.\d])\d+(?:\.\d+)?", text)
    words = [number for word, number in NUMBER_WORDS.items() if word in text]
    return {Decimal(number) for number in digits + words}


def spoken(condition: dict[str, str]) -> set[Decimal]:
    """The numbers that a condition states apart from its own wording."""
    fields = ("number", "total", "high", "since", "until", "unit", "notes")
    return numbers(" ".join(condition[field] for field in fields))


@needs_tables
def test_every_condition_of_the_table_is_a_condition_or_a_note_of_its_step():
    """Each part of the condition column, in its words; two in one part may stand apart.

    "3 days (2024), later 5" are two conditions. "3 at least, 10 recommended" is a condition and a
    note. A step may have more than the table.
    """
    by_label = {(p, label): step for p, s in sourced_steps().items() for step, label in s}
    for row in table("pathways.tsv"):
        step = by_label[row["pathway"], row["step"]]
        texts = {condition["text"] for condition in conditions().get(step, [])}
        notes = step_notes().get(step, [])
        for part in parts(row["condition"]):
            pieces = [part] if part in texts else part.split(", ")
            for piece in pieces:
                assert piece in texts or any(note.startswith(piece) for note in notes), (step, part)


@pytest.mark.parametrize(
    "words",
    [
        "0-6 questions a week on average",
        "usually thousands of edits",
        "10 recommended",
        "20 members",
        "21 of 35 in 2022",
        "approval 4-6 months",
        "monthly recommended",
    ],
)
def test_what_is_no_requirement_is_a_note_of_its_step(words: str):
    """All conditions of a step have to be met; these have not."""
    assert any(note.startswith(words) for notes in step_notes().values() for note in notes)
    texts = [condition["text"] for found in conditions().values() for condition in found]
    assert not [text for text in texts if words in text]


def period(condition: dict[str, str]) -> tuple[date, date]:
    """The first and the last day on which a condition holds."""
    since, until = condition["since"], condition["until"]
    return (
        date.fromisoformat(since) if since else date.min,
        date.fromisoformat(until) if until else date.max,
    )


def test_the_conditions_of_a_step_can_be_met_together():
    """Two numbers in one unit are the same rule at two times, which do not overlap."""
    successive = set()
    for step, found in conditions().items():
        counted = [condition for condition in found if condition["number"]]
        for one, other in combinations(counted, 2):
            if one["unit"] == other["unit"]:
                first, then = sorted([one, other], key=period)
                assert period(first)[1] < period(then)[0], step
                successive.add((first["text"], then["text"]))
    assert successive == {
        ("3 days (2024)", "later 5"),
        ("9 weeks (2022)", "12 weeks (2023)"),
    }


def test_a_user_group_needs_members_with_one_number_of_edits():
    """The 800 edits of Wikidata take the place of the 500: said in words, not required as well."""
    found = conditions()[ID + "step/found-a-user-group-meet-the-eligibility-rules"]
    assert [condition["number"] for condition in found] == ["3", "500", "6"]
    assert "800" in found[1]["text"]
    assert "800" in found[1]["notes"]


def test_a_rule_holds_from_a_day_to_a_day():
    """Days can be compared with each other and with today; years and recurring days cannot."""
    found = [
        (triple.predicate.value, triple.object.datatype.value)
        for triple in statements()
        if triple.predicate.value.startswith("https://schema.org/valid")
    ]
    assert len(found) >= 14
    assert {datatype for _, datatype in found} == {"http://www.w3.org/2001/XMLSchema#date"}
    for step_conditions in conditions().values():
        for condition in step_conditions:
            assert period(condition)[0] <= period(condition)[1], condition


@needs_tables
def test_every_number_of_the_condition_column_can_be_computed_with():
    """500 edits, 5 of 11, 18-24 hours, 15-30 January: as a number, a date, a unit or a note."""
    by_label = {(p, label): step for p, s in sourced_steps().items() for step, label in s}
    seen = 0
    for row in table("pathways.tsv"):
        wanted = numbers(row["condition"])
        step = by_label[row["pathway"], row["step"]]
        stated = numbers(" ".join(step_notes().get(step, [])))
        stated = stated.union(*map(spoken, conditions().get(step, [])))
        missing = {n for n in wanted if n not in stated}
        assert not missing, (step, missing)
        seen += len(wanted)
    assert seen >= 70


def test_no_condition_requires_a_number_that_its_wording_does_not_have():
    """The words come from the page, so an invented number would stand out."""
    for step, found in conditions().items():
        for condition in found:
            for field in ("number", "total", "high"):
                claimed = numbers(condition[field]) - {len(targets(condition["iri"]))}
                assert claimed <= numbers(condition["text"]), (step, condition)


@cache
def targets(condition: str) -> frozenset[str]:
    """The steps of which a condition requires some."""
    return frozenset(step for (step,) in rows(f"SELECT ?s {{ <{condition}> lg:targetStep ?s }}"))


def test_a_steward_comes_from_any_of_the_administrator_pathways():
    """One of three last steps has to be done before a candidate can stand."""
    [condition] = [
        found
        for found in conditions()[ID + "step/become-a-steward-hold-administrator-rights"]
        if targets(found["iri"])
    ]
    last = {
        sourced_steps()[path][-1][0]
        for path in ("admin-enwiki-discussion", "admin-enwiki-election", "admin-wikidata")
    }
    assert targets(condition["iri"]) == last
    assert (condition["number"], condition["total"]) == ("1", "3")


def test_steps_to_choose_from_are_counted():
    """A condition with target steps says how many of them, and of how many."""
    counted = [
        (condition["number"], condition["total"], len(targets(condition["iri"])))
        for found in conditions().values()
        for condition in found
        if targets(condition["iri"])
    ]
    aiming = rows("SELECT DISTINCT ?c { ?c lg:targetStep ?s }")
    assert len(counted) == len(aiming) == 5
    for number, total, steps in counted:
        assert total == str(steps)
        assert 1 <= int(number) <= steps


def test_a_majority_is_a_share_and_not_some_of_these():
    """Two thirds of the votes are not two of three things to choose from."""
    [majority] = [
        condition
        for found in conditions().values()
        for condition in found
        if condition["text"] == "two-thirds majority"
    ]
    assert (majority["number"], majority["total"]) == ("66.67", "")
    assert majority["unit"] == "% of the votes"


def test_five_of_eleven_workshops_and_nine_of_nine_criteria_are_counted():
    """ "N of M" is a required number of a total number."""
    counted = rows("SELECT ?n ?m { ?c lg:requiredNumber ?n ; lg:totalNumber ?m }")
    assert {("5", "11"), ("9", "9")} <= set(counted)


def test_the_pause_of_recognition_ends_on_a_date():
    """A rule with dates has schema:validThrough, so that it can be found when it is over."""
    paused = rows(
        'SELECT ?c { ?c a lg:StepCondition ; schema:validThrough "2026-03-31"^^xsd:date }'
    )
    assert len(paused) == 1


@needs_tables
def test_a_step_develops_and_uses_what_the_table_says():
    """The develops column is in pathway-skills.ttl alone, which says that it is ours."""
    by_label = {(p, label): step for p, s in sourced_steps().items() for step, label in s}
    developed, used = set(), set()
    for row in table("pathways.tsv"):
        step = by_label[row["pathway"], row["step"]]
        developed |= {(step, f"{ID}skill/{skill}") for skill in words(row["develops"])}
        if row["uses_resource"] not in {"", "path: admin-*", "found-a-user-group"}:
            used.add((step, f"{ID}resource/{row['uses_resource']}"))
    ours = rows("SELECT ?s ?k { GRAPH graph:pathway-skills { ?s lg:develops ?k } }")
    assert set(ours) == developed
    assert set(rows("SELECT ?s ?r { ?s lg:usesResource ?r ; lg:basis lg:Sourced }")) == used
    assert not rows("SELECT ?s { GRAPH graph:pathways { ?s lg:develops ?k } }")


def test_every_role_of_the_poster_can_be_reached():
    """Eight roles, each with a pathway of three to six steps that LeadGraph drew itself."""
    lengths = rows(
        "SELECT ?role (COUNT(?step) AS ?n) WHERE { ?path lg:hasDestination ?role ;"
        " lg:basis lg:Illustrative ; prov:wasAttributedTo organization:leadgraph ;"
        " lg:hasStep ?step . ?role skos:broader ?group . ?group a lg:LeaderGroup } GROUP BY ?role"
    )
    poster = rows("SELECT ?role { ?role skos:broader ?group . ?group a lg:LeaderGroup }")
    assert {role for role, _ in lengths} == {role for (role,) in poster}
    assert len(poster) == 8
    assert all(3 <= int(n) <= 6 for _, n in lengths)


def test_illustrative_pathways_branch_and_ask_for_some_of_these():
    """Alternatives are several next steps; "2 of these 3" names the three."""
    branching = rows(
        "SELECT ?s (COUNT(?next) AS ?n) { ?s lg:nextStep ?next ; lg:basis lg:Illustrative }"
        " GROUP BY ?s HAVING (COUNT(?next) > 1)"
    )
    assert {int(n) for _, n in branching} == {2, 3}
    some = rows(
        "SELECT ?c ?n ?m (COUNT(?t) AS ?of) { ?s lg:basis lg:Illustrative ; lg:hasCondition ?c ."
        " ?c lg:requiredNumber ?n ; lg:totalNumber ?m ; lg:targetStep ?t } GROUP BY ?c ?n ?m"
    )
    assert ("2", "3", "3") in {row[1:] for row in some}
    assert all(m == of and int(n) <= int(m) for _, n, m, of in some)


def test_every_step_is_reached_from_a_beginning_and_none_comes_round_again():
    """All steps of a pathway hang together by lg:nextStep, without a circle."""
    assert not rows("SELECT ?s { ?s lg:nextStep+ ?s }")
    assert not rows(
        "SELECT ?s { ?path lg:hasStep ?s . ?s schema:position ?n FILTER (?n > 1)"
        " FILTER NOT EXISTS { ?path lg:hasStep ?first . ?first schema:position 1 ;"
        " lg:nextStep+ ?s } }"
    )
    assert not rows(
        "SELECT ?a { ?a lg:nextStep ?b ; schema:position ?m . ?b schema:position ?n"
        " FILTER (?m >= ?n) }"
    )


def test_every_role_needs_one_to_three_skills_of_the_poster_and_is_helped_by_others():
    """role-skills.ttl joins all roles with the twelve skills, and says each thing once."""
    found: dict[tuple[str, str], set[str]] = {}
    for role, predicate, skill in rows(
        "SELECT ?r ?p ?k { GRAPH graph:role-skills { ?r ?p ?k } ?k skos:broader ?theme }"
    ):
        found.setdefault((role, predicate), set()).add(skill)
    roles = {role for (role,) in rows("SELECT ?r { ?r a lg:LeaderRole }")}
    for role in roles:
        required = found[role, LG + "requiresSkill"]
        helpful = found[role, LG + "benefitsFromSkill"]
        assert 1 <= len(required) <= 3, role
        assert 1 <= len(helpful) <= 3, role
        assert not required & helpful, role


# ------------------------------------------------------------------- capacities


@needs_tables
def test_the_capacities_are_those_of_capacity_exchange_with_both_names():
    """133 numbers; a name that a sibling has already is an alternative label."""
    found = rows(
        "SELECT ?number ?en ?pt WHERE { ?c a lg:Capacity ; skos:notation ?number ;"
        " skos:inScheme scheme:capx-capacities ; skos:prefLabel ?en ."
        ' ?c skos:prefLabel|skos:altLabel ?pt FILTER (LANG(?en) = "en" && LANG(?pt) = "pt") }'
    )
    expected = [(r["capx_id"], r["name_en"], r["name_pt"]) for r in table("capx-capacities.tsv")]
    assert sorted(found) == sorted(expected)
    assert len(found) == 133


@needs_tables
def test_the_tree_of_capacities_has_the_parents_of_the_table():
    """Seven roots, and no capacity deeper than the third level."""
    parents = rows(
        "SELECT ?number ?parent WHERE { ?c skos:notation ?number ; skos:broader ?p ."
        " ?p a lg:Capacity ; skos:notation ?parent }"
    )
    listed = table("capx-capacities.tsv")
    assert sorted(parents) == sorted(
        (row["capx_id"], row["parent_id"]) for row in listed if row["parent_id"]
    )
    roots = rows("SELECT ?n { ?c skos:topConceptOf scheme:capx-capacities ; skos:notation ?n }")
    assert {n for (n,) in roots} == {row["capx_id"] for row in listed if row["level"] == "1"}
    assert not rows("SELECT ?c { ?c a lg:Capacity ; skos:broader/skos:broader/skos:broader ?x }")


def test_only_the_roots_of_capacity_exchange_have_a_colour():
    """Seven different ones, as the application has them."""
    colours = rows("SELECT ?c ?colour { ?c a lg:Capacity ; schema:color ?colour }")
    top = rows("SELECT ?c { ?c skos:topConceptOf scheme:capx-capacities }")
    assert {c for c, _ in colours} == {c for (c,) in top}
    assert len({colour for _, colour in colours}) == 7
    assert all(re.fullmatch("#[0-9A-F]{6}", colour) for _, colour in colours)


@needs_tables
def test_a_capacity_is_matched_where_the_table_sees_a_match():
    """Each non-empty match has a mapping in capacity-links.ttl, and nothing else has."""
    matched = rows(
        "SELECT DISTINCT ?n { GRAPH graph:capacity-links { ?x ?match ?c }"
        " ?c a lg:Capacity ; skos:notation ?n }"
    )
    listed = table("capx-capacities.tsv")
    assert {n for (n,) in matched} == {
        row["capx_id"] for row in listed if row["poster_or_ldwg_match"]
    }


# --------------------------------------------------------------- outward links


@cache
def confidence() -> dict[str, str]:
    """Wikidata id -> A, B or C, from the copy of the table in data/."""
    with (DATA / "wikidata-evidence.tsv").open(encoding="utf-8", newline="") as lines:
        listed = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["id"]: row["confidence"] for row in listed}


def test_every_wikidata_iri_has_evidence():
    """Public code is full of invented ids: none may come in without a row in the table."""
    used = {
        term.value.removeprefix(WD)
        for triple in statements()
        for term in (triple.subject, triple.predicate, triple.object)
        if isinstance(term, ox.NamedNode) and term.value.startswith(WD)
    }
    assert used <= set(confidence())
    in_text = {
        found
        for path in DATA.glob("*.ttl")
        for found in re.findall(r"(?:wd:|/entity/)([QP]\d+)", path.read_text("utf-8"))
    }
    assert in_text <= set(confidence())


@cache
def wikidata_links() -> frozenset[tuple[str, str, str]]:
    """All mappings to Wikidata: (thing, mapping property, id)."""
    return frozenset(
        (t.subject.value, t.predicate.value, t.object.value.removeprefix(WD))
        for t in statements()
        if t.predicate.value in MAPPINGS and t.object.value.startswith(WD)
    )


def test_an_exact_match_needs_confidence_a():
    """Close, broad and related matches may rest on less, but not on confidence C."""
    assert len(wikidata_links()) >= 30
    for thing, mapping, item in wikidata_links():
        allowed = "A" if mapping == SKOS + "exactMatch" else "AB"
        assert confidence()[item] in allowed, (thing, mapping, item)


def test_nothing_is_linked_to_an_item_with_another_sense():
    """Rows whose note says TRAP, or that an id is NOT something, are there as a warning."""
    warned = rows(
        "SELECT ?item { ?e lg:evidenceFor ?item ; skos:note ?note"
        ' FILTER (CONTAINS(?note, "TRAP") || CONTAINS(?note, "NOT ")) }'
    )
    traps = {item.removeprefix(WD) for (item,) in warned}
    assert "Q101539" in traps
    assert not traps & {item for _, _, item in wikidata_links()}


@needs_tables
def test_no_role_of_ours_is_an_arranger_of_music():
    """WordNet has Q1643514 as organizer; who has that occupation in CoDEx plays an instrument."""
    assert "Q1643514" not in {item for _, _, item in wikidata_links()}


def test_the_evidence_is_the_table_in_both_formats():
    """Same rows, same columns; places of evidence may be worded anew but keep their numbers."""
    columns = ("id", "label_en", "description", "confidence")
    with (DATA / "wikidata-evidence.tsv").open(encoding="utf-8", newline="") as lines:
        ours = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    theirs = table("wikidata-evidence.tsv")
    assert [[row[c] for c in columns] for row in ours] == [
        [row[c] for c in columns] for row in theirs
    ]
    for mine, origin in zip(ours, theirs, strict=True):
        digits = re.findall(r"\d+", origin["source"])
        assert re.findall(r"\d+", mine["source"]) == digits
        assert set(mine["note"].split("; ")) <= set(origin["note"].split("; "))
        assert ("TRAP" in mine["note"]) == ("TRAP" in origin["note"])
    turtle = rows(
        "SELECT ?item ?label ?about ?place ?trust ?note { ?e a lg:LinkEvidence ;"
        " lg:evidenceFor ?item ; rdfs:label ?label ; dcterms:description ?place ;"
        " lg:confidence ?trust OPTIONAL { ?e schema:disambiguatingDescription ?about }"
        " OPTIONAL { ?e skos:note ?note } }"
    )
    assert sorted(turtle) == sorted(
        (
            WD + row["id"],
            row["label_en"],
            row["description"],
            row["source"],
            f"{LG}Confidence{row['confidence']}",
            row["note"],
        )
        for row in ours
    )


def test_the_name_of_evidence_is_the_id_that_it_supports():
    """evidence/q180 is for Q180, so that nobody has to look for it."""
    for evidence, item in rows("SELECT ?e ?item { ?e lg:evidenceFor ?item }"):
        assert slug(evidence) == item.removeprefix(WD).lower()


@needs_tables
def test_esco_concepts_are_mapped_as_the_table_proposes():
    """Every concept of the table once, with its property; no other concept of ESCO."""
    found = {
        (t.object.value, t.predicate.value.removeprefix(SKOS))
        for t in statements()
        if t.predicate.value in MAPPINGS and t.object.value.startswith("http://data.europa.eu/")
    }
    listed = [row for row in table("esco-evidence.tsv") if row["esco_uri"]]
    assert found == {(row["esco_uri"], row["proposed_skos_mapping"]) for row in listed}
    skills = {slug(iri) for (iri,) in rows("SELECT ?s { ?s a lg:Skill }")}
    of_skills = {(r["poster_or_topic"], r["esco_uri"]) for r in listed}
    assert {pair for pair in of_skills if pair[0] in skills} <= {
        (slug(t.subject.value), t.object.value)
        for t in statements()
        if t.predicate.value in MAPPINGS
    }


@needs_tables
def test_labels_of_wikidata_are_cached_for_the_linked_items_that_are_known():
    """All languages of the extract, for exactly the items that the graph is mapped to."""
    extract = {
        (quad.subject.value, quad.object.value, quad.object.language)
        for quad in ox.parse(path=str(TABLES / "wikidata/standin-core.ttl"))
        if quad.predicate.value == RDFS_LABEL
    }
    linked = {WD + item for _, _, item in wikidata_links()}
    cached = {
        (t.subject.value, t.object.value, t.object.language)
        for t in statements()
        if t.predicate.value == RDFS_LABEL and t.subject.value.startswith(WD)
    }
    assert cached == {label for label in extract if label[0] in linked}
    assert {language for iri, _, language in cached if iri == WD + "Q1251441"} == {
        *("ar", "de", "en", "es", "ru", "zh")
    }


# ------------------------------------------------------------ the whole folder


def test_there_are_no_blank_nodes():
    """Everything has a name, so that it can be linked to and compared."""
    for triple in statements():
        assert not isinstance(triple.subject, ox.BlankNode), triple
        assert not isinstance(triple.object, ox.BlankNode), triple


def test_every_iri_of_ours_has_one_type_and_one_slug():
    """https://w3id.org/leadgraph/id/{type}/{slug}, kebab-case."""
    name = "[a-z0-9]+(?:-[a-z0-9]+)*"
    shape = re.compile(re.escape(ID) + name + "/" + name)
    for triple in statements():
        for term in (triple.subject, triple.predicate, triple.object):
            if isinstance(term, ox.NamedNode) and term.value.startswith(ID):
                assert shape.fullmatch(term.value), term


@cache
def described() -> dict[str, set[str]]:
    """Every IRI of ours that is a subject -> the properties that it has."""
    found: dict[str, set[str]] = {}
    for triple in statements():
        if triple.subject.value.startswith(ID):
            found.setdefault(triple.subject.value, set()).add(triple.predicate.value)
    return found


def test_no_reference_leads_nowhere():
    """Whatever a file points at is described in some file of the folder."""
    pointed_at = {
        triple.object.value
        for triple in statements()
        if isinstance(triple.object, ox.NamedNode) and triple.object.value.startswith(ID)
    }
    assert sorted(pointed_at - set(described())) == []


def test_everything_has_a_type_and_a_name():
    """A label, a title, a name or the text of a statement."""
    named = LABELS | {LG + "statementText"}
    assert [iri for iri, has in described().items() if RDF_TYPE not in has] == []
    assert [iri for iri, has in described().items() if not has & named] == []


def test_nothing_has_two_preferred_labels_in_one_language():
    """SKOS, S14: at most one skos:prefLabel for each language tag."""
    assert not rows(
        "SELECT ?x ?a ?b { ?x skos:prefLabel ?a , ?b"
        " FILTER (LANG(?a) = LANG(?b) && STR(?a) < STR(?b)) }"
    )


@pytest.mark.parametrize("name", sorted(path.stem for path in DATA.glob("*.ttl")))
def test_a_file_describes_itself(name: str):
    """Title, description, licence, basis and author, under the IRI of its own graph."""
    [(title, description, licence, basis)] = rows(
        f"SELECT ?title ?description ?licence ?basis FROM graph:{name} {{"
        f" graph:{name} a void:Dataset ; dcterms:title ?title ; dcterms:license ?licence ;"
        " dcterms:description ?description ; lg:basis ?basis ;"
        " prov:wasAttributedTo organization:leadgraph ;"
        " dcterms:isPartOf <https://w3id.org/leadgraph/dataset> }"
    )
    assert title
    assert description
    assert licence in {CC0, BY, BY_SA}
    assert basis in {LG + "Sourced", LG + "Illustrative"}
    assert (DATA / f"{name}.ttl").read_text("utf-8").startswith("# ")


def test_what_is_made_from_the_words_of_others_has_their_licence():
    """Translations of the poster's labels are CC BY-SA; glosses of a wordnet need attribution."""
    stated = "SELECT ?graph ?licence { ?graph a void:Dataset ; dcterms:license ?licence }"
    licences = dict(rows(stated))
    assert licences[GRAPH + "glosses"] == BY_SA
    assert [graph for graph, licence in licences.items() if licence == BY] == [
        GRAPH + "wikidata-evidence"
    ]
    [(rights,)] = rows("SELECT ?rights { graph:wikidata-evidence dcterms:rights ?rights }")
    assert "Open English WordNet" in rights


@needs_tables
def test_cc0_files_hold_no_sentence_of_a_share_alike_page():
    """Quotations of Meta-Wiki, Wikipedia and Diff live in files with the licence of their page."""
    quoted = {
        plain(piece)
        for row in table("followup-facts.tsv", quoted=False)
        if row["verbatim_or_paraphrase"] == "verbatim" and "CC BY-SA" in row["licence"]
        for piece in (row["text"], *row["text"].split("; "))
        if len(piece.split()) >= 4
    }
    assert len(quoted) > 60
    licensed = f"SELECT ?graph {{ ?graph a void:Dataset ; dcterms:license <{BY_SA}> }}"
    share_alike = {slug(graph) for (graph,) in rows(licensed)}
    for name in sorted(set(files()) - share_alike):
        prose = [
            plain(q.object.value)
            for q in files()[name]
            if isinstance(q.object, ox.Literal) and q.predicate.value not in LABELS
        ]
        copied = {text for text in quoted for own in prose if text in own}
        assert not copied, (name, copied)


def plain(text: str) -> str:
    """A text without case and punctuation, for comparing wordings."""
    return " ".join(re.findall(r"\w+", text.lower()))
