"""`leadgraph check --fix` and `--diff`: what is mended, what is left, and what is written."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from pyoxigraph import RdfFormat, parse

from leadgraph.cli.files import check_command

if TYPE_CHECKING:
    from pathlib import Path

QUIET = {"LC_ALL": "", "LC_MESSAGES": "", "LANG": ""}
WRONG = """@prefix lg: <http://w3id.org/leadgraph/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix skill: <https://w3id.org/leadgraph/id/skill/> .
# What people do for each other.
skill:newly-told a lg:Skill ;   # not in the graph yet
  skos:prefLabel "Newly told "@EN , "Recém-contada"@pt-br ;
  skos:closeMatch <https://www.wikidata.org/wiki/Q11024> .
"""
RIGHT = """@prefix lg:    <https://w3id.org/leadgraph/ns#> .
@prefix skill: <https://w3id.org/leadgraph/id/skill/> .
@prefix skos:  <http://www.w3.org/2004/02/skos/core#> .

# What people do for each other.
skill:newly-told
    a                lg:Skill ;  # not in the graph yet
    skos:prefLabel   "Newly told"@en ,
                     "Recém-contada"@pt-BR ;
    skos:closeMatch  <http://www.wikidata.org/entity/Q11024> .
"""


def check(*arguments: str | Path) -> Result:
    """Run the command here, against our own graph."""
    return CliRunner().invoke(check_command, [str(a) for a in arguments], env=QUIET)


def statements(text: str) -> set[str]:
    return {str(quad.triple) for quad in parse(text.encode(), format=RdfFormat.TURTLE)}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with mistakes that have one right answer."""
    path = tmp_path / "newly-told.ttl"
    path.write_text(WRONG, "utf-8")
    return path


def test_all_that_has_one_right_answer_is_mended(file: Path) -> None:
    result = check("--fix", file)

    assert file.read_text("utf-8") == RIGHT
    assert result.exit_code == 0
    assert result.stdout == (
        "No problems. Files: 1. Statements: 4.\nProblems mended: 6. Files changed: 1.\n"
    )


def test_the_statements_differ_in_what_was_wrong_alone(file: Path) -> None:
    check("--fix", file)
    before, after = statements(WRONG), statements(file.read_text("utf-8"))

    thing, skos = (
        "<https://w3id.org/leadgraph/id/skill/newly-told>",
        "http://www.w3.org/2004/02/skos/core#",
    )
    kind = f"{thing} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    assert before - after == {
        f"{kind} <http://w3id.org/leadgraph/ns#Skill>",
        f'{thing} <{skos}prefLabel> "Newly told "@en',
        f"{thing} <{skos}closeMatch> <https://www.wikidata.org/wiki/Q11024>",
    }
    assert after - before == {
        f"{kind} <https://w3id.org/leadgraph/ns#Skill>",
        f'{thing} <{skos}prefLabel> "Newly told"@en',
        f"{thing} <{skos}closeMatch> <http://www.wikidata.org/entity/Q11024>",
    }


@pytest.mark.parametrize("options", [["--diff"], ["--fix", "--diff"]])
def test_diff_shows_a_patch_and_writes_nothing(file: Path, options: list[str]) -> None:
    result = check(*options, file)

    assert file.read_text("utf-8") == WRONG
    assert result.exit_code == 1
    assert "[Label-edges]" in result.stderr
    assert result.stderr.endswith(
        "Problems that --fix would mend: 6. Files that it would change: 1.\n"
    )
    patch = ["patch", "--binary", "-s", "-o", "-", str(file)]
    patched = subprocess.run(patch, input=result.stdout_bytes, capture_output=True, check=True)
    assert patched.stdout.decode() == RIGHT


def test_the_patch_is_all_that_fix_writes_also_what_only_a_mend_uncovers(file: Path) -> None:
    # only a name of https://schema.org/ is one whose spaces are looked at
    added = '<https://example.org/a> schema:name "A " .\n'
    file.write_text(f"@prefix schema: <http://schema.org/> .\n{WRONG}{added}", "utf-8")
    before = file.read_text("utf-8")

    shown = check("--diff", file)
    assert file.read_text("utf-8") == before
    check("--fix", file)

    patch = ["patch", "--binary", "-s", "-R", "-o", "-", str(file)]
    undone = subprocess.run(patch, input=shown.stdout_bytes, capture_output=True, check=True)
    assert undone.stdout.decode() == before
    assert '"A" .' in file.read_text("utf-8")


