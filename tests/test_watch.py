"""`leadgraph check --watch`: the report again, whenever a file was changed and left alone."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from leadgraph.cli.watch import changes

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
WAIT_SECONDS = 60
GOOD = '<http://example.org/a> <http://www.w3.org/2000/01/rdf-schema#label> "A"@en .\n'
BAD = GOOD.replace(" .", "")


class Watching:
    """A running command, and the lines that it has written."""

    def __init__(self, *arguments: str | Path, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "leadgraph.cli.main", "check", "--watch", *map(str, arguments)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.text = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.text += line

    def wait_for(self, pattern: str, times: int) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while len(re.findall(pattern, self.text)) < times:
            assert time.monotonic() < deadline, self.text
            time.sleep(0.05)

    def close(self) -> None:
        self.process.kill()
        self.process.wait(WAIT_SECONDS)
        self._reader.join(WAIT_SECONDS)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(WAIT_SECONDS)


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Watching]:
    (tmp_path / "a.ttl").write_text(GOOD)
    run = Watching("a.ttl", folder=tmp_path)
    yield run
    run.close()


def test_a_report_comes_at_once_and_after_each_change(watching: Watching, tmp_path: Path) -> None:
    watching.wait_for("Waiting for changes", 1)
    assert "No problems" in watching.text

    (tmp_path / "a.ttl").write_text(BAD)
    watching.wait_for("Waiting for changes", 2)
    assert re.search(r"a\.ttl:\d+:\d+: violation", watching.text)

    (tmp_path / "new").write_text(GOOD)
    (tmp_path / "new").rename(tmp_path / "a.ttl")
    watching.wait_for("No problems", 2)

    (tmp_path / "a.ttl").unlink()
    watching.wait_for("There is no such file", 1)
    watching.wait_for("Waiting for changes", 4)

    assert watching.end() == 2


def test_ctrl_c_ends_with_the_status_of_the_last_report(watching: Watching) -> None:
    watching.wait_for("Waiting for changes", 1)

    assert watching.end() == 0
    assert "Traceback" not in watching.text


def test_somebody_who_writes_for_long_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text("")
    seen = changes(lambda: [path])
    next(seen)

    def write() -> None:
        for _ in range(12):
            with path.open("a") as file:
                file.write("#")
            time.sleep(0.1)

    writer = threading.Thread(target=write)
    writer.start()
    next(seen)

    assert not writer.is_alive()
    assert path.read_text() == "#" * 12
