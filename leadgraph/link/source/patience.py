"""A deadline and a client -> how long to wait for something, and when to stop."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from leadgraph.errors import ClientLeft
from leadgraph.query.client import has_left

if TYPE_CHECKING:
    from leadgraph.model import Client

SLICE_SECONDS = 0.2
"""What is waited in one go: how soon a client that left is noticed."""


class OutOfTimeError(Exception):
    """The deadline has come."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long somebody waits: until a time of `time.monotonic`, and while the client does."""

    deadline: float
    client: Client | None = None

    def within(self, seconds: float) -> Patience:
        """Return one that ends after some seconds, or when this one does."""
        return replace(self, deadline=min(self.deadline, time.monotonic() + seconds))

    @property
    def seconds(self) -> float:
        """What is left, below 0 once it is over."""
        return self.deadline - time.monotonic()

    def slice(self) -> float:
        """Return the seconds to wait before this is asked again.

        Raises:
            OutOfTimeError: if none are left.
            ClientLeft: if the client does not wait any more.
        """
        connection = None if self.client is None else self.client.connection
        if connection is not None and has_left(connection):
            raise ClientLeft
        left = self.seconds
        if left <= 0:
            raise OutOfTimeError
        return min(left, SLICE_SECONDS)

    def wait(self, seconds: float) -> None:
        """Do nothing for some seconds.

        Raises:
            OutOfTimeError: if fewer are left, at their end.
            ClientLeft: if the client does not wait as long.
        """
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, self.slice()))
