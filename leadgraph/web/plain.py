"""Nodes and descriptions -> plain JSON for programs that do not know RDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from flask import url_for

from leadgraph.explore.labels import NAMING
from leadgraph.formats import GRAPHS
from leadgraph.vocabulary import split
from leadgraph.web.reader import address, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leadgraph.explore.describe import Description, Group, Source, Statement, Value
    from leadgraph.explore.incoming import Incoming
    from leadgraph.explore.labels import Node, Text

Json: TypeAlias = Mapping[str, "Json"] | Sequence["Json"] | str | int | float | bool | None

UNDETERMINED = "und"
"""The BCP 47 tag of a text that has none."""


def text(run: Text) -> dict[str, Json]:
    """Return a run of text with its language, null where it has none."""
    return {"value": run.value, "language": run.language or None}


def reference(node: Node) -> dict[str, Json]:
    """Return what it takes to name a thing and to go there; the address is null outside."""
    return {"iri": node.iri, "address": address(node.iri) or None, "label": text(node.label)}


def references(nodes: Iterable[Node]) -> list[Json]:
    """Return several."""
    return [reference(node) for node in nodes]


def summary(node: Node, classes: Iterable[Node]) -> dict[str, Json]:
    """Return a thing of a list: its type is the part of its IRI, null outside our graph."""
    kind, slug = split(node.iri) or ("", "")
    about = url_for("api.thing", kind=kind, slug=slug) if kind else None
    facts: dict[str, Json] = {"type": kind or None, "classes": references(classes), "api": about}
    return {**reference(node), **facts}


def description(thing: Description, incoming: Iterable[Incoming]) -> dict[str, Json]:
    """Return all that the page about a thing says."""
    return {
        **summary(thing.node, thing.types),
        "is_deprecated": thing.is_deprecated,
        "labels": _labels(thing),
        "groups": [_group(group) for group in thing.groups],
        "incoming": [
            {
                "property": reference(row.property),
                "count": row.count,
                "things": references(row.subjects),
            }
            for row in incoming
        ],
        "sources": [_source(source) for source in thing.sources],
        "formats": _formats(thing.node.iri),
    }


def _labels(thing: Description) -> dict[str, Json]:
    """Return the names of a thing by language, the best of each first."""
    found: dict[str, list[str]] = {}
    for group in thing.groups:
        for statement in group.statements:
            if statement.property.iri in NAMING:
                for value in statement.values:
                    tag = value.text.language or UNDETERMINED
                    found.setdefault(tag, []).append(value.text.value)
    return {tag: list(dict.fromkeys(found[tag])) for tag in sorted(found)}


def _group(group: Group) -> dict[str, Json]:
    return {
        "name": group.name,
        "title": say(f"group-{group.name}"),
        "properties": [_statement(statement) for statement in group.statements],
    }


def _statement(statement: Statement) -> dict[str, Json]:
    return {
        "property": reference(statement.property),
        "values": [_value(value) for value in statement.values],
    }


def _value(value: Value) -> dict[str, Json]:
    """Return a thing, a literal, or what is said of a thing without a name."""
    found: dict[str, Json] = {"sources": list(value.sources)}
    if value.parts:
        return found | {"parts": [_statement(part) for part in value.parts]}
    if value.iri:
        return found | {
            "iri": value.iri,
            "address": address(value.iri) or None,
            "label": text(value.text),
        }
    return found | text(value.text) | {"datatype": value.datatype or None}


def _source(source: Source) -> dict[str, Json]:
    return {
        "number": source.number,
        "graph": reference(source.node),
        "license": reference(source.license) if source.license else None,
        "basis": reference(source.basis) if source.basis else None,
        "is_inferred": source.is_inferred,
    }


def _formats(iri: str) -> list[Json]:
    """Return where the same is as RDF."""
    kind, slug = split(iri) or ("", "")
    return [
        {
            "media_type": row.media_type,
            "address": url_for("resources.document", kind=kind, slug=f"{slug}.{row.extension}"),
        }
        for row in GRAPHS
    ]
