"""Names find what they mean: misspelt, in any language; and nothing is claimed that is not so."""

from __future__ import annotations

import math
import random
import threading
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse, serialize

from leadgraph.errors import BatchTooCostly
from leadgraph.explore.batch import Asker, reconcile_all
from leadgraph.explore.fold import fold
from leadgraph.explore.names import grams
from leadgraph.explore.reconcile import Query, Reconciler, Wanted
from leadgraph.explore.search import Search
from leadgraph.explore.similarity import alike, is_surely, name
from leadgraph.vocabulary import DCTERMS, ID, LG, OWL, SKOS, WD
from tests.pages_engine import engine, graph

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadgraph.explore.candidate import Candidate

MISSPELT = {
    "en": [
        ("Growht mentor", "LeaderRole", "role/growth-mentor"),
        ("user group contcat", "LeaderRole", "role/user-group-contact"),
        ("Movment organizer", "", "role/movement-organizer"),
        ("technical contributer", "", "role/technical-contributor"),
        ("Functionery", "", "role/functionary"),
        ("mentor of german wikipeda", "", "role/mentor-dewiki"),
        ("people who fill the gaps", "", "role/gap-filler"),
        ("Multilinguallism", "Skill", "skill/multilingualism"),
        ("facilitating concensus", "Skill", "skill/facilitating-consensus"),
        ("consensus facilitating", "", "skill/facilitating-consensus"),
        ("digital securty", "", "skill/digital-security"),
        ("peer encouragment", "", "skill/peer-encouragement"),
        ("Wikimedia Deutschlnad", "http://www.w3.org/ns/org#Organization",
         "org/wikimedia-deutschland"),
        ("Wikimedia Polksa", "", "org/wikimedia-polska"),
        ("Community Developement team", "", "org/wmf-community-development-team"),
        ("Wikimedia Aliances Fund", "", "resource/wikimedia-alliances-fund"),
        ("WikiMania scholarship", "", "resource/wikimania-scholarships"),
        ("Wikimedia Ressource Center", "", "resource/wikimedia-resource-center"),
        ("gathering groups", "", "affiliate-type/gathering-group"),
    ],
    "es": [
        ("Personas que escuhan a las demas", "", "role/listener"),
        ("personas que cordinan", "", "role/coordinator"),
        ("Coordinacion de proyetos", "", "skill/project-coordination"),
        ("Plan de Desarollo del Liderazgo", "", "resource/leadership-development-plan"),
        ("Grupo de Trabajo de Desarrolo de Liderazgo", "",
         "org/leadership-development-working-group"),
    ],
    "fr": [
        ("personnes qui comblent les lacune", "", "role/gap-filler"),
        ("Personnes qui ecoutent les autrs", "", "role/listener"),
        ("repartir les resposabilités", "", "skill/distributing-responsibility"),
        ("Plan de developement du leadership", "", "resource/leadership-development-plan"),
    ],
    "de": [
        ("Menschen die anderen zuhoren", "", "role/listener"),
        ("Menschen mit Vertrauensfunktion", "", "role/functionary"),
        ("Gewissenhaftigeit", "", "skill/conscientiousness"),
        ("Arbeitsgruppe zur Führungsentwiklung", "", "org/leadership-development-working-group"),
    ],
    "ar": [
        ("اشخاص يصغون الى غيرهم", "", "role/listener"),
        ("مجموعات حذف المقلات", "", "role/article-deletion-group"),
        ("توزيع المسوولية", "", "skill/distributing-responsibility"),
        ("التشجيع بين الاقران", "", "skill/peer-encouragement"),
        ("مجموعة عمل تطوير القيادت", "", "org/leadership-development-working-group"),
    ],
}  # fmt: skip
NOWHERE = (
    "Trainee", "Wikimedia Atlantis", "Wikimedia Australia", "Growth hacker", "Funktionsträger",
    "Technical debt", "Movement of people", "User group", "Digital scarcity", "Peer review",
    "Wikimania 2031", "Module 7", "Multiculturalism", "Atypical", "Plan de negocios",
    "Personas que bailan", "Coordinación aérea", "Personnes qui dansent", "Plan de métro",
    "Menschen, die tanzen", "Gewerkschaft", "Arbeitsgruppe Klima", "أشخاص يرقصون",
    "توزيع البريد", "تنسيق الزهور", "リーダーズ・ダイジェスト", "项目预算", "Project Coordinator",
    "Mentee of German Wikipedia", "Education programme reader", "zzqx", "12345", "???", "",
    "Wikimedia", "The", "People who inspect", "Ancestor of Growth mentor", "<script>", "Стюардесса",
)  # fmt: skip
SMALL = f"""
<{ID}role/a> a <{SKOS}Concept> ; <{SKOS}prefLabel> "Night watch"@en , "夜警"@ja ;
    <{SKOS}altLabel> "Watchmen"@en ; <{SKOS}exactMatch> <{WD}Q1> ; <{SKOS}note> 7 , true ;
    <{DCTERMS}date> "2016-05-04"^^<http://www.w3.org/2001/XMLSchema#date> .
<{ID}role/b> a <{SKOS}Concept> ; <{SKOS}prefLabel> "Night watch"@en ;
    <{SKOS}closeMatch> <{WD}Q2> ; <{SKOS}note> 8 ; <{SKOS}related> <{ID}role/a> .
<{ID}role/c> a <{SKOS}Collection> ; <{SKOS}prefLabel> "Module 1"@en .
<{ID}role/d> a <{SKOS}Collection> ; <{SKOS}prefLabel> "Module 2"@en .
<{ID}role/old> a <{SKOS}Concept> ; <{SKOS}prefLabel> "Lamplighter"@en ; <{OWL}deprecated> true ;
    <{DCTERMS}isReplacedBy> <{ID}role/a> .
<http://example.org/x> a <{SKOS}Concept> ; <{SKOS}prefLabel> "Outsider"@en .
"""
FOREIGN = f"""
<http://example.org/a> a <http://example.org/City> ; <{SKOS}prefLabel> "Rotterdam" .
<http://example.org/b> a <http://example.org/City> ; <{SKOS}prefLabel> "Antwerpen"@nl .
"""
UNHURRIED = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}


