"""The slice, the index and the memory of the last check: the full check is the oracle of each."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import sqlite3
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse, serialize

from leadgraph.check import child
from leadgraph.check.report import check
from leadgraph.check.request import Request
from leadgraph.check.rules import new_rows
from leadgraph.check.scope import storage
from leadgraph.check.scope.context import Needs, around, named
from leadgraph.check.scope.facts import Facts
from leadgraph.check.scope.index import Index
from leadgraph.check.scope.outlook import outlook
from leadgraph.check.scope.reads import reads
from leadgraph.check.scope.sieve import Sieve
from leadgraph.check.shacl.shapes import validate
from leadgraph.check.slice import FileGraph, file_graphs, subjects_of
from leadgraph.read import turtle
from leadgraph.read.turtle import open_directory
from leadgraph.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadgraph.check.results import Result
    from leadgraph.model import GraphDirectory, Report

ROOT = Path(__file__).parents[1]
OURS = open_directory(ROOT)
BAD = sorted((ROOT / "shapes/examples/bad").glob("*.ttl"))
ID = "https://w3id.org/leadgraph/id/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
SMALL = ("leadership-skills", "leader-roles", "role-skills", "pathways", "illustrative-pathways")


def request(directory: GraphDirectory, *files: Path, index: Path | str = "") -> Request:
    """What the child is asked, for a check against a graph."""
    return Request(
        files=[str(path) for path in files],
        shapes=[str(path) for path in directory.shapes],
        rules=[str(path) for path in directory.rules],
        ontology=[str(path) for path in directory.ontology],
        data=[str(path) for path in directory.data],
        in_context=True,
        limits=Settings(),
        parent=os.getpid(),
        index=str(index),
    )


class Oracle:
    """Both ways to check a contribution: on its slice, and on the whole graph."""

    def __init__(self, directory: GraphDirectory, index: Path) -> None:
        self._request = request(directory, index=index)
        self._shapes = child._read_shapes(self._request).facts
        self._rules = [child._rule(path) for path in self._request.rules]

    def both(self, path: Path) -> tuple[list[str], list[str], int]:
        """What is found on the slice, and on the whole; and how large the slice is."""
        asked = replace(self._request, files=[str(path)])
        source, _ = turtle.read_file(path, Settings())
        assert source
        taken: set[str] = set()
        files = named(file_graphs([source], taken), asked)
        told = Needs(outlook(self._shapes), [rule.reads for rule in self._rules], "")
        sliced = around(asked, files, taken, told, lambda: None)
        whole = around(asked, files, taken, Needs(None, [], ""), lambda: None)
        sliced.index.close()
        whole.index.close()
        found = self._found(files, sliced.slice, sliced.replaced, sieved=True)
        truth = self._found(files, whole.whole, whole.replaced, sieved=False)
        return found, truth, sum(len(file.triples) for file in sliced.slice)

    def _found(
        self,
        files: Sequence[FileGraph],
        context: Sequence[FileGraph],
        old: Sequence[FileGraph],
        *,
        sieved: bool,
    ) -> list[str]:
        data = [triple for file in (*files, *context) for triple in file.triples]
        focus = subjects_of(files)
        wanted = Sieve(self._shapes, Facts(data)).suspects(focus) if sieved else focus
        by_shapes = validate(data, list(self._shapes), wanted, "")
        return sorted(map(_told, [*by_shapes, *new_rows(self._rules, files, context, old)]))


def _told(result: Result) -> str:
    return str((result.code, result.focus, result.predicate, result.value, result.graph))


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Oracle:
    return Oracle(OURS, tmp_path_factory.mktemp("ours") / "index.sqlite")


# --- The slice -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", BAD[::12], ids=lambda path: path.stem)
def test_a_mistake_is_found_on_the_slice_as_on_the_whole(ours: Oracle, path: Path) -> None:
    """And the slice is small."""
    found, truth, size = ours.both(path)
    assert found == truth
    assert size < 1000


@pytest.mark.parametrize("seed", range(12))
def test_an_edited_file_breaks_the_same_on_the_slice(
    ours: Oracle, seed: int, tmp_path: Path
) -> None:
    """Statements and whole things go, others come, from all over the graph."""
    rng = random.Random(seed)
    path = rng.choice(OURS.data)
    edited = tmp_path / (path.name if rng.random() < 0.8 else "new.ttl")
    write(edited, scrambled(rng, triples(path)))
    found, truth, _ = ours.both(edited)
    assert found == truth


def test_what_a_removal_breaks_in_other_files_is_found(ours: Oracle, tmp_path: Path) -> None:
    """Roles point at skills that their file no longer describes."""
    path = tmp_path / "leadership-skills.ttl"
    write(path, triples(ROOT / "data/leadership-skills.ttl")[:20])
    found, truth, _ = ours.both(path)
    assert found == truth
    assert any("/graph/" in one and "graph/leadership-skills" not in one for one in found)


def triples(path: Path) -> list[Triple]:
    return [quad.triple for quad in parse(path=path)]


def write(path: Path, content: Sequence[Triple]) -> None:
    """As N-Triples, which are Turtle."""
    quads = [Quad(t.subject, t.predicate, t.object) for t in content]
    path.write_bytes(serialize(quads, format=RdfFormat.N_TRIPLES) or b"")


POOL = [
    triple
    for path in OURS.data
    for triple in triples(path)
    if not isinstance(triple.subject, BlankNode) and not isinstance(triple.object, BlankNode)
]


def scrambled(rng: random.Random, content: list[Triple]) -> list[Triple]:
    """A few statements or things less, and a few more."""
    for _ in range(rng.randint(1, 6)):
        other, third = rng.choice(POOL), rng.choice(POOL)
        here = rng.choice(content or POOL)
        content = rng.choice(
            [
                [triple for triple in content if triple != here],
                [triple for triple in content if triple.subject != here.subject],
                [*content, other],
                [*content, Triple(here.subject, other.predicate, other.object)],
                [*content, Triple(here.subject, other.predicate, third.object)],
            ]
        )
    return content or POOL[:3]


# --- What a rule reads ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "nothing:x", "skos:broader/", "(skos:broader", "skos:a b"])
def test_what_is_no_path_is_refused(path: str) -> None:
    """With the place where it is none."""
    with pytest.raises(ValueError, match="is no path"):
        reads([path], [], {"skos": SKOS})


def test_paths_are_those_of_sparql() -> None:
    """A step of each kind leads to where the next begins."""
    text = "^(skos:broader/skos:related)+, a|<http://a/,b>, ~skos:prefLabel/!()"
    automaton = reads([text], [], {"skos": SKOS})
    start = {
        (step.predicate and step.predicate.value, step.is_inverse, step.is_alike)
        for step in automaton.forth[0]
    }
    assert start == {
        (SKOS + "related", True, False),
        ("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", False, False),
        ("http://a/,b", False, False),
        (SKOS + "prefLabel", False, True),
    }


# --- The index -----------------------------------------------------------------------------------


def states(*paths: Path) -> dict[str, os.stat_result]:
    return {str(path): path.stat() for path in paths}


def content_of(index: Index, *paths: Path) -> set[str]:
    numbers, _ = index.refresh(states(*paths), Settings(), lambda: None)
    files = {number: FileGraph(path, "x", ()) for path, number in numbers.items()}
    return {str(triple) for file in index.filled(files) for triple in file.triples}


def test_an_edit_that_leaves_size_and_times_is_seen(tmp_path: Path) -> None:
    """As long as the file is so young that its times cannot tell, its content is looked at."""
    path = tmp_path / "a.ttl"
    path.write_text("<a:a> <a:b> 1 .")
    before = path.stat()
    index = Index(tmp_path / "i.sqlite")
    assert "1" in str(content_of(index, path))
    path.write_text("<a:a> <a:b> 2 .")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert "2" in str(content_of(Index(tmp_path / "i.sqlite"), path))


def test_a_file_that_goes_leaves_the_index(tmp_path: Path) -> None:
    """With all that it stated."""
    one, two = tmp_path / "a.ttl", tmp_path / "b.ttl"
    one.write_text("<a:a> <a:b> 1 .")
    two.write_text("<a:a> <a:b> 1, 2 .")
    index = Index(tmp_path / "i.sqlite")
    assert len(content_of(index, one, two)) == 2
    assert len(content_of(Index(tmp_path / "i.sqlite"), one)) == 1
    (found,) = list(index.about(NamedNode("a:a")))[:1]
    assert found[0].subject == NamedNode("a:a")


def test_every_kind_of_term_comes_back_as_it_was(tmp_path: Path) -> None:
    """Language tags, datatypes, line ends, capitals."""
    path = tmp_path / "a.nt"
    wanted = [
        Triple(NamedNode("a:a"), NamedNode("a:b"), value)
        for value in (
            Literal("x"),
            Literal("x", language="en"),
            Literal("x", datatype=NamedNode("a:t")),
            Literal('"\n\\\u0001é\U0001f600'),
            Literal(""),
            NamedNode("a:x"),
        )
    ]
    write(path, wanted)
    assert content_of(Index(None), path) == {str(triple) for triple in wanted}


def test_a_crash_amid_writing_leaves_what_was_there(tmp_path: Path) -> None:
    """Nothing of a transaction that nobody ended."""
    path = tmp_path / "a.ttl"
    path.write_text("<a:a> <a:b> 1 .")
    database = tmp_path / "i.sqlite"
    content_of(Index(database), path)
    process = multiprocessing.get_context("fork").Process(target=_die_writing, args=(database,))
    process.start()
    process.join()
    assert process.exitcode == 7
    assert content_of(Index(database), path) == content_of(Index(None), path)


def _die_writing(database: Path) -> None:
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("DELETE FROM statements")
    os._exit(7)


GARDEN = ROOT / "tests/check"


def examined(directory: GraphDirectory, *files: Path, index: Path) -> list[str]:
    """What the child says of files."""
    said: list[str] = []
    asked = request(directory, *files, index=index)
    child.examine(asked, lambda kind, content: said.append(str((kind, content))))
    return sorted(one for one in said if not one.startswith("('progress'"))


def test_a_damaged_index_is_thrown_away(tmp_path: Path) -> None:
    """And nobody notices but by the time that it takes."""
    garden = open_directory(GARDEN / "graph")
    index = tmp_path / "i.sqlite"
    good = examined(garden, GARDEN / "ten-mistakes.ttl", index=index)
    index.write_bytes(b"no database at all" * 1000)
    assert examined(garden, GARDEN / "ten-mistakes.ttl", index=index) == good
    assert examined(garden, GARDEN / "ten-mistakes.ttl", index=index) == good


def test_a_contribution_never_enters_the_index(tmp_path: Path) -> None:
    """Only the files of the graph do."""
    index = tmp_path / "i.sqlite"
    examined(open_directory(GARDEN / "graph"), GARDEN / "ten-mistakes.ttl", index=index)
    with sqlite3.connect(index) as database:
        paths = [path for (path,) in database.execute("SELECT path FROM files")]
    assert paths
    assert all(path.startswith(str(GARDEN / "graph")) for path in paths)


def test_where_nobody_may_write_there_is_no_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither beside the graph nor in the user's cache."""
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(file))
    assert storage.index_file(file, Settings()) is None
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = storage.index_file(file, Settings())
    assert found
    assert found.parent == tmp_path / "leadgraph"


