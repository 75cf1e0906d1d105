"""A .rq file -> Example. Only the header is understood here; the query engine judges the query.

An example is a query that teaches something. The comments at its top say what it asks, in the
languages that its author speaks, whom it serves, and what must come out:

    # title@en: Which skills belong to the theme “How to Teach and Inspire”?
    # title@es: ¿Qué habilidades pertenecen al tema «Cómo enseñar e inspirar»?
    # description@en: A skill has its theme above it, by skos:broader.
    #   A line that begins with three spaces goes on with the one before.
    # for: developer
    # keywords: skills, SKOS
    # expect: "Mentoring"@en
    # expect: "Peer encouragement"@en

    SELECT ...

Only `title@en` must be there. `for` is contributor, developer or researcher. What must come out:

    # expect: "Mentoring"@en | 2 | UNDEF    a row: terms as in SPARQL, in the order of the SELECT
    # expect: true                          the answer to an ASK
    # expect-rows: 47                       so many rows; `expect` then says how they begin
    # expect-triples: 12+                   so many triples or more

A query that asks other endpoints (SERVICE) names each of them in a line of its own:

    # source: https://query.wikidata.org/sparql

What must come out is then what the stand-in of the tests answers (tests/standin), which has a
small part of what the source has, and keeps it unchanged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadgraph.errors import SourceUnreadable
from leadgraph.model import Example, Expected
from leadgraph.vocabulary import query_iri

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AUDIENCES = ("contributor", "developer", "researcher")
"""Whom an example can serve."""

_ENTRY = re.compile(
    r"#\s?(?P<key>[a-z-]+)(?:@(?P<language>[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*))?:\s*(?P<value>.*?)\s*\Z"
)
_MORE = re.compile(r"#\s{3,}(?P<value>.*?)\s*\Z")
_SIZE = re.compile(r"(?P<count>\d{1,9})(?P<more>\+?)\Z")
_FORM = re.compile(
    r"(?:\s|\#[^\n]*|BASE\s*<[^>]*>|PREFIX\s*[^\s:]*:\s*<[^>]*>)*+"
    r"(?P<form>SELECT|ASK|CONSTRUCT|DESCRIBE)",
    re.IGNORECASE,
)
_SPOKEN = ("title", "description")
_ONCE = ("for", "keywords", "expect-rows", "expect-triples")
_OFTEN = ("expect", "source")
_SOURCE = re.compile(r"https?://[^\s<>\"{}|^`\\]+\Z")
_REMEDY = "Mend that line; the header is explained in CONTRIBUTING.md."


@dataclass(slots=True)
class _Entry:
    """One `# key@language: value` of a header, and its line."""

    line: int
    key: str
    language: str
    value: str


def read_example(path: Path) -> Example:
    """Return the example that a file holds.

    Raises:
        SourceUnreadable: if it cannot be read, or its header says something else than above; the
            line is told.
    """
    try:
        query_iri(path.stem)
    except ValueError:
        reason, remedy = "its name is not kebab-case", "Use a-z, 0-9 and single hyphens."
        raise _unreadable(path, None, reason, remedy) from None
    return parse_example(path, _content(path))


def parse_example(path: Path, text: str) -> Example:
    """Return the example of a file's text; `path` names it.

    Raises:
        SourceUnreadable: as `read_example` does.
    """
    lines = text.splitlines(keepends=True)
    length = next((n for n, line in enumerate(lines) if line.strip() and line[0] != "#"), None)
    if length is None:
        raise _unreadable(
            path, len(lines) or 1, "there is no query below its header", "Write one there."
        )
    query = "".join(lines[length:]).strip() + "\n"
    form = _FORM.match(query)
    if form is None:
        reason = "the query is no SELECT, ASK, CONSTRUCT or DESCRIBE"
        raise _unreadable(path, length + 1, reason, "Begin it so, after its prefixes.")
    header = _Header(path, tuple(_entries(path, lines[:length])))
    return Example(
        slug=path.stem,
        title=header.spoken("title"),
        description=header.spoken("description"),
        audience=header.audience(),
        keywords=header.keywords(),
        form=form["form"].upper(),
        text=text,
        query=query,
        expected=header.expected(form["form"].upper()),
        sources=header.sources(),
    )


def _entries(path: Path, lines: list[str]) -> Iterator[_Entry]:
    """Yield what the lines of a header say; a line that goes on is joined to the one before."""
    entry: _Entry | None = None
    for number, line in enumerate(lines, start=1):
        more, start = _MORE.match(line), _ENTRY.match(line)
        if more and entry:
            entry.value = f"{entry.value} {more['value']}".strip()
            continue
        if entry:
            yield entry
            entry = None
        if start:
            entry = _Entry(number, start["key"], start["language"] or "", start["value"])
        elif line.strip("# \t\r\n"):
            raise _unreadable(path, number, "this is no “# key: value”")
    if entry:
        yield entry


@dataclass(frozen=True, slots=True)
class _Header:
    """What a file's header says, checked."""

    path: Path
    entries: tuple[_Entry, ...]

    def __post_init__(self) -> None:
        """Refuse what is unknown, empty, said twice, or in a language where there is none."""
        seen = set[tuple[str, str]]()
        for entry in self.entries:
            key = entry.key, entry.language
            if entry.key not in (*_SPOKEN, *_ONCE, *_OFTEN):
                raise self.wrong(entry, f"“{entry.key}” is no key of a header")
            if not entry.value:
                raise self.wrong(entry, f"“{entry.key}” says nothing")
            if bool(entry.language) != (entry.key in _SPOKEN):
                raise self.wrong(entry, "only title and description have a language, as title@en")
            if entry.key not in _OFTEN and key in seen:
                raise self.wrong(entry, f"“{entry.key}” is there already")
            seen.add(key)
        if ("title", "en") not in seen:
            raise _unreadable(
                self.path, 1, "its header has no title@en", "Write “# title@en: ...”."
            )

    def wrong(self, entry: _Entry, reason: str) -> SourceUnreadable:
        """Return the error that says what is wrong with one entry."""
        return _unreadable(self.path, entry.line, reason)

    def spoken(self, key: str) -> dict[str, str]:
        """Return the words of a key per language."""
        return {entry.language: entry.value for entry in self.entries if entry.key == key}

    def audience(self) -> str:
        """Return whom the example serves, "" if it does not say."""
        named = self.of("for")
        if named and named[0].value not in AUDIENCES:
            raise self.wrong(named[0], f"“for” is none of {', '.join(AUDIENCES)}")
        return named[0].value if named else ""

    def keywords(self) -> tuple[str, ...]:
        """Return the keywords, which commas part."""
        words = (word.strip() for entry in self.of("keywords") for word in entry.value.split(","))
        return tuple(dict.fromkeys(word for word in words if word))

    def sources(self) -> tuple[str, ...]:
        """Return the endpoints of others that the query asks."""
        for entry in self.of("source"):
            if not _SOURCE.match(entry.value):
                raise self.wrong(entry, "“source” is no address of an endpoint")
        return tuple(dict.fromkeys(entry.value for entry in self.of("source")))

    def expected(self, form: str) -> Expected:
        """Return what must come out of a query of this form."""
        fitting = {"SELECT": ("expect", "expect-rows"), "ASK": ("expect",)}
        allowed = fitting.get(form, ("expect-triples",))
        size, at_least, lines = None, False, []
        for entry in self.entries:
            if entry.key.startswith("expect") and entry.key not in allowed:
                raise self.wrong(
                    entry, f"“{entry.key}” is not for {form}; use {' or '.join(allowed)}"
                )
            if entry.key == "expect":
                lines.append(entry.value)
            elif entry.key in allowed:
                size, at_least = self.size(entry)
        answers = {"true", "false"}
        if form == "ASK" and lines and (len(lines) > 1 or lines[0] not in answers):
            raise self.wrong(self.of("expect")[-1], "“expect” is neither true nor false")
        return Expected(size, at_least, tuple(lines))

    def size(self, entry: _Entry) -> tuple[int, bool]:
        """Return the number of an entry, and whether there may be more."""
        found = _SIZE.match(entry.value)
        if not found:
            raise self.wrong(entry, f"“{entry.key}” is no whole number such as 12, or 12+")
        return int(found["count"]), bool(found["more"])

    def of(self, key: str) -> list[_Entry]:
        """Return the entries of a key."""
        return [entry for entry in self.entries if entry.key == key]


def _content(path: Path) -> str:
    """Return the text of an ordinary file: a FIFO never ends."""
    try:
        if path.is_file():
            return path.read_text("utf-8-sig")
        reason = "it is not an ordinary file, or is gone"
    except UnicodeDecodeError:
        reason = "it is not UTF-8"
    except OSError as error:
        reason = error.strerror or str(error)
    raise _unreadable(path, None, reason, "Mend that, or take it out of the folder.")


def _unreadable(
    path: Path, line: int | None, reason: str, remedy: str = _REMEDY
) -> SourceUnreadable:
    place = str(path) if line is None else f"{path}:{line}"
    return SourceUnreadable(place, reason, remedy)
