"""A strategy for queries with SERVICE, over a few things and properties so that much matches."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from hypothesis import strategies as st

from tests.federated import A, B

if TYPE_CHECKING:
    from collections.abc import Sequence

Choice = TypeVar("Choice")

_VARIABLES = ("?a", "?b", "?c", "?d")
_THINGS = tuple(f"<http://e/n{number}>" for number in range(3))
_VALUES = (*_THINGS, "1", '"x"@en')


@st.composite
def queries(draw: st.DrawFn) -> str:
    """Queries with one to three SERVICEs."""
    return _Writer(draw).query()


class _Writer:
    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._services = 0

    def query(self) -> str:
        group = self._group(3, f"{self._triple()}{self._service()}")
        names = " ".join(self._some(_VARIABLES))
        return self._one(
            (
                f"SELECT * {group}",
                f"SELECT * {group} {self._values()}",
                f"SELECT DISTINCT {names} {group}",
                f"SELECT {names[:2]} (COUNT(*) AS ?n) {group} GROUP BY {names[:2]}",
                f"ASK {group}",
                f"CONSTRUCT {{ {names[:2]} <http://e/x> {names[-2:]} }} {group}",
            )
        )

    def _one(self, choices: Sequence[Choice]) -> Choice:
        return self._draw(st.sampled_from(choices))

    def _some(self, choices: Sequence[str]) -> list[str]:
        return self._draw(st.lists(st.sampled_from(choices), min_size=1, unique=True))

    def _several(self, least: int, most: int) -> range:
        return range(self._draw(st.integers(least, most)))

    def _variable(self) -> str:
        return self._one(_VARIABLES)

    def _triple(self) -> str:
        subject = self._one((*_VARIABLES, *_VARIABLES, _THINGS[0]))
        verb = self._one(("<http://e/p>",) * 4 + ("<http://e/q>", "<http://e/p>*", "?a"))
        value = self._one((*_VARIABLES, *_VARIABLES, *_VALUES))
        return f"{subject} {verb} {value} . "

    def _values(self) -> str:
        rows = [self._one((*_VALUES, "UNDEF")) for _ in self._several(0, 3)]
        return f"VALUES {self._variable()} {{ {' '.join(rows)} }} "

    def _service(self) -> str:
        self._services += 1
        silent = self._one(("", "", "SILENT "))
        first = self._one((self._triple(), self._triple(), ""))
        return f"SERVICE {silent}<{self._one((A, B))}> {self._group(1, first, inside=True)}"

    def _group(self, depth: int, first: str = "", *, inside: bool = False) -> str:
        elements = [self._element(depth, inside=inside) for _ in self._several(0, 2)]
        return f"{{ {first}{''.join(elements)}}} "

    def _element(self, depth: int, *, inside: bool) -> str:
        kinds = ["triple", "triple", "filter", "bind", "values"]
        if depth:
            kinds += ["OPTIONAL", "OPTIONAL", "MINUS", "UNION", "group", "select"]
        if depth and not inside:
            kinds += ["exists", "graph"]
        if not inside and self._services < 3:
            kinds += ["service"] * 4
        return self._of(self._one(kinds), depth, inside=inside)

    def _of(self, kind: str, depth: int, *, inside: bool) -> str:
        alone = {"triple": self._triple, "service": self._service, "values": self._values}
        if kind in alone:
            return alone[kind]()
        if kind == "filter":
            return f"FILTER({self._expression()}) "
        if kind == "bind":
            given = (self._variable(), _THINGS[1], f"COALESCE({self._variable()}, {_THINGS[2]})")
            return f"BIND({self._one(given)} AS {self._variable()}) "
        group = self._group(depth - 1, self._triple(), inside=inside)
        if kind == "UNION":
            return f"{group}UNION {self._group(depth - 1, inside=inside)}"
        return self._around(kind, group)

    def _around(self, kind: str, group: str) -> str:
        if kind in {"OPTIONAL", "MINUS"}:
            return f"{kind} {group}"
        if kind == "exists":
            return f"FILTER {self._one(('', 'NOT '))}EXISTS {group}"
        if kind == "graph":
            return f"GRAPH <http://e/g1> {group}"
        return f"{{ {self._select(group)} }} " if kind == "select" else group

    def _select(self, group: str) -> str:
        names = " ".join(self._some(_VARIABLES))
        return self._one(
            (
                f"SELECT {names} {group}",
                f"SELECT DISTINCT {names} {group}",
                f"SELECT {names[:2]} (COUNT(*) AS ?n) {group} GROUP BY {names[:2]}",
                f"SELECT {names} {group} ORDER BY {names} LIMIT 2",
            )
        )

    def _expression(self) -> str:
        name = self._variable()
        return self._one(
            (
                f"{name} = {self._one((*_VARIABLES, *_VALUES))}",
                f"BOUND({name})",
                f"!BOUND({name})",
                f"isIRI({name})",
                f"COALESCE({name} = {self._variable()}, true)",
            )
        )
