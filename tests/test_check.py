"""Sources -> Report: shapes and rules in one report, within limits that really hold."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from leadgraph import check as library_check
from leadgraph.check import child
from leadgraph.check.report import check
from leadgraph.check.reports.text import summary
from leadgraph.check.request import Request, problem, told
from leadgraph.check.results import short
from leadgraph.check.rules import parse_rule
from leadgraph.errors import CheckStopped, ShapesInvalid, SourceUnreadable
from leadgraph.model import Edit, GraphDirectory, Place, Problem, Report, Severity
from leadgraph.read.turtle import open_directory
from leadgraph.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent / "check"
ROOT = Path(__file__).parents[1]
GRAPH = open_directory(HERE / "graph")
PREFIXES = """
@prefix ex:   <http://example.org/garden#> .
@prefix owl:  <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix sh:   <http://www.w3.org/ns/shacl#> .
@prefix xsd:  <http://www.w3.org/2001/XMLSchema#> .
"""
OURS = (ROOT / "ontology").is_dir() and any((ROOT / "data").glob("*.ttl"))


def run(
    *files: Path,
    shapes: list[Path] | None = None,
    against: GraphDirectory | None = GRAPH,
    settings: Settings | None = None,
) -> Report:
    """A whole check, as everybody runs it: in the child process."""
    return check(
        files,
        shapes=shapes,
        against=against,
        settings=settings or Settings(),
        progress=lambda _step: None,
    )


def examine(
    *files: Path, directory: GraphDirectory | None = GRAPH, shapes: list[Path] | None = None
) -> list[tuple[str, str]]:
    """(file name, code) of what the child finds; here, without a process, for speed."""
    around = directory or GraphDirectory(HERE, (), (), (), ())
    request = Request(
        files=[str(path) for path in files],
        shapes=[str(path) for path in (around.shapes if shapes is None else shapes)],
        rules=[str(path) for path in around.rules],
        ontology=[str(path) for path in around.ontology],
        data=[str(path) for path in around.data],
        in_context=directory is not None,
        limits=Settings(),
        parent=os.getpid(),
    )
    found: list[tuple[str, str]] = []

    def say(kind: str, content: object) -> None:
        if kind == "problem":
            problem = json.loads(json.dumps(content))
            found.append((Path(problem["place"]["path"]).name, problem["code"]))

    child.examine(request, say)
    return sorted(found)


def written(path: Path, text: str) -> Path:
    """A Turtle file with the prefixes of the tests."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PREFIXES + text, "utf-8")
    return path


# --- One report ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def report() -> Report:
    """A broken file, a file of ten mistakes, one that is fine, and one that is not there."""
    names = ("broken.ttl", "ten-mistakes.ttl", "graph/data/trees.ttl", "missing.ttl")
    return run(*(HERE / name for name in names))


def test_ten_mistakes_are_told_at_once(report: Report) -> None:
    """Shapes and rules, each with a code, one report."""
    found = [p for p in report.problems if p.place.path.endswith("ten-mistakes.ttl")]
    assert Counter(p.code for p in found) == {
        "label": 3,
        "name": 1,
        "height": 3,
        "habit": 1,
        "bed": 1,
        "PlantShape": 1,
        "mutual-neighbours": 2,
    }
    assert {p.constraint for p in found} == {
        "MinCountConstraintComponent",
        "UniqueLangConstraintComponent",
        "MaxLengthConstraintComponent",
        "PatternConstraintComponent",
        "MaxCountConstraintComponent",
        "DatatypeConstraintComponent",
        "MinInclusiveConstraintComponent",
        "InConstraintComponent",
        "ClassConstraintComponent",
        "ClosedConstraintComponent",
        None,
    }


def test_a_broken_file_does_not_stop_the_check_of_the_others(report: Report) -> None:
    """Its own problem is there, with line and column."""
    (problem,) = [p for p in report.problems if p.code == "syntax"]
    assert problem.place == Place(str(HERE / "broken.ttl"), 7, 1, 7, 8)
    assert "dot" in problem.message("en")


