"""Errors -> answers: RFC 9457 problem JSON for programs, the same words on a page for people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeGuard

from flask import Response, make_response, render_template, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
)
from werkzeug.http import HTTP_STATUS_CODES

from leadgraph import errors
from leadgraph.web import accounts, federated, negotiate, record
from leadgraph.web.site import language, site

if TYPE_CHECKING:
    from flask import Flask

PROBLEM_JSON = "application/problem+json"
PROBLEMS = "/problems"
"""The page that explains every code."""
_PAUSE_SECONDS = 5
UNFORESEEN = errors.LeadGraphError("Something went wrong on our side. It has been logged.")
"""What a client is told of an error that has no words of its own."""


def register(app: Flask) -> None:
    """Have the application answer every error here."""
    app.register_error_handler(errors.LeadGraphError, failure)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def problem(error: errors.LeadGraphError) -> dict[str, str | int | float | list[str]]:
    """Return the members of the problem that tells of an error (RFC 9457, 3)."""
    return {
        "type": f"{PROBLEMS}#{error.code}",
        "title": HTTP_STATUS_CODES.get(error.status, error.code),
        "status": error.status,
        "detail": str(error),
        "code": error.code,
        **_facts(error),
    }


def failure(error: errors.LeadGraphError) -> Response:
    """Return the answer that tells a client of an error: to a person's browser a page."""
    response = as_json(error, record.current())
    if negotiate.wants_page(request.headers.get("Accept", "")):
        members = problem(error) | {"instance": record.current().instance}
        page = render_template("problem.html", problem=members, language=language())
        response.set_data(page)
        response.mimetype = negotiate.HTML
    return response


def as_json(error: errors.LeadGraphError, noted: record.Record) -> Response:
    """Return the answer that tells a program of an error, and note it for the record."""
    noted.refuse(error)
    members = problem(error) | {"instance": noted.instance}
    told = Headers()
    if isinstance(error, errors.QueryError) and error.account is not None:
        if noted.account is None:
            noted.federate(error.account)
        ledger = federated.ledger_address(noted.environ, error.account) if error.ledger else None
        members |= {"ledger": ledger} if ledger else {}
        told.extend(accounts.of_failure(error.account, ledger))
    response = Response(json.dumps(members) + "\n", error.status, told, mimetype=PROBLEM_JSON)
    response.headers["Vary"] = "Accept, Accept-Language"
    response.headers["Cache-Control"] = "no-store"
    pause = _retry_after_seconds(error)
    if pause is not None:
        response.headers["Retry-After"] = str(pause)
    if isinstance(error, errors.MethodRefused):
        response.headers["Allow"] = ", ".join(error.allowed)
    return response


def _retry_after_seconds(error: errors.LeadGraphError) -> int | None:
    """Return after which time the same request may be answered; None if time changes nothing."""
    if isinstance(error, errors.EngineBusy | errors.ClientBusy | errors.SourceBusy):
        return error.retry_after_seconds
    if isinstance(error, errors.ContactMissing):
        return None
    return _PAUSE_SECONDS if error.status == errors.EngineUnavailable.status else None


def _facts(error: errors.LeadGraphError) -> dict[str, str | int | float | list[str]]:
    """Return the error's own attributes, for programs."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in vars(error).items()
        if name != "place"
        if isinstance(value, str | int | float) or _is_plain(value)
    } | _place(error)


def _place(error: errors.LeadGraphError) -> dict[str, int]:
    """Return where in a query a SERVICE stands, as other errors tell it."""
    if isinstance(error, errors.ServiceRefused | errors.ServiceMalformed) and error.place:
        line, column = error.place
        return {"line": line, "column": column}
    return {}


def _is_plain(value: object) -> TypeGuard[tuple[str | int, ...]]:
    """Tell whether an attribute is a list of words or numbers."""
    return isinstance(value, tuple) and all(isinstance(item, str | int) for item in value)


def _http(error: HTTPException) -> Response:
    """Turn what Flask raises into our words."""
    if isinstance(error, NotFound):
        return failure(errors.ThingNotFound(request.path))
    if isinstance(error, MethodNotAllowed):
        return failure(errors.MethodRefused(request.method, tuple(error.valid_methods or ())))
    if isinstance(error, RequestEntityTooLarge):
        return failure(errors.QueryTooLong(site().settings.query_bytes))
    if error.response is not None or not isinstance(error, BadRequest):
        return make_response(error.get_response())
    return failure(errors.RequestMalformed(f"{error.description}", "Mend the request."))


def _unexpected(error: Exception) -> Response:
    """Answer 500 for what nobody foresaw; the log has the traceback, the client has not."""
    record.current().unforeseen(error)
    return failure(UNFORESEEN)