def loaded(turtle: str) -> bytes:
    """Some Turtle as the engine is loaded with it."""
    return serialize(parse(turtle, RdfFormat.TURTLE), format=RdfFormat.N_QUADS) or b""


@pytest.fixture(scope="module")
def finder() -> Iterator[Reconciler]:
    """What finds names in the graph of this repository."""
    with engine(graph()) as client:
        yield Reconciler(client, Search(client, 20))


@pytest.fixture(scope="module")
def small() -> Iterator[Reconciler]:
    """What finds names in a few statements."""
    with engine(loaded(SMALL)) as client:
        yield Reconciler(client, Search(client, 20))


def ids(found: list[Candidate]) -> list[str]:
    return [candidate.id for candidate in found]


# Names


@pytest.mark.parametrize(
    ("text", "type_", "expected"),
    [row for rows in MISSPELT.values() for row in rows],
)
def test_a_misspelt_name_finds_what_it_means(
    finder: Reconciler, text: str, type_: str, expected: str
) -> None:
    found = finder.reconcile(Query(text, (type_,) if type_ else ()), "en")

    assert ids(found)[0] == expected


def test_most_misspelt_names_are_matched_and_none_of_them_wrongly(
    finder: Reconciler,
) -> None:
    matched = wrong = 0
    rows = [row for rows in MISSPELT.values() for row in rows]
    for text, type_, expected in rows:
        first = finder.reconcile(Query(text, (type_,) if type_ else ()), "en")[0]
        matched += first.match
        wrong += first.match and first.id != expected

    assert len(rows) >= 30
    assert wrong == 0
    assert matched >= len(rows) * 0.6


@pytest.mark.parametrize("text", NOWHERE)
@pytest.mark.parametrize("types", [(), ("LeaderRole",), ("Skill", "LearningResource")])
def test_a_name_of_nothing_is_never_matched(
    finder: Reconciler, text: str, types: tuple[str, ...]
) -> None:
    assert not any(each.match for each in finder.reconcile(Query(text, types), "en"))


