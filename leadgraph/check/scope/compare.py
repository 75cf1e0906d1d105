"""Value nodes and a parameter -> whether a constraint of SHACL Core certainly holds.

True or false where pySHACL is sure to find the same, else None: RDFLib has ideas of its own
about which literals are equal, well-formed or in order, so only the plain ones are judged here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode

from leadgraph.vocabulary import RDF, XSD
from leadgraph.vocabulary import SH as SHACL

if TYPE_CHECKING:
    from leadgraph.check.slice import Term

Verdict = bool | None
Values = Sequence["Term"]

_DATE = r"[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d"
_FORMS = {
    RDF + "langString": re.compile(r".*", re.DOTALL),
    XSD + "string": re.compile(r".*", re.DOTALL),
    XSD + "boolean": re.compile(r"true|false"),
    XSD + "integer": re.compile(r"0|-?[1-9]\d{0,15}", re.ASCII),
    XSD + "nonNegativeInteger": re.compile(r"0|[1-9]\d{0,15}", re.ASCII),
    XSD + "positiveInteger": re.compile(r"[1-9]\d{0,15}", re.ASCII),
    XSD + "decimal": re.compile(r"-?(?:0|[1-9]\d{0,9})\.\d{1,6}", re.ASCII),
    XSD + "date": re.compile(_DATE, re.ASCII),
    XSD + "dateTime": re.compile(f"{_DATE}T{_TIME}Z?", re.ASCII),
    XSD + "gYear": re.compile(r"[12]\d{3}", re.ASCII),
    XSD + "anyURI": re.compile(r"https?://[\w./#-]+", re.ASCII),
}
"""The plain forms of literals; there are more that are well-formed."""

_NUMBERS = frozenset(
    XSD + name for name in ("integer", "nonNegativeInteger", "positiveInteger", "decimal")
)
_KINDS: dict[str, tuple[type, ...]] = {
    "IRI": (NamedNode,),
    "BlankNode": (BlankNode,),
    "Literal": (Literal,),
    "BlankNodeOrIRI": (BlankNode, NamedNode),
    "BlankNodeOrLiteral": (BlankNode, Literal),
    "IRIOrLiteral": (NamedNode, Literal),
}


def is_plain(literal: Literal) -> bool:
    """Whether a literal has the plain form of a type that is known here."""
    form = _FORMS.get(literal.datatype.value)
    return form is not None and form.fullmatch(literal.value) is not None


def number(term: Term) -> Decimal | None:
    """Return the value of a plain number."""
    if isinstance(term, Literal) and term.datatype.value in _NUMBERS and is_plain(term):
        return Decimal(term.value)
    return None


def in_order(lower: Term, upper: Term) -> Verdict:
    """Whether one value is less than another, None if they are not of one plain kind.

    Dates of one form are in the order of their characters.
    """
    first, second = number(lower), number(upper)
    if first is not None and second is not None:
        return first < second
    dated = {XSD + "date", XSD + "dateTime"}
    both = isinstance(lower, Literal) and isinstance(upper, Literal)
    if not both or not isinstance(lower, Literal) or not isinstance(upper, Literal):
        return None
    same = lower.datatype == upper.datatype and lower.datatype.value in dated
    if not (same and is_plain(lower) and is_plain(upper)):
        return None
    if lower.value.endswith("Z") != upper.value.endswith("Z"):
        return None
    return lower.value < upper.value


def _count(parameter: Term) -> int | None:
    found = number(parameter)
    whole = found is not None and found == int(found) and isinstance(parameter, Literal)
    return int(found) if found is not None and whole else None


def _distinct(values: Values) -> int:
    """How many values RDFLib tells apart: language tags without their capitals."""
    return len({_lowered(value) for value in values})


def _lowered(value: Term) -> object:
    if isinstance(value, Literal) and value.language:
        return value.value, value.language.lower()
    return value


def _least(parameter: Term) -> Callable[[Term, Values], Verdict]:
    least = _count(parameter)
    if least is None:
        return _unknown
    return lambda _focus, values: _distinct(values) >= least or None


def _most(parameter: Term) -> Callable[[Term, Values], Verdict]:
    most = _count(parameter)
    if most is None:
        return _unknown
    return lambda _focus, values: len(values) <= most or None


def _datatype(parameter: Term) -> Callable[[Term, Values], Verdict]:
    if not isinstance(parameter, NamedNode):
        return _unknown

    def has(value: Term) -> bool:
        return isinstance(value, Literal) and value.datatype == parameter and is_plain(value)

    return lambda _focus, values: all(map(has, values)) or None


def _kind(parameter: Term) -> Callable[[Term, Values], Verdict]:
    name = parameter.value.removeprefix(SHACL) if isinstance(parameter, NamedNode) else ""
    kinds = _KINDS.get(name)
    if kinds is None:
        return _unknown
    return lambda _focus, values: all(isinstance(value, kinds) for value in values)


def _length(parameter: Term, *, least: bool) -> Callable[[Term, Values], Verdict]:
    limit = _count(parameter)
    if limit is None:
        return _unknown

    def fits(value: Term) -> bool:
        if not isinstance(value, NamedNode | Literal):
            return False
        return len(value.value) >= limit if least else len(value.value) <= limit

    return lambda _focus, values: all(map(fits, values)) or None


def _bound(parameter: Term, *, below: bool, inclusive: bool) -> Callable[[Term, Values], Verdict]:
    def fits(value: Term) -> Verdict:
        if inclusive:
            outside = in_order(value, parameter) if below else in_order(parameter, value)
            return None if outside is None else not outside
        return in_order(parameter, value) if below else in_order(value, parameter)

    return lambda _focus, values: all(fits(value) is True for value in values) or None


def _has_value(parameter: Term) -> Callable[[Term, Values], Verdict]:
    # Of literals RDFLib may find more equal than we do.
    otherwise = False if isinstance(parameter, NamedNode) else None
    return lambda _focus, values: parameter in values or otherwise


def _unique_languages(parameter: Term) -> Callable[[Term, Values], Verdict]:
    if not (isinstance(parameter, Literal) and parameter.value == "true"):
        return _unknown

    def are_unique(_focus: Term, values: Values) -> Verdict:
        tags = [v.language.lower() for v in values if isinstance(v, Literal) and v.language]
        return len(tags) == len(set(tags)) or None

    return are_unique


def _unknown(_focus: Term, _values: Values) -> Verdict:
    return None


CONSTRAINTS: dict[str, Callable[[Term], Callable[[Term, Values], Verdict]]] = {
    "minCount": _least,
    "maxCount": _most,
    "datatype": _datatype,
    "nodeKind": _kind,
    "minLength": lambda parameter: _length(parameter, least=True),
    "maxLength": lambda parameter: _length(parameter, least=False),
    "minInclusive": lambda parameter: _bound(parameter, below=True, inclusive=True),
    "minExclusive": lambda parameter: _bound(parameter, below=True, inclusive=False),
    "maxInclusive": lambda parameter: _bound(parameter, below=False, inclusive=True),
    "maxExclusive": lambda parameter: _bound(parameter, below=False, inclusive=False),
    "hasValue": _has_value,
    "uniqueLang": _unique_languages,
}
"""The name of a parameter -> what its value asks of a focus node and its value nodes."""


def _less(values: Values, others: Values) -> Verdict:
    return all(in_order(one, other) is True for one in values for other in others) or None


def _at_most(values: Values, others: Values) -> Verdict:
    return all(in_order(other, one) is False for one in values for other in others) or None


def _apart(values: Values, others: Values) -> Verdict:
    return {_lowered(value) for value in values}.isdisjoint(map(_lowered, others)) or None


PAIRS: dict[str, Callable[[Values, Values], Verdict]] = {
    "lessThan": _less,
    "lessThanOrEquals": _at_most,
    "disjoint": _apart,
}
"""The name of a parameter that is a predicate -> what is asked of the values of both."""
