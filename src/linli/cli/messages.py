"""Translations: which .po files there are, and their compiled form beside them."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from linli.house.home import SOURCE

PACKAGE = SOURCE / "src" / "linli"


def po_files() -> list[Path]:
    """Every translation file of the house."""
    return sorted(PACKAGE.glob("*/locale/*/LC_MESSAGES/*.po")) + sorted(
        PACKAGE.glob("*/*/locale/*/LC_MESSAGES/*.po")
    )


def compile_messages() -> int:
    """Compile what is newer than its compiled form; the number of files written.

    Done in Python: whoever runs Linli has no gettext tools. Where the source is read-only it is left
    as it is. The .mo file gets the .po file's time, so that a checkout of an older .po counts as changed.
    """
    written = 0
    for source in po_files():
        target = source.with_suffix(".mo")
        found = source.stat()
        with contextlib.suppress(OSError):
            if target.exists() and target.stat().st_mtime_ns == found.st_mtime_ns:
                continue
            import polib

            part = target.with_suffix(f".mo.{os.getpid()}")
            polib.pofile(str(source)).save_as_mofile(str(part))
            os.utime(part, ns=(found.st_mtime_ns, found.st_mtime_ns))
            part.replace(target)
            written += 1
    return written
