"""JSON that somebody else may have written -> its members, each of the type that it must have."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


class Members:
    """The members of a JSON object, each of the type that it must have; ValueError if not."""

    def __init__(self, value: Json) -> None:
        if not isinstance(value, dict):
            raise ValueError("an object is expected")
        self._value = value

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all members."""
        return tuple(self._value)

    def with_member(self, name: str, value: Json) -> dict[str, Json]:
        """Return the object with one member more."""
        return {**self._value, name: value}

    def value(self, name: str) -> Json:
        """Return a member that must be there."""
        if name not in self._value:
            raise ValueError(f"{name} is missing")
        return self._value[name]

    def is_null(self, name: str) -> bool:
        """Tell whether it is null."""
        return self.value(name) is None

    def text(self, name: str) -> str:
        """Return a string."""
        value = self.value(name)
        if not isinstance(value, str):
            raise ValueError(f"{name} is no text")
        return value

    def maybe_text(self, name: str) -> str | None:
        """Return a string, or None for null."""
        return None if self.is_null(name) else self.text(name)

    def number(self, name: str) -> float:
        """Return a number."""
        value = self.value(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{name} is no number")
        return value

    def count(self, name: str) -> int:
        """Return a whole number from 0."""
        value = self.value(name)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise ValueError(f"{name} is no count")
        return value

    def claim(self, name: str) -> bool:
        """Return true or false."""
        value = self.value(name)
        if not isinstance(value, bool):
            raise ValueError(f"{name} is neither true nor false")
        return value

    def list(self, name: str) -> Sequence[Json]:
        """Return a list."""
        value = self.value(name)
        if not isinstance(value, list):
            raise ValueError(f"{name} is no list")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of strings."""
        found = tuple(value for value in self.list(name) if isinstance(value, str))
        if len(found) != len(self.list(name)):
            raise ValueError(f"{name} is no list of texts")
        return found

    def members(self, name: str) -> Members:
        """Return the members of an object."""
        return Members(self.value(name))
