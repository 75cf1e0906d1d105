"""How a query's process answers, seen from inside: every frame, and whole answers in one write."""

from __future__ import annotations

import json
import signal
import socket
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store

from leadgraph.query import frames
from leadgraph.query.child import Limits, Out, answer
from leadgraph.query.stores import Local

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMITS = Limits(30.0, 30.0, 2**20, 2**40)


@pytest.fixture(scope="module")
def store() -> Store:
    """Statements enough for an answer of several frames."""
    store = Store()
    predicate = NamedNode("http://example.org/p")
    store.extend(
        Quad(NamedNode(f"http://example.org/{n}"), predicate, Literal("x" * 50))
        for n in range(2000)
    )
    return store


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The client's and the child's end of a connection."""
    client, child = socket.socketpair()
    with client, child:
        yield client, child


def ask(
    ends: tuple[socket.socket, socket.socket], store: Store, text: str, **facts: object
) -> list[tuple[bytes, bytes]]:
    """All frames that answer a question."""
    client, child = ends
    received: list[tuple[bytes, bytes]] = []
    frames_of_client = frames.Reader(client)

    def read() -> None:
        while not received or received[-1][0] not in {frames.END, frames.ERROR}:
            frame = frames_of_client.receive()
            assert frame is not None
            received.append(frame)

    reader = threading.Thread(target=read)
    reader.start()
    question = {
        "text": text,
        "results": "csv",
        "graph": "ntriples",
        "default_graphs": None,
        "named_graphs": None,
        **facts,
    }
    answer(question, Local(store), Out(child, LIMITS))
    reader.join(timeout=30)
    return received


def kinds(received: list[tuple[bytes, bytes]]) -> str:
    """The letters of the frames."""
    return b"".join(kind for kind, _ in received).decode()


def test_a_small_answer_is_a_head_that_says_whole_its_data_and_an_end(ends, store) -> None:
    received = ask(ends, store, "SELECT (1 AS ?one) {}")

    assert kinds(received) == "HDE"
    assert json.loads(received[0][1]) == {
        "form": "solutions",
        "media_type": "text/csv; charset=utf-8",
        "whole": True,
    }
    assert received[1][1] == b"one\r\n1\r\n"


def test_a_large_answer_comes_in_several_frames_under_one_head(ends, store) -> None:
    received = ask(ends, store, "SELECT * { ?s ?p ?o }")

    assert kinds(received).startswith("HDD")
    assert kinds(received).count("H") == kinds(received).count("E") == 1
    assert json.loads(received[0][1])["whole"] is False
    assert b"".join(content for kind, content in received if kind == b"D").count(b"\r\n") == 2001


def test_a_graph_and_a_boolean_name_their_form(ends, store) -> None:
    graph = ask(ends, store, "CONSTRUCT { ?s ?p 1 } { ?s ?p ?o } LIMIT 1")
    boolean = ask(ends, store, "ASK {}", results="xml")

    assert json.loads(graph[0][1])["form"] == "graph"
    assert json.loads(boolean[0][1])["form"] == "boolean"
    assert b"true" in boolean[1][1]


def test_an_error_comes_alone_with_its_place(ends, store) -> None:
    received = ask(ends, store, "SELECT *\n{ ?s }")

    assert kinds(received) == "X"
    assert json.loads(received[0][1])["code"] == "query-malformed"
    assert json.loads(received[0][1])["line"] == 2


def test_a_dataset_that_is_given_is_the_only_one(ends, store) -> None:
    text = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"

    given_one = ask(ends, store, text, default_graphs=["http://example.org/none"], named_graphs=[])

    assert given_one[1][1] == b"n\r\n0\r\n"


def test_the_clock_stands_still_between_questions(ends, store) -> None:
    ask(ends, store, "ASK {}")

    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@given(st.lists(st.tuples(st.sampled_from([b"Q", b"H", b"D", b"E", b"X"]), st.binary())))
def test_receive_undoes_frame(content: list[tuple[bytes, bytes]]) -> None:
    sender, receiver = socket.socketpair()
    sending = threading.Thread(
        target=sender.sendall, args=(b"".join(frames.frame(*each) for each in content),)
    )
    reader = frames.Reader(receiver)
    with receiver:
        with sender:
            sending.start()
            received = [reader.receive() for _ in content]
            sending.join()
        assert reader.receive() is None

    assert received == content


def test_a_stream_that_ends_within_a_frame_is_no_frame() -> None:
    sender, receiver = socket.socketpair()
    with receiver:
        with sender:
            sender.sendall(frames.frame(b"D", b"content")[:-1])

        assert frames.Reader(receiver).receive() is None
