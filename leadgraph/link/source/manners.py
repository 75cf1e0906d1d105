"""A source that is to be asked -> a turn to ask it, as it wants to be asked.

What a source said (a pause) and what was seen of it (failures) holds for all processes that share a
folder: each source has a file there, with one record, and bytes whose locks stand for requests
that run. The kernel gives those back; a process that dies leaves nothing behind.
"""

from __future__ import annotations

import math
import os
import re
import struct
import time
from collections import defaultdict, deque
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from leadgraph.errors import SettingInvalid, SourceBusy, StateUnusable
from leadgraph.link.source.patience import OutOfTimeError
from leadgraph.link.source.sources import Sources
from leadgraph.query import locks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from leadgraph.link.source.patience import Patience
    from leadgraph.link.source.sources import Source
    from leadgraph.settings import Settings

LONGEST_PAUSE_SECONDS = 86_400
"""What a source may ask for; it is asked again after a day, whatever it said."""
FAILURES: Final = 5
"""After so many in a row a source is left alone."""
OPEN_SECONDS: Final = 30
"""How long it is left alone, until one request tries again."""

ERRORS: Final = 25
ERRORS_SECONDS: Final = 60
"""How many answers with an error Wikimedia gets from us in a minute; its query service takes 30,
and then refuses all that comes."""

_CONTACT = re.compile(r"[!-'*-\[\]-~]+( [!-'*-\[\]-~]+)*", re.ASCII)
"""What a comment of a header may hold without quoting (RFC 9110, 5.6.5)."""
_LONGEST_CONTACT = 200
_AGENT = "LeadGraph/0.1 (+https://w3id.org/leadgraph/{})"

_RECORD = struct.Struct("<ddddqq")
_SLOTS, _WRITING = 2**32, 2**33
"""The bytes that are locked, beyond all that is written: requests that run, and the record."""
_PAUSE_SECONDS, _LONG_PAUSE_SECONDS = 0.002, 0.01
_LONGEST_WRITING_SECONDS = 5.0


def user_agent(settings: Settings) -> str:
    """Return the User-Agent, with the operator's contact (Wikimedia's User-Agent policy).

    Raises:
        SettingInvalid: if the contact cannot stand in a header.
    """
    contact = settings.contact
    if not contact:
        return _AGENT.format("")
    if len(contact) > _LONGEST_CONTACT or not _CONTACT.fullmatch(contact):
        raise SettingInvalid(
            "LEADGRAPH_CONTACT",
            contact,
            "one e-mail address, or the address of a page, without brackets or line ends",
        )
    return _AGENT.format(f"; {contact}")


def require(settings: Settings) -> None:
    """Find out before anybody asks whether other endpoints can be asked as it is set.

    Raises:
        SettingInvalid: if the list of sources, or the contact, cannot be used.
    """
    Sources.from_settings(settings)
    user_agent(settings)


@dataclass(frozen=True, slots=True)
class _State:
    """What is known of a source: times of `time.time`, and failures in a row."""

    paused_until: float = 0.0
    closed_until: float = 0.0
    next_request: float = 0.0
    errors_since: float = 0.0
    failures: int = 0
    errors: int = 0


@dataclass(frozen=True, slots=True)
class _Leave:
    """When one request may be sent: not before a pause ends, then with a space to the one before.

    A trial is the one request that finds out whether a source that failed answers again.
    """

    paused_seconds: float = 0.0
    spaced_seconds: float = 0.0
    is_trial: bool = False


@dataclass(slots=True)
class Turn:
    """Leave to send one request; `succeeded` or `failed` says how it went, if it says anything."""

    _manners: Manners
    _source: Source
    is_told: bool = False

    def succeeded(self, *, with_error: bool = False) -> None:
        """Note that the source answers, be it with an error."""
        self.is_told = True
        self._manners.note(self._source, failed=False, error=with_error)

    def failed(self) -> None:
        """Note that the source does not answer as it should."""
        self.is_told = True
        self._manners.note(self._source, failed=True, error=True)


