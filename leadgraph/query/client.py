"""Question -> Answer: the way from a web process to a child of the engine, with admission.

Every query passes the gate and the admission; a connection that has answered is kept for the next
question. A child that has computed for long goes on behind those that are quick.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import time
from collections import deque
from collections.abc import Iterator
from functools import cached_property
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
    AnswerUnwritable,
    ClientLeft,
    EngineBusy,
    EngineRefused,
    EngineUnavailable,
    FunctionUnknown,
    QueryCrashed,
    QueryError,
    QueryMalformed,
    QueryTooCostly,
    ResultTooLarge,
)
from leadgraph.model import Answer, Form, Question
from leadgraph.query import editions, frames, gate
from leadgraph.query.admission import Admission
from leadgraph.query.explain import malformed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from leadgraph.model import Client
    from leadgraph.query.admission import Permit
    from leadgraph.settings import Settings

Term = NamedNode | BlankNode | Literal | Triple

_GRACE_SECONDS = 5.0
_QUICK_SECONDS = 0.1
_SLOW_NICENESS = 10
_IDLE_SECONDS = 30.0


class Engine:
    """The engine as the rest of the house sees it; safe to share between threads."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self._path = path
        self.settings = settings
        self._idle: deque[_Connection] = deque()
        self._admission = Admission(path.parent, settings)

    @cached_property
    def edition(self) -> str | None:
        """What answers depend on besides the question; None where that can change unseen."""
        return editions.read(self._path.parent)

    def __enter__(self) -> Self:
        """Return the engine; leaving the block closes its connections."""
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def busy(self) -> int:
        """How many queries this process has running."""
        return self._admission.busy

    @property
    def waiting(self) -> int:
        """How many queries of this process wait for a child."""
        return self._admission.waiting

    def close(self) -> None:
        """Close the connections that wait for a question."""
        while self._idle:
            self._idle.pop().close()

    def ask(self, question: Question, client: Client | None = None) -> Answer:
        """Answer a question; the answer's chunks must be read to their end, or closed.

        A client may not ask too much at once, and ends its query by hanging up; without one the
        house itself asks.

        Raises:
            QueryError: whatever keeps the query from an answer before its first byte.
        """
        gate.admit(question.text, self.settings)
        permit = self._admission.admit(None if client is None else client.address)
        try:
            connection = self._connect()
        except BaseException:
            permit.give_back()
            raise
        answered_to = None if client is None else client.connection
        return _Stream(self, connection, permit, answered_to).begin(question)

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

    def _connect(self) -> _Connection:
        """Return a connection to a child that waits: a kept one, or a new one."""
        with contextlib.suppress(IndexError):
            while True:
                connection = self._idle.pop()
                if not connection.has_news(0):
                    return connection
                connection.close()
        return _Connection(self._path)

    def keep(self, connection: _Connection) -> None:
        """Take back a connection whose child waits for the next question.

        The last to come is the first to go again; those that nobody needed for long are let go.
        """
        now = connection.idle_since = time.monotonic()
        self._idle.append(connection)
        with contextlib.suppress(IndexError):
            while self._idle[0].idle_since < now - _IDLE_SECONDS:
                self._idle.popleft().close()


