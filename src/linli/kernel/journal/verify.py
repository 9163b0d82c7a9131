"""`./linli journal verify`: does the journal still say what was written?"""

from __future__ import annotations

import sys
from collections.abc import Sequence
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


def verify(extra: Sequence[checkpoints.Checkpoint] = ()) -> Report:
    """Walk everything. `extra`: checkpoints kept elsewhere, asked besides the one in the home folder."""
    faults: list[Fault] = []
    known = []
    try:
        known = [point for point in (checkpoints.load(), *extra) if point]
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


def main(json: bool = False, checkpoint: Sequence[str] = ()) -> int:
    """Verify, print what was found, and return the exit code: 0 sound, 1 not, 2 could not be verified.

    checkpoint: files that `journal checkpoint` once wrote, or folders of them. Several narrow down where the
    chain was rewritten: it was sound up to the last of them that fits.
    """
    extra = []
    for name in checkpoint:
        path = Path(name)
        files = sorted(path.glob("*.checkpoint")) if path.is_dir() else [path]
        if not files:
            sys.stderr.write(f"{name}: there is no checkpoint in this folder\n")
            return 2
        for file in files:
            try:
                extra.append(checkpoints.parse(file.read_text()))
            except (OSError, ValueError) as error:
                sys.stderr.write(f"{file}: {error}\n")
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


def print_checkpoint(out: str | None = None) -> int:
    """Seal what waits and give the chain's end as one signed line, to be kept where nobody here can change it.

    out: the file to write; without one the line is printed. The exit code: 0, 1 nothing sealed yet, 2 not written.
    """
    from linli.kernel.journal import jobs, keeping  # models load later than this module

    jobs.seal()
    point = keeping.present()
    if point is None:
        sys.stderr.write("Nothing is sealed yet.\n")
        return 1
    if out is None:
        sys.stdout.write(checkpoints.sign(point) + "\n")
        return 0
    try:
        keeping.write(point, Path(out))
    except OSError as error:
        sys.stderr.write(f"{out}: {error.strerror or error}\n")
        return 2
    sys.stdout.write(f"{out}: batch {point.number}, {point.total} entries, sealed at {point.sealed_at}\n")
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