class Manners:
    """How sources are asked; to be shared between threads, and kept together by processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines: defaultdict[tuple[int, str], deque[object]] = defaultdict(deque)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(folder, error) from error

    @contextmanager
    def turn(self, source: Source, patience: Patience) -> Iterator[Turn]:
        """Wait until a source may be sent one more request, for the length of a `with`.

        Raises:
            SourceBusy: if the source is left alone for longer than the patience lasts, or has
                failed too often.
            ClientLeft: if the client does not wait as long.
            StateUnusable: if the folder cannot be used.
        """
        slot, leave = self._wait(source, patience)
        turn = Turn(self, source)
        try:
            yield turn
        finally:
            if leave.is_trial and not turn.is_told:
                self._change(source, lambda state, _: replace(state, closed_until=0.0))
            locks.give_back(slot)

    def pause(self, source: Source, seconds: float) -> None:
        """Have nothing sent to a source for some seconds, as it asked."""
        seconds = min(seconds, LONGEST_PAUSE_SECONDS)
        self._change(
            source,
            lambda state, now: replace(state, paused_until=max(state.paused_until, now + seconds)),
        )

    def note(self, source: Source, *, failed: bool, error: bool) -> None:
        """Count a failure, or forget those before; count an answer with an error."""
        self._change(source, lambda state, now: _after(state, now, failed=failed, error=error))

    def is_left_alone(self, source: Source) -> bool:
        """Tell whether a source has failed too often of late."""
        return self._change(source, lambda state, _: state).failures >= FAILURES

    def _wait(self, source: Source, patience: Patience) -> tuple[int, _Leave]:
        """Return the lock of a request that may be sent now.

        It is given back while the source wants a pause, and kept between requests with a space.
        """
        while True:
            slot = self._slot(source, patience)
            try:
                leave = self._ask_leave(source, patience)
                patience.wait(leave.spaced_seconds)
            except BaseException:
                locks.give_back(slot)
                raise
            if not leave.paused_seconds:
                return slot, leave
            locks.give_back(slot)
            patience.wait(leave.paused_seconds)

    def _slot(self, source: Source, patience: Patience) -> int:
        """Return the lock of one of the requests that a source takes at once.

        Threads come in the order in which they asked, and each process with its first.
        """
        line, place = self._lines[os.getpid(), source.address], object()
        line.append(place)
        try:
            while True:
                is_first = line[0] is place
                slot = self._lock(source, _SLOTS, source.at_once) if is_first else None
                if slot is not None:
                    return slot
                time.sleep(
                    min(patience.slice(), _PAUSE_SECONDS if is_first else _LONG_PAUSE_SECONDS)
                )
        except OutOfTimeError as error:
            reason = f"as many requests run there as it is sent at once ({source.at_once})"
            raise SourceBusy(source.iri, 1, reason) from error
        finally:
            line.remove(place)

    def _ask_leave(self, source: Source, patience: Patience) -> _Leave:
        """Return when a request may be sent, and reserve its time.

        Raises:
            SourceBusy: if that is too late, or not known.
        """
        given: list[_Leave] = []

        def changed(state: _State, now: float) -> _State:
            changed, leave = _decide(source, state, now, patience.seconds)
            given.append(leave)
            return changed

        self._change(source, changed)
        return given[0]

    def _change(self, source: Source, change: Callable[[_State, float], _State]) -> _State:
        """Change what is known of a source, while nobody else does; return it."""
        lock = self._writing(source)
        try:
            known = _read(lock)
            state = change(known, time.time())
            if state != known:
                os.pwrite(lock, _RECORD.pack(*astuple(state)), 0)
        except OSError as error:
            raise _unusable(self._folder, error) from error
        finally:
            locks.give_back(lock)
        return state

    def _writing(self, source: Source) -> int:
        end = time.monotonic() + _LONGEST_WRITING_SECONDS
        while (lock := self._lock(source, _WRITING, 1)) is None:
            if time.monotonic() > end:
                raise StateUnusable(str(self._folder), "another process does not let go of it")
            time.sleep(_PAUSE_SECONDS)
        return lock

    def _lock(self, source: Source, first: int, count: int) -> int | None:
        name = blake2b(source.address.encode(), digest_size=8).hexdigest()
        path = self._folder / f"source-{name}"
        try:
            try:
                return locks.take(path, first, count)
            except FileNotFoundError:  # the folder was taken away
                self._folder.mkdir(parents=True, exist_ok=True)
                return locks.take(path, first, count)
        except OSError as error:
            raise _unusable(self._folder, error) from error


def _after(state: _State, now: float, *, failed: bool, error: bool) -> _State:
    """Return what is known after a request."""
    failures = state.failures + 1 if failed else 0
    closed = now + OPEN_SECONDS if failures >= FAILURES else 0.0
    state = replace(state, failures=failures, closed_until=closed)
    if not error:
        return state
    if now - state.errors_since > ERRORS_SECONDS:
        return replace(state, errors=1, errors_since=now)
    return replace(state, errors=state.errors + 1)


def _decide(source: Source, state: _State, now: float, seconds: float) -> tuple[_State, _Leave]:
    """Return what one more request changes, and when it may be sent: within some seconds."""
    paused = state.paused_until - now
    if paused > seconds:
        raise SourceBusy(source.iri, math.ceil(paused), "it asked for a pause")
    if paused > 0:
        return state, _Leave(paused_seconds=paused)
    is_trial = state.failures >= FAILURES
    if is_trial and state.closed_until > now:
        alone = math.ceil(state.closed_until - now)
        raise SourceBusy(source.iri, alone, f"the last {state.failures} requests failed")
    forgiven = state.errors_since + ERRORS_SECONDS - now
    if source.is_wikimedia and state.errors >= ERRORS and forgiven > 0:
        reason = f"it answered {state.errors} requests of the last minute with errors"
        raise SourceBusy(source.iri, math.ceil(forgiven), reason)
    spaced = max(state.next_request - now, 0.0)
    if spaced > seconds:
        reason = f"requests are sent to it {source.spacing_seconds:g} s apart, and others wait"
        raise SourceBusy(source.iri, math.ceil(spaced), reason)
    closed = now + OPEN_SECONDS if is_trial else 0.0
    sent = now + spaced + source.spacing_seconds
    changed = replace(
        state, closed_until=closed, next_request=sent if source.spacing_seconds else 0.0
    )
    return changed, _Leave(spaced_seconds=spaced, is_trial=is_trial)


def _read(lock: int) -> _State:
    """Return what a file says of a source, nothing if it was never written.

    Times that no rule of here can have set are those of a clock that was put back since.
    """
    record = os.pread(lock, _RECORD.size, 0)
    if len(record) < _RECORD.size:
        return _State()
    known = _State(*_RECORD.unpack(record))
    latest = time.time() + LONGEST_PAUSE_SECONDS
    times = (known.paused_until, known.closed_until, known.next_request, known.errors_since)
    return known if all(0 <= at <= latest for at in times) else _State()


def _unusable(folder: Path, error: OSError) -> StateUnusable:
    return StateUnusable(str(folder), error.strerror or str(error))