def test_problems_come_in_the_order_of_files(report: Report) -> None:
    """As the files were given; a good file has none, a missing one is told of."""
    paths = list(dict.fromkeys(Path(p.place.path).name for p in report.problems))
    assert paths == ["broken.ttl", "ten-mistakes.ttl", "missing.ttl"]
    assert not report.conforms
    assert report.statements == 39


def test_a_problem_says_what_it_is_about(report: Report) -> None:
    """Focus node, predicate and value in N-Triples syntax, messages by language."""
    (problem,) = [p for p in report.problems if p.code == "name"]
    assert problem.focus == "<http://example.org/garden#a4>"
    assert problem.predicate == "<http://example.org/garden#name>"
    assert problem.value == '"Elm"'
    assert problem.severity is Severity.VIOLATION
    label = next(p for p in report.problems if p.code == "label")
    assert set(label.messages) == {"en", "es"}
    assert label.message("es").startswith("Una planta")
    assert label.message("ar") == label.message("en")


def test_a_rule_fills_its_words_in(report: Report) -> None:
    """{focus} and {value}, in each language that the rule has."""
    problem = next(p for p in report.problems if p.code == "mutual-neighbours")
    assert problem.message("en") == "ex:a10 and ex:a11 are neighbours of each other. Say it once."
    assert "vecinos" in problem.message("es")


def test_a_term_is_shown_as_a_file_has_it() -> None:
    """No brackets around a literal, known prefixes, numbers without their type."""
    xsd = "^^<http://www.w3.org/2001/XMLSchema#"
    assert short(f'"2025-02-30"{xsd}date>') == '"2025-02-30"^^xsd:date'
    assert [short(f'"{n}"{xsd}{t}>') for n, t in (("-3", "integer"), ("3.5", "decimal"))] == [
        "-3",
        "3.5",
    ]
    assert short(f'"three"{xsd}integer>') == '"three"^^xsd:integer'
    assert short('"a"@en') == '"a"@en'
    assert short("<https://w3id.org/leadgraph/id/org/leadgraph>") == "organization:leadgraph"
    assert short("<http://example.org/a>") == "<http://example.org/a>"


# --- The graph around ----------------------------------------------------------------------------


def test_the_context_gives_types_and_classes_but_is_not_reported(tmp_path: Path) -> None:
    """A bed that exists, a subclass of the ontology; what is wrong there already is not new."""
    good = written(
        tmp_path / "new.ttl", 'ex:fig a ex:Tree ; skos:prefLabel "Fig" ; ex:standsIn ex:south-bed .'
    )
    assert examine(good) == []
    bad = written(tmp_path / "bad.ttl", "ex:fig a ex:Tree ; ex:standsIn ex:moon-bed .")
    assert examine(bad) == [("bad.ttl", "bed"), ("bad.ttl", "label")]


def test_what_the_graph_says_of_a_subject_counts(tmp_path: Path) -> None:
    """A file may add one statement to a thing, and may contradict what is said elsewhere."""
    assert examine(written(tmp_path / "more.ttl", 'ex:ash ex:note "Tall"@en .')) == []
    second = written(tmp_path / "more.ttl", 'ex:ash skos:prefLabel "Ash tree"@en .')
    assert examine(second) == [("more.ttl", "label")]


def test_nested_shapes_look_at_literals_also_in_context(tmp_path: Path) -> None:
    """pySHACL's own option for focus nodes would let this pass."""
    note = written(tmp_path / "note.ttl", "ex:ash ex:note 7 .")
    assert examine(note) == [("note.ttl", "note")]


