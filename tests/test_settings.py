"""Settings come from LEADGRAPH_* variables, and a wrong one is named."""

from __future__ import annotations

from dataclasses import fields

import pytest

from leadgraph.errors import SettingInvalid
from leadgraph.settings import Settings


def test_without_variables_every_setting_has_its_default() -> None:
    assert Settings.from_environment({}) == Settings()


def test_every_setting_can_be_set_by_its_variable() -> None:
    texts = {"int": "7", "float": "2.5", "str": "x", "bool": "yes"}
    values = {"int": 7, "float": 2.5, "str": "x", "bool": True}
    chosen = {
        field.name: field.metadata["choices"][-1]
        for field in fields(Settings)
        if "choices" in field.metadata
    }
    least = {
        field.name: field.metadata["least"]
        for field in fields(Settings)
        if field.metadata.get("least", 0) > values["int"]
    }
    chosen |= least
    variables = {
        f"LEADGRAPH_{field.name.upper()}": str(chosen.get(field.name, texts[str(field.type)]))
        for field in fields(Settings)
    }

    settings = Settings.from_environment(variables)

    for field in fields(Settings):
        expected = chosen.get(field.name, values[str(field.type)])
        assert getattr(settings, field.name) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("LOG", "xml"),
        ("LOG", ""),
        ("LOG", "JSON"),
        ("LOG_QUERIES", ""),
        ("LOG_QUERIES", "maybe"),
    ],
)
def test_a_choice_that_is_none_is_refused_with_what_can_be_chosen(name: str, text: str) -> None:
    with pytest.raises(SettingInvalid, match=f"LEADGRAPH_{name} cannot be .* or "):
        Settings.from_environment({f"LEADGRAPH_{name}": text})


@pytest.mark.parametrize(("text", "value"), [("yes", True), ("False", False), ("NO", False)])
def test_a_yes_or_no_is_read_as_people_write_it(text: str, value: bool) -> None:
    assert Settings.from_environment({"LEADGRAPH_LOG_QUERIES": text}).log_queries is value


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
