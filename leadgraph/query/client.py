"""Question -> Answer: the way from a web process to a child of the engine, with admission.

Every query passes the gate; at most `children` run at once for this process, `queue` wait, and
a connection that has answered is kept for the next question.
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Self

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from leadgraph.errors import (
    EngineBusy,
    EngineUnavailable,
    QueryCrashed,
    QueryError,
    QueryTooCostly,
)
from leadgraph.model import Answer, Form, Question
from leadgraph.query import frames, gate
from leadgraph.query.explain import malformed

if TYPE_CHECKING:
    from pathlib import Path

    from leadgraph.settings import Settings

Term = NamedNode | BlankNode | Literal | Triple

_GRACE_SECONDS = 5.0
_RETRY_SECONDS = 2


class Engine:
    """The engine as the rest of the house sees it; safe to share between threads."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self._path = path
        self._settings = settings
        self._idle: list[socket.socket] = []
        self._slots = threading.BoundedSemaphore(settings.children)
        self._queue = threading.BoundedSemaphore(settings.queue)

    def __enter__(self) -> Self:
        """Return the engine; leaving the block closes its connections."""
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that wait for a question."""
        while self._idle:
            self._idle.pop().close()

    def ask(self, question: Question) -> Answer:
        """Answer a question; the answer's chunks must be read to their end, or closed.

        Raises:
            QueryError: whatever keeps the query from an answer before its first byte.
        """
        gate.admit(question.text, self._settings)
        self._admit()
        try:
            stream = _Stream(self, self._connect(), self._settings.deadline_seconds)
        except BaseException:
            self._slots.release()
            raise
        return stream.begin(question)

    def rows(self, text: str) -> list[dict[str, Term]]:
        """Return the solutions of a SELECT, unbound variables left out."""
        solutions = parse_query_results(
            self._body(Question(text, "json", "ntriples")), QueryResultsFormat.JSON
        )
        if not isinstance(solutions, QuerySolutions):
            raise TypeError("rows() is for SELECT")
        names = [variable.value for variable in solutions.variables]
        return [{name: row[name] for name in names if row[name] is not None} for row in solutions]

    def graph(self, text: str) -> list[Triple]:
        """Return the triples of a CONSTRUCT or DESCRIBE."""
        body = self._body(Question(text, "json", "ntriples"))
        return [quad.triple for quad in parse(body, RdfFormat.N_TRIPLES)]

    def _body(self, question: Question) -> bytes:
        """Return a whole body."""
        answer = self.ask(question)
        return answer.whole if answer.whole is not None else b"".join(answer.chunks)

    def _admit(self) -> None:
        """Take a slot, waiting in the bounded queue for at most `queue_seconds`.

        Raises:
            EngineBusy: if the queue is full, or the wait was in vain.
        """
        if self._slots.acquire(blocking=False):
            return
        if not self._queue.acquire(blocking=False):
            raise EngineBusy(_RETRY_SECONDS)
        try:
            if not self._slots.acquire(timeout=self._settings.queue_seconds):
                raise EngineBusy(_RETRY_SECONDS)
        finally:
            self._queue.release()

    def _connect(self) -> socket.socket:
        """Return a connection to a child that waits: a kept one, or a new one."""
        with contextlib.suppress(IndexError):
            while True:
                connection = self._idle.pop()
                if not _has_news(connection):
                    return connection
                connection.close()
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(str(self._path))
        except OSError as error:
            connection.close()
            raise EngineUnavailable from error
        return connection

    def leave(self, connection: socket.socket, *, reusable: bool) -> None:
        """Take back the connection of a finished stream and free its slot."""
        if reusable:
            self._idle.append(connection)
        else:
            connection.close()
        self._slots.release()


def _has_news(connection: socket.socket) -> bool:
    """Tell whether something came on a connection that waits: its child has left it."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))


class _Stream(Iterator[bytes]):
    """One answer on its way: raises when it breaks off, frees its child when it ends."""

    def __init__(self, engine: Engine, connection: socket.socket, deadline_seconds: float) -> None:
        self._engine = engine
        self._connection: socket.socket | None = connection
        self._deadline_seconds = deadline_seconds
        self._started = time.monotonic()
        self._text = ""

    def begin(self, question: Question) -> Answer:
        """Send the question and return the answer's head, with the body if it is whole."""
        self._text = question.text
        try:
            head = json.loads(self._exchange(question))
            answer = Answer(Form(head["form"]), head["media_type"], self)
            if head["whole"]:
                return Answer(answer.form, answer.media_type, self, b"".join(self))
        except BaseException:
            self.close()
            raise
        return answer

    def __next__(self) -> bytes:
        """Return the next bytes of the body."""
        if self._connection is None:
            raise StopIteration
        try:
            kind, content = self._receive(self._connection)
        except BaseException:
            self.close()
            raise
        if kind == frames.END:
            self._leave(reusable=True)
            raise StopIteration
        return content

    def close(self) -> None:
        """Give up the rest: the child ends with its connection."""
        self._leave(reusable=False)

    def __del__(self) -> None:
        """Free the slot of an answer that nobody read."""
        self.close()

    def _exchange(self, question: Question) -> bytes:
        """Send the question; return the head frame's content."""
        if self._connection is None:
            raise EngineUnavailable
        self._connection.settimeout(self._deadline_seconds + _GRACE_SECONDS)
        try:
            self._connection.sendall(frames.facts_frame(frames.QUESTION, asdict(question)))
        except OSError as error:
            raise EngineUnavailable from error
        return self._receive(self._connection)[1]

    def _receive(self, connection: socket.socket) -> tuple[bytes, bytes]:
        """Return the next frame that is no error.

        Raises:
            QueryError: if the child reports an error, or is gone.
        """
        try:
            received = frames.receive(connection)
        except OSError:
            received = None
        if received is None:
            raise self._death()
        if received[0] == frames.ERROR:
            self._leave(reusable=True)
            raise self._complaint(json.loads(received[1]))
        return received

    def _complaint(self, facts: dict[str, str | int]) -> QueryError:
        """Return the error that a child reports."""
        if facts["code"] == "query-malformed":
            place = int(facts["line"]), int(facts["column"])
            return malformed(self._text, place, str(facts["expected"]))
        return QueryCrashed()

    def _death(self) -> QueryError:
        """Return why the child is gone: it ran out of time, or it broke."""
        if time.monotonic() - self._started >= self._deadline_seconds:
            return QueryTooCostly(self._deadline_seconds)
        return QueryCrashed()

    def _leave(self, *, reusable: bool) -> None:
        """Give the connection back, once."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._engine.leave(connection, reusable=reusable)