def test_a_file_of_the_same_name_replaces_its_old_version(tmp_path: Path) -> None:
    """A label that was changed is not there twice; checking the file itself is fine."""
    changed = written(tmp_path / "trees.ttl", 'ex:ash a ex:Tree ; skos:prefLabel "Big ash"@en .')
    assert examine(changed) == []
    assert examine(*GRAPH.ontology, HERE / "graph/data/trees.ttl") == []


def graph_of(folder: Path, **files: str) -> GraphDirectory:
    """A graph of such files of data, with a rule: what is pointed at has a type."""
    (folder / "shapes").mkdir(parents=True)
    (folder / "shapes/untyped.rq").write_text(
        "# code: untyped\n# severity: Violation\n# en: {focus} points to what is nothing.\n"
        "SELECT ?focus ?path ?value ?graph { GRAPH ?graph { ?focus ?path ?value } "
        "FILTER(isIRI(?value) && ?path != <http://www.w3.org/1999/02/22-rdf-syntax-ns#type>) "
        "FILTER NOT EXISTS { ?value a ?type } }"
    )
    for name, text in files.items():
        written(folder / f"data/{name}.ttl", text)
    return open_directory(folder)


SKILLS = "<https://w3id.org/leadgraph/id/skill/{}> a ex:Skill ."


def test_what_a_new_version_breaks_elsewhere_is_told_there(tmp_path: Path) -> None:
    """What was wrong already is not."""
    graph = graph_of(tmp_path / "graph", one="ex:a a ex:T .", two="ex:b ex:p ex:a, ex:gone .")
    changed = written(tmp_path / "one.ttl", "ex:c a ex:T .")
    (problem,) = run(changed, against=graph).problems
    assert problem.place.path == str(tmp_path / "graph/data/two.ttl")
    assert (problem.code, problem.value) == ("untyped", "<http://example.org/garden#a>")
    same = written(tmp_path / "again/one.ttl", "ex:a a ex:T .")
    assert examine(same, directory=graph) == []


def test_a_broken_new_version_replaces_nothing(tmp_path: Path) -> None:
    """Its one mistake does not look like many of others."""
    graph = graph_of(tmp_path / "graph", one=SKILLS.format("a"), two="ex:b ex:p ex:a .")
    broken = written(tmp_path / "one.ttl", "ex:c a")
    fine = written(tmp_path / "fine.ttl", "ex:d a ex:T .")
    assert examine(broken, fine, directory=graph) == [("one.ttl", "syntax")]


def test_a_thing_that_is_described_no_more_is_a_violation(tmp_path: Path) -> None:
    """Only things of ours; where another file describes it all is well."""
    text = f"{SKILLS.format('a')} {SKILLS.format('b')} ex:theirs a ex:T ."
    graph = graph_of(tmp_path / "graph", one=text, two=SKILLS.format("b"))
    (problem,) = run(written(tmp_path / "one.ttl", "ex:c a ex:T ."), against=graph).problems
    assert problem.code == "thing-removed"
    assert problem.focus == "<https://w3id.org/leadgraph/id/skill/a>"
    assert problem.place.path == str(tmp_path / "one.ttl")
    assert "what skill:a is" in problem.message("en")
    assert examine(*graph.data, directory=graph) == []


def test_things_that_are_described_no_more_are_counted_after_20(tmp_path: Path) -> None:
    """In the order of people, what is not shown last."""
    text = "\n".join(SKILLS.format(f"s{n}") for n in range(23))
    graph = graph_of(tmp_path / "graph", one=text)
    problems = run(written(tmp_path / "one.ttl", "ex:c a ex:T ."), against=graph).problems
    assert [short(p.focus or "") for p in problems] == [*(f"skill:s{n}" for n in range(20)), ""]
    assert {p.code for p in problems} == {"thing-removed"}
    assert problems[-1].message("en").startswith("3 more things")


