"""The request -> what the reconciliation service says of itself (Reconciliation API 0.2, 3)."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import request, url_for

from leadgraph import words
from leadgraph.explore.extension import CONTENTS
from leadgraph.vocabulary import BASE, ID, LG
from leadgraph.web.site import language, site

if TYPE_CHECKING:
    from leadgraph.explore.reconcile import Reconciler
    from leadgraph.web.plain import Json

WIDTH, HEIGHT = 420, 220
"""The frame that a preview is made for, in pixels."""
VERSIONS = ("0.1", "0.2")
_BATCH = 100
"""How many names a client had better send at once: the first answers come within a second."""


def here() -> str:
    """Return the address of this server, as the client sees it, with a slash at its end."""
    return request.root_url if request.host else BASE


def manifest(reconciler: Reconciler) -> dict[str, Json]:
    """Return the manifest; what was asked with `lang=` leads to addresses with `lang=`."""
    worded = reconciler.classes.worded(language())
    usual: list[Json] = [
        {"id": worded[iri].id, "name": worded[iri].name} for iri in reconciler.classes.usual()
    ]
    preview = _address("reconciliation.preview", id="{{id}}")
    has_ours = reconciler.names.has_ours
    return {
        "versions": list(VERSIONS),
        "name": _say("name"),
        "identifierSpace": ID if has_ours else here(),
        "schemaSpace": LG,
        "documentation": f"{here()}guide/reconciliation",
        "serviceVersion": version("leadgraph"),
        "logo": _address("static", filename="mark.svg"),
        "view": {"url": f"{here()}id/{{{{id}}}}" if has_ours else preview},
        "defaultTypes": usual,
        "suggest": {what: _suggestion(what) for what in ("entity", "property", "type")},
        "preview": {"url": preview, "width": WIDTH, "height": HEIGHT},
        "extend": {
            "propose_properties": _proposals(),
            "property_settings": _settings(),
        },
        "batchSize": min(_BATCH, site().settings.reconcile_names),
    }


def _suggestion(what: str) -> dict[str, Json]:
    """Return where a client asks what a word may be completed to, and what a suggestion is."""
    flyout = _path("reconciliation.flyout", what=what, id="${id}")
    return {
        **_service("reconciliation.suggest", what=what),
        "flyout_service_url": here().rstrip("/"),
        "flyout_service_path": flyout,
    }


def _service(endpoint: str, **values: str) -> dict[str, Json]:
    return {"service_url": here().rstrip("/"), "service_path": _path(endpoint, **values)}


def _proposals() -> dict[str, Json]:
    """Return where properties are proposed: a path without `?`, which clients add themselves."""
    service = _service("reconciliation.propose")
    path, _, tail = str(service["service_path"]).partition("?lang=")
    return {**service, "service_path": f"{path}/{tail}" if tail else path}


def _address(endpoint: str, **values: str) -> str:
    """Return an absolute address; what stands in braces is for the client to fill in."""
    return here().rstrip("/") + _path(endpoint, **values)


def _path(endpoint: str, **values: str) -> str:
    """Return a path below our address, with the id left open, and the language kept."""
    blank = values.pop("id", "")
    path = url_for(endpoint, **values)[len(request.script_root) :]  # type: ignore[arg-type]  # none is `_external`
    wanted = request.args.get("lang")
    tail = f"id={blank}" if blank else ""
    if wanted in words.LANGUAGES and endpoint != "static":
        tail = "&".join(filter(None, (urlencode({"lang": wanted}), tail)))
    return f"{path}?{tail}" if tail else path


def _settings() -> list[Json]:
    """Return what a client may choose of the values that it fetches."""
    return [
        {
            "name": "limit",
            "type": "number",
            "default": 0,
            "label": _say("limit"),
            "help_text": _say("limit-help"),
        },
        {
            "name": "content",
            "type": "select",
            "default": CONTENTS[0],
            "label": _say("content"),
            "help_text": _say("content-help"),
            "choices": [{"value": each, "name": _say(f"content-{each}")} for each in CONTENTS],
        },
        {
            "name": "language",
            "type": "text",
            "default": "",
            "label": _say("language"),
            "help_text": _say("language-help"),
        },
    ]


def _say(key: str) -> str:
    """Return words of `words/reconcile.toml` in the language of who asks."""
    return words.say(f"reconcile.{key}", language())
