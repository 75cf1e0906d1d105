"""A small graph with links, a real server with what Wikidata says of them, and the command."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.endpoints import oxigraph

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
WIKIDATA = "https://query.wikidata.org/sparql"
WD = "http://www.wikidata.org/entity/"
ID = "https://w3id.org/leadgraph/id/"
STANDIN = ROOT / "../shared/domain/wikidata/standin-core.ttl"

PREFIXES = """
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix lg: <https://w3id.org/leadgraph/ns#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix wschema: <http://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix wd: <http://www.wikidata.org/entity/> .
@prefix wdt: <http://www.wikidata.org/prop/direct/> .
@prefix wikibase: <http://wikiba.se/ontology#> .
@prefix evidence: <https://w3id.org/leadgraph/id/evidence/> .
@prefix skill: <https://w3id.org/leadgraph/id/skill/> .
@prefix role: <https://w3id.org/leadgraph/id/role/> .
"""
LINKS = (
    PREFIXES
    + """
skill:communication
    a lg:Skill ;
    skos:prefLabel "Communication"@en , "Kommunikation"@de ;
    skos:closeMatch wd:Q11024 .  # communication

skill:coaching a lg:Skill ; skos:prefLabel "Coaching"@en ;
    skos:closeMatch
        wd:Q1104185 .

role:leader a lg:LeaderRole ; skos:prefLabel "Leader"@en ;
    skos:exactMatch <http://www.wikidata.org/entity/Q1251441> .
"""
)


def row(item: str, label: str, grade: str = "A", note: str = "") -> str:
    """A row of the table of evidence."""
    noted = f'; skos:note "{note}"@en ' if note else ""
    return (
        f"evidence:{item.lower()} a lg:LinkEvidence ; lg:evidenceFor wd:{item} ;"
        f' lg:confidence lg:Confidence{grade} ; rdfs:label "{label}"@en {noted};'
        ' dcterms:description "An export of Wikidata."@en .\n'
    )


EVIDENCE = (
    PREFIXES
    + row("Q11024", "communication")
    + row("Q1104185", "coaching", "B")
    + row("Q1251441", "leader; boss")
    + row("Q37226", "teacher", "B")
    + row("Q1162163", "director")
)
# What Wikidata says of these items, its own namespaces and all.
LIVE = {
    "Q11024": 'wd:Q11024 a wikibase:Item ; rdfs:label "communication"@en , "Kommunikation"@de ,'
    ' "通信"@zh , "伝達"@ja ; skos:altLabel "comms"@en ;'
    ' wschema:description "act of conveying meanings"@en ;'
    " wdt:P31 wd:Q28640 ; wikibase:sitelinks 120 .\n"
    "<https://de.wikipedia.org/wiki/Kommunikation> a wschema:Article ; wschema:about wd:Q11024 ;"
    ' wschema:inLanguage "de" ; wschema:isPartOf <https://de.wikipedia.org/> .\n'
    "<https://xx.wikipedia.org/wiki/C> wschema:about wd:Q11024 ;"
    " wschema:isPartOf <https://xx.wikipedia.org/> .\n"
    "<https://commons.wikimedia.org/wiki/Category:Communication> wschema:about wd:Q11024 ;"
    " wschema:isPartOf <https://commons.wikimedia.org/> .\n",
    "Q1104185": 'wd:Q1104185 rdfs:label "coaching"@en ; wdt:P31 wd:Q28640 .\n',
    "Q1251441": 'wd:Q1251441 rdfs:label "leader"@mul ; skos:altLabel "head"@en .\n',
    "Q28640": 'wd:Q28640 rdfs:label "profession"@en , "Beruf"@de .\n',
}


def live(**changed: str) -> str:
    """What Wikidata says, with other words about some items; "" where it says nothing."""
    return PREFIXES + "".join((LIVE | changed).values())


@dataclass(frozen=True)
class Source:
    """A server that answers in Wikidata's place."""

    address: str

    @property
    def allow(self) -> str:
        """What LEADGRAPH_SERVICE_ALLOW says to have it asked there."""
        return f"{WIKIDATA}#at={self.address}"


@contextmanager
def wikidata(text: str, folder: Path) -> Iterator[Source]:
    """Serve some Turtle by a real Oxigraph."""
    path = folder / "live.ttl"
    path.write_text(text, "utf-8")
    with oxigraph([path]) as address:
        yield Source(address)


def graph(folder: Path, **files: str) -> Path:
    """A folder with a graph: links and evidence, or what is named."""
    texts = {"links": LINKS, "wikidata_evidence": EVIDENCE} | files
    (folder / "graph/data").mkdir(parents=True)
    for name, text in texts.items():
        (folder / "graph/data" / f"{name.replace('_', '-')}.ttl").write_text(text, "utf-8")
    return folder / "graph"


@dataclass(frozen=True)
class Done:
    """What a command wrote, and how it ended."""

    status: int
    out: str
    err: str


def links(source: Source | str, *arguments: object, cwd: Path = ROOT, **variables: str) -> Done:
    """Run `leadgraph links`, with a source to ask."""
    allow = source if isinstance(source, str) else source.allow
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "LANG": "C.UTF-8",
        "LEADGRAPH_SERVICE_ALLOW": allow,
        **variables,
    }
    done = subprocess.run(
        [sys.executable, "-m", "leadgraph.cli.main", "links", *map(str, arguments)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return Done(done.returncode, done.stdout, done.stderr)
