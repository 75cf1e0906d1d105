"""What many tests need: a running engine and the application over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from leadgraph.query.client import Engine
from leadgraph.query.engine import running
from leadgraph.settings import Settings
from tests.standin.server import EXCERPT, OXIGRAPH, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.standin.server import StandIn

SMALL = """
<http://example.org/g1> {
    <http://example.org/a> <http://example.org/p> "one"@en, "<script>alert(1)</script>" .
}
<http://example.org/g2> {
    <http://example.org/b> <http://example.org/p> 2 .
}
<http://example.org/a> <http://example.org/p> "one"@en, "<script>alert(1)</script>" .
<http://example.org/b> <http://example.org/p> 2 .
"""


@pytest.fixture(scope="session")
def small_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two named graphs and a default graph that holds both."""
    path = tmp_path_factory.mktemp("small") / "small.trig"
    path.write_text(SMALL, "utf-8")
    return path


@pytest.fixture(scope="session")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """3,000 statements: enough for a product that never ends."""
    path = tmp_path_factory.mktemp("numbers") / "numbers.nt"
    path.write_text(
        "".join(f'<http://example.org/{n}> <http://example.org/p> "{n}" .\n' for n in range(3000))
    )
    return path


@pytest.fixture(scope="session")
def settings() -> Settings:
    """A short deadline, so that runaways end while somebody watches."""
    return Settings(deadline_seconds=1.0, queue_seconds=1.0, children=4, queue=2)


@pytest.fixture(scope="session")
def engine_path(numbers: Path, small_dataset: Path, settings: Settings) -> Iterator[Path]:
    """The socket of an engine over both."""
    with running([numbers, small_dataset], settings) as path:
        yield path


@pytest.fixture
def engine(engine_path: Path, settings: Settings) -> Iterator[Engine]:
    """A client of that engine with slots of its own."""
    with Engine(engine_path, settings) as client:
        yield client


@pytest.fixture(scope="session")
def wikidata() -> Iterator[StandIn]:
    """A stand-in for Wikidata: a real server over the excerpt, one for all tests of a process."""
    if not OXIGRAPH.exists():
        pytest.skip("oxigraph is not installed")
    with serving([EXCERPT]) as server:
        yield server
