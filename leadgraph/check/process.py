"""Request -> Report, by a child process that is ended when it takes too long or too much."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

from leadgraph.check.request import Exit, problem
from leadgraph.errors import CheckStopped, ShapesInvalid, SourceUnreadable
from leadgraph.model import Problem, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from leadgraph.check.request import Request
    from leadgraph.settings import Settings

_PACKAGE_PARENT = Path(__file__).parents[2]
_READ_BYTES = 1 << 16
_REFUSALS: dict[str, type[ShapesInvalid] | type[SourceUnreadable]] = {
    ShapesInvalid.code: ShapesInvalid,
    SourceUnreadable.code: SourceUnreadable,
}
_SLOW_STEPS = {
    "shapes": " and was at the shapes, where an sh:pattern or a path may take very long",
    "rules": " and was at the rules, of which one may take very long",
}
_OUT_OF_TIME = frozenset({-signal.SIGALRM, -signal.SIGXCPU})


_OUT_OF_MEMORY = frozenset(
    {Exit.MEMORY, -signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS, -signal.SIGKILL}
)


def run(request: Request, progress: Callable[[str], None]) -> Report:
    """Let a child check the files.

    Raises:
        CheckStopped: if it ran past its time or memory, or its process failed.
        ShapesInvalid: if the shapes or rules cannot be used.
        SourceUnreadable: if a file of the context is broken.
    """
    heard = _Heard([])
    settings = request.limits
    steps = ["read"]

    def hear(step: str) -> None:
        steps.append(step)
        progress(step)

    with TemporaryFile() as stdin, TemporaryFile() as stderr:
        stdin.write(request.as_json().encode())
        stdin.seek(0)
        child, output = _start(stdin, stderr)
        with child, output:
            try:
                for line in _lines(output, time.monotonic() + settings.check_seconds):
                    _hear(line, heard, hear)
                child.wait()
            except TimeoutError:
                raise CheckStopped(_too_long(settings, steps[-1])) from None
            finally:
                child.kill()
        if heard.statements is None:
            raise CheckStopped(_why(child.returncode, settings, stderr, steps[-1]))
    return Report(tuple(heard.problems), tuple(request.files), heard.statements, heard.graph)


def _start(stdin: IO[bytes], stderr: IO[bytes]) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
    """The child, and what it writes to its stdout.

    `-P` and PYTHONPATH: no module that lies in the folder where somebody checks is ever run.
    PYTHONHASHSEED: two checks of the same files find the same in the same order.
    """
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as stdout:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "leadgraph.check.child"],
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            env={**os.environ, "PYTHONPATH": str(_PACKAGE_PARENT), "PYTHONHASHSEED": "0"},
        )
    return child, os.fdopen(reading, "rb", buffering=0)


def _lines(output: IO[bytes], deadline: float) -> Iterator[bytes]:
    """The lines that the child writes until it ends.

    Raises:
        TimeoutError: at the deadline (on the monotonic clock).
    """
    rest = b""
    poll = select.poll()
    poll.register(output, select.POLLIN)
    while poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        read = os.read(output.fileno(), _READ_BYTES)
        if not read:
            return
        *lines, rest = (rest + read).split(b"\n")
        yield from lines
    raise TimeoutError


@dataclass(slots=True)
class _Heard:
    """What the child has said so far; the count of statements is its last word."""

    problems: list[Problem]
    statements: int | None = None
    graph: str | None = None


def _hear(line: bytes, heard: _Heard, progress: Callable[[str], None]) -> None:
    """Take one line of the child in."""
    kind, content = json.loads(line)
    if kind == "statements":
        heard.statements = int(content)
    elif kind == "progress":
        progress(content)
    elif kind == "problem":
        heard.problems.append(problem(content))
    elif kind == "graph":
        heard.graph = str(content)
    else:
        raise _REFUSALS[kind](*content)


def _why(code: int, settings: Settings, stderr: IO[bytes], step: str) -> str:
    """Why the child ended without a report, as a part of a sentence."""
    if code in _OUT_OF_TIME:
        return _too_long(settings, step)
    if code in _OUT_OF_MEMORY:
        return f"it used more than {settings.check_memory_bytes >> 20} MB of memory"
    if code == Exit.RECURSION:
        return "a chain of classes or a list in the files is too long to follow"
    stderr.seek(0)
    *_, last = [b"", *stderr.read().splitlines()]
    return f"its process failed ({last.decode(errors='replace')})"


def _too_long(settings: Settings, step: str) -> str:
    """That the time was used up, and by which step when it is one that may never end."""
    return f"it ran longer than {settings.check_seconds:g} s{_SLOW_STEPS.get(step, '')}"
