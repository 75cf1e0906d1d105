"""What was asked for an answer is told exactly, in JSON, Turtle and words, for a limited time."""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Store, Triple

from leadgraph.errors import LedgerMissing
from leadgraph.link.account import Account, Asked, Failure, Table
from leadgraph.link.ledger.ledger import Ledgers, as_json, as_text, as_turtle, new_id, schema
from leadgraph.link.ledger.plain_json import account as account_of
from leadgraph.model import Question
from leadgraph.settings import Settings
from leadgraph.vocabulary import LEDGER_SCHEMA, PREFIXES, RELEASE

if TYPE_CHECKING:
    from pathlib import Path

    from leadgraph.link.ledger.members import Json

ADDRESS = "https://example.org/ledger/abc"
BEGUN = datetime(2026, 11, 29, 12, 30, 15, 123456, UTC)
QUERY = "SELECT * {\n  ?s ?p ?o\n  SERVICE <https://a.example/sparql> { ?s ?q ?r } }"
ASKED = Asked(
    source="https://a.example/sparql",
    address="http://127.0.0.1:7878/query",
    offset=QUERY.index("SERVICE"),
    silent=True,
    begun=BEGUN + timedelta(milliseconds=20),
    seconds=1.25,
    requests=2,
    keys=1000,
    cached_keys=0,
    cached_since=None,
    rows=1312,
    received_bytes=45_000,
    query="SELECT ?s ?r { VALUES ?s { <a:a> } ?s ?q ?r }",
)
CACHED = replace(
    ASKED,
    requests=0,
    query="",
    received_bytes=0,
    cached_keys=1000,
    cached_since=BEGUN - timedelta(minutes=12),
)
WHOLE = replace(ASKED, keys=None, address=ASKED.source)
FAILED = replace(
    ASKED, rows=0, failure=Failure("source-too-slow", "<https://a.example/sparql> was slow.", 504)
)
ACCOUNT = Account(
    id="abc",
    begun=BEGUN,
    seconds=1.5,
    local_seconds=0.125,
    query=QUERY,
    release="2026-11-29-0123456789ab",
    edition="e" * 64,
    asked=(ASKED, CACHED, WHOLE, FAILED),
)
QUESTION = Question(QUERY, "json", "turtle", ("http://example.org/g",), None)
TABLE = Table(
    ("s", "r"),
    (
        (NamedNode("a:a"), Literal("tab\tline\nend", language="en")),
        (BlankNode("b0"), None),
        (NamedNode("a:a"), Triple(NamedNode("a:a"), NamedNode("a:b"), Literal("x"))),
    ),
)
RECEIVED = {ASKED.offset: TABLE, 99: Table((), ((), ()))}
VALIDATOR = jsonschema_rs.Draft202012Validator(json.loads(schema()), validate_formats=True)


def ledgers(folder: Path, **settings: int) -> Ledgers:
    return Ledgers(folder, Settings(**settings))


def ask(query: str, account: Account = ACCOUNT) -> list[tuple[str, ...]]:
    """The solutions of a query over the Turtle of an account."""
    store = Store()
    store.load(as_turtle(account, ADDRESS), RdfFormat.TURTLE)
    prefixes = "".join(f"PREFIX {name}: <{iri}> " for name, iri in PREFIXES.items())
    found = store.query(f"{prefixes} PREFIX l: <{ADDRESS}#> {query}")
    return sorted(tuple(term.value for term in row) for row in found)  # type: ignore[union-attr]


def test_the_schema_is_one_and_has_the_address_that_ledgers_name() -> None:
    content = json.loads(schema())
    jsonschema_rs.meta.validate(content)

    assert content["$id"] == LEDGER_SCHEMA
    assert content["properties"]["$schema"]["const"] == LEDGER_SCHEMA


@pytest.mark.parametrize("address", [ADDRESS, None])
def test_the_json_is_what_the_schema_says(address: str | None) -> None:
    document = json.loads(json.dumps(as_json(ACCOUNT, address)))
    VALIDATOR.validate(document)

    assert document["partial"] is True
    assert document["asked"][0]["line"] == 3
    assert document["asked"][0]["column"] == 3
    assert document["asked"][3]["failure"]["code"] == "source-too-slow"


def test_a_document_that_lacks_a_member_or_has_one_more_is_not_valid() -> None:
    document = json.loads(json.dumps(as_json(ACCOUNT, None)))

    assert VALIDATOR.is_valid(document)
    assert not VALIDATOR.is_valid({**document, "more": 1})
    assert not VALIDATOR.is_valid({name: document[name] for name in document if name != "id"})


