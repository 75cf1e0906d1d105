"""A value of the wrong kind -> what is wrong with how it is written, and how it should be.

Quotation marks too many or too few, a comma in a number, a date with a thirteenth month, an address
written as a text: what people do most often has words of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from leadgraph.check.explain import datatypes
from leadgraph.vocabulary import SH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadgraph.check.explain.names import Names
    from leadgraph.check.slice import Term

_ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`]+")
_IRI_KINDS = frozenset(NamedNode(SH + kind) for kind in ("IRI", "BlankNodeOrIRI"))


@dataclass(frozen=True, slots=True)
class Repair:
    """The key of what is wrong, its facts, and the term to write instead if it is known."""

    key: str
    term: Term | None = None
    facts: dict[str, str] = field(default_factory=dict)

    def written(self, names: Names) -> str | None:
        """Return what to write; an address that was only misquoted in full, as it was written."""
        if self.term is None:
            return None
        return str(self.term) if self.key == "address-in-quotes" else names.written(self.term)


def of_datatype(value: Term | None, wanted: Sequence[Term]) -> Repair | None:
    """Return what to do with a value that is of none of these datatypes."""
    known = [each for each in wanted if isinstance(each, NamedNode)]
    if value is None or len(known) != 1:
        return None
    (datatype,) = known
    if isinstance(value, NamedNode):
        return _address(value, datatype)
    return _literal(value, datatype) if isinstance(value, Literal) else None


def of_kind(value: Term | None, wanted: Sequence[Term]) -> Repair | None:
    """Return what to do with a value that is no IRI (SHACL, 4.1.3)."""
    if not isinstance(value, Literal) or _IRI_KINDS.isdisjoint(wanted):
        return None
    is_address = _ADDRESS.fullmatch(value.value)
    return Repair("address-in-quotes", NamedNode(value.value)) if is_address else None


def _address(value: NamedNode, datatype: NamedNode) -> Repair | None:
    if datatype in {datatypes.STRING, datatypes.ANY_URI}:
        return Repair("misfit", Literal(value.value, datatype=datatype))
    return None


def _literal(value: Literal, datatype: NamedNode) -> Repair | None:
    if datatype == datatypes.LANG_STRING:
        return Repair("no-language") if value.datatype == datatypes.STRING else None
    if value.datatype == datatype:
        return _ill_formed(value, datatype)
    if datatype == datatypes.STRING:
        return _as_text(value)
    text = datatypes.mended(value.value, datatype)
    if text is None:
        return _no_such_day(value, datatype) if value.datatype == datatypes.STRING else None
    return Repair(_why(value, text, datatype), Literal(text, datatype=datatype))


def _as_text(value: Literal) -> Repair:
    plain = Literal(value.value)
    return Repair("surplus-language" if value.language else _unquoted(value), plain)


def _unquoted(value: Literal) -> str:
    """Only numbers and truth values stand without quotation marks; the others have a datatype."""
    found = datatypes.known(value.datatype)
    bare = found is not None and (found.number or found.words == "a-boolean")
    return "unquoted" if bare and datatypes.valid(value.value, value.datatype) else "misfit"


def _why(value: Literal, text: str, datatype: NamedNode) -> str:
    """Why a literal is not of a datatype although its text, a little mended, is."""
    found = datatypes.known(datatype)
    if found is not None and found.number and "," in value.value:
        return "comma"
    if value.datatype != datatypes.STRING and not value.language:
        return "misfit"
    if text != value.value:
        return "ill-formed"
    bare = found is not None and (found.number or found.words == "a-boolean")
    return "quoted" if bare else "untyped"


def _ill_formed(value: Literal, datatype: NamedNode) -> Repair | None:
    """A literal whose text its datatype does not have."""
    if datatypes.valid(value.value, datatype):
        return None
    text = datatypes.mended(value.value, datatype)
    key = "comma" if text and "," in value.value else "ill-formed"
    found = Repair(key, Literal(text, datatype=datatype) if text else None)
    return _no_such_day(value, datatype) or found


def _no_such_day(value: Literal, datatype: NamedNode) -> Repair | None:
    found = datatypes.known(datatype)
    wrong = datatypes.wrong_day(value.value) if found and "date" in found.words else None
    return Repair(f"no-{wrong[0]}", facts={"number": wrong[1]}) if wrong else None
