"""Package registries -> the servers that are measured beside ours, in a folder of the bench's own.

Once installed they stay; `rm -r build/bench` removes all that the bench ever wrote.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "build/bench"
"""Everything that the bench installs, generates and reports; git ignores it."""

PYTHON = FOLDER / "venv/bin/python"
OXIGRAPH = FOLDER / "venv/bin/oxigraph"
COMUNICA = FOLDER / "node/node_modules/.bin/comunica-sparql-file-http"

_PINS = Path(__file__).with_name("peers.txt")
_COMUNICA = "@comunica/query-sparql-file@4.5.0"
"""The last major version that Node 20 runs."""


def install_python() -> None:
    """Install the peers that PyPI has."""
    done = FOLDER / "venv" / _PINS.name
    if done.exists() and done.read_bytes() == _PINS.read_bytes():
        return
    sys.stderr.write("installing oxigraph and rdflib-endpoint\n")
    venv.create(FOLDER / "venv", with_pip=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", "-r", _PINS], check=True)
    shutil.copy(_PINS, done)


def install_comunica() -> str | None:
    """Install Comunica; return the reason if that is not possible."""
    if COMUNICA.exists():
        return None
    npm = shutil.which("npm")
    if npm is None:
        return "npm is not installed"
    sys.stderr.write("installing Comunica\n")
    (FOLDER / "node").mkdir(parents=True, exist_ok=True)
    # Without a prefix npm installs beside the nearest package.json above.
    command = [npm, "install", "--prefix", str(FOLDER / "node"), "--ignore-scripts", _COMUNICA]
    options = ["--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
    finished = subprocess.run([*command, *options], stdout=sys.stderr, check=False)
    return None if finished.returncode == 0 else "npm could not install it"
