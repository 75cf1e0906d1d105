"""The graph's folder -> the pages for contributors: how, a form for each kind, every code."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, render_template, request

from leadgraph import words
from leadgraph.errors import (
    CheckContextBroken,
    CodeUnknown,
    KindUnknown,
    LeadGraphError,
    ShapesInvalid,
    SourceUnreadable,
    ThingNotFound,
)
from leadgraph.explore.codes import GROUPS, codes, explain
from leadgraph.explore.explanations import shown_parts
from leadgraph.explore.folder import Folder, open_folder
from leadgraph.explore.form import Form, class_label, form
from leadgraph.explore.kinds import kind_of, kinds
from leadgraph.formats import GRAPHS, by_name
from leadgraph.read.turtle import directory_of
from leadgraph.web import documents, negotiate
from leadgraph.web.pages import errors
from leadgraph.web.reader import page
from leadgraph.web.site import language, site

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from leadgraph.explore.kinds import Kind

blueprint = Blueprint("contribute", __name__)

_TURTLE = by_name(GRAPHS, "turtle")
_FORMS = 256


@blueprint.get("/contribute")
def overview() -> Response:
    """Show how to contribute, and the kinds of things that there are forms for."""
    folder = _folder()
    found = [(name, class_label(folder, kind.iri, language())) for name, kind in _kinds(folder)]
    return documents.html(render_template("contribute.html", kinds=found))


@blueprint.get("/contribute/new/<kind>")
@blueprint.get("/contribute/new/<kind>.<extension>")
def form_page(kind: str, extension: str = "") -> Response:
    """Answer with the form for a kind of things, as a page or as the Turtle file that it is.

    Raises:
        NotAcceptable: if the client accepts neither.
        ThingNotFound: if there is no such form.
    """
    folder = _folder()
    try:
        made = _form(folder, kind_of(folder, kind), language())
    except KindUnknown:
        raise ThingNotFound(request.path) from None
    if _wants_turtle(extension):
        return _turtle(made)
    shown = documents.html(render_template("form.html", form=made))
    shown.vary.add("Accept")
    return shown


@blueprint.get("/codes")
def codes_page() -> Response:
    """List every code that a report can hold."""
    found = codes(_folder_if_any(), language())
    groups = {name: [each for each in found if each.group == name] for name in GROUPS}
    return documents.html(render_template("codes.html", groups=groups))


@blueprint.get("/codes/<code>")
def code_page(code: str) -> BaseResponse:
    """Show what a code means, with an example that fails and one that passes.

    A check that could not be made reports an error, whose code is explained among the errors.

    Raises:
        ThingNotFound: if there is no such code.
    """
    try:
        found = explain(_folder_if_any(), code, language())
    except CodeUnknown:
        if code in {error.code for error in errors(LeadGraphError)}:
            return redirect(f"{page('pages.problems')}#{code}", 303)
        raise ThingNotFound(request.path) from None
    parts = list(shown_parts(found.pair)) if found.pair else []
    return documents.html(render_template("code.html", code=found, parts=parts))


@blueprint.app_template_global("codes_say")
def _say(key: str, **facts: object) -> str:
    """Return words of `words/codes.toml` in the language of the page."""
    return words.say(f"codes.{key.removeprefix('codes.')}", language(), **facts)


def _folder_if_any() -> Folder | None:
    """Return the graph that the release was made of; plain RDF files have none.

    Raises:
        CheckContextBroken: if its files can no longer be read.
    """
    here = site()
    if not here.release:
        return None
    try:
        folder = open_folder(directory_of(here.settings))
        codes(folder, language())
    except (ShapesInvalid, SourceUnreadable) as error:
        logging.getLogger(__name__).exception("the graph of contributions cannot be read")
        raise CheckContextBroken from error
    return folder


def _folder() -> Folder:
    """Return the graph that contributions are for.

    Raises:
        ThingNotFound: if plain RDF files are served.
    """
    folder = _folder_if_any()
    if folder is None:
        raise ThingNotFound(request.path)
    return folder


def _kinds(folder: Folder) -> list[tuple[str, Kind]]:
    return list(kinds(folder).items())


@lru_cache(maxsize=_FORMS)
def _form(folder: Folder, kind: Kind, tag: str) -> Form:
    return form(folder, kind, tag)


def _wants_turtle(extension: str) -> bool:
    """Tell which of the two is wanted: by the end of the path, else by the Accept header."""
    if extension:
        if extension not in {"html", _TURTLE.extension}:
            raise ThingNotFound(request.path)
        return extension == _TURTLE.extension
    offered = (negotiate.HTML, _TURTLE.media_type)
    return negotiate.best(request.headers.get("Accept", ""), offered) != negotiate.HTML


def _turtle(made: Form) -> Response:
    """Answer with the form as a file to save."""
    response = Response(made.text.encode(), content_type=_TURTLE.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{made.file}"'
    response.headers["Content-Language"] = language()
    response.vary.update(("Accept", "Accept-Language"))
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response
