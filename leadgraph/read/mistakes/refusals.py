"""What is refused although it may be parsed -> Problem, with its place where a text has one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode

from leadgraph import words
from leadgraph.model import Place, Problem, Severity
from leadgraph.read.lines import Lines
from leadgraph.read.tokens import tokens

if TYPE_CHECKING:
    from pyoxigraph import Triple


def problem(code: str, place: Place, excerpt: str | None = None, **facts: object) -> Problem:
    """Return a violation whose words have the key of its code."""
    messages = words.in_all_languages(f"problems.{code}", **facts)
    return Problem(place, Severity.VIOLATION, code, messages, excerpt=excerpt)


def problem_at(code: str, path: str, text: str, span: tuple[int, int], **facts: object) -> Problem:
    """Return a violation at a span of the text."""
    lines = Lines(text)
    place = lines.place(path, *span)
    return problem(code, place, lines.excerpt(place.line or 1), **facts)


def rdf_1_2(path: str, text: str) -> Problem:
    """Say where the first token is that RDF 1.1 does not have."""
    for token in tokens(text):
        if token.kind == "star" or (token.kind == "tag" and "--" in text[token.start : token.end]):
            return problem_at("rdf-1-2", path, text, token[1:])
    return problem("rdf-1-2", Place(path))


def relative_iri(path: str, text: str, iri: str) -> Problem:
    """Say where a relative IRI of JSON-LD is, if it is written once."""
    written = json.dumps(iri, ensure_ascii=False)
    at = text.find(written)
    if at < 0 or text.find(written, at + 1) >= 0:
        return problem("relative-iri", Place(path), token=iri)
    return problem_at("relative-iri", path, text, (at, at + len(written)), token=iri)


def too_many_blank_nodes(path: str, text: str, number: int, triple: Triple, limit: int) -> Problem:
    """Say where the first blank node is that is too many, by the number of its statement."""
    from leadgraph.read.places import locate  # noqa: PLC0415  # most files have no mistake

    statement = locate(text).statements[number]
    is_member = statement.subject == statement.predicate  # of a collection
    is_object = is_member or isinstance(triple.object, BlankNode)
    span = statement.object if is_object else statement.subject
    return problem_at("too-many-blank-nodes", path, text, span, limit=limit)


def word_too_long(path: str, text: str) -> Problem:
    """Say where the longest token is."""
    longest = max(tokens(text), key=lambda token: token.end - token.start)
    return problem_at("word-too-long", path, text, longest[1:])
