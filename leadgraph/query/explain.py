"""What the engine says of a malformed query -> what a person can use."""

from __future__ import annotations

import re

from leadgraph.errors import QueryMalformed
from leadgraph.query import gate
from leadgraph.vocabulary import PREFIXES

_CHARACTERS = re.compile(r"\[(?:_|(?:'(?:\\.[^']*|[^'\\]+)'[ .=|]*)+)\]")
_CLOSING = ('"}"', '")"', '"]"')
_ITEMS = 8
_NOT_HERE = ("LATERAL", "SERVICE")
"""What the engine could read here but nobody means, or nobody may ask."""


def malformed(text: str, place: tuple[int, int], expected: str) -> QueryMalformed:
    """Return the error for a query; the engine's place and words are (line, column), a list.

    The engine takes a name with an unknown prefix for bad syntax at some other place.
    """
    unknown = gate.undeclared_prefix(text)
    if unknown is None:
        return QueryMalformed(*place, _readable(expected))
    prefix = unknown.text.partition(":")[0]
    remedy = f"begin with PREFIX {prefix}: <{PREFIXES.get(prefix, '...')}>"
    return QueryMalformed(
        *gate.position(text, unknown.offset), f"the prefix {prefix}: is not declared; {remedy}"
    )


def _readable(expected: str) -> str:
    """Return what the engine expected, without its classes of characters.

    A sentence among the alternatives (`The SELECT contains ...`) says more than all of them.
    """
    flat = " ".join(_CHARACTERS.sub("", expected).split())
    items = [item.strip(" ,") for item in flat.removeprefix("one of ").split(", ")]
    sentences = [item for item in items if re.search(r"[a-z]+ [a-z]+ ", item)]
    if sentences:
        return sentences[0]
    shown = [item for item in dict.fromkeys(items) if item and item not in _NOT_HERE]
    if len(shown) > _ITEMS:
        shown = ["a term", *(item for item in shown if item in _CLOSING)]
    return f"expected {' or '.join(shown)}" if shown else "something else is expected here"
