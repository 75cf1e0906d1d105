"""Seeded faults -> the report blames exactly what was made wrong; a part of what the bench runs."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import rdflib
from pyoxigraph import NamedNode

from bench.quiet import quiet
from leadgraph.check.locate.located import located
from leadgraph.check.locate.scene import Scene
from leadgraph.check.locate.statements import Statements
from leadgraph.check.locate.targets import Shapes
from leadgraph.check.paths import Predicate, Repeated
from leadgraph.check.results import Result
from leadgraph.check.slice import file_graphs
from leadgraph.model import Place, Severity, Source
from leadgraph.read.lines import Lines
from leadgraph.read.turtle import open_directory
from tests.located import faults, real, score

if TYPE_CHECKING:
    from collections.abc import Iterator

SEEDS = range(10_000, 10_200)
MUTANTS = list(real.mutants(real.GOOD))[::12]


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    """RDFLib logs every literal that is none of its datatype."""
    with quiet(logging.WARNING):
        yield


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> score.Score:
    """Two hundred files, each checked by us and by pySHACL."""
    shapes = rdflib.Graph().parse(score.SHAPES)
    return score.run(SEEDS, tmp_path_factory.mktemp("located"), shapes)


def test_every_fault_is_found_where_it_is(scored: score.Score) -> None:
    """Start and end; the bench runs more files of the same kind."""
    assert scored.share("exact") >= 0.995, scored.inexact


def test_nothing_is_missed_and_nothing_false(scored: score.Score) -> None:
    """Not one."""
    assert scored.hits["missed"] == 0, scored.inexact
    assert scored.hits["false"] == 0, scored.false


def test_as_much_is_found_as_pyshacl_finds(scored: score.Score) -> None:
    """In every file, of every component."""
    assert scored.uneven == []
    assert scored.cases == len(SEEDS)


def test_every_feature_has_a_fault_in_the_sample() -> None:
    """What the sample leaves out it cannot hold."""
    tried = {name for seed in SEEDS for name in faults.case(seed).features}
    assert tried == set(faults.FEATURES)


def test_every_constraint_of_shacl_core_has_a_fault() -> None:
    """So that no component is forgotten."""
    blamed = {fact.component for seed in SEEDS for fact in faults.case(seed).facts}
    names = (
        "And Class Closed Datatype Disjoint Equals HasValue In LanguageIn LessThan "
        "LessThanOrEquals MaxCount MaxExclusive MaxInclusive MaxLength MinCount MinExclusive "
        "MinInclusive MinLength Node NodeKind Not Or Pattern QualifiedMaxCount "
        "QualifiedMinCount SPARQL UniqueLang Xone"
    )
    assert blamed == {f"{name}ConstraintComponent" for name in names.split()}


def test_a_case_is_the_same_each_time() -> None:
    """A seed that failed fails again."""
    assert faults.case(7) == faults.case(7)


def test_a_case_without_its_faults_is_clean(tmp_path: Path) -> None:
    """Nothing but the fault tells a bad file from a good one."""
    for seed in range(40):
        assert score.check(score.write(faults.case(seed, is_bad=False), tmp_path)) == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_fault_in_our_own_files_is_blamed_alone(mutant: real.Mutant, tmp_path: Path) -> None:
    """By our shapes and our rules."""
    path = tmp_path / mutant.path.name
    path.write_bytes(mutant.text.encode())
    found = real.check(path, real.directory(data=False))
    wanted = Lines(mutant.text).place(str(path), *mutant.span)
    assert {problem.place for problem in found} == {wanted}


# --- What the corpus does not hold ---------------------------------------------------------------

SHAPES = """
@prefix ex: <http://example.org/things#> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""


def spots(
    tmp_path: Path, shapes: str, *texts: str, name: str = "d{}.ttl"
) -> list[tuple[str, str, list[str]]]:
    """(component, text at its place, texts at related places) of every problem."""
    (tmp_path / "shapes.ttl").write_text(SHAPES + shapes, "utf-8")
    paths = [tmp_path / name.format(number) for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, "utf-8")
    problems = score.check(paths, tmp_path / "shapes.ttl", related=True)
    return [
        (
            (problem.constraint or problem.code).removesuffix("ConstraintComponent"),
            _at(problem.place),
            [_at(place) for place in problem.related],
        )
        for problem in problems
    ]


