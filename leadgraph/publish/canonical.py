"""N-Quads -> canonical N-Quads (RDFC-1.0), found in a child process that a deadline ends.

Blank nodes that are all alike make the search run for ever (nine of them, each pointing at all
others, are enough), and pyoxigraph cannot be interrupted. So the child may be killed: it reads
its standard input, writes its standard output and knows nothing else.
"""

from __future__ import annotations

import math
import resource
import subprocess
import sys
from typing import TYPE_CHECKING

from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse

from leadgraph.errors import CanonicalFormStopped
from leadgraph.publish.text import as_nquads

if TYPE_CHECKING:
    from leadgraph.settings import Settings

_MODULE = "leadgraph.publish.canonical"


def canonical(nquads: bytes, settings: Settings) -> bytes:
    """Return the same dataset with canonical blank node labels, one sorted line a quad.

    Two datasets have the same canonical form exactly if they are isomorphic, so its hash names
    what is stated, however the files were laid out (RDF Dataset Canonicalization, 4.2).

    Raises:
        CanonicalFormStopped: if the search ran past its time or memory.
    """
    seconds, memory_bytes = settings.canonical_seconds, settings.check_memory_bytes
    command = [sys.executable, "-m", _MODULE, str(math.ceil(seconds)), str(memory_bytes)]
    try:
        child = subprocess.run(
            command, input=nquads, capture_output=True, timeout=seconds, check=True
        )
    except subprocess.TimeoutExpired:
        raise CanonicalFormStopped(f"the search took longer than {seconds:g} s") from None
    except subprocess.CalledProcessError as died:
        raise CanonicalFormStopped(f"its process ended with status {died.returncode}") from None
    return child.stdout


def _search() -> None:
    """Canonicalize standard input onto standard output: the whole life of the child."""
    cpu_seconds, memory_bytes = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    dataset = Dataset(parse(sys.stdin.buffer.read(), format=RdfFormat.N_QUADS))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    sys.stdout.buffer.write(as_nquads(dataset))


if __name__ == "__main__":
    _search()
