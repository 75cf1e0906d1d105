"""Query text -> Tree. Knows where groups begin and end, not whether what is in them is right."""

from __future__ import annotations

from dataclasses import dataclass, field

from leadgraph.link.text.expressions import MODIFIERS, Expressions, Found
from leadgraph.link.text.reader import END, NotUnderstood, Reader, variable
from leadgraph.link.text.tree import Element, Group, Kind, Select, Tree

_DEEPEST = 200
_PATTERNS = frozenset(
    ("OPTIONAL", "MINUS", "GRAPH", "SERVICE", "FILTER", "BIND", "VALUES", "UNION", "LATERAL")
)
_IN_TRIPLES = frozenset({"A", "TRUE", "FALSE"})


@dataclass(slots=True)
class _Clauses:
    """What is known of a query while its clauses are read."""

    found: Found = field(default_factory=Found)
    star: bool = False
    distinct: bool = False
    projected: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    grouped: bool = False
    ordered: bool = False
    limit: int | None = None
    offset: int | None = None
    data: Element | None = None
    dataset: str = ""


def parse(text: str) -> Tree:
    """Return the tree of a query.

    Raises:
        NotUnderstood: if the text is no query, or one whose parts cannot be told apart.
    """
    return _Parser(text).tree()


class _Parser:
    """Recursive descent over the groups; what is between brackets is read in a loop."""

    def __init__(self, text: str) -> None:
        self._reader = Reader(text)
        self._inner = Expressions(self._reader, self._group)
        self._depth = 0

    def tree(self) -> Tree:
        """Return the tree of the whole text."""
        reader = self._reader
        while reader.word in {"BASE", "PREFIX", "VERSION"}:
            self._declaration()
        prologue, form = reader.text[: reader.next.offset], reader.word
        select = self._select() if form == "SELECT" else self._other(form)
        if reader.next.kind != END:
            raise NotUnderstood(reader.next.offset)
        occurrences = tuple(reader.occurrences)
        return Tree(
            text=reader.text, form=form, prologue=prologue, select=select, occurrences=occurrences
        )

    def _declaration(self) -> None:
        reader = self._reader
        if reader.take().text.upper() == "PREFIX":
            reader.prefixes.add(reader.next.text.partition(":")[0])
            reader.take()
        reader.take()

    def _other(self, form: str) -> Select:
        """Read what is no SELECT."""
        reader, clauses = self._reader, _Clauses()
        start = reader.next.offset
        if form not in {"ASK", "CONSTRUCT", "DESCRIBE"}:
            raise NotUnderstood(start)
        reader.take()
        if form == "CONSTRUCT" and reader.next.text == "{":
            self._inner.balanced()
        while form == "DESCRIBE" and reader.next.kind in {"iri", "name", "variable", "other"}:
            clauses.star = reader.take().text == "*" or clauses.star
        return self._body(start, clauses)

    def _select(self) -> Select:
        reader, clauses = self._reader, _Clauses()
        start = reader.require("SELECT").offset
        if reader.word in {"DISTINCT", "REDUCED"}:
            clauses.distinct = reader.take().text.upper() == "DISTINCT"
        while (token := reader.next).text == "*" or token.kind == "variable" or token.text == "(":
            if token.text == "(":
                inner = self._inner.bracketed(clauses.found)
                clauses.aliases.append(inner[-1])
            else:
                clauses.star = clauses.star or token.text == "*"
                clauses.projected.extend(filter(None, [variable(reader.take())]))
        return self._body(start, clauses)

    def _body(self, start: int, clauses: _Clauses) -> Select:
        """Read what follows the projection: datasets, the pattern, modifiers."""
        reader = self._reader
        clauses.dataset = self._dataset()
        if reader.word == "WHERE":
            reader.take()
        where = Group(start=reader.end, end=reader.end)
        if reader.next.text == "{":
            where = self._group()
        while reader.word in MODIFIERS:
            self._modifier(clauses)
        return Select(
            start=start,
            end=reader.end,
            where=where,
            star=clauses.star or clauses.found.distinct_all,
            distinct=clauses.distinct,
            projected=tuple(clauses.projected),
            aliases=tuple(clauses.aliases),
            grouped=clauses.grouped or clauses.found.aggregates,
            keys=tuple(clauses.keys),
            ordered=clauses.ordered,
            limit=clauses.limit,
            offset=clauses.offset,
            exists=tuple(clauses.found.groups),
            data=clauses.data,
            dataset=clauses.dataset,
        )

    def _dataset(self) -> str:
        reader = self._reader
        start = reader.next.offset
        while reader.word == "FROM":
            reader.take()
            if reader.word == "NAMED":
                reader.take()
            reader.take()
        return reader.text[start : max(start, reader.end)]

    def _modifier(self, clauses: _Clauses) -> None:
        reader = self._reader
        word = reader.word
        if word == "VALUES":
            clauses.data = self._values()
            return
        reader.take()
        if word in {"LIMIT", "OFFSET"}:
            number = self._inner.number()
            clauses.limit = number if word == "LIMIT" else clauses.limit
            clauses.offset = number if word == "OFFSET" else clauses.offset
            return
        if word != "HAVING":
            reader.require("BY")
        clauses.grouped = clauses.grouped or word != "ORDER"
        clauses.ordered = clauses.ordered or word == "ORDER"
        plain = self._inner.conditions(clauses.found)
        if word == "GROUP":
            clauses.keys.extend(plain)

    def _group(self) -> Group:
        """Read a group with its braces."""
        reader = self._reader
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotUnderstood(reader.next.offset)
        start = reader.require("{").offset
        select = self._select() if reader.word == "SELECT" else None
        elements = () if select is not None else self._elements()
        end = reader.require("}").offset + 1
        self._depth -= 1
        return Group(start=start, end=end, elements=elements, select=select)

    def _elements(self) -> tuple[Element, ...]:
        reader, elements = self._reader, []
        while (text := reader.next.text) != "}":
            if text == ".":
                reader.take()
            elif text == "{":
                elements.append(self._union())
            elif reader.word in _PATTERNS:
                elements.append(self._pattern(reader.word))
            else:
                elements.append(self._triples())
        return tuple(elements)

    def _pattern(self, word: str) -> Element:
        """Read the element that a keyword begins."""
        start = self._reader.next.offset
        if word == "VALUES":
            return self._values()
        if word in {"UNION", "LATERAL"}:
            raise NotUnderstood(start)
        self._reader.take()
        if word in {"FILTER", "BIND"}:
            return self._constraint(Kind(word), start)
        if word in {"GRAPH", "SERVICE"}:
            return self._elsewhere(Kind(word), start)
        group = self._group()
        return Element(kind=Kind(word), start=start, end=group.end, groups=(group,))

    def _union(self) -> Element:
        groups = [self._group()]
        while self._reader.word == "UNION":
            self._reader.take()
            groups.append(self._group())
        kind = Kind.GROUP if len(groups) == 1 else Kind.UNION
        return Element(kind=kind, start=groups[0].start, end=groups[-1].end, groups=tuple(groups))

    def _elsewhere(self, kind: Kind, start: int) -> Element:
        """Read the rest of GRAPH or SERVICE."""
        reader = self._reader
        silent = kind is Kind.SERVICE and reader.word == "SILENT"
        if silent:
            reader.take()
        term = reader.take()
        if term.kind not in {"iri", "name", "variable"} or term.text.startswith("_:"):
            raise NotUnderstood(term.offset)
        named = tuple(filter(None, [variable(term)]))
        group = self._group()
        return Element(
            kind=kind,
            start=start,
            end=group.end,
            groups=(group,),
            variables=named,
            certain=named,
            term=term.text,
            silent=silent,
        )

    def _constraint(self, kind: Kind, start: int) -> Element:
        """Read the rest of FILTER or BIND."""
        reader, found = self._reader, Found()
        while reader.next.text not in {"(", "{"}:
            if reader.next.kind not in {"word", "name", "iri"}:
                raise NotUnderstood(reader.next.offset)
            reader.take()
        if reader.next.text == "{":
            self._inner.exists(found)
        else:
            self._inner.bracketed(found)
        named = tuple(found.variables[-1:] if kind is Kind.BIND else dict.fromkeys(found.variables))
        return Element(
            kind=kind, start=start, end=reader.end, groups=tuple(found.groups), variables=named
        )

    def _triples(self) -> Element:
        """Read the triples of one subject, up to their full stop."""
        reader, names, depth = self._reader, dict[str, None](), 0
        start = end = reader.next.offset
        while not self._ends_triples(depth):
            if reader.word and reader.word not in _IN_TRIPLES:
                raise NotUnderstood(reader.next.offset)
            token = reader.take()
            depth += (token.kind == "opening") - (token.kind == "closing")
            names.update(dict.fromkeys(filter(None, [variable(token)])))
            end = reader.end - reader.is_stop()
            if reader.is_stop() and not depth:
                break
        if end <= start:
            raise NotUnderstood(start)
        found = tuple(names)
        return Element(kind=Kind.TRIPLES, start=start, end=end, variables=found, certain=found)

    def _ends_triples(self, depth: int) -> bool:
        reader = self._reader
        if depth:
            return False
        if reader.next.text == "{":
            return not reader.text.startswith("{|", reader.next.offset)
        return reader.next.text == "}" or reader.word in _PATTERNS

    def _values(self) -> Element:
        reader = self._reader
        start = reader.require("VALUES").offset
        names: list[str] = []
        while reader.next.text != "{":
            names.extend(filter(None, [variable(reader.take())]))
        undefined = "UNDEF" in self._inner.balanced()
        return Element(
            kind=Kind.VALUES,
            start=start,
            end=reader.end,
            variables=tuple(names),
            certain=() if undefined else tuple(names),
        )
