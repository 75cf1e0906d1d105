"""A mistake whose right form is known -> that form, and the edits that write it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadgraph.model import Edit
from leadgraph.read.mistakes import lookalikes

if TYPE_CHECKING:
    from leadgraph.read.lines import Lines
    from leadgraph.read.mistakes.found import Mistake

_CLOSING_QUOTES = re.compile(
    "[^\u201d\u201c\u00bb\u2019\u203a\"'\n\r]*([\u201d\u201c\u00bb\u2019\u203a])"
)
_IRI = re.compile(r"[^\s<>\"]+?(?=[.;,\])]*(?:\s|\Z))")


@dataclass(frozen=True, slots=True)
class Mended:
    """What was probably meant, and what to put in place of which spans of the text."""

    suggestion: str | None = None
    replacements: tuple[tuple[int, int, str], ...] = ()

    def edits(self, path: str, lines: Lines) -> tuple[Edit, ...]:
        """Return the replacements with their places."""
        return tuple(Edit(lines.place(path, a, b), text) for a, b, text in self.replacements)


def mend(key: str, facts: dict[str, str], text: str, mistake: Mistake) -> Mended:
    """Return what mends a mistake, by the key of its words and their facts."""
    start, end = mistake.start, mistake.end
    if key == "look-alike":
        return Mended(mistake.missing, ((mistake.gap, mistake.gap + 1, mistake.missing),))
    if mistake.missing and key != "invisible":
        return Mended(mistake.missing.strip(), ((mistake.gap, mistake.gap, mistake.missing),))
    if key == "our-prefix":
        line = f"@prefix {facts['prefix']} <{facts['iri']}> ."
        return Mended(line, ((0, 0, f"{line}\n"),))
    if key == "prefix-case":
        prefix, _, local = text[start:end].partition(":")
        stop = start + len(prefix) + 1
        return Mended(facts["declared"] + local, ((start, stop, facts["declared"]),))
    if key == "language-tag":
        at = text.rindex(facts["written"], 0, end + len(facts["written"]))
        return Mended(facts["tag"], ((at, at + len(facts["written"]), facts["tag"]),))
    return _mend_word(key, text, start, end)


def _mend_word(key: str, text: str, start: int, end: int) -> Mended:
    hidden = lookalikes.invisible(text, start) if key == "invisible" else None
    if hidden:
        return Mended(None, ((start, *hidden),))
    if key == "curly-quotes":
        return _straight_quotes(text, start)
    if key == "capital-a":
        return _instead(start, end, "a")
    if key == "bare-iri":
        match = _IRI.match(text, start)
        return _instead(start, match.end(), f"<{match[0]}>") if match else Mended()
    word = text[start:end]
    if key == "no-object" and word.lower() in {"true", "false"}:
        return _instead(start, end, word.lower())
    return Mended()


def _instead(start: int, end: int, text: str) -> Mended:
    return Mended(text, ((start, end, text),))


def _straight_quotes(text: str, start: int) -> Mended:
    match = _CLOSING_QUOTES.match(text, start + 1)
    if not match or "\\" in match[0]:
        return Mended()
    closing = match.start(1)
    replacements = ((start, start + 1, '"'), (closing, closing + 1, '"'))
    return Mended(f'"{text[start + 1 : closing]}"', replacements)
