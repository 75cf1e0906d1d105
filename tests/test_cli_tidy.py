"""`leadgraph tidy`: what people type, what is written, and the exit status."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from leadgraph.cli.tidy import tidy_command

HERE = Path(__file__).parent / "tidy"
UGLY = (HERE / "ugly.ttl").read_bytes()
TIDY = (HERE / "tidy.ttl").read_bytes()
QUIET = {"LC_ALL": "", "LC_MESSAGES": "", "LANG": ""}


def run(*arguments: str | Path, data: bytes = b"", **environment: str) -> Result:
    """Run the command here."""
    typed = [str(argument) for argument in arguments]
    return CliRunner().invoke(tidy_command, typed, input=data, env={**QUIET, **environment})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that is not tidy."""
    path = tmp_path / "ugly.ttl"
    path.write_bytes(UGLY)
    return path


def test_a_file_is_tidied_in_place_and_keeps_its_mode(file: Path) -> None:
    file.chmod(0o640)

    result = run(file)

    assert result.exit_code == 0
    assert result.stdout == f"{file} is tidy now.\n"
    assert file.read_bytes() == TIDY
    assert file.stat().st_mode & 0o777 == 0o640
    assert list(file.parent.iterdir()) == [file]


def test_a_tidy_file_is_not_touched(file: Path) -> None:
    file.write_bytes(TIDY)
    before = file.stat()

    result = run(file)

    assert (result.exit_code, result.stdout) == (0, "")
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_link_stays_a_link(file: Path) -> None:
    link = file.with_name("link.ttl")
    link.symlink_to(file.name)

    assert run(link).exit_code == 0
    assert link.is_symlink()
    assert file.read_bytes() == TIDY


def test_check_says_which_file_is_not_tidy_and_writes_nothing(file: Path) -> None:
    good = file.with_name("good.ttl")
    good.write_bytes(TIDY)

    result = run("--check", file, good, "--lang", "es")

    assert result.exit_code == 1
    assert result.stdout == f"{file} no está ordenado. Ejecuta `leadgraph tidy` con él.\n"
    assert file.read_bytes() == UGLY
    assert run("--check", good).exit_code == 0


def test_diff_is_a_patch_and_writes_nothing(file: Path) -> None:
    result = run("--diff", file)

    assert result.exit_code == 0
    assert file.read_bytes() == UGLY
    patch = ["patch", "--binary", "-s", "-o", "-", str(file)]
    patched = subprocess.run(patch, input=result.stdout_bytes, capture_output=True, check=True)
    assert patched.stdout == TIDY


def test_diff_and_check_together_show_and_fail(file: Path) -> None:
    result = run("--diff", "--check", file)

    assert result.exit_code == 1
    assert result.stdout.startswith(f"--- {file}\n+++ {file}\n@@ ")
    assert result.stderr == f"{file} is not tidy. Run `leadgraph tidy` on it.\n"


def test_a_dash_is_the_standard_input_and_output() -> None:
    result = run("-", data=UGLY)

    assert (result.exit_code, result.stdout_bytes) == (0, TIDY)
    assert run("-", data=TIDY).stdout_bytes == TIDY


def test_what_is_no_turtle_is_left_alone_and_the_rest_is_tidied(file: Path) -> None:
    broken = file.with_name("broken.ttl")
    broken.write_bytes(b"<a:s> <a:p> ;\n")

    result = run(broken, file.with_name("missing.ttl"), file)

    assert result.exit_code == 2
    assert f"{broken}:1:" in result.stderr
    assert "[unreadable]" in result.stderr
    assert broken.read_bytes() == b"<a:s> <a:p> ;\n"
    assert file.read_bytes() == TIDY


def test_a_read_only_file_is_left_alone(file: Path) -> None:
    file.chmod(0o444)

    result = run(file)

    assert result.exit_code == 2
    assert result.stderr == (
        f"leadgraph: {file} was left as it is: it is read-only. Make it writable and try again.\n"
    )
    assert file.read_bytes() == UGLY


def test_line_ends_become_lf_and_a_byte_order_mark_goes(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf<a:s> <a:p> 1 .\r\n# c\r\n")

    assert run(file).exit_code == 0
    assert file.read_bytes() == b"<a:s>  <a:p>  1 .\n# c\n"


def test_the_command_runs_and_works_in_any_locale(file: Path) -> None:
    command = [sys.executable, "-m", "leadgraph.cli.main", "tidy", "-"]
    environment = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    with file.open("rb") as stdin:
        result = subprocess.run(
            command, stdin=stdin, capture_output=True, check=True, env=environment
        )

    assert result.stdout == TIDY
