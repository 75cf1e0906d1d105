"""Engine -> the pages for people: home, lists, the ontology, the shapes, the errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template
from pyoxigraph import Literal, NamedNode

from leadgraph.errors import LeadGraphError, ThingNotFound
from leadgraph.explore import lists
from leadgraph.explore.labels import Text, text
from leadgraph.explore.ontology import ontology
from leadgraph.explore.shapes import shapes
from leadgraph.explore.sparql import named_graph
from leadgraph.explore.steps import pathways
from leadgraph.vocabulary import LG, ONTOLOGY_GRAPH, SCHEMA, SHAPES_GRAPH, SKOS
from leadgraph.web import documents, reader
from leadgraph.web.site import language, site

if TYPE_CHECKING:
    from flask import Response

    from leadgraph.explore.lists import Branch

blueprint = Blueprint("pages", __name__)
blueprint.app_context_processor(reader.tools)
blueprint.add_app_template_global(documents.alternates)


@blueprint.get("/")
def home() -> Response:
    """Show what the graph is, for whom, and what is in it."""
    engine = site().engine
    return documents.html(
        render_template(
            "home.html",
            groups=_headed(LG + "LeaderRole", SKOS + "broader"),
            themes=_headed(LG + "Skill", SKOS + "broader"),
            areas=_headed(LG + "SupportStrategy", SKOS + "broader"),
            names=lists.names(engine, language()),
            pathways=pathways(engine, language()),
            consultations=lists.consultations(engine, language()),
            counts=lists.counts(engine),
        )
    )


@blueprint.get("/roles")
def roles() -> Response:
    """List all roles."""
    return _list("roles")


@blueprint.get("/skills")
def skills() -> Response:
    """List all skills."""
    return _list("skills")


@blueprint.get("/resources")
def resources() -> Response:
    """List all learning resources."""
    return _list("resources")


def branches(name: str) -> tuple[Branch, ...]:
    """Return what a list shows: roles by group, skills by theme, resources by type."""
    if name == "resources":
        by = SCHEMA + "learningResourceType"
        return lists.gather(site().engine, language(), LG + "LearningResource", by)
    return _by_head_or_scheme({"roles": LG + "LeaderRole", "skills": LG + "Skill"}[name])


@blueprint.get("/pathways")
def pathways_page() -> Response:
    """List all pathways with their steps."""
    found = pathways(site().engine, language())
    return documents.html(render_template("pathways.html", pathways=found))


@blueprint.get("/names")
def names() -> Response:
    """List all words for "leader" and what they call to mind."""
    found = lists.names(site().engine, language())
    return documents.html(render_template("names.html", names=found))


@blueprint.get("/ns")
@blueprint.get("/ns.<extension>")
def ontology_page(extension: str = "") -> Response:
    """Answer with the ontology, as a page or as data."""
    engine = site().engine
    return documents.document(
        extension,
        lambda: render_template("ontology.html", ontology=ontology(engine, language())),
        lambda: named_graph(engine, ONTOLOGY_GRAPH),
    )


@blueprint.get("/ns/<version>")
def ontology_version(version: str) -> Response:
    """Answer with the ontology if its version is the one that is asked for.

    Raises:
        ThingNotFound: for any other version.
    """
    current = ontology(site().engine, language()).version or ""
    extension = version.removeprefix(current).removeprefix(".")
    if version not in {current, f"{current}.{extension}"}:
        raise ThingNotFound(f"{LG.removesuffix('#')}/{version}")
    return ontology_page(extension)


@blueprint.get("/shapes")
@blueprint.get("/shapes.<extension>")
def shapes_page(extension: str = "") -> Response:
    """Answer with what is asked of the data, as a page or as SHACL."""
    engine = site().engine
    return documents.document(
        extension,
        lambda: render_template("shapes.html", shapes=shapes(engine, language())),
        lambda: named_graph(engine, SHAPES_GRAPH),
    )


@blueprint.get("/problems")
def problems() -> Response:
    """List every error that this server answers with, by the code that programs see."""
    found = sorted(errors(LeadGraphError), key=lambda error: (error.status, error.code))
    return documents.html(render_template("problems.html", errors=found))


@blueprint.app_template_test("literal")
def is_literal(term: object) -> bool:
    """Tell whether a term of a query's answer is a literal."""
    return isinstance(term, Literal)


@blueprint.app_template_test("iri")
def is_iri(term: object) -> bool:
    """Tell whether a term of a query's answer is an IRI."""
    return isinstance(term, NamedNode)


@blueprint.app_template_filter("text")
def as_text(literal: Literal) -> Text:
    """Return a literal of a query's answer as a run of text."""
    return text(literal)


def _headed(kind: str, by: str) -> tuple[Branch, ...]:
    """Return the branches that have a head."""
    branches = lists.gather(site().engine, language(), kind, by)
    return tuple(branch for branch in branches if branch.head)


def _by_head_or_scheme(kind: str) -> tuple[Branch, ...]:
    """Return things under what is broader, and those without anything broader by scheme."""
    headed = _headed(kind, SKOS + "broader")
    shown = {node for branch in headed for node in branch.members}
    schemes = lists.gather(site().engine, language(), kind, SKOS + "inScheme")
    rest = (
        lists.Branch(branch.head, tuple(node for node in branch.members if node not in shown))
        for branch in schemes
    )
    return headed + tuple(branch for branch in rest if branch.members)


def _list(name: str) -> Response:
    return documents.html(render_template("list.html", name=name, branches=branches(name)))


def errors(base: type[LeadGraphError]) -> set[type[LeadGraphError]]:
    """Return an error class and all below it."""
    return {base}.union(*(errors(below) for below in base.__subclasses__()))
