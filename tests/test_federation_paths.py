"""Paths of no step at a source that takes any key for a node: RDFLib, as Jena does, too.

What SERVICE gives is what its pattern gives alone, whatever it is joined with (SPARQL 1.1 Federated
Query, 4); keys that are sent along must not make more of it.
"""

from __future__ import annotations

import contextlib
import http.server
import threading
import urllib.parse
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, QuerySolutions, RdfFormat, Store
from rdflib import Graph

from leadgraph.link.asking.asking import Asking
from leadgraph.link.asking.memory import Memory
from leadgraph.link.federation import Federation
from leadgraph.link.join.pattern import key_candidates, keyed, part
from leadgraph.link.source.endpoint import Network
from leadgraph.link.source.sources import Sources
from leadgraph.link.text.parse import parse
from leadgraph.link.text.paths import paths
from leadgraph.link.text.tree import services
from leadgraph.model import Question
from leadgraph.query.client import Engine
from leadgraph.query.engine import running
from leadgraph.settings import Settings
from tests.federated import result

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOURCE = "http://rdflib.example/sparql"
PREFIX = "PREFIX e: <http://e.example/>\n"
LOCAL = "@prefix e: <http://e.example/> . e:t e:link e:gone, e:one, e:leaf ."
REMOTE = """@prefix e: <http://e.example/> .
e:one e:up e:two ; e:label "one" . e:two e:up e:leaf . e:three e:other e:one ."""


