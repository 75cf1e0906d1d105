"""Options -> the bench: its sections one after the other, each as lines of text.

`servers` starts the peers, measures every query and keeps JSON; the others measure what no server
does: how exactly problems are placed, how fast places are read, how long our shapes take; and
`federation` joins with other endpoints, beside engines that do.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from bench import checks, located, peers, places, shapes
from bench.federation.engines import NAMES
from bench.federation.section import THINGS, section
from bench.queries import queries
from bench.run import FULL, QUICK, run
from bench.servers import servers
from bench.table import table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bench.servers import Server

_QUICK = ("ours memory cold", "ours memory cached", "oxigraph RAM", "oxigraph read-only")


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for; `queries` are parts of their names."""

    triples: tuple[int, ...]
    quick: bool
    servers: tuple[str, ...]
    sections: tuple[str, ...]
    queries: tuple[str, ...]
    things: tuple[int, ...]
    engines: tuple[str, ...]


def main() -> None:
    """Measure what the command line asks for."""
    options = options_of()
    for name in options.sections:
        for text in SECTIONS[name](options):
            sys.stdout.write(text)
            sys.stdout.flush()


def _places(options: Options) -> Iterator[str]:
    return (places.table(places.measure(triples)) for triples in options.triples)


def _located(_options: Options) -> Iterator[str]:
    return (f"{line}\n" for line in located.lines())


def _shapes(options: Options) -> Iterator[str]:
    return (str(shapes.compare(triples)) for triples in options.triples)


def _checks(_options: Options) -> Iterator[str]:
    return (f"{ratio}\n" for ratio in checks.ratios(peers.FOLDER / "checks"))


def _federation(options: Options) -> Iterator[str]:
    return section(options.things, options.engines)


def _servers(options: Options) -> Iterator[str]:
    chosen, remarks = _installed(options.servers or (_QUICK if options.quick else ()))
    effort = QUICK if options.quick else FULL
    folder = peers.FOLDER / "data"
    folder.mkdir(parents=True, exist_ok=True)
    for triples in options.triples:
        results = run(folder / f"{triples}.nq", triples, chosen, queries(options.queries), effort)
        results.remarks += remarks
        yield table(results)
        report = folder / f"{triples}.json"
        report.write_text(json.dumps(asdict(results), indent=1), encoding="utf-8")
        sys.stderr.write(f"as JSON: {report}\n")


SECTIONS: dict[str, Callable[[Options], Iterator[str]]] = {
    "places": _places,
    "located": _located,
    "shapes": _shapes,
    "checks": _checks,
    "federation": _federation,
    "servers": _servers,
}


def _installed(names: tuple[str, ...]) -> tuple[list[Server], list[str]]:
    """Return the servers of these names, all if there is none, and why one cannot be had."""
    chosen = [one for one in servers() if not names or one.name in names]
    peers.install_python()
    reason = peers.install_comunica() if any(one.name == "comunica" for one in chosen) else None
    if reason is None:
        return chosen, []
    return [one for one in chosen if one.name != "comunica"], [f"comunica: {reason}"]


def options_of(arguments: Sequence[str] | None = None) -> Options:
    """Return what a command line asks for: who names a query or a server wants servers alone."""
    names = ", ".join(one.name for one in servers())
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure side by side.")
    parser.add_argument("--triples", type=int, nargs="+", default=[89_000], help="sizes")
    parser.add_argument(
        "--quick", action="store_true", help="only servers, fewer of them, in two minutes"
    )
    only = f"sections ({', '.join(SECTIONS)}), or parts of the names of queries; all by default"
    parser.add_argument("--only", nargs="+", default=[], help=only)
    parser.add_argument("--servers", nargs="+", default=[], help=f"some of: {names}")
    parser.add_argument(
        "--things", type=int, nargs="+", default=THINGS, help="linked things, for federation"
    )
    joining = ", ".join(NAMES)
    parser.add_argument(
        "--engines", nargs="+", default=NAMES, choices=NAMES, help=f"some of: {joining}"
    )
    given = parser.parse_args(arguments)
    asked = tuple(name for name in given.only if name not in SECTIONS)
    wants_servers = asked or given.servers or given.quick
    named = {*given.only} & {*SECTIONS} | ({"servers"} if asked else set())
    usual = {"servers"} if wants_servers else set(SECTIONS)
    return Options(
        triples=tuple(given.triples),
        quick=given.quick,
        servers=tuple(given.servers),
        sections=tuple(name for name in SECTIONS if name in (named or usual)),
        queries=asked,
        things=tuple(given.things),
        engines=tuple(given.engines),
    )


if __name__ == "__main__":
    main()
