"""What keeps a command, a check or a build from its end -> its error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadgraph.errors.base import LeadGraphError

if TYPE_CHECKING:
    from leadgraph.model import Report


class SettingInvalid(LeadGraphError):
    """A setting has no usable value."""

    code = "setting-invalid"

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{name} cannot be {value!r}. Use {expected}.")
        self.name, self.value, self.expected = name, value, expected


class PortInUse(LeadGraphError):
    """Another program listens on the address already."""

    code = "port-in-use"

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} on {host} is in use by another program. Choose a free one with --port."
        )
        self.host, self.port = host, port


class SourceUnreadable(LeadGraphError):
    """A file cannot be read at all (missing, forbidden, of no known format)."""

    code = "source-unreadable"

    def __init__(self, path: str, reason: str, remedy: str) -> None:
        super().__init__(f"{path} cannot be read: {reason}. {remedy}")
        self.path, self.reason, self.remedy = path, reason, remedy


class SourceUnwritable(LeadGraphError):
    """A file that was to be mended or tidied cannot be written; it is as it was."""

    code = "source-unwritable"

    def __init__(self, path: str, reason: str, remedy: str) -> None:
        super().__init__(f"{path} was left as it is: {reason}. {remedy}")
        self.path, self.reason, self.remedy = path, reason, remedy


class TidyUnsafe(LeadGraphError):
    """The tidy form of a file would not say the same: a defect here, not in the file."""

    code = "tidy-unsafe"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path} was left as it is: its tidy form would not say the same. "
            "Please report that file, the mistake is in LeadGraph."
        )
        self.path = path


class ShapesInvalid(LeadGraphError):
    """A shapes file or a rule cannot be used to check anything."""

    code = "shapes-invalid"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"{path} cannot be used to check anything: {reason}. Mend the shapes and check again."
        )
        self.path, self.reason = path, reason


class KindUnknown(LeadGraphError):
    """There is no form for a kind, because no shape asks anything of it."""

    code = "kind-unknown"

    def __init__(self, kind: str, known: tuple[str, ...], likely: str | None) -> None:
        meant = f" Did you mean {likely}?" if likely else ""
        forms = f"There are forms for: {', '.join(known)}." if known else "No shape has a class."
        super().__init__(f"There is no form for {kind!r}.{meant} {forms}")
        self.kind, self.known, self.likely = kind, known, likely


class CodeUnknown(LeadGraphError):
    """No problem has such a code."""

    code = "code-unknown"

    def __init__(self, unknown: str, likely: str | None) -> None:
        remedy = f"Did you mean {likely}?" if likely else "List them with: leadgraph explain"
        super().__init__(f"No problem has the code {unknown!r}. {remedy}")
        self.unknown, self.likely = unknown, likely


class FormUnwritable(LeadGraphError):
    """A form cannot be written to a file, or would replace what is in it."""

    code = "form-unwritable"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} cannot be written: {reason}. Name another file.")
        self.path, self.reason = path, reason


class BuildRefused(LeadGraphError):
    """The sources have problems that must be mended before they are published."""

    code = "build-refused"

    def __init__(self, report: Report) -> None:
        violations = sum(problem.severity == "violation" for problem in report.problems)
        super().__init__(
            f"Nothing was published: the sources have {violations} problem(s). "
            "Mend what `leadgraph check` lists and build again."
        )
        self.report, self.violations = report, violations


class ReleaseMissing(LeadGraphError):
    """There is no release to serve or to ask."""

    code = "release-missing"
    status = 503

    def __init__(self, folder: str) -> None:
        super().__init__(f"There is no release in {folder}. Make one with `leadgraph build`.")
        self.folder = folder


class ReleaseDamaged(LeadGraphError):
    """A file of a release is not what its manifest says."""

    code = "release-damaged"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path} differs from the checksum in its manifest. "
            "Delete that release folder and run `leadgraph build` again."
        )
        self.path = path


class CheckStopped(LeadGraphError):
    """The child that checks was ended before it could report."""

    code = "check-stopped"
    status = 503

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The check was stopped: {reason}. Give it less at a time, or simpler shapes."
        )
        self.reason = reason


class CanonicalFormStopped(LeadGraphError):
    """The canonical form of the sources was not found in time."""

    code = "canonical-form-stopped"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The blank nodes of the sources could not be put into an order: {reason}. "
            "Give them IRIs, or have fewer that point at each other."
        )
        self.reason = reason


class StateUnusable(LeadGraphError):
    """The folder of releases cannot be read or written."""

    code = "state-unusable"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"{path} cannot be used: {reason}. "
            "Make room there, change its permissions, or name another folder in LEADGRAPH_STATE."
        )
        self.path, self.reason = path, reason


class ReportUnwritable(LeadGraphError):
    """The file that a report should go to cannot be written."""

    code = "report-unwritable"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"The report cannot be written to {path}: {reason}. Name another file behind --format."
        )
        self.path, self.reason = path, reason


class EndpointFailed(LeadGraphError):
    """An endpoint elsewhere that a person asked from the shell gave no usable answer."""

    code = "endpoint-failed"

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(
            f"{address} gave no usable answer: {reason}. "
            "Check the address and the query, or try again later."
        )
        self.address, self.reason = address, reason
