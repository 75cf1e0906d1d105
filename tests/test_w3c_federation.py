"""Every test of the W3C's SPARQL 1.1 suites of federation, over HTTP and real sources.

What the manifest says that an endpoint holds is served by an Oxigraph of its own, and reached as an
operator would have a mirror asked: by an entry of the list of sources. `invalid.endpoint.org` is on
no list. SERVICE in the part for another endpoint is refused by choice: whom that endpoint asks
would be nobody's account.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests import w3c
from tests.standin.server import OXIGRAPH, serving
from tests.w3c import Case, Reply, send

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    w3c.needs_suite,
    pytest.mark.skipif(not OXIGRAPH.exists(), reason="oxigraph is not installed"),
]

DIRECT = ("Content-Type", "application/sparql-query")
JSON = ("Accept", "application/sparql-results+json")
XML = ("Accept", "application/sparql-results+xml")
NESTED = {"service/service3", "service/service6"}
"""The tests with a SERVICE inside of a SERVICE."""
SILENT = {"service/service7"}
"""The tests in which an endpoint that cannot be asked is passed over in silence."""
ANSWERED = [case for case in w3c.cases("service") if case.id not in NESTED]
REFUSED = [case for case in w3c.cases("service") if case.id in NESTED]


@contextlib.contextmanager
def federation(case: Case, folder: Path) -> Iterator[int]:
    """Serve the data of a test, with its endpoints behind it; yields the port."""
    data = folder / "local.nq"
    data.write_text("")
    files = [w3c.file(iri) for iri in case.default] or [data]
    with contextlib.ExitStack() as stack:
        listed = [
            stack.enter_context(serving([w3c.file(held)])).allow(endpoint)
            for endpoint, held in case.services
        ]
        yield stack.enter_context(w3c.serving(*files, service_allow=" ".join(listed)))


def ask(port: int, case: Case, accept: tuple[str, str]) -> Reply:
    """The answer to the query of a test."""
    text = f"BASE <{case.query}>\n{case.text}"
    return send(port, "POST", "/sparql", [DIRECT, accept], text.encode())


def ledger(reply: Reply) -> str:
    """The path of the account that an answer in JSON links to."""
    (address,) = json.loads(reply.body)["head"]["link"]
    return urlsplit(str(address)).path


@pytest.mark.parametrize("case", ANSWERED, ids=lambda case: case.id)
def test_a_federated_query_means_what_the_suite_says_and_silence_makes_it_partial(
    case: Case, tmp_path: Path
) -> None:
    expected = w3c.expected(case.result)
    assert isinstance(expected, w3c.Solutions)

    with federation(case, tmp_path) as port:
        replies = [(ask(port, case, JSON), w3c.read_json), (ask(port, case, XML), w3c.read_xml)]
        account = send(port, "GET", ledger(replies[0][0]), [("Accept", "application/json")])

    assert json.loads(account.body)["partial"] is (case.id in SILENT)
    for reply, read in replies:
        assert reply.status == 200, reply.body
        found = read(reply.body)
        assert isinstance(found, w3c.Solutions)
        assert w3c.same_solutions(found, expected, ordered=False), (found, expected)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.id)
def test_a_service_inside_a_service_is_refused_with_its_place(case: Case, tmp_path: Path) -> None:
    with federation(case, tmp_path) as port:
        reply = ask(port, case, JSON)

    assert (reply.status, reply.code) == (400, "service-malformed")
    assert "line 11" in json.loads(reply.body)["detail"]


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server with no source on its list."""
    data = tmp_path_factory.mktemp("closed") / "empty.nq"
    data.write_text("")
    with w3c.serving(data, service_allow="") as port:
        yield port


@pytest.mark.parametrize("case", w3c.cases("syntax-fed"), ids=lambda case: case.id)
def test_what_is_sparql_is_understood_and_what_is_not_listed_is_refused(
    closed: int, case: Case
) -> None:
    reply = ask(closed, case, JSON)

    if "SILENT" in case.text:
        assert reply.status == 200
        assert json.loads(reply.body)["results"]["bindings"] == []
    else:
        assert (reply.status, reply.code) == (403, "service-refused")
        assert f"<{case.query.rpartition('/')[0]}/g>" in json.loads(reply.body)["detail"]
