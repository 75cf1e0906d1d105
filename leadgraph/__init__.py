"""What a community knows about its own leadership, as linked data that checks itself.

    Turtle file --read--> Source --check--> Report --publish--> Release --query--> Answer

Each noun is a value of `leadgraph.model`, each step a function of the one before; `web` and `cli`
bring the answers to their readers. What a question asks of other endpoints, `link` asks first: see
`leadgraph.link.opening`. A name here is imported when it is first used, so that a check
need not wait for the server; but for `check`, which is the name of a package besides.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from leadgraph.check.report import check

if TYPE_CHECKING:
    from leadgraph.errors import LeadGraphError
    from leadgraph.model import Answer, Place, Problem, Question, Release, Report, Source
    from leadgraph.publish.build import build
    from leadgraph.publish.releases import latest, verify
    from leadgraph.query.client import Engine
    from leadgraph.query.engine import running
    from leadgraph.read.turtle import bundled_directory, open_directory, read
    from leadgraph.settings import Settings

__all__ = [
    "Answer",
    "Engine",
    "LeadGraphError",
    "Place",
    "Problem",
    "Question",
    "Release",
    "Report",
    "Settings",
    "Source",
    "build",
    "bundled_directory",
    "check",
    "latest",
    "open_directory",
    "read",
    "running",
    "verify",
]

_HOMES = {
    "leadgraph.errors": ("LeadGraphError",),
    "leadgraph.model": ("Answer", "Place", "Problem", "Question", "Release", "Report", "Source"),
    "leadgraph.publish.build": ("build",),
    "leadgraph.publish.releases": ("latest", "verify"),
    "leadgraph.query.client": ("Engine",),
    "leadgraph.query.engine": ("running",),
    "leadgraph.read.turtle": ("bundled_directory", "open_directory", "read"),
    "leadgraph.settings": ("Settings",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import a public name (PEP 562)."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
