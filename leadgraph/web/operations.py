"""What all operations of the OpenAPI document are made of: words, parameters, answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadgraph.web.negotiate import HTML
from leadgraph.web.schemas import ref
from leadgraph.words import LANGUAGES

if TYPE_CHECKING:
    from leadgraph.web.plain import Json

_PROBLEMS = {
    400: "The request is not of the right form.",
    403: "It asks for what this endpoint never does: an update, or an endpoint not on its list.",
    404: "Nothing is known by that name.",
    406: "It cannot be made in any format that the client accepts.",
    409: "What was asked then cannot be computed again from what is here now.",
    410: "It is no longer in use; `successors` says what is.",
    413: "It is too long.",
    414: "The address is too long.",
    415: "The body has a media type that is not read here.",
    429: "This client asks too much at once; `Retry-After` says when to come back.",
    502: "Another SPARQL endpoint, of SERVICE or behind this one, gave no usable answer.",
    503: "Too costly, too busy, or not running; `Retry-After` says when to come back.",
    504: "Another endpoint, or all that a query names together, did not answer in time.",
}


def told(name: str, summary: str, description: str, example: str = "") -> dict[str, Json]:
    """Return what people read of an operation; the guide links to its example."""
    told: dict[str, Json] = {"operationId": name, "summary": summary, "description": description}
    return told | ({"x-example": example} if example else {})


def responses(answers: dict[str, dict[str, Json]], *problems: int) -> dict[str, Json]:
    """Return all that an operation can answer; problems come as a page to a browser."""
    problem: Json = {"application/problem+json": {"schema": ref("Problem")}, HTML: {}}
    return {
        "200": answer(answers),
        "304": {"description": "Nothing has changed since `If-None-Match`."},
        **{
            str(status): {"description": _PROBLEMS[status], "content": problem}
            for status in problems
        },
    }


def answer(answers: dict[str, dict[str, Json]]) -> dict[str, Json]:
    """Return the answer with status 200, in some media types."""
    content = {media_type: {"schema": schema} for media_type, schema in answers.items()}
    return {"description": "The answer.", "content": content}


def optional(name: str, description: str, schema: dict[str, Json]) -> dict[str, Json]:
    """Return a parameter of the query string."""
    return {"name": name, "in": "query", "description": description, "schema": schema}


def required(name: str, description: str, schema: dict[str, Json]) -> dict[str, Json]:
    """Return one that must be there."""
    return {**optional(name, description, schema), "required": True}


def in_path(name: str, schema: dict[str, Json], example: str) -> dict[str, Json]:
    """Return a part of the path."""
    return {"name": name, "in": "path", "required": True, "schema": schema, "example": example}


LANGUAGE = optional(
    "lang", "Language of the answer, before `Accept-Language`.", {"enum": list(LANGUAGES)}
)
