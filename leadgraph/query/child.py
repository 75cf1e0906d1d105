"""Connection -> answers: the life of the process that runs one client's queries, one at a time.

The kernel ends it while the engine computes and no Python runs: at the deadline by SIGALRM of an
interval timer, and when the client hangs up by SIGIO of the socket, both by their default action.
What it may take and reach is in confine.py.
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

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Store,
    serialize,
)

from leadgraph.formats import GRAPHS, RESULTS, by_name
from leadgraph.model import Form
from leadgraph.query import frames
from leadgraph.query.confine import CONNECTION, confine
from leadgraph.vocabulary import PREFIXES

if TYPE_CHECKING:
    from typing_extensions import Buffer

Results = QuerySolutions | QueryBoolean | QueryTriples

_FLUSH_BYTES = 1 << 15
_GROWTH_BYTES = 64 << 20
_POSITION = re.compile(r"error at (\d+):(\d+): (?:expected )?(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take; `address_space_bytes` counts what the parent has already."""

    deadline_seconds: float
    address_space_bytes: int


def live(connection: socket.socket, store: Store, limits: Limits) -> None:
    """Answer questions until the client leaves; the caller ends the process then."""
    confine(connection.detach(), limits.address_space_bytes)
    client = socket.socket(fileno=CONNECTION)
    memory_at_first = _peak_bytes()
    while (received := frames.receive(client)) is not None:
        answer(json.loads(received[1]), store, Out(client, limits.deadline_seconds))
        if _peak_bytes() - memory_at_first > _GROWTH_BYTES:
            return


def answer(question: frames.Facts, store: Store, out: Out) -> None:
    """Run one query and send its answer, or what is wrong with it."""
    out.start()
    try:
        _write(_run(question, store), question, out)
        out.end()
    except SyntaxError as error:
        match = _POSITION.fullmatch(str(error))
        line, column, expected = match.groups() if match else ("1", "1", str(error))
        out.error("query-malformed", line=int(line), column=int(column), expected=expected)
    except (OSError, ValueError, RuntimeError) as error:
        out.error("query-crashed", reason=str(error))


def _write(results: Results, question: frames.Facts, out: Out) -> None:
    """Write results in the format that the client chose for their form."""
    body = io.BufferedWriter(out)
    if isinstance(results, QueryTriples):
        graph_format = by_name(GRAPHS, str(question["graph"]))
        out.head = {"form": Form.GRAPH, "media_type": graph_format.content_type}
        serialize(results, body, graph_format.engine, prefixes=PREFIXES)
    else:
        form = Form.BOOLEAN if isinstance(results, QueryBoolean) else Form.SOLUTIONS
        results_format = by_name(RESULTS, str(question["results"]))
        out.head = {"form": form, "media_type": results_format.content_type}
        results.serialize(body, results_format.engine)
    body.flush()


def _run(question: frames.Facts, store: Store) -> Results:
    """Ask the store; a protocol dataset takes the place of the query's (Protocol, 2.1.4)."""
    default, named = question["default_graphs"], question["named_graphs"]
    if default is None and named is None:
        return store.query(str(question["text"]))
    return store.query(
        str(question["text"]),
        default_graph=[*_nodes(default)],
        named_graphs=[*_nodes(named)],
    )


def _nodes(iris: object) -> list[NamedNode]:
    """Return graph names; an absent half of a dataset is empty."""
    return [NamedNode(iri) for iri in iris] if isinstance(iris, list) else []


class Out(io.RawIOBase):
    """Where the engine writes: whole if small, else in frames as they fill."""

    def __init__(self, client: socket.socket, deadline_seconds: float) -> None:
        self._client = client
        self._deadline_seconds = deadline_seconds
        self._pending = bytearray()
        self._head_sent = False
        self.head: frames.Facts = {}

    def start(self) -> None:
        """Start the clock; from here on the process ends with its client."""
        signal.setitimer(signal.ITIMER_REAL, self._deadline_seconds)
        self._watch(watched=True)

    def writable(self) -> bool:
        """Return True: this is a stream to write to."""
        return True

    def write(self, data: Buffer) -> int:
        """Take bytes of the body; send what has gathered when it is enough."""
        content = bytes(data)
        self._pending += content
        if len(self._pending) >= _FLUSH_BYTES:
            self._watch(watched=False)
            self._client.sendall(self._data(whole=False))
            self._watch(watched=True)
        return len(content)

    def end(self) -> None:
        """Send the rest and the mark that says the answer is complete."""
        self._stop()
        self._client.sendall(self._data(whole=not self._head_sent) + frames.frame(frames.END))

    def error(self, code: str, **facts: str | int) -> None:
        """Send what went wrong instead of the rest."""
        self._stop()
        self._client.sendall(frames.facts_frame(frames.ERROR, {"code": code, **facts}))

    def _data(self, *, whole: bool) -> bytes:
        """Return the frames of what has gathered, with the head before the first."""
        head = b""
        if not self._head_sent:
            head = frames.facts_frame(frames.HEAD, {**self.head, "whole": whole})
            self._head_sent = True
        content, self._pending = bytes(self._pending), bytearray()
        return head + frames.frame(frames.DATA, content)

    def _stop(self) -> None:
        """Stop the clock and the watch."""
        self._watch(watched=False)
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _watch(self, *, watched: bool) -> None:
        """Let the kernel signal whatever the client does next, which can only be to leave.

        Not while sending: room in the socket's buffer is signalled too.
        """
        descriptor = self._client.fileno()
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL) & ~os.O_ASYNC
        fcntl.fcntl(descriptor, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | (os.O_ASYNC if watched else 0))
        if watched and select.select([descriptor], [], [], 0)[0]:
            os._exit(0)


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
