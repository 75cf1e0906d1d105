"""Terms, paths and shapes -> words about them, in one language and by one file's prefixes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode

from leadgraph.check import paths
from leadgraph.check.explain import datatypes
from leadgraph.check.explain.suggest import parts
from leadgraph.vocabulary import SH
from leadgraph.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from leadgraph.check.explain.names import Names
    from leadgraph.check.explain.shape_index import ShapeIndex
    from leadgraph.check.explain.vocabulary_index import Vocabulary
    from leadgraph.check.results import Result
    from leadgraph.check.slice import Term

_MOST_CHOICES = 10
_MOST_PARTS = 3
_DEEPEST = 3
_LIMITS = (
    *("minExclusive", "minInclusive", "maxExclusive", "maxInclusive"),
    *("minLength", "maxLength"),
)
_REPETITIONS = {(0, None): "*", (1, None): "+", (0, 1): "?"}
_KINDS: dict[str, tuple[str, ...]] = {
    "IRI": ("an-address",),
    "Literal": ("a-literal",),
    "BlankNode": ("a-nameless-thing",),
    "BlankNodeOrIRI": ("an-address", "a-nameless-thing"),
    "BlankNodeOrLiteral": ("a-literal", "a-nameless-thing"),
    "IRIOrLiteral": ("an-address", "a-literal"),
}


class Told(NamedTuple):
    """Two sentences: what is wrong, what to do."""

    wrong: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.wrong} {self.remedy}".strip()


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks: a language, the names that the file uses, and what is known around."""

    language: str
    names: Names
    shapes: ShapeIndex
    vocabulary: Vocabulary

    def say(self, key: str, **facts: str) -> str:
        """Return words of `constraints.toml`."""
        return say(f"constraints.{key}", self.language, **facts)

    def property(self, result: Result) -> str | None:
        """Return the property of a result: the shape's name for it and the term, or the term."""
        if result.path is None:
            return self.names.property(result.predicate) if result.predicate else None
        term = self.path(result.path)
        name = self.shapes.name(result.shape, self.language)
        return self.say("named", name=name, term=term) if name else term

    def path(self, path: paths.Path) -> str:
        """Return a property path as people who know SPARQL write it."""
        match path:
            case paths.Predicate(iri):
                return self.names.property(iri)
            case paths.Inverse(paths.Predicate(iri)):
                return self.say("backwards", term=self.names.property(iri))
            case paths.Inverse(inner):
                return f"^{self._step(inner)}"
            case paths.Sequence(steps):
                return " / ".join(map(self._step, steps))
            case paths.Alternative(choices):
                return " | ".join(map(self._step, choices))
            case paths.Repeated(inner, least, most):
                return self._step(inner) + _REPETITIONS.get((least, most), "")

    def subject(self, result: Result) -> str:
        """Return how a sentence about the value of a result begins."""
        term = result.focus if result.value is None else result.value
        value = self.names.shown(term) if term is not None else ""
        found = self.property(result)
        if found is None:
            return self.say("value", value=value)
        return self.say("value-of", value=value, property=found)

    def kind(self, term: Term) -> str:
        """Return a class: what the ontology calls it and the term, or the term."""
        label = self.vocabulary.label(term, self.language)
        shown = self.names.shown(term)
        return self.say("named", name=label, term=shown) if label else shown

    def name_of(self, shape: Term, code: str) -> str:
        """Return what a shape is called: its label, else its local name, else a code."""
        label = self.shapes.label(shape, self.language)
        if label:
            return label
        return parts(shape.value)[1] or code if isinstance(shape, NamedNode) else code

    def choices(self, terms: Sequence[Term]) -> str:
        """Return some terms as a list, the first ones of very many."""
        shown = [self.names.shown(term) for term in terms[:_MOST_CHOICES]]
        return ", ".join([*shown, *(["…"] if len(terms) > _MOST_CHOICES else [])])

    def tags(self, terms: Iterable[Term]) -> str:
        """Return language tags as they stand behind a text."""
        return ", ".join(f"@{term.value}" for term in terms if isinstance(term, Literal))

    def datatype(self, datatype: Term) -> str:
        """Return what a datatype is in everyday words, in the accusative."""
        if datatype == datatypes.LANG_STRING:
            return self.say("a-text-with-language")
        found = datatypes.known(datatype) if isinstance(datatype, NamedNode) else None
        if found:
            return self.say(found.words)
        return self.say("a-typed-value", datatype=self.names.shown(datatype))

    def node_kind(self, kind: Term) -> str:
        """Return what sort of term is wanted (SHACL, 4.1.3), in the accusative."""
        name = kind.value.removeprefix(SH) if isinstance(kind, NamedNode) else ""
        return self.joined(
            "or", [self.say(key) for key in _KINDS.get(name, ("something-of-the-kind",))]
        )

    def joined(self, word: str, texts: Sequence[str]) -> str:
        """Return texts joined by the word for `or` or `and`."""
        return self.say(word).join(dict.fromkeys(texts))

    def expected(self, shape: Term | None, depth: int = 0) -> str | None:
        """Return what a shape asks of a value, in the accusative; None if nothing can be said."""
        if shape is None or depth > _DEEPEST:
            return None
        path = next(iter(self.shapes.values(shape, "path")), None)
        if path is not None and depth:
            return self.say("something-with", what=self.what(shape))
        asked = [part for describe in _PARTS for part in describe(self, shape, depth)]
        return self.joined("between", asked[:_MOST_PARTS]) if asked else None

    def phrase(self, shape: Term, depth: int = 0) -> str:
        """Return what a shape asks of a value, in the accusative, if need be by its name alone."""
        found = self.expected(shape, depth + 1)
        if found:
            return found
        if isinstance(shape, NamedNode):
            return self.say("what-is-asked", name=self.name_of(shape, ""))
        return self.say("something-of-the-kind")

    def what(self, shape: Term) -> str:
        """Return the property of a shape and the value that it asks for."""
        (path,) = self.shapes.values(shape, "path")[:1] or (shape,)
        shown = self.names.property(path) if isinstance(path, NamedNode) else "..."
        values = self.shapes.values(shape, "hasValue")
        return " ".join([shown, *(self.names.shown(value) for value in values[:1])])

    def example(self, shape: Term | None) -> str | None:
        """Return a value that would fit, as the file would write it."""
        for name in ("hasValue", "in"):
            for term in self.shapes.values(shape, name)[:1]:
                return self.names.written(term)
        for datatype in self.shapes.values(shape, "datatype")[:1]:
            found = datatypes.example(datatype) if isinstance(datatype, NamedNode) else None
            return self.names.written(found) if found else None
        return None

    def _step(self, path: paths.Path) -> str:
        text = self.path(path)
        simple = isinstance(path, paths.Predicate | paths.Repeated)
        return text if simple else f"({text})"


