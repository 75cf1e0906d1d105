"""A part is asked in as few requests as can be, nothing twice, and with an exact account."""

from __future__ import annotations

import os
import socket
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode

from leadgraph.errors import (
    ClientLeft,
    FederationTooSlow,
    ServiceTooBroad,
    SourceBroken,
    SourceError,
    SourceRefusedQuery,
    SourceUnreachable,
)
from leadgraph.link.account import Asked, Table
from leadgraph.link.asking.asking import UNIT, Asking
from leadgraph.link.asking.blocks import blocks, written_bytes
from leadgraph.link.asking.memory import Memory
from leadgraph.link.join.part import Part
from leadgraph.link.source.endpoint import Network
from leadgraph.model import Client
from leadgraph.settings import Settings
from tests.counting import PREFIX, Counting, keys_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from leadgraph.link.account import Key
    from leadgraph.link.source.sources import Source

THINGS = 60
TURTLE = "@prefix : <http://example.org/> .\n" + "".join(
    f':t{n} :label "thing {n}"@en, "Ding {n}"@de ; :made [ :by :t{n} ] .\n'
    for n in range(THINGS)
    if n % 3
)
PART = Part(
    prologue="PREFIX : <http://example.org/>\n",
    body=" ?t :label ?label ",
    variables=("t", "label"),
    keys=("t",),
    inline=True,
)


def iris(*numbers: int) -> list[Key]:
    return [(NamedNode(f"{PREFIX}t{n}"),) for n in numbers]


def labels(table: Table) -> set[str]:
    return {row[1].value for row in table.rows if isinstance(row[1], Literal)}


@dataclass
class House:
    """An Asking over a folder, as a web process has one."""

    folder: Path
    settings: Settings

    def __post_init__(self) -> None:
        self.network = Network(self.settings, self.folder)
        self.memory = Memory(self.folder, self.settings)
        self.asking = Asking(self.network, self.memory, self.settings)

    def ask(  # noqa: PLR0913
        self,
        source: Source,
        keys: Sequence[Key] | None,
        part: Part = PART,
        *,
        silent: bool = False,
        fresh: bool = False,
        seconds: float = 20.0,
        client: Client | None = None,
    ) -> tuple[Table, Asked]:
        return self.asking.ask(
            source,
            part,
            keys,
            offset=7,
            silent=silent,
            deadline=time.monotonic() + seconds,
            fresh=fresh,
            client=client,
        )


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Callable[..., House]]:
    houses: list[House] = []

    def build(**settings: float) -> House:
        houses.append(House(tmp_path, Settings(**settings)))  # type: ignore[arg-type]
        return houses[-1]

    yield build
    for built in houses:
        built.network.close()
        built.memory.close()


@pytest.fixture
def endpoint() -> Iterator[Counting]:
    with Counting(TURTLE) as counting:
        yield counting


def test_keys_go_out_in_as_few_blocks_as_can_be(
    endpoint: Counting, house: Callable[..., House]
) -> None:
    table, asked = house().ask(endpoint.source(block="25"), iris(*range(60), *range(30)))

    assert len(endpoint.asked) == asked.requests == 3
    assert (asked.keys, asked.cached_keys, asked.cached_since) == (60, 0, None)
    assert asked.rows == len(table.rows) == 80
    assert labels(table) == {
        f"{word} {n}" for n in range(60) if n % 3 for word in ("thing", "Ding")
    }
    assert asked.query in endpoint.asked
    assert asked.received_bytes > 0
    assert (asked.offset, asked.silent, asked.failure) == (7, False, None)
    assert abs((datetime.now(UTC) - asked.begun).total_seconds()) < 20


def test_no_keys_need_no_request(endpoint: Counting, house: Callable[..., House]) -> None:
    table, asked = house().ask(endpoint.source(), [])

    assert table == Table(("t", "label"), ())
    assert (asked.requests, asked.keys, asked.query) == (0, 0, "")
    assert not endpoint.asked


