"""The link of an answer's head: there in every form of an answer, however the bytes come."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import QueryBoolean, Store, parse_query_results
from rdflib.plugins.sparql.results.jsonresults import JSONResultParser
from rdflib.plugins.sparql.results.xmlresults import XMLResultParser

from leadgraph.formats import GRAPHS, RESULTS, by_name
from leadgraph.model import Answer, Form
from leadgraph.web.linked import linked

ADDRESS = "http://127.0.0.1:8000/ledger/a-b_c?d=\"<&'>é#partial"
"""Worse than any that there is."""
STORE = Store()
STORE.update('INSERT DATA { <urn:a> <urn:b> "x"@en, "</head>", "<head/>", \'{"head":{}}\', 1 }')
QUERIES = (
    "SELECT ?s ?o { ?s ?p ?o }",
    "SELECT ?s { ?s ?p 2 }",
    "SELECT * {}",
    "ASK {}",
    "ASK { <urn:a> <urn:b> 7 }",
)
XML = "{http://www.w3.org/2005/sparql-results#}"


class Chunks(Iterator[bytes]):
    """The bytes of an answer in pieces, and whether they were given up."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces, self.closed = iter(pieces), False

    def __next__(self) -> bytes:
        return next(self._pieces)

    def close(self) -> None:
        """Give up the rest."""
        self.closed = True


def written(query: str, name: str) -> tuple[Form, bytes]:
    """What the engine writes, in a format."""
    results = STORE.query(query)
    form = Form.BOOLEAN if isinstance(results, QueryBoolean) else Form.SOLUTIONS
    return form, results.serialize(format=by_name(RESULTS, name).engine) or b""


def pieces(body: bytes, cuts: list[int]) -> list[bytes]:
    """A body cut at some places, empty pieces too."""
    places = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    return [body[start:end] for start, end in pairwise(places)]


def told(query: str, name: str, cuts: list[int] | None = None) -> bytes:
    """The answer with its link: as one chunk, or in pieces."""
    form, body = written(query, name)
    media_type = by_name(RESULTS, name).media_type
    if cuts is None:
        answer = linked(Answer(form, media_type, Chunks([]), body), ADDRESS)
        assert answer.whole is not None
        return answer.whole
    return b"".join(linked(Answer(form, media_type, Chunks(pieces(body, cuts))), ADDRESS).chunks)


@pytest.mark.parametrize("query", QUERIES)
def test_json_links_in_the_member_of_the_head(query: str) -> None:
    without = json.loads(written(query, "json")[1])

    read = json.loads(told(query, "json"))
    assert read["head"].pop("link") == [ADDRESS]
    assert read == without


@pytest.mark.parametrize("query", QUERIES)
def test_xml_links_in_an_element_after_the_variables(query: str) -> None:
    """The order of the schema: variables, then links (SPARQL 1.1 Results XML, 2.3.1)."""
    root = ET.fromstring(told(query, "xml"))
    without = ET.fromstring(written(query, "xml")[1])

    names = [child.tag.removeprefix(XML) for child in root[0]]
    assert names == ["variable"] * len(without[0]) + ["link"]
    assert root[0][-1].attrib == {"href": ADDRESS}
    root[0].remove(root[0][-1])
    assert ET.canonicalize(ET.tostring(root)) == ET.canonicalize(ET.tostring(without))


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("name", ["json", "xml"])
def test_strict_readers_read_it_as_before(query: str, name: str) -> None:
    body, (_, before) = told(query, name), written(query, name)
    engine = by_name(RESULTS, name).engine
    parser = {"json": JSONResultParser, "xml": XMLResultParser}[name]()

    def read(data: bytes) -> object:
        results = parse_query_results(data, engine)
        return bool(results) if isinstance(results, QueryBoolean) else list(map(str, results))

    def by_rdflib(data: bytes) -> object:
        result = parser.parse(BytesIO(data))  # type: ignore[no-untyped-call]
        return result.askAnswer, result.bindings

    assert read(body) == read(before)
    assert by_rdflib(body) == by_rdflib(before)


@given(
    query=st.sampled_from(QUERIES),
    name=st.sampled_from(["json", "xml"]),
    cuts=st.lists(st.integers(0, 400), max_size=8),
)
def test_in_pieces_it_is_the_same_as_in_one(query: str, name: str, cuts: list[int]) -> None:
    assert told(query, name, cuts) == told(query, name)


@pytest.mark.parametrize("row", [row for row in RESULTS if row.name in {"csv", "tsv"}])
def test_tables_have_no_place_for_it(row: object) -> None:
    name = row.name  # type: ignore[attr-defined]
    query = QUERIES[0]

    assert told(query, name) == written(query, name)[1]


def test_a_graph_has_no_place_for_it_even_where_its_media_type_is_one_of_results() -> None:
    answer = Answer(Form.GRAPH, GRAPHS[0].media_type, Chunks([b"<urn:a> <urn:b> 1 ."]))

    assert linked(answer, ADDRESS) is answer


def test_a_head_of_a_megabyte_is_waited_for() -> None:
    names = [f"v{n}" for n in range(100_000)]
    body = json.dumps({"head": {"vars": names}, "results": {"bindings": []}}).encode()
    answer = Answer(
        Form.SOLUTIONS, "application/sparql-results+json", Chunks(pieces(body, [9, 99]))
    )

    read = json.loads(b"".join(linked(answer, ADDRESS).chunks))
    assert read["head"] == {"link": [ADDRESS], "vars": names}


@pytest.mark.parametrize("body", [b'{"results":', b"{", b"<sparql><head>"])
def test_an_answer_whose_head_does_not_come_is_no_answer(body: bytes) -> None:
    for media_type in ("application/sparql-results+json", "application/sparql-results+xml"):
        answer = linked(Answer(Form.SOLUTIONS, media_type, Chunks([body])), ADDRESS)
        with pytest.raises(ValueError, match="without a head"):
            b"".join(answer.chunks)


def test_to_give_up_the_answer_gives_up_what_it_comes_from() -> None:
    chunks = Chunks([b"{"])
    linked(Answer(Form.BOOLEAN, "application/sparql-results+json", chunks), ADDRESS).chunks.close()

    assert chunks.closed


def test_a_media_type_may_have_parameters() -> None:
    media_type = "application/sparql-results+json; charset=utf-8"
    _, body = written("ASK {}", "json")
    answer = linked(Answer(Form.BOOLEAN, media_type, Chunks([]), body), ADDRESS)

    assert json.loads(answer.whole or b"")["head"]["link"] == [ADDRESS]
