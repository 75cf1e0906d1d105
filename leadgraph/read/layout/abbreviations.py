"""A term as its author wrote it -> the same term as it is to be written; prefixes are known."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from string import ascii_letters, digits
from typing import Final

from leadgraph.vocabulary import RDF

_LOCAL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*\Z")
_LOCAL_CHARACTERS = ascii_letters + digits + "_-"
_ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[^\\]*>\Z")
_TYPE: Final = RDF + "type"


class Names:
    """The prefixes that are declared so far."""

    def __init__(self) -> None:
        self._namespaces: dict[str, str] = {}
        self._prefixes: dict[str, dict[str, None]] = {}  # of a namespace, as they were declared
        self._lengths: list[int] = []  # of the namespaces, in order

    def declare(self, prefix: str, iri: str) -> None:
        """Take a declaration in: `lg:` and `<...>`.

        A namespace that depends on a base, or that has escapes, is known but never used.
        """
        self._forget(prefix)
        if _ABSOLUTE.match(iri):
            namespace = iri[1:-1]
            self._namespaces[prefix] = namespace
            self._prefixes.setdefault(namespace, {})[prefix] = None
            insort(self._lengths, len(namespace))

    def _forget(self, prefix: str) -> None:
        namespace = self._namespaces.pop(prefix, None)
        if namespace is not None:
            del self._prefixes[namespace][prefix]
            self._lengths.pop(bisect_left(self._lengths, len(namespace)))

    def namespace(self, prefix: str) -> str | None:
        """Return what a prefix (`lg:`) stands for here, None if that is not known."""
        return self._namespaces.get(prefix)

    def term(self, word: str) -> str:
        """Return a word; an IRI by the longest namespace that leaves a plain local name."""
        if not _ABSOLUTE.match(word):
            return word
        iri = word[1:-1]
        shortest = len(iri.rstrip(_LOCAL_CHARACTERS))
        length = len(iri)
        while number := bisect_left(self._lengths, length):
            length = self._lengths[number - 1]
            if length < shortest:
                break
            prefix = next(iter(self._prefixes.get(iri[:length], ())), None)
            if prefix is not None and _LOCAL.match(iri, length):
                return prefix + iri[length:]
        return word

    def verb(self, word: str) -> str:
        """Return a verb, `a` for rdf:type however it is written."""
        prefix, colon, local = word.partition(":")
        if word == f"<{_TYPE}>":
            return "a"
        if local == "type" and self._namespaces.get(prefix + colon) == RDF:
            return "a"
        return self.term(word)


def quoted(word: str) -> str:
    """Return a string in double quotation marks where it needs no new escape for them."""
    if word[0] != "'" or '"' in word:
        return word
    marks = 3 if word.startswith("'''") else 1
    return '"' * marks + word[marks:-marks] + '"' * marks
