"""The type faces that ship with the house: Noto Serif SC for text, Noto Sans SC bold for headings.

They lie in `fonts/` as subsets made by `vendoring` (GB 2312, the usual traditional and name characters, Latin,
signs), packed with xz, and are unpacked into `<home>/fonts/` at their first use.
"""

from __future__ import annotations

import bisect
import contextlib
import json
import lzma
import os
import secrets
import shutil
import subprocess
import time
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

FONTS = Path(__file__).parent / "fonts"
LOCK = FONTS / "fonts.lock.json"
_FORGOTTEN_S = 86_400


@cache
def lock() -> list[dict[str, Any]]:
    """What `vendoring` wrote down: file, SHA-256 of the unpacked face, source, licence, covered ranges."""
    found: list[dict[str, Any]] = json.loads(LOCK.read_text("utf-8"))
    return found


@cache
def folder() -> Path:
    """Where the unpacked faces lie; unpacks what is missing. Several processes may do so at once."""
    into = Path(settings.LINLI_HOME) / "fonts"
    (into / "root").mkdir(parents=True, exist_ok=True, mode=0o700)
    wanted = set()
    for entry in lock():
        packed = FONTS / entry["file"]
        face = into / f"{packed.name.removesuffix('.ttf.xz')}-{entry['sha256'][:12]}.ttf"
        wanted.add(face.name)
        if not face.is_file():
            part = face.with_name(f".{face.name}.{os.getpid()}.{secrets.token_hex(4)}")
            part.write_bytes(lzma.decompress(packed.read_bytes()))
            os.replace(part, face)
    for other in into.glob("*.ttf"):
        if other.name not in wanted:  # of an earlier release
            other.unlink(missing_ok=True)
    for left in into.glob("page-*"):  # by a process that was killed while it printed
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _FORGOTTEN_S:
                shutil.rmtree(left, ignore_errors=True)
    return into


@cache
def _bounds() -> list[int]:
    """Where being covered begins and ends, in order: a character is covered after an odd number of bounds."""
    covered: set[int] = set()
    for entry in lock():
        for first, last in entry["ranges"]:
            covered.update(range(first, last + 1))
    covered.update((0x0A, 0x20))
    bounds: list[int] = []
    for code in sorted(covered):
        if bounds and bounds[-1] == code:
            bounds[-1] = code + 1
        else:
            bounds += [code, code + 1]
    return bounds


def covers(words: str) -> bool:
    """Whether the vendored faces have every character of these words."""
    bounds = _bounds()
    return all(
        (character.isascii() and character.isprintable()) or bisect.bisect_right(bounds, ord(character)) % 2
        for character in words
    )


@lru_cache(maxsize=4096)
def system_has(code: int) -> bool:
    """Whether a font of the system has this character (asked of fontconfig; False where there is none)."""
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    try:
        done = subprocess.run(
            [lister, f":charset={code:x}", "family"], capture_output=True, timeout=5, check=False, text=True
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return bool(done.stdout.strip())
