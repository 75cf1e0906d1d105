"""The twelve shapes of federated queries, and the least that each has to ask of others.

A shape names the endpoints by IRIs of the bench's own, `<urn:bench:wikidata>` and so on, in place
of which their addresses are put. What it needs of an endpoint is written as the shortest request
that brings it, with `$KEYS` for the things that it is about, and the query for these things.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.queries import Agreement, Query, Weight
from leadgraph.vocabulary import DCTERMS, LG, RDFS, SKOS, VOID, WD

if TYPE_CHECKING:
    from bench.federation.data import Addresses

_PREFIXES = {
    "dcterms": DCTERMS,
    "lg": LG,
    "rdfs": RDFS,
    "schema1": "http://schema.org/",
    "skos": SKOS,
    "void": VOID,
    "wd": WD,
}


@dataclass(frozen=True, slots=True)
class Need:
    """What has to be asked of one endpoint: the query for the keys, and the request for them."""

    source: str
    keys: str
    request: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A federated query, and what it needs."""

    name: str
    about: str
    text: str
    needs: tuple[Need, ...]

    def query(self, addresses: Addresses) -> Query:
        """Return it as it is sent."""
        text = with_prefixes(_placed(self.text, addresses))
        return Query(self.name, self.about, text, Weight.HEAVY, Agreement.ROWS)


def in_one_store(text: str, addresses: Addresses) -> str:
    """Return a query of the same answer where each endpoint is a graph named by its address."""
    without = re.sub(r"SERVICE SILENT <urn:bench:dead> \{[^}]*\}", "{}", text)
    graphs = re.sub(r"SERVICE (?=<urn:bench:|\?source)", "GRAPH ", without)
    return with_prefixes(_placed(graphs, addresses))


def with_prefixes(text: str) -> str:
    """Return a query with the declarations of the prefixes that it uses."""
    used = [name for name in _PREFIXES if re.search(rf"\b{name}:", text)]
    return "".join(f"PREFIX {name}: <{_PREFIXES[name]}>\n" for name in used) + text


def _placed(text: str, addresses: Addresses) -> str:
    for name in ("wikidata", "second", "dead"):
        text = text.replace(f"<urn:bench:{name}>", f"<{getattr(addresses, name)}>")
    return text


def _names(language: str) -> str:
    return _asked("?item ?name", f'?item rdfs:label ?name FILTER(LANG(?name)="{language}")')


def _asked(variables: str, pattern: str) -> str:
    return f"SELECT {variables}{{VALUES ?item{{$KEYS}}{pattern}}}"


def _items(pattern: str) -> str:
    return f"SELECT DISTINCT ?item {{ {pattern} }}"


