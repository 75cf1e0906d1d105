"""`leadgraph check`: what people type, what they see, and the exit status."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from pyoxigraph import RdfFormat, parse

from leadgraph.cli.files import check_command
from leadgraph.cli.main import main

HERE = Path(__file__).parent / "check"
ROOT = Path(__file__).parents[1]
GRAPH = HERE / "graph"
TREES = GRAPH / "data/trees.ttl"
QUIET = {"LC_ALL": "", "LC_MESSAGES": "", "LANG": ""}


def check(*arguments: str | Path, against: Path | None = GRAPH, **environment: str) -> Result:
    """Run the command here; the check itself has its process in any case."""
    options = ["--against", str(against)] if against else []
    typed = [*map(str, arguments), *options]
    return CliRunner().invoke(check_command, typed, env={**QUIET, **environment})


def test_a_good_file_ends_with_0() -> None:
    """One line says so."""
    result = check(TREES)
    assert result.exit_code == 0
    assert result.stdout == "No problems. Files: 1. Statements: 8.\n"
    assert result.stderr == ""


def test_problems_end_with_1() -> None:
    """A line for each thing to mend, and the sum."""
    result = check(HERE / "ten-mistakes.ttl", HERE / "broken.ttl")
    assert result.exit_code == 1
    *lines, summary = result.stdout.splitlines()
    heads = [line for line in lines if ": violation: " in line and line.endswith("]")]
    times = [int(found) for line in heads for found in re.findall(r" \(×(\d+)\) ", line)]
    assert len(heads) + sum(times) - len(times) == 13
    assert summary.startswith("Violations: 13. Warnings: 0. Files: 2. Statements: 31.")


def test_what_cannot_be_read_ends_with_2_and_the_rest_is_checked(tmp_path: Path) -> None:
    """A FIFO, a device without end, a folder, a missing file, RDF/XML: one line each."""
    os.mkfifo(tmp_path / "fifo.ttl")
    (tmp_path / "zero.ttl").symlink_to("/dev/zero")
    (tmp_path / "old.rdf").write_text("<rdf:RDF/>")
    names = ["fifo.ttl", "zero.ttl", "", "missing.ttl", "old.rdf"]
    result = check(*(tmp_path / name for name in names), HERE / "ten-mistakes.ttl")
    assert result.exit_code == 2
    assert [line.rpartition("[")[2] for line in result.stdout.splitlines()[:5]] == [
        "unreadable]",
        "unreadable]",
        "unreadable]",
        "unreadable]",
        "rdf-xml]",
    ]
    assert "[bed]" in result.stdout


def test_warnings_alone_end_with_0(tmp_path: Path) -> None:
    """They are shown."""
    path = tmp_path / "w.ttl"
    path.write_text(
        "@prefix ex: <http://example.org/garden#> .\n"
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        'ex:w a ex:Tree ; skos:prefLabel "W" ; ex:page "here" .'
    )
    result = check(path)
    assert result.exit_code == 0
    assert ": warning: A page is an IRI." in result.stdout
    assert result.stdout.endswith("Violations: 0. Warnings: 1. Files: 1. Statements: 3.\n")


def test_json_is_one_object() -> None:
    """Also for a machine that has no UTF-8."""
    result = check(HERE / "broken.ttl", "--format", "json", "--lang", "ar")
    assert result.exit_code == 1
    content = json.loads(result.stdout)
    assert content["problems"][0]["code"] == "syntax"
    assert "نقطة" in content["problems"][0]["message"]


@pytest.mark.parametrize(
    ("arguments", "environment", "summary"),
    [
        (["--lang", "fr"], {"LANG": "de_DE.UTF-8"}, "Aucun problème."),
        (["--lang", "pt-BR"], {}, "Nenhum problema."),
        ([], {"LANG": "de_DE.UTF-8"}, "Keine Probleme."),
        ([], {"LANG": "de_DE.UTF-8", "LC_MESSAGES": "es_MX"}, "Sin problemas."),
        ([], {"LC_ALL": "C", "LC_MESSAGES": "es_MX"}, "No problems."),
    ],
)
def test_the_report_speaks_the_language_of_the_reader(
    arguments: list[str], environment: dict[str, str], summary: str
) -> None:
    """`--lang`, else the locale; English for what is not shipped."""
    assert check(TREES, *arguments, **environment).stdout.startswith(summary)


def test_the_severity_is_a_word_of_the_reader_in_text_alone() -> None:
    """A machine reads the same word in every language."""
    assert ":7:1: Verstoß: " in check(HERE / "broken.ttl", "--lang", "de").stdout
    content = json.loads(check(HERE / "broken.ttl", "--lang", "de", "--format", "json").stdout)
    assert content["problems"][0]["severity"] == "violation"


def test_an_empty_file_ends_with_0(tmp_path: Path) -> None:
    """It is told that it says nothing."""
    (tmp_path / "new.ttl").write_text("@prefix ex: <http://example.org/> .\n")
    result = check(tmp_path / "new.ttl")
    assert result.exit_code == 0
    assert "new.ttl:1:1: warning: The file states nothing." in result.stdout


def test_own_shapes_are_used_alone_and_may_be_several(tmp_path: Path) -> None:
    """Neither the shapes of the graph nor its rules."""
    prefixes = "@prefix : <http://x.example/> . @prefix sh: <http://www.w3.org/ns/shacl#> . "
    for name in ("one", "two"):
        (tmp_path / f"{name}.ttl").write_text(
            f"{prefixes} :{name} sh:targetNode :it ; sh:nodeKind sh:Literal ; "
            f'sh:message "{name}!" .'
        )
    shapes = ("--shapes", tmp_path / "one.ttl", "--shapes", tmp_path / "two.ttl")
    result = check(HERE / "ten-mistakes.ttl", *shapes, against=None)
    assert result.exit_code == 1
    assert re.findall(r": violation: .* \[(\w+)\]$", result.stdout, re.MULTILINE) == ["one", "two"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--shapes", "missing.ttl"], "missing.ttl cannot be used to check anything"),
        (["--shapes", str(HERE / "broken.ttl")], "line 7, column 1"),
        (["--shapes", str(GRAPH / "data/beds.ttl")], "holds no shapes"),
        (["--against", str(HERE / "graph/data")], "no ontology/, shapes/ or data/"),
    ],
)
def test_what_nothing_can_be_checked_with_ends_with_2(arguments: list[str], words: str) -> None:
    """One line on stderr, nothing on stdout."""
    result = check(TREES, *arguments, against=None)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--shapes", "missing.ttl"], "shapes-invalid"),
        (["--against", str(GRAPH / "data")], "source-unreadable"),
    ],
)
def test_a_machine_gets_json_also_when_nothing_was_checked(arguments: list[str], code: str) -> None:
    """One object on stdout, the line on stderr as ever, in English."""
    result = check(TREES, *arguments, "--format", "json", "--lang", "fr", against=None)
    assert result.exit_code == 2
    content = json.loads(result.stdout)
    assert content["error"]["code"] == code
    assert content["conforms"] is False
    assert result.stderr == f"leadgraph: {content['error']['detail']}\n"


@pytest.mark.parametrize("form", ["sarif", "github", "junit", "turtle"])
def test_every_form_has_a_document_for_that(form: str) -> None:
    """What they say is tested with their writers."""
    result = check(TREES, "--shapes", "missing.ttl", "--format", form, against=None)
    assert result.exit_code == 2
    assert "missing.ttl" in result.stdout


def is_sarif(text: str) -> bool:
    return len(json.loads(text)["runs"][0]["results"]) == 12


def is_turtle(text: str) -> bool:
    return any(quad.object.value == "false" for quad in parse(text, format=RdfFormat.TURTLE))


FORMS = {
    "text": lambda text: "[bed]" in text,
    "json": lambda text: json.loads(text)["counts"]["violations"] == 12,
    "sarif": is_sarif,
    "github": lambda text: text.startswith("::error file="),
    "junit": lambda text: ElementTree.fromstring(text.encode()).attrib["failures"] == "12",
    "turtle": is_turtle,
}


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_ten_mistakes_are_told_in_every_form_and_language(tmp_path: Path, language: str) -> None:
    """One check, six files."""
    outputs = [f"--format={form}={tmp_path}/{form}" for form in FORMS]
    result = check(HERE / "ten-mistakes.ttl", *outputs, "--lang", language)
    assert (result.exit_code, result.stdout) == (1, "")
    for form, is_one in FORMS.items():
        assert is_one((tmp_path / form).read_text("utf-8")), form


def test_several_forms_at_once_go_to_files_and_to_the_shell(tmp_path: Path) -> None:
    """As in continuous integration: annotations, and a file to upload."""
    file = tmp_path / "report.sarif"
    options = ("--format", f"sarif={file}", "--format", "github")
    result = check(HERE / "ten-mistakes.ttl", *options)
    assert result.exit_code == 1
    assert FORMS["github"](result.stdout)
    assert is_sarif(file.read_text("utf-8"))
    refused = check(TREES, "--shapes", "missing.ttl", *options, against=None)
    assert refused.exit_code == 2
    assert not json.loads(file.read_bytes())["runs"][0]["results"]


def test_a_file_alone_leaves_the_shell_quiet(tmp_path: Path) -> None:
    result = check(HERE / "ten-mistakes.ttl", "--format", f"text={tmp_path}/a", "--color", "always")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "[bed]" in (tmp_path / "a").read_text("utf-8")
    assert "\x1b" not in (tmp_path / "a").read_text("utf-8")


@pytest.mark.parametrize(
    "options",
    [
        ["--format", "xml"],
        ["--format", "json="],
        ["--format", "json", "--format", "text"],
        ["--format", "json=a", "--format", "sarif=a"],
        ["--color", "yes"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant_is_refused_before_anything_is_done(options: list[str]) -> None:
    result = check(TREES, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Invalid value" in result.stderr


def test_a_report_is_not_written_over_what_is_checked(tmp_path: Path) -> None:
    (tmp_path / "new.ttl").write_text("<http")
    (tmp_path / "link").symlink_to("new.ttl")
    result = check(tmp_path / "new.ttl", "--format", f"text={tmp_path}/link")
    assert result.exit_code == 2
    assert "is to be checked" in result.stderr
    assert (tmp_path / "new.ttl").read_text() == "<http"


def test_a_report_that_cannot_be_saved_is_still_shown(tmp_path: Path) -> None:
    options = ["--format", "text", "--format", f"json={tmp_path}/no/folder"]
    typed = ["check", str(TREES), "--against", str(GRAPH), *options]
    result = CliRunner().invoke(main, typed, env=QUIET)
    assert result.exit_code == 2
    assert result.stdout.startswith("No problems.")
    assert "cannot be written" in result.stderr


def test_paths_are_those_from_the_root_of_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GitHub's own variable, where the files are in there."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data/new.ttl").write_text("<http")
    monkeypatch.chdir(tmp_path / "data")
    inside = check("new.ttl", "--format", "github", GITHUB_WORKSPACE=str(tmp_path))
    elsewhere = check("new.ttl", "--format", "github", GITHUB_WORKSPACE=str(ROOT))
    assert inside.stdout.startswith("::error file=data/new.ttl,")
    assert elsewhere.stdout.startswith("::error file=new.ttl,")


@pytest.mark.parametrize(
    ("arguments", "environment", "coloured"),
    [
        ("", {}, True),
        ("", {"NO_COLOR": "1"}, False),
        ("", {"NO_COLOR": ""}, True),
        ("", {"TERM": "dumb"}, False),
        ("--color never", {}, False),
        ("--color always", {"NO_COLOR": "1", "TERM": "dumb"}, True),
        ("--color always | cat", {}, True),
        ("| cat", {}, False),
    ],
)
def test_colours_are_for_those_who_see_them(
    arguments: str, environment: dict[str, str], coloured: bool
) -> None:
    code = "from leadgraph.cli.files import check_command; check_command()"
    typed = f"{sys.executable} -c '{code}' {HERE}/broken.ttl --against {GRAPH} {arguments}"
    around = {**os.environ, **QUIET, "PYTHONPATH": str(ROOT), "TERM": "xterm", **environment}
    result = subprocess.run(
        ["script", "-qec", typed, "/dev/null"], capture_output=True, env=around, check=False
    )
    assert (b"\x1b[31m" in result.stdout) is coloured


def test_shacl_is_spoken_to_those_who_ask() -> None:
    assert "sh:sourceConstraintComponent" not in check(HERE / "ten-mistakes.ttl").stdout
    told = check(HERE / "ten-mistakes.ttl", "--shacl").stdout
    assert "sh:sourceConstraintComponent sh:ClosedConstraintComponent" in told


def test_the_graph_of_the_settings_is_the_default() -> None:
    """`LEADGRAPH_GRAPH` for those who keep a graph of their own."""
    result = check(HERE / "ten-mistakes.ttl", against=None, LEADGRAPH_GRAPH=str(GRAPH))
    assert "[mutual-neighbours]" in result.stdout


def test_limits_come_from_settings_and_end_with_2() -> None:
    """A pattern that never ends is ended; the line says why."""
    shapes = ("--shapes", HERE / "backtracking-shapes.ttl")
    result = check(HERE / "many-letters.ttl", *shapes, against=None, LEADGRAPH_CHECK_SECONDS="1.2")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "it ran longer than 1.2 s and was at the shapes" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    result = check(TREES, LEADGRAPH_CHECK_SECONDS="soon")
    assert result.exit_code == 2
    assert "LEADGRAPH_CHECK_SECONDS" in result.stderr


def command(*arguments: str | Path, **options: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own."""
    code = "from leadgraph.cli.files import check_command; check_command(prog_name='check')"
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, **QUIET, "PYTHONPATH": path, **options}
    typed = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(typed, capture_output=True, env=environment, check=False)


