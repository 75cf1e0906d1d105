"""Files and how they are checked -> the files mended where one answer is right, and what is left.

With `layout`, Turtle that can be read is laid out, too. Only the files that were named are written,
each in one step, and with `write` off none is.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadgraph.check.mend import applied
from leadgraph.cli.saving import difference, ready, save
from leadgraph.read.turtle import BOM, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from leadgraph.model import Problem, Report
    from leadgraph.settings import Settings

_MOST_ROUNDS = 4
"""What is mended may uncover what can be mended, but not for ever."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """What is left to mend, how many problems were mended in how many files, and the diff."""

    report: Report
    mended: int = 0
    files: int = 0
    diff: str = ""


def fix(
    files: Sequence[Path],
    check: Callable[[Sequence[Path], Mapping[Path, str]], Report],
    settings: Settings,
    *,
    write: bool,
    layout: bool = True,
) -> Fixed:
    """Check files and mend them until nothing is left that has one right answer.

    `check` takes the files and what counts as their content. Each file is written once, when all
    is mended. Without `write` none is, and the report is that of the files as they are. Without
    `layout` nothing of a file is touched but what is mended.

    Raises:
        SourceUnwritable: if a file may not be written, or was changed meanwhile.
        TidyUnsafe: if a file has no layout that says the same, which is a defect here.
    """
    before = {path: data for path in _apart(files) if (data := _data(path, settings))}
    after, report = before, check(files, {})
    first, mended = report, 0
    for _ in range(_MOST_ROUNDS):
        now = {p: _edited(p, data, report.problems) for p, data in after.items()}
        if layout:
            now = {path: _laid_out(path, data, settings) for path, data in now.items()}
        if now == after:
            break
        changed = {path for path in now if now[path] != after[path]}
        mended += sum(_mends(problem, changed) for problem in report.problems)
        after = now
        report = check(files, _texts(files, after))
    written = [path for path in before if after[path] != before[path]]
    if not write:
        diff = "".join(_shown(path, before[path], after[path]) for path in written)
        return Fixed(first, mended, len(written), diff)
    for path in written:
        ready(path, before[path])  # all are written, or none is
    for path in written:
        save(path, before[path], after[path])
    return Fixed(report, mended, len(written))


def _texts(files: Sequence[Path], contents: Mapping[Path, bytes]) -> dict[Path, str]:
    """What counts as the content of each file, under all names that it was given by."""
    real = {os.path.realpath(path): data.decode() for path, data in contents.items()}
    names = {path: os.path.realpath(path) for path in files}
    return {path: real[name] for path, name in names.items() if name in real}


def _apart(files: Sequence[Path]) -> list[Path]:
    """Return the files, each once, whatever links lead to it."""
    return list({os.path.realpath(path): path for path in reversed(files)}.values())[::-1]


def _data(path: Path, settings: Settings) -> bytes | None:
    """The content of a file that may be mended: UTF-8, and no larger than is read."""
    data, _ = load(path, settings)
    if data is None or len(data) > settings.source_bytes:
        return None
    try:
        data.decode()
    except UnicodeDecodeError:
        return None
    return data


def _edited(path: Path, data: bytes, problems: Sequence[Problem]) -> bytes:
    """Return a file with the edits of its problems made; a byte order mark stays."""
    edits = [edit for p in problems for edit in p.edits if edit.place.path == str(path)]
    text = applied(data.removeprefix(BOM).decode(), edits)
    return data[: len(data) - len(data.removeprefix(BOM))] + text.encode()


def _laid_out(path: Path, data: bytes, settings: Settings) -> bytes:
    """Return a file of Turtle laid out, if it can be read; any other as it is."""
    from leadgraph.read.layout.tidy import is_turtle, tidy  # noqa: PLC0415  # for --fix alone

    if not is_turtle(str(path)):
        return data
    laid_out, _ = tidy(str(path), data.removeprefix(BOM), settings)
    return data if laid_out is None else laid_out.encode()


def _mends(problem: Problem, changed: Iterable[Path]) -> bool:
    paths = {str(path) for path in changed}
    return any(edit.place.path in paths for edit in problem.edits)


def _shown(path: Path, before: bytes, after: bytes) -> str:
    return difference(str(path), before.decode(), after.decode())
