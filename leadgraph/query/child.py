"""Connection -> answers: the life of the process that runs one client's queries, one at a time.

The kernel ends it while the engine computes and no Python runs: at the deadline by SIGALRM of an
interval timer, and when the client hangs up by SIGIO of the lifeline, both by their default action.
The lifeline is a pipe into which nothing is ever written: the client has its other end. A signal of
the connection itself would do harm, for the kernel may send the one for a question after it has
been read: who then waits for the client to leave takes the question for it.

The time in which the client takes what is sent has a clock of its own. What the process may take
and reach is in confine.py.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import re
import resource
import select
import signal
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import QueryBoolean, QuerySolutions, serialize

from leadgraph.errors import (
    AnswerUnwritable,
    EngineRefused,
    FunctionUnknown,
    QueryCrashed,
    QueryError,
    QueryMalformed,
    ResultTooLarge,
)
from leadgraph.formats import GRAPHS, RESULTS, by_name
from leadgraph.model import Form
from leadgraph.query import frames
from leadgraph.query.confine import CONNECTION, LIFELINE, confine
from leadgraph.vocabulary import PREFIXES

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from leadgraph.query.stores import Answering, Graphs, Results

_FIRST_BYTES = 1 << 15
_FLUSH_BYTES = 1 << 18
_NO_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|<oxprefix:")
"""What is no character of XML 1.0 (2.2), and what the engine makes of a predicate without an end
that can be an element's name (RDF 1.1 XML Syntax, 5)."""
_LONGEST_NO_XML = 10
_UNWRITABLE = "does not support RDF 1.2"
_GROWTH_BYTES = 64 << 20
"""What a process may take for itself and still be kept. What it visits of the parent's memory
becomes its own too, for to read the store is to write its locks: a process that has done so once
answers the same four times as fast."""
_POSITION = re.compile(r"error at (\d+):(\d+): (?:expected )?(.*)", re.DOTALL)
_UNKNOWN = re.compile(r"custom function <(.*)> is not supported", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take; `address_space_bytes` counts what the parent has already."""

    deadline_seconds: float
    sending_seconds: float
    result_bytes: int
    address_space_bytes: int


class Growth:
    """How much memory a process has taken since it began, by its open statm file (proc(5))."""

    def __init__(self, statm: int) -> None:
        self._statm = statm
        self._at_first = self._resident_bytes()

    def bytes(self) -> int:
        """Return the growth; what becomes its own of its parent's memory was there before."""
        return self._resident_bytes() - self._at_first

    def _resident_bytes(self) -> int:
        return int(os.pread(self._statm, 200, 0).split()[1]) * resource.getpagesize()


class TooLarge(Exception):
    """The answer has more bytes than one may have."""


class Unwritable(Exception):
    """The answer holds what its format has no way to write."""


_FAILURES = (QueryError, TooLarge, Unwritable, OSError, ValueError, RuntimeError)


def live(connection: socket.socket, store: Answering, limits: Limits) -> None:
    """Answer questions until the client leaves; the caller ends the process then."""
    statm = os.open("/proc/self/statm", os.O_RDONLY)
    lifeline = _tie_to(connection)
    files = store.files | {statm}
    confine(connection.detach(), lifeline, limits.address_space_bytes, files, network=store.remote)
    client = socket.socket(fileno=CONNECTION)
    questions = frames.Reader(client)
    growth = Growth(statm)
    while (received := questions.receive()) is not None:
        _end_with_client()
        out = Out(client, limits, growth)
        answer(json.loads(received[1]), store, out)
        if out.is_last:
            return


def _tie_to(connection: socket.socket) -> int:
    """Tell the client which process this is, and give it one end of a pipe; return the other."""
    lifeline, clients = os.pipe()
    frame = frames.facts_frame(frames.PROCESS, {"process": os.getpid()})
    socket.send_fds(connection, [frame], [clients])
    os.close(clients)
    return lifeline


def _end_with_client() -> None:
    """Have the kernel end this process once the client has let go of its end (fcntl(2))."""
    fcntl.fcntl(LIFELINE, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(LIFELINE, fcntl.F_SETFL, fcntl.fcntl(LIFELINE, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([LIFELINE], [], [], 0)[0]:
        os._exit(0)


def answer(question: frames.Facts, store: Answering, out: Out) -> None:
    """Run one query and send its answer, or what is wrong with it."""
    out.start()
    try:
        results = _run(question, store)
    except SyntaxError as error:
        out.error(_place(error))
    except _FAILURES as error:
        out.error(_complaint(error))
    else:
        _deliver(results, question, out)


def _deliver(results: Results, question: frames.Facts, out: Out) -> None:
    """Send results; an endpoint elsewhere may break off in their midst."""
    try:
        _write(results, question, out)
        out.end()
    except SyntaxError as error:
        out.error(_complaint(EngineRefused(f"its answer is not whole ({error})")))
    except _FAILURES as error:
        out.error(_complaint(error))


def _place(error: SyntaxError) -> frames.Facts:
    """Return where a query is malformed, and what the engine expected there."""
    match = _POSITION.fullmatch(str(error))
    line, column, expected = match.groups() if match else ("1", "1", str(error))
    return {
        "code": QueryMalformed.code,
        "line": int(line),
        "column": int(column),
        "expected": expected,
    }


def _complaint(error: Exception) -> frames.Facts:
    """Return an error as facts: its code, and what it was made of."""
    if isinstance(error, TooLarge):
        return {"code": ResultTooLarge.code}
    if unknown := _UNKNOWN.search(str(error)):
        return {"code": FunctionUnknown.code, "function": unknown[1]}
    if isinstance(error, Unwritable) or _UNWRITABLE in str(error):
        return {"code": AnswerUnwritable.code}
    if not isinstance(error, QueryError):
        return {"code": QueryCrashed.code, "reason": str(error)}
    made_of = {name: fact for name, fact in vars(error).items() if isinstance(fact, str | int)}
    return {"code": error.code, **made_of}


def _write(results: Results, question: frames.Facts, out: Out) -> None:
    """Write results in the format that the client chose for their form."""
    body = io.BufferedWriter(out, _FIRST_BYTES)
    if isinstance(results, QueryBoolean | QuerySolutions):
        form = Form.BOOLEAN if isinstance(results, QueryBoolean) else Form.SOLUTIONS
        results_format = by_name(RESULTS, str(question["results"]))
        out.head = {"form": form, "media_type": results_format.content_type}
        results.serialize(body, results_format.engine)
    else:
        graph_format = by_name(GRAPHS, str(question["graph"]))
        out.head = {"form": Form.GRAPH, "media_type": graph_format.content_type}
        serialize(results, body, graph_format.engine, prefixes=PREFIXES)
    body.flush()


def _run(question: frames.Facts, store: Answering) -> Results:
    """Ask the store."""
    default, named = _iris(question["default_graphs"]), _iris(question["named_graphs"])
    return store.query(str(question["text"]), default, named)


def _iris(value: object) -> Graphs:
    return [str(iri) for iri in value] if isinstance(value, list) else None


class Out(io.RawIOBase):
    """Where the engine writes: whole if small, else in frames as they fill."""

    def __init__(self, client: socket.socket, limits: Limits, growth: Growth | None = None) -> None:
        self.is_last = False
        self._growth = growth
        self._client = client
        self._limits = limits
        self._sending_seconds = limits.sending_seconds
        self._bytes = 0
        self._pending = bytearray()
        self._head_sent = False
        self._has_failed = False
        self._last = b""
        self.head: frames.Facts = {}

    def start(self) -> None:
        """Start the clock."""
        signal.setitimer(signal.ITIMER_REAL, self._limits.deadline_seconds)

    def writable(self) -> bool:
        """Return True: this is a stream to write to."""
        return True

    def write(self, data: Buffer) -> int:
        """Take bytes of the body; send what has gathered when it is enough."""
        length = len(memoryview(data))
        if self._has_failed:
            return length
        self._bytes += length
        if self._bytes > self._limits.result_bytes:
            raise TooLarge
        if self._is_xml():
            self._require_xml(bytes(data))
        self._pending += data
        if len(self._pending) >= (_FLUSH_BYTES if self._head_sent else _FIRST_BYTES):
            left = self._send(self._data(whole=False))
            signal.setitimer(signal.ITIMER_REAL, left)
        return length

    def _is_xml(self) -> bool:
        return str(self.head["media_type"]).endswith("xml")

    def _require_xml(self, data: bytes) -> None:
        """Let bytes of a document pass that are well-formed XML: the engine writes any.

        Raises:
            Unwritable: if they are none.
        """
        if _NO_XML.search(self._last + data):
            raise Unwritable
        self._last = (self._last + data)[-_LONGEST_NO_XML:]

    def end(self) -> None:
        """Send the rest and the mark that says the answer is complete."""
        end = frames.facts_frame(frames.END, self._state())
        self._send(self._data(whole=not self._head_sent) + end)

    def error(self, facts: frames.Facts) -> None:
        """Send what went wrong instead of the rest, which may still be in a buffer."""
        self._has_failed = True
        self._send(frames.facts_frame(frames.ERROR, {**facts, **self._state()}))

    def _state(self) -> frames.Facts:
        """Return how this process is: whether it has grown too large, how long it has computed."""
        usage = resource.getrusage(resource.RUSAGE_SELF)
        self.is_last = self._growth is not None and self._growth.bytes() > _GROWTH_BYTES
        return {"is_last": self.is_last, "cpu_seconds": usage.ru_utime + usage.ru_stime}

    def _data(self, *, whole: bool) -> bytes:
        """Return the frames of what has gathered, with the head before the first."""
        head = b""
        if not self._head_sent:
            head = frames.facts_frame(frames.HEAD, {**self.head, "whole": whole})
            self._head_sent = True
        content, self._pending = bytes(self._pending), bytearray()
        return head + frames.frame(frames.DATA, content)

    def _send(self, data: bytes) -> float:
        """Send on the clock of sending; return the seconds that are left to compute."""
        left = signal.setitimer(signal.ITIMER_REAL, self._sending_seconds)[0]
        self._client.sendall(data)
        self._sending_seconds = signal.setitimer(signal.ITIMER_REAL, 0)[0]
        return left
