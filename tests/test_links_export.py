"""`leadgraph links export`: the mappings for others, valid by their own programs."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
import warnings
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from leadgraph.link.wikidata import mappings
from leadgraph.link.wikidata.linked import Evidence
from leadgraph.link.wikidata.mappings import Joined, MappingSet, as_csv, as_sssom
from leadgraph.publish.dataset import NamedGraphs
from leadgraph.publish.description import describe
from leadgraph.vocabulary import graph_iri
from tests.graph import rows
from tests.links import ID, PREFIXES, ROOT, WD, graph, links

SSSOM = Path(sys.executable).parent / "sssom"
SKOS = "http://www.w3.org/2004/02/skos/core#"


LINKSET = NamedNode("https://w3id.org/leadgraph/linkset/wikidata")


def _integer(triples: set[Triple]) -> Literal:
    """How many links the linkset says that it has."""
    (found,) = (
        t.object for t in triples if t.subject == LINKSET and t.predicate.value.endswith("#triples")
    )
    assert isinstance(found, Literal)
    return found


@cache
def exported(format_: str, *options: object) -> str:
    """What the command writes."""
    done = links("", "export", "--format", format_, *options)
    assert done.status == 0, done.err
    return done.out


def our_mappings() -> list[list[str | None]]:
    """Thing, property, item: as the graph of this repository has them."""
    query = f"""SELECT ?thing ?mapping ?item {{
      ?thing ?mapping ?item
      FILTER(STRSTARTS(STR(?item), "{WD}") && REGEX(STR(?mapping), "^{SKOS}[a-z]+Match$"))
    }}"""
    return sorted(rows(query))


def test_sssom_is_valid_by_the_sssom_package(tmp_path: Path) -> None:
    path = tmp_path / "leadgraph.sssom.tsv"
    path.write_text(exported("sssom"), "utf-8")
    done = subprocess.run(
        [SSSOM, "validate", path], capture_output=True, text=True, check=False, timeout=120
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert not re.search(r"error|warning", done.stderr, re.IGNORECASE), done.stderr


@pytest.mark.parametrize("to", ["wikidata", "esco"])
def test_the_day_of_a_set_is_not_taken_for_that_of_its_mappings(to: str, tmp_path: Path) -> None:
    """mapping_date would be inherited by each mapping: when it was asserted (SSSOM, 1.0)."""
    options = ("--format", "sssom", "--to", to)
    before = links("", "export", *options, LEADGRAPH_STATE=str(tmp_path)).out
    assert before
    assert "mapping_date" not in before
    assert "publication_date" not in before, "what was not published has no such day"

    given = replace(joined("x", ""), published=date(2026, 1, 1))
    assert '#publication_date: "2026-01-01"\n' in as_sssom(given)


def test_names_of_any_form_are_valid_sssom(tmp_path: Path) -> None:
    text = PREFIXES + (
        'skill:x skos:prefLabel "a \\"quoted\\"\\tTab\\n# hash"@en ; skos:exactMatch wd:Q11024 .\n'
        'skill:y skos:prefLabel "# =cmd"@en ; skos:closeMatch wd:P31 .\n'
        f"<{ID}skill/a/b> skos:closeMatch wd:Q11024 . <{ID}skill/%D8%AA> skos:closeMatch wd:Q5 ."
    )
    path = tmp_path / "x.sssom.tsv"
    links("", "export", "--graph", graph(tmp_path, links=text), "--output", path)
    done = subprocess.run(
        [SSSOM, "validate", path], capture_output=True, text=True, check=False, timeout=120
    )

    assert (done.returncode, done.stderr) == (0, "")
    rows = list(csv.reader(_table(path.read_text("utf-8")), delimiter="\t"))
    assert 'a "quoted" Tab # hash' in [row[1] for row in rows]
    assert len(rows) == 5


def _table(text: str) -> list[str]:
    return [line for line in text.splitlines(keepends=True) if not line.startswith("#")]


def test_the_sssom_package_refuses_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "wrong.sssom.tsv"
    path.write_text(exported("sssom").replace("semapv:ManualMappingCuration", "of:course"), "utf-8")
    done = subprocess.run(
        [SSSOM, "validate", path], capture_output=True, text=True, check=False, timeout=120
    )

    assert done.returncode != 0 or "error" in done.stderr.lower()


def test_sssom_says_what_the_graph_says(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sssom.parsers import parse_sssom_table  # noqa: PLC0415  # it imports half of PyPI

        path = tmp_path / "leadgraph.sssom.tsv"
        path.write_text(exported("sssom"), "utf-8")
        read = parse_sssom_table(path)
        expand = read.converter.expand
        found = [
            [expand(one.subject_id), expand(one.predicate_id), expand(one.object_id)]
            for one in read.df.itertuples()
        ]

    assert sorted(found) == our_mappings()
    assert read.metadata["license"] == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert read.metadata["mapping_set_id"] == "https://w3id.org/leadgraph/linkset/wikidata"
    assert read.metadata["creator_label"] == ["LeadGraph project"]
    assert set(read.df["mapping_justification"]) == {"semapv:ManualMappingCuration"}
    assert read.df["confidence"].between(0, 1).all()
    assert read.df["subject_label"].ne("").all()


def test_quickstatements_lead_back_for_exact_and_close_matches_alone() -> None:
    lines = exported("quickstatements").splitlines()

    assert all(
        re.fullmatch(r'Q\d+\tP(973|2888)\t"https://w3id\.org/[^"\t]+"', each) for each in lines
    )
    expected = {
        (f"{item.removeprefix(WD)}", property_, f'"{thing}"')
        for thing, mapping, item in our_mappings()
        for property_, kinds in (("P2888", ("exact",)), ("P973", ("exact", "close")))
        if mapping in {f"{SKOS}{kind}Match" for kind in kinds}
    }
    assert {tuple(each.split("\t")) for each in lines} == expected
    assert len(lines) == len(expected)


def test_no_command_is_given_twice(tmp_path: Path) -> None:
    text = PREFIXES + "skill:x skos:exactMatch wd:Q11024 ; skos:closeMatch wd:Q11024 ."
    done = links(
        "", "export", "--format", "quickstatements", "--graph", graph(tmp_path, links=text)
    )

    assert [line.split("\t")[:2] for line in done.out.splitlines()] == [
        ["Q11024", "P973"],
        ["Q11024", "P2888"],
    ]


def test_csv_has_every_mapping_and_the_lines_of_rfc_4180(tmp_path: Path) -> None:
    path = tmp_path / "mappings.csv"
    exported("csv", "--output", path)
    text = path.read_bytes().decode()
    _, *found = list(csv.reader(io.StringIO(text, newline="")))

    assert len(found) == len(our_mappings())
    assert text.count("\r\n") == text.count("\n") == len(found) + 1
    assert [ID + "skill/coaching", "Coaching"] in [row[:2] for row in found]


def test_void_is_what_a_release_publishes_of_its_links() -> None:
    triples = {quad.triple for quad in parse(exported("void").encode(), format=RdfFormat.TURTLE)}
    names = sorted(path.stem for path in ROOT.glob("data/*.ttl"))
    sources = {
        graph_iri(name): frozenset(
            quad.triple for quad in parse(path=str(ROOT / f"data/{name}.ttl"))
        )
        for name in names
    }
    published = describe(NamedGraphs(sources, {}), "1", date(2026, 1, 1))
    about = {t for t in published if "/linkset/wikidata" in str(t.subject)}
    total = Triple(LINKSET, NamedNode("http://rdfs.org/ns/void#triples"), _integer(triples))

    assert about
    assert about <= triples
    assert total in triples
    assert total.object.value == str(len(our_mappings()))


def test_the_mappings_to_esco_are_there_as_well() -> None:
    assert "esco:skill/" in exported("sssom", "--to", "esco")
    refused = links("", "export", "--to", "esco", "--format", "quickstatements")
    assert refused.status == 2


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "here.csv"
    path.write_text("mine", "utf-8")
    done = links("", "export", "--format", "csv", "--output", path)

    assert done.status == 2
    assert path.read_text("utf-8") == "mine"


def test_somebody_elses_graph_is_not_signed_by_us(tmp_path: Path) -> None:
    things = (
        PREFIXES + 'skill:x a lg:Skill ; skos:prefLabel "=1+1"@en ; skos:closeMatch wd:Q11024 .'
    )
    folder = graph(tmp_path, links=things)

    assert "LeadGraph project" not in exported("sssom", "--graph", folder)
    assert "'=1+1" in exported("csv", "--graph", folder)


# What labels may hold


def joined(label: str, note: str) -> MappingSet:
    one = Joined(
        ID + "skill/x", label, SKOS + "closeMatch", WD + "Q5", label, Evidence((), "A", "", note)
    )
    return MappingSet("wikidata", (one,), frozenset(), "1")


@given(st.text(), st.text())
def test_csv_is_read_as_it_was_meant_and_never_as_a_formula(label: str, note: str) -> None:
    _, row = csv.reader(io.StringIO(as_csv(joined(label, note)), newline=""))

    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    assert row[1].removeprefix("'") == label or row[1] == label


@given(st.text(), st.text())
def test_a_label_never_breaks_a_row_of_sssom(label: str, note: str) -> None:
    text = as_sssom(joined(label, note))
    table = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))
    found = list(csv.reader(io.StringIO(table), delimiter="\t"))

    assert [len(row) for row in found] == [8, 8]


@pytest.mark.parametrize("name", sorted(mappings.FORMS))
def test_every_format_is_made_of_nothing_as_well(name: str) -> None:
    empty = MappingSet("wikidata", (), frozenset(), "1")
    assert isinstance(mappings.FORMS[name](empty), str)
