"""A question that names other endpoints -> its answer, with the account of what they were asked.

Also the answer of a ledger once more, from what was received then: nobody is asked for it.
"""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from werkzeug.http import parse_cache_control_header
from werkzeug.wrappers import Request

from leadgraph.errors import QueryError, ReplayRefused, RequestMalformed
from leadgraph.link.folder import shared_folder
from leadgraph.link.source.sources import Sources
from leadgraph.query import gate
from leadgraph.vocabulary import BASE
from leadgraph.web.accounts import is_answered, uri
from leadgraph.web.crowd import Crowd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from wsgiref.types import WSGIEnvironment

    from werkzeug.datastructures import MultiDict

    from leadgraph.link.account import Account
    from leadgraph.link.federation import Federation
    from leadgraph.link.ledger.ledger import Ledger, Ledgers
    from leadgraph.link.opening import Opened
    from leadgraph.model import Answer, Client, Question, Release
    from leadgraph.query.client import Engine
    from leadgraph.settings import Settings

REPLAY = "replay"
"""The parameter that names the ledger whose answer is wanted again."""

_NEW_EACH_TIME = re.compile(r"NOW|RAND|(STR)?UUID", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of an answer: what was asked of whom; `is_replay` if that was in the past.

    `is_kept` says whether its ledger can be read, `can_replay` whether the same answer can be given
    again from what was received.
    """

    account: Account
    is_kept: bool
    can_replay: bool
    is_replay: bool = False


class Elsewhere:
    """The way of one web process to other endpoints; safe to share between its threads.

    Files and connections are opened when the first query needs them: after the process was forked.

    Raises:
        SettingInvalid: if the list of endpoints is none.
    """

    def __init__(self, engine: Engine, settings: Settings, release: Release | None) -> None:
        self.sources = Sources.from_settings(settings)
        self._engine, self._settings, self._release = engine, settings, release
        self._crowd = Crowd(engine.folder, settings)
        self._opening = threading.Lock()
        self._reading = threading.Lock()
        self._opened: Opened | None = None
        self._ledgers: Ledgers | None = None

    @property
    def federation(self) -> Federation:
        """What answers questions that name other endpoints."""
        with self._opening:
            if self._opened is None:
                # What this imports takes its time and memory, and many servers ask nobody.
                from leadgraph.link.opening import opened  # noqa: PLC0415

                self._opened = opened(
                    self._engine, self.sources, self._settings, self._folder, self._version
                )
            return self._opened.federation

    @property
    def ledgers(self) -> Ledgers:
        """What keeps the accounts."""
        with self._opening:
            if self._ledgers is None:
                from leadgraph.link.ledger.ledger import Ledgers  # noqa: PLC0415  # see above

                self._ledgers = Ledgers(self._folder, self._settings)
            return self._ledgers

    def prepare(self) -> None:
        """Import meanwhile what the first query to others needs, if there are any to ask."""
        asked = self.sources.listed
        if any(self._settings.contact or not source.is_wikimedia for source in asked):
            threading.Thread(target=_import_federation, daemon=True).start()

    def ask(self, question: Question, client: Client, *, fresh: bool) -> tuple[Answer, Told]:
        """Answer a question; with `fresh`, nothing that was received before is used.

        Raises:
            QueryError: whatever keeps it from an answer; its `account` has what was asked by then.
        """
        gate.admit(question.text, self._settings, service=True)
        with self._crowd.place(client):
            try:
                found = self.federation.answer(question, client, fresh=fresh)
            except QueryError as error:
                self._keep_failed(error, question)
                raise
        try:
            kept = self.ledgers.keep(found.account, question, found.received)
        except BaseException:
            found.answer.chunks.close()
            raise
        return found.answer, self.told(found.account, is_kept=kept, has_received=kept)

    def _keep_failed(self, error: QueryError, question: Question) -> None:
        """Keep what was asked before a query failed, if anything was."""
        account = error.account
        if account is None or not account.asked:
            error.account = None
        elif self.ledgers.keep(account, question, {}):
            error.ledger = account.id

    def told(self, account: Account, *, is_kept: bool, has_received: bool) -> Told:
        """Return what is told of an account."""
        can_replay = is_kept and has_received and not self._hindrance(account)
        return Told(account, is_kept, can_replay)

    def replay(self, ledger: Ledger, question: Question, client: Client) -> tuple[Answer, Told]:
        """Answer the question of a ledger from what was received then.

        To read that takes memory and time; so it takes a place, and waits for those before.

        Raises:
            ClientBusy, EngineBusy: if there is no place.
            LedgerMissing: if it has just gone.
            ReplayRefused: if the answer would be another one, or there was none.
        """
        reason = self._hindrance(ledger.account)
        if not ledger.replayable:
            reason = "what was received was too much to be kept"
        if reason:
            raise ReplayRefused(ledger.account.id, reason)
        with self._crowd.place(client):
            with self._reading:
                received = self.ledgers.find(ledger.account.id).received
            answer = self.federation.replay(question, received, client)
        return answer, Told(ledger.account, is_kept=True, can_replay=True, is_replay=True)

    def _hindrance(self, account: Account) -> str:
        """Return why an answer cannot be had again, "" if it can."""
        if not is_answered(account):
            return "it tells of a query that was not answered"
        if account.release != self._version:
            return f"it is of release {account.release}, and {self._version} is served here"
        if account.edition != self._engine.edition:
            return "the data here are others by now"
        if account.edition is None and account.release is None:
            return "the data here may change unseen"
        if is_new_each_time(account.query):
            return "NOW, RAND, UUID and STRUUID give something new each time"
        return ""

    @property
    def _version(self) -> str | None:
        return None if self._release is None else self._release.version

    def close(self) -> None:
        """Close the connections and the files that were opened."""
        for one in (self._opened, self._ledgers):
            if one is not None:
                one.close()

    @cached_property
    def _folder(self) -> Path:
        has_release = self._release is not None
        return shared_folder(self._settings, self._engine.folder, is_graph=has_release)


def _import_federation() -> None:
    import leadgraph.link.federation  # noqa: PLC0415
    import leadgraph.link.ledger.ledger  # noqa: PLC0415
    import leadgraph.link.opening  # noqa: F401, PLC0415


@contextmanager
def accounted(told: Told | None) -> Iterator[None]:
    """Have what goes wrong with an answer after others were asked tell what they were asked."""
    try:
        yield
    except QueryError as error:
        if told is not None:
            error.account, error.ledger = told.account, told.account.id if told.is_kept else ""
        raise


def is_new_each_time(text: str) -> bool:
    """Tell whether a query asks us for what no ledger can hold: the time, or chance.

    What others were asked of it is in what was received.
    """
    from leadgraph.link.text.parsed import read  # noqa: PLC0415  # see Elsewhere

    theirs = [(service.start, service.end) for service in read(text).services]
    return any(
        token.kind == "word"
        and _NEW_EACH_TIME.search(token.text) is not None
        and not any(start <= token.offset < end for start, end in theirs)
        for token in gate.tokens(text)
    )


def replayed(parameters: MultiDict[str, str], elsewhere: Elsewhere) -> Ledger | None:
    """Return the ledger that a request wants replayed, None if it wants none.

    Raises:
        LedgerMissing: if there is none of that name.
        RequestMalformed: if it names two.
    """
    names = parameters.getlist(REPLAY)
    if len(names) > 1:
        raise RequestMalformed("There are two ledgers to replay.", "Send one at a time.")
    return elsewhere.ledgers.find(names[0], tables=False) if names else None


def same_question(ledger: Ledger, question: Question) -> Question:
    """Return the question of a ledger in the formats of a request that may ask it again.

    Raises:
        RequestMalformed: if the request asks something else.
    """
    then = ledger.question
    graphs = (question.default_graphs, question.named_graphs)
    if question.text != then.text or graphs not in {
        (None, None),
        (then.default_graphs, then.named_graphs),
    }:
        raise RequestMalformed(
            f"Ledger {ledger.account.id} is that of another query.",
            "Send `replay` without a query, or with the one that it tells of.",
        )
    return replace(then, results=question.results, graph=question.graph)


def wants_fresh(environ: WSGIEnvironment) -> bool:
    """Tell whether a program wants nothing from a cache (RFC 9111, 5.2.1.4, 5.2.1.1 and 5.4)."""
    directives = environ.get("HTTP_CACHE_CONTROL")
    if directives is None:
        return "no-cache" in environ.get("HTTP_PRAGMA", "").lower()
    wanted = parse_cache_control_header(directives)
    return bool(wanted.no_cache) or wanted.max_age == 0


def ledger_address(environ: WSGIEnvironment, account: Account) -> str:
    """Return the address of a ledger on this server; of a partial answer it says that it is."""
    request = Request(environ, populate_request=False)
    root = uri(request.root_url) if request.host else BASE
    is_partial = account.partial and is_answered(account)
    return f"{root}ledger/{account.id}{'#partial' if is_partial else ''}"
