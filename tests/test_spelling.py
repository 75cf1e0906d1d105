"""Language tags and namespaces that everybody spells otherwise: each with place and edit."""

from __future__ import annotations

import pytest
from pyoxigraph import RdfFormat, parse

from leadgraph.check.mend import applied
from leadgraph.check.spelling import canonical_tag, known_iri, misspelt
from leadgraph.model import Severity


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("EN", "en"),
        ("pt-br", "pt-BR"),
        ("PT-PT", "pt-PT"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("SR-LATN", "sr-Latn"),
        ("de-ch-1996", "de-CH-1996"),
        ("sl-ROZAJ", "sl-rozaj"),
        ("es-419", "es-419"),
        ("en-ca-x-CA", "en-CA-x-ca"),
        ("X-Mine-AB", "x-mine-ab"),
        ("en-U-CO-Phonebk", "en-u-co-phonebk"),
        ("ar", "ar"),
    ],
)
def test_a_tag_has_the_letters_of_rfc_5646(written: str, canonical: str) -> None:
    assert canonical_tag(written) == canonical
    assert canonical_tag(canonical) == canonical


@pytest.mark.parametrize(
    ("iri", "known"),
    [
        ("http://schema.org/name", "https://schema.org/name"),
        ("https://schema.org/name", None),
        ("http://w3id.org/leadgraph/id/skill/", "https://w3id.org/leadgraph/id/skill/"),
        ("https://www.wikidata.org/entity/Q5", "http://www.wikidata.org/entity/Q5"),
        ("https://www.wikidata.org/wiki/Q5", None),
        ("https://www.w3.org/2004/02/skos/core#", "http://www.w3.org/2004/02/skos/core#"),
        ("http://example.org/", None),
        ("urn:x", None),
        ("http:", None),
    ],
)
def test_a_known_name_has_one_scheme(iri: str, known: str | None) -> None:
    assert known_iri(iri) == known


TEXT = """@prefix schema: <http://schema.org/> . # <http://schema.org/> "x"@EN
prefix e: <http://schema.example/>
<a:s> schema:name "a"@EN , "b" # comment
  @pt-br , "c"@en , '''@DE''' , "http://schema.org/"@de ;
  <a:p> <http://schema.org/a> .
"""


def test_each_place_is_told_once_with_what_stands_there_usually() -> None:
    problems = list(misspelt("x.ttl", TEXT))

    assert [(str(p.place), p.code, p.suggestion) for p in problems] == [
        ("x.ttl:3:22", "language-tag-case", "@en"),
        ("x.ttl:4:3", "language-tag-case", "@pt-BR"),
        ("x.ttl:1:17", "iri-scheme", "<https://schema.org/>"),
        ("x.ttl:5:9", "iri-scheme", "<https://schema.org/a>"),
    ]
    assert {p.severity for p in problems} == {Severity.WARNING}
    assert problems[1].excerpt == TEXT.split("\n")[3]


def test_the_edits_change_that_and_nothing_else() -> None:
    edits = [edit for problem in misspelt("x.ttl", TEXT) for edit in problem.edits]

    right = TEXT.replace('"a"@EN', '"a"@en').replace("pt-br", "pt-BR")
    right = right.replace("schema: <http:", "schema: <https:")
    right = right.replace("<http://schema.org/a>", "<https://schema.org/a>")
    assert applied(TEXT, edits) == right
    assert not list(misspelt("x.ttl", applied(TEXT, edits)))


def test_of_very_many_the_last_that_is_shown_mends_the_rest() -> None:
    text = '<a:s> <a:p> "x"@EN' + ' , "x"@DE' * 500 + " ."

    problems = list(misspelt("x.ttl", text))

    assert len(problems) == 100
    edits = [edit for problem in problems for edit in problem.edits]
    assert applied(text, edits) == text.replace("EN", "en").replace("DE", "de")


def test_the_words_are_there_in_every_language() -> None:
    tag, _, scheme, _ = misspelt("x.ttl", TEXT)

    assert tag.message("de").endswith("Schreibe @en.")
    assert "<http://schema.org/>" in scheme.message("ar")
    assert "<https://schema.org/>" in scheme.message("ar")


def test_the_address_of_an_item_may_be_that_of_a_page() -> None:
    text = "<a:s> <http://purl.org/dc/terms/source> <https://www.wikidata.org/entity/Q5> ."

    assert not list(misspelt("x.ttl", text))


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ('rdfs:label "a "@en', 'rdfs:label "a"@en'),
        ('rdfs:label " a" , "b"@de', 'rdfs:label "a" , "b"@de'),
        ("rdfs:label 'b'^^<x:y> , '\tc '", "rdfs:label 'b'^^<x:y> , 'c'"),
        ('rdfs:label """\n a\n"""@fr', 'rdfs:label """a"""@fr'),
        (r'rdfs:label "a\u00a0"@fr', 'rdfs:label "a"@fr'),
        (
            '<http://purl.org/dc/terms/title> # "\n "a "',
            '<http://purl.org/dc/terms/title> # "\n "a"',
        ),
        ('<x:p> [ rdfs:label " a" ; <x:p> " b" ]', '<x:p> [ rdfs:label "a" ; <x:p> " b" ]'),
        ('rdfs:label "a" ; rdfs:comment " b "', 'rdfs:label "a" ; rdfs:comment " b "'),
        ("""rdfs:label '''a 'b' '''@en""", """rdfs:label '''a 'b\\''''@en"""),
        ('rdfs:label " " , ""', 'rdfs:label " " , ""'),
        ('rdfs:label "the boys\' x"', 'rdfs:label "the boys\' x"'),
    ],
)
def test_a_name_has_no_space_at_its_edges(written: str, right: str) -> None:
    head = "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n<x:s> "
    problems = list(misspelt("x.ttl", f"{head}{written} ."))

    edits = [edit for problem in problems for edit in problem.edits]
    assert applied(f"{head}{written} .", edits) == f"{head}{right} ."
    assert list(parse(f"{head}{right} .", format=RdfFormat.TURTLE))
    assert {problem.code for problem in problems} == ({"label-space"} if edits else set())
