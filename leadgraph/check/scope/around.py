"""Changed files and what checks read -> the part of the graph around that matters to them.

What changes are the statements that files bring, and those of older versions that they replace.
From each of these the paths of a check are walked back to the focus nodes that it may matter to,
and from those on, through the files and the graph around. All that is passed is in the slice, so
that a check finds there what it would find in the whole graph, as far as it is new.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from leadgraph.check.scope.index import filed
from leadgraph.check.scope.reads import START
from leadgraph.check.scope.rows import folded
from leadgraph.vocabulary import RDF

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from leadgraph.check.scope.index import Index, Stated
    from leadgraph.check.scope.reads import Reads, Step
    from leadgraph.check.slice import FileGraph, Term

    _Node = tuple[Term, int]  # a term in a state of the automaton
    _Passed = dict[Stated, None]

_TYPE = NamedNode(RDF + "type")
_CHANGED = 0
"""For the number of a file where a statement is one of those that change."""


class Change(NamedTuple):
    """What files bring, what the versions that they replace had besides, and what stays."""

    brought: frozenset[Triple]
    removed: frozenset[Triple]
    staying: frozenset[Triple] = frozenset()


def change(files: Sequence[FileGraph], replaced: Sequence[FileGraph]) -> Change:
    """Return what comes to the graph without the files, and what goes with their old versions.

    A statement that moves to another file does both.
    """
    now, before = _stated(files), _stated(replaced)
    return Change(_triples(now), _triples(before - now))


def edit(files: Sequence[FileGraph], replaced: Sequence[FileGraph]) -> Change:
    """Return what comes to the graph with the old versions of the files, and what goes."""
    now, before = _stated(files), _stated(replaced)
    return Change(_triples(now - before), _triples(before - now), _triples(now & before))


def _stated(files: Iterable[FileGraph]) -> set[tuple[Triple, str]]:
    return {(triple, file.slug) for file in files for triple in file.triples}


def _triples(stated: Iterable[tuple[Triple, str]]) -> frozenset[Triple]:
    return frozenset(triple for triple, _slug in stated)


class Around:
    """The graph around some files: those files of an index that count, and what changes in it."""

    def __init__(
        self,
        index: Index,
        files: Mapping[int, FileGraph],
        ontology: frozenset[int],
        changed: Change,
    ) -> None:
        """Look into `files`, which hold no statements yet; `ontology` are those that define."""
        self._index = index
        self._files = files
        self._ontology = ontology & files.keys()
        self._changed = changed
        self._overlay = _Overlay(frozenset[Triple]().union(*changed))
        self._known: dict[tuple[Term, NamedNode | None, bool], list[Stated]] = {}

    def is_small(self) -> bool:
        """Whether all of the graph around is hardly more than what changes."""
        changing = len(self._changed.brought) + len(self._changed.removed)
        return self._index.statements(self._files.keys()) <= changing

    def whole(self) -> list[FileGraph]:
        """Return all files with all that they state."""
        return self._index.filled(self._files)

    def ontology(self) -> list[FileGraph]:
        """Return the files that define, with all that they state."""
        return self._index.filled({n: self._files[n] for n in self._ontology})

    def described(self, base: str, pattern: str) -> list[str]:
        """Return the IRIs of things: those that begin so, go on like a pattern, and have a type."""
        return self._index.described(base, pattern, _TYPE, self._files.keys())

    def slice(self, subjects: Reads, rules: Iterable[Reads]) -> list[FileGraph]:
        """Return the files with what matters of them.

        That is: what is said of the subjects that change, and what is read from them on
        (`subjects`); what each of the rules reads around the focus nodes that the change may
        matter to; and what the ontology says of all terms that occur.
        """
        passed: _Passed = {}
        about = {t.subject for t in chain(self._changed.brought, self._changed.removed)}
        for subject in about:
            passed.update(dict.fromkeys(self._edges(subject, None, is_inverse=False)))
        self.walk(subjects, about, passed)
        for read in rules:
            self.walk(read, self.affected(read), passed)
        self._define(passed)
        return filed(self._files, (stated for stated in passed if stated[1] != _CHANGED))

    def slice_of(self, focus: Iterable[Term], reads: Iterable[Reads]) -> list[FileGraph]:
        """Return the files with all that is said of focus nodes and read around them."""
        passed: _Passed = {}
        nodes = list(focus)
        for node in nodes:
            passed.update(dict.fromkeys(self._edges(node, None, is_inverse=False)))
        for read in reads:
            self.walk(read, nodes, passed)
        self._define(passed)
        return filed(self._files, (stated for stated in passed if stated[1] != _CHANGED))

    def _define(self, passed: _Passed) -> None:
        """Add what the ontology says of the terms of all statements."""
        changed = chain(self._changed.brought, self._changed.removed)
        terms: dict[Term, None] = {}
        for triple in chain(changed, (triple for triple, _file in passed)):
            terms[triple.predicate] = None
            if isinstance(triple.object, NamedNode):
                terms[triple.object] = None
        for term in terms:
            passed.update(dict.fromkeys(self._index.defined(term, self._ontology)))

    # --- Walking back ----------------------------------------------------------------------------

    def affected(self, read: Reads, *, also_mended: bool = False) -> set[Term]:
        """Return the focus nodes from which a path leads through a statement that changes.

        Without `also_mended`, not those to whom something that may be missing comes.
        """
        by_predicate = read.by_predicate()
        row: list[_Node] = []
        for triples, has_gone in ((self._changed.brought, False), (self._changed.removed, True)):
            for triple in triples:
                for step in (*by_predicate.get(triple.predicate, ()), *by_predicate.get(None, ())):
                    if (
                        also_mended
                        or step.target not in read.ends
                        or (has_gone and not self._leads_on(triple, step))
                    ):
                        row += self._origins(triple, step)
        return self._starts(read, row)

    def _starts(self, read: Reads, row: list[_Node]) -> set[Term]:
        """The focus nodes from which the automaton comes to some nodes."""
        reached = set(row)
        while row:
            node, state = row.pop()
            for step in read.back.get(state, ()):
                new = {(other, step.source) for other in self._before(node, step)} - reached
                reached |= new
                row += new
        return {node for node, state in reached if state == START}

    def _origins(self, triple: Triple, step: Step) -> Iterator[_Node]:
        """From where a step through a statement starts."""
        yield (triple.object if step.is_inverse else triple.subject), step.source
        if step.is_alike and isinstance(triple.object, Literal):
            for other, _file in self._same_text(triple.object, triple.predicate):
                yield other.subject, step.source

    def _leads_on(self, triple: Triple, step: Step) -> bool:
        """Whether a step can still be taken though this statement for it has gone."""
        node = triple.object if step.is_inverse else triple.subject
        there = self._changed.brought | self._changed.staying
        if any(t in there for t in self._overlay.edges(node, step.predicate, step.is_inverse)):
            return True
        return next(self._outside(node, step.predicate, step.is_inverse), None) is not None

    def _before(self, node: Term, step: Step) -> Iterator[Term]:
        """From where a step leads to a node."""
        if step.is_alike:
            yield from self._through_text(node, step, {})
            return
        if isinstance(node, Literal) and step.is_inverse:
            return
        for triple, _file in self._edges(node, step.predicate, is_inverse=not step.is_inverse):
            yield triple.object if step.is_inverse else triple.subject

    # --- Walking on ------------------------------------------------------------------------------

    def walk(self, read: Reads, focus: Iterable[Term], passed: _Passed) -> None:
        """Note in `passed` all statements that a check reads from the focus nodes on."""
        row = [(node, START) for node in focus]
        reached = set(row)
        while row:
            node, state = row.pop()
            for step in read.forth.get(state, ()):
                is_end = step.target in read.ends
                others = self._through(node, step, passed, is_end=is_end)
                new = {(other, step.target) for other in others} - reached
                reached |= new
                row += new

    def _through(self, node: Term, step: Step, passed: _Passed, *, is_end: bool) -> Iterator[Term]:
        """Where a step leads; of an end it is enough that there is one."""
        if step.is_alike:
            yield from self._through_text(node, step, passed)
            return
        if isinstance(node, Literal) and not step.is_inverse:
            return
        if is_end:
            first = next(self._outside(node, step.predicate, step.is_inverse), None)
            passed.update({first: None} if first else {})
            return
        for statement in self._edges(node, step.predicate, is_inverse=step.is_inverse):
            passed[statement] = None
            yield statement[0].subject if step.is_inverse else statement[0].object

    def _through_text(self, node: Term, step: Step, passed: _Passed) -> Iterator[Term]:
        """Who has the same text as a node."""
        for statement in self._edges(node, step.predicate, is_inverse=False):
            passed[statement] = None
            triple, _file = statement
            if isinstance(triple.object, Literal):
                for found in self._same_text(triple.object, triple.predicate):
                    passed[found] = None
                    yield found[0].subject

    # --- Statements ------------------------------------------------------------------------------

    def _edges(self, node: Term, predicate: NamedNode | None, *, is_inverse: bool) -> list[Stated]:
        """What leads from a node, in the graph around and in what changes."""
        key = (node, predicate, is_inverse)
        if key not in self._known:
            changed = self._overlay.edges(node, predicate, is_inverse)
            outside = self._outside(node, predicate, is_inverse)
            self._known[key] = [*outside, *((triple, _CHANGED) for triple in changed)]
        return self._known[key]

    def _outside(
        self, node: Term, predicate: NamedNode | None, is_inverse: bool
    ) -> Iterator[Stated]:
        look = self._index.pointing if is_inverse else self._index.about
        return (stated for stated in look(node, predicate) if stated[1] in self._files)

    def _same_text(self, text: Literal, predicate: NamedNode) -> Iterator[Stated]:
        for triple in self._overlay.alike(text, predicate):
            yield triple, _CHANGED
        for stated in self._index.alike(text, predicate):
            if stated[1] in self._files:
                yield stated


class _Overlay:
    """The statements that change, found by term."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._edges: dict[tuple[Term, bool], list[Triple]] = {}
        self._texts: dict[tuple[int, NamedNode], list[Triple]] = {}
        for triple in triples:
            subject, predicate, value = triple
            self._edges.setdefault((subject, False), []).append(triple)
            self._edges.setdefault((value, True), []).append(triple)
            if isinstance(value, Literal):
                self._texts.setdefault((folded(value), predicate), []).append(triple)

    def edges(self, node: Term, predicate: NamedNode | None, is_inverse: bool) -> Iterator[Triple]:
        found = self._edges.get((node, is_inverse), ())
        return (t for t in found if predicate is None or t.predicate == predicate)

    def alike(self, text: Literal, predicate: NamedNode) -> Sequence[Triple]:
        return self._texts.get((folded(text), predicate), ())
