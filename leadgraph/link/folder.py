"""Settings -> the folder that all processes share for what concerns other endpoints."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from leadgraph.publish.releases import state_folder

if TYPE_CHECKING:
    from pathlib import Path

    from leadgraph.settings import Settings


def shared_folder(settings: Settings, otherwise: Path, *, is_graph: bool = True) -> Path:
    """Return the folder beside the releases, and what is given where nothing can be written there.

    It outlives the process: what was received is used again, manners are kept, and ledgers can be
    read, after a restart. Plain files (`is_graph` is false) leave nothing where they lie, unless a
    folder was set.
    """
    folder = state_folder(settings) / "link"
    if is_graph or settings.state:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder):
                return folder
        except OSError:
            pass
    return otherwise