@pytest.mark.parametrize("name", ["ontology", "Inferred", "shapes"])
def test_a_name_of_a_graph_that_is_made_here_is_no_name_of_a_file(
    tmp_path: Path, name: str
) -> None:
    """It would be taken for that graph; the ontology itself is, whatever it is called."""
    path = written(tmp_path / f"{name}.ttl", "ex:a ex:growsNear ex:b . ex:b ex:growsNear ex:a .")
    mutual = (f"{name}.ttl", "mutual-neighbours")
    assert examine(path) == [mutual, mutual, (f"{name}.ttl", "reserved-name")]
    own = written(tmp_path / "graph/ontology/ontology.ttl", "ex:T a owl:Class .")
    assert examine(own, directory=open_directory(tmp_path / "graph")) == []


def test_two_files_of_one_name_are_a_violation_of_the_second(tmp_path: Path) -> None:
    """They would be one graph; a file that is named in two ways is one."""
    first = written(tmp_path / "one.ttl", "ex:a ex:p 1 .")
    second = written(tmp_path / "other/One.ttl", "ex:a ex:q 1 .")
    report = run(first, second)
    assert [(p.place.path, p.code) for p in report.problems] == [(str(second), "same-name")]
    assert "one.ttl" in report.problems[0].message("en")
    link = tmp_path / "link/one.ttl"
    link.parent.mkdir()
    link.symlink_to(first)
    assert examine(first, link) == []


def test_rows_that_read_the_same_are_one_problem(tmp_path: Path) -> None:
    """The words of the rule show the focus, not the value."""
    graph = graph_of(tmp_path / "graph")
    path = written(tmp_path / "one.ttl", "ex:a ex:p ex:b, ex:c ; ex:q ex:b . ex:d ex:p ex:b .")
    assert examine(path, directory=graph) == [("one.ttl", "untyped")] * 2


def test_a_whole_graph_is_checked_with_what_was_wrong_before() -> None:
    """All files together: the old mistakes are theirs now."""
    found = Counter(examine(*GRAPH.data))
    assert found == {("beds.ttl", "label"): 2, ("beds.ttl", "mutual-neighbours"): 2}


def test_a_rule_finds_what_only_two_files_make_wrong(tmp_path: Path) -> None:
    """The row is new, so it is told, in the file that adds to it."""
    first = written(
        tmp_path / "one.ttl", 'ex:x a ex:Tree ; skos:prefLabel "X" ; ex:growsNear ex:y .'
    )
    other = written(
        tmp_path / "two.ttl", 'ex:y a ex:Tree ; skos:prefLabel "Y" ; ex:growsNear ex:x .'
    )
    assert examine(first) == examine(other) == []
    assert examine(first, other) == [
        ("one.ttl", "mutual-neighbours"),
        ("two.ttl", "mutual-neighbours"),
    ]


def test_blank_nodes_of_two_files_are_apart(tmp_path: Path) -> None:
    """`_:x` here and `_:x` there are two things, each with a label of its own."""
    text = '_:x a ex:Tree ; skos:prefLabel "X"@en . [] a ex:Tree ; skos:prefLabel "{}"@en .'
    files = [written(tmp_path / f"{n}.ttl", text.replace("X", f"X{n}")) for n in (1, 2)]
    assert examine(*files) == []
    lone = run(written(tmp_path / "3.ttl", "_:mine a ex:Tree . [] a ex:Tree ."))
    assert [p.focus for p in lone.problems] == ["_:mine", "_:b1"]


def test_own_shapes_are_used_alone(tmp_path: Path) -> None:
    """Neither our shapes nor our rules, and no context unless it is asked for."""
    shapes = written(
        tmp_path / "s.ttl",
        "ex:S sh:targetNode ex:a5 ; sh:property ex:P . ex:P sh:path ex:colour ; sh:minCount 1 .",
    )
    found = examine(HERE / "ten-mistakes.ttl", directory=None, shapes=[shapes])
    assert found == [("ten-mistakes.ttl", "P")]
    report = run(HERE / "ten-mistakes.ttl", shapes=[shapes], against=None)
    assert [p.code for p in report.problems] == ["P"]
    assert report.problems[0].message("pt").startswith("Falta ex:colour em ex:a5.")