def _handler(graph: Graph) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            form = urllib.parse.parse_qs(self.rfile.read(length).decode())
            body = graph.query(form["query"][0]).serialize(format="json") or b""
            self.send_response(200)
            self.send_header("Content-Type", "application/sparql-results+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    folder: Path = tmp_path_factory.mktemp("paths")
    (folder / "local.ttl").write_text(LOCAL)
    handler = _handler(Graph().parse(data=REMOTE, format="turtle"))
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stack.callback(server.shutdown)
        address = f"http://127.0.0.1:{server.server_port}/sparql"
        settings = Settings(service_allow=f"{SOURCE}#at={address}", children=2)
        engine = Engine(stack.enter_context(running([folder / "local.ttl"], settings)), settings)
        stack.enter_context(engine)
        network, memory = Network(settings, folder), Memory(folder, settings)
        stack.callback(network.close)
        stack.callback(memory.close)
        asking = Asking(network, memory, settings)
        yield Federation(engine, Sources.from_settings(settings), asking, settings, None)


@pytest.mark.parametrize(
    "body",
    [
        "?i e:up* ?x",
        "?i e:up? ?x",
        "?x e:up* ?i",
        "?x ^e:up? ?i",
        "?i (e:up*/e:other?) ?x",
        "?i (e:label|e:up*) ?x",
        "?i e:up* ?x ; e:other? ?y",
        "{ ?i e:up* ?x } UNION { ?i e:label ?x }",
        "{ ?i e:up* ?x } UNION { VALUES ?i { e:gone } }",
        "{ SELECT ?i (COUNT(*) AS ?n) { ?i e:up* ?x } GROUP BY ?i }",
        "{ SELECT ?x ?i { ?i e:up? ?x } }",
        "{ ?i e:up* ?x } { ?i e:up? ?y }",
        "?i e:up* ?x . ?x e:up* ?i",
        "?i e:up+ ?x",
        "?i e:up/e:up* ?x",
        "?i e:label ?l ; e:up* ?x",
        "?i e:up* [ e:up? ?x ]",
        "?i e:up* ?x # }",
    ],
)
def test_a_path_of_no_step_gives_no_key_that_is_no_node(federation: Federation, body: str) -> None:
    store, ours = Store(), Store()
    store.load(REMOTE.encode(), RdfFormat.TURTLE)
    ours.load(LOCAL.encode(), RdfFormat.TURTLE)
    alone = store.query(f"{PREFIX}SELECT * {{ {body}\n}}")
    assert isinstance(alone, QuerySolutions)
    names = [variable.value for variable in alone.variables]
    linked = {"<http://e.example/gone>", "<http://e.example/one>", "<http://e.example/leaf>"}
    expected = sorted(
        tuple(sorted((name, str(term)) for name, term in zip(names, row, strict=True) if term))
        for row in alone
        if str(row["i"]) in linked
    )
    text = f"{PREFIX}SELECT * {{ ?t e:link ?i SERVICE <{SOURCE}> {{ {body}\n}} }}"
    found = result(federation.answer(Question(text, "json", "ntriples"), fresh=True).answer)
    assert not isinstance(found, bool)
    told = sorted(
        tuple(sorted((name, str(term)) for name, term in row if term and name != "t"))
        for row in found[0].elements()
    )
    assert told == expected


@pytest.mark.parametrize("body", ["?i e:up* e:gone", "e:gone e:up? ?i"])
def test_a_path_of_no_step_to_a_term_needs_no_node(federation: Federation, body: str) -> None:
    text = f"{PREFIX}SELECT ?i {{ ?t e:link ?i SERVICE <{SOURCE}> {{ {body} }} }}"
    found = result(federation.answer(Question(text, "json", "ntriples"), fresh=True).answer)
    assert not isinstance(found, bool)
    assert [str(term) for ((_, term),) in found[0].elements()] == ["<http://e.example/gone>"]


@pytest.mark.parametrize("body", ["?i e:up+ ?x", "?i e:label ?l ; e:up* ?x", "?i e:up* e:two"])
def test_nothing_is_added_where_a_key_is_a_node_for_sure(federation: Federation, body: str) -> None:
    text = f"{PREFIX}SELECT * {{ ?t e:link ?i SERVICE <{SOURCE}> {{ {body} }} }}"
    asked = federation.answer(Question(text, "json", "ntriples"), fresh=True).account.asked
    assert "EXISTS" not in asked[0].query


def test_names_of_the_query_are_not_taken_for_those_of_the_filter(federation: Federation) -> None:
    body = "?i e:up* ?leadgraph_node1 . ?leadgraph_node2 e:up? ?i"
    text = f"{PREFIX}SELECT * {{ ?t e:link ?i SERVICE <{SOURCE}> {{ {body} }} }}"
    asked = federation.answer(Question(text, "json", "ntriples"), fresh=True).account.asked
    assert "?leadgraph_node_1" in asked[0].query
    assert asked[0].rows > 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("?i e:p 1.5 ; e:q* ?x, ?y", [("i", "", 0), ("i", "x", 1), ("i", "y", 1)]),
        ("?i (e:p/e:q*)? 'a'@en, ?x", [("i", "", 1), ("i", "x", 1)]),
        ("?i e:p/e:q* ?x", [("i", "x", 0)]),
        ("?i e:p*/e:q? ?x", [("i", "x", 1)]),
        ("?i (e:p|e:q*)+ ?x", [("i", "x", 1)]),
        ("?i !(e:p|^e:q) ?x", [("i", "x", 0)]),
        ("?i !(e:p|^e:q)? ?x", [("i", "x", 1)]),
        ("?i ^e:p? ?x", [("i", "x", 1)]),
        ("e:i e:p* ?x", [("", "x", 1)]),
        ("?i e:p* '?x'", [("i", "", 1)]),
        ("?i ?v ?x", [("i", "x", 0)]),
        ("_:b e:p* ?x", [("_:b", "x", 1)]),
        ("[] e:p* ?x", [("_:", "x", 1)]),
        ("[ e:p? ?x ]", [("_:", "x", 1)]),
        ("?i a [ e:p? ?x ]", [("_:", "x", 1), ("i", "_:", 0)]),
        ("( ?x ) e:p* ?y", [("_:", "x", 0), ("_:", "y", 1)]),
    ],
)
def test_paths_are_read_with_their_ends(text: str, found: list[tuple[str, str, int]]) -> None:
    told = [(one.subject, one.object, one.may_be_empty) for one in paths(text, 0, len(text)) or ()]
    assert told == found