class _Connection:
    """The way to one child, and the child's process id once it has said it."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._process: int | None = None
        try:
            self._socket.connect(str(path))
        except OSError as error:
            self.close()
            raise EngineUnavailable from error
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        self._frames = frames.Reader(self._socket)
        self.slowed = False
        self.idle_since = 0.0

    def close(self) -> None:
        """Leave; the child ends."""
        self._socket.close()

    def has_news(self, seconds: float) -> bool:
        """Tell whether something comes within a time; an idle child sends only its end."""
        return self._frames.has_frame() or bool(self._poll.poll(seconds * 1000))

    def is_outlasted(self, client: int, seconds: float) -> bool:
        """Wait for a time, and tell whether a client stayed until there was something."""
        if self.has_news(0):
            return True
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        poll.register(client, select.POLLRDHUP)
        events = [descriptor for descriptor, _ in poll.poll(seconds * 1000)]
        return not events or self._socket.fileno() in events

    def send(self, question: Question) -> None:
        """Send a question.

        Raises:
            EngineUnavailable: if there is nobody at the other end.
        """
        try:
            self._socket.sendall(frames.facts_frame(frames.QUESTION, _facts(question)))
            if self._process is None:
                self._socket.settimeout(_GRACE_SECONDS)
                self._process = self._child(self._frames.receive())
        except OSError as error:
            raise EngineUnavailable from error

    def receive(self, seconds: float) -> tuple[bytes, bytes] | None:
        """Return the next frame of an answer, None if the child is gone, or silent for too long."""
        self._socket.settimeout(seconds)
        try:
            return self._frames.receive()
        except OSError:
            return None

    def slow_down(self) -> None:
        """Have the child compute behind all that are quick, for good (setpriority(2))."""
        self.slowed = True
        if self._process is not None:
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self._process, _SLOW_NICENESS)

    def _child(self, received: tuple[bytes, bytes] | None) -> int:
        """Return the process id that a new child says."""
        if received is None:
            raise EngineUnavailable
        return int(json.loads(received[1])["process"])


def _facts(question: Question) -> frames.Facts:
    """Return a question as the child reads it."""
    default, named = question.default_graphs, question.named_graphs
    return {
        "text": question.text,
        "results": question.results,
        "graph": question.graph,
        "default_graphs": None if default is None else [*default],
        "named_graphs": None if named is None else [*named],
    }


class _Stream(Iterator[bytes]):
    """One answer on its way: raises when it breaks off, frees its child when it ends."""

    def __init__(
        self, engine: Engine, connection: _Connection, permit: Permit, client: int | None
    ) -> None:
        self._engine = engine
        self._client = client
        self._connection: _Connection | None = connection
        self._permit = permit
        self._settings = engine.settings
        self._waited_seconds = 0.0
        self._text = ""

    def begin(self, question: Question) -> Answer:
        """Send the question and return the answer's head, with the body if it is whole."""
        self._text = question.text
        started = time.monotonic()
        try:
            if self._connection is not None:
                self._connection.send(question)
            self._waited_seconds = time.monotonic() - started
            head = json.loads(self._receive()[1])
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
            kind, content = self._receive()
        except BaseException:
            self.close()
            raise
        if kind == frames.END:
            self._leave(reusable=content != frames.LAST)
            raise StopIteration
        return content

    def close(self) -> None:
        """Give up the rest: the child ends with its connection."""
        self._leave(reusable=False)

    def __del__(self) -> None:
        """Free the slot of an answer that nobody read."""
        self.close()

    def _receive(self) -> tuple[bytes, bytes]:
        """Return the next frame that is no error.

        Raises:
            QueryError: if the child reports an error, or is gone.
        """
        received = self._wait()
        if received is None:
            raise self._death()
        if received[0] == frames.ERROR:
            facts = json.loads(received[1])
            self._leave(reusable=not facts["is_last"])
            raise self._complaint(facts)
        return received

    def _wait(self) -> tuple[bytes, bytes] | None:
        """Return the next frame; a child that lets us wait for long is slowed down.

        Raises:
            ClientLeft: if the client does not wait as long.
        """
        if self._connection is None:
            raise EngineUnavailable
        started = time.monotonic()
        if not self._connection.slowed and not self._connection.has_news(_QUICK_SECONDS):
            self._connection.slow_down()
        seconds = self._settings.deadline_seconds - self._waited_seconds + _GRACE_SECONDS
        if self._client is not None and not self._connection.is_outlasted(self._client, seconds):
            raise ClientLeft
        received = self._connection.receive(seconds)
        self._waited_seconds += time.monotonic() - started
        return received

    def _complaint(self, facts: frames.Facts) -> QueryError:
        """Return the error that a child reports."""
        told: dict[object, Callable[[], QueryError]] = {
            QueryMalformed.code: lambda: malformed(
                self._text,
                (int(str(facts["line"])), int(str(facts["column"]))),
                str(facts["expected"]),
            ),
            QueryTooCostly.code: lambda: QueryTooCostly(self._settings.deadline_seconds),
            ResultTooLarge.code: lambda: ResultTooLarge(self._settings.result_bytes),
            EngineRefused.code: lambda: EngineRefused(str(facts["reason"])),
            EngineBusy.code: lambda: EngineBusy(int(str(facts["retry_after_seconds"]))),
            FunctionUnknown.code: lambda: FunctionUnknown(str(facts["function"])),
            AnswerUnwritable.code: AnswerUnwritable,
            EngineUnavailable.code: EngineUnavailable,
        }
        return told.get(facts["code"], QueryCrashed)()

    def _death(self) -> QueryError:
        """Return why the child is gone: it ran out of time, or it broke."""
        if self._waited_seconds >= self._settings.deadline_seconds:
            return QueryTooCostly(self._settings.deadline_seconds)
        return QueryCrashed()

    def _leave(self, *, reusable: bool) -> None:
        """Give the connection and the permit back, once."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if reusable and not connection.slowed:
            self._engine.keep(connection)
        else:
            connection.close()
        self._permit.give_back()
