"""A graph folder -> every code that a check of it can give, explained in the reader's language.

Codes come from five places: what reading refuses, the rules (`shapes/*.rq`), the shapes (their
local names), the constraints of SHACL, whose names stand beside a shape's code, and what
`leadgraph links check` finds when it asks Wikidata.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from leadgraph import words
from leadgraph.check.rules import parse_rule
from leadgraph.errors import CodeUnknown, ShapesInvalid
from leadgraph.explore.labels import Labels, Node, Text, choose, labels_in
from leadgraph.explore.likely import likely
from leadgraph.explore.mended import Pair, mended
from leadgraph.explore.shapes import asked_by, messages, targets
from leadgraph.vocabulary import RDF, RDFS, SH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from leadgraph.explore.folder import Folder
    from leadgraph.explore.sparql import Facts

GROUPS = ("reading", "rule", "shape", "constraint", "link")
"""Where codes come from, in the order in which they are listed."""

_CONSTRAINT = "ConstraintComponent"
_LINK = "link-"
_WARNINGS = ("empty", "iri-scheme", "label-space", "language-tag-case", "unknown-language")
_INFOS = ("link-unanswered", "link-uncompared")
_SEVERITIES = dict.fromkeys(_WARNINGS, "warning") | dict.fromkeys(_INFOS, "info")
_ASIDE = frozenset(
    SH + name
    for name in (
        *("name", "description", "message", "severity", "order", "group", "defaultValue"),
        *("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "target"),
        *("property", "path", "deactivated", "ignoredProperties", "declare", "prefixes", "flags"),
    )
)
"""What a shape may say besides what it asks for."""
_PLACEHOLDER = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a code means: `title` is what it is about, `what` says what is wrong and what to do.

    `why` tells what is behind it; `path` and `kinds` are the property and the classes that a
    shape looks at.
    """

    code: str
    group: str
    severity: str
    title: Text | None
    what: tuple[Text, ...]
    why: Text | None
    path: str = ""
    kinds: tuple[Node, ...] = ()
    pair: Pair | None = None

    @property
    def line(self) -> Text:
        """Return one line about the code."""
        return self.title or next(iter(self.what), self.why or Text(self.code))


@lru_cache(maxsize=4 * len(words.LANGUAGES))
def codes(folder: Folder | None, language: str) -> tuple[Explanation, ...]:
    """Return all codes: group by group, in the order of the alphabet. No folder: no shapes.

    Raises:
        ShapesInvalid: if a rule of the folder is none.
    """
    found = {each.code: each for each in _constraints(language)}
    if folder is not None:
        found |= {each.code: each for each in _shapes(folder, language)}
        found |= {each.code: each for each in _rules(folder, language)}
    found |= {each.code: each for each in _reading(language)}
    return tuple(
        sorted(found.values(), key=lambda each: (GROUPS.index(each.group), each.code.lower()))
    )


def explain(folder: Folder | None, code: str, language: str) -> Explanation:
    """Return what a code means.

    Raises:
        CodeUnknown: if there is no such code.
    """
    found = {each.code: each for each in codes(folder, language)}
    if code not in found:
        raise CodeUnknown(code, likely(code, found))
    return found[code]


@cache
def _mistakes() -> dict[str, dict[str, str | bool]]:
    """The examples of the codes that no graph brings."""
    text = files("leadgraph.explore").joinpath("mistakes.toml").read_text("utf-8")
    return tomllib.loads(text)


def _pair(code: str) -> Pair:
    given = _mistakes()[code]
    console = "console" in given
    parts = {key: text.strip("\n") for key, text in given.items() if isinstance(text, str)}
    return Pair(
        name=parts.get("file", "" if console else "example.ttl"),
        bad=parts["bad"],
        good=parts["good"],
        before=parts.get("before", ""),
        shapes=parts.get("shapes", ""),
        encoding=parts.get("encoding", "utf-8"),
        live=parts.get("live", ""),
        fetched=parts.get("fetched", ""),
    )


def _reading(language: str) -> Iterator[Explanation]:
    """What is refused whatever the shapes and rules are."""
    for code in _mistakes():
        if not code.endswith(_CONSTRAINT):
            group = "link" if code.startswith(_LINK) else "reading"
            severity = _SEVERITIES.get(code, "violation")
            said, why = _said(code, language), _why(code, language)
            yield Explanation(code, group, severity, None, said, why, pair=_pair(code))


