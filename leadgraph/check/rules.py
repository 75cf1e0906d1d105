"""The .rq files of a graph -> validation results: what only the whole graph can tell.

A rule is a SPARQL SELECT whose rows are mistakes (`?focus`, and if it likes `?path ?value`,
and `?graph`: the named graph of the file to blame). Its
first lines say what it means:

    # code: pathway-cycle
    # severity: Violation
    # en: The steps after {focus} lead back to it. Remove one lg:nextStep.
    # es: ...

Rules see every statement in the default graph, and each file in a named graph. A row that was
there before is not the contributor's: only new rows are reported.

So that the whole graph need not be looked through for every contribution, a rule may say what
decides about a row, as property paths from its ?focus (`reads`, of which there may be several):

    # reads: !()
    # reads: lg:hasStep/(schema:position|^lg:nextStep), skos:broader+
    # lacks: lg:hasDestination/a

`lacks` is for paths at whose end something has to be missing: only what goes away matters there,
and one statement is as good as many.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING

from pyoxigraph import DefaultGraph, NamedNode, Quad, QuerySolution, QuerySolutions, Store

from leadgraph.check.results import Result, short, shown
from leadgraph.check.scope.reads import Reads, reads
from leadgraph.check.slice import FileGraph, Term
from leadgraph.errors import ShapesInvalid
from leadgraph.model import Severity
from leadgraph.vocabulary import BASE, LEADGRAPH, graph_iri
from leadgraph.words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_HEADER = re.compile(r"#\s*(\w+)\s*:\s*(.+?)\s*\Z")
_PREFIX = re.compile(r"^\s*PREFIX\s+([\w.-]*):\s*<([^<>]*)>", re.IGNORECASE | re.MULTILINE)

Row = tuple[Term | None, Term | None, Term | None, Term | None]
"""The bindings of ?focus, ?path, ?value and ?graph."""

_COLUMNS = ("focus", "path", "value", "graph")


@dataclass(frozen=True, slots=True)
class Rule:
    """One .rq file: the query and what its rows mean."""

    path: str
    code: str
    severity: Severity
    messages: dict[str, str] = field(hash=False)
    query: str
    reads: Reads | None = field(default=None, hash=False)


def parse_rule(path: str, text: str) -> Rule:
    """Return the rule that a .rq file holds.

    Raises:
        ShapesInvalid: if its header lacks the code, the severity or a message in English, or says
            what it reads in what are no paths.
    """
    lines = list(_header(text))
    header = dict(lines)
    severity = header.get("severity", "").lower()
    missing = [key for key in ("code", "en") if key not in header]
    if severity not in set(Severity):
        missing.append("severity (Violation, Warning or Info)")
    if missing:
        raise ShapesInvalid(path, f"its first lines do not say '# {missing[0]}: ...'")
    messages = {language: header[language] for language in LANGUAGES if language in header}
    looks = _reads(path, lines, text)
    return Rule(path, header["code"], Severity(severity), messages, _rebased(text), looks)


def _reads(path: str, header: Sequence[tuple[str, str]], text: str) -> Reads | None:
    """What a rule reads around its focus nodes; None if it does not say so."""
    around, missing = (
        [value for key, value in header if key == name] for name in ("reads", "lacks")
    )
    if not around and not missing:
        return None
    try:
        return reads(around, missing, dict(_PREFIX.findall(text)))
    except ValueError as error:
        raise ShapesInvalid(path, f"of what it reads, {error}") from None


def _rebased(query: str) -> str:
    """Return a rule as it reads in a graph whose things have another base than ours.

    The ontology and the shapes stay ours; in patterns, dots stand as `[.]`.
    """
    ours = re.compile(re.escape(LEADGRAPH).replace(r"\.", r"(?:\.|\[\.\])") + "(?!ns|shapes)")
    return ours.sub(lambda found: BASE.replace(".", "[.]") if "[.]" in found[0] else BASE, query)


def new_rows(
    rules: Sequence[Rule],
    files: Sequence[FileGraph],
    context: Sequence[FileGraph],
    replaced: Sequence[FileGraph] = (),
) -> list[Result]:
    """Return the rows that the rules find with the files and did not find before.

    That is: not in the context alone; and, where files replace older versions of themselves, not
    in the graph with those, so that what their absence breaks elsewhere is found. Rows that are
    one problem to a reader are one result.

    Raises:
        ShapesInvalid: if a rule is not SPARQL, or no SELECT with ?focus.
    """
    before = [_store(context)]
    if replaced:
        before.append(_store([*context, *replaced]))
    after = _store([*context, *files])
    results: list[Result] = []
    for rule in rules:
        known = set.intersection(*(set(_rows(rule, store)) for store in before))
        results += [
            _result(rule, row) for row in _told_apart(rule, set(_rows(rule, after)) - known)
        ]
    return results


def _told_apart(rule: Rule, rows: Iterable[Row]) -> Iterable[Row]:
    """One row of those that differ only in a ?path or ?value that the words do not show."""
    shows_path, shows_value = (f"{{{name}}}" in rule.messages["en"] for name in ("path", "value"))
    first: dict[Row, Row] = {}
    for row in sorted(rows, key=lambda row: [str(term) for term in row]):
        focus, path, value, graph = row
        seen = (focus, path if shows_path else None, value if shows_value else None, graph)
        first.setdefault(seen, row)
    return first.values()


def _header(text: str) -> Iterator[tuple[str, str]]:
    """The `# key: value` lines before the query."""
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            return
        match = _HEADER.match(line)
        if match:
            yield match[1], match[2]


def _store(files: Iterable[FileGraph]) -> Store:
    """A store whose default graph has all statements and whose named graphs are the files."""
    store = Store()
    for file in filter(attrgetter("triples"), files):
        for name in (DefaultGraph(), NamedNode(graph_iri(file.slug))):
            store.extend(Quad(s, p, o, name) for s, p, o in file.triples)
    return store


def _rows(rule: Rule, store: Store) -> Iterator[Row]:
    try:
        solutions = store.query(rule.query)
        if not isinstance(solutions, QuerySolutions):
            raise ShapesInvalid(rule.path, "it is no SELECT query")
        names = {variable.value for variable in solutions.variables}
        if "focus" not in names:
            raise ShapesInvalid(rule.path, "it does not SELECT ?focus")
        for row in solutions:
            focus, path, value, graph = (_binding(row, name) for name in _COLUMNS)
            yield focus, path, value, graph
    except (SyntaxError, OSError) as error:
        raise ShapesInvalid(rule.path, " ".join(str(error).split()).rstrip(".")) from None


def _binding(row: QuerySolution, name: str) -> Term | None:
    """What a row binds to a variable; None also if the rule does not select it."""
    try:
        term: Term | None = row[name]
    except KeyError:
        return None
    return term


def _result(rule: Rule, row: Row) -> Result:
    """A row as a result; {focus} {path} {value} in its messages are filled in."""
    focus, path, value, graph = row
    facts = {
        f"{{{name}}}": short(shown(term) or "") for name, term in zip(_COLUMNS, row, strict=True)
    }
    fill = re.compile("|".join(map(re.escape, facts)))
    messages = {
        language: fill.sub(lambda match: facts[match[0]], text)
        for language, text in rule.messages.items()
    }
    return Result(
        rule.code, rule.severity, messages, focus=focus, predicate=path, value=value, graph=graph
    )