@pytest.mark.parametrize(
    ("path", "verb"),
    [
        ("e:p", "e:p"),
        ("<http://e.example/p>+", "<http://e.example/p>"),
        ("a/e:p*", "a"),
        ("(?v)", "?v"),
        ("(e:p/^e:q)+/e:r", "e:p"),
        ("^e:p", ""),
        ("!e:p", ""),
        ("e:p?/e:q", ""),
        ("e:p|e:q", ""),
        ("(e:p/e:q)*", ""),
        ("^(e:p/e:q)", ""),
    ],
)
def test_the_verb_of_a_path_is_its_first_step_if_there_is_one(path: str, verb: str) -> None:
    text = f"?i {path} ?x"
    assert [one.verb for one in paths(text, 0, len(text)) or ()] == [verb]


def test_paths_beside_statements_about_statements_are_not_told_apart() -> None:
    text = "<< ?s ?p ?o >> e:p* ?x"
    assert paths(text, 0, len(text)) is None


@pytest.mark.parametrize(("body", "keys"), [("e:p* ?x", set()), ("e:p+ ?x", {"s", "x"})])
def test_what_cannot_be_told_apart_is_no_key(body: str, keys: set[str]) -> None:
    tree = parse(
        f"{PREFIX}SELECT * {{ ?s ?y ?x SERVICE <{SOURCE}> {{ << ?s e:a e:b >> {body} }} }}"
    )
    (service,) = services(tree.select)
    assert key_candidates(tree, service) == keys


COUNTED = "{ SELECT ?i (COUNT(?x) AS ?n) { ?i e:up ?x } GROUP BY ?i }"


@pytest.mark.parametrize(
    ("body", "times"),
    [
        (COUNTED, 1),
        (f"{COUNTED} ?i e:label ?l", 1),
        (f"?i e:label ?l OPTIONAL {COUNTED}", 2),
        (f"?i e:label ?l MINUS {COUNTED}", 2),
        (f"{COUNTED} UNION {COUNTED}", 3),
        (f"{COUNTED} {{ SELECT ?i (MAX(?x) AS ?m) {{ ?i e:up ?x }} GROUP BY ?i }}", 2),
        (f"OPTIONAL {COUNTED} ?i e:label ?l", 1),
        ("?i e:label ?l OPTIONAL { SELECT ?i { ?i e:up ?x } LIMIT 1 }", 1),
        ("?i e:label ?l OPTIONAL { SELECT (MAX(?i) AS ?n) { ?i e:up ?x } }", 1),
        (f"{{ ?i e:up* ?x }} UNION {COUNTED}", 2),
    ],
)
def test_each_sub_query_computes_only_what_is_asked_about(body: str, times: int) -> None:
    tree = parse(f"{PREFIX}SELECT * {{ ?t e:link ?i SERVICE <{SOURCE}> {{ {body} }} }}")
    (service,) = services(tree.select)
    sent = keyed(part(tree, service, 10), tree, service, ("i",))
    nodes = [NamedNode(f"http://e.example/{name}") for name in ("one", "leaf", "gone")]
    keys = [(node,) for node in nodes]

    text = sent.text(keys)

    assert text.count("VALUES") == times
    store = Store()
    store.load(REMOTE.encode(), RdfFormat.TURTLE)
    names = " ".join(f"?{name}" for name in sent.variables)
    whole = store.query(f"{PREFIX}SELECT {names} {{ {{ {body} }} FILTER(?i IN ({terms(nodes)})) }}")
    assert solutions(store.query(text)) == solutions(whole)


def terms(nodes: list[NamedNode]) -> str:
    return ", ".join(map(str, nodes))


def solutions(found: object) -> list[str]:
    assert isinstance(found, QuerySolutions)
    return sorted(str([str(term) for term in row]) for row in found)
