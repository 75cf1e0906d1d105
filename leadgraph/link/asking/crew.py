"""Tasks -> done, several at once: they end together when one of them fails, or nobody waits.

Who works on a task is given a client: the end of a line that is cut when the others are to stop,
so that whatever looks whether its client is still there ends as it does for a visitor who left.
"""

from __future__ import annotations

import socket
import threading
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

from leadgraph.errors import ClientLeft
from leadgraph.model import Client
from leadgraph.query.client import has_left

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Task = TypeVar("Task")

_LOOK_SECONDS = 0.05
_LAST_WORDS_SECONDS = 1.0
"""For which those are waited for who are told to stop: what they had sent is still counted."""


def together(
    tasks: Iterable[Task],
    work: Callable[[Task, Client | None], Sequence[Task]],
    *,
    at_once: int,
    client: Client | None,
) -> None:
    """Do all tasks, and those that `work` returns; at most some at once.

    Raises:
        Exception: the first that `work` raises.
        ClientLeft: if the client hung up.
    """
    waiting = deque(tasks)
    while waiting and (at_once == 1 or len(waiting) == 1):
        waiting.extendleft(reversed(work(waiting.popleft(), client)))
    if waiting:
        _Crew(waiting, work).run(at_once, client)


class _Crew(Generic[Task]):
    """Threads that share tasks."""

    def __init__(
        self, waiting: deque[Task], work: Callable[[Task, Client | None], Sequence[Task]]
    ) -> None:
        self._waiting, self._work = waiting, work
        self._change = threading.Condition()
        self._busy = 0
        self._stopped = False
        self._error: BaseException | None = None

    def run(self, at_once: int, client: Client | None) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            address = "" if client is None else client.address
            inner = Client(address, theirs.fileno())
            threads = [
                threading.Thread(target=self._live, args=(inner,), daemon=True)
                for _ in range(min(at_once, len(self._waiting)))
            ]
            for thread in threads:
                thread.start()
            try:
                self._wait(client)
            finally:
                self._stop()
                ours.shutdown(socket.SHUT_RDWR)
                for thread in threads:
                    thread.join(_LAST_WORDS_SECONDS)
        if self._error is not None:
            raise self._error

    def _wait(self, client: Client | None) -> None:
        with self._change:
            while not self._is_over:
                self._change.wait(_LOOK_SECONDS)
                if client and client.connection is not None and has_left(client.connection):
                    raise ClientLeft

    def _stop(self) -> None:
        with self._change:
            self._stopped = True
            self._change.notify_all()

    @property
    def _is_over(self) -> bool:
        return self._error is not None or not (self._waiting or self._busy)

    def _live(self, client: Client) -> None:
        """Take tasks until there are none, and nobody works on one that may leave others."""
        while (task := self._next()) is not None:
            try:
                more = self._work(task[0], client)
            except BaseException as error:  # noqa: BLE001  # raised again by the one who waits
                self._done((), error)
            else:
                self._done(more, None)

    def _next(self) -> tuple[Task] | None:
        with self._change:
            while not self._waiting and self._busy and not self._stopped:
                self._change.wait()
            if self._stopped or not self._waiting:
                return None
            self._busy += 1
            return (self._waiting.popleft(),)

    def _done(self, more: Sequence[Task], error: BaseException | None) -> None:
        with self._change:
            self._busy -= 1
            self._waiting.extendleft(reversed(more))
            if error is not None:
                self._error = self._error or error
                self._stopped = True
            self._change.notify_all()
