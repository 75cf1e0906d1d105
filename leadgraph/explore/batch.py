"""JSON text of the Reconciliation API -> queries, or what is to be fetched; or what is wrong.

A whole batch of queries -> the candidates of each, within one time.
"""

from __future__ import annotations

import json
import math
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, TypeGuard

from leadgraph.errors import BatchTooCostly, BatchTooMany, RequestMalformed
from leadgraph.explore.extension import CONTENTS, Column
from leadgraph.explore.reconcile import Query, Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadgraph.explore.candidate import Candidate
    from leadgraph.explore.reconcile import Reconciler
    from leadgraph.explore.table import Value
    from leadgraph.explore.terms import Terms

USUAL = 5
"""How many candidates a query gets that does not say it."""
MOST = 100
"""How many candidates, properties or types one query may have."""
_MEMBERS = frozenset({"query", "type", "type_strict", "properties", "limit"})
"""What a query may have, by the schema of 0.2: `props` for `properties` must not go unheard."""
STRICT = ("any", "all", "should")

_LONE_SURROGATE = re.compile(r"\\u[dD][89abAB]|[\ud800-\udfff]")
_SHOWN = 60
_IN_A_ROW = 25
_PAUSE_SECONDS = 0.001
"""How long others may look something up between the queries of a long batch."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: in which language, from which of our addresses, and for how long at most."""

    language: str
    seconds: float
    here: str = ""


def reconcile_all(
    reconciler: Reconciler, queries: Mapping[str, Query], asker: Asker
) -> dict[str, list[Candidate]]:
    """Return the candidates of each query; equal queries are looked up once.

    Raises:
        BatchTooCostly: if that takes too long.
    """
    deadline = time.monotonic() + asker.seconds
    known: dict[str, list[Candidate]] = {}
    for query in queries.values():
        key = repr(query)  # 1 and true are equal in Python, and are not the same
        if key in known:
            continue
        if time.monotonic() > deadline:
            raise BatchTooCostly(asker.seconds)
        known[key] = reconciler.reconcile(query, asker.language, asker.here)
        if len(known) % _IN_A_ROW == 0:
            time.sleep(_PAUSE_SECONDS)
    return {key: known[repr(query)] for key, query in queries.items()}


def read_queries(text: str, most: int) -> dict[str, Query]:
    """Return the queries of a batch by their keys.

    Raises:
        RequestMalformed: if the text is no JSON, or not of that form; it says where.
        BatchTooMany: if there are more than may be.
    """
    batch = _object(_json("queries", text), "queries")
    if len(batch) > most:
        raise BatchTooMany(len(batch), most)
    return {key: _query(query, f"queries.{_shown(key)}") for key, query in batch.items()}


def read_query(text: str) -> Query:
    """Return the one query of a request of version 0.1: a name, or an object.

    Raises:
        RequestMalformed: if it is neither.
    """
    if not text.lstrip().startswith("{"):
        return Query(_text(text, "query"), limit=USUAL)
    return _query(_json("query", text), "query")


def read_extension(text: str, most: int, terms: Terms) -> tuple[list[str], list[Column]]:
    """Return the ids of things, and the properties to fetch of each.

    Raises:
        RequestMalformed: if the text is no JSON, not of that form, or names no property of ours.
        BatchTooMany: if there are more ids than may be.
    """
    asked = _object(_json("extend", text), "extend")
    ids = [_text(each, "extend.ids") for each in _list(asked.get("ids"), "extend.ids")]
    if len(ids) > most:
        raise BatchTooMany(len(ids), most)
    properties = _list(asked.get("properties"), "extend.properties")
    if len(properties) > MOST:
        _refuse("extend.properties", f"at most {MOST} properties")
    return ids, [
        _column(each, f"extend.properties[{place}]", terms) for place, each in enumerate(properties)
    ]


