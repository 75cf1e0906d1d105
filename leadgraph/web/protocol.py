"""A request of the SPARQL 1.1 Protocol -> the query, the format of its answer, its dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from flask import request
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from leadgraph.errors import MediaTypeRefused, QueryTooLong, RequestMalformed, UpdateRefused
from leadgraph.formats import GRAPHS, RESULTS, Format, by_media_type
from leadgraph.model import Form, Question
from leadgraph.query import gate
from leadgraph.web import negotiate
from leadgraph.web.site import site

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyoxigraph import QueryResultsFormat, RdfFormat
    from werkzeug.datastructures import MultiDict

    from leadgraph.formats import EngineFormat

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"


def operation() -> tuple[str | None, MultiDict[str, str]]:
    """Return the query text and the protocol parameters of the request.

    Raises:
        UpdateRefused: for any way to send an update.
        MediaTypeRefused: for a body that is neither a form nor a query.
        RequestMalformed: for two queries, or bytes that are no UTF-8.
    """
    _require_utf8(unquote_to_bytes(request.query_string))
    parameters = request.args
    if request.method == "POST":
        if request.mimetype == UPDATE:
            raise UpdateRefused
        if request.mimetype == QUERY:
            queries = [_require_utf8(_body()), *parameters.getlist("query")]
            return _only(queries), parameters
        if request.mimetype != FORM:
            raise MediaTypeRefused(request.mimetype, (FORM, QUERY))
        _require_utf8(unquote_to_bytes(_body()))
        parameters = CombinedMultiDict([request.args, request.form])
    if "update" in parameters:
        raise UpdateRefused
    return _only(parameters.getlist("query")), parameters


def _only(queries: list[str]) -> str | None:
    """Return the query of a request, None if there is none.

    Raises:
        RequestMalformed: if there are several.
    """
    if len(queries) > 1:
        raise RequestMalformed("There are two queries.", "Send one at a time.")
    return queries[0] if queries else None


def _body() -> bytes:
    """Return the body.

    Raises:
        QueryTooLong: if it is larger than any query may be.
        RequestMalformed: if the client stops before its end.
    """
    try:
        return request.get_data(cache=True)
    except RequestEntityTooLarge:
        raise QueryTooLong(site().settings.query_bytes) from None
    except OSError as error:
        raise RequestMalformed("The body did not arrive.", "Send the whole request.") from error


def _require_utf8(data: bytes) -> str:
    """Return bytes as the text that they must be (Protocol, 2.1.3), without a byte order mark."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestMalformed(
            f"The query is not UTF-8 at byte {error.start}.", "Send it in that encoding."
        ) from error


def media_type(text: str, parameters: MultiDict[str, str]) -> str:
    """Return the media type to answer with: `format=` by name, else by the Accept header.

    Raises:
        NotAcceptable: if the answer cannot be made in any accepted type.
        RequestMalformed: if `format=` is no format of this kind of query.
    """
    formats: Sequence[Format[RdfFormat] | Format[QueryResultsFormat]]
    formats = GRAPHS if gate.form(text) is Form.GRAPH else RESULTS
    wanted = parameters.get("format")
    if wanted is not None:
        names = {row.name: row.media_type for row in formats}
        if wanted not in names:
            raise RequestMalformed(
                f"There is no format {wanted!r} for this query.", f"Use {' or '.join(names)}."
            )
        return names[wanted]
    offered = [row.media_type for row in formats]
    offered += [other for row in formats for other in row.also]
    return negotiate.best(request.headers.get("Accept", ""), [*offered, negotiate.HTML])


def question(text: str, media_type: str, parameters: MultiDict[str, str]) -> Question:
    """Return the question with the dataset of the request (Protocol, 2.1.4)."""
    default = parameters.getlist("default-graph-uri")
    named = parameters.getlist("named-graph-uri")
    for iri in (*default, *named):
        _require_iri(iri)
    given = bool(default or named)
    return Question(
        text,
        results=_name(RESULTS, media_type),
        graph=_name(GRAPHS, media_type),
        default_graphs=tuple(default) if given else None,
        named_graphs=tuple(named) if given else None,
    )


def _name(formats: tuple[Format[EngineFormat], ...], media_type: str) -> str:
    """Return the format's name for a media type, the first format's if it has none."""
    try:
        return by_media_type(formats, media_type).name
    except KeyError:
        return formats[0].name


def _require_iri(iri: str) -> None:
    """Refuse a graph name that is no absolute IRI."""
    if not gate.is_absolute_iri(iri):
        raise RequestMalformed(f"{iri!r} is not an absolute IRI.", "Name the graph by its IRI.")
