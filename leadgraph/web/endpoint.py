"""Requests of programs to /sparql -> answers, before Flask: whole or an error, kept, compressed.

What a person's browser wants as a page, and what is no query at all, goes on to Flask.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_etags
from werkzeug.wrappers import Request

from leadgraph.errors import LeadGraphError, QueryError
from leadgraph.query import gate
from leadgraph.web import (
    accounts,
    answers,
    cache,
    encodings,
    failures,
    federated,
    headers,
    negotiate,
    protocol,
    record,
)
from leadgraph.web.linked import linked
from leadgraph.web.site import client

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from leadgraph.link.ledger.ledger import Ledger
    from leadgraph.model import Answer, Question
    from leadgraph.web.cache import Headers
    from leadgraph.web.federated import Told
    from leadgraph.web.site import Site

PATH = "/sparql"
FAILED = "leadgraph.failed"
"""Where Flask finds the error that it has to show as a page."""

_METHODS = frozenset({"GET", "HEAD", "POST"})
_VARY = ("Vary", "Accept, Accept-Encoding")
_LAST_WORDS = "\n\n# This answer is not whole, do not use it. {}\n"


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer on its way, and the headers that tell what it was made of."""

    answer: Answer
    headers: Headers = field(default_factory=list)
    told: Told | None = None


