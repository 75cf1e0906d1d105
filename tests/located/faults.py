"""A seed -> files about a few things, with faults in them, and the truth about each fault.

A feature adds to a thing what `shapes.ttl` has a shape for: as it should be, or with one fault,
whose component and place it returns. It is one function for both, so that nothing but the fault
tells a bad file from a good one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from tests.located.document import (
    Bare,
    Iri,
    Items,
    Property,
    Span,
    Text,
    Thing,
    Value,
    Writer,
    Written,
    arranged,
    labelled,
    style,
)

Term = Iri | Text | Bare | Thing | Items


class Truth(NamedTuple):
    """What must be found: the component of a constraint, and where.

    `part` is subject, predicate, object or statement; the value is the one number `nth` of the
    values, in the order in which they were written.
    """

    component: str
    part: str
    values: tuple[Value, ...]
    nth: int = 0


class Fact(NamedTuple):
    """A truth with its offsets: the exact span, its statement and its block."""

    component: str
    file: int
    exact: Span
    statement: Span
    block: Span


@dataclass(frozen=True, slots=True)
class Case:
    """Files and the faults in them."""

    seed: int
    files: tuple[bytes, ...]
    facts: tuple[Fact, ...]
    features: tuple[str, ...]


@dataclass(slots=True)
class Maker:
    """A thing in the making, and what is said beside it."""

    rng: Random
    number: int
    thing: Thing
    blocks: list[Thing]
    types: dict[str, Value] = field(default_factory=dict)

    def pick(self, *terms: Term) -> Term:
        """Return one of the terms."""
        return self.rng.choice(terms)

    def chance(self, share: float = 0.5) -> bool:
        """Return true so often."""
        return self.rng.random() < share

    def add(self, predicate: str, *terms: Term, to: Thing | None = None) -> list[Value]:
        """Say something of the thing, or of another one."""
        values = [Value(term) for term in terms]
        thing = to or self.thing
        for each in thing.properties:
            if each.predicate == predicate:
                each.values += values
                return values
        thing.properties.append(Property(predicate, list(values)))
        return values

    def kind(self, local: str) -> Value:
        """Return the statement that the thing is of a class."""
        if local not in self.types:
            (self.types[local],) = self.add("a", Iri(local))
        return self.types[local]

    def other(self, name: str, kind: str | None = None) -> tuple[Iri, Thing]:
        """Return a further thing, with a block of its own."""
        iri = Iri(f"{name}-{self.number}-{len(self.blocks)}")
        thing = Thing(iri)
        if kind:
            self.add("a", Iri(kind), to=thing)
        self.blocks.append(thing)
        return iri, thing

    def place(self) -> Iri:
        """Return something that is a place."""
        return self.other("paris", "Place")[0]

    def person(self) -> Iri:
        """Return someone."""
        return self.other("ann", "Person")[0]


def _is(component: str, part: str, *values: Value, nth: int = 0) -> Truth:
    return Truth(f"{component}ConstraintComponent", part, values, nth)


Feature = Callable[[Maker, bool], list[Truth]]
FEATURES: dict[str, Feature] = {}


def feature(make: Feature) -> Feature:
    """Add a function to the table under its name."""
    FEATURES[make.__name__] = make
    return make


def _simple(name: str, component: str, good: tuple[Term, ...], bad: tuple[Term, ...]) -> None:
    """A property of which some values are right and others wrong."""

    def make(maker: Maker, is_bad: bool) -> list[Truth]:
        maker.kind("Thing")
        count = maker.rng.randint(0, min(2, len(good)))
        values = maker.rng.sample(good, count) or [good[0]]
        if not is_bad:
            maker.add(name, *values)
            return []
        wrong = maker.pick(*bad)
        at = maker.rng.randint(0, len(values))
        added = maker.add(name, *values[:at], wrong, *values[at:])
        return [_is(component, "object", added[at])]

    FEATURES[f"{name}_{component}"] = make


LONG = "a text that runs on and on, over \U0001f333 trees and أشجار"
RTL = "قائد المجتمع"
_simple(
    "datatype",
    "Datatype",
    (Bare("5"), Text("6", datatype="integer"), Bare("-7"), Bare("+8"), Bare("007")),
    (
        Text("five"), Bare("5.5"), Text("x y", datatype="integer"), Bare("true"), Text("5", "en"),
        Bare("1e3"), Iri("five"), Text("5"), Text(RTL, "ar"), Text("5", datatype="int"),
    ),
)  # fmt: skip
_simple(
    "date",
    "Datatype",
    (Text("2024-02-29", datatype="date"), Text("2024-01-01", datatype="date")),
    (Text("2024-13-01", datatype="date"), Text("2024-01-01"), Bare("2024"), Text("soon", "en")),
)
_simple("nodeKind", "NodeKind", (Iri("a"), Iri("b-c")), (Text("a"), Bare("1"), Text("الف", "ar")))
_simple("literal", "NodeKind", (Text("a"), Bare("1")), (Iri("a-b"), Iri("z"), Thing(None)))
_simple(
    "pattern",
    "Pattern",
    (Text("ABC"), Text("XYZ")),
    (Text("abc"), Text("ABCD"), Text("A C"), Text("A\nC"), Text('A"C'), Text("A\\C", "en")),
)
_simple(
    "in",
    "In",
    (Iri("Red"), Iri("Green"), Text("blue", "en"), Bare("7")),
    (Iri("red"), Text("blue"), Text("blue", "de"), Bare("7.0"), Text("7"), Text("Red")),
)
_simple("length", "MinLength", (Text("abc"), Text(RTL[:9])), (Text("ab"), Text(""), Bare("1")))
_simple("length", "MaxLength", (Text("abc"), Text("abcdef")), (Text(LONG), Text(LONG, "en")))
_simple("inclusive", "MinInclusive", (Bare("1"), Bare("10.0")), (Bare("0"), Bare("-1e0")))
_simple("inclusive", "MaxInclusive", (Bare("1"), Bare("9")), (Bare("11"), Bare("10.5")))
_simple("exclusive", "MinExclusive", (Bare("1"), Bare("10")), (Bare("0"), Bare("-.5")))
_simple("exclusive", "MaxExclusive", (Bare("1"), Bare("10")), (Bare("11"), Bare("12")))
_simple(
    "languageIn",
    "LanguageIn",
    (Text("x", "en"), Text("y", "en-GB"), Text(RTL, "ar")),
    (Text("x", "fr"), Text("x"), Text(RTL, "fa"), Text("x", "eng")),
)
_simple("and", "And", (Text("ab"), Text("abcde")), (Text("a"), Text("abcdef"), Text("")))
_simple("not", "Not", (Text("fine"), Text("good")), (Text("too bad"), Text("bad", "en")))
_simple(
    "or",
    "Or",
    (Bare("5"), Text("2024-01-01", datatype="date")),
    (Text("five"), Bare("5.5"), Text("2024-01-01", "en"), Iri("five")),
)


@feature
def said_twice(maker: Maker, is_bad: bool) -> list[Truth]:
    """One statement in two blocks, or twice in one: the first counts."""
    maker.kind("Thing")
    term = Text("thrice") if is_bad else Bare("3")
    values = maker.add("datatype", term)
    name = maker.thing.name
    if isinstance(name, Iri):
        again = Thing(name)
        maker.blocks.append(again)
        values += maker.add("datatype", term, to=again)
    values += maker.add("datatype", term)
    return [_is("Datatype", "object", *values)] if is_bad else []


@feature
def a_class(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:class: a place."""
    maker.kind("Thing")
    good = [maker.place() for _ in range(maker.rng.randint(1, 2))]
    if not is_bad:
        maker.add("class", *good)
        return []
    wrong = maker.pick(Iri("Nowhere"), Text("Paris", "fr"), maker.person(), Thing(None))
    *_, value = maker.add("class", *good, wrong)
    return [_is("Class", "object", value)]


