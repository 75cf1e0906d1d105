"""The example queries: each answers what it says, is published, and can be opened."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import (
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from leadgraph.errors import SourceUnreadable
from leadgraph.explore.examples import examples_of
from leadgraph.formats import GRAPHS
from leadgraph.model import Expected, GraphDirectory, Question
from leadgraph.publish.examples import describe_examples
from leadgraph.query import gate
from leadgraph.read.examples import AUDIENCES, parse_example
from leadgraph.read.turtle import bundled_directory, open_directory
from leadgraph.settings import Settings
from leadgraph.vocabulary import BASE, EXAMPLES, LG, PREFIXES, SPARQL, XSD, query_iri, shorten
from leadgraph.web.app import create_app
from leadgraph.words import LANGUAGES
from tests.endpoints import Canned
from tests.markup import read
from tests.pages_engine import ROOT, engine, graph, release

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from leadgraph.model import Answer, Example
    from leadgraph.query.client import Engine

OURS = examples_of(open_directory(ROOT))
ALONE = [example for example in OURS if not example.sources]
"""Those that ask no other endpoint; tests/test_federated_examples.py has the others answered."""
BARE = {f"{XSD}{name}" for name in ("integer", "decimal", "boolean")}
SH = PREFIXES["sh"]
SPEX = "https://purl.expasy.org/sparql-examples/ontology#"
TEXT_OF = {
    "SELECT": (f"{SH}SPARQLSelectExecutable", f"{SH}select"),
    "ASK": (f"{SH}SPARQLAskExecutable", f"{SH}ask"),
    "CONSTRUCT": (f"{SH}SPARQLConstructExecutable", f"{SH}construct"),
    "DESCRIBE": (f"{SPEX}SPARQLDescribeExecutable", f"{SPEX}describe"),
}


# What an answer is, in the words of a header.


def term(value: object) -> str:
    """A term of an answer as SPARQL writes it."""
    if value is None:
        return "UNDEF"
    if isinstance(value, NamedNode):
        return shorten(value.value)
    if isinstance(value, Literal) and value.datatype.value in BARE:
        return value.value
    if isinstance(value, Literal) and str(value).endswith(">"):
        return f'"{value.value}"^^{shorten(value.datatype.value)}'
    return str(value)


def lines(answer: Answer) -> list[str]:
    """An answer as the lines that `expect` compares: rows, true or false, triples."""
    body = answer.whole if answer.whole is not None else b"".join(answer.chunks)
    return lines_of(body, graph=answer.form == "graph")


def lines_of(body: bytes, *, graph: bool) -> list[str]:
    """The lines of an answer in JSON, or of a graph in N-Triples."""
    if graph:
        return sorted({str(quad.triple) for quad in parse(body, RdfFormat.N_TRIPLES)})
    results = parse_query_results(body, QueryResultsFormat.JSON)
    if isinstance(results, QueryBoolean):
        return [str(bool(results)).lower()]
    assert isinstance(results, QuerySolutions)
    return [" | ".join(term(value) for value in row) for row in results]


def surprises(expected: Expected, found: list[str]) -> list[str]:
    """In what an answer differs from what was expected; nothing if it does not."""
    first = found[: len(expected.lines)] if expected.size is not None else found
    told = [f"{line} is missing" for line in expected.lines if line not in found]
    told += [
        f"{line} is too much" for line in first if expected.lines and line not in expected.lines
    ]
    if not told and expected.lines and list(expected.lines) != first:
        told.append("the order differs")
    if expected.size is not None:
        fits = len(found) >= expected.size if expected.at_least else len(found) == expected.size
        told += [] if fits else [f"{len(found)} instead of {expected.size}"]
    return told


@pytest.fixture(scope="module")
def asked() -> Iterator[Engine]:
    """An engine over the release of this repository."""
    with engine(graph()) as running:
        yield running


@pytest.fixture(scope="module")
def client(asked: Engine) -> FlaskClient:
    """A client of the application over that engine."""
    return create_app(asked, Settings(), release()).test_client()


@pytest.mark.parametrize("example", ALONE, ids=lambda example: example.slug)
def test_an_example_answers_what_it_says_within_a_second(example: Example, asked: Engine) -> None:
    answers, seconds = [], []
    for _ in range(2):
        started = monotonic()
        answers.append(lines(asked.ask(Question(example.text, "json", "ntriples"))))
        seconds.append(monotonic() - started)

    assert surprises(example.expected, answers[0]) == []
    assert answers[0] == answers[1]
    assert min(seconds) < 1


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (Expected(2), ["a"]),
        (Expected(2), ["a", "b", "c"]),
        (Expected(2, at_least=True), ["a"]),
        (Expected(lines=("a", "b")), ["b", "a"]),
        (Expected(lines=("a", "b")), ["a"]),
        (Expected(lines=("a",)), ["a", "b"]),
        (Expected(lines=("a",)), ["a", "a"]),
        (Expected(lines=("true",)), ["false"]),
        (Expected(3, lines=("b",)), ["a", "b", "c"]),
        (Expected(0), ["a"]),
    ],
)
def test_a_wrong_expectation_does_not_pass(expected: Expected, found: list[str]) -> None:
    assert surprises(expected, found)


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (Expected(2), ["a", "b"]),
        (Expected(2, at_least=True), ["a", "b", "c"]),
        (Expected(lines=("a", "b")), ["a", "b"]),
        (Expected(3, lines=("a",)), ["a", "b", "c"]),
        (Expected(0), []),
    ],
)
def test_a_right_expectation_passes(expected: Expected, found: list[str]) -> None:
    assert surprises(expected, found) == []


def test_an_example_whose_count_is_wrong_fails(asked: Engine) -> None:
    (example,) = (each for each in OURS if each.slug == "findings-of-the-dialogue")
    found = lines(asked.ask(Question(example.text, "json", "ntriples")))

    assert surprises(replace(example.expected, size=13), found) == ["12 instead of 13"]


# What our own examples are like.


def test_there_are_examples_for_each_of_the_three() -> None:
    assert len(OURS) >= 30
    assert {example.audience for example in OURS} == set(AUDIENCES)
    assert {example.form for example in OURS} == set(TEXT_OF)


@pytest.mark.parametrize("example", OURS, ids=lambda example: example.slug)
def test_an_example_speaks_six_languages_and_can_fail(example: Example) -> None:
    assert list(example.title) == list(LANGUAGES)
    assert list(example.description) == list(LANGUAGES)
    assert example.keywords
    assert example.expected.lines or example.expected.size


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_examples_have_one_title(language: str) -> None:
    assert len({example.title[language] for example in OURS}) == len(OURS)


@pytest.mark.parametrize("example", ALONE, ids=lambda example: example.slug)
def test_an_example_uses_only_terms_and_things_that_exist(example: Example) -> None:
    terms = [token for token in gate.tokens(example.query) if token.kind in {"name", "iri"}]
    iris = {
        PREFIXES[token.text.partition(":")[0]] + token.text.partition(":")[2]
        for token in terms
        if token.kind == "name"
    } | {token.text[1:-1] for token in terms if token.kind == "iri"}
    nquads = graph().decode()

    for iri in iris - set(PREFIXES.values()):
        if iri.startswith((LG, BASE, PREFIXES["wd"])):
            assert f"\n<{iri}> " in nquads, iri
        else:
            assert f"<{iri}>" in nquads or iri in NOT_IN_DATA, iri


NOT_IN_DATA = {f"{SH}minCount", f"{XSD}integer"} | {
    f"{PREFIXES['skos']}narrowMatch",
    f"{PREFIXES['schema']}Course",
    f"{PREFIXES['schema']}name",
    f"{PREFIXES['schema']}url",
}
"""Terms of others that an example tries, makes or casts to, whether the data have them or not."""


# Published.


def statements(body: bytes, media_type: RdfFormat) -> set[str]:
    """The statements of a document."""
    return {str(quad.triple) for quad in parse(body, media_type)}


@pytest.mark.parametrize("row", GRAPHS, ids=lambda row: row.name)
def test_the_examples_are_published_in_every_format(client: FlaskClient, row) -> None:
    expected = {str(triple) for triple in describe_examples(OURS)}
    by_accept = client.get("/.well-known/sparql-examples", headers={"Accept": row.media_type})
    by_end = client.get(f"/.well-known/sparql-examples.{row.extension}")

    assert by_accept.mimetype == by_end.mimetype == row.media_type
    assert statements(by_accept.data, row.engine) == statements(by_end.data, row.engine) == expected


@pytest.mark.parametrize("example", OURS, ids=lambda example: example.slug)
def test_an_example_is_described_as_sparql_editors_expect(
    example: Example, client: FlaskClient
) -> None:
    body = client.get(f"/query/{example.slug}.ttl").data
    iri = NamedNode(query_iri(example.slug))
    triples = [quad.triple for quad in parse(body, RdfFormat.TURTLE)]
    kind, query = TEXT_OF[example.form]

    def objects(predicate: str) -> list[object]:
        assert {triple.subject for triple in triples} == {iri}
        return [triple.object for triple in triples if triple.predicate.value == predicate]

    executable = NamedNode(f"{SH}SPARQLExecutable")
    assert set(objects(f"{PREFIXES['rdf']}type")) == {executable, NamedNode(kind)}
    assert objects(query) == [Literal(example.query)]
    assert objects(f"{PREFIXES['schema']}target") == [NamedNode(SPARQL)]
    asked = {source.value for source in objects(f"{SPEX}federatesWith")}
    assert asked == set(example.sources)
    assert objects(f"{SH}prefixes") == [NamedNode(EXAMPLES)]
    comments = {
        literal.language: literal.value for literal in objects(f"{PREFIXES['rdfs']}comment")
    }
    assert comments == example.title
    keywords = {literal.value for literal in objects(f"{PREFIXES['schema']}keywords")}
    assert keywords == set(example.keywords)


def test_the_prefixes_are_declared_once_each() -> None:
    triples = describe_examples(())
    declared = [t.object for t in triples if t.predicate.value == f"{SH}declare"]
    values = {(t.subject, t.predicate.value): t.object for t in triples}
    found = {values[node, f"{SH}prefix"].value: values[node, f"{SH}namespace"] for node in declared}

    assert found == {
        prefix: Literal(namespace, datatype=NamedNode(f"{XSD}anyURI"))
        for prefix, namespace in PREFIXES.items()
    }
    assert Triple(NamedNode(EXAMPLES), NamedNode(f"{SH}declare"), declared[0]) in triples


# For people.


def test_the_list_leads_to_every_example(client: FlaskClient) -> None:
    page = read(client.get("/queries", headers={"Accept": "text/html"}).text)

    assert {f"/query/{example.slug}" for example in OURS} <= set(page.values("href"))
    assert "/queries" in read(client.get("/", headers={"Accept": "text/html"}).text).values("href")


def test_a_browser_gets_the_list_at_the_well_known_address(client: FlaskClient) -> None:
    response = client.get("/.well-known/sparql-examples", headers={"Accept": "text/html"})

    assert response.mimetype == "text/html"
    assert OURS[0].title["en"] in response.text


def test_a_keyword_leads_to_its_examples_alone(client: FlaskClient) -> None:
    page = read(client.get("/queries?keyword=CONSTRUCT", headers={"Accept": "text/html"}).text)
    shown = {path for path in page.values("href") if path.startswith("/query/")}

    assert shown == {
        f"/query/{example.slug}" for example in OURS if "CONSTRUCT" in example.keywords
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_example_is_shown_in_the_reader_s_language(client: FlaskClient, language: str) -> None:
    example = OURS[0]
    response = client.get(f"/query/{example.slug}", headers={"Accept-Language": language})
    page = client.get(f"/query/{example.slug}.html?lang={language}")

    assert response.mimetype == "text/html"
    assert example.title[language] in page.text
    assert example.description[language] in page.text


@pytest.mark.parametrize("example", ALONE, ids=lambda example: example.slug)
def test_the_links_of_an_example_lead_to_its_answer(example: Example, client: FlaskClient) -> None:
    page = read(client.get(f"/query/{example.slug}", headers={"Accept": "text/html"}).text)
    links = [path for path in page.values("href") if path.startswith("/sparql?")]
    statuses = {path: client.get(path).status_code for path in links}

    assert len(links) == 5
    assert set(statuses.values()) == {200}
    assert max(map(len, links)) < 4000


@pytest.mark.parametrize("example", OURS, ids=lambda example: example.slug)
def test_the_file_of_an_example_is_sent_as_it_is(example: Example, client: FlaskClient) -> None:
    response = client.get(f"/query/{example.slug}.rq")
    again = client.get(
        f"/query/{example.slug}.rq", headers={"If-None-Match": response.headers["ETag"]}
    )

    assert response.data == (ROOT / "queries" / f"{example.slug}.rq").read_bytes()
    assert response.content_type == "application/sparql-query; charset=utf-8"
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["/query/nothing", "/query/names-voted-good.doc", "/queries.rq"])
def test_what_is_no_example_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


# Graphs of others.


def test_plain_files_have_no_examples(asked: Engine) -> None:
    client = create_app(asked, Settings(), None).test_client()

    assert "/query/" not in client.get("/queries", headers={"Accept": "text/html"}).text
    assert "/queries" not in read(
        client.get("/sparql", headers={"Accept": "text/html"}).text
    ).values("href")
    assert client.get("/query/names-voted-good").status_code == 404


def test_another_graph_has_its_own_examples_or_none(asked: Engine, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    settings = Settings(graph=str(tmp_path))
    assert examples_of(open_directory(tmp_path)) == ()

    (tmp_path / "queries").mkdir()
    (tmp_path / "queries" / "all-that-is.rq").write_text("# title@en: All\nASK { ?s ?p ?o }\n")
    client = create_app(asked, settings, release()).test_client()

    assert "sh:ask" in client.get("/query/all-that-is.ttl").text
    assert client.get("/query/names-voted-good").status_code == 404


def test_the_examples_come_with_the_package() -> None:
    assert open_directory(bundled_directory()).queries
    assert '"queries" = "leadgraph/bundled/queries"' in (ROOT / "pyproject.toml").read_text()


# What cannot be published is told, with its line.

GOOD = "# title@en: All\n# keywords: a, b\n\nASK { ?s ?p ?o }\n"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("# title@en: All\n", 1, "no query below"),
        ("", 1, "no query below"),
        ("# keywords: a\nASK {}", 1, "no title@en"),
        ("# title@es: Todo\nASK {}", 1, "no title@en"),
        ("# title: All\nASK {}", 1, "only title and description have a language"),
        ("# title@en: All\n# for@en: developer\nASK {}", 2, "only title and description"),
        ("# title@en: All\n# title@en: Again\nASK {}", 2, "is there already"),
        ("# title@en: All\n# title@12: Dodici\nASK {}", 2, "no “# key: value”"),
        ("# title@en: All\n# kewords: a\nASK {}", 2, "“kewords” is no key"),
        ("# title@en: All\n# keywords:\nASK {}", 2, "says nothing"),
        ("# title@en: All\n\n# a remark\nASK {}", 3, "no “# key: value”"),
        ("# title@en: All\n# for: everybody\nASK {}", 2, "none of contributor, developer"),
        ("# title@en: All\n# expect-rows: many\nSELECT * {}", 2, "no whole number"),
        ("# title@en: All\n# expect-rows: -1\nSELECT * {}", 2, "no whole number"),
        ("# title@en: All\n# expect-rows: 1\nASK {}", 2, "is not for ASK; use expect"),
        ("# title@en: All\n# expect-triples: 1\nSELECT * {}", 2, "is not for SELECT"),
        ("# title@en: All\n# expect: a\nDESCRIBE <x:y>", 2, "use expect-triples"),
        ("# title@en: All\n# expect: yes\nASK {}", 2, "neither true nor false"),
        ("# title@en: All\n# expect: true\n# expect: true\nASK {}", 3, "neither true nor false"),
        ("# title@en: All\nINSERT DATA {}", 2, "no SELECT, ASK, CONSTRUCT or DESCRIBE"),
        ("# title@en: All\n# source: Wikidata\nASK {}", 2, "no address of an endpoint"),
        ("# title@en: All\n# source: file:///etc/passwd\nASK {}", 2, "no address of an endpoint"),
    ],
)
def test_a_header_that_is_wrong_is_told_with_its_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(SourceUnreadable) as caught:
        parse_example(Path("all.rq"), text)

    assert caught.value.path == f"all.rq:{line}"
    assert reason in caught.value.reason


NINE = "# source: http://127.0.0.1:9/\n\nASK {"


@pytest.mark.parametrize(
    ("query", "place", "reason"),
    [
        ("SELECT ?s WHERE ?s }\n", r"all\.rq:4:17", "expected"),
        ("\n\nSELECT ?s { ?s lg:name ?n }\n", r"all\.rq:6:16", "the prefix lg: is not declared"),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> {} }", r"all\.rq:4", "its header does not name"),
        ("ASK {\nSERVICE SILENT <http://127.0.0.1:9/> {} }", r"all\.rq:5", "does not name"),
        ("# source: http://127.0.0.1:9/\nASK { SERVICE ?s {} }", r"all\.rq:5", "it does not ask"),
        ("# source: http://127.0.0.1:9/\nASK {}", r"all\.rq", "it does not ask"),
        ("# source: x:y\nASK { SERVICE <x:y> {} }", r"all\.rq:4", "no address"),
        (NINE + " SERVICE SILENT <http://127.0.0.1:9/> {} ?s lg:b ?o }", r"all\.rq:6:50", "lg:"),
        (f"ASK {{ {'{' * 200}{'}' * 200} }}", r"all\.rq", "nests brackets"),
    ],
)
def test_a_query_that_would_be_refused_is_told_with_its_place(
    tmp_path: Path, query: str, place: str, reason: str
) -> None:
    (tmp_path / "all.rq").write_text("# title@en: All\n# keywords: a\n\n" + query)

    with pytest.raises(SourceUnreadable) as caught:
        examples_of(folder(tmp_path))

    assert re.fullmatch(rf".*/{place}", caught.value.path)
    assert reason in caught.value.reason


def test_no_endpoint_is_asked_when_examples_are_read(tmp_path: Path) -> None:
    with Canned(b"") as elsewhere:
        (tmp_path / "all.rq").write_text(
            f"# title@en: All\n# source: {elsewhere.address}\n\n"
            f"SELECT (COUNT(*) AS ?n) {{ SERVICE <{elsewhere.address}> {{ ?s ?p ?o }} }}"
        )

        (example,) = examples_of(folder(tmp_path))

    assert example.sources == (elsewhere.address,)
    assert elsewhere.requests == []


@pytest.mark.parametrize("name", ["All.rq", "a b.rq", "a..rq"])
def test_a_name_that_makes_no_iri_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(GOOD)

    with pytest.raises(SourceUnreadable, match="kebab-case"):
        examples_of(folder(tmp_path))


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "latin.rq").write_bytes("# title@en: é\nASK {}".encode("latin-1"))
    with pytest.raises(SourceUnreadable, match="it is not UTF-8"):
        examples_of(folder(tmp_path))

    (tmp_path / "latin.rq").unlink()
    os.mkfifo(tmp_path / "pipe.rq")
    with pytest.raises(SourceUnreadable, match="not an ordinary file"):
        examples_of(folder(tmp_path))


def test_a_header_may_go_on_in_the_next_line() -> None:
    example = parse_example(
        Path("all.rq"),
        "\ufeff# title@en: All\r\n#   of it\r\n#\r\n# keywords: a,, b\r\n\r\nask {}\r\n"[1:],
    )

    assert example.title == {"en": "All of it"}
    assert example.keywords == ("a", "b")
    assert example.form == "ASK"
    assert example.query.strip() == "ask {}"


def folder(root: Path) -> GraphDirectory:
    """A graph directory whose queries lie in a folder."""
    return GraphDirectory(root, (), (), (), (), tuple(sorted(root.iterdir())))
