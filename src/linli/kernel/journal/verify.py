"""`./linli journal verify`: does the journal still say what was written?"""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.db import DatabaseError

from linli.kernel.journal import checkpoint as checkpoints
from linli.kernel.journal.walk import Fault, Walk

SHOWN = 1000


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome: what was walked, and the first thousand faults with their whole number."""

    sound: bool
    entries_sealed: int
    entries_waiting: int
    batches: int
    fault_count: int
    faults: list[Fault]
    checkpoint: int | None

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "faults": [asdict(fault) for fault in self.faults]}


def verify(extra: checkpoints.Checkpoint | None = None) -> Report:
    """Walk everything. `extra`: a checkpoint kept elsewhere, asked besides the one in the home folder."""
    faults: list[Fault] = []
    known = []
    try:
        known = [point for point in (checkpoints.load(), extra) if point]
    except checkpoints.BadCheckpoint as error:
        faults.append(Fault("cut", None, None, f"journal.checkpoint: {error}"))
    walk = Walk(settings.LINLI_JOURNAL_KEY, known)
    count = len(faults)
    for fault in walk.faults():
        count += 1
        if len(faults) < SHOWN:
            faults.append(fault)
    furthest = max((point.number for point in known), default=None)
    return Report(count == 0, walk.entries, walk.unsealed, walk.batches, count, faults, furthest)


def main(json: bool = False, checkpoint: str | None = None) -> int:
    """Verify, print what was found, and return the exit code: 0 sound, 1 not, 2 could not be verified.

    checkpoint: a file with a line that `journal checkpoint` once printed.
    """
    try:
        extra = checkpoints.parse(Path(checkpoint).read_text()) if checkpoint else None
    except (OSError, checkpoints.BadCheckpoint) as error:
        sys.stderr.write(f"{checkpoint}: {error}\n")
        return 2
    try:
        report = verify(extra)
    except DatabaseError as error:
        sys.stderr.write(f"The journal cannot be read: {str(error).splitlines()[0]}\n")
        return 2
    if json:
        sys.stdout.write(orjson.dumps(report.as_json(), option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        sys.stdout.write("\n".join(in_words(report)) + "\n")
    return 0 if report.sound else 1


def print_checkpoint() -> int:
    """Print the chain's end as one signed line, to be kept where nobody here can change it."""
    from linli.kernel.journal.models import Batch

    tip = Batch.objects.order_by("-number").first()
    if tip is None:
        sys.stderr.write("Nothing is sealed yet.\n")
        return 1
    point = checkpoints.Checkpoint.of(tip.number, bytes(tip.digest), tip.total, tip.sealed_at)
    sys.stdout.write(checkpoints.sign(point) + "\n")
    return 0


def in_words(report: Report) -> list[str]:
    """The report as lines for a person at the command line."""
    walked = (
        f"{report.entries_sealed} sealed entries in {report.batches} batches,"
        f" {report.entries_waiting} entries waiting to be sealed."
    )
    if report.sound:
        return [f"The journal is sound: nothing was changed, removed or slipped in. {walked}"]
    faults = "1 fault" if report.fault_count == 1 else f"{report.fault_count} faults"
    lines = [f"The journal is NOT sound, {faults}:", *(f"  {_words(fault)}" for fault in report.faults)]
    if report.fault_count > len(report.faults):
        lines.append(f"  … and {report.fault_count - len(report.faults)} more")
    return [*lines, walked]


def _words(fault: Fault) -> str:
    where = f" (batch {fault.batch})" if fault.batch is not None else ""
    if fault.entry_id is not None:
        return f"{fault.kind}: entry {fault.entry_id}{where} {fault.words}"
    if fault.kind == "batch":
        return f"batch {fault.batch} {fault.words}"
    return f"{fault.kind}: {fault.words}"
