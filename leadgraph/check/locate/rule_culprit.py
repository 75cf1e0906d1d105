"""Row of a rule -> Culprit: the statement that its SELECT names, in whichever file it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from leadgraph.check.locate.scene import Culprit, Part, block
from leadgraph.vocabulary import graph_iri

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadgraph.check.locate.scene import Scene
    from leadgraph.check.locate.statements import At
    from leadgraph.check.results import Result
    from leadgraph.check.slice import Term


def rule_culprit(result: Result, scene: Scene) -> Culprit | None:
    """Return what a row of a rule blames.

    The object of (?focus, ?path, ?value); where that is nowhere said, the object by which ?focus
    and ?value share a value of ?path, or any by ?path; the predicate where ?path itself is the
    value, and the subject where only ?focus is known. First in the file of ?graph.
    """
    candidates = _named(result, scene)
    if not candidates:
        return _focus(result, scene)
    here = _in_file(candidates, result.graph, scene)
    first = here[min(result.occurrence, len(here) - 1)]
    is_predicate = result.value is None or result.predicate == result.value
    part = Part.PREDICATE if is_predicate else Part.OBJECT
    return Culprit(first, part, _other(result, first, scene))


def _named(result: Result, scene: Scene) -> list[At]:
    """The statements that a row names: the first of these kinds of which there are any."""
    statements, focus = scene.statements, result.focus
    if focus is None or (result.value is None and result.predicate is None):
        return []
    path = result.predicate if isinstance(result.predicate, NamedNode) else None
    about = statements.about(focus, path)
    if result.value is None or path == result.value:
        return list(about)
    exact = [at for at in about if statements.triple(at).object == result.value]
    if exact or path is None:
        return exact
    turned = statements.about(result.value, path)
    backwards = [at for at in turned if statements.triple(at).object == focus]
    shared = {_folded(statements.triple(at).object) for at in turned}
    same = [at for at in about if _folded(statements.triple(at).object) in shared]
    return backwards or same or list(about)


def _in_file(candidates: Sequence[At], graph: Term | None, scene: Scene) -> Sequence[At]:
    """The candidates in the file of a graph, if there are any."""
    if graph is None:
        return candidates
    files = scene.statements.files
    return [at for at in candidates if _is(graph, files[at.file].slug)] or candidates


def _is(graph: Term, slug: str) -> bool:
    return isinstance(graph, NamedNode) and graph.value == graph_iri(slug)


def _focus(result: Result, scene: Scene) -> Culprit | None:
    """The subject of the block about ?focus, in the file of ?graph."""
    if result.focus is None:
        return None
    about = scene.statements.about(result.focus)
    if about and result.graph is not None:
        return Culprit(_in_file(about, result.graph, scene)[0], Part.SUBJECT)
    return block(result.focus, scene)


def _other(result: Result, first: At, scene: Scene) -> tuple[Culprit, ...]:
    """The statement of ?value that has the same object: the other thing of that name."""
    statements = scene.statements
    if result.value is None or not isinstance(result.predicate, NamedNode):
        return ()
    name = _folded(statements.triple(first).object)
    others = statements.about(result.value, result.predicate, around=False)
    same = [at for at in others if _folded(statements.triple(at).object) == name]
    return tuple(Culprit(at, Part.OBJECT) for at in same[:1] if at != first)


def _folded(term: Term) -> tuple[str, str | None]:
    if isinstance(term, Literal):
        return term.value.casefold(), term.language
    return str(term), None
