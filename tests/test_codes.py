"""Codes: each that a check can give is explained, and each example does what it says."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from leadgraph import words
from leadgraph.check import rules
from leadgraph.check.reports import counts
from leadgraph.check.shacl import shapes
from leadgraph.check.slice import file_graphs
from leadgraph.errors import CodeUnknown
from leadgraph.explore import explanations
from leadgraph.explore.codes import GROUPS, Explanation, codes, explain
from leadgraph.explore.folder import Folder, open_folder
from leadgraph.read import turtle
from leadgraph.read.mistakes import syntax
from leadgraph.read.turtle import open_directory
from leadgraph.settings import Settings

ROOT = Path(__file__).parents[1]
REPEATED = re.compile(r"⟨(.*?) × (\d+)⟩", re.DOTALL)
COMMAND = [sys.executable, "-m", "leadgraph.cli.main"]
# Where a code stands in a call: `Problem(place, severity, code)`.
POSITIONS = {"Problem": 2, "problem": 0, "problem_at": 0, "_violation": 1, "Excess": 0}

BY_CHECKING = ("unknown-language", "language-tag-case", "iri-scheme", "label-space")
OURS = codes(open_folder(open_directory(ROOT)), "en")
READING = [each for each in OURS if each.group == "reading"]
BY_SHAPES = [each for each in OURS if each.pair and each.pair.shapes]
BY_READING = [
    each
    for each in READING
    if each.pair
    and each.pair.name
    and not each.pair.shapes
    and not each.pair.before
    and each.code not in BY_CHECKING
]


@pytest.fixture(scope="module")
def ours() -> Folder:
    """The graph of this repository."""
    return open_folder(open_directory(ROOT))


def written(text: str, encoding: str = "utf-8") -> bytes:
    """A file as the example means it: `⟨a × 3⟩` is aaa."""
    return REPEATED.sub(lambda found: found[1] * int(found[2]), text + "\n").encode(encoding)


def named(explanation: Explanation) -> str:
    return explanation.code


# All codes, and no others


def given(path: Path) -> set[str]:
    """The codes that a module writes where a code stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            position = POSITIONS.get(called, -1)
            arguments = node.args[position : position + 1] if position >= 0 else []
            arguments += [each.value for each in node.keywords if each.arg == "code"]
            found |= {
                each.value
                for each in arguments
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            }
    return found


def test_every_code_that_reading_and_checking_give_is_explained() -> None:
    modules = [*ROOT.glob("leadgraph/read/**/*.py"), *ROOT.glob("leadgraph/check/**/*.py")]
    found = set().union(*map(given, modules)) | {"syntax", counts.HIDDEN, "shape"}
    found |= syntax._CODES | counts.UNREADABLE | turtle.HIDDEN

    assert len(found) > 20
    assert found <= {each.code for each in READING}


def test_every_rule_and_every_shape_that_speaks_is_explained() -> None:
    text = "".join(path.read_text("utf-8") for path in ROOT.glob("shapes/*.ttl"))
    speaking = {
        block.split()[0].removeprefix("lgsh:")
        for block in re.split(r"\n(?=lgsh:)", text)
        if re.search(r"^    sh:message", block, re.MULTILINE)
    }
    explained = {each.code for each in OURS}

    assert len(speaking) > 100
    assert speaking <= explained
    assert {path.stem for path in ROOT.glob("shapes/*.rq")} <= explained


def test_every_constraint_of_shacl_that_reports_is_explained() -> None:
    from pyshacl.constraints import ALL_CONSTRAINT_COMPONENTS  # noqa: PLC0415

    # sh:property reports by the shapes that it leads to; the others are no part of SHACL.
    silent = {"PropertyConstraintComponent", "NotImplemented"}
    known = {
        str(each.shacl_constraint_component).rpartition("#")[2]
        for each in ALL_CONSTRAINT_COMPONENTS
    }
    standard = {name for name in known if not name.startswith(("JS", "Expression", "DASH"))}

    explained = {each.code for each in OURS if each.group == "constraint"}
    assert len(explained) > 25
    assert standard - silent - {"QualifiedValueConstraintComponent"} <= explained


def test_every_code_has_its_example_and_its_words() -> None:
    for each in OURS:
        assert each.pair is not None, each.code
        assert each.pair.bad, each.code
        assert each.pair.good, each.code
        assert each.what or each.why, each.code
        assert each.group in GROUPS


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_code_is_explained_in_the_language_of_the_reader(language: str, ours: Folder) -> None:
    for each in codes(ours, language):
        texts = [*each.what, *filter(None, [each.why])]
        assert {text.language for text in texts} == {language}, each.code


# What the examples do