def test_what_was_answered_is_not_asked_again(
    endpoint: Counting, house: Callable[..., House]
) -> None:
    source = endpoint.source(block="25")
    live, _ = house().ask(source, iris(*range(40)))
    before = len(endpoint.asked)
    warm, asked = house().ask(source, iris(*range(40)))

    assert warm == live
    assert len(endpoint.asked) == before
    assert (asked.requests, asked.received_bytes, asked.keys, asked.cached_keys) == (0, 0, 40, 40)
    assert asked.cached_since is not None
    assert 0 <= (asked.begun - asked.cached_since).total_seconds() < 20
    assert asked.query == ""
    assert asked.rows == len(warm.rows)


def test_only_new_keys_are_asked_and_those_without_rows_are_known_too(
    endpoint: Counting, house: Callable[..., House]
) -> None:
    source = endpoint.source()
    house().ask(source, iris(0, 1, 2, 3))
    _, asked = house().ask(source, iris(0, 1, 2, 3, 4, 5))

    assert (asked.requests, asked.keys, asked.cached_keys) == (1, 6, 4)
    assert keys_in(endpoint.asked[-1]) == 2
    assert asked.rows == 8


def test_the_same_part_in_another_layout_is_the_same(
    endpoint: Counting, house: Callable[..., House]
) -> None:
    house().ask(endpoint.source(), iris(1, 2))
    other = replace(PART, body="\n  # a comment\n  ?t   :label\t?label\n")
    _, asked = house().ask(endpoint.source(), iris(1, 2), other)

    assert asked.requests == 0


@pytest.mark.parametrize(
    "other",
    [
        replace(PART, body=" ?t :label ?label . ?t :made ?x "),
        replace(PART, variables=("label", "t")),
        replace(PART, filters=('LANG(?label) = "en"',)),
        replace(PART, prologue="PREFIX : <http://example.com/>\n"),
        replace(PART, inline=False),
    ],
    ids=["pattern", "variables", "filters", "prefixes", "place"],
)
def test_another_part_is_asked(
    other: Part, endpoint: Counting, house: Callable[..., House]
) -> None:
    house().ask(endpoint.source(), iris(1, 2))
    _, asked = house().ask(endpoint.source(), iris(1, 2), other)

    assert asked.requests == 1


def test_another_source_is_asked(endpoint: Counting, house: Callable[..., House]) -> None:
    house().ask(endpoint.source(), iris(1))
    with Counting(TURTLE) as other:
        _, asked = house().ask(other.source(), iris(1))

    assert asked.requests == len(other.asked) == 1


def test_who_wants_it_fresh_gets_it_fresh(endpoint: Counting, house: Callable[..., House]) -> None:
    it = house()
    it.ask(endpoint.source(), iris(1, 2))
    _, asked = it.ask(endpoint.source(), iris(1, 2), fresh=True)
    _, after = it.ask(endpoint.source(), iris(1, 2))

    assert (asked.requests, asked.cached_keys) == (1, 0)
    assert after.requests == 0


def test_what_is_too_old_is_asked_again(endpoint: Counting, house: Callable[..., House]) -> None:
    it = house(service_cache_seconds=1)
    it.ask(endpoint.source(), iris(1))
    assert it.ask(endpoint.source(), iris(1))[1].requests == 0
    time.sleep(1.1)

    assert it.ask(endpoint.source(), iris(1))[1].requests == 1


def test_without_a_cache_each_question_is_asked(
    endpoint: Counting, house: Callable[..., House]
) -> None:
    it = house(service_cache_seconds=0)
    for _ in range(3):
        assert it.ask(endpoint.source(), iris(1))[1].requests == 1


