"""Number of things -> our linked things, and what the two other endpoints hold, as N-Quads.

The things are made up, in our vocabulary, the same ones each time; what they are linked with is
real: Wikidata's items and statements as `../shared` has them (CoDEx, CC0).
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, RdfFormat, parse

from bench.words import NOUNS, THEMES
from leadgraph.vocabulary import DCTERMS, ESCO, ID, LG, LINKSET, RDF, RDFS, SKOS, VOID, WD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from pyoxigraph import Quad

SHARED = Path(__file__).parents[2].parent / "shared/domain/wikidata"
ITEMS = SHARED / "codex-types-6lang.ttl"
STATEMENTS = SHARED / "codex-m-truthy-statements.nt.gz"

SEED = 5
_EXACT = 0.65
"""How many links are exact; the others are close."""
_SKILLS = 0.6
"""How many things are skills; the others are roles."""
_ALSO_ESCO = 0.15
"""How many skills have an exact match in ESCO, too, which Wikidata need not be asked about."""
_SECOND = 3
"""Every third item is also at the second endpoint."""
_SPOKEN = (f"{RDFS}label", "http://schema.org/description", f"{RDF}type")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the other endpoints are asked; nobody listens at the dead one."""

    wikidata: str
    second: str
    dead: str


def missing() -> str | None:
    """Say what is not here of what the other endpoints hold."""
    absent = [path.name for path in (ITEMS, STATEMENTS) if not path.exists()]
    return f"{' and '.join(absent)} are not in {SHARED.name}" if absent else None


def remote() -> Iterator[Quad]:
    """Yield what the stand-in for Wikidata holds."""
    yield from parse(path=ITEMS, format=RdfFormat.TURTLE)
    yield from parse(gzip.decompress(STATEMENTS.read_bytes()), RdfFormat.N_TRIPLES)


def items(quads: Sequence[Quad]) -> list[str]:
    """Return the items that have names, in the order of their IRIs."""
    label = NamedNode(f"{RDFS}label")
    named = {str(q.subject)[1:-1] for q in quads if q.predicate == label}
    return sorted(iri for iri in named if iri.startswith(f"{WD}Q"))


def second(quads: Sequence[Quad], found: Sequence[str]) -> Iterator[Quad]:
    """Yield what the second endpoint holds: the names and descriptions of every third item."""
    kept = {NamedNode(iri) for iri in found[::_SECOND]}
    spoken = {NamedNode(iri) for iri in _SPOKEN}
    return (quad for quad in quads if quad.subject in kept and quad.predicate in spoken)


def write(quads: Iterator[Quad] | Sequence[Quad], path: Path) -> None:
    """Write statements of the default graph as N-Quads."""
    with path.open("w", encoding="utf-8") as out:
        out.writelines(f"{quad.subject} {quad.predicate} {quad.object} .\n" for quad in quads)


def local(things: int, found: Sequence[str], addresses: Addresses, out: TextIO) -> None:
    """Write so many linked things; fewer of them are the beginning of more."""
    random = Random(SEED)  # noqa: S311  # the same each time, on purpose
    for number, theme in enumerate(THEMES["en"]):
        out.write(f'<{ID}skill-theme/{number}> <{SKOS}prefLabel> "{theme}"@en .\n')
    for name, address in (("wikidata", addresses.wikidata), ("second", addresses.second)):
        out.write(f"<{LINKSET}{name}> <{VOID}sparqlEndpoint> <{address}> .\n")
    for number in range(things):
        out.writelines(f"{line} .\n" for line in _thing(number, found, random))


def _thing(number: int, found: Sequence[str], random: Random) -> Iterator[str]:
    """Yield the statements about one thing."""
    kind, place = ("skill", f"{LG}Skill") if random.random() < _SKILLS else ("role", _ROLE)
    relation = "exactMatch" if random.random() < _EXACT else "closeMatch"
    item, theme = random.randrange(len(found)), random.randrange(len(THEMES["en"]))
    linkset = "wikidata" if item % _SECOND else "second"
    thing = f"<{ID}{kind}/bench-{number}>"
    yield f"{thing} <{RDF}type> <{place}>"
    for language in ("en", "es"):
        name = NOUNS[language][number % len(NOUNS[language])]
        yield f'{thing} <{SKOS}prefLabel> "{name} {number}"@{language}'
    yield f"{thing} <{SKOS}broader> <{ID}skill-theme/{theme}>"
    yield f"{thing} <{SKOS}{relation}> <{found[item]}>"
    yield f"{thing} <{DCTERMS}isPartOf> <{LINKSET}{linkset}>"
    if random.random() < _ALSO_ESCO and kind == "skill":
        yield f"{thing} <{SKOS}exactMatch> <{ESCO}skill/bench-{number}>"


_ROLE = f"{LG}LeaderRole"
