"""Data and shapes -> validation results, by pySHACL, which only this and `batches` import.

pySHACL works on plain RDFLib graphs, built here from what pyoxigraph parsed, so that literals
stay as written. Its own `focus_nodes` option is not used: it also filters the value nodes of
nested shapes, so that `sh:or` or `sh:node` over a literal would always hold. The focus nodes of
each shape are cut down here instead, before it validates.

Run only inside the child of `leadgraph.check.child`: patterns may backtrack without end.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import rdflib
from pyoxigraph import BlankNode, RdfFormat, Triple, parse, serialize
from pyshacl.errors import ReportableRuntimeError
from pyshacl.graph_abstraction import DataGraph
from pyshacl.helper.expression_helper import value_nodes_from_path
from pyshacl.monkey import rdflib_bool_patch, rdflib_bool_unpatch
from pyshacl.validator import Validator
from rdflib.plugins import sparql as plugins
from rdflib.term import IdentifiedNode

from leadgraph.check.collector import uncollected
from leadgraph.check.shacl import terms
from leadgraph.check.shacl.batches import in_batches
from leadgraph.check.shacl.constraints import one_line
from leadgraph.check.shacl.inner import Shapes, results
from leadgraph.check.shacl.raw import RawResult, finding
from leadgraph.errors import ShapesInvalid
from leadgraph.vocabulary import SH as SHACL

if TYPE_CHECKING:
    from pyshacl.pytypes import SHACLExecutor
    from pyshacl.shape import Shape
    from pyshacl.shapes_graph import ShapesGraph
    from rdflib.term import Node

    from leadgraph.check.results import Result
    from leadgraph.check.shacl.raw import Finding
    from leadgraph.check.slice import Term

    _Nodes = set[Node] | dict[Node, set[Node]] | None

Focus: TypeAlias = "frozenset[Term] | Mapping[Term, frozenset[Term]] | None"
"""Focus nodes; those of each shape; None for all."""


class Prefixes(NamedTuple):
    """The prefixes of the data and of the shapes: pySHACL's own words and its queries know them."""

    data: Mapping[str, str]
    shapes: Mapping[str, str]


_NO_PREFIXES = Prefixes({}, {})


@dataclass(frozen=True, slots=True)
class Validation:
    """The results of one run of pySHACL, and what its report is made from."""

    results: list[Result]
    _shapes: ShapesGraph
    _raw: list[RawResult]

    def report(self) -> str:
        """Return pySHACL's own validation report (SHACL, 3.6) as Turtle.

        RDFLib writes N-Triples as they are, but numbers in Turtle as it likes them. Results stand
        in the order in which they were found.
        """
        graph, _ = Validator.create_validation_report(self._shapes, not self._raw, self._raw)
        plain = parse(str(graph.serialize(format="nt11")), format=RdfFormat.N_TRIPLES)
        found = (str(subject) for raw in self._raw for subject, _, _ in raw[2])
        rank = {node: number for number, node in enumerate(dict.fromkeys(found))}

        def place(triple: Triple) -> tuple[int, str, str]:
            subject = triple.subject
            node = subject.value if isinstance(subject, BlankNode) else ""
            return rank.get(node, len(rank)), str(subject), str(triple)

        ordered = sorted((quad.triple for quad in plain), key=place)
        written = serialize(ordered, format=RdfFormat.TURTLE, prefixes={"sh": SHACL})
        return (written or b"").decode()


def validate(
    data: Iterable[Triple],
    shapes: Iterable[Triple],
    focus: Focus,
    shapes_path: str,
    prefixes: Prefixes = _NO_PREFIXES,
) -> list[Result]:
    """Return what the shapes find wrong with the data.

    With `focus`, a shape only looks at its targets that are in it (and at the objects that it
    targets by sh:targetObjectsOf, which need not be subjects).

    Raises:
        ShapesInvalid: if the shapes cannot be used; `shapes_path` says where they come from.
    """
    return validation(data, shapes, focus, shapes_path, prefixes).results


