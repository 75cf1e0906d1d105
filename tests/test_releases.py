"""A release is there as a whole or not at all, and says so when it was touched."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from leadgraph.errors import ReleaseDamaged, ReleaseMissing, SourceUnreadable, StateUnusable
from leadgraph.publish import releases
from leadgraph.publish.origin import Origin, origin
from leadgraph.read.turtle import open_directory
from leadgraph.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from leadgraph.model import GraphDirectory, Release

ORIGIN = Origin("program", "https://w3id.org/leadgraph/", {"data/a.ttl": "checksum"})
CONTENT = {"leadgraph.nq": b"<a:a> <a:b> <a:c> .\n", "graphs/a.ttl": b"<a:a> <a:b> <a:c> .\n"}


def publish(state: Path, version: str, made_of: Origin = ORIGIN) -> Release:
    """Publish a small release as a build does, all its steps in their order."""
    with releases.locked(state, print):
        with releases.staged(state) as folder:
            files = [releases.write(folder, name, data) for name, data in CONTENT.items()]
            manifest: releases.Manifest = {
                "version": version,
                "created": "2026-01-31T00:00:00+00:00",
                "digest": sha256(version.encode()).hexdigest(),
                "statements": 1,
                "files": {file.name: {"sha256": file.sha256} for file in files},
            }
            release = releases.publish(folder, state, manifest)
        releases.point(state, release, made_of)
    return release


def test_what_was_published_is_the_latest(tmp_path: Path) -> None:
    """The last one wins, the one before stays."""
    publish(tmp_path, "first")
    second = publish(tmp_path, "second")
    assert releases.latest(tmp_path) == second
    releases.verify(second)
    assert {path.name for path in (tmp_path / "releases").iterdir()} == {"first", "second"}


def test_files_of_a_release_are_read_only(tmp_path: Path) -> None:
    """Nobody edits a release by mistake."""
    release = publish(tmp_path, "first")
    modes = {path.stat().st_mode & 0o777 for path in release.path.rglob("*") if path.is_file()}
    assert modes == {0o444}


def test_an_empty_state_folder_has_no_release(tmp_path: Path) -> None:
    """Also if the folder itself is not there."""
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ReleaseMissing):
            releases.latest(folder)


def test_a_deleted_release_is_missing_and_not_damaged(tmp_path: Path) -> None:
    """Deleting the folder is what the error for damage tells people to do."""
    release = publish(tmp_path, "first")
    release.path.rename(tmp_path / "elsewhere")
    with pytest.raises(ReleaseMissing):
        releases.latest(tmp_path)


def rewrite(path: Path, change: Callable[[bytes], bytes]) -> None:
    """Change a file against its permissions."""
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(change(data))


@pytest.mark.parametrize("name", [*CONTENT])
@pytest.mark.parametrize(
    "change",
    [lambda data: data[:-1], lambda data: data + b" ", lambda data: b"_" + data[1:]],
    ids=["shorter", "longer", "other"],
)
def test_a_changed_file_is_found(
    tmp_path: Path, name: str, change: Callable[[bytes], bytes]
) -> None:
    """One byte is enough."""
    release = publish(tmp_path, "first")
    rewrite(release.path / name, change)
    with pytest.raises(ReleaseDamaged) as damaged:
        releases.verify(releases.latest(tmp_path))
    assert damaged.value.path == str(release.path / name)


def test_a_missing_file_is_found(tmp_path: Path) -> None:
    """A file that is gone is damage as well."""
    release = publish(tmp_path, "first")
    release.dataset.unlink()
    with pytest.raises(ReleaseDamaged):
        releases.verify(releases.latest(tmp_path))


@pytest.mark.parametrize("name", ["latest.json", "releases/first/manifest.json"])
@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"version": 1}', b"\xff"])
def test_unreadable_notes_are_damage(tmp_path: Path, name: str, text: bytes) -> None:
    """Whatever stands where the manifest or the pointer should, the error is ours."""
    publish(tmp_path, "first")
    rewrite(tmp_path / name, lambda _: text)
    with pytest.raises(ReleaseDamaged):
        releases.latest(tmp_path)


@pytest.mark.parametrize("name", ["version", "manifest", "program", "base", "sources"])
@pytest.mark.parametrize("value", [5, None, [], {"data/a.ttl": 5}], ids=str)
def test_a_pointer_to_something_odd_is_damage(tmp_path: Path, name: str, value: object) -> None:
    """Also if it is JSON with all its names, but not of the type that it was written with."""
    publish(tmp_path, "first")
    rewrite(
        tmp_path / "latest.json",
        lambda data: json.dumps({**json.loads(data), name: value}).encode(),
    )
    with pytest.raises(ReleaseDamaged) as damaged:
        releases.latest(tmp_path)
    assert damaged.value.path == str(tmp_path / "latest.json")


def test_a_manifest_that_was_edited_is_damage(tmp_path: Path) -> None:
    """Else whoever changes a dump could change its checksum with it."""
    release = publish(tmp_path, "first")
    rewrite(release.path / "manifest.json", lambda data: data.replace(b"2026", b"2025"))
    with pytest.raises(ReleaseDamaged):
        releases.latest(tmp_path)


def test_the_same_version_and_the_same_digest_are_found_again(tmp_path: Path) -> None:
    """A build that finds its release there already has nothing to write."""
    first = publish(tmp_path, "first")
    assert releases.find(tmp_path, "first", first.digest) == first
    assert releases.find(tmp_path, "tomorrow", first.digest) == first
    assert releases.find(tmp_path, "tomorrow", "another digest") is None


def test_the_state_folder_is_the_one_that_is_set_or_beside_the_graph() -> None:
    """Settings decide; nobody asks for the folder twice."""
    assert releases.state_folder(Settings(state="s", graph="g")) == Path("s")
    assert releases.state_folder(Settings(graph="g")) == Path("g/.leadgraph")
    assert releases.state_folder(Settings()) == Path(".leadgraph")


@pytest.fixture
def directory(tmp_path: Path) -> GraphDirectory:
    """A graph directory with a file of each kind; what they say does not matter here."""
    for name in ("ontology/o.ttl", "shapes/s.ttl", "shapes/r.rq", "data/d.ttl"):
        (tmp_path / "graph" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "graph" / name).write_text("# nothing\n")
    return open_directory(tmp_path / "graph")


def test_a_release_is_current_until_any_source_changes(
    tmp_path: Path, directory: GraphDirectory
) -> None:
    """The ontology, the shapes and the rules are sources like the data."""
    assert not releases.is_current(directory, tmp_path)
    publish(tmp_path, "first", origin(directory))
    assert releases.is_current(directory, tmp_path)
    paths = (*directory.ontology, *directory.shapes, *directory.rules, *directory.data)
    assert len(paths) == 4
    for path in paths:
        path.write_text("# something\n")
        assert not releases.is_current(directory, tmp_path)
        path.write_text("# nothing\n")
        assert releases.is_current(directory, tmp_path)


def test_a_file_more_or_less_makes_a_release_outdated(
    tmp_path: Path, directory: GraphDirectory
) -> None:
    """Also when all others are the same."""
    publish(tmp_path, "first", origin(directory))
    (directory.root / "data/e.ttl").write_text("# nothing\n")
    assert not releases.is_current(open_directory(directory.root), tmp_path)
    (directory.root / "data/e.ttl").unlink()
    (directory.root / "data/d.ttl").unlink()
    assert not releases.is_current(open_directory(directory.root), tmp_path)


def test_another_program_makes_a_release_outdated(
    tmp_path: Path, directory: GraphDirectory
) -> None:
    """A new version may check more, or infer more."""
    made_of = origin(directory)
    publish(tmp_path, "first", Origin("older", made_of.base, made_of.sources))
    assert not releases.is_current(directory, tmp_path)


def test_a_damaged_release_is_not_current(tmp_path: Path, directory: GraphDirectory) -> None:
    """Then a build tells what to do, instead of a server that starts with half a graph."""
    publish(tmp_path, "first", origin(directory))
    rewrite(tmp_path / "releases/first/manifest.json", lambda _: b"{}")
    assert not releases.is_current(directory, tmp_path)


def test_a_source_that_never_ends_is_refused(tmp_path: Path, directory: GraphDirectory) -> None:
    """A FIFO in the data folder must not make the build wait for its writer."""
    publish(tmp_path, "first")
    os.mkfifo(directory.root / "data/pipe.ttl")
    with pytest.raises(SourceUnreadable):
        releases.is_current(open_directory(directory.root), tmp_path)


def test_a_second_builder_waits_for_the_first(tmp_path: Path) -> None:
    """And says so; the lock goes when its holder is killed."""
    holder = f"""
