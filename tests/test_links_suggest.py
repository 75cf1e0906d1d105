"""`leadgraph links suggest`: items that may be meant, with reasons; never applied by itself."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from leadgraph.link.account import Table
from leadgraph.link.wikidata.items import Item, Wikidata
from leadgraph.link.wikidata.linked import Evidence
from leadgraph.link.wikidata.suggest import alike, nearby, spellings, suggestion
from leadgraph.link.wikidata.things import Kind, Thing, free_names, stems
from leadgraph.read import turtle
from leadgraph.settings import Settings
from tests.links import (
    EVIDENCE,
    ID,
    PREFIXES,
    STANDIN,
    WD,
    Done,
    Source,
    graph,
    links,
    live,
    row,
    wikidata,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

THINGS = (
    PREFIXES
    + """
skill:teaching a lg:Skill ; skos:prefLabel "Teaching"@en , "Lehren"@de , "enseñanza"@es ;
    skos:definition "To help others to acquire knowledge in a classroom or a workshop."@en .
role:coach a lg:LeaderRole ; skos:prefLabel "Coach"@en ;
    skos:definition "Somebody who listens and asks, so that others find their own way."@en .
skill:linked a lg:Skill ; skos:prefLabel "Linked"@en ; skos:relatedMatch wd:Q11024 .
skill:unheard-of a lg:Skill ; skos:prefLabel "Unheard of"@en .
"""
)
# The ids are those of the table of evidence; Q7922 is teaching there.
LIVE = live(
    Q7922='wd:Q7922 rdfs:label "teaching"@en , "Lehren"@de , "enseñanza"@es ; wschema:description'
    ' "passing on knowledge and skills, often in a classroom"@en ; wdt:P31 wd:Q205961 .\n',
    Q205961='wd:Q205961 rdfs:label "skill"@en .\n',
    Q603773='wd:Q603773 rdfs:label "lecture"@en ; skos:altLabel "teaching"@en ;'
    ' wschema:description "film"@en .\n',
    Q41583='wd:Q41583 rdfs:label "coach"@en ; wschema:description'
    ' "person involved in directing, instructing and training sportspeople"@en .\n',
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return graph(tmp_path, links=THINGS)


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Source]:
    with wikidata(LIVE, tmp_path) as serving:
        yield serving


def suggested(done: Done) -> dict[str, list[dict]]:
    """The candidates of each thing, or name, from the form for programs."""
    assert done.status == 0, done.err
    return {
        (each["thing"] or each["label"]).removeprefix(ID): each["candidates"]
        for each in json.loads(done.out)
    }


def test_things_without_a_link_get_the_items_of_their_names(source: Source, folder: Path) -> None:
    found = suggested(links(source, "suggest", "--graph", folder, "--format", "json"))

    assert set(found) == {"skill/teaching", "role/coach", "skill/unheard-of"}
    best, other = found["skill/teaching"]
    assert best["item"] == WD + "Q7922"
    assert best["score"] > 0.9
    assert best["mapping"].endswith("closeMatch")
    assert best["description"].startswith("passing on knowledge")
    assert {"label-same", "languages", "context"} <= set(best["reasons"])
    assert other["item"] == WD + "Q603773"
    assert other["score"] < 0.3
    assert found["skill/unheard-of"] == []


def test_a_trap_scores_low_and_says_why(source: Source, folder: Path) -> None:
    (found,) = suggested(links(source, "suggest", "--graph", folder, "--format", "json"))[
        "role/coach"
    ]

    assert found["item"] == WD + "Q41583"
    assert found["score"] < 0.3
    assert any("sportspeople" in why for why in found["why"])


def test_a_thing_is_named_in_any_usual_way_and_a_slip_is_told(source: Source, folder: Path) -> None:
    options = ("suggest", "--graph", folder, "--format", "json")
    for name in ("skill/teaching", "skill:teaching", ID + "skill/teaching"):
        assert set(suggested(links(source, *options, name))) == {"skill/teaching"}

    done = links(source, *options, "skill/teaching", "skill/teachign", "skill/linked")
    assert (done.status, done.out) == (2, "")
    assert "skill/teachign, skill/linked" in done.err
    assert "--weak" in done.err


def test_a_bare_name_may_be_of_any_language(source: Source, folder: Path) -> None:
    """Nobody says in which language a name on the command line is."""
    options = ("suggest", "--graph", folder, "--format", "json")
    for name in ("Lehren", "enseñanza", "teaching"):
        (best, *_) = suggested(links(source, *options, "--name", name))[name]
        assert best["item"] == WD + "Q7922"
        assert "languages" not in best["reasons"]


def test_a_slip_in_another_language_is_found_in_an_excerpt_and_among_what_was_fetched(
    source: Source, tmp_path: Path
) -> None:
    things = PREFIXES + 'skill:t a lg:Skill ; skos:prefLabel "Ensenanza"@es .'
    fetched = PREFIXES + 'wd:Q7922 rdfs:label "teaching"@en , "enseñanza"@es .'
    options = ("suggest", "--graph", graph(tmp_path, links=things), "--format", "json")

    (found,) = suggested(links(source, *options))["skill/t"]
    assert found["item"] == WD + "Q7922"
    assert "label-near" in found["reasons"]

    assert suggested(links(source, *options, "--offline"))["skill/t"] == []
    after = graph(tmp_path / "after", links=things, wikidata_items=fetched)
    (found,) = suggested(links(source, *options, "--offline", "--graph", after))["skill/t"]
    assert found["item"] == WD + "Q7922"


def test_a_copy_with_more_names_than_can_be_looked_through_is_asked_for_whole_names_alone() -> None:
    rows = [(NamedNode(f"{WD}Q{n}"), Literal("coach", language="en")) for n in range(1, 5)]
    live = Wikidata(lambda _: Table(("item", "name"), tuple(rows)), ["en"], 10)

    assert live.names(3) == []
    assert alike([Thing("", Kind.NAME, (("Coachs", "en"),))], live.names(4)) == {
        item.value for item, _ in rows
    }


def test_a_warning_of_the_table_of_evidence_is_a_reason(tmp_path: Path, source: Source) -> None:
    evidence = EVIDENCE + row("Q7922", "teaching", "A", "TRAP: the profession")
    folder = graph(tmp_path, links=THINGS, wikidata_evidence=evidence)
    found = suggested(links(source, "suggest", "--graph", folder, "--format", "json"))

    best = next(one for one in found["skill/teaching"] if one["item"] == WD + "Q7922")
    assert best["score"] < 0.3
    assert "the table of evidence warns: TRAP: the profession" in best["why"]


def test_the_patch_states_nothing_until_a_person_accepts(source: Source, folder: Path) -> None:
    done = links(source, "suggest", "--graph", folder, "--format", "turtle")

    found, problems = turtle.read("patch.ttl", done.out.encode(), Settings())
    assert found is not None, problems
    assert found.statements == 0
    (line,) = re.findall(rf"^# (<{ID}skill/teaching> skos:closeMatch wd:Q7922 \.)$", done.out, re.M)
    assert "0.9" in done.out or "1.0" in done.out
    assert "passing on knowledge" in done.out
    assert "wd:Q41583 ." not in done.out, "a trap is told of, not offered"
    accepted = re.sub(r"^# (<https|evidence:)", r"\1", done.out, flags=re.M)
    found, problems = turtle.read("patch.ttl", accepted.encode(), Settings())
    assert found is not None, problems
    stated = [str(triple) for triple in turtle.statements(found)]
    assert any("evidenceFor" in one for one in stated)
    assert any("closeMatch" in one for one in stated), line


def test_the_patch_is_written_to_a_new_file_alone(
    source: Source, folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "patch.ttl"
    options = ("suggest", "--graph", folder, "--format", "turtle", "--output", path)
    assert links(source, *options).status == 0
    before = path.read_text("utf-8")
    again = links(source, *options)

    assert again.status == 2
    assert "already" in again.err
    assert path.read_text("utf-8") == before


def test_no_id_comes_from_anywhere_but_the_source(folder: Path, tmp_path: Path) -> None:
    """The table of evidence knows teacher, and the source that is asked does not."""
    with wikidata(live(), tmp_path) as source:
        done = links(source, "suggest", "--graph", folder, "--name", "teacher", "--format", "json")

    assert suggested(done) == {"teacher": []}


def test_offline_it_looks_in_the_evidence(folder: Path) -> None:
    done = links(
        "", "suggest", "--offline", "--graph", folder, "--name", "teacher", "--format", "json"
    )

    (found,) = suggested(done)["teacher"]
    assert found["item"] == WD + "Q37226"


def test_a_source_that_fails_is_told_of(folder: Path) -> None:
    done = links("http://127.0.0.1:9/query", "suggest", "--graph", folder)

    assert done.status == 2
    assert "127.0.0.1:9" in done.err


def test_only_the_wanted_things_are_looked_for(source: Source, folder: Path) -> None:
    def asked(*options: str) -> set[str]:
        return set(
            suggested(links(source, "suggest", "--graph", folder, "--format", "json", *options))
        )

    assert asked("skill/teaching") == {"skill/teaching"}
    assert asked("--kind", "role") == {"role/coach"}
    assert "skill/linked" in asked("--weak")


@pytest.mark.parametrize(
    ("language", "word"), [("es", "se llama"), ("ar", "اسمه"), ("en", "is called")]
)
def test_reasons_are_in_the_language_of_the_reader(
    language: str, word: str, source: Source, folder: Path
) -> None:
    assert word in links(source, "suggest", "--graph", folder, "--lang", language).out


# Against the excerpt of Wikidata


needs_standin = pytest.mark.skipif(
    not STANDIN.is_file(), reason="../shared/domain is absent: no excerpt to ask"
)


@needs_standin
def test_the_known_traps_score_low_in_real_data(tmp_path: Path) -> None:
    """A coach of sports, a curator of a museum, an attendant of flights, a military volunteer."""
    names = ("coach", "curator", "steward", "volunteer")
    wanted = [word for name in names for word in ("--name", name)]
    with wikidata(STANDIN.read_text("utf-8"), tmp_path) as source:
        options = ("suggest", *wanted, "--format", "json")
        live_ones = suggested(links(source, *options))
    offline = suggested(links("", *options, "--offline"))

    traps = {WD + f"Q{number}" for number in (41583, 674426, 101539, 1454940)}
    there = {one["item"]: one for each in live_ones.values() for one in each}
    known = {one["item"]: one for each in offline.values() for one in each}
    assert traps <= set(known)
    assert {WD + "Q41583", WD + "Q674426"} == traps & set(there)
    for one in (found[item] for found in (there, known) for item in traps & set(found)):
        assert one["score"] < 0.1
        assert {"trap", "field"} & set(one["reasons"])


@needs_standin
def test_concepts_without_evidence_get_no_high_score(tmp_path: Path) -> None:
    listed = STANDIN.parents[1] / "wikidata-not-found.txt"
    with wikidata(STANDIN.read_text("utf-8"), tmp_path) as source:
        found = suggested(links(source, "suggest", "--names", listed, "--format", "json"))

    assert "peer mentoring" in found
    assert all(one["score"] < 0.5 for each in found.values() for one in each)


@needs_standin
def test_a_leader_is_found_by_four_names(tmp_path: Path) -> None:
    things = PREFIXES + (
        'role:leader a lg:LeaderRole ; skos:prefLabel "Leader"@en , "líder"@es , "قائد"@ar ;'
        ' skos:definition "Somebody with the authority to affect what others do."@en .'
    )
    folder = graph(tmp_path, links=things)
    with wikidata(STANDIN.read_text("utf-8"), tmp_path) as source:
        found = suggested(links(source, "suggest", "--graph", folder, "--format", "json"))

    best = found["role/leader"][0]
    assert best["item"] == WD + "Q1251441"
    assert best["score"] == 1.0


# Scores


def test_a_long_name_with_a_slip_is_not_told_to_be_the_name() -> None:
    item = Item(f"{WD}Q180", {"en": "Wikimedia Foundation"}, is_known=True)
    thing = Thing(f"{ID}org/x", Kind.ORGANIZATION, (("Wikimdia Foundation", "en"),))
    (found,) = suggestion(thing, [item], {}, {}, 5).candidates

    assert "label-near" in {reason.key for reason in found.reasons}


def test_the_trap_of_another_field_needs_no_warning() -> None:
    thing = Thing("", Kind.ROLE, (("Coach", "en"),), stems("listens to people of a wiki"))
    item = Item(
        WD + "Q41583",
        {"en": "coach"},
        {"en": "person involved in directing, instructing and training sportspeople"},
        is_known=True,
    )
    (found,) = suggestion(thing, [item], {}, {}, 5).candidates
    assert found.score < 0.3

    sports = Thing("", Kind.ROLE, (("Coach", "en"),), stems("trains sportspeople for a match"))
    (found,) = suggestion(sports, [item], {}, {}, 5).candidates
    assert found.score > 0.6


def test_a_person_is_no_skill() -> None:
    skill = Thing("", Kind.SKILL, (("Facilitator", "en"),))
    item = Item(WD + "Q1150166", {"en": "facilitator"}, {"en": "someone who makes it easier"})
    (found,) = suggestion(skill, [_known(item)], {}, {}, 5).candidates

    assert "kind-differs" in {reason.key for reason in found.reasons}
    assert found.mapping.endswith("relatedMatch")


def _known(item: Item) -> Item:
    return Item(item.iri, item.labels, item.descriptions, is_known=True)


@given(st.text(min_size=1), st.text(), st.text(), st.sampled_from(list(Kind)))
def test_a_score_is_between_0_and_1(name: str, label: str, about: str, kind: Kind) -> None:
    thing = Thing("", kind, ((name, "en"),), stems(about))
    items = [Item(WD + "Q5", {"en": text}, {"en": about}, is_known=True) for text in (label, name)]
    row = {WD + "Q5": Evidence((label,), "C", about, "TRAP")}

    for found in suggestion(thing, nearby(thing, items), {}, row, 5).candidates:
        assert 0 <= found.score <= 1
        assert found.reasons


def test_names_are_asked_for_as_wikidata_may_write_them() -> None:
    thing = Thing("", Kind.SKILL, (("Community organizing", "en"),))
    assert set(spellings(thing)) == {
        (text, tag)
        for text in ("Community organizing", "community organizing")
        for tag in ("en", "mul")
    }


def test_a_line_of_a_list_may_have_two_names_and_a_hint() -> None:
    one, other = free_names(
        ["No evidence for:", "", "# no", "volunteer/volunteering", "steward (wiki)"]
    )

    assert [text for text, _ in one.names] == ["volunteer", "volunteering"]
    assert [text for text, _ in other.names] == ["steward"]
    assert "wiki" in other.context
