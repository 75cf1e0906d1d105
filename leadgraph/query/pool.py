"""Children that wait for a question -> one for the next, warm, and as urgent as the question is.

A child is kept, for one that has visited the dataset before answers much faster. One that has
computed for long goes on behind all that are quick, for good (a process may not raise its own
priority): it is kept for questions that took long before.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import threading
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from cachetools import LRUCache

from leadgraph.errors import EngineUnavailable
from leadgraph.query import frames

if TYPE_CHECKING:
    import io

    from leadgraph.model import Question

_GRACE_SECONDS = 5.0
_IDLE_SECONDS = 30.0
_REMEMBERED = 4_096
_SLOW_NICENESS = 10


class Child:
    """The way to one child: its process, what it has computed so far, whether it was slowed."""

    def __init__(self, path: Path) -> None:
        self._lifeline: list[io.FileIO] = []
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.connect(str(path))
        except OSError as error:
            self.close()
            raise EngineUnavailable from error
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        self._frames = frames.Reader(self._socket)
        self._process: int | None = None
        self._cpu_seconds = 0.0
        self.is_slowed = False
        self.idle_since = 0.0

    def close(self) -> None:
        """Leave; the child ends."""
        for end in self._lifeline:
            end.close()
        self._socket.close()

    def has_news(self, seconds: float) -> bool:
        """Tell whether something comes within a time; an idle child sends only its end."""
        return self._frames.has_frame() or bool(self._poll.poll(seconds * 1000))

    def send(self, question: Question) -> None:
        """Send a question; a new child says first which process it is.

        Raises:
            EngineUnavailable: if there is nobody at the other end.
        """
        try:
            self._socket.sendall(frames.facts_frame(frames.QUESTION, _facts(question)))
            if self._process is None:
                self._socket.settimeout(_GRACE_SECONDS)
                self._lifeline = self._frames.receive_files()
                received = self._frames.receive()
                self._process = int(json.loads(received[1])["process"]) if received else None
        except OSError as error:
            raise EngineUnavailable from error
        if self._process is None:
            raise EngineUnavailable

    def receive(self, seconds: float) -> tuple[bytes, bytes] | None:
        """Return the next frame of an answer, None if the child is gone, or silent for too long."""
        self._socket.settimeout(seconds)
        try:
            return self._frames.receive()
        except OSError:
            return None

    def rest(self, state: frames.Facts) -> bool:
        """Note how a child is after an answer; tell whether it takes another question."""
        self._cpu_seconds = float(str(state["cpu_seconds"]))
        return not state["is_last"]

    def computed_seconds(self) -> float:
        """Return how long the child has computed for this question (proc(5), stat)."""
        with contextlib.suppress(OSError):
            stat = Path(f"/proc/{self._process}/stat").read_text()
            ticks = sum(map(int, stat.rpartition(")")[2].split()[11:13]))
            return ticks / os.sysconf("SC_CLK_TCK") - self._cpu_seconds
        return 0.0

    def slow_down(self) -> None:
        """Have the child compute behind all that are quick (setpriority(2))."""
        self.is_slowed = True
        if self._process is not None:
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self._process, _SLOW_NICENESS)


class Pool:
    """The idle children of one web process; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: dict[bool, deque[Child]] = {False: deque(), True: deque()}
        self._slow: LRUCache[int, bool] = LRUCache(_REMEMBERED)
        self._lock = threading.Lock()

    def take(self, question: Question) -> Child:
        """Return a child for a question: a warm one, or a new one.

        Raises:
            EngineUnavailable: if there is none to be had.
        """
        slow = self.is_slow(question)
        with contextlib.suppress(IndexError):
            while True:
                child = self._idle[slow].pop()
                if not child.has_news(0):
                    return child
                child.close()
        return Child(self._path)

    def is_slow(self, question: Question) -> bool:
        """Tell whether a question took long before."""
        with self._lock:
            return hash(question.text) in self._slow

    def remember_slow(self, question_text: str) -> None:
        """Note that a question takes long."""
        with self._lock:
            self._slow[hash(question_text)] = True

    def keep(self, child: Child) -> None:
        """Take back a child that waits for the next question.

        The last to come is the first to go again; those that nobody needed for long are let go.
        """
        now = child.idle_since = time.monotonic()
        self._idle[child.is_slowed].append(child)
        with contextlib.suppress(IndexError):
            for idle in self._idle.values():
                while idle and idle[0].idle_since < now - _IDLE_SECONDS:
                    idle.popleft().close()

    def close(self) -> None:
        """Let all go."""
        for idle in self._idle.values():
            while idle:
                idle.pop().close()


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
