"""pySHACL's constraint components -> the same ones, for many focus nodes at a time.

pySHACL validates each property shape for one focus node after the other, and each time reads its
constraints from the shapes graph and writes a description that nobody reads: four fifths of its
time. Here a property shape gets all focus nodes at once. What is found is the same: pySHACL
looks at each focus node by itself, also where it is given many.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyshacl.shape
import rdflib
from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.constraints.core.other_constraints import InConstraintComponent
from pyshacl.constraints.core.shape_based_constraints import PropertyConstraintComponent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyshacl.constraints.constraint_component import ConstraintComponent
    from pyshacl.pytypes import SHACLExecutor
    from rdflib.term import Node

    from leadgraph.check.shacl.raw import RawResult

_MOST_NAMED = 1000
_SLOT = "CONSTRAINT_PARAMS"


class Silent:
    """Leaves out the description of a result, which is no part of the report graph."""

    __slots__ = ()

    def make_v_result_description(self, *_facts: object, **_more: object) -> str:
        """Return no words."""
        return ""


class Batched(PropertyConstraintComponent):
    """sh:property for all value nodes at once."""

    __slots__ = ()

    def _evaluate_property_shape(
        self,
        executor: SHACLExecutor,
        prop_shape: Node,
        target_graph: rdflib.Graph,
        focus_value_nodes: dict[Node, set[Node]],
        potentially_recursive: list[Node] | None,
        _evaluation_path: list[object],
    ) -> tuple[bool, list[RawResult]]:
        """Return whether anything was found, and what.

        The shape of pySHACL that is behind decides on recursion and on shapes that are none: it
        hears of all value nodes as of a single one, and passes it on as it is.
        """
        everything = [node for nodes in focus_value_nodes.values() for node in nodes]
        failed: bool = False
        found: list[RawResult] = []
        for batch in _rounds(everything):
            one_more, results = super()._evaluate_property_shape(  # type: ignore[no-untyped-call]
                executor,
                prop_shape,
                target_graph,
                {None: [batch]},
                potentially_recursive,
                _evaluation_path,
            )
            failed = failed or one_more
            found += results
        return failed, found


class OfMany(Silent, InConstraintComponent):
    """sh:in, whose own words name all members of the list, but not of one of thousands.

    pySHACL would write them out for each value, megabytes of text that nobody reads.
    """

    __slots__ = ()

    def make_generic_messages(
        self, datagraph: rdflib.Graph, focus_node: Node, value_node: Node
    ) -> list[rdflib.Literal]:
        """Return pySHACL's message, or a shorter one."""
        if len(self.in_vals) <= _MOST_NAMED:
            return super().make_generic_messages(datagraph, focus_node, value_node)
        return [
            rdflib.Literal(f"Value {value_node.n3()} not in list of {len(self.in_vals)} values")
        ]


def _rounds(nodes: Iterable[Node]) -> Iterator[list[Node]]:
    """The nodes in lists that have each once: a node is found as often as it comes."""
    rest = list(nodes)
    while rest:
        once: dict[Node, None] = {}
        again: list[Node] = []
        for node in rest:
            if node in once:
                again.append(node)
            else:
                once[node] = None
        yield list(once)
        rest = again


def _silent(component: type[ConstraintComponent]) -> type[ConstraintComponent]:
    return type(component.__name__, (Silent, component), {"__slots__": ()})


def _components() -> dict[Node, type[ConstraintComponent]]:
    """Parameter -> component, as pySHACL has them; one class for each of its own."""
    kinds = {kind: _silent(kind) for kind in CONSTRAINT_PARAMETERS_MAP.values()}
    kinds |= {PropertyConstraintComponent: Batched, InConstraintComponent: OfMany}
    return {parameter: kinds[kind] for parameter, kind in CONSTRAINT_PARAMETERS_MAP.items()}


_MAP = _components()


@contextmanager
def in_batches() -> Iterator[None]:
    """Let pySHACL use these components within: its cache of them is filled beforehand."""
    before = getattr(pyshacl.shape, _SLOT, None)
    setattr(pyshacl.shape, _SLOT, (frozenset(_MAP), _MAP))
    try:
        yield
    finally:
        setattr(pyshacl.shape, _SLOT, before or (None, None))
