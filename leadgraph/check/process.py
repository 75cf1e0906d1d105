"""Request -> Report, by a child process that is ended when it takes too long or too much."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from enum import IntEnum
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Self

from leadgraph.errors import CheckStopped, ShapesInvalid, SourceUnreadable
from leadgraph.model import Place, Problem, Report, Severity
from leadgraph.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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


class Exit(IntEnum):
    """How the child ends when it cannot report; from outside the kernel ends it by signals."""

    MEMORY = 3
    RECURSION = 4


_OUT_OF_MEMORY = frozenset(
    {Exit.MEMORY, -signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS, -signal.SIGKILL}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the child is to check: paths, and the limits it works within."""

    files: Sequence[str]
    shapes: Sequence[str]
    rules: Sequence[str]
    ontology: Sequence[str]
    data: Sequence[str]
    in_context: bool
    limits: Settings
    parent: int

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the request that `as_json` wrote."""
        content = json.loads(text)
        return cls(**{**content, "limits": Settings(**content["limits"])})

    def as_json(self) -> str:
        """Return the request for the child's stdin; paths may be no UTF-8, JSON keeps them."""
        return json.dumps(asdict(self))


def run(request: Request, progress: Callable[[str], None]) -> Report:
    """Let a child check the files.

    Raises:
        CheckStopped: if it ran past its time or memory, or its process failed.
        ShapesInvalid: if the shapes or rules cannot be used.
        SourceUnreadable: if a file of the context is broken.
    """
    problems: list[Problem] = []
    statements: int | None = None
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
                    statements = _heard(line, problems, hear)
                child.wait()
            except TimeoutError:
                raise CheckStopped(_too_long(settings, steps[-1])) from None
            finally:
                child.kill()
        if statements is None:
            raise CheckStopped(_why(child.returncode, settings, stderr, steps[-1]))
    return Report(tuple(problems), tuple(request.files), statements)


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


def _heard(line: bytes, problems: list[Problem], progress: Callable[[str], None]) -> int | None:
    """Take one line of the child in; return the count of statements from the last one."""
    kind, content = json.loads(line)
    if kind == "statements":
        return int(content)
    if kind == "progress":
        progress(content)
    elif kind == "problem":
        place = Place(**content.pop("place"))
        problems.append(Problem(place, Severity(content.pop("severity")), **content))
    else:
        raise _REFUSALS[kind](*content)
    return None


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
