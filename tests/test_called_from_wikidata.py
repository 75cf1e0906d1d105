"""We meet the conditions for being called from Wikidata's query service.

They are those of https://www.wikidata.org/wiki/Wikidata:SPARQL_federation_input: the query
operation of the SPARQL 1.1 Protocol, at least as far as SERVICE needs it; data that can be linked
to Wikidata; a licence compatible with CC0, or one that asks for attribution, and nothing that
restricts reuse (NC, ND). The service asks as its engine, Blazegraph, does (RemoteServiceCallImpl,
RemoteSparql11QueryBuilder, RemoteRepositoryManager): POST, with the parameters `query` and
`queryId` in the address up to 1024 characters and in a form beyond, the prefixes of the query,
the text of the SERVICE's group, and the solutions so far in a VALUES clause at the end.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from rdflib import DCTERMS, RDF, VOID, Graph, Literal

from leadgraph.vocabulary import DATASET, PREFIXES
from tests import w3c
from tests.pages_engine import release
from tests.test_guide import serving_release
from tests.w3c import send

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ACCEPT = ",".join(
    (
        "application/sparql-results+xml;q=0.8,application/xml;q=0.8",
        "application/x-binary-rdf-results-table",
        "application/sparql-results+json;q=0.8,application/json;q=0.8",
        "text/csv;q=0.8,text/tab-separated-values;q=0.8",
    )
)
"""What its AcceptHeaderFactory makes of the formats that it reads: best its own binary one."""
FORM = ("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
CC = "https://creativecommons.org/"
LONGEST_ADDRESS = 1024
GROUP = """
    ?skill ?how ?item ; a lg:Skill ; skos:prefLabel ?name .
    FILTER (STRSTARTS(STR(?how), STR(skos:)))
"""
MATCHES = {
    "https://w3id.org/leadgraph/id/skill/coaching",
    "https://w3id.org/leadgraph/id/skill/mentoring",
    "https://w3id.org/leadgraph/id/skill/communication",
}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server of the graph of this repository."""
    with serving_release(release().path.parents[1]) as running:
        yield running.port


def asked(variables: str, group: str, items: Sequence[str]) -> str:
    """The query that Blazegraph makes of a SERVICE, with the solutions so far."""
    prefixes = "".join(f"\nprefix {name}: <{PREFIXES[name]}>\n" for name in ("lg", "skos"))
    rows = "".join(f"( <{PREFIXES['wd']}{item}> )\n" for item in items)
    values = f"VALUES ( ?item) {{\n{rows}}}\n" if items else ""
    return f"{prefixes}SELECT  {variables}\nWHERE {{\n{group}\n}}\n{values}"


def by_blazegraph(port: int, query: str) -> w3c.Reply:
    """Send a query as Blazegraph does: in the address if it is short, else in a form."""
    parameters = urlencode({"query": query, "queryId": str(uuid.uuid4())})
    agent = [("Accept", ACCEPT), ("User-Agent", "Jetty/9"), ("Accept-Encoding", "gzip")]
    if len(f"https://leadgraph.example.org/sparql?{parameters}") <= LONGEST_ADDRESS:
        return send(port, "POST", f"/sparql?{parameters}", agent[:2])
    return send(port, "POST", "/sparql", [*agent[:2], FORM], parameters.encode())


def rows(reply: w3c.Reply) -> list[w3c.Row]:
    """The rows of an answer in a format that Blazegraph reads."""
    assert (reply.status, reply.media_type) == (200, "application/sparql-results+json"), reply.body
    solutions = w3c.read_json(reply.body)
    assert isinstance(solutions, w3c.Solutions)
    return solutions.rows


def skills(reply: w3c.Reply) -> list[str]:
    """The skills of an answer, whatever their order."""
    return sorted(row["skill"][1] for row in rows(reply))


# The query operation of the SPARQL 1.1 Protocol, as far as SERVICE needs it.


def test_a_short_question_in_the_address_of_a_post_is_answered(port: int) -> None:
    query = asked("?skill ?item ?name", GROUP, ["Q11024", "Q1104185"])

    assert len(urlencode({"query": query})) < LONGEST_ADDRESS - 100
    assert set(skills(by_blazegraph(port, query))) == MATCHES


