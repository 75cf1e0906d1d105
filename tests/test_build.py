"""A graph directory becomes a release: what is in it, what refuses it, what a kill leaves."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import (
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    QuerySolutions,
    RdfFormat,
    Store,
    Triple,
    parse,
)

from leadgraph.errors import (
    BuildRefused,
    CanonicalFormStopped,
    ReleaseDamaged,
    ReleaseMissing,
    SettingInvalid,
    SourceUnreadable,
)
from leadgraph.publish import releases
from leadgraph.publish.build import build
from leadgraph.publish.canonical import canonical
from leadgraph.publish.text import as_turtle
from leadgraph.read.turtle import open_directory
from leadgraph.settings import Settings
from leadgraph.vocabulary import (
    BASE,
    DATASET,
    GRAPH,
    ID,
    INFERRED_GRAPH,
    LG,
    LINKSET,
    ONTOLOGY_GRAPH,
    PROJECT,
    RELEASE,
    SHAPES_GRAPH,
)
from tests.pages_engine import release

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from leadgraph.model import GraphDirectory, Release

PREFIXES = f"""
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix lg: <{LG}> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix role: <{ID}role/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skill: <{ID}skill/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix void: <http://rdfs.org/ns/void#> .
@prefix wd: <http://www.wikidata.org/entity/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
SPARQL_PREFIXES = """
PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX prov: <http://www.w3.org/ns/prov#>
"""
LICENCES = (
    "https://creativecommons.org/publicdomain/zero/1.0/",
    "https://creativecommons.org/licenses/by-sa/4.0/",
)
ONTOLOGY = f"""
<https://w3id.org/leadgraph/ns> a owl:Ontology ; dcterms:title "The terms"@en ;
    dcterms:creator <{ID}org/gardeners> .
lg:LeaderRole a owl:Class ; rdfs:subClassOf org:Role , [
    a owl:Restriction ; owl:onProperty lg:requiresSkill ; owl:allValuesFrom lg:Skill ] .
lg:Skill a owl:Class ; rdfs:subClassOf skos:Concept .
lg:isSkillRequiredBy owl:inverseOf lg:requiresSkill .
"""
SHAPES = """
lg:RoleShape a sh:NodeShape ; sh:targetClass lg:LeaderRole ;
    sh:property [ sh:path skos:prefLabel ; sh:minCount 1 ; sh:message "Name the role."@en ] .
"""
ROLES = f"""
<{GRAPH}roles> a void:Dataset ; dcterms:title "Roles"@en ;
    dcterms:license <https://creativecommons.org/publicdomain/zero/1.0/> .
role:mentor a lg:LeaderRole ; skos:prefLabel "Mentor"@en ;
    dcterms:modified "2026-01-31T00:00:00Z"^^xsd:dateTime ; lg:requiresSkill skill:listening .
"""
SKILLS = f"""
<{GRAPH}skills> a void:Dataset ; dcterms:title "Skills"@en ;
    dcterms:license <https://creativecommons.org/licenses/by-sa/4.0/> .
role:mentor lg:requiresSkill skill:listening .
skill:listening a lg:Skill ; skos:prefLabel "Listening"@en ; skos:notation "007"^^xsd:integer ;
    skos:exactMatch wd:Q42 ; skos:closeMatch wd:Q1 , wd:Q2 ;
    skos:broadMatch <http://data.europa.eu/esco/skill/listen> .
"""
DATASET_FILE = f"""
<{DATASET}> dcterms:title "A small graph"@en , "Un petit graphe"@fr ;
    dcterms:description "For tests."@en ; dcterms:publisher <{PROJECT}> .
<{PROJECT}> a org:Organization .
"""


def quiet(_: str) -> None:
    """Hear of the steps and say nothing."""


def write(root: Path, files: dict[str, str]) -> GraphDirectory:
    """Write Turtle files with the prefixes above, and open the folder."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(PREFIXES + text, "utf-8")
    return open_directory(root)


def small(root: Path, **files: str) -> GraphDirectory:
    """A graph of two data files, or of those given by their slug."""
    data = files or {"roles": ROLES, "skills": SKILLS}
    vocabulary = {"ontology/terms.ttl": ONTOLOGY, "shapes/shapes.ttl": SHAPES}
    return write(root, vocabulary | {f"data/{slug}.ttl": text for slug, text in data.items()})


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The release of the small graph; for reading only."""
    root = tmp_path_factory.mktemp("small")
    return build(small(root / "graph"), root / "state", Settings(), quiet)


