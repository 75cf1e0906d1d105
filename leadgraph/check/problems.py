"""Results -> Problems: in words, each at its place, with what mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadgraph.check.explain.vocabulary_index import ThingsAround
from leadgraph.check.explain.worded import worded
from leadgraph.check.locate.located import located
from leadgraph.check.mend import with_edits
from leadgraph.read import turtle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyoxigraph import Triple

    from leadgraph.check.results import Result
    from leadgraph.check.scope.context import Context
    from leadgraph.check.slice import FileGraph
    from leadgraph.model import Problem, Source


def problems(
    found: Sequence[Result],
    sources: Sequence[Source],
    files: Sequence[FileGraph],
    context: Context,
    shapes: Sequence[Triple],
) -> list[Problem]:
    """Return what shapes and rules found as problems of the files, in its order.

    `sources` are the files as they were read, `shapes` what the shapes state.
    """
    known = context.explaining()
    told = worded(found, sources, files, known, shapes, ThingsAround(files, context.around))
    texts = {source.path: source.data for source in sources if turtle.is_turtle(source.path)}
    return with_edits(located(told, files, known, shapes), texts)
