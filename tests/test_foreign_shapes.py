"""Shapes of others: what they find as values and as a graph, and what they cannot do."""

from __future__ import annotations

import http.server
import threading
import warnings
from typing import TYPE_CHECKING

import pyshacl
import pytest
import rdflib
from pyoxigraph import Literal, NamedNode, RdfFormat, parse
from rdflib import RDF, SH, Graph
from rdflib.compare import isomorphic

from leadgraph.check import paths
from leadgraph.check.report import check
from leadgraph.check.shacl import shapes, terms
from leadgraph.errors import CheckStopped, ShapesInvalid
from leadgraph.model import GraphDirectory, Report, Severity
from leadgraph.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyoxigraph import Triple

    from leadgraph.check.results import Result

PREFIXES = """
@prefix ex:  <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix sh:  <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
EX = "http://example.org/"


def triples(text: str) -> list[Triple]:
    return [quad.triple for quad in parse((PREFIXES + text).encode(), format=RdfFormat.TURTLE)]


def found(data: str, shape: str) -> list[Result]:
    """What a shape with the target ex:a finds."""
    return shapes.validate(triples(data), triples(f"ex:S sh:targetNode ex:a ; {shape}"), None, "s")


def ex(name: str) -> NamedNode:
    return NamedNode(EX + name)


def written(path: Path, text: str) -> Path:
    path.write_text(PREFIXES + text, "utf-8")
    return path


def run(
    *files: Path,
    by: Path | None,
    against: GraphDirectory | None = None,
    settings: Settings | None = None,
    wants_graph: bool = False,
) -> Report:
    """A whole check, in the child."""
    return check(
        files,
        shapes=[by] if by else None,
        against=against,
        settings=settings or Settings(),
        progress=lambda _step: None,
        wants_graph=wants_graph,
    )


# --- Results as values ---------------------------------------------------------------------------

A, B = paths.Predicate(ex("a")), paths.Predicate(ex("b"))


@pytest.mark.parametrize(
    ("written_path", "path"),
    [
        ("ex:a", A),
        ("( ex:a ex:b )", paths.Sequence((A, B))),
        ("[ sh:alternativePath ( ex:a ex:b ) ]", paths.Alternative((A, B))),
        ("[ sh:inversePath ex:a ]", paths.Inverse(A)),
        ("[ sh:zeroOrMorePath ex:a ]", paths.Repeated(A, 0, None)),
        ("[ sh:oneOrMorePath ex:a ]", paths.Repeated(A, 1, None)),
        ("[ sh:zeroOrOnePath ex:a ]", paths.Repeated(A, 0, 1)),
        (
            "( [ sh:inversePath ( ex:a ex:b ) ] [ sh:zeroOrMorePath [ sh:inversePath ex:b ] ] )",
            paths.Sequence(
                (paths.Inverse(paths.Sequence((A, B))), paths.Repeated(paths.Inverse(B), 0, None))
            ),
        ),
    ],
)
def test_a_result_has_its_path(written_path: str, path: paths.Path) -> None:
    (result,) = found("ex:x ex:y 1 .", f"sh:path {written_path} ; sh:minCount 9 .")
    assert result.path == path
    assert result.predicate == (ex("a") if path == A else None)


@pytest.mark.parametrize(
    ("constraint", "parameters"),
    [
        ("sh:datatype xsd:date", {"datatype": ["xsd:date"]}),
        ("sh:class ex:C", {"class": ["ex:C"]}),
        ("sh:nodeKind sh:IRI", {"nodeKind": ["sh:IRI"]}),
        ("sh:maxCount 0", {"maxCount": ["0"]}),
        ("sh:minCount 2", {"minCount": ["2"]}),
        ('sh:pattern "^b" ; sh:flags "i"', {"pattern": ['"^b"'], "flags": ['"i"']}),
        ("sh:minLength 5", {"minLength": ["5"]}),
        ("sh:maxLength 0", {"maxLength": ["0"]}),
        ("sh:minInclusive 5", {"minInclusive": ["5"]}),
        ("sh:minExclusive 5", {"minExclusive": ["5"]}),
        ("sh:maxInclusive 0", {"maxInclusive": ["0"]}),
        ("sh:maxExclusive 0", {"maxExclusive": ["0"]}),
        ("sh:in ( ex:x 7 )", {"in": ["ex:x", "7"]}),
        ('sh:languageIn ( "en" "fr" )', {"languageIn": ['"en"', '"fr"']}),
        ("sh:hasValue ex:x", {"hasValue": ["ex:x"]}),
        ("sh:disjoint ex:q", {"disjoint": ["ex:q"]}),
        ("sh:lessThan ex:q", {"lessThan": ["ex:q"]}),
    ],
)
def test_a_result_has_what_its_constraint_asks_for(
    constraint: str, parameters: dict[str, list[str]]
) -> None:
    text = " ".join(f"ex:s ex:{k} {v} ." for k, vs in parameters.items() for v in vs)
    wanted: dict[str, list[object]] = {}
    for triple in triples(text):
        wanted.setdefault(str(triple.predicate.value).removeprefix(EX), []).append(triple.object)
    (result,) = found("ex:a ex:p 1 ; ex:q 1 .", f"sh:path ex:p ; {constraint} .")
    assert {name: list(values) for name, values in result.parameters.items()} == wanted


def test_the_alternatives_of_or_say_what_each_of_them_misses() -> None:
    """Also where an alternative has alternatives."""
    inner = "[ sh:or ( [ sh:datatype xsd:gYear ] [ sh:datatype xsd:date ; sh:minLength 9 ] ) ]"
    (result,) = found("ex:a ex:p 1 .", f"sh:path ex:p ; sh:or ( [ sh:nodeKind sh:IRI ] {inner} ) .")
    kind, either = result.alternatives
    assert [each.constraint for each in kind] == ["NodeKindConstraintComponent"]
    assert kind[0].parameters == {"nodeKind": (NamedNode(str(SH.IRI)),)}
    (nested,) = either
    assert [len(each) for each in nested.alternatives] == [1, 2]


def test_a_second_or_is_told_from_the_first() -> None:
    """pySHACL does not say which list a result is about."""
    shape = (
        "sh:path ex:p ; sh:or ( [ sh:datatype xsd:date ] [ sh:hasValue 2 ] ) , "
        "( [ sh:nodeKind sh:Literal ] ) , ( [ sh:nodeKind sh:IRI ] ) ."
    )
    first, second = found("ex:a ex:p 1 .", shape)
    assert sorted(len(result.alternatives) for result in (first, second)) == [1, 2]
    assert all(all(result.alternatives) for result in (first, second))


def test_of_xone_two_are_met() -> None:
    (result,) = found(
        "ex:a ex:p 1 .", "sh:path ex:p ; sh:xone ( [ sh:in ( 1 ) ] [ sh:in (1 2) ] ) ."
    )
    assert result.alternatives == ((), ())


def test_the_shape_that_must_not_be_met_says_what_it_asks_for() -> None:
    (result,) = found("ex:a ex:p 1 .", "sh:not [ sh:property [ sh:path ex:p ; sh:minCount 1 ] ] .")
    ((asked,),) = result.alternatives
    assert (asked.constraint, asked.predicate) == ("MinCountConstraintComponent", ex("p"))


def test_details_come_with_their_own_details() -> None:
    shape = "sh:path ex:p ; sh:node [ sh:property [ sh:path ex:q ; sh:node [ sh:in ( 1 ) ] ] ] ."
    (result,) = found("ex:a ex:p ex:b . ex:b ex:q 2 .", shape)
    ((detail,),) = (result.details,)
    assert (detail.focus, detail.predicate) == (ex("b"), ex("q"))
    assert detail.details[0].parameters["in"] == (triples("ex:a ex:b 1 .")[0].object,)


def test_the_language_of_two_labels_is_told() -> None:
    data = 'ex:a ex:p "a"@en, "b"@EN, "c"@de, "d"@de, "e"@fr .'
    languages = [
        r.parameters["language"] for r in found(data, "sh:path ex:p ; sh:uniqueLang true .")
    ]
    assert languages == [(Literal("de"),), (Literal("en"),)]


def test_values_that_count_are_told_from_those_that_do_not() -> None:
    shape = (
        "sh:path ex:p ; sh:qualifiedValueShape [ sh:nodeKind sh:IRI ] ; sh:qualifiedMinCount 2 ."
    )
    (result,) = found("ex:a ex:p ex:b, 1 .", shape)
    assert result.parameters["conforming"] == (ex("b"),)
    assert [detail.focus for detail in result.details] == [triples("ex:a ex:b 1 .")[0].object]


def test_a_closed_shape_blames_the_property_and_names_the_others() -> None:
    shape = "sh:closed true ; sh:ignoredProperties ( rdf:type ) ; sh:property [ sh:path ex:p ] ."
    (result,) = found("ex:a ex:p 1 ; a ex:C ; ex:q 2 .", shape)
    assert (result.predicate, result.parameters["allowed"]) == (ex("q"), (ex("p"),))
    assert result.parameters["ignoredProperties"] == (NamedNode(str(RDF.type)),)


def test_words_of_the_shape_are_told_from_those_of_the_validator() -> None:
    """One text a language; a region does not hide the language."""
    messages = '"Colour."@en-GB, "Color."@en, "Farbe."@de, "Bunt."@de, "?"'
    own, generic = (
        found("ex:a ex:p 1 .", f"sh:path ex:p ; {words} sh:maxCount 0 .")[0]
        for words in (f"sh:message {messages} ;", "")
    )
    assert own.own_words
    assert own.messages == {"en": "Color.", "de": "Bunt. Farbe."}
    assert not generic.own_words
    assert list(generic.messages) == ["en"]


def test_a_severity_of_somebody_s_own_is_a_violation() -> None:
    (result,) = found("ex:a ex:p 1 .", "sh:path ex:p ; sh:severity ex:Dire ; sh:maxCount 0 .")
    assert result.severity is Severity.VIOLATION


# --- The report as a graph -----------------------------------------------------------------------


def test_the_report_graph_is_what_pyshacl_says_of_the_same_files(tmp_path: Path) -> None:
    """Through the child, data and shapes in one file, blank nodes everywhere."""
    path = written(
        tmp_path / "both.ttl",
        """ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:targetNode ex:nowhere ;
             sh:property [ sh:path ( ex:p [ sh:inversePath ex:q ] ) ; sh:minCount 1 ;
                           sh:severity ex:Dire ; sh:message "Where?"@en, "Wo?"@de ] ;
             sh:node [ sh:property [ sh:path ex:r ; sh:in ( 1 ) ; sh:minCount 1 ] ] .
           [] a ex:C ; ex:r [ ex:r 2 ] . _:b a ex:C ; ex:r 1 .
           ex:c a ex:C ; ex:r 5, "x"@en .""",
    )
    report = run(path, by=path, wants_graph=True)
    rdflib.NORMALIZE_LITERALS = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, theirs, _ = pyshacl.validate(str(path), shacl_graph=str(path), inference="none")
    rdflib.NORMALIZE_LITERALS = False
    assert report.graph is not None
    assert len(report.problems) == len(list(theirs.objects(None, SH.result)))
    assert isomorphic(Graph().parse(data=report.graph, format="turtle"), theirs)


def test_a_blank_node_of_the_shapes_is_none_of_the_data(tmp_path: Path) -> None:
    """Also where one file holds both, and one label is in both."""
    text = "ex:S sh:targetNode _:b ; sh:property [ sh:path ex:p ; sh:maxCount 0 ] . _:b ex:p 1 ."
    path = written(tmp_path / "both.ttl", text)
    assert run(path, by=path).problems == ()


def test_imports_are_never_fetched_nor_missed(
    tmp_path: Path, listener: tuple[str, list[str]]
) -> None:
    """The data are the files, the shapes are the shapes, and nothing else."""
    url, asked = listener
    imports = f"<{url}/o> a owl:Ontology ; owl:imports <{url}/i>, <{tmp_path.as_uri()}/more.ttl> ."
    written(tmp_path / "more.ttl", "ex:T sh:targetNode ex:a ; sh:nodeKind sh:Literal .")
    path = written(tmp_path / "a.ttl", f"{imports} ex:S sh:targetNode ex:a ; sh:minLength 99 .")
    assert [problem.code for problem in run(path, by=path).problems] == ["S"]
    assert asked == []


def test_no_graph_is_made_unless_somebody_wants_it(tmp_path: Path) -> None:
    path = written(tmp_path / "a.ttl", "ex:S sh:targetNode ex:a ; sh:nodeKind sh:Literal .")
    assert run(path, by=path).graph is None


def test_a_clean_file_conforms_in_the_graph(tmp_path: Path) -> None:
    path = written(tmp_path / "a.ttl", "ex:S sh:targetNode ex:a ; sh:nodeKind sh:IRI .")
    content = Graph().parse(data=run(path, by=path, wants_graph=True).graph, format="turtle")
    assert [value.toPython() for value in content.objects(None, SH.conforms)] == [True]
    assert len(content) == 2


# --- What they cannot do -------------------------------------------------------------------------


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server that would give away a statement, and the paths that it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT $this ?value FROM <{url}> {{ ?a ex:secret ?value }}",
        "SELECT $this ?value FROM NAMED <{url}> {{ GRAPH ?g {{ ?a ex:secret ?value }} }}",
        "SELECT $this ?value {{ SERVICE <{url}> {{ ?a ex:secret ?value }} }}",
        "LOAD <{url}>",
    ],
)
def test_a_query_in_a_shape_reads_neither_files_nor_the_network(
    tmp_path: Path, listener: tuple[str, list[str]], query: str
) -> None:
    url, asked = listener
    secret = written(tmp_path / "secret.ttl", 'ex:x ex:secret "hunter2" .')
    data = written(tmp_path / "data.ttl", "ex:a ex:p 1 .")
    for source in (secret.as_uri(), f"{url}/x.ttl"):
        text = f"PREFIX ex: <{EX}> {query.format(url=source)}"
        by = written(
            tmp_path / "s.ttl", f"ex:S sh:targetNode ex:a ; sh:sparql [ sh:select '''{text}''' ] ."
        )
        try:
            said = str(run(data, by=by, wants_graph=True))
        except ShapesInvalid as error:
            said = str(error)
        assert "hunter2" not in said
    assert asked == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ex:S sh:targetNode ex:a ; sh:sparql [ sh:select 'SELECT $this { oops }' ] .", "Expected"),
        ("ex:S sh:targetNode ex:a ; sh:property [ sh:path _:l ; sh:minCount 1 ] . "
         "_:l rdf:first ex:p ; rdf:rest _:l .", "recursive"),
        ("ex:S sh:targetNode ex:a ; sh:property [ sh:path _:i ; sh:minCount 1 ] . "
         "_:i sh:inversePath _:i .", "depth"),
        ("ex:S sh:targetNode ex:a ; sh:in _:l . _:l rdf:first 1 ; rdf:rest _:l .", "recursive"),
        ("ex:S sh:targetNode ex:a ; sh:or 5 .", "list"),
        ("ex:S sh:targetNode ex:a ; sh:minCount 'x' .", "MinCount"),
        ("ex:S sh:targetNode ex:a ; sh:pattern '(' .", "unterminated"),
        ("ex:S sh:targetNode ex:a ; sh:closed ex:yes .", "closed"),
        ("ex:S a sh:PropertyShape .", "path"),
        ("ex:S a sh:NodeShape ; sh:path ex:p .", "path"),
        ("ex:a ex:p 1 .", "no shapes"),
        (
            "ex:S sh:targetNode ex:a ; sh:property [ sh:path _:x ] . _:x sh:zeroOrMorePath _:x .",
            "Path traversal depth",
        ),
    ],
)  # fmt: skip
def test_shapes_that_are_none_say_why(text: str, reason: str) -> None:
    """Not a process that failed; one sentence, and what to do."""
    with pytest.raises(ShapesInvalid, match=reason) as caught:
        shapes.validate(triples("ex:a ex:p 1 ."), triples(text), None, "s.ttl")
    assert str(caught.value).startswith("s.ttl cannot be used")
    assert "!." not in str(caught.value)


def test_a_shape_of_a_single_statement_is_enough() -> None:
    assert (
        shapes.validate(triples("ex:a ex:p 1 ."), triples("ex:S sh:targetNode ex:a ."), None, "s")
        == []
    )


def test_recursive_shapes_come_to_an_end() -> None:
    shape = "sh:property [ sh:path ex:p ; sh:node ex:S ; sh:maxCount 1 ] ."
    assert found("ex:a ex:p ex:b . ex:b ex:p ex:a .", shape) == []


def test_a_list_of_100_000_values_is_no_burden() -> None:
    """It is kept once, however many results there are, and no message names all of them."""
    members = " ".join(map(str, range(100_000)))
    data = " ".join(f"ex:a ex:p ex:x{number} ." for number in range(500))
    results = found(data, f"sh:path ex:p ; sh:in ( {members} ) .")
    assert len(results) == 500
    assert len(results[0].parameters["in"]) == 100_000
    assert results[0].parameters is results[1].parameters
    assert "not in list of 100000 values" in results[0].messages["en"]


def test_a_hostile_message_is_text() -> None:
    hostile = "a\u202eb <script>alert(1)</script> {$this} " + "x" * 20_000
    (result,) = found("ex:a ex:p 1 .", f"sh:path ex:p ; sh:maxCount 0 ; sh:message '{hostile}' .")
    assert result.messages["en"].startswith("a\u202eb <script>alert(1)</script> {$this} xxx")
    assert len(result.messages["en"]) <= 1000


def test_a_query_that_never_ends_is_ended(tmp_path: Path) -> None:
    data = written(tmp_path / "d.ttl", " ".join(f"ex:a ex:p {n} ." for n in range(300)))
    select = "SELECT $this { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . FILTER(?a = 1) }"
    by = written(
        tmp_path / "s.ttl", f"ex:S sh:targetNode ex:a ; sh:sparql [ sh:select '{select}' ] ."
    )
    with pytest.raises(CheckStopped, match=r"longer than 3 s"):
        run(data, by=by, settings=Settings(check_seconds=3))


def test_the_terms_of_rdflib_and_the_engine_are_the_same() -> None:
    for triple in triples('ex:a ex:p "a"@en-GB, "b", "c"^^xsd:string, 007, _:b, ex:c .'):
        assert terms.term(terms.node(triple.object)) == triple.object