@pytest.fixture(scope="module")
def graphs(built: Release) -> dict[str, set[Triple]]:
    """The published statements by graph name, the default graph under ""."""
    found: dict[str, set[Triple]] = {}
    for quad in parse(path=built.dataset, format=RdfFormat.N_QUADS):
        name = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
        found.setdefault(name, set()).add(quad.triple)
    return found


@pytest.fixture(scope="module")
def ask(built: Release) -> Callable[[str], list[tuple[str, ...]]]:
    """SELECT over the published dataset as an engine loads it: rows of lexical forms."""
    store = Store()
    store.load(path=built.dataset, format=RdfFormat.N_QUADS)

    def rows(query: str) -> list[tuple[str, ...]]:
        solutions = store.query(query)
        assert isinstance(solutions, QuerySolutions)
        return [tuple(term.value for term in row) for row in solutions]

    return rows


def statements(text: str) -> set[Triple]:
    """Turtle with the prefixes above, as statements."""
    return {quad.triple for quad in parse(PREFIXES + text, format=RdfFormat.TURTLE)}


def test_the_dataset_has_a_graph_for_each_part(graphs: dict[str, set[Triple]]) -> None:
    """And what is in them is what the files say."""
    parts = {f"{GRAPH}roles", f"{GRAPH}skills", ONTOLOGY_GRAPH, SHAPES_GRAPH, INFERRED_GRAPH}
    assert graphs.keys() == {"", DATASET, *parts}
    assert graphs[f"{GRAPH}roles"] == statements(ROLES)
    assert graphs[f"{GRAPH}skills"] == statements(SKILLS)


def test_the_default_graph_holds_every_statement_once(
    built: Release, graphs: dict[str, set[Triple]]
) -> None:
    """Two files say that a mentor must listen: it counts once. Shapes are not asked about."""
    queried = set().union(*(graphs[name] for name in graphs if name not in {"", SHAPES_GRAPH}))
    assert graphs[""] == queried
    assert not graphs[""] & graphs[SHAPES_GRAPH]
    lines = built.dataset.read_bytes().splitlines()
    assert len(lines) == len(set(lines)) == sum(map(len, graphs.values()))
    assert built.statements == len(graphs[""])


def test_values_are_published_as_they_were_written(graphs: dict[str, set[Triple]]) -> None:
    """RDFLib would write 7 for 007 and +00:00 for Z; nothing of that kind happens."""
    values = {t.object.value for t in graphs[""] if isinstance(t.object, Literal)}
    assert {"007", "2026-01-31T00:00:00Z"} <= values


def test_inferred_statements_are_nobody_elses(graphs: dict[str, set[Triple]]) -> None:
    """What is in the inferred graph is stated in no file."""
    assert graphs[INFERRED_GRAPH] == statements("""
        skill:listening lg:isSkillRequiredBy role:mentor ; a skos:Concept .
        role:mentor a org:Role .
    """)


def test_the_description_counts_itself_too(ask: Callable[[str], list[tuple[str, ...]]]) -> None:
    """Each count in the description is what a query over the default graph finds."""
    void = f"PREFIX void: <http://rdfs.org/ns/void#> SELECT ?n {{ <{DATASET}> "
    ours = f"STRSTARTS(STR(?s), '{ID}')"
    counts = {
        "void:triples": "COUNT(*) AS ?n) { ?s ?p ?o }",
        "void:classes": "COUNT(DISTINCT ?o) AS ?n) { ?s a ?o }",
        "void:properties": "COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }",
        "void:entities": f"COUNT(DISTINCT ?s) AS ?n) {{ ?s ?p ?o FILTER {ours} }}",
    }
    for name, query in counts.items():
        assert ask(f"{void}{name} ?n }}") == ask(f"SELECT ({query}")


@pytest.mark.parametrize(
    ("kind", "number", "pattern"),
    [("class", "entities", "?s a ?x"), ("property", "triples", "?s ?x ?o")],
)
def test_each_class_and_property_is_counted(
    ask: Callable[[str], list[tuple[str, ...]]], kind: str, number: str, pattern: str
) -> None:
    """The partitions are exactly what GROUP BY finds."""
    said = ask(f"""PREFIX void: <http://rdfs.org/ns/void#> SELECT ?x ?n {{
        <{DATASET}> void:{kind}Partition [ void:{kind} ?x ; void:{number} ?n ] }}""")
    assert len(said) > 10
    found = ask(f"SELECT ?x (COUNT(DISTINCT *) AS ?n) {{ {pattern} }} GROUP BY ?x")
    assert Counter(said) == Counter(found)


