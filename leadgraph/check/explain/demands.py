"""A result of a constraint on values or their number -> what is wrong and what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode

from leadgraph.check import paths
from leadgraph.check.explain import datatypes
from leadgraph.check.explain.repair import Repair, of_datatype, of_kind
from leadgraph.check.explain.voice import Told, Voice

if TYPE_CHECKING:
    from collections.abc import Callable

    from leadgraph.check.results import Result
    from leadgraph.check.slice import Term

_LONGEST_PATTERN = 120
_LONGEST_WRITTEN = 120
_PLAIN = r"(?:[\w/:@#&%~,;=<> '\"!-]|\\[./?*+()$^|\[\]{}-])+"
_BEGINS = re.compile(rf"\^({_PLAIN})")
_ENDS = re.compile(rf"({_PLAIN})\$")
_DO = {"quoted": "quoted-do", "no-language": "no-language-do"}
_ILL = frozenset({"ill-formed", "no-month", "no-day"})


def repair(result: Result, voice: Voice) -> Repair | None:
    """Return how a value of the wrong kind is to be written, if that is known."""
    name = result.constraint
    if name == "DatatypeConstraintComponent":
        return of_datatype(value_of(result), voice.shapes.asked(result, "datatype"))
    if name == "NodeKindConstraintComponent":
        return of_kind(value_of(result), voice.shapes.asked(result, "nodeKind"))
    return None


def value_of(result: Result) -> Term | None:
    """Return the value node: the value of a property, or the thing itself."""
    return result.focus if result.value is None else result.value


def _focus(result: Result, voice: Voice) -> str:
    return voice.names.shown(result.focus) if result.focus is not None else ""


def _property(result: Result, voice: Voice) -> str:
    return voice.property(result) or "..."


def _first(result: Result, voice: Voice, name: str) -> str:
    """What is asked for, as the file would write it: a number or a term."""
    found = voice.shapes.asked(result, name)
    return voice.names.shown(found[0]) if found else "..."


# --- The kind of a value ---------------------------------------------------------------------


def _class(result: Result, voice: Voice) -> Told:
    kinds = voice.shapes.asked(result, "class")
    shown = voice.joined("and", [voice.kind(kind) for kind in kinds])
    terms = " , ".join(map(voice.names.shown, kinds))
    is_text = isinstance(value_of(result), Literal)
    key = "class-text" if is_text else "class"
    wrong = voice.say(key, subject=voice.subject(result), **{"class": shown})
    return Told(wrong, voice.say("class-text-do") if is_text else voice.say("class-do", term=terms))


def _datatype(result: Result, voice: Voice) -> Told:
    wanted = voice.shapes.asked(result, "datatype")
    expected = voice.joined("or", [voice.datatype(each) for each in wanted])
    found = repair(result, voice)
    example = voice.example(result.shape) or _example(wanted, voice)
    if found is None:
        wrong = voice.say("misfit", subject=voice.subject(result))
        return Told(wrong, _write(voice, expected, example))
    return _repaired(found, result, voice, _write(voice, expected, example))


def _repaired(found: Repair, result: Result, voice: Voice, otherwise: str) -> Told:
    wrong = voice.say(found.key, subject=voice.subject(result), **found.facts)
    if found.key == "no-language":
        value = value_of(result)
        text = value.value if isinstance(value, Literal) else ""
        example = voice.names.shown(Literal(text, language=voice.language))
        return Told(wrong, voice.say("no-language-do", example=example))
    if found.term is None:
        return Told(wrong, otherwise)
    written = found.written(voice.names) or ""
    suggestion = written if len(written) <= _LONGEST_WRITTEN else voice.names.shown(found.term)
    return Told(wrong, voice.say(_DO.get(found.key, "write-suggestion-do"), suggestion=suggestion))


def _example(wanted: tuple[Term, ...], voice: Voice) -> str | None:
    found = datatypes.example(wanted[0]) if wanted and isinstance(wanted[0], NamedNode) else None
    return voice.names.written(found) if found else None


def _write(voice: Voice, expected: str, example: str | None) -> str:
    if example:
        return voice.say("write-such-as-do", expected=expected, example=example)
    return voice.say("write-do", expected=expected)


def _node_kind(result: Result, voice: Voice) -> Told:
    wanted = voice.shapes.asked(result, "nodeKind")
    expected = voice.joined("or", [voice.node_kind(kind) for kind in wanted])
    do = voice.say("write-do", expected=expected)
    found = repair(result, voice)
    if found:
        return _repaired(found, result, voice, do)
    return Told(voice.say("misfit", subject=voice.subject(result)), do)


# --- How many --------------------------------------------------------------------------------


def _min_count(result: Result, voice: Voice) -> Told:
    least = _first(result, voice, "minCount")
    facts = {"focus": _focus(result, voice), "property": _property(result, voice)}
    wrong = (
        voice.say("missing", **facts)
        if least == "1"
        else voice.say("too-few", least=least, **facts)
    )
    return Told(wrong, _add(result, voice))


def _add(result: Result, voice: Voice) -> str:
    """What to add, with an example if the shape says enough."""
    path = result.path
    if isinstance(path, paths.Inverse) and isinstance(path.path, paths.Predicate):
        return voice.say("add-elsewhere-do", term=voice.names.property(path.path.iri))
    term = voice.path(path) if path else _property(result, voice)
    expected, example = voice.expected(result.shape), voice.example(result.shape)
    if expected and example and isinstance(path, paths.Predicate):
        return voice.say("add-such-as-do", expected=expected, example=f"{term} {example}")
    if expected:
        return voice.say("add-expected-do", term=term, expected=expected)
    return voice.say("add-do", term=term)


def _max_count(result: Result, voice: Voice) -> Told:
    most = _first(result, voice, "maxCount")
    facts = {"focus": _focus(result, voice), "property": _property(result, voice)}
    if most == "0":
        term = voice.path(result.path) if result.path else facts["property"]
        return Told(voice.say("none-allowed", **facts), voice.say("take-out-do", what=term))
    if most == "1":
        return Told(voice.say("more-than-one", **facts), voice.say("more-than-one-do"))
    return Told(voice.say("too-many", most=most, **facts), voice.say("too-many-do", most=most))


def _has_value(result: Result, voice: Voice) -> Told:
    expected = _first(result, voice, "hasValue")
    if result.path is None:
        wrong = voice.say("misfit", subject=voice.subject(result))
        return Told(wrong, voice.say("write-do", expected=expected))
    facts = {"focus": _focus(result, voice), "property": _property(result, voice)}
    wanted = voice.shapes.asked(result, "hasValue")
    example = f"{voice.path(result.path)} {voice.names.written(wanted[0]) if wanted else '...'}"
    return Told(
        voice.say("has-value", expected=expected, **facts),
        voice.say("has-value-do", example=example),
    )


def _unique_lang(result: Result, voice: Voice) -> Told:
    facts = {"focus": _focus(result, voice), "property": _property(result, voice)}
    tags = voice.tags(result.parameters.get("language", ()))
    key = "same-language-tag" if tags else "same-language"
    wrong = voice.say(key, **facts, **({"tag": tags} if tags else {}))
    return Told(wrong, voice.say("same-language-do"))


def _closed(result: Result, voice: Voice) -> Told:
    shown = voice.names.property(result.predicate) if result.predicate else "..."
    wrong = voice.say("closed", focus=_focus(result, voice), property=shown)
    allowed = voice.shapes.asked(result, "allowed") or tuple(voice.shapes.properties(result.shape))
    if not allowed:
        return Told(wrong, voice.say("closed-do"))
    return Told(wrong, voice.say("closed-list-do", choices=voice.choices(allowed)))


# --- How large, how long, how written --------------------------------------------------------


def _range(parameter: str, smaller: bool) -> Callable[[Result, Voice], Told]:
    """The words of one of the four limits of a range."""
    kebab = re.sub(r"(?=[A-Z])", "-", parameter).lower()

    def tell(result: Result, voice: Voice) -> Told:
        limits = voice.shapes.asked(result, parameter)
        key = _beyond(value_of(result), limits[0] if limits else None, smaller=smaller)
        wrong = voice.say(key, subject=voice.subject(result))
        return Told(wrong, voice.say(f"{kebab}-do", limit=_first(result, voice, parameter)))

    return tell


def _beyond(value: Term | None, limit: Term | None, *, smaller: bool) -> str:
    """Too small or too large, too early or too late, or nothing to compare at all."""
    if not isinstance(value, Literal) or not isinstance(limit, Literal):
        return "misfit"
    kinds = [datatypes.known(each.datatype) for each in (value, limit)]
    if all(kind is not None and kind.number for kind in kinds):
        return "too-small" if smaller else "too-large"
    if value.datatype == limit.datatype and datatypes.valid(value.value, value.datatype):
        return "too-early" if smaller else "too-late"
    return "misfit"


def _length(parameter: str, key: str) -> Callable[[Result, Voice], Told]:
    def tell(result: Result, voice: Voice) -> Told:
        value = value_of(result)
        do = voice.say(f"{key}-do", limit=_first(result, voice, parameter))
        if value is None or isinstance(value, BlankNode):
            return Told(voice.say("misfit", subject=voice.subject(result)), do)
        found = str(len(value.value)) if isinstance(value, Literal | NamedNode) else "0"
        return Told(voice.say(key, subject=voice.subject(result), found=found), do)

    return tell


def _pattern(result: Result, voice: Voice) -> Told:
    wrong = voice.say("pattern", subject=voice.subject(result))
    described = voice.shapes.description(result.shape, voice.language)
    patterns = [p.value for p in voice.shapes.asked(result, "pattern") if isinstance(p, Literal)]
    return Told(wrong, described or _form(" , ".join(patterns), voice))


def _form(pattern: str, voice: Voice) -> str:
    """A pattern in words where it only says how a text begins or ends."""
    for form, key in ((_BEGINS, "pattern-begin-do"), (_ENDS, "pattern-end-do")):
        found = form.fullmatch(pattern)
        if found:
            return voice.say(key, text=re.sub(r"\\(.)", r"\1", found[1]))
    shown = pattern if len(pattern) <= _LONGEST_PATTERN else pattern[:_LONGEST_PATTERN] + "…"
    return voice.say("pattern-do", pattern=shown)


def _language_in(result: Result, voice: Voice) -> Told:
    wanted = voice.shapes.asked(result, "languageIn")
    value = value_of(result)
    if isinstance(value, Literal) and value.datatype == datatypes.STRING:
        example = Literal(value.value, language=_tag(wanted, voice.language))
        return Told(
            voice.say("no-language", subject=voice.subject(result)),
            voice.say("no-language-do", example=voice.names.shown(example)),
        )
    key = "language-in" if isinstance(value, Literal) and value.language else "misfit"
    wrong = voice.say(key, subject=voice.subject(result))
    return Told(wrong, voice.say("language-in-do", choices=voice.tags(wanted)))


def _tag(wanted: tuple[Term, ...], language: str) -> str:
    tags = [tag.value for tag in wanted if isinstance(tag, Literal)]
    return language if language in tags or not tags else tags[0]


def _in(result: Result, voice: Voice) -> Told:
    wrong = voice.say("in", subject=voice.subject(result))
    choices = voice.choices(voice.shapes.asked(result, "in"))
    return Told(wrong, voice.say("in-do", choices=choices))


# --- Two properties --------------------------------------------------------------------------


def _pair(parameter: str, key: str) -> Callable[[Result, Voice], Told]:
    def tell(result: Result, voice: Voice) -> Told:
        value = value_of(result)
        other = voice.shapes.asked(result, parameter)
        facts = {
            "focus": _focus(result, voice),
            "property": _property(result, voice),
            "value": voice.names.shown(value) if value is not None else "...",
            "other": voice.names.property(other[0]) if other else "...",
        }
        return Told(voice.say(key, **facts), voice.say(f"{key}-do"))

    return tell


def _order(parameter: str, key: str) -> Callable[[Result, Voice], Told]:
    def tell(result: Result, voice: Voice) -> Told:
        other = voice.shapes.asked(result, parameter)
        shown = voice.names.property(other[0]) if other else "..."
        wrong = voice.say(key, subject=voice.subject(result), other=shown)
        return Told(wrong, voice.say("less-than-do", other=shown))

    return tell


TELL: dict[str, Callable[[Result, Voice], Told]] = {
    "Class": _class,
    "Datatype": _datatype,
    "NodeKind": _node_kind,
    "MinCount": _min_count,
    "MaxCount": _max_count,
    "MinExclusive": _range("minExclusive", smaller=True),
    "MinInclusive": _range("minInclusive", smaller=True),
    "MaxExclusive": _range("maxExclusive", smaller=False),
    "MaxInclusive": _range("maxInclusive", smaller=False),
    "MinLength": _length("minLength", "too-short"),
    "MaxLength": _length("maxLength", "too-long"),
    "Pattern": _pattern,
    "LanguageIn": _language_in,
    "UniqueLang": _unique_lang,
    "Equals": _pair("equals", "equals"),
    "Disjoint": _pair("disjoint", "disjoint"),
    "LessThan": _order("lessThan", "less-than"),
    "LessThanOrEquals": _order("lessThanOrEquals", "less-than-or-equals"),
    "Closed": _closed,
    "HasValue": _has_value,
    "In": _in,
}
"""Core constraint component (SHACL, 4), without its ending -> its words."""
