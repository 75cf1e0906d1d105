"""An answer -> the page that shows it: a table, a yes or no, triples, or what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Response, current_app, make_response, render_template, request, url_for
from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from leadgraph.errors import AnswerTooLarge
from leadgraph.formats import GRAPHS, RESULTS
from leadgraph.model import Form
from leadgraph.vocabulary import BASE, PREFIXES
from leadgraph.web import failures
from leadgraph.web.federated import REPLAY, Told
from leadgraph.web.ledgers import seen
from leadgraph.web.site import language, site

if TYPE_CHECKING:
    from leadgraph.errors import QueryError
    from leadgraph.model import Answer

_ROWS_ON_PAGE = 500
_BYTES_ON_PAGE = 1 << 20
_LONGEST_ADDRESS = 8000
"""The length of an address that everybody on the way must take (RFC 9110, 4.1)."""
_DATASET = ("default-graph-uri", "named-graph-uri")
_EDITOR = "yasgui/yasgui.min.js"
_EDITOR_POLICY = "script-src 'self'; connect-src 'self'"


def result_page(text: str, answer: Answer, told: Told | None = None) -> Response:
    """Return the page with the query and its answer, and what was asked of others for it."""
    if answer.form is Form.GRAPH:
        body, cut = _beginning(answer, _BYTES_ON_PAGE)
        return form_page(text, told, graph=body.decode(errors="ignore"), cut=cut)
    body = whole(answer, site().settings.kept_bytes)
    results = parse_query_results(body, QueryResultsFormat.JSON)
    if not isinstance(results, QuerySolutions):
        return form_page(text, told, boolean=bool(results))
    names = [variable.value for variable in results.variables]
    total, rows = 0, []
    for row in results:
        total += 1
        if total <= _ROWS_ON_PAGE:
            rows.append([row[name] for name in names])
    return form_page(text, told, names=names, rows=rows, total=total)


def whole(answer: Answer, most_bytes: int) -> bytes:
    """Return the body as a whole.

    Raises:
        AnswerTooLarge: if it has more bytes.
    """
    body, more = _beginning(answer, most_bytes)
    if more:
        raise AnswerTooLarge(most_bytes)
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


def mend_page(text: str, error: QueryError) -> Response:
    """Return the failure with the query still in the form, to be mended there."""
    response = failures.failure(error)
    told = None
    if error.account is not None:
        told = Told(error.account, is_kept=bool(error.ledger), can_replay=False)
    response.set_data(form_page(text, told, problem=failures.problem(error)).get_data())
    return _allow_editor(response)


def form_page(text: str, told: Told | None = None, **answer: object) -> Response:
    """Return the page of the endpoint."""
    permanent = _permanent(text)
    page = render_template(
        "sparql.html",
        text=text,
        answer=answer,
        told=told,
        seen=None if told is None else seen(told.account),
        files=_files(told) or permanent,
        language=language(),
        permanent=permanent,
        longest_address=_LONGEST_ADDRESS,
        rows_on_page=_ROWS_ON_PAGE,
        characters_on_page=_BYTES_ON_PAGE,
        dataset=_dataset(),
        formats={"results": RESULTS, "graph": GRAPHS},
        editor=_has_editor(),
        prefixes=PREFIXES,
        base=BASE,
    )
    response = make_response(page)
    response.vary.update(("Accept", "Accept-Language"))
    response.headers["Cache-Control"] = "no-cache" if told is None else "no-store"
    return _allow_editor(response)


def _allow_editor(response: Response) -> Response:
    """Let our script run on the page, where the editor is installed, and ask this server."""
    if _has_editor():
        response.headers["Content-Security-Policy"] = _EDITOR_POLICY
    return response


def _has_editor() -> bool:
    """Tell whether the editor was there to be installed; without it the form works as it is."""
    return (Path(str(current_app.static_folder)) / _EDITOR).is_file()


def _dataset() -> list[tuple[str, str]]:
    """Return the parameters that say which graphs are asked (SPARQL 1.1 Protocol, 2.1.4)."""
    return [(name, iri) for name in _DATASET for iri in request.values.getlist(name)]


def _files(told: Told | None) -> str:
    """Return the path of the files of a federated answer: nobody is asked anew for them."""
    if told is None or not told.can_replay:
        return ""
    return f"{url_for('sparql.endpoint')}?{urlencode([(REPLAY, told.account.id)])}"


def _permanent(text: str) -> str:
    """Return the path that asks the same again, "" for a query too long for an address."""
    path = f"{url_for('sparql.endpoint')}?{urlencode([('query', text), *_dataset()])}"
    return path if len(path) <= _LONGEST_ADDRESS else ""
