"""A SERVICE in its query -> the pattern over our own data that binds what it can be joined with.

What the pattern gives is a superset: whatever a solution of the SERVICE contributes to the answer,
it is compatible with some solution of the pattern. So the SERVICE may be asked about these alone.

The pattern is made level by level, from the group of the SERVICE outwards. At each level the
solutions of what the SERVICE is joined with are kept; what cannot be known yet (another SERVICE)
is left out, and with it each OPTIONAL, MINUS and BIND that would come out differently without it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leadgraph.link.text import scope
from leadgraph.link.text.tree import Kind, services_in

if TYPE_CHECKING:
    from leadgraph.link.join.rewrite import Writer
    from leadgraph.link.text.tree import Element, Group, Select

_VOLATILE = re.compile(r"\b(?:NOW|RAND|(?:STR)?UUID|BNODE)\s*\(", re.IGNORECASE)
"""Functions that give something new each time: what they decide is decided once only."""
_JOINED = frozenset({Kind.TRIPLES, Kind.VALUES})
_DEPENDENT = frozenset({Kind.OPTIONAL, Kind.MINUS, Kind.BIND})
"""Elements whose result depends on those before them."""
_FRESH = "leadgraph_graph_{}"
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Unit:
    """Variables that one element connects, and the SERVICEs in it that are not answered yet."""

    variables: frozenset[str]
    waiting: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Context:
    """A pattern as text, what it may bind, and the units it was made of."""

    pattern: str = ""
    variables: frozenset[str] = _NONE
    units: tuple[Unit, ...] = ()

    def selected(self, wanted: frozenset[str]) -> Context:
        """Return the pattern of these variables alone, once each."""
        shared = self.variables & wanted
        if not shared:
            return Context(units=self.units)
        names = " ".join(f"?{name}" for name in sorted(shared))
        pattern = f"{{ SELECT DISTINCT {names} {{ {self.pattern} }} }}\n"
        return Context(pattern, shared, self.units)


@dataclass(slots=True)
class _Level:
    """What was kept of a group: texts, what they bind for sure, what they bind at all.

    `ambient` variables have values from around an EXISTS, `tainted` are all that what was left out
    may have bound. `late` is bound by what stands behind the place that is looked from.
    """

    ambient: frozenset[str]
    tainted: frozenset[str]
    texts: list[str] = field(default_factory=list)
    certain: frozenset[str] = _NONE
    visible: frozenset[str] = _NONE
    late: frozenset[str] = _NONE
    units: list[Unit] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """Where a group stands.

    `outer` is what the group is joined with from outside, `ambient` the variables that have values
    within an EXISTS, `graph` the term of the GRAPH around it.
    """

    outer: Context = Context()
    ambient: frozenset[str] = _NONE
    graph: str | None = None


def context(writer: Writer, service: Element, focus: frozenset[str] | None = None) -> Context:
    """Return what is known of a SERVICE when some others have been answered.

    With a `focus` only what has to do with these variables is kept: what is not connected with
    them would but multiply the solutions.
    """
    return _Builder(writer, service, focus).of_select(writer.tree.select, _Surroundings())


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept of an element: its text, what it binds for sure, what it may bind."""

    text: str
    certain: frozenset[str]
    visible: frozenset[str]


