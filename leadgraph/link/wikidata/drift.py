"""Links and what Wikidata says now -> Results: the links that do not hold any more, and why."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, NamedNode

from leadgraph.check.results import Result, short, shown
from leadgraph.model import Edit, Severity
from leadgraph.read.declarations import Declarations
from leadgraph.read.lines import Lines
from leadgraph.vocabulary import SKOS, WD, shorten
from leadgraph.words import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from leadgraph.link.wikidata.items import Item
    from leadgraph.link.wikidata.linked import Evidence, Link
    from leadgraph.model import Problem

GONE, REDIRECTED = "link-gone", "link-redirected"
LABEL_DRIFTED, TYPE_DRIFTED = "link-label-drifted", "link-type-drifted"
UNANSWERED, UNCOMPARED = "link-unanswered", "link-uncompared"
MISNAMED = "link-misnamed"
CODES = (GONE, LABEL_DRIFTED, MISNAMED, REDIRECTED, TYPE_DRIFTED, UNANSWERED, UNCOMPARED)
_EXACT = SKOS + "exactMatch"
_GAPS = re.compile(r"[\s_-]+")
_NUMBER = re.compile(r"[/:]([QPL][1-9][0-9]*)(?:[.#?].*)?\Z", re.IGNORECASE)
"""The number of an item at the end of the address of a page about it."""


@dataclass(frozen=True, slots=True)
class Known:
    """What links are held against: items as they are now, by IRI, and what was known before.

    `targets` are the items that took the place of others, by the IRIs of those; `classes` names
    the types. `is_excerpt` tells that the source holds a part of Wikidata only: what it lacks may
    well be there.
    """

    now: Mapping[str, Item]
    targets: Mapping[str, Item]
    classes: Mapping[str, Item]
    evidence: Mapping[str, Evidence]
    before: Mapping[str, Item]
    is_excerpt: bool = False


def drift(links: Iterable[Link], known: Known) -> list[Result]:
    """Return what is wrong with links, in their order."""
    return [result for link in links for result in _of(link, known.now[link.item], known)]


def misnamed_links(links: Iterable[Link]) -> list[Result]:
    """Return that these name no item, with the item whose number stands in the address, if any."""
    return [_misnamed(link) for link in links]


def _misnamed(link: Link) -> Result:
    found = _NUMBER.search(link.item)
    told = _result(link, MISNAMED, _VIOLATION)
    return replace(told, suggestion=f"wd:{found[1].upper()}") if found else told


def _of(link: Link, item: Item, known: Known) -> Iterator[Result]:
    if item.redirect and not (known.is_excerpt and link.item not in known.targets):
        yield _redirected(link, known)
    elif item.redirect or item.is_gone:
        code, grave = (UNANSWERED, Severity.INFO) if known.is_excerpt else (GONE, _VIOLATION)
        yield _result(link, code, grave)
    else:
        yield from _label(link, item, known)
        yield from _type(link, item, known)


_VIOLATION = Severity.VIOLATION


def _redirected(link: Link, known: Known) -> Result:
    """A link to an item that was merged into another: that one is suggested, if it is there."""
    target = known.targets.get(link.item)
    if target is None:
        next_one = shorten(known.now[link.item].redirect)
        return _result(link, GONE, _VIOLATION, "link-redirected-nowhere", target=next_one)
    key = REDIRECTED if _is_supported(link, target, known) else "link-redirected-unsupported"
    by_language = {tag: {"label": target.label(tag)} for tag in LANGUAGES}
    told = _result(link, REDIRECTED, _VIOLATION, key, by_language, target=shorten(target.iri))
    return replace(told, suggestion=shorten(target.iri))


def _is_supported(link: Link, target: Item, known: Known) -> bool:
    """Whether the table of evidence lets this link lead to that item (shapes/wikidata-*.rq)."""
    row = known.evidence.get(target.iri)
    return row is not None and (link.predicate.value != _EXACT or row.confidence == "A")


def _label(link: Link, item: Item, known: Known) -> Iterator[Result]:
    """What the item is called now is none of the names that the evidence was found under.

    Where the old name is an alias of it still, the item was renamed and probably means the same.
    """
    before, names = _expected(link.item, known), _names(item)
    if not before:
        yield _result(link, UNCOMPARED, Severity.INFO, now=item.label("en"))
        return
    expected = {folded(name) for name in before}
    if names and folded(names[0]) in expected:
        return
    is_alias = any(folded(name) in expected for name in names[1:])
    severity = Severity.WARNING if is_alias or not names else _VIOLATION
    key = "link-label-renamed" if is_alias else LABEL_DRIFTED if names else "link-label-missing"
    now = names[0] if names else item.label("en")
    yield _result(link, LABEL_DRIFTED, severity, key, now=now, before="; ".join(before))


def _names(item: Item) -> list[str]:
    """The English names of an item, its label first; a lexeme is called so in its own language."""
    return [*item.labels.values()] if item.number.startswith("L") else item.names("en")


def _expected(iri: str, known: Known) -> Sequence[str]:
    """The English names that an item had: of the evidence, else of what was last fetched."""
    row = known.evidence.get(iri)
    if row is not None and row.labels:
        return row.labels
    return _names(known.before[iri])[:1] if iri in known.before else ()


def _type(link: Link, item: Item, known: Known) -> Iterator[Result]:
    """The item is an instance of nothing that it was an instance of when it was last fetched.

    An excerpt may lack what an item is an instance of.
    """
    before = known.before[link.item].types if link.item in known.before else ()
    is_unknown = known.is_excerpt and not item.types
    if not before or is_unknown or set(before) & set(item.types):
        return
    by_language = {
        tag: {"now": _named(item.types, known, tag), "before": _named(before, known, tag)}
        for tag in LANGUAGES
    }
    yield _result(link, TYPE_DRIFTED, _VIOLATION, None, by_language)


def _named(types: Iterable[str], known: Known, language: str) -> str:
    """The names of types, each with its id."""
    return ", ".join(_class(iri, known, language) for iri in types) or "—"


def _class(iri: str, known: Known, language: str) -> str:
    item = known.classes.get(iri)
    label = item.label(language) if item else ""
    return f"{label} ({shorten(iri)})" if label and label != shorten(iri)[3:] else shorten(iri)


def folded(name: str) -> str:
    """Return a name without what makes no difference: case, width, spaces, hyphens."""
    return _GAPS.sub(" ", unicodedata.normalize("NFKC", name)).strip().casefold()


def _result(  # the facts of a message
    link: Link,
    code: str,
    severity: Severity,
    key: str | None = None,
    by_language: Mapping[str, Mapping[str, str]] | None = None,
    **facts: str,
) -> Result:
    is_nameless = isinstance(link.subject, BlankNode)
    subject = "[ ... ]" if is_nameless else short(shown(link.subject) or "")
    messages = {
        tag: say(
            f"problems.{key or code}",
            tag,
            **{
                "focus": subject,
                "item": shorten(link.item),
                **facts,
                **(by_language or {}).get(tag, {}),
            },
        )
        for tag in LANGUAGES
    }
    return Result(
        code,
        severity,
        messages,
        focus=link.subject,
        predicate=link.predicate,
        value=NamedNode(link.item),
        graph=link.graph,
        occurrence=link.occurrence,
    )


def with_edits(
    problems: Iterable[Problem], texts: Mapping[str, bytes], known: Known
) -> list[Problem]:
    """Return the problems; a link that may lead to the item's successor at once with that edit.

    `texts` are the Turtle files by their paths, UTF-8 without a byte order mark.
    """
    return [
        replace(problem, edits=(_edit(problem, texts[problem.place.path].decode(), known),))
        if _may_be_mended(problem, texts, known)
        else problem
        for problem in problems
    ]


def _may_be_mended(problem: Problem, texts: Mapping[str, bytes], known: Known) -> bool:
    if problem.code != REDIRECTED or problem.place.path not in texts:
        return False
    row = known.evidence.get(_target(problem, known).iri)
    is_exact = problem.predicate == f"<{_EXACT}>"
    return row is not None and (not is_exact or row.confidence == "A")


def _target(problem: Problem, known: Known) -> Item:
    return known.targets[(problem.value or "").strip("<>")]


def _edit(problem: Problem, text: str, known: Known) -> Edit:
    """Write the successor as the old item was written: by that prefix, or in full."""
    target, place, lines = _target(problem, known), problem.place, Lines(text)
    start = lines.offset(place.line or 1, place.column or 1)
    written = text[start : lines.offset(place.end_line or 1, place.end_column or 1)]
    before, number, after = written.rpartition((problem.value or "").strip("<>").removeprefix(WD))
    if number and after in {"", ">"}:
        return Edit(place, before + target.number + after)
    prefix = None if text[start] == "<" else Declarations(text).prefix(WD, start)
    return Edit(place, f"<{target.iri}>" if prefix is None else prefix + target.number)
