"""IRIs are minted, split and shortened in one place."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadgraph import vocabulary

SLUGS = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+){0,3}", fullmatch=True)


@given(SLUGS, SLUGS)
def test_split_undoes_mint(kind: str, slug: str) -> None:
    assert vocabulary.split(vocabulary.mint(kind, slug)) == (kind, slug)


@pytest.mark.parametrize("slug", ["", "Big", "a_b", "a--b", "-a", "a/b", "é", "a\n", "a b"])
def test_a_slug_that_is_not_kebab_case_is_refused(slug: str) -> None:
    with pytest.raises(ValueError, match="kebab-case"):
        vocabulary.mint("role", slug)


@pytest.mark.parametrize(
    "iri",
    [
        "http://www.wikidata.org/entity/Q180",
        vocabulary.ID + "role",
        vocabulary.ID + "role/a/b",
        vocabulary.LG + "LeaderRole",
        "role/coordinator",
    ],
)
def test_other_iris_are_not_split(iri: str) -> None:
    assert vocabulary.split(iri) is None


def test_an_iri_is_shortened_by_our_prefixes_or_left_whole() -> None:
    assert vocabulary.shorten(vocabulary.SKOS + "prefLabel") == "skos:prefLabel"
    assert vocabulary.shorten("http://example.org/x") == "<http://example.org/x>"
    assert vocabulary.shorten(vocabulary.ID + "role/x") == f"<{vocabulary.ID}role/x>"


def test_another_community_sets_its_own_base() -> None:
    printed = subprocess.run(
        [sys.executable, "-c", "from leadgraph import vocabulary as v; print(v.ID, v.LG)"],
        env={**os.environ, "LEADGRAPH_BASE_IRI": "https://example.org/"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert printed == ["https://example.org/id/", "https://w3id.org/leadgraph/ns#"]
