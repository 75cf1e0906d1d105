"""The guide says what is true: its snippets print what it shows, its tables are the code's."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin

import pytest
from markdown_it import MarkdownIt

from leadgraph import words
from leadgraph.formats import GRAPHS, RESULTS
from leadgraph.publish.releases import latest
from leadgraph.settings import Settings
from leadgraph.web import guide
from tests.markup import read
from tests.pages_engine import release
from tests.standin import server as standin
from tests.test_query_endpoint import OXIGRAPH, oxigraph
from tests.test_serve import Server, free_port, serving, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOWN = "http://127.0.0.1:8000"
BIN = Path(sys.executable).parent
FLOOD = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@dataclass(frozen=True)
class Block:
    """A code block of the guide."""

    page: str
    section: str
    language: str
    content: str

    def __str__(self) -> str:
        return f"{self.page}-{self.section}-{self.language}"


def blocks(page: str) -> list[Block]:
    """The code blocks of a page in their order."""
    tokens, section, found = MarkdownIt().parse(guide.source(page)), "", []
    for token, inline in zip(tokens, [*tokens[1:], tokens[-1]], strict=True):
        if token.type == "heading_open":
            section = inline.content
        if token.type == "fence":
            found.append(Block(page, section, token.info, token.content))
    return found


ALL_BLOCKS = [block for page in guide.PAGES for block in blocks(page)]
"""Every code block of the guide."""


def only(page: str, section: str, language: str) -> Block:
    """The one block of a language in a section."""
    (block,) = (
        block for block in blocks(page) if (block.section, block.language) == (section, language)
    )
    return block


def program(section: str, language: str) -> tuple[str, str]:
    """The program of a section, its cells joined, and what the guide says that it prints."""
    cells = [
        block.content
        for block in blocks("clients")
        if (block.section, block.language) == (section, language)
    ]
    if section == "Jupyter":
        cells[-1] = f"print({cells[-1]})"
    return "\n".join(cells), only("clients", section, "text").content


def command(console: str) -> tuple[str, str]:
    """The command of a console block, which may take several lines, and what it prints."""
    lines = console.splitlines(keepends=True)
    for end in range(1, len(lines) + 1):
        typed = "".join(lines[:end]).removeprefix("$ ")
        with contextlib.suppress(ValueError):
            shlex.split(typed)
            if not typed.endswith("\\\n"):
                return typed, "".join(lines[end:])
    raise AssertionError(console)


@pytest.fixture(scope="module")
def state() -> Path:
    """A state folder with the release of this repository in it."""
    return release().path.parents[1]


@contextlib.contextmanager
def serving_release(state: Path, *arguments: str, **variables: str) -> Iterator[Server]:
    """A server of the release in a state folder."""
    port = free_port()
    with subprocess.Popen(
        [BIN / "leadgraph", "serve", "--port", str(port), "--workers", "1", *arguments],
        env={**os.environ, "LEADGRAPH_STATE": str(state), **variables},
        stderr=subprocess.PIPE,
    ) as process:
        try:
            wait_for(port, process)
            yield Server(process, port)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def server(state: Path) -> Iterator[Server]:
    """A server of the real graph; who asks it about Wikidata is answered by the stand-in."""
    with contextlib.ExitStack() as stack:
        allow = ""
        if OXIGRAPH.exists():
            allow = stack.enter_context(standin.serving([standin.EXCERPT])).allow(standin.WIKIDATA)
        yield stack.enter_context(serving_release(state, LEADGRAPH_SERVICE_ALLOW=allow))


@pytest.fixture(scope="module")
def cutting(numbers: Path) -> Iterator[Server]:
    """A server whose answer to the flood is cut at its deadline."""
    with serving(str(numbers), "--workers", "1", "--deadline", "0.3") as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the query of the guide in a file."""
    path = tmp_path_factory.mktemp("reader")
    query = only("clients", "The question", "sparql").content
    (path / "skills.rq").write_text(query, "utf-8")
    (path / "leader.rq").write_text(only("federation", "Ask", "sparql").content, "utf-8")
    return path


