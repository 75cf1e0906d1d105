"""Who may run a query: slots, the queue, and what one client may have over all web processes."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest

from leadgraph.errors import ClientBusy, EngineBusy, EngineUnavailable
from leadgraph.query.admission import Admission, place
from leadgraph.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def test_a_client_has_so_many_and_no_more_until_one_is_given_back(tmp_path: Path) -> None:
    admission = Admission(tmp_path, Settings(client_queries=2))
    first, _ = admission.admit("192.0.2.1"), admission.admit("192.0.2.1")

    with pytest.raises(ClientBusy) as refused:
        admission.admit("192.0.2.1")
    assert refused.value.retry_after_seconds > 0
    admission.admit("192.0.2.2")
    first.give_back()
    admission.admit("192.0.2.1")


def test_the_house_itself_is_no_client(tmp_path: Path) -> None:
    admission = Admission(tmp_path, Settings(client_queries=1))

    assert [admission.admit(None) for _ in range(3)]


def test_what_a_client_has_counts_over_all_web_processes(tmp_path: Path) -> None:
    settings = Settings(client_queries=2)
    held = [Admission(tmp_path, settings).admit("192.0.2.1") for _ in range(2)]

    with pytest.raises(ClientBusy):
        Admission(tmp_path, settings).admit("192.0.2.1")
    assert held


def test_a_web_process_that_dies_gives_back_what_it_had(tmp_path: Path) -> None:
    settings = Settings(client_queries=1)
    process = os.fork()
    if process == 0:
        Admission(tmp_path, settings).admit("192.0.2.1")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(process, 0)

    assert Admission(tmp_path, settings).admit("192.0.2.1")


def test_a_permit_is_given_back_only_once(tmp_path: Path) -> None:
    admission = Admission(tmp_path, Settings())
    permit = admission.admit(None)
    permit.give_back()
    permit.give_back()

    assert admission.busy == 0


def test_those_who_find_no_slot_wait_and_those_who_find_no_place_to_wait_are_refused(
    tmp_path: Path,
) -> None:
    admission = Admission(tmp_path, Settings(children=1, queue=1, queue_seconds=30))
    first = admission.admit(None)
    waiter = threading.Thread(target=lambda: admission.admit(None))
    waiter.start()
    while not admission.waiting:
        pass

    with pytest.raises(EngineBusy):
        admission.admit(None)
    first.give_back()
    waiter.join(timeout=10)
    assert (admission.busy, admission.waiting) == (1, 0)


def test_a_wait_in_vain_ends_and_leaves_nothing_behind(tmp_path: Path) -> None:
    admission = Admission(tmp_path, Settings(children=1, queue=1, queue_seconds=0.1))
    permit = admission.admit("192.0.2.1")

    for _ in range(20):
        with pytest.raises(EngineBusy):
            admission.admit("192.0.2.2")
    permit.give_back()
    assert admission.admit("192.0.2.2")


def test_as_many_as_there_are_cores_compute_for_long_and_others_wait_a_while(
    tmp_path: Path,
) -> None:
    admission = Admission(tmp_path, Settings())
    permits = [admission.admit(None) for _ in range(len(os.sched_getaffinity(0)) + 1)]
    for permit in permits[:-1]:
        permit.wait_for_turn()
    started = time.monotonic()
    permits[-1].wait_for_turn()
    waited = time.monotonic() - started
    permits[0].end_turn()
    started = time.monotonic()
    permits[-1].wait_for_turn()

    assert waited >= 1
    assert time.monotonic() - started < 0.5


def test_without_the_engines_folder_there_is_no_engine(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable):
        Admission(tmp_path / "gone", Settings()).admit("192.0.2.1")


def test_a_network_of_ipv6_is_one_client_and_an_address_of_ipv4_is_one() -> None:
    assert place("2001:db8:1:2::1") == place("2001:db8:1:2:ffff::9")
    assert place("2001:db8:1:2::1") != place("2001:db8:1:3::1")
    assert place("192.0.2.1") != place("192.0.2.2")
    assert place("") == place("")