def test_a_name_of_several_things_is_matched_to_none_until_a_type_tells(
    finder: Reconciler,
) -> None:
    both = finder.reconcile(Query("delegation"), "en")
    one = finder.reconcile(Query("delegation", ("Skill",)), "en")

    assert ids(both)[:2] == ["skill/delegation", "capx-capacity/delegation"]
    assert [each.match for each in both[:2]] == [False, False]
    assert (one[0].id, one[0].match) == ("skill/delegation", True)


def _typo(text: str, draw: random.Random) -> str:
    """A text with one slip of the keyboard, not in its first letter."""
    at = draw.randrange(1, len(text) - 1)
    letter = draw.choice("abcdefghijklmnopqrstuvwxyz")
    return draw.choice(
        [
            text[:at] + text[at + 1 :],
            text[:at] + letter + text[at:],
            text[:at] + letter + text[at + 1 :],
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
        ]
    )


@pytest.mark.parametrize(("slips", "least_first", "least_three"), [(1, 0.99, 1), (2, 0.98, 0.99)])
def test_every_long_label_is_found_with_slips_in_it(
    finder: Reconciler,
    slips: int,
    least_first: float,
    least_three: float,
) -> None:
    """All labels of more than eight letters of the four kinds that tables are mostly about."""
    draw = random.Random(f"slips {slips}")
    things: dict[str, set[str]] = {}
    texts = set()
    for iri in finder.names.classes():
        for folded, text in finder.names.of(iri):
            things.setdefault(folded, set()).add(iri)
            if iri.removeprefix(ID).startswith(("role/", "skill/", "resource/", "org/")):
                texts |= {text.value} if len(text.value) > 8 else set()
    first = third = wrong = 0
    for text in sorted(texts):
        slipped = text
        for _ in range(slips):
            slipped = _typo(slipped, draw)
        found = finder.reconcile(Query(slipped), "en")
        first += bool(found) and found[0].iri in things[fold(text)]
        third += any(each.iri in things[fold(text)] for each in found[:3])
        wrong += bool(found) and found[0].match and found[0].iri not in things[fold(text)]

    assert len(texts) > 200
    assert first >= least_first * len(texts)
    assert third >= least_three * len(texts)
    assert wrong == 0


@given(st.data())
@settings(max_examples=150, **UNHURRIED)
def test_any_change_of_a_letter_keeps_a_long_label_within_the_first_three(
    finder: Reconciler, data: st.DataObject
) -> None:
    iri = data.draw(st.sampled_from(sorted(finder.names.classes())))
    texts = [text.value for _, text in finder.names.of(iri) if 8 < len(text.value) < 200]
    if not texts:
        return
    text = data.draw(st.sampled_from(texts))
    at = data.draw(st.integers(1, len(text) - 1))
    letter = data.draw(st.characters(codec="utf-8", categories=["L"]))
    same = {fold(text)}

    found = finder.reconcile(Query(text[:at] + letter + text[at + 1 :], limit=3), "en")

    assert any({folded for folded, _ in finder.names.of(each.iri)} & same for each in found)


@given(st.text(max_size=60))
@settings(max_examples=200, **UNHURRIED)
def test_any_text_has_an_answer_in_order(finder: Reconciler, text: str) -> None:
    found = finder.reconcile(Query(text, limit=10), "en")

    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert sum(each.match for each in found) <= 1
    assert not any(each.match for each in found[1:])
    assert all(0 <= each.score <= 125 and math.isfinite(each.score) for each in found)