def test_literals_stay_as_they_are_written(tmp_path: Path) -> None:
    """No `Z` becomes `+00:00`, no `007` becomes 7; a string with and without its type is one."""
    shapes = written(
        tmp_path / "s.ttl",
        'ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; sh:in ( "plain" ) ] .',
    )
    data = written(
        tmp_path / "d.ttl",
        'ex:a ex:p "2020-01-01T00:00:00Z"^^xsd:dateTime, 007, "plain"^^xsd:string, "X"@EN .',
    )
    report = run(data, shapes=[shapes], against=None)
    values = [p.value for p in report.problems]
    assert '"2020-01-01T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>' in values
    assert '"007"^^<http://www.w3.org/2001/XMLSchema#integer>' in values
    assert len(values) == 3


def test_warnings_alone_conform(tmp_path: Path) -> None:
    """They are told and block nothing."""
    path = written(tmp_path / "w.ttl", 'ex:w a ex:Tree ; skos:prefLabel "W" ; ex:page "here" .')
    report = run(path)
    assert report.conforms
    assert [p.severity for p in report.problems] == [Severity.WARNING]


def test_a_very_long_value_is_shown_in_part(tmp_path: Path) -> None:
    """200 characters are enough to know it by."""
    path = written(tmp_path / "l.ttl", f'ex:l a ex:Tree ; skos:prefLabel "{"ö" * 100_000}" .')
    (problem,) = run(path).problems
    assert problem.value is not None
    assert len(problem.value) == 200


def test_problems_are_sorted_as_people_count(tmp_path: Path) -> None:
    """9 before 10, where the place is the same: these stand in no file."""
    shapes = written(
        tmp_path / "s.ttl",
        "ex:S sh:targetNode ex:m10, ex:m9, ex:m100 ; sh:property ex:P ."
        "ex:P sh:path ex:colour ; sh:minCount 1 .",
    )
    path = written(tmp_path / "m.ttl", "ex:a a ex:T .")
    problems = run(path, shapes=[shapes], against=None).problems
    focus = [short(p.focus or "").rpartition("#")[2] for p in problems]
    assert focus == ["m9>", "m10>", "m100>"]


def test_a_report_has_an_end(tmp_path: Path) -> None:
    """A file of nothing but mistakes: so many are told, and how many more there are."""
    path = written(tmp_path / "m.ttl", "".join(f"ex:m{n} a ex:Tree .\n" for n in range(9)))
    problems = run(path, settings=Settings(check_problems=5)).problems
    assert Counter(p.code for p in problems) == {"label": 5, "too-many-problems": 1}
    assert problems[-1].message("en").startswith("4 more problems")
    assert problems[-1].severity is Severity.VIOLATION
    words = summary(Report(problems, ("m.ttl",), 9), "en")
    assert words.startswith("Violations: 5. ")


# --- Shapes, rules and graphs that cannot be used ------------------------------------------------


@pytest.mark.parametrize(
    ("shapes", "reason"),
    [
        ("ex:S a", "ends in the middle"),
        ("ex:S a sh:NodeShape ; sh:property 'x'", "PropertyShape"),
        ("ex:S sh:property [ sh:path ex:p ; sh:pattern '(' ]", "unterminated"),
        ("ex:S sh:property [ sh:path ex:p ; sh:in ex:no ; sh:in ex:yes ]", "sh:in"),
    ],
)
def test_shapes_that_cannot_be_used_are_named(tmp_path: Path, shapes: str, reason: str) -> None:
    """One error with the file and the reason, not a report that nobody can trust."""
    target = "" if shapes.endswith(" a") else " . ex:S sh:targetClass ex:Tree ."
    path = written(tmp_path / "bad-shapes.ttl", shapes + target)
    data = written(tmp_path / "d.ttl", "ex:d a ex:Tree ; ex:p 'x' .")
    with pytest.raises(ShapesInvalid, match=reason) as caught:
        examine(data, directory=None, shapes=[path])
    assert caught.value.path == str(path)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("SELECT ?focus {}", "# code: "),
        ("# code: x\n# en: y\nSELECT ?focus {}", "# severity"),
        ("# code: x\n# severity: Violation\nSELECT ?focus {}", "# en: "),
    ],
)
def test_a_rule_without_its_header_is_refused(rule: str, reason: str) -> None:
    """What it lacks is said."""
    with pytest.raises(ShapesInvalid, match=reason):
        parse_rule("r.rq", rule)


