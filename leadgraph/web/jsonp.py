"""The name of a function and JSON -> a script that calls it (JSONP), for clients without CORS."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from leadgraph.errors import RequestMalformed

if TYPE_CHECKING:
    from leadgraph.web.plain import Json

CALLBACK = r"^[A-Za-z_$][A-Za-z0-9_$]*(\.[A-Za-z_$][A-Za-z0-9_$]*){0,8}$"
LONGEST_CALLBACK = 128
SCRIPT = "text/javascript; charset=utf-8"


def script(callback: str, content: Json) -> str:
    """Return the call; it begins with a comment, so that nobody's file format begins so.

    Raises:
        RequestMalformed: if that is no name of a function.
    """
    if len(callback) > LONGEST_CALLBACK or not re.fullmatch(CALLBACK[1:-1], callback):
        what = "`callback` is not the name of a function."
        raise RequestMalformed(what, "Use letters, digits, `_`, `$` and dots.")
    written = json.dumps(content).replace("<", "\\u003c")
    return f"/**/{callback}({written});\n"
