"""A piece of work -> the same without searches for cyclic garbage while it lasts."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def uncollected() -> Iterator[None]:
    """Let the collector rest: it walks all triples again and again, and frees next to nothing.

    Without it a check of 100,000 triples takes half the time, and no more memory.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
