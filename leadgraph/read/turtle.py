"""Turtle bytes -> Source. The only module that parses what contributors send.

pyoxigraph decides what is Turtle (also N-Triples, and JSON-LD without remote contexts). There is
no base: a relative IRI would mean something else wherever the file lies, so it is a problem.
Run on strangers' bytes only inside the child of `leadgraph.check.child`.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from leadgraph import formats, words
from leadgraph.errors import SourceUnreadable
from leadgraph.model import GraphDirectory, Place, Problem, Severity, Source
from leadgraph.read import lexer, syntax

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadgraph.settings import Settings

_BOM = b"\xef\xbb\xbf"
_NO_BASE = "https://no-base.invalid/"
_MOST_OF_A_KIND = 20
_READABLE = (RdfFormat.TURTLE, RdfFormat.N_TRIPLES, RdfFormat.JSON_LD)
_RDF_XML = re.compile(rb"\s*+(?:<\?xml\s|<!DOCTYPE\s|<rdf:RDF\s)")


def read(path: str, data: bytes, settings: Settings) -> tuple[Source | None, tuple[Problem, ...]]:
    """Return the source, None if it cannot be parsed, and everything that is wrong with it.

    The end of `path` says the format (`.ttl .nt .jsonld`).
    """
    refused = _foreign(path, data, settings.source_bytes)
    if refused:
        return None, (refused,)
    try:
        text = data.removeprefix(_BOM).decode()
    except UnicodeDecodeError as error:
        return None, (_no_utf8(path, data, error),)
    excess = lexer.excess(
        text, settings.source_depth, settings.literal_bytes, json=_is(path, RdfFormat.JSON_LD)
    )
    if excess:
        place = syntax.span(path, text, excess.start, excess.end)
        facts = {"found": excess.found, "limit": excess.limit}
        return None, (_problem(excess.code, place, **facts),)
    source = Source(path, slug(path), text.encode(), 0)
    hidden = tuple(_hidden(path, text))
    counted, refused = _parse(source, text, settings.source_blank_nodes)
    if refused:
        return None, (*hidden, refused)
    if not counted.statements:
        empty = replace(_problem("empty", Place(path)), severity=Severity.WARNING)
        return counted, (*hidden, empty)
    return counted, hidden


def read_file(path: Path, settings: Settings) -> tuple[Source | None, tuple[Problem, ...]]:
    """Read a file that may be missing, a folder, a device, endless: each is a problem."""
    reason = ""
    try:
        data = _load(path, settings.source_bytes + 1)
        if data is not None:
            return read(str(path), data, settings)
        key = "special"
    except FileNotFoundError:
        key = "missing"
    except IsADirectoryError:
        key = "directory"
    except PermissionError:
        key = "forbidden"
    except OSError as error:
        key, reason = "other", error.strerror or str(error)
    messages = words.in_all_languages(f"problems.unreadable-{key}", reason=reason)
    return None, (Problem(Place(str(path)), Severity.VIOLATION, "unreadable", messages),)


def statements(source: Source) -> Iterator[Triple]:
    """Yield the statements of a source that was read, blank nodes with the ids of the file.

    Raises:
        SyntaxError: if the source did not come from `read`.
    """
    for quad in parse(source.data, format=_format(source.path)):
        yield quad.triple


def slug(path: str) -> str:
    """Return the name of a file's graph: `data/Leader roles.ttl` -> `leader-roles`."""
    return re.sub(r"[^a-z0-9]+", "-", Path(path).stem.lower()).strip("-") or "file"


def open_directory(root: Path) -> GraphDirectory:
    """Return what a folder in the shape of this project holds, each kind sorted by name.

    Raises:
        SourceUnreadable: if it has none of `ontology/ shapes/ data/`.
    """
    if not any((root / part).is_dir() for part in ("ontology", "shapes", "data")):
        raise SourceUnreadable(
            str(root),
            "it has no ontology/, shapes/ or data/ folder",
            "Name a folder that holds a graph.",
        )
    return GraphDirectory(
        root=root,
        ontology=_listed(root / "ontology", ".ttl"),
        shapes=_listed(root / "shapes", ".ttl"),
        rules=_listed(root / "shapes", ".rq"),
        data=_listed(root / "data", ".ttl", ".nt", ".jsonld"),
        queries=_listed(root / "queries", ".rq"),
    )


def directory_of(settings: Settings) -> GraphDirectory:
    """Return the graph that the settings name, else the one that is bundled.

    Raises:
        SourceUnreadable: if it is no graph folder.
    """
    return open_directory(Path(settings.graph) if settings.graph else bundled_directory())