def validation(
    data: Iterable[Triple],
    shapes: Iterable[Triple],
    focus: Focus,
    shapes_path: str,
    prefixes: Prefixes = _NO_PREFIXES,
) -> Validation:
    """Return the same, of which a report can be made.

    Raises:
        ShapesInvalid: if the shapes cannot be used; `shapes_path` says where they come from.
    """
    with _alone(shapes_path), in_batches(), uncollected():
        graph = terms.graph(data, prefixes.data)
        nodes = _focus(focus)
        with _true_alone():
            shapes_graph = terms.graph(shapes, prefixes.shapes)
        validator = _validator(shapes_graph)
        executor = validator.make_executor()
        raw = list(_run(validator, executor, graph, nodes))
        found = list(results(map(finding, raw), _inner(validator, executor, graph)))
    return Validation(found, validator.shacl_graph, raw)


@contextmanager
def _alone(shapes_path: str) -> Iterator[None]:
    """Let queries in shapes load nothing, nobody be warned, and what fails be the shapes' fault.

    RDFLib and pySHACL raise whatever occurs to them where a query or a shape is ill-formed.
    """
    rdflib.NORMALIZE_LITERALS = False
    plugins.SPARQL_LOAD_GRAPHS = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # noqa: BLE001  # as the docstring says
        raise ShapesInvalid(shapes_path, one_line(_described(error)).rstrip(".!")) from None
    finally:
        rdflib.NORMALIZE_LITERALS = False


@contextmanager
def _true_alone() -> Iterator[None]:
    """Let `"1"^^xsd:boolean` switch nothing on in shapes, as where pySHACL reads them itself."""
    rdflib_bool_patch()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        rdflib_bool_unpatch()  # type: ignore[no-untyped-call]
        rdflib.NORMALIZE_LITERALS = False


def _described(error: Exception) -> str:
    """What an error says; its name too where that is no sentence (`KeyError: 'x'`)."""
    text = str(error)
    return text if " " in text else f"{type(error).__name__}: {text}"


def _validator(shapes_graph: rdflib.Graph) -> Validator:
    """A validator of nodes by these shapes; the data are given with each question."""
    options = {
        "inplace": True,
        "inference": "none",
        "advanced": False,
        "use_js": False,
        "logger": logging.getLogger("leadgraph.check"),
    }
    validator = Validator(
        DataGraph.from_rdflib(rdflib.Graph()), shacl_graph=shapes_graph, options=options
    )
    if not validator.shacl_graph.shapes:
        raise ReportableRuntimeError("it holds no shapes")
    return validator


def _run(
    validator: Validator, executor: SHACLExecutor, graph: rdflib.Graph, focus: _Nodes
) -> Iterator[RawResult]:
    """Let each shape validate its own targets."""
    for shape in validator.shacl_graph.shapes:
        targets = _targets(shape, graph, focus)
        if targets:
            _, found = shape.validate(executor, graph, focus=targets)
            yield from found


def _inner(validator: Validator, executor: SHACLExecutor, graph: rdflib.Graph) -> Shapes:
    """The shapes, ready to be asked about single nodes."""

    def ask(shape: Node, node: Node) -> list[Finding]:
        if not isinstance(node, IdentifiedNode | rdflib.Literal):
            return []
        asked = validator.shacl_graph.lookup_shape_from_node(shape)
        _, found = asked.validate(executor, graph, focus=node)
        return list(map(finding, found))

    def walk(focus: Node, path: Node) -> set[Node]:
        nodes: set[Node] = value_nodes_from_path(validator.shacl_graph, focus, path, graph)
        return nodes

    return Shapes(validator.shacl_graph.graph, ask, walk)


def _focus(focus: Focus) -> _Nodes:
    """The focus nodes as RDFLib has them."""
    if isinstance(focus, Mapping):
        return {terms.node(s): set(map(terms.node, nodes)) for s, nodes in focus.items()}
    return None if focus is None else set(map(terms.node, focus))


def _targets(shape: Shape, graph: rdflib.Graph, focus: _Nodes) -> list[Node]:
    """The targets of a shape (SHACL, 2.1.3) that are in the focus, in a stable order."""
    if isinstance(focus, dict) and shape.node not in focus:
        return []
    targets: set[Node] = shape.focus_nodes(graph)  # type: ignore[no-untyped-call]  # pySHACL's
    if isinstance(focus, dict):
        targets &= focus[shape.node]
    elif focus is not None:
        predicates: set[Node] = shape.target_objects_of()  # type: ignore[no-untyped-call]
        targets &= focus.union(*(graph.objects(None, predicate) for predicate in predicates))
    return sorted(targets, key=str)
