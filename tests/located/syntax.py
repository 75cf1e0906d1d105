"""Valid Turtle -> the same with known mistakes in it, and how many of them a reader finds.

Everything is drawn from a seed. The truth of a mistake is where pyoxigraph's parser stops at it if
it is the only one; the end of a text or of an IRI that is not closed is that of its line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from leadgraph.read import turtle
from leadgraph.read.lines import Lines
from leadgraph.read.tokens import Token, tokens
from leadgraph.settings import Settings

if TYPE_CHECKING:
    from leadgraph.model import Place

ROOT = Path(__file__).parents[2]
OWN = Path(__file__).parent / "valid.ttl"
SEED = 20_160_801
_SETTINGS = Settings()

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Plant:
    """One mistake to be: what is put in place of which span, and where it then shows.

    `shows` is a span of what is put in, or of the text around it as it was.
    """

    kind: str
    span: Span
    text: str
    shows: Span
    in_text: bool


@dataclass(frozen=True, slots=True)
class Faulty:
    """A text with its mistakes: their kinds, and their places in the order of the text."""

    text: str
    kinds: tuple[str, ...]
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """How much was found: of files with one mistake, and of files with several."""

    single: int
    exact: int
    several: int
    found: int
    false: int
    missed_kinds: tuple[str, ...] = ()

    @property
    def exact_rate(self) -> float:
        """The part of single mistakes whose start and end are right, with nothing else told."""
        return self.exact / self.single

    @property
    def found_rate(self) -> float:
        """The part of the mistakes in files with several that is found, on its line."""
        return self.found / self.several

    @property
    def false_rate(self) -> float:
        """The part of what is told in files with several that is no mistake of theirs."""
        return self.false / max(1, self.false + self.found)


# --- What may go wrong at a token ----------------------------------------------------------------

_TERMS = {"name", "iri", "number", "boolean"}


class Text:
    """A valid text, cut into tokens without comments; `depths` says how deep in brackets."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [token for token in tokens(text) if token.kind != "comment"]
        self.depths = list[int]()
        depth = 0
        for token in self.tokens:
            depth -= token.kind.startswith("close")
            self.depths.append(depth)
            depth += token.kind.startswith("open")

    def words(self, number: int) -> str:
        """The text of a token."""
        token = self.tokens[number]
        return self.text[token.start : token.end]

    def kinds(self, number: int, *expected: str) -> bool:
        """Whether tokens of these kinds follow, of which one may be several (`name iri`)."""
        found = self.tokens[number : number + len(expected)]
        pairs = zip(found, expected, strict=False)
        return len(found) == len(expected) and all(t.kind in kinds.split() for t, kinds in pairs)

    def begins_line(self, number: int) -> bool:
        """Whether a token is the first of its line."""
        return "\n" in self.text[self.tokens[number - 1].end : self.tokens[number].start]

    def is_object(self, number: int) -> bool:
        """Whether a token without brackets is a value, alone or among others."""
        return (
            self.tokens[number].kind in _TERMS
            and self.kinds(number - 1, "name iri a comma")
            and self.kinds(number + 1, "semicolon comma dot")
            and (self.kinds(number - 1, "comma") or self.kinds(number - 2, "semicolon name iri"))
            and not self.in_directive(number)
        )

    def in_directive(self, number: int) -> bool:
        """Whether a token is part of `@prefix ex: <...> .`"""
        return any(self.words(n) in {"@prefix", "@base"} for n in range(max(0, number - 3), number))


Make = Callable[[Text, int, int], Iterator[Plant]]
"""A text, the number of a token, and a number of one's own -> the mistakes that may be there."""


def _span(text: Text, number: int) -> Span:
    token: Token = text.tokens[number]
    # The parser takes `[]` for two tokens.
    return token.start, token.start + 1 if token.kind == "anon" else token.end


def _in_place(
    kind: str, text: Text, number: int, words: str, shows: Span | None = None
) -> Iterator[Plant]:
    yield Plant(kind, _span(text, number), words, shows or (0, len(words)), True)


def _missing(kind: str, text: Text, number: int, shown: int, put: str = "") -> Iterator[Plant]:
    yield Plant(kind, _span(text, number), put, _span(text, shown), False)


def _dots(text: Text, n: int, _: int) -> Iterator[Plant]:
    if text.kinds(n, "dot", "name iri blank anon") and not text.in_directive(n):
        yield from _missing("missing dot", text, n, n + 1)
        if text.words(n + 2) == "a" and text.kinds(n + 1, "name iri"):
            yield from _missing("semicolon for dot", text, n, n + 2, ";")
    if text.kinds(n, "dot", "name iri") and text.in_directive(n):
        yield from _missing("missing dot of a declaration", text, n, n + 1)