def _at(place: Place) -> str:
    """The text at a place, told from its line and column."""
    text = Path(place.path).read_bytes().decode("utf-8-sig")
    lines = Lines(text)
    start = lines.offset(place.line or 0, place.column or 0)
    end = lines.offset(place.end_line or 0, place.end_column or 0)
    return text[start:end]


EX = "@prefix ex: <http://example.org/things#> .\n"
ABSENT = "ex:S sh:targetNode ex:gone ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ."


def test_a_node_that_stands_nowhere_is_at_the_start_of_the_first_file(tmp_path: Path) -> None:
    """The message says so, in six languages."""
    assert spots(tmp_path, ABSENT, EX + "ex:a ex:p 1 .", EX + "ex:b ex:p 2 .") == [
        ("MinCount", "", [])
    ]
    (problem,) = score.check([tmp_path / "d0.ttl"], tmp_path / "shapes.ttl")
    assert problem.place == Place(str(tmp_path / "d0.ttl"), 1, 1, 1, 1)
    assert problem.excerpt == EX.strip()
    assert "start of the first file" in problem.message("en")
    assert len({problem.message(tag) for tag in ("en", "es", "fr", "ar", "de", "pt")}) == 6


def test_a_line_that_is_very_long_is_no_excerpt(tmp_path: Path) -> None:
    """Nobody reads ten thousand characters on one line."""
    shapes = "ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; sh:maxLength 3 ] ."
    spots(tmp_path, shapes, EX + f'ex:a ex:p "{"x" * 10_000}" .')
    (problem,) = score.check([tmp_path / "d0.ttl"], tmp_path / "shapes.ttl")
    assert (problem.excerpt, problem.place.line, problem.place.end_column) == (None, 2, 10_013)


def test_the_other_values_are_related_to_the_one_too_many(tmp_path: Path) -> None:
    """All of them, in whichever file."""
    shapes = "ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; sh:maxCount 1 ] ."
    assert spots(tmp_path, shapes, EX + "ex:a ex:p 1 .", EX + "ex:a ex:p 2 , 1 , 3 .") == [
        ("MaxCount", "ex:p 2", ["1", "3"])
    ]


def test_what_holds_an_inner_fault_is_related_to_it(tmp_path: Path) -> None:
    """The value that does not conform, outermost last."""
    shapes = """ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; sh:node ex:N ] .
    ex:N a sh:NodeShape ; sh:property [ sh:path ex:q ; sh:maxLength 1 ] ."""
    text = EX + 'ex:a ex:p ex:b . ex:b ex:q "xy" , "vw" .'
    assert spots(tmp_path, shapes, text) == [("Node", '"xy"', ["ex:b", '"vw"'])]


def test_the_nearest_of_several_alternatives_is_blamed(tmp_path: Path) -> None:
    """One thing to mend is nearer than two."""
    shapes = """ex:S sh:targetClass ex:T ; sh:or (
      [ sh:property [ sh:path ex:p ; sh:minCount 1 ] , [ sh:path ex:q ; sh:minCount 1 ] ]
      [ sh:property [ sh:path ex:r ; sh:maxLength 2 ] ] ) ."""
    assert spots(tmp_path, shapes, EX + 'ex:a a ex:T ; ex:r "abc" .') == [("Or", '"abc"', [])]


def test_a_narrower_class_marks_the_block_too(tmp_path: Path) -> None:
    """The type by which the thing is targeted, in the second block about it."""
    shapes = "ex:S sh:targetClass ex:T ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ."
    text = EX + "ex:a ex:note 1 . <http://example.org/things#a> a ex:Narrow ."
    classes = "<http://example.org/things#Narrow> <http://www.w3.org/2000/01/rdf-schema#subClassOf>"
    found = spots(tmp_path, shapes, text, f"{classes} <http://example.org/things#T> .")
    assert found == [("MinCount", "<http://example.org/things#a>", [])]


