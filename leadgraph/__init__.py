"""What a community knows about its own leadership, as linked data that checks itself.

    Turtle file --read--> Source --check--> Report --publish--> Release --query--> Answer

Each noun is a value of `leadgraph.model`, each step a function of the one before; `web` and `cli`
bring the answers to their readers.
"""

from leadgraph.check.report import check
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
