"""The pages for contributors: forms, codes and how a file gets into the graph."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest
import yaml

from leadgraph import words
from leadgraph.cli.main import main
from leadgraph.explore.codes import codes
from leadgraph.explore.folder import open_folder
from leadgraph.explore.form import Given, form
from leadgraph.explore.kinds import kind_of, kinds
from leadgraph.read.turtle import open_directory
from leadgraph.settings import Settings
from leadgraph.web import guide
from tests.markup import read
from tests.pages_engine import ROOT, application, graph, release

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

FOLDER = open_folder(open_directory(ROOT))
COMMAND = [sys.executable, "-m", "leadgraph.cli.main"]


@pytest.fixture(scope="module")
def app() -> Iterator[Flask]:
    """The application over the graph of this repository."""
    with application(graph(), release()) as served:
        yield served


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of that application."""
    return app.test_client()


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_kind_has_its_form_on_a_page_and_as_a_file(
    language: str, client: FlaskClient
) -> None:
    links = read(client.get(f"/contribute?lang={language}").text).values("href")

    for name, kind in kinds(FOLDER).items():
        path = f"/contribute/new/{name}"
        assert f"{path}?lang={language}" in links
        made = form(FOLDER, kind, language)
        shown = read(client.get(f"{path}?lang={language}").text).all("code")
        assert made.text in [each.text for each in shown]
        response = client.get(f"{path}.ttl?lang={language}")
        assert response.text == made.text
        assert response.content_type == "text/turtle; charset=utf-8"
        assert response.headers["Content-Disposition"] == f'attachment; filename="{made.file}"'
        assert response.headers["Content-Language"] == language


def test_a_program_gets_the_form_by_its_accept_header(client: FlaskClient) -> None:
    turtle = client.get("/contribute/new/skill", headers={"Accept": "text/turtle"})
    refused = client.get("/contribute/new/skill", headers={"Accept": "image/png"})

    assert turtle.text == client.get("/contribute/new/skill.ttl").text
    assert {"Accept", "Accept-Language"} <= set(turtle.vary)
    assert refused.status_code == 406
    again = client.get(
        "/contribute/new/skill.ttl", headers={"If-None-Match": turtle.headers["ETag"]}
    )
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/contribute/new/skil",
        "/contribute/new/skill.rdf",
        "/contribute/new/..%2f..%2fetc%2fpasswd",
        "/codes/nothing",
        "/codes/..%2f..%2fetc%2fpasswd",
        "/codes/%3Cscript%3E",
    ],
)
def test_what_is_no_kind_and_no_code_is_not_found(path: str, client: FlaskClient) -> None:
    response = client.get(path, headers={"Accept": "text/html"})

    assert response.status_code == 404
    assert "<script>" not in response.text


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_code_has_its_page_and_is_on_the_list(language: str, client: FlaskClient) -> None:
    links = read(client.get(f"/codes?lang={language}").text).values("href")

    for each in codes(FOLDER, language):
        path = f"/codes/{each.code}?lang={language}"
        assert path in links
        page = read(client.get(path).text)
        assert page.root() == {"lang": language, "dir": words.direction(language)}
        code, *shown = [block.text for block in page.all("code")]
        assert code == each.code
        assert each.pair is not None
        assert {each.pair.bad, each.pair.good} <= set(shown)


def test_the_code_of_an_error_leads_to_what_is_said_of_errors(client: FlaskClient) -> None:
    response = client.get("/codes/shapes-invalid?lang=fr")

    assert response.status_code == 303
    assert response.headers["Location"] == "/problems?lang=fr#shapes-invalid"


def test_code_is_written_from_left_to_right_and_scrolls_by_keyboard(client: FlaskClient) -> None:
    for path in ("/codes/syntax?lang=ar", "/contribute/new/role?lang=ar"):
        for block in read(client.get(path).text).all("pre")[-1:]:
            assert block.attributes["dir"] == "ltr"
            assert block.attributes["tabindex"] == "0"


def test_what_an_example_quotes_is_escaped(client: FlaskClient) -> None:
    body = client.get("/codes/rdf-xml").text

    assert "&lt;rdf:RDF" in body
    assert "<rdf:RDF" not in body


