"""What other endpoints answered is remembered for a while, within bytes, by all processes."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from typing import TYPE_CHECKING

import pytest

from leadgraph.link.asking.memory import Memory, digest
from leadgraph.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

NAMES = [digest("name", str(n)) for n in range(5)]


def memory(folder: Path, **settings: int) -> Memory:
    return Memory(folder, Settings(**settings))


def lines_of(of: Memory, *names: bytes, since: float = 0.0) -> dict[bytes, tuple[str, ...]]:
    return {name: known.lines for name, known in of.find(names, since).items()}


def fork(work: object) -> int:
    """Run something in a forked process; return its exit status."""
    process = os.fork()
    if process == 0:
        code = 1
        try:
            assert callable(work)
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def test_a_name_has_the_lines_that_were_kept_under_it(tmp_path: Path) -> None:
    it = memory(tmp_path)
    it.keep({NAMES[0]: ["a\tb", "c\td"], NAMES[1]: [], NAMES[2]: ["", "é"]})

    assert lines_of(it, *NAMES) == {NAMES[0]: ("a\tb", "c\td"), NAMES[1]: (), NAMES[2]: ("", "é")}


def test_a_later_answer_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    it = memory(tmp_path)
    it.keep({NAMES[0]: ["old"], NAMES[1]: ["other"]})
    it.keep({NAMES[0]: ["new"]})

    assert lines_of(it, *NAMES) == {NAMES[0]: ("new",), NAMES[1]: ("other",)}


def test_more_names_than_one_statement_takes_are_found(tmp_path: Path) -> None:
    it = memory(tmp_path)
    names = [digest(str(n)) for n in range(3000)]
    it.keep({name: [name.hex()] for name in names})

    assert lines_of(it, *names) == {name: (name.hex(),) for name in names}


def test_only_what_came_since_a_time_is_found(tmp_path: Path) -> None:
    it = memory(tmp_path)
    before = time.time()
    it.keep({NAMES[0]: ["x"]})

    assert lines_of(it, NAMES[0], since=before)
    assert not lines_of(it, NAMES[0], since=time.time() + 0.001)


def test_what_comes_from_the_future_is_not_believed(tmp_path: Path) -> None:
    it = memory(tmp_path)
    it.keep({NAMES[0]: ["x"]})
    with sqlite3.connect(tmp_path / "answers-1.sqlite") as file:
        file.execute("UPDATE answers SET received = received + 3600")

    assert not lines_of(it, NAMES[0])


def test_the_oldest_go_when_there_is_no_more_room(tmp_path: Path) -> None:
    it = memory(tmp_path, service_cache_bytes=40_000)
    for n in range(200):
        it.keep({digest(str(n)): [os.urandom(500).hex()]})
    found = lines_of(it, *(digest(str(n)) for n in range(200)))
    kept = [n for n in range(200) if digest(str(n)) in found]

    assert 10 < len(kept) < 80
    assert kept == list(range(200 - len(kept), 200))
    with sqlite3.connect(tmp_path / "answers-1.sqlite") as file:
        assert file.execute("SELECT sum(bytes) FROM answers").fetchone()[0] <= 40_000
        assert file.execute("SELECT bytes FROM held").fetchone()[0] <= 40_000
        assert file.execute("SELECT count(*) FROM shares").fetchone()[0] == len(kept)


def test_an_answer_that_is_larger_than_the_room_puts_out_no_other(tmp_path: Path) -> None:
    it = memory(tmp_path, service_cache_bytes=10_000)
    it.keep({NAMES[0]: ["small"]})
    it.keep({NAMES[1]: [os.urandom(20_000).hex()]})

    assert lines_of(it, *NAMES) == {NAMES[0]: ("small",)}


def test_without_room_nothing_is_kept_and_no_file_is_made(tmp_path: Path) -> None:
    it = memory(tmp_path / "none", service_cache_bytes=0)
    it.keep({NAMES[0]: ["x"]})

    assert not lines_of(it, NAMES[0])
    assert not it.keeps


def test_what_is_older_than_the_cache_may_be_is_swept(tmp_path: Path) -> None:
    it = memory(tmp_path, service_cache_seconds=100)
    it.keep({NAMES[0]: ["x"]})
    with sqlite3.connect(tmp_path / "answers-1.sqlite") as file:
        file.execute("UPDATE answers SET received = received - 200")
    file.close()
    it.keep({NAMES[1]: ["y"]})

    assert lines_of(it, *NAMES) == {NAMES[1]: ("y",)}


def test_a_damaged_file_is_set_aside_with_a_line_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    memory(tmp_path).keep({NAMES[0]: ["x"]})
    for path in tmp_path.glob("answers*"):
        path.unlink()
    (tmp_path / "answers-1.sqlite").write_bytes(b"what is no database at all" * 400)
    it = memory(tmp_path)
    with caplog.at_level(logging.WARNING):
        assert not lines_of(it, NAMES[0])
    it.keep({NAMES[0]: ["y"]})

    assert lines_of(it, NAMES[0]) == {NAMES[0]: ("y",)}
    assert lines_of(memory(tmp_path), NAMES[0]) == {NAMES[0]: ("y",)}
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "damaged" in caplog.text
    assert (tmp_path / "answers-1.sqlite").read_bytes().startswith(b"what is no database")


def test_an_answer_that_was_damaged_is_not_used(tmp_path: Path) -> None:
    it = memory(tmp_path)
    it.keep({NAMES[0]: ["x" * 1000]})
    with sqlite3.connect(tmp_path / "answers-1.sqlite") as file:
        file.execute("UPDATE answers SET body = x'0011223344'")
    file.close()

    assert not lines_of(it, NAMES[0])
    it.keep({NAMES[0]: ["y"]})
    assert lines_of(it, NAMES[0]) == {NAMES[0]: ("y",)}


def test_a_file_of_other_tables_is_set_aside(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "answers-1.sqlite") as file:
        file.execute("CREATE TABLE answers (something TEXT)")
    file.close()
    it = memory(tmp_path)
    it.find(NAMES, 0.0)
    it.keep({NAMES[0]: ["y"]})

    assert lines_of(it, NAMES[0]) == {NAMES[0]: ("y",)}


def test_a_folder_that_cannot_be_made_leaves_no_memory_and_no_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    it = memory(tmp_path / "file" / "link")
    it.keep({NAMES[0]: ["x"]})

    assert not lines_of(it, NAMES[0])
    assert not it.keeps
    it.learn(NAMES[0], 5)
    assert it.learnt(NAMES[0]) is None
    assert len(caplog.records) == 1


def test_a_full_disk_leaves_what_was_kept(tmp_path: Path) -> None:
    it = memory(tmp_path)
    it.keep({NAMES[0]: ["x"]})
    connection = it._storage._connection
    assert connection is not None
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    it.keep({NAMES[1]: [os.urandom(50_000).hex()]})

    assert lines_of(it, *NAMES) == {NAMES[0]: ("x",)}
    assert not it.keeps


def test_a_process_that_is_forked_goes_on_with_a_connection_of_its_own(tmp_path: Path) -> None:
    it = memory(tmp_path)
    it.keep({NAMES[0]: ["parent"]})

    def child() -> None:
        assert lines_of(it, NAMES[0]) == {NAMES[0]: ("parent",)}
        it.keep({NAMES[1]: ["child"]})

    assert fork(child) == 0
    assert lines_of(it, *NAMES) == {NAMES[0]: ("parent",), NAMES[1]: ("child",)}


def test_a_process_that_is_killed_while_it_writes_leaves_a_whole_file(tmp_path: Path) -> None:
    process = os.fork()
    if process == 0:
        it = memory(tmp_path)
        n = 0
        while True:
            n += 1
            it.keep({NAMES[0]: [f"{n}"], NAMES[1]: [f"{n}" * 5000]})
    it = memory(tmp_path)
    end = time.monotonic() + 10
    while not lines_of(it, NAMES[0]) and time.monotonic() < end:
        time.sleep(0.01)
    os.kill(process, 9)
    os.waitpid(process, 0)

    found = lines_of(it, *NAMES[:2])
    assert found[NAMES[1]][0] == found[NAMES[0]][0] * 5000
    it.keep({NAMES[2]: ["after"]})
    assert lines_of(it, NAMES[2]) == {NAMES[2]: ("after",)}


def test_the_log_of_writes_stays_short_while_others_read(tmp_path: Path) -> None:
    it = memory(tmp_path, service_cache_bytes=2_000_000)
    names = [digest(str(n)) for n in range(50)]
    it.keep({name: ["x"] for name in names})
    end = threading.Event()

    def read() -> None:
        other = memory(tmp_path)
        while not end.is_set():
            other.find(names, 0.0)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for n in range(130):
        it.keep({digest(str(n)): [os.urandom(200_000).hex()]})
    end.set()
    for reader in readers:
        reader.join()

    assert (tmp_path / "answers-1.sqlite-wal").stat().st_size < 24 * 2**20
    assert (tmp_path / "answers-1.sqlite").stat().st_size < 4_000_000


def test_what_was_learnt_is_known_to_other_processes(tmp_path: Path) -> None:
    it = memory(tmp_path)
    it.learn(NAMES[0], 125)

    assert fork(lambda: exec_assert(memory(tmp_path).learnt(NAMES[0]) == 125)) == 0
    assert it.learnt(NAMES[1]) is None


def exec_assert(claim: bool) -> None:
    assert claim


def test_one_of_two_has_the_turn_and_the_other_waits(tmp_path: Path) -> None:
    it = memory(tmp_path)
    order: list[str] = []

    def other() -> None:
        with memory(tmp_path).turn(NAMES[0], lambda: order.append("waits")):
            order.append("second")

    with it.turn(NAMES[0], lambda: None), it.turn(NAMES[1], lambda: None):
        thread = threading.Thread(target=other)
        thread.start()
        while "waits" not in order:
            time.sleep(0.001)
        order.append("first")
    thread.join()

    assert [word for word in order if word != "waits"] == ["first", "second"]


def test_the_turn_of_a_process_that_is_killed_is_given_back(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        with memory(tmp_path).turn(NAMES[0], lambda: None):
            os.write(writer, b"x")
            time.sleep(60)
            os._exit(0)
    os.read(reader, 1)
    waited: list[int] = []

    def wait() -> None:
        if not waited:
            os.kill(process, 9)
        waited.append(1)

    with memory(tmp_path).turn(NAMES[0], wait):
        assert waited
    os.waitpid(process, 0)
    os.close(reader)
    os.close(writer)


def test_who_waits_can_be_told_to_stop(tmp_path: Path) -> None:
    it = memory(tmp_path)

    def stop() -> None:
        raise TimeoutError

    with it.turn(NAMES[0], lambda: None), pytest.raises(TimeoutError):
        it.turn(NAMES[0], stop)


def test_names_are_of_the_texts_and_of_where_one_ends() -> None:
    assert digest("ab", "c") != digest("a", "bc")
    assert digest("a") == digest("a")
