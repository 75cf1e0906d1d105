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

from pyoxigraph import RdfFormat, parse

from leadgraph import formats, words
from leadgraph.errors import SourceUnreadable
from leadgraph.model import GraphDirectory, Place, Problem, Severity, Source
from leadgraph.read import lexer
from leadgraph.read.census import census
from leadgraph.read.lines import Lines
from leadgraph.read.mistakes import refusals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Triple

    from leadgraph.settings import Settings

HIDDEN = frozenset({"nul", "bidi-override"})
"""Codes of problems that do not keep a text from being parsed."""

BOM = b"\xef\xbb\xbf"
_MOST_OF_A_KIND = 20
_PREFIXES_WITHIN = 10_000
_READABLE = (RdfFormat.TURTLE, RdfFormat.N_TRIPLES, RdfFormat.JSON_LD)
_PREFIX = re.compile(rb"(?im)^\s*@?prefix\s+([\w.-]*):\s*<([^<>\"{}|^`\\\s]*)>")
_HTML = re.compile(rb"\s*+<(?:!DOCTYPE\s++html|html)[\s>]", re.IGNORECASE)
_RDF_XML = re.compile(rb"\s*+(?:<\?xml\s|<!DOCTYPE\s|<rdf:RDF\s)")


def read(path: str, data: bytes, settings: Settings) -> tuple[Source | None, tuple[Problem, ...]]:
    """Return the source, None if it cannot be parsed, and everything that is wrong with it.

    The end of `path` says the format (`.ttl .nt .jsonld`).
    """
    refused = _foreign(path, data, settings.source_bytes)
    if refused:
        return None, (refused,)
    try:
        text = data.removeprefix(BOM).decode()
    except UnicodeDecodeError as error:
        return None, (_no_utf8(path, data, error),)
    return _read_text(path, text, settings)


def _read_text(
    path: str, text: str, settings: Settings
) -> tuple[Source | None, tuple[Problem, ...]]:
    excess = lexer.excess(
        text, settings.source_depth, settings.literal_bytes, json=_is(path, RdfFormat.JSON_LD)
    )
    if excess:
        facts = {"found": excess.found, "limit": excess.limit}
        span = (excess.start, excess.end)
        return None, (refusals.problem_at(excess.code, path, text, span, **facts),)
    hidden = tuple(_hidden(path, text))
    count, mistakes = census(path, text, _format(path), settings.source_blank_nodes)
    if mistakes:
        told = {problem.place for problem in hidden}
        return None, (*hidden, *(one for one in mistakes if one.place not in told))
    source = Source(path, slug(path), text.encode(), count)
    if not count:
        empty = replace(
            refusals.problem("empty", Place(path, 1, 1, 1, 1)), severity=Severity.WARNING
        )
        return source, (*hidden, empty)
    return source, hidden


def read_file(path: Path, settings: Settings) -> tuple[Source | None, tuple[Problem, ...]]:
    """Read a file that may be missing, a folder, a device, endless: each is a problem."""
    data, unreadable = load(path, settings)
    return (None, unreadable) if data is None else read(str(path), data, settings)


def load(path: Path, settings: Settings) -> tuple[bytes | None, tuple[Problem, ...]]:
    """Return the bytes of a file, one more than may be if it has too many; None and why not."""
    reason = ""
    try:
        data = _load(path, settings.source_bytes + 1)
        if data is not None:
            return data, ()
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


def prefixes(sources: Iterable[Source]) -> dict[str, str]:
    """Return the prefixes that Turtle sources declare; of two with one name the last.

    One that only stands in a comment or in a text counts too, which does no harm where prefixes
    are a matter of looks.
    """
    return {
        prefix.decode(): namespace.decode()
        for source in sources
        for prefix, namespace in _PREFIX.findall(source.data)
    }


def declared_prefixes(source: Source) -> dict[str, str]:
    """Return the prefixes with which a source may be amended: those that its parser knows.

    Those are read that come before its first ten thousand statements end.

    Raises:
        SyntaxError: if the source did not come from `read`.
    """
    parser = parse(source.data, format=_format(source.path))
    for _ in islice(parser, _PREFIXES_WITHIN):
        pass
    return parser.prefixes


def is_turtle(path: str) -> bool:
    """Whether the end of a path says that it is Turtle, or N-Triples, which is a part of it."""
    return _format(path) in {RdfFormat.TURTLE, RdfFormat.N_TRIPLES}


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


def _foreign(path: str, data: bytes, most_bytes: int) -> Problem | None:
    """What is not even looked into: RDF/XML, unknown formats, too many bytes, UTF-16."""
    if _HTML.match(data.removeprefix(BOM)):
        messages = words.in_all_languages("problems.html")
        return Problem(Place(path, 1, 1, 1, 1), Severity.VIOLATION, "unknown-format", messages)
    if _is(path, RdfFormat.RDF_XML) or _RDF_XML.match(data.removeprefix(BOM)):
        return refusals.problem("rdf-xml", Place(path))
    if _format(path) not in _READABLE:
        return refusals.problem("unknown-format", Place(path))
    if len(data) > most_bytes:
        return refusals.problem("too-large", Place(path), limit=most_bytes)
    # Without a mark UTF-16 shows by the NUL beside the first letter, which Turtle has in ASCII.
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\x00" in data[:2]:
        return refusals.problem("utf-16", Place(path, 1, 1, 1, 1))
    return None


def _no_utf8(path: str, data: bytes, error: UnicodeDecodeError) -> Problem:
    """Where the first byte is that no UTF-8 text holds."""
    body = data.removeprefix(BOM)
    before = len(body[: error.start].decode())
    facts = {"byte": f"0x{body[error.start]:02X}", "offset": error.start + len(data) - len(body)}
    shown = body.decode(errors="replace")
    return refusals.problem_at("not-utf-8", path, shown, (before, before), **facts)


def _hidden(path: str, text: str) -> Iterator[Problem]:
    found = [*islice(lexer.hidden_characters(text), _MOST_OF_A_KIND)]
    lines = Lines(text if found else "")
    for name, start, end in found:
        code = "nul" if name == "U+0000" else "bidi-override"
        place = lines.place(path, start, end)
        excerpt = lines.excerpt(place.line or 1)
        yield refusals.problem(code, place, excerpt, character=name)