def bundled_directory() -> Path:
    """Return the folder of our own graph: the checkout's root, or what the wheel carries."""
    package = Path(__file__).parents[1]
    checkout = package.parent
    return checkout if (checkout / "ontology").is_dir() else package / "bundled"


def _listed(folder: Path, *endings: str) -> tuple[Path, ...]:
    """Files of a folder with one of the endings, sorted; none if there is no such folder."""
    if not folder.is_dir():
        return ()
    return tuple(sorted(path for path in folder.iterdir() if path.suffix in endings))


def _load(path: Path, most_bytes: int) -> bytes | None:
    """At most so many bytes of an ordinary file, None for a device, a FIFO or a socket."""
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        return None
    # Between the two looks the path may have become a FIFO: O_NONBLOCK waits for no writer.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        ordinary = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
        return file.read(most_bytes) if ordinary else None


def _format(path: str) -> RdfFormat | None:
    """The engine's name of the format that the end of a path says, None if we read no such."""
    row = formats.by_extension(path)
    return row.engine if row and isinstance(row.engine, RdfFormat) else None


def _is(path: str, wanted: RdfFormat) -> bool:
    return _format(path) == wanted


def _problem(code: str, place: Place, **facts: object) -> Problem:
    """A violation whose words have the key of its code."""
    messages = words.in_all_languages(f"problems.{code}", **facts)
    return Problem(place, Severity.VIOLATION, code, messages)


def _foreign(path: str, data: bytes, most_bytes: int) -> Problem | None:
    """What is not even looked into: RDF/XML, unknown formats, too many bytes, UTF-16."""
    if _is(path, RdfFormat.RDF_XML) or _RDF_XML.match(data.removeprefix(_BOM)):
        return _problem("rdf-xml", Place(path))
    if _format(path) not in _READABLE:
        return _problem("unknown-format", Place(path))
    if len(data) > most_bytes:
        return _problem("too-large", Place(path), limit=most_bytes)
    # Without a mark UTF-16 shows by the NUL beside the first letter, which Turtle has in ASCII.
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\x00" in data[:2]:
        return _problem("utf-16", Place(path, 1, 1))
    return None


def _no_utf8(path: str, data: bytes, error: UnicodeDecodeError) -> Problem:
    """Where the first byte is that no UTF-8 text holds."""
    body = data.removeprefix(_BOM)
    before = body[: error.start].decode()
    place = syntax.span(path, before, len(before), len(before))
    offset = error.start + len(data) - len(body)
    return _problem("not-utf-8", place, byte=f"0x{body[error.start]:02X}", offset=offset)


def _hidden(path: str, text: str) -> Iterator[Problem]:
    for name, start, end in islice(lexer.hidden_characters(text), _MOST_OF_A_KIND):
        code = "nul" if name == "U+0000" else "bidi-override"
        yield _problem(code, syntax.span(path, text, start, end), character=name)


def _parse(source: Source, text: str, most_blank_nodes: int) -> tuple[Source, Problem | None]:
    """Count the statements, and find the first thing that makes the source unusable."""
    known = set[Triple]()
    blank_nodes = set[BlankNode]()
    engine = _format(source.path)
    # Without a base the JSON-LD parser drops relative IRIs silently: a base makes them visible.
    base = _NO_BASE if engine == RdfFormat.JSON_LD else None
    try:
        for quad in parse(source.data, format=engine, base_iri=base):
            unusable = _unusable(source.path, quad)
            if unusable:
                return source, unusable
            known.add(quad.triple)
            blank_nodes.update(t for t in (quad.subject, quad.object) if isinstance(t, BlankNode))
            if len(blank_nodes) > most_blank_nodes:
                limit = most_blank_nodes
                return source, _problem("too-many-blank-nodes", Place(source.path), limit=limit)
    except SyntaxError as error:
        return source, syntax.problem(source.path, text, error)
    except MemoryError as error:
        if "buffer maximal size" not in str(error):
            raise
        return source, _problem("word-too-long", Place(source.path))
    return replace(source, statements=len(known)), None


def _unusable(path: str, quad: Quad) -> Problem | None:
    """What cannot be part of a graph of plain statements about things with full IRIs."""
    value = quad.object
    if isinstance(value, Triple) or (isinstance(value, Literal) and value.direction):
        return _problem("rdf-1-2", Place(path))
    if not isinstance(quad.graph_name, DefaultGraph):
        return _problem("named-graph", Place(path))
    for term in (quad.subject, quad.predicate, value):
        if isinstance(term, NamedNode) and term.value.startswith(_NO_BASE):
            return _problem("relative-iri", Place(path), token=term.value.removeprefix(_NO_BASE))
    return None
