"""A request of the SPARQL 1.1 Protocol -> the query, the format of its answer, its dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from pyoxigraph import NamedNode
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from leadgraph.errors import MediaTypeRefused, QueryTooLong, RequestMalformed, UpdateRefused
from leadgraph.formats import GRAPHS, RESULTS, Format, by_media_type
from leadgraph.model import Form, Question
from leadgraph.query import gate
from leadgraph.web import negotiate

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from leadgraph.formats import EngineFormat
    from leadgraph.settings import Settings

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"

_GRAPH_NAMES = {name: row.media_type for row in GRAPHS for name in row.names}
_RESULT_NAMES = {name: row.media_type for row in RESULTS for name in row.names}
_OFFERED_GRAPHS = (
    *(row.media_type for row in GRAPHS),
    *(other for row in GRAPHS for other in row.also),
    negotiate.HTML,
)
_OFFERED_RESULTS = (
    *(row.media_type for row in RESULTS),
    *(other for row in RESULTS for other in row.also),
    negotiate.HTML,
)


def operation(request: Request, settings: Settings) -> tuple[str | None, MultiDict[str, str]]:
    """Return the query text and the protocol parameters of the request.

    Raises:
        UpdateRefused: for any way to send an update.
        MediaTypeRefused: for a body that is neither a form nor a query.
        RequestMalformed: for two queries, or bytes that are no UTF-8.
    """
    parameters = _fields(request.query_string)
    if request.mimetype == UPDATE or "update" in parameters:
        raise UpdateRefused
    if request.method == "POST" and not _is_in_address(request):
        _require_charset(request.mimetype_params.get("charset", "utf-8"))
        if request.mimetype == QUERY:
            queries = [_require_utf8(_body(request, settings)), *parameters.getlist("query")]
            return _only(queries, settings), parameters
        if request.mimetype != FORM:
            raise MediaTypeRefused(request.mimetype, (FORM, QUERY))
        parameters = CombinedMultiDict([parameters, _fields(_body(request, settings))])
    if "update" in parameters:
        raise UpdateRefused
    return _only(parameters.getlist("query"), settings), parameters


def _is_in_address(request: Request) -> bool:
    """Tell whether a POST says all in its address, with nothing in its body.

    The Protocol has no such form, but it is how Blazegraph, the engine of Wikidata's query
    service, sends the part of a SERVICE if the address is not longer than 1024 characters.
    """
    chunked = request.headers.get("Transfer-Encoding") is not None
    return not (request.content_type or request.content_length or chunked)


def _fields(data: bytes) -> MultiDict[str, str]:
    """Return the fields of a query string or of a form (URL Standard, 5.1), decoded once.

    Raises:
        RequestMalformed: if they are no UTF-8.
    """
    try:
        text = data.decode()
        return MultiDict(parse_qsl(text, keep_blank_values=True, errors="strict"))
    except UnicodeDecodeError as error:
        raise RequestMalformed(
            "The parameters are not UTF-8.", "Send them in that encoding, escaped with %."
        ) from error


def _only(queries: list[str], settings: Settings) -> str | None:
    """Return the query of a request, None if there is none.

    Raises:
        RequestMalformed: if there are several.
        QueryTooLong: if it is longer than any query may be, before anything reads it.
    """
    if len(queries) > 1:
        raise RequestMalformed("There are two queries.", "Send one at a time.")
    text = queries[0] if queries else None
    if text is not None and len(text) > settings.query_bytes:
        raise QueryTooLong(settings.query_bytes)
    return text


def _body(request: Request, settings: Settings) -> bytes:
    """Return the body.

    Raises:
        QueryTooLong: if it is larger than any query may be.
        RequestMalformed: if the client stops before its end.
    """
    try:
        return request.get_data(cache=True)
    except RequestEntityTooLarge:
        raise QueryTooLong(settings.query_bytes) from None
    except OSError as error:
        raise RequestMalformed("The body did not arrive.", "Send the whole request.") from error


def _require_charset(name: str) -> None:
    """Refuse a body that says it is in another encoding than the one there is (Protocol, 2.1.3)."""
    if name.lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise RequestMalformed(f"The body is in {name!r}.", "Send it in UTF-8.")


def _require_utf8(data: bytes) -> str:
    """Return bytes as the text that they must be (Protocol, 2.1.3), without a byte order mark."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestMalformed(
            f"The query is not UTF-8 at byte {error.start}.", "Send it in that encoding."
        ) from error


def media_type(accept: str, text: str, parameters: MultiDict[str, str]) -> str:
    """Return the media type to answer with: `format=` by name, else by the Accept header.

    Raises:
        NotAcceptable: if the answer cannot be made in any accepted type.
        RequestMalformed: if `format=` is no format of this kind of query.
    """
    is_graph = gate.form(text) is Form.GRAPH
    wanted = parameters.get("format")
    if wanted is None:
        return negotiate.best(accept, _OFFERED_GRAPHS if is_graph else _OFFERED_RESULTS)
    names = _GRAPH_NAMES if is_graph else _RESULT_NAMES
    if wanted not in names:
        usual = " or ".join(row.name for row in (GRAPHS if is_graph else RESULTS))
        raise RequestMalformed(f"There is no format {wanted!r} for this query.", f"Use {usual}.")
    return names[wanted]


def question(text: str, media_type: str, parameters: MultiDict[str, str]) -> Question:
    """Return the question with the dataset of the request (Protocol, 2.1.4)."""
    default = dict.fromkeys(parameters.getlist("default-graph-uri"))
    named = dict.fromkeys(parameters.getlist("named-graph-uri"))
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
    try:
        valid = gate.is_absolute_iri(NamedNode(iri).value)
    except ValueError:
        valid = False
    if not valid:
        raise RequestMalformed(f"{iri!r} is not an absolute IRI.", "Name the graph by its IRI.")