SHAPES = (
    Shape(
        "labels",
        "labels in a language",
        """SELECT ?thing ?item ?name WHERE {
  ?thing skos:exactMatch|skos:closeMatch ?item .
  SERVICE <urn:bench:wikidata> { ?item rdfs:label ?name . FILTER(LANG(?name) = "es") }
}""",
        (Need("wikidata", _items("?thing skos:exactMatch|skos:closeMatch ?item"), _names("es")),),
    ),
    Shape(
        "optional",
        "OPTIONAL",
        """SELECT ?thing ?item ?said WHERE {
  ?thing skos:exactMatch ?item .
  OPTIONAL {
    SERVICE <urn:bench:wikidata> { ?item schema1:description ?said . FILTER(LANG(?said) = "de") }
  }
}""",
        (
            Need(
                "wikidata",
                _items("?thing skos:exactMatch ?item"),
                _asked("?item ?said", '?item schema1:description ?said FILTER(LANG(?said)="de")'),
            ),
        ),
    ),
    Shape(
        "filter, path",
        "a filter here, then a path there",
        """SELECT ?thing ?wiki WHERE {
  ?thing skos:broader ?theme ; skos:exactMatch|skos:closeMatch ?item .
  ?theme skos:prefLabel ?word .
  FILTER(STR(?word) = "campaigns" && STRSTARTS(STR(?item), STR(wd:)))
  SERVICE <urn:bench:wikidata> { ?item ^schema1:about/schema1:isPartOf ?wiki }
}""",
        (
            Need(
                "wikidata",
                _items(
                    "?thing skos:broader/skos:prefLabel 'campaigns'@en ; "
                    "skos:exactMatch|skos:closeMatch ?item"
                ),
                _asked("?item ?wiki", "?item ^schema1:about/schema1:isPartOf ?wiki"),
            ),
        ),
    ),
    Shape(
        "aggregate",
        "an aggregate there",
        """SELECT ?role ?pages WHERE {
  ?role a lg:LeaderRole ; skos:exactMatch|skos:closeMatch ?item .
  SERVICE <urn:bench:wikidata> {
    SELECT ?item (COUNT(DISTINCT ?page) AS ?pages) WHERE { ?page schema1:about ?item }
    GROUP BY ?item
  }
}""",
        (
            Need(
                "wikidata",
                _items("?role a lg:LeaderRole ; skos:exactMatch|skos:closeMatch ?item"),
                _asked("?item (COUNT(*) AS ?pages)", "?page schema1:about ?item")
                + "GROUP BY ?item",
            ),
        ),
    ),
    Shape(
        "two sources",
        "two sources",
        """SELECT ?thing ?said ?name WHERE {
  ?thing skos:closeMatch ?item .
  SERVICE <urn:bench:second> { ?item schema1:description ?said . FILTER(LANG(?said) = "en") }
  SERVICE <urn:bench:wikidata> { ?item rdfs:label ?name . FILTER(LANG(?name) = "ar") }
}""",
        (
            Need(
                "second",
                _items("?thing skos:closeMatch ?item"),
                _asked("?item ?said", '?item schema1:description ?said FILTER(LANG(?said)="en")'),
            ),
            Need(
                "wikidata",
                _items(
                    "?thing skos:closeMatch ?item . SERVICE <urn:bench:second> { ?item "
                    'schema1:description ?said FILTER(LANG(?said) = "en") }'
                ),
                _names("ar"),
            ),
        ),
    ),
    Shape(
        "SILENT, dead",
        "SILENT on a dead one",
        """SELECT ?skill ?item ?name WHERE {
  ?skill a lg:Skill ; skos:exactMatch ?item .
  SERVICE SILENT <urn:bench:dead> { ?item rdfs:label ?name }
}""",
        (),
    ),
    Shape(
        "UNION",
        "UNION here and there",
        """SELECT ?thing ?name WHERE {
  {
    ?thing a lg:Skill ; skos:exactMatch ?item .
    SERVICE <urn:bench:wikidata> {
      { ?item rdfs:label ?name . FILTER(LANG(?name) = "de") }
      UNION
      { ?item schema1:description ?name . FILTER(LANG(?name) = "ar") }
    }
  } UNION {
    ?thing a lg:LeaderRole ; skos:prefLabel ?name .
    FILTER(LANG(?name) = "es")
  }
}""",
        (
            Need(
                "wikidata",
                _items("?thing a lg:Skill ; skos:exactMatch ?item"),
                _asked(
                    "?item ?name",
                    '{?item rdfs:label ?name FILTER(LANG(?name)="de")}UNION'
                    '{?item schema1:description ?name FILTER(LANG(?name)="ar")}',
                ),
            ),
        ),
    ),
    Shape(
        "subselect, LIMIT",
        "a subselect with LIMIT",
        """SELECT ?thing ?name WHERE {
  {
    SELECT ?thing ?item WHERE { ?thing skos:exactMatch ?item } ORDER BY ?thing ?item LIMIT 20
  }
  SERVICE <urn:bench:wikidata> { ?item rdfs:label ?name . FILTER(LANG(?name) = "en") }
}""",
        (
            Need(
                "wikidata",
                _items(
                    "{ SELECT ?item { ?thing skos:exactMatch ?item } "
                    "ORDER BY ?thing ?item LIMIT 20 }"
                ),
                _names("en"),
            ),
        ),
    ),
    Shape(
        "SERVICE first",
        "SERVICE first",
        """SELECT ?thing ?name ?said WHERE {
  SERVICE <urn:bench:wikidata> {
    ?item rdfs:label ?name ; schema1:description ?said .
    FILTER(LANG(?name) = "es" && LANG(?said) = "es")
  }
  ?thing skos:exactMatch ?item .
}""",
        (
            Need(
                "wikidata",
                _items("?thing skos:exactMatch ?item"),
                _asked(
                    "?item ?name ?said",
                    "?item rdfs:label ?name;schema1:description ?said "
                    'FILTER(LANG(?name)="es"&&LANG(?said)="es")',
                ),
            ),
        ),
    ),
    Shape(
        "VALUES",
        "VALUES in and out",
        """SELECT ?called ?language ?name WHERE {
  VALUES ?called { "Mentor 0"@en "Organizer 1"@en "Editor 2"@en "Curator 3"@en "Trainer 4"@en }
  ?thing skos:prefLabel ?called ; skos:exactMatch|skos:closeMatch ?item .
  SERVICE <urn:bench:wikidata> {
    VALUES ?language { "en" "es" "ar" }
    ?item rdfs:label ?name .
    FILTER(LANG(?name) = ?language)
  }
}""",
        (
            Need(
                "wikidata",
                _items(
                    'VALUES ?called { "Mentor 0"@en "Organizer 1"@en "Editor 2"@en '
                    '"Curator 3"@en "Trainer 4"@en } '
                    "?thing skos:prefLabel ?called ; skos:exactMatch|skos:closeMatch ?item"
                ),
                _asked(
                    "?item ?language ?name",
                    'VALUES ?language{"en" "es" "ar"}?item rdfs:label ?name '
                    "FILTER(LANG(?name)=?language)",
                ),
            ),
        ),
    ),
    Shape(
        "a variable",
        "SERVICE with a variable",
        """SELECT ?thing ?source ?name WHERE {
  ?thing skos:exactMatch ?item ; dcterms:isPartOf ?linkset .
  ?linkset void:sparqlEndpoint ?source .
  SERVICE ?source { ?item rdfs:label ?name . FILTER(LANG(?name) = "de") }
}""",
        tuple(
            Need(
                name,
                _items(
                    "?thing skos:exactMatch ?item ; "
                    f"dcterms:isPartOf/void:sparqlEndpoint <urn:bench:{name}>"
                ),
                _names("de"),
            )
            for name in ("wikidata", "second")
        ),
    ),
    Shape(
        "tricky words",
        "tricky words in comments, strings and IRIs",
        """# SERVICE <http://nowhere.invalid/sparql> { ?s ?p ?o } in a comment is none.
PREFIX service: <https://example.org/SERVICE#GRAPH>
SELECT ?thing ?name ?note WHERE {
  ?thing skos:closeMatch ?item .  # } SERVICE ?item {
  BIND("SERVICE <http://nowhere.invalid/sparql> { ?a ?b 'c' } # \\"" AS ?note)
  OPTIONAL { ?thing service:silent ?service }
  SERVICE <urn:bench:wikidata> {  # } closes nothing
    ?item rdfs:label ?name .
    FILTER(LANG(?name) = "en" && STR(?name) != '''} SERVICE "{' <x''')
    FILTER(?item != <https://example.org/VALUES#SERVICE>)
  }
}""",
        (Need("wikidata", _items("?thing skos:closeMatch ?item"), _names("en")),),
    ),
)
