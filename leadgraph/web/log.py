"""What happens in the server -> lines on standard error: JSON for programs, text for people.

Nothing that a visitor sends can begin a line or steer a terminal: both forms are ASCII and escape
the rest. The messages of exceptions may hold a visitor's words, a query even: they are left out,
unless the operator asked for queries. A log that nobody reads does not stop the server: a line
that would not be taken at once is dropped and counted.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import select
import sys
import traceback
from typing import TYPE_CHECKING

import structlog

from leadgraph.web import metrics

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from leadgraph.settings import Settings

Fact = str | int | float | None

_PLAIN = re.compile(r"[!#-<>-\[\]-~]+")
"""What needs no quotes in a line of text: visible ASCII but the quote, = and the backslash."""
_UNSHOWN = re.compile(r"[^ -~]")


class Log:
    """The log as the settings want it; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self.has_requests = settings.log != "off"
        self.has_queries, self.has_clients = settings.log_queries, settings.log_clients
        self.is_json = settings.log == "json"
        self._structlog: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
            _StandardError(),
            processors=[
                structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
                structlog.processors.add_log_level,
                structlog.processors.JSONRenderer() if self.is_json else _text,
            ],
            wrapper_class=structlog.make_filtering_bound_logger(
                logging.INFO if self.has_requests else logging.ERROR
            ),
            context_class=dict,
        ).bind()

    def write(
        self, level: int, event: str, error: BaseException | None = None, **facts: Fact
    ) -> None:
        """Write a line, with where an error came from."""
        known = {name: value for name, value in facts.items() if value is not None}
        if error is not None:
            known["exception"] = self._told(error)
        self._structlog.log(level, event, **known)

    def _told(self, error: BaseException) -> str:
        """Return a traceback, with the error's own words if they may be shown."""
        if self.has_queries:
            return "".join(traceback.format_exception(error))
        return "".join([*traceback.format_tb(error.__traceback__), type(error).__qualname__])


class Handler(logging.Handler):
    """Writes into our log what libraries tell through `logging`."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record as a line of ours."""
        error = record.exc_info[1] if record.exc_info else None
        self._log.write(record.levelno, record.getMessage(), error, logger=record.name)


class _StandardError:
    """Where the lines go: each in one write, so that processes do not mix theirs (pipe(7))."""

    def __init__(self) -> None:
        self._descriptor = sys.__stderr__.fileno() if sys.__stderr__ else None

    def info(self, line: str) -> None:
        """Write a line if it is taken at once."""
        taken = False
        with contextlib.suppress(OSError, ValueError):
            if self._descriptor is not None and _is_writable(self._descriptor):
                os.write(self._descriptor, line.encode("ascii", "backslashreplace") + b"\n")
                taken = True
        if not taken:
            metrics.line_lost()

    debug = warning = error = critical = info


def _is_writable(descriptor: int) -> bool:
    return bool(select.select((), (descriptor,), (), 0)[1])


def _text(_: object, __: str, facts: MutableMapping[str, object]) -> str:
    """Render a line for people: time, level, what happened, facts; a traceback below it."""
    head = [str(facts.pop(name)) for name in ("time", "level", "event")]
    below = str(facts.pop("exception", ""))
    line = " ".join([*head, *(f"{name}={_quoted(str(value))}" for name, value in facts.items())])
    return "\n    ".join(_shown(part) for part in (line, *below.splitlines()))


def _quoted(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else json.dumps(value)


def _shown(text: str) -> str:
    """Return text with all that is not visible ASCII escaped."""
    return _UNSHOWN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
