"""Data files -> what each IRI in them is called in English, for tables that others read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from leadgraph.vocabulary import DCTERMS, FOAF, RDFS, SCHEMA, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from leadgraph.check.slice import FileGraph
    from leadgraph.link.wikidata.linked import Evidence

_NAMING = (
    SKOS + "prefLabel",
    RDFS + "label",
    DCTERMS + "title",
    FOAF + "name",
    SCHEMA + "name",
    SCHEMA + "alternativeHeadline",
)
"""The properties that name a thing, the best first."""


class Names:
    """What things are called: by the data, and items of which these say nothing by evidence."""

    def __init__(self, files: Iterable[FileGraph], known: Mapping[str, Evidence]) -> None:
        found: dict[str, list[tuple[bool, int, str]]] = {}
        for subject, predicate, value in (t for file in files for t in file.triples):
            if (
                predicate.value in _NAMING
                and isinstance(value, Literal)
                and isinstance(subject, NamedNode)
            ):
                rank = (value.language != "en", _NAMING.index(predicate.value), value.value)
                found.setdefault(subject.value, []).append(rank)
        self._found = {iri: min(ranks)[2] for iri, ranks in found.items()}
        self._known = known

    def knows(self, iri: str) -> bool:
        """Tell whether the data name an IRI."""
        return iri in self._found

    def english(self, iri: str) -> str:
        """Return the name in English, else in another language, else by evidence, else ""."""
        row = self._known.get(iri)
        return self._found.get(iri) or (row.labels[0] if row and row.labels else "")
