"""Two real endpoints and a real engine, and the oracle: all of their data in one store.

What a query with SERVICE must answer is what one store answers that holds the data of each endpoint
in a named graph, with GRAPH in the place of SERVICE.
"""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    Triple,
    parse,
    parse_query_results,
)

from leadgraph.link.asking.asking import Asking
from leadgraph.link.asking.memory import Memory
from leadgraph.link.federation import Federation
from leadgraph.link.source.endpoint import Network
from leadgraph.link.source.sources import Sources
from leadgraph.model import Form, Question
from leadgraph.query.client import Engine
from leadgraph.query.engine import running
from leadgraph.settings import Settings
from leadgraph.vocabulary import BASE
from tests.endpoints import oxigraph

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from leadgraph.link.account import Asked
    from leadgraph.link.federation import Federated
    from leadgraph.model import Answer

A, B = "http://a.example/sparql", "http://b.example/sparql"
DEAD = "http://dead.example/sparql"
"""Where nobody listens."""
BLOCK = 3

Term = NamedNode | BlankNode | Literal | Triple | None
Solution = tuple[tuple[str, Term], ...]
Result = bool | tuple[Counter[Solution], str]
"""A boolean, or solutions without blank nodes and those with them in a canonical form."""


@dataclass(frozen=True, slots=True)
class World:
    """A federation over the local data of an engine, and the same data with all others in one."""

    federation: Federation
    everything: Store

    def ask(self, text: str, *, fresh: bool = True, results: str = "json") -> Federated:
        """Answer a query as a client would have it answered."""
        return self.federation.answer(Question(text, results, "ntriples"), fresh=fresh)

    def expected(self, text: str) -> Result:
        """What the one store answers."""
        told = re.sub(rf"(?i:SERVICE)\s+(?:(?i:SILENT)\s+)?<({A}|{B})>", r"GRAPH <\1>", text)
        return _result(self.everything.query(told, base_iri=BASE))


@contextlib.contextmanager
def world(folder: Path, local: str, remote: Mapping[str, str]) -> Iterator[World]:
    """Run two endpoints and an engine over data in TriG, those of the endpoints in Turtle."""
    (folder / "local.trig").write_text(local)
    everything = Store()
    everything.bulk_extend(parse(local.encode(), RdfFormat.TRIG, rename_blank_nodes=True))
    with contextlib.ExitStack() as stack:
        allowed = []
        for number, (iri, turtle) in enumerate(remote.items()):
            path = folder / f"remote{number}.ttl"
            path.write_text(turtle)
            everything.add_graph(NamedNode(iri))
            everything.bulk_extend(_in_graph(turtle, NamedNode(iri)))
            address = stack.enter_context(oxigraph([path]))
            allowed.append(f"{iri}#at={address}&block={BLOCK}")
        allowed.append(f"{DEAD}#at=http://127.0.0.1:1/")
        chosen = Settings(service_allow=" ".join(allowed), children=4)
        path = stack.enter_context(running([folder / "local.trig"], chosen))
        engine = stack.enter_context(Engine(path, chosen))
        network, memory = Network(chosen, folder), Memory(folder, chosen)
        stack.callback(network.close)
        stack.callback(memory.close)
        asking = Asking(network, memory, chosen)
        federation = Federation(engine, Sources.from_settings(chosen), asking, chosen, "a release")
        yield World(federation, everything)


def result(answer: Answer) -> Result:
    """What an answer says."""
    body = answer.whole if answer.whole is not None else b"".join(answer.chunks)
    if answer.form is Form.GRAPH:
        return _result(quad.triple for quad in parse(body, RdfFormat.N_TRIPLES))
    return _result(parse_query_results(body, QueryResultsFormat.JSON))


def requests(asked: Iterable[Asked]) -> dict[str, int]:
    """How many requests went to each source."""
    counted: Counter[str] = Counter()
    for one in asked:
        counted[one.source] += one.requests
    return dict(counted)


def _in_graph(turtle: str, graph: NamedNode) -> Iterator[Quad]:
    for quad in parse(turtle.encode(), RdfFormat.TURTLE, rename_blank_nodes=True):
        yield Quad(*quad.triple, graph)


def _result(results: QuerySolutions | QueryBoolean | Iterable[Triple]) -> Result:
    if isinstance(results, QueryBoolean):
        return bool(results)
    if isinstance(results, QuerySolutions):
        names = [variable.value for variable in results.variables]
        return _canonical(
            tuple(sorted((name, solution[name]) for name in names)) for solution in results
        )
    parts = ("s", "p", "o")
    return _canonical({tuple(zip(parts, triple, strict=True)) for triple in results})


def _canonical(solutions: Iterable[Solution]) -> Result:
    """Count solutions; those with blank nodes are written as statements, in a canonical form."""
    plain: Counter[Solution] = Counter()
    linked = Dataset()
    for number, (solution, count) in enumerate(sorted(Counter(solutions).items(), key=str)):
        if not any(isinstance(term, BlankNode) for _, term in solution):
            plain[solution] = count
            continue
        row = BlankNode(f"row{number}")
        linked.add(Quad(row, NamedNode("urn:count"), Literal(count)))
        for name, term in solution:
            if term is not None:
                linked.add(Quad(row, NamedNode(f"urn:{name}"), term))
    linked.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return plain, "\n".join(sorted(map(str, linked)))
