"""One name for the state of all static files, so that browsers may keep them for ever.

The name is part of STATIC_URL (``/static/<release>/…``): relative imports between modules, the map's worker
and its source stay beside one another, and nothing has to be rewritten or renamed when files are collected.
Standard library only: the settings import this.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]


def static_files(package: Path = PACKAGE) -> list[Path]:
    """Every file under a ``static`` folder of the package, sorted."""
    return sorted(path for folder in package.rglob("static") for path in folder.rglob("*") if path.is_file())


@cache
def static_release(package: Path = PACKAGE) -> str:
    """Ten hexadecimal digits over names and contents of all static files (about 20 ms, once a process)."""
    digest = hashlib.sha256()
    for path in static_files(package):
        digest.update(path.relative_to(package).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:10]