def _classes(voice: Voice, shape: Term, _depth: int) -> list[str]:
    kinds = voice.shapes.values(shape, "class")
    shown = voice.joined("and", [voice.kind(kind) for kind in kinds])
    return [voice.say("a-thing-of-class", **{"class": shown})] if kinds else []


def _datatypes(voice: Voice, shape: Term, _depth: int) -> list[str]:
    return [voice.datatype(each) for each in voice.shapes.values(shape, "datatype")]


def _node_kinds(voice: Voice, shape: Term, _depth: int) -> list[str]:
    """Nothing where a class is asked for: how to write a name goes without saying."""
    if voice.shapes.values(shape, "class"):
        return []
    return [voice.node_kind(kind) for kind in voice.shapes.values(shape, "nodeKind")]


def _values(voice: Voice, shape: Term, _depth: int) -> list[str]:
    listed = voice.shapes.values(shape, "in")
    shown = [voice.say("one-of", choices=voice.choices(listed))] if listed else []
    return [*shown, *map(voice.names.shown, voice.shapes.values(shape, "hasValue"))]


def _texts(voice: Voice, shape: Term, _depth: int) -> list[str]:
    patterns = [p.value for p in voice.shapes.values(shape, "pattern") if isinstance(p, Literal)]
    tags = voice.tags(voice.shapes.values(shape, "languageIn"))
    described = [voice.say("a-text-of-form", pattern=pattern) for pattern in patterns]
    return [*described, *([voice.say("a-text-in-languages", choices=tags)] if tags else [])]


def _limits(voice: Voice, shape: Term, _depth: int) -> list[str]:
    return [
        voice.say(f"a-value-{name}", limit=voice.names.shown(limit))
        for name in _LIMITS
        for limit in voice.shapes.values(shape, name)
    ]


def _nested(voice: Voice, shape: Term, depth: int) -> list[str]:
    found: list[str] = []
    for name, word in (
        ("or", "or"),
        ("xone", "or"),
        ("and", "and"),
        ("node", "and"),
        ("property", "and"),
    ):
        members = voice.shapes.values(shape, name)
        inner = [voice.phrase(member, depth) for member in members[:_MOST_CHOICES]]
        found += [voice.joined(word, inner)] if inner else []
    return found


_PARTS: tuple[Callable[[Voice, Term, int], list[str]], ...] = (
    _classes,
    _datatypes,
    _node_kinds,
    _values,
    _texts,
    _limits,
    _nested,
)
