"""What the OpenAPI document says of queries over other endpoints, and of their ledgers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadgraph.web import accounts, federated, ledgers, operations, parameters
from leadgraph.web.negotiate import HTML
from leadgraph.web.schemas import ref

if TYPE_CHECKING:
    from leadgraph.web.plain import Json

_PROBLEMS = (404, 409, 504)
"""How a query can fail because of others, or of a ledger."""
_FIELDS = {
    "LeadGraph-Answer": "Of a federated answer: `complete` or `partial` (RFC 9651, an item).",
    "LeadGraph-Sources": "What each other endpoint was asked, and what came (RFC 9651, a list).",
    "Link": "Leads to the ledger of a federated answer.",
    "Server-Timing": "How long this graph and each other endpoint took, in milliseconds.",
}
REPLAY = operations.optional(
    federated.REPLAY,
    "The ledger of a federated answer: the same answer again, from what was received.",
    {"type": "string", "minLength": 1},
)


def paths() -> dict[str, Json]:
    """Return the operations on ledgers."""
    return {
        "/ledger/{name}": {"get": _ledger()},
        "/schemas/ledger.json": {"get": _schema()},
    }


def asked(answers: dict[str, dict[str, Json]], *problems: int) -> dict[str, Json]:
    """Return what a query can have for an answer, with the fields of one that asks others."""
    responses = operations.responses(answers, *problems, *_PROBLEMS)
    fields: Json = {
        name: {"description": description, "schema": {"type": "string"}}
        for name, description in _FIELDS.items()
    }
    return responses | {"200": {**operations.answer(answers), "headers": fields}}


def _ledger() -> dict[str, Json]:
    answers: dict[str, dict[str, Json]] = {
        parameters.JSON: ref("Ledger"),
        ledgers.TURTLE: {"type": "string"},
        HTML: {"type": "string"},
    }
    return {
        **operations.told(
            "ledger",
            "Tell what other endpoints were asked for an answer.",
            "The answer to a query with `SERVICE` links to it: in `Link` "
            f"(`rel={accounts.HAS_PROVENANCE}`), and in JSON and XML in the `link` of its head.",
        ),
        "parameters": [operations.in_path("name", {"type": "string"}, "0")],
        "responses": operations.responses(answers, 404, 406),
    }


def _schema() -> dict[str, Json]:
    summary = "The JSON Schema (2020-12) of the account of a federated answer."
    return {
        **operations.told("ledgerSchema", summary, "", "/schemas/ledger.json"),
        "responses": operations.responses({"application/schema+json": {"type": "object"}}),
    }