import sys, time
from pathlib import Path
from leadgraph.publish import releases
with releases.locked(Path({str(tmp_path)!r}), print):
    print("locked", flush=True)
    time.sleep(60)
"""
    with python(holder) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "locked\n"
        said: list[str] = []

        def progress(line: str) -> None:
            said.append(line)
            first.kill()

        with releases.locked(tmp_path, progress):
            assert said == ["waiting for another build"]


def test_a_write_that_fails_publishes_nothing(tmp_path: Path) -> None:
    """The system's limit on the size of a file stands for a full disk: both are write errors."""
    publish(tmp_path, "first")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30, hard))
    try:
        with pytest.raises(StateUnusable) as unusable:
            publish(tmp_path, "second")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "File too large" in str(unusable.value)
    assert [path.name for path in (tmp_path / "releases").iterdir()] == ["first"]
    releases.verify(releases.latest(tmp_path))


def test_a_state_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """One error of ours, with the path in it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StateUnusable) as unusable:
        publish(tmp_path / "file/state", "first")
    assert str(tmp_path / "file/state") in str(unusable.value)
    with pytest.raises(ReleaseMissing):
        releases.latest(tmp_path / "file/state")


def test_a_read_only_state_folder_can_be_read_but_not_written(tmp_path: Path) -> None:
    """A server may run where only the builder may write."""
    first = publish(tmp_path, "first")
    for folder in (tmp_path, tmp_path / "releases"):
        folder.chmod(0o555)
    try:
        if os.access(tmp_path, os.W_OK):
            pytest.skip("this user may write everywhere")
        with pytest.raises(StateUnusable):
            publish(tmp_path, "second")
        assert releases.latest(tmp_path) == first
    finally:
        for folder in (tmp_path, tmp_path / "releases"):
            folder.chmod(0o755)


KILLED_EVERYWHERE = """
# Publish again and again, each time killed at a later file operation than the time before.
import itertools, os, signal, sys
from pathlib import Path

