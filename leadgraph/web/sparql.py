"""SPARQL 1.1 Protocol requests -> answers; a browser gets the same as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from flask import Blueprint, Response, make_response, render_template, request
from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from leadgraph.errors import (
    AnswerTooLarge,
    MediaTypeRefused,
    QueryError,
    QueryTooLong,
    RequestMalformed,
    UpdateRefused,
)
from leadgraph.formats import GRAPHS, RESULTS, Format, by_media_type
from leadgraph.model import Form, Question
from leadgraph.query import gate
from leadgraph.web import failures, negotiate
from leadgraph.web.site import language, site

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyoxigraph import RdfFormat
    from werkzeug.datastructures import MultiDict

    from leadgraph.formats import EngineFormat
    from leadgraph.model import Answer

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"

blueprint = Blueprint("sparql", __name__)

_ROWS_ON_PAGE = 500
_BYTES_ON_PAGE = 1 << 20


@blueprint.route("/sparql", methods=["GET", "POST"])
def endpoint() -> Response:
    """Answer one query (SPARQL 1.1 Protocol, 2.1), or show the form to write one."""
    text, parameters = _operation()
    if text is None:
        if negotiate.wants_page(request.headers.get("Accept", "")):
            return _page("")
        raise RequestMalformed("There is no query.", "Send one in the parameter `query`.")
    media_type = _media_type(text, parameters)
    question = _question(text, media_type, parameters)
    if media_type != negotiate.HTML:
        return _response(site().engine.ask(question))
    try:
        return _result_page(text, site().engine.ask(question))
    except QueryError as error:
        return _mend_page(text, error)


def _operation() -> tuple[str | None, MultiDict[str, str]]:
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


def _media_type(text: str, parameters: MultiDict[str, str]) -> str:
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


def _question(text: str, media_type: str, parameters: MultiDict[str, str]) -> Question:
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


def _response(answer: Answer) -> Response:
    """Return the answer as it comes; over HTTP/1.0, which cannot tell a cut, only whole."""
    body = answer.chunks if answer.whole is None else answer.whole
    if request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        body = _whole(answer)
    response = Response(body, content_type=answer.media_type)
    response.vary.add("Accept")
    return response


def _result_page(text: str, answer: Answer) -> Response:
    """Return the page with the query and its answer."""
    if answer.form is Form.GRAPH:
        body, cut = _beginning(answer, _BYTES_ON_PAGE)
        return _page(text, graph=body.decode(errors="ignore"), cut=cut)
    results = parse_query_results(_whole(answer), QueryResultsFormat.JSON)
    if not isinstance(results, QuerySolutions):
        return _page(text, boolean=bool(results))
    names = [variable.value for variable in results.variables]
    total, rows = 0, []
    for row in results:
        total += 1
        if total <= _ROWS_ON_PAGE:
            rows.append([row[name] for name in names])
    return _page(text, names=names, rows=rows, total=total)


def _whole(answer: Answer) -> bytes:
    """Return the body as a whole.

    Raises:
        AnswerTooLarge: if it is larger than `kept_bytes`.
    """
    limit = site().settings.kept_bytes
    body, more = _beginning(answer, limit)
    if more:
        raise AnswerTooLarge(limit)
    return body


def _beginning(answer: Answer, most_bytes: int) -> tuple[bytes, bool]:
    """Return the beginning of an answer, and whether there is more, which is not waited for."""
    body = bytearray(answer.whole or b"")
    for chunk in answer.chunks:
        body += chunk
        if len(body) > most_bytes:
            break
    answer.chunks.close()
    return bytes(body[:most_bytes]), len(body) > most_bytes


def _mend_page(text: str, error: QueryError) -> Response:
    """Return the failure with the query still in the form, to be mended there."""
    response = failures.failure(error)
    response.set_data(_page(text, problem=failures.problem(error)).get_data())
    return response


def _page(text: str, **answer: object) -> Response:
    """Return the page of the endpoint."""
    page = render_template("sparql.html", text=text, answer=answer, language=language())
    response = make_response(page)
    response.vary.update(("Accept", "Accept-Language"))
    return response
