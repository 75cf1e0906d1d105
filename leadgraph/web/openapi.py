"""Settings -> the OpenAPI 3.1 document of the JSON API, the tables and the SPARQL endpoint."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from leadgraph.explore.incoming import SHOWN
from leadgraph.formats import GRAPHS, RESULTS
from leadgraph.web import checks, federation_api, parameters, reconciliation_api, tables
from leadgraph.web.negotiate import HTML
from leadgraph.web.operations import LANGUAGE as _LANGUAGE
from leadgraph.web.operations import in_path as _in_path
from leadgraph.web.operations import optional as _optional
from leadgraph.web.operations import required as _required
from leadgraph.web.operations import responses as _responses
from leadgraph.web.operations import told as _told
from leadgraph.web.protocol import FORM, QUERY
from leadgraph.web.schemas import SCHEMAS, ref

if TYPE_CHECKING:
    from leadgraph.settings import Settings
    from leadgraph.web.plain import Json

_ENGINE = (502, 503)
_CELLS = (
    "CSV of RFC 4180 in UTF-8, the first row names the columns. Every cell is the text as the "
    "graph has it; one that begins with `=`, `+`, `-` or `@` would run as a formula in a "
    "spreadsheet: import the file as text."
)


def document(settings: Settings, root: str) -> dict[str, Json]:
    """Return the document; `root` is the path under which the application stands."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "LeadGraph",
            "version": version("leadgraph"),
            "summary": "What a community knows about its own leadership, as plain JSON.",
            "description": "Every answer has an `ETag`: send it back in `If-None-Match` and get "
            "304 while nothing has changed. Every error is a problem of RFC 9457.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": root or "/"}],
        "paths": {
            "/api/search": {"get": _search()},
            "/api/things": {"get": _types()},
            "/api/things/{type}": {"get": _things()},
            "/api/things/{type}/{slug}": {"get": _thing()},
            "/api/check": {"post": _check(settings)},
            "/{list}.csv": {"get": _list()},
            "/sparql": {"get": _sparql_by_get(settings), "post": _sparql_by_post(settings)},
            **federation_api.paths(),
            **reconciliation_api.paths(settings),
            "/openapi.json": {"get": _itself()},
            "/schemas/report.json": {"get": _report_schema()},
        },
        "components": {"schemas": {**SCHEMAS, **reconciliation_api.SCHEMAS}},
    }


def _search() -> dict[str, Json]:
    return {
        **_told(
            "search",
            "Find things by their names and descriptions, in every language.",
            "All words must be there, whole or begun, whatever their accents and case; if nothing "
            "has them all, words with one or two slips count too. The best comes first: the name "
            "itself, names that begin so, names with the words, descriptions, misspelt words.",
            "/api/search?q=mentoring&type=skill",
        ),
        "parameters": [
            _required("q", "What to search for.", _WORDS),
            _optional("type", "Only things of this type.", _SLUG),
            _LANGUAGE,
            *_SPAN,
            _FORMAT,
        ],
        "responses": _responses(
            _JSON_OR_CSV | {parameters.JSON: ref("Found")}, 400, 406, 414, *_ENGINE
        ),
    }


def _types() -> dict[str, Json]:
    return {
        **_told("types", "List the types of things, with the number of each.", "", "/api/things"),
        "responses": _responses({parameters.JSON: ref("Types")}, *_ENGINE),
    }


def _things() -> dict[str, Json]:
    summary = "List the things of a type, in the order of their IRIs."
    answers = _JSON_OR_CSV | {parameters.JSON: ref("Things")}
    return {
        **_told("things", summary, "", "/api/things/role?limit=5"),
        "parameters": [_in_path("type", _SLUG, "role"), _LANGUAGE, *_SPAN, _FORMAT],
        "responses": _responses(answers, 400, 404, 406, *_ENGINE),
    }


def _thing() -> dict[str, Json]:
    return {
        **_told(
            "thing",
            "Tell all that the graph says of one thing.",
            f"The same as its page: names, properties in groups, what points at it (the first "
            f"{SHOWN} of each property), and which source states what.",
            "/api/things/role/coordinator",
        ),
        "parameters": [
            _in_path("type", _SLUG, "role"),
            _in_path("slug", _SLUG, "coordinator"),
            _LANGUAGE,
        ],
        "responses": _responses({parameters.JSON: ref("Thing")}, 400, 404, 410, *_ENGINE),
    }