# --- The last check ------------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path: Path) -> GraphDirectory:
    """Some files of our graph, with mistakes in them."""
    for part in ("ontology", "shapes"):
        shutil.copytree(ROOT / part, tmp_path / "graph" / part)
    (tmp_path / "graph/data").mkdir()
    for name in SMALL:
        shutil.copy(ROOT / f"data/{name}.ttl", tmp_path / "graph/data")
    return open_directory(tmp_path / "graph")


@pytest.mark.parametrize("seed", range(3))
def test_after_edits_a_check_says_what_one_from_scratch_says(
    small: GraphDirectory, seed: int, tmp_path: Path
) -> None:
    """One file after the other is edited, also for the better."""
    rng = random.Random(seed)
    index = tmp_path / "i.sqlite"
    examined(small, *small.data, index=index)
    for turn in range(4):
        path = rng.choice(small.data)
        original = ROOT / "data" / path.name
        content = triples(original if turn == 2 else path)
        write(path, content if turn == 2 else scrambled(rng, content))
        scratch = tmp_path / f"{turn}.sqlite"
        assert examined(small, *small.data, index=index) == examined(
            small, *small.data, index=scratch
        )


def test_an_edit_is_not_checked_from_scratch(small: GraphDirectory, tmp_path: Path) -> None:
    """It is the last check that goes on: what that found elsewhere is not looked for again."""
    index = tmp_path / "i.sqlite"
    examined(small, *small.data, index=index)
    with sqlite3.connect(index) as database:
        query = "UPDATE notes SET text = replace(text, ?, ?) WHERE name GLOB 'earlier *'"
        database.execute(query, ("dangling-reference", "remembered"))
    path = small.root / "data/leadership-skills.ttl"
    path.write_text(path.read_text("utf-8") + "# a remark\n", "utf-8")
    assert any("remembered" in one for one in examined(small, *small.data, index=index))


@pytest.mark.parametrize(
    "part", ["shapes/skills.ttl", "shapes/untyped.rq", "ontology/leadgraph.ttl"]
)
def test_a_change_of_shapes_rules_or_ontology_is_checked_from_scratch(
    small: GraphDirectory, part: str, tmp_path: Path
) -> None:
    """Nothing of the last check is believed."""
    index = tmp_path / "i.sqlite"
    examined(small, *small.data, index=index)
    path = small.root / part
    text = path.read_text("utf-8")
    path.write_text(
        text.replace("lg:Trait", "lg:Treat").replace("?focus a ?kind", "?focus ?a ?kind")
    )
    scratch = examined(small, *small.data, index=tmp_path / "scratch.sqlite")
    assert examined(small, *small.data, index=index) == scratch


def test_a_report_is_the_same_with_and_without_memory(small: GraphDirectory) -> None:
    """By the way that everybody takes."""

    def report() -> Report:
        return check(
            small.data, shapes=None, against=small, settings=Settings(), progress=lambda _step: None
        )

    first = report()
    assert first.problems
    assert [asdict(one) for one in report().problems] == [asdict(one) for one in first.problems]
