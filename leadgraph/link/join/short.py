"""Keys -> how a request writes them: with prefixes for the namespaces that they share.

Of a request most is keys: as a form has it, `k0:Q42` is a sixth of the whole IRI.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from leadgraph.query import gate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from leadgraph.link.account import Key, Term

UNDEF = "UNDEF"

_SPLIT = re.compile(r"(.+[/#])([A-Za-z0-9_]+)", re.ASCII)
"""An IRI whose end can be the local part of a prefixed name as it is (Query, 19.8, PN_LOCAL)."""


@dataclass(frozen=True, slots=True)
class Short:
    """Prefixes by their namespaces, and those of them that are declared already."""

    names: Mapping[str, str]
    declared: frozenset[str] = frozenset()

    @property
    def declarations(self) -> str:
        """What has to stand before the query."""
        new = (each for each in self.names.items() if each[1] not in self.declared)
        return "".join(f"PREFIX {name}: <{space}>\n" for space, name in new)

    def term(self, term: Term | None) -> str:
        """Return a term as it is written: with a prefix, or as in N-Triples; UNDEF for None."""
        if term is None:
            return UNDEF
        if not self.names or not isinstance(term, NamedNode):
            return str(term)
        end = _SPLIT.fullmatch(term.value)
        return f"{self.names[end[1]]}:{end[2]}" if end and end[1] in self.names else str(term)


WHOLE = Short({})
"""Without prefixes."""


def short(keys: Sequence[Key], prologue: str) -> Short:
    """Return prefixes for the namespaces that several of the keys are in.

    A namespace that the prologue has a prefix for keeps it: RDFLib forgets the first of two. No new
    one is one of the prologue's, which keep their meaning. With those of more keys a request takes
    no fewer bytes: a namespace is declared, or in the one IRI that needs it.
    """
    ends = (_SPLIT.fullmatch(t.value) for key in keys for t in key if isinstance(t, NamedNode))
    spaces = Counter(end[1] for end in ends if end)
    known = _declared(prologue)
    free = (name for n in count() if f"{(name := f'k{n}')}:" not in prologue)
    names = {
        space: known[space] if space in known else next(free)
        for space, times in spaces.items()
        if times > 1
    }
    return Short(names, frozenset(known.values()))


def _declared(prologue: str) -> dict[str, str]:
    """Return the prefixes of a prologue by their namespaces, as far as these are whole IRIs."""
    found: dict[str, str] = {}
    tokens = list(gate.tokens(prologue))
    for word, name, iri in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if word.text.upper() == "PREFIX" and name.kind == "name" and iri.kind == "iri":
            found[name.text.removesuffix(":")] = iri.text[1:-1]
    return {space: name for name, space in found.items()}