def test_each_graph_has_its_title_size_and_licence(
    ask: Callable[[str], list[tuple[str, ...]]], graphs: dict[str, set[Triple]]
) -> None:
    """From the header of its file; all licences are also those of the dataset."""
    rows = ask(f"""PREFIX void: <http://rdfs.org/ns/void#> PREFIX dcterms: <http://purl.org/dc/terms/>
        SELECT ?graph ?title ?n {{ GRAPH <{DATASET}> {{
            <{DATASET}> void:subset ?graph . ?graph dcterms:title ?title ; void:triples ?n }} }}""")
    titles = {
        f"{GRAPH}roles": "Roles",
        f"{GRAPH}skills": "Skills",
        ONTOLOGY_GRAPH: "The terms",
        INFERRED_GRAPH: "Inferred statements",
    }
    assert set(rows) == {(iri, title, str(len(graphs[iri]))) for iri, title in titles.items()}
    licences = ask(f"SELECT ?l {{ <{DATASET}> <http://purl.org/dc/terms/license> ?l }}")
    assert len(licences) == 2


@pytest.mark.parametrize(
    ("name", "counted"),
    [
        ("wikidata", [("closeMatch", "2", "3"), ("exactMatch", "1", "3")]),
        ("esco", [("broadMatch", "1", "1")]),
    ],
)
def test_links_to_other_datasets_are_counted_by_kind(
    ask: Callable[[str], list[tuple[str, ...]]], name: str, counted: list[tuple[str, ...]]
) -> None:
    """A linkset has one predicate; the whole is the sum of its parts."""
    rows = ask(f"""PREFIX void: <http://rdfs.org/ns/void#> SELECT ?kind ?n ?all {{
        <{LINKSET}{name}> void:triples ?all ;
          void:subset [ void:linkPredicate ?kind ; void:triples ?n ]
        }} ORDER BY ?kind""")
    assert [(kind.rpartition("#")[2], n, total) for kind, n, total in rows] == counted


