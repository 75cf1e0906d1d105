"""The base of all errors that are raised on purpose."""

from __future__ import annotations


class LeadGraphError(Exception):
    """Base of all errors raised on purpose; `str(error)` is two sentences for people."""

    code = "leadgraph-error"
    status = 500
