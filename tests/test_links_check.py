"""`leadgraph links check`: each link against what Wikidata says now, located in our files."""

from __future__ import annotations

import json
import re
import shutil
from itertools import pairwise
from pathlib import Path

import jsonschema_rs
import pytest
from junitparser import JUnitXml
from pyoxigraph import RdfFormat, parse

from leadgraph import words
from leadgraph.explore.codes import Explanation, codes
from leadgraph.link.wikidata import drift
from tests import misbehaving
from tests.links import EVIDENCE, LINKS, PREFIXES, STANDIN, graph, links, live, row, wikidata
from tests.schema_store import published

ROOT = Path(__file__).parents[1]
EXPLAINED = [each for each in codes(None, "en") if each.group == "link"]
REDIRECTED = live(
    Q1104185="wd:Q1104185 owl:sameAs wd:Q37226 .\n", Q37226='wd:Q37226 rdfs:label "teacher"@en .\n'
)
RENAMED = live(Q1104185='wd:Q1104185 rdfs:label "training"@en .\n')
FETCHED = PREFIXES + 'wd:Q11024 rdfs:label "communication"@en ; wdt:P31 wd:Q28640 .\n'


MANY = (
    PREFIXES
    + """@prefix w: <http://www.wikidata.org/entity/> .
skill:a skos:prefLabel "مهارة"@ar , "😀"@en ; skos:closeMatch wd:Q11024 , w:Q1104185 .
skill:b skos:closeMatch wd:Q1104185 . skill:b skos:closeMatch wd:Q1104185 .
skill:c skos:closeMatch wd:Q1104185,<http://www.wikidata.org/entity/Q1104185> .
skill:d lg:x ( wd:Q11024 [ skos:closeMatch wd:Q1104185 ] wd:Q1104185 ) .
[] skos:closeMatch wd:Q1104185 .
"""
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return graph(tmp_path)


def problems(text: str, folder: Path, *arguments: object) -> list[dict]:
    """What is wrong with the links of a graph, when Wikidata says this."""
    with wikidata(text, folder.parent) as source:
        done = links(source, "check", "--graph", folder, "--format", "json", *arguments)
    found = json.loads(done.out)["problems"]
    assert done.status == (1 if any(p["severity"] == "violation" for p in found) else 0)
    return found


def token(folder: Path, problem: dict) -> str:
    """What stands at the place of a problem."""
    line = Path(folder, problem["path"]).read_text("utf-8").split("\n")[problem["line"] - 1]
    return line[problem["column"] - 1 : problem["end_column"] - 1]


def test_links_that_hold_are_no_problem(folder: Path) -> None:
    assert problems(live(), folder) == []


def test_a_deleted_item_is_told_of_at_its_link(folder: Path) -> None:
    (found,) = problems(live(Q1104185=""), folder)

    assert found["code"] == "link-gone"
    assert token(folder, found) == "wd:Q1104185"
    assert found["line"] == LINKS.split("\n").index("        wd:Q1104185 .") + 1
    assert "skill:coaching points to wd:Q1104185" in found["message"]


def test_an_item_with_neither_label_nor_statement_is_gone(folder: Path) -> None:
    rest = "wd:Q1104185 a wikibase:Item ; wikibase:statements 0 ; wschema:version 7 .\n"
    (found,) = problems(live(Q1104185=rest), folder)

    assert found["code"] == "link-gone"


@pytest.mark.parametrize(
    "rest",
    [
        'wd:Q1104185 rdfs:label "ကြီး"@my .',
        'wd:Q1104185 wschema:description "a way to help"@en .',
        'wd:Q1104185 skos:altLabel "ကြီး"@my .',
        "wd:Q1104185 <http://www.wikidata.org/prop/P31> wd:statement .",
        "<https://fi.wikipedia.org/wiki/X> wschema:about wd:Q1104185 ;"
        " wschema:isPartOf <https://fi.wikipedia.org/> .",
    ],
    ids=["label", "description", "alias", "statement", "page"],
)
def test_an_item_without_an_english_name_is_there_but_not_called_checked(
    rest: str, folder: Path
) -> None:
    (found,) = problems(live(Q1104185=f"{rest}\n"), folder)

    assert (found["code"], found["severity"]) == ("link-label-drifted", "warning")
    assert "has no English name in Wikidata now" in found["message"]


def test_an_alias_will_do_where_there_is_no_label(folder: Path) -> None:
    assert problems(live(Q1104185='wd:Q1104185 skos:altLabel "coaching"@en .\n'), folder) == []


def test_of_two_labels_in_a_language_none_is_lost(folder: Path) -> None:
    """Wikidata has one; a mirror may have an old one as well."""
    twice = 'wd:Q1104185 rdfs:label "aaa"@en , "coaching"@en .\n'
    (found,) = problems(live(Q1104185=twice), folder)

    assert found["severity"] == "warning"
    assert "another name" in found["message"]


def test_a_link_without_evidence_that_was_never_fetched_is_not_called_checked(
    tmp_path: Path,
) -> None:
    """A community's own folder without a table: that the item is there is all that is known."""
    changed = live(Q1104185='wd:Q1104185 rdfs:label "banana"@en .\n')
    found = problems(changed, graph(tmp_path, wikidata_evidence=""))

    assert {(one["code"], one["severity"]) for one in found} == {("link-uncompared", "info")}
    assert len(found) == 3
    assert any("“banana”" in one["message"] for one in found)


def test_a_lexeme_is_held_against_its_name_in_its_own_language(tmp_path: Path) -> None:
    """L4696 is a lexeme of the fixtures of Wikidata's query service."""
    evidence = EVIDENCE + row("L4696", "statement")
    link = PREFIXES + "skill:x skos:relatedMatch wd:L4696 , wd:L4696-F1 ."
    folder = graph(tmp_path, links=link, wikidata_evidence=evidence)
    lexeme = 'wd:L4696 rdfs:label "statement"@en-gb . wd:L4696-F1 rdfs:label "statement"@en .\n'
    (found,) = problems(live(L4696=lexeme), folder)

    assert found["code"] == "link-uncompared"
    assert token(folder, found) == "wd:L4696-F1"


def test_a_merged_item_is_told_of_with_where_it_went(folder: Path) -> None:
    (found,) = problems(REDIRECTED, folder)

    assert found["code"] == "link-redirected"
    assert "wd:Q37226 (teacher)" in found["message"]
    assert found["suggestion"] == "wd:Q37226"


def test_a_redirect_may_take_two_steps_and_not_go_round(folder: Path) -> None:
    two = live(
        Q1104185="wd:Q1104185 owl:sameAs wd:Q1162163 .\n",
        Q1162163="wd:Q1162163 owl:sameAs wd:Q37226 .\n",
        Q37226='wd:Q37226 rdfs:label "teacher"@en .\n',
    )
    (found,) = problems(two, folder)
    assert found["suggestion"] == "wd:Q37226"

    around = live(
        Q1104185="wd:Q1104185 owl:sameAs wd:Q1162163 .\n",
        Q1162163="wd:Q1162163 owl:sameAs wd:Q1104185 .\n",
    )
    shutil.rmtree(folder)
    (found,) = problems(around, graph(folder.parent))
    assert found["code"] == "link-gone"
    assert "they lead in a circle" in found["message"]


def test_a_long_chain_of_redirects_is_followed_to_its_end(folder: Path) -> None:
    names = ["Q1104185", "Q5", "Q52", "Q180", "Q565", "Q2013", "Q37226"]
    steps = [f"wd:{one} owl:sameAs wd:{next_one} .\n" for one, next_one in pairwise(names)]
    (found,) = problems(
        live(Q1104185="".join(steps), Q37226='wd:Q37226 rdfs:label "teacher"@en .\n'), folder
    )

    assert found["suggestion"] == "wd:Q37226"


def test_an_excerpt_may_lack_what_an_item_was_merged_into(folder: Path) -> None:
    merged = live(Q1104185="wd:Q1104185 owl:sameAs wd:Q37226 .\n")
    (found,) = problems(merged, folder, "--excerpt")

    assert (found["code"], found["severity"]) == ("link-unanswered", "info")


def test_a_label_that_drifted_is_a_violation_and_a_renaming_a_warning(folder: Path) -> None:
    (found,) = problems(RENAMED, folder)
    assert (found["code"], found["severity"]) == ("link-label-drifted", "violation")
    assert "“training”" in found["message"]
    assert "“coaching”" in found["message"]

    kept = 'wd:Q1104185 rdfs:label "training"@en ; skos:altLabel "Coaching"@en .\n'
    (found,) = problems(live(Q1104185=kept), folder)
    assert (found["code"], found["severity"]) == ("link-label-drifted", "warning")


@pytest.mark.parametrize("label", ['"Coaching"@en', '"coaching"@mul', '"COACHING "@en'])
def test_case_and_the_tag_for_all_languages_are_no_drift(label: str, folder: Path) -> None:
    assert problems(live(Q1104185=f"wd:Q1104185 rdfs:label {label} .\n"), folder) == []


def test_any_of_the_names_in_the_evidence_will_do(folder: Path) -> None:
    assert problems(live(Q1251441='wd:Q1251441 rdfs:label "boss"@en .\n'), folder) == []


def test_other_labels_of_the_note_will_do_as_well(tmp_path: Path) -> None:
    evidence = EVIDENCE.replace(
        row("Q1104185", "coaching", "B"),
        row("Q1104185", "coaching", "B", "a word | other labels: training; guidance"),
    )
    assert problems(RENAMED, graph(tmp_path, wikidata_evidence=evidence)) == []


def test_a_type_that_drifted_is_told_of_in_words(tmp_path: Path) -> None:
    folder = graph(tmp_path, wikidata_items=FETCHED)
    changed = live(
        Q11024='wd:Q11024 rdfs:label "communication"@en ; wdt:P31 wd:Q4167410 .\n',
        Q4167410='wd:Q4167410 rdfs:label "Wikimedia disambiguation page"@en .\n',
    )
    (found,) = problems(changed, folder)

    assert found["code"] == "link-type-drifted"
    assert "Wikimedia disambiguation page (wd:Q4167410)" in found["message"]
    assert "profession (wd:Q28640)" in found["message"]
    assert token(folder, found) == "wd:Q11024"


def test_another_type_beside_the_old_one_is_no_drift(tmp_path: Path) -> None:
    both = 'wd:Q11024 rdfs:label "communication"@en ; wdt:P31 wd:Q28640 , wd:Q4167410 .\n'
    assert problems(live(Q11024=both), graph(tmp_path, wikidata_items=FETCHED)) == []


def test_what_an_excerpt_lacks_is_not_called_gone_nor_checked(folder: Path) -> None:
    (found,) = problems(live(Q1104185=""), folder, "--excerpt")

    assert (found["code"], found["severity"]) == ("link-unanswered", "info")


def test_an_excerpt_may_lack_the_types_of_an_item(tmp_path: Path) -> None:
    bare = live(Q11024='wd:Q11024 rdfs:label "communication"@en .\n')
    folder = graph(tmp_path, wikidata_items=FETCHED)

    assert problems(bare, folder, "--excerpt") == []


@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["", "bom"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
def test_each_link_has_its_place_wherever_it_is_written(
    start: str, end: str, tmp_path: Path
) -> None:
    """In lists, in brackets, behind other letters, several on a line, and the same one twice."""
    folder = graph(tmp_path, links="")
    (folder / "data/links.ttl").write_bytes((start + MANY.replace("\n", end)).encode())
    found = problems(live(Q1104185=""), folder)

    lines = MANY.split("\n")
    written = [
        (number, match.start() + 1, match.end() + 1)
        for number, line in enumerate(lines, 1)
        for match in re.finditer(r"<http\S+/Q1104185>|wd?:Q1104185", line)
    ]
    assert len(written) == 8
    assert [(one["line"], one["column"], one["end_column"]) for one in found] == written
    assert {one["code"] for one in found} == {"link-gone"}
    assert sum(one["message"].startswith("[ ... ] points to") for one in found) == 3


@pytest.mark.parametrize(
    ("address", "suggestion"),
    [
        ("https://www.wikidata.org/wiki/Q1104185", "wd:Q1104185"),
        ("https://m.wikidata.org/wiki/q1104185#sitelinks", "wd:Q1104185"),
        ("http://www.wikidata.org/wiki/Special:EntityData/Q1104185.ttl", "wd:Q1104185"),
        ("https://www.wikidata.org/entity/Q1104185", "wd:Q1104185"),
        ("https://www.wikidata.org/wiki/Property:P31", "wd:P31"),
        ("http://www.wikidata.org/entity/Q007", None),
        ("http://www.wikidata.org/prop/direct/", None),
    ],
)
def test_a_mapping_to_something_that_is_no_item_is_not_passed_over(
    address: str, suggestion: str | None, tmp_path: Path
) -> None:
    text = PREFIXES + f"skill:x skos:closeMatch <{address}> ; dcterms:source <{address}> ."
    folder = graph(tmp_path, links=text)
    (found,) = problems(live(), folder)

    assert (found["code"], found["severity"]) == ("link-misnamed", "violation")
    assert found.get("suggestion") == suggestion
    assert token(folder, found) == f"<{address}>"


def test_only_the_named_files_are_looked_at(folder: Path) -> None:
    other = folder / "data/wikidata-evidence.ttl"
    assert problems(live(Q1104185=""), folder, other) == []


# Mending


def test_fix_follows_a_merged_item_that_the_evidence_supports(folder: Path) -> None:
    with wikidata(REDIRECTED, folder.parent) as source:
        done = links(source, "check", "--graph", folder, "--fix")

    text = (folder / "data/links.ttl").read_text("utf-8")
    assert done.status == 0, done.out
    assert text == LINKS.replace("wd:Q1104185", "wd:Q37226")


def test_fix_touches_nothing_but_the_link(tmp_path: Path) -> None:
    """Layout, line ends and byte order mark stay, and so do files without anything to mend."""
    ugly = PREFIXES + 'skill:z   a lg:Skill;skos:prefLabel "z"@en ;   skos:closeMatch wd:Q11024 .'
    windows = "\ufeff" + LINKS.replace("\n", "\r\n")
    folder = graph(tmp_path, ugly=ugly)
    (folder / "data/links.ttl").write_bytes(windows.encode())
    with wikidata(REDIRECTED, tmp_path) as source:
        done = links(source, "check", "--graph", folder, "--fix")

    assert done.status == 0, done.out
    mended = (folder / "data/links.ttl").read_bytes().decode()
    assert mended == windows.replace("wd:Q1104185", "wd:Q37226")
    assert (folder / "data/ugly.ttl").read_text("utf-8") == ugly
    assert (folder / "data/wikidata-evidence.ttl").read_text("utf-8") == EVIDENCE


def test_fix_mends_a_link_wherever_and_however_often_it_is_written(tmp_path: Path) -> None:
    folder = graph(tmp_path, links=MANY)
    with wikidata(REDIRECTED, tmp_path) as source:
        done = links(source, "check", "--graph", folder, "--fix")

    assert done.status == 0, done.out
    assert (folder / "data/links.ttl").read_text("utf-8") == MANY.replace("Q1104185", "Q37226")


def test_diff_shows_it_and_writes_nothing(folder: Path) -> None:
    with wikidata(REDIRECTED, folder.parent) as source:
        done = links(source, "check", "--graph", folder, "--diff")

    assert done.status == 1
    assert "wd:Q37226" in done.out
    assert (folder / "data/links.ttl").read_text("utf-8") == LINKS


def test_where_there_is_no_prefix_the_iri_is_written_in_full(tmp_path: Path) -> None:
    text = live(Q1251441="wd:Q1251441 owl:sameAs wd:Q1162163 .\n")
    text += 'wd:Q1162163 rdfs:label "director"@en .\n'
    leader = LINKS.partition("role:leader")[2]
    prefixes = "\n".join(line for line in PREFIXES.split("\n") if " wd: " not in line)
    folder = graph(tmp_path, links=f"{prefixes}\nrole:leader{leader}")
    with wikidata(text, tmp_path) as source:
        done = links(source, "check", "--graph", folder, "--fix")

    assert done.status == 0, done.out
    mended = (folder / "data/links.ttl").read_text("utf-8")
    assert "skos:exactMatch <http://www.wikidata.org/entity/Q1162163>" in mended


@pytest.mark.parametrize("grade", ["B", ""])
def test_fix_leaves_what_the_evidence_does_not_support(grade: str, tmp_path: Path) -> None:
    """An exact match needs confidence A, and any link a row."""
    better = row("Q1162163", "director")
    worse = row("Q1162163", "director", grade) if grade else ""
    folder = graph(tmp_path, wikidata_evidence=EVIDENCE.replace(better, worse))
    text = live(Q1251441="wd:Q1251441 owl:sameAs wd:Q1162163 .\n")
    text += 'wd:Q1162163 rdfs:label "director"@en .\n'
    with wikidata(text, folder.parent) as source:
        done = links(source, "check", "--graph", folder, "--fix", "--format", "json")

    (found,) = json.loads(done.out)["problems"]
    assert done.status == 1
    assert "table of evidence" in found["message"]
    assert "Q1251441" in (folder / "data/links.ttl").read_text("utf-8")


# How it is told


def test_it_is_told_in_every_form(folder: Path, tmp_path: Path) -> None:
    forms = ["json", "sarif", "github", "junit", "turtle"]
    wanted = [word for form in forms for word in ("--format", f"{form}={tmp_path / form}")]
    with wikidata(live(Q1104185=""), tmp_path) as source:
        done = links(source, "check", "--graph", folder, "--format", "text", *wanted)

    assert done.status == 1
    assert "[link-gone]" in done.out
    schema = json.dumps(published("https://json.schemastore.org/sarif-2.1.0.json"))
    sarif = json.loads((tmp_path / "sarif").read_text("utf-8"))
    jsonschema_rs.validator_for(json.loads(schema.replace("{2}]?$", "{2}$"))).validate(sarif)
    report = (ROOT / "leadgraph/check/reports/report.schema.json").read_text("utf-8")
    told = json.loads((tmp_path / "json").read_text("utf-8"))
    jsonschema_rs.validator_for(json.loads(report)).validate(told)
    assert (tmp_path / "github").read_text("utf-8").startswith("::error file=")
    assert sum(suite.failures for suite in JUnitXml.fromfile(str(tmp_path / "junit"))) == 1
    triples = list(parse(path=str(tmp_path / "turtle"), format=RdfFormat.TURTLE))
    assert any(triple.predicate.value.endswith("#conforms") for triple in triples)


@pytest.mark.parametrize(("language", "word"), [("es", "borró"), ("ar", "حُذف"), ("de", "gelöscht")])
def test_it_is_told_in_the_language_of_the_reader(language: str, word: str, folder: Path) -> None:
    with wikidata(live(Q1104185=""), folder.parent) as source:
        done = links(source, "check", "--graph", folder, "--lang", language)

    assert word in done.out


@pytest.mark.parametrize(
    "behaviour",
    [
        misbehaving.says("403 Forbidden", b"go away"),
        misbehaving.resets,
        misbehaving.cut_without_length,
        misbehaving.sends(b"<html>", content_type="text/html"),
        misbehaving.silent,
    ],
    ids=["403", "reset", "cut", "html", "silent"],
)
def test_a_source_that_does_not_answer_is_no_clean_report(
    behaviour: misbehaving.Behaviour, folder: Path
) -> None:
    with misbehaving.Misbehaving([behaviour]) as server:
        allow = f"https://query.wikidata.org/sparql#at={server.address}"
        options = ("check", "--graph", folder, "--format", "json")
        done = links(allow, *options, LEADGRAPH_SERVICE_SECONDS="2")

    assert done.status == 2
    told = json.loads(done.out)
    assert told["conforms"] is not True
    assert "query.wikidata.org" in done.err


def test_an_answer_that_stops_half_way_is_none(tmp_path: Path) -> None:
    """Of two requests the second fails: nothing is said of the first one's links either."""
    with wikidata(live(Q1104185=""), tmp_path) as source:
        folder = graph(tmp_path)
        links(source, "sync", "--graph", folder)
    empty = b'{"head":{"vars":["item","fact","value"]},"results":{"bindings":[]}}'
    behaviours = [misbehaving.sends(empty), misbehaving.says("400 Bad Request")]
    with misbehaving.Misbehaving(behaviours) as server:
        allow = f"https://query.wikidata.org/sparql#at={server.address}&block=1"
        done = links(allow, "check", "--graph", folder)

    assert done.status == 2
    assert "link-gone" not in done.out + done.err


@pytest.mark.parametrize("command", ["check", "sync"])
def test_a_source_that_has_none_of_the_items_is_not_wikidata(command: str, folder: Path) -> None:
    """An empty copy, or another dataset: what was fetched must not be lost to it."""
    with wikidata("", folder.parent) as source:
        done = links(source, command, "--graph", folder)

    assert done.status == 2
    assert "it has nothing on any of 3 items" in done.err
    assert not (folder / "data/wikidata-items.ttl").exists()


@pytest.mark.parametrize("command", ["check", "sync"])
def test_an_answer_to_another_question_is_none(command: str, folder: Path) -> None:
    other = b'{"head":{"vars":["x"]},"results":{"bindings":[]}}'
    with misbehaving.Misbehaving([misbehaving.sends(other)]) as server:
        allow = f"https://query.wikidata.org/sparql#at={server.address}"
        done = links(allow, command, "--graph", folder)

    assert done.status == 2
    assert "no column ?" in done.err
    assert "link-gone" not in done.out


# The codes


def test_every_code_is_explained() -> None:
    assert {each.code for each in EXPLAINED} == set(drift.CODES)


@pytest.mark.parametrize("each", EXPLAINED, ids=lambda each: each.code)
def test_an_example_gives_its_code_alone(each: Explanation, tmp_path: Path) -> None:
    pair = each.pair
    assert pair is not None
    folder = graph(tmp_path, links="", wikidata_evidence=pair.before, wikidata_items=pair.fetched)
    path = tmp_path / pair.name
    options = ("--excerpt",) if each.code == drift.UNANSWERED else ()
    with wikidata(pair.live, tmp_path) as source:
        for text, expected in ((pair.bad, {(each.code, each.severity)}), (pair.good, set())):
            path.write_text(text, "utf-8")
            asked = ("check", path, "--graph", folder, "--format", "json", *options)
            found = json.loads(links(source, *asked).out)["problems"]
            assert {(one["code"], one["severity"]) for one in found} == expected


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_a_code_is_told_in_every_language(language: str) -> None:
    found = [each for each in codes(None, language) if each.group == "link"]
    assert all(text.language == language for each in found for text in (*each.what, each.why))


@pytest.mark.skipif(not STANDIN.is_file(), reason="../shared/domain is absent: no excerpt to ask")
def test_the_links_of_this_repository_hold_in_the_excerpt_of_wikidata(tmp_path: Path) -> None:
    """Those that it has: 2,775 real statements of about 2020."""
    with wikidata(STANDIN.read_text("utf-8"), tmp_path) as source:
        done = links(
            source, "check", "--excerpt", "--format", "json", LEADGRAPH_STATE=str(tmp_path)
        )

    found = json.loads(done.out)["problems"]
    assert done.status == 0
    assert {problem["code"] for problem in found} == {"link-unanswered"}
    linked = sum(path.read_text("utf-8").count("Match  wd:Q") for path in ROOT.glob("data/*.ttl"))
    assert 0 < len(found) < linked
