"""The table of formats answers by name, by media type and by file extension."""

from __future__ import annotations

import pytest

from leadgraph.formats import DATASETS, GRAPHS, RESULTS, by_extension, by_media_type, by_name

ALL = (*GRAPHS, *RESULTS, *DATASETS)


def test_names_media_types_and_extensions_are_unique() -> None:
    for attribute in ("name", "media_type", "extension"):
        values = [getattr(row, attribute) for row in ALL]
        assert len(set(values)) == len(values)


def test_the_engine_knows_every_media_type_by_the_same_name() -> None:
    for row in ALL:
        assert row.engine.media_type.partition(";")[0] == row.media_type


@pytest.mark.parametrize("row", GRAPHS, ids=lambda row: row.name)
def test_a_graph_format_is_found_in_every_way(row) -> None:
    assert by_name(GRAPHS, row.name) is row
    assert by_extension(f"x.{row.extension}") is row
    for media_type in (row.media_type, *row.also):
        assert by_media_type(GRAPHS, media_type) is row
        assert by_media_type(GRAPHS, media_type.upper()) is row


def test_text_has_a_charset_and_other_types_have_none() -> None:
    assert by_name(RESULTS, "csv").content_type == "text/csv; charset=utf-8"
    assert by_name(RESULTS, "json").content_type == "application/sparql-results+json"


@pytest.mark.parametrize("file_name", ["x", "x.xlsx", "ttl", "x.ttl.gz"])
def test_an_unknown_end_is_no_format(file_name: str) -> None:
    assert by_extension(file_name) is None


def test_an_unknown_media_type_or_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        by_media_type(RESULTS, "image/png")
    with pytest.raises(KeyError):
        by_name(GRAPHS, "csv")
