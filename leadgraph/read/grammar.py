"""Tokens of Turtle -> which of them are subject, predicate and object of each statement.

A machine of states with a stack of its own, so that no depth of nesting is too deep. The
statements come in the order in which pyoxigraph's parser sends its triples: whatever one token
completes comes out last first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from leadgraph.read.tokens import columns

Row = tuple[int, int, int]
"""Subject, predicate and object of a statement, as numbers of tokens.

A bracket's number stands for the whole of it; as a subject it is the blank node list's own, and
its complement (`~number`) the subject of what follows the bracket. Where the predicate is the `(`
of a collection, the subject is the first token of the member, and the object the same for
`rdf:first`, and the next member or the `)` for `rdf:rest`.
"""

Step = Callable[["Reader", int], str]
"""Take in a token by its number, and return the next state."""

Refusal = Callable[["Reader", int, str], str]
"""Take in a token that cannot stand where it stands in a state, and return where to go on."""


@dataclass(slots=True)
class _Frame:
    """What was being read when a bracket opened, and the state in which that goes on."""

    bracket: int
    subject: int
    predicate: int
    cell: int
    after: str
    is_subject: bool


@dataclass(slots=True)
class Reader:
    """The machine: the tokens, what was read of them, and what is being read.

    `closings` pairs brackets, `dots` says which dot ends the block of a subject, `declarations`
    holds the numbers of the keywords of directives. `after` is the state that follows an object;
    within a collection, `cell` is the member that was read last, -1 before the first. `owed` is a
    statement that is not complete before the next token.
    """

    text: str
    kinds: list[str]
    starts: list[int]
    stops: list[int]
    refuse: Refusal
    rows: list[Row] = field(default_factory=list)
    closings: dict[int, int] = field(default_factory=dict)
    dots: dict[int, int] = field(default_factory=dict)
    declarations: list[int] = field(default_factory=list)
    stack: list[_Frame] = field(default_factory=list)
    bracket: int = -1
    subject: int = -1
    predicate: int = -1
    cell: int = -1
    after: str = "after"
    owed: Row | None = None
    mark: int = 0

    def words(self, number: int) -> str:
        """Return the text of a token."""
        return self.text[self.starts[number] : self.stops[number]]

    def row(self, number: int) -> Row:
        """Return the statement whose object is a token."""
        if self.after == "member":
            return number, self.bracket, number
        return self.subject, self.predicate, number

    def pay(self) -> None:
        """Add the statement that waited for this token."""
        if self.owed is not None:
            self.rows.append(self.owed)
            self.owed = None

    def turn(self) -> None:
        """Put what one token completed in the order of pyoxigraph: the last first."""
        if len(self.rows) - self.mark > 1:
            self.rows[self.mark :] = self.rows[self.mark :][::-1]

    def enter(self, number: int, after: str, *, is_subject: bool = False) -> None:
        """Go into a bracket."""
        self.stack.append(
            _Frame(self.bracket, self.subject, self.predicate, self.cell, self.after, is_subject)
        )
        self.bracket = self.subject = number
        self.cell = -1
        self.after = after

    def leave(self, number: int) -> _Frame:
        """Go out of the innermost bracket; it may have been the subject."""
        frame = self.stack.pop()
        self.closings[self.bracket] = number
        self.subject = ~self.bracket if frame.is_subject else frame.subject
        self.bracket, self.predicate, self.cell = frame.bracket, frame.predicate, frame.cell
        self.after = frame.after
        return frame


def read(text: str, refuse: Refusal) -> Reader:
    """Run the machine over a text; `refuse` says where it goes on at a token that cannot stand."""
    machine = Reader(text, *columns(text), refuse)
    state = "statement"
    for number, kind in enumerate(machine.kinds):
        step = STEPS[state].get(kind)
        state = step(machine, number) if step else _otherwise(machine, number, state)
    return machine


def _otherwise(machine: Reader, number: int, state: str) -> str:
    """What is not in the table: the end of a string without suffix, directives, mistakes."""
    if state == "statement" and machine.kinds[number] in {"tag", "word"}:
        return directive(machine.words(number)) or machine.refuse(machine, number, state)
    if state != "string":
        return machine.refuse(machine, number, state)
    owed = machine.owed
    step = STEPS[machine.after].get(machine.kinds[number])
    state = step(machine, number) if step else machine.refuse(machine, number, machine.after)
    if machine.owed is owed:
        machine.pay()
    return state


# --- Statements ----------------------------------------------------------------------------------


def _subject(machine: Reader, number: int) -> str:
    machine.subject = number
    return "predicate"


def _predicate(machine: Reader, number: int) -> str:
    machine.predicate = number
    return "object"


def _object(machine: Reader, number: int) -> str:
    machine.rows.append((machine.subject, machine.predicate, number))
    return machine.after


def _string(machine: Reader, number: int) -> str:
    machine.owed = machine.row(number)
    return "string"


def _suffix(machine: Reader, _: int) -> str:
    machine.pay()
    return machine.after


def _dot(machine: Reader, number: int) -> str:
    machine.dots[machine.subject] = number
    return "statement"


def _to(state: str) -> Step:
    return lambda _machine, _number: state


# --- Brackets ------------------------------------------------------------------------------------


def _list_as_subject(machine: Reader, number: int) -> str:
    machine.enter(number, "inner-after", is_subject=True)
    return "inner-predicate"


def _list(machine: Reader, number: int) -> str:
    machine.enter(number, "inner-after")
    return "inner-predicate"


def _end_of_list(machine: Reader, number: int) -> str:
    opening = machine.bracket
    machine.pay()
    frame = machine.leave(number)
    if frame.is_subject:
        return "may-predicate" if opening + 1 < number else "predicate"
    machine.rows.append(machine.row(opening))
    return machine.after


def _collection_as_subject(machine: Reader, number: int) -> str:
    machine.enter(number, "member", is_subject=True)
    return "member"


def _collection(machine: Reader, number: int) -> str:
    owed = machine.row(number)
    machine.enter(number, "member")
    machine.owed = owed
    return "member"


def _end_of_collection(machine: Reader, number: int) -> str:
    machine.pay()
    if machine.cell >= 0:
        machine.rows.append((machine.cell, machine.bracket, number))
    return "predicate" if machine.leave(number).is_subject else machine.after


def _member(step: Step) -> Step:
    """What a member does, after the rest of the collection up to it."""

    def begin(machine: Reader, number: int) -> str:
        machine.pay()
        if machine.cell >= 0:
            machine.rows.append((machine.cell, machine.bracket, number))
        machine.cell = number
        return step(machine, number)

    return begin


def _first(machine: Reader, number: int) -> str:
    machine.rows.append((number, machine.bracket, number))
    return "member"


def _empty_member(machine: Reader, number: int) -> str:
    """`[]` is two tokens for pyoxigraph."""
    machine.turn()
    machine.mark = len(machine.rows)
    return _first(machine, number)


def _turned(step: Step) -> Step:
    """A step that may complete several statements."""

    def turn(machine: Reader, number: int) -> str:
        machine.mark = len(machine.rows)
        state = step(machine, number)
        machine.turn()
        return state

    return turn


# --- Directives ----------------------------------------------------------------------------------

_DIRECTIVES = {
    "@prefix": "at-prefix",
    "@base": "at-base",
    "@version": "at-version",
    "prefix": "prefix",
    "base": "base",
    "version": "version",
}


def directive(words: str) -> str | None:
    """Return the state after the keyword of a directive, None if it is none."""
    return _DIRECTIVES.get(words if words.startswith("@") else words.lower())


def _prefix(state: str, then: str) -> Step:
    """The name of a prefix, which ends with its colon."""

    def step(machine: Reader, number: int) -> str:
        words = machine.words(number)
        if words.index(":") + 1 < len(words):
            return machine.refuse(machine, number, state)
        return then

    return step


def _declared(then: str) -> Step:
    """The IRI of a prefix or of the base."""

    def step(machine: Reader, number: int) -> str:
        machine.declarations.append(number)
        return then

    return step


# --- The table -----------------------------------------------------------------------------------


def _each(step: Step, *kinds: str) -> dict[str, Step]:
    return dict.fromkeys(kinds, step)


_VERBS = _each(_predicate, "name", "iri", "a")
_END_OF_LIST = _each(_turned(_end_of_list), "close_list")

STEPS: dict[str, dict[str, Step]] = {
    "statement": {
        **_each(_subject, "name", "iri", "blank", "anon"),
        "open_list": _list_as_subject,
        "open_collection": _collection_as_subject,
        "end": _to("statement"),
    },
    "predicate": _VERBS,
    "may-predicate": {**_VERBS, "dot": _dot},
    "object": {
        **_each(_object, "name", "iri", "blank", "anon", "number", "boolean"),
        "string": _string,
        "open_list": _list,
        "open_collection": _collection,
    },
    "string": {"tag": _suffix, "hats": _to("datatype")},
    "datatype": _each(_suffix, "name", "iri"),
    "after": {"comma": _to("object"), "semicolon": _to("verb"), "dot": _dot},
    "verb": {**_VERBS, "semicolon": _to("verb"), "dot": _dot},
    "inner-predicate": {**_VERBS, **_END_OF_LIST},
    "inner-after": {
        "comma": _to("object"),
        "semicolon": _to("inner-verb"),
        **_END_OF_LIST,
    },
    "inner-verb": {
        **_VERBS,
        "semicolon": _to("inner-verb"),
        **_END_OF_LIST,
    },
    "member": {
        **_each(_turned(_member(_first)), "name", "iri", "blank", "number", "boolean"),
        "anon": _turned(_member(_empty_member)),
        "string": _turned(_member(_string)),
        "open_list": _turned(_member(_list)),
        "open_collection": _turned(_member(_collection)),
        "close_collection": _turned(_end_of_collection),
    },
    # After a mistake: up to punctuation; within a text; after more mistakes than anybody reads.
    "skipping": {"comma": _to("object"), "semicolon": _to("verb")},
    "inner-skipping": {
        "comma": _to("object"),
        "semicolon": _to("inner-verb"),
        **_END_OF_LIST,
    },
    "silent": {},
    "given-up": {},
    "at-prefix": {"name": _prefix("at-prefix", "at-prefix-iri")},
    "at-prefix-iri": {"iri": _declared("directive")},
    "at-base": {"iri": _declared("directive")},
    "at-version": {"string": _to("directive")},
    "directive": {"dot": _to("statement")},
    "prefix": {"name": _prefix("prefix", "prefix-iri")},
    "prefix-iri": {"iri": _declared("statement")},
    "base": {"iri": _declared("statement")},
    "version": {"string": _to("statement")},
}
"""For each state the kinds of tokens that may stand there."""
