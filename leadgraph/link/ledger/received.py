"""A question, and what was received for it <-> JSON: what can be computed again from this alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadgraph.link import rows
from leadgraph.link.account import Table
from leadgraph.link.ledger.members import Members
from leadgraph.model import Question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadgraph.link.ledger.members import Json


def question_json(question: Question) -> dict[str, Json]:
    """Return a question with its formats and its dataset."""
    default, named = question.default_graphs, question.named_graphs
    return {
        "text": question.text,
        "results": question.results,
        "graph": question.graph,
        "default_graphs": None if default is None else list(default),
        "named_graphs": None if named is None else list(named),
    }


def question_from(content: Json) -> Question:
    """Return the question; the inverse of `question_json`.

    Raises:
        ValueError: if it is none.
    """
    said = Members(content)
    return Question(
        said.text("text"),
        said.text("results"),
        said.text("graph"),
        None if said.is_null("default_graphs") else said.texts("default_graphs"),
        None if said.is_null("named_graphs") else said.texts("named_graphs"),
    )


def tables_json(received: Mapping[int, Table]) -> Json:
    """Return tables by the offset of their SERVICE; a row is a line as in `link/rows`."""
    return [
        {
            "offset": offset,
            "variables": list(table.variables),
            "rows": [rows.line(row) for row in table.rows],
        }
        for offset, table in sorted(received.items())
    ]


def tables_from(content: Json) -> dict[int, Table]:
    """Return the tables; the inverse of `tables_json`.

    Raises:
        ValueError: if they are none.
    """
    tables = {}
    for one in Members({"tables": content}).list("tables"):
        said = Members(one)
        variables = said.texts("variables")
        tables[said.count("offset")] = Table(
            variables, rows.rows(said.texts("rows"), len(variables))
        )
    return tables