def test_the_shapes_link_to_what_their_codes_mean(client: FlaskClient) -> None:
    links = read(client.get("/shapes?lang=de").text).values("href")

    for each in codes(FOLDER, "de"):
        assert (f"/codes/{each.code}?lang=de" in links) == (each.group == "shape")


def test_where_plain_files_are_served_there_are_no_forms_but_codes() -> None:
    with application(b'<http://x/a> <http://x/b> "c" .\n', None) as app:
        plain = app.test_client()

        assert "/contribute" not in read(plain.get("/").text).values("href")
        assert plain.get("/contribute").status_code == 404
        assert plain.get("/contribute/new/skill").status_code == 404
        assert plain.get("/codes/syntax").status_code == 200
        assert plain.get("/codes/Skill-prefLabel").status_code == 404


def test_a_folder_that_can_no_longer_be_read_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "shapes").mkdir()
    (tmp_path / "shapes/broken.ttl").write_text("<a")

    with application(graph(), release(), Settings(graph=str(tmp_path))) as app:
        for path in ("/contribute", "/codes"):
            response = app.test_client().get(path)
            assert response.status_code == 503
            assert str(tmp_path) not in response.text


# The guide, and the commands that it names


def commands() -> list[list[str]]:
    """The commands that the page shows."""
    lines = re.findall(r"^leadgraph (.+)$", guide.source("pull-request"), re.MULTILINE)
    return [shlex.split(line) for line in lines]


def run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_form_of_the_page_is_written_once(tmp_path: Path) -> None:
    (command,) = (each for each in commands() if each[0] == "new")

    first, second = run(command, tmp_path), run(command, tmp_path)

    assert (first.returncode, first.stdout) == (0, "listening-well.ttl\n")
    given = Given("listening-well", "Listening well", "listening-well")
    expected = form(FOLDER, kind_of(FOLDER, "skill"), "en", given).text
    assert (tmp_path / "listening-well.ttl").read_text("utf-8") == expected
    assert second.returncode == 2
    assert "it is there already" in second.stderr


def test_the_codes_of_the_page_are_explained(tmp_path: Path) -> None:
    explained = [each for each in commands() if each[0] == "explain"]

    assert len(explained) == 2
    for command in explained:
        assert run(command, tmp_path).stdout.startswith(command[1])


@pytest.mark.parametrize("arguments", [["new"], ["new", "role"], ["explain"], ["explain", "nul"]])
def test_a_command_speaks_the_language_of_the_reader(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")

    assert run(arguments, tmp_path).stdout == run([*arguments, "--lang", "de"], tmp_path).stdout
    assert run(arguments, tmp_path).stdout != run([*arguments, "--lang", "fr"], tmp_path).stdout


def test_a_form_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    result = run(["new", "skill", "--output", "nowhere/skill.ttl"], tmp_path)

    assert result.returncode == 2
    assert "nowhere/skill.ttl cannot be written: No such file" in result.stderr


def test_the_commands_of_the_page_and_their_options_exist() -> None:
    group, context = main, click.Context(main)
    for name, *arguments in commands():
        command = group.get_command(context, name)
        assert command is not None, name
        options = {option for each in command.params for option in each.opts}
        assert {each for each in arguments if each.startswith("--")} <= options, name


def snippets() -> list[dict[str, object]]:
    """What the page shows of YAML: the hooks, then the workflow."""
    found = re.findall(r"```yaml\n(.*?)```", guide.source("pull-request"), re.DOTALL)
    return [yaml.safe_load(each) for each in found]


def test_the_hooks_of_the_page_are_those_of_the_repository() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    (repository,) = snippets()[0]["repos"]

    assert {each["id"] for each in repository["hooks"]} <= {each["id"] for each in hooks}


def test_the_inputs_of_the_page_are_those_of_the_action() -> None:
    inputs = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["inputs"]
    *_, step = snippets()[1]["jobs"]["check"]["steps"]
    table = guide.source("pull-request").partition("| input |")[2].partition("\n\n")[0]

    assert set(step["with"]) <= set(inputs)
    assert set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == set(inputs)
