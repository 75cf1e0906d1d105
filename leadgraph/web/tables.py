"""Rows -> CSV (RFC 4180); the lists for people as such tables.

A cell is the text as the graph has it. What a spreadsheet would take for a formula (a cell that
begins with `=`, `+`, `-` or `@`) is left as it is: a sign put before it would be false data for
every other reader. The guide at `/api` tells people to import such files as text.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from leadgraph.explore import lists
from leadgraph.explore.steps import pathways
from leadgraph.formats import RESULTS, by_name
from leadgraph.web import pages
from leadgraph.web.site import language, site

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from leadgraph.explore.labels import Node

blueprint = Blueprint("tables", __name__)

Row = tuple[str | int | float, ...]

LISTS = ("roles", "skills", "resources")
BRANCHES = ("iri", "label", "language", "group", "group_label")
PATHWAYS = (
    *("pathway", "pathway_label", "destination", "destination_label", "basis"),
    *("rank", "step", "step_label", "language"),
)
NAMES = ("iri", "form", "language", "acceptability", "connotation", "consultation")
"""The columns of each table; several IRIs or words of one cell stand apart by ` | `."""


@blueprint.get(f"/<any({','.join(LISTS)}):name>.csv")
def list_table(name: str) -> Response:
    """Send a list: a row for each thing in each of its groups."""
    rows: Iterator[Row] = (
        (
            node.iri, node.label.value, node.label.language,
            branch.head.iri if branch.head else "", branch.head.label.value if branch.head else "",
        )
        for branch in pages.branches(name)
        for node in branch.members
    )  # fmt: skip
    return table(name, BRANCHES, rows)


@blueprint.get("/pathways.csv")
def pathways_table() -> Response:
    """Send the pathways: a row for each step, of equal rank where steps are alternatives."""
    rows: Iterator[Row] = (
        (
            pathway.node.iri, pathway.node.label.value, _iris(pathway.destinations),
            _labels(pathway.destinations), _labels(pathway.basis),
            rank, step.node.iri, step.node.label.value, step.node.label.language,
        )
        for pathway in pathways(site().engine, language())
        for rank, steps in enumerate(pathway.ranks, 1)
        for step in steps
    )  # fmt: skip
    return table("pathways", PATHWAYS, rows)


@blueprint.get("/names.csv")
def names_table() -> Response:
    """Send the words for "leader": a row for each form of each."""
    rows: Iterator[Row] = (
        (
            name.node.iri, form.value, form.language, _labels(name.acceptability),
            _joined(text.value for text in name.connotations), _iris(name.consultations),
        )
        for name in lists.names(site().engine, language())
        for form in name.forms
    )  # fmt: skip
    return table("names", NAMES, rows)


def table(name: str, columns: Sequence[str], rows: Iterable[Row]) -> Response:
    """Answer with a table, as a file of that name."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    response = Response(text.getvalue(), content_type=by_name(RESULTS, "csv").content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return fresh(response)


def fresh(response: Response) -> Response:
    """Return what a client may keep, and must ask again about before it uses it."""
    response.vary.update(("Accept", "Accept-Language"))
    response.headers["Content-Language"] = language()
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def _iris(nodes: Iterable[Node]) -> str:
    return _joined(node.iri for node in nodes)


def _labels(nodes: Iterable[Node]) -> str:
    return _joined(node.label.value for node in nodes)


def _joined(parts: Iterable[str]) -> str:
    return " | ".join(parts)