def described(release: Release) -> Store:
    """What void.ttl says of a release."""
    store = Store()
    store.load(path=release.path / "void.ttl", format=RdfFormat.TURTLE)
    return store


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The description of a small graph that says what it is called and who answers for it."""
    root = tmp_path_factory.mktemp("published")
    files = {"roles": ROLES, "skills": SKILLS, "dataset": DATASET_FILE}
    return described(build(small(root / "graph", **files), root / "state", Settings(), quiet))


def values(store: Store, subject: str, name: str) -> set[str]:
    """The objects of a subject with a property, as lexical forms."""
    rows = store.query(f"{SPARQL_PREFIXES} SELECT ?value {{ <{subject}> {name} ?value }}")
    assert isinstance(rows, QuerySolutions)
    return {row["value"].value for row in rows}


def test_the_inferred_graph_says_of_what_it_was_made_and_on_which_terms(
    built: Release, published: Store
) -> None:
    """The project answers for it where the data know the project; else nobody is named."""
    sources = {f"{GRAPH}roles", f"{GRAPH}skills", ONTOLOGY_GRAPH}
    assert values(described(built), INFERRED_GRAPH, "prov:wasDerivedFrom") == sources
    assert values(described(built), INFERRED_GRAPH, "prov:wasAttributedTo") == set()
    assert values(published, INFERRED_GRAPH, "prov:wasAttributedTo") == {PROJECT}
    assert values(published, INFERRED_GRAPH, "dcterms:license") == {LICENCES[0]}


def test_the_ontologys_graph_names_its_creator(built: Release) -> None:
    """Its header speaks of the ontology; the graph says it of itself."""
    assert values(described(built), ONTOLOGY_GRAPH, "dcterms:creator") == {f"{ID}org/gardeners"}


def test_a_release_is_described_like_the_dataset(published: Store) -> None:
    """Whoever finds only the release learns what it is, whose, and on which terms."""
    (release,) = values(published, DATASET, "dcat:hasCurrentVersion")
    assert release.startswith(RELEASE)
    assert values(published, release, "dcterms:title") == {"A small graph", "Un petit graphe"}
    assert values(published, release, "dcterms:license") == set(LICENCES)
    for name in ("title", "description", "publisher", "license", "rights", "issued"):
        said = values(published, release, f"dcterms:{name}")
        assert said == values(published, DATASET, f"dcterms:{name}") != set()


def test_what_has_no_title_is_called_by_its_address(tmp_path: Path) -> None:
    """Even if it says something else of itself: a publisher, a licence."""
    files = {"roles": ROLES, "skills": f"<{DATASET}> dcterms:publisher <{PROJECT}> .\n" + SKILLS}
    files["skills"] = files["skills"].replace('dcterms:title "Skills"@en ;', "")
    store = described(build(small(tmp_path / "g", **files), tmp_path / "s", Settings(), quiet))
    (release,) = values(store, DATASET, "dcat:hasCurrentVersion")
    for iri in (DATASET, release):
        assert values(store, iri, "dcterms:title") == {f"The graph of {BASE}"}
    assert values(store, f"{GRAPH}skills", "dcterms:title") == {"skills"}


def test_every_download_leads_to_its_page_and_its_licences(published: Store) -> None:
    """A file that is found on its own is traced back."""
    downloads = values(published, DATASET, "dcat:distribution")
    assert len(downloads) == 2
    for url in downloads:
        assert values(published, url, "dcat:accessURL") == {DATASET}
        assert values(published, url, "dcterms:license") == set(LICENCES)
        assert len(values(published, url, "dcterms:rights")) == 1


def test_every_graph_of_this_repository_has_a_title_in_a_language_and_a_licence() -> None:
    """Those that no file stands for are no exception."""
    store = Store()
    store.load(path=release().dataset, format=RdfFormat.N_QUADS)
    rows = store.query(f"""{SPARQL_PREFIXES} SELECT DISTINCT ?graph ?title ?licence {{
        GRAPH ?graph {{ ?s ?p ?o }}
        OPTIONAL {{ ?graph dcterms:title ?title FILTER(LANG(?title) != "") }}
        OPTIONAL {{ ?graph dcterms:license ?licence FILTER(isIRI(?licence)) }} }}""")
    assert isinstance(rows, QuerySolutions)
    found = [(row["graph"].value, row["title"], row["licence"]) for row in rows]
    assert {INFERRED_GRAPH, ONTOLOGY_GRAPH, SHAPES_GRAPH, DATASET} <= {row[0] for row in found}
    assert [row for row in found if not all(row)] == []


def test_downloads_are_described_with_their_checksums(built: Release) -> None:
    """In void.ttl, which is no dump: a file cannot hold its own checksum."""
    rows = described(built).query("""PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX spdx: <http://spdx.org/rdf/terms#>
        SELECT ?url ?type ?size ?sum { ?d a dcat:Dataset ; dcat:distribution ?f .
          ?f dcat:downloadURL ?url ; dcat:mediaType ?type ; dcat:byteSize ?size ;
             spdx:checksum/spdx:checksumValue ?sum } ORDER BY ?url""")
    assert isinstance(rows, QuerySolutions)
    found = {tuple(term.value for term in row) for row in rows}
    media_types = "https://www.iana.org/assignments/media-types/"
    assert found == {
        (
            f"https://w3id.org/leadgraph/releases/{built.version}/{name}",
            media_types + media_type,
            str((built.path / name).stat().st_size),
            sha256((built.path / name).read_bytes()).hexdigest(),
        )
        for name, media_type in [
            ("leadgraph.nq", "application/n-quads"),
            ("leadgraph.ttl", "text/turtle"),
        ]
    }


def test_every_turtle_file_says_what_its_graph_holds(
    built: Release, graphs: dict[str, set[Triple]]
) -> None:
    """Turtle for people and N-Quads for machines do not differ."""

    def canon(triples: Iterable[Triple]) -> Dataset:
        dataset = Dataset(Quad(t.subject, t.predicate, t.object) for t in triples)
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        return dataset

    names = {f"graphs/{iri.removeprefix(GRAPH)}.ttl": iri for iri in graphs.keys() - {"", DATASET}}
    assert {path.name for path in (built.path / "graphs").iterdir()} == {
        Path(name).name for name in names
    }
    for name, iri in (names | {"leadgraph.ttl": ""}).items():
        read = (quad.triple for quad in parse(path=built.path / name))
        assert canon(read) == canon(graphs[iri])


def test_turtle_is_written_for_people() -> None:
    """Short names by the author's prefixes, types first, an empty line between things."""
    prefixes = {"role": f"{ID}role/", "unused": "https://example.org/"}
    written = as_turtle(statements('role:b a lg:B . role:a lg:p 1 , "a\\nb" ; a lg:A .'), prefixes)
    assert written.decode() == (
        f"@prefix lg: <{LG}> .\n"
        f"@prefix role: <{ID}role/> .\n"
        "\n"
        "role:a a lg:A ;\n"
        '    lg:p 1 , "a\\nb" .\n'
        "\n"
        "role:b a lg:B .\n"
    )


