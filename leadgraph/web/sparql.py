"""What people ask of /sparql in a browser -> pages: the form, the answer, what is wrong with it.

Programs are answered in endpoint.py; what comes here is a page, or an error to be shown as one.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from leadgraph.errors import QueryError, RequestMalformed
from leadgraph.web import answers, negotiate, protocol, wellknown
from leadgraph.web.endpoint import FAILED
from leadgraph.web.site import client, site

blueprint = Blueprint("sparql", __name__)


@blueprint.route("/sparql", methods=["GET", "POST"])
def endpoint() -> Response:
    """Show the answer to a query, or the form to write one; tell a program of the service."""
    failed = request.environ.get(FAILED)
    if isinstance(failed, Exception):
        raise failed
    text, parameters = protocol.operation(request, site().settings)
    if text is None:
        if negotiate.wants_page(request.headers.get("Accept", "")):
            return answers.form_page("")
        if request.method != "POST" and not request.query_string:
            return wellknown.endpoint_description()
        raise RequestMalformed("There is no query.", "Send one in the parameter `query`.")
    question = protocol.question(text, negotiate.HTML, parameters)
    try:
        return answers.result_page(text, site().engine.ask(question, client(request.environ)))
    except QueryError as error:
        return answers.mend_page(text, error)
