"""A query's text and a source -> the rows that it answers, within the walls and the manners.

    Network.ask --manners--> a turn --SPARQLWrapper--> a request --transport--> a response
                --refusals--> its error, or --results--> its rows

SPARQLWrapper writes the request (SPARQL 1.1 Protocol, 2.1.2); it leaves through our transport, not
through urllib, which follows redirects and proxies of the environment, opens files, and knows no
deadline for the whole. Answers are not converted by it, but parsed as they come.
"""

from __future__ import annotations

import errno
import random
import ssl
import time
from dataclasses import dataclass
from http.client import HTTPException
from typing import TYPE_CHECKING

import stamina
from SPARQLWrapper import JSON, POST, SPARQLWrapper
from stamina.instrumentation import set_on_retry_hooks

from leadgraph.errors import (
    ClientLeft,
    ContactMissing,
    SourceBroken,
    SourceError,
    SourceTooSlow,
    SourceUnreachable,
)
from leadgraph.link.source import refusals, results
from leadgraph.link.source.manners import Manners, user_agent
from leadgraph.link.source.patience import OutOfTimeError, Patience
from leadgraph.link.source.refusals import TRIES, Failed
from leadgraph.link.source.transport import ConnectError, Transport
from leadgraph.link.source.wire import HeadTooLargeError, Request, Tally

if TYPE_CHECKING:
    from pathlib import Path
    from urllib.request import Request as Written

    from leadgraph.link.account import Table
    from leadgraph.link.source.manners import Turn
    from leadgraph.link.source.sources import Source
    from leadgraph.link.source.transport import Response
    from leadgraph.model import Client
    from leadgraph.settings import Settings

set_on_retry_hooks(())  # else it writes each retry, texts included, where structlog writes: stdout

_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.5, 4.0
_JITTER = 0.5
_CONNECTING = 0.2
"""Who does not take a connection is not burdened by the next one: it waits a fifth as long."""
_REFUSED_TRIES = 2
"""Where nobody listens, somebody may who is just starting again; if not, that takes minutes."""
_FAIR_SHARE = 0.5
"""A source is to blame for its silence if it had that much of the longest time for an answer."""
_OK = 200


@dataclass(frozen=True, slots=True)
class Received:
    """What a source answered: its rows, and what it took to get them.

    `requests` counts the tries that failed, too; `received_bytes` what came over the wire.
    """

    table: Table
    requests: int
    received_bytes: int
    seconds: float


class Network:
    """The way to other endpoints; one for a process, to be shared between its threads.

    Processes that have the same folder keep their manners together.

    Raises:
        SettingInvalid: if the operator's contact cannot be told.
        StateUnusable: if the folder cannot be used.
    """

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.agent = user_agent(settings)
        self.manners = Manners(folder)
        self.transport = Transport()

    def ask(
        self,
        source: Source,
        text: str,
        *,
        deadline: float,
        client: Client | None = None,
        most_rows: int | None = None,
    ) -> Received:
        """Ask a source a SELECT.

        `deadline` is a time of `time.monotonic`. Without `most_rows` the setting's limit holds.
        Blank nodes of the answer mean nothing outside of it: the same name in another answer is
        another node.

        Raises:
            SourceError: whatever kept it from a whole answer; it has the `requests` that were
                sent, and the `received_bytes`.
            ServiceTooBroad: if it has more rows than `most_rows`.
            ClientLeft: if nobody waits for the answer any more; it has them, too.
        """
        if source.is_wikimedia and not self.settings.contact:
            raise ContactMissing(source.iri)
        rows = self.settings.service_rows if most_rows is None else most_rows
        written = _written(source, text, self.agent)
        asking = _Asking(self, source, written, Patience(deadline, client), rows)
        try:
            table = asking.table()
        except Failed as failed:
            if failed.rest_seconds is not None:
                self.manners.pause(source, failed.rest_seconds)
            raise asking.counted(failed.error) from failed
        except SourceError as error:
            raise asking.counted(error)  # noqa: B904  # it is the same error
        except ClientLeft as left:
            left.requests, left.received_bytes = asking.tally.requests, asking.tally.received_bytes
            raise
        tally = asking.tally
        return Received(table, tally.requests, tally.received_bytes, tally.elapsed)

    def close(self) -> None:
        """Close the connections that are kept alive."""
        self.transport.close()


class _Speaker(SPARQLWrapper):
    """SPARQLWrapper without its reading of the text.

    It looks for the form of a query with expressions that find words in comments and strings, and
    that take quadratic time for some texts. What is asked here is a SELECT.
    """

    def _parseQueryType(self, query: str) -> str:  # noqa: N802
        return "SELECT"


