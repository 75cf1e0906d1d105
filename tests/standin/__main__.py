"""`make wikidata`: a stand-in for Wikidata until Ctrl-C, and how to have LeadGraph ask it."""

from __future__ import annotations

import signal
import sys

from leadgraph.settings import WIKIDATA_SOURCES
from tests.standin.server import dataset, serving

PORT = 7878
_WORDS = """\
A stand-in for Wikidata answers at {address} ({files} files; Ctrl-C ends it).
In another terminal, to have LeadGraph ask it in Wikidata's place:

    LEADGRAPH_SERVICE_ALLOW='{allow}' make serve

Then ask one of the federated examples: http://127.0.0.1:8000/queries?keyword=SERVICE
"""


def main(port: int) -> int:
    """Serve until somebody ends it; returns the exit status."""
    for way in (signal.SIGINT, signal.SIGTERM):  # a shell may have both ignored in what it starts
        signal.signal(way, signal.default_int_handler)
    files = dataset()
    try:
        with serving(files, port) as server:
            allow = server.allow(*WIKIDATA_SOURCES.split())
            words = _WORDS.format(address=server.address, files=len(files), allow=allow)
            sys.stdout.write(words)
            sys.stdout.flush()
            server.process.wait()
    except KeyboardInterrupt:
        return 0
    except RuntimeError as error:
        sys.stderr.write(f"The stand-in did not start: {error}\n")
        return 1
    sys.stderr.write("The stand-in ended by itself.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else PORT))
