"""What was joined -> the tables that are printed, and the aims of the issue that set them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.aims import Aim
from bench.federation.engines import BINDING, OURS
from bench.federation.run import CUT
from bench.table import columns, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bench.federation.run import Joined, Outcome

    Figure = Callable[[Outcome], float]

_MOST_REQUESTS = {100: 13, 1_000: 16, 10_000: 52}
_MOST_BYTES = 1.25
_MOST_TIME = 0.1
_ALL_RIGHT_AT = 10_000
_TIMED_AT = 1_000
_KILOBYTE = 1000


def table(joined: Joined) -> str:
    """Return all that was measured with one number of things, as lines of text."""
    return "\n".join(_lines(joined)) + "\n"


def aims_table(all_joined: Sequence[Joined]) -> str:
    """Return the aims, each with what was found."""
    verdicts = {True: "met", False: "NOT MET", None: ""}
    rows = [[aim.text, aim.found, verdicts[aim.is_met]] for aim in aims(all_joined)]
    return "\n".join(["\nAims of federation", *columns(["", "found", ""], rows)]) + "\n"


def aims(all_joined: Sequence[Joined]) -> Iterator[Aim]:
    """Yield the aims for the numbers of things that were measured."""
    for joined in all_joined:
        if ours := joined.engines.get(OURS):
            yield from _of_one(joined, ours)


def _of_one(joined: Joined, ours: Mapping[str, Outcome]) -> Iterator[Aim]:
    at = f"{joined.things:,} things"
    if joined.things == _ALL_RIGHT_AT:
        right = _right(ours)
        yield Aim(f"{at}: all right", f"{right} of {len(ours)}", right == len(ours))
    requests = sum(one.requests for one in ours.values())
    fewest = sum(one.requests for one in joined.ideals.values())
    most = _MOST_REQUESTS.get(joined.things, fewest)
    found = f"{requests} (fewest possible {fewest})"
    yield Aim(f"{at}: requests, at most {most}", found, requests <= most)
    least = sum(one.wire_bytes for one in joined.ideals.values())
    ratio = sum(one.wire_bytes for one in ours.values()) / least
    text = f"{at}: bytes to the ideal, at most {_MOST_BYTES:g}"
    yield Aim(text, f"{ratio:.2f}", ratio <= _MOST_BYTES)
    if joined.things == _TIMED_AT:
        yield from _times(joined, ours, at)
    again = sum(one.requests for one in joined.warm.values())
    right = _right(joined.warm)
    found = f"{again}, {right} of {len(ours)} right"
    yield Aim(f"{at}: requests with a warm cache, none", found, not again and right == len(ours))


def _times(joined: Joined, ours: Mapping[str, Outcome], at: str) -> Iterator[Aim]:
    """Compare with the fastest of those peers that bind and that are right most often.

    The others are compared, too, by those shapes that they answer rightly; nothing is aimed at
    there.
    """
    text = f"{at}: time to the best peer that binds, at most {_MOST_TIME:g}"
    peers = {name: joined.engines[name] for name in BINDING if name in joined.engines}
    if not peers:
        yield Aim(text, "not measured", None)
        return
    best = min(peers, key=lambda one: (-_right(peers[one]), _seconds(peers[one])))
    for name, theirs in peers.items():
        shapes = [shape for shape in theirs if name == best or theirs[shape].is_right]
        ratio = _seconds(ours, shapes) / _seconds(theirs, shapes)
        found = f"{ratio:.3f} ({name}, {_right(theirs)} of {len(ours)} right)"
        if name == best:
            yield Aim(text, found, ratio <= _MOST_TIME)
        else:
            yield Aim(f"{at}: time to another, where it is right", found, None)


def _lines(joined: Joined) -> Iterator[str]:
    ideals = joined.ideals
    yield f"\n{joined.things:,} linked things: twelve queries, joined with other endpoints"
    fewest = {name: float(one.requests) for name, one in ideals.items()}
    least = {name: one.wire_bytes / _KILOBYTE for name, one in ideals.items()}
    yield "\nRequests to the other endpoints"
    yield from _figures(joined, lambda one: one.requests, ("fewest", fewest))
    yield "\nKilobytes on the wire, both ways, with heads"
    yield from _figures(joined, lambda one: one.wire_bytes / _KILOBYTE, ("ideal", least))
    yield "\nSeconds"
    yield from _figures(joined, lambda one: one.seconds)
    yield from ("", *(f"- {remark}" for remark in _remarks(joined)))


def _figures(
    joined: Joined, figure: Figure, ideal: tuple[str, Mapping[str, float]] | None = None
) -> Iterator[str]:
    """Show one figure of each engine for each shape, and whose answer is not the right one."""
    shown = {**joined.engines, **({f"{OURS}, again": joined.warm} if joined.warm else {})}
    rows = [
        [
            name,
            *([number(ideal[1][name])] if ideal else []),
            *(_cell(outcomes[name], figure) for outcomes in shown.values()),
        ]
        for name in joined.ideals
    ]
    all_of_it = [number(sum(map(figure, one.values()))) for one in shown.values()]
    sums = ["all", *([number(sum(ideal[1].values()))] if ideal else []), *all_of_it]
    right = [f"{_right(one)} of {len(one)}" for one in shown.values()]
    heads = ["", *([ideal[0]] if ideal else []), *shown]
    yield from columns(heads, [*rows, sums, ["right", *([""] if ideal else []), *right]])


def _cell(outcome: Outcome, figure: Figure) -> str:
    said = number(figure(outcome))
    return said if outcome.is_right else f"{outcome.verdict.partition(':')[0]} {said}"


def _remarks(joined: Joined) -> Iterator[str]:
    """Say who was not measured, and in what answers differ from the right ones."""
    yield from joined.remarks
    for engine, outcomes in joined.engines.items():
        for shape, outcome in outcomes.items():
            if not outcome.is_right and outcome.verdict != CUT:
                yield f"{engine}, {shape}: {outcome.verdict}"


def _right(outcomes: Mapping[str, Outcome]) -> int:
    return sum(one.is_right for one in outcomes.values())


def _seconds(outcomes: Mapping[str, Outcome], shapes: Sequence[str] | None = None) -> float:
    return sum(outcomes[name].seconds for name in (outcomes if shapes is None else shapes))
