"""What people ask of /sparql in a browser -> pages: the form, the answer, what is wrong with it.

Programs are answered in endpoint.py; what comes here is a page, or an error to be shown as one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from leadgraph.errors import QueryError, RequestMalformed
from leadgraph.query import gate
from leadgraph.web import accounts, answers, federated, negotiate, protocol, record, wellknown
from leadgraph.web.endpoint import FAILED
from leadgraph.web.site import client, site

if TYPE_CHECKING:
    from leadgraph.link.ledger.ledger import Ledger
    from leadgraph.model import Question

blueprint = Blueprint("sparql", __name__)


@blueprint.route("/sparql", methods=["GET", "POST"])
def endpoint() -> Response:
    """Show the answer to a query, or the form to write one; tell a program of the service."""
    failed = request.environ.get(FAILED)
    if isinstance(failed, Exception):
        raise failed
    text, parameters = protocol.operation(request, site().settings)
    ledger = federated.replayed(parameters, site().elsewhere)
    if text is None and ledger is not None:
        text = ledger.question.text
    if text is None:
        if negotiate.wants_page(request.headers.get("Accept", "")):
            return answers.form_page("")
        if request.method != "POST" and not request.query_string:
            return wellknown.endpoint_description()
        raise RequestMalformed("There is no query.", "Send one in the parameter `query`.")
    question = protocol.question(text, negotiate.HTML, parameters)
    try:
        return _answered(question, ledger)
    except QueryError as error:
        return answers.mend_page(text, error)


def _answered(question: Question, ledger: Ledger | None) -> Response:
    """Show the answer to a question, or that of a ledger once more.

    Whoever loads a page again wants the page: only programs that say `no-cache` have the sources
    asked anew, of which the editor is one.
    """
    elsewhere, asking = site().elsewhere, client(request.environ)
    if ledger is not None:
        same = federated.same_question(ledger, question)
        answer, told = elsewhere.replay(ledger, same, asking)
    elif gate.read(question.text).asks_others:
        answer, told = elsewhere.ask(question, asking, fresh=False)
        record.current().federate(told.account)
    else:
        return answers.result_page(question.text, site().engine.ask(question, asking))
    with federated.accounted(told):
        response = answers.result_page(question.text, answer, told)
    address = federated.ledger_address(request.environ, told.account) if told.is_kept else None
    response.headers.extend(accounts.of_answer(told.account, address, can_replay=told.can_replay))
    return response