def test_an_output_without_utf_8_gets_escapes() -> None:
    """No traceback, whatever the terminal."""
    result = command(TREES, "--against", GRAPH, "--lang", "ar", PYTHONIOENCODING="ascii")
    assert result.returncode == 0
    assert result.stdout.startswith(b" \\u202b\\u0644")
    assert result.stderr == b""


def test_no_module_of_the_working_folder_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that somebody sent may hold a `rdflib.py`."""
    for name in ("rdflib", "json", "pyshacl", "leadgraph"):
        (tmp_path / f"{name}.py").write_text("open('was-run', 'w'); raise SystemExit(0)")
    monkeypatch.chdir(tmp_path)
    result = check(TREES)
    assert result.exit_code == 0
    assert not (tmp_path / "was-run").exists()


def test_progress_speaks_after_a_second_and_only_to_a_terminal() -> None:
    """A person who waits is told what for; the test above sees that a pipe gets no more."""
    arguments = f"{HERE}/many-letters.ttl --shapes {HERE}/backtracking-shapes.ttl --lang de"
    python = f"{sys.executable} -c"
    code = '"from leadgraph.cli.files import check_command; check_command()"'
    environment = {**os.environ, "LEADGRAPH_CHECK_SECONDS": "1.5", "PYTHONPATH": str(ROOT)}
    typed = ["script", "-qec", f"{python} {code} {arguments}", "/dev/null"]
    start = time.monotonic()
    result = subprocess.run(typed, capture_output=True, env=environment, check=False, text=True)
    assert time.monotonic() - start > 1
    assert result.returncode == 2
    progress, error = result.stdout.splitlines()
    assert progress == "Sie werden mit den Shapes geprüft…"
    assert "longer than 1.5 s" in error


@pytest.mark.parametrize("name", ["noise.ttl", "noise.nt", "noise.jsonld"])
def test_noise_never_shows_a_traceback(tmp_path: Path, name: str) -> None:
    """The whole way, for bytes without meaning."""
    paths = []
    for seed in range(6):
        path = tmp_path / f"{seed}-{name}"
        path.write_bytes(bytes((seed * 31 + n * n) % (128 if seed % 2 else 256) for n in range(99)))
        paths.append(path)
    result = check(*paths)
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) >= len(paths) + 1
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("redirection", "status", "said"),
    [
        (">&-", 1, ""),
        ("2>&-", 1, ""),
        ("<&- >&- 2>&-", 1, ""),
        (
            ">/dev/full",
            2,
            "leadgraph: The report cannot be written to standard output: No space left on device."
            " Name another file behind --format.\n",
        ),
        ("| head -c 1", 1, ""),
    ],
)
def test_a_standard_stream_that_is_closed_or_full_leaves_no_traceback(
    redirection: str, status: int, said: str
) -> None:
    command = f"{sys.executable} -m leadgraph.cli.main check --lang en --against graph"
    script = f"set -o pipefail; {command} ten-mistakes.ttl {redirection}"
    done = subprocess.run(
        ["bash", "-c", script], cwd=HERE, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (status, said)