def run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program as a reader does."""
    return subprocess.run(
        arguments,
        cwd=folder,
        env={
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "LEADGRAPH_STATE": "/nonexistent",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def printed(arguments: list[str], folder: Path) -> str:
    """What a program prints that ends well, with our ends of lines and nothing that time changes.

    Those are the number of a request, when another endpoint was asked, and how long it took.
    """
    result = run(arguments, folder)
    assert result.returncode == 0, result.stderr
    changing = r"(?<=urn:uuid:)[0-9a-f-]{36}|(?<=;asked=@)\d+|(?<=;seconds=)[\d.]+"
    return re.sub(changing, "...", result.stdout.replace("\r\n", "\n"))


def get(server: Server, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    """A response and its body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response, response.read()


def require(name: str) -> str:
    """The path of a program, or a skip."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


# The snippets


@pytest.mark.parametrize(
    "block", [block for block in ALL_BLOCKS if block.language == "console"], ids=str
)
def test_a_command_prints_what_the_guide_shows(block: Block, server: Server, folder: Path) -> None:
    require("curl")
    if block.page == "federation" and not OXIGRAPH.exists():
        pytest.skip("oxigraph is not installed")
    typed, shown = command(block.content)

    typed = typed.replace(SHOWN, f"http://127.0.0.1:{server.port}")

    assert printed(["bash", "-c", typed], folder) == shown


@pytest.mark.parametrize("section", ["Python with SPARQLWrapper", "Python with pandas", "Jupyter"])
def test_a_python_snippet_prints_what_the_guide_shows(
    section: str, server: Server, folder: Path
) -> None:
    pytest.importorskip("SPARQLWrapper" if "SPARQL" in section else "pandas")
    source, shown = program(section, "python")

    source = source.replace(SHOWN, f"http://127.0.0.1:{server.port}")

    assert printed([sys.executable, "-W", "error", "-c", source], folder) == shown


def test_the_r_snippet_prints_what_the_guide_shows(server: Server, folder: Path) -> None:
    source, shown = program("R", "r")

    source = source.replace(SHOWN, f"http://127.0.0.1:{server.port}")

    assert printed([require("Rscript"), "-e", source], folder) == shown


def test_the_javascript_snippet_prints_what_the_guide_shows_in_node(
    server: Server, folder: Path
) -> None:
    source, shown = program("JavaScript", "javascript")
    (folder / "skills.mjs").write_text(
        source.replace(SHOWN, f"http://127.0.0.1:{server.port}"), "utf-8"
    )

    assert printed([require("node"), "skills.mjs"], folder) == shown


def test_the_javascript_snippet_works_in_a_page_of_another_origin(
    server: Server, folder: Path
) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = require("chromium")
    source, shown = program("JavaScript", "javascript")
    _, _, rest = source.partition("\n\n")
    query = json.dumps((folder / "skills.rq").read_text("utf-8"))
    rest = rest.replace(SHOWN, f"http://127.0.0.1:{server.port}")

    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page, said = browser.new_page(), []
        page.on("console", lambda message: said.append(message.text))
        page.evaluate(f"async () => {{ const query = {query};\n{rest} }}")
        browser.close()

    assert said == shown.splitlines()


def test_the_address_for_spreadsheets_answers_with_a_column_of_words(server: Server) -> None:
    address = only("clients", "Excel and LibreOffice", "address").content.strip()

    response, body = get(server, address.removeprefix(SHOWN))

    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    first, *rows = body.decode().split("\r\n")
    assert first == "word"
    assert "treibende Kräfte" in rows


def test_every_snippet_of_the_guide_is_of_a_kind_that_is_tested() -> None:
    run = {"console", "python", "r", "javascript", "text", "address"}
    read = {"ini", "nginx", "sh", "sparql", "yaml"}

    assert {block.language for block in ALL_BLOCKS} == run | read


# What it says of the endpoint


def rows(page: str, section: str) -> list[list[str]]:
    """The cells of the table in a section."""
    _, _, text = guide.source(page).partition(f"## {section}\n")
    text, _, _ = text.partition("\n## ")
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_formats_are_those_of_the_table_of_formats() -> None:
    expected = [(row.name, "SELECT, ASK", row.media_type) for row in RESULTS]
    expected += [(row.name, "CONSTRUCT, DESCRIBE", row.media_type) for row in GRAPHS]

    found = [tuple(cell.strip("`") for cell in row) for row in rows("sparql", "Formats")]

    assert found == expected


def said_by(client: str, address: str, folder: Path) -> str:
    """What a client says of an answer that breaks off, with its exit code."""
    urllib = f"import urllib.request as r; r.urlopen({address!r}).read()"
    pandas = f"import pandas; pandas.read_csv({address!r})"
    wrapper = (
        "from SPARQLWrapper import CSV, SPARQLWrapper as W; "
        f"w = W({address.partition('?')[0]!r}, returnFormat=CSV); "
        f"w.setQuery({FLOOD!r}); w.queryAndConvert()"
    )
    requests = f"import requests; requests.get({address!r})"
    fetch = f"await (await fetch({json.dumps(address)})).text()"
    arguments = {
        "curl": ["curl", "--silent", "--output", "/dev/null", address],
        "urllib": [sys.executable, "-c", urllib],
        "pandas": [sys.executable, "-c", pandas],
        "SPARQLWrapper": [sys.executable, "-c", wrapper],
        "requests": [sys.executable, "-c", requests],
        "fetch": ["node", "--input-type=module", "-e", fetch],
        "read.csv": ["Rscript", "-e", f"read.csv({json.dumps(address)})"],
    }[client]
    require(arguments[0])
    for module in {"pandas", "SPARQLWrapper", "requests"} & {client}:
        pytest.importorskip(module)
    result = run(arguments, folder)
    assert result.returncode != 0
    return f"exit code {result.returncode} {result.stderr}"


@pytest.mark.parametrize(
    "client", ["curl", "urllib", "pandas", "SPARQLWrapper", "requests", "fetch", "read.csv"]
)
def test_a_client_says_of_a_cut_answer_what_the_guide_tells(
    client: str, cutting: Server, folder: Path
) -> None:
    (told,) = (row[1] for row in rows("sparql", "Answers that break off") if client in row[0])
    expected = re.search(r"exit code \d+|`([^`]+)`", told)
    assert expected is not None
    address = f"http://127.0.0.1:{cutting.port}/sparql?format=csv&query={quote(FLOOD)}"

    assert (expected[1] or expected[0]) in said_by(client, address, folder)


def test_an_answer_is_named_by_its_etag_unless_it_changes_by_itself(server: Server) -> None:
    ask = "/sparql?format=csv&query=ASK%20%7B%7D"
    first, _ = get(server, ask)

    again, body = get(server, ask, **{"If-None-Match": first.headers["ETag"]})
    changing, _ = get(server, "/sparql?format=csv&query=SELECT%20(NOW()%20AS%20%3Ft)%20%7B%7D")

    assert (again.status, body) == (304, b"")
    assert "ETag" not in changing.headers


# What it says to operators


def test_replicas_of_a_release_answer_with_the_same_bytes_and_etags(
    server: Server, state: Path, tmp_path: Path
) -> None:
    (tmp_path / "state").mkdir()
    for name in ("releases", "latest.json"):
        subprocess.run(["cp", "-a", state / name, tmp_path / "state" / name], check=True)
    paths = ["/", "/doc/role/coordinator.ttl", "/sparql?query=SELECT%20*%20%7B%3Fs%20a%20%3Ft%7D"]

    with serving_release(tmp_path / "state") as replica:
        for path in paths:
            (one, here), (other, there) = get(server, path), get(replica, path)
            assert (one.status, one.headers["ETag"]) == (200, other.headers["ETag"])
            assert here == there
        assert get(replica, "/health")[1] == get(server, "/health")[1]

    assert [path.name for path in (tmp_path / "state" / "releases").iterdir()] == [
        latest(state).version
    ]


def main(page: bytes) -> str:
    """What a page says, without what frames it."""
    return page.decode().partition("<main")[2].partition("</main>")[0]


def test_a_cluster_by_its_url_serves_the_same_pages(
    server: Server, state: Path, tmp_path: Path
) -> None:
    if not OXIGRAPH.exists():
        pytest.skip("oxigraph is not installed")
    count = only("operators", "A cluster by its URL", "sparql").content

    with (
        oxigraph(latest(state).dataset, tmp_path) as address,
        serving_release(state, "--engine", f"{address}?timeout={{seconds}}") as front,
    ):
        for path in ("/doc/role/coordinator", "/roles", "/pathways?lang=ar"):
            assert main(get(front, path)[1]) == main(get(server, path)[1]), path
        assert front.get(count) == server.get(count)


def test_the_trial_of_a_proxy_tells_a_cut_answer(cutting: Server, folder: Path) -> None:
    require("curl")
    trial = only("operators", "A proxy with TLS", "sh").content

    assert tried(trial, f"http://127.0.0.1:{cutting.port}", folder) == "18\n"


def test_nginx_as_the_guide_has_it_passes_on_a_cut(
    cutting: Server, folder: Path, tmp_path: Path
) -> None:
    nginx = require("nginx")
    port = free_port()
    trial = only("operators", "A proxy with TLS", "sh").content
    (location,) = re.findall(
        r"location .*?\n    }\n", only("operators", "A proxy with TLS", "nginx").content, re.DOTALL
    )
    (upstream,) = re.findall(
        r"keepalive.*", only("operators", "Many replicas of a release", "nginx").content
    )
    temporary = "".join(
        f"{name}_temp_path {tmp_path / name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; pid {tmp_path / 'pid'}; error_log {tmp_path / 'log'};"
        f"events {{}} http {{ access_log off; {temporary}"
        f"upstream leadgraph {{ server 127.0.0.1:{cutting.port}; {upstream} }}"
        f"server {{ listen 127.0.0.1:{port}; "
        f"{location.replace('127.0.0.1:8000', 'leadgraph')} }} }}"
    )

    with subprocess.Popen([nginx, "-p", tmp_path, "-c", tmp_path / "nginx.conf"]) as process:
        try:
            wait_for(port, process)
            assert tried(trial, f"http://127.0.0.1:{port}", folder) == "18\n"
        finally:
            process.kill()


def tried(trial: str, origin: str, folder: Path) -> str:
    """What the trial of a proxy prints when it is put to a server."""
    return run(
        ["bash", "-c", trial.replace("https://leadgraph.example.org", origin)], folder
    ).stdout


def test_the_service_is_one_that_systemd_takes(tmp_path: Path) -> None:
    analyze = require("systemd-analyze")
    unit = only("operators", "One machine", "ini").content
    unit = unit.replace("/srv/leadgraph/.venv/bin/leadgraph", "/bin/true")
    (tmp_path / "leadgraph.service").write_text(unit)

    result = run([analyze, "verify", "--man=no", "leadgraph.service"], tmp_path)

    about_ours = [line for line in result.stderr.splitlines() if "leadgraph.service" in line]
    assert about_ours == []


def test_the_settings_and_options_that_the_guide_names_exist() -> None:
    text = "".join(map(guide.source, guide.PAGES))
    names = {setting.name.upper() for setting in fields(Settings)}
    options = run([str(BIN / "leadgraph"), "serve", "--help"], Path.cwd()).stdout

    assert set(re.findall(r"LEADGRAPH_([A-Z_]+)", text)) <= names
    for option in re.findall(r"leadgraph serve (--\w+)", text):
        assert option in options


# The pages


def test_every_file_of_the_guide_is_a_page() -> None:
    written = {path.name for path in files("leadgraph.web").joinpath("guide").iterdir()}

    assert written == {f"{name}.md" for name in guide.PAGES}


@pytest.mark.parametrize("name", guide.PAGES)
def test_the_links_of_a_page_lead_somewhere(name: str, server: Server) -> None:
    path = f"/guide/{name}"
    page = read(get(server, path)[1].decode())
    anchors = page.values("id")
    links = [str(link.attributes["href"]) for link in page.all("a")]
    links = [link for link in links if not link.startswith(("https:", "/"))]

    assert len(links) > 5
    for link in links:
        if link.startswith("#"):
            assert link[1:] in anchors
        else:
            assert get(server, urljoin(path, link))[0].status == 200, link


def test_the_list_names_every_page_and_a_page_that_is_none_is_not_found(server: Server) -> None:
    body = get(server, "/guide")[1].decode()

    for name in guide.PAGES:
        assert guide.read(name).title in body
        assert f'href="/guide/{name}"' in body
    assert get(server, "/guide/nothing")[0].status == 404
    assert get(server, "/guide/..%2fclients")[0].status == 404


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_readers_of_other_languages_are_told_in_theirs_that_it_is_english(
    language: str, server: Server
) -> None:
    body = get(server, f"/guide/clients?lang={language}")[1].decode()

    assert (words.say("pages.guide-in-english", language) in body) == (language != "en")
    assert f'<html lang="{language}"' in body
    assert '<article class="guide" lang="en" dir="ltr">' in body


def test_what_a_page_quotes_is_escaped(server: Server) -> None:
    body = get(server, "/guide/clients")[1].decode()

    assert "&lt;https://w3id.org/leadgraph/ns#&gt;" in body
    assert "<https://" not in body
    assert "<script" not in body
