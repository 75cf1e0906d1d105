"""THE table of reports: name <-> media type <-> the module that writes it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadgraph.check.reports.reader import Reader
    from leadgraph.errors import LeadGraphError
    from leadgraph.model import Report


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a report: `name` is what people type, `media_type` what is sent.

    `module` has `written` and `refused`; only the one that is asked for is imported.
    `wants_graph` tells that the report must hold SHACL's own results.
    """

    name: str
    media_type: str
    module: str
    wants_graph: bool = False

    def write(self, report: Report, reader: Reader) -> str:
        """Return the report in this form."""
        return str(import_module(self.module).written(report, reader))

    def refuse(self, error: LeadGraphError, reader: Reader) -> str:
        """Return why nothing could be checked, as a document of this form."""
        return str(import_module(self.module).refused(error, reader))


_HERE = __name__.rpartition(".")[0]

FORMS = {
    form.name: form
    for form in (
        Form("text", "text/plain", f"{_HERE}.text"),
        Form("json", "application/json", f"{_HERE}.plain_json"),
        Form("sarif", "application/sarif+json", f"{_HERE}.sarif"),
        Form("github", "text/plain", f"{_HERE}.github"),
        Form("junit", "application/xml", f"{_HERE}.junit"),
        Form("turtle", "text/turtle", f"{_HERE}.turtle", wants_graph=True),
    )
}
"""By name; the first is the default."""
