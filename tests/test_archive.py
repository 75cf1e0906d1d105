"""A saved query is computed again to the same bytes, from its file alone."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from hashlib import sha256
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest

from leadgraph.errors import ArchiveUnusable
from leadgraph.link.ledger.archive import opened
from leadgraph.link.ledger.plain_json import schema
from tests.counting import PREFIX, Counting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SKILLS = """PREFIX lg: <https://w3id.org/leadgraph/ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?skill ?name WHERE { ?skill a lg:Skill ; skos:prefLabel ?name }"""
ITEMS = "http://www.w3.org/2004/02/skos/core#exactMatch"


def run(
    folder: Path, *arguments: str, status: int = 0, **variables: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "leadgraph.cli.main", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **path(), **variables},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == status, done.stderr.decode()
    return done


def path() -> dict[str, str]:
    """Where this house is imported from."""
    return {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a release."""
    folder = tmp_path_factory.mktemp("home")
    run(folder, "build")
    return folder


@pytest.fixture(scope="module")
def saved(home: Path) -> Path:
    """An archive of a query of ours alone."""
    run(home, "query", SKILLS, "--format", "csv", "--save", "saved.zip")
    return home / "saved.zip"


@pytest.mark.parametrize(
    ("query", "options"),
    [
        (SKILLS, ()),
        (SKILLS, ("--format", "xml")),
        (SKILLS, ("--format", "tsv")),
        ("ASK { ?s ?p ?o }", ()),
        (SKILLS.replace("SELECT ?skill ?name", "CONSTRUCT { ?skill a ?name }"), ()),
        ("DESCRIBE <https://w3id.org/leadgraph/id/skill/mentoring>", ("--format", "ntriples")),
        ("SELECT * { ?s ?p ?o . ?o ?q ?r } LIMIT 3000", ("--format", "json")),
    ],
    ids=["table", "xml", "tsv", "ask", "construct", "describe", "unordered"],
)
def test_a_saved_query_gives_the_same_bytes_elsewhere(
    query: str, options: tuple[str, ...], home: Path, tmp_path: Path
) -> None:
    asked = run(home, "query", query, *options, "--save", str(tmp_path / "it.zip"))
    again = run(tmp_path, "replay", "it.zip")

    assert again.stdout == asked.stdout
    assert b"the same" in again.stderr
    assert [entry.name for entry in tmp_path.iterdir()] == ["it.zip"]


def test_what_the_engine_on_disk_answered_is_computed_by_it_again(
    home: Path, tmp_path: Path
) -> None:
    query, file = "SELECT * { ?s ?p ?o } LIMIT 500", str(tmp_path / "it.zip")
    asked = run(home, "query", query, "--save", file, LEADGRAPH_ENGINE="disk")

    assert run(tmp_path, "replay", file).stdout == asked.stdout
    assert json.loads(entries(tmp_path / "it.zip")["manifest.json"])["engine"] == "disk"


def test_the_same_query_is_saved_in_the_same_bytes(home: Path, tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        run(home, "query", SKILLS, "--save", str(tmp_path / name))

    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_the_archive_can_be_read_by_anybody(saved: Path) -> None:
    with zipfile.ZipFile(saved) as archive:
        assert archive.testzip() is None
        manifest = json.loads(archive.read("manifest.json"))
        assert archive.read("query.rq").decode() == SKILLS
        assert archive.read("result.csv").startswith(b"skill,name\r\n")
        for name, file in manifest["files"].items():
            data = archive.read(name)
            assert (sha256(data).hexdigest(), len(data)) == (file["sha256"], file["bytes"])
        assert {*manifest["files"], "manifest.json"} == set(archive.namelist())
    assert manifest["release"]["version"].startswith("20")
    assert {"leadgraph", "pyoxigraph", "engine", "base", "settings"} < set(manifest)


def test_what_is_new_each_time_is_said_to_be(home: Path, tmp_path: Path) -> None:
    file = str(tmp_path / "it.zip")
    asked = run(home, "query", "SELECT (STRUUID() AS ?x) {}", "--save", file)
    again = run(tmp_path, "replay", file, status=1)

    assert b"new each time" in asked.stderr
    assert b"differs at line 1" in again.stderr
    assert b"new each time" in again.stderr


def test_an_endpoint_cannot_be_saved(tmp_path: Path) -> None:
    done = run(
        tmp_path, "query", "ASK {}", "--endpoint", "http://127.0.0.1:9/", "--save", "x", status=2
    )

    assert b"--save is for the published graph" in done.stderr


def test_a_file_that_cannot_be_written_is_told_of(home: Path) -> None:
    done = run(home, "query", "ASK {}", "--save", "no/such/folder.zip", status=2)

    assert b"no/such/folder.zip" in done.stderr
    assert b"Traceback" not in done.stderr


def entries(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as file:
        return {name: file.read(name) for name in file.namelist()}


def packed(folder: Path, content: dict[str, bytes]) -> Path:
    file = folder / "changed.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return file


def with_manifest(content: dict[str, bytes]) -> dict[str, bytes]:
    """The content with a manifest that is true of it."""
    manifest = json.loads(content["manifest.json"])
    manifest["files"] = {
        name: {"sha256": sha256(data).hexdigest(), "bytes": len(data)}
        for name, data in content.items()
        if name != "manifest.json"
    }
    return {**content, "manifest.json": json.dumps(manifest).encode()}


def changed_manifest(content: dict[str, bytes], **members: object) -> dict[str, bytes]:
    manifest = {**json.loads(content["manifest.json"]), **members}
    return {**content, "manifest.json": json.dumps(manifest).encode()}


CHANGES: dict[str, Callable[[dict[str, bytes]], dict[str, bytes]]] = {
    "another byte": lambda it: {**it, "result.csv": it["result.csv"][:-3] + b"x\r\n"},
    "a byte more": lambda it: {**it, "query.rq": it["query.rq"] + b" "},
    "a file less": lambda it: {name: it[name] for name in it if name != "question.json"},
    "a file more": lambda it: {**it, "more.txt": b"x"},
    "a path out": lambda it: with_manifest({**it, "../../evil": b"x"}),
    "an absolute path": lambda it: with_manifest({**it, "/tmp/evil": b"x"}),
    "no manifest": lambda it: {name: it[name] for name in it if name != "manifest.json"},
    "another form": lambda it: changed_manifest(it, format="something"),
    "a later version": lambda it: changed_manifest(it, version=2),
    "another base": lambda it: changed_manifest(it, base="http://example.org/"),
    "an address as engine": lambda it: changed_manifest(it, engine="http://127.0.0.1:1/"),
    "no files": lambda it: changed_manifest(it, files={}),
    "files of no form": lambda it: changed_manifest(it, files=[1]),
    "a length below zero": lambda it: changed_manifest(
        it, files={name: {"sha256": "", "bytes": -1} for name in it}
    ),
    "two results": lambda it: with_manifest({**it, "result.tsv": b"x"}),
    "a ledger without rows": lambda it: with_manifest({**it, "ledger.json": b"{}"}),
    "a ledger of no form": lambda it: with_manifest(
        {**it, "ledger.json": b"{}", "ledger.ttl": b"", "received.json": b"[]"}
    ),
    "a question of no form": lambda it: with_manifest({**it, "question.json": b"[]"}),
    "a question without an end": lambda it: with_manifest({**it, "question.json": b"[" * 100_000}),
    "a query that is no UTF-8": lambda it: with_manifest({**it, "query.rq": b"\xff\xfe"}),
    "a manifest of no JSON": lambda it: {**it, "manifest.json": b"{"},
    "a manifest without an end": lambda it: {**it, "manifest.json": b"[" * 100_000},
    "a manifest of two megabytes": lambda it: {**it, "manifest.json": b" " * 2**21},
    "a bomb": lambda it: with_manifest({**it, "leadgraph.nq": b"\n" * 50_000_000}),
}


@pytest.mark.parametrize("change", list(CHANGES))
def test_what_is_not_what_was_saved_is_refused(change: str, saved: Path, tmp_path: Path) -> None:
    file = packed(tmp_path, CHANGES[change](entries(saved)))
    with pytest.raises(ArchiveUnusable) as caught, opened(file):
        pass

    assert str(file) in str(caught.value)
    assert [entry.name for entry in tmp_path.iterdir()] == ["changed.zip"]


def test_an_archive_that_is_packed_anew_but_says_the_same_is_good(
    saved: Path, tmp_path: Path
) -> None:
    with opened(packed(tmp_path, entries(saved))) as archive:
        assert archive.saved.question.text == SKILLS
        assert archive.dataset.read_bytes() == entries(saved)["leadgraph.nq"]
    assert not archive.dataset.exists()


def test_a_cut_file_is_refused(saved: Path, tmp_path: Path) -> None:
    whole = saved.read_bytes()
    for part in (0, 1, 30, len(whole) // 2, len(whole) - 1):
        file = tmp_path / f"{part}.zip"
        file.write_bytes(whole[:part])
        with pytest.raises(ArchiveUnusable), opened(file):
            pass


def test_a_file_with_a_changed_byte_is_refused_or_says_the_same(
    saved: Path, tmp_path: Path
) -> None:
    whole = bytearray(saved.read_bytes())
    with opened(saved) as archive:
        good = archive.saved
    for place in range(0, len(whole), len(whole) // 60):
        whole[place] ^= 0x55
        file = tmp_path / "it.zip"
        file.write_bytes(whole)
        whole[place] ^= 0x55
        try:
            with opened(file) as archive:
                assert archive.saved == good
        except ArchiveUnusable:
            pass


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused(saved: Path, tmp_path: Path) -> None:
    file = packed(tmp_path, entries(saved))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("query.rq", "ASK {}")
    with pytest.raises(ArchiveUnusable, match="two files of one name"), opened(file):
        pass


def test_a_file_that_unpacks_to_more_than_it_says_is_refused(saved: Path, tmp_path: Path) -> None:
    """The length in the directory is a lie: what is packed is a thousand times as long."""
    content = entries(saved)
    bomb = b"x" * 3_000_000
    file = packed(tmp_path, with_manifest({**content, "query.rq": bomb}))
    data = file.read_bytes()
    data = data.replace(struct.pack("<I", len(bomb)), struct.pack("<I", 100))
    file.write_bytes(data)
    with pytest.raises(ArchiveUnusable), opened(file):
        pass


def test_what_is_no_zip_file_is_told_of_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "it.zip").write_bytes(zlib.compress(b"not this"))
    done = run(tmp_path, "replay", "it.zip", status=2)

    assert done.stderr.startswith(b"leadgraph: it.zip cannot be replayed: ")
    assert done.stderr.count(b"\n") == 1
    assert b"No such file" in run(tmp_path, "replay", "none.zip", status=2).stderr


@pytest.fixture
def items(home: Path) -> Iterator[Counting]:
    """An endpoint that knows something of our skills' items."""
    query = f"SELECT DISTINCT ?i {{ ?s <{ITEMS}> ?i }}"
    found = run(home, "query", query, "--format", "csv").stdout.decode().split()[1:]
    assert found
    turtle = "".join(f'<{iri}> <{PREFIX}name> "item {n}" , [] .\n' for n, iri in enumerate(found))
    with Counting(turtle) as endpoint:
        yield endpoint


def test_a_federated_answer_is_computed_again_without_asking_anybody(
    home: Path, tmp_path: Path, items: Counting
) -> None:
    query = (
        f"SELECT * {{ ?s <{ITEMS}> ?i SERVICE <{items.address}> {{ ?i <{PREFIX}name> ?name }} }}"
    )
    file = str(tmp_path / "it.zip")
    asked = run(
        home,
        *("query", query, "--format", "json", "--save", file),
        LEADGRAPH_SERVICE_ALLOW=items.address,
    )
    requests = len(items.asked)
    again = run(tmp_path, "replay", file)

    assert again.stdout == asked.stdout
    assert len(json.loads(asked.stdout)["results"]["bindings"]) > 1
    assert requests == 1
    assert len(items.asked) == requests
    assert f"{items.address}: asked 20".encode() in asked.stderr
    assert b"1 request" in asked.stderr
    content = entries(tmp_path / "it.zip")
    jsonschema_rs.Draft202012Validator(json.loads(schema())).validate(
        json.loads(content["ledger.json"])
    )
    assert b"prov:Activity" in content["ledger.ttl"]


def test_a_second_query_asks_nobody_unless_it_wants_it_fresh(home: Path, items: Counting) -> None:
    query = f"SELECT * {{ ?s <{ITEMS}> ?i SERVICE <{items.address}> {{ ?i <{PREFIX}name> ?n }} }}"
    allow = {"LEADGRAPH_SERVICE_ALLOW": items.address}
    first = run(home, "query", query, **allow)
    second = run(home, "query", query, **allow)
    assert len(items.asked) == 1
    third = run(home, "query", query, "--no-cache", **allow)

    assert len(items.asked) == 2
    assert first.stdout == second.stdout == third.stdout
    assert b"from cache (" in second.stderr
    assert b"live" in third.stderr


def test_a_partial_answer_is_marked(home: Path, tmp_path: Path, items: Counting) -> None:
    items.mood = lambda _: (400, "not today")
    silent = f"SERVICE SILENT <{items.address}> {{ ?i <{PREFIX}name> ?n }}"
    query = f"SELECT * {{ ?s <{ITEMS}> ?i {silent} }}"
    file = str(tmp_path / "it.zip")
    asked = run(home, "query", query, "--save", file, LEADGRAPH_SERVICE_ALLOW=items.address)
    again = run(tmp_path, "replay", file)

    assert again.stdout == asked.stdout
    assert asked.stderr.startswith(b"PARTIAL: ")
    assert b"not today" in asked.stderr
    assert b"PARTIAL: " in again.stderr