# Likeness


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Growth mentor", "Mentor, growth"),
        ("Growth mentor", "Growth mentors"),
        ("Functionary", "functionaries"),
        ("Newsletter editor", "News letter editor"),
        ("Straßenfest", "STRASSENFEST"),
        ("コミュニティ", "ｺﾐｭﾆﾃｨ"),
        ("Multilingualism", "Multilingualsim"),
        ("Movement organizer", "Movement organiser"),
    ],
)
def test_names_that_are_surely_the_same(one: str, other: str) -> None:
    assert is_surely(name(fold(one)), name(fold(other)))
    assert alike(name(fold(one)), name(fold(other))) >= 0.9


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Trainer", "Trainee"),
        ("Employer", "Employee"),
        ("Typical mentor", "Atypical mentor"),
        ("Module 1", "Module 2"),
        ("Wikimania 2016", "Wikimania 2017"),
        ("Mentor", "Mentor of mentors"),
        ("Iran", "Iraq"),
        ("Growth mentor", "Growth"),
        ("role 1000000", "role 1000001"),
    ],
)
def test_names_that_are_alike_and_yet_not_surely_the_same(one: str, other: str) -> None:
    assert not is_surely(name(fold(one)), name(fold(other)))
    assert alike(name(fold(one)), name(fold(other))) < 1


@given(st.text(max_size=30), st.text(max_size=30))
def test_likeness_is_between_0_and_1_and_1_only_for_the_same(one: str, other: str) -> None:
    likeness = alike(name(fold(one)), name(fold(other)))

    assert 0 <= likeness <= 1
    assert (likeness == 1) == (fold(one) == fold(other))


def test_the_groups_of_letters_of_a_name_hold_its_ends() -> None:
    assert grams("mentor a") == [
        *("·me", "men", "ent", "nto", "tor", "or·", "·a·"),
        *("·men", "ment", "ento", "ntor", "tor·"),
    ]


# Ids, links, types, properties


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("role/a", "role/a"),
        (f"{ID}role/a", "role/a"),
        (f"{ID}role/a".replace("https:", "http:"), "role/a"),
        ("lgid:role/a", "role/a"),
        ("http://here.example/id/role/a", "role/a"),
        ("http://here.example/doc/role/a", "role/a"),
        ("Q1", "role/a"),
        ("wd:Q1", "role/a"),
        (f"{WD}Q1", "role/a"),
        ("https://www.wikidata.org/wiki/Q1", "role/a"),
        (" Q1\n", "role/a"),
        ("role/old", "role/a"),
    ],
)
def test_an_id_or_a_link_is_matched(small: Reconciler, text: str, expected: str) -> None:
    found = small.reconcile(Query(text), "en", "http://here.example/")

    assert ids(found) == [expected]
    assert found[0].match
    assert found[0].score >= 95


def test_a_close_match_is_a_candidate_and_no_match(small: Reconciler) -> None:
    found = small.reconcile(Query("Q2"), "en")

    assert ids(found) == ["role/b"]
    assert not found[0].match


def test_an_id_of_nothing_is_a_name_of_nothing(small: Reconciler) -> None:
    for text in ("role/zzz", "Q99", "http://example.org/x", f"{ID}role/zzz"):
        assert ids(small.reconcile(Query(text), "en")) == []


def test_what_is_gone_is_not_found_by_its_name(small: Reconciler) -> None:
    assert ids(small.reconcile(Query("Lamplighter"), "en")) == []


@pytest.mark.parametrize(
    "value", ["role/a", f"{ID}role/a", "Night watch", "night wathc", "夜警", "Watchmen"]
)
def test_a_property_tells_things_of_one_name_apart(small: Reconciler, value: str) -> None:
    before = small.reconcile(Query("Night watch"), "en")
    wanted = (Wanted("skos:related", (value,)),)
    after = small.reconcile(Query("Night watch", properties=wanted), "en")

    assert [each.match for each in before] == [False, False]
    assert (after[0].id, after[0].match) == ("role/b", True)
    assert after[0].score > before[0].score
    assert dict(after[0].features)["property_match:skos:related"] > 0.8


@pytest.mark.parametrize(
    ("property_", "value"),
    [("note", 7), ("note", 7.0), ("note", "7"), ("note", True), ("altLabel", "watchmen")],
    ids=repr,
)
def test_numbers_truths_and_texts_are_compared_by_what_they_mean(
    small: Reconciler, property_: str, value: str | float | bool
) -> None:
    wanted = (Wanted(f"skos:{property_}", ("nothing", value)),)

    found = small.reconcile(Query("Night watch", properties=wanted), "en")

    assert (found[0].id, found[0].match) == ("role/a", True)


