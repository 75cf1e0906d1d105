"""The request -> what every template can use: words in its language, addresses on this server."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from flask import request, url_for

from leadgraph import words
from leadgraph.vocabulary import BASE, DATASET, LG, SHAPES, split
from leadgraph.web.site import language, site

FOLDERS = ("graph", "release", "linkset")
"""The first part of the paths of what is published about the graph as a whole."""
_FIXED = {
    BASE: "pages.home",
    BASE + "sparql": "sparql.endpoint",
    DATASET: "resources.dataset",
}


def tools() -> dict[str, object]:
    """Return the names that templates can use in every request."""
    release = site().release
    return {
        "language": language(),
        "languages": words.LANGUAGES,
        "direction": words.direction,
        "say": say,
        "page": page,
        "address": address,
        "out": out,
        "host": host,
        "in_language": in_language,
        "release_version": release.version if release else None,
    }


def say(key: str, **facts: object) -> str:
    """Return words of `words/pages.toml` in the language of the page."""
    return words.say(f"pages.{key}", language(), **facts)


def page(endpoint: str, **values: str) -> str:
    """Return the path of a page, in the language that was asked for by name, if one was."""
    wanted = request.args.get("lang")
    chosen = {"lang": wanted} if wanted in words.LANGUAGES and wanted else {}
    return url_for(endpoint, **values, **chosen)  # type: ignore[arg-type]  # none is `_external`


def address(iri: str) -> str:
    """Return where this server answers for an IRI of ours, "" if it does not.

    The data keep their canonical IRIs wherever they are served; only links lead here.
    """
    thing = split(iri)
    if thing:
        return page("resources.document", kind=thing[0], slug=thing[1])
    for namespace, endpoint in ((LG, "pages.ontology_page"), (SHAPES, "pages.shapes_page")):
        document, _, anchor = iri.partition("#")
        if document == namespace.removesuffix("#"):
            return page(endpoint, _anchor=anchor) if anchor else page(endpoint)
    folder, _, name = iri.removeprefix(BASE).partition("/") if iri.startswith(BASE) else ("",) * 3
    if folder == "ns" and name:
        return page("pages.ontology_version", version=name)
    if folder == "releases" and name:
        version, _, file = name.partition("/")
        return page("resources.release_file", version=version, name=file)
    if folder in FOLDERS and name:
        return page("resources.published", folder=folder, slug=name)
    return page(_FIXED[iri]) if iri in _FIXED else ""


def out(iri: str) -> str:
    """Return an IRI that a browser may follow, "" for any that is not of the web."""
    return iri if iri.startswith(("https://", "http://")) else ""


def host(iri: str) -> str:
    """Return the host that a link leads to, without `www.`."""
    authority = iri.partition("://")[2].partition("/")[0]
    return authority.rpartition("@")[2].removeprefix("www.")


def in_language(tag: str) -> str:
    """Return the path of this same page in another language."""
    arguments = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return f"{quote(request.script_root + request.path)}?{urlencode([*arguments, ('lang', tag)])}"
