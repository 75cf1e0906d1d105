"""Two folded names -> how alike they are, and whether one is surely the other, with a slip."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

SURE_ORDER = 0.98
"""What the same words in another order are worth."""
SURE_FORM = 0.97
"""What a plural, or words written apart or together, are worth."""
_LONGEST = 300
"""How many characters of names are compared one by one."""
_NAMES_KEPT = 65_536
_ENDINGS = (
    ("", "s"), ("", "es"), ("y", "ies"), ("", "n"), ("", "en"), ("", "e"), ("ao", "oes"),
    ("", "ات"), ("ه", "ات"), ("", "ون"), ("", "ين"),
)  # fmt: skip
"""What stands at the end of one word and of many, in the languages of the graph."""
_SHORTEST_STEM = 4
_SHORTEST_SLIP = 6
"""Letters of a word in which a slip still leaves no other word likely."""
_SHORTEST_JOINED = 8
_WORDS_OF_ONE_SLIP = 3
"""Words of a name up to which one of them may have a slip; of a longer one two."""


@dataclass(frozen=True, slots=True)
class Name:
    """A folded name: its words, and the forms in which it is compared."""

    text: str
    words: tuple[str, ...]
    ordered: str
    joined: str


@lru_cache(_NAMES_KEPT)
def name(folded: str) -> Name:
    """Return a folded name ready to be compared.

    Scripts without spaces are folded into words of one character; these are compared as one.
    """
    words = tuple(folded.split(" "))
    joined = "".join(words)
    is_spaceless = len(joined) == len(words) > 1
    return Name(
        text=(joined if is_spaceless else folded)[:_LONGEST],
        words=words,
        ordered=(joined if is_spaceless else " ".join(sorted(words)))[:_LONGEST],
        joined=joined[:_LONGEST],
    )


def alike(asked: Name, found: Name) -> float:
    """Return from 0 to 1 how alike two names are; 1 is only what is the same."""
    if asked.words == found.words:
        return 1.0
    if asked.ordered == found.ordered:
        return SURE_ORDER
    if asked.joined == found.joined or is_other_number(asked, found):
        return SURE_FORM
    whole = OSA.normalized_similarity(asked.text, found.text)
    ordered = SURE_ORDER * OSA.normalized_similarity(asked.ordered, found.ordered)
    joined = SURE_FORM * OSA.normalized_similarity(asked.joined, found.joined)
    return min(0.99, max(whole, ordered, joined, _in_part(asked, found)))


def is_surely(asked: Name, found: Name) -> bool:
    """Tell whether a name can be no other: the same, in another order or number, or with a slip.

    Numbers have no slips, short words neither, and another letter at an end of a word makes
    another word (trainer, trainee); two letters that changed places do not.
    """
    if asked.words == found.words or asked.ordered == found.ordered:
        return True
    if asked.joined == found.joined:
        return len(asked.joined) >= _SHORTEST_JOINED
    if len(asked.words) != len(found.words):
        return False
    slips = 0
    for one, other in zip(asked.words, found.words, strict=True):
        if one == other or _same_but_number(one, other):
            continue
        if not _is_slip(one, other):
            return False
        slips += 1
    return slips <= (1 if len(asked.words) <= _WORDS_OF_ONE_SLIP else 2)


def is_other_number(asked: Name, found: Name) -> bool:
    """Tell whether two names differ only by one and many: mentor, mentors."""
    return len(asked.words) == len(found.words) and all(
        one == other or _same_but_number(one, other)
        for one, other in zip(asked.words, found.words, strict=True)
    )


def _in_part(asked: Name, found: Name) -> float:
    """Return how far one name has the words of the other, which is never the whole of it."""
    shorter, longer = sorted((len(asked.text), len(found.text)))
    shared = fuzz.token_set_ratio(asked.text, found.text) / 100
    return shared * (0.55 + 0.3 * shorter / longer)


def _same_but_number(one: str, other: str) -> bool:
    return any(
        _ends(one, other, single, many) or _ends(other, one, single, many)
        for single, many in _ENDINGS
    )


def _ends(one: str, other: str, single: str, many: str) -> bool:
    """Tell whether words are the same stem with the ends of one and of many."""
    if not (one.endswith(single) and other.endswith(many)):
        return False
    stem = one.removesuffix(single)
    return len(stem) >= _SHORTEST_STEM and stem == other.removesuffix(many)


def _is_slip(one: str, other: str) -> bool:
    return (
        min(len(one), len(other)) >= _SHORTEST_SLIP
        and one[0] == other[0]
        and (one[-1] == other[-1] or sorted(one) == sorted(other))
        and not any(sign.isdigit() for sign in one + other)
        and OSA.distance(one, other, score_cutoff=1) == 1
    )
