"""Key and language -> the words that people read; the texts stand in the .toml files here."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "es", "fr", "ar", "de", "pt")
"""The languages that the project ships, the default first."""

RIGHT_TO_LEFT = frozenset(
    {"ar", "arc", "dv", "fa", "he", "ks", "nqo", "ps", "sd", "ug", "ur", "yi"}
)
"""Primary language subtags that are written from right to left."""


def say(key: str, language: str, **facts: object) -> str:
    """Return the text of a key (`"page.home-title"`) with its {placeholders} filled.

    Raises:
        KeyError: if no file of words has the key.
    """
    texts = _texts()[key]
    return (
        texts.get(language, texts["en"]).format(**facts)
        if facts
        else texts.get(language, texts["en"])
    )


def in_all_languages(key: str, **facts: object) -> dict[str, str]:
    """Return the text of a key in every language, for a `Problem`."""
    return {language: say(key, language, **facts) for language in LANGUAGES}


def direction(language: str) -> str:
    """Return "rtl" or "ltr" for a BCP 47 tag."""
    return "rtl" if language.partition("-")[0].lower() in RIGHT_TO_LEFT else "ltr"


def closest(wanted: str) -> str:
    """Return the shipped language nearest to a tag or a POSIX locale (`es_MX.UTF-8`)."""
    primary = re.split(r"[-_.@]", wanted, maxsplit=1)[0].lower()
    return primary if primary in LANGUAGES else LANGUAGES[0]


@cache
def _texts() -> dict[str, dict[str, str]]:
    """All words: `{"file.key": {language: text}}`."""
    folder = files("leadgraph.words")
    return {
        f"{entry.name.removesuffix('.toml')}.{key}": texts
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
        for key, texts in tomllib.loads(entry.read_text("utf-8")).items()
    }
