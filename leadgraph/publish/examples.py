"""Examples -> statements in the terms that SPARQL editors look for: SHACL's, and SIB's `spex:`.

The vocabulary is that of https://github.com/sib-swiss/sparql-examples: `rdfs:comment` is what is
asked, `schema:target` where, `spex:federatesWith` whom the query asks besides. SHACL 1.0 has no
term for DESCRIBE, so SIB has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from leadgraph.publish.statements import about, node, text
from leadgraph.vocabulary import EXAMPLES, PREFIXES, SH, SPARQL, query_iri

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from leadgraph.model import Example

_TERMS = {
    "SELECT": ("sh:SPARQLSelectExecutable", "sh:select"),
    "ASK": ("sh:SPARQLAskExecutable", "sh:ask"),
    "CONSTRUCT": ("sh:SPARQLConstructExecutable", "sh:construct"),
    "DESCRIBE": ("spex:SPARQLDescribeExecutable", "spex:describe"),
}
"""The class and the property of each form of query."""


def describe_examples(examples: Iterable[Example]) -> list[Triple]:
    """Return what is to be said of all examples, with the prefixes that they share."""
    return [*_prefixes(), *(triple for example in examples for triple in describe(example))]


def describe(example: Example) -> list[Triple]:
    """Return what is to be said of one example; `EXAMPLES` tells its prefixes."""
    kind, asks = _TERMS[example.form]
    return list(
        about(
            query_iri(example.slug),
            ("rdf:type", node("sh:SPARQLExecutable")),
            ("rdf:type", node(kind)),
            *(("rdfs:comment", text(words, tag)) for tag, words in example.title.items()),
            *(
                ("schema:description", text(words, tag))
                for tag, words in example.description.items()
            ),
            *(("schema:keywords", text(word)) for word in example.keywords),
            ("schema:target", NamedNode(SPARQL)),
            *(("spex:federatesWith", NamedNode(source)) for source in example.sources),
            ("sh:prefixes", NamedNode(EXAMPLES)),
            (asks, text(example.query)),
        )
    )


def _prefixes() -> Iterator[Triple]:
    """Declare the prefixes, each as a thing with an IRI (SHACL, 5.2.1)."""
    yield from about(
        EXAMPLES,
        ("rdf:type", node("owl:Ontology")),
        ("owl:imports", NamedNode(SH)),
    )
    for prefix, namespace in PREFIXES.items():
        declared = f"{EXAMPLES}#{prefix}"
        yield from about(EXAMPLES, ("sh:declare", NamedNode(declared)))
        yield from about(
            declared,
            ("rdf:type", node("sh:PrefixDeclaration")),
            ("sh:prefix", text(prefix)),
            ("sh:namespace", Literal(namespace, datatype=node("xsd:anyURI"))),
        )
