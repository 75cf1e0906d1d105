"""A source is asked as it wants to be, by all processes together."""

from __future__ import annotations

import email.utils
import json
import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from leadgraph.errors import (
    ClientLeft,
    ServiceTooBroad,
    SettingInvalid,
    SourceBusy,
    SourceError,
    SourceRefusedQuery,
    SourceTooSlow,
    SourceUnreachable,
    StateUnusable,
)
from leadgraph.link.source import manners, refusals
from leadgraph.link.source.endpoint import Network
from leadgraph.link.source.patience import Patience
from leadgraph.link.source.sources import Sources
from leadgraph.model import Client
from leadgraph.settings import Settings
from tests import misbehaving as m
from tests.misbehaving import Misbehaving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from leadgraph.link.source.endpoint import Received
    from tests.misbehaving import Behaviour, Conversation


class Asked:
    """A server, and a network that asks it with some options."""

    def __init__(
        self, server: Misbehaving, folder: Path, options: str = "", **others: float
    ) -> None:
        allow = f"{server.address}{options}"
        settings = Settings(service_allow=allow, **others)  # type: ignore[arg-type]
        (self.source,) = Sources.from_settings(settings).listed
        self.network = Network(settings, folder)
        self.server = server

    def ask(self, seconds: float = 5.0, most_rows: int | None = None) -> Received:
        """Ask it."""
        deadline = time.monotonic() + seconds
        return self.network.ask(self.source, "SELECT", deadline=deadline, most_rows=most_rows)

    def fails(self, seconds: float = 0.4) -> SourceError:
        """Ask it, in vain."""
        with pytest.raises(SourceError) as error:
            self.ask(seconds)
        return error.value


@contextmanager
def asked(folder: Path, *behaviours: Behaviour, options: str = "") -> Iterator[Asked]:
    """A server that does as told."""
    with Misbehaving(behaviours) as server:
        each = Asked(server, folder, options)
        yield each
        each.network.close()


def takes(seconds: float) -> Behaviour:
    """Answer after some time."""

    def behave(conversation: Conversation) -> None:
        time.sleep(seconds)
        m.good(conversation)

    return behave


# Who asks.


@pytest.mark.parametrize(
    "contact", ["team@example.org", "https://example.org/about?x=1#us", "User:Name at Meta"]
)
def test_the_contact_stands_in_the_user_agent(contact: str) -> None:
    agent = manners.user_agent(Settings(contact=contact))

    assert agent == f"LeadGraph/0.1 (+https://w3id.org/leadgraph/; {contact})"


def test_without_a_contact_the_user_agent_names_the_project() -> None:
    assert manners.user_agent(Settings()) == "LeadGraph/0.1 (+https://w3id.org/leadgraph/)"


@pytest.mark.parametrize(
    "contact",
    ["a\r\nX: y", "a\nb", "a\0b", "a)b", "(a", "a\\", "é@example.org", " a", "a ", "x" * 201, "\t"],
)
def test_a_contact_that_would_break_the_header_is_refused(tmp_path: Path, contact: str) -> None:
    with pytest.raises(SettingInvalid, match="LEADGRAPH_CONTACT"):
        Network(Settings(contact=contact), tmp_path)


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateUnusable, match="file"):
        Network(Settings(), tmp_path / "file" / "folder")


# How many at once, and how soon.


@pytest.mark.parametrize("at_once", [1, 3])
def test_no_more_run_at_once_than_the_source_takes(tmp_path: Path, at_once: int) -> None:
    with asked(tmp_path, takes(0.05), options=f"#at_once={at_once}") as each:
        with ThreadPoolExecutor(9) as pool:
            list(pool.map(lambda _: each.ask(), range(9)))

        assert len(each.server.came) == 9
        assert each.server.most_running == at_once


def test_threads_come_in_the_order_in_which_they_asked(tmp_path: Path) -> None:
    order: list[int] = []
    with asked(tmp_path, takes(0.1), options="#at_once=1") as each:

        def ask(number: int) -> None:
            each.ask()
            order.append(number)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
            time.sleep(0.02)
        for thread in threads:
            thread.join()

    assert order == sorted(order)


def test_who_waits_for_a_turn_in_vain_is_told_at_the_deadline(tmp_path: Path) -> None:
    with asked(tmp_path, takes(1.0), options="#at_once=1") as each:
        other = threading.Thread(target=each.ask)
        other.start()
        time.sleep(0.1)
        begun = time.monotonic()
        error = each.fails(0.3)

        assert isinstance(error, SourceBusy)
        assert "at once (1)" in str(error)
        assert error.requests == 0
        assert 0.2 < time.monotonic() - begun < 0.6
        other.join()


