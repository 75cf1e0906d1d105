"""Whom a report is written for: what a writer has to know beside the report."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Reader:
    """The reader's language and, for text, their terminal: colours, columns, SHACL's own terms.

    `root` is the folder that other programs count paths from, the working folder by default.
    """

    language: str = "en"
    colour: bool = False
    columns: int = 100
    shacl: bool = False
    root: str = ""

    def relative(self, path: str) -> str:
        """Return a path from the root; one that leads out of it in full."""
        whole = os.path.abspath(path)  # noqa: PTH100  # no link is followed, no file is asked
        root = os.path.abspath(self.root)  # noqa: PTH100
        return os.path.relpath(whole, root) if Path(whole).is_relative_to(root) else whole
