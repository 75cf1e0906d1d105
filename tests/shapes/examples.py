"""The example files beside the shapes -> what they are examples of.

`shapes/examples/good/` holds what may be copied, `mended/` some of the files of `bad/` as they
should be, under the same name: `leadgraph explain` shows those pairs. A file in bad/ says in its
first lines what it must break, and nothing else may break:

    # expect: lgsh:Skill-prefLabel    the shape, or the code of the rule, that it is about
    # also: privacy-email             what cannot be avoided besides
    # beside: skill.ttl               a file of good/ that the graph holds already
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parents[2] / "shapes/examples"
SHAPE = "lgsh:"

_HEADER = re.compile(r"^# (expect|also|beside): (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Example:
    """One file, the files that stand beside it in the graph, and the mistakes it makes."""

    path: Path
    beside: tuple[Path, ...] = ()
    mistakes: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.path.stem

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that the graph of this example is made of."""
        return (*self.beside, self.path)

    @property
    def shapes(self) -> frozenset[str]:
        """Local names of the shapes that it breaks."""
        return frozenset(m.removeprefix(SHAPE) for m in self.mistakes if m.startswith(SHAPE))

    @property
    def rules(self) -> frozenset[str]:
        """Codes of the rules that it breaks."""
        return frozenset(m for m in self.mistakes if not m.startswith(SHAPE))


def good() -> list[Example]:
    """Return the examples in which nothing is wrong."""
    return [_read(path) for path in sorted(HERE.glob("good/*.ttl"))] + mended()


def mended() -> list[Example]:
    """Return the bad examples in which the one thing has been put right."""
    return [_read(path) for path in sorted(HERE.glob("mended/*.ttl"))]


def bad() -> list[Example]:
    """Return the examples in which one thing is wrong."""
    return [_read(path) for path in sorted(HERE.glob("bad/*.ttl"))]


def _read(path: Path) -> Example:
    header = _HEADER.findall(path.read_text("utf-8"))
    beside = tuple(HERE / "good" / name for key, name in header if key == "beside")
    return Example(path, beside, frozenset(name for key, name in header if key != "beside"))