def test_the_manifest_lists_all_files_sources_and_counts(
    built: Release, graphs: dict[str, set[Triple]]
) -> None:
    """Whoever cites a release can tell what it was made of."""
    manifest = json.loads((built.path / "manifest.json").read_bytes())
    files = {path.relative_to(built.path).as_posix() for path in built.path.rglob("*.*")}
    assert manifest["files"].keys() == files - {"manifest.json"}
    for name, file in manifest["files"].items():
        data = (built.path / name).read_bytes()
        assert file == {"sha256": sha256(data).hexdigest(), "bytes": len(data)}
    source = built.path.parents[2] / "graph/data/roles.ttl"
    assert manifest["sources"]["data/roles.ttl"] == sha256(source.read_bytes()).hexdigest()
    assert len(manifest["sources"]) == 4
    assert manifest["graphs"] == {iri: len(graph) for iri, graph in graphs.items() if iri}
    assert manifest["classes"][f"{LG}LeaderRole"] == 1
    assert manifest["statements"] == built.statements


def test_the_digest_can_be_found_again_from_the_release(built: Release) -> None:
    """It is the hash of the canonical form of all named graphs but the description."""
    stated = Dataset(
        quad
        for quad in parse(path=built.dataset, format=RdfFormat.N_QUADS)
        if isinstance(quad.graph_name, NamedNode) and quad.graph_name.value != DATASET
    )
    stated.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted(str(stated).encode().splitlines(keepends=True))
    assert sha256(b"".join(lines)).hexdigest() == built.digest
    assert built.version.endswith(built.digest[:12])


def test_the_same_sources_give_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the same day, wherever and in whatever order they are read."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1769817600")
    directory = small(tmp_path / "graph")
    one, other = (
        build(directory, tmp_path / name, Settings(), quiet) for name in ("state-1", "state-2")
    )
    assert one.version.startswith("2026-01-31-")
    assert one.files == other.files
    assert one.created == other.created


def test_a_build_says_what_it_does(tmp_path: Path) -> None:
    """One line a step, the version at the end."""
    said: list[str] = []
    release = build(small(tmp_path / "graph"), tmp_path / "state", Settings(), said.append)
    assert said[0] == "reading 4 files"
    assert any(line.startswith("checking") for line in said)
    assert "inferred 3 statements" in said
    assert f"writing release {release.version}" in said
    assert said[-1] == f"release {release.version} is the latest: {release.statements} statements"


def test_nothing_is_built_twice(tmp_path: Path) -> None:
    """The same files are not even read again; the same statements are no new release."""
    state = tmp_path / "state"
    first = build(small(tmp_path / "graph"), state, Settings(), quiet)
    said: list[str] = []
    assert build(open_directory(tmp_path / "graph"), state, Settings(), said.append) == first
    assert len(said) == 1
    commented = small(tmp_path / "graph", roles=f"# A comment.\n{ROLES}", skills=SKILLS)
    assert not releases.is_current(commented, state)
    assert build(commented, state, Settings(), quiet) == first
    assert releases.is_current(commented, state)
    assert [path.name for path in (state / "releases").iterdir()] == [first.version]


def test_a_new_statement_is_a_new_release_and_the_old_one_stays(tmp_path: Path) -> None:
    """Going back to the old statements on the same day goes back to the old release."""
    state = tmp_path / "state"
    first = build(small(tmp_path / "graph"), state, Settings(), quiet)
    more = f'{SKILLS} skill:listening skos:note "With both ears."@en .'
    second = build(small(tmp_path / "graph", roles=ROLES, skills=more), state, Settings(), quiet)
    assert second.digest != first.digest
    assert second == releases.latest(state)
    releases.verify(first)
    assert build(small(tmp_path / "graph"), state, Settings(), quiet) == first
    assert releases.latest(state) == first


