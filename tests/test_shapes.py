"""The shapes: each finds its own mistake and no other, and says in six languages how to mend it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyshacl
import pytest
import rdflib
from rdflib import DCTERMS, OWL, RDF, RDFS, SH, Graph, Literal, Namespace, URIRef

from tests.shapes import examples

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib.term import Node

    from tests.shapes.examples import Example

ROOT = Path(__file__).parents[1]
LGSH = Namespace("https://w3id.org/leadgraph/shapes#")
LG = "https://w3id.org/leadgraph/ns#"
SHACL = str(SH)
LANGUAGES = {"en", "es", "fr", "ar", "de", "pt"}

# SHACL core (Shapes Constraint Language, 2 to 4), as far as the shapes use it. Whoever adds a
# word here makes sure that it is core: no sh:sparql, sh:js, sh:rule, sh:target.
SAYING = {
    *("path", "property", "targetClass", "targetSubjectsOf"),
    *("name", "description", "message", "order"),
}
CORE = SAYING | {
    *("minCount", "maxCount", "datatype", "nodeKind", "class", "in", "hasValue"),
    *("minInclusive", "minExclusive", "maxLength", "pattern", "flags", "uniqueLang"),
    *("lessThan", "lessThanOrEquals", "disjoint", "not", "or", "and"),
}

# Words of the trade that a contributor need not know, in the languages of the messages.
JARGON = re.compile(
    r"\bsh:|\b(shacl|shapes?|node|focus|literals?|datatypes?|constraints?|violat\w+|cardinality"
    r"|m(in|ax)count|[iu]ris?|triples?|predicates?|subjects?|objects?|regex|pattern"
    r"|nodo|nœud|knoten|nó|literal|littéral|tripleta|triplet|tripel|prädikat|predicado)\b",
    re.IGNORECASE,
)
TERM = re.compile(r"\b[a-z]+:[A-Za-z]\w*")


def parsed(paths: Iterable[Path]) -> Graph:
    """All of some Turtle files, literals as they are written."""
    rdflib.NORMALIZE_LITERALS = False
    graph = Graph(bind_namespaces="none")
    for path in paths:
        graph.parse(path, format="turtle")
    return graph


@cache
def shapes() -> Graph:
    """The shapes, for reading only."""
    return parsed(sorted(ROOT.glob("shapes/*.ttl")))


@cache
def ontology() -> Graph:
    """The ontology, for reading only."""
    return parsed(sorted(ROOT.glob("ontology/*.ttl")))


@cache
def class_hierarchy() -> list[tuple[Node, Node, Node]]:
    """What a shape has to know of the ontology: which class is part of which."""
    return list(ontology().triples((None, RDFS.subClassOf, None)))


@dataclass(frozen=True, slots=True)
class Broken:
    """One result: the local name of the shape, and which of its constraints did not hold."""

    shape: str
    component: str


def broken(graph: Graph) -> list[Broken]:
    """What the shapes find in a graph, one for each result."""
    rdflib.NORMALIZE_LITERALS = False
    try:
        _, report, text = pyshacl.validate(graph, shacl_graph=shapes(), inplace=True)
    finally:
        rdflib.NORMALIZE_LITERALS = False
    assert isinstance(report, Graph), text
    return [
        Broken(local(shape), str(report.value(result, SH.sourceConstraintComponent)))
        for result, shape in report.subject_objects(SH.sourceShape)
    ]


@cache
def broken_by(example: Example) -> list[Broken]:
    """What the shapes find in an example."""
    graph = parsed(example.files)
    for statement in class_hierarchy():
        graph.add(statement)
    return broken(graph)


def speaking() -> list[URIRef]:
    """Every shape that says something when it is broken."""
    return sorted({each for each in shapes().subjects(SH.message) if isinstance(each, URIRef)})


def constraints(shape: Node) -> set[str]:
    """Names of the constraints of a shape, those of nested shapes not counted."""
    used = {str(p).removeprefix(SHACL) for p in shapes().predicates(shape)}
    return used & (CORE - SAYING - {"flags"})


def local(shape: Node) -> str:
    return str(shape).removeprefix(LGSH)


def texts(shape: Node, predicate: URIRef) -> dict[str, str]:
    """The texts of a shape by language; a language that comes twice fails."""
    values = list(shapes().objects(shape, predicate))
    found = {str(value.language): str(value) for value in values if isinstance(value, Literal)}
    assert len(found) == len(values), f"{local(shape)}: two texts of {predicate} in one language"
    return found


# What the shapes find


@pytest.mark.parametrize("example", examples.bad(), ids=str)
def test_a_bad_example_breaks_exactly_the_shapes_that_it_names(example: Example) -> None:
    """One mistake, one message: no second shape speaks of the same thing."""
    assert sorted(each.shape for each in broken_by(example)) == sorted(example.shapes)


@pytest.mark.parametrize("example", examples.good(), ids=str)
def test_a_good_example_breaks_no_shape(example: Example) -> None:
    """What the examples show may be copied."""
    assert broken_by(example) == []


@pytest.mark.parametrize("shape", speaking(), ids=local)
def test_every_shape_has_a_bad_example_of_its_own(shape: URIRef) -> None:
    """A shape that nothing breaks might as well not be there."""
    assert list(examples.HERE.glob(f"bad/{local(shape)}--*.ttl")), (
        f"write shapes/examples/bad/{local(shape)}--....ttl with '# expect: lgsh:{local(shape)}'"
    )


def test_every_constraint_of_every_shape_has_a_bad_example() -> None:
    """A shape may ask for several things; each of them is refused somewhere."""
    found = {
        (each.shape, each.component) for example in examples.bad() for each in broken_by(example)
    }
    declared = {
        (local(shape), str(SH[f"{name[0].upper()}{name[1:]}ConstraintComponent"]))
        for shape in speaking()
        for name in constraints(shape)
    }
    assert declared - found == set()


def test_an_example_is_called_after_what_it_expects() -> None:
    """So that the example of a shape or rule is found by its name."""
    for example in examples.bad():
        first = example.path.read_text("utf-8").splitlines()[0]
        name = example.path.stem.split("--")[0]
        assert first in {f"# expect: {examples.SHAPE}{name}", f"# expect: {name}"}, example


def test_every_class_that_is_looked_at_has_a_good_example() -> None:
    """Without one, a shape that refuses everything would go unnoticed."""
    shown = set(
        parsed(path for each in examples.good() for path in each.files).objects(None, RDF.type)
    )
    looked_at = set(shapes().objects(None, SH.targetClass)) - {URIRef("https://schema.org/Person")}
    assert looked_at <= shown


def test_the_published_data_break_no_shape() -> None:
    """Data and ontology together, as they are published."""
    graph = parsed(sorted(ROOT.glob("data/*.ttl")))
    for statement in ontology():
        graph.add(statement)
    assert broken(graph) == []


def test_checking_leaves_the_literals_as_they_are_written() -> None:
    """The Z of a time zone and the zeros of a number survive a check."""
    example = examples.Example(examples.HERE / "good/person.ttl")
    assert broken_by(example) == []
    written = str(Literal("2025-01-01T00:00:00Z", datatype=rdflib.XSD.dateTime))
    assert written == "2025-01-01T00:00:00Z"


# What the shapes say


@pytest.mark.parametrize("shape", speaking(), ids=local)
def test_every_shape_speaks_all_languages(shape: URIRef) -> None:
    """A name, a description and a message each; a node shape has label and comment instead."""
    is_property = (shape, RDF.type, SH.PropertyShape) in shapes()
    about = (SH.name, SH.description) if is_property else (RDFS.label, RDFS.comment)
    for predicate in (*about, SH.message):
        found = texts(shape, predicate)
        assert found.keys() == LANGUAGES, f"{local(shape)} {predicate}"
        assert all(text.strip() == text != "" for text in found.values())


@pytest.mark.parametrize("shape", speaking(), ids=local)
def test_a_message_says_what_is_wrong_and_what_to_do(shape: URIRef) -> None:
    """Two sentences, in plain words, and no language merely repeats another."""
    messages = texts(shape, SH.message)
    for message in messages.values():
        assert len(re.findall(r"[.:] \S", message)) >= 1, message
        assert message.endswith("."), message
        assert not JARGON.search(message), message
    assert len(set(messages.values())) == len(LANGUAGES)


@pytest.mark.parametrize("shape", speaking(), ids=local)
def test_a_message_names_the_same_terms_in_every_language(shape: URIRef) -> None:
    """A term that a translation forgets or misspells is found here."""
    terms = {
        language: set(TERM.findall(text)) for language, text in texts(shape, SH.message).items()
    }
    assert all(each == terms["en"] for each in terms.values()), terms


def test_every_group_of_shapes_has_a_name_in_all_languages() -> None:
    """Forms and pages put it above the fields."""
    for shape in shapes().subjects(RDF.type, SH.NodeShape):
        assert texts(shape, RDFS.label).keys() == LANGUAGES, local(shape)


# How the shapes are made


def test_only_the_core_of_shacl_is_used() -> None:
    """Any processor can run the shapes, and none has to run a query for every thing it looks at."""
    used = {str(p).removeprefix(SHACL) for p in shapes().predicates() if str(p).startswith(SHACL)}
    assert used == CORE


def test_every_property_shape_has_a_name_and_one_home() -> None:
    """It is an address in the namespace of the shapes and stands in exactly one node shape."""
    for shape in shapes().subjects(RDF.type, SH.PropertyShape):
        assert isinstance(shape, URIRef)
        assert shape in LGSH
        homes = list(shapes().subjects(SH.property, shape))
        assert len(homes) == 1, local(shape)
        assert local(shape).startswith(f"{local(homes[0])}-")


def test_nothing_that_is_looked_at_stays_silent() -> None:
    """Whatever a node shape asks for comes with a message."""
    asked = set(shapes().objects(None, SH.property))
    assert asked <= set(speaking())


def patterns() -> Iterator[str]:
    return (str(pattern) for pattern in shapes().objects(None, SH.pattern))


def test_no_pattern_can_backtrack_without_end() -> None:
    """No group is repeated, so no repetition stands inside another."""
    for pattern in patterns():
        assert not re.search(r"\)[*+?{]", pattern), pattern


def test_every_alternative_of_a_pattern_is_anchored() -> None:
    """SPARQL's REGEX searches, Python's match does not: ^ makes them the same."""
    for pattern in patterns():
        assert all(part.startswith("^") for part in pattern.split("|")), pattern


def test_every_term_in_the_shapes_is_defined() -> None:
    """A misspelt term would make a shape that never speaks."""
    nodes = {node for statement in shapes() for node in statement if isinstance(node, URIRef)}
    ours = {node for node in nodes if node.startswith(LG)}
    assert ours
    assert ours <= set(ontology().subjects(RDF.type))


def test_every_term_of_ours_in_a_message_is_defined() -> None:
    """Nobody is told to write a word that does not exist."""
    said = {
        LG + term.removeprefix("lg:")
        for shape in speaking()
        for message in texts(shape, SH.message).values()
        for term in TERM.findall(message)
        if term.startswith("lg:")
    }
    assert said
    assert {URIRef(term) for term in said} <= set(ontology().subjects(RDF.type))


def test_the_shapes_say_what_they_are() -> None:
    """Title in all languages, CC0, a version."""
    about = URIRef("https://w3id.org/leadgraph/shapes")
    assert texts(about, DCTERMS.title).keys() == LANGUAGES
    licence = shapes().value(about, DCTERMS.license)
    assert licence == URIRef("https://creativecommons.org/publicdomain/zero/1.0/")
    assert re.fullmatch(r"\d+\.\d+\.\d+", str(shapes().value(about, OWL.versionInfo)))


def test_a_mended_example_is_a_bad_one_put_right() -> None:
    """Both have one name, and every code has such a pair: that is what `explain` shows."""
    bad = {example.path.name for example in examples.bad()}
    mended = {example.path.name for example in examples.mended()}
    assert mended <= bad
    assert {name.partition("--")[0] for name in mended} == {name.partition("--")[0] for name in bad}
