"""Forms: Turtle from the start, refused while empty, clean once they are filled in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from leadgraph import words
from leadgraph.check.report import check
from leadgraph.errors import KindUnknown, SettingInvalid
from leadgraph.explore.folder import Folder, open_folder
from leadgraph.explore.form import Given, form, slug_of
from leadgraph.explore.kinds import kind_of, kinds
from leadgraph.read.turtle import open_directory
from leadgraph.settings import Settings

ROOT = Path(__file__).parents[1]
DIRECTORY = open_directory(ROOT)
KINDS = list(kinds(open_folder(DIRECTORY)))
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


@pytest.fixture(scope="module")
def ours() -> Folder:
    """The graph of this repository."""
    return open_folder(DIRECTORY)


def filled(text: str, slug: str) -> str:
    """A form as somebody leaves it who keeps every example."""
    return text.replace("fill-this-in", slug).replace("✎ ", "")


def complete(text: str) -> str:
    """A form with every line in use that was put aside."""
    return re.sub(r"^(\s*)# ", r"\1", text, flags=re.MULTILINE)


def problems(texts: dict[str, str], folder: Path) -> list[str]:
    """What a check says of files in the graph of this repository."""
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    report = check(
        [folder / name for name in texts],
        shapes=None,
        against=DIRECTORY,
        settings=Settings(),
        progress=lambda _step: None,
    )
    return [
        str(problem.place) + str(problem.messages["en"]) + problem.code
        for problem in report.problems
    ]


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("every_line", [False, True], ids=["required", "every-line"])
def test_a_filled_form_of_every_kind_is_clean(
    language: str, every_line: bool, ours: Folder, tmp_path: Path
) -> None:
    texts = {}
    for name, kind in kinds(ours).items():
        text = form(ours, kind, language).text
        texts[f"a-new-{name}.ttl"] = filled(complete(text) if every_line else text, f"a-new-{name}")

    assert problems(texts, tmp_path) == []


@pytest.mark.parametrize("name", KINDS)
def test_a_line_that_is_put_aside_is_turtle_too(name: str, ours: Folder) -> None:
    text = form(ours, kinds(ours)[name], "de").text
    required, whole = (
        {quad.predicate for quad in parse(each, RdfFormat.TURTLE)}
        for each in (text, complete(text))
    )

    assert required <= whole
    assert ("    # " in text) == (required < whole)


@pytest.mark.parametrize("name", KINDS)
def test_a_form_is_about_one_thing_of_its_kind(name: str, ours: Folder) -> None:
    kind = kinds(ours)[name]
    quads = list(parse(form(ours, kind, "en", Given(slug="of-mine")).text, RdfFormat.TURTLE))
    things = [quad.subject for quad in quads if quad.object == NamedNode(kind.iri)]

    assert things == [NamedNode(f"{kind.namespace}of-mine")]


def test_nothing_of_an_empty_form_can_be_published(ours: Folder, tmp_path: Path) -> None:
    texts = {f"{name}.ttl": form(ours, kind, "fr").text for name, kind in kinds(ours).items()}

    found = problems(texts, tmp_path)

    for name in texts:
        assert any(f"/{name}" in each and each.endswith("unfilled-form") for each in found), name


@pytest.mark.parametrize("left", ["fill-this-in", "✎ "])
def test_either_mark_is_refused(left: str, ours: Folder, tmp_path: Path) -> None:
    text = complete(form(ours, kind_of(ours, "skill"), "en").text)
    other = {"fill-this-in": "listening-well", "✎ ": ""}
    other.pop(left)
    for mark, words_of_mine in other.items():
        text = text.replace(mark, words_of_mine)

    name = "fill-this-in.ttl" if left == "fill-this-in" else "listening-well.ttl"
    found = problems({name: text}, tmp_path)

    assert found
    assert all(each.endswith("unfilled-form") for each in found)


def test_what_a_file_says_of_itself_waits_for_its_name(ours: Folder) -> None:
    kind = kind_of(ours, "skill")

    assert "\n# <https://w3id.org/leadgraph/graph/fill-this-in>\n" in form(ours, kind, "en").text
    assert (
        "\n<https://w3id.org/leadgraph/graph/mine>\n"
        in form(ours, kind, "en", Given(slug="mine")).text
    )
    named = form(ours, kind, "en", Given(file="skills-of-mine"))
    assert named.file == "skills-of-mine.ttl"
    assert "\n<https://w3id.org/leadgraph/graph/skills-of-mine>\n" in named.text


def test_a_form_is_filled_in_whatever_its_file_is_called(ours: Folder, tmp_path: Path) -> None:
    text = filled(form(ours, kind_of(ours, "role"), "en").text, "listening-well")

    assert problems({"anything.ttl": text}, tmp_path) == []


def test_every_kind_of_the_guide_for_contributors_has_a_form(ours: Folder) -> None:
    table = CONTRIBUTING.partition("| kind |")[2].partition("\n\n")[0]
    kebab = re.findall(r"`([a-z][a-z-]*)`", table)

    assert len(kebab) > 20
    assert set(kebab) <= set(kinds(ours))


def test_an_unknown_kind_is_told_what_was_probably_meant(ours: Folder) -> None:
    with pytest.raises(
        KindUnknown, match=r"'skil'. Did you mean skill\? There are forms for: role"
    ):
        kind_of(ours, "skil")
    with pytest.raises(KindUnknown, match="There are forms for") as caught:
        kind_of(ours, "zzz")
    assert caught.value.likely is None


def test_the_name_and_the_slug_are_put_in(ours: Folder) -> None:
    made = form(ours, kind_of(ours, "skill"), "es", Given(name='Hablar "en público"\n'))

    assert made.file == "hablar-en-publico.ttl"
    assert "skill:hablar-en-publico\n" in made.text
    assert r'skos:prefLabel "Hablar \"en público\"\n"@es ;' in made.text
    assert "✎" not in re.sub(r"^##.*|^\s+#.*", "", made.text, flags=re.MULTILINE)


def test_a_slug_follows_from_a_name() -> None:
    assert slug_of("  Écrire & lire, à 2 ") == "ecrire-lire-a-2"
    assert slug_of("قيادة") == ""


def test_a_name_in_another_script_leaves_the_slug_to_be_filled_in(ours: Folder) -> None:
    made = form(ours, kind_of(ours, "skill"), "ar", Given(name="قيادة"))

    assert "skill:fill-this-in\n" in made.text
    assert '"قيادة"@ar' in made.text


@pytest.mark.parametrize("slug", ["Two Words", "a--b", "", "-a", "a/b", "a\n"])
def test_a_slug_that_is_none_is_refused(slug: str, ours: Folder) -> None:
    with pytest.raises(SettingInvalid, match="--slug"):
        form(ours, kind_of(ours, "skill"), "en", Given(slug=slug))


# The graph of somebody else

SHAPES = r"""
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <https://example.org/terms#> .
ex:BeeHiveShape a sh:NodeShape ; sh:targetClass ex:BeeHive ;
    sh:property
        [ sh:path rdfs:label ; sh:minCount 1 ; sh:datatype xsd:string ;
          sh:name "name\n. <a> <b> <c> ." ; sh:description "line\r<x> <y> <z> .\u2028\u202Eend" ] ,
        [ sh:path ex:frames ; sh:minCount 1 ; sh:datatype xsd:integer ; sh:minInclusive 4 ;
          sh:maxExclusive 6 ] ,
        [ sh:path ex:code ; sh:minCount 1 ; sh:pattern "^[A-Z]{2}$" ] ,
        [ sh:path ex:keeper ; sh:minCount 1 ; sh:class ex:Keeper ] ,
        [ sh:path ex:queen ; sh:minCount 1 ; sh:node ex:Queen ] ,
        [ sh:path ex:colour ; sh:in ( "red" "blue" ) ] ,
        [ sh:path ( ex:a ex:b ) ; sh:minCount 0 ] ,
        [ sh:path [ sh:inversePath ex:holds ] ; sh:maxCount 1 ] .