def test_sources_with_problems_are_refused_with_the_report(tmp_path: Path) -> None:
    """All problems at once; the release before goes on being served."""
    state = tmp_path / "state"
    first = build(small(tmp_path / "graph"), state, Settings(), quiet)
    nameless = "role:nobody a lg:LeaderRole . role:neither a lg:LeaderRole ."
    with pytest.raises(BuildRefused) as refused:
        build(small(tmp_path / "graph", roles=nameless), state, Settings(), quiet)
    assert not refused.value.report.conforms
    assert {problem.focus for problem in refused.value.report.problems} == {
        f"<{ID}role/nobody>",
        f"<{ID}role/neither>",
    }
    assert releases.latest(state) == first


@pytest.mark.parametrize("name", ["ontology/terms.ttl", "shapes/shapes.ttl", "data/roles.ttl"])
def test_a_broken_file_is_refused_with_its_place(tmp_path: Path, name: str) -> None:
    """A mistake in the shapes is a problem with a line, not a stack of calls."""
    small(tmp_path / "graph")
    directory = write(tmp_path / "graph", {name: "lg:a lg:b"})
    with pytest.raises(BuildRefused) as refused:
        build(directory, tmp_path / "state", Settings(), quiet)
    place = refused.value.report.problems[0].place
    assert place.path.endswith(name)
    assert place.line
    with pytest.raises(ReleaseMissing):
        releases.latest(tmp_path / "state")


def test_a_file_that_changes_during_the_build_is_not_published(tmp_path: Path) -> None:
    """What is published is what was checked, to the byte."""
    directory = small(tmp_path / "graph")

    def meddle(line: str) -> None:
        if line == "checking":
            small(tmp_path / "graph", roles=f'{ROLES} role:mentor skos:note "late" .')

    with pytest.raises(SourceUnreadable, match="changed during the build"):
        build(directory, tmp_path / "state", Settings(), meddle)
    with pytest.raises(ReleaseMissing):
        releases.latest(tmp_path / "state")


@pytest.mark.parametrize("name", ["data/inferred.ttl", "data/Roles.ttl", "data/ontology.ttl"])
def test_two_files_cannot_be_one_graph(tmp_path: Path, name: str) -> None:
    """Who says so must stay one question away."""
    small(tmp_path / "graph")
    directory = write(tmp_path / "graph", {name: 'role:mentor skos:note "A note."@en .'})
    with pytest.raises(BuildRefused) as caught:
        build(directory, tmp_path / "state", Settings(), quiet)

    codes = {problem.code for problem in caught.value.report.problems}
    assert codes & {"reserved-name", "same-name"}


def test_a_damaged_release_is_reported_and_can_be_deleted(tmp_path: Path) -> None:
    """The error says what to do, and doing it helps."""
    directory, state = small(tmp_path / "graph"), tmp_path / "state"
    release = build(directory, state, Settings(), quiet)
    release.dataset.unlink()
    with pytest.raises(ReleaseDamaged):
        build(directory, state, Settings(), quiet)
    release.path.rename(tmp_path / "deleted")
    assert build(directory, state, Settings(), quiet).files == release.files


def test_a_time_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SOURCE_DATE_EPOCH is a number of seconds."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(SettingInvalid, match="SOURCE_DATE_EPOCH"):
        build(small(tmp_path / "graph"), tmp_path / "state", Settings(), quiet)


def clique(size: int) -> bytes:
    """N-Quads of blank nodes of which each points at all others."""
    nodes = range(size)
    pairs = ((a, b) for a in nodes for b in nodes if a != b)
    return "".join(f"_:b{a} <a:p> _:b{b} <a:g> .\n" for a, b in pairs).encode()


def test_blank_nodes_that_are_all_alike_end_at_the_deadline() -> None:
    """Nine of them would be compared for ever; the child is killed."""
    with pytest.raises(CanonicalFormStopped, match=r"longer than 0\.5 s"):
        canonical(clique(9), Settings(canonical_seconds=0.5))


