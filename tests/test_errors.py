"""The tree of errors is drawn as it is, and every error is ready for people and programs."""

from __future__ import annotations

import re

import pytest

from leadgraph import errors
from leadgraph.errors import LeadGraphError


def subclasses(of: type[LeadGraphError]) -> list[type[LeadGraphError]]:
    """All errors below one."""
    return [below for child in of.__subclasses__() for below in (child, *subclasses(child))]


ALL = [LeadGraphError, *subclasses(LeadGraphError)]


def test_the_tree_at_the_top_of_the_file_draws_every_error() -> None:
    drawn = re.findall(r"^[│├└─ ]*(\w+)(?:  |$)", errors.__doc__ or "", re.MULTILINE)

    assert sorted(drawn) == sorted(error.__name__ for error in ALL)


def test_codes_are_unique_and_kebab_case() -> None:
    codes = [error.code for error in ALL]

    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)


@pytest.mark.parametrize("error", ALL, ids=lambda error: error.__name__)
def test_a_status_is_one_of_http_and_matches_the_tree(error: type[LeadGraphError]) -> None:
    match = re.search(rf"{error.__name__} +(\d{{3}})", errors.__doc__ or "")

    assert 400 <= error.status <= 599
    assert match is None or int(match[1]) == error.status


def test_a_message_is_two_sentences_what_is_wrong_and_what_to_do() -> None:
    for error in (
        errors.QueryTooCostly(10.0),
        errors.QueryTooDeep(101, 100),
        errors.ThingGone("http://a/", ("http://b/",)),
        errors.ServiceRefused("http://a/", (), (1, 2)),
        errors.SettingInvalid("LEADGRAPH_PORT", "x", "a number"),
        errors.PortInUse("127.0.0.1", 8000),
    ):
        assert len(re.findall(r"[.!](?: |$)", str(error))) == 2, str(error)