def test_who_hangs_up_does_not_wait_for_a_turn(tmp_path: Path) -> None:
    with asked(tmp_path, takes(2.0), options="#at_once=1") as each:
        other = threading.Thread(target=each.ask)
        other.start()
        here, there = socket.socketpair()
        with here:
            threading.Timer(0.3, there.close).start()
            begun = time.monotonic()
            with pytest.raises(ClientLeft):
                each.network.ask(
                    each.source,
                    "SELECT",
                    deadline=begun + 30,
                    client=Client("192.0.2.1", here.fileno()),
                )

        assert time.monotonic() - begun < 1.3
        other.join()
        assert len(each.server.came) == 1


def test_requests_have_the_space_between_them_that_is_set(tmp_path: Path) -> None:
    with asked(tmp_path, m.good, options="#spacing=0.2&at_once=4") as each:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: each.ask(), range(4)))
        times = sorted(came.at for came in each.server.came)

        assert all(after - before > 0.18 for before, after in pairwise(times))
        assert times[-1] - times[0] < 0.8


def test_a_space_beyond_the_deadline_is_not_waited_for(tmp_path: Path) -> None:
    with asked(tmp_path, m.good, options="#spacing=30") as each:
        each.ask()
        begun = time.monotonic()
        error = each.fails(1)

        assert isinstance(error, SourceBusy)
        assert error.retry_after_seconds in {29, 30}
        assert time.monotonic() - begun < 0.2
        assert len(each.server.came) == 1


# Retry-After.


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_a_pause_that_fits_is_waited_for_to_the_second(tmp_path: Path, status: str) -> None:
    with asked(tmp_path, m.says(status, retry_after="2"), m.good) as each:
        assert each.ask(5).requests == 2
        first, second = (came.at for came in each.server.came)

        assert 2.0 <= second - first < 3.0


def test_a_pause_until_a_date_is_waited_for(tmp_path: Path) -> None:
    def later(conversation: Conversation) -> None:
        date = email.utils.formatdate(int(time.time()) + 2, usegmt=True)
        conversation.answer(b"", "503 Later", retry_after=date)

    with asked(tmp_path, later, m.good) as each:
        each.ask(5)
        first, second = (came.at for came in each.server.came)

        assert second >= int(first) + 2
        assert second - first < 3.2


def test_a_pause_that_does_not_fit_is_told_and_kept(tmp_path: Path) -> None:
    with asked(tmp_path, m.says("429 No", retry_after="3"), m.good) as each:
        first = each.fails(1)
        second = each.fails(1)
        time.sleep(1)
        third = each.fails(0.5)
        received = each.ask(5)
        came = [came.at for came in each.server.came]

    assert isinstance(first, SourceBusy)
    assert isinstance(second, SourceBusy)
    assert isinstance(third, SourceBusy)
    assert (first.retry_after_seconds, first.requests) == (3, 1)
    assert (second.retry_after_seconds, second.requests) == (3, 0)
    assert (third.retry_after_seconds, third.requests) == (2, 0)
    assert received.requests == 1
    assert 3.0 <= came[1] - came[0] < 4.0


def test_a_pause_is_asked_for_by_one_address_alone(tmp_path: Path) -> None:
    with asked(tmp_path, m.says("429 No", retry_after="60")) as one, asked(tmp_path, m.good) as two:
        one.fails()
        assert two.ask().requests == 1


def test_too_many_requests_without_a_time_leads_to_a_pause_of_ours(tmp_path: Path) -> None:
    with asked(tmp_path, m.says("429 No")) as each:
        error = each.fails(1.5)
        again = each.fails(1)

        assert isinstance(error, SourceBusy)
        assert isinstance(again, SourceBusy)
        assert 2 <= error.requests == len(each.server.came)
        assert (error.retry_after_seconds, again.requests) == (10, 0)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("0", 0),
        (" 120 ", 120),
        ("9999999999", 9999999999),
        ("9" * 5000, 9999999999),
        ("0" * 20 + "7", 7),
        ("Thu, 01 Jan 1970 00:16:41 GMT", 1),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Fri, 99 Foo 1970 00:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_as_it_is_written(text: str | None, seconds: int | None) -> None:
    assert refusals.seconds(text, now=1000) == seconds


def test_nobody_is_left_alone_for_longer_than_a_day(tmp_path: Path) -> None:
    with asked(tmp_path, m.says("429 No", retry_after="9999999999")) as each:
        each.fails()
        error = each.fails()

    assert isinstance(error, SourceBusy)
    assert error.retry_after_seconds == manners.LONGEST_PAUSE_SECONDS


def test_a_pause_that_a_wrong_clock_left_behind_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with asked(tmp_path, m.good) as each:
        now = time.time()
        with monkeypatch.context() as patch:
            patch.setattr(time, "time", lambda: now + 10 * 86_400)
            each.network.manners.pause(each.source, 60)

        assert each.ask().requests == 1


