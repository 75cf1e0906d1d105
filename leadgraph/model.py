"""The nouns that pass between the steps: frozen values, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path


class Severity(StrEnum):
    """How grave a problem is; the names are SHACL's."""

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in a file; lines and columns count from 1 in code points, ends are exclusive.

    `line` is None when only the file is known.
    """

    path: str
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None

    def __str__(self) -> str:
        parts = (self.path, self.line, self.column)
        return ":".join(str(part) for part in parts if part is not None)


@dataclass(frozen=True, slots=True)
class Edit:
    """A replacement of the text at a place; an empty place is an insertion."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a contributor has to mend, and where.

    `code` is stable for machines (`syntax`, a rule's code, or the shape's local name),
    `constraint` the SHACL constraint component's local name when a shape found it; focus,
    predicate and value are in N-Triples syntax. `messages` holds the text per language tag.
    `excerpt` is the line where the place begins, without its end; `related` are further places
    that belong to the problem; `suggestion` is what was probably meant, as the file would write
    it (`lg:requiresSkill`); `edits` mend it where there is one right answer. `focus_name` is the
    focus node as the file writes it, if it has a name.
    """

    place: Place
    severity: Severity
    code: str
    messages: dict[str, str] = field(hash=False)
    constraint: str | None = None
    focus: str | None = None
    predicate: str | None = None
    value: str | None = None
    excerpt: str | None = None
    suggestion: str | None = None
    related: tuple[Place, ...] = ()
    edits: tuple[Edit, ...] = ()
    focus_name: str | None = None

    def message(self, language: str) -> str:
        """Return the text in a language, else in English."""
        return self.messages.get(language) or self.messages["en"]


@dataclass(frozen=True, slots=True)
class Report:
    """All problems of one check, in the order of files and lines.

    `graph` is SHACL's own report in Turtle (`sh:ValidationReport`), where it was wanted.
    """

    problems: tuple[Problem, ...]
    files: tuple[str, ...]
    statements: int
    graph: str | None = None

    @property
    def conforms(self) -> bool:
        """No violation; warnings and notes do not count."""
        return not any(p.severity is Severity.VIOLATION for p in self.problems)


@dataclass(frozen=True, slots=True)
class Source:
    """One Turtle file as it was read: `data` is its UTF-8 text without a byte order mark."""

    path: str
    slug: str
    data: bytes
    statements: int


@dataclass(frozen=True, slots=True)
class GraphDirectory:
    """A folder in the shape of this project, `ontology/ shapes/ data/ queries/`, in order."""

    root: Path
    ontology: tuple[Path, ...]
    shapes: tuple[Path, ...]
    rules: tuple[Path, ...]
    data: tuple[Path, ...]
    queries: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Release:
    """A published state: an immutable folder; `version` is `YYYY-MM-DD-hash`."""

    version: str
    path: Path
    created: datetime
    digest: str
    statements: int
    files: dict[str, str] = field(hash=False)

    @property
    def dataset(self) -> Path:
        """The N-Quads file that the engine loads: default graph and named graphs."""
        return self.path / "leadgraph.nq"


@dataclass(frozen=True, slots=True)
class Question:
    """A SPARQL query with its protocol dataset and the wanted media type.

    `default_graphs` and `named_graphs` are IRIs; both None means the dataset of the query, or
    of the store (SPARQL 1.1 Protocol, 2.1.4).
    """

    text: str
    results: str
    graph: str
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A query that shows what can be asked here; `slug` is its file's name without the end.

    `title` and `description` hold the words per language tag. `audience` says whom it serves
    (`contributor`, `developer`, `researcher`), "" where its author does not. `text` is the whole
    file, `query` what follows its header, `form` SELECT, ASK, CONSTRUCT or DESCRIBE. `sources` are
    the endpoints of others that it asks; `expected` is then what a stand-in for them answers.
    """

    slug: str
    title: dict[str, str] = field(hash=False)
    description: dict[str, str] = field(hash=False)
    audience: str
    keywords: tuple[str, ...]
    form: str
    text: str
    query: str
    expected: Expected
    sources: tuple[str, ...] = ()

    def title_in(self, language: str) -> tuple[str, str]:
        """Return the title with its language: the one that is asked for, else English."""
        return _in(self.title, language)

    def description_in(self, language: str) -> tuple[str, str]:
        """Return the description with its language: the one that is asked for, else English."""
        return _in(self.description, language)


@dataclass(frozen=True, slots=True)
class Expected:
    """What an example must answer: how many solutions or triples, and its first lines.

    `size` is None where nobody said it, `at_least` tells that there may be more. A line is a row
    (`"Mentoring"@en | 2`), or `true` or `false`.
    """

    size: int | None = None
    at_least: bool = False
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks: an address, and the descriptor of the connection, by which it shows who left."""

    address: str
    connection: int | None = None


class Form(StrEnum):
    """The form of an answer (SPARQL 1.1 Query, 16)."""

    SOLUTIONS = "solutions"
    BOOLEAN = "boolean"
    GRAPH = "graph"


class Chunks(Protocol):
    """The bytes of a body as they come; `close` gives up the rest."""

    def __iter__(self) -> Iterator[bytes]:
        """Return itself."""

    def __next__(self) -> bytes:
        """Return the next bytes; raise a `QueryError` when the answer breaks off."""

    def close(self) -> None:
        """End the work on an answer that nobody waits for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine sends: the form, its media type, and the bytes as they come.

    `whole` is the complete body when it was small enough to be known before sending, else None
    and `chunks` streams it. When the stream breaks off, what was sent by then must not be ended as
    if it were complete.
    """

    form: Form
    media_type: str
    chunks: Chunks
    whole: bytes | None = None


def _in(words: dict[str, str], language: str) -> tuple[str, str]:
    """Return words and their language: the one that is asked for, else English, else none."""
    found = language if language in words else "en"
    return words.get(found, ""), found