def test_a_long_collection_is_walked_in_time(tmp_path: Path) -> None:
    """Ten thousand members, the last of which is wrong."""
    shapes = """@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
    ex:S sh:targetSubjectsOf ex:p ; sh:property
      [ sh:path ( ex:p [ sh:zeroOrMorePath rdf:rest ] rdf:first ) ; sh:nodeKind sh:Literal ] ."""
    text = EX + f"ex:a ex:p ( {'1 ' * 2_000}ex:wrong ) ."
    assert spots(tmp_path, shapes, text) == [("NodeKind", "ex:wrong", [])]


def test_a_path_is_walked_once_for_the_results_of_a_focus_node() -> None:
    """A circle with hundreds of wrong values is no work of minutes."""
    text = (EX + "ex:a ex:p ex:b . ex:b ex:p ex:a , 1 , 2 .").encode()
    files = file_graphs([Source("a.ttl", "a", text, 4)], set())
    scene = Scene(Statements(files), Shapes(), lambda at: at.number)
    path = Repeated(Predicate(NamedNode("http://example.org/things#p")), 0, None)
    found = scene.walk(path, NamedNode("http://example.org/things#a"))
    assert len(found) == 4
    assert scene.walk(path, NamedNode("http://example.org/things#a")) is found
    assert len(scene.walk(path, NamedNode("http://example.org/things#c"))) == 1


def test_json_has_places_too(tmp_path: Path) -> None:
    """The string that writes the value, which JSON-LD leaves to be guessed."""
    shapes = "ex:S sh:targetClass ex:T ; sh:property [ sh:path ex:p ; sh:maxLength 2 ] ."
    text = """{ "@context": { "ex": "http://example.org/things#" },
      "@graph": [ { "@id": "ex:b", "@type": "ex:T", "ex:p": "ok" },
                  { "@id": "ex:a", "@type": "ex:T", "ex:p": "abc" } ] }"""
    assert spots(tmp_path, shapes, text, name="d{}.jsonld") == [("MaxLength", '"abc"', [])]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("ex:a a ex:T . ex:b a ex:T ; ex:part ex:a .", "ex:a"),
        ("[ a ex:T ; ex:note 1 ] .", "["),
        ("_:x a ex:T . ex:a ex:knows _:x .", "_:x"),
    ],
)
def test_something_to_add_is_at_the_subject_of_the_block(
    tmp_path: Path, text: str, part: str
) -> None:
    """A name, a label, or the bracket that opens."""
    shapes = """ex:S sh:targetClass ex:T ; sh:property [ sh:path ex:p ; sh:minCount 1 ] .
    ex:S sh:not [ sh:property [ sh:path ex:part ; sh:minCount 1 ] ] ."""
    found = [spot for spot in spots(tmp_path, shapes, EX + text) if spot[0] == "MinCount"]
    assert found[0] == ("MinCount", part, [])


# --- In a graph, and by rules --------------------------------------------------------------------

RULE = """# code: pair
# severity: Violation
# en: {focus} and {value} are a pair.
PREFIX ex: <http://example.org/things#>
SELECT DISTINCT ?focus ?path ?value ?graph WHERE {
"""


def by_rule(tmp_path: Path, pattern: str, text: str, **data: str) -> list[tuple[str, str]]:
    """(file, text at its place) of what a rule finds in a file of a graph."""
    for folder in ("data", "shapes"):
        (tmp_path / "graph" / folder).mkdir(parents=True)
    for name, content in data.items():
        (tmp_path / f"graph/data/{name}.ttl").write_text(EX + content, "utf-8")
    (tmp_path / "graph/shapes/pair.rq").write_text(RULE + pattern + "}", "utf-8")
    path = tmp_path / "mine.ttl"
    path.write_text(EX + text, "utf-8")
    found = real.check(path, open_directory(tmp_path / "graph"))
    return [(Path(problem.place.path).name, _at(problem.place)) for problem in found]