def test_a_pattern_without_keys_is_sent_whole_and_known_then(
    endpoint: Counting, house: Callable[..., House]
) -> None:
    part = replace(PART, keys=(), limit=1001)
    live, first = house().ask(endpoint.source(), None, part)
    warm, again = house().ask(endpoint.source(), None, part)

    assert (first.requests, first.keys, first.rows) == (1, None, 80)
    assert (again.requests, again.keys, again.rows, again.cached_keys) == (0, None, 80, 0)
    assert again.cached_since is not None
    assert warm == live
    assert "LIMIT 1001" in first.query


def test_what_is_new_each_time_is_not_remembered(
    endpoint: Counting, house: Callable[..., House]
) -> None:
    part = replace(PART, body=" ?t :label ?l BIND(CONCAT(?l, STR(RAND())) AS ?label) ")
    house().ask(endpoint.source(), iris(1), part)

    assert house().ask(endpoint.source(), iris(1), part)[1].requests == 1


def test_too_many_rows_end_in_an_error_and_not_in_fewer(
    endpoint: Counting, house: Callable[..., House]
) -> None:
    it = house(service_rows=10)
    with pytest.raises(ServiceTooBroad) as caught:
        it.ask(endpoint.source(block="4"), iris(*range(60)))
    with pytest.raises(ServiceTooBroad):
        it.ask(endpoint.source(), None, replace(PART, keys=(), limit=11))

    assert caught.value.asked is not None
    assert caught.value.asked.failure is not None
    assert caught.value.asked.failure.code == "service-too-broad"
    assert it.ask(endpoint.source(), iris(1, 2, 4, 5, 7))[1].rows == 10


def test_rows_that_are_remembered_count_too(
    endpoint: Counting, house: Callable[..., House]
) -> None:
    house().ask(endpoint.source(), iris(*range(60)))
    with pytest.raises(ServiceTooBroad):
        house(service_rows=10).ask(endpoint.source(), iris(*range(60)))


def test_blank_nodes_of_two_answers_are_kept_apart(
    endpoint: Counting, house: Callable[..., House]
) -> None:
    part = replace(PART, body=" ?t :made ?label ")
    endpoint.change = lambda body: body  # each answer has labels of its own
    table, _ = house().ask(endpoint.source(block="1"), iris(1, 2, 4), part)
    again, asked = house().ask(endpoint.source(block="1"), iris(1, 2, 4), part)

    assert len({row[1] for row in table.rows}) == 3
    assert all(isinstance(row[1], BlankNode) for row in table.rows)
    assert again == table
    assert asked.requests == 0


def test_equal_labels_in_two_answers_are_two_nodes(house: Callable[..., House]) -> None:
    with Counting(TURTLE) as endpoint:
        endpoint.answer = lambda query: (  # type: ignore[method-assign]
            endpoint.asked.append(query),
            (
                200,
                b'{"head":{"vars":["t","label"]},"results":{"bindings":[{"t":{"type":"uri","value":'
                + f'"{PREFIX}t{query.split("/t")[-1].split(">")[0]}"'.encode()
                + b'},"label":{"type":"bnode","value":"b0"}}]}}',
            ),
        )[1]
        table, asked = house().ask(endpoint.source(block="1"), iris(1, 2))

    assert asked.requests == 2
    assert len({row[1] for row in table.rows}) == 2


def test_a_source_cannot_put_rows_under_keys_that_it_was_not_asked(
    endpoint: Counting, house: Callable[..., House]
) -> None:
    endpoint.change = lambda body: body.replace(b'/t1"', b'/t2"')
    table, _ = house().ask(endpoint.source(), iris(1))
    endpoint.change = lambda body: body
    honest, asked = house().ask(endpoint.source(), iris(2))

    assert {row[0] for row in table.rows} == {NamedNode(f"{PREFIX}t2")}
    assert asked.requests == 1
    assert labels(honest) == {"thing 2", "Ding 2"}


