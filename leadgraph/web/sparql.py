"""SPARQL 1.1 Protocol requests -> answers; a browser gets the same as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from leadgraph.errors import QueryError, RequestMalformed
from leadgraph.web import answers, negotiate, protocol
from leadgraph.web.site import site

if TYPE_CHECKING:
    from leadgraph.model import Answer

blueprint = Blueprint("sparql", __name__)


@blueprint.route("/sparql", methods=["GET", "POST"])
def endpoint() -> Response:
    """Answer one query (SPARQL 1.1 Protocol, 2.1), or show the form to write one."""
    text, parameters = protocol.operation()
    if text is None:
        if negotiate.wants_page(request.headers.get("Accept", "")):
            return answers.form_page("")
        raise RequestMalformed("There is no query.", "Send one in the parameter `query`.")
    media_type = protocol.media_type(text, parameters)
    question = protocol.question(text, media_type, parameters)
    if media_type != negotiate.HTML:
        return _response(site().engine.ask(question))
    try:
        return answers.result_page(text, site().engine.ask(question))
    except QueryError as error:
        return answers.mend_page(text, error)


def _response(answer: Answer) -> Response:
    """Return the answer as it comes; over HTTP/1.0, which cannot tell a cut, only whole."""
    body = answer.chunks if answer.whole is None else answer.whole
    if request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        body = answers.whole(answer)
    response = Response(body, content_type=answer.media_type)
    response.vary.add("Accept")
    return response