@pytest.mark.parametrize(
    ("pattern", "text", "part"),
    [
        ("GRAPH ?graph { ?focus ?path ?value FILTER(?value = 7) }", "ex:a ex:p 6 , 7 .", "7"),
        ("GRAPH ?graph { ?focus ex:p ?any } BIND(ex:p AS ?path)", "ex:a ex:p 7 .", "ex:p"),
        ("?focus ?value 7 BIND(?value AS ?path)", "ex:a ex:q 1 ; ex:p 7 .", "ex:p"),
        ("?focus ex:p 7", "ex:a ex:q 1 ; ex:p 7 .", "ex:a"),
        ("?focus ex:p ?value", "ex:a ex:q 1 ; ex:p 7 .", "7"),
        ("?value ex:p ?focus BIND(ex:p AS ?path)", "ex:a ex:p ex:b .", "ex:b"),
        ("ex:a ex:p ?focus", "ex:a ex:p ex:b .", "ex:b"),
        ("?focus ex:p/ex:q ?value BIND(ex:p AS ?path)", "ex:a ex:p ex:b . ex:b ex:q 1 .", "ex:b"),
    ],
)
def test_a_rule_blames_the_statement_that_its_select_names(
    tmp_path: Path, pattern: str, text: str, part: str
) -> None:
    """The value, the property where only that is known, else the node."""
    assert by_rule(tmp_path, pattern, text) == [("mine.ttl", part)]


def test_a_rule_may_blame_a_file_of_the_graph_around(tmp_path: Path) -> None:
    """There the statement is, and not in the file that is checked."""
    pattern = "GRAPH ?graph { ?focus ex:p ?value } ?value ex:q 1 BIND(ex:p AS ?path)"
    found = by_rule(tmp_path, pattern, "ex:b ex:q 1 .", theirs="ex:a ex:p ex:z, ex:b .")
    assert found == [("theirs.ttl", "ex:b")]


def test_two_things_of_one_name_are_shown_both(tmp_path: Path) -> None:
    """The name of the one is the place, that of the other is related."""
    pattern = """GRAPH ?graph { ?focus ex:name ?name } ?value ex:name ?same
      FILTER(LCASE(?name) = LCASE(?same) && STR(?focus) < STR(?value)) BIND(ex:name AS ?path)"""
    text = 'ex:a ex:name "X"@de , "Same"@en . ex:b ex:name "Y"@en , "same"@en .'
    assert by_rule(tmp_path, pattern, text) == [("mine.ttl", '"Same"@en')]
    (problem,) = real.check(tmp_path / "mine.ttl", open_directory(tmp_path / "graph"))
    assert [_at(place) for place in problem.related] == ['"same"@en']


def test_what_the_graph_says_already_counts_first(tmp_path: Path) -> None:
    """The second value is the one in the file that is new."""
    (tmp_path / "graph/data").mkdir(parents=True)
    (tmp_path / "graph/shapes").mkdir()
    (tmp_path / "graph/data/old.ttl").write_text(EX + "ex:a ex:p 1 .", "utf-8")
    shape = "ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; sh:maxCount 1 ] ."
    (tmp_path / "graph/shapes/s.ttl").write_text(SHAPES + shape, "utf-8")
    path = tmp_path / "mine.ttl"
    path.write_text(EX + "ex:a ex:p 2 .", "utf-8")
    (problem,) = real.check(path, open_directory(tmp_path / "graph"))
    assert (problem.place.path, _at(problem.place)) == (str(path), "ex:p 2")


def test_a_problem_of_a_whole_file_is_at_its_start(tmp_path: Path) -> None:
    """Tools show nothing without a line."""
    (tmp_path / "data").mkdir()
    path = tmp_path / "data/shapes.ttl"
    path.write_text(EX + "ex:a ex:p 1 .", "utf-8")
    places = [problem.place for problem in real.check(path, open_directory(tmp_path))]
    assert places == [Place(str(path), 1, 1, 1, 1)]


def test_statements_that_are_not_where_they_were_are_a_defect() -> None:
    """A wrong place would be worse than none."""
    source = Source("x.ttl", "x", b"<a:a> <a:b> 1, 2 .", 2)
    (graph,) = file_graphs([source], set())
    result = Result("c", Severity.INFO, {"en": ""}, focus=graph.triples[0].subject)
    moved = replace(graph, data=b"<a:b> <a:b> 1, 2 .")
    assert located([result], [graph])[0].place == Place("x.ttl", 1, 1, 1, 6)
    with pytest.raises(AssertionError, match="not where"):
        located([result], [moved])
    with pytest.raises(AssertionError, match="not where"):
        located([result], [replace(graph, data=b"<a:a> <a:b> 1 .")])
