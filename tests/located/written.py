"""`cases/*.txt` -> small cases written by hand, each with the places at which somebody must look.

A case is a name (`== ...`), shapes, and files (`-- ...`) in which `⟦Component:...⟧` marks a place
and what is reported there, once for each result. `N ...` is short for a node shape of ex:a with
these constraints, `P ...` for a property shape of its ex:p.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).with_name("cases")
_PREFIXES = (
    "@prefix ex: <http://ex.org/> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . "
    "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . "
    "@prefix sh: <http://www.w3.org/ns/shacl#> . "
    "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
)
_NODE = "ex:S a sh:NodeShape ; sh:targetNode ex:a ; {} ."
_PROPERTY = "ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:property [ sh:path ex:p ; {} ] ."
_MARK = re.compile(r"⟦(?P<components>[\w,]+):|⟧")
_BOM = "\ufeff"

Fact = tuple[str, int, int, int]
"""A component without its ending, the number of the file, and the offsets in its text."""


@dataclass(frozen=True, slots=True)
class Written:
    """Shapes, texts of files without BOM, and what must be found; `options` as in the case."""

    name: str
    shapes: str
    texts: tuple[str, ...]
    facts: tuple[Fact, ...]
    options: frozenset[str]

    def write(self, folder: Path) -> tuple[Path, list[Path]]:
        """Write the shapes and the files, and return their paths."""
        extension = "nt" if "nt" in self.options else "ttl"
        paths = [folder / f"{number}.{extension}" for number in range(len(self.texts))]
        for path, text in zip(paths, self.texts, strict=True):
            path.write_bytes(((_BOM if "bom" in self.options else "") + text).encode())
        if "itself" in self.options:
            return paths[0], paths
        shapes = folder / "shapes.ttl"
        shapes.write_text(self.shapes, encoding="utf-8")
        return shapes, paths


def cases() -> list[Written]:
    """Return all cases."""
    found = []
    for path in sorted(FOLDER.glob("*.txt")):
        first, *texts = re.split(r"^== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert not first
        found += [_case(text) for text in texts]
    return found


def _case(text: str) -> Written:
    name, _, rest = text.partition("\n")
    options = re.findall(r"^!(.*)\n", rest, flags=re.MULTILINE)
    shapes, *files = re.split(r"^-- ", re.sub(r"^!.*\n", "", rest, flags=re.MULTILINE), flags=re.M)
    facts: list[Fact] = [(o.split()[1], 0, 0, 0) for o in options if o.startswith("nowhere ")]
    texts = []
    for number, marked in enumerate(files):
        whole = marked if "nt" in options else _PREFIXES + marked
        if "crlf" in options:
            whole = whole.replace("\n", "\r\n")
        plain, found = _marks(whole, number)
        texts.append(plain)
        facts += found
    return Written(name, _PREFIXES + _long(shapes), tuple(texts), tuple(facts), frozenset(options))


def _long(shapes: str) -> str:
    """The shapes without abbreviations."""
    for start, template in (("N ", _NODE), ("P ", _PROPERTY)):
        if shapes.startswith(start):
            return template.format(shapes.removeprefix(start).strip())
    return shapes


def _marks(marked: str, number: int) -> tuple[str, list[Fact]]:
    """The text without its marks, and the places that they mark."""
    facts: list[Fact] = []
    begun: list[tuple[str, int]] = []
    plain, at = "", 0
    for mark in _MARK.finditer(marked):
        plain += marked[at : mark.start()]
        at = mark.end()
        if mark["components"]:
            begun.append((mark["components"], len(plain)))
            continue
        components, start = begun.pop()
        facts += [(component, number, start, len(plain)) for component in components.split(",")]
    assert not begun, marked
    return plain + marked[at:], facts
