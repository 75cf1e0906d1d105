"""Every word is there in six languages, with the same placeholders."""

from __future__ import annotations

import re

import pytest

from leadgraph import words

KEYS = sorted(words._texts())


@pytest.mark.parametrize("key", KEYS)
def test_a_text_exists_in_exactly_the_languages_that_are_shipped(key: str) -> None:
    assert set(words._texts()[key]) == set(words.LANGUAGES)


@pytest.mark.parametrize("key", KEYS)
def test_translations_keep_the_placeholders(key: str) -> None:
    texts = words._texts()[key]
    expected = sorted(set(re.findall(r"{(\w+)}", texts["en"])))

    for language, text in texts.items():
        assert sorted(set(re.findall(r"{(\w+)}", text))) == expected, language


def test_there_are_words() -> None:
    assert len(KEYS) > 20


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        words.say("problems.no-such-key", "en")


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("es_MX.UTF-8", "es"),
        ("pt-BR", "pt"),
        ("AR", "ar"),
        ("C.UTF-8", "en"),
        ("", "en"),
        ("tlh", "en"),
        ("de@euro", "de"),
    ],
)
def test_the_nearest_language_is_found(wanted: str, language: str) -> None:
    assert words.closest(wanted) == language


def test_arabic_and_hebrew_run_from_right_to_left() -> None:
    assert words.direction("ar") == words.direction("he-IL") == "rtl"
    assert words.direction("de") == words.direction("") == "ltr"