sys.path.insert(0, sys.argv[2])
from test_releases import publish
from leadgraph.publish import releases

state = Path(sys.argv[1])
publish(state, "0")
seen = ["0"]
for last in itertools.count(1):
    child = os.fork()
    if not child:
        operations = itertools.count(1)

        def hook(event, arguments):
            if event == "open" or event.startswith(("os.", "shutil.", "fcntl.")):
                if next(operations) == last:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        publish(state, str(last))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    release = releases.latest(state)
    releases.verify(release)
    seen.append(release.version)
    if not os.WIFSIGNALED(status):
        break
print(last, len(set(seen)), release.version == str(last))
"""


def test_a_publisher_killed_before_any_file_operation_leaves_a_whole_release(
    tmp_path: Path,
) -> None:
    """Before each `open`, `mkdir`, `rename`...: afterwards the latest is the old or the new one."""
    here = str(Path(__file__).parent)
    with python(KILLED_EVERYWHERE, str(tmp_path), here) as publisher:
        output, _ = publisher.communicate(timeout=60)
    operations, versions, finished = output.split()
    assert int(operations) > 20
    assert int(versions) >= 2
    assert finished == "True"
    assert not list(tmp_path.glob("**/.tmp-*"))


def test_what_was_published_can_be_checked_without_this_program(tmp_path: Path) -> None:
    """The manifest is JSON, and its checksums are those of `sha256sum`."""
    release = publish(tmp_path, "first")
    manifest = json.loads((release.path / "manifest.json").read_bytes())
    for name, file in manifest["files"].items():
        assert file["sha256"] == sha256((release.path / name).read_bytes()).hexdigest()


def python(script: str, *arguments: str) -> subprocess.Popen[str]:
    """Start Python in the checkout, with its output to be read."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )
