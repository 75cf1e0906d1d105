"""Datatypes of literals -> their words, an example, and whether a text is one of theirs."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from leadgraph.vocabulary import RDF, XSD

STRING = NamedNode(XSD + "string")
LANG_STRING = NamedNode(RDF + "langString")
ANY_URI = NamedNode(XSD + "anyURI")
_DATE, _DATE_TIME = NamedNode(XSD + "date"), NamedNode(XSD + "dateTime")

_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_DOUBLE = re.compile(rf"(?:{_DECIMAL.pattern})(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN")
_BOOLEAN = re.compile(r"true|false|0|1")
_ZONE = r"(?:Z|[+-][0-9]{2}:[0-9]{2})?"
_DAY = r"-?[0-9]{4,}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
_DURATION = re.compile(
    r"-?P(?=.)(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?"
    r"(?:T(?=.)(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?"
)
_YEAR_MONTH_DAY = re.compile(r"(-?[0-9]{4,})-([0-9]{2})-([0-9]{2})")
_LOOSE_DATE = re.compile(r"([0-9]{4})[-./ ]([0-9]{1,2})[-./ ]([0-9]{1,2})\.?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[-./ ]([0-9]{1,2})[-./ ]([0-9]{4})")
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Datatype:
    """A datatype: the key of its words, an example, and what its texts look like."""

    words: str
    example: str
    form: re.Pattern[str] | None = None
    least: int | None = None
    most: int | None = None
    number: bool = False


def _whole(words: str, example: str, least: int | None = None, most: int | None = None) -> Datatype:
    return Datatype(words, example, _INTEGER, least, most, number=True)


def _signed(bits: int) -> Datatype:
    return _whole("a-whole-number", "5", -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def _unsigned(bits: int) -> Datatype:
    return _whole("a-natural-number", "5", 0, 2**bits - 1)


_OF_XSD = {
    "string": Datatype("a-text", "..."),
    "boolean": Datatype("a-boolean", "true", _BOOLEAN),
    "integer": _whole("a-whole-number", "5"),
    "positiveInteger": _whole("a-positive-number", "5", least=1),
    "nonNegativeInteger": _whole("a-natural-number", "5", least=0),
    "negativeInteger": _whole("a-negative-number", "-5", most=-1),
    "nonPositiveInteger": _whole("a-non-positive-number", "-5", most=0),
    **{
        name: _signed(bits)
        for name, bits in (("long", 64), ("int", 32), ("short", 16), ("byte", 8))
    },
    "unsignedLong": _unsigned(64),
    "unsignedInt": _unsigned(32),
    "unsignedShort": _unsigned(16),
    "unsignedByte": _unsigned(8),
    "decimal": Datatype("a-number", "2.5", _DECIMAL, number=True),
    "double": Datatype("a-number", "2.5e0", _DOUBLE, number=True),
    "float": Datatype("a-number", "2.5", _DOUBLE, number=True),
    "date": Datatype("a-date", "2026-11-28", re.compile(_DAY + _ZONE)),
    "dateTime": Datatype(
        "a-date-with-time", "2026-11-28T18:30:00Z", re.compile(f"{_DAY}T{_CLOCK}{_ZONE}")
    ),
    "dateTimeStamp": Datatype(
        "a-date-with-time", "2026-11-28T18:30:00Z", re.compile(f"{_DAY}T{_CLOCK}{_ZONE[:-1]}")
    ),
    "time": Datatype("a-time", "18:30:00", re.compile(_CLOCK + _ZONE)),
    "gYear": Datatype("a-year", "2026", re.compile(r"-?[0-9]{4,}" + _ZONE)),
    "gYearMonth": Datatype(
        "a-month", "2026-11", re.compile(r"-?[0-9]{4,}-(?:0[1-9]|1[0-2])" + _ZONE)
    ),
    "duration": Datatype("a-duration", "P1Y6M", _DURATION),
    "dayTimeDuration": Datatype("a-duration", "P3D", _DURATION),
    "yearMonthDuration": Datatype("a-duration", "P1Y6M", _DURATION),
    "anyURI": Datatype(
        "an-address-as-text", "https://example.org/", re.compile(r"[^\s<>\"{}|\\^`]*")
    ),
}
_KNOWN = {NamedNode(XSD + name): datatype for name, datatype in _OF_XSD.items()}


def known(datatype: NamedNode) -> Datatype | None:
    """Return what is known of a datatype."""
    return _KNOWN.get(datatype)


def example(datatype: NamedNode) -> Literal | None:
    """Return a literal of the datatype to show people."""
    if datatype == LANG_STRING:
        return Literal("...", language="en")
    found = _KNOWN.get(datatype)
    return Literal(found.example, datatype=datatype) if found else None


def valid(text: str, datatype: NamedNode) -> bool:
    """Tell whether a text is in the lexical space of a datatype; True of unknown ones."""
    found = _KNOWN.get(datatype)
    if found is None or found.form is None:
        return True
    if not found.form.fullmatch(text):
        return False
    if datatype in {_DATE, _DATE_TIME}:
        return wrong_day(text) is None
    return _within(text, found)


def wrong_day(text: str) -> tuple[str, str] | None:
    """Return ("month", "13") or ("day", "31") where a date names one that does not exist."""
    match = _YEAR_MONTH_DAY.match(text)
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups())
    if not 1 <= month <= _MONTHS:
        return "month", match[2]
    # The Gregorian calendar repeats itself after 400 years (XML Schema 1.1, D.2.1).
    if not 1 <= day <= monthrange(abs(year) % 400 + 400, month)[1]:
        return "day", match[3]
    return None


def mended(text: str, datatype: NamedNode) -> str | None:
    """Return a text of the datatype that was clearly meant: `3,5` is 3.5, `2026-1-5` 2026-01-05."""
    found = _KNOWN.get(datatype)
    if found is None:
        return None
    candidates = (text.strip(), *_other_forms(text.strip(), found))
    return next((each for each in candidates if valid(each, datatype)), None)


def _other_forms(text: str, datatype: Datatype) -> list[str]:
    """What people write for a number, a truth value, a date."""
    if datatype.number:
        decimal = re.fullmatch(r"([+-]?[0-9]+),([0-9]+)", text)
        # 1,234 may be a thousand and more: nobody can tell.
        sure = decimal and len(decimal[2]) != len("000")
        return [f"{decimal[1]}.{decimal[2]}"] if decimal and sure else []
    if datatype.words == "a-boolean":
        return [text.lower()]
    if datatype.words == "a-date":
        return _dates(text)
    return []


def _dates(text: str) -> list[str]:
    whole = re.fullmatch(f"({_DAY})T{_CLOCK}{_ZONE}", text)
    if whole:
        return [whole[1]]
    loose = _LOOSE_DATE.fullmatch(text)
    if loose:
        return [f"{loose[1]}-{int(loose[2]):02}-{int(loose[3]):02}"]
    day_first = _DAY_FIRST.fullmatch(text)
    # 5/11/2026 is in May or in November: only a number above 12 must be the day.
    if day_first and int(day_first[1]) > _MONTHS:
        return [f"{day_first[3]}-{int(day_first[2]):02}-{int(day_first[1]):02}"]
    return []


def _within(text: str, datatype: Datatype) -> bool:
    if datatype.least is None and datatype.most is None:
        return True
    number = int(text[:40])
    above = datatype.least is None or number >= datatype.least
    return above and (datatype.most is None or number <= datatype.most)