@pytest.mark.parametrize(
    "value",
    ["2016", 2016, 2016.0, "2016-05", "2016-05-04", "2016-05-04T00:00:00Z", "2016-05-04 00:00"],
    ids=repr,
)
def test_a_year_is_that_of_a_date(small: Reconciler, value: str | float) -> None:
    wanted = (Wanted("dcterms:date", (value,)),)

    found = small.reconcile(Query("Night watch", properties=wanted), "en")[0]
    assert (found.id, found.match) == ("role/a", True)


@pytest.mark.parametrize(
    "value",
    [2015, 201, 20160504, "2015", "2016-05-05", "2016-06", "2016-05-05T00:00:00Z", math.inf],
    ids=repr,
)
def test_another_day_is_not_that_of_a_date(small: Reconciler, value: str | float) -> None:
    wanted = (Wanted("dcterms:date", (value,)),)

    found = small.reconcile(Query("Night watch", properties=wanted), "en")
    assert not any(each.match for each in found)
    assert all(dict(each.features)["property_match:dcterms:date"] < 1 for each in found)


def test_a_day_alone_finds_what_has_it_however_it_is_written(small: Reconciler) -> None:
    for value in ("2016-05-04", "2016-05-04T00:00:00Z"):
        wanted = (Wanted("dcterms:date", (value,)),)
        assert ids(small.reconcile(Query("", properties=wanted), "en")) == ["role/a"]


def test_another_value_forbids_a_match(small: Reconciler) -> None:
    wanted = (Wanted("skos:prefLabel", ("Something else entirely",)),)

    assert small.reconcile(Query("Module 1"), "en")[0].match
    assert not small.reconcile(Query("Module 1", properties=wanted), "en")[0].match


def test_things_are_found_by_properties_alone(small: Reconciler) -> None:
    found = small.reconcile(Query("", properties=(Wanted("skos:note", (8,)),)), "en")
    none = small.reconcile(Query("", properties=(Wanted("skos:note", (9,)),)), "en")

    assert [(each.id, each.match) for each in found] == [("role/b", True)]
    assert none == []


def test_a_property_that_nothing_has_changes_nothing(small: Reconciler) -> None:
    wanted = (Wanted("skos:nothing", ("x",)),)

    found = small.reconcile(Query("Module 1", properties=wanted), "en")

    assert (found[0].id, found[0].score) == ("role/c", 100)


@pytest.mark.parametrize(
    ("strict", "types", "expected"),
    [
        ("any", ("skos:Concept",), {"role/a", "role/b"}),
        ("any", (f"{SKOS}Concept", "skos:Collection"), {"role/a", "role/b", "role/c", "role/d"}),
        ("all", ("skos:Concept", "skos:Collection"), set()),
        ("any", ("skos:Nothing",), set()),
    ],
)
def test_types_are_taken_as_strictly_as_is_asked(
    small: Reconciler, strict: str, types: tuple[str, ...], expected: set[str]
) -> None:
    found: set[str] = set()
    for text in ("Night watch", "Module 1"):
        found |= set(ids(small.reconcile(Query(text, types, strict), "en")))

    assert found == expected


def test_a_type_that_should_be_lowers_what_is_of_another(small: Reconciler) -> None:
    as_asked = small.reconcile(Query("Module 1", ("skos:Collection",), "should"), "en")[0]
    other = small.reconcile(Query("Module 1", ("skos:Concept",), "should"), "en")[0]

    assert (as_asked.score, as_asked.match) == (100, True)
    assert (other.id, other.score, other.match) == ("role/c", 80, False)


def test_a_class_has_what_is_of_its_parts(finder: Reconciler) -> None:
    found = finder.reconcile(Query("Trainer", ("http://www.w3.org/ns/org#Role",)), "en")

    assert (found[0].id, found[0].match) == ("role/trainer", True)


