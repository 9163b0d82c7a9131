"""What the import commands share: reading a file and a day, showing what is wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from linli.rooms.places.sheets import CellProblem


def read(path: str) -> bytes:
    """The bytes of a file; a plain sentence when it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise CommandError(
            _("“%(file)s”读不了：%(reason)s") % {"file": path, "reason": error.strerror or error}
        ) from error


def day(text: str) -> dt.date:
    """A day as YYYY-MM-DD; ValueError tells the argument parser."""
    return dt.date.fromisoformat(text)


def cell_lines(problems: Iterable[CellProblem]) -> str:
    """Findings in a sheet, one a line."""
    return "\n".join(
        _("第 %(row)d 行 %(column)s：%(message)s")
        % {"row": problem.row, "column": problem.column, "message": problem.message}
        for problem in problems
    )