def _written(source: Source, text: str, agent: str) -> Written:
    """Return the request as SPARQLWrapper writes it: a form, sent by POST."""
    speaker = _Speaker(source.address, returnFormat=JSON, agent=agent)
    speaker.setMethod(POST)
    speaker.setOnlyConneg(True)
    speaker.addCustomHttpHeader("Accept", results.ACCEPT)
    speaker.addCustomHttpHeader("Accept-encoding", results.ACCEPT_ENCODING)
    speaker.setQuery(text)
    return speaker._createRequest()  # what it would open, and we send


class _Asking:
    """One question to one source: its tries, and what they took."""

    def __init__(
        self,
        network: Network,
        source: Source,
        written: Written,
        patience: Patience,
        most_rows: int,
    ) -> None:
        self._network, self._source, self._written = network, source, written
        self._patience, self._most_rows = patience, most_rows
        self._wait_seconds, self._try_number = 0.0, 0
        self.tally = Tally()

    def counted(self, error: SourceError) -> SourceError:
        """Return an error with what it took to get it."""
        error.requests, error.received_bytes = self.tally.requests, self.tally.received_bytes
        return error

    def table(self) -> Table:
        """Return the answer, of the first try or a later one.

        Raises:
            Failed: if the last try failed.
            SourceError: if there was none, or its answer is of no use.
        """
        for attempt in stamina.retry_context(
            on=self._may_try_again,
            attempts=TRIES,
            timeout=None,
            wait_initial=_FIRST_WAIT_SECONDS,
            wait_max=_LONGEST_WAIT_SECONDS,
        ):
            self._wait_seconds = attempt.next_wait
            self._try_number = attempt.num
            with attempt:
                return self._try()
        raise AssertionError

    def _may_try_again(self, error: Exception) -> bool | float:
        """Wait, and say whether there is another try; the client may leave meanwhile."""
        if not isinstance(error, Failed) or self._try_number >= error.tries:
            return False
        if self._network.manners.is_left_alone(self._source):
            return False
        seconds = self._wait_seconds * error.wait * (1 + random.uniform(0, _JITTER))  # noqa: S311
        if seconds >= self._patience.seconds:
            return False
        self._patience.wait(seconds)
        return 0.0

    def _try(self) -> Table:
        """Send one request when it is its turn."""
        with self._network.manners.turn(self._source, self._patience) as turn:
            limit = self._network.settings.service_answer_seconds
            granted, begun = self._patience.within(limit), time.monotonic()
            try:
                return self._exchange(granted, turn)
            except Failed as failed:
                if failed.pause_seconds is not None:
                    self._network.manners.pause(self._source, failed.pause_seconds)
                if failed.counts:
                    turn.failed()
                raise
            except OutOfTimeError as error:
                if not turn.is_told and time.monotonic() - begun >= _FAIR_SHARE * limit:
                    turn.failed()
                raise SourceTooSlow(self._source.iri, self.tally.elapsed) from error

    def _exchange(self, patience: Patience, turn: Turn) -> Table:
        """Send the request and read its response."""
        with self._send(patience) as response:
            if response.status != _OK:
                failed = refusals.of(self._source, response)
                if not failed.counts and failed.pause_seconds is None:
                    turn.succeeded(with_error=True)
                raise failed
            settings = self._network.settings
            try:
                body = results.Answer(self._source, response)
                turn.succeeded()
                return body.table(settings.service_bytes, self._most_rows)
            except SourceBroken as error:
                raise Failed(error, counts=not turn.is_told) from error
            except OSError as error:
                broken = SourceBroken(self._source.iri, f"the connection broke ({_why(error)})")
                raise Failed(broken, tries=TRIES, counts=False) from error

    def _send(self, patience: Patience) -> Response:
        """Send the request and return the head of its response."""
        body = self._written.data
        if not isinstance(body, bytes):
            raise TypeError("SPARQLWrapper writes a form")
        headers = dict(self._written.header_items())
        limit = self._network.settings.service_bytes
        request = Request(body, headers, patience, self.tally, limit)
        iri = self._source.iri
        try:
            return self._network.transport.post(self._source, request)
        except SourceUnreachable as error:
            raise Failed(error, counts=False) from error
        except ConnectError as error:
            tries = _REFUSED_TRIES if error.errno == errno.ECONNREFUSED else TRIES
            unreachable = SourceUnreachable(iri, _why(error))
            raise Failed(unreachable, tries=tries, wait=_CONNECTING) from error
        except HeadTooLargeError as error:
            raise Failed(SourceBroken(iri, "the head of its response does not end")) from error
        except OSError as error:
            broken = SourceBroken(iri, f"it sent no response ({_why(error)})")
            raise Failed(broken, tries=TRIES) from error
        except HTTPException as error:
            reason = f"its response is not of HTTP ({type(error).__name__}: {error!s:.200})"
            raise Failed(SourceBroken(iri, " ".join(reason.split()))) from error


def _why(error: OSError) -> str:
    """Return the words of the system for an error."""
    if isinstance(error, ssl.SSLError):
        return f"TLS: {error.reason or error}"
    return (error.strerror or str(error) or type(error).__name__).lower()
