"""The reconciliation service as paths and schemas of the OpenAPI document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadgraph.web import parameters
from leadgraph.web.jsonp import CALLBACK, LONGEST_CALLBACK
from leadgraph.web.negotiate import HTML
from leadgraph.web.operations import LANGUAGE, in_path, optional, required, responses, told
from leadgraph.web.protocol import FORM
from leadgraph.web.reconciliation import LONGEST_ID, MULTIPART
from leadgraph.web.schemas import ref

if TYPE_CHECKING:
    from leadgraph.settings import Settings
    from leadgraph.web.plain import Json

_SCRIPT = "text/javascript"
_STRING: dict[str, Json] = {"type": "string"}
_ENGINE = (502, 503)
_CALLBACK = optional(
    "callback",
    "Name of a function to call with the answer (JSONP).",
    {"type": "string", "pattern": CALLBACK, "maxLength": LONGEST_CALLBACK},
)
_WORDS: dict[str, Json] = {
    "type": "string",
    "maxLength": parameters.LONGEST_WORDS,
    "pattern": parameters.WORDS,
}
_CURSOR: dict[str, Json] = {
    "type": "integer",
    "minimum": 0,
    "maximum": parameters.LARGEST_OFFSET,
    "default": 0,
}
_LIMIT: dict[str, Json] = {
    "type": "integer",
    "minimum": 1,
    "maximum": parameters.MOST_ON_A_PAGE,
}
_ID: dict[str, Json] = {"type": "string", "minLength": 1, "maxLength": LONGEST_ID}


def paths(settings: Settings) -> dict[str, Json]:
    """Return the operations of the service by their paths."""
    return {
        "/reconcile": {"get": _by_get(), "post": _by_post(settings)},
        "/reconcile/suggest/{what}": {"get": _suggest()},
        "/reconcile/flyout/{what}": {"get": _flyout()},
        "/reconcile/properties": {"get": _propose()},
        "/reconcile/preview": {"get": _preview()},
    }


def _by_get() -> dict[str, Json]:
    """Return the operation of a client that has only an address."""
    return {
        **told(
            "reconcileByGet",
            "Find the things that names mean (Reconciliation Service API 0.2).",
            "Without a question it answers with the manifest of the service.",
            "/reconcile?query=growht+mentor",
        ),
        "parameters": [
            optional("query", "One name, or one query as JSON (version 0.1).", _STRING),
            optional("queries", "A batch of queries as JSON.", _STRING),
            optional("extend", "Things and properties to fetch, as JSON.", _STRING),
            LANGUAGE,
            _CALLBACK,
        ],
        "responses": responses(
            _answers({"anyOf": [ref(name) for name in ("Manifest", "Result", "Results", "Rows")]}),
            *(400, 406, 413, 414, *_ENGINE),
        ),
    }


def _by_post(settings: Settings) -> dict[str, Json]:
    """Return the operation of a client with many names."""
    form: dict[str, Json] = {
        "type": "object",
        "properties": {
            "queries": {**_STRING, "contentMediaType": parameters.JSON},
            "query": _STRING,
            "extend": {**_STRING, "contentMediaType": parameters.JSON},
        },
        "minProperties": 1,
        "maxProperties": 1,
    }
    answers = responses(
        _answers({"anyOf": [ref(name) for name in ("Result", "Results", "Rows")]}),
        *(400, 406, 413, 415, *_ENGINE),
    )
    del answers["304"]
    return {
        **told(
            "reconcileByPost",
            "Find the things that many names mean, or fetch properties of things.",
            f"At most {settings.reconcile_names} names or ids and {settings.reconcile_bytes} "
            f"bytes; within {settings.reconcile_seconds:g} s.",
        ),
        "parameters": [LANGUAGE, _CALLBACK],
        "requestBody": {
            "required": True,
            "content": {FORM: {"schema": form}, MULTIPART: {"schema": form}},
        },
        "responses": answers,
    }


def _suggest() -> dict[str, Json]:
    return {
        **told(
            "suggest",
            "Complete what is typed to a thing, a class or a property.",
            "",
            "/reconcile/suggest/entity?prefix=ment",
        ),
        "parameters": [
            _what(),
            required("prefix", "What was typed so far.", _WORDS),
            optional("cursor", "After how many others.", _CURSOR),
            optional("limit", "How many.", {**_LIMIT, "default": 20}),
            LANGUAGE,
            _CALLBACK,
        ],
        "responses": responses(_answers(ref("Suggestions")), 400, 404, 406, *_ENGINE),
    }


def _flyout() -> dict[str, Json]:
    return {
        **told(
            "flyout",
            "Tell of a thing, a class or a property in a few words of HTML.",
            "",
            "/reconcile/flyout/entity?id=role/coordinator",
        ),
        "parameters": [
            _what(),
            {**required("id", "Its id, or its IRI.", _ID), "example": "role/coordinator"},
            LANGUAGE,
            _CALLBACK,
        ],
        "responses": responses(_answers(ref("Flyout")), 400, 404, 406, *_ENGINE),
    }


def _propose() -> dict[str, Json]:
    return {
        **told(
            "proposeProperties",
            "List the properties that things of a type have, the commonest first.",
            "",
            "/reconcile/properties?type=LeaderRole",
        ),
        "parameters": [
            optional("type", "Id of the type; of any without it.", _WORDS),
            optional("limit", "How many.", {**_LIMIT, "default": parameters.MOST_ON_A_PAGE}),
            LANGUAGE,
            _CALLBACK,
        ],
        "responses": responses(_answers(ref("Proposal")), 400, 404, 406, *_ENGINE),
    }


def _preview() -> dict[str, Json]:
    return {
        **told(
            "preview",
            "Show a thing in few words, for a frame of another site.",
            "",
            "/reconcile/preview?id=role/coordinator",
        ),
        "parameters": [
            {**required("id", "Its id, or its IRI.", _ID), "example": "role/coordinator"},
            optional("lang", "Language of the page.", _STRING),
        ],
        "responses": responses({HTML: _STRING}, 400, 404, 406, *_ENGINE),
    }


def _what() -> dict[str, Json]:
    return in_path("what", {"enum": ["entity", "type", "property"]}, "entity")


def _answers(schema: dict[str, Json]) -> dict[str, dict[str, Json]]:
    return {parameters.JSON: schema, _SCRIPT: _STRING}


def _object(needed: tuple[str, ...], **properties: Json) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(needed),
        "additionalProperties": False,
    }


def _list(item: Json) -> dict[str, Json]:
    return {"type": "array", "items": item}


_NAMED: dict[str, Json] = _object(("id", "name"), id=_STRING, name=_STRING)
_RESULT: dict[str, Json] = _object(("result",), result=_list(ref("Candidate")))

SCHEMAS: dict[str, Json] = {
    "Manifest": {
        "type": "object",
        "required": ["versions", "name", "identifierSpace", "schemaSpace", "view"],
    },
    "Candidate": _object(
        ("id", "name", "type", "score", "match", "features"),
        id=_STRING,
        name=_STRING,
        description=_STRING,
        type=_list(_NAMED),
        score={"type": "number", "minimum": 0, "maximum": 125},
        match={"type": "boolean"},
        features=_list(_object(("id", "value"), id=_STRING, value={"type": ["number", "boolean"]})),
    ),
    "Result": _RESULT,
    "Results": {"type": "object", "additionalProperties": _RESULT},
    "Suggestions": _object(
        ("result",),
        result=_list(
            _object(
                ("id", "name"),
                id=_STRING,
                name=_STRING,
                description=_STRING,
                notable=_list(_NAMED),
                broader=_list(_NAMED),
            )
        ),
    ),
    "Flyout": _object(("id", "html"), id=_STRING, html=_STRING),
    "Proposal": _object(
        ("properties", "limit"),
        type=_STRING,
        limit={"type": "integer"},
        properties=_list(_object(("id", "name"), id=_STRING, name=_STRING, description=_STRING)),
    ),
    "Rows": _object(
        ("meta", "rows"),
        meta=_list(_object(("id", "name"), id=_STRING, name=_STRING, type=_NAMED)),
        rows={
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": _list({"type": "object", "minProperties": 1}),
            },
        },
    ),
}