class Endpoint:
    """The SPARQL Protocol in front of another application (SPARQL 1.1 Protocol, 2.1)."""

    def __init__(self, application: WSGIApplication, site: Site) -> None:
        self._application = application
        self._site = site
        self._cache = cache.Cache(site.settings.cache_bytes)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer what a program asks; pass on the rest."""
        if environ.get("PATH_INFO") != PATH or environ["REQUEST_METHOD"] not in _METHODS:
            return self._application(environ, start_response)
        record.of(environ).route = PATH
        known = self._known(environ, start_response)
        return self._read(environ, start_response) if known is None else known

    def _known(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes] | None:
        """Answer a request that came before, if its answer was kept or the client has it."""
        known = self._cache.known(cache.key(environ)) if _is_safe(environ) else None
        if known is None:
            return None
        tag, record.of(environ).query = known
        return self._revisit(tag, environ, start_response)

    def _revisit(
        self, tag: str, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes] | None:
        """Answer 304, or from the cache; None if there is no way but to ask the engine."""
        if _is_safe(environ) and self._has(environ.get("HTTP_IF_NONE_MATCH"), tag):
            start_response("304 Not Modified", [*headers.COMMON, *self._validators(tag)])
            return []
        kept = self._cache.get(tag)
        record.of(environ).look_up(hit=kept is not None)
        if kept is None:
            return None
        return kept(environ, start_response)

    def _has(self, condition: str | None, tag: str) -> bool:
        """Tell whether a client has the answer of a tag (RFC 9110, 13.1.2)."""
        if not condition:
            return False
        tags = parse_etags(condition)
        if tags.star_tag:
            return self._cache.get(tag) is not None
        return tags.contains_weak(tag.strip('"'))

    def _read(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Read a request and answer it; a person is told of errors on a page."""
        request = Request(environ)
        limit = 4 * self._site.settings.query_bytes
        request.max_content_length = request.max_form_memory_size = limit
        try:
            answer = self._answer(request, start_response)
        except (LeadGraphError, HTTPException) as error:
            if isinstance(error, HTTPException) or negotiate.wants_page(_accept(request)):
                return self._pass_on(request, start_response, error)
            response = failures.as_json(error, record.of(environ))
            response.headers.extend(headers.COMMON)
            return response(environ, start_response)
        return self._pass_on(request, start_response) if answer is None else answer

    def _pass_on(
        self, request: Request, start_response: StartResponse, error: Exception | None = None
    ) -> Iterable[bytes]:
        """Have Flask answer, with the body that was read already."""
        if error is not None:
            request.environ[FAILED] = error
        elif request.method == "POST":
            request.environ["wsgi.input"] = io.BytesIO(request.get_data())
        return self._application(request.environ, start_response)

    def _answer(self, request: Request, start_response: StartResponse) -> Iterable[bytes] | None:
        """Answer a request in a format for programs; None for any other.

        Raises:
            LeadGraphError: whatever keeps it from an answer.
        """
        text, parameters = protocol.operation(request, self._site.settings)
        ledger = federated.replayed(parameters, self._site.elsewhere)
        if text is None and ledger is not None:
            text = ledger.question.text
        if text is None:
            return None
        record.of(request.environ).query = text
        media_type = protocol.media_type(_accept(request), text, parameters)
        if media_type == negotiate.HTML:
            return None
        question = protocol.question(text, media_type, parameters)
        encoding = encodings.choose(request.headers.get("Accept-Encoding", ""))
        if ledger is not None or gate.read(text).asks_others:
            sent = self._federated(question, ledger, request)
            with federated.accounted(sent.told):
                sender = self._send(sent, None, encoding, request)
            return sender(request.environ, start_response)
        tag = self._tag(question, media_type, encoding)
        if tag is not None:
            if _is_safe(request.environ):
                self._cache.remember(cache.key(request.environ), tag, text)
            known = self._revisit(tag, request.environ, start_response)
            if known is not None:
                return known
        answer = self._site.engine.ask(question, client(request.environ))
        return self._send(Sent(answer), tag, encoding, request)(request.environ, start_response)

    def _federated(self, question: Question, ledger: Ledger | None, request: Request) -> Sent:
        """Return the answer to a question that names other endpoints, with its account.

        Raises:
            LeadGraphError: whatever keeps it from an answer.
        """
        elsewhere, environ = self._site.elsewhere, request.environ
        asking = client(environ)
        if ledger is None:
            fresh = federated.wants_fresh(environ)
            answer, told = elsewhere.ask(question, asking, fresh=fresh)
            record.of(environ).federate(told.account)
        else:
            same = federated.same_question(ledger, question)
            answer, told = elsewhere.replay(ledger, same, asking)
        address = federated.ledger_address(environ, told.account) if told.is_kept else None
        fields = accounts.of_answer(told.account, address, can_replay=told.can_replay)
        return Sent(linked(answer, address) if address else answer, fields, told)

    def _tag(self, question: Question, media_type: str, encoding: str) -> str | None:
        """Return the entity tag of an answer; None for one that may change by itself.

        Raises:
            QueryError: if the query is none that the engine is asked.
        """
        gate.admit(question.text, self._site.settings)
        edition = self._site.engine.edition
        if edition is None or gate.read(question.text).volatile:
            return None
        return cache.entity_tag(edition, question, media_type, encoding)

    def _send(
        self, sent: Sent, tag: str | None, encoding: str, request: Request
    ) -> WSGIApplication:
        """Return what sends an answer: whole if it is small, else as it comes.

        Over HTTP/1.0, which cannot tell a cut, it leaves as a whole, or not at all.
        """
        answer, whole = sent.answer, sent.answer.whole
        if whole is None and request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
            whole = answers.whole(answer, self._site.settings.kept_bytes)
        if whole is None:
            told = self._headers(sent, tag, encoding)
            return self._streamed(answer, tag, encoding, told)
        accepted = request.headers.get("Accept-Encoding", "")
        if len(whole) < encodings.SMALLEST_BYTES and not encodings.refuses_identity(accepted):
            encoding = encodings.IDENTITY
        if encoding != encodings.IDENTITY:
            whole = b"".join(encodings.compress(encoding, (whole,)))
        told = self._headers(sent, tag, encoding)
        kept = cache.Kept([*told, ("Content-Length", str(len(whole)))], whole)
        if tag is not None:
            self._cache.put(tag, kept)
        return kept

    def _streamed(
        self, answer: Answer, tag: str | None, encoding: str, told: Headers
    ) -> WSGIApplication:
        """Return what sends an answer as it comes, and keeps it if it comes to its end."""

        def send(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            start_response("200 OK", told)
            if environ["REQUEST_METHOD"] == "HEAD":
                answer.chunks.close()
                return []
            body = _honest(answer)
            if encoding != encodings.IDENTITY:
                body = encodings.compress(encoding, body)
            if tag is not None:
                body = self._cache.keeping(body, tag, told)
            return body

        return send

    def _headers(self, sent: Sent, tag: str | None, encoding: str) -> Headers:
        """Return the headers of an answer."""
        media_type = ("Content-Type", sent.answer.media_type)
        told = [*headers.COMMON, media_type, *self._validators(tag), *sent.headers]
        if encoding != encodings.IDENTITY:
            told.append(("Content-Encoding", encoding))
        return told

    def _validators(self, tag: str | None) -> Headers:
        """Return what caches on the way need to know (RFC 9111)."""
        if tag is None:
            return [_VARY, ("Cache-Control", "no-store")]
        fresh = f"public, max-age={self._site.settings.fresh_seconds}"
        return [_VARY, ("ETag", tag), ("Cache-Control", fresh)]


def _honest(answer: Answer) -> Iterator[bytes]:
    """Yield an answer; if it breaks off, say so in it, and come to no clean end."""
    try:
        yield from answer.chunks
    except QueryError as error:
        yield _LAST_WORDS.format(error).encode()
        raise
    finally:
        answer.chunks.close()


def _is_safe(environ: WSGIEnvironment) -> bool:
    """Tell whether a request is one that caches may answer (RFC 9110, 9.2.3)."""
    return environ["REQUEST_METHOD"] in {"GET", "HEAD"}


def _accept(request: Request) -> str:
    return request.headers.get("Accept", "")
