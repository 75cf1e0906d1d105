"""A misspelt name and the names there are -> the one that was probably meant, or none.

Silence is better than a silly suggestion: what is not clearly the nearest is not named.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA

from leadgraph.vocabulary import LG

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")
_SCHEME = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)
_SEPARATORS = str.maketrans("", "", "-_. ")
_TAIL = re.compile(r"[^#/:]*\Z")
# A name of so many letters may differ in so many of them: shorter ones are all alike.
_MOST_EDITS = ((4, 1), (8, 2), (13, 3))
_MOST_EDITS_AT_ALL = 3
_SHORT = 5
_LONGEST = 200
_FEWEST_LETTERS_ELSEWHERE = 6


def parts(iri: str) -> tuple[str, str]:
    """Return namespace and local name: an IRI up to its last `#`, `/` or `:`, and the rest."""
    cut = _TAIL.search(iri)
    at = cut.start() if cut else len(iri)
    return iri[:at], iri[at:]


def folded(name: str) -> str:
    """Return a name without hyphens, underlines and capital letters, which people confuse."""
    return name.translate(_SEPARATORS).lower()


def words(name: str) -> list[str]:
    """Return the words that a name is made of, in small letters."""
    return [word.lower() for word in _WORDS.findall(name)]


def nearest(name: str, choices: Iterable[str], most_edits: int = _MOST_EDITS_AT_ALL) -> str | None:
    """Return the one choice that a name is a slip of, None if there is none or several.

    Letters left out, doubled, exchanged or wrong, capital letters, hyphens, and the order of words.
    """
    return nearest_of(name, {choice: folded(choice) for choice in choices}, most_edits)


def nearest_of(
    name: str, known: dict[str, str], most_edits: int = _MOST_EDITS_AT_ALL
) -> str | None:
    """Return the same among choices that are folded already: `{"ab-c": "abc"}`."""
    if not name or len(name) > _LONGEST:
        return None
    return _same_words(name, known) or _few_letters_off(name, known, most_edits)


def nearest_iri(iri: str, choices: Iterable[str]) -> str | None:
    """Return the IRI of which another is a slip: in its local name, its namespace or both.

    First come those of the same namespace, `http` or `https`, `#` or `/`; then the same local name
    anywhere, if it is only in one place.
    """
    namespace, local = parts(iri)
    known = {choice: parts(choice) for choice in dict.fromkeys(choices) if choice != iri}
    here = [choice for choice, (its, _) in known.items() if _alike(its) == _alike(namespace)]
    found = _by_local(namespace, local, here, known)
    if found:
        return found
    if len(folded(local)) < _FEWEST_LETTERS_ELSEWHERE:
        same = [choice for choice, (_, its) in known.items() if its == local]
        return same[0] if len(same) == 1 and _near(namespace, known[same[0]][0]) else None
    return _by_local(namespace, local, list(known), known, most_edits=1)


def _by_local(
    namespace: str,
    local: str,
    choices: Sequence[str],
    known: dict[str, tuple[str, str]],
    most_edits: int = _MOST_EDITS_AT_ALL,
) -> str | None:
    """The one choice whose local name is this, or is nearest to it."""
    holders: dict[str, list[str]] = {}
    for choice in choices:
        holders.setdefault(known[choice][1], []).append(choice)
    found = local if local in holders else nearest(local, holders, most_edits)
    return _at_home(namespace, holders.get(found or "", ()))


def _at_home(namespace: str, choices: Sequence[str]) -> str | None:
    """The one choice, of several the one of the same host, else that of our ontology."""
    host = _alike(namespace).partition("/")[0]
    near = [choice for choice in choices if _alike(choice).partition("/")[0] == host]
    ours = [choice for choice in choices if choice.startswith(LG)]
    return next((few[0] for few in (choices, near, ours) if len(few) == 1), None)


def _alike(namespace: str) -> str:
    """A namespace without what people confuse: scheme, `www.`, capital letters, last sign."""
    return _SCHEME.sub("", namespace.lower()).rstrip("#/:")


def _near(namespace: str, other: str) -> bool:
    """Whether two namespaces differ in a few letters."""
    return OSA.distance(_alike(namespace), _alike(other), score_cutoff=2) <= 2  # noqa: PLR2004


def _same_words(name: str, known: dict[str, str]) -> str | None:
    """The choice that differs in capital letters and hyphens, else in the order of its words."""
    whole = folded(name)
    alike = [choice for choice, its in known.items() if its == whole]
    if not alike and len(words(name)) > 1:
        letters, in_order = sorted(whole), sorted(words(name))
        alike = [
            choice
            for choice, its in known.items()
            if len(its) == len(whole) and sorted(its) == letters
            if sorted(words(choice)) == in_order
        ]
    return alike[0] if whole and len(alike) == 1 else None


def _few_letters_off(name: str, known: dict[str, str], most_edits: int) -> str | None:
    """The one choice that is fewest edits away, if those are few for the name's length."""
    whole = folded(name)
    most = min(most_edits, _edits(len(whole)))
    if not most:
        return None
    within = process.extract(whole, known, scorer=OSA.distance, score_cutoff=most + 1, limit=8)
    found = [
        (edits, choice)
        for its, edits, choice in within
        if _is_slip(whole, its, edits, most) and _word_by_word(name, choice)
    ]
    best = [choice for edits, choice in found if edits == min(found)[0]]
    return best[0] if len(best) == 1 else _better(whole, best)


def _is_slip(whole: str, other: str, edits: int, most: int) -> bool:
    """Whether so many edits are a slip; of a short name only letters swapped, lost or doubled."""
    same_letters = sorted(whole) == sorted(other)
    if edits > most:
        # boarder for broader, teach for teaches
        ending = len(whole) >= _SHORT and (other.startswith(whole) or whole.startswith(other))
        return whole[:1] == other[:1] and (same_letters or ending) and len(whole) >= _SHORT
    return len(whole) > _SHORT or len(whole) != len(other) or same_letters


def _word_by_word(name: str, other: str) -> bool:
    """Whether no number and no whole word is another: `plan-1`, `minValue`, `leadership-de`."""
    mine, theirs = words(name), words(other)
    if [word for word in mine if word.isdigit()] != [word for word in theirs if word.isdigit()]:
        return False
    if len(mine) != len(theirs) or len(mine) == 1:
        return True
    return all(
        OSA.distance(word, its) <= max(len(word), len(its)) / 2
        for word, its in zip(mine, theirs, strict=True)
    )


def _better(whole: str, equal: Sequence[str]) -> str | None:
    """Of choices equally far, its plural or singular, else the one with the same first letter."""
    first = [choice for choice in equal if folded(choice)[:1] == whole[:1]]
    other_number = {whole + "s", whole.removesuffix("s")}
    plural = [choice for choice in first if folded(choice) in other_number]
    return next((narrowed[0] for narrowed in (plural, first) if len(narrowed) == 1), None)


def _edits(length: int) -> int:
    """How many edits are a slip in a name of so many letters."""
    return max((edits for least, edits in _MOST_EDITS if length >= least), default=0)
