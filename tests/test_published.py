"""The real graph: built by the command, asked over HTTP and from the shell."""

from __future__ import annotations

import contextlib
import csv
import http.client
import io
import json
import os
import shutil
import subprocess
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from leadgraph.publish.releases import latest, verify
from tests.graph import SHARED
from tests.test_serve import Server, free_port, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
COMMAND = [sys.executable, "-m", "leadgraph.cli.main"]
LABELS = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "


@cache
def questions() -> dict[str, dict[str, str]]:
    """The shared competency questions by id, each with the prefixes that all of them use."""
    path = SHARED / "domain" / "competency-questions.json"
    if not path.exists():
        return {}
    found = json.loads(path.read_text("utf-8"))
    return {
        question["id"]: {**question, "sparql": found["prefixes"] + question["sparql"]}
        for question in found["questions"]
    }


def run(*arguments: str, state: Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end with a state folder of its own."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env={**os.environ, "LEADGRAPH_STATE": str(state)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with the real graph in it, as `leadgraph build` makes it."""
    folder = tmp_path_factory.mktemp("state")
    result = run("build", state=folder)
    assert result.returncode == 0, result.stderr + result.stdout
    return folder


@pytest.fixture(scope="module")
def server(state: Path) -> Iterator[Server]:
    """A server of that release."""
    before = os.environ.get("LEADGRAPH_STATE")
    os.environ["LEADGRAPH_STATE"] = str(state)
    try:
        with serving("--workers", "1") as running:
            yield running
    finally:
        if before is None:
            del os.environ["LEADGRAPH_STATE"]


def test_the_release_is_whole(state: Path) -> None:
    release = latest(state)

    verify(release)
    assert release.statements > 10_000
    assert release.dataset.exists()


def test_building_again_makes_nothing_new(state: Path) -> None:
    before = sorted((state / "releases").iterdir())

    result = run("build", state=state)

    assert result.returncode == 0
    assert sorted((state / "releases").iterdir()) == before


@pytest.mark.parametrize("name", sorted(questions()) or ["absent"])
def test_a_competency_question_answers_as_expected_over_http(server: Server, name: str) -> None:
    if name == "absent":
        pytest.skip("../shared/domain/competency-questions.json is absent")
    status, body = server.get(questions()[name]["sparql"], "text/csv")

    assert status == 200
    header, *rows = csv.reader(io.StringIO(body.decode()))
    assert header
    assert rows == [[str(cell) for cell in row] for row in questions()[name]["expected"]]


def test_the_default_graph_holds_every_statement_once(server: Server) -> None:
    plain = server.get("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "text/csv")
    distinct = server.get(
        "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } "
        "FILTER(?g != <https://w3id.org/leadgraph/graph/shapes>) } }",
        "text/csv",
    )

    assert plain == distinct
    assert int(plain[1].split()[1]) > 7000


def test_shapes_are_asked_by_name_only(server: Server) -> None:
    shape = "PREFIX sh: <http://www.w3.org/ns/shacl#> ASK { %s }"

    assert server.get(shape % "?s a sh:NodeShape", "text/csv")[1] == b"false"
    named = "GRAPH <https://w3id.org/leadgraph/graph/shapes> { ?s a sh:NodeShape }"
    assert server.get(shape % named, "text/csv")[1] == b"true"


def test_the_ontology_is_asked_with_the_data(server: Server) -> None:
    query = (
        "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> ASK { "
        "?role a ?class . ?class rdfs:isDefinedBy <https://w3id.org/leadgraph/ns> }"
    )

    assert server.get(query, "text/csv")[1] == b"true"


def test_the_shell_shows_solutions_as_a_table(state: Path) -> None:
    result = run(
        "query",
        LABELS + "SELECT ?name { <https://w3id.org/leadgraph/id/role/coordinator> "
        "skos:prefLabel ?name }",
        state=state,
    )

    assert result.stdout.splitlines() == ["name", "-" * 16, "Coordinators @en", "(1 row)"]


def test_the_shell_writes_formats_for_machines(state: Path, tmp_path: Path) -> None:
    (tmp_path / "query.rq").write_text("SELECT (1 AS ?one) {}")
    query = f"@{tmp_path / 'query.rq'}"

    as_csv = run("query", query, "--format", "csv", state=state)
    as_json = run("query", query, "--format", "json", state=state)
    as_turtle = run("query", query, "--format", "turtle", state=state)

    assert as_csv.stdout.split() == ["one", "1"]
    assert json.loads(as_json.stdout)["results"]["bindings"][0]["one"]["value"] == "1"
    assert as_turtle.returncode == 2
    assert "--format is one of json, xml, csv, tsv" in as_turtle.stderr


def test_the_shell_says_yes_or_no(state: Path) -> None:
    assert run("query", "ASK { ?s ?p ?o }", state=state).stdout == "yes\n"
    assert run("query", "ASK { <http://a/> ?p ?o }", state=state).stdout == "no\n"


def test_a_release_that_was_changed_is_neither_asked_nor_served(
    state: Path, tmp_path: Path
) -> None:
    shutil.copytree(state, tmp_path / "state", symlinks=True)
    dataset = latest(tmp_path / "state").dataset
    dataset.chmod(0o644)
    dataset.write_bytes(dataset.read_bytes().replace(b'"100"', b'"999"'))

    for command in (("query", "ASK {}"), ("serve", "--port", str(free_port()))):
        result = run(*command, state=tmp_path / "state")
        assert result.returncode == 2
        assert result.stderr.count("\n") == 1
    assert "differs from the checksum" in run("query", "ASK {}", state=tmp_path / "state").stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["SELECT * {"], "not valid SPARQL at line 1, column 11"),
        (["@/no/such/file.rq"], "No such file"),
        (["SELECT * { SERVICE <http://a/> {} }"], "SERVICE (line 1, column 12)"),
        (
            ["SELECT (COUNT(*) AS ?n) {?a ?b ?c. ?d ?e ?f. ?g ?h ?i}", "--deadline", "0.2"],
            "stopped after 0.2 s",
        ),
    ],
)
def test_a_question_that_cannot_be_answered_is_one_clear_line(
    state: Path, arguments: list[str], words: str
) -> None:
    result = run("query", *arguments, state=state)

    assert result.returncode == 2
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_sources_with_violations_are_not_published_and_the_report_says_why(tmp_path: Path) -> None:
    for name in ("ontology", "shapes"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "role.ttl").write_text(
        "<https://w3id.org/leadgraph/id/role/x> a <https://w3id.org/leadgraph/ns#LeaderRole> ."
    )

    result = run("build", "--graph", str(tmp_path), state=tmp_path / "state")

    assert result.returncode == 2
    assert "LeaderRole-prefLabel" in result.stderr
    assert not (tmp_path / "state" / "releases").exists() or not list(
        (tmp_path / "state" / "releases").iterdir()
    )


def test_the_files_of_the_release_can_be_downloaded_as_they_are(
    server: Server, state: Path
) -> None:
    release = latest(state)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    with contextlib.closing(connection):
        for name, media_type in (
            ("leadgraph.nq", "application/n-quads"),
            ("void.ttl", "text/turtle"),
        ):
            connection.request("GET", f"/releases/{release.version}/{name}")
            response = connection.getresponse()
            body = response.read()
            assert (response.status, response.headers.get_content_type()) == (200, media_type)
            assert sha256(body).hexdigest() == release.files[name]
        for path in ("../latest.json", "%2e%2e/latest.json", "manifest.jsn", ""):
            connection.request("GET", f"/releases/{release.version}/{path}")
            response = connection.getresponse()
            response.read()
            assert response.status == 404