def _semicolons(text: Text, n: int, _: int) -> Iterator[Plant]:
    if text.kinds(n, "semicolon", "name iri") and not text.depths[n]:
        yield from _missing("missing semicolon", text, n, n + 1)
        if text.kinds(n + 2, "name iri", "semicolon dot"):
            yield from _missing("dot for semicolon", text, n, n + 3, ".")
        if text.kinds(n + 2, "string"):
            yield from _missing("dot for semicolon", text, n, n + 2, ".")
    if text.kinds(n, "semicolon", "name iri") and text.depths[n]:
        yield from _missing("missing semicolon in brackets", text, n, n + 1)


def _commas(text: Text, n: int, _: int) -> Iterator[Plant]:
    if text.kinds(n, "comma"):
        yield from _in_place("two commas", text, n, ",,", (1, 2))
    if text.kinds(n, "comma", "string"):
        yield from _missing("missing comma", text, n, n + 1)
    ends = text.kinds(n - 1, "name string tag number", "dot")
    if ends and not text.in_directive(n):
        yield from _in_place("comma before the dot", text, n, ", .", (2, 3))


def _values(text: Text, n: int, own: int) -> Iterator[Plant]:
    if not text.is_object(n):
        return
    yield from _missing("missing value", text, n, n + 1)
    yield from _in_place("bare word", text, n, "oops")
    yield from _in_place("bare words", text, n, "some more words", (0, 4))
    yield from _in_place("True", text, n, "True")
    yield from _in_place("variable", text, n, "?x")
    yield from _in_place("number without exponent", text, n, "1e")
    yield from _in_place("text of several lines", text, n, '"one\ntwo" ', (4, 5))
    yield from _in_place("address without brackets", text, n, "http://example.org/a", (0, 5))
    yield from _in_place("quotes in a text", text, n, '"He said "hi" to me"', (10, 12))
    yield from _in_place("curly quotes", text, n, "“more than one word”@en", (0, 1))
    yield from _in_place("blank node without name", text, n, "_: ", (0, 2))
    prefix = text.words(1)  # of the first declaration
    shows = (len(prefix) + 1, len(prefix) + 3)
    yield from _in_place("wrong escape in a name", text, n, rf"{prefix}a\:b", shows)
    yield from _in_place("datatype missing", text, n, '"x"^^"y"', (5, 8))
    yield from _in_place("unknown prefix", text, n, f"unknown{own}:x")


def _iris(text: Text, n: int, own: int) -> Iterator[Plant]:
    if text.kinds(n, "iri") and not text.in_directive(n):
        words = text.words(n)
        yield from _in_place("relative IRI", text, n, f"<thing{own}>")
        yield from _in_place("space in an IRI", text, n, f"{words[:-1]} x>")
        yield from _in_place("IRI without end", text, n, words[:-1])


def _strings(text: Text, n: int, _: int) -> Iterator[Plant]:
    words = text.words(n)
    if not text.kinds(n, "string") or words.startswith(('"""', "'''")):
        return
    quote, inner = words[0], words[1:-1]
    yield from _in_place("unknown escape", text, n, rf"{quote}\q{inner}{quote}", (1, 3))
    start, end = _span(text, n)
    line_end = text.text.find("\n", end)
    in_line = quote in text.text[end:line_end]
    if line_end > 0 and text.text.find(quote, line_end) > 0 and not in_line:
        at = line_end - start - 1
        yield from _in_place("text without end", text, n, words[:-1], (at, at + 1))
    if text.kinds(n + 1, "tag"):
        yield from _in_place("curly quotes", text, n, f"“{inner}”", (0, 1))


def _tags(text: Text, n: int, _: int) -> Iterator[Plant]:
    if text.kinds(n - 1, "string", "tag"):
        yield from _in_place("underscore in a language tag", text, n, "@es_MX", (3, 4))
        yield from _in_place("language missing", text, n, "@ ", (1, 2))


def _brackets(text: Text, n: int, _: int) -> Iterator[Plant]:
    if text.kinds(n, "close_list close_collection", "dot"):
        yield from _missing("bracket not closed", text, n, n + 1)
    if text.kinds(n, "dot") and not text.in_directive(n):
        yield from _in_place("bracket too many", text, n, "] .", (0, 1))
    if text.kinds(n, "open_collection", "name", "name") and text.depths[n] == 0:
        start, end = _span(text, n + 1)
        words = text.text[start:end]
        yield Plant(
            "comma in a collection",
            (start, end),
            f"{words} ,",
            (len(words) + 1, len(words) + 2),
            True,
        )


def _properties(text: Text, n: int, _: int) -> Iterator[Plant]:
    if text.kinds(n, "a"):
        yield from _in_place("capital A", text, n, "A")
        yield from _in_place("equals sign", text, n, "=")
        yield from _in_place("implication", text, n, "=>")
        yield from _in_place("property without prefix", text, n, "type")
        yield from _in_place("property in quotes", text, n, '"type"')


