"""Query -> results of a SPARQL 1.1 endpoint elsewhere. The only module here that asks the network.

It runs in a query's own process, as the engine does: the deadline and the client's leaving end it
there, and its answers pass the same limits on their way.
"""

from __future__ import annotations

import contextlib
import email.utils
import json
import math
import time
from ast import literal_eval
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat, Store
from pyoxigraph import parse as parse_graph
from pyoxigraph import parse_query_results as parse_results
from SPARQLWrapper import POST, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

from leadgraph.errors import EngineBusy, EngineRefused, EngineUnavailable
from leadgraph.formats import GRAPHS, RESULTS, by_media_type
from leadgraph.model import Form
from leadgraph.query import gate
from leadgraph.query.whole import NotWholeError, XmlWhole, check_of_results
from leadgraph.vocabulary import BASE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.client import HTTPResponse

    from pyoxigraph import Triple

    from leadgraph.query.stores import Graphs
    from leadgraph.query.whole import Check

_AGENT = "LeadGraph/0.1 (+https://w3id.org/leadgraph/)"
_SHOWN = 200
_LONGEST_WORDS = 10_000
_BLOCK_BYTES = 1 << 16
_LONGEST_RETRY_SECONDS = 3600
_BUSY = frozenset({429, 503})


class Remote:
    """An endpoint elsewhere, by its address.

    `{seconds}` and `{milliseconds}` in the address stand for the deadline, which each server takes
    in a parameter of its own: `https://.../sparql?timeout={seconds}s`.
    """

    files: frozenset[int] = frozenset()
    remote = True

    def __init__(self, address: str, deadline_seconds: float) -> None:
        self._deadline_seconds = deadline_seconds
        self._address = address.replace("{seconds}", f"{deadline_seconds:g}").replace(
            "{milliseconds}", f"{deadline_seconds * 1000:.0f}"
        )

    def query(
        self, text: str, default_graphs: Graphs, named_graphs: Graphs
    ) -> QuerySolutions | QueryBoolean | Iterator[Triple]:
        """Ask the endpoint; what is no SPARQL here is not sent there.

        Raises:
            SyntaxError: if the text is not a query.
            QueryError: if the endpoint does not answer it.
        """
        Store().query(text, base_iri=BASE)
        graph = gate.read(text).form is Form.GRAPH
        response = self._ask(text, default_graphs, named_graphs, graph=graph)
        media_type = response.headers.get_content_type()
        try:
            if graph:
                return _triples(response, media_type)
            found = _results_format(media_type)
            body = _Body(response, check_of_results(found))
            results = parse_results(body, found)  # type: ignore[arg-type]  # all of a file it uses
            if isinstance(results, QueryBoolean):
                body.end()
            return results
        except (SyntaxError, KeyError, OSError, HTTPException) as error:
            raise EngineRefused(_said(error, media_type)) from error

    def _ask(
        self, text: str, default_graphs: Graphs, named_graphs: Graphs, *, graph: bool
    ) -> HTTPResponse:
        """Send a query (Protocol, 2.1.2) and return the response, its body not yet read."""
        request = SPARQLWrapper(self._address, agent=_AGENT)
        request.setMethod(POST)
        request.setOnlyConneg(True)
        request.setTimeout(math.ceil(self._deadline_seconds))
        request.addCustomHttpHeader("Accept", _accept(graph=graph))
        request.addCustomHttpHeader("Prefer", f"wait={math.ceil(self._deadline_seconds)}")
        for iri in default_graphs or ():
            request.addParameter("default-graph-uri", iri)
        for iri in named_graphs or ():
            request.addParameter("named-graph-uri", iri)
        request.setQuery(text)
        try:
            response: HTTPResponse = request.query().response
        except (SPARQLWrapperException, OSError, HTTPException) as error:
            raise _refusal(error) from error
        return response


