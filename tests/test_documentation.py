"""What the documents say is true: every example runs, and nothing that exists is left out."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from pyoxigraph import RdfFormat, Store, parse

from leadgraph.cli.main import main
from leadgraph.query.client import Engine
from leadgraph.settings import Settings
from leadgraph.web.app import create_app
from tests.graph import merged_store
from tests.standin.server import WIKIDATA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.standin.server import StandIn

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
COMMAND = [sys.executable, "-m", "leadgraph.cli.main"]
CONTEXT = click.Context(main)


def commands(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """The commands of a group by what is typed, those of its groups included."""
    for name in group.list_commands(CONTEXT):
        command = group.get_command(CONTEXT, name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


COMMANDS = dict(commands(main))


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of a document in one language."""
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def example(beginning: str) -> tuple[list[str], str]:
    """The arguments of the README's command that begins so, and what it says it prints."""
    (block,) = (block for block in blocks(README, "console") if beginning in block)
    command = re.match(r'\$ (?:[^"\n]|"[^"]*")*\n', block)
    assert command is not None
    return shlex.split(command[0][2:])[1:], block[command.end() :]


def run(arguments: list[str], folder: Path) -> str:
    """What a command prints, in English."""
    result = subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert not result.stderr, result.stderr
    return result.stdout


def test_the_contribution_is_told_what_the_readme_says(tmp_path: Path) -> None:
    (tmp_path / "newsletter-editor.ttl").write_text(blocks(README, "turtle")[0], "utf-8")
    arguments, printed = example("leadgraph check")

    assert run(arguments, tmp_path) == printed


def test_a_program_gets_what_the_readme_says_and_its_types(tmp_path: Path) -> None:
    (tmp_path / "newsletter-editor.ttl").write_text(blocks(README, "turtle")[0], "utf-8")
    (program,) = (block for block in blocks(README, "python") if "import check" in block)
    (tmp_path / "program.py").write_text(program, "utf-8")
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "MYPYPATH": str(ROOT)}

    def ran(*arguments: str) -> str:
        command = [sys.executable, *arguments, "program.py"]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert not done.stderr, done.stderr
        return done.stdout

    assert ran() == "".join(re.findall(r"# (newsletter-editor.*\n)", program))
    typed = ("-m", "mypy", "--strict", "--follow-imports=silent", "--no-incremental")
    assert ran(*typed) == "Success: no issues found in 1 source file\n"


def test_the_question_has_the_answer_that_the_readme_says(tmp_path: Path) -> None:
    arguments, printed = example("SELECT ?theme")

    assert run(arguments, tmp_path) == printed


def test_the_question_to_two_graphs_has_the_answer_and_the_account_that_the_readme_says(
    tmp_path: Path, wikidata: StandIn
) -> None:
    arguments, printed = example("SERVICE")
    environment = {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "LEADGRAPH_SERVICE_ALLOW": wikidata.allow(WIKIDATA),
    }
    result = subprocess.run(
        [*COMMAND, *arguments],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
        timeout=120,
    )

    changing = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|\d+\.\d\d(?= s)|(?<=127\.0\.0\.1:)\d+"
    assert re.sub(changing, "...", result.stdout) == re.sub(changing, "...", printed)


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda setting: setting.name)
def test_a_setting_is_in_the_readme_with_its_default(setting) -> None:
    shown = f"`{setting.default}`" if setting.default != "" else ""

    assert f"| `LEADGRAPH_{setting.name.upper()}` | {shown} |" in README


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_and_its_options_are_in_the_readme(name: str) -> None:
    start = re.compile(rf"\| `leadgraph {name}[` ]")
    (row,) = (line for line in README.splitlines() if start.match(line))

    for option in COMMANDS[name].params:
        if isinstance(option, click.Option) and not option.hidden:
            assert option.opts[0] in row


def test_every_route_is_in_the_readme(settings: Settings, tmp_path: Path) -> None:
    app = create_app(Engine(tmp_path / "nobody", settings), settings, None)
    documented = set(re.findall(r"`(/[^` ]*)`", README)) | {"/"}
    documented = {re.sub(r"\{\w+\}", "{}", path) for path in documented}
    ends = (".<extension>",)

    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static" or rule.rule.endswith(ends):
            continue
        path = re.sub(r"<[^>]+>", "{}", rule.rule)
        if path == "/{}/{}":
            assert {"/graph/{}", "/release/{}", "/linkset/{}"} <= documented
        else:
            assert path in documented


def test_the_query_of_the_data_licences_answers_with_every_source_file() -> None:
    (query,) = blocks((ROOT / "LICENSE-DATA.md").read_text("utf-8"), "sparql")
    solutions = list(merged_store().query(query))

    assert len(solutions) == len(list(ROOT.glob("data/*.ttl")))


def test_the_examples_for_contributors_are_clean(tmp_path: Path) -> None:
    for name, example in zip(
        ("newsletter.ttl", "people.ttl"),
        blocks((ROOT / "CONTRIBUTING.md").read_text("utf-8"), "turtle"),
        strict=True,
    ):
        (tmp_path / name).write_text(example, "utf-8")

        assert run(["check", name], tmp_path).startswith("No problems.")


def test_the_readme_names_files_that_exist() -> None:
    for path in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / path).exists(), path


def test_the_turtle_of_the_readme_is_turtle() -> None:
    store = Store()
    store.extend(parse(blocks(README, "turtle")[0], RdfFormat.TURTLE))

    assert len(store) == 4
