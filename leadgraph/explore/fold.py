"""Text -> its words as search compares them; a text that matched -> the part worth showing."""

from __future__ import annotations

import re
from functools import cache
from unicodedata import category, normalize

_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
"""Scripts that put no space between words: there every character is taken for a word."""
_WORD = re.compile(rf"[{_SPACELESS}]|[^\W_{_SPACELESS}]+")
_ARABIC = {"ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "\u0640": None}
"""Letters of the Arabic script that are written one for the other; the last only stretches."""
_MARKED = (range(0x300, 0x1F000), range(0xE0100, 0xE01F0))
"""Where Unicode has its combining marks."""
_ARTICLE = re.compile(r"\A(?:ال)+(?=\w{3})")
_EXCERPT = 240
_BEFORE = 60


def fold(text: str) -> str:
    """Return the words of a text, one space between: no accents, case, points or Arabic article."""
    if text.isascii():
        return " ".join(_WORD.findall(text.lower()))
    plain = normalize("NFKD", normalize("NFKD", text).casefold()).translate(_letters())
    return " ".join(_ARTICLE.sub("", word) for word in _WORD.findall(plain))


def excerpt(text: str, beginnings: tuple[str, ...]) -> str:
    """Return a text, of a long one the part around the first word that begins so when folded."""
    if len(text) <= _EXCERPT:
        return text
    found = (each for each in re.finditer(r"\w+", text) if fold(each[0]).startswith(beginnings))
    first = next(found, None)
    start = max(0, first.start() - _BEFORE) if first else 0
    start = text.find(" ", start) + 1 if start else 0
    end = start + _EXCERPT
    return f"{'… ' if start else ''}{text[start:end].strip()}{' …' if end < len(text) else ''}"


@cache
def _letters() -> dict[int, str | None]:
    """Return what becomes of letters: marks go, some are taken for others."""
    marks = (chr(point) for points in _MARKED for point in points)
    dropped: dict[str, str | None] = {mark: None for mark in marks if category(mark)[0] == "M"}
    return str.maketrans(dropped | _ARABIC)
