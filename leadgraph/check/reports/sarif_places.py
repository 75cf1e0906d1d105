"""Places and edits -> SARIF's locations, regions and changes of artifacts (SARIF 2.1.0, 3.28)."""

from __future__ import annotations

import os
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadgraph.check.reports.plain_json import Json
    from leadgraph.check.reports.reader import Reader
    from leadgraph.model import Edit, Place

ROOT = "%SRCROOT%"
"""The name of the folder that relative paths start from."""


def artifact(path: str, reader: Reader) -> dict[str, Json]:
    """Return where a file is: from the root, or in full when it lies elsewhere."""
    relative = reader.relative(path)
    if relative.startswith("/"):
        return {"uri": under("file://", relative)}
    return {"uri": under("", relative), "uriBaseId": ROOT}


def under(base: str, path: str) -> str:
    """Return a path as a part of an address, its bytes percent-encoded (RFC 3986, 2.1)."""
    return base + quote(os.fsencode(path))


def location(place: Place, excerpt: str | None, reader: Reader) -> dict[str, Json]:
    """Return a location; a whole file is its first line, as GitHub wants a line of everything."""
    found: dict[str, Json] = {"artifactLocation": artifact(place.path, reader)}
    found["region"] = region(place) if place.line else {"startLine": 1}
    token = None if excerpt is None else _token(place, excerpt)
    if token:
        found["region"] = {**region(place), "snippet": {"text": token}}
    if excerpt and token and token != excerpt:
        found["contextRegion"] = {"startLine": place.line, "snippet": {"text": excerpt}}
    return {"physicalLocation": found}


def region(place: Place) -> dict[str, Json]:
    """Return a place as a region: both have exclusive ends and count from 1."""
    members = {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }
    return {name: number for name, number in members.items() if number is not None}


def numbered(related: Sequence[Place], reader: Reader) -> list[Json]:
    """Return further places with ids, by which a message may point at them."""
    return [{"id": n, **location(place, None, reader)} for n, place in enumerate(related, 1)]


def changes(edits: Sequence[Edit], reader: Reader) -> list[Json]:
    """Return the edits, file by file."""
    in_files = groupby(sorted(edits, key=lambda edit: edit.place.path), lambda e: e.place.path)
    return [
        {
            "artifactLocation": artifact(path, reader),
            "replacements": [
                {"deletedRegion": region(edit.place), "insertedContent": {"text": edit.text}}
                for edit in of_file
            ],
        }
        for path, of_file in in_files
    ]


def _token(place: Place, excerpt: str) -> str | None:
    """What stands at a place, None when it goes on in the next line."""
    if place.column is None or place.end_column is None or place.end_line != place.line:
        return None
    return excerpt[place.column - 1 : place.end_column - 1]
