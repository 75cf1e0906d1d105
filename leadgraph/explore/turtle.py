"""Terms -> Turtle as a person writes it, with the prefixes that they need; lines of comments."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from leadgraph.vocabulary import XSD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leadgraph.query.client import Term

_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?")
_BARE = {
    XSD + "integer": re.compile(r"[+-]?[0-9]+"),
    XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    XSD + "boolean": re.compile(r"true|false"),
}
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")
_WIDTH = 90


class Writer:
    """Writes terms, and remembers which prefixes that took."""

    def __init__(self, prefixes: dict[str, str]) -> None:
        self._names = {namespace: prefix for prefix, namespace in reversed(prefixes.items())}
        self._used: dict[str, str] = {}

    def term(self, term: Term) -> str:
        """Return a term: `skill:listening`, `<https://example.org/>`, `"Listening"@en`, `3`."""
        if isinstance(term, NamedNode):
            return self.iri(term.value)
        if not isinstance(term, Literal):
            return str(term)
        datatype = term.datatype.value
        bare = _BARE.get(datatype)
        if bare and bare.fullmatch(term.value):
            return term.value
        text = str(Literal(term.value))
        text = _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04X}", text)
        if term.language:
            return f"{text}@{term.language}"
        return text if datatype == XSD + "string" else f"{text}^^{self.iri(datatype)}"

    def iri(self, iri: str) -> str:
        """Return an IRI as a prefixed name where a prefix fits, else in angle brackets."""
        end = max(iri.rfind("/"), iri.rfind("#")) + 1
        prefix = self._names.get(iri[:end])
        if prefix is None or not _LOCAL.fullmatch(iri[end:]):
            return str(NamedNode(iri))
        self._used[prefix] = iri[:end]
        return f"{prefix}:{iri[end:]}"

    def declarations(self) -> list[str]:
        """Return the lines that declare the prefixes that were used."""
        width = max(map(len, self._used), default=0) + 1
        return [
            f"@prefix {prefix + ':':<{width}} <{namespace}> ."
            for prefix, namespace in sorted(self._used.items())
        ]


def comment(text: str, indent: str = "", mark: str = "##") -> list[str]:
    """Return a text as comments, however it is broken into lines; nothing of it is code."""
    plain = _INVISIBLE.sub(" ", " ".join(text.split()))
    start = f"{indent}{mark} "
    return textwrap.wrap(
        plain,
        _WIDTH,
        initial_indent=start,
        subsequent_indent=start,
        break_long_words=False,
        break_on_hyphens=False,
    )


def put_aside(lines: Iterable[str]) -> list[str]:
    """Return lines of code as comments, to be used by deleting the `# ` before them."""
    return [re.sub(r"^(\s*)(?=[^\s#])", r"\1# ", line) for line in lines]
