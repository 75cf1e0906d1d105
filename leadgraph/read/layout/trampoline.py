"""Generators that wait for each other -> the result of the first, on a stack of their own.

Brackets may nest deeper than Python lets functions call each other.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")


class Waiting(Protocol):
    """Something that has begun."""

    def advance(self) -> Waiting | None:
        """Go on until it waits for another one, which is returned, or until its end."""


Steps = Generator[Waiting, None, T]
"""What comes to a result and may wait for others on the way."""


class _Call(Generic[T]):
    result: T

    def __init__(self, steps: Steps[T]) -> None:
        self._steps = steps

    def advance(self) -> Waiting | None:
        """Go on until it waits for another one, or until its end."""
        try:
            return next(self._steps)
        except StopIteration as end:
            self.result = end.value
            return None


def wait(steps: Steps[T]) -> Steps[T]:
    """Let other steps come to their result first, and return that."""
    call = _Call(steps)
    yield call
    return call.result


def run(steps: Steps[T]) -> T:
    """Return the result of steps, having run those that they wait for."""
    first = _Call(steps)
    stack: list[Waiting] = [first]
    while stack:
        called = stack[-1].advance()
        if called is None:
            stack.pop()
        else:
            stack.append(called)
    return first.result
