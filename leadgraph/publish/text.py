"""Statements -> N-Quads and Turtle: the same statements give the same bytes."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from pyoxigraph import Quad, RdfFormat, Triple, serialize

from leadgraph.vocabulary import PREFIXES, RDF

if TYPE_CHECKING:
    from collections.abc import Iterable


def as_nquads(quads: Iterable[Quad]) -> bytes:
    """Return quads one a line, in code point order, which is how UTF-8 sorts as well."""
    buffer = BytesIO()
    serialize(quads, buffer, RdfFormat.N_QUADS)
    return b"".join(sorted(buffer.getvalue().splitlines(keepends=True)))


def as_turtle(graph: Iterable[Triple], prefixes: dict[str, str]) -> bytes:
    """Return a graph as Turtle for people: sorted, types first, a blank line between things.

    Only the prefixes that it uses are declared; ours win over others of the same name.
    """
    buffer = BytesIO()
    fitting = _one_name_each({**prefixes, **PREFIXES})
    serialize(sorted(graph, key=_order), buffer, RdfFormat.TURTLE, prefixes=fitting)
    # pyoxigraph escapes line ends within literals: a line that starts a thing is not indented.
    lines = buffer.getvalue().decode().rstrip("\n").split("\n")
    declared = [line for line in lines if line.startswith("@prefix ")]
    body = "\n".join(_spaced(line) for line in lines[len(declared) :])
    used = sorted(line for line in declared if line.split()[1] in body)
    return ("\n".join(used) + f"\n{body}\n").encode()


def _spaced(line: str) -> str:
    """Return a line with four spaces for a tab, and an empty line before a new thing."""
    return f"    {line[1:]}" if line.startswith("\t") else f"\n{line}"


def _order(triple: Triple) -> tuple[str, bool, str, str]:
    """Sort by subject, its types first."""
    predicate = triple.predicate.value
    return str(triple.subject), predicate != f"{RDF}type", predicate, str(triple.object)


def _one_name_each(prefixes: dict[str, str]) -> dict[str, str]:
    r"""Return prefixes of which at most one fits any IRI.

    pyoxigraph takes any that fits, now this and then that; and `lgid:role\/editor` is harder to
    read than `role:editor`. So a namespace gives way to those that lie within it.
    """
    names = {namespace: name for name, namespace in reversed(prefixes.items())}
    return {
        name: namespace
        for namespace, name in sorted(names.items())
        if not any(other != namespace and other.startswith(namespace) for other in names)
    }