def _json(name: str, text: str) -> object:
    """Return what a parameter holds.

    Raises:
        RequestMalformed: if it is no JSON, or has half a character of UTF-16.
    """
    remedy = "Send a JSON object in UTF-8."
    try:
        found: object = json.loads(text, parse_constant=_no_number)
        if _LONE_SURROGATE.search(text):
            json.dumps(found, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise RequestMalformed(f"`{name}` is not JSON at {where}: {error.msg}.", remedy) from None
    except RecursionError:
        raise RequestMalformed(f"`{name}` is nested too deeply.", remedy) from None
    except ValueError:
        what = f"`{name}` has a number or a character that JSON does not allow."
        raise RequestMalformed(what, remedy) from None
    return found


def _no_number(name: str) -> NoReturn:
    """Refuse NaN and its like, which Python's parser would take."""
    raise ValueError(name)


def _query(query: object, place: str) -> Query:
    """Return a query, checked."""
    asked = _object(query, place)
    for name in asked.keys() - _MEMBERS:
        _refuse(f"{place}.{_shown(name)}", f"only {', '.join(sorted(_MEMBERS))}")
    text = _text(asked["query"], f"{place}.query") if asked.get("query") is not None else ""
    wanted = asked.get("properties")
    properties = () if wanted is None else _properties(wanted, f"{place}.properties")
    if "query" not in asked and not properties:
        _refuse(place, "a `query`, or `properties`")
    strict = asked.get("type_strict")
    if strict is not None and strict not in STRICT:
        _refuse(f"{place}.type_strict", f"one of {', '.join(STRICT)}")
    return Query(
        text,
        _types(asked.get("type"), f"{place}.type"),
        str(strict or STRICT[0]),
        properties,
        _limit(asked.get("limit"), f"{place}.limit"),
    )


def _types(types: object, place: str) -> tuple[str, ...]:
    """Return ids of types: none, one, a list; an object counts by its `id`."""
    if types is None or types == "":
        return ()
    listed = types if isinstance(types, list) else [types]
    if len(listed) > MOST:
        _refuse(place, f"at most {MOST} types")
    return tuple(_id(each, place) for each in listed)


def _id(value: object, place: str) -> str:
    if isinstance(value, dict):
        value = value.get("id")
    return _text(value, place)


def _limit(limit: object, place: str) -> int:
    """Return how many candidates are wanted: at least 1, and no more than anybody gets."""
    if limit is None:
        return USUAL
    if not _is_number(limit) or not math.isfinite(limit) or limit < 1:
        _refuse(place, "a number from 1")
    return int(min(limit, MOST))


def _properties(properties: object, place: str) -> tuple[Wanted, ...]:
    listed = _list(properties, place)
    if len(listed) > MOST:
        _refuse(place, f"at most {MOST} properties")
    return tuple(_wanted(each, f"{place}[{at}]") for at, each in enumerate(listed))


def _wanted(wanted: object, place: str) -> Wanted:
    asked = _object(wanted, place)
    if "v" not in asked:
        _refuse(f"{place}.v", "a value, or a list of values")
    values = asked["v"] if isinstance(asked["v"], list) else [asked["v"]]
    if len(values) > MOST:
        _refuse(f"{place}.v", f"at most {MOST} values")
    found = (_value(each, f"{place}.v") for each in values)
    told = tuple(each for each in found if not isinstance(each, str) or each.strip())
    return Wanted(_id(asked.get("pid"), f"{place}.pid"), told)


def _value(value: object, place: str) -> Value:
    """Return a text, a number, a truth, or the id of a thing."""
    if isinstance(value, bool | str):
        return value
    if _is_number(value):
        try:
            return float(value)
        except OverflowError:
            return str(value)
    if not isinstance(value, dict):
        _refuse(place, "a text, a number, true, false, or an object with an `id`")
    return _text(value.get("id"), f"{place}.id")


def _column(column: object, place: str, terms: Terms) -> Column:
    """Return a property to fetch, which some thing must have."""
    asked = _object(column, place)
    identifier = _text(asked.get("id"), f"{place}.id")
    iri = terms.find(identifier)
    if not iri:
        what = f"`{place}.id` is {_shown(identifier)!r}, and no thing has such a property."
        raise RequestMalformed(what, "Ask /reconcile/suggest/property for those that there are.")
    settings = asked.get("settings")
    chosen = {} if settings is None else _object(settings, f"{place}.settings")
    content = chosen.get("content") or CONTENTS[0]
    if content not in CONTENTS:
        _refuse(f"{place}.settings.content", f"one of {', '.join(CONTENTS)}")
    language = _text(chosen.get("language") or "", f"{place}.settings.language")
    limit = _count(chosen.get("limit"), f"{place}.settings.limit")
    return Column(identifier, iri, limit, str(content), language.strip())


def _count(limit: object, place: str) -> int:
    """Return a number of values, 0 for all; clients send it as text too."""
    if limit is None or limit == "":
        return 0
    if isinstance(limit, str) and re.fullmatch(r"\s*\d{1,9}\s*", limit, re.ASCII):
        return int(limit)
    if not _is_number(limit) or not 0 <= limit < 10**9:
        _refuse(place, "a number from 0")
    return int(limit)


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _object(value: object, place: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        _refuse(place, "an object")
    return value


def _list(value: object, place: str) -> list[object]:
    if not isinstance(value, list):
        _refuse(place, "a list")
    return value


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        _refuse(place, "a text")
    return value


def _shown(text: str) -> str:
    """Return a text as short as a message bears."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _refuse(place: str, expected: str) -> NoReturn:
    raise RequestMalformed(f"`{place}` is not of the right form.", f"Send {expected}.")
