"""Turtle text -> the names in it with white space at their edges, and how they are without.

A name with a space before or after it looks the same and is found by nobody.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from leadgraph.read.declarations import Declarations
from leadgraph.read.tokens import tokens
from leadgraph.vocabulary import DCTERMS, FOAF, LG, RDFS, SCHEMA, SKOS, SKOSXL

if TYPE_CHECKING:
    from collections.abc import Iterator

Change = tuple[int, int, str]
"""A span of the text, and what is to stand there instead."""

LABELS = frozenset(
    f"<{iri}>"
    for iri in (
        *(SKOS + name for name in ("prefLabel", "altLabel", "hiddenLabel", "notation")),
        *(RDFS + "label", DCTERMS + "title", FOAF + "name", SKOSXL + "literalForm"),
        *(SCHEMA + "name", SCHEMA + "alternateName", LG + "wikimediaUsername"),
    )
)
"""The properties whose values are names, as N-Triples write them."""

_STRING = re.compile(r"(?P<marks>\"{3}|'{3}|\"|')(?P<text>.*)(?P=marks)", re.DOTALL)
_UNIT = re.compile(r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\.|.", re.DOTALL)
_SPACES = {r"\t": "\t", r"\n": "\n", r"\r": "\r", r"\f": "\f"}
_SPACE = r"(?:\s|\\[tnrf]|\\u[0-9A-Fa-f]{4})"
_PERHAPS = re.compile(rf"[\s,(\[>][\"']{{1,3}}{_SPACE}|{_SPACE}[\"']{{1,3}}\s*[@^;,.\])#]")
"""White space on the inner side of what may be a quotation mark: most texts have none."""

_TERMS = frozenset({"name", "iri", "a", "semicolon", "dot"})


def spaced_names(text: str) -> Iterator[Change]:
    """Yield each name with white space at an edge: its token, and what should stand there."""
    declared = Declarations(text) if _PERHAPS.search(text) else None
    is_name, before = False, ""
    for token in tokens(text) if declared else ():
        if token.kind == "comment":
            continue
        written = text[token.start : token.end]
        if token.kind == "string" and is_name:
            right = trimmed(written)
            if right:
                yield token.start, token.end, right
        elif token.kind in _TERMS and before != "^^" and declared:
            is_name = f"<{declared.expanded(written, token.start)}>" in LABELS
        before = written


def trimmed(written: str) -> str | None:
    """Return a string in its quotation marks without white space at its edges.

    None if there is none, nothing else, or if it is no string.
    """
    match = _STRING.fullmatch(written)
    units = [unit[0] for unit in _UNIT.finditer(match["text"])] if match else []
    inner = [number for number, unit in enumerate(units) if not _is_space(unit)]
    if not match or not inner or len(units) == inner[-1] - inner[0] + 1:
        return None
    kept = units[inner[0] : inner[-1] + 1]
    if kept[-1] == match["marks"][0]:  # it would be one of four closing marks
        kept[-1] = "\\" + kept[-1]
    return match["marks"] + "".join(kept) + match["marks"]


def _is_space(unit: str) -> bool:
    if unit[:2] in {"\\u", "\\U"}:
        return chr(int(unit[2:], 16)).isspace()
    return _SPACES.get(unit, unit).isspace()
