"""THE table of formats: media type <-> file extension <-> engine format.

Nothing else in the project knows a media type of RDF or of SPARQL results.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Generic, TypeVar

from pyoxigraph import QueryResultsFormat, RdfFormat

EngineFormat = TypeVar("EngineFormat", RdfFormat, QueryResultsFormat)


@dataclass(frozen=True, slots=True)
class Format(Generic[EngineFormat]):
    """One way to write triples or solutions.

    `name` is what people type (`--format csv`), `media_type` what is sent, `also` what is
    accepted for it, `extension` the end of a file name, `engine` pyoxigraph's own constant.
    """

    name: str
    media_type: str
    also: tuple[str, ...]
    extension: str
    engine: EngineFormat

    @property
    def names(self) -> frozenset[str]:
        """All that clients call it: `csv`, `rdf`, `rdf+xml`, `application/rdf+xml`, `json-ld`."""
        types = frozenset((self.media_type, *self.also))
        subtypes = frozenset(name.partition("/")[2] for name in types)
        spelt = frozenset(name.replace("ld+json", "json-ld") for name in subtypes)
        return types | subtypes | spelt | {self.name, self.extension}

    @property
    def content_type(self) -> str:
        """The Content-Type header, with the charset where text/* needs one."""
        if self.media_type.startswith("text/"):
            return f"{self.media_type}; charset=utf-8"
        return self.media_type


GRAPHS = (
    Format("turtle", "text/turtle", ("application/x-turtle",), "ttl", RdfFormat.TURTLE),
    Format("jsonld", "application/ld+json", ("application/json",), "jsonld", RdfFormat.JSON_LD),
    Format("ntriples", "application/n-triples", ("text/plain",), "nt", RdfFormat.N_TRIPLES),
    Format(
        "rdfxml",
        "application/rdf+xml",
        ("application/xml", "text/xml"),
        "rdf",
        RdfFormat.RDF_XML,
    ),
)
"""How triples are written (CONSTRUCT, DESCRIBE, documents); the first is the default."""

RESULTS = (
    Format(
        "json",
        "application/sparql-results+json",
        ("application/json",),
        "srj",
        QueryResultsFormat.JSON,
    ),
    Format(
        "xml",
        "application/sparql-results+xml",
        ("application/xml", "text/xml"),
        "srx",
        QueryResultsFormat.XML,
    ),
    Format("csv", "text/csv", (), "csv", QueryResultsFormat.CSV),
    Format("tsv", "text/tab-separated-values", (), "tsv", QueryResultsFormat.TSV),
)
"""How solutions and booleans are written (SELECT, ASK); the first is the default."""

DATASETS = (
    Format("nquads", "application/n-quads", (), "nq", RdfFormat.N_QUADS),
    Format("trig", "application/trig", (), "trig", RdfFormat.TRIG),
)
"""How whole datasets are written."""


def by_name(formats: tuple[Format[EngineFormat], ...], name: str) -> Format[EngineFormat]:
    """Return the format that people call so.

    Raises:
        KeyError: if there is none.
    """
    return {row.name: row for row in formats}[name]


def by_media_type(
    formats: tuple[Format[EngineFormat], ...], media_type: str
) -> Format[EngineFormat]:
    """Return the format of a media type without parameters.

    Raises:
        KeyError: if there is none.
    """
    return {
        **{other: row for row in reversed(formats) for other in row.also},
        **{row.media_type: row for row in formats},
    }[media_type.lower()]


def by_extension(file_name: str) -> Format[RdfFormat] | None:
    """Return the RDF format of a file name (`roles.ttl`), None for an unknown end."""
    extension = PurePath(file_name.lower()).suffix.removeprefix(".")
    extension = {"json": "jsonld", "owl": "rdf", "xml": "rdf"}.get(extension, extension)
    return next((row for row in (*GRAPHS, *DATASETS) if row.extension == extension), None)