def test_a_search_without_memory_is_stopped() -> None:
    """Its process dies, the build does not."""
    with pytest.raises(CanonicalFormStopped, match="ended with status"):
        canonical(b'<a:a> <a:b> "%b" <a:g> .' % (b"x" * 10**7), Settings(check_memory_bytes=2**20))


def test_the_names_of_blank_nodes_do_not_matter() -> None:
    """The canonical form is the same, and a canonical form is its own."""
    once = canonical(b"_:x <a:p> _:y <a:g> .\n_:y <a:q> _:y <a:g> .\n", Settings())
    assert once == canonical(b"_:b <a:q> _:b <a:g> .\n_:a <a:p> _:b <a:g> .\n", Settings())
    assert once == canonical(once, Settings())


def test_the_same_name_in_two_files_is_two_blank_nodes(tmp_path: Path) -> None:
    """Blank nodes are local to their file (RDF 1.1 Turtle, 2.6)."""
    directory = small(
        tmp_path / "graph", one="skill:a skos:note _:b .", two="skill:c skos:note _:b ."
    )
    release = build(directory, tmp_path / "state", Settings(), quiet)
    objects = {
        quad.object
        for quad in parse(path=release.dataset, format=RdfFormat.N_QUADS)
        if quad.predicate.value.endswith("note")
    }
    assert len(objects) == 2


KILLED_ANYWHERE = """
# Build again and again, each time killed after some part of the time that a build takes.
import os, random, signal, sys, time
from pathlib import Path

sys.path.insert(0, sys.argv[2])
from test_build import ROLES, quiet, small
from leadgraph.publish import releases
from leadgraph.publish.build import build
from leadgraph.settings import Settings

root = Path(sys.argv[1])


def attempt(note):
    directory = small(root / "graph", roles=ROLES + f'role:mentor skos:note "{note}" .')
    return build(directory, root / "state", Settings(), quiet)


random.seed(20160831)
started = time.monotonic()
attempt("first")
seconds = time.monotonic() - started
killed = 0
for number in range(8):
    child = os.fork()
    if not child:
        attempt(number)
        os._exit(0)
    time.sleep(random.uniform(0.1, 1.0) * seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    killed += os.WIFSIGNALED(status)
    releases.verify(releases.latest(root / "state"))
print(killed, attempt("last") == releases.latest(root / "state"))
"""


def python(script: str, *arguments: str) -> subprocess.Popen[str]:
    """Start Python in the checkout, with its output to be read."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )


def test_a_build_killed_at_any_moment_leaves_a_whole_release(tmp_path: Path) -> None:
    """Power cuts and impatient people: the release before is served, the next build works."""
    with python(KILLED_ANYWHERE, str(tmp_path), str(Path(__file__).parent)) as builder:
        output, _ = builder.communicate(timeout=60)
    killed, finished = output.split()
    assert int(killed) >= 1
    assert finished == "True"
    assert not list((tmp_path / "state").glob("**/.tmp-*"))


BUILD = """
import sys
from pathlib import Path
from leadgraph.publish.build import build
from leadgraph.read.turtle import open_directory
from leadgraph.settings import Settings

root = Path(sys.argv[1])
print(build(open_directory(root / "graph"), root / "state", Settings(), print).version)
"""


def test_two_builds_at_once_make_one_release(tmp_path: Path) -> None:
    """The second waits, and finds that nothing is left to do."""
    small(tmp_path / "graph")
    with python(BUILD, str(tmp_path)) as one, python(BUILD, str(tmp_path)) as other:
        outputs = [builder.communicate(timeout=60)[0].splitlines() for builder in (one, other)]
    assert outputs[0][-1] == outputs[1][-1]
    assert sum(any(line.startswith("writing") for line in lines) for lines in outputs) == 1
    assert len(list((tmp_path / "state/releases").iterdir())) == 1


def test_the_graph_of_this_repository_is_published_whole(tmp_path: Path) -> None:
    """Our own graph passes its own check, and each of its files has its graph."""
    directory = open_directory(Path(__file__).parents[1])
    release = build(directory, tmp_path, Settings(), quiet)
    releases.verify(release)
    manifest = json.loads((release.path / "manifest.json").read_bytes())
    assert {f"{GRAPH}{path.stem}" for path in directory.data} <= manifest["graphs"].keys()
    assert manifest["graphs"][SHAPES_GRAPH] > 1000
    assert release.statements > 5000