def test_a_long_question_with_bindings_in_a_form_is_answered(port: int) -> None:
    strangers = [f"Q{number}" for number in range(900_000_000, 900_000_500)]

    reply = by_blazegraph(port, asked("?skill ?item ?name", GROUP, ["Q11024", *strangers]))

    assert skills(reply) == ["https://w3id.org/leadgraph/id/skill/communication"]


def test_a_question_without_bindings_is_answered_whole(port: int) -> None:
    found = skills(by_blazegraph(port, asked(" ?skill ?item", GROUP, [])))

    assert set(found) > MATCHES


def test_undefined_bindings_ask_about_anything(port: int) -> None:
    query = asked("?skill ?item ?name", GROUP, []) + "VALUES ( ?item ?name) {\n( UNDEF UNDEF )\n}\n"

    assert set(skills(by_blazegraph(port, query))) > MATCHES


def test_it_falls_back_to_get_where_a_service_is_set_to_it(port: int) -> None:
    query = asked("?skill ?item ?name", GROUP, ["Q1104185"])
    target = "/sparql?" + urlencode({"query": query, "queryId": str(uuid.uuid4())})

    reply = send(port, "GET", target, [("Accept", ACCEPT)])

    assert len(skills(reply)) == 2


def test_each_question_is_answered_alike_in_all_three_forms(port: int) -> None:
    query = asked("?skill ?item", GROUP, ["Q1104185"])
    direct = [("Content-Type", "application/sparql-query"), ("Accept", ACCEPT)]

    replies = [
        by_blazegraph(port, query),
        send(port, "POST", "/sparql", [FORM, direct[1]], urlencode({"query": query}).encode()),
        send(port, "POST", "/sparql", direct, query.encode()),
    ]

    assert len({tuple(skills(reply)) for reply in replies}) == 1


def test_a_post_that_says_nothing_or_hides_its_kind_is_still_refused(port: int) -> None:
    nothing = send(port, "POST", "/sparql", [("Accept", ACCEPT)])
    hidden = send(port, "POST", "/sparql", [("Accept", ACCEPT)], b"query=ASK%7B%7D")

    assert (nothing.status, hidden.status) == (400, 415)


def test_an_error_is_a_status_with_its_reason_and_no_short_answer(port: int) -> None:
    reply = by_blazegraph(port, asked("?skill", "?skill ?how", []))

    assert (reply.status, reply.code) == (400, "query-malformed")


# Data that can be linked to Wikidata.


def test_the_linkset_to_wikidata_is_described_and_counts_what_is_there(port: int) -> None:
    links = f"?thing ?how ?item FILTER (STRSTARTS(STR(?item), '{PREFIXES['wd']}'))"
    matches = f"{links} FILTER (STRSTARTS(STR(?how), STR(skos:)) && STRENDS(STR(?how), 'Match'))"
    (count,) = rows(by_blazegraph(port, asked("(COUNT(*) AS ?n)", matches, [])))
    description = send(port, "GET", "/linkset/wikidata.ttl").body
    graph = Graph().parse(data=description, format="turtle")
    (linkset,) = graph.subjects(RDF.type, VOID.Linkset)

    assert graph.value(linkset, VOID.triples) == Literal(int(count["n"][1]))
    assert int(count["n"][1]) > 30


# A licence compatible with CC0, or one that asks for attribution.


def test_all_is_free_to_reuse_and_what_is_not_cc0_stands_in_graphs_of_its_own(port: int) -> None:
    licensed = f"?graph <{DCTERMS.license}> ?licence ; a <{VOID.Dataset}>"
    found = rows(by_blazegraph(port, asked("?graph ?licence", licensed, [])))
    of_all = {row["licence"][1] for row in found if row["graph"][1] == DATASET}

    assert f"{CC}publicdomain/zero/1.0/" in of_all
    for licence in {row["licence"][1] for row in found}:
        assert licence.startswith(CC), licence
        assert not {"nc", "nd"} & set(licence.split("/")[4].split("-")), licence
