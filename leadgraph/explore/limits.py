"""Settings -> the limits that those who ask meet: for the page and for the service description."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadgraph import errors

if TYPE_CHECKING:
    from leadgraph.settings import Settings


@dataclass(frozen=True, slots=True)
class Limit:
    """A setting that bounds what one may ask, and the error beyond it, None if there is none.

    Its words stand in `words/limits.toml` under the setting's name, which ends in its unit.
    """

    setting: str
    error: type[errors.LeadGraphError] | None = None

    @property
    def unit(self) -> str:
        """`seconds`, `bytes`, or "" for what is counted."""
        unit = self.setting.rpartition("_")[2]
        return unit if unit in {"seconds", "bytes"} else ""

    def of(self, settings: Settings) -> float:
        """Return what the limit is on this server."""
        value: float = getattr(settings, self.setting)
        return value


OF_QUERIES = (
    Limit("deadline_seconds", errors.QueryTooCostly),
    Limit("result_bytes", errors.ResultTooLarge),
    Limit("sending_seconds"),
    Limit("query_bytes", errors.QueryTooLong),
    Limit("address_bytes", errors.AddressTooLong),
    Limit("query_depth", errors.QueryTooDeep),
    Limit("query_memory_bytes", errors.QueryCrashed),
    Limit("kept_bytes", errors.AnswerTooLarge),
    Limit("client_queries", errors.ClientBusy),
    Limit("children"),
    Limit("queue", errors.EngineBusy),
    Limit("queue_seconds", errors.EngineBusy),
)
"""What bounds a query and its answer."""

OF_SERVICES = (
    Limit("service_seconds", errors.FederationTooSlow),
    Limit("service_answer_seconds", errors.SourceTooSlow),
    Limit("service_keys", errors.ServiceTooBroad),
    Limit("service_rows", errors.ServiceTooBroad),
    Limit("service_bytes", errors.SourceTooLarge),
    Limit("service_queries", errors.EngineBusy),
    Limit("ledger_seconds", errors.LedgerMissing),
)
"""What bounds a query that asks other endpoints, and the account of it."""

OF_FILES = (
    Limit("source_bytes", errors.SourceTooLong),
    Limit("source_depth"),
    Limit("source_blank_nodes"),
    Limit("literal_bytes"),
    Limit("check_seconds", errors.CheckStopped),
    Limit("check_memory_bytes", errors.CheckStopped),
    Limit("check_problems"),
    Limit("checks", errors.ChecksBusy),
)
"""What bounds a file that is to be checked, and its check."""

OF_NAMES = (
    Limit("reconcile_names", errors.BatchTooMany),
    Limit("reconcile_bytes", errors.BatchTooLong),
    Limit("reconcile_seconds", errors.BatchTooCostly),
)
"""What bounds a request to reconcile names."""