@pytest.mark.parametrize("each", BY_READING, ids=named)
def test_an_example_that_reading_refuses_gives_its_code_alone(each: Explanation) -> None:
    pair = each.pair
    assert pair is not None

    _, problems = turtle.read(pair.name, written(pair.bad, pair.encoding), Settings())

    assert {problem.code for problem in problems} == {each.code}
    assert {str(problem.severity) for problem in problems} == {each.severity}
    source, problems = turtle.read(pair.name, written(pair.good), Settings())
    assert source is not None
    assert problems == ()


def found_by(shapes_text: str, data: str) -> set[tuple[str, str | None]]:
    """The codes and constraints that shapes find in a file."""
    graphs = []
    for name, text in (("shapes.ttl", shapes_text), ("data.ttl", data)):
        source, problems = turtle.read(name, written(text), Settings())
        assert source is not None, problems
        graphs += file_graphs([source], set())
    asked, about = graphs
    results = shapes.validate(about.triples, asked.triples, None, "shapes.ttl")
    return {(result.code, result.constraint) for result in results}


@pytest.mark.parametrize("each", BY_SHAPES, ids=named)
def test_an_example_of_a_constraint_breaks_that_constraint_alone(each: Explanation) -> None:
    pair = each.pair
    assert pair is not None

    found = found_by(pair.shapes, pair.bad.replace("× 5001", "× 20"))

    if each.group == "constraint":
        assert {constraint for _, constraint in found} == {each.code}
    elif each.code == "shape":
        assert {code for code, _ in found} == {"shape"}
    assert found
    assert found_by(pair.shapes, pair.good) == set()


