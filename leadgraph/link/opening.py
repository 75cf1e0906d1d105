"""An engine, sources and a folder -> what answers questions that name other endpoints, opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadgraph.link.asking.asking import Asking
from leadgraph.link.asking.memory import Memory
from leadgraph.link.federation import Federation
from leadgraph.link.source.endpoint import Network

if TYPE_CHECKING:
    from pathlib import Path

    from leadgraph.link.source.sources import Sources
    from leadgraph.query.client import Engine
    from leadgraph.settings import Settings


@dataclass(frozen=True, slots=True)
class Opened:
    """A federation, and what was opened for it."""

    federation: Federation
    network: Network
    memory: Memory

    def close(self) -> None:
        """Close the connections and the files."""
        self.network.close()
        self.memory.close()


def opened(
    engine: Engine, sources: Sources, settings: Settings, folder: Path, release: str | None
) -> Opened:
    """Return the federation of an engine; it keeps what it remembers in a folder."""
    network, memory = Network(settings, folder), Memory(folder, settings)
    asking = Asking(network, memory, settings)
    return Opened(Federation(engine, sources, asking, settings, release), network, memory)
