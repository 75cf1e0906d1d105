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

# A text in quotation marks; else words of Latin letters, digits and the signs of Turtle.
_QUOTED = r'"(?:[^"\\]|\\.)*"(?:@[A-Za-z0-9-]+|\^\^[!-~]+)?'
_WORD = r"[!-~«»“”…]*[A-Za-z0-9][!-~…]*"
_LEFT_TO_RIGHT = re.compile(rf"(?<![!-~])(?:{_QUOTED}|{_WORD})(?: {_WORD})*(?<![.,:;!?])")


def say(key: str, language: str, **facts: object) -> str:
    """Return the text of a key (`"page.home-title"`) with its {placeholders} filled.

    Raises:
        KeyError: if no file of words has the key.
    """
    file, _, name = key.partition(".")
    texts = _file(file)[name]
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


def isolated(text: str, language: str) -> str:
    """Return a text in Arabic with its terms and values set apart, for a screen.

    `lg:requiresSkill` or `"x"@en` in a sentence from right to left would else pull the signs around
    it to the wrong side (Unicode Standard Annex 9, 2.7: isolates). Apply it last, to what is safe
    to show: a terminal must not obey isolates that come from somebody's data.
    """
    return text if direction(language) == "ltr" else set_apart(text, "\u2068", "\u2069")


def set_apart(text: str, begin: str, end: str) -> str:
    """Return a text from right to left with signs around what runs from left to right in it."""
    return _LEFT_TO_RIGHT.sub(lambda run: f"{begin}{run[0]}{end}", text)


def closest(wanted: str) -> str:
    """Return the shipped language nearest to a tag or a POSIX locale (`es_MX.UTF-8`)."""
    primary = re.split(r"[-_.@]", wanted, maxsplit=1)[0].lower()
    return primary if primary in LANGUAGES else LANGUAGES[0]


@cache
def _texts() -> dict[str, dict[str, str]]:
    """All words: `{"file.key": {language: text}}`."""
    names = (entry.name for entry in files("leadgraph.words").iterdir())
    return {
        f"{name.removesuffix('.toml')}.{key}": texts
        for name in names
        if name.endswith(".toml")
        for key, texts in _file(name.removesuffix(".toml")).items()
    }


@cache
def _file(name: str) -> dict[str, dict[str, str]]:
    """The words of one file, which is read when the first of them is wanted: most are for pages."""
    entry = files("leadgraph.words").joinpath(f"{name}.toml")
    try:
        return tomllib.loads(entry.read_text("utf-8"))
    except FileNotFoundError:
        raise KeyError(name) from None
