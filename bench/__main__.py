"""Options -> the bench: installs the peers, measures every size, prints tables, keeps JSON."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from bench import peers
from bench.queries import queries
from bench.run import FULL, QUICK, run
from bench.servers import servers
from bench.table import table

if TYPE_CHECKING:
    from bench.servers import Server

_QUICK = ("ours memory cold", "ours memory cached", "oxigraph RAM", "oxigraph read-only")


def main() -> None:
    """Measure what the command line asks for."""
    options = _options()
    chosen, remarks = _installed(options.servers or (_QUICK if options.quick else ()))
    effort = QUICK if options.quick else FULL
    folder = peers.FOLDER / "data"
    folder.mkdir(parents=True, exist_ok=True)
    for triples in options.triples:
        asked = queries(tuple(options.only))
        results = run(folder / f"{triples}.nq", triples, chosen, asked, effort)
        results.remarks += remarks
        sys.stdout.write(table(results))
        sys.stdout.flush()
        report = folder / f"{triples}.json"
        report.write_text(json.dumps(asdict(results), indent=1), encoding="utf-8")
        sys.stderr.write(f"as JSON: {report}\n")


def _installed(names: tuple[str, ...] | list[str]) -> tuple[list[Server], list[str]]:
    """Return the servers of these names, all if there is none, and why one cannot be had."""
    chosen = [one for one in servers() if not names or one.name in names]
    peers.install_python()
    reason = peers.install_comunica() if any(one.name == "comunica" for one in chosen) else None
    if reason is None:
        return chosen, []
    return [one for one in chosen if one.name != "comunica"], [f"comunica: {reason}"]


def _options() -> argparse.Namespace:
    names = ", ".join(one.name for one in servers())
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure side by side.")
    parser.add_argument("--triples", type=int, nargs="+", default=[89_000], help="sizes")
    parser.add_argument("--quick", action="store_true", help="in two minutes, with fewer servers")
    parser.add_argument("--only", nargs="+", default=[], help="parts of the names of queries")
    parser.add_argument("--servers", nargs="+", default=[], help=f"some of: {names}")
    return parser.parse_args()


if __name__ == "__main__":
    main()
