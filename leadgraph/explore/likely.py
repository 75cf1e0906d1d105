"""A word that nobody knows, and those that are known -> the one that was probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA

if TYPE_CHECKING:
    from collections.abc import Iterable

_LEAST = 0.6


def likely(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that a slip of the keyboard made this of, None if none is near."""
    names = {name.lower(): name for name in known}
    found = process.extractOne(
        word.lower(), list(names), scorer=OSA.normalized_similarity, score_cutoff=_LEAST
    )
    return None if found is None else names[found[0]]