def test_a_thing_is_named_in_the_language_of_who_asks(finder: Reconciler) -> None:
    named = {
        tag: finder.reconcile(Query("Functionaries"), tag)[0].name for tag in ("en", "de", "ar")
    }

    assert named["en"] == "Functionaries"
    assert named["de"] == "Menschen mit Vertrauensfunktionen"
    assert len(set(named.values())) == 3


def test_where_no_thing_is_of_ours_all_things_can_be_meant() -> None:
    with engine(loaded(FOREIGN)) as client:
        finder = Reconciler(client, Search(client, 20))
        found = finder.reconcile(Query("Roterdam"), "en")

        assert (found[0].id, found[0].name) == ("http://example.org/a", "Rotterdam")
        assert found[0].types == (("http://example.org/City", "example.org/City"),)
        assert finder.reconcile(Query("antwerpen", ("http://example.org/City",)), "en")[0].match
        assert finder.reconcile(Query("http://example.org/b"), "en")[0].match


def test_where_there_is_nothing_nothing_is_found() -> None:
    with engine(b"") as client:
        finder = Reconciler(client, Search(client, 20))

        assert finder.reconcile(Query("Rotterdam"), "en") == []
        assert finder.classes.suggest("r", "en") == []


# Many


def test_a_batch_ends_at_its_time(finder: Reconciler) -> None:
    queries = {str(number): Query(f"name {number}") for number in range(50_000)}
    started = time.monotonic()

    with pytest.raises(BatchTooCostly):
        reconcile_all(finder, queries, Asker("en", 0.3))

    assert time.monotonic() - started < 2


def test_equal_queries_are_looked_up_once(finder: Reconciler) -> None:
    queries = {str(number): Query("Growht mentor") for number in range(100_000)}

    found = reconcile_all(finder, queries, Asker("en", 5))

    assert len(found) == 100_000
    assert {each[0].id for each in found.values()} == {"role/growth-mentor"}


def test_a_truth_and_a_number_are_not_the_same_query(small: Reconciler) -> None:
    queries = {
        repr(value): Query("Night watch", properties=(Wanted("skos:note", (value,)),))
        for value in (1.0, True)
    }

    found = reconcile_all(small, queries, Asker("en", 5))

    assert found["True"][0].score > found["1.0"][0].score


def test_a_long_batch_keeps_nobody_else_from_an_answer(finder: Reconciler) -> None:
    queries = {str(number): Query(f"Growth mentor {number}") for number in range(1000)}
    finder.reconcile(Query("warm"), "en")
    batch = threading.Thread(target=reconcile_all, args=(finder, queries, Asker("en", 60)))
    batch.start()
    started = time.monotonic()

    for _ in range(5):
        finder.search.find("mentor", "en")

    waited = time.monotonic() - started
    assert batch.is_alive()
    assert waited < 2
    batch.join()


