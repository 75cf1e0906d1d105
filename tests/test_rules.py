"""The rules over the whole graph: each finds its own mistake, quickly, and says how to mend it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, QuerySolutions, Store, Triple, parse

from leadgraph.check.rules import parse_rule
from tests.shapes import examples

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import QuerySolution

    from tests.shapes.examples import Example

ROOT = Path(__file__).parents[1]
LEADGRAPH = "https://w3id.org/leadgraph/"
LANGUAGES = ["en", "es", "fr", "ar", "de", "pt"]
HEADER = re.compile(r"# (\w+): (.+)")
PLACEHOLDER = re.compile(r"\{(\w*)\}")
JARGON = re.compile(
    r"\b(sparql|quer(y|ies)|triples?|bindings?|variables?|literals?|predicates?|[iu]ris?|nodes?"
    r"|consulta sparql|tripleta|triplet|tripel|variable|knoten|nodo|nœud|nó)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as its file states it: `header` keeps the order of the lines."""

    path: Path
    header: tuple[tuple[str, str], ...]
    query: str

    def __str__(self) -> str:
        return self.path.stem

    @property
    def messages(self) -> dict[str, str]:
        return {key: text for key, text in self.header if key in LANGUAGES}


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule of the project."""
    return tuple(_rule(path) for path in sorted(ROOT.glob("shapes/*.rq")))


def _rule(path: Path) -> Rule:
    text = path.read_text("utf-8")
    block = text.split("\n\n", maxsplit=1)[0].splitlines()
    header = tuple((m[1], m[2]) for line in block if (m := HEADER.fullmatch(line)))
    assert len(header) == len(block), f"{path.name}: a line of the first block is no '# key: text'"
    return Rule(path, header, text)


every_rule = pytest.mark.parametrize("rule", rules(), ids=str)


def add(store: Store, slug: str, triples: Iterable[Triple]) -> None:
    """Put statements into the default graph and into the named graph of their file."""
    statements = list(triples)
    for graph in (DefaultGraph(), NamedNode(f"{LEADGRAPH}graph/{slug}")):
        store.extend(Quad(s, p, o, graph) for s, p, o in statements)


def add_files(store: Store, paths: Iterable[Path], slug: str = "") -> None:
    for path in paths:
        add(store, slug or path.stem, (quad.triple for quad in parse(path=path)))


def store_of(paths: Iterable[Path]) -> Store:
    """Some data files and the ontology, as the checker sees them."""
    store = Store()
    add_files(store, paths)
    add_files(store, sorted(ROOT.glob("ontology/*.ttl")), "ontology")
    return store


def rows(rule: Rule, store: Store) -> list[QuerySolution]:
    solutions = store.query(rule.query)
    assert isinstance(solutions, QuerySolutions)
    return list(solutions)


def broken_by(store: Store) -> set[str]:
    return {str(rule) for rule in rules() if rows(rule, store)}


# What the rules find


@pytest.mark.parametrize("example", examples.bad(), ids=str)
def test_a_bad_example_breaks_exactly_the_rules_that_it_names(example: Example) -> None:
    """Also those that are about a shape: most of them break no rule at all."""
    assert broken_by(store_of(example.files)) == example.rules


@pytest.mark.parametrize("example", examples.good(), ids=str)
def test_a_good_example_breaks_no_rule(example: Example) -> None:
    """What the examples show may be copied."""
    assert broken_by(store_of(example.files)) == set()


@pytest.mark.parametrize("example", [e for e in examples.bad() if e.beside], ids=str)
def test_what_stands_beside_a_bad_example_is_in_order_by_itself(example: Example) -> None:
    """So that the mistake is the one of the example."""
    assert broken_by(store_of(example.beside)) == set()


@every_rule
def test_every_rule_has_a_bad_example_of_its_own(rule: Rule) -> None:
    """A rule that nothing breaks might as well not be there."""
    assert list(examples.HERE.glob(f"bad/{rule}--*.ttl")), (
        f"write shapes/examples/bad/{rule}--....ttl with '# expect: {rule}'"
    )


@pytest.mark.parametrize("example", [e for e in examples.bad() if e.rules], ids=str)
def test_a_row_says_where_the_mistake_stands(example: Example) -> None:
    """The file that ?graph names speaks of ?focus."""
    store = store_of(example.files)
    found = [row for rule in rules() for row in rows(rule, store)]
    assert found
    for row in found:
        focus, graph = row["focus"], row["graph"]
        assert isinstance(focus, NamedNode)
        assert isinstance(graph, NamedNode)
        as_subject = store.quads_for_pattern(focus, None, None, graph)
        as_value = store.quads_for_pattern(None, None, focus, graph)
        assert [*as_subject, *as_value]


@cache
def published() -> Store:
    """The data of the project and its ontology; for reading only."""
    return store_of(sorted(ROOT.glob("data/*.ttl")))


@every_rule
def test_the_published_data_break_no_rule(rule: Rule) -> None:
    """Every file of data/ in its own graph, all of them together."""
    assert [str(row) for row in rows(rule, published())] == []


# Privacy: what is found in a text, and what is left alone


def texts_found(code: str, text: str) -> bool:
    """Whether a rule finds something in a note."""
    topic, note = NamedNode(f"{LEADGRAPH}id/topic/gardens"), NamedNode("http://example.org/note")
    store = Store()
    add(store, "gardens", [Triple(topic, note, Literal(text, language="en"))])
    (rule,) = (rule for rule in rules() if str(rule) == code)
    return bool(rows(rule, store))


@pytest.mark.parametrize(
    "text",
    [
        "someone@example.org",
        "Write to Some.One+tag@MAIL.example.co.uk, please",
        "someone (at) example.org",
        "someone [at] example [dot] org",
        "someone(at)example",
        "jemand (ät) beispiel (punkt) de",
        "someone at example dot org",
        "jane.doe AT example.org",
        "jane＠example.org",
    ],
)
def test_an_address_for_letters_is_found_however_it_is_spelt(text: str) -> None:
    """Plain, in brackets, in words."""
    assert texts_found("privacy-email", text)


@pytest.mark.parametrize(
    "text",
    [
        'Add skos:prefLabel "..."@en',
        "Meet us at example.org",
        "An edit-a-thon (at the library) in May",
        "Write to example@lists.wikimedia.org",
        "User:Foo (at) Commons",
        "Meet (at) Berlin. Bring a friend.",
        "the handle @example on another site",
        "500 edits @ 90 days",
    ],
)
def test_an_at_sign_alone_is_no_address_for_letters(text: str) -> None:
    """Language tags, handles and places are left alone."""
    assert not texts_found("privacy-email", text)


@pytest.mark.parametrize(
    "text",
    [
        "+1 555 010 0123",
        "call +49 (30) 219158260 now",
        "+4930219158260",
        "(+34) 91.555.01.23",
        "0049 30 1234567",
        "+٤٩ ٣٠ ١٢٣٤٥٦٧",
    ],
)
def test_an_international_telephone_number_is_found(text: str) -> None:
    """With a plus sign or 00, however it is grouped, in the digits of any script."""
    assert texts_found("privacy-phone", text)


@pytest.mark.parametrize(
    "text",
    ["(030) 12345678", "06 12 34 56 78", "call 030 1234 5678", "هاتف ٠٣٠ ١٢٣٤ ٥٦٧٨"],
)
def test_a_telephone_number_within_a_country_is_found(text: str) -> None:
    """By its form, or by the word before it."""
    assert texts_found("privacy-phone", text)


@pytest.mark.parametrize(
    "text",
    [
        "2016-2024",
        "2025-03-31T09:00:00+01:00",
        "ISBN 978-3-16-148410-0",
        "1 000 000 readers, +50 edits, +2.5 %",
        "course-v1:Wikimedia-Foundation+WMF_AGP000+2025",
        "10 + 20 + 30 + 40 = 100",
        "C++ 20202020",
        "about mobile 20 000 000 readers",
        "Mobile: 2025-03-31 to 2025-04-02",
        "Phone 2016 2017 2018 edits",
    ],
)
def test_years_counts_and_book_numbers_are_no_telephone_numbers(text: str) -> None:
    """A rule that cries wolf is soon switched off."""
    assert not texts_found("privacy-phone", text)


@pytest.mark.parametrize(
    "text",
    [
        "Hauptstraße 5",
        "12 Main Street",
        "rue de la Paix 3",
        "3, rue de la Paix",
        "Calle Mayor 5",
        "Rua das Flores 12",
        "شارع التحرير 5",
    ],
)
def test_a_street_with_its_number_is_found(text: str) -> None:
    """In the order of each of the six languages."""
    assert texts_found("privacy-address", text)


@pytest.mark.parametrize(
    "text",
    [
        "Hauptstraße",
        "an avenue for 20 people",
        "12 Main topics",
        "In 2016 the Road Show",
        "شارع التحرير",
    ],
)
def test_a_street_or_a_number_alone_is_no_address(text: str) -> None:
    """Titles and counts are left alone."""
    assert not texts_found("privacy-address", text)


# What the rules say


@every_rule
def test_the_header_is_complete_and_in_order(rule: Rule) -> None:
    """The code is the name of the file; the severity; what it reads; then the six languages."""
    header = dict(rule.header)
    keys = [key for key, _ in rule.header]
    said = [key for key in keys if key not in {"reads", "lacks"}]
    assert said == ["code", "severity", *LANGUAGES]
    assert keys[2] in {"reads", "lacks"}, "without them the whole graph is looked through each time"
    assert header["code"] == rule.path.stem
    assert header["severity"] in {"Violation", "Warning", "Info"}


@every_rule
def test_a_message_says_what_is_wrong_and_what_to_do(rule: Rule) -> None:
    """Two sentences, in plain words, and no language merely repeats another."""
    for message in rule.messages.values():
        assert re.search(r"[.:] \S", message), message
        assert message.endswith("."), message
        assert not JARGON.search(PLACEHOLDER.sub("", message)), message
    assert len(set(rule.messages.values())) == len(LANGUAGES)


@every_rule
def test_a_message_is_filled_in_alike_in_every_language(rule: Rule) -> None:
    """The same placeholders, and only those that the rows can fill."""
    used = {language: set(PLACEHOLDER.findall(text)) for language, text in rule.messages.items()}
    solutions = Store().query(rule.query)
    assert isinstance(solutions, QuerySolutions)
    selected = {variable.value for variable in solutions.variables}
    assert all(each == used["en"] for each in used.values()), used
    assert "focus" in used["en"]
    assert used["en"] <= selected <= {"focus", "path", "value", "graph"}


@every_rule
def test_a_message_names_the_same_terms_in_every_language(rule: Rule) -> None:
    """A term that a translation forgets or misspells is found here."""
    terms = {
        language: set(re.findall(r"\b(?:lg|skos|owl|dcterms|foaf|schema|rdfs):\w+", text))
        for language, text in rule.messages.items()
    }
    assert all(each == terms["en"] for each in terms.values()), terms


# How fast the rules are


def crowd(size: int) -> Iterator[Triple]:
    """A tree of skills, ten below each, that are the steps of 500 pathways as well."""
    skos, lg = "http://www.w3.org/2004/02/skos/core#", f"{LEADGRAPH}ns#"
    a = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    things = [NamedNode(f"{LEADGRAPH}id/skill/s{number}") for number in range(size)]
    yield Triple(
        things[0], NamedNode(skos + "topConceptOf"), NamedNode(f"{LEADGRAPH}id/scheme/all")
    )
    for number, thing in enumerate(things):
        label = f"Name {number} of {size}, written out as long as the names of skills are"
        above = things[max(number - 1, 0) // 10]
        pathway = NamedNode(f"{LEADGRAPH}id/pathway/p{number % 500}")
        yield Triple(thing, a, NamedNode(lg + "Skill"))
        yield Triple(thing, NamedNode(skos + "prefLabel"), Literal(label, language="en"))
        yield Triple(thing, NamedNode(skos + "note"), Literal(label * 3, language="en"))
        yield Triple(pathway, NamedNode(lg + "hasStep"), thing)
        if number:
            yield Triple(thing, NamedNode(skos + "broader"), above)
            yield Triple(above, NamedNode(lg + "nextStep"), thing)


@cache
def crowded() -> Store:
    """60,000 statements beside the ontology; for reading only."""
    store = store_of([])
    add(store, "crowd", crowd(10_000))
    return store


@every_rule
def test_a_rule_is_quick_on_a_large_graph(rule: Rule) -> None:
    """Measured well below 1 s each; a path between all pairs of things would take minutes."""
    start = perf_counter()
    rows(rule, crowded())
    assert perf_counter() - start < 20


def step(number: int) -> NamedNode:
    return NamedNode(f"{LEADGRAPH}id/step/s{number}")


def linked(pairs: Iterable[tuple[int, int]], steps: int) -> Iterator[Triple]:
    """Steps of one pathway, each pair linked as next step and as wider concept."""
    skos, lg = "http://www.w3.org/2004/02/skos/core#", f"{LEADGRAPH}ns#"
    pathway = NamedNode(f"{LEADGRAPH}id/pathway/p")
    for number in range(steps):
        yield Triple(pathway, NamedNode(lg + "hasStep"), step(number))
    for before, after in pairs:
        yield Triple(step(before), NamedNode(lg + "nextStep"), step(after))
        yield Triple(step(after), NamedNode(skos + "broader"), step(before))


def namesakes(size: int) -> Iterator[Triple]:
    """Things of one list that all have the same name."""
    skos = "http://www.w3.org/2004/02/skos/core#"
    for number in range(size):
        yield Triple(step(number), NamedNode(skos + "prefLabel"), Literal("Same", language="en"))
        yield Triple(
            step(number), NamedNode(skos + "inScheme"), NamedNode(f"{LEADGRAPH}id/scheme/all")
        )


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param(list(linked(((n, n + 1) for n in range(999)), 1000)), id="a chain of 1,000"),
        pytest.param(
            list(linked(((a, 100 + b) for a in range(100) for b in range(100)), 200)),
            id="100 steps that each lead to 100",
        ),
        pytest.param(list(namesakes(2000)), id="2,000 of one name"),
    ],
)
def test_no_shape_of_a_graph_makes_a_rule_slow(statements: list[Triple]) -> None:
    """What takes time with the square of the size would take minutes here."""
    store = store_of([])
    add(store, "crowd", statements)
    slow = {}
    for rule in rules():
        start = perf_counter()
        rows(rule, store)
        slow[str(rule)] = perf_counter() - start
    assert {rule: seconds for rule, seconds in slow.items() if seconds > 15} == {}


@pytest.mark.parametrize("path", sorted((ROOT / "shapes").glob("*.rq")), ids=lambda path: path.stem)
def test_a_rule_of_ours_says_what_it_reads(path: Path) -> None:
    """Without that every contribution would have to be checked on the whole graph."""
    assert parse_rule(str(path), path.read_text("utf-8")).reads is not None