def test_what_takes_a_choice_is_left_and_told(file: Path) -> None:
    file.write_text(RIGHT.replace("lg:Skill ;", "lg:Skil ;"), "utf-8")

    result = check("--fix", file)

    assert result.exit_code == 1
    assert "[undefined-term]" in result.stdout
    assert "lg:Skil ;" in file.read_text("utf-8")
    assert "mended" not in result.stdout


def test_a_good_file_is_not_touched(file: Path) -> None:
    file.write_text(RIGHT, "utf-8")
    before = file.stat()

    assert check("--fix", file).stdout == "No problems. Files: 1. Statements: 4.\n"
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_file_that_cannot_be_read_is_left_and_the_others_are_mended(file: Path) -> None:
    broken, binary = file.with_name("broken.ttl"), file.with_name("binary.ttl")
    broken.write_text('<a:s>   <a:p> "x"@EN ;', "utf-8")
    binary.write_bytes(b"<a:s> <a:p> '\xff' .")

    result = check("--fix", broken, binary, file.with_name("missing.ttl"), file)

    assert result.exit_code == 2
    assert broken.read_text("utf-8") == '<a:s>   <a:p> "x"@EN ;'
    assert binary.read_bytes() == b"<a:s> <a:p> '\xff' ."
    assert file.read_text("utf-8") == RIGHT


def test_line_ends_and_a_byte_order_mark_become_those_of_a_tidy_file(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + WRONG.replace("\n", "\r\n").encode())

    assert check("--fix", file).exit_code == 0
    assert file.read_text("utf-8") == RIGHT


def test_a_file_that_is_named_twice_is_mended_once(file: Path) -> None:
    link = file.with_name("link.ttl")
    link.symlink_to(file)

    assert check("--fix", file, link, file).stdout.endswith("Files changed: 1.\n")
    assert link.is_symlink()
    assert file.read_text("utf-8") == RIGHT


def test_no_file_of_the_graph_around_is_written(tmp_path: Path) -> None:
    graph = tmp_path / "graph"
    for folder in ("ontology", "shapes", "data"):
        (graph / folder).mkdir(parents=True)
    around = graph / "data/around.ttl"
    around.write_text(WRONG, "utf-8")
    mine = tmp_path / "mine.ttl"
    mine.write_text("<a:s>   <a:p>   1 .", "utf-8")

    check("--fix", "--against", graph, mine)

    assert around.read_text("utf-8") == WRONG
    assert mine.read_text("utf-8") == "<a:s>  <a:p>  1 .\n"


def test_a_read_only_file_is_left_and_told(file: Path) -> None:
    file.chmod(0o444)

    result = check("--fix", file)

    assert result.exit_code == 2
    assert "it is read-only" in result.stderr
    assert file.read_text("utf-8") == WRONG


def test_of_several_files_all_are_written_or_none(file: Path) -> None:
    other = file.with_name("other.ttl")
    other.write_text("<a:s>   <a:p>   1 .", "utf-8")
    other.chmod(0o444)

    result = check("--fix", file, other)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "other.ttl was left as it is" in result.stderr
    assert file.read_text("utf-8") == WRONG


def test_n_triples_are_mended_but_not_laid_out(file: Path) -> None:
    path = file.with_name("newly-told.nt")
    kind = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/leadgraph/ns#Skill>"
    label = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
    thing = "<https://w3id.org/leadgraph/id/skill/newly-told>"
    path.write_text(f'{thing}   {kind} .\n{thing} {label} "Newly told "@EN .\n', "utf-8")

    assert check("--fix", path).exit_code == 0
    assert path.read_text("utf-8") == f'{thing}   {kind} .\n{thing} {label} "Newly told"@en .\n'


def test_a_machine_gets_what_is_left_alone_on_the_standard_output(file: Path) -> None:
    result = check("--fix", "--format", "json", file)

    assert json.loads(result.stdout)["conforms"] is True
    assert result.stderr == "Problems mended: 6. Files changed: 1.\n"


def test_shapes_of_somebody_elses_find_what_they_ask_for_and_no_more(file: Path) -> None:
    shapes = file.with_name("shapes.ttl")
    shapes.write_text("<a:s> a <http://www.w3.org/ns/shacl#NodeShape> .", "utf-8")

    result = check("--shapes", shapes, file)

    assert result.stdout == "No problems. Files: 1. Statements: 4.\n"


def test_the_words_are_the_readers(file: Path) -> None:
    result = check("--fix", "--lang", "de", file)

    assert result.stdout.endswith("Behobene Probleme: 6. Geänderte Dateien: 1.\n")
