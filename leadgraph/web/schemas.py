"""The shapes of our JSON as JSON Schema 2020-12, for the OpenAPI document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from leadgraph.check.reports.plain_json import schema as report_schema
from leadgraph.explore.groups import ORDER
from leadgraph.explore.search import HOW
from leadgraph.link.ledger.plain_json import schema as ledger_schema

if TYPE_CHECKING:
    from leadgraph.web.plain import Json

_OF_A_DOCUMENT = frozenset({"$schema", "$id", "$defs"})
_STRING: Json = {"type": "string"}
_MAYBE_STRING: Json = {"type": ["string", "null"]}
_COUNT: Json = {"type": "integer", "minimum": 0}
_CLAIM: Json = {"type": "boolean"}
_IRI: Json = {"type": "string", "format": "iri"}
_ADDRESS: dict[str, Json] = {
    "type": ["string", "null"],
    "format": "uri-reference",
    "description": "Where this server answers; null if it does not.",
}


def ref(name: str) -> dict[str, Json]:
    """Return a reference to one of these schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def _object(**properties: Json) -> dict[str, Json]:
    """Return an object that has all of these members, and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(item: Json) -> dict[str, Json]:
    return {"type": "array", "items": item}


def _maybe(name: str) -> dict[str, Json]:
    return {"oneOf": [ref(name), {"type": "null"}]}


def _with_parts(name: str, document: str) -> dict[str, Json]:
    """Return a schema that is a document of its own, and its parts, as parts of this one."""
    text = document.replace("#/$defs/", f"#/components/schemas/{name}")
    schema: dict[str, Json] = json.loads(text)
    parts: dict[str, Json] = json.loads(text)["$defs"]
    whole = {member: value for member, value in schema.items() if member not in _OF_A_DOCUMENT}
    return {name: whole, **{f"{name}{part}": parts[part] for part in parts}}


_TEXT: dict[str, Json] = {"value": _STRING, "language": _MAYBE_STRING}
_REFERENCE: dict[str, Json] = {"iri": _IRI, "address": _ADDRESS, "label": ref("Text")}
_SUMMARY: dict[str, Json] = {
    **_REFERENCE,
    "type": {
        "type": ["string", "null"],
        "description": "The part of the IRI that says the kind; null outside the graph.",
    },
    "classes": _list(ref("Reference")),
    "api": {**_ADDRESS, "description": "Where this API tells all about it; null if nowhere."},
}
_SPAN: dict[str, Json] = {
    "total": _COUNT,
    "limit": _COUNT,
    "offset": _COUNT,
    "next": {**_ADDRESS, "description": "Where the results after these are; null after the last."},
}
_SOURCES: Json = {**_list(_COUNT), "description": "Numbers of the `sources` that state it."}

SCHEMAS: dict[str, Json] = {
    "Text": _object(**_TEXT),
    "Reference": _object(**_REFERENCE),
    "Summary": _object(**_SUMMARY),
    "Found": _object(
        query=_STRING,
        language=_STRING,
        type=_MAYBE_STRING,
        results=_list(
            _object(
                **_SUMMARY,
                match=_object(**_TEXT, how={"enum": list(reversed(HOW))}),
                score={"type": "number", "minimum": 0, "maximum": 1},
            )
        ),
        **_SPAN,
    ),
    "Types": _object(types=_list(_object(type=_STRING, count=_COUNT, api=_ADDRESS)), total=_COUNT),
    "Things": _object(type=_STRING, language=_STRING, things=_list(ref("Summary")), **_SPAN),
    "Thing": _object(
        language=_STRING,
        **_SUMMARY,
        is_deprecated=_CLAIM,
        labels={
            "type": "object",
            "description": "Names by BCP 47 tag, `und` for those without; the best name first.",
            "additionalProperties": _list(_STRING),
        },
        groups=_list(
            _object(name={"enum": list(ORDER)}, title=_STRING, properties=_list(ref("Property")))
        ),
        incoming=_list(
            _object(property=ref("Reference"), count=_COUNT, things=_list(ref("Reference")))
        ),
        sources=_list(ref("Source")),
        formats=_list(_object(media_type=_STRING, address=_ADDRESS)),
    ),
    "Property": _object(property=ref("Reference"), values=_list(ref("Value"))),
    "Value": {
        "description": "A thing, a literal, or what is said of a thing that has no name.",
        "oneOf": [
            _object(sources=_SOURCES, **_REFERENCE),
            _object(sources=_SOURCES, **_TEXT, datatype=_MAYBE_STRING),
            _object(sources=_SOURCES, parts=_list(ref("Property"))),
        ],
    },
    "Source": _object(
        number=_COUNT,
        graph=ref("Reference"),
        license=_maybe("Reference"),
        basis=_maybe("Reference"),
        is_inferred=_CLAIM,
    ),
    **_with_parts("Report", report_schema()),
    **_with_parts("Ledger", ledger_schema()),
    "Problem": {
        "description": "What went wrong (RFC 9457); `code` is stable, `detail` is for people.",
        "type": "object",
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": _STRING,
            "status": {"type": "integer"},
            "detail": _STRING,
            "code": _STRING,
        },
        "required": ["type", "title", "status", "detail", "code"],
    },
}
