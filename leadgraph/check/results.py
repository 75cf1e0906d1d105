"""What shapes and rules found -> Problems, each in the file that states it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from leadgraph.model import Place, Problem, Severity
from leadgraph.vocabulary import XSD, graph_iri, shorten, split

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from leadgraph.check.slice import FileGraph, Term

_LONGEST_TERM = 200
_TYPED = re.compile(r"(?P<text>\".*\")\^\^<(?P<type>[^<>]*)>", re.DOTALL)
# What Turtle reads without quotes (RDF 1.1 Turtle, 2.5.2 and 2.5.3).
_BARE = {
    XSD + "integer": re.compile(r"[+-]?[0-9]+"),
    XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    XSD + "double": re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+"),
    XSD + "boolean": re.compile(r"true|false"),
}
_PREFIXES_OF_KINDS = {"org": "organization"}


@dataclass(frozen=True, slots=True)
class Result:
    """A validation result (SHACL, 3.6.2), or a row of a rule; not yet placed in a file.

    `graph` is the named graph that a rule blames.
    """

    code: str
    severity: Severity
    messages: dict[str, str] = field(hash=False)
    constraint: str | None = None
    focus: Term | None = None
    predicate: Term | None = None
    value: Term | None = None
    graph: Term | None = None


def placed(
    results: Sequence[Result], files: Sequence[FileGraph], context: Sequence[FileGraph] = ()
) -> list[Problem]:
    """Return the results as problems, each once.

    The file is the one that a rule blames, also one of the context; else the one that states
    (focus, predicate, value), else one that says anything by that predicate, or anything at all,
    about the focus node, else one that mentions it.
    """
    stated = _stated(results, files)
    for file in context:
        stated.setdefault(("blamed", NamedNode(graph_iri(file.slug))), file.path)
    problems = (_problem(result, _path(result, stated, files)) for result in results)
    return list(dict.fromkeys(problems))


def shown(term: Term | None) -> str | None:
    """Return a term in N-Triples syntax, cut in the middle when it is very long."""
    if term is None:
        return None
    text = str(term)
    if len(text) <= _LONGEST_TERM:
        return text
    half = _LONGEST_TERM // 2
    return f"{text[:half]}…{text[-half + 1 :]}"


def short(term: str) -> str:
    """Return a term of N-Triples as a file may have it: `role:coordinator`, `-3`, `"a"^^xsd:date`.

    `organization:` is the prefix for organizations, because `org:` is that of a W3C vocabulary.
    """
    typed = _TYPED.fullmatch(term)
    if typed:
        bare = _BARE.get(typed["type"])
        plain = typed["text"][1:-1]
        is_bare = bare is not None and bare.fullmatch(plain)
        return plain if is_bare else f"{typed['text']}^^{shorten(typed['type'])}"
    if not term.startswith("<"):
        return term
    iri = term[1:].removesuffix(">")
    ours = split(iri)
    return f"{_PREFIXES_OF_KINDS.get(ours[0], ours[0])}:{ours[1]}" if ours else shorten(iri)


def natural(text: str) -> tuple[tuple[str, int], ...]:
    """Return a key to sort texts by in which `m101` comes before `m1000`."""
    parts = re.findall(r"([^0-9]*)([0-9]{0,18})", text)
    return tuple((words, int(number or -1)) for words, number in parts)


def _stated(results: Iterable[Result], files: Sequence[FileGraph]) -> dict[tuple[object, ...], str]:
    """Which file states what about the focus nodes; the first file wins."""
    focus_nodes = {result.focus for result in results}
    stated: dict[tuple[object, ...], str] = {}
    for file in files:
        stated.setdefault(("blamed", NamedNode(graph_iri(file.slug))), file.path)
        for triple in file.triples:
            subject, predicate, value = triple
            if subject in focus_nodes:
                stated.setdefault((subject, predicate, value), file.path)
                stated.setdefault((subject, predicate), file.path)
                stated.setdefault((subject,), file.path)
            if value in focus_nodes:
                stated.setdefault(("mentioned", value), file.path)
    return stated


def _path(result: Result, stated: dict[tuple[object, ...], str], files: Sequence[FileGraph]) -> str:
    focus, predicate, value = result.focus, result.predicate, result.value
    keys = (
        ("blamed", result.graph),
        (focus, predicate, value),
        (focus, predicate),
        (focus,),
        ("mentioned", focus),
    )
    return next((stated[key] for key in keys if key in stated), files[0].path)


def _problem(result: Result, path: str) -> Problem:
    return Problem(
        place=Place(path),
        severity=result.severity,
        code=result.code,
        messages=result.messages,
        constraint=result.constraint,
        focus=shown(result.focus),
        predicate=shown(result.predicate),
        value=shown(result.value),
    )