def _declarations(text: Text, n: int, _: int) -> Iterator[Plant]:
    if text.words(n) == "@prefix":
        name = text.words(n + 1)
        if len(name) > 1:
            start, end = _span(text, n + 1)
            yield Plant(
                "declaration without colon", (start, end), name[:-1], (0, len(name) - 1), True
            )
        yield from _in_place("misspelt declaration", text, n, "@prefx")
        yield from _in_place("N3 declaration", text, n, "@forAll <a:b> .\n@prefix", (0, 7))


_MAKERS: tuple[Make, ...] = (
    _dots,
    _semicolons,
    _commas,
    _values,
    _iris,
    _strings,
    _tags,
    _brackets,
    _properties,
    _declarations,
)


# --- Files ---------------------------------------------------------------------------------------


def snippets(random: Random, count: int) -> Iterator[str]:
    """Yield valid texts: some blocks of a file of ours with its declarations."""
    ours = [*sorted((ROOT / "data").glob("*.ttl"))]
    ours += sorted((ROOT / "tests/shapes/good").glob("*.ttl"))
    for number in range(count):
        whole = (random.choice(ours) if number % 3 else OWN).read_text("utf-8")
        head, *blocks = re.split(r"\n\n(?=[^\s@#])", whole)
        first = random.randrange(max(1, len(blocks) - 12))
        yield "\n\n".join([head, *blocks[first : first + 12]]).rstrip() + "\n"


def plants(text: Text) -> dict[str, list[Plant]]:
    """Return all mistakes that may be planted, by their kinds."""
    found = dict[str, list[Plant]]()
    for number in range(len(text.tokens)):
        for make in _MAKERS:
            for plant in make(text, number, number):
                found.setdefault(plant.kind, []).append(plant)
    return found


def faulty(text: str, chosen: list[Plant]) -> Faulty:
    """Plant mistakes, which are in the order of the text and do not touch each other."""
    parts, spans = list[str](), list[Span]()
    shift = done = 0
    for plant in chosen:
        parts += [text[done : plant.span[0]], plant.text]
        done = plant.span[1]
        at = plant.span[0] + shift if plant.in_text else shift
        shift += len(plant.text) - (plant.span[1] - plant.span[0])
        at = at if plant.in_text else shift
        spans.append((plant.shows[0] + at, plant.shows[1] + at))
    whole = "".join(parts) + text[done:]
    lines = Lines(whole)
    places = tuple(lines.place("x.ttl", *span) for span in spans)
    return Faulty(whole, tuple(plant.kind for plant in chosen), places)


def singles(seed: int = SEED, texts: int = 40) -> Iterator[Faulty]:
    """Yield texts with one mistake each: of every kind that a text allows."""
    random = Random(seed)
    for text in snippets(random, texts):
        for choices in plants(Text(text)).values():
            yield faulty(text, [random.choice(choices)])


def severals(seed: int = SEED, texts: int = 300) -> Iterator[Faulty]:
    """Yield texts with two to five mistakes, in different blocks."""
    random = Random(seed)
    for text in snippets(random, texts):
        by_kind = plants(Text(text))
        chosen = list[Plant]()
        for kind in random.sample(sorted(by_kind), min(len(by_kind), random.randint(2, 5))):
            plant = random.choice(by_kind[kind])
            if all(_apart(text, plant, other) for other in chosen):
                chosen.append(plant)
        if len(chosen) > 1:
            yield faulty(text, sorted(chosen, key=lambda plant: plant.span))


def _apart(text: str, one: Plant, other: Plant) -> bool:
    """Whether a whole block lies between two mistakes."""
    first, second = sorted((one, other), key=lambda plant: plant.span)
    end = max(first.span[1], first.shows[1] if not first.in_text else 0)
    return text.count("\n\n", end, second.span[0]) > 1


def told(one: Faulty) -> list[Place]:
    """Return the places of what is told of a text."""
    return [problem.place for problem in turtle.read("x.ttl", one.text.encode(), _SETTINGS)[1]]


def score(seed: int = SEED, texts: int = 40, several_texts: int = 300) -> Score:
    """Return how much is found of what is planted."""
    single = exact = several = found = false = 0
    missed = list[str]()
    for one in singles(seed, texts):
        single += 1
        is_exact = told(one) == list(one.places)
        exact += is_exact
        missed += [] if is_exact else list(one.kinds)
    for one in severals(seed, several_texts):
        lines = {place.line for place in one.places}
        places = [place.line for place in told(one)]
        several += len(one.places)
        found += len(lines & set(places))
        false += sum(line not in lines for line in places)
    return Score(single, exact, several, found, false, tuple(missed))
