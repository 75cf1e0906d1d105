"""Question -> Answer: the way from a web process to a child of the engine, with admission.

Every query passes the gate, the admission and the pool, in this order.
"""

from __future__ import annotations

import json
import os
import select
import time
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
from leadgraph.query.engine import SUPERVISOR
from leadgraph.query.explain import malformed
from leadgraph.query.pool import Pool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from leadgraph.model import Client
    from leadgraph.query.admission import Permit
    from leadgraph.query.pool import Child
    from leadgraph.settings import Settings

Term = NamedNode | BlankNode | Literal | Triple

_GRACE_SECONDS = 5.0
_QUICK_SECONDS = 0.05


class Engine:
    """The engine as the rest of the house sees it; safe to share between threads."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self._path = path
        self.settings = settings
        self.pool = Pool(path)
        self._admission = Admission(path.parent, settings)

    @property
    def folder(self) -> Path:
        """The folder of the running engine: all processes of a server share it while it runs."""
        return self._path.parent

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
    def is_alive(self) -> bool:
        """Whether the engine's first process runs, which brings back all others that end."""
        try:
            os.kill(int((self._path.parent / SUPERVISOR).read_text()), 0)
        except (OSError, ValueError):
            return False
        return True

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
        self.pool.close()

    def ask(
        self, question: Question, client: Client | None = None, *, admitted: bool = False
    ) -> Answer:
        """Answer a question; the answer's chunks must be read to their end, or closed.

        A client may not ask too much at once, and ends its query by hanging up; without one the
        house itself asks. A text that the house made of one that passed the gate is `admitted`.

        Raises:
            QueryError: whatever keeps the query from an answer before its first byte.
        """
        if not admitted:
            gate.admit(question.text, self.settings)
        permit = self._admission.admit(None if client is None else client.address)
        try:
            if self.pool.is_slow(question):
                permit.wait_for_turn()
            child = self.pool.take(question)
        except BaseException:
            permit.give_back()
            raise
        answered_to = None if client is None else client.connection
        return _Stream(self, child, permit, answered_to).begin(question)

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


class _Stream(Iterator[bytes]):
    """One answer on its way: raises when it breaks off, frees its child when it ends."""

    def __init__(self, engine: Engine, child: Child, permit: Permit, client: int | None) -> None:
        self._pool = engine.pool
        self._client = client
        self._child: Child | None = child
        self._permit = permit
        self._settings = engine.settings
        self._waited_seconds = 0.0
        self._text = ""

    def begin(self, question: Question) -> Answer:
        """Send the question and return the answer's head, with the body if it is whole."""
        self._text = question.text
        started = time.monotonic()
        try:
            if self._child is not None:
                self._child.send(question)
            self._waited_seconds = time.monotonic() - started
            head = json.loads(self._receive()[1])
            answer = Answer(Form(head["form"]), head["media_type"], self)
            if head["whole"]:
                return Answer(answer.form, answer.media_type, self, b"".join(self))
            self._permit.end_turn()
        except BaseException:
            self.close()
            raise
        return answer

    def __next__(self) -> bytes:
        """Return the next bytes of the body."""
        if self._child is None:
            raise StopIteration
        try:
            kind, content = self._receive()
        except BaseException:
            self.close()
            raise
        if kind == frames.END:
            self._rest(json.loads(content))
            raise StopIteration
        return content

    def close(self) -> None:
        """Give up the rest: the child ends with its connection."""
        child, self._child = self._child, None
        if child is not None:
            child.close()
            self._permit.give_back()

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
            self._rest(facts)
            raise self._complaint(facts)
        return received

    def _wait(self) -> tuple[bytes, bytes] | None:
        """Return the next frame; a child that lets us wait, and computes, is slowed down.

        Raises:
            ClientLeft: if the client does not wait as long.
        """
        if self._child is None:
            raise EngineUnavailable
        started = time.monotonic()
        seconds = self._settings.deadline_seconds - self._waited_seconds + _GRACE_SECONDS
        while not self._child.has_news(_QUICK_SECONDS) and time.monotonic() < started + seconds:
            if self._client is not None and has_left(self._client):
                raise ClientLeft
            if not self._child.is_slowed and self._child.computed_seconds() >= _QUICK_SECONDS:
                self._child.slow_down()
                self._pool.remember_slow(self._text)
        received = self._child.receive(_GRACE_SECONDS)
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

    def _rest(self, state: frames.Facts) -> None:
        """Give the child back after an answer, and the permit with it."""
        child, self._child = self._child, None
        if child is None:
            return
        if child.rest(state):
            self._pool.keep(child)
        else:
            child.close()
        self._permit.give_back()


def has_left(client: int) -> bool:
    """Tell whether the other side of a connection has closed it (poll(2))."""
    poll = select.poll()
    poll.register(client, select.POLLRDHUP)
    return bool(poll.poll(0))