class _Builder:
    """The walk from the outermost group to the SERVICE."""

    def __init__(self, writer: Writer, service: Element, focus: frozenset[str] | None) -> None:
        self._writer = writer
        self._tree = writer.tree
        self._service = service
        self._focus = focus

    def of_select(self, select: Select, around: _Surroundings) -> Context:
        """Return the context of the SERVICE, which is in this query."""
        outer = _joined(around.outer.selected(scope.plain(select)), self._data(select))
        shown = scope.projected(select)
        ambient = around.ambient & shown
        inside = _Surroundings(outer, ambient, _graph_inside(around.graph, shown, select.start))
        if self._holds(select.where):
            return self.of_group(select.where, inside)
        pattern = next(group for group in select.exists if self._holds(group))
        ambient |= scope.visible(select.where) | frozenset(select.aliases)
        if select.grouped or select.where.select is not None:
            return self.of_group(pattern, _Surroundings(Context(), ambient, inside.graph))
        level = self._level(select.where, None, len(select.where.elements), inside.ambient)
        known = self._known(level, select.where, inside)
        known = _without(known, _barred(pattern, select.where.elements, level, outer))
        return self.of_group(pattern, _Surroundings(known, ambient, inside.graph))

    def of_group(self, group: Group, around: _Surroundings) -> Context:
        """Return the context of the SERVICE, which is in this group."""
        if group.select is not None:
            return self.of_select(group.select, around)
        index, element = next(
            (index, element)
            for index, element in enumerate(group.elements)
            if element.start <= self._service.start < element.end
        )
        if element.kind is Kind.FILTER:
            index = len(group.elements)
        level = self._level(group, element, index, around.ambient)
        known = self._known(level, group, around)
        if element.start == self._service.start:
            return known
        pattern = next(inner for inner in element.groups if self._holds(inner))
        if element.kind in {Kind.GROUP, Kind.UNION, Kind.GRAPH}:
            graph = element.term if element.kind is Kind.GRAPH else around.graph
            return self.of_group(pattern, _Surroundings(known, around.ambient, graph))
        early = group.elements[:index]
        known = _without(known, _barred(pattern, early, level, around.outer))
        ambient = around.ambient
        if element.kind in {Kind.FILTER, Kind.BIND}:
            ambient |= scope.visible_in(early)
        return self.of_group(pattern, _Surroundings(known, ambient, around.graph))

    def _holds(self, group: Group) -> bool:
        return group.start <= self._service.start < group.end

    def _data(self, select: Select) -> Context:
        """Return the VALUES behind a query as a context, as far as each row is of one group."""
        data = select.data
        if data is None or not self._in_focus(data.start, data.end):
            return Context()
        names = frozenset(data.variables)
        if select.grouped and not names <= frozenset(select.keys):
            return Context()
        return Context(self._writer.text(data.start, data.end) + "\n", names, (Unit(names),))

    def _known(self, level: _Level, group: Group, around: _Surroundings) -> Context:
        """Return the solutions of a level, joined with what is known from outside."""
        own, names = "".join(level.texts), level.visible
        if around.graph is not None:
            variable = _variable(around.graph)
            if own or variable:
                own = f"GRAPH {around.graph} {{ {own} }}\n"
            names |= frozenset(filter(None, [variable]))
        needed = self._tree.mentioned(group.start, group.end) | names
        outer = around.outer.selected(needed)
        if own and outer.pattern:
            own = f"{{ {own} }}\n"
        return Context(own + outer.pattern, names | outer.variables, (*level.units, *outer.units))

    def _level(
        self, group: Group, skipped: Element | None, place: int, ambient: frozenset[str]
    ) -> _Level:
        """Return what is kept of a group without one of its elements, seen from a place in it."""
        level = _Level(ambient, ambient)
        for index, element in enumerate(group.elements):
            if element is skipped:
                level.tainted |= scope.visible_of(element) - level.certain
            elif element.kind is not Kind.FILTER and self._in_focus(element.start, element.end):
                self._keep(level, element, is_late=index > place)
        for element in group.elements:
            if element.kind is Kind.FILTER and element is not skipped:
                self._filter(level, group, element)
        return level

    def _in_focus(self, start: int, end: int) -> bool:
        if self._focus is None:
            return True
        names = self._tree.mentioned(start, end)
        return not names or bool(names & self._focus)

    def _keep(self, level: _Level, element: Element, *, is_late: bool) -> None:
        """Add to a level what can be kept of an element; else note what that may change."""
        kept = self._kept(element, level, is_late=is_late)
        waiting = self._unanswered(element)
        if kept is not None:
            level.texts.append(kept.text)
            level.certain |= kept.certain
            level.visible |= kept.visible
            level.late |= kept.visible if is_late else _NONE
        if waiting and not self._restricts(element, level, is_late=is_late):
            waiting = frozenset()
        if kept is not None or waiting:
            names = self._tree.mentioned(element.start, element.end)
            level.units.append(Unit(names, waiting))
        if kept is None or self._unanswered(element):
            level.tainted |= scope.visible_of(element) - level.certain

    def _restricts(self, element: Element, level: _Level, *, is_late: bool) -> bool:
        """Tell whether an element, once its SERVICEs are answered, may leave fewer solutions."""
        if element.kind not in {Kind.OPTIONAL, Kind.BIND}:
            return True
        new = scope.visible_of(element) - level.certain
        where = self._tree.select.where
        elsewhere = self._tree.mentioned(where.start, element.start)
        elsewhere |= self._tree.mentioned(element.end, where.end)
        return not is_late and bool(new & elsewhere)

    def _kept(self, element: Element, level: _Level, *, is_late: bool) -> _Kept | None:
        """Return what can be kept of an element, None if it is nothing."""
        if element.kind is Kind.SERVICE:
            left = self._unanswered(element) or element.start in self._tree.deferred
            return None if left else self._verbatim(element)
        if element.kind in _JOINED:
            return self._verbatim(element)
        names = self._tree.mentioned(element.start, element.end)
        clean = not (self._unanswered(element) or self._is_volatile(element))
        clean = clean and not names & level.ambient
        if element.kind not in _DEPENDENT:
            return self._verbatim(element) if clean else self._reduced(element, level.ambient)
        if is_late and element.kind is Kind.OPTIONAL:
            return None
        if clean and not names & (level.tainted - level.certain):
            return self._verbatim(element)
        return None

    def _verbatim(self, element: Element) -> _Kept:
        text = self._writer.text(element.start, element.end)
        if element.kind is Kind.TRIPLES:
            text = text.rstrip(".") + " ."
        return _Kept(f"{text}\n", scope.certain_of(element), scope.visible_of(element))

    def _reduced(self, element: Element, ambient: frozenset[str]) -> _Kept | None:
        """Return what can be kept of a group, a UNION or a GRAPH that cannot be kept whole."""
        if any(group.select is not None for group in element.groups):
            return None
        levels = [
            self._level(group, None, len(group.elements), ambient) for group in element.groups
        ]
        text = " UNION ".join(f"{{ {''.join(level.texts)} }}" for level in levels)
        if element.kind is Kind.GRAPH:
            empty = f"GRAPH {element.term} {{}}\n" if element.term_variable else ""
            text = f"{empty}GRAPH {element.term} {text}"
        named = frozenset(element.variables)
        certain = frozenset.intersection(*(level.certain for level in levels))
        visible = frozenset[str]().union(*(level.visible for level in levels))
        return _Kept(f"{text}\n", certain | named, visible | named)

    def _filter(self, level: _Level, group: Group, element: Element) -> None:
        """Add a FILTER to a level: solutions only grow, so what it says of bound variables stays.

        Where one of its variables is unbound here it cannot be told, and passes.
        """
        names = self._tree.mentioned(element.start, element.end)
        if not self._in_focus(element.start, element.end) or self._is_volatile(element):
            return
        waiting = self._unanswered(element)
        if waiting:
            level.units.append(Unit(names, waiting))
            return
        outside = self._tree.outside(element.start, element.end)
        told = frozenset(element.variables) | (names & outside)
        if not told <= level.visible:
            return
        level.units.append(Unit(told))
        joined = self._writer.joined(group, element)
        if joined is not None and joined[1] <= level.certain:
            level.texts.append(f"{joined[0]}\n")
            return
        expression = self._writer.text(element.start + len(Kind.FILTER), element.end)
        guards = "".join(f"!BOUND(?{name}) || " for name in sorted(told - level.certain))
        level.texts.append(f"FILTER({guards}({expression}\n))\n")

    def _unanswered(self, element: Element) -> frozenset[int]:
        """Return the SERVICEs in an element that have not been answered."""
        inside = [element] if element.kind is Kind.SERVICE else []
        for group in element.groups if not inside else ():
            inside += services_in(group)
        return frozenset(each.start for each in inside) - self._writer.answered

    def _is_volatile(self, element: Element) -> bool:
        text = self._tree.text[element.start : element.end]
        return _VOLATILE.search(text) is not None


def _joined(one: Context, other: Context) -> Context:
    return Context(
        one.pattern + other.pattern,
        one.variables | other.variables,
        one.units + other.units,
    )


def _without(known: Context, barred: frozenset[str]) -> Context:
    return known.selected(known.variables - barred) if known.variables & barred else known


def _barred(
    pattern: Group, early: tuple[Element, ...], level: _Level, outer: Context
) -> frozenset[str]:
    """Return the variables of an OPTIONAL, MINUS or EXISTS that what comes later cannot restrict.

    Its pattern is compared with solutions of what stands before it. Where those leave a variable
    unbound, and something later binds it, the value does not restrict the pattern.
    """
    later = level.late | outer.variables
    exact = level.visible - later
    return scope.visible(pattern) - scope.certain_in(early) - exact


def _graph_inside(graph: str | None, shown: frozenset[str], offset: int) -> str | None:
    """Return the term of a GRAPH as a sub-query sees it: its variable is another, if not shown."""
    variable = _variable(graph or "")
    if variable is None or variable in shown:
        return graph
    return f"?{_FRESH.format(offset)}"


def _variable(term: str) -> str | None:
    return term[1:] if term[:1] in {"?", "$"} else None
