"""What runs where contributors are: the hooks of pre-commit and the steps of the GitHub Action."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from tests.schema_store import published

ROOT = Path(__file__).parents[1]
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
GOOD = """@prefix lg:         <https://w3id.org/leadgraph/ns#> .
@prefix skos:       <http://www.w3.org/2004/02/skos/core#> .
@prefix role:       <https://w3id.org/leadgraph/id/role/> .
@prefix role-group: <https://w3id.org/leadgraph/id/role-group/> .

role:newsletter-editor
    a               lg:LeaderRole ;
    skos:prefLabel  "Newsletter editor"@en ;
    skos:broadMatch role-group:people-who-drive-collaboration ;
    lg:bearerKind   lg:PersonBearer .
"""
BAD = GOOD.replace("lg:PersonBearer", "lg:Person")


@pytest.fixture
def path_of_commands(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where a shell finds `leadgraph`, as after the installation."""
    folder = tmp_path_factory.mktemp("bin")
    command = folder / "leadgraph"
    command.write_text(
        f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m leadgraph.cli.main "$@"\n'
    )
    command.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


class Repository:
    """A checkout of contributors, and how commands run in it."""

    def __init__(self, folder: Path, path: str) -> None:
        self.folder = folder
        self.env = {
            "PATH": path,
            "LANG": "C.UTF-8",
            "HOME": str(folder),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GITHUB_WORKSPACE": str(folder),
        }
        self.git("init", "--quiet", "--initial-branch=main")

    def run(self, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.env | env,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
        result = self.run("git", *identity, *arguments)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    def commit(self, **files: str | None) -> str:
        """Write and commit files (`data__x` is data/x.ttl), None removes one; return the commit."""
        for name, text in files.items():
            path = self.folder / f"{name.replace('__', '/')}.ttl"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink() if text is None else path.write_text(text, "utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "change")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path, path_of_commands: str) -> Repository:
    folder = tmp_path / "checkout"
    folder.mkdir()
    return Repository(folder, path_of_commands)


def step(repository: Repository, base: str, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the step `check` of the action as GitHub does: its script, inputs as its `env` says."""
    (check,) = (step for step in ACTION["runs"]["steps"] if step.get("id") == "check")
    defaults = {name: str(text["default"]) for name, text in ACTION["inputs"].items()} | inputs
    env = {
        name: re.sub(r"\$\{\{ inputs\.(\w+) }}", lambda found: defaults[found[1]], value)
        for name, value in check["env"].items()
    }
    output = repository.folder.parent / "output"
    output.write_text("")
    env |= {"BASE": base, "GITHUB_ACTION_PATH": str(ROOT), "GITHUB_OUTPUT": str(output)}
    result = repository.run("bash", "-e", "-o", "pipefail", "-c", check["run"], **env)
    result.stderr += output.read_text()
    return result


# --- pre-commit ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_is_complete(name: str) -> None:
    hook = HOOKS[name]

    assert hook["language"] == "python"
    assert hook["require_serial"] is True
    assert re.search(hook["files"], "data/x.ttl")
    assert not re.search(hook["files"], "data/x.ttl.orig")


def test_the_check_hook_passes_what_is_good_and_stops_what_is_bad(repository: Repository) -> None:
    repository.commit(good=GOOD, bad=BAD.replace("newsletter", "podcast").replace("News", "Pod"))
    command = shlex.split(HOOKS["leadgraph-check"]["entry"])

    assert repository.run(*command, "good.ttl").returncode == 0
    result = repository.run(*command, "good.ttl", "bad.ttl")
    assert result.returncode == 1
    assert "bad.ttl:10:21: violation: " in result.stdout


def test_the_fix_hook_mends_what_has_one_right_answer(repository: Repository) -> None:
    repository.commit(good=GOOD.replace('editor"@en', 'editor "@EN'))
    command = shlex.split(HOOKS["leadgraph-fix"]["entry"])

    repository.run(*command, "good.ttl")

    assert '"Newsletter editor"@en' in (repository.folder / "good.ttl").read_text()
    assert repository.git("diff", "--name-only") == "good.ttl"


def test_the_tidy_hook_changes_the_layout_and_nothing_the_second_time(
    repository: Repository,
) -> None:
    repository.commit(good=GOOD.replace(" ;\n    skos", "; skos"))
    command = shlex.split(HOOKS["leadgraph-tidy"]["entry"])

    assert repository.run(*command, "good.ttl").returncode == 0
    first = (repository.folder / "good.ttl").read_text()
    repository.run(*command, "good.ttl")

    assert repository.git("diff", "--name-only") == "good.ttl"
    assert (repository.folder / "good.ttl").read_text() == first


# --- The GitHub Action ---------------------------------------------------------------------------


def test_the_action_marks_the_lines_of_changed_files_and_writes_sarif(
    repository: Repository,
) -> None:
    base = repository.commit(data__old=BAD, data__gone=GOOD)
    name = "data/Zeitschrift für alle.ttl"
    (repository.folder / name).write_text(BAD.replace("newsletter", "podcast"), "utf-8")
    repository.commit(data__gone=None)

    result = step(repository, base, lang="de")

    assert result.returncode == 1, result.stderr
    assert "conforms=false" in result.stderr
    assert f"::error file={name},line=10,endLine=10,col=21,endColumn=30," in result.stdout
    assert "old.ttl" not in result.stdout
    assert "bearerKind" in result.stdout
    sarif = json.loads((repository.folder / "leadgraph.sarif").read_text())
    (run,) = sarif["runs"]
    places = {
        r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]
    }
    assert places == {"data/Zeitschrift%20f%C3%BCr%20alle.ttl"}


def test_the_action_passes_a_good_change(repository: Repository) -> None:
    base = repository.commit(other=BAD)
    repository.commit(data__new=GOOD.replace("newsletter", "podcast").replace("News", "Pod"))

    result = step(repository, base)

    assert (result.returncode, "conforms=true" in result.stderr) == (0, True), result.stdout


def test_the_action_has_nothing_to_say_of_other_files(repository: Repository) -> None:
    base = repository.commit(other=BAD)
    (repository.folder / "README.md").write_text("x")
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "words")

    result = step(repository, base)

    assert result.returncode == 0
    assert result.stdout == "No Turtle, N-Triples or JSON-LD file was changed.\n"


def test_the_action_checks_every_file_of_a_new_branch_or_those_that_are_named(
    repository: Repository,
) -> None:
    repository.commit(a=BAD, b=BAD.replace("newsletter", "podcast"))

    assert "file=a.ttl" in step(repository, "0" * 40).stdout
    named = step(repository, "", files="b.ttl", sarif="").stdout
    assert "file=b.ttl" in named
    assert "file=a.ttl" not in named


def test_the_action_fetches_the_base_that_a_shallow_checkout_lacks(
    repository: Repository, tmp_path: Path, path_of_commands: str
) -> None:
    base = repository.commit(old=BAD)
    repository.commit(new=BAD.replace("newsletter", "podcast"))
    repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
    repository.git(
        "clone", "--quiet", "--depth=1", f"file://{repository.folder}", str(tmp_path / "shallow")
    )
    shallow = Repository(tmp_path / "shallow", path_of_commands)

    result = step(shallow, base)

    assert "file=new.ttl" in result.stdout, result.stderr
    assert "old.ttl" not in result.stdout


def test_the_action_does_not_take_a_file_name_for_an_option(repository: Repository) -> None:
    base = repository.commit(other=GOOD)
    (repository.folder / "--lang=x.ttl").write_text(BAD)
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "trick")

    result = step(repository, base)

    assert result.returncode == 1
    assert "file=--lang=x.ttl" in result.stdout


def test_the_action_names_only_inputs_and_outputs_that_exist() -> None:
    text = (ROOT / "action.yml").read_text()

    assert set(re.findall(r"inputs\.(\w+)", text)) == set(ACTION["inputs"])
    assert set(re.findall(r"steps\.check\.outputs\.(\w+)", text)) == set(ACTION["outputs"])


def test_the_action_is_one_by_the_schema_of_github_actions() -> None:
    schema = published("https://json.schemastore.org/github-action.json")

    # the copy of the schema is older than this key of steps (GitHub, 2022)
    steps = [dict(step) for step in ACTION["runs"]["steps"]]
    kept = [step.pop("continue-on-error", None) for step in steps]
    assert kept.count(True) == 1

    jsonschema_rs.validate(schema, {**ACTION, "runs": {"using": "composite", "steps": steps}})
    without_shell = {**ACTION, "runs": {"using": "composite", "steps": [{"run": "true"}]}}
    assert not jsonschema_rs.is_valid(schema, without_shell)
