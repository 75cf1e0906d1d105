"""What was received, as lines: whatever a term holds, what is written is what is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BaseDirection, BlankNode, Literal, NamedNode, Triple

from leadgraph.link.account import Table
from leadgraph.link.rows import Labels, aligned, line, rows

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
IRIS = st.builds(NamedNode, st.sampled_from(["http://a/", "a:é", "http://a/?b=c#d", "urn:x:%20"]))
NODES = st.builds(BlankNode, st.sampled_from(["b0", "x.y", "0", "_a"]))
LITERALS = st.one_of(
    st.builds(Literal, TEXTS),
    st.builds(lambda text: Literal(text, language="pt-br"), TEXTS),
    st.builds(lambda text: Literal(text, language="ar", direction=BaseDirection.RTL), TEXTS),
    st.builds(lambda text, kind: Literal(text, datatype=kind), TEXTS, IRIS),
)
PLAIN = st.one_of(IRIS, NODES, LITERALS)
TERMS = st.one_of(PLAIN, st.builds(Triple, st.one_of(IRIS, NODES), IRIS, PLAIN))
ROWS = st.integers(0, 3).flatmap(
    lambda width: st.lists(st.tuples(*[st.one_of(st.none(), TERMS)] * width), max_size=5).map(
        lambda found: (width, tuple(found))
    )
)


@given(ROWS)
def test_what_is_written_is_what_is_read(case: tuple[int, tuple[tuple[object, ...], ...]]) -> None:
    width, table = case
    lines = [line(row) for row in table]

    assert not any(end in text for text in lines for end in "\n\r")
    assert rows("\n".join(lines).split("\n") if lines else [], width) == table


@pytest.mark.parametrize(
    ("lines", "width"),
    [
        (["<a:b>"], 2),
        (["<a:b>\t<a:c>"], 1),
        (["nonsense"], 1),
        (['"open'], 1),
        (["<a:b> . <a:c> <a:d> <a:e>"], 1),
        (["<a:b> .\n<a:c> <a:d> <a:e>"], 1),
        (["<a:b>"], 0),
    ],
)
def test_what_is_no_row_is_not_read(lines: list[str], width: int) -> None:
    with pytest.raises(ValueError, match=r"term|row"):
        rows(lines, width)


def test_columns_are_found_by_their_names() -> None:
    one, two = Literal("1"), Literal("2")
    table = Table(("b", "a"), ((one, two),))

    assert aligned(table, ("a", "b", "c")) == ((two, one, None),)
    assert aligned(table, ("b", "a")) == table.rows


def test_a_label_is_one_node_in_an_answer_and_another_in_the_next() -> None:
    node, a = BlankNode("x"), NamedNode("a:a")
    labels = Labels()
    first = labels.renamed(1, [(node,), (Triple(node, a, Triple(node, a, BlankNode("y"))),)])
    second = labels.renamed(2, [(node,)])

    inner = first[1][0]
    assert isinstance(inner, Triple)
    assert isinstance(inner.object, Triple)
    assert first[0][0] == inner.subject == inner.object.subject
    assert len({first[0][0], inner.object.object, second[0][0]}) == 3
    assert Labels().renamed("other", [(node,)]) == [first[0]]