def checked(folder: Path, *arguments: str) -> set[str]:
    """The codes that the command gives, in a folder."""
    result = subprocess.run(
        [*COMMAND, "check", "--format", "json", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return {problem["code"] for problem in json.loads(result.stdout)["problems"]}


def test_more_problems_than_are_shown_are_counted(tmp_path: Path, ours: Folder) -> None:
    pair = explain(ours, "too-many-problems", "en").pair
    assert pair is not None
    (tmp_path / "shapes.ttl").write_text(pair.shapes, "utf-8")
    (tmp_path / "bad.ttl").write_bytes(written(pair.bad))
    (tmp_path / "good.ttl").write_bytes(written(pair.good))

    assert "too-many-problems" in checked(tmp_path, "bad.ttl", "--shapes", "shapes.ttl")
    assert checked(tmp_path, "good.ttl", "--shapes", "shapes.ttl") == set()


def test_a_thing_that_a_new_version_leaves_out_is_missed(tmp_path: Path, ours: Folder) -> None:
    pair = explain(ours, "thing-removed", "en").pair
    assert pair is not None
    (tmp_path / "graph/data").mkdir(parents=True)
    (tmp_path / "graph/data" / pair.name).write_text(pair.before, "utf-8")

    for text, expected in ((pair.bad, {"thing-removed"}), (pair.good, set())):
        (tmp_path / pair.name).write_text(text, "utf-8")
        assert checked(tmp_path, pair.name, "--against", "graph") == expected


@pytest.mark.parametrize("code", BY_CHECKING)
def test_what_is_read_but_spelt_wrong_is_told_of(code: str, tmp_path: Path, ours: Folder) -> None:
    pair = explain(ours, code, "en").pair
    assert pair is not None

    for text, expected in ((pair.bad, {code}), (pair.good, set())):
        (tmp_path / "vegetables.ttl").write_text(text, "utf-8")
        assert checked(tmp_path, "vegetables.ttl") == expected


@pytest.mark.parametrize(
    "each", [each for each in READING if each.pair and not each.pair.name], ids=named
)
def test_a_command_line_of_an_example_does_what_it_says(each: Explanation, tmp_path: Path) -> None:
    pair = each.pair
    assert pair is not None
    bad, good = (line.split()[2:] for line in (pair.bad, pair.good))
    for number, name in enumerate(sorted({*good, *bad} - {"skils.ttl"})):
        (tmp_path / name).write_text(
            f"<https://w3id.org/leadgraph/id/topic/of-a-garden-{number}>"
            " a <http://www.w3.org/2004/02/skos/core#Concept> ;"
            f' <http://www.w3.org/2004/02/skos/core#prefLabel> "Garden {number}"@en .'
        )

    assert checked(tmp_path, *bad) == {each.code}
    assert checked(tmp_path, *good) == set()


# How they are shown


def test_a_code_is_explained_as_text(ours: Folder) -> None:
    text = explanations.as_text(explain(ours, "Skill-prefLabel", "es"), "es")

    assert text.startswith("Skill-prefLabel (infracción)\n\nHabilidad: nombre · skos:prefLabel\n")
    assert "Una habilidad necesita al menos un nombre." in text
    assert text.index("Esto falla:") < text.index("lg:Trait") < text.index("Esto pasa:")
    assert text.endswith("lg:skillKind    lg:Trait .")


def test_what_must_be_there_for_the_good_one_stands_above_it(ours: Folder) -> None:
    text = explanations.as_text(explain(ours, "wikidata-evidence", "en"), "en")

    order = ["This fails:", "Already in the graph:", "lg:LinkEvidence ;", "This passes:"]
    assert [text.index(each) for each in order] == sorted(text.index(each) for each in order)


def test_all_codes_are_listed_one_a_line(ours: Folder) -> None:
    lines = explanations.as_list(codes(ours, "en"), "en").splitlines()
    listed = [line.split()[0] for line in lines if line.startswith("  ")]

    assert listed == [each.code for each in codes(ours, "en")]
    assert max(map(len, lines)) < 150


def test_an_unknown_code_is_told_what_was_probably_meant(ours: Folder) -> None:
    with pytest.raises(CodeUnknown, match=r"'skill-preflabel'. Did you mean Skill-prefLabel\?"):
        explain(ours, "skill-preflabel", "en")
    with pytest.raises(CodeUnknown, match="List them with: leadgraph explain"):
        explain(ours, "../../etc/passwd", "en")


# The graph of somebody else

SHAPES = r"""
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <urn:example:terms:> .
ex:Hive-frames a sh:PropertyShape ; sh:path ex:frames ; sh:minCount 4 ; sh:severity sh:Warning ;
    sh:name "frames" ; sh:description "How many.\u001B[31m" .
ex:Hive a sh:NodeShape ; sh:targetClass ex:BeeHive ; sh:property ex:Hive-frames .
ex:Queen a sh:NodeShape ; sh:targetClass ex:Bee ;
    sh:property [ sh:path ex:crown ; sh:minCount 1 ; sh:message "A queen needs a crown."@en ] .
"""
RULE = """# code: no-honey
# severity: Warning
# en: {focus} has no honey. Wait.

# Bees know.

SELECT ?focus WHERE { ?focus a <urn:example:terms:BeeHive> }
"""


@pytest.fixture
def bees(tmp_path: Path) -> Folder:
    """A graph with a shape, a rule and an example of its own."""
    files = {
        "shapes/bees.ttl": SHAPES,
        "shapes/no-honey.rq": RULE,
        "shapes/examples/bad/no-honey--empty.ttl": (
            "# expect: no-honey\n#\n# Empty.\n\n<a:b> a <a:c> ."
        ),
        "shapes/examples/mended/no-honey--empty.ttl": "<a:b> a <a:d> .",
        "shapes/examples/bad/Hive-frames--none.ttl": "<a:b> a <a:c> .",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return open_folder(open_directory(tmp_path))


def test_another_graphs_codes_are_its_own(bees: Folder) -> None:
    found = [each.code for each in codes(bees, "fr") if each.group in {"rule", "shape"}]

    assert found == ["no-honey", "Hive-frames", "Queen"]


def test_another_graphs_rule_is_explained_by_its_own_words(bees: Folder) -> None:
    found = explain(bees, "no-honey", "fr")

    assert found.severity == "warning"
    assert [text.value for text in found.what] == ["… has no honey. Wait."]
    assert found.why is not None
    assert (found.why.value, found.why.language) == ("Bees know.", "en")
    assert found.pair is not None
    assert (found.pair.bad, found.pair.good) == ("# Empty.\n\n<a:b> a <a:c> .", "<a:b> a <a:d> .")


def test_a_code_without_a_pair_of_examples_is_explained_without(bees: Folder) -> None:
    found = explain(bees, "Hive-frames", "en")

    assert found.pair is None
    assert found.severity == "warning"
    assert explanations.as_object(found)["fails"] is None


def test_a_message_on_a_terminal_is_no_order_to_it(bees: Folder) -> None:
    result = subprocess.run(
        [*COMMAND, "explain", "Hive-frames", "--graph", str(bees.directory.root)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert "\x1b" not in result.stdout
    assert r"How many.\u001b[31m" in result.stdout


@pytest.mark.parametrize("arguments", [[], ["Skill-prefLabel"]], ids=["all", "one"])
def test_programs_get_objects(arguments: list[str]) -> None:
    result = subprocess.run(
        [*COMMAND, "explain", *arguments, "--format", "json", "--lang", "de"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    content = json.loads(result.stdout)

    if arguments:
        assert content["code"] == "Skill-prefLabel"
        assert content["kinds"] == ["https://w3id.org/leadgraph/ns#Skill"]
    else:
        assert [each["code"] for each in content] == [each.code for each in OURS]


def test_a_rule_of_ours_says_why_in_our_own_words() -> None:
    for path in ROOT.glob("shapes/*.rq"):
        rule = rules.parse_rule(str(path), path.read_text("utf-8"))
        assert f"codes.{rule.code}" in words._texts(), rule.code
