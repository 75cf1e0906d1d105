"""Mappings of our things to another dataset -> SSSOM, QuickStatements, CSV, VoID.

SSSOM is for those who merge mappings, QuickStatements for the way back into Wikidata, CSV for
spreadsheets, VoID for those who look for links between datasets.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, RdfFormat, serialize

from leadgraph.link.wikidata.linked import MAPPINGS, Evidence
from leadgraph.publish.description import LINKED, linkset
from leadgraph.read.layout.tidy import tidied
from leadgraph.vocabulary import BASE, DCTERMS, ID, LINKSET, RDF, SKOS, VOID, WD, shorten, split

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from pyoxigraph import Triple

    from leadgraph.publish.dataset import Graph

CONFIDENCES = {"A": "0.95", "B": "0.75", "C": "0.4"}
"""The three grades of evidence on the scale of SSSOM, from 0 to 1."""
_CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
_SEMAPV = "https://w3id.org/semapv/vocab/"
_ON_CONFIDENCE = (
    "confidence is that of the evidence for the id, in three grades: 0.95 found in an export of "
    "the other dataset, 0.75 in a derived list, 0.4 weak. People decided that a mapping holds."
)
_SSSOM = (
    *("subject_id", "subject_label", "predicate_id", "object_id", "object_label"),
    *("mapping_justification", "confidence", "comment"),
)
_CSV = (*("thing", "thing_label", "mapping", "item", "item_label", "confidence", "note"),)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection)."""
_ITEM = re.compile(r"Q[1-9][0-9]*\Z")
_EXACT, _CLOSE = SKOS + "exactMatch", SKOS + "closeMatch"
_WAYS_BACK = {_EXACT: ("P2888", "P973"), _CLOSE: ("P973",)}
"""What Wikidata may say of an item: exact match (P2888), described at URL (P973). A page about a
broader or related thing does not describe the item."""
_KINDS = {"org": "organization"}
"""Kinds of things whose prefix in the files is another, as org: is a vocabulary."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A mapping with the names of both ends; `evidence` says why the id is believed."""

    subject: str
    subject_label: str
    predicate: str
    object: str
    object_label: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class MappingSet:
    """The mappings to one dataset of `LINKED`, and the state of the graph that they are from.

    `version` names that state, `published` is the day on which it was, None if it was not. `author`
    is whom the graph is from, "" if it does not say so. `stated` is all that the graph states.
    """

    name: str
    mappings: tuple[Joined, ...]
    stated: Graph
    version: str
    published: date | None = None
    author: str = ""


def mappings(
    name: str, stated: Graph, label: Callable[[str], str], evidence: Mapping[str, Evidence]
) -> tuple[Joined, ...]:
    """Return the mappings of our things to a dataset, in the order of things and properties."""
    _, namespace = LINKED[name]
    found = [
        Joined(
            subject.value,
            label(subject.value),
            predicate.value,
            target.value,
            label(target.value),
            evidence.get(target.value, Evidence()),
        )
        for subject, predicate, target in stated
        if predicate.value in MAPPINGS
        and isinstance(subject, NamedNode)
        and isinstance(target, NamedNode)
        and subject.value.startswith(BASE)
        and target.value.startswith(namespace)
    ]
    return tuple(sorted(found, key=lambda each: (each.subject, each.predicate, each.object)))


def as_sssom(given: MappingSet) -> str:
    """Return the mappings as SSSOM in TSV, with its metadata above the table.

    Each of them was decided by a person: semapv:ManualMappingCuration.
    """
    text = io.StringIO()
    table = csv.writer(text, delimiter="\t", lineterminator="\n")
    table.writerow(_SSSOM)
    for each in given.mappings:
        table.writerow(" ".join(cell.split()) for cell in _row(each, given.name))
    return _metadata(given) + text.getvalue()