def _check(settings: Settings) -> dict[str, Json]:
    """Return the operation whose body may be anything: what is wrong with it is the answer."""
    answers: dict[str, dict[str, Json]] = {
        media_type: {"type": "string"} for media_type in checks.REPORTS.values()
    }
    answers |= {parameters.JSON: ref("Report"), checks.REPORTS["sarif"]: {"type": "object"}}
    responses = _responses(answers, 400, 406, 413, 415, 503)
    del responses["304"]
    return {
        **_told(
            "check",
            "Say what is wrong with a file, where, and what to write instead.",
            "The file is checked as a part of the graph that is served, as `leadgraph check` "
            "does, and not kept. A file that breaks its own syntax gets a report too. Lines and "
            "columns count from 1 in code points, ends are exclusive.",
        ),
        "parameters": [
            _optional("name", "Name of the file without its end. With the name of a file of the "
                      "graph it is checked as the new version of that one.", _SLUG),
            _optional("format", "Form of the report, before `Accept`.",
                      {"enum": list(checks.REPORTS)}),
            _LANGUAGE,
        ],
        "requestBody": {
            "description": f"At most {settings.source_bytes} bytes, in UTF-8.",
            "required": True,
            "content": {row.media_type: {"schema": {"type": "string"}} for row in checks.READ},
        },
        "responses": responses,
    }  # fmt: skip


def _list() -> dict[str, Json]:
    names: dict[str, Json] = {"enum": [*tables.LISTS, "pathways", "names"]}
    return {
        **_told("list", "Send a list of the site as a table.", _CELLS, "/roles.csv"),
        "parameters": [_in_path("list", names, "roles"), _READER],
        "responses": _responses({parameters.CSV: {"type": "string"}}, 404, *_ENGINE),
    }


def _sparql_by_get(settings: Settings) -> dict[str, Json]:
    graphs: dict[str, Json] = {"type": "array", "items": {"type": "string", "format": "iri"}}
    names: dict[str, Json] = {"enum": [row.name for row in (*RESULTS, *GRAPHS)]}
    return {
        **_told(
            "queryByGet",
            "Ask in SPARQL 1.1 (queries only).",
            f"An answer is whole, or an error; it takes at most {settings.deadline_seconds:g} s.",
        ),
        "parameters": [
            _optional(
                "query", "The query; without one, the description of the service.", _query(settings)
            ),
            _optional("default-graph-uri", "Graphs to merge.", graphs),
            _optional("named-graph-uri", "Graphs for `GRAPH`.", graphs),
            _optional("format", "Format by name, before `Accept`.", names),
            federation_api.REPLAY,
        ],
        "responses": federation_api.asked(_SPARQL_ANSWERS, 400, 403, 406, 413, 414, 429, *_ENGINE),
    }


def _sparql_by_post(settings: Settings) -> dict[str, Json]:
    text = _query(settings)
    form: Json = {"type": "object", "properties": {"query": text}, "required": ["query"]}
    return {
        **_told("queryByPost", "Ask in SPARQL 1.1, with the query in the body.", ""),
        "requestBody": {
            "required": True,
            "content": {FORM: {"schema": form}, QUERY: {"schema": text}},
        },
        "responses": federation_api.asked(_SPARQL_ANSWERS, 400, 403, 406, 413, 415, 429, *_ENGINE),
    }


def _query(settings: Settings) -> dict[str, Json]:
    return {"type": "string", "maxLength": settings.query_bytes}


def _itself() -> dict[str, Json]:
    return {
        **_told("openapi", "This document.", "", "/openapi.json"),
        "responses": _responses({parameters.JSON: {"type": "object"}}),
    }


def _report_schema() -> dict[str, Json]:
    summary = "The JSON Schema (2020-12) of reports, those of `leadgraph check --format json` too."
    return {
        **_told("reportSchema", summary, "", "/schemas/report.json"),
        "responses": _responses({"application/schema+json": {"type": "object"}}),
    }


_SLUG: dict[str, Json] = {
    "type": "string",
    "pattern": parameters.SLUG,
    "maxLength": parameters.LONGEST_WORDS,
}
_WORDS: dict[str, Json] = {
    "type": "string",
    "minLength": 1,
    "maxLength": parameters.LONGEST_WORDS,
    "pattern": parameters.WORDS,
}
_READER = _optional("lang", "Language of the labels.", {"type": "string"})
_SPAN = (
    _optional(
        "limit",
        "How many.",
        {
            "type": "integer",
            "minimum": 1,
            "maximum": parameters.MOST_ON_A_PAGE,
            "default": parameters.USUAL_ON_A_PAGE,
        },
    ),
    _optional(
        "offset",
        "After how many others.",
        {"type": "integer", "minimum": 0, "maximum": parameters.LARGEST_OFFSET, "default": 0},
    ),
)
_FORMAT = _optional("format", "Format, before `Accept`.", {"enum": list(parameters.FORMATS)})
_JSON_OR_CSV: dict[str, dict[str, Json]] = {parameters.JSON: {}, parameters.CSV: {"type": "string"}}
_SPARQL_ANSWERS: dict[str, dict[str, Json]] = {
    **{
        name: {"type": "string"}
        for row in (*RESULTS, *GRAPHS)
        for name in (row.media_type, *row.also)
    },
    HTML: {"type": "string"},
}