@pytest.mark.parametrize("left", [b"", b"\xff" * 48, b"\0" * 7, b"\xff" * 100])
def test_a_record_that_is_none_is_nothing(tmp_path: Path, left: bytes) -> None:
    with asked(tmp_path, m.good) as each:
        each.ask()
        (record,) = tmp_path.iterdir()
        record.write_bytes(left)

        assert each.ask().requests == 1


# The breaker.


def test_after_five_failures_a_source_is_left_alone(tmp_path: Path) -> None:
    with asked(tmp_path, m.says("500 Oops")) as each:
        for _ in range(5):
            assert isinstance(each.fails(), SourceRefusedQuery)
        error = each.fails()

        assert isinstance(error, SourceBusy)
        assert 28 <= error.retry_after_seconds <= 30
        assert "5 requests failed" in str(error)
        assert len(each.server.came) == 5


def test_who_refuses_connections_is_left_alone(tmp_path: Path) -> None:
    with Misbehaving([m.good]) as server:
        each = Asked(server, tmp_path)
    errors = [each.fails(3) for _ in range(4)]

    assert [type(error) for error in errors] == [*[SourceUnreachable] * 3, SourceBusy]


def test_one_request_finds_out_whether_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manners, "OPEN_SECONDS", 0.5)
    behaviours = [m.says("500 Oops")] * 6 + [takes(0.3), m.good]
    with asked(tmp_path, *behaviours, options="#at_once=4") as each:
        for _ in range(5):
            each.fails()
        time.sleep(0.6)
        assert isinstance(each.fails(), SourceRefusedQuery)
        assert isinstance(each.fails(), SourceBusy)
        time.sleep(0.6)
        trial = threading.Thread(target=each.ask)
        trial.start()
        time.sleep(0.1)
        assert isinstance(each.fails(0.1), SourceBusy)
        trial.join()
        assert each.ask().requests == 1

        assert len(each.server.came) == 8


def test_who_asks_badly_does_not_shut_the_source_for_others(tmp_path: Path) -> None:
    behaviours = [
        *[m.says("400 Bad", b"Parse error")] * 6,
        *[m.says("500 Oops", b"MalformedQueryException: Encountered EOF")] * 6,
        *[m.says("404 None")] * 6,
        *[m.silent] * 6,
        *[m.endless_rows] * 6,
        *[m.sends(m.results()[:-5])] * 6,
        m.good,
    ]
    with asked(tmp_path, *behaviours) as each:
        for _ in range(18):
            assert isinstance(each.fails(2), SourceRefusedQuery)
        for _ in range(6):
            each.fails(0.1)
        for _ in range(6):
            with pytest.raises(ServiceTooBroad):
                each.ask(most_rows=10)
        for _ in range(6):
            each.fails()

        assert each.ask().requests == 1


def test_who_is_silent_for_as_long_as_it_may_is_left_alone(tmp_path: Path) -> None:
    with Misbehaving([m.silent]) as server:
        each = Asked(server, tmp_path, service_answer_seconds=0.2)
        errors = [each.fails(2) for _ in range(6)]

    assert [type(error) for error in errors] == [SourceTooSlow] * 5 + [SourceBusy]


def test_a_success_makes_failures_forgotten(tmp_path: Path) -> None:
    failing = [m.says("500 Oops")] * 4
    with asked(tmp_path, *failing, m.good, *failing, m.good) as each:
        for _ in range(2):
            for _ in range(4):
                each.fails()
            assert each.ask().requests == 1


def test_wikimedia_gets_fewer_errors_a_minute_than_it_bears(tmp_path: Path) -> None:
    each = manners.Manners(tmp_path)
    wikidata, scholarly = Sources.from_settings(Settings()).listed
    other = Sources.from_settings(Settings(service_allow="https://example.org/")).listed[0]
    patience = Patience(time.monotonic() + 5)
    for _ in range(25):
        for source in (wikidata, other):
            with each.turn(source, patience) as turn:
                turn.succeeded(with_error=True)

    with pytest.raises(SourceBusy, match="25 requests") as busy, each.turn(wikidata, patience):
        pass
    assert 55 < busy.value.retry_after_seconds <= 60
    for source in (scholarly, other):
        with each.turn(source, patience):
            pass


def test_errors_are_forgiven_after_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    each = manners.Manners(tmp_path)
    wikidata = Sources.from_settings(Settings()).listed[0]
    now = time.time()
    for _ in range(25):
        each.note(wikidata, failed=False, error=True)
    monkeypatch.setattr(time, "time", lambda: now + 62)

    with each.turn(wikidata, Patience(time.monotonic() + 1)) as turn:
        turn.succeeded(with_error=True)
    with each.turn(wikidata, Patience(time.monotonic() + 1)):
        pass


