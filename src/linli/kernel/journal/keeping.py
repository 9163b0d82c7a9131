"""Bringing checkpoints out of the house: into a folder that lies elsewhere, and to whoever listens to events.

`settings.LINLI_CHECKPOINT_FOLDER` names a folder (a mounted share, a drive that only takes): one file for each
day, growing by no more than a line. Once a day the checkpoint is an event too, `journal.checkpoint`, which
webhooks carry to another system.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from linli.kernel import clock
from linli.kernel.authority import SystemAuthority
from linli.kernel.beats import beat
from linli.kernel.journal import checkpoint
from linli.kernel.journal.actions import record
from linli.kernel.journal.models import Batch, Entry
from linli.kernel.outbox.registry import Event

TOLD_EVERY = timedelta(hours=23)
_OBJECT = ("journal", "checkpoint")


def present() -> checkpoint.Checkpoint | None:
    """The end of the chain as it is now; None when nothing was sealed yet."""
    tip = Batch.objects.order_by("-number").first()
    return checkpoint.Checkpoint.of(tip.number, bytes(tip.digest), tip.total, tip.sealed_at) if tip else None


def write(point: checkpoint.Checkpoint, file: Path) -> None:
    """Write the signed line, whole or not at all. Raises OSError."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with draft.open("w") as out:
            out.write(checkpoint.sign(point) + "\n")
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


@beat("journal.checkpoint", every=3600)
def keep() -> None:
    """Tell of the chain's end once a day, and write it into the folder every hour.

    Raises OSError when the folder does not take it: the beat is then shown as failing.
    """
    point = present()
    if point is None:
        return
    tell(point)
    folder = str(getattr(settings, "LINLI_CHECKPOINT_FOLDER", "") or "")
    if folder:
        write(point, Path(folder) / f"journal-{clock.now():%Y%m%d}.checkpoint")


def tell(point: checkpoint.Checkpoint) -> bool:
    """Record the checkpoint as an event, unless that was done within a day; whether it was."""
    object_type, object_id = _OBJECT
    with transaction.atomic():
        last = Entry.objects.filter(object_type=object_type, object_id=object_id).order_by("-id").first()
        if last is not None and last.at > clock.now() - TOLD_EVERY:
            return False
        facts = {"number": point.number, "digest": point.digest, "total": point.total, "sealed_at": point.sealed_at}
        record(
            action="journal.checkpoint",
            actor=SystemAuthority().actor,
            object_type=object_type,
            object_id=object_id,
            after=facts,
            events=[
                Event("journal.checkpoint", object_type, point.number, {**facts, "checkpoint": checkpoint.sign(point)})
            ],
        )
    return True