ex:Queen a sh:NodeShape ; sh:nodeKind sh:IRI .
ex:Keeper a sh:NodeShape , rdfs:Class ; sh:property [ sh:path ex:since ; sh:datatype xsd:gYear ;
    sh:minCount 1 ] .
"""
DATA = """
@prefix ex: <https://example.org/terms#> .
@prefix hives: <https://bees.example/hives/> .
hives:one a ex:BeeHive ; ex:code "AB" .
"""


@pytest.fixture
def bees(tmp_path: Path) -> Path:
    """A graph with shapes and data of its own, none of ours."""
    for name, text in (("shapes/bees.ttl", SHAPES), ("data/bees.ttl", DATA)):
        (tmp_path / "bees" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "bees" / name).write_text(text, "utf-8")
    return tmp_path / "bees"


def test_another_graph_has_forms_for_what_its_own_shapes_are_for(bees: Path) -> None:
    folder = open_folder(open_directory(bees))

    assert list(kinds(folder)) == ["bee-hive", "keeper"]
    assert kind_of(folder, "bee-hive").namespace == "https://bees.example/hives/"


def test_a_filled_form_of_another_graph_is_clean(bees: Path, tmp_path: Path) -> None:
    directory = open_directory(bees)
    folder = open_folder(directory)
    path = tmp_path / "mine.ttl"
    path.write_text(
        complete(form(folder, kind_of(folder, "bee-hive"), "en").text)
        .replace("fill-this-in", "mine")
        .replace("✎ ", ""),
        "utf-8",
    )

    report = check([path], shapes=None, against=directory, settings=Settings(), progress=print)

    assert [problem.messages["en"] for problem in report.problems] == []
    assert report.statements > 10


def test_words_of_the_shapes_never_become_statements(bees: Path) -> None:
    folder = open_folder(open_directory(bees))
    text = form(folder, kind_of(folder, "bee-hive"), "en").text
    subjects = {quad.subject for quad in parse(text, RdfFormat.TURTLE)}

    assert "\u202e" not in text
    assert all(
        "hives/" in str(each) or "id/" in str(each) or "graph/" in str(each) for each in subjects
    )
    assert len(subjects) == 2


def test_a_graph_is_read_again_when_a_file_of_it_has_changed(bees: Path) -> None:
    open_folder(open_directory(bees))
    (bees / "shapes/more.ttl").write_text(
        "<https://example.org/S> a <http://www.w3.org/ns/shacl#NodeShape> ;"
        " <http://www.w3.org/ns/shacl#targetClass> <https://example.org/terms#Wasp> ."
    )

    assert "wasp" in kinds(open_folder(open_directory(bees)))