def test_a_block_whose_rows_belong_to_no_key_is_known_as_a_block(
    endpoint: Counting, house: Callable[..., House]
) -> None:
    part = replace(PART, keys=("t", "label"))
    keys: list[Key] = [(NamedNode(f"{PREFIX}t1"), None), (None, Literal("thing 2", language="en"))]
    live, first = house().ask(endpoint.source(), keys, part)
    warm, again = house().ask(endpoint.source(), keys, part)

    assert (first.requests, first.rows) == (1, 3)
    assert (again.requests, again.rows, again.cached_keys) == (0, 3, 2)
    assert warm == live


def test_numbers_in_two_spellings_do_not_share_rows(house: Callable[..., House]) -> None:
    integer = NamedNode("http://www.w3.org/2001/XMLSchema#integer")
    keys: list[Key] = [(Literal("1", datatype=integer),), (Literal("01", datatype=integer),)]
    part = replace(PART, body=" ?x :n ?t BIND(?x AS ?label) ")
    with Counting(f"<{PREFIX}a> <{PREFIX}n> 1 . <{PREFIX}b> <{PREFIX}n> 01 .") as endpoint:
        _, both = house().ask(endpoint.source(), keys, part)
        _, one = house().ask(endpoint.source(), keys[:1], part)

    # Oxigraph keeps numbers by their values: it finds both things for both keys, and says 1.
    assert both.rows == 4
    assert (one.requests, one.rows) == (1, 2)


def test_blocks_run_side_by_side_and_no_more_than_the_source_bears(
    house: Callable[..., House],
) -> None:
    with Counting(TURTLE, seconds=0.2) as endpoint:
        began = time.monotonic()
        _, asked = house().ask(endpoint.source(block="10", at_once="3"), iris(*range(60)))
        took = time.monotonic() - began

    assert asked.requests == 6
    assert endpoint.most_running == 3
    assert took < 1.0


def test_equal_questions_of_many_clients_are_asked_once(house: Callable[..., House]) -> None:
    accounts: list[Asked] = []
    with Counting(TURTLE, seconds=0.3) as endpoint:
        source = endpoint.source(block="30")
        it = house()

        def ask() -> None:
            accounts.append(it.ask(source, iris(*range(60)))[1])

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(endpoint.asked) == 2
    assert sum(asked.requests for asked in accounts) == 2
    assert {asked.rows for asked in accounts} == {80}


@pytest.mark.parametrize("cache_seconds", [3600, 0])
def test_equal_questions_of_several_processes_are_asked_once(
    cache_seconds: int, house: Callable[..., House]
) -> None:
    with Counting(TURTLE, seconds=0.5) as endpoint:
        source = endpoint.source()
        processes = []
        for _ in range(4):
            process = os.fork()
            if process == 0:
                code = 1
                try:
                    it = house(service_cache_seconds=cache_seconds)
                    table, _ = it.ask(source, iris(1, 2), fresh=True)
                    code = 0 if len(table.rows) == 4 else 2
                finally:
                    os._exit(code)
            processes.append(process)
        codes = [os.waitstatus_to_exitcode(os.waitpid(it, 0)[1]) for it in processes]

    assert codes == [0, 0, 0, 0]
    assert len(endpoint.asked) == 1


def test_when_the_first_fails_the_next_one_tries(house: Callable[..., House]) -> None:
    failed = threading.Event()

    def once(_: str) -> tuple[int, str] | None:
        if failed.is_set():
            return None
        failed.set()
        return 400, "not in the mood"

    answers: list[int] = []
    errors: list[SourceError] = []
    with Counting(TURTLE, once, seconds=0.2) as endpoint:
        it, source = house(), endpoint.source()

        def ask() -> None:
            try:
                answers.append(it.ask(source, iris(1))[1].rows)
            except SourceError as error:
                errors.append(error)

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(errors) == 1
    assert answers == [2, 2, 2]
    assert len(endpoint.asked) == 2


