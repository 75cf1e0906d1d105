"""The folder of examples beside the shapes -> a file that fails with a code, and it mended.

`examples/bad/CODE--why.ttl` fails with CODE, and `examples/mended/` has the file of the same name
put right. The first lines of a file may name a file of `examples/good/` that stands in the graph
already: `# beside: skill.ttl`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_HEADER = re.compile(r"^# (?:expect|also|beside): .*\n", re.MULTILINE)
_BESIDE = re.compile(r"^# beside: ([\w-]+\.ttl)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions of a file, the second as it should be; command lines where it has no name.

    `before` is what the graph has already, `needed` what it must have for the good one, `shapes`
    what the file is checked by if not by those of the graph, `encoding` how the bad one is written,
    `live` what the source says that is asked about the links, `fetched` what it said before.
    """

    name: str
    bad: str
    good: str
    before: str = ""
    needed: str = ""
    shapes: str = ""
    encoding: str = "utf-8"
    live: str = ""
    fetched: str = ""


def mended(folder: Path, code: str) -> Pair | None:
    """Return the pair of a code, the first of several; None if nobody has written one."""
    if not (folder / "bad").is_dir():
        return None
    bad = sorted(
        path for path in (folder / "bad").glob("*.ttl") if path.stem.partition("--")[0] == code
    )
    found = [path for path in bad if (folder / "mended" / path.name).is_file()]
    if not found:
        return None
    text = found[0].read_text("utf-8", errors="replace")
    good = (folder / "mended" / found[0].name).read_text("utf-8", errors="replace")
    before, after = _beside(folder, text), _beside(folder, good)
    needed = after if after != before else ""
    return Pair(found[0].name, _shown(text), _shown(good), before, needed)


def _beside(folder: Path, text: str) -> str:
    """Return the files that stand in the graph already."""
    named = (folder / "good" / name for name in _BESIDE.findall(text))
    return "\n\n".join(
        _shown(path.read_text("utf-8", errors="replace")) for path in named if path.is_file()
    )


def _shown(text: str) -> str:
    """Return a file without the lines that only tests read."""
    body = _HEADER.sub("", text)
    return re.sub(r"\A(?:#\n|\n)+", "", body).strip("\n")