def test_the_account_can_be_read_back_from_its_json() -> None:
    assert account_of(json.loads(json.dumps(as_json(ACCOUNT, ADDRESS)))) == ACCOUNT


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("id", None),
        ("id", 7),
        ("begun", "yesterday"),
        ("begun", 5),
        ("seconds", "x"),
        ("seconds", True),
        ("asked", {}),
        ("asked", [1]),
        ("asked", [{}]),
    ],
)
def test_what_is_no_account_is_not_read(member: str, value: Json) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        account_of({**as_json(ACCOUNT, None), member: value})


@pytest.mark.parametrize("document", [None, [], "x", 1, {}])
def test_what_is_no_object_is_no_account(document: Json) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        account_of(document)


def test_the_turtle_tells_when_it_began_and_ended_and_what_was_used() -> None:
    assert ask(
        "SELECT ?a ?b { l:answer a prov:Activity; prov:startedAtTime ?a; prov:endedAtTime ?b }"
    ) == [("2026-11-29T12:30:15.123456Z", "2026-11-29T12:30:16.623456Z")]
    used = {iri for (iri,) in ask("SELECT ?x { l:answer prov:used ?x }")}
    assert {f"{RELEASE}{ACCOUNT.release}", ASKED.source, f"{ADDRESS}#rows-1"} < used
    assert f"{ADDRESS}#rows-4" not in used
    assert ask("SELECT ?t { l:query prov:value ?t }") == [(QUERY,)]


def test_the_turtle_tells_of_each_source_how_much_it_was_asked() -> None:
    counts = ask(
        "SELECT ?n ?v { l:asking-1 a prov:Activity ; dcterms:isPartOf l:answer ; prov:used ?s ;"
        " schema:additionalProperty [ a schema:PropertyValue ; schema:name ?n ; schema:value ?v ] }"
    )
    assert counts == [
        ("cached keys", "0"),
        ("keys", "1000"),
        ("received bytes", "45000"),
        ("requests", "2"),
    ]
    assert ask("SELECT ?v { l:rows-1 schema:additionalProperty/schema:value ?v }") == [("1312",)]
    assert ask("SELECT ?e { l:asking-1 prov:used [ a sd:Service ; sd:endpoint ?e ] }") == [
        ("http://127.0.0.1:7878/query",),
        ("https://a.example/sparql",),
    ]


def test_the_turtle_tells_what_was_used_again_and_since_when() -> None:
    assert ask("SELECT ?t { l:rows-2 prov:wasDerivedFrom [ prov:generatedAtTime ?t ] }") == [
        ("2026-11-29T12:18:15.123456Z",)
    ]
    assert not ask("SELECT ?t { l:rows-1 prov:wasDerivedFrom ?t }")


def test_the_turtle_tells_what_failed_and_that_the_answer_is_partial() -> None:
    assert ask(
        "SELECT ?c ?m { l:asking-4 schema:actionStatus schema:FailedActionStatus ;"
        " schema:error [ schema:identifier ?c ; schema:description ?m ] }"
    ) == [("source-too-slow", "<https://a.example/sparql> was slow.")]
    status = "SELECT ?s { l:result schema:creativeWorkStatus ?s }"
    assert ask(status) == [("partial",)]
    assert ask(status, replace(ACCOUNT, asked=(ASKED,))) == [("complete",)]


def test_what_was_refused_may_be_no_iri() -> None:
    refused = replace(FAILED, source="relative", address="relative", requests=0, query="")
    account = replace(ACCOUNT, asked=(refused,))

    VALIDATOR.validate(json.loads(json.dumps(as_json(account, None))))
    assert ask("SELECT ?n { l:asking-1 prov:used [ rdfs:label ?n ] }", account) == [("relative",)]
    assert ", not asked, " in as_text(account)


def test_the_turtle_is_the_same_each_time_and_has_no_blank_nodes() -> None:
    turtle = as_turtle(ACCOUNT, ADDRESS)

    assert turtle == as_turtle(ACCOUNT, ADDRESS)
    assert b"_:" not in turtle
    assert b"[" not in turtle


def test_people_read_a_line_a_source() -> None:
    source, mirror = "  https://a.example/sparql", " (at http://127.0.0.1:7878/query)"
    asked = ": asked 2026-11-29 12:30:15 UTC, "
    assert as_text(ACCOUNT).splitlines() == [
        "PARTIAL: 1 of 4 parts of other endpoints failed, in 1.50 s.",
        f"{source}{mirror}{asked}2 requests, 1000 keys, 1312 rows, live, 1.25 s",
        f"{source}{mirror}{asked}0 requests, 1000 keys, 1312 rows, from cache (12 min old), 1.25 s",
        f"{source}{asked}2 requests, the whole pattern, 1312 rows, live, 1.25 s",
        f"{source}{mirror}{asked}2 requests, 1000 keys, 0 rows, live, 1.25 s;"
        " FAILED: <https://a.example/sparql> was slow.",
    ]
    assert not as_text(replace(ACCOUNT, asked=()))
    assert "PARTIAL" not in as_text(replace(ACCOUNT, asked=(ASKED,)))