def too_many(most: int, status: int, words: str) -> Callable[[str], tuple[int, str] | None]:
    return lambda query: (status, words) if keys_in(query) > most else None


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (413, "Payload Too Large"),
        (414, ""),
        (400, "The query is too long"),
        (500, "java.util.concurrent.TimeoutException"),
        (400, "Virtuoso 42000 Error The estimated execution time 402 (sec) exceeds the limit"),
    ],
)
def test_a_block_that_is_too_much_is_halved_and_what_it_takes_is_remembered(
    status: int, words: str, house: Callable[..., House]
) -> None:
    with Counting(TURTLE, too_many(10, status, words)) as endpoint:
        source = endpoint.source(block="40", at_once="1")
        table, asked = house().ask(source, iris(*range(10, 50)))
        refused = [query for query in endpoint.asked if keys_in(query) > 10]
        _, later = house().ask(source, iris(*range(10, 50)), fresh=True)

    assert len(table.rows) == 54
    assert asked.requests == 2 + 4
    assert [keys_in(query) for query in refused] == [40, 20]
    assert later.requests == 4
    assert asked.failure is None


def test_a_source_that_is_too_slow_for_a_block_is_asked_for_less(
    house: Callable[..., House],
) -> None:
    def mood(query: str) -> None:
        time.sleep(1.5 if keys_in(query) > 20 else 0.0)

    with Counting(TURTLE, mood) as endpoint:
        source = endpoint.source(block="40", at_once="1")
        it = house(service_answer_seconds=0.5)
        _, asked = it.ask(source, iris(*range(40)))
        _, later = it.ask(source, iris(*range(40)), fresh=True)

    assert (asked.requests, asked.rows, asked.failure) == (3, 52, None)
    assert later.requests == 2


def test_a_source_that_cuts_a_long_answer_is_asked_for_less(
    endpoint: Counting, house: Callable[..., House]
) -> None:
    """It sends 200 and a part of the rows, as Wikidata's does when it runs out of time."""
    endpoint.change = lambda body: body[:2000] if len(body) > 5000 else body
    table, asked = house().ask(endpoint.source(block="60", at_once="1"), iris(*range(60)))

    assert len(table.rows) == asked.rows == 80
    assert 3 <= asked.requests == len(endpoint.asked) < 12


def test_a_source_that_sends_something_else_is_not_asked_in_pieces(
    endpoint: Counting, house: Callable[..., House]
) -> None:
    endpoint.change = lambda _: b'{"head":{},"boolean":true}'
    with pytest.raises(SourceBroken):
        house().ask(endpoint.source(), iris(*range(60)))

    assert len(endpoint.asked) == 1


def test_a_block_of_one_that_is_too_much_is_an_error(house: Callable[..., House]) -> None:
    with (
        Counting(TURTLE, lambda _: (413, "no")) as endpoint,
        pytest.raises(SourceRefusedQuery) as caught,
    ):
        house().ask(endpoint.source(at_once="1"), iris(1, 2, 4))

    assert caught.value.asked is not None
    assert caught.value.asked.requests == len(endpoint.asked)


def test_what_is_refused_for_another_reason_is_not_asked_in_pieces(
    house: Callable[..., House],
) -> None:
    with (
        Counting(TURTLE, lambda _: (400, "syntax error at line 1")) as endpoint,
        pytest.raises(SourceRefusedQuery) as caught,
    ):
        house().ask(endpoint.source(), iris(1, 2, 4))

    assert len(endpoint.asked) == 1
    assert caught.value.asked is not None
    assert caught.value.asked.requests == 1


def test_a_silent_failure_is_the_one_solution_that_binds_nothing(
    house: Callable[..., House],
) -> None:
    with Counting(TURTLE, lambda _: (400, "syntax error")) as endpoint:
        table, asked = house().ask(endpoint.source(), iris(1), silent=True)

    assert table == UNIT == Table((), ((),))
    assert asked.failure is not None
    assert (asked.failure.code, asked.failure.status) == ("source-refused-query", 502)
    assert (asked.requests, asked.rows, asked.silent) == (1, 0, True)