HEADER = "# code: x\n# severity: Violation\n# en: y\n"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT ?focus WHERE { oops }", "error"),
        ("ASK {}", "no SELECT"),
        ("SELECT ?other {}", r"\?focus"),
    ],
)
def test_a_rule_that_is_no_select_of_focus_is_refused(
    tmp_path: Path, query: str, reason: str
) -> None:
    """With its path."""
    (tmp_path / "shapes").mkdir()
    (tmp_path / "shapes/r.rq").write_text(HEADER + query)
    with pytest.raises(ShapesInvalid, match=reason):
        examine(HERE / "ten-mistakes.ttl", directory=open_directory(tmp_path))


def test_a_broken_file_of_the_context_is_an_error(tmp_path: Path) -> None:
    """Without it the check would find what is not wrong."""
    written(tmp_path / "data/broken.ttl", "ex:a ex:b")
    with pytest.raises(SourceUnreadable, match="line 7") as caught:
        run(HERE / "graph/data/trees.ttl", against=open_directory(tmp_path))
    assert "Mend it first" in caught.value.remedy


# --- Limits --------------------------------------------------------------------------------------


def test_a_pattern_that_never_ends_is_ended() -> None:
    """At the deadline, whatever the child computes."""
    start = time.monotonic()
    with pytest.raises(CheckStopped, match=r"longer than 1.5 s"):
        run(
            HERE / "many-letters.ttl",
            shapes=[HERE / "backtracking-shapes.ttl"],
            against=None,
            settings=Settings(check_seconds=1.5),
        )
    assert time.monotonic() - start < 3


def test_a_rule_that_never_ends_is_ended_and_called_a_rule(tmp_path: Path) -> None:
    """Who wrote the files need not split them."""
    graph = graph_of(tmp_path / "graph")
    patterns = " . ".join(f"?s{n} ?p{n} ?o{n}" for n in range(6))
    texts = ", ".join(f"STR(?o{n})" for n in range(6))
    (graph.root / "shapes/untyped.rq").write_text(
        f"{HEADER}SELECT (?s0 AS ?focus) {{ {patterns} FILTER(CONCAT({texts}) = 'never') }}"
    )
    path = written(tmp_path / "m.ttl", "".join(f"ex:a ex:p {n} .\n" for n in range(99)))
    with pytest.raises(CheckStopped, match=r"longer than 1.5 s and was at the rules"):
        run(path, against=graph, settings=Settings(check_seconds=1.5))


def test_memory_is_bounded(tmp_path: Path) -> None:
    """A file that needs more than the child may have ends the child, not the machine."""
    path = tmp_path / "big.nt"
    path.write_text("".join(f'<a:{n}> <a:p> "{n:0200}" .\n' for n in range(60_000)))
    with pytest.raises(CheckStopped, match="more than 160 MB of memory"):
        run(path, settings=Settings(check_memory_bytes=160 << 20))