def test_threads_that_ask_first_all_get_an_answer() -> None:
    with engine(loaded(SMALL)) as client:
        finder = Reconciler(client, Search(client, 20))
        found: list[list[str]] = []
        threads = [
            threading.Thread(
                target=lambda: found.append(ids(finder.reconcile(Query("Module 1"), "en")))
            )
            for _ in range(16)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert [each[0] for each in found] == ["role/c"] * 16


# What was found broken by people who were not its authors


@pytest.mark.parametrize(
    "text",
    ["manager", "facilitator", "skill", "skills", "organisation", "editor", "coach",
     "mentor", "mentors", "organizer"],
)  # fmt: skip
def test_the_name_of_a_record_is_matched_to_it_only_by_its_type(
    finder: Reconciler, text: str
) -> None:
    found = finder.reconcile(Query(text), "en")

    assert not any(each.match for each in found)


def test_a_record_is_matched_by_its_id_and_by_its_name_with_its_type(finder: Reconciler) -> None:
    (record,) = finder.reconcile(Query("manager", ("LinkEvidence",), limit=1), "en")
    by_id = finder.reconcile(Query(record.id), "en")

    assert record.match
    assert (ids(by_id), by_id[0].match) == ([record.id], True)


@pytest.mark.parametrize("text", ["L.D.W.G.", "l. d. w. g."])
def test_an_abbreviation_may_be_written_with_points(finder: Reconciler, text: str) -> None:
    found = finder.reconcile(Query(text), "en")

    assert found[0].id == "org/leadership-development-working-group"
    assert found[0].match


def test_two_letters_with_points_are_no_abbreviation() -> None:
    lent = f'<{ID}org/na> a <{SKOS}Concept> ; <{SKOS}prefLabel> "NA" .'
    with engine(loaded(lent)) as client:
        finder = Reconciler(client, Search(client, 20))

        assert finder.reconcile(Query("NA"), "en")[0].match
        for text in ("N/A", "n.a.", "n. a."):
            assert finder.reconcile(Query(text), "en") == []


def test_things_of_the_type_that_should_be_are_not_crowded_out() -> None:
    namesakes = "".join(
        f'<{ID}role/{at}> a <{LG}LeaderRole> ; <{SKOS}prefLabel> "Bridge keeper {at}" .\n'
        for at in range(100, 300)
    )
    wanted = f'<{ID}skill/one> a <{LG}Skill> ; <{SKOS}prefLabel> "Keeper of a long bridge" .'
    with engine(loaded(namesakes + wanted)) as client:
        finder = Reconciler(client, Search(client, 20))
        found = finder.reconcile(Query("Bridge keeper 1", ("Skill",), "should", limit=100), "en")

    assert "skill/one" in ids(found)
    assert any(each.startswith("role/") for each in ids(found))


@pytest.mark.parametrize("value", ["Q1", "wd:Q1", "https://www.wikidata.org/wiki/Q1"])
def test_an_item_is_a_value_by_any_of_its_names(small: Reconciler, value: str) -> None:
    wanted = (Wanted("skos:exactMatch", (value,)),)

    named = small.reconcile(Query("Night watch", properties=wanted), "en")
    alone = small.reconcile(Query("", properties=wanted), "en")

    assert (named[0].id, named[0].match) == ("role/a", True)
    assert ids(alone) == ["role/a"]


def test_numbers_of_many_digits_are_told_apart() -> None:
    town = f'<{ID}org/a> a <{SKOS}Concept> ; <{SKOS}prefLabel> "Town" ; <{SKOS}note> 2100000 .'
    with engine(loaded(town)) as client:
        finder = Reconciler(client, Search(client, 20))

        wanted = (Wanted("skos:note", (2100000,)),)
        assert ids(finder.reconcile(Query("", properties=wanted), "en")) == ["org/a"]
        other = (Wanted("skos:note", (2100001,)),)
        assert finder.reconcile(Query("", properties=other), "en") == []


def test_equal_scores_stand_in_the_same_order_however_often_one_asks(finder: Reconciler) -> None:
    texts = ["communication", "steward", "skill", "القيادة", "a", "leadership", "people"]

    first = [finder.reconcile(Query(text, limit=100), "en") for text in texts]
    again = [finder.reconcile(Query(text, limit=100), "en") for text in reversed(texts)]
    fewer = [finder.reconcile(Query(text, limit=3), "en") for text in texts]

    assert [ids(each) for each in first] == [ids(each) for each in reversed(again)]
    assert [ids(each)[:3] for each in first] == [ids(each) for each in fewer]
    for found in first:
        assert [each.score for each in found] == sorted((e.score for e in found), reverse=True)


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("ISBN 978-0-306-40615-7", True),
        ("978 0306406157 ISBN", True),
        ("ISBN 978-0-306-40615-8", False),
        ("ISBN 978-0-306-40651-7", False),
        ("٩٧٨", False),
    ],
)
def test_a_code_with_another_digit_is_another_code(value: str, fits: bool) -> None:
    book = f"""<{ID}resource/a> a <{SKOS}Concept> ; <{SKOS}prefLabel> "Book of books" ;
        <{SKOS}notation> "ISBN 978-0-306-40615-7" ."""
    with engine(loaded(book)) as client:
        finder = Reconciler(client, Search(client, 20))
        wanted = (Wanted("skos:notation", (value,)),)
        (found,) = finder.reconcile(Query("Book of books", properties=wanted), "en")

    assert found.match is fits
