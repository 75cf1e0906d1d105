"""Texts and their language tags -> which tags no language has, and which ones were meant."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pyoxigraph import Literal

from leadgraph.check.results import Result
from leadgraph.model import Severity
from leadgraph.words import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyoxigraph import Triple

    from leadgraph.check.slice import FileGraph

_MOST_ODD_TAGS = 100
_SURE = frozenset({"en", "es", "fr", "ar", "de", "pt", "zh", "ru", "ja", "it", "nl", "pl", "sv"})
# What Wikimedia's wikis are called without being registered.
_OF_WIKIMEDIA = frozenset({"simple"})
# Codes of countries, of domains and of habit, for which there is one language.
_HABITS = {
    "ara": "ar",
    "chn": "zh",
    "cn": "zh",
    "cz": "cs",
    "dk": "da",
    "esp": "es",
    "gr": "el",
    "jp": "ja",
    "kr": "ko",
    "sp": "es",
    "tw": "zh-tw",
    "ua": "uk",
    "vn": "vi",
}
_NAMES = {
    "ar": "arabic arabe arabisch",
    "bn": "bengali bangla",
    "ca": "catalan catala",
    "cs": "czech",
    "da": "danish dansk",
    "de": "german deutsch aleman allemand",
    "el": "greek",
    "en": "english ingles anglais englisch",
    "es": "spanish espanol espagnol spanisch",
    "fa": "persian farsi",
    "fi": "finnish suomi",
    "fr": "french francais frances",
    "he": "hebrew",
    "hi": "hindi",
    "hu": "magyar",
    "id": "bahasa",
    "it": "italian italiano",
    "ja": "japanese nihongo",
    "ko": "korean",
    "nl": "dutch",
    "pl": "polish polski",
    "pt": "portugues",
    "ru": "russian russkij",
    "sv": "swedish svenska",
    "sw": "swahili",
    "tr": "turkish turkce",
    "uk": "ukraine",
    "ur": "urdu",
    "zh": "chinese mandarin",
}
_NAMED = {name: tag for tag, names in _NAMES.items() for name in names.split()}


def odd_tags(files: Sequence[FileGraph]) -> Iterator[Result]:
    """Yield the texts whose language tag no language has, at most so many."""
    found = (
        triple
        for file in files
        for triple in file.triples
        if isinstance(triple.object, Literal)
        and triple.object.language
        and not known(triple.object.language)
    )
    for _, triple in zip(range(_MOST_ODD_TAGS), found, strict=False):
        yield _odd_tag(triple)


def _odd_tag(triple: Triple) -> Result:
    tag = triple.object.language if isinstance(triple.object, Literal) else ""
    parts = ("unknown-language", "unknown-language-do")
    messages = {
        language: " ".join(say(f"constraints.{part}", language, tag=tag) for part in parts)
        for language in LANGUAGES
    }
    return Result(
        code="unknown-language",
        severity=Severity.WARNING,
        messages=messages,
        focus=triple.subject,
        predicate=triple.predicate,
        value=triple.object,
    )


@cache
def known(tag: str) -> bool:
    """Tell whether a language has the tag's first part (BCP 47), and not one that replaces it."""
    primary = tag.partition("-")[0].lower()
    if primary in _SURE | _OF_WIKIMEDIA | {"x", "i"}:
        return True
    import langcodes  # noqa: PLC0415  # its tables take 25 ms, and most files need none

    return langcodes.tag_is_valid(primary) and _shorter(primary) is None


@cache
def meant(tag: str, wanted: tuple[str, ...] = ()) -> str | None:
    """Return the tag that was probably meant: `es` for `sp`, `en` for `eng`, `english` and `EN`.

    With `wanted`, one of those tags.
    """
    primary, _, rest = tag.lower().replace("_", "-").partition("-")
    better = _HABITS.get(primary) or _NAMED.get(primary) or _shorter(primary) or primary
    full = f"{better}-{rest}" if rest else better
    if not wanted:
        return full if full != tag.lower() and known(full) else None
    lower = {each.lower(): each for each in wanted}
    return next((lower[each] for each in (full, better) if each in lower and each != tag), None)


def _shorter(primary: str) -> str | None:
    """The code of two letters that BCP 47 wants instead of one of three (2.2.1)."""
    from langcodes import data_dicts as tables  # noqa: PLC0415  # as above

    if len(primary) != len("eng"):
        return None
    for table in (tables.LANGUAGE_ALPHA3, tables.LANGUAGE_ALPHA3_BIBLIOGRAPHIC):
        for two, three in table.items():
            if three == primary and len(two) == len("en"):
                return str(two)
    return None
