"""What a web process does before the first query that asks other endpoints."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = """
import sys, threading
from pathlib import Path
from leadgraph.query.client import Engine
from leadgraph.settings import Settings
from leadgraph.web.federated import Elsewhere

settings = Settings(service_allow=sys.argv[2], contact=sys.argv[3])
Elsewhere(Engine(Path(sys.argv[1]), settings), settings, None).prepare()
for thread in threading.enumerate():
    if thread is not threading.main_thread():
        thread.join()
print("leadgraph.link.federation" in sys.modules)
"""


@pytest.mark.parametrize(
    ("allow", "contact", "is_ready"),
    [
        ("http://127.0.0.1:1/sparql", "", True),
        ("https://query.wikidata.org/sparql", "me@example.org", True),
        ("https://query.wikidata.org/sparql", "", False),
    ],
)
def test_a_process_that_may_ask_somebody_has_what_that_takes_before_it_is_asked(
    tmp_path: Path, allow: str, contact: str, is_ready: bool
) -> None:
    """The first query waited for imports; who asks nobody has no use for them."""
    said = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "engine"), allow, contact],
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout == f"{is_ready}\n"