def test_settings_are_refused_before_anybody_asks() -> None:
    manners.require(Settings(contact="a@example.org"))
    with pytest.raises(SettingInvalid, match="LEADGRAPH_SERVICE_ALLOW"):
        manners.require(Settings(service_allow="nonsense"))
    with pytest.raises(SettingInvalid, match="LEADGRAPH_CONTACT"):
        manners.require(Settings(contact="a\nb"))


# Several processes.

CHILD = """
import json, sys, time
from pathlib import Path
from leadgraph.errors import SourceBusy
from leadgraph.link.source.endpoint import Network
from leadgraph.link.source.sources import Sources
from leadgraph.settings import Settings

allow, folder, times, seconds = sys.argv[1:]
settings = Settings(service_allow=allow)
(source,) = Sources.from_settings(settings).listed
network = Network(settings, Path(folder))
for _ in range(int(times)):
    try:
        received = network.ask(source, "SELECT", deadline=time.monotonic() + float(seconds))
        print(json.dumps(["received", received.requests]))
    except SourceBusy as error:
        print(json.dumps(["busy", error.retry_after_seconds]))
network.close()
"""


def child(
    each: Asked, folder: Path, options: str, times: int, seconds: float
) -> list[list[object]]:
    """What another process got."""
    allow = f"{each.server.address}{options}"
    ran = subprocess.run(
        [sys.executable, "-c", CHILD, allow, str(folder), str(times), str(seconds)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    return [json.loads(line) for line in ran.stdout.splitlines()]


@pytest.mark.parametrize("at_once", [1, 2])
def test_processes_ask_together_no_more_than_the_source_takes(tmp_path: Path, at_once: int) -> None:
    options = f"#at_once={at_once}"
    with asked(tmp_path, takes(0.03), options=options) as each:
        with ThreadPoolExecutor(4) as pool:
            ran = list(pool.map(lambda _: child(each, tmp_path, options, 10, 20), range(4)))

        assert ran == [[["received", 1]] * 10] * 4
        assert len(each.server.came) == 40
        assert each.server.most_running == at_once


def test_another_process_keeps_the_pause(tmp_path: Path) -> None:
    with asked(tmp_path, m.says("429 No", retry_after="4"), m.good) as each:
        each.fails(1)
        ((busy, seconds),) = child(each, tmp_path, "", 1, 0.5)
        assert busy == "busy"
        assert seconds in {3, 4}
        assert len(each.server.came) == 1

        assert child(each, tmp_path, "", 1, 10) == [["received", 1]]
        first, second = (came.at for came in each.server.came)
        assert 4.0 <= second - first < 9.0


def test_another_process_knows_of_the_failures(tmp_path: Path) -> None:
    with asked(tmp_path, m.says("500 Oops")) as each:
        for _ in range(5):
            each.fails()

        ((busy, _),) = child(each, tmp_path, "", 1, 1)
        assert busy == "busy"
        assert len(each.server.came) == 5


def test_a_process_that_is_killed_leaves_its_turn_to_others(tmp_path: Path) -> None:
    with asked(tmp_path, m.silent, m.good, options="#at_once=1") as each:
        arguments = [f"{each.server.address}#at_once=1", str(tmp_path), "1", "60"]
        with subprocess.Popen(
            [sys.executable, "-c", CHILD, *arguments],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        ) as holder:
            while not each.server.came:
                time.sleep(0.02)
            assert isinstance(each.fails(0.2), SourceBusy)
            holder.kill()
            holder.wait()

            assert each.ask(2).requests == 1


FORK = """
import os, sys, time
from pathlib import Path
from leadgraph.link.source.endpoint import Network
from leadgraph.link.source.sources import Sources
from leadgraph.settings import Settings

settings = Settings(service_allow=sys.argv[1])
(source,) = Sources.from_settings(settings).listed
network = Network(settings, Path(sys.argv[2]))
for _ in range(2):
    network.ask(source, "SELECT", deadline=time.monotonic() + 5)
if os.fork() == 0:
    network.ask(source, "SELECT", deadline=time.monotonic() + 5)
    os._exit(0)
network.ask(source, "SELECT", deadline=time.monotonic() + 5)
assert os.wait()[1] == 0
network.close()
"""


def test_a_forked_process_has_connections_of_its_own(tmp_path: Path) -> None:
    with asked(tmp_path, m.good) as each:
        subprocess.run(
            [sys.executable, "-c", FORK, each.server.address, str(tmp_path)],
            check=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )

        assert (each.server.connections, len(each.server.came)) == (2, 4)