def test_a_dead_source_is_told_of(house: Callable[..., House]) -> None:
    with Counting(TURTLE) as endpoint:
        source = endpoint.source()
    with pytest.raises(SourceUnreachable) as caught:
        house().ask(source, iris(1), seconds=1.0)

    assert caught.value.asked is not None
    assert caught.value.asked.source == source.iri


def test_when_one_block_fails_the_others_end_at_once(house: Callable[..., House]) -> None:
    def mood(query: str) -> tuple[int, str] | None:
        if f"{PREFIX}t1>" in query:
            return 400, "syntax error"
        time.sleep(5)
        return None

    with Counting(TURTLE, mood) as endpoint:
        began = time.monotonic()
        with pytest.raises(SourceRefusedQuery):
            house().ask(endpoint.source(block="1", at_once="4"), iris(1, 2, 4, 5))
        took = time.monotonic() - began

    assert took < 2.0


def test_a_client_that_leaves_ends_the_asking(house: Callable[..., House]) -> None:
    ours, theirs = socket.socketpair()
    with Counting(TURTLE, seconds=3.0) as endpoint, theirs:
        threading.Timer(0.3, ours.close).start()
        began = time.monotonic()
        with pytest.raises(ClientLeft):
            house().ask(
                endpoint.source(block="1", at_once="4"),
                iris(1, 2, 4, 5),
                silent=True,
                client=Client("192.0.2.1", theirs.fileno()),
            )
        took = time.monotonic() - began

    assert took < 2.0


def test_a_deadline_that_is_past_needs_no_request(
    endpoint: Counting, house: Callable[..., House]
) -> None:
    with pytest.raises(FederationTooSlow) as caught:
        house().ask(endpoint.source(), iris(1), seconds=-1.0)

    assert not endpoint.asked
    assert caught.value.asked is not None
    assert caught.value.asked.requests == 0


def test_without_a_folder_for_the_memory_answers_come_all_the_same(
    endpoint: Counting, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    settings = Settings()
    network = Network(settings, tmp_path / "manners")
    asking = Asking(network, Memory(tmp_path / "file" / "link", settings), settings)
    for _ in range(2):
        _, asked = asking.ask(
            endpoint.source(),
            PART,
            iris(1, 2),
            offset=0,
            silent=False,
            deadline=time.monotonic() + 10,
            fresh=False,
            client=None,
        )
        assert (asked.requests, asked.rows) == (1, 4)
    network.close()


def test_blocks_keep_to_the_length_of_a_request() -> None:
    keys: list[Key] = [(NamedNode(f"http://a/{'x' * n}"),) for n in range(100)]
    found = blocks(keys, most_keys=50, rest_bytes=100, most_bytes=1000)

    assert [key for block in found for key in block] == keys
    for block in found:
        assert 99 + sum(map(written_bytes, block)) <= 1000
        assert len(block) <= 50
    for block, after in pairwise(found):
        assert 99 + sum(map(written_bytes, (*block, after[0]))) > 1000 or len(block) == 50


@pytest.mark.parametrize("width", [1, 2, 3])
def test_the_length_of_a_request_is_known_before_it_is_written(width: int) -> None:
    part = replace(PART, keys=tuple("abc"[:width]))
    keys: list[Key] = [
        (NamedNode("http://a/é"), Literal('"\n', language="en"), None)[:width] for _ in range(7)
    ]
    rest = len(part.text(()).encode())

    assert len(part.text(keys).encode()) == rest - 1 + sum(map(written_bytes, keys))


def test_a_key_that_is_longer_than_a_request_goes_alone() -> None:
    keys: list[Key] = [(Literal("x" * 5000),), (Literal("y"),)]

    assert [len(block) for block in blocks(keys, 50, 100, 1000)] == [1, 1]
