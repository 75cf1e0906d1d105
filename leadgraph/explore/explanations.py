"""Explanations of codes -> text for a terminal, or an object for programs."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from leadgraph.explore.codes import GROUPS
from leadgraph.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leadgraph.explore.codes import Explanation
    from leadgraph.explore.labels import Text
    from leadgraph.explore.mended import Pair

_WIDTH = 90
_LINE = 100


def as_text(explanation: Explanation, language: str) -> str:
    """Return what a code means, for people: what, why, what fails, what passes."""
    severity = say(f"problems.severity-{explanation.severity}", language)
    about = " · ".join(filter(None, [_value(explanation.title), explanation.path]))
    paragraphs = [
        f"{explanation.code} ({severity})",
        about,
        *(text.value for text in explanation.what),
        _value(explanation.why),
    ]
    if explanation.kinds:
        kinds = ", ".join(node.label.value for node in explanation.kinds)
        paragraphs.append(say("codes.asked-of", language, kinds=kinds))
    lines = [
        textwrap.fill(text, _WIDTH, break_on_hyphens=False) for text in filter(None, paragraphs)
    ]
    if explanation.pair:
        lines += _examples(explanation.pair, language)
    return "\n\n".join(lines)


def as_list(explanations: Sequence[Explanation], language: str) -> str:
    """Return one line for each code, under the heads of their groups."""
    width = max((len(each.code) for each in explanations), default=0)
    lines: list[str] = []
    for group in GROUPS:
        found = [each for each in explanations if each.group == group]
        if found:
            lines += [say(f"codes.group-{group}", language), ""]
            lines += [f"  {each.code:<{width}}  {_first(each)}" for each in found] + [""]
    return "\n".join([*lines, say("codes.more", language)])


def as_object(explanation: Explanation) -> dict[str, object]:
    """Return what a code means, for programs."""
    pair = explanation.pair
    return {
        "code": explanation.code,
        "group": explanation.group,
        "severity": str(explanation.severity),
        "title": _value(explanation.title),
        "what": [text.value for text in explanation.what],
        "why": _value(explanation.why),
        "path": explanation.path,
        "kinds": [node.iri for node in explanation.kinds],
        "fails": pair.bad if pair else None,
        "passes": pair.good if pair else None,
        "before": (pair.before or None) if pair else None,
        "needed": (pair.needed or None) if pair else None,
        "shapes": (pair.shapes or None) if pair else None,
        "fetched": (pair.fetched or None) if pair else None,
        "live": (pair.live or None) if pair else None,
    }


def shown_parts(pair: Pair) -> Iterator[tuple[str, str]]:
    """Yield the key of the words above each part of an example, and the part."""
    if pair.before:
        yield "codes.beside", pair.before
    if pair.shapes:
        yield "codes.by-shapes", pair.shapes
    if pair.fetched:
        yield "codes.fetched", pair.fetched
    if pair.live:
        yield "codes.live", pair.live
    yield "codes.fails", pair.bad
    if pair.needed:
        yield "codes.beside", pair.needed
    yield "codes.passes", pair.good


def _examples(pair: Pair, language: str) -> Iterator[str]:
    for key, part in shown_parts(pair):
        yield say(key, language)
        yield textwrap.indent(part, "    ")


def _value(text: Text | None) -> str:
    return text.value if text else ""


def _first(explanation: Explanation) -> str:
    """Return one line about a code, cut where it is long."""
    line = " ".join(explanation.line.value.split())
    return line if len(line) <= _LINE else line[: _LINE - 1] + "…"
