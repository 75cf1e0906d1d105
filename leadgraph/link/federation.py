"""Question with SERVICEs -> Answer and its account: the join with other endpoints.

Our own part comes first. A SERVICE is asked about what it can be joined with, as far as that is
known (`link/run.py`). In the end the query has no SERVICE, and our engine answers it.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from leadgraph.errors import QueryError, ReplayRefused
from leadgraph.link.account import Account
from leadgraph.link.join.local import Local
from leadgraph.link.run import Run
from leadgraph.link.text.parsed import read
from leadgraph.query import gate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadgraph.link.account import Table
    from leadgraph.link.asking.asking import Asking
    from leadgraph.link.source.sources import Sources
    from leadgraph.link.text.parsed import Parsed
    from leadgraph.model import Answer, Client, Question
    from leadgraph.query.client import Engine
    from leadgraph.settings import Settings

_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Federated:
    """An answer, the account of what was asked for it, and what was received, by SERVICE."""

    answer: Answer
    account: Account
    received: Mapping[int, Table]


class Federation:
    """Who answers queries that ask other endpoints; safe to share between threads."""

    def __init__(
        self,
        engine: Engine,
        sources: Sources,
        asking: Asking,
        settings: Settings,
        release: str | None,
    ) -> None:
        self.engine, self.sources, self.asking = engine, sources, asking
        self.settings, self.release = settings, release

    def answer(
        self, question: Question, client: Client | None = None, *, fresh: bool = False
    ) -> Federated:
        """Answer a question; `fresh` asks even what is known already.

        Raises:
            QueryError: whatever keeps it from its answer before the first byte; its `account` has
                what was asked by then.
        """
        begun, started = datetime.now(UTC), time.monotonic()
        gate.admit(question.text, self.settings, service=True)
        run = self._run(read(question.text), question, client)
        run.fresh, run.deadline = fresh, started + self.settings.service_seconds
        try:
            run.resolve()
            answer = run.local.answer(run.text())
        except QueryError as error:
            error.account = self._account(question, run, begun)
            raise
        return Federated(answer, self._account(question, run, begun), run.received)

    def _account(self, question: Question, run: Run, begun: datetime) -> Account:
        """Return the account of what was asked until now."""
        return Account(
            id=secrets.token_urlsafe(_ID_BYTES),
            begun=begun,
            seconds=self.settings.service_seconds - (run.deadline - time.monotonic()),
            local_seconds=run.local.seconds,
            query=question.text,
            release=self.release,
            edition=self.engine.edition,
            asked=run.account(),
        )

    def replay(
        self, question: Question, received: Mapping[int, Table], client: Client | None = None
    ) -> Answer:
        """Answer a question from what was received for it before: nobody is asked.

        Raises:
            ReplayRefused: if it has a SERVICE that nothing was received for.
            QueryError: whatever else keeps it from its answer.
        """
        gate.admit(question.text, self.settings, service=True)
        parsed = read(question.text)
        if {service.start for service in parsed.services} != set(received):
            raise ReplayRefused("", "what was received belongs to another query")
        run = self._run(parsed, question, client)
        for offset, table in received.items():
            run.take(offset, table)
        return run.local.answer(run.text())

    def _run(self, parsed: Parsed, question: Question, client: Client | None) -> Run:
        local = Local(self.engine, question, client)
        return Run(parsed, local, self.sources, self.asking, self.settings)