class _Body:
    """The body of a response to read from, which tells a cut from an end."""

    def __init__(self, response: HTTPResponse, check: Check | None) -> None:
        self._response, self._check = response, check

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, none at the end.

        Raises:
            EngineRefused: if the connection or the document ends before the answer does.
        """
        try:
            data = self._response.read1(size)
        except (OSError, HTTPException) as error:
            raise EngineRefused(f"it broke off ({error})") from error
        if not data and self._response.length:
            raise EngineRefused(f"it broke off {self._response.length} bytes before its end")
        if self._check is not None:
            self._follow(self._check, data)
        return data

    def end(self) -> None:
        """Read what is left.

        Raises:
            EngineRefused: if it is not the rest of a whole document.
        """
        while self.read(_BLOCK_BYTES):
            pass

    def _follow(self, check: Check, data: bytes) -> None:
        """Check the next bytes; after the last the check is of no more use."""
        try:
            check(data, not data)
        except NotWholeError as error:
            raise EngineRefused(_unwhole(error)) from error
        self._check = check if data else None


def _accept(*, graph: bool) -> str:
    """Return what is read here: of all formats those that show where they are cut."""
    if graph:
        return "application/n-triples, text/turtle;q=0.8, application/rdf+xml;q=0.5"
    return "application/sparql-results+json, application/sparql-results+xml;q=0.8"


def _results_format(media_type: str) -> QueryResultsFormat:
    """Return the format of solutions, of those that were asked for."""
    found = by_media_type(RESULTS, media_type).engine
    if found not in {QueryResultsFormat.JSON, QueryResultsFormat.XML}:
        raise KeyError(media_type)
    return found


def _triples(response: HTTPResponse, media_type: str) -> Iterator[Triple]:
    """Yield the triples of a graph as they come."""
    found = by_media_type(GRAPHS, media_type).engine
    body = _Body(response, XmlWhole(results=False) if found is RdfFormat.RDF_XML else None)
    quads = parse_graph(body, found)  # type: ignore[arg-type]  # all of a file it uses
    return (quad.triple for quad in quads)


def _refusal(error: Exception) -> EngineBusy | EngineRefused | EngineUnavailable:
    """Return our error for an endpoint that does not answer a query."""
    cause = error.__context__ if isinstance(error, SPARQLWrapperException) else error
    if not isinstance(cause, HTTPError):
        unreachable = isinstance(cause, URLError | ConnectionError)
        return EngineUnavailable() if unreachable else EngineRefused(str(error)[:_SHOWN])
    retry = _seconds(cause.headers.get("Retry-After"))
    if cause.code in _BUSY and retry is not None:
        return EngineBusy(retry)
    return EngineRefused(f"status {cause.code}, {_words(error, cause)}")


def _words(error: Exception, cause: HTTPError) -> str:
    """Return the endpoint's own words, of a problem document (RFC 9457) its `detail`."""
    said = str(error).partition("Response:")[2] if error is not cause else ""
    body = literal_eval(said.strip()) if said else cause.read(_LONGEST_WORDS)
    with contextlib.suppress(ValueError, AttributeError):
        body = str(json.loads(body).get("detail", "")).encode() or body
    return " ".join(body.decode(errors="replace").split())[:_SHOWN]


def _seconds(retry_after: str | None) -> int | None:
    """Return a Retry-After header in seconds (RFC 9110, 10.2.3)."""
    if retry_after is None:
        return None
    try:
        if retry_after.isdecimal():
            seconds = int(retry_after)
        else:
            seconds = int(email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time())
    except ValueError:
        return None
    return min(max(seconds, 1), _LONGEST_RETRY_SECONDS)


def _said(error: Exception, media_type: str) -> str:
    """Return why an answer could not be read."""
    if isinstance(error, KeyError):
        return f"it sent {media_type or 'no media type'}, which is no answer to this query"
    return _unwhole(error)


def _unwhole(error: Exception) -> str:
    return f"what it sent is not well-formed, or not whole ({error})"[:_SHOWN]