def test_a_chain_without_end_is_one_clear_error(tmp_path: Path) -> None:
    """A plant ten thousand classes below: the child says that it cannot follow."""
    rdfs = "<http://www.w3.org/2000/01/rdf-schema#subClassOf>"
    path = tmp_path / "chain.nt"
    lines = [f"<a:{n}> {rdfs} <a:{n + 1}> .\n" for n in range(10_000)]
    lines.append(f"<a:10000> {rdfs} <http://example.org/garden#Plant> .\n")
    lines.append("<a:x> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <a:0> .\n")
    path.write_text("".join(lines))
    with pytest.raises(CheckStopped, match="too long to follow"):
        run(path)


def test_a_failure_of_the_child_is_one_clear_error(tmp_path: Path) -> None:
    """Its last words, and no traceback."""
    graph = GraphDirectory(tmp_path, (), (), (tmp_path / "gone.rq",), ())
    with pytest.raises(CheckStopped, match=r"its process failed \(.+gone.rq'\)") as caught:
        run(HERE / "ten-mistakes.ttl", against=graph)
    assert "\n" not in str(caught.value)


def test_the_child_does_not_outlive_its_parent() -> None:
    """Not even when the parent is killed, and the child would go on computing."""
    code = f"""
from pathlib import Path
from leadgraph.check.report import check
from leadgraph.settings import Settings
here = Path({str(HERE)!r})
check([here / "many-letters.ttl"], shapes=[here / "backtracking-shapes.ttl"], against=None,
      settings=Settings(), progress=lambda step: print(step, flush=True))
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as parent:
        assert parent.stdout is not None
        assert [parent.stdout.readline().strip() for _ in range(2)] == ["read", "shapes"]
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        parent.send_signal(signal.SIGKILL)
    assert len(children) == 1
    until = time.monotonic() + 5
    while Path(f"/proc/{children[0]}").exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert not Path(f"/proc/{children[0]}").exists()


# --- No network ----------------------------------------------------------------------------------


@pytest.fixture
def listener() -> Iterator[tuple[str, list[socket.socket]]]:
    """The URL of a server on this machine, and the connections that reached it."""
    connections: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connections.append(server.accept()[0])

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", connections
        server.shutdown(socket.SHUT_RDWR)
    for connection in connections:
        connection.close()


def test_nothing_asks_the_network(
    tmp_path: Path, listener: tuple[str, list[socket.socket]]
) -> None:
    """Imports, contexts, shapes graphs, SERVICE in a constraint (disguised) and in a rule."""
    url, connections = listener
    about = f"<{url}/o> a owl:Ontology ; owl:imports <{url}/i> ; sh:shapesGraph <{url}/s> ."
    data = written(tmp_path / "d.ttl", f"{about} ex:d a ex:Tree .")
    json_ld = tmp_path / "d.jsonld"
    json_ld.write_text(json.dumps({"@context": f"{url}/c", "@id": "ex:a"}))
    shapes = written(
        tmp_path / "s.ttl", f"{about} ex:S sh:targetClass ex:Tree ; sh:class ex:Tree ."
    )
    report = run(data, json_ld, shapes=[shapes], against=None)
    assert [p.code for p in report.problems] == ["remote-context"]

    select = f"SELECT $this {{ $this ?p ?o . SERVI\\\\u0043E <{url}/q> {{ ?a ?b ?c }} }}"
    asking = f"ex:S sh:targetClass ex:Tree ; sh:sparql [ sh:select '{select}' ] ."
    with pytest.raises(ShapesInvalid, match="network"):
        run(data, shapes=[written(tmp_path / "a.ttl", asking)], against=None)

    rule = tmp_path / "graph/shapes/r.rq"
    rule.parent.mkdir(parents=True)
    rule.write_text(f"{HEADER}SELECT ?focus {{ SERVICE <{url}/q> {{ ?focus ?b ?c }} }}")
    with pytest.raises(ShapesInvalid):
        run(data, against=open_directory(tmp_path / "graph"))

    port = int(url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)):
        until = time.monotonic() + 5
        while not connections and time.monotonic() < until:
            time.sleep(0.01)
    assert len(connections) == 1


# --- Our own graph -------------------------------------------------------------------------------


@pytest.mark.skipif(not OURS, reason="the graph of the project (ontology/, data/) is absent")
def test_a_slice_finds_what_the_whole_graph_finds() -> None:
    """Files checked one by one against the graph: as if all were checked together."""
    directory = open_directory(ROOT)
    whole = examine(*directory.data, directory=directory)
    sample = [path for path in directory.data if path.name in {"leader-roles.ttl", "pathways.ttl"}]
    for path in sample:
        alone = examine(path, directory=directory)
        assert alone == [row for row in whole if row[0] == path.name]


def test_another_community_has_the_same_rules_for_things_of_its_own_base(tmp_path: Path) -> None:
    root = Path(__file__).parents[1]
    for part in ("ontology", "shapes"):
        (tmp_path / part).symlink_to(root / part)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "roles.ttl").write_text(
        """@prefix lg: <https://w3id.org/leadgraph/ns#> .
        @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        @prefix role: <https://example.org/graph/id/role/> .
        role:host a lg:LeaderRole ; skos:prefLabel "Host"@en ; skos:related role:nobody .
        """
    )

    printed = subprocess.run(
        [sys.executable, "-m", "leadgraph.cli.main", "check", "data/roles.ttl", "--against", "."],
        cwd=tmp_path,
        env={**os.environ, "LEADGRAPH_BASE_IRI": "https://example.org/graph/", "LANG": "C"},
        capture_output=True,
        text=True,
        check=False,
    ).stdout

    assert "[dangling-reference]" in printed
    assert "[foreign-meaning]" not in printed
    assert "[iri-form]" not in printed


# --- As a library --------------------------------------------------------------------------------


def test_a_program_checks_by_the_names_of_files_alone() -> None:
    """The graph around is ours, or that of a folder; the report is a value."""
    report = library_check([str(HERE / "ten-mistakes.ttl")], against=HERE / "graph")

    assert not report.conforms
    assert {p.place.path for p in report.problems} == {str(HERE / "ten-mistakes.ttl")}
    assert all(p.place.line and p.message("fr") for p in report.problems)


def test_a_program_checks_by_shapes_alone() -> None:
    """Neither our shapes nor our rules are asked."""
    files = [HERE / "ten-mistakes.ttl", HERE / "graph/ontology/garden.ttl"]
    report = library_check(files, shapes=[HERE / "graph/shapes/plants.ttl"])

    assert {p.code for p in report.problems} >= {"label", "bed"}
    assert "mutual-neighbours" not in {p.code for p in report.problems}


def test_a_text_that_is_not_saved_yet_stands_for_its_file(tmp_path: Path) -> None:
    """An editor checks what it shows; the file need not be there."""
    path = tmp_path / "new.ttl"

    report = library_check([path], against=HERE / "graph", texts={path: "a"})

    assert [p.code for p in report.problems] == ["syntax"]
    assert not path.exists()


def test_a_problem_is_the_same_after_its_way_from_the_child() -> None:
    """Every field of it, through JSON."""
    place = Place("a.ttl", 1, 2, 3, 4)
    whole = Problem(
        place=place,
        severity=Severity.WARNING,
        code="code",
        messages={"en": "Wrong."},
        constraint="MinCountConstraintComponent",
        focus="<a:a>",
        predicate="<a:b>",
        value='"c"',
        excerpt="a:a a:b",
        suggestion="a:d",
        focus_name="a:a",
        related=(place, Place("b.ttl")),
        edits=(Edit(place, "x"),),
    )
    empty = Problem(place, Severity.INFO, "code", {"en": "Wrong."})

    assert all(
        getattr(whole, part.name) != getattr(empty, part.name, None)
        for part in fields(Problem)
        if part.name not in {"place", "code", "messages"}
    )
    assert [problem(json.loads(json.dumps(told(one)))) for one in (whole, empty)] == [whole, empty]
