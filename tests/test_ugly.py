"""Ten ugly files and their reports in three languages, as they stand beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadgraph.check.report import check
from leadgraph.check.reports.reader import Reader
from leadgraph.check.reports.text import written

HERE = Path(__file__).parent / "ugly"
NAMES = sorted(path.name for path in HERE.glob("*.ttl"))
LANGUAGES = ("en", "es", "ar")


@pytest.mark.parametrize("name", NAMES)
def test_the_report_of_an_ugly_file_is_the_one_beside_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(HERE)
    report = check([Path(name)])
    for language in LANGUAGES:
        path = f"reports/{name.removesuffix('.ttl')}.{language}.txt"
        stored = Path(path).read_text("utf-8")
        assert written(report, Reader(language)) == stored, (
            "If the new one reads well: "
            f"cd tests/ugly && leadgraph check --lang {language} --format text={path} {name}"
        )


def test_there_are_ten_with_a_report_in_each_language_and_no_more() -> None:
    assert len(NAMES) == 10
    reports = sorted(path.name for path in (HERE / "reports").iterdir())
    stems = [name.removesuffix(".ttl") for name in NAMES]
    assert reports == sorted(f"{stem}.{language}.txt" for stem in stems for language in LANGUAGES)
