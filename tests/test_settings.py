"""Settings come from LEADGRAPH_* variables, and a wrong one is named."""

from __future__ import annotations

from dataclasses import fields

import pytest

from leadgraph.errors import SettingInvalid
from leadgraph.settings import Settings


def test_without_variables_every_setting_has_its_default() -> None:
    assert Settings.from_environment({}) == Settings()


def test_every_setting_can_be_set_by_its_variable() -> None:
    variables = {
        f"LEADGRAPH_{field.name.upper()}": {"int": "7", "float": "2.5", "str": "x"}[str(field.type)]
        for field in fields(Settings)
    }

    settings = Settings.from_environment(variables)

    for field in fields(Settings):
        expected = {"int": 7, "float": 2.5, "str": "x"}[str(field.type)]
        assert getattr(settings, field.name) == expected


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "ten", "1e9", " 1", "1_000", "٣"])
def test_a_number_that_is_none_is_refused_with_its_name(text: str) -> None:
    with pytest.raises(SettingInvalid, match="LEADGRAPH_PORT"):
        Settings.from_environment({"LEADGRAPH_PORT": text})


@pytest.mark.parametrize("text", ["", "0", "-1", "nan", "inf", "1e3", "0.0"])
def test_seconds_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(SettingInvalid, match="LEADGRAPH_DEADLINE_SECONDS"):
        Settings.from_environment({"LEADGRAPH_DEADLINE_SECONDS": text})


def test_variables_of_others_are_left_alone() -> None:
    assert Settings.from_environment({"PORT": "x", "LEADGRAPH_": "y"}) == Settings()