def _said(code: str, language: str) -> tuple[Text, ...]:
    """Return what a report says of it, without the facts; nothing where it says several things."""
    for keys in ((f"problems.{code}",), (f"constraints.{code}", f"constraints.{code}-do")):
        try:
            said = " ".join(words.say(key, language) for key in keys)
        except KeyError:
            continue
        return (Text(_PLACEHOLDER.sub("…", said), language),)
    return ()


def _constraints(language: str) -> Iterator[Explanation]:
    for code in _mistakes():
        if code.endswith(_CONSTRAINT):
            what = (Text(words.say(f"codes.{code}", language), language),)
            title = Text("sh:" + code)
            yield Explanation(code, "constraint", "violation", title, what, None, pair=_pair(code))


def _rules(folder: Folder, language: str) -> Iterator[Explanation]:
    for path in folder.directory.rules:
        text = _text(path)
        rule = parse_rule(str(path), text)
        found = language if language in rule.messages else "en"
        what = Text(_PLACEHOLDER.sub("…", rule.messages[found]), found)
        yield Explanation(
            rule.code,
            "rule",
            rule.severity,
            None,
            (what,),
            _why(rule.code, language) or _reason(text),
            pair=mended(_examples(folder), rule.code),
        )


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise ShapesInvalid(str(path), "it is not UTF-8") from None
    except OSError as error:
        raise ShapesInvalid(str(path), error.strerror or str(error)) from None


def _why(code: str, language: str) -> Text | None:
    """Return our own words for why there is a code, None if it is not one of ours."""
    try:
        return Text(words.say(f"codes.{code}", language), language)
    except KeyError:
        return None


def _reason(text: str) -> Text | None:
    """Return why there is a rule of somebody else: the comment after its header, in English."""
    blocks = re.split(r"\n\s*\n", text.strip())
    if len(blocks) < 2 or not blocks[1].startswith("#"):  # noqa: PLR2004  # header, reason
        return None
    lines = (line.lstrip("# ") for line in blocks[1].splitlines() if line.startswith("#"))
    return Text(" ".join(lines), "en")


def _examples(folder: Folder) -> Path:
    return folder.directory.root / "shapes" / "examples"


def _shapes(folder: Folder, language: str) -> Iterator[Explanation]:
    """Every shape that has a name and asks for something."""
    facts = folder.shapes
    homes = {
        inner: home for home in facts.subjects() for inner in facts.nodes(home, SH + "property")
    }
    labels = labels_in((folder.ontology, facts), _terms(facts), language)
    for iri in facts.subjects():
        if not iri.startswith("_:") and _reports(facts, iri):
            yield _shape(folder, iri, homes.get(iri, ""), labels, language)


def _terms(facts: Facts) -> set[str]:
    """Return the shapes, and all that they are for."""
    return {each for iri in facts.subjects() for each in (iri, *targets(facts, iri))}


def _reports(facts: Facts, iri: str) -> bool:
    """Tell whether a result can have the name of a node: it asks for something itself.

    Also by a nameless property shape, whose results have the name of the shape that holds it.
    """
    is_shape = {SH + "NodeShape", SH + "PropertyShape"} & set(facts.nodes(iri, RDF + "type"))
    asks = {each for each in facts.predicates(iri) if each.startswith(SH)} - _ASIDE
    inner = facts.nodes(iri, SH + "property")
    nameless = any(each.startswith("_:") for each in inner)
    known = bool(is_shape) or bool(facts.nodes(iri, SH + "path")) or bool(inner)
    return known and bool(asks or nameless)


def _shape(folder: Folder, iri: str, home: str, labels: Labels, language: str) -> Explanation:
    facts = folder.shapes
    code = re.split(r"[#/:]", iri.rstrip("#/:"))[-1]
    asked = asked_by(facts, iri, language)
    told = facts.literals(iri, SH + "description") + facts.literals(iri, RDFS + "comment")
    holders = [] if home.startswith("_:") or not home else [home]
    name = asked.name or choose(facts.literals(iri, RDFS + "label"), language)
    about = [labels.node(holder).label.value for holder in holders]
    has_path = bool(facts.nodes(iri, SH + "path"))
    return Explanation(
        code,
        "shape",
        asked.severity,
        Text(": ".join([*about, name.value]), name.language) if name else None,
        messages(facts, iri, language),
        choose(told, language),
        asked.path if has_path else "",
        labels.nodes(at for each in (iri, *holders) for at in targets(facts, each)),
        mended(_examples(folder), code),
    )
