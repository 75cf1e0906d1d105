"""A shape's own words and a result -> the words with what `{?value}` and its like stand for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadgraph.check.explain.names import Names
    from leadgraph.check.results import Result
    from leadgraph.check.slice import Term

_PLACEHOLDER = re.compile(r"\{[?$](\w+)\}")
_MOST = 10


def filled(text: str, result: Result, names: Names) -> str:
    """Return a message without placeholders, as far as the result knows what they stand for.

    SHACL (5.3.2) has them for constraints in SPARQL only; people write them everywhere.
    """
    if "{" not in text:
        return text
    known: Mapping[str, tuple[Term | None, ...]] = {
        **result.parameters,
        "this": (result.focus,),
        "value": (result.focus if result.value is None else result.value,),
        "path": (result.predicate,),
        "PATH": (result.predicate,),
    }

    def meant(found: re.Match[str]) -> str:
        terms = [term for term in known.get(found[1], ()) if term is not None]
        return ", ".join(map(names.shown, terms[:_MOST])) or found[0]

    return _PLACEHOLDER.sub(meant, text)