def _row(each: Joined, name: str) -> tuple[str, ...]:
    return (
        ":".join(_curie(each.subject)),
        each.subject_label,
        shorten(each.predicate),
        f"{name}:{each.object.removeprefix(LINKED[name][1])}",
        each.object_label,
        "semapv:ManualMappingCuration",
        CONFIDENCES.get(each.evidence.confidence, ""),
        each.evidence.note,
    )


def _curie(iri: str) -> tuple[str, str]:
    """The prefix of a thing of ours and its local name: `role`, `coordinator`."""
    found = split(iri)
    if found is None:
        return "leadgraph", iri.removeprefix(BASE)
    kind, slug = found
    return _KINDS.get(kind, kind), slug


def _namespace(iri: str) -> str:
    found = split(iri)
    return BASE if found is None else f"{ID}{found[0]}/"


def _metadata(given: MappingSet) -> str:
    """The block of YAML above the table; what is a string in JSON is one in YAML.

    When each mapping was decided (mapping_date) nobody wrote down.
    """
    title, namespace = LINKED[given.name]
    known = {_curie(each.subject)[0]: _namespace(each.subject) for each in given.mappings}
    known |= {given.name: namespace, "semapv": _SEMAPV, "skos": SKOS}
    said = {
        "mapping_set_id": f"{LINKSET}{given.name}",
        "mapping_set_title": f"Mappings to {title}",
        "mapping_set_version": given.version,
        "publication_date": given.published.isoformat() if given.published else "",
        "license": _CC0,
        "comment": _ON_CONFIDENCE,
    }
    lines = [
        "curie_map:",
        *(f"  {prefix}: {json.dumps(iri)}" for prefix, iri in sorted(known.items())),
        *(f"{key}: {json.dumps(text, ensure_ascii=False)}" for key, text in said.items() if text),
        *(["creator_label:", f"  - {json.dumps(given.author)}"] if given.author else []),
    ]
    return "".join(f"#{line}\n" for line in lines)


def as_quickstatements(given: MappingSet) -> str:
    """Return commands that let Wikidata's items lead back here (QuickStatements, version 1).

    An IRI has neither quotes nor tabs nor line ends, so that none of it can end its string. No
    command is given twice.
    """
    lines = dict.fromkeys(
        f'{item}\t{property_}\t"{each.subject}"\n'
        for each in given.mappings
        if _ITEM.match(item := each.object.removeprefix(WD))
        for property_ in _WAYS_BACK.get(each.predicate, ())
    )
    return "".join(lines)


def as_csv(given: MappingSet) -> str:
    """Return the mappings as CSV (RFC 4180); no cell is taken for a formula."""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(_CSV)
    for each in given.mappings:
        row = (
            each.subject,
            each.subject_label,
            shorten(each.predicate),
            each.object,
            each.object_label,
            each.evidence.confidence,
            each.evidence.note,
        )
        table.writerow(map(_harmless, row))
    return text.getvalue()


def _harmless(cell: str) -> str:
    """A cell that begins like a formula, behind an apostrophe, which spreadsheets do not show."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def as_void(given: MappingSet) -> str:
    """Return the linkset as VoID in tidy Turtle: what a release publishes of it."""
    prefixes = {"dcterms": DCTERMS, "skos": SKOS, "void": VOID}
    statements = sorted(linkset(given.name, given.stated), key=_type_first)
    data = io.BytesIO()
    serialize(statements, data, RdfFormat.TURTLE, prefixes=prefixes)
    return tidied(f"{given.name}.ttl", data.getvalue().decode())


def _type_first(triple: Triple) -> tuple[str, bool, str]:
    return str(triple.subject), triple.predicate.value != RDF + "type", str(triple)


FORMS: Mapping[str, Callable[[MappingSet], str]] = {
    "void": as_void,
    "sssom": as_sssom,
    "quickstatements": as_quickstatements,
    "csv": as_csv,
}
"""The formats by their names on the command line."""
