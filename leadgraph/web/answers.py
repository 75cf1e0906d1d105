"""An answer -> the page that shows it: a table, a yes or no, triples, or what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, make_response, render_template
from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from leadgraph.errors import AnswerTooLarge
from leadgraph.model import Form
from leadgraph.web import failures
from leadgraph.web.site import language, site

if TYPE_CHECKING:
    from leadgraph.errors import QueryError
    from leadgraph.model import Answer

_ROWS_ON_PAGE = 500
_BYTES_ON_PAGE = 1 << 20


def result_page(text: str, answer: Answer) -> Response:
    """Return the page with the query and its answer."""
    if answer.form is Form.GRAPH:
        body, cut = _beginning(answer, _BYTES_ON_PAGE)
        return form_page(text, graph=body.decode(errors="ignore"), cut=cut)
    results = parse_query_results(whole(answer), QueryResultsFormat.JSON)
    if not isinstance(results, QuerySolutions):
        return form_page(text, boolean=bool(results))
    names = [variable.value for variable in results.variables]
    total, rows = 0, []
    for row in results:
        total += 1
        if total <= _ROWS_ON_PAGE:
            rows.append([row[name] for name in names])
    return form_page(text, names=names, rows=rows, total=total)


def whole(answer: Answer) -> bytes:
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


def mend_page(text: str, error: QueryError) -> Response:
    """Return the failure with the query still in the form, to be mended there."""
    response = failures.failure(error)
    response.set_data(form_page(text, problem=failures.problem(error)).get_data())
    return response


def form_page(text: str, **answer: object) -> Response:
    """Return the page of the endpoint."""
    page = render_template("sparql.html", text=text, answer=answer, language=language())
    response = make_response(page)
    response.vary.update(("Accept", "Accept-Language"))
    return response
