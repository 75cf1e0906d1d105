"""Names that others use -> the things that they mean, by the Reconciliation Service API 0.2."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from leadgraph import words
from leadgraph.errors import BatchTooLong, MediaTypeRefused, RequestMalformed, ThingNotFound
from leadgraph.explore.batch import (
    Asker,
    read_extension,
    read_queries,
    read_query,
    reconcile_all,
)
from leadgraph.explore.candidate import as_json
from leadgraph.explore.extension import extend
from leadgraph.explore.reconcile import Reconciler
from leadgraph.explore.search import OURS, Search
from leadgraph.web import documents, jsonp, parameters, search
from leadgraph.web.manifest import here, manifest
from leadgraph.web.protocol import FORM
from leadgraph.web.reader import page
from leadgraph.web.site import Site, language, site
from leadgraph.web.tables import fresh

if TYPE_CHECKING:
    from flask.blueprints import BlueprintSetupState

    from leadgraph.explore.candidate import Candidate
    from leadgraph.explore.terms import Terms, Worded
    from leadgraph.web.plain import Json

blueprint = Blueprint("reconciliation", __name__)

MULTIPART = "multipart/form-data"
LONGEST_ID = 2000
ASKED = ("queries", "query", "extend")
"""The parameters that ask for something; without any of them the manifest is meant."""

_RECONCILER = "leadgraph-reconciler"
_FRAMED = "frame-ancestors *"
_SUGGESTED = 20


@blueprint.record_once
def _prepare(state: BlueprintSetupState) -> None:
    """Give the application what finds names, which is not made before somebody asks."""
    extensions = state.app.extensions
    served, index = extensions["leadgraph"], extensions[search.INDEX]
    if isinstance(served, Site) and isinstance(index, Search):
        extensions[_RECONCILER] = Reconciler(served.engine, index)


def reconciler() -> Reconciler:
    """Return what finds names in the application that answers this request."""
    found = current_app.extensions[_RECONCILER]
    if not isinstance(found, Reconciler):
        raise TypeError("create_app() was not used")
    return found


@blueprint.get("/reconcile", strict_slashes=False)
def by_get() -> Response:
    """Answer with the manifest, or with what the address asks for."""
    asked = {name: parameters.one(name) for name in ASKED if name in request.args}
    return _sent(_answer(asked) if asked else manifest(reconciler()))


@blueprint.post("/reconcile", strict_slashes=False)
def by_post() -> Response:
    """Answer with what the body asks for.

    Raises:
        RequestMalformed: if it asks for nothing.
    """
    asked = _form()
    if not asked:
        named = " or ".join(f"`{name}`" for name in ASKED)
        raise RequestMalformed("The form asks for nothing.", f"Send {named}.")
    return _sent(_answer(asked))


@blueprint.get("/reconcile/suggest/<any(entity,type,property):what>")
def suggest(what: str) -> Response:
    """Answer with the things, classes or properties that what is typed may become."""
    prefix = parameters.words("prefix")
    if "prefix" not in request.args:
        raise RequestMalformed("`prefix` is missing.", "Send what was typed so far.")
    start = parameters.number("cursor", 0, 0, parameters.LARGEST_OFFSET)
    limit = parameters.number("limit", _SUGGESTED, 1, parameters.MOST_ON_A_PAGE)
    if what == "entity":
        return _sent({"result": [_entity(each) for each in _entities(prefix, start, limit)]})
    found = _terms(what).suggest(prefix, language())[start : start + limit]
    return _sent({"result": [_term(each) for each in found]})


@blueprint.get("/reconcile/flyout/<any(entity,type,property):what>")
def flyout(what: str) -> Response:
    """Answer with a few words in HTML about a thing, a class or a property."""
    identifier = _identifier()
    if what == "entity":
        shown = render_template("flyout.html", thing=reconciler().described(_known(), language()))
    else:
        terms = _terms(what)
        iri = terms.find(identifier)
        if not iri:
            raise ThingNotFound(identifier)
        shown = render_template("flyout.html", term=terms.worded(language())[iri])
    return _sent({"id": identifier, "html": shown})


@blueprint.get("/reconcile/preview")
def preview() -> Response:
    """Show a thing in few words; other sites may show this page in a frame, and no other."""
    iri = _known()
    names = {text.value: text for _, text in reconciler().names.of(iri)}
    thing = reconciler().described(iri, language())
    names.pop(thing.name, None)
    shown = render_template("preview.html", thing=thing, iri=iri, names=list(names.values()))
    response = documents.html(shown)
    response.headers["Content-Security-Policy"] = _FRAMED
    return response


@blueprint.get("/reconcile/properties")
@blueprint.get(f"/reconcile/properties/<any({','.join(words.LANGUAGES)}):lang>")
def propose(lang: str = "") -> Response:
    """Answer with the properties that things of a type have, the commonest first.

    The language may stand in the path, where language() reads `lang`: OpenRefine puts `?type=`
    behind whatever address it has.

    Raises:
        ThingNotFound: if no thing is of that type.
    """
    limit = parameters.number("limit", parameters.MOST_ON_A_PAGE, 1, parameters.MOST_ON_A_PAGE)
    type_ = parameters.words("type")
    classes = _classes(type_)
    if type_ and not classes:
        raise ThingNotFound(type_)
    properties = reconciler().properties
    found = properties.of_class(classes) if classes else list(properties.all())
    worded = properties.worded(language())
    proposed: list[Json] = [_term(worded[each]) for each in found[:limit]]
    asked: dict[str, Json] = {"type": type_} if type_ else {}
    return _sent({**asked, "limit": limit, "properties": proposed})


def _classes(type_: str) -> list[str]:
    """Return the class of an id; of an IRI that a client cut at its `#`, all that begin so."""
    classes = reconciler().classes
    iri = classes.find(type_)
    if iri or "://" not in type_:
        return [iri] if iri else []
    return [each for each in classes.all() if each.startswith(f"{type_}#")]


def _form() -> dict[str, str]:
    """Return what a form asks for, in its body or beside it in the address.

    Raises:
        MediaTypeRefused: if the body is no form.
        BatchTooLong: if it has more bytes than it may.
        RequestMalformed: if something is there twice.
    """
    if request.mimetype not in {FORM, MULTIPART} and (request.mimetype or request.content_length):
        raise MediaTypeRefused(request.mimetype, (FORM, MULTIPART))
    values = _values(site().settings.reconcile_bytes)
    for name, each in values.items():
        if len(each) > 1:
            raise RequestMalformed(f"There are {len(each)} parameters `{name}`.", "Send one.")
    return {name: each[0] for name, each in values.items() if each}


def _values(most: int) -> dict[str, list[str]]:
    """Return the values of the parameters that ask for something.

    Raises:
        BatchTooLong: if the body has more bytes than it may; one of unknown length, which would
            be cut there in silence, too.
    """
    request.max_content_length = request.max_form_memory_size = most + 1
    try:
        if request.content_length is None and len(request.get_data()) > most:
            raise BatchTooLong(most)
        request.max_content_length = request.max_form_memory_size = most
        return {name: request.values.getlist(name) for name in ASKED}
    except RequestEntityTooLarge:
        raise BatchTooLong(most) from None


def _answer(asked: dict[str, str]) -> Json:
    """Return what is asked for.

    Raises:
        RequestMalformed: if that is more than one thing, or none that can be read.
        BatchTooMany: if there are more names or ids than may be.
        BatchTooCostly: if they take too long.
    """
    if len(asked) > 1:
        named = " and ".join(f"`{name}`" for name in asked)
        raise RequestMalformed(f"There are {named} in one request.", "Send one of them.")
    ((name, text),) = asked.items()
    settings = site().settings
    if name == "extend":
        return _extended(text)
    is_batch = name == "queries"
    queries = read_queries(text, settings.reconcile_names) if is_batch else {"": read_query(text)}
    asker = Asker(language(), settings.reconcile_seconds, here())
    found = reconcile_all(reconciler(), queries, asker)
    results = {key: {"result": list(map(as_json, each))} for key, each in found.items()}
    return results if is_batch else results[""]


def _extended(text: str) -> dict[str, Json]:
    """Return the properties of things; one that nothing is known of has none."""
    finder = reconciler()
    ids, columns = read_extension(text, site().settings.reconcile_names, finder.properties)
    things = {each: finder.meant(each, here()) for each in ids}
    found = extend(site().engine, finder, things, columns, language())
    worded = finder.properties.worded(language())
    meta: list[Json] = []
    for column in columns:
        described: dict[str, Json] = {"id": column.id, "name": worded[column.iri].name}
        if column.id in found.types and column.content == "entity":
            id_, name = found.types[column.id]
            described["type"] = {"id": id_, "name": name}
        meta.append(described)
    return {"meta": meta, "rows": found.rows}


def _entities(prefix: str, start: int, limit: int) -> list[Candidate]:
    """Return the things whose names or descriptions have the words, or whose id it is."""
    finder = reconciler()
    kind = OURS if finder.names.has_ours else ""
    hits = search.index().find(prefix, language(), kind=kind, limit=limit, offset=start).hits
    named = finder.meant(prefix, here()) if not start else ""
    iris = dict.fromkeys([*([named] if named else []), *(hit.iri for hit in hits)])
    return [finder.described(iri, language()) for iri in iris]


def _terms(what: str) -> Terms:
    return reconciler().classes if what == "type" else reconciler().properties


def _identifier() -> str:
    """Return the id that is asked about.

    Raises:
        RequestMalformed: if it is missing, or longer than any.
    """
    identifier = parameters.one("id")
    if not identifier or len(identifier) > LONGEST_ID:
        what = f"`id` has {len(identifier)} characters."
        raise RequestMalformed(what, f"Send the id of a thing, of at most {LONGEST_ID}.")
    return identifier


def _known() -> str:
    """Return the IRI of the thing that is asked about.

    Raises:
        ThingNotFound: if there is none of that id.
    """
    iri = reconciler().meant(_identifier(), here())
    if not iri:
        raise ThingNotFound(_identifier())
    return iri


def _entity(candidate: Candidate) -> dict[str, Json]:
    return {
        "id": candidate.id,
        "name": candidate.name,
        **_described(candidate.description),
        "notable": [{"id": id_, "name": name} for id_, name in candidate.types],
    }


def _term(term: Worded) -> dict[str, Json]:
    broader: list[Json] = [{"id": id_, "name": name} for id_, name in term.above]
    above: dict[str, Json] = {"broader": broader} if broader else {}
    return {"id": term.id, "name": term.name, **_described(term.description), **above}


def _described(description: str) -> dict[str, Json]:
    return {"description": description} if description else {}


def _sent(content: Json) -> Response:
    """Answer with JSON; within a call of the function that an old client names (JSONP).

    Raises:
        RequestMalformed: if that is no name of a function.
    """
    callback = parameters.one("callback")
    if "callback" not in request.args:
        body, media_type = json.dumps(content, ensure_ascii=False) + "\n", parameters.JSON
    else:
        body, media_type = jsonp.script(callback, content), jsonp.SCRIPT
    response = Response(body, content_type=media_type)
    response.headers["Content-Language"] = language()
    return fresh(response)


@blueprint.app_template_global("page_of")
def _page_of(thing: Candidate) -> str:
    """Return where this server tells all about a thing, "" if nowhere."""
    kind, slash, slug = thing.id.partition("/")
    return page("resources.document", kind=kind, slug=slug) if slash and "/" not in slug else ""