def test_the_words_of_a_source_do_not_steer_a_terminal() -> None:
    failed = replace(ASKED, failure=Failure("source-broken", "\x1b[2J\u202eevil", 502))
    shown = as_text(replace(ACCOUNT, asked=(failed,)))

    assert re.fullmatch(r"[^\x00-\x09\x0b-\x1f\u202e]+", shown)


def test_what_was_kept_is_found(tmp_path: Path) -> None:
    assert ledgers(tmp_path).keep(ACCOUNT, QUESTION, RECEIVED)
    found = ledgers(tmp_path).find(ACCOUNT.id)

    assert (found.account, found.question, found.received) == (ACCOUNT, QUESTION, RECEIVED)
    assert found.replayable


def test_what_is_told_is_read_without_what_was_received(tmp_path: Path) -> None:
    """A page that tells of millions of rows reads none of them, not even damaged ones."""
    it = ledgers(tmp_path)
    it.keep(ACCOUNT, QUESTION, RECEIVED)
    with sqlite3.connect(tmp_path / "ledgers-1.sqlite") as file:
        file.execute("UPDATE ledgers SET received = x'00'")
    file.close()
    found = it.find(ACCOUNT.id, tables=False)

    assert (found.account, found.question, found.received) == (ACCOUNT, QUESTION, {})
    assert found.replayable
    with pytest.raises(LedgerMissing):
        it.find(ACCOUNT.id)


@pytest.mark.parametrize("name", ["", "abd", "../abc", "abc' OR 1=1 --", "a" * 1000, "é"])
def test_what_was_not_kept_is_missing(name: str, tmp_path: Path) -> None:
    it = ledgers(tmp_path)
    it.keep(ACCOUNT, QUESTION, RECEIVED)

    with pytest.raises(LedgerMissing):
        it.find(name)


def test_after_its_time_it_is_gone_for_good(tmp_path: Path) -> None:
    it = ledgers(tmp_path, ledger_seconds=3600)
    it.keep(ACCOUNT, QUESTION, RECEIVED)
    with sqlite3.connect(tmp_path / "ledgers-1.sqlite") as file:
        file.execute("UPDATE ledgers SET kept = kept - 3601")
    with pytest.raises(LedgerMissing):
        it.find(ACCOUNT.id)
    it.keep(replace(ACCOUNT, id="other"), QUESTION, {})

    assert file.execute("SELECT id FROM ledgers").fetchall() == [("other",)]
    file.close()


def test_the_oldest_go_when_there_is_no_more_room(tmp_path: Path) -> None:
    it = ledgers(tmp_path, ledger_bytes=20_000)
    for n in range(50):
        assert it.keep(replace(ACCOUNT, id=f"l{n}"), QUESTION, RECEIVED)
    it.find("l49")
    with pytest.raises(LedgerMissing):
        it.find("l0")
    with sqlite3.connect(tmp_path / "ledgers-1.sqlite") as file:
        assert file.execute("SELECT sum(bytes) FROM ledgers").fetchone()[0] <= 20_000
    file.close()


def test_tables_that_are_too_large_are_left_out_and_it_says_so(tmp_path: Path) -> None:
    it = ledgers(tmp_path, ledger_bytes=20_000)
    large = Table(("n",), tuple((Literal(new_id()),) for _ in range(2000)))
    it.keep(ACCOUNT, QUESTION, {0: large})
    found = it.find(ACCOUNT.id)

    assert found.account == ACCOUNT
    assert not found.replayable
    assert not found.received


def test_where_nothing_can_be_kept_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    assert not ledgers(tmp_path / "file" / "link").keep(ACCOUNT, QUESTION, RECEIVED)
    assert not ledgers(tmp_path, ledger_bytes=0).keep(ACCOUNT, QUESTION, RECEIVED)


def test_a_ledger_that_was_damaged_is_missing(tmp_path: Path) -> None:
    it = ledgers(tmp_path)
    it.keep(ACCOUNT, QUESTION, RECEIVED)
    with sqlite3.connect(tmp_path / "ledgers-1.sqlite") as file:
        file.execute("UPDATE ledgers SET told = x'00'")
    file.close()

    with pytest.raises(LedgerMissing):
        it.find(ACCOUNT.id)


def test_the_name_of_a_ledger_cannot_be_guessed() -> None:
    names = {new_id() for _ in range(100)}

    assert len(names) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", name) for name in names)
