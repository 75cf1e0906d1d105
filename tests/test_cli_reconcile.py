"""`leadgraph reconcile`: names and tables in, what they mean out, for people and for programs."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from wcwidth import wcswidth

from leadgraph.cli.main import main
from tests.pages_engine import release

ROOT = Path(__file__).parents[1]
TABLE = 'no,role,note\r\n1,Growht mentor,"a, ""b"""\r\n2,zzqx\r\n3,Trainer,"two\nlines"\r\n'


def run(
    folder: Path, *arguments: str, stdin: bytes = b"", lang: str = "C.UTF-8"
) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a folder, over the graph of this repository."""
    command = [sys.executable, "-m", "leadgraph.cli.main", "reconcile", *arguments]
    state = release().path.parents[1]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": lang}
    return subprocess.run(
        command,
        cwd=folder,
        env=environment | {"LEADGRAPH_STATE": str(state)},
        input=stdin,
        capture_output=True,
        check=False,
        timeout=120,
    )


def rows(output: bytes) -> list[dict[str, str]]:
    """The rows of a table that was written."""
    return list(csv.DictReader(io.StringIO(output.decode(), newline="")))


def test_names_are_shown_with_what_they_mean(tmp_path: Path) -> None:
    done = run(tmp_path, "Growht mentor", "リーダー開発計画", "zzqx", "--limit", "1")

    head, rule, *lines, count = done.stdout.decode().splitlines()
    assert done.returncode == 0, done.stderr
    assert head.split() == ["name", "score", "id", "label", "type"]
    assert [line.split("  ")[0] for line in lines] == ["Growht mentor", "リーダー開発計画", "zzqx"]
    assert "=  92.31  role/growth-mentor" in lines[0]
    assert wcswidth(lines[0][: lines[0].index("=")]) == wcswidth(lines[1][: lines[1].index("=")])
    assert set(rule) == {"-", " "}
    assert count == "(3 names, 2 matched)"


def test_a_table_is_written_again_with_the_ids(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_bytes(b"\xef\xbb\xbf" + TABLE.encode())

    done = run(tmp_path, "@people.csv", "--column", "role", "--lang", "de")
    found = rows(done.stdout)

    assert done.returncode == 0, done.stderr
    assert [row["no"] for row in found] == ["1", "2", "3"]
    assert [row["note"] for row in found] == ['a, "b"', "", "two\nlines"]
    assert [row["leadgraph_id"] for row in found] == ["role/growth-mentor", "", "role/trainer"]
    assert [row["leadgraph_match"] for row in found] == ["true", "", "true"]
    assert found[0]["leadgraph_type"] == "LeaderRole"


def test_a_table_of_tabs_has_its_first_column_reconciled(tmp_path: Path) -> None:
    (tmp_path / "people.tsv").write_text("role\tno\nTrainer\t1\n", "utf-8")

    assert rows(run(tmp_path, "@people.tsv").stdout)[0]["leadgraph_id"] == "role/trainer"


def test_more_candidates_are_more_rows(tmp_path: Path) -> None:
    found = rows(run(tmp_path, "delegation", "--format", "csv", "--limit", "2").stdout)

    assert [(row["leadgraph_rank"], row["leadgraph_id"]) for row in found] == [
        ("1", "skill/delegation"),
        ("2", "capx-capacity/delegation"),
    ]


@pytest.mark.parametrize("type_", ["Skill", "lg:Skill", "skill"])
def test_a_type_leaves_no_others(tmp_path: Path, type_: str) -> None:
    done = run(tmp_path, "delegation", "--format", "json", "--type", type_)

    (found,) = json.loads(done.stdout)
    assert found["query"] == "delegation"
    assert (found["result"][0]["id"], found["result"][0]["match"]) == ("skill/delegation", True)
    assert all(each["type"][0]["id"] == "Skill" for each in found["result"])


def test_names_come_line_by_line_from_a_file_or_standard_input(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("Trainer\n\nFunctionery\r\n", "utf-8")

    from_file = run(tmp_path, "@names.txt", "--format", "json")
    piped = run(tmp_path, "@-", "--format", "json", stdin=b"Trainer\nFunctionery\n")

    assert from_file.stdout == piped.stdout
    assert [each["query"] for each in json.loads(piped.stdout)] == ["Trainer", "Functionery"]


def test_labels_come_in_the_language_of_the_reader(tmp_path: Path) -> None:
    done = run(tmp_path, "Functionaries", "--format", "json", lang="de_DE.UTF-8")

    assert json.loads(done.stdout)[0]["result"][0]["name"] == "Menschen mit Vertrauensfunktionen"


def test_a_terminal_is_sent_nothing_that_it_would_obey(tmp_path: Path) -> None:
    done = run(tmp_path, "\x1b[31mTrainer\u202e")

    assert b"\x1b" not in done.stdout
    assert "\u202e" not in done.stdout.decode()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["@missing.txt"], "missing.txt"),
        (["@people.csv", "--column", "nobody"], "no column nobody"),
        (["@empty.csv"], "it is no table"),
        (["@broken.csv"], "it is no table"),
        (["@latin.csv"], "it is not UTF-8"),
        (["Trainer", "@people.csv"], "not both"),
        (["Trainer", "--column", "x"], "--column is for a table"),
        (["Trainer", "--type", "Nothing"], "There are: "),
        (["Trainer", "--limit", "0"], "--limit"),
        ([], "NAME"),
    ],
)
def test_what_cannot_be_done_is_told_and_ends_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEADGRAPH_STATE", str(release().path.parents[1]))
    (tmp_path / "people.csv").write_text(TABLE, "utf-8")
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "broken.csv").write_bytes(b'a\n"b')
    (tmp_path / "latin.csv").write_bytes(b"a\n\xe9\n")

    done = CliRunner().invoke(main, ["reconcile", *arguments])

    assert done.exit_code == 2
    assert isinstance(done.exception, SystemExit)
    assert told in done.stderr
    assert done.stdout == ""


def test_a_table_of_semicolons_is_written_again_with_semicolons(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text('"role, name";no\r\n"Trainer";"1;2"\r\n', "utf-8")

    done = run(tmp_path, "@people.csv")

    (row,) = csv.DictReader(io.StringIO(done.stdout.decode(), newline=""), delimiter=";")
    assert (row["role, name"], row["no"], row["leadgraph_id"]) == ("Trainer", "1;2", "role/trainer")


def test_quotes_of_a_table_of_tabs_may_quote_nothing(tmp_path: Path) -> None:
    (tmp_path / "people.tsv").write_text('role\tno\n"Trainer" of all\t5"\nTrainer\t"7"\n', "utf-8")

    found = rows(run(tmp_path, "@people.tsv").stdout)

    assert [(row["role"], row["no"]) for row in found] == [
        ('"Trainer" of all', '5"'),
        ("Trainer", '"7"'),
    ]


def test_a_table_may_come_from_standard_input(tmp_path: Path) -> None:
    done = run(tmp_path, "@-", "--column", "role", stdin=b"no,role\n1,Trainer\n")

    assert [(row["no"], row["leadgraph_id"]) for row in rows(done.stdout)] == [
        ("1", "role/trainer")
    ]


def test_an_empty_file_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")

    told = run(tmp_path, "@empty.csv").stderr.decode()

    assert "its first line is empty" in told
    assert "unpack" not in told
