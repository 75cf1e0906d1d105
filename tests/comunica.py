"""npm -> Comunica, a query engine of others, once installed in a folder that git ignores."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "build/comunica"
_PACKAGE = "@comunica/query-sparql@4.5.0"
"""The last major version that Node 20 runs."""
_PATIENCE_SECONDS = 240


def program() -> Path:
    """Return the command `comunica-sparql`; the test is skipped if npm cannot bring it."""
    found = FOLDER / "node_modules/.bin/comunica-sparql"
    if not found.exists():
        reason = _install()
        if reason is not None:
            pytest.skip(reason)
    return found


def _install() -> str | None:
    npm = shutil.which("npm")
    if npm is None:
        return "npm is not installed"
    FOLDER.mkdir(parents=True, exist_ok=True)
    # Without a prefix npm installs beside the nearest package.json above.
    into = ["--prefix", str(FOLDER), "--ignore-scripts", "--no-package-lock"]
    quietly = ["--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=1"]
    try:
        finished = subprocess.run(
            [npm, "install", *into, *quietly, _PACKAGE],
            capture_output=True,
            check=False,
            timeout=_PATIENCE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return "npm did not install Comunica in time"
    return None if finished.returncode == 0 else "npm could not install Comunica"