@feature
def one_per_language(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:uniqueLang: one text or two languages twice."""
    maker.kind("Thing")
    values = maker.add("uniqueLang", Text("one", "en"), Text("eins", "de"), Text(RTL, "ar"))
    if not is_bad:
        return []
    truths = []
    for index, tag in ((0, maker.rng.choice(("en", "EN"))), (2, "ar")):
        if index and maker.chance(0.6):
            continue
        more = maker.add("uniqueLang", Text(f"more {index}", tag))
        truths.append(_is("UniqueLang", "statement", values[index], *more, nth=1))
    return truths


@feature
def at_most_two(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:maxCount 2."""
    maker.kind("Thing")
    terms: list[Term] = [Bare("1"), Text("two", "en"), Iri("three"), Text("vier"), Bare("5.0")]
    maker.rng.shuffle(terms)
    values = maker.add("maxCount", *terms[: maker.rng.randint(3, 5) if is_bad else 2])
    return [_is("MaxCount", "statement", *values, nth=2)] if is_bad else []


@feature
def never(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:maxCount 0."""
    maker.kind("Thing")
    if not is_bad:
        return []
    values = maker.add("never", Bare("1"), *([Bare("2")] if maker.chance() else []))
    return [_is("MaxCount", "statement", *values)]


@feature
def needs_name(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:minCount 1."""
    kind = maker.kind("Named")
    if not is_bad:
        maker.add("name", Text("Ann"))
    return [_is("MinCount", "subject", kind)] if is_bad else []


@feature
def needs_two(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:minCount 2."""
    kind = maker.kind("Twofold")
    maker.add("two", Bare("1"), *([] if is_bad else [Bare("2")]))
    return [_is("MinCount", "subject", kind)] if is_bad else []


@feature
def needs_yes(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:hasValue."""
    kind = maker.kind("Agreed")
    if not is_bad or maker.chance():
        maker.add("hasValue", Iri("No" if is_bad else "Yes"))
    return [_is("HasValue", "subject", kind)] if is_bad else []


@feature
def equal(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:equals: what one has and the other has not."""
    maker.kind("Thing")
    (left,) = maker.add("equals", Text("left"))
    (right,) = maker.add("same", Text("right" if is_bad else "left"))
    if not is_bad:
        return []
    return [_is("Equals", "object", left), _is("Equals", "object", right)]


@feature
def apart(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:disjoint."""
    maker.kind("Thing")
    *_, value = maker.add("disjoint", Iri("u"), Iri("v"))
    maker.add("other", Iri("v" if is_bad else "w"))
    return [_is("Disjoint", "object", value)] if is_bad else []


@feature
def less(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:lessThan and sh:lessThanOrEquals."""
    maker.kind("Thing")
    strict = maker.chance()
    names = ("lessThan", "greater") if strict else ("lessThanOrEquals", "notLess")
    (value,) = maker.add(names[0], Bare("9" if is_bad else "1"))
    maker.add(names[1], Bare("5"))
    component = "LessThan" if strict else "LessThanOrEquals"
    return [_is(component, "object", value)] if is_bad else []


def _address(maker: Maker, is_bad: bool, component: str) -> tuple[Term, Callable[[Value], Truth]]:
    """An address, anonymous or with a name, and where its fault is once it is used."""
    if is_bad and maker.chance(0.2):
        wrong = maker.pick(Thing(None), Iri("Nowhere"))
        return wrong, lambda outer: _is(component, "object", outer)
    iri, thing = maker.other("address") if maker.chance(0.4) else (None, Thing(None))
    city = maker.add("city", Text("Bonn"), to=thing)
    fault = maker.rng.choice(("zip", "city", "zips")) if is_bad else ""
    zips = [Text("12")] if fault == "zip" else [Text("53111")]
    zips += [Text("53113")] if fault == "zips" else []
    values = maker.add("zip", *zips, to=thing)
    if fault == "city":
        thing.properties = [each for each in thing.properties if each.predicate != "city"]
        return iri or thing, lambda _outer: _is(component, "subject", values[0])
    if fault == "zips":
        return iri or thing, lambda _outer: _is(component, "statement", *values, nth=1)
    del city
    return iri or thing, lambda _outer: _is(component, "object", values[0])


@feature
def address(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:node: down to what is wrong in the inner thing."""
    maker.kind("Thing")
    what, truth = _address(maker, is_bad, "Node")
    (value,) = maker.add("address", what)
    return [truth(value)] if is_bad else []


@feature
def two_deep(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:node in sh:node."""
    maker.kind("Thing")
    what, truth = _address(maker, is_bad, "Node")
    holder = Thing(None)
    (inner,) = maker.add("address", what, to=holder)
    maker.add("deep", holder)
    return [truth(inner)] if is_bad else []


@feature
def address_or_text(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:or, of which an anonymous address with one fault is nearer to the address."""
    maker.kind("Thing")
    if not is_bad and maker.chance():
        maker.add("orAddress", Text("Bonn"))
        return []
    if is_bad and maker.chance(0.3):
        (value,) = maker.add("orAddress", maker.pick(Bare("5"), Text("Bonn", "de")))
        return [_is("Or", "object", value)]
    what, truth = _address(maker, is_bad, "Or")
    (value,) = maker.add("orAddress", what)
    return [truth(value)] if is_bad else []


@feature
def nested(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:property within a property shape: results about the inner thing."""
    maker.kind("Thing")
    holder = Thing(None)
    fault = maker.rng.choice(("datatype", "more", "none", "empty")) if is_bad else ""
    if fault == "empty":
        (outer,) = maker.add("nested", holder)
        return [_is("MinCount", "object", outer)]
    (note,) = maker.add("note", Text("inner"), to=holder)
    values = []
    if fault != "none":
        parts = [Text("one") if fault == "datatype" else Bare("1")]
        parts += [Bare("2")] if fault == "more" else []
        values = maker.add("part", *parts, to=holder)
    maker.add("nested", holder)
    truths = {
        "datatype": lambda: [_is("Datatype", "object", values[0])],
        "more": lambda: [_is("MaxCount", "statement", *values, nth=1)],
        "none": lambda: [_is("MinCount", "subject", note)],
    }
    return truths[fault]() if fault else []


@feature
def one_kind(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:xone: neither, or both."""
    maker.kind("Thing")
    iri, thing = maker.other("either", None if is_bad and maker.chance() else "Place")
    if is_bad and thing.properties:
        maker.add("a", Iri("Person"), to=thing)
    if not thing.properties:
        maker.add("note", Text("neither"), to=thing)
    (value,) = maker.add("xone", iri)
    return [_is("Xone", "object", value)] if is_bad else []


@feature
def forbidden(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:not about a property of the node: the statement that is there."""
    maker.kind("Thing")
    if not is_bad:
        maker.add("status", Iri("Active"))
        return []
    if maker.chance():
        values = maker.add("forbidden", Bare("1"))
        return [_is("Not", "statement", *values)]
    values = maker.add("status", Iri("Active"), Iri("Retired"))
    return [_is("Not", "object", values[1])]


@feature
def one_person(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:qualifiedMaxCount."""
    maker.kind("Thing")
    people = [maker.person() for _ in range(2 if is_bad else 1)]
    terms: list[Term] = [*people, maker.place(), Text("nobody")]
    values = maker.add("member", *maker.rng.sample(terms, len(terms)))
    counted = [value for value in values if value.what in people]
    return [_is("QualifiedMaxCount", "statement", *counted, nth=1)] if is_bad else []


@feature
def crew(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:qualifiedMinCount: the one that should be such, or the node where there is choice."""
    kind = maker.kind("Team")
    if not is_bad:
        maker.add("crew", maker.person(), maker.place())
        return []
    terms: list[Term] = [maker.place(), Text("nobody"), Iri("Nowhere")]
    values = (
        maker.add("crew", *maker.rng.sample(terms, count))
        if (count := maker.rng.randint(0, 2))
        else []
    )
    if len(values) == 1:
        return [_is("QualifiedMinCount", "object", values[0])]
    return [_is("QualifiedMinCount", "subject", kind)]


@feature
def contact(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:or about the node's own properties: the nearest alternative."""
    kind = maker.kind("Reachable")
    if not is_bad:
        maker.add(maker.rng.choice(("telephone", "letterbox")), Text("12"))
        return []
    if maker.chance():
        return [_is("Or", "subject", kind)]
    return [_is("Or", "object", *maker.add("letterbox", Text("far too long")))]


@feature
def roof(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:minCount at the end of a sequence: the last node that is reached."""
    kind = maker.kind("Housed")
    if is_bad and maker.chance(0.3):
        return [_is("MinCount", "subject", kind)]
    named = maker.chance()
    iri, house = maker.other("house") if named else (None, Thing(None))
    (note,) = maker.add("note", Text("a house"), to=house)
    if not is_bad:
        maker.add("roof", Text("red"), to=house)
    if is_bad and maker.chance(0.3):
        house.properties = []
        if named:
            maker.blocks.remove(house)
        (value,) = maker.add("house", iri or house)
        return [_is("MinCount", "object", value)]
    maker.add("house", iri or house)
    return [_is("MinCount", "subject", note)] if is_bad else []


@feature
def holder(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:minCount of what points here."""
    kind = maker.kind("Held")
    if not is_bad:
        maker.add("holds", _name(maker), to=maker.other("hand")[1])
    return [_is("MinCount", "subject", kind)] if is_bad else []


@feature
def seat(maker: Maker, is_bad: bool) -> list[Truth]:
    """Sequence: the last statement on the way to the value."""
    maker.kind("Thing")
    iri, thing = maker.other("seat") if maker.chance() else (None, Thing(None))
    values = maker.add("country", Iri("Fr"), *([Iri("Xx")] if is_bad else []), to=thing)
    maker.add("seat", iri or thing)
    return [_is("In", "object", values[1])] if is_bad else []


@feature
def flags(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:maxCount over a sequence: the second flag, of whichever seat."""
    maker.kind("Thing")
    values = []
    for flag in ("red", "white")[: 2 if is_bad else 1]:
        iri, thing = maker.other("seat") if maker.chance() else (None, Thing(None))
        values += maker.add("flag", Text(flag), to=thing)
        maker.add("country", Iri("De"), to=thing)
        maker.add("seat", iri or thing)
    return [_is("MaxCount", "statement", *values, nth=1)] if is_bad else []


@feature
def parts(maker: Maker, is_bad: bool) -> list[Truth]:
    """Inverse path: the subject that points here."""
    maker.kind("Thing")
    name = _name(maker)
    too_many = is_bad and maker.chance()
    values = []
    for _ in range(3 if too_many else 1):
        _, part = maker.other("part", "Thing")
        values += maker.add("partOf", name, to=part)
    if too_many:
        return [_is("MaxCount", "subject", *values, nth=2)]
    if is_bad:
        _, part = maker.other("part", "Person")
        return [_is("Class", "subject", *maker.add("partOf", name, to=part))]
    return []


@feature
def phones(maker: Maker, is_bad: bool) -> list[Truth]:
    """Alternative path: the statement that really gives the value."""
    maker.kind("Thing")
    values = maker.add("phone", Text("+1")) + maker.add("mail", Text("+a@b"))
    if not is_bad:
        return []
    if maker.chance():
        (value,) = maker.add(maker.rng.choice(("phone", "mail")), Text("0049"))
        return [_is("Pattern", "object", value)]
    values += maker.add("phone", Text("+2")) + maker.add("mail", Text("+c@d"))
    return [_is("MaxCount", "statement", *values, nth=3)]


@feature
def levels(maker: Maker, is_bad: bool) -> list[Truth]:
    """Zero or more: the level of the thing itself, or of one after it."""
    maker.kind("Thing")
    here, before = maker.rng.randint(0, 2), maker.thing
    for index in range(3):
        if index == here:
            level = maker.add("level", Text("high") if is_bad else Bare("3"), to=before)
        if index < 2:
            iri, after = maker.other("next")
            maker.add("note", Text("on the way"), to=after)
            maker.add("next", iri, to=before)
            before = after
    return [_is("Datatype", "object", *level)] if is_bad else []


@feature
def above(maker: Maker, is_bad: bool) -> list[Truth]:
    """One or more."""
    maker.kind("Thing")
    iri, middle = maker.other("middle", "Place")
    top = maker.person() if is_bad else maker.place()
    values = maker.add("above", top, to=middle)
    maker.add("above", iri)
    return [_is("Class", "object", *values)] if is_bad else []


@feature
def alias(maker: Maker, is_bad: bool) -> list[Truth]:
    """Zero or one: the alias, or the thing itself."""
    if isinstance(maker.thing.name, Iri):
        maker.kind("Aliased")
        values = maker.add("alias", Text("nick") if is_bad else Iri("nick"))
        return [_is("NodeKind", "object", *values)] if is_bad else []
    if not is_bad:
        return []
    return [_is("NodeKind", "subject", maker.kind("Aliased"))]


@feature
def members(maker: Maker, is_bad: bool) -> list[Truth]:
    """A member of a collection."""
    maker.kind("Thing")
    items = [Value(Bare(str(n))) for n in range(maker.rng.randint(1, 4))]
    at = maker.rng.randint(0, len(items))
    wrong = Value(maker.pick(Text("one"), Iri("one"), Thing(None), Bare("1.5")))
    if is_bad:
        items.insert(at, wrong)
    maker.add("list", Items(items))
    return [_is("Datatype", "object", wrong)] if is_bad else []


@feature
def surname(maker: Maker, is_bad: bool) -> list[Truth]:
    """Inverse and then on: the surname of the parent."""
    maker.kind("Thing")
    _, parent = maker.other("parent", "Person")
    maker.add("child", _name(maker), to=parent)
    values = maker.add("surname", Text("X" if is_bad else "Xu"), to=parent)
    return [_is("MinLength", "object", *values)] if is_bad else []


@feature
def closed(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:closed, on a thing of its own."""
    _, thing = maker.other("closed", "Closed")
    maker.add("known", Bare("1"), Text("two"), to=thing)
    if not is_bad:
        return []
    values = maker.add("unknown", Bare("1"), *([Bare("2")] if maker.chance(0.3) else []), to=thing)
    return [_is("Closed", "predicate", value) for value in values]


@feature
def an_iri(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:nodeKind of the node itself: its subject."""
    thing = Thing(None if maker.chance() else Bare(f"_:n{maker.number}-{len(maker.blocks)}"))
    if not is_bad:
        thing.name = Iri(f"iri-{maker.number}-{len(maker.blocks)}")
    maker.blocks.append(thing)
    values = maker.add("a", Iri("Iri"), to=thing)
    maker.add("note", Text("x"), to=thing)
    return [_is("NodeKind", "subject", *values)] if is_bad else []


@feature
def well_spelt(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:pattern of the node itself."""
    thing = Thing(Iri(f"{'Ill_Spelt' if is_bad else 'well-spelt'}-{maker.number}"))
    maker.blocks.append(thing)
    values = maker.add("a", Iri("Spelt"), to=thing)
    return [_is("Pattern", "subject", *values)] if is_bad else []


@feature
def at_a_place(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:node on the node itself."""
    _, thing = maker.other("home", "Located")
    (value,) = maker.add("zip", Text("1" if is_bad else "53111"), to=thing)
    maker.add("city", Text("Bonn"), to=thing)
    return [_is("Node", "object", value)] if is_bad else []


@feature
def owner(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:targetObjectsOf: a node that stands only as an object."""
    number = len(maker.blocks)
    wrong = maker.pick(Text(f"Ann {maker.number} {number}"), Thing(None))
    values = maker.add("owner", wrong if is_bad else Iri("ann"))
    return [_is("NodeKind", "object", *values)] if is_bad else []


@feature
def landlord(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:targetObjectsOf with something missing: its own block, else the object."""
    if is_bad and maker.chance():
        values = maker.add("landlord", Iri(f"lord-{maker.number}-{len(maker.blocks)}"))
        return [_is("MinCount", "object", *values)]
    iri, thing = maker.other("lord")
    values = maker.add("note", Text("a landlord"), to=thing)
    if not is_bad:
        maker.add("name", Text("Max"), to=thing)
    maker.add("landlord", iri)
    return [_is("MinCount", "subject", *values)] if is_bad else []


@feature
def deed(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:targetSubjectsOf."""
    _, thing = maker.other("estate")
    values = maker.add("deed", Text("1787"), to=thing)
    if not is_bad:
        maker.add("signature", Text("A. B."), to=thing)
    return [_is("MinCount", "subject", *values)] if is_bad else []


@feature
def queried(maker: Maker, is_bad: bool) -> list[Truth]:
    """sh:sparql."""
    maker.kind("Queried")
    *_, value = maker.add("sparql", Bare("1"), Bare("-3" if is_bad else "3"))
    return [_is("SPARQL", "object", value)] if is_bad else []


_NAMED = frozenset({"parts", "surname", "holder"})
"""Features for which something must point at the thing."""


def _name(maker: Maker) -> Iri:
    assert isinstance(maker.thing.name, Iri)
    return maker.thing.name


def case(seed: int, *, is_bad: bool = True) -> Case:
    """Return files with 1 to 3 faults (or none), the same for a seed each time."""
    rng = Random(seed)
    blocks: list[Thing] = []
    truths: list[Truth] = []
    names = rng.sample(sorted(FEATURES), rng.randint(3, 9))
    faulty = names[: rng.randint(1, 3) if is_bad else 0]
    for number, share in enumerate(_shares(names, rng)):
        is_named = rng.random() < 0.85 or not _NAMED.isdisjoint(share)
        thing = Thing(Iri(f"thing-{number}") if is_named else None)
        maker = Maker(rng, number, thing, blocks)
        for name in share:
            truths += FEATURES[name](maker, name in faulty)
        blocks.append(thing) if thing.properties else None
    return _written(seed, blocks, truths, tuple(faulty), rng)


def _shares(names: list[str], rng: Random) -> list[list[str]]:
    """The features of one or more things."""
    count = rng.randint(1, 3)
    return [share for n in range(count) if (share := names[n::count])]


def _written(
    seed: int, blocks: list[Thing], truths: list[Truth], faulty: tuple[str, ...], rng: Random
) -> Case:
    if rng.random() < 0.2:
        blocks = labelled(blocks, rng)
    alone = any(isinstance(block.name, Bare) for block in blocks)
    order = arranged(blocks, rng)
    count = 1 if alone else min(len(order), rng.choice((1, 1, 1, 2, 3)))
    written: dict[Value, Written] = {}
    files = []
    for number in range(count):
        writer = Writer(number, style(rng), rng)
        files.append(writer.write(order[number::count]))
        written |= writer.written
    facts = tuple(_fact(truth, written) for truth in truths)
    return Case(seed, tuple(files), facts, faulty)


def _fact(truth: Truth, written: dict[Value, Written]) -> Fact:
    places = sorted((written[value] for value in truth.values), key=lambda w: (w.file, w.value))
    place = places[truth.nth]
    start = place.predicate[0] if place.is_first else place.value[0]
    exact = {
        "subject": place.subject,
        "predicate": place.predicate,
        "object": place.value,
        "statement": (start, place.value[1]),
    }[truth.part]
    if truth.part == "subject":
        statement = (place.subject[0], place.value[1])
    else:
        statement = (place.predicate[0], place.value[1])
    return Fact(truth.component, place.file, exact, statement, place.block)
